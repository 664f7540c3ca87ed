"""Every format an extract comes in, and every accident of writing, arrives whole or is refused by name."""

import contextlib
import gzip
import hashlib
import io
import json
import zipfile
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.dock import PLAIN, ROWS, Dock
from tests.support.packed import zipped
from tests.support.shared import SHARED
from transforms.catalogue.conventions import Undescribed
from transforms.land.findings import POLICIES
from transforms.land.shape import SIGNS


@pytest.fixture
def dock(tmp_path):
    with contextlib.closing(Dock(tmp_path)) as made:
        yield made


# --- forms ---


def test_parquet_is_text_as_a_careful_hand_would_write_it(dock):
    table = pa.table(
        {
            "id": pa.array([124907663.0, 2.0, None]),
            "name": ["å", "0012", ""],
            "share": pa.array([0.5, 1e20, 3.25]),
            "at": pa.array([datetime(2026, 1, 2, 3, 4, 5), None, None]),
            "tags": pa.array([["a", "b"], None, []]),
            "whole": pa.array([1, 2, 3]),
        }
    )
    pq.write_table(table, dock.folder / "UNIT.parquet")
    dock.land()
    assert dock.unit('ID, NAME, SHARE, "AT", TAGS, WHOLE') == [
        ("124907663", "å", "0.5", "2026-01-02 03:04:05", '["a","b"]', "1"),
        ("2", "0012", "1e+20", None, None, "2"),
        (None, "", "3.25", None, "[]", "3"),
    ]
    assert dock.file("form, rows_in") == [("parquet", 3)]


def workbook(**sheets):
    """A small XLSX of inline strings and numbers; a cell of (formula, value) is a formula with its stored value."""

    def cell(value):
        if value is None:
            return "<c/>"
        if isinstance(value, tuple):
            return f"<c><f>{value[0]}</f><v>{value[1]}</v></c>"
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbered = list(enumerate(sheets.items(), 1))
    listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"/>' for i, (n, _) in numbered)
    linked = "".join(
        f'<Relationship Id="rId{i}" Type="{rel}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i, _ in numbered
    )
    typed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{kind}.worksheet+xml"/>' for i, _ in numbered
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        out.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.'
            f'openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
            f'ContentType="{kind}.sheet.'
            f'main+xml"/>{typed}</Types>',
        )
        out.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{rel}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        out.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>{listed}</sheets></workbook>'
        )
        out.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}/relationships">{linked}</Relationships>'
        )
        for i, (_, rows) in numbered:
            body = "".join(f"<row>{''.join(cell(v) for v in row)}</row>" for row in rows)
            out.writestr(
                f"xl/worksheets/sheet{i}.xml", f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
            )
    return made.getvalue()


def test_a_workbooks_sheets_are_tables(dock):
    dock.put(
        "build.xlsx",
        workbook(
            UNIT=[["ID", "NAME", "N"], [124907663, "å  ä", ("1+1", 2)], [2, "0012", 0.5], [3, None, None]],
            OTHER=[["A"], ["1"]],
            EMPTY=[],
        ),
    )
    landed = dock.land()
    assert (landed.files, landed.undescribed) == (2, ("OTHER",))
    assert dock.unit("ID, NAME, N") == [("124907663", "å  ä", "2"), ("2", "0012", "0.5"), ("3", None, None)]


def test_a_workbooks_only_sheet_may_be_called_by_the_workbook(dock):
    dock.put("UNIT.xlsx", workbook(Blad1=[["ID", "NAME"], [1, "x"]]))
    assert dock.land().undescribed == ()
    assert dock.unit() == [("1", "x")]


def test_json_lines_are_rows_and_their_keys_the_columns(dock):
    dock.put(
        "UNIT.jsonl",
        '{"id": 124907663.00, "name": "å"}\n{"id": "0012", "more": {"a": [1]}, "name": null}\nnot json\n{"id": 3}\n',
    )
    dock.land()
    assert dock.unit("ID, NAME, MORE") == [("124907663", "å", None), ("0012", None, '{"a":[1]}'), ("3", None, None)]
    assert dock.quarantine() == [(3, None, "not a JSON object")]
    assert dock.file("form, rows_in, rows_accepted, rows_quarantined") == [("json", 4, 3, 1)]


