"""The door: staff and personal rows stay out, texts come in with their items, bad files are refused, rows return."""

import hashlib
import hmac
import re
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from flows.settings import load_settings
from tests.support.builds import write_catalogue
from tests.support.landed import landed_rows
from tests.support.shared import shared
from transforms.catalogue import load_catalogue
from transforms.land.landing import Delivery, land
from transforms.land.policy import LandingPolicy, Limits
from transforms.warehouse import Warehouse
from transforms.words.errors import ExtractError, SettingsError

HEAD = """
catalogue: drawn
title: Drawn
areas: {one: {title: One}}
conventions:
  personal: [UPDT_ID, "*_PRSNL_ID", PRSNL_ID, "NAME_LAST*", PERSON_ID, REF_OWNER_PERSON_ID]
  pseudonym: [UPDT_ID]
  personal_rows: [PERSON_ID, PRSNL_ID, REF_OWNER_PERSON_ID]
  through_parents:
    LONG_TEXT: {id: LONG_TEXT_ID, columns: ["*LONG_TEXT_ID"], typed: {PARENT_ENTITY_ID: PARENT_ENTITY_NAME}}
"""
PLAN = """
entity: plan
title: Plan
area: one
source: {table: PLAN, local_id: PLAN_ID}
keys: [name]
attributes: {name: NAME}
"""
COMPONENT = """
entity: component
title: Component
area: one
source: {table: COMPONENT, local_id: COMPONENT_ID}
keys: [target]
attributes: {target: PARENT_ENTITY_ID, kind: PARENT_ENTITY_NAME}
"""
SECRET = "Hemlig uppgift om Kerstin"


class Dock:
    """A data folder; each delivery is a night of its own."""

    def __init__(self, folder: Path) -> None:
        self.catalogue = load_catalogue(write_catalogue(folder / "catalogue", PLAN, COMPONENT, head=HEAD))
        self.folder = folder
        self.warehouse = Warehouse(folder / "data", threads=1)
        self.nights = 0

    def land(self, policy=None, **files):
        self.nights += 1
        place = self.folder / f"night{self.nights}"
        place.mkdir()
        for name, text in files.items():
            (place / f"{name}.csv").write_text(text, encoding="utf-8")
        delivery = Delivery("a", datetime(2026, 3, self.nights), place)
        with self.warehouse.archive() as archive:
            return land(archive, self.catalogue, delivery, policy=policy)

    def rows(self, sql):
        with self.warehouse.archive() as archive:
            return archive.rows(sql)

    def landed(self, table, column):
        with self.warehouse.archive() as archive:
            return archive.rows(f"SELECT {column} FROM ({landed_rows(archive, table)}) ORDER BY _file_id, _row")

    def quarantine(self):
        return self.rows(
            "SELECT line, column_name, reason, text, local_id FROM landed.quarantine ORDER BY file_id, line"
        )

    def bytes(self):
        return b"".join(p.read_bytes() for p in (self.folder / "data").rglob("*") if p.is_file())


@pytest.fixture
def dock(tmp_path):
    return Dock(tmp_path)


# --- rows of one person ---


@pytest.mark.parametrize("owner", ["7", " 12345.00 ", "7,00", "A7"])
def test_a_row_of_one_persons_own_is_left_at_the_door_and_counted(dock, owner):
    landed = dock.land(
        PLAN=f'PLAN_ID,NAME,REF_OWNER_PERSON_ID\n1,Sepsis,0\n2,Mine {SECRET},"{owner}"\n3,Other,\n4,Third,0.00\n'
    )
    assert (landed.rows_accepted, landed.rows_quarantined, landed.rows_personal) == (3, 0, 1)
    assert dock.rows("SELECT rows_in, rows_accepted, rows_personal FROM landed.file") == [(4, 3, 1)]
    assert SECRET.encode() not in dock.bytes()


def test_the_lines_of_what_is_found_are_those_of_the_file_though_rows_were_left(dock):
    landed = dock.land(
        PLAN='PLAN_ID,NAME,PRSNL_ID\n1,"own\nplan",8\n2,"a\nb",0\n3,mail anna@exempel.example,0\n4,x,0,too many\n'
    )
    assert landed.rows_personal == 1
    assert [(line, reason) for line, _, reason, *_ in dock.quarantine()] == [
        (6, "personal data: email"),
        (7, "too many columns"),
    ]


def test_personal_data_in_a_row_that_is_left_blocks_nothing(dock):
    landed = dock.land(PLAN="PLAN_ID,NAME,PRSNL_ID\n1,ring 850709-9805,9\n2,x,0\n")
    assert (landed.rows_accepted, landed.rows_personal) == (1, 1)
    assert b"850709" not in dock.bytes()


