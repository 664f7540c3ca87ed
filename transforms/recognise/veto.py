"""What forbids that two rows are the same thing, however alike they are: another strength, side, route, form.

A veto holds in tables where it is respected: if pairs that are certain contradict each other in it as a habit (products
whose sizes one shop rounds), it is only evidence there. A vetoed pair goes to review at best.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from scipy import sparse

from transforms.recognise import vocabulary
from transforms.recognise.tokens import Bag, Flags, Floats, Ints

_UNIT = re.compile(r"^q[\d.e+-]+")
# In more than this share of certain pairs: not a veto here.
_HABIT = 0.03
# Fewer are no habit, however few pairs there are.
_FEW = 3
# What may be left unsaid, or rounded: no veto either where most that contradict each other in it seem certain.
_LOOSE = ("quantity", "negation")
# What one row says and the other does not is a contradiction here; elsewhere both must say something.
_SAID_BY_ONE = ("negation",)
_CHUNK = 200_000
_Test = Callable[[sparse.csr_array, sparse.csr_array], Flags]


def contradictions(one: Bag, ia: Ints, ib: Ints) -> dict[str, Flags]:
    """By what is contradicted (``quantity``, ``laterality`` …) which pairs do."""
    made: dict[str, Flags] = {}
    classes, sides = _classes(one)
    for name, m in classes.items():
        a, b = sides[name]
        flags = np.zeros(len(ia), bool)
        for start in range(0, len(ia), _CHUNK):
            some = slice(start, start + _CHUNK)
            flags[some] = m(a[ia[some]], b[ib[some]])
        if flags.any():
            made[name] = flags
    return made


def _classes(one: Bag) -> tuple[dict[str, _Test], dict[str, tuple[sparse.csr_array, sparse.csr_array]]]:
    facets = vocabulary.load().facets
    found: dict[str, dict[str, list[int]]] = {}
    units: dict[str, list[int]] = {}
    for i, t in enumerate(one.tokens):
        if t[0] == "q":
            units.setdefault(_UNIT.sub("", t), []).append(i)
        elif t[0] in "wi":
            for facet, value in facets.get(t[1:], ()):
                found.setdefault(facet, {}).setdefault(value, []).append(i)
    classes: dict[str, _Test] = {}
    sides: dict[str, tuple[sparse.csr_array, sparse.csr_array]] = {}
    for facet, values in found.items():
        pick = _picker([ids for ids in values.values()], len(one.tokens))
        classes[facet] = _one_lacks if facet in _SAID_BY_ONE else _disjoint
        sides[facet] = (sparse.csr_array(one.a @ pick), sparse.csr_array(one.b @ pick))
    if units:
        own = sorted(i for ids in units.values() for i in ids)
        unit_of = {i: u for u, ids in enumerate(units.values()) for i in ids}
        pick = _picker([[i] for i in own], len(one.tokens))
        to_unit = sparse.csr_array(
            (np.ones(len(own)), (np.arange(len(own)), [unit_of[i] for i in own])), shape=(len(own), len(units))
        )

        def quantity(a: sparse.csr_array, b: sparse.csr_array) -> Flags:
            common = sparse.csr_array(a.multiply(b))
            only_a, only_b = (a - common) @ to_unit, (b - common) @ to_unit
            made: Flags = np.asarray(sparse.csr_array(only_a).multiply(only_b).sum(axis=1)).ravel() > 0
            return made

        classes["quantity"] = quantity
        sides["quantity"] = (sparse.csr_array(one.a @ pick), sparse.csr_array(one.b @ pick))
    return classes, sides


def _picker(groups: list[list[int]], size: int) -> sparse.csr_array:
    rows = [i for ids in groups for i in ids]
    columns = [g for g, ids in enumerate(groups) for _ in ids]
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(size, max(len(groups), 1)))


def _some(m: sparse.csr_array) -> Flags:
    made: Flags = np.diff(m.indptr) > 0
    return made


def _disjoint(a: sparse.csr_array, b: sparse.csr_array) -> Flags:
    common = np.asarray(sparse.csr_array(a.multiply(b)).sum(axis=1)).ravel()
    made: Flags = _some(a) & _some(b) & (common == 0)
    return made


def _one_lacks(a: sparse.csr_array, b: sparse.csr_array) -> Flags:
    made: Flags = _some(a) != _some(b)
    return made


def held(found: dict[str, Flags], places: Ints, chance: Floats) -> dict[str, Flags]:
    """Of the contradictions those that the certain pairs of these tables respect."""
    certain = places[chance > 0.9]
    if len(certain) < 20:
        return found
    kept = {}
    for name, flags in found.items():
        against = chance[flags[places]]
        habit = (flags[certain].sum() >= _FEW and flags[certain].mean() > _HABIT) or (
            name in _LOOSE and len(against) >= _FEW and against.mean() > 0.9
        )
        if not habit:
            kept[name] = flags
    return kept