def test_a_json_list_is_rows(dock):
    dock.put("UNIT.json", json.dumps([{"ID": "1", "NAME": "x/y", "a/b": "z"}, {"ID": "2", "NAME": "y"}], indent=1))
    dock.land()
    assert dock.unit('ID, NAME, "A/B"') == [("1", "x/y", "z"), ("2", "y", None)]


# --- accidents of writing ---


def test_latin_1_is_told_from_windows_1252(dock):
    dock.put("UNIT.csv", "ID,NAME\n1,Ångström\n".encode("iso-8859-1"))
    dock.put("OTHER.csv", "ID,NAME\n1,5 € – Ångström\n".encode("cp1252"))
    dock.land()
    assert dock.file("table_name, encoding") == [("OTHER", "cp1252"), ("UNIT", "iso-8859-1")]
    assert dock.unit() == [("1", "Ångström")]


@pytest.mark.parametrize("quote", ["", '"'])
def test_mixed_line_ends_do_not_stop_a_file(dock, quote):
    dock.put("UNIT.csv", f"ID,NAME\r\n1,{quote}x{quote}\n2,y\r\n3,z\n")
    dock.land()
    assert dock.unit() == [("1", "x"), ("2", "y"), ("3", "z")]
    assert dock.file("newline, rows_in") == [("mixed", 3)]
    assert dock.leftovers() == []


@pytest.mark.parametrize(("newline", "name"), [("\n", "lf"), ("\r\n", "crlf"), ("\r", "cr")])
def test_line_ends_are_found_and_recorded(dock, newline, name):
    dock.put("UNIT.csv", newline.join(["ID,NAME", "1,x", "2,y", ""]))
    dock.land()
    assert dock.unit() == ROWS
    assert dock.file("newline, rows_in") == [(name, 2)]


def test_an_empty_field_too_many_is_accepted_and_a_full_one_quarantined(dock):
    dock.put("UNIT.txt", "ID\tNAME\n1\tx\t\n2\ty\n3\tz\tmore\n")
    dock.land()
    assert dock.unit() == ROWS
    assert dock.quarantine() == [(4, None, "too many columns")]


def test_trailing_delimiters_are_no_column_of_content(dock):
    dock.put("UNIT.txt", "ID|NAME|\n1|x|\n2|y|\n")
    dock.land()
    assert dock.unit() == ROWS
    assert dock.file("columns") == [(["ID", "NAME", "COLUMN_3"],)]


def test_a_left_off_empty_last_field_is_read_where_the_file_does_so_throughout(dock):
    dock.put("UNIT.txt", "ID\tNAME\tNOTE\n" + "".join(f"{i}\tn{i}\n" for i in range(12)) + "12\tn12\tnote\n")
    landed = dock.land()
    assert (landed.rows_accepted, landed.rows_quarantined) == (13, 0)


