"""Personal data does not pass the door: what is found, what is not taken for it, and that no byte of it is left."""

import random
from collections import Counter
from datetime import date, datetime

import pytest

from tests.support import persons
from tests.support.builds import HEAD, UNIT, write_catalogue
from tests.support.landed import landed_rows
from tests.support.screening import look
from transforms.catalogue import load_catalogue
from transforms.land.landing import Delivery, land
from transforms.land.screen import Kinds, Policy, load_policy
from transforms.warehouse import Session, Sql, Warehouse, scratch
from transforms.words.errors import ExtractError, SettingsError

TODAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def session():
    made = Session(scratch(threads="2"))
    yield made
    made.con.close()


def kinds_of(session, texts, column="TEXT", policy=None):
    """The kinds found in each of the texts, which stand below each other in one column."""
    session.execute(f'CREATE OR REPLACE TEMP TABLE cases AS SELECT unnest($1::VARCHAR[]) AS "{column}"', [list(texts)])
    look(session, policy or load_policy(), Sql("cases"), [column], TODAY)
    found = [set() for _ in texts]
    for row, name, kind in session.rows("SELECT _row, column_name, kind FROM screened"):
        assert name == column
        found[row - 1].add(kind)
    return found


# --- recall and false alarms ------------------------------------------------------------------------------------------


def test_every_generated_number_address_and_telephone_is_found(session):
    cases = persons.found_cases()
    assert len(cases) >= 20_000
    found = kinds_of(session, [c.text for c in cases])
    missed = Counter(c.family for c, kinds in zip(cases, found, strict=True) if c.kind not in kinds)
    # A cell of nothing but twelve digits that begin with 99 is not told from a number of another sort.
    total = sum(c.family == "reserve number, Stockholm" for c in cases)
    assert missed.pop("reserve number, Stockholm", 0) <= 0.1 * total
    assert missed == {}


def test_what_only_looks_like_it_raises_no_alarm(session):
    cases = persons.lookalike_cases()
    assert len(cases) >= 4_000
    found = kinds_of(session, [c.text for c in cases])
    alarms = [(c.family, k) for c, kinds in zip(cases, found, strict=True) for k in kinds]
    # A code that is written exactly as a telephone number is taken for one: a warning.
    assert {kind for _, kind in alarms} <= {"phone"}
    assert len(alarms) <= 0.002 * len(cases)


def test_random_digits_in_a_text_pass_no_more_often_than_arithmetic_says(session):
    cases = persons.chance_cases(count=5_000)
    found = kinds_of(session, [c.text for c in cases])
    person = Counter(
        c.family for c, kinds in zip(cases, found, strict=True) if any("nummer_" in k and k[0] in "ps" for k in kinds)
    )
    assert person["random 10 digits"] / 5_000 < 0.012
    assert person["random 6-4 digits"] / 5_000 < 0.012
    assert person["random 12 digits"] / 5_000 < 0.002
    assert 0.08 < person["random YYYYMMDDhhmm"] / 5_000 < 0.12


# --- columns of numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["CATALOG_CD", "NUMBERS", "UPDT_CNT"])
@pytest.mark.parametrize("digits", [10, 12])
@pytest.mark.parametrize("ending", ["", ".00"])
def test_a_column_of_ids_does_not_cry_wolf(session, column, digits, ending):
    draw = random.Random(4)
    ids = [str(draw.randrange(10 ** (digits - 1), 10**digits)) + ending for _ in range(5_000)]
    ids += [str(198501010000 % 10**digits + i) + ending for i in range(500)]
    assert not any(kinds_of(session, ids, column))


@pytest.mark.parametrize("column", ["PERSON_ID", "NUMBERS", "TEXT"])
@pytest.mark.parametrize("digits", [10, 12])
def test_a_column_of_personnummer_is_found_whatever_its_name(session, column, digits):
    draw = random.Random(5)
    found = kinds_of(session, [persons.number(draw)[-digits:] for _ in range(300)], column)
    assert all(f"personnummer_{digits}" in kinds for kinds in found)


def test_a_lone_number_in_a_column_of_text_is_found_and_in_a_column_of_ids_is_not(session):
    one = persons.number(random.Random(6))
    assert kinds_of(session, ["Alvedon", one, "Ipren", ""])[1] == {"personnummer_12"}
    assert not any(kinds_of(session, ["1", "2", "3", one], "ORDER_ID"))


def test_a_separated_number_is_found_in_a_column_of_ids(session):
    one = persons.number(random.Random(7))
    assert kinds_of(session, ["1", "2", f"{one[:8]}-{one[8:]}"], "ORDER_ID")[2] == {"personnummer_separated"}


@pytest.mark.parametrize("nine", ["850230123", "851301123", "850092123", "850101000", "850160123"])
def test_a_date_or_serial_that_is_none_is_no_person(session, nine):
    assert not any(kinds_of(session, [f"x {nine[:6]}-{nine[6:]}{persons.check_digit(nine)} y"]))


