"""By what the rows of an undescribed table can be recognised in another domain."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from transforms.catalogue import Catalogue
from transforms.land.derive.links import Link
from transforms.land.derive.profile import Column, Table
from transforms.warehouse import Session, ident

# A key that more rows than this lack, or share with another row of their domain, is none.
_FILLED = 0.95
_ALONE = 0.97
# Two builds of one table have at least this share of the keys in common.
_SHARED = 0.2
# How far the pairs of a key must agree otherwise, from what chance gives (0) to equal in all (1).
_AGREES = 0.3
_MOST_KEYS = 4
_MOST_COLUMNS = 5
_POOL = 16
_LONGEST = 400


@dataclass(frozen=True)
class NaturalKey:
    """Columns that recognise a row, how far to trust pairs made by them (0 to 1), and what that rests on.

    Those in ``some`` may lack a value, though not all of them.
    """

    columns: tuple[str, ...]
    confidence: float
    reason: str
    some: tuple[str, ...] = ()


def comparable(session: Session, table: Table, columns: Mapping[str, Link | None], typed: Mapping[str, str]) -> str:
    """Stage the table once more with values that mean the same in every domain. Returns the temp table.

    ``columns`` maps each column to what it refers to, ``typed`` an id's column to the one that names its table. A
    reference stands for what its target says of itself (``derive_id``).
    """
    stage = f"derive:={table.name}"
    session.run("derive_comparable.sql.j2", stage=stage, source=table.stage, columns=columns, typed=typed)
    return stage


def natural_keys(
    session: Session,
    catalogue: Catalogue,
    table: Table,
    stage: str,
    pool: Sequence[str],
    stated: Sequence[str],
    links: Collection[str],
) -> list[NaturalKey]:
    """The keys that hold, strongest first, no two with a column in common, so that one may change and another holds.

    ``pool`` are the columns a key may be made of, ``stated`` those that the domains' metadata names as the key,
    ``links`` those that refer to something.
    """
    found: list[NaturalKey] = []
    if stated and set(stated) <= set(pool):
        key = _tested(session, table, stage, tuple(stated), pool)
        if key:
            found.append(NaturalKey(key.columns, max(key.confidence, 0.9), f"the domain's own metadata; {key.reason}"))
    left = [c for c in _ranked(table, pool) if not any(c in k.columns for k in found)]
    while left and len(found) < _MOST_KEYS:
        # Texts and links name a thing; numbers only where these do not.
        naming = [c for c in left if c in links or not table.columns[c].every("numbers")]
        key = _search(session, table, stage, naming, pool) or _search(session, table, stage, left, pool)
        if key is None:
            break
        # Several numbers together may tell few rows apart by chance alone. Beside a key that names they are none, or
        # two rows without a counterpart would become a pair.
        if not found or len(key.columns) == 1 or set(key.columns) & set(naming):
            found.append(key)
        left = [c for c in left if c not in key.columns]
    return sorted(found, key=lambda k: not k.reason.startswith("the domain's own"))


def _ranked(table: Table, pool: Sequence[str]) -> list[str]:
    """The columns most likely to tell rows apart first."""

    def kinds(name: str) -> int:
        return min(h.kinds for h in table.columns[name].held.values())

    fit = [c for c in pool if table.is_full(table.columns[c], _FILLED) and table.columns[c].held and kinds(c) > 1]
    short = [c for c in fit if all(h.longest <= _LONGEST for h in table.columns[c].held.values())]
    return sorted(short, key=lambda c: (-kinds(c), table.columns[c].place))[:_POOL]


def _search(session: Session, table: Table, stage: str, left: Sequence[str], pool: Sequence[str]) -> NaturalKey | None:
    """The fewest of the columns left that are a key: one if any will do, else grown from those that tell most apart."""
    singles = [key for c in left if (key := _tested(session, table, stage, (c,), pool))]
    if singles:
        return max(singles, key=lambda k: k.confidence)
    for first in left[:4]:
        chosen: tuple[str, ...] = (first,)
        while len(chosen) < _MOST_COLUMNS:
            options = [(*chosen, c) for c in left if c not in chosen]
            if not options:
                break
            chosen = max(options, key=lambda one: _alone(session, table, stage, one))
            if _alone(session, table, stage, chosen) < _ALONE:
                continue
            key = _tested(session, table, stage, _fewest(session, table, stage, chosen), pool)
            if key:
                return key
            break
    return None


def _fewest(session: Session, table: Table, stage: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns without those that the others can do without."""
    for one in columns:
        rest = tuple(c for c in columns if c != one)
        if len(columns) > 1 and _alone(session, table, stage, rest) >= _ALONE:
            columns = rest
    return tuple(sorted(columns, key=lambda c: table.columns[c].place))


