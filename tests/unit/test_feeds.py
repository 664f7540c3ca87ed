"""Feeds of other systems: each lands whole, or is refused with a reason."""

import contextlib
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.dock import Dock
from transforms.words.errors import ExtractError


@pytest.fixture
def dock(tmp_path):
    with contextlib.closing(Dock(tmp_path)) as made:
        yield made


def workbook(*rows, merge=None):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(**columns):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


UTC_NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
FEEDS = {
    "a list with bars on both sides, a ruled line and totals": (
        "MARA.txt",
        "|MATNR|NTGEW|\n|-----|-----|\n|00123|1,50|\n|00124|2,00|\n|Summa||\n",
        ["COLUMN_1", "MATNR", "NTGEW", "COLUMN_4"],
        [(None, "00123", "1,50", None), (None, "00124", "2,00", None)],
        [(2, "ruled line"), (5, "totals")],
    ),
    "French, Windows-1252, semicolon, decimal comma": (
        "A.csv",
        "Numéro;Libellé;Prix\r\n1;Œuf – frais;1 234,50\r\n2;\"L'été; fin\";0,50\r\n".encode("cp1252"),
        ["NUMÉRO", "LIBELLÉ", "PRIX"],
        [("1", "Œuf – frais", "1 234,50"), ("2", "L'été; fin", "0,50")],
        [],
    ),
    "German, ISO-8859-1": (
        "A.csv",
        "Nr;Name;Datum\n1;Größe;31.12.2026\n2;Straße;\n".encode("iso-8859-1"),
        ["NR", "NAME", "DATUM"],
        [("1", "Größe", "31.12.2026"), ("2", "Straße", None)],
        [],
    ),
    "titles above the header": (
        "A.csv",
        "Rapport över enheter\nUttaget 2026-03-01\n\nID;NAMN;PRIS\n1;Ärta;2,5\n2;Böna\n3;Kål;4\n",
        ["ID", "NAMN", "PRIS"],
        [("1", "Ärta", "2,5"), ("3", "Kål", "4")],
        [(6, "missing columns")],
    ),
    "a comment above the header": (
        "A.csv", "# made 2026\nID,NAME\n1,a\n2,b\n", ["ID", "NAME"], [("1", "a"), ("2", "b")], [],
    ),
    "a spreadsheet program's sep= line": (
        "A.csv", "sep=;\nID;NAME\n1;a,b\n2;c\n", ["ID", "NAME"], [("1", "a,b"), ("2", "c")], [],
    ),
    "UTF-16 with a byte order mark, tabs": (
        "A.txt", "\ufeffID\tNAME\r\n1\tÅsa\r\n".encode("utf-16-le"), ["ID", "NAME"], [("1", "Åsa")], [],
    ),
    "UTF-16 that does not say so": (
        "A.txt", "ID\tNAME\r\n1\tÅsa\r\n".encode("utf-16-le"), ["ID", "NAME"], [("1", "Åsa")], [],
    ),
    "UTF-16 the other way round": (
        "A.txt", "ID\tNAME\r\n1\tÅsa\r\n".encode("utf-16-be"), ["ID", "NAME"], [("1", "Åsa")], [],
    ),
    "carets": ("A.txt", "ID^NAME\n1^a\n2^b\n", ["ID", "NAME"], [("1", "a"), ("2", "b")], []),
    "tildes": ("A.txt", "ID~NAME\n1~a\n2~b\n", ["ID", "NAME"], [("1", "a"), ("2", "b")], []),
    "unit separators": ("A.txt", "ID\x1fNAME\n1\x1fa\n", ["ID", "NAME"], [("1", "a")], []),
    "a footer": (
        "A.csv", "ID,NAME\n1,a\n2,b\n(2 rows affected)\n", ["ID", "NAME"], [("1", "a"), ("2", "b")],
        [(4, "missing columns")],
    ),
    "JSON lines with nested values and missing keys": (
        "A.jsonl",
        '{"id": 1, "n": {"a": [1, 2]}, "x": null}\n{"id": 2, "extra": "å", "t": true}\nnot json\n',
        ["ID", "N", "X", "EXTRA", "T"],
        [("1", '{"a":[1,2]}', None, None, None), ("2", None, None, "å", "true")],
        [(3, "not a JSON object")],
    ),
    "JSON rows in one object": (
        "A.json", json.dumps({"made": "2026", "items": [{"id": 1, "n": "a"}, {"id": 2}]}), ["ID", "N"],
        [("1", "a"), ("2", None)], [],
    ),
    "Parquet with lists, decimals, times and what is no number": (
        "A.parquet",
        parquet(
            id=pa.array([1, 2], pa.int64()), parts=[[1, 2], None], dose=pa.array([Decimal("1.50"), Decimal("2.00")]),
            at=pa.array([UTC_NOON, None], pa.timestamp("us", tz="UTC")), share=[0.5, float("nan")], s=[{"a": 1}, None],
            kind=pa.array(["x", None]).dictionary_encode(),
        ),
        ["ID", "PARTS", "DOSE", "AT", "SHARE", "S", "KIND"],
        [("1", "[1,2]", "1.50", "2026-07-01 12:00:00Z", "0.5", '{"a":1}', "x"), ("2", None, "2", *[None] * 4)],
        [],
    ),
    "a workbook with titles and an empty row": (
        "A.xlsx",
        workbook(["Rapport"], ["Uttaget 2026-03-01"], [], ["ID", "NAMN", "PRIS"], [1, "Ärta", 2.5], [2, None, 3]),
        ["ID", "NAMN", "PRIS"], [("1", "Ärta", "2.5"), ("2", None, "3")], [],
    ),
    "a workbook with a heading over two columns": (
        "A.xlsx", workbook(["Grupp", None, "Pris"], ["ID", "NAMN", "kr"], [1, "a", 2], merge="A1:B1"),
        ["ID", "NAMN", "KR"], [("1", "a", "2")], [],
    ),
    "a workbook without anything of it": (
        "A.xlsx", workbook(["ID", None, "NAMN"], [7, "y", "z"], [8, 2, 3]),
        ["ID", "COLUMN_2", "NAMN"], [("7", "y", "z"), ("8", "2", "3")], [],
    ),
    "nameless and empty columns": (
        "A.csv", "ID,,NAME,\n1,,a,\n2,,b,\n", ["ID", "COLUMN_2", "NAME", "COLUMN_4"],
        [("1", None, "a", None), ("2", None, "b", None)], [],
    ),
    "300 columns": (
        "A.csv", ",".join(f"C{i}X" for i in range(300)) + "\n" + ",".join(map(str, range(300))) + "\n",
        [f"C{i}X" for i in range(300)], [tuple(map(str, range(300)))], [],
    ),
    "one column, no line end at the end": ("A.csv", "NAME\nx, y\nz", ["NAME"], [("x, y",), ("z",)], []),
    "a header alone": ("A.csv", "ID;NAME\n", ["ID", "NAME"], [], []),
    "values of a database that says NULL": (
        "A.csv", "ID,NAME\n1,NULL\n2,\\N\n", ["ID", "NAME"], [("1", "NULL"), ("2", "\\N")], [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "columns", "rows", "quarantined"), FEEDS.values(), ids=FEEDS)
def test_a_feed_lands_whole(dock, name, content, columns, rows, quarantined):
    landed = dock.deliver(name, content, described=False)
    assert dock.file("columns") == [(columns,)]
    assert dock.landed("A" if name.startswith("A.") else "MARA") == rows
    assert [(line, reason) for line, _, reason in dock.quarantine()] == quarantined
    assert landed.rows_accepted + landed.rows_quarantined == landed.written[0].rows_in


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("A.csv", "ID,NAME,name\n1,a,b\n", "the header names NAME twice"),
        ("A.csv", "", "the file is empty"),
        ("A.csv", "\n\n", "the file is empty"),
        ("A.lst", "ID         NAME\n---------- ----------\n         1 a\n\n1 row selected.\n", "aligned with blanks"),
        ("A.txt", "ID   NAME      X\n1    Alvedon   2\n2    Panodil   3\n", "aligned with blanks"),
        ("A.xls", "<html><table><tr><td>ID</td></tr></table></html>", "is a web page"),
        ("A.csv", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "is a PDF"),
        ("A.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Office program"),
        ("A.csv", b"ID,NAME\n1,a\0b\n", "NUL bytes"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(dock, name, content, words):
    with pytest.raises(ExtractError, match=words) as caught:
        dock.deliver(name, content, described=False)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_titles_above_a_header_are_named(dock):
    landed = dock.deliver("A.csv", "Rapport\n\nID;NAME\n1;a\n2;b\n", described=False)
    assert [finding.kind for finding in landed.findings] == ["title"]
