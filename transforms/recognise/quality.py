"""How good matches are, against pairs known to be right: precision, recall, F1, calibration, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from transforms.recognise import frame
from transforms.recognise.tokens import Floats
from transforms.words.errors import UsageError

_Z = 1.959964


@dataclass(frozen=True)
class Match:
    """One pair that a matcher proposes. ``entity`` and ``rule`` may be empty; a key's match has no ``score``."""

    id_a: str
    id_b: str
    score: float | None
    accepted: bool
    rule: str = ""
    entity: str = ""


@dataclass(frozen=True)
class Share:
    """``hits`` of ``total``, with the 95 % interval of Wilson (1927); None where nothing was counted.

    Of a weighed sample the total is its effective size (Kish 1965), (Σw)²/Σw², and so no whole number.
    """

    hits: float
    total: float

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


Pair = tuple[str, str]


@dataclass(frozen=True)
class Gold:
    """Pairs that people know: ``right``, and ``wrong`` where only some were judged (None: right is all there is).

    ``entity`` tells a pair's entity type, where there are several; ``weight`` what a drawn pair stands for; ``keyed``
    are the right pairs that are known to keep an identifier or a key.
    """

    right: frozenset[Pair]
    wrong: frozenset[Pair] | None = None
    entity: Mapping[Pair, str] = field(default_factory=dict)
    weight: Mapping[Pair, float] = field(default_factory=dict)
    keyed: frozenset[Pair] = frozenset()


@dataclass(frozen=True)
class Quality:
    """Of one set of proposed pairs. ``f1_interval``: 95 %, by drawing the rows of a anew 1,000 times (seeded).

    ``pairs`` were judged and ``right`` of them are right, as counted; precision and recall take weights in.
    """

    name: str
    pairs: int
    right: int
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
    """The whole evaluation. ``calibration_error``: expected calibration error over ten bands of equal width.

    ``complete``: whether the gold is all there is; else recall is among the judged pairs. ``keyed``: recall of the
    pairs that keep an identifier or a key, where the gold tells them. ``by_rule_and_entity``: accepted pairs only.
    """

    gold: int
    complete: bool
    accepted: Quality
    with_review: Quality
    by_rule: tuple[Quality, ...]
    by_entity: tuple[Quality, ...]
    by_rule_and_entity: tuple[Quality, ...]
    keyed: Share | None
    bands: tuple[Band, ...]
    calibration_error: float | None
    candidate_recall: dict[int, Share]


def evaluate(
    matches: Sequence[Match], gold: Gold | Iterable[Pair], ranked: Sequence[tuple[str, str, int]] = ()
) -> Report:
    """Judge proposed pairs by known ones. ``ranked``: candidates with their rank, for recall among the first k.

    Where the gold is complete (as a mere list of pairs is), a proposed pair that is not among its right ones is wrong;
    else one that nobody judged is left out.
    """
    if not isinstance(gold, Gold):
        gold = Gold(frozenset(gold))
    if gold.wrong is not None:
        judged = gold.right | gold.wrong
        matches = [m for m in matches if (m.id_a, m.id_b) in judged]
    accepted = [m for m in matches if m.accepted]
    scored = [(m, m.score) for m in matches if m.score is not None]
    scores = np.array([score for _, score in scored])
    truth = np.array([(m.id_a, m.id_b) in gold.right for m, _ in scored])
    weight = np.array([gold.weight.get((m.id_a, m.id_b), 1.0) for m, _ in scored])
    bands, error = _bands(scores, truth, weight)
    rules = sorted({m.rule for m in matches if m.rule})
    entities = sorted({m.entity for m in matches if m.entity} | {*gold.entity.values()})
    both = sorted({(m.entity, m.rule) for m in accepted if m.entity and m.rule})
    of_entity: dict[str, set[Pair]] = {e: set() for e in entities}
    for pair in gold.right:
        for e in (gold.entity[pair],) if pair in gold.entity else entities:
            of_entity[e].add(pair)
    within = {k: {(a, b) for a, b, r in ranked if r <= k} for k in (1, 5, 10)}
    reached = {k: Share(len(near & gold.right), len(gold.right)) for k, near in within.items()}
    found = {(m.id_a, m.id_b) for m in accepted}
    return Report(
        len(gold.right),
        gold.wrong is None,
        _quality("accepted", accepted, gold),
        _quality("accepted and review", matches, gold),
        tuple(_quality(r, [m for m in matches if m.rule == r], gold) for r in rules),
        tuple(_quality(e, [m for m in accepted if m.entity == e], gold, of_entity[e]) for e in entities)
        if len(entities) > 1
        else (),
        tuple(
            _quality(f"{e} by {r}", [m for m in accepted if (m.entity, m.rule) == (e, r)], gold, of_entity[e])
            for e, r in both
        )
        if len(entities) > 1
        else (),
        Share(len(gold.keyed & found), len(gold.keyed)) if gold.keyed else None,
        bands,
        error,
        reached if ranked else {},
    )