def _counts(
    session: Session, table: Table, stage: str, columns: Sequence[str]
) -> tuple[list[int], list[int], int, int]:
    row = session.run("derive_key.sql.j2", compared=stage, columns=columns, domains=table.domains).fetchone()
    assert row is not None
    return [int(n) for n in row[0]], [int(n) for n in row[1]], int(row[2]), int(row[3])


def _alone(session: Session, table: Table, stage: str, columns: Sequence[str]) -> float:
    """The share of the rows that no other row of their domain has the key of, in the worst domain."""
    _, alone, _, _ = _counts(session, table, stage, columns)
    return min(n / table.rows[d] for n, d in zip(alone, table.domains, strict=True))


def _tested(
    session: Session, table: Table, stage: str, columns: tuple[str, ...], pool: Sequence[str]
) -> NaturalKey | None:
    filled, alone, shared, kinds = _counts(session, table, stage, columns)
    rows = [table.rows[d] for d in table.domains]
    if any(f < _FILLED * n for f, n in zip(filled, rows, strict=True)) or not kinds:
        return None
    lone = min(a / f for a, f in zip(alone, filled, strict=True))
    overlap = shared / kinds if len(table.domains) > 1 else 1.0
    if lone < _ALONE or overlap < _SHARED:
        return None
    agreement = _agreement(session, table, stage, columns, [c for c in pool if c not in columns])
    if agreement is not None and agreement < _AGREES:
        return None
    told = "" if agreement is None else f", its pairs agree to {agreement:.0%} of what chance leaves open"
    confidence = lone * (0.5 + 0.5 * overlap) * (0.8 if agreement is None else 0.6 + 0.4 * agreement)
    return NaturalKey(columns, round(confidence, 3), f"unique to {lone:.1%}, {overlap:.0%} in common{told}")


def _agreement(
    session: Session, table: Table, stage: str, columns: Sequence[str], others: Sequence[str]
) -> float | None:
    """How far the pairs of the key agree otherwise, 0 as chance has it, 1 in all; None where nothing else tells."""
    if not others:
        return None
    found: list[float] = []
    for a, b in pairwise(table.domains):
        row = session.run(
            "derive_agreement.sql.j2", compared=stage, columns=columns, others=others, a=a, b=b
        ).fetchone()
        if row and row[0] and row[1] is not None and row[2] < 1:
            found.append((float(row[1]) - float(row[2])) / (1 - float(row[2])))
    return min(found, default=None)


def remember(session: Session, table: Table, stage: str, entity: str, column: str, key: NaturalKey) -> None:
    """Let the rows say by their key what they are, for the tables that refer to them."""
    listed = ", ".join(f"c.{ident(c)}" for c in key.columns)
    session.execute(
        f"UPDATE derive_id SET says = md5(concat_ws(chr(31), {listed})) FROM {ident(stage)} c "
        f"JOIN {ident(table.stage)} s USING (_domain, _n) "
        f"WHERE target = ? AND derive_id.domain = s._domain AND derive_id.value = s.{ident(column)}",
        [entity],
    )


def may_be_in_a_key(column: Column) -> bool:
    """Whether a column's values are such as name things: no dates, no fractions."""
    return not column.every("dates")
