"""What the columns of an undescribed table hold, domain by domain: the facts that all else is told from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from transforms.catalogue import Catalogue
from transforms.warehouse import Session, Sql


@dataclass(frozen=True)
class Held:
    """What a column holds in one domain, in rows; ``kinds`` counts its distinct values, ``longest`` characters."""

    filled: int = 0
    kinds: int = 0
    whole: int = 0
    zeros: int = 0
    flags: int = 0
    numbers: int = 0
    dates: int = 0
    uuids: int = 0
    longest: int = 0


@dataclass(frozen=True)
class Column:
    """A column of a staged table. ``shared`` counts the values that every domain has."""

    name: str
    place: int
    held: Mapping[str, Held]
    shared: int

    def every(self, kind: str, share: float = 0.98) -> bool:
        """Whether in every domain that fills the column at least that share of its values is of the kind."""
        filled = [h for h in self.held.values() if h.filled]
        return bool(filled) and all(getattr(h, kind) >= share * h.filled for h in filled)

    @property
    def overlap(self) -> float:
        """The share of the distinct values that every domain has, of the domain with the fewest."""
        fewest = min((h.kinds for h in self.held.values()), default=0)
        return self.shared / fewest if fewest else 0.0


@dataclass(frozen=True)
class Table:
    """An undescribed source table as staged: its name, the temp table, the rows of each domain, its columns."""

    name: str
    stage: str
    rows: Mapping[str, int]
    columns: Mapping[str, Column] = field(default_factory=dict)

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that deliver rows of it."""
        return tuple(d for d, n in self.rows.items() if n)

    def is_unique(self, column: Column) -> bool:
        """Whether the column has a value in every row, and no value twice, in every domain."""
        return bool(self.domains) and all(
            column.held[d].filled == column.held[d].kinds == self.rows[d] for d in self.domains
        )

    def is_full(self, column: Column, share: float = 0.98) -> bool:
        """Whether the column has a value in at least that share of the rows of every domain."""
        return all(column.held[d].filled >= share * self.rows[d] for d in self.domains)


def staged(
    session: Session,
    catalogue: Catalogue,
    name: str,
    sources: Mapping[str, Sql],
    delivered: Mapping[str, Sequence[str]],
    at: Mapping[str, str],
) -> Table:
    """Stage a table's live rows as canonical text and count what its columns hold.

    ``sources`` maps domain to the query of its rows, ``delivered`` to the columns they have, ``at`` to the moment of
    the snapshot. The temp table stays until it is staged again.
    """
    columns = list(dict.fromkeys(c for names in delivered.values() for c in names))
    conventions = catalogue.undescribed.live
    stage = f"derive:{name}"
    session.run(
        "derive_stage.sql.j2",
        stage=stage,
        sources=sources,
        columns=columns,
        delivered=delivered,
        live={c: condition.one_of for c, condition in conventions.items() if condition.one_of},
        open=[c for c, condition in conventions.items() if condition.after_snapshot],
        at=at,
    )
    counted = session.run("derive_count.sql.j2", stage=stage).fetchall()
    rows = {d: 0 for d in sources} | {d: int(n) for d, n in counted}
    found: dict[str, dict[str, Held]] = {c: {} for c in columns}
    shared = dict.fromkeys(columns, 0)
    for column, domain, *numbers, common in session.run(
        "derive_profile.sql.j2", stage=stage, columns=columns
    ).fetchall():
        found[column][domain] = Held(*(int(n) for n in numbers))
        shared[column] = int(common)
    return Table(
        name,
        stage,
        rows,
        {
            c: Column(c, place, {d: found[c].get(d, Held()) for d in sources}, shared[c])
            for place, c in enumerate(columns)
        },
    )
