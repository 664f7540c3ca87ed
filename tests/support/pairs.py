"""Two tables of Swedish item names with known counterparts: abbreviated, reordered, misspelt, some without one."""

from __future__ import annotations

import random
from pathlib import Path

from tests.support import drugs

OTHERS = (
    "ramipril enalapril losartan atorvastatin citalopram sertralin mirtazapin zopiklon oxazepam diazepam haloperidol "
    "risperidon karbamazepin valproat lamotrigin metformin glipizid alendronat kalciumfolinat metotrexat"
).split()
FORMS = ("tablett", "kapsel", "injektionsvätska lösning", "oral suspension", "suppositorium", "depottablett")
STRENGTHS = ("5 mg", "10 mg", "25 mg", "50 mg", "100 mg", "250 mg", "500 mg", "1 g")
SHORT = {"tablett": "tabl.", "kapsel": "kaps", "injektionsvätska": "inj.vätska", "lösning": "lösn", "1 g": "1000 mg",
         "500 mg": "0,5 g", "suppositorium": "supp"}  # fmt: skip


def medicines(count: int, seed: int = 1, orphans: float = 0.15) -> tuple[list[str], list[str], list[tuple[int, int]]]:
    """Names of a, names of b, and which are the same. A share of both sides has no counterpart."""
    draw = random.Random(seed)
    names = [f"{s} {f} {m}" for s in drugs.SUBSTANCES + OTHERS for f in FORMS for m in STRENGTHS]
    draw.shuffle(names)
    names = names[:count]
    lone = int(count * orphans)
    shared = names[2 * lone :]
    a, b = names[:lone] + shared, names[lone : 2 * lone] + shared
    draw.shuffle(a)
    draw.shuffle(b)
    place = {name: i for i, name in enumerate(b)}
    pairs = [(i, place[name]) for i, name in enumerate(a) if name in place]
    return a, [_written_otherwise(name, draw) for name in b], pairs


def _written_otherwise(name: str, draw: random.Random) -> str:
    for long, short in SHORT.items():
        if draw.random() < 0.5:
            name = name.replace(long, short)
    words = name.split(" ")
    if draw.random() < 0.3 and len(words[0]) > 6:
        at = draw.randrange(2, len(words[0]) - 2)
        words[0] = words[0][:at] + words[0][at + 1 :]
    if draw.random() < 0.3:
        words = [*words[1:], words[0]]
    return " ".join(words).upper() if draw.random() < 0.2 else " ".join(words).capitalize()


def write(folder: Path, count: int, seed: int = 1) -> tuple[Path, Path, Path]:
    """The same as three files: a.csv, b.csv with other delimiter and column names, gold.csv."""
    a, b, pairs = medicines(count, seed)
    file_a, file_b, gold = folder / "a.csv", folder / "b.csv", folder / "gold.csv"
    file_a.write_text("nr,benämning\n" + "".join(f"A{i},{n}\n" for i, n in enumerate(a)), encoding="utf-8")
    file_b.write_text("id|text\n" + "".join(f"B{i}|{n}\n" for i, n in enumerate(b)), encoding="cp1252")
    gold.write_text("id_a,id_b\n" + "".join(f"A{i},B{j}\n" for i, j in pairs), encoding="utf-8")
    return file_a, file_b, gold
