"""A workgroup's worklist as a workbook: what is open, what is proposed, and columns to rule in; out and in again.

One sheet per entity type, one row per open direct difference that no decision governs. What the program wrote is
protected; the orange columns are for people. A hidden sheet says what was written, so that what comes back can be told
from what went out: another version, a renamed sheet, a deleted column are refused as a whole, everything else row by
row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from transforms import workbook
from transforms.errors import UsageError
from transforms.register.asked import records
from transforms.register.load import Basis

VERSION = "1"
META = "_likare"
# Headings of the columns that the program writes, and of those that people do.
OURS = (
    "Nr", "Område", "Post", "Hör till", "Skillnad", "Egenskap", "{a}", "{b}", "Förklarar", "Hävstång", "Öppen sedan",
    "Förslag", "Skäl för förslaget",
)  # fmt: skip
THEIRS = ("Beslut", "Värde", "Motivering", "Grund", "Ansvarig roll", "Gäller till", "Kontroll")
ID = "Likare-id"
NUMBERS = {OURS.index(h) for h in ("Nr", "Förklarar", "Hävstång")}
KINDS = {"changed": "olika värde", "moved": "flyttad", "only_a": "bara i {a}", "only_b": "bara i {b}"}
RULES = {
    "national": "nationell kodlista", "vendor": "leverantörens innehåll", "majority": "flest domäner",
    "usage": "användning", "precedent": "tidigare beslut", "expected local": "väntas vara lokal",
}  # fmt: skip


@dataclass(frozen=True)
class Sides:
    """A pair of domains by name and by the title people know them by."""

    pair_id: str
    domain_a: str
    domain_b: str
    title_a: str
    title_b: str

    @property
    def rulings(self) -> dict[str, tuple[str, str | None]]:
        """What a person may choose, as shown, with the ruling and the domain it stands for."""
        return {
            f"Anta {self.title_a}": ("adopt", self.domain_a),
            f"Anta {self.title_b}": ("adopt", self.domain_b),
            "Annat värde": ("standard", None),
            "Behåll lokalt": ("keep_local", None),
            "Avveckla": ("retire", None),
            "Skjut upp": ("defer", None),
        }

    def shown(self, ruling: str, adopt: str | None) -> str:
        """The ruling as a person chooses it."""
        return next(text for text, meant in self.rulings.items() if meant == (ruling, adopt))


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
       coalesce(att.title_sv, d.attribute) AS attribute_title, d.value_a, d.value_b, d.opened_at, p.rule, p.ruling,
       p.adopt, p.value, p.evidence, {causes}
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
        causes = "coalesce(c.differences, 1) AS explains, c.leverage"
        joins = (
            "LEFT JOIN published.cause c ON c.pair_id = d.pair_id AND c.cause_id = d.difference_id "
            "ANTI JOIN (SELECT * FROM published.difference_cause WHERE steps > 0) e "
            "ON e.pair_id = d.pair_id AND e.difference_id = d.difference_id"
        )
    else:
        causes, joins = "1 AS explains, NULL::DOUBLE AS leverage", ""
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


def headings(sides: Sides) -> list[str]:
    """All headings of a sheet, the hidden id last."""
    return [h.format(a=sides.title_a, b=sides.title_b) for h in OURS] + [*THEIRS, ID]


def cells(n: int, row: dict[str, Any], sides: Sides) -> list[Any]:
    """What the program writes of a row, in the order of ``OURS``."""
    proposal = sides.shown(row["ruling"], row["adopt"]) if row["ruling"] else None
    if proposal == "Annat värde":
        proposal = f"{proposal}: {row['value']}"
    return [
        n, row["area_title"], row["label"], row["root_label"],
        KINDS[row["kind"]].format(a=sides.title_a, b=sides.title_b), row["attribute_title"], row["value_a"],
        row["value_b"], row["explains"], row["leverage"], row["opened_at"], proposal,
        f"{RULES[row['rule']]}: {row['evidence']}" if row["rule"] else None,
    ]  # fmt: skip


def said(row: dict[str, Any]) -> str:
    """A hash of what the two builds say: a row that says something else when it comes back has changed meanwhile."""
    return _hash(row["kind"], row["value_a"], row["value_b"])


def as_written(values: Sequence[Any]) -> str:
    """A hash of a row's own cells as the workbook holds them: a row that was pasted over is told by it."""
    return _hash(*(None if v is None or v == "" else str(v).strip() for v in values))


def _hash(*values: Any) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


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
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.stem}.new.xlsx")
    names: dict[str, str] = {}
    meta: list[tuple[Any, ...]] = []
    with workbook.open_book(beside) as book:
        styles = _styles(book)
        _guide(book, styles, sides, str(as_of)[:10], bases)
        for name, own in by_entity.items():
            names[name] = workbook.sheet_name(titles[name], [META, "Läs mig", "Grunder", *names.values()])
            _sheet(book, styles, names[name], own, sides, bases)
            # What the workbook holds is what its cells were given: cut and cleaned as they were.
            for n, row in enumerate(own, 1):
                written = [workbook.writable(v) if isinstance(v, str) else _day(v) for v in cells(n, row, sides)]
                meta.append((names[name], row["difference_id"], said(row), as_written(stable(written))))
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
    beside.replace(path)
    return Exported(path, len(by_entity), len(rows), sum(r["ruling"] is not None for r in rows))