def test_padded_numbers_are_left_as_they_are(dock):
    dock.put("UNIT.txt", "ID\tNAME\n   124907663.00\t  x \n         0.00\t1,5\n")
    dock.land()
    assert dock.unit() == [("   124907663.00", "  x "), ("         0.00", "1,5")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_lone_quote_in_an_unquoted_file_is_text(dock, delimiter):
    lines = ["ID,NAME", '1,5" tube', '2,"never closed', "3,x"]
    dock.put("UNIT.txt", "\n".join(lines).replace(",", delimiter) + "\n")
    dock.land()
    assert dock.unit() == [("1", '5" tube'), ("2", '"never closed'), ("3", "x")]
    assert dock.file("quoting") == [("unquoted",)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_quotes_that_enclose_are_no_text(dock, delimiter):
    dock.put(
        "UNIT.txt",
        f'"ID"{delimiter}"NAME"\n"1"{delimiter}"a{delimiter}b"\n'
        f'"2"{delimiter}"say ""hi"""\n"3"{delimiter}"two\n\nlines"\n',
    )
    dock.land()
    assert dock.unit() == [("1", f"a{delimiter}b"), ("2", 'say "hi"'), ("3", "two\n\nlines")]
    assert dock.file("quoting, rows_in") == [("quoted", 3)]


def test_the_first_quote_may_come_late(dock):
    rows = "".join(f"{i}\t{'x' * 40}\n" for i in range(30_000))
    dock.put("UNIT.txt", f'ID\tNAME\n{rows}30000\t"a\tb"\n30001\t"c"\n')
    dock.land()
    assert dock.unit()[-2:] == [("30000", "a\tb"), ("30001", "c")]


def test_the_delimiter_is_what_all_lines_agree_on(dock):
    dock.put("UNIT.txt", "ID;NAME, LONG, OR SHORT;PRICE\n1;x;1,5\n2;y, z;2,25\n")
    dock.land()
    assert dock.unit("ID, PRICE") == [("1", "1,5"), ("2", "2,25")]
    assert dock.file("delimiter, decimal") == [(";", ",")]


def test_one_column_is_not_divided_by_its_text(dock):
    dock.put("UNIT.txt", "NAME\na, b\nc\nd, e, f\n")
    dock.land()
    assert dock.unit("NAME") == [("a, b",), ("c",), ("d, e, f",)]


def test_a_file_without_a_header_loses_no_row(dock):
    dock.put("UNIT.txt", "A00\t\tKolera\nA01\t\tTyfoidfeber\nA02\t\tSalmonella\nA03\t\tShigellos\nA04\t\tAndra\n")
    dock.land()
    assert dock.unit("COLUMN_1, COLUMN_3")[0] == ("A00", "Kolera")
    assert dock.file("header, rows_in") == [(False, 5)]


def test_date_pictures_are_found_and_recorded(dock):
    dock.put("UNIT.txt", "ID,NAME,A\n1,31-DEC-2100,12/25/99\n2,31-DEC-2100,12/26/99\n3,1-JAN-2026,1.5\n")
    dock.land()
    assert dock.file("date_pictures, decimal") == [(["%d-%b-%Y", "%m/%d/%y"], ".")]


# --- faults that are named ---


@pytest.mark.parametrize("wrong", ["cp1252", "iso-8859-1"])
@pytest.mark.parametrize("word", ["får", "Ängel", "öra", "Ålder", "café", "1–2", "§ 5"])
def test_letters_read_in_the_wrong_encoding_are_named(dock, word, wrong):
    try:
        spoilt = word.encode("utf-8").decode(wrong)
    except UnicodeDecodeError:
        pytest.skip("cannot be spoilt so")
    if wrong == "iso-8859-1" and word in ("1–2",):
        pytest.skip("shows as control characters")
    dock.put("UNIT.csv", f"ID,NAME\n1,x\n2,{spoilt}\n3,y\n")
    landed = dock.land()
    assert dock.findings() == [("NAME", "mojibake", 1, 3)]
    assert landed.findings[0].column == "NAME"
    assert dock.unit()[1] == ("2", spoilt)


@pytest.mark.parametrize("word", ["São", "SÃO PAULO", "Ångström", "âge", "ÂGE", "£ 5"])
def test_right_letters_are_no_fault(dock, word):
    dock.put("UNIT.csv", f"ID,NAME\n1,{word}\n")
    dock.land()
    assert dock.findings() == []


def test_lost_letters_are_named(dock):
    dock.put("UNIT.csv", 'ID,NAME\n1\n2,"two\nlines"\n3,f\ufffdr\n4,\ufffd\n')
    dock.land()
    assert dock.findings() == [("NAME", "replacement", 2, 5)]


def test_ids_in_scientific_notation_are_quarantined_and_numbers_only_named(dock):
    dock.put("UNIT.csv", "ID,NAME\n1,x\n1.24907663E+8,y\n3,1.5E+10\n4,E+4\n")
    landed = dock.land()
    assert dock.unit() == [("1", "x"), ("3", "1.5E+10"), ("4", "E+4")]
    assert dock.quarantine() == [(3, "ID", "scientific")]
    assert dock.findings() == [("ID", "scientific", 1, 3), ("NAME", "scientific number", 1, 4)]
    assert (landed.rows_accepted, landed.rows_quarantined) == (3, 1)


def test_a_file_that_is_spoilt_throughout_is_refused(dock):
    dock.put("UNIT.csv", "ID,NAME\n" + "".join(f"{i},fÃ¥r\n" for i in range(12)))
    dock.refused("12 of 12 rows hold letters that were read in another encoding", "in NAME, first in line 2")


def test_header_names_with_counters_are_named_and_left(dock):
    dock.put("UNIT.csv", "ID,NAME,MNEMONIC,MNEMONIC_1,MNEMONIC_2,FIELD_3\n1,x,a,b,c,d\n")
    dock.land()
    assert dock.findings() == [("MNEMONIC_1", "counter", 0, 1), ("MNEMONIC_2", "counter", 0, 1)]
    assert dock.unit("MNEMONIC, MNEMONIC_1, MNEMONIC_2") == [("a", "b", "c")]


# --- the manifest ---


def manifest(dock, name="manifest.json", **fields):
    dock.put(name, json.dumps(fields))


def test_a_manifest_is_taken_instead_of_detection(dock):
    dock.put("anything.dat", '1~5,50\n2~"x\n'.encode("cp1252"))
    manifest(
        dock, domain="a", time="2026-03-01", code_level="2024.1.05",
        files=[{"file": "anything.dat", "table": "UNIT", "rows": 2, "delimiter": "~", "quoting": "unquoted",
                "encoding": "windows-1252", "header": False, "columns": ["ID", "NAME"], "decimal": ",",
                "date_picture": "%d-%b-%Y", "time_zone": "Europe/Stockholm", "query": "SELECT 1"}],
    )  # fmt: skip
    dock.land()
    assert dock.unit() == [("1", "5,50"), ("2", '"x')]
    assert dock.file("table_name, delimiter, encoding, decimal, date_pictures, time_zone, query, stated") == [
        ("UNIT", "~", "cp1252", ",", ["%d-%b-%Y"], "Europe/Stockholm", "SELECT 1", True)
    ]
    assert dock.rows("SELECT code_level FROM landed.manifest") == [("2024.1.05",)]


def test_a_manifest_may_be_yaml_and_lie_in_an_archive(dock, tmp_path):
    path = tmp_path / "2026-03-01.zip"
    digest = hashlib.sha256(PLAIN).hexdigest()
    text = f"domain: a\ntime: 2026-03-01\nfiles:\n- file: UNIT.csv\n  sha256: {digest}\n"
    path.write_bytes(zipped(("UNIT.csv", PLAIN), ("manifest.yaml", text)))
    dock.land(path)
    assert dock.unit() == ROWS


@pytest.mark.parametrize("packed", [True, False])
def test_the_stated_hash_may_be_of_the_packed_file(dock, packed):
    content = gzip.compress(PLAIN)
    dock.put("UNIT.csv.gz", content)
    digest = hashlib.sha256(content if packed else PLAIN).hexdigest()
    manifest(dock, files=[{"file": "UNIT.csv.gz", "sha256": digest}])
    assert dock.land().rows_accepted == 2


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"files": [{"file": "UNIT.csv", "rows": 3}]}, "UNIT.csv: holds 2 rows, and its manifest states 3"),
        ({"files": [{"file": "UNIT.csv", "sha256": "0" * 64}]}, "is not the file that its manifest states"),
        ({"files": [{"file": "UNIT.csv", "row": 3}]}, "manifest.json: files.0.row: is no field of a manifest"),
        ({"files": [{"file": "UNIT.csv", "encoding": "klingon"}]}, "files.0.encoding: 'klingon' is no known encoding"),
        ({"files": [{"file": "UNIT.csv", "time_zone": "Mars"}]}, "files.0.time_zone: 'Mars' is no known time zone"),
        ({"files": [{"file": "GONE.csv"}]}, "UNIT.csv: is not in manifest"),
        ({"files": [{"file": "UNIT.csv"}, {"file": "GONE.csv"}]}, "GONE.csv is stated and was not delivered"),
        ({"domain": "b"}, "manifest.json: domain: is 'b', and 'a' delivered it"),
        ({"time": "2026-03-02"}, "manifest.json: time: is 2026-03-02"),
        ({"nonsense": 1}, "manifest.json: nonsense: is no field of a manifest"),
    ],
)
def test_a_delivery_that_is_not_as_stated_is_refused(dock, stated, words):
    dock.put("UNIT.csv", PLAIN)
    manifest(dock, **stated)
    dock.refused(words)


