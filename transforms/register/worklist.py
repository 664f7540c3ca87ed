"""A workgroup's worklist as a workbook: what is open, what is proposed, and columns to rule in; out and in again.

One sheet per entity type, one row per open direct difference that no decision governs. What the program wrote is
protected; the orange columns are for people. A hidden sheet says what was written, so that what comes back can be told
from what went out: another version, a renamed sheet, a deleted column are refused as a whole, everything else row by
row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from transforms.land import workbook
from transforms.register import sheets
from transforms.register.asked import records
from transforms.register.layout import BASES, GUIDE, META, VERSION, Sides, as_written, cells, said, stable
from transforms.register.load import Basis
from transforms.words.errors import UsageError
from transforms.words.files import written_beside


@dataclass(frozen=True)
class Exported:
    """What was written: the path, rows, and how many of them have a proposal."""

    path: Path
    sheets: int
    rows: int
    proposed: int


_OPEN = """
SELECT d.pair_id, d.difference_id, d.entity, d.area, ar.title_sv AS area_title, d.label,
       CASE WHEN d.root_identity <> d.identity THEN d.root_label END AS root_label, d.kind, d.attribute,
       coalesce(att.title_sv, d.attribute) AS attribute_title, att.kind AS attribute_kind,
       d.value_a, d.value_b, d.opened_at, p.rule, p.ruling,
       p.adopt, p.value, p.evidence_sv, {causes}
FROM published.difference d
JOIN published.area ar USING (area)
JOIN published.entity_type t USING (entity)
LEFT JOIN published.attribute att ON att.entity = d.entity AND att.attribute = d.attribute
LEFT JOIN published.decision_cover v
  ON v.pair_id = d.pair_id AND v.difference_id = d.difference_id AND v.state = 'holds'
LEFT JOIN published.proposal p ON p.pair_id = d.pair_id AND p.difference_id = d.difference_id
{joins}
WHERE v.decision_id IS NULL AND d.pair_id = ? AND coalesce(d.area = ?, true) AND coalesce(d.entity = ?, true)
ORDER BY leverage DESC NULLS LAST, explains DESC, d.label, d.attribute, d.difference_id
"""


def open_rows(
    con: duckdb.DuckDBPyConnection, pair_id: str, area: str | None, entity: str | None
) -> list[dict[str, Any]]:
    """The direct differences of a pair that nobody has ruled on, those first whose settlement returns most."""
    views = {
        r[0] for r in con.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = 'published'").fetchall()
    }
    if {"cause", "difference_cause"} <= views:
        causes = "coalesce(c.differences, 1) AS explains, coalesce(c.leverage, d.worth) AS leverage"
        joins = (
            "LEFT JOIN published.cause c ON c.pair_id = d.pair_id AND c.cause_id = d.difference_id "
            "ANTI JOIN (SELECT * FROM published.difference_cause WHERE steps > 0) e "
            "ON e.pair_id = d.pair_id AND e.difference_id = d.difference_id"
        )
    else:
        causes, joins = "1 AS explains, d.worth AS leverage", ""
    return records(con, _OPEN.format(causes=causes, joins=joins), [pair_id, area, entity])


def sides_of(con: duckdb.DuckDBPyConnection, pair_id: str | None) -> Sides:
    """The pair, by default the only one. Raises UsageError where there are several and none is named."""
    found = records(
        con,
        "SELECT p.*, a.title AS title_a, b.title AS title_b FROM published.pair p "
        "JOIN published.domain a ON a.domain = p.domain_a JOIN published.domain b ON b.domain = p.domain_b",
    )
    known = {r["pair_id"]: Sides(**r) for r in found}
    if pair_id is None and len(known) == 1:
        return next(iter(known.values()))
    if pair_id not in known:
        raise UsageError(f"--pair: name one of {', '.join(known)}")
    return known[pair_id]


def export(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    bases: Sequence[Basis],
    *,
    pair: str | None = None,
    area: str | None = None,
    entity: str | None = None,
) -> Exported:
    """Write the worklist. Raises UsageError for an area or entity type there is not, and where nothing is open."""
    for option, table, value in (("--area", "area", area), ("--entity", "entity_type", entity)):
        known = [r[0] for r in con.execute(f"SELECT {option[2:]} FROM published.{table}").fetchall()]
        if value is not None and value not in known:
            raise UsageError(f"{option}: there is no '{value}'; known here: {', '.join(known)}")
    sides = sides_of(con, pair)
    rows = open_rows(con, sides.pair_id, area, entity)
    if not rows:
        raise UsageError("nothing of that is open without a decision; there is no worklist to write")
    night, as_of = con.execute("SELECT night_id, as_of FROM published.night WHERE is_latest").fetchall()[0]
    titles = dict(con.execute("SELECT entity, title_sv FROM published.entity_type").fetchall())
    by_entity: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_entity.setdefault(row["entity"], []).append(row)
    by_entity = dict(sorted(by_entity.items(), key=lambda item: -sum(r["leverage"] or 0 for r in item[1])))
    path.parent.mkdir(parents=True, exist_ok=True)
    names: dict[str, str] = {}
    meta: list[tuple[Any, ...]] = []
    for name in by_entity:
        names[name] = workbook.sheet_name(titles[name], [META, GUIDE, BASES, *names.values()])
    with written_beside(path) as beside, workbook.open_book(beside) as book:
        styles = sheets.styles(book)
        contents = [
            (names[name], len(own), sum(r["ruling"] is not None for r in own), sum(r["leverage"] or 0 for r in own))
            for name, own in by_entity.items()
        ]
        sheets.guide_sheet(book, styles, sides, str(as_of)[:10], contents)
        for name, own in by_entity.items():
            sheets.entity_sheet(book, styles, names[name], own, sides, bases)
            # What the workbook holds is what its cells were given: cut and cleaned as they were.
            for n, row in enumerate(own, 1):
                written = [workbook.writable(v) if isinstance(v, str) else _day(v) for v in cells(n, row, sides)]
                meta.append((names[name], row["difference_id"], said(row), as_written(stable(written))))
        sheets.bases_sheet(book, styles, bases)
        hidden = book.add_worksheet(META)
        head = [
            ("version", VERSION),
            ("pair", sides.pair_id),
            ("night", night),
            ("as_of", str(as_of)),
            ("rows", len(meta)),
        ]
        for i, pair_of in enumerate(head):
            for j, value in enumerate(pair_of):
                workbook.put(hidden, i, j, str(value))
        for i, line in enumerate(meta, len(head)):
            for j, value in enumerate(line):
                workbook.put(hidden, i, j, value)
        hidden.very_hidden()
    return Exported(path, len(by_entity), len(rows), sum(r["ruling"] is not None for r in rows))


def _day(value: Any) -> Any:
    return value.isoformat()[:10] if hasattr(value, "isoformat") else value