def test_nobody_is_born_after_the_delivery(session):
    nine = "261230123"
    assert not any(kinds_of(session, [f"x 20{nine[:6]}-{nine[6:]}{persons.check_digit(nine)} y"]))


def test_a_column_of_dates_and_times_is_no_column_of_persons(session):
    """A personnummer's shape and, one time in ten, its check digit: the column tells that it is a clock."""
    draw = random.Random(5)
    for stamps, among in persons.stamp_columns(count=12):
        assert kinds_of(session, stamps) == [set()] * len(stamps)
        assert set().union(*kinds_of(session, among)) & {"personnummer_separated", "personnummer_12"}
    real = [f"{n[:8]}-{n[8:]}" for n in (persons.number(draw) for _ in range(30))]
    lone = next(s for s in persons.stamp_columns(seed=6, count=1, rows=200)[0][0] if kinds_of(session, [s]) != [set()])
    # A stamp that passes everything, among persons: nothing tells it apart, so it is found with them.
    assert kinds_of(session, [*real, lone]) == [{"personnummer_separated"}] * 31
    # Persons whose serials happen to read as times are persons still.
    timely = [n for n in (persons.number(draw) for _ in range(2000)) if n[8:10] < "24" and n[10] < "6"]
    found = kinds_of(session, [f"{n[:8]}-{n[8:]}" for n in timely[:40]])
    assert found == [{"personnummer_separated"}] * 40


def test_odd_texts_are_no_fault(session):
    texts = [
        "", " ", None, "\n", "0" * 12, "9" * 40, "-" * 20, "@",
        "1-2-3-4", "٠١٢٣٤٥٦٧٨٩", "\u00b2" * 12, "00000000-0000", "a\u0301" * 30,
    ]  # fmt: skip
    assert not any(kinds_of(session, texts))


# --- policy -----------------------------------------------------------------------------------------------------------


def test_a_kind_that_is_off_is_not_found(session):
    one = persons.number(random.Random(8))
    off = Policy(kinds=Kinds(**dict.fromkeys(Kinds.model_fields, "off")))
    assert not any(kinds_of(session, [f"{one[:8]}-{one[8:]}", one, "a@b.se", "070-123 45 67"], policy=off))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("kinds: {personnumer_12: warn}", "kinds.personnumer_12"),
        ("kinds: {email: shout}", "kinds.email"),
        ("reserve_numbers: [{name: x, pattern: '['}]", "reserve_numbers.0.pattern"),
        ("person_column_share: 2", "person_column_share"),
        ("kinds: [", ":1: is not YAML"),
    ],
)
def test_a_wrong_policy_is_refused_in_one_line(tmp_path, text, where):
    path = tmp_path / "screening.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as fault:
        load_policy(path)
    assert where in str(fault.value)
    assert "\n" not in str(fault.value)


def test_the_built_in_policy_is_the_documented_one():
    assert load_policy().kinds == Kinds()


# --- at the landing: no byte is left ----------------------------------------------------------------------------------


def deliver(tmp_path, name, content):
    catalogue = load_catalogue(write_catalogue(tmp_path / "catalogue", UNIT, head=HEAD))
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / name).write_bytes(content)
    return catalogue, Delivery("a", datetime(2026, 3, 1), folder)


def stored(folder):
    """Every byte of the data folder."""
    return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


# Enough rows that DuckDB writes to the file before the commit.
MANY = "".join(f"{i},Behandling {i} enligt lokal rutin\n" for i in range(250_000))


def secrets(draw):
    full = persons.number(draw)
    return full, f"{full[:8]}-{full[8:]}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("many", ["", MANY], ids=["few", "many"])
def test_after_a_block_the_value_is_nowhere(tmp_path, encoding, many):
    _, dashed = secrets(random.Random(9))
    text = f'ID,NAME\n{many}900001,"Två\nrader"\n900002,Märkt {dashed} i text\n900003,Annat\n'
    catalogue, delivery = deliver(tmp_path, "UNIT.csv", text.encode(encoding))
    data = tmp_path / "data"
    with pytest.raises(ExtractError) as fault, Warehouse(data, threads=2).archive() as archive:
        land(archive, catalogue, delivery)
    line = text[: text.index(dashed)].count("\n") + 1
    assert f"line {line}, column NAME: holds personal data (personnummer_separated)" in str(fault.value)
    assert "\n" not in str(fault.value)
    assert dashed[-4:] not in str(fault.value)
    for part in (dashed, dashed[:8], dashed[2:]):
        assert part.encode() not in stored(data)
    with Warehouse(data, threads=1).archive() as archive:
        assert archive.value("SELECT count(*) FROM landed.snapshot") == 0


