"""Matching at size: likare match beside Splink 5 on the same generated pair (make bench-matching).

Item names as two Swedish builds have them: every item has near neighbours that differ from it in one word; b
abbreviates, reorders, misspells and shouts; a code stands on 70 % of each side, 3 % of them wrong; 80 % of the rows
have a counterpart.

    python tests/benchmarks/matching.py [ROWS ...] [--no-splink] [--dump FOLDER]

Prints per size: seconds, peak memory of the process, precision, recall, F1, and the share of the true pairs that came
to be looked at at all. Each run is a process of its own, Likare and Splink in turn.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_WHAT = (
    "undersökning kontroll provtagning operation röntgen ultraljud behandling bedömning remiss infusion injektion "
    "dialys rehabilitering vaccination biopsi skopi punktion transfusion ventilation avgiftning"
).split()
_OF = (
    "lever njure hjärta lunga hjärna ryggrad höft knä axel handled fotled sköldkörtel bukspottkörtel mjälte tarm "
    "magsäck matstrupe urinblåsa prostata livmoder äggstock bröst hud öga öra näsa svalg tand käke kärl"
).split()
_HOW = (
    "akut planerad utökad begränsad uppföljande preoperativ postoperativ diagnostisk kontrollerad förberedande".split()
)
_WITH = "kontrast sedering narkos lokalbedövning tolk anhörig läkare sjuksköterska dosering övervakning".split()
_FOR = "vuxen barn gravid äldre nyfödd ungdom".split()
_SIDE = "höger vänster bilateral".split()
_SHORT = {"undersökning": "us", "kontroll": "kontr", "operation": "op", "röntgen": "rtg", "behandling": "beh",
          "bedömning": "bed", "injektion": "inj", "infusion": "inf", "höger": "hö", "vänster": "vä", "vuxen": "vux",
          "postoperativ": "postop", "preoperativ": "preop", "planerad": "plan", "diagnostisk": "diagn",
          "uppföljande": "uppf", "provtagning": "provt", "vaccination": "vacc", "rehabilitering": "rehab",
          "sköldkörtel": "sköldk", "bukspottkörtel": "bukspk", "övervakning": "överv"}  # fmt: skip


def generate(folder: Path, rows: int, seed: int = 1) -> None:
    """a.csv and b.csv (id, name, code) and gold.csv."""
    draw = random.Random(seed)
    every = itertools.product(_WHAT, _OF, _HOW, _WITH, _FOR, _SIDE, range(1, 4))
    total = len(_WHAT) * len(_OF) * len(_HOW) * len(_WITH) * len(_FOR) * len(_SIDE) * 3
    # Neighbouring combinations, so that almost every item has others that differ from it in one word.
    needed = int(rows * 1.2)
    start = draw.randrange(0, total - needed * 4)
    names = [
        " ".join(map(str, words[:6])) + f" nivå {words[6]}"
        for words in itertools.islice(every, start, start + needed * 4)
    ]
    names = draw.sample(names, needed)
    shared = int(rows * 0.8)
    a = names[:rows]
    b = names[rows - shared : rows - shared + rows]
    code = {name: f"K{n:06d}" for n, name in enumerate(names)}

    def coded(name: str) -> str:
        if draw.random() > 0.7:
            return ""
        return code[draw.choice(names)] if draw.random() < 0.03 else code[name]

    rows_a = [(f"A{i}", n, coded(n)) for i, n in enumerate(a)]
    rows_b = [(f"B{i}", _otherwise(n, draw), coded(n)) for i, n in enumerate(b)]
    gold = [(f"A{i}", f"B{i - (rows - shared)}") for i in range(rows - shared, rows)]
    for name, header, content in (
        ("a", "id,name,code", rows_a), ("b", "id,name,code", rows_b), ("gold", "id_a,id_b", gold)
    ):  # fmt: skip
        draw.shuffle(content)
        lines = "".join(",".join(row) + "\n" for row in content)
        (folder / f"{name}.csv").write_text(f"{header}\n{lines}", encoding="utf-8")


def _otherwise(name: str, draw: random.Random) -> str:
    words = [_SHORT[w] if w in _SHORT and draw.random() < 0.6 else w for w in name.split(" ")]
    if draw.random() < 0.4:
        i, j = draw.sample(range(len(words) - 2), 2)
        words[i], words[j] = words[j], words[i]
    if draw.random() < 0.25:
        i = draw.randrange(len(words) - 2)
        if len(words[i]) > 5:
            at = draw.randrange(1, len(words[i]) - 1)
            words[i] = words[i][:at] + draw.choice(["", words[i][at] * 2, draw.choice("aeiorst")]) + words[i][at + 1 :]
    made = " ".join(words)
    return made.upper() if draw.random() < 0.3 else made


def likare(folder: Path) -> dict[str, float]:
    """One run of likare match."""
    from transforms.recognise import frame, quality
    from transforms.recognise.run import match_tables

    began = time.perf_counter()
    result, matcher = match_tables(frame.read(folder / "a.csv"), frame.read(folder / "b.csv"))
    seconds = time.perf_counter() - began
    gold = set(quality.read_gold(folder / "gold.csv"))
    looked = {
        (matcher.a.ids[i], matcher.b.ids[j]) for i, j in zip(matcher.ia.tolist(), matcher.ib.tolist(), strict=True)
    }
    found = {(p.id_a, p.id_b) for p in result.pairs if p.verdict == "accepted"}
    return {"seconds": seconds, **_figures(found, gold), "blocking": len(looked & gold) / len(gold)}


def splink(folder: Path) -> dict[str, float]:
    """Splink 5 as its guide has it: five comparisons, four blocking rules, EM, p of 0.9 or more, each row once."""
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    from transforms.recognise import quality

    began = time.perf_counter()

    def read(name: str) -> pd.DataFrame:
        made = pd.read_csv(folder / f"{name}.csv", dtype=str).rename(columns={"id": "unique_id"})
        made["name"] = made["name"].str.lower()
        words = made["name"].str.split(" ")
        made["sorted"] = words.map(lambda w: " ".join(sorted(w)))
        made["first"], made["last"] = words.str[0], words.str[-1]
        made["longest"] = words.map(lambda w: max(w, key=len))
        made["second"] = words.str[1]
        made["start"] = made["sorted"].str[:12]
        return made

    blocks = [block_on("code"), block_on("sorted"), block_on("start"), block_on("longest", "second", "last")]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("sorted", [0.95, 0.9, 0.8]),
            cl.JaroWinklerAtThresholds("name", [0.95, 0.9, 0.8]),
            cl.ExactMatch("code"),
            cl.ExactMatch("longest").configure(term_frequency_adjustments=True),
            cl.ExactMatch("last"),
        ],
        blocking_rules_to_generate_predictions=blocks,
    )
    api = DuckDBAPI()
    linker = Linker([api.register(read(name)) for name in "ab"], settings)
    linker.training.estimate_probability_two_random_records_match([block_on("code")], recall=0.4)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("code"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("sorted"))
    found = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
    looked = set(zip(found["unique_id_l"], found["unique_id_r"], strict=True))
    found = found[found["match_probability"] >= 0.9]
    best_l = found.groupby("unique_id_l")["match_weight"].transform("max") == found["match_weight"]
    best_r = found.groupby("unique_id_r")["match_weight"].transform("max") == found["match_weight"]
    found = found[best_l & best_r].drop_duplicates("unique_id_l").drop_duplicates("unique_id_r")
    seconds = time.perf_counter() - began
    gold = set(quality.read_gold(folder / "gold.csv"))
    pairs = set(zip(found["unique_id_l"], found["unique_id_r"], strict=True))
    return {"seconds": seconds, **_figures(pairs, gold), "blocking": len(looked & gold) / len(gold)}


def _figures(found: set[tuple[str, str]], gold: set[tuple[str, str]]) -> dict[str, float]:
    hits = len(found & gold)
    precision, recall = hits / max(len(found), 1), hits / len(gold)
    return {"precision": precision, "recall": recall, "f1": 2 * hits / max(len(found) + len(gold), 1)}


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rows", nargs="*", type=int, default=[10_000, 100_000])
    asked.add_argument("--no-splink", action="store_true")
    asked.add_argument("--only", choices=("likare", "splink"), help=argparse.SUPPRESS)
    asked.add_argument("--dump", type=Path, help="Only write the tables here.")
    given = asked.parse_args()
    if given.only:
        figures = likare(given.dump) if given.only == "likare" else splink(given.dump)
        figures["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    if given.dump:
        generate(given.dump, given.rows[0])
        return
    out = sys.stdout.write
    out(f"{'rows':>8} {'':8} {'seconds':>8} {'peak GB':>8} {'P':>7} {'R':>7} {'F1':>7} {'looked at':>9}\n")
    for rows in given.rows:
        with tempfile.TemporaryDirectory() as name:
            generate(Path(name), rows)
            for which in ("likare",) if given.no_splink else ("likare", "splink"):
                command = [sys.executable, __file__, "--only", which, "--dump", name]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    out(f"{rows:>8} {which:8} failed: {done.stderr.strip().splitlines()[-1:]}\n")
                    continue
                f = json.loads(done.stdout.strip().splitlines()[-1])
                out(
                    f"{rows:>8} {which:8} {f['seconds']:8.1f} {f['peak_gb']:8.2f} {f['precision']:7.4f} "
                    f"{f['recall']:7.4f} {f['f1']:7.4f} {f['blocking']:9.4f}\n"
                )


if __name__ == "__main__":
    main()