def _day(value: Any) -> Any:
    return value.isoformat()[:10] if hasattr(value, "isoformat") else value


def stable(values: Sequence[Any]) -> list[Any]:
    """The cells that are not numbers: a spreadsheet program may write a number otherwise than it read it."""
    return [v for i, v in enumerate(values) if i not in NUMBERS]


def _styles(book: Any) -> dict[str, Any]:
    grey, edge = "#F2F2F2", {"border": 1, "border_color": "#D9D9D9", "valign": "top", "text_wrap": True}
    return {
        "head": book.add_format({"bold": True, "bg_color": "#1F4E78", "font_color": "#FFFFFF", **edge}),
        "in": book.add_format({"bold": True, "bg_color": "#C55A11", "font_color": "#FFFFFF", **edge}),
        "cell": book.add_format({"bg_color": grey, **edge}),
        "share": book.add_format({"bg_color": grey, "num_format": "0.0000 %", **edge}),
        "proposal": book.add_format({"bg_color": "#E2EFDA", **edge}),
        "open": book.add_format({"locked": False, **edge}),
        "date": book.add_format({"locked": False, "num_format": "yyyy-mm-dd", **edge}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "plain": book.add_format({"text_wrap": True, "valign": "top"}),
    }


_WIDTHS = (5, 14, 34, 26, 16, 18, 26, 26, 10, 11, 12, 20, 34, 18, 20, 34, 22, 24, 12, 34, 12)


def _sheet(
    book: Any, styles: dict[str, Any], name: str, rows: list[dict[str, Any]], sides: Sides, bases: Sequence[Basis]
) -> None:
    sheet = book.add_worksheet(name)
    titles = headings(sides)
    first_in = len(OURS)
    for column, title in enumerate(titles):
        workbook.put(sheet, 0, column, title, styles["in" if first_in <= column < len(titles) - 2 else "head"])
        sheet.set_column(column, column, _WIDTHS[column], None, {"hidden": column == len(titles) - 1})
    last = len(rows)
    for n, row in enumerate(rows, 1):
        for column, value in enumerate(cells(n, row, sides)):
            style = {9: "share", 11: "proposal", 12: "proposal"}.get(column, "cell")
            workbook.put(sheet, n, column, value, styles[style])
        for column in range(first_in, len(titles) - 2):
            workbook.put(sheet, n, column, None, styles["date" if column == first_in + 5 else "open"])
        workbook.put(sheet, n, len(titles) - 2, None, styles["cell"])
        workbook.put(sheet, n, len(titles) - 1, row["difference_id"], styles["cell"])
    sheet.data_validation(1, first_in, last, first_in, {
        "validate": "list", "source": list(sides.rulings), "error_title": "Beslut",
        "error_message": "Välj ett av alternativen i listan.",
        "input_title": "Beslut", "input_message": "Välj i listan.",
    })  # fmt: skip
    sheet.data_validation(1, first_in + 3, last, first_in + 3, {
        "validate": "list", "source": f"=Grunder!$A$2:$A${len(bases) + 1}", "error_title": "Grund",
        "error_message": "Välj en grund ur listan på bladet Grunder.",
    })  # fmt: skip
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, last, len(titles) - 1)
    sheet.protect("", {"autofilter": True, "sort": False, "format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _guide(book: Any, styles: dict[str, Any], sides: Sides, as_of: str, bases: Sequence[Basis]) -> None:
    guide = book.add_worksheet("Läs mig")
    guide.set_column(0, 0, 100)
    lines = [
        f"Arbetslista: {sides.title_a} och {sides.title_b}, läget {as_of}",
        "Ett blad per slags post. Raderna står i ordning efter vad ett beslut ger tillbaka (hävstång).",
        "Fyll i de orange kolumnerna på de rader ni beslutar om. Rader utan Beslut lämnas som de är.",
        "Beslut och Grund väljs i listorna. Motivering och Ansvarig roll behövs alltid; Värde bara till Annat värde, "
        "Gäller till alltid till Skjut upp.",
        "En skillnad som förklarar andra beslutas med allt den förklarar.",
        "Förslaget är bara ett förslag, enligt regeln som står bredvid. Det tillämpas aldrig av sig självt.",
        "Grå celler är skyddade. Lägg inte till, ta inte bort och byt inte namn på blad, kolumner eller rader.",
        "Lämna tillbaka filen: likare worklist import FIL.xlsx --by ROLL. Fel skrivs vid cellen i en kopia.",
    ]
    for i, line in enumerate(lines):
        workbook.put(guide, i, 0, line, styles["title" if i == 0 else "plain"])
    guide.protect()
    sheet = book.add_worksheet("Grunder")
    for j, (title, width) in enumerate((("Grund", 30), ("Titel", 80), ("Slag", 16))):
        workbook.put(sheet, 0, j, title, styles["head"])
        sheet.set_column(j, j, width)
    for i, basis in enumerate(bases, 1):
        for j, text in enumerate((basis.id, basis.title, basis.kind)):
            workbook.put(sheet, i, j, text)
    sheet.freeze_panes(1, 0)
    sheet.protect()