def test_a_manifest_that_is_none_is_refused(dock):
    dock.put("UNIT.csv", PLAIN)
    dock.put("manifest.json", "{")
    dock.refused("manifest.json: cannot be read")


def test_every_sign_of_a_fault_is_one_that_the_bytes_are_looked_through_for():
    assert {sign for policy in POLICIES for sign in policy.signs} == set(SIGNS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("place", [0, (1 << 20) - 9, (1 << 20) - 10, (1 << 20) - 8])
def test_a_fault_is_found_wherever_it_stands(dock, encoding, place):
    # Also across the blocks in which a file is read; the header and the row's id take the rest.
    filling = "x" * max(place - len("ID,NAME\n1,"), 1)
    dock.put("UNIT.csv", f"ID,NAME\n1,{filling}f\u00c3\u00a5r\n2,y\n".encode(encoding))
    dock.land()
    assert dock.findings() == [("NAME", "mojibake", 1, 2)]


# --- nothing lost ---


def test_a_row_that_vanishes_is_noticed(dock, monkeypatch):
    dock.put("UNIT.csv", PLAIN)
    run = dock.session.run

    def lossy(template, **params):
        done = run(template, **params)
        if template == "land_read.sql.j2":
            dock.session.execute("DELETE FROM landing_row WHERE _row = 2")
        return done

    monkeypatch.setattr(dock.session, "run", lossy)
    dock.refused("UNIT.csv: 2 rows were delivered and 1 could be told apart")


@pytest.mark.parametrize(
    "text", ["ID,NAME\n1,x\n\n2,y\n\n", "ID,NAME\r\n1,x\r\n\r\n\r\n\r\n2,y", "ID,NAME\n\n\n1,x\n2,y"]
)
def test_blank_lines_are_no_rows(dock, text):
    dock.put("UNIT.csv", text)
    dock.land()
    assert dock.unit() == ROWS


# --- what others wrote ---


def test_a_delivery_that_the_catalogue_does_not_describe_may_be_landed_by_hand(dock):
    dock.put("OTHER.csv", PLAIN)
    described = dock.catalogue
    dock.catalogue = described.model_copy(update={"undescribed": Undescribed(skip=("*",))})
    dock.refused("no file of a table that the catalogue")
    dock.catalogue = described
    assert dock.land(described=False).undescribed == ("OTHER",)


@pytest.mark.skipif(not (SHARED / "swedish").is_dir(), reason="the shared data is not here")
def test_the_swedish_vocabulary_lands_by_detection_alone(dock):
    landed = dock.land(SHARED / "swedish", described=False)
    assert (landed.rows_quarantined, landed.findings) == (0, ())
    rows = dict(dock.rows("SELECT file_name, sum(rows_in) FROM landed.file GROUP BY 1"))
    assert {n: int(rows[n]) for n in ("digit3.txt", "digit4.txt", "digit5.txt")} == {
        "digit3.txt": 2056, "digit4.txt": 9643, "digit5.txt": 23966,
    }  # fmt: skip
    assert (rows["TcTerminology_2024-12-06.json"], rows["fass_medications.json"]) == (12009, 9064)
    tables = dict(dock.rows("SELECT table_name || '/' || file_name, rows_in FROM landed.file"))
    assert tables["KKA_2021_TEXT/level4.txt"] == 6627
    assert {n for t, n in tables.items() if t.startswith("KVÅ_FILER/")} == {18}


@pytest.mark.skipif(not (SHARED / "openmrs_builds").is_dir(), reason="the shared data is not here")
@pytest.mark.parametrize(
    "path",
    ["zl", "sl", "refdemo", "ssuubo", pytest.param("monthly_history_zl_sl.tar.xz", marks=pytest.mark.slow)],
)
def test_real_builds_land_by_detection_alone(dock, path):
    landed = dock.land(SHARED / "openmrs_builds" / path, described=False)
    assert landed.rows_accepted > 500
    assert landed.rows_quarantined <= 0.02 * landed.rows_accepted
    assert {reason for *_, reason in dock.quarantine()} <= {"missing columns"}
    assert {f.kind for f in landed.findings} <= {"counter"}
