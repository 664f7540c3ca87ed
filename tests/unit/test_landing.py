"""Landing: nothing lost, nothing half, nobody's data, and one line for what is no extract."""

import contextlib
import csv
import hashlib
import io
from datetime import datetime

import pytest

from tests.support.builds import UNIT
from tests.support.dock import AT, Dock
from transforms.catalogue.conventions import Undescribed
from transforms.land.landing import Delivery, deliveries, land, parse_time, snapshots
from transforms.warehouse import Warehouse
from transforms.words.errors import ExtractError

FORM = """
entity: form
title: Form
area: one
source: {table: FORM, local_id: ID, files: ["**/forms/*.txt"]}
keys: [name]
attributes: {name: {column: NAME}}
"""


@pytest.fixture
def dock(tmp_path):
    with contextlib.closing(Dock(tmp_path, UNIT, FORM)) as made:
        yield made


def stored(dock, folder):
    """Every byte of a data folder in which the delivery was landed."""
    warehouse = Warehouse(folder, threads=1)
    with warehouse.archive() as session:
        land(session, dock.catalogue, Delivery("a", AT, dock.folder))
    return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


# --- nothing lost ---


def records(text):
    """The data rows of a delimited file, told without DuckDB."""
    return [row for row in csv.reader(io.StringIO(text), strict=True) if row][1:]


@pytest.mark.parametrize(
    ("text", "accepted", "lines"),
    [
        ("ID,NAME\n1,x\n2,y\n", 2, []),
        ("ID,NAME\n1,x\n2,y", 2, []),
        ("ID,NAME\r\n1,x\r\n2,y\r\n", 2, []),
        ("ID,NAME\n1,x\n2\n3,z,q\n4,w\n", 2, [3, 4]),
        ("ID,NAME\n1,x,y\n2,x,y\n3,x,y\n", 0, [2, 3, 4]),
        ('ID,NAME\n1,"x, y"\n2,"say ""hi"""\n3,"two\nlines"\n4,w\n', 4, []),
        ('ID,NAME\n1,"two\nlines"\n2\n3,z\n', 2, [4]),
        ("ID,NAME\n1,\n,y\n,\n", 3, []),
    ],
)
def test_rows_in_are_rows_accepted_and_rows_quarantined(dock, text, accepted, lines):
    dock.put("UNIT.csv", text)
    landed = dock.land()
    assert (landed.rows_accepted, landed.rows_quarantined) == (accepted, len(lines))
    assert dock.rows("SELECT rows_in, rows_accepted, rows_quarantined FROM landed.file") == [
        (accepted + len(lines), accepted, len(lines))
    ]
    assert accepted + len(lines) == len(records(text))
    assert [r[0] for r in dock.rows("SELECT line FROM landed.quarantine ORDER BY line")] == lines
    assert len(dock.unit()) == accepted


def test_a_quarantined_row_keeps_its_reason_and_its_text(dock):
    dock.put("UNIT.csv", "ID,NAME\n1,Kalium,500 mg\n2\n3,y\n")
    dock.land()
    found = dock.rows("SELECT line, reason, text, local_id FROM landed.quarantine ORDER BY line")
    assert found == [(2, "too many columns", "1,Kalium,500 mg", "1"), (3, "missing columns", "2", "2")]


@pytest.mark.parametrize(
    "text",
    [
        'ID,NAME\n1,"never closed\n2,y\n3,z\n',
        'ID,NAME\n1,"never closed\n2,y\n3,z',
        'ID,NAME\n1,x\n2,a"b\n3,"c"d\n4,w\n',
        'ID,NAME\n1,"x\n2,"q"\n3,"s"\n4,t\n5\n',
        'ID,NAME\r\n1,"never closed\r\n2,y\r\n',
    ],
)
def test_quotes_that_do_not_fit_lose_no_line(dock, text):
    dock.put("UNIT.csv", text)
    dock.land()
    lines = set(range(2, 2 + len(text.splitlines()) - 1))
    kept = {int(r[0]) + 1 for r in dock.unit("ID")}
    held_back = {r[0] for r in dock.rows("SELECT line FROM landed.quarantine")}
    assert kept | held_back == lines
    assert not kept & held_back


@pytest.mark.parametrize("letter", ["n", "å"])
@pytest.mark.parametrize("rows", [150, 20_000])
def test_a_quote_that_runs_on_for_long_is_refused_for_nobody_knows_what_it_hides(dock, letter, rows):
    dock.put("UNIT.csv", 'ID,NAME\n1,"x, y"\n2,"never closed\n' + "".join(f"{i},{letter * 100}\n" for i in range(rows)))
    dock.refused("UNIT.csv: the quote opened in row 3 is not closed where its field ends")