# --- staff ---


def test_a_staff_id_becomes_a_pseudonym_that_is_hmac_sha256_of_the_id(dock):
    key = b"a key of more than sixteen bytes"
    landed = dock.land(
        LandingPolicy(pseudonym_key=key),
        PLAN="PLAN_ID,NAME,UPDT_ID,CREATE_PRSNL_ID\n1,x,914253,914253\n2,y,914253.00,5\n3,z,0,5\n",
    )
    expected = hmac.new(key, b"914253", hashlib.sha256).hexdigest()
    assert dock.landed("PLAN", "UPDT_ID") == [(expected,), (expected,), ("0",)]
    assert (landed.written[0].pseudonyms, landed.written[0].dropped) == (("UPDT_ID",), ("CREATE_PRSNL_ID",))
    assert b"914253" not in dock.bytes()
    assert key not in dock.bytes()


def test_without_a_key_staff_ids_are_dropped_and_it_is_said(dock):
    landed = dock.land(PLAN="PLAN_ID,NAME,UPDT_ID\n1,x,914253\n")
    assert (landed.written[0].pseudonyms, landed.written[0].dropped) == ((), ("UPDT_ID",))
    assert b"914253" not in dock.bytes()


# --- texts through their items ---

TEXTS = f"LONG_TEXT_ID,LONG_TEXT\n10,Tag 0.00 som text\n11.00,via komponent\n12,{SECRET}\n13,via plan\n"


def test_a_text_comes_in_only_with_an_item_it_belongs_to_whatever_the_order_of_files(dock):
    # LONG_TEXT sorts before PLAN, which refers to it.
    landed = dock.land(
        COMPONENT="COMPONENT_ID,PARENT_ENTITY_NAME,PARENT_ENTITY_ID\n1,LONG_TEXT,11\n2,PLAN,12\n3,LONG_TEXT,0\n",
        LONG_TEXT=TEXTS,
        PLAN="PLAN_ID,NAME,NOTE_LONG_TEXT_ID\n1,x,13.00\n2,y,0\n",
        CLINICAL_EVENT="EVENT_ID,LONG_TEXT_ID\n1,10\n",
    )
    assert (landed.rows_accepted, landed.rows_unreached) == (8, 2)
    assert dock.landed("LONG_TEXT", "LONG_TEXT") == [("via komponent",), ("via plan",)]
    assert SECRET.encode() not in dock.bytes()


def test_the_item_of_a_personal_row_brings_no_text_in(dock):
    landed = dock.land(
        LONG_TEXT=TEXTS, PLAN="PLAN_ID,NAME,NOTE_LONG_TEXT_ID,REF_OWNER_PERSON_ID\n1,x,12,77\n2,y,13,0\n"
    )
    assert (landed.rows_personal, landed.rows_unreached) == (1, 3)
    assert SECRET.encode() not in dock.bytes()


def test_the_same_texts_are_read_again_when_other_items_refer_to_them(dock):
    dock.land(LONG_TEXT=TEXTS, PLAN="PLAN_ID,NAME,NOTE_LONG_TEXT_ID\n1,x,13\n")
    same = dock.land(LONG_TEXT=TEXTS, PLAN="PLAN_ID,NAME,NOTE_LONG_TEXT_ID\n1,z,13\n")
    other = dock.land(LONG_TEXT=TEXTS, PLAN="PLAN_ID,NAME,NOTE_LONG_TEXT_ID\n1,x,11\n")
    assert (same.new_files, other.new_files) == (1, 2)
    assert (same.rows_unreached, other.rows_unreached) == (3, 3)


def test_a_bad_row_of_such_a_table_is_never_told(dock):
    dock.land(LONG_TEXT=TEXTS + f"14,{SECRET},one too many\n", PLAN="PLAN_ID,NAME\n1,x\n")
    assert dock.quarantine() == [(6, None, "too many columns", None, None)]
    assert SECRET.encode() not in dock.bytes()


# --- what is told of a row that stays out ---


def test_a_rows_text_is_told_without_personal_data(dock):
    rows = [
        "1,Anders 19850709-9805 ring 070-123 45 67,one too many",
        "2,skriv till anna.berg@exempel.example,x,y",
        "3,20 mg 2026-03-01,x,y",
        "4",
    ]
    dock.land(PLAN="PLAN_ID,NAME,SIZE\n5,x,1\n" + "\n".join(r + ",z" if r != "4" else r for r in rows) + "\n")
    told = [text for _, _, _, text, _ in dock.quarantine()]
    assert told == ["1,Anders • ring •,one too many,z", "2,skriv till •,x,y,z", "3,20 mg 2026-03-01,x,y,z", "4"]
    stored = dock.bytes()
    for secret in (b"9805", b"123 45", b"anna.berg"):
        assert secret not in stored


