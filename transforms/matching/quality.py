"""How good matches are, against pairs known to be right: precision, recall, F1, calibration, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from transforms.errors import UsageError
from transforms.matching import frame
from transforms.matching.tokens import Floats

_Z = 1.959964


@dataclass(frozen=True)
class Match:
    """One pair that a matcher proposes. ``entity`` and ``rule`` may be empty."""

    id_a: str
    id_b: str
    score: float
    accepted: bool
    rule: str = ""
    entity: str = ""


@dataclass(frozen=True)
class Share:
    """``hits`` of ``total``, with the 95 % interval of Wilson (1927); None where nothing was counted."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """Between 0 and 1."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lower and upper end."""
        if not self.total:
            return None
        n, p = self.total, self.hits / self.total
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n)) / (1 + _Z**2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Quality:
    """Of one set of proposed pairs. ``f1_interval``: 95 %, by drawing the rows of a anew 1,000 times (seeded)."""

    name: str
    precision: Share
    recall: Share
    f1: float | None
    f1_interval: tuple[float, float] | None


@dataclass(frozen=True)
class Band:
    """Pairs whose score lies in one tenth: how many, their mean score, how many are right."""

    low: float
    high: float
    count: int
    mean_score: float
    right: Share


@dataclass(frozen=True)
class Report:
    """The whole evaluation. ``calibration_error``: expected calibration error over ten bands of equal width."""

    gold: int
    accepted: Quality
    with_review: Quality
    by_rule: tuple[Quality, ...]
    by_entity: tuple[Quality, ...]
    bands: tuple[Band, ...]
    calibration_error: float | None
    candidate_recall: dict[int, Share]


def evaluate(
    matches: Sequence[Match], gold: Iterable[tuple[str, str]], ranked: Sequence[tuple[str, str, int]] = ()
) -> Report:
    """Judge proposed pairs by the right ones. ``ranked``: candidates with their rank, for recall among the first k.

    The gold pairs are taken to be all there are: a proposed pair that is not among them is wrong.
    """
    right = set(gold)
    accepted = [m for m in matches if m.accepted]
    scores = np.array([m.score for m in matches])
    truth = np.array([(m.id_a, m.id_b) in right for m in matches])
    bands, error = _bands(scores, truth)
    rules = sorted({m.rule for m in matches if m.rule})
    entities = sorted({m.entity for m in matches if m.entity})
    reached = {k: Share(len({(a, b) for a, b, r in ranked if r <= k} & right), len(right)) for k in (1, 5, 10)}
    return Report(
        len(right),
        _quality("accepted", accepted, right),
        _quality("accepted and review", matches, right),
        tuple(_quality(r, [m for m in matches if m.rule == r], right) for r in rules),
        tuple(_quality(e, [m for m in accepted if m.entity == e], right) for e in entities)
        if len(entities) > 1
        else (),
        bands,
        error,
        reached if ranked else {},
    )


def _quality(name: str, matches: Sequence[Match], right: set[tuple[str, str]]) -> Quality:
    pairs = {(m.id_a, m.id_b) for m in matches}
    hits = len(pairs & right)
    precision, recall = Share(hits, len(pairs)), Share(hits, len(right))
    f1 = 2 * hits / (len(pairs) + len(right)) if pairs or right else None
    return Quality(name, precision, recall, f1, _drawn_anew(pairs, right))


def _drawn_anew(pairs: set[tuple[str, str]], right: set[tuple[str, str]]) -> tuple[float, float] | None:
    rows = sorted({a for a, _ in pairs | right})
    if not rows:
        return None
    place = {a: i for i, a in enumerate(rows)}
    hit, proposed, wanted = np.zeros(len(rows)), np.zeros(len(rows)), np.zeros(len(rows))
    for a, _ in pairs & right:
        hit[place[a]] += 1
    for a, _ in pairs:
        proposed[place[a]] += 1
    for a, _ in right:
        wanted[place[a]] += 1
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(1000):
        some = rng.integers(0, len(rows), len(rows))
        total = proposed[some].sum() + wanted[some].sum()
        drawn.append(2 * hit[some].sum() / total if total else 0.0)
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def _bands(scores: Floats, truth: Floats) -> tuple[tuple[Band, ...], float | None]:
    if not len(scores):
        return (), None
    tenth = np.minimum((scores * 10).astype(int), 9)
    bands = []
    error = 0.0
    for k in range(10):
        own = tenth == k
        if own.any():
            mean, count, hits = float(scores[own].mean()), int(own.sum()), int(truth[own].sum())
            bands.append(Band(k / 10, (k + 1) / 10, count, mean, Share(hits, count)))
            error += count / len(scores) * abs(mean - hits / count)
    return tuple(bands), error


def read_matches(path: Path) -> list[Match]:
    """A file as ``likare match`` writes it, with an optional column ``entity``. Raises UsageError."""
    table = _read(path)
    columns = {name.casefold(): values for name, values in table.items()}
    ids = _ids(path, columns)
    score = columns.get("score", ["1"] * len(ids))
    verdict = columns.get("verdict", ["accepted"] * len(ids))
    made = []
    for i, (a, b) in enumerate(ids):
        try:
            value = float(score[i] or 1)
        except ValueError:
            raise UsageError(f"{path.name}: row {i + 1} has the score '{score[i]}'; a number is needed") from None
        rule, entity = (columns.get(n, [""] * len(ids))[i] for n in ("rule", "entity"))
        made.append(Match(a, b, value, verdict[i].casefold() in ("accepted", "match", ""), rule, entity))
    return made


def read_gold(path: Path) -> list[tuple[str, str]]:
    """Right pairs: columns ``id_a`` and ``id_b``, else the first two."""
    return _ids(path, {n.casefold(): v for n, v in _read(path).items()})


def read_ranked(path: Path) -> list[tuple[str, str, int]]:
    """Candidates as ``likare match --candidates`` writes them."""
    columns = _read(path)
    if "rank" not in columns:
        raise UsageError(f"{path.name}: has no column 'rank'; give the file of likare match --candidates")
    return [(a, b, int(r)) for (a, b), r in zip(_ids(path, columns), columns["rank"], strict=True)]


def _read(path: Path) -> dict[str, list[str]]:
    names, values = frame.columns(path)
    return dict(zip(names, values, strict=True))


def _ids(path: Path, columns: dict[str, list[str]]) -> list[tuple[str, str]]:
    names = [*columns]
    if len(names) < 2:
        raise UsageError(f"{path.name}: two columns of ids are needed (id_a, id_b)")
    a, b = ("id_a", "id_b") if {"id_a", "id_b"} <= {*names} else names[:2]
    return list(zip(columns[a], columns[b], strict=True))


@dataclass(frozen=True)
class Drawn:
    """One pair of a sample for a gold set, with empty fields for two readers; ``band`` is the tenth of its score."""

    id_a: str
    id_b: str
    entity: str
    rule: str
    score: float
    band: str
    stands_for: float


def sample(matches: Sequence[Match], size: int, seed: int = 1) -> list[Drawn]:
    """Draw pairs to be read by two people: as evenly as can be over entity type, rule and band of score.

    ``stands_for``: of how many pairs of its stratum each drawn one is the voice, to weigh what the readers find. The
    same seed draws the same pairs.
    """
    rng = np.random.default_rng(seed)
    strata: dict[tuple[str, str, int], list[Match]] = {}
    for m in sorted(matches, key=lambda m: (m.entity, m.rule, m.id_a, m.id_b)):
        strata.setdefault((m.entity, m.rule, min(int(m.score * 10), 9)), []).append(m)
    wanted = dict.fromkeys(strata, 0)
    left = min(size, len(matches))
    while left:
        # One more from each stratum in turn, until none has more or enough are drawn.
        for key in sorted(strata):
            if left and wanted[key] < len(strata[key]):
                wanted[key] += 1
                left -= 1
    made = []
    for key in sorted(strata):
        own = strata[key]
        for place in sorted(rng.choice(len(own), wanted[key], replace=False).tolist()) if wanted[key] else ():
            m = own[place]
            band = f"{key[2] / 10:.1f}-{(key[2] + 1) / 10:.1f}"
            made.append(Drawn(m.id_a, m.id_b, m.entity, m.rule, m.score, band, len(own) / wanted[key]))
    order = rng.permutation(len(made))
    return [made[i] for i in order.tolist()]