def _quality(name: str, matches: Sequence[Match], gold: Gold, right: Set[Pair] | None = None) -> Quality:
    right = gold.right if right is None else right
    pairs = {(m.id_a, m.id_b) for m in matches}
    hits = pairs & right

    def share(part: Set[Pair], whole: Set[Pair]) -> Share:
        if not gold.weight:
            return Share(len(part), len(whole))
        weights = [gold.weight.get(p, 1.0) for p in sorted(whole)]
        total = sum(weights)
        size = total**2 / sum(w * w for w in weights) if weights else 0.0
        return Share(sum(gold.weight.get(p, 1.0) for p in sorted(part)) / total * size if weights else 0.0, size)

    precision, recall = share(hits, pairs), share(hits, right)
    p, r = precision.value, recall.value
    f1 = 2 * p * r / (p + r) if p and r else 0.0 if pairs or right else None
    return Quality(name, len(pairs), len(hits), precision, recall, f1, _drawn_anew(pairs, right, gold.weight))


def _drawn_anew(pairs: Set[Pair], right: Set[Pair], weight: Mapping[Pair, float]) -> tuple[float, float] | None:
    every = sorted(pairs | right)
    if not every:
        return None
    rows, place = np.unique(np.array([a for a, _ in every], dtype=object).astype(str), return_inverse=True)
    w = np.array([weight.get(p, 1.0) for p in every])
    counts = [
        np.bincount(place, w * np.array([p in own for p in every]), len(rows)) for own in (pairs & right, pairs, right)
    ]
    # Rows with the same counts are alike, so it is enough to draw how many of each kind come.
    kinds, times = np.unique(np.stack(counts, axis=1), axis=0, return_counts=True)
    drawn = np.random.default_rng(1).multinomial(len(rows), times / len(rows), size=1000) @ kinds
    total = drawn[:, 1] + drawn[:, 2]
    f1 = np.where(total > 0, 2 * drawn[:, 0] / np.maximum(total, 1e-12), 0.0)
    return float(np.quantile(f1, 0.025)), float(np.quantile(f1, 0.975))


def _bands(scores: Floats, truth: Floats, weight: Floats) -> tuple[tuple[Band, ...], float | None]:
    if not len(scores):
        return (), None
    tenth = np.minimum((scores * 10).astype(int), 9)
    bands = []
    error = 0.0
    for k in range(10):
        own = tenth == k
        if own.any():
            w = weight[own]
            size = w.sum() ** 2 / (w * w).sum()
            mean, right = float(w @ scores[own] / w.sum()), float(w @ truth[own] / w.sum())
            bands.append(Band(k / 10, (k + 1) / 10, int(own.sum()), mean, Share(right * size, size)))
            error += float(w.sum() / weight.sum()) * abs(mean - right)
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


def read_gold(path: Path) -> list[Pair]:
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
    """One pair of a sample for a gold set. ``band`` is the tenth of its score, '' where it has none.

    ``accepted`` is the verdict; ``stands_for`` the number of pairs of its stratum that each drawn one is the voice of.
    """

    id_a: str
    id_b: str
    entity: str
    rule: str
    score: float | None
    band: str
    accepted: bool
    stands_for: float


def sample(matches: Sequence[Match], size: int, seed: int = 1) -> list[Drawn]:
    """Draw pairs to be read by two people: as evenly as can be over entity type, rule and band of score.

    What the readers find is weighed by how many pairs of its stratum each drawn one stands for. The same seed draws the
    same pairs.
    """
    rng = np.random.default_rng(seed)
    strata: dict[tuple[str, str, bool, int], list[Match]] = {}
    for m in sorted(matches, key=lambda m: (m.entity, m.rule, m.id_a, m.id_b)):
        tenth = -1 if m.score is None else min(int(m.score * 10), 9)
        strata.setdefault((m.entity, m.rule, m.accepted, tenth), []).append(m)
    # The strata in an order of chance: a small sample then says something of all entity types, not of the first ones.
    turns = [sorted(strata)[i] for i in rng.permutation(len(strata)).tolist()]
    wanted = dict.fromkeys(strata, 0)
    left = min(size, len(matches))
    while left:
        # One more from each stratum in turn, until none has more or enough are drawn.
        for key in turns:
            if left and wanted[key] < len(strata[key]):
                wanted[key] += 1
                left -= 1
    made = []
    for key in sorted(strata):
        own, (_, _, accepted, tenth) = strata[key], key
        for place in sorted(rng.choice(len(own), wanted[key], replace=False).tolist()) if wanted[key] else ():
            m = own[place]
            band = f"{tenth / 10:.1f}-{(tenth + 1) / 10:.1f}" if tenth >= 0 else ""
            made.append(Drawn(m.id_a, m.id_b, m.entity, m.rule, m.score, band, accepted, len(own) / wanted[key]))
    order = rng.permutation(len(made))
    return [made[i] for i in order.tolist()]