def test_a_personal_column_is_not_told_wherever_the_fault_may_have_moved_it(dock):
    dock.land(PLAN="PLAN_ID,NAME,NAME_LAST,SIZE\n1,x,Öberg,3\n2,a,b,Lindqvist,4\n3,Bergström\n4,x,y,Åkesson,z,w\n")
    assert [text for _, _, _, text, _ in dock.quarantine()] == ["2,•,•,•,4", "•,•", "•,•,•,•,•,w"]
    stored = dock.bytes()
    for name in ("Öberg", "Lindqvist", "Bergström", "Åkesson"):
        assert name.encode() not in stored


def test_an_id_that_is_found_to_be_a_person_is_not_told_as_the_rows_id(dock):
    dock.land(PLAN="PLAN_ID,NAME\n1,skriv till anna@exempel.example\nnr 19850709 9805,y\n")
    assert [row[4] for row in dock.quarantine()] == ["1", None]


# --- a spoilt file ---


def spoilt(bad, of):
    return "PLAN_ID,NAME\n" + "".join(f"{i},x{',y' if i < bad else ''}\n" for i in range(of))


def test_a_file_above_the_share_of_bad_rows_is_refused_whole(dock):
    with pytest.raises(ExtractError) as caught:
        dock.land(PLAN=spoilt(30, 100), COMPONENT="COMPONENT_ID,PARENT_ENTITY_NAME,PARENT_ENTITY_ID\n1,x,1\n")
    message = str(caught.value)
    for told in ("PLAN.csv: 30 of 100 rows (30%)", "more than the 20%", "line 2: too many columns", "line 4:"):
        assert told in message
    assert "\n" not in message
    assert dock.rows("SELECT count(*) FROM landed.snapshot") == [(0,)]
    assert dock.rows("SELECT count(*) FROM landed.file") == [(0,)]


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        (LandingPolicy(), False),
        (LandingPolicy(max_bad_share=0.19), True),
        (LandingPolicy(max_bad_share=0.0, min_bad_rows=200), False),
        (LandingPolicy(max_bad_share=0.0, tables={"plan": Limits(max_bad_share=0.5)}), False),
        (LandingPolicy(tables={"PLAN": Limits(max_bad_share=0.1)}), True),
        (LandingPolicy(max_bad_share=0.1, tables={"COMPONENT": Limits(max_bad_share=0.9)}), True),
    ],
)
def test_the_share_is_the_installations_to_set_and_a_tables_own_goes_first(dock, policy, refused):
    if refused:
        with pytest.raises(ExtractError, match="40 of 200 rows"):
            dock.land(policy, PLAN=spoilt(40, 200))
    else:
        assert dock.land(policy, PLAN=spoilt(40, 200)).rows_quarantined == 40


# --- rows return ---


def test_a_mended_row_returns_by_itself_and_it_is_said(dock):
    dock.land(PLAN="PLAN_ID,NAME\n1,x\n2,y,z\n3\n4,w,v\n")
    landed = dock.land(PLAN="PLAN_ID,NAME\n1,x\n2.00,y\n4,w,v\n")
    assert (landed.mended.mended, landed.mended.gone) == (1, 1)
    assert (landed.rows_accepted, landed.rows_quarantined) == (2, 1)
    assert dock.land(PLAN="PLAN_ID,NAME\n1,x\n2.00,y\n4,w,v\n").mended.mended == 0
    # A table that is not delivered mends nothing.
    assert dock.land(COMPONENT="COMPONENT_ID,PARENT_ENTITY_NAME,PARENT_ENTITY_ID\n1,x,1\n").mended.gone == 0


# --- likare.toml ---

TWO = '[[domain]]\nname = "vgr"\n[[domain]]\nname = "skane"\n'


