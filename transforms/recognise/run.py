"""``likare match``: two files in, a file of accepted and uncertain pairs out."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from transforms.recognise import described, frame, labels
from transforms.recognise.engine import Cardinality, Matcher
from transforms.recognise.frame import Table
from transforms.recognise.tokens import Flags, Floats, Ints
from transforms.words.errors import UsageError
from transforms.words.files import written_beside

HEADER = ("id_a", "id_b", "score", "verdict", "rule")


@dataclass(frozen=True)
class Thresholds:
    """``accept``: the least chance of an accepted pair. ``precision``: what share of the accepted ones shall be right

    by what their chances say; the least likely are left to review until that holds. ``review``: the least chance of a
    pair that is put before a person.
    """

    accept: float = 0.5
    precision: float = 0.97
    review: float = 0.1


@dataclass(frozen=True)
class Pairing:
    """One row of the result."""

    id_a: str
    id_b: str
    score: float
    verdict: str
    rule: str


@dataclass(frozen=True)
class Result:
    """What came out, and the figures of its summary."""

    pairs: tuple[Pairing, ...]
    rows_a: int
    rows_b: int
    columns: tuple[str, ...]
    candidates: int
    cardinality: str
    labels: int
    unknown: int
    by_rule: dict[str, int] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        """How many pairs are accepted."""
        return sum(p.verdict == "accepted" for p in self.pairs)

    @property
    def review(self) -> int:
        """How many pairs are for a person to judge."""
        return len(self.pairs) - self.accepted


def match_files(
    a: Path,
    b: Path,
    out: Path,
    *,
    id_a: str | None = None,
    id_b: str | None = None,
    catalogue: Path | None = None,
    thresholds: Thresholds = Thresholds(),
    candidates: Path | None = None,
    cardinality: Cardinality | None = None,
    labelled: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Result:
    """Match the rows of two files and write the pairs to ``out``; ``candidates`` also gets every row's ten nearest.

    ``catalogue`` is a file of an entity type that tells what the columns are; without one they are taken for what they
    look like. ``cardinality``: to how many rows one belongs (default: as the catalogue says, else as the data shows).
    ``labelled``: a file of pairs that people judged, to learn from.

    Raises UsageError where a file, its id or its columns do not serve.
    """
    for target in (out, candidates):
        if target is not None and not target.parent.is_dir():
            raise UsageError(f"{target}: the folder {target.parent} does not exist; make it first")
        if target is not None and target.is_dir():
            raise UsageError(f"{target}: is a folder; name a file to write")
    given = [p.resolve() for p in (a, b, catalogue, labelled, candidates) if p is not None]
    if out.resolve() in given or (candidates is not None and candidates.resolve() in given[:-1]):
        raise UsageError("--out or --candidates: is one of the other files; name another, so that none is overwritten")
    told = described.read(catalogue) if catalogue is not None else None
    own_id = told.local_id if told else None
    table_a, table_b = frame.read(a, id_a or own_id), frame.read(b, id_b or own_id)
    told_pairs = labels.read(labelled) if labelled is not None else ()
    result, matcher = match_tables(table_a, table_b, thresholds, progress, told, cardinality, told_pairs)
    _write(out, HEADER, [(p.id_a, p.id_b, f"{p.score:.4f}", p.verdict, p.rule) for p in result.pairs])
    if candidates is not None:
        _write(candidates, ("id_a", "id_b", "rank", "score"), nearest(matcher, 10))
    return result


def match_tables(
    a: Table,
    b: Table,
    thresholds: Thresholds = Thresholds(),
    progress: Callable[[str], None] = lambda _: None,
    told: described.Described | None = None,
    cardinality: Cardinality | None = None,
    told_pairs: Sequence[labels.Label] = (),
) -> tuple[Result, Matcher]:
    """The same for tables that are read already."""
    # In the order of what the rows say: the same rows in another order give the same result, to the last digit.
    a, b = a.in_order(), b.in_order()
    if told is None:
        matcher = Matcher(a, b, progress, cardinality=cardinality or "auto", told_pairs=told_pairs)
    else:
        matcher = Matcher(
            a, b, progress, told.aligned(a, b), told.veto, cardinality or told.cardinality or "auto", told_pairs
        )
    if not matcher.aligned:
        raise UsageError(f"{a.name} and {b.name}: no column of one speaks of the same as a column of the other")
    matcher.run()
    places, chance = matcher.chosen, matcher.chance[matcher.chosen]
    written = np.flatnonzero(chance >= thresholds.review)
    accepted = _accepted(chance[written], thresholds)
    rules = _rules(matcher, places[written])
    pairs = tuple(
        Pairing(a.ids[int(i)], b.ids[int(j)], float(p), "accepted" if yes else "review", rule)
        for i, j, p, yes, rule in zip(
            matcher.ia[places[written]], matcher.ib[places[written]], chance[written], accepted, rules, strict=True
        )
    )
    pairs = tuple(sorted(pairs, key=lambda p: (-round(p.score, 4), p.id_a, p.id_b)))
    by_rule: dict[str, int] = {}
    for pair in pairs:
        if pair.verdict == "accepted":
            by_rule[pair.rule] = by_rule.get(pair.rule, 0) + 1
    columns = tuple(c.name if c.a == c.b else f"{c.a} = {c.b}" for c in matcher.aligned)
    judged = matcher.labels
    result = Result(
        pairs, len(a), len(b), columns, len(matcher.ia), matcher.cardinality, len(judged), judged.unknown, by_rule
    )
    return result, matcher


def _accepted(chance: Floats, thresholds: Thresholds) -> Flags:
    """Which pairs are accepted: likely enough each, and together right as often as is asked for."""
    order = np.argsort(-chance, kind="stable")
    running = np.cumsum(chance[order]) / np.arange(1, len(order) + 1)
    good = (chance[order] >= thresholds.accept) & (running >= thresholds.precision)
    made = np.zeros(len(chance), bool)
    made[order] = good
    return made


def _rules(matcher: Matcher, places: Ints) -> list[str]:
    """What each pair rests on: a code that only these two rows hold, the same words, the sum of the evidence."""
    ia, ib = matcher.ia[places], matcher.ib[places]
    rule = np.full(len(places), "probabilistic", dtype=object)
    rule[matcher.said_alike(places)] = "same_text"
    for column in matcher.columns.values():
        if column.kind == "code":
            once_a, once_b = (
                np.bincount(v[v >= 0].astype(int), minlength=column.size) == 1 for v in (column.a, column.b)
            )
            code = np.where(column.a[ia] == column.b[ib], column.a[ia], -1).astype(int)
            rule[(code >= 0) & once_a[code] & once_b[code]] = "shared_code"
    rule[np.isin(places, matcher.left_over)] = "by_elimination"
    rule[np.isin(places, matcher.ambiguous)] = "ambiguous"
    rule[np.isin(places, matcher.labelled[matcher.labels.same])] = "labelled"
    return [str(r) for r in rule]


def nearest(matcher: Matcher, most: int) -> list[tuple[str, str, int, str]]:
    """Every row of a with its nearest of b, best first, with rank and log odds."""
    order = np.lexsort((-matcher.score - 100 * (matcher.chance > 0.5), matcher.ia))
    ia = matcher.ia[order]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(ia)) + 1]) if len(ia) else np.zeros(0, np.int64)
    sizes = np.diff(np.concatenate([starts, [len(ia)]]))
    rank = np.arange(len(ia)) - np.repeat(starts, sizes) + 1
    return [
        (matcher.a.ids[int(matcher.ia[q])], matcher.b.ids[int(matcher.ib[q])], int(r), f"{matcher.score[q]:.2f}")
        for q, r in zip(order.tolist(), rank.tolist(), strict=True)
        if r <= most
    ]


def _write(path: Path, header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    with written_beside(path) as beside, beside.open("w", encoding="utf-8", newline="") as handle:
        made = csv.writer(handle, lineterminator="\n")
        made.writerow(header)
        made.writerows(rows)