def test_values_are_landed_as_delivered(dock):
    dock.put("UNIT.csv", "ID,NAME,N\n 0012.00 ,å  ä,1e5\n2,NULL,\n3,31-DEC-2100,true\n")
    dock.land()
    assert dock.unit("ID, NAME, N") == [
        (" 0012.00 ", "å  ä", "1e5"),
        ("2", "NULL", None),
        ("3", "31-DEC-2100", "true"),
    ]


def test_many_rows_keep_their_order_and_their_number(dock):
    dock.put("UNIT.csv", "ID,NAME\n" + "".join(f"{i},n{i}\n" for i in range(60_000)))
    assert dock.land().rows_accepted == 60_000
    assert dock.unit("_row = ID::BIGINT + 1") == [(True,)] * 60_000


def test_a_short_row_that_lacks_only_ignored_columns_is_whole(dock):
    dock.put("UNIT.csv", "ID,NAME,UPDT_CNT,UPDT_TASK\n1,x,1,1\n2,y\n")
    assert dock.land().rows_quarantined == 0
    assert dock.unit("ID, NAME") == [("1", "x"), ("2", "y")]


def test_a_short_row_that_lacks_more_is_quarantined(dock):
    dock.put("UNIT.csv", "ID,NAME,UPDT_CNT\n1,x,1\n2\n3,z\n")
    landed = dock.land()
    assert landed.rows_accepted + landed.rows_quarantined == 3
    assert landed.rows_quarantined >= 1


# --- what a file is ---


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("codec", "recorded"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252"), ("utf-16", "utf-16"), ("utf-16-be", "utf-16")],
)
def test_encodings_are_found_and_recorded(dock, codec, recorded, newline):
    text = newline.join(["ID,NAME", "1,Ångström – får", "2,€", ""])
    bom = b"\xfe\xff" if codec == "utf-16-be" else b""
    path = dock.put("UNIT.csv", bom + text.encode(codec))
    dock.land()
    assert dock.unit("ID, NAME") == [("1", "Ångström – får"), ("2", "€")]
    assert dock.rows("SELECT encoding, sha256 FROM landed.file") == [
        (recorded, hashlib.sha256(path.read_bytes()).hexdigest())
    ]
    assert dock.leftovers() == []


def test_a_letter_cut_in_two_by_the_reading_block_is_still_utf_8(dock):
    head = "ID,NAME\n1,"
    filler = "x" * ((1 << 20) - len(head) - 1)
    dock.put("UNIT.csv", f"{head}{filler}å\n")
    dock.land()
    assert dock.unit("right(NAME, 1)") == [("å",)]
    assert dock.rows("SELECT encoding FROM landed.file") == [("utf-8",)]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_found_and_recorded(dock, delimiter):
    dock.put("UNIT.txt", f"ID{delimiter}NAME{delimiter}MORE\n1{delimiter}x y{delimiter}\n")
    dock.land()
    assert dock.unit("ID, NAME, MORE") == [("1", "x y", None)]
    assert dock.rows("SELECT delimiter FROM landed.file") == [(delimiter,)]


def test_quotes_are_text_where_tabs_divide(dock):
    dock.put("UNIT.txt", 'ID\tNAME\n1\t5" slang\n2\t"x"\n')
    dock.land()
    assert dock.unit("NAME") == [('5" slang',), ('"x"',)]


def test_column_names_are_upper_case_and_a_nameless_one_is_named_by_its_place(dock):
    dock.put("UNIT.csv", 'id,"name" ,\n1,x,\n')
    dock.land()
    assert dock.rows("SELECT columns FROM landed.file") == [(["ID", "NAME", "COLUMN_3"],)]


@pytest.mark.parametrize(
    "names", ["ID,NAME,_ROW", "ID,NAME,_file_id", "ID,NAME,x'y", 'ID,NAME,"a""b"', "ID,NAME,a;b --"]
)
def test_strange_column_names_are_landed_or_refused_in_one_line(dock, names):
    dock.put("UNIT.csv", f"{names}\n1,x,q\n")
    try:
        dock.land()
    except ExtractError as fault:
        assert "\n" not in str(fault)
    else:
        assert dock.unit("ID, NAME") == [("1", "x")]


def test_columns_may_be_called_as_the_landing_calls_its_own(dock):
    names = [
        "ID",
        "LINE",
        "KIND",
        "PLACE",
        "VERSION",
        "STATE",
        "RULE",
        "BREAKS",
        "CELLS",
        "FILE_ID",
        "COLUMN_NAME",
        "VALUE",
    ]
    rows = [[str(i), *(f"{name} {i}" for name in names[1:])] for i in range(1, 5)]
    rows[2][0] = "1.24907663E+8"
    for last in ("x", "y"):
        rows[-1][-1] = last
        dock.put("UNIT.csv", "\n".join(",".join(row) for row in [names, *rows]) + "\n")
        assert dock.land().rows_quarantined == 1
        accepted = [tuple(row) for i, row in enumerate(rows) if i != 2]
        assert dock.unit(", ".join(f'"{n}"' for n in names))[-3:] == accepted
    assert dock.rows("SELECT line, reason FROM landed.quarantine") == [(4, "scientific")] * 2