@pytest.mark.parametrize("many", ["", MANY], ids=["few", "many"])
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open, with its WAL"])
def test_after_a_quarantine_the_value_is_nowhere(tmp_path, many, closed):
    full, _ = secrets(random.Random(10))
    mail = "anna.berg@vard.example"
    text = f'ID,NAME\n{many}900001,"Två\nrader"\n900002,Märkt {full} i text\n900003,"Skriv\ntill {mail}"\n'
    text += "900004,Annat\n"
    catalogue, delivery = deliver(tmp_path, "UNIT.csv", text.encode())
    data = tmp_path / "data"
    with Warehouse(data, threads=2).archive() as archive:
        landed = land(archive, catalogue, delivery)
        if not closed:
            held = stored(data)
        found = archive.rows("SELECT line, column_name, reason FROM landed.quarantine ORDER BY line")
        kept = archive.rows(f"SELECT ID FROM ({landed_rows(archive, 'UNIT')}) WHERE ID::INTEGER > 900000 ORDER BY ID")
        named = archive.rows("SELECT kind, rows FROM landed.finding ORDER BY kind")
    if closed:
        held = stored(data)
    rows = many.count("\n")
    assert (landed.rows_accepted, landed.rows_quarantined) == (rows + 2, 2)
    assert found == [
        (rows + 4, "NAME", "personal data: personnummer_12"),
        (rows + 5, "NAME", "personal data: email"),
    ]
    assert kept == [("900001",), ("900004",)]
    assert named == [("email", 1), ("personnummer_12", 1)]
    for part in (full, full[2:], mail, "anna.berg"):
        assert part.encode() not in held
    # The search can fail: what was accepted is found by it.
    assert many or b"Annat" in held


@pytest.mark.parametrize("name", ["UNIT.json", "UNIT.parquet"])
def test_other_forms_are_screened_alike(tmp_path, name):
    full, dashed = secrets(random.Random(11))
    for text, blocks in ((f"Märkt {full}", False), (f"Märkt {dashed}", True)):
        folder = tmp_path / str(blocks)
        folder.mkdir()
        path = folder / name
        con = scratch()
        con.execute(
            f"COPY (SELECT * FROM (VALUES ('1', 'Ett'), ('2', '{text}'), ('3', 'Tre')) t(ID, NAME)) TO '{path}'"
        )
        con.close()
        catalogue, delivery = deliver(folder, name, path.read_bytes())
        data = folder / "data"
        with Warehouse(data, threads=1).archive() as archive:
            if blocks:
                with pytest.raises(ExtractError, match="personnummer_separated"):
                    land(archive, catalogue, delivery)
            else:
                assert land(archive, catalogue, delivery).rows_quarantined == 1
        assert full[2:].encode() not in stored(data)
        assert dashed.encode() not in stored(data)


LINES = 'ID,NAME,NOTE\n1,a,b\n2,c\n3,d,e\n4,"f"g,h\n1.5E+8,i,j\n6,k,{}\n7,l,m\n8,n,o\n'


def test_what_is_withheld_is_what_was_found_also_among_lines_that_are_no_rows(tmp_path):
    mail = "anna.berg@vard.example"
    catalogue, delivery = deliver(tmp_path, "UNIT.csv", LINES.format(mail).encode())
    with Warehouse(tmp_path / "data", threads=1).archive() as archive:
        land(archive, catalogue, delivery)
        found = archive.rows("SELECT line, reason FROM landed.quarantine ORDER BY line")
        assert dict(archive.rows("SELECT kind, first_line FROM landed.finding")) == {"scientific": 6, "email": 7}
        assert (7, "personal data: email") in found
        assert (6, "scientific") in found
        assert ("8",) in archive.rows(f"SELECT ID FROM ({landed_rows(archive, 'UNIT')})")
    assert mail.encode() not in stored(tmp_path / "data")


def test_the_line_of_what_blocks_counts_lines_that_are_no_rows(tmp_path):
    _, dashed = secrets(random.Random(13))
    catalogue, delivery = deliver(tmp_path, "UNIT.csv", LINES.format(dashed).encode())
    with Warehouse(tmp_path / "data", threads=1).archive() as archive:
        with pytest.raises(ExtractError, match="UNIT.csv: line 7, column NOTE: holds personal data"):
            land(archive, catalogue, delivery)


def test_a_warning_lands_and_is_noted(tmp_path):
    catalogue, delivery = deliver(tmp_path, "UNIT.csv", b"ID,NAME\n1,Ring 070-123 45 67\n2,Annat\n")
    with Warehouse(tmp_path / "data", threads=1).archive() as archive:
        landed = land(archive, catalogue, delivery)
        assert (landed.rows_accepted, landed.rows_quarantined) == (2, 0)
        noted = archive.rows("SELECT column_name, kind, rows, first_line FROM landed.finding")
        assert noted == [("NAME", "phone", 1, 2)]


def test_a_dropped_column_is_not_screened(tmp_path):
    _, dashed = secrets(random.Random(12))
    catalogue, delivery = deliver(tmp_path, "UNIT.csv", f"ID,NAME,UPDT_ID\n1,Ett,{dashed}\n".encode())
    with Warehouse(tmp_path / "data", threads=1).archive() as archive:
        assert land(archive, catalogue, delivery).rows_accepted == 1
    assert dashed.encode() not in stored(tmp_path / "data")
