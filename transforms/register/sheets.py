"""How a worklist looks: sheets that can be handed to a workgroup, on a screen and on paper."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from transforms.land import workbook
from transforms.register.layout import BASES, GUIDE, OURS, THEIRS, Sides, cells, headings
from transforms.register.load import Basis

# A4 and A3 as Excel numbers them.
_A4, _A3 = 9, 8
_WIDTHS = (6, 32, 24, 19, 18, 24, 24, 10, 11, 11, 18, 30, 20, 16, 34, 22, 20, 12, 28, 12)
# Columns that are left out of sight where a sheet has nothing in them.
_SPARSE = ("Hör till", "Förslag", "Skäl för förslaget")
_LINE, _MOST_LINES = 15.0, 12
_BASIS_KINDS = {
    "law": "lag", "regulation": "föreskrift", "agreement": "överenskommelse", "code list": "kodlista",
    "guidance": "vägledning",
}  # fmt: skip


def styles(book: Any) -> dict[str, Any]:
    """The formats of all sheets."""
    edge = {"border": 1, "border_color": "#BFBFBF", "valign": "top", "text_wrap": True}
    head = {"bold": True, "font_color": "#FFFFFF", **edge, "valign": "vcenter"}
    return {
        "head": book.add_format({"bg_color": "#1F4E78", **head}),
        "in": book.add_format({"bg_color": "#9C4A0B", **head}),
        "cell": book.add_format({"bg_color": "#F2F2F2", **edge}),
        "number": book.add_format({"bg_color": "#F2F2F2", "num_format": "#,##0", "align": "center", **edge}),
        "share": book.add_format({"bg_color": "#F2F2F2", "num_format": "0.000 %", **edge}),
        "proposal": book.add_format({"bg_color": "#E2EFDA", **edge}),
        "open": book.add_format({"locked": False, "bg_color": "#FFF8E7", **edge}),
        "date": book.add_format({"locked": False, "bg_color": "#FFF8E7", "num_format": "yyyy-mm-dd", **edge}),
        "title": book.add_format({"bold": True, "font_size": 14, "text_wrap": True, "valign": "top"}),
        "strong": book.add_format({"bold": True, "valign": "top"}),
        "plain": book.add_format({"text_wrap": True, "valign": "top"}),
        "link": book.add_format({"font_color": "#0B5394", "underline": 1, "valign": "top"}),
        "count": book.add_format({"num_format": "#,##0", "valign": "top"}),
        "gain": book.add_format({"num_format": "0.000 %", "valign": "top"}),
    }


def entity_sheet(
    book: Any, styles: dict[str, Any], name: str, rows: list[dict[str, Any]], sides: Sides, bases: Sequence[Basis]
) -> None:
    """One sheet of rows to rule on: ours grey and protected, the proposal green, theirs open, the id hidden."""
    sheet = book.add_worksheet(name)
    titles = headings(sides)
    first_in, check = len(OURS), len(titles) - 2
    written = [cells(n, row, sides) for n, row in enumerate(rows, 1)]
    for column, title in enumerate(titles):
        workbook.put(sheet, 0, column, title, styles["in" if first_in <= column < check else "head"])
        hidden = column == len(titles) - 1 or (title in _SPARSE and not any(values[column] for values in written))
        sheet.set_column(column, column, _WIDTHS[column], None, {"hidden": hidden})
    sheet.set_row(0, 2 * _LINE + 2)
    named = {"Nr": "number", "Förklarar": "number", "Hävstång": "share", "Förslag": "proposal"}
    named["Skäl för förslaget"] = "proposal"
    for n, (row, own) in enumerate(zip(rows, written, strict=True), 1):
        for column, value in enumerate(own):
            workbook.put(sheet, n, column, value, styles[named.get(OURS[column], "cell")])
        for place, title in enumerate(THEIRS[:-1]):
            workbook.put(sheet, n, first_in + place, None, styles["date" if title == "Gäller till" else "open"])
        workbook.put(sheet, n, check, None, styles["cell"])
        workbook.put(sheet, n, check + 1, row["difference_id"], styles["cell"])
        sheet.set_row(n, _height(own))
    last = len(rows)
    _drop_downs(sheet, last, sides, bases)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, check + 1)
    sheet.protect("", {"autofilter": True, "sort": False, "format_columns": True, "format_rows": True})
    sheet.set_tab_color("#9C4A0B")
    _printed(sheet, _A3, landscape=True, head=name)
    sheet.repeat_rows(0)


def _height(values: Sequence[Any]) -> float:
    """Points: as many lines as the longest cell takes in its column; no program works that out when it opens a file."""
    lines = 1
    for value, width in zip(values, _WIDTHS, strict=False):
        text = workbook.writable(str(value)) if isinstance(value, str) else ""
        lines = max(lines, sum(max(1, math.ceil(len(part) / (width * 0.95))) for part in text.split("\n")))
    return _LINE * min(lines, _MOST_LINES) + 1


def _drop_downs(sheet: Any, last: int, sides: Sides, bases: Sequence[Basis]) -> None:
    at = {title: len(OURS) + i for i, title in enumerate(THEIRS)}
    sheet.data_validation(1, at["Beslut"], last, at["Beslut"], {
        "validate": "list", "source": list(sides.rulings), "error_title": "Beslut",
        "error_message": "Välj ett av alternativen i listan.",
        "input_title": "Beslut", "input_message": "Välj i listan.",
    })  # fmt: skip
    sheet.data_validation(1, at["Grund"], last, at["Grund"], {
        "validate": "list", "source": f"={BASES}!$A$2:$A${len(bases) + 1}", "error_title": "Grund",
        "error_message": f"Välj en grund ur listan på bladet {BASES}.",
        "input_title": "Grund", "input_message": f"Frivillig. Vad de heter i klartext står på bladet {BASES}.",
    })  # fmt: skip
    for title, told in (
        ("Värde", "Bara till beslutet Annat värde."),
        ("Motivering", "Behövs till varje beslut."),
        ("Ansvarig roll", "Behövs till varje beslut. En roll, inte en person."),
        ("Gäller till", "Behövs till Skjut upp. Skriv som 2027-12-31."),
    ):
        sheet.data_validation(
            1, at[title], last, at[title], {"validate": "any", "input_title": title, "input_message": told}
        )


def guide_sheet(
    book: Any,
    styles: dict[str, Any],
    sides: Sides,
    as_of: str,
    contents: Sequence[tuple[str, int, int, float | None]],
) -> None:
    """How the workbook is used, and what sheets it has: (name, rows, of them with a proposal, leverage of all)."""
    guide = book.add_worksheet(GUIDE)
    guide.set_column(0, 0, 62)
    guide.set_column(1, 3, 14)
    lines = [
        f"Arbetslista: {sides.title_a} och {sides.title_b}, läget {as_of}",
        "Ett blad per slags post. Raderna står i ordning efter vad ett beslut ger tillbaka: hävstången är hur mycket "
        "likheten i hela bygget stiger när skillnaden är ur världen, med allt den förklarar.",
        "Fyll i de orange kolumnerna på de rader ni beslutar om. Rader utan Beslut lämnas som de är.",
        "Beslut och Grund väljs i listorna. Motivering och Ansvarig roll behövs alltid; Värde bara till Annat värde, "
        "Gäller till alltid till Skjut upp.",
        "En skillnad som förklarar andra beslutas med allt den förklarar.",
        "Gröna celler är ett förslag enligt regeln som står bredvid. Det tillämpas aldrig av sig självt.",
        "Grå celler är skyddade. Lägg inte till, ta inte bort och byt inte namn på blad, kolumner eller rader.",
        "Lämna tillbaka filen till den som för registret, som läser in den: likare worklist import FIL.xlsx --by ROLL. "
        "Är något fel tas ingenting in, och felen skrivs vid cellerna i en kopia.",
    ]
    for i, line in enumerate(lines):
        guide.merge_range(i, 0, i, 3, workbook.writable(line), styles["title" if i == 0 else "plain"])
        guide.set_row(i, (20 if i == 0 else _LINE) * math.ceil(len(line) / (76 if i == 0 else 105)) + 3)
    top = len(lines) + 1
    for column, title in enumerate(("Blad", "Rader", "Med förslag", "Hävstång")):
        workbook.put(guide, top, column, title, styles["head"])
    for i, (name, rows, proposed, gain) in enumerate(contents, top + 1):
        guide.write_url(i, 0, f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1", styles["link"], name)
        workbook.put(guide, i, 1, rows, styles["count"])
        workbook.put(guide, i, 2, proposed, styles["count"])
        workbook.put(guide, i, 3, gain, styles["gain"])
    guide.hide_gridlines(2)
    guide.set_tab_color("#1F4E78")
    guide.protect()
    _printed(guide, _A4, landscape=False, head="")


def bases_sheet(book: Any, styles: dict[str, Any], bases: Sequence[Basis]) -> None:
    """The legal and national bases that a ruling may name."""
    sheet = book.add_worksheet(BASES)
    for j, (title, width) in enumerate((("Grund", 30), ("Titel", 80), ("Slag", 18))):
        workbook.put(sheet, 0, j, title, styles["head"])
        sheet.set_column(j, j, width)
    for i, basis in enumerate(bases, 1):
        for j, text in enumerate((basis.id, basis.title, _BASIS_KINDS[basis.kind])):
            workbook.put(sheet, i, j, text, styles["strong" if j == 0 else "plain"])
    sheet.freeze_panes(1, 0)
    sheet.set_tab_color("#1F4E78")
    sheet.protect()
    _printed(sheet, _A4, landscape=True, head=BASES)


def _printed(sheet: Any, paper: int, *, landscape: bool, head: str) -> None:
    """On paper: as wide as the page, its name above and its number below."""
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    if head:
        sheet.set_header(f"&L&B{head.replace('&', '&&')}")
    sheet.set_footer("&RSida &P av &N")