def test_the_rules_of_the_door_are_read_from_the_settings(tmp_path):
    (tmp_path / "secret").write_text("sixteen bytes or more\n")
    (tmp_path / "likare.toml").write_text(
        TWO + '[landing]\nmax_bad_share = 0.05\npseudonym_key = "secret"\n'
        '[landing.personal_data]\nemail = "warn"\n[landing.tables.CODE_VALUE]\nmin_bad_rows = 1\n'
    )
    policy = load_settings({}, tmp_path).landing
    assert (policy.limits("ORDERS"), policy.limits("code_value")) == ((0.05, 25), (0.05, 1))
    assert policy.personal_data == {"email": "warn"}
    assert policy.pseudonym_key == b"sixteen bytes or more"
    assert "sixteen" not in repr(policy) + policy.model_dump_json()
    (tmp_path / "other").write_text("another key, from the environment")
    named = load_settings({"LIKARE_KEY": str(tmp_path / "other")}, tmp_path).landing
    assert named.pseudonym_key == b"another key, from the environment"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("max_bad_share = 2\n", ":6: landing.max_bad_share: "),
        ("max_bad_shar = 0.2\n", ":6: landing.max_bad_shar: unknown key; did you mean 'max_bad_share'?"),
        ('[landing.personal_data]\nemail = "ignore"\n', ":7: landing.personal_data.email: is one of block"),
        ('[landing.personal_data]\nphones = "warn"\n', ":6: landing.personal_data: 'phones' is no kind"),
        ("[landing.tables.CODE_VALUE]\nshare = 1\n", ":7: landing.tables.CODE_VALUE.share: unknown key"),
        ('pseudonym_key = "nowhere"\n', ":6: landing.pseudonym_key: "),
        ('pseudonym_key = ""\n', ":6: landing.pseudonym_key: is the name of a file"),
    ],
)
def test_a_wrong_rule_is_one_line_with_file_line_and_field(tmp_path, text, says):
    (tmp_path / "likare.toml").write_text(TWO + "[landing]\n" + text)
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path)
    assert f"{tmp_path / 'likare.toml'}{says}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_that_could_be_guessed_is_refused(tmp_path):
    (tmp_path / "secret").write_text("short")
    (tmp_path / "likare.toml").write_text(TWO + '[landing]\npseudonym_key = "secret"\n')
    with pytest.raises(SettingsError, match="holds 5 bytes"):
        load_settings({}, tmp_path)


# --- the built-in catalogue against the vendor's data model ---


def test_the_catalogue_knows_the_data_models_columns_of_persons():
    model = shared("millennium") / "data_model_columns.parquet"
    conventions = load_catalogue("millennium").conventions
    rows = duckdb.sql(
        f"SELECT DISTINCT table_name, column_name FROM '{model}' WHERE table_type = 'REFERENCE'"
    ).fetchall()
    columns = {column for _, column in rows}
    staff = {c for c in columns if c == "UPDT_ID" or c.endswith("PRSNL_ID") or re.search(r"(^|_)PERSON_ID$", c)}
    names = {
        c
        for c in columns
        if re.fullmatch(r"(.+_)?(USERNAME|NAME_(FIRST|LAST|MIDDLE|FULL)(_KEY.*|_FORMATTED)?|EMAIL)", c)
    }
    assert len(staff) > 40
    assert len(names) > 20
    assert {c for c in staff | names if not conventions.is_personal(c)} == set()
    prsnl = {column for table, column in rows if table == "PRSNL"}
    assert {c for c in prsnl if "NAME" in c and c != "FT_ENTITY_NAME" and not conventions.is_personal(c)} == set()
    # Rows that are one person's own, in the tables that the builds are made of.
    owned = {(t, c) for t, c in rows if conventions.is_owner(c)}
    assert {("PATHWAY_CATALOG", "REF_OWNER_PERSON_ID"), ("DETAIL_PREFS", "PRSNL_ID"), ("PRIV_LOC_RELTN", "PERSON_ID"),
            ("APP_PREFS", "PRSNL_ID"), ("VIEW_PREFS", "PRSNL_ID")} <= owned  # fmt: skip
    every = set(duckdb.sql(f"SELECT table_name, column_name FROM '{model}'").fetchall())
    for table, how in conventions.through_parents.items():
        assert (table, how.id) in every
        for column, kind in how.typed.items():
            assert ("PATHWAY_COMP", column) in every
            assert ("PATHWAY_COMP", kind) in every
    assert {c for _, c in rows if conventions.through_parents["LONG_TEXT"].refers(c)} >= {
        "LONG_TEXT_ID", "ORD_COMMENT_LONG_TEXT_ID", "HIGH_ALERT_LONG_TEXT_ID",
    }  # fmt: skip


def test_no_column_that_the_catalogue_compares_is_dropped_at_the_door():
    catalogue = load_catalogue("millennium")
    for entity in catalogue.ordered:
        for attribute in entity.attributes.values():
            assert not catalogue.conventions.is_personal(attribute.column.rsplit(".", 1)[-1])