def test_later_files_may_have_other_columns(dock):
    dock.put("UNIT.csv", "ID,NAME\n1,x\n")
    dock.put("more/UNIT.csv", "NAME,EXTRA,ID\ny,e,2\n")
    assert dock.land().files == 2
    assert dock.unit("ID, NAME, EXTRA") == [("1", "x", None), ("2", "y", "e")]


# --- which table a file is ---


def test_files_are_told_by_name_in_any_case_and_folder_and_by_pattern(dock):
    dock.put("unit.TXT", "ID,NAME\n1,x\n")
    dock.put("deep/down/UNIT.csv", "ID,NAME\n2,y\n")
    dock.put("forms/anything.txt", "ID,NAME\n3,z\n")
    dock.put("unit_old.csv", "ID,NAME\n4,w\n")
    dock.put(".hidden.csv", "ID,NAME\n5,v\n")
    landed = dock.land()
    assert (landed.files, landed.undescribed) == (4, ("UNIT_OLD",))
    tables = dock.rows("SELECT table_name, file_name FROM landed.file ORDER BY file_name")
    assert tables == [
        ("UNIT", "UNIT.csv"),
        ("FORM", "anything.txt"),
        ("UNIT", "unit.TXT"),
        ("UNIT_OLD", "unit_old.csv"),
    ]


def test_a_delivery_may_be_one_file(dock):
    path = dock.put("UNIT.csv", "ID,NAME\n1,x\n")
    assert dock.land(path).rows_accepted == 1


# --- nobody's data ---


def test_personal_columns_are_never_stored(dock, tmp_path):
    dock.put("UNIT.csv", "ID,updt_id,NAME,ORDERING_PRSNL_ID\n1,S3CRET1,x,S3CRET2\n")
    dock.put("OTHER.csv", "ID,UPDT_ID\n1,S3CRET3\n")
    dock.land()
    assert dock.unit("ID, NAME") == [("1", "x")]
    assert dock.rows("SELECT columns, dropped FROM landed.file WHERE table_name = 'UNIT'") == [
        (["ID", "NAME"], ["UPDT_ID", "ORDERING_PRSNL_ID"])
    ]
    assert b"S3CRET" not in stored(dock, tmp_path / "data")


# --- what is no extract ---


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\xff\xfe", "the file is empty"),
        (b"ID,NAME\n1,\x00x\n", "is not text (it holds NUL bytes)"),
        (b"PK\x03\x04\x00\x00", "is not text (it holds NUL bytes)"),
        (b"ID,NAME\n1,\x81\n", "is not text in UTF-8, UTF-16 or Windows-1252"),
        ("ID,NAME\n1,x\n".encode("utf-16") + b"\x00", "is not text"),
        ("ID,NAME\n1,x\n".encode("utf-16") + b"\x00\xd8y\x00", "is not text"),
        ("ID,NAME\n1,\0x\n".encode("utf-16"), "is not text (it holds NUL"),
        (b"ID,NAME,id\n1,x,2\n", "the header names ID twice"),
    ],
)
def test_what_is_no_text_table_is_refused_and_rolls_the_delivery_back(dock, content, words):
    dock.put("FIRST.csv", "ID\n1\n")
    dock.put("UNIT.csv", content)
    dock.refused("UNIT.csv", words)
    # The same archive takes the next delivery.
    dock.put("UNIT.csv", "ID,NAME\n1,x\n")
    assert dock.land().rows_accepted == 2


def test_a_failed_file_after_good_ones_leaves_no_row_of_them(dock):
    dock.put("UNIT.csv", "ID,NAME\n1,x\n")
    dock.land()
    dock.put("UNIT.csv", "ID,NAME,NEW\n2,y,n\n")
    dock.put("ZZZ.csv", b"\0")
    dock.refused("ZZZ.csv")
    assert dock.unit("ID") == [("1",)]


@pytest.mark.parametrize("content", ["ID,NAME\n", "ID,NAME"])
def test_a_header_without_rows_is_refused_where_the_catalogue_describes_the_table(dock, content):
    dock.put("UNIT.csv", content)
    dock.refused("UNIT.csv: a header and no rows; deliver the table with its rows, or leave it out")
    dock.put("more/UNIT.csv", "ID,NAME\n1,x\n")
    assert dock.land().rows_accepted == 1


