"""What the sample holds of each entity type that is derived from the catalogue, where the catalogue does not say it.

SQL in a recipe's ``values``, ``ranks`` and ``name`` is over the row being made: ``i`` its number, ``k`` its place
under its owner, ``parent`` the owner's number, ``x``, ``y``, ``z`` its words, ``round`` how often they are used up,
``name``, and every value named before. In ``columns`` and ``stray`` it is over the row as it stands in a domain (``e``)
and as it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recipe:
    """How many items there are, what is in them, and what of them deviates.

    ``share`` is items per orderable and ``least`` their least number, for types that belong to nothing; ``each`` and
    ``every`` are items under an owner and under which of the owners, ``of`` the same where there are owners of several
    types. ``ranks`` chooses a reference's target by its place among the usable ones (NULL for none), ``choice`` which
    of its types. ``texts`` hold an id: (type, before, after). ``steady`` never deviate; ``deviates`` is where any may.
    ``columns`` are further columns or other prints; ``stray`` makes rows that are no items out of some that are.
    """

    share: float = 0.0
    least: int = 12
    each: int = 1
    every: int = 1
    of: tuple[tuple[str, int, int], ...] = ()
    words: tuple[str, str, str] = ("object", "verb", "one")
    name: str = ""
    code_set: int = 0
    values: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, str] = field(default_factory=dict)
    choice: dict[str, str] = field(default_factory=dict)
    texts: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    steady: tuple[str, ...] = ()
    deviates: str = "true"
    missing: float = 0.05
    columns: dict[str, str] = field(default_factory=dict)
    stray: dict[str, str] = field(default_factory=dict)


# Rows of an earlier version have an id of their own.
OTHER_ID = "printed_id(ord + 400000000, d)"
NONE = "NULL::BIGINT"
SET_OF_OWNER = "(SELECT c.code_set::VARCHAR FROM sample.m_code_value c WHERE c.i = e.parent)"
KIND_OF_PLACE = (
    "CASE i % 5 WHEN 0 THEN 'Avd ' || (1 + i % 97) || ' ' WHEN 1 THEN 'Mott ' "
    "WHEN 2 THEN 'Hus ' || (1 + i % 12) || ' ' ELSE 'Enhet ' || (10 + i % 7) || ' ' END"
)
AGAIN = "CASE WHEN round > 0 THEN ' ' || (round + 1) ELSE '' END"


def printed(expression: str) -> str:
    """SQL of an id as the domain prints it."""
    return f"printed_id({expression}, e.d)"
