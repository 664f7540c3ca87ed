"""How well likare match recognises, set by set: sets with known pairs and drawn ones (make bench-sets).

    python tests/benchmarks/recognition.py [SET ...] [--half dev|held] [--seed N] [--wrong N] [--json]

One configuration for all, no label used: labels serve the figures only. ``--half`` counts only the rows of a whose id
falls into one half by its hash: what was developed with the help of figures saw those of ``dev``. ``--wrong`` also
prints so many wrong and missed pairs.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
import time
from pathlib import Path

from tests.support import varied
from transforms.recognise import frame, quality
from transforms.recognise.frame import Table
from transforms.recognise.run import match_tables, nearest

_SHARED = Path(__file__).parents[3] / "shared" / "data" / "matching"
_CODES = ("Concept Drug", "Ingredient 1", "Ingredient 2", "Ingredient 3", "Ingredient 4")
_LABELLED = {
    "drugs_names": ("drugs_zl_sl", "A.csv", "B.csv", "gold.csv"),
    "drugs_codes": ("drugs_zl_sl", "A.csv", "B.csv", "gold.csv"),
    "dblp_acm": ("dblp_acm", "dblp.csv", "acm.csv", "gt.csv"),
    "abt_buy": ("abt_buy", "abt.csv", "buy.csv", "gt.csv"),
    "fodors_zagats": ("fodors_zagats", "fodors.csv", "zagats.csv", "matches_fodors_zagats.csv"),
    "swedish": ("swedish_primary_care_diagnoses", "A.csv", "B.csv", "gold.csv"),
}


def labelled(name: str) -> tuple[Table, Table, set[tuple[str, str]]]:
    """One of the sets beside the checkout; drugs_names without its codes."""
    folder, *files = _LABELLED[name]
    a, b = (frame.read(_SHARED / folder / f) for f in files[:2])
    names, values = frame.columns(_SHARED / folder / files[2])
    if name == "drugs_names":
        a, b = (
            Table(t.name, t.id_column, t.ids, {n: v for n, v in t.columns.items() if n not in _CODES}) for t in (a, b)
        )
    del names
    return a, b, set(zip(values[0], values[1], strict=True))


def drawn(name: str, seed: int) -> tuple[Table, Table, set[tuple[str, str]]]:
    """One of the drawn sets."""
    made = varied.drawn(name, seed)
    tables = []
    for header, rows in ((made.header_a, made.rows_a), (made.header_b, made.rows_b)):
        ids, *rest = (list(c) for c in zip(*rows, strict=True))
        tables.append(Table(header[0], header[0], ids, dict(zip(header[1:], rest, strict=True))))
    return tables[0], tables[1], made.truth


def in_half(key: str, half: str) -> bool:
    """Whether an id falls into the half asked for."""
    return half == "whole" or (hashlib.md5(key.encode()).digest()[0] % 2 == 0) == (half == "dev")


def measure(a: Table, b: Table, gold: set[tuple[str, str]], half: str, wrong: int) -> dict[str, object]:
    """One run and its figures."""
    began = time.perf_counter()
    result, matcher = match_tables(a, b)
    seconds = time.perf_counter() - began
    right = {(x, y) for x, y in gold if in_half(x, half)}
    matches = [
        quality.Match(p.id_a, p.id_b, p.score, p.verdict == "accepted", p.rule)
        for p in result.pairs
        if in_half(p.id_a, half)
    ]
    ranked = [(x, y, k) for x, y, k, _ in nearest(matcher, 10) if in_half(x, half)]
    report = quality.evaluate(matches, right, ranked)
    looked = {(a_, b_) for a_, b_ in zip(matcher.ia.tolist(), matcher.ib.tolist(), strict=True)}
    place_a, place_b = ({i: n for n, i in enumerate(t.ids)} for t in (matcher.a, matcher.b))
    blocked = sum((place_a[x], place_b[y]) in looked for x, y in right)
    if wrong:
        _show(matcher.a, matcher.b, matches, right, wrong)
    return {
        "rows_a": len(a), "rows_b": len(b), "pairs": len(right), "seconds": seconds,
        "precision": report.accepted.precision.value, "recall": report.accepted.recall.value, "f1": report.accepted.f1,
        "accepted": report.accepted.precision.total, "f1_with_review": report.with_review.f1,
        "precision_interval": report.accepted.precision.interval, "f1_interval": report.accepted.f1_interval,
        "ece": report.calibration_error, "blocking": blocked / len(right) if right else None,
        "at_10": report.candidate_recall[10].value if 10 in report.candidate_recall else None,
        "by_rule": {q.name: (q.precision.hits, q.precision.total) for q in report.by_rule},
        "bands": [(band.low, band.count, band.mean_score, band.right.hits) for band in report.bands],
    }  # fmt: skip


def _show(a: Table, b: Table, matches: list[quality.Match], right: set[tuple[str, str]], wrong: int) -> None:
    place_a, place_b = ({i: n for n, i in enumerate(t.ids)} for t in (a, b))
    told = {(m.id_a, m.id_b): m for m in matches}
    out = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")

    def said(x: str, y: str) -> list[str]:
        return [
            " | ".join(c[place[i]] for c in t.columns.values()) for t, place, i in ((a, place_a, x), (b, place_b, y))
        ]

    mistaken = [m for m in matches if m.accepted and (m.id_a, m.id_b) not in right][:wrong]
    for m in mistaken:
        out.writerow(["WRONG", f"{m.score:.3f}", m.rule, *said(m.id_a, m.id_b)])
    for x, y in sorted(right - {k for k, m in told.items() if m.accepted})[:wrong]:
        score = f"{told[x, y].score:.3f}" if (x, y) in told else "-"
        out.writerow(["MISSED", score, "", *said(x, y)])


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("sets", nargs="*", default=[*_LABELLED, *varied.SETS])
    asked.add_argument("--half", default="whole", choices=("dev", "held", "whole"))
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--wrong", type=int, default=0)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    out = sys.stdout.write
    names = ("sec", "acc", "P", "R", "F1", "F1rev", "ECE", "block", "at10")
    out(
        f"{'set':20} {'a':>5} {'b':>5} {'true':>5} "
        + " ".join(f"{n:>{5 if n in names[:2] else 6}}" for n in names)
        + "\n"
    )
    for name in given.sets:
        if name in _LABELLED and not _SHARED.exists():
            out(f"{name:20} the labelled sets are not beside the checkout\n")
            continue
        tables = labelled(name) if name in _LABELLED else drawn(name, given.seed)
        try:
            f = measure(*tables, given.half, given.wrong)
        except Exception as fault:  # noqa: BLE001 - a set that fails is a line of the table
            out(f"{name:20} {type(fault).__name__}: {fault}\n")
            continue
        cells = [f[k] for k in ("precision", "recall", "f1", "f1_with_review", "ece", "blocking", "at_10")]
        shown = " ".join(f"{c:6.3f}" if isinstance(c, float) else "     -" for c in cells)
        out(f"{name:20} {f['rows_a']:5} {f['rows_b']:5} {f['pairs']:5} {f['seconds']:5.1f} {f['accepted']:5} {shown}\n")
        if given.json:
            out(json.dumps(f) + "\n")


if __name__ == "__main__":
    main()