def test_a_header_without_rows_lands_no_rows_where_nobody_asks_for_them(dock):
    dock.put("UNIT.csv", "ID,NAME\n1,x\n")
    dock.put("OTHER.csv", "ID,NAME\n")
    landed = dock.land()
    assert (landed.files, landed.rows_accepted) == (2, 1)
    assert dock.rows("SELECT columns, rows_in FROM landed.file WHERE table_name = 'OTHER'") == [(["ID", "NAME"], 0)]


def test_a_delivery_without_a_described_table_is_refused(dock):
    dock.put("NOTHING_WE_KNOW.csv", "ID\n1\n")
    dock.catalogue = dock.catalogue.model_copy(update={"undescribed": Undescribed(skip=("NOTHING_*",))})
    dock.refused("no file of a table that the catalogue 'drawn' describes; expected files such as")


def test_an_empty_or_missing_delivery_is_refused(dock, tmp_path):
    dock.refused("the folder is empty")
    with pytest.raises(ExtractError, match="no such file or folder"):
        dock.land(tmp_path / "nowhere")


def test_a_file_that_cannot_be_read_is_refused(dock):
    dock.put("UNIT.csv", "ID,NAME\n1,x\n")
    (dock.folder / "LOOP.csv").symlink_to(dock.folder / "LOOP.csv")
    (dock.folder / "GONE.csv").symlink_to(dock.folder / "nowhere")
    # A link to nowhere is no file: it is passed over, as the folder holds nothing there.
    assert dock.land().files == 1


# --- the same again ---


def test_content_that_a_domain_delivered_before_is_not_read_again(dock):
    path = dock.put("UNIT.csv", "ID,NAME\n1,x\n")
    first = dock.land()
    path.rename(dock.folder / "unit.txt")
    second = dock.land()
    assert (first.new_files, second.new_files, second.rows_accepted) == (1, 0, 1)
    assert len(dock.unit()) == 1
    assert dock.rows("SELECT snapshot_id, file_id FROM landed.snapshot_file ORDER BY 1") == [(1, 1), (2, 1)]
    # Another domain's file is its own, whatever is in it.
    assert dock.land(domain="b").new_files == 1
    assert len(dock.unit()) == 2


def test_changed_content_is_a_new_file_beside_the_old(dock):
    dock.put("UNIT.csv", "ID,NAME\n1,x\n")
    dock.land()
    dock.put("UNIT.csv", "ID,NAME\n1,y\n")
    assert dock.land().new_files == 1
    assert dock.unit("_file_id, NAME") == [(1, "x"), (2, "y")]


# --- the folder of deliveries ---


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("2026-03", datetime(2026, 3, 1)),
        ("2026-03-04", datetime(2026, 3, 4)),
        ("2026-03-04T0215", datetime(2026, 3, 4, 2, 15)),
        ("2026-03-04T021530", datetime(2026, 3, 4, 2, 15, 30)),
    ],
)
def test_a_folders_name_is_the_time_of_delivery(name, time):
    assert parse_time(name) == time


@pytest.mark.parametrize(
    "name", ["latest", "2026", "2026-13", "2026-02-30", "20260304", "2026-03-04T25", " 2026-03-04x"]
)
def test_a_name_that_is_no_time_is_refused(name):
    with pytest.raises(ExtractError, match="is not a time; name it YYYY-MM-DD"):
        parse_time(name)


def test_deliveries_come_by_time_and_then_by_domain(tmp_path):
    for folder in ("b/2026-01-02", "a/2026-01-02", "a/2026-01-10", "b/2026-01-01", "a/.partial", "c/2026-01-01"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "a" / "readme.txt").write_text("not a delivery")
    found = [(d.domain, d.delivered_at.day) for d in deliveries(tmp_path, ("a", "b"))]
    assert found == [("b", 1), ("a", 2), ("b", 2), ("a", 10)]


def test_a_missing_folder_or_a_name_that_is_no_time_is_one_line(tmp_path):
    with pytest.raises(ExtractError, match="no such folder; put extracts in"):
        deliveries(tmp_path / "incoming", ("a",))
    (tmp_path / "a" / "latest").mkdir(parents=True)
    with pytest.raises(ExtractError, match="b: no such folder; the domain b has delivered nothing"):
        deliveries(tmp_path, ("b",))
    with pytest.raises(ExtractError, match="latest: 'latest' is not a time"):
        deliveries(tmp_path, ("a",))


def test_the_archive_knows_what_it_has(dock):
    dock.put("UNIT.csv", "ID,NAME\n1,x\n")
    dock.land()
    assert snapshots(dock.session) == {"a": {AT: 1}}
