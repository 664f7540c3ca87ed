"""The sample: it looks as CCL writes, is the same for the same seed, and its truth is what a comparison finds."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.shared import shared
from transforms.build import compare, match, normalise
from transforms.build.template import template
from transforms.catalogue import Catalogue, load_catalogue
from transforms.land import landing
from transforms.land.extract import tables_of
from transforms.sample import SampleReport, generate, rows_of_scale
from transforms.sample.derived import derive
from transforms.sample.plan import DRIFTING, RATES
from transforms.sample.recipes import RECIPES
from transforms.sample.truth import TRUTH
from transforms.warehouse import Warehouse
from transforms.words.errors import UsageError

DOMAINS = ("vgr", "skane")
NIGHTS = 4
DELIMITERS = {"PATHWAY_CATALOG": "\t", "PW_CAT_RELTN": "\t", "PATHWAY_COMP": "\t", "ORDER_TASK": "|", "LOCATION": ";"}
# What is unique in each table, and what its columns refer to: (table, column) by the word for it.
KEYS = {
    "CODE_VALUE": "CODE_VALUE",
    "V500_EVENT_CODE": "EVENT_CD",
    "ORDER_CATALOG": "CATALOG_CD",
    "ORDER_CATALOG_SYNONYM": "SYNONYM_ID",
    "ORDER_SENTENCE": "ORDER_SENTENCE_ID",
    "ORDER_SENTENCE_DETAIL": "ORDER_SENTENCE_ID || '/' || SEQUENCE",
    "ORDER_ENTRY_FIELDS": "OE_FIELD_ID",
    "ORDER_ENTRY_FORMAT_PARENT": "OE_FORMAT_ID",
    "OE_FORMAT_FIELDS": "OE_FORMAT_ID || '/' || ACTION_TYPE_CD || '/' || OE_FIELD_ID",
    "DISCRETE_TASK_ASSAY": "TASK_ASSAY_CD",
    "REFERENCE_RANGE_FACTOR": "REFERENCE_RANGE_FACTOR_ID",
    "PATHWAY_CATALOG": "PATHWAY_CATALOG_ID",
    "PW_CAT_RELTN": "PW_CAT_T_ID",
    "PATHWAY_COMP": "PATHWAY_COMP_ID",
    "ORDER_TASK": "REFERENCE_TASK_ID",
    "LOCATION": "LOCATION_CD",
}
LINKS = {
    "V500_EVENT_CODE": {"CODE_VALUE": ("EVENT_CD", "DEF_EVENT_CLASS_CD")},
    "ORDER_CATALOG": {
        "CODE_VALUE": ("CATALOG_CD", "CATALOG_TYPE_CD", "ACTIVITY_TYPE_CD", "STOP_TYPE_CD", "STOP_DURATION_UNIT_CD"),
        "V500_EVENT_CODE": ("EVENT_CD",),
        "ORDER_ENTRY_FORMAT_PARENT": ("OE_FORMAT_ID",),
    },
    "ORDER_CATALOG_SYNONYM": {"ORDER_CATALOG": ("CATALOG_CD",), "CODE_VALUE": ("MNEMONIC_TYPE_CD", "DCP_CLIN_CAT_CD")},
    "ORDER_SENTENCE": {"ORDER_CATALOG_SYNONYM": ("PARENT_ENTITY_ID",), "ORDER_ENTRY_FORMAT_PARENT": ("OE_FORMAT_ID",)},
    "ORDER_SENTENCE_DETAIL": {
        "ORDER_SENTENCE": ("ORDER_SENTENCE_ID",),
        "ORDER_ENTRY_FIELDS": ("OE_FIELD_ID",),
        "CODE_VALUE": ("DEFAULT_PARENT_ENTITY_ID",),
    },
    "OE_FORMAT_FIELDS": {
        "ORDER_ENTRY_FORMAT_PARENT": ("OE_FORMAT_ID",),
        "ORDER_ENTRY_FIELDS": ("OE_FIELD_ID",),
        "CODE_VALUE": ("ACTION_TYPE_CD",),
    },
    "DISCRETE_TASK_ASSAY": {"CODE_VALUE": ("TASK_ASSAY_CD", "ACTIVITY_TYPE_CD"), "V500_EVENT_CODE": ("EVENT_CD",)},
    "REFERENCE_RANGE_FACTOR": {"DISCRETE_TASK_ASSAY": ("TASK_ASSAY_CD",), "CODE_VALUE": ("UNITS_CD", "SEX_CD")},
    "PATHWAY_CATALOG": {"CODE_VALUE": ("PATHWAY_TYPE_CD", "DURATION_UNIT_CD")},
    "PW_CAT_RELTN": {"PATHWAY_CATALOG": ("PW_CAT_S_ID", "PW_CAT_T_ID")},
    "PATHWAY_COMP": {
        "PATHWAY_CATALOG": ("PATHWAY_CATALOG_ID",),
        "ORDER_SENTENCE": ("ORDER_SENTENCE_ID",),
        "CODE_VALUE": ("DCP_CLIN_CAT_CD", "OFFSET_UNIT_CD"),
    },
    "ORDER_TASK": {"CODE_VALUE": ("TASK_TYPE_CD",), "V500_EVENT_CODE": ("EVENT_CD",)},
    "LOCATION": {"CODE_VALUE": ("LOCATION_CD", "LOCATION_TYPE_CD")},
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue("millennium")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SampleReport:
    return generate(tmp_path_factory.mktemp("sample"), rows=12_000, nights=NIGHTS)


@pytest.fixture(scope="module")
def con(made: SampleReport) -> duckdb.DuckDBPyConnection:
    """The first night of both domains, a schema each, ids without their decimals; the truth in schema truth."""
    con = duckdb.connect()
    for domain in DOMAINS:
        con.execute(f"CREATE SCHEMA {domain}")
        for path in delivery(made, domain, 0).glob("*.csv"):
            quote = '"' if DELIMITERS.get(path.stem, ",") in ",;" else ""
            con.execute(
                f"CREATE TABLE {domain}.{path.stem} AS SELECT columns(*).trim().regexp_replace('\\.00$', '') "
                f"FROM read_csv('{path}', delim = '{DELIMITERS.get(path.stem, ',')}', quote = '{quote}', "
                f"escape = '{quote}', header = true, auto_detect = false, columns = "
                f"{ {c: 'VARCHAR' for c in header(path)} })"
            )
    con.execute("CREATE SCHEMA truth")
    for path in (made.out / "truth").glob("*.csv"):
        con.execute(f"CREATE TABLE truth.{path.stem} AS FROM read_csv('{path}', all_varchar = true)")
    return con


def delivery(made: SampleReport, domain: str, night: int) -> Path:
    return made.out / "incoming" / domain / made.nights[night].isoformat()


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as handle:
        return [c.strip('"') for c in handle.readline().rstrip("\n").split(DELIMITERS.get(path.stem, ","))]


def digests(folder: Path) -> dict[str, str]:
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


# --- form ------------------------------------------------------------------------------------------------------------


def test_every_table_of_the_catalogue_is_delivered_every_night(made: SampleReport, catalogue: Catalogue) -> None:
    for domain in DOMAINS:
        for night in range(NIGHTS):
            assert {p.stem for p in delivery(made, domain, night).iterdir()} == {*catalogue.tables(), "LIKARE_USE"}
    assert made.files == (len(catalogue.tables()) + 1) * len(DOMAINS) * NIGHTS


def test_every_column_the_catalogue_reads_is_delivered(made: SampleReport, catalogue: Catalogue) -> None:
    delivered = {p.stem: set(header(p)) for p in delivery(made, "vgr", 0).iterdir()}
    lacking = {t.name: set(t.columns) - delivered[t.name] for t in tables_of(catalogue).values()}
    assert {table: columns for table, columns in lacking.items() if columns} == {}


def test_columns_are_the_vendors(made: SampleReport) -> None:
    model = shared("millennium/data_model_columns.parquet")
    known = set(duckdb.execute("SELECT table_name, column_name FROM read_parquet(?)", [str(model)]).fetchall())
    # The counts of use are no table of the vendor's.
    files = (p for p in delivery(made, "skane", 0).iterdir() if p.stem != "LIKARE_USE")
    named = {(p.stem, c) for p in files for c in header(p)}
    assert {n for n in named if n not in known} == set()


def test_extracts_look_as_ccl_writes_them(made: SampleReport) -> None:
    plans = (delivery(made, "vgr", 0) / "PATHWAY_CATALOG.csv").read_text(encoding="utf-8")
    assert '"' not in plans
    first = plans.splitlines()[1].split("\t")[0]
    assert first.startswith("    ") and first.endswith(".00")
    values = (delivery(made, "vgr", 0) / "CODE_VALUE.csv").read_text(encoding="utf-8")
    assert '"31-DEC-2100 00:00:00"' in values and "12-MAR-2024 08:15:00" in values
    assert any(letter in values for letter in "åäö")


def test_the_builds_hold_what_makes_a_comparison_hard(con: duckdb.DuckDBPyConnection) -> None:
    for domain in DOMAINS:
        (longest, inactive, expired, keyed, unkeyed), *_ = rows(
            con,
            f"""SELECT max(length(DISPLAY)), count_if(ACTIVE_IND = '0'),
                count_if(ACTIVE_IND = '1' AND END_EFFECTIVE_DT_TM LIKE '%2024%'), count_if(CKI <> ''),
                count_if(coalesce(CKI, '') = '') FROM {domain}.CODE_VALUE""",
        )
        assert longest == 40
        assert min(inactive, expired, keyed, unkeyed) > 0
        assert rows(con, f"SELECT 1 FROM {domain}.CODE_VALUE GROUP BY CODE_SET, DISPLAY_KEY HAVING count(*) > 1")
        assert rows(con, f"SELECT 1 FROM {domain}.ORDER_CATALOG WHERE EVENT_CD = '0'")
        assert rows(con, f"SELECT 1 FROM {domain}.PATHWAY_CATALOG WHERE REF_OWNER_PERSON_ID <> '0'")
    # The same number nearly always means another item, a few low ones the same.
    equal = "FROM vgr.CODE_VALUE a JOIN skane.CODE_VALUE b USING (CODE_VALUE)"
    ((same, other),) = rows(con, f"SELECT count_if(a.CKI = b.CKI), count_if(a.DISPLAY <> b.DISPLAY) {equal}")
    assert same > 10 and other > 10


@pytest.mark.parametrize("domain", DOMAINS)
def test_ids_are_unique_and_references_lead_somewhere(con: duckdb.DuckDBPyConnection, domain: str) -> None:
    for table, key in KEYS.items():
        total, distinct = rows(con, f"SELECT count(*), count(DISTINCT {key}) FROM {domain}.{table}")[0]
        assert total == distinct > 0, table
    for table, links in LINKS.items():
        for target, columns in links.items():
            for column in columns:
                lost = f"FROM {domain}.{table} s ANTI JOIN {domain}.{target} t ON t.{KEYS[target]} = s.{column}"
                assert rows(con, f"SELECT count(*) {lost} WHERE s.{column} <> '0'") == [(0,)], f"{table}.{column}"


# --- size, seed, nights ----------------------------------------------------------------------------------------------


def test_the_row_target_is_met(made: SampleReport) -> None:
    for n in made.rows.values():
        assert n == pytest.approx(12_000, rel=0.1)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        generate(tmp_path / name, rows=5_000, seed=seed, nights=1)
    one, two, three = (digests(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert set(one) == set(three)
    assert sum(one[name] != three[name] for name in one) > len(one) - 4


def test_what_did_not_change_is_delivered_byte_for_byte_again(made: SampleReport) -> None:
    found = digests(made.out / "incoming")
    again = [n for n in found if made.nights[0].isoformat() in n]
    tables = {n: found[n] == found[n.replace(made.nights[0].isoformat(), made.nights[1].isoformat())] for n in again}
    assert 0 < sum(tables.values()) < len(tables)


def test_the_builds_converge_but_one_area_drifts(con: duckdb.DuckDBPyConnection) -> None:
    drifting = ", ".join(f"'{e}'" for e in DRIFTING)

    def standing(night: int, which: str) -> int:
        return rows(
            con,
            f"SELECT count(*) FROM truth.deviations WHERE entity {which} ({drifting}) "
            f"AND opened_night::INTEGER <= {night} AND coalesce(closed_night::INTEGER > {night}, true)",
        )[0][0]

    assert [standing(n + 1, "IN") > standing(n, "IN") for n in range(1, NIGHTS)] == [True] * (NIGHTS - 1)
    assert [standing(n + 1, "NOT IN") < standing(n, "NOT IN") for n in range(1, NIGHTS)] == [True] * (NIGHTS - 1)


# --- truth -----------------------------------------------------------------------------------------------------------


def test_the_truth_holds_together(con: duckdb.DuckDBPyConnection) -> None:
    def values(column: str, table: str) -> set[Any]:
        return {r[0] for r in rows(con, f"SELECT DISTINCT {column} FROM truth.{table}")}

    assert not rows(con, "SELECT 1 FROM truth.deviations WHERE closed_night::INTEGER <= opened_night::INTEGER")
    assert values("cause_id", "deviations") - {None} == values("cause_id", "causes")
    for side in DOMAINS:
        twice = f"SELECT 1 FROM truth.same WHERE first_night = '1' GROUP BY entity, local_id_{side} HAVING count(*) > 1"
        assert rows(con, twice) == []
    assert values("kind", "deviations") == {"only_a", "only_b", "changed", "moved"}
    assert values("kind", "causes") >= {"renamed", "missing", "ambiguous"}
    assert values("identifiable", "same") == {"true", "false"}
    assert values("entity", "deviations") == set(RATES) | set(RECIPES)


def test_every_kind_of_deviation_is_planted_in_every_derived_type(con: duckdb.DuckDBPyConnection) -> None:
    counts = {entity: 100_000 for entity in TRUTH}
    planted = {(e, a) for e, a in rows(con, "SELECT DISTINCT entity, attribute FROM truth.deviations")}
    lacking = []
    for made in derive(load_catalogue("millennium"), counts, lambda _: 7):
        wanted = {what for what, _ in made.rates} - {"missing", "inactive"}
        lacking += [(made.entity, what) for what in wanted if (made.entity, what) not in planted]
    # A link that leads to nothing in both domains, and a value that is none, cannot deviate; half of a handful of items
    # is all that does.
    assert len(lacking) < 0.2 * len(planted), lacking


def test_a_renamed_unit_explains_the_lines_it_is_written_in(con: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        con,
        "SELECT d.entity, d.attribute, count(*) FROM truth.deviations d JOIN truth.causes c USING (cause_id) "
        "WHERE c.description LIKE '%mikrogram%' GROUP BY ALL ORDER BY ALL",
    )
    assert [f[:2] for f in found] == [("code_value", "display"), ("order_sentence", "display_line")]
    assert found[0][2] == 1 and found[1][2] > 10


def test_a_missing_route_explains_the_references_that_go_elsewhere(con: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        con,
        "SELECT DISTINCT d.entity, d.attribute, d.kind FROM truth.deviations d JOIN truth.causes c USING (cause_id) "
        "WHERE c.description LIKE '%nebulisering%' ORDER BY ALL",
    )
    assert found == [
        ("code_value", None, "only_a"),
        ("formulary_default", "route", "changed"),
        ("order_sentence", "display_line", "changed"),
        ("order_sentence_detail", "value", "changed"),
    ]


def test_the_truth_compares_what_the_catalogue_compares(catalogue: Catalogue) -> None:
    assert set(TRUTH) | set(RECIPES) == set(catalogue.entities)
    assert not set(TRUTH) & set(RECIPES)
    for entity, truth in TRUTH.items():
        e = catalogue.entities[entity]
        assert {name for name, _, _ in truth.attributes} <= {*e.compared, "parent"}, entity
    for entity, rates in RATES.items():
        known = {name for name, _, _ in TRUTH[entity].attributes} | {"missing", "inactive", "moved"}
        assert {rate.what for rate in rates} <= known, entity


def test_a_comparison_finds_what_was_planted_and_nothing_else(
    made: SampleReport, con: duckdb.DuckDBPyConnection, catalogue: Catalogue, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path, threads=1)
    # The last night: what was planted from the start and stays, and what opened and closed since.
    night = NIGHTS
    with warehouse.archive() as archive:
        snapshots = {
            d.domain: landing.land(archive, catalogue, d).snapshot_id
            for d in landing.deliveries(made.out / "incoming", DOMAINS)
            if d.delivered_at.date() == made.nights[night - 1]
        }
    stands = f"opened_night::INTEGER <= {night} AND coalesce(closed_night::INTEGER > {night}, true)"
    lives = f"first_night::INTEGER <= {night} AND coalesce(last_night::INTEGER >= {night}, true)"
    with warehouse.night(template(catalogue)) as session:
        normalise.run(session, catalogue, snapshots)
        match.run(session, catalogue, match.pairs_of(DOMAINS))
        compare.run(session, catalogue, match.pairs_of(DOMAINS))
        for entity in catalogue.entities:
            found = session.rows(
                "SELECT d.kind, d.attribute, CASE WHEN d.kind <> 'only_b' THEN m.local_id_a END, "
                "CASE WHEN d.kind <> 'only_a' THEN m.local_id_b END FROM compared.difference d "
                f"JOIN measured.item m USING (pair_id, entity, identity) WHERE d.entity = '{entity}'"
            )
            planted = rows(
                con,
                "SELECT kind, attribute, local_id_vgr, local_id_skane FROM truth.deviations "
                f"WHERE entity = '{entity}' AND {stands}",
            )
            pairs = set(
                session.rows(
                    "SELECT local_id_a, local_id_b FROM measured.item WHERE entity = ? AND rule IS NOT NULL", [entity]
                )
            )
            same = "SELECT local_id_vgr, local_id_skane FROM truth.same WHERE entity = '" + entity + f"' AND {lives}"
            recognised = pairs - set(rows(con, f"{same} AND identifiable = 'true'"))
            assert pairs >= set(rows(con, f"{same} AND identifiable = 'true'")), f"{entity} on night {night}"
            # What keeps no key may be recognised by all it says, if rightly; it then differs in nothing.
            assert recognised <= set(rows(con, same)), f"{entity} on night {night}"
            a, b = {a for a, _ in recognised}, {b for _, b in recognised}
            lone = [p for p in planted if not (p[0] == "only_a" and p[2] in a or p[0] == "only_b" and p[3] in b)]
            assert set(found) == set(lone), f"{entity} on night {night}"
            assert len(found) == len(lone)


# --- use -------------------------------------------------------------------------------------------------------------


def test_domains_and_days_are_the_callers(tmp_path: Path) -> None:
    made = generate(tmp_path, rows=5_000, nights=2, domains=("north", "south"), start=date(2030, 12, 31))
    assert sorted(p.name for p in (tmp_path / "incoming").iterdir()) == ["north", "south"]
    assert sorted(p.name for p in (tmp_path / "incoming" / "south").iterdir()) == ["2030-12-31", "2031-01-01"]
    assert "local_id_north" in (tmp_path / "truth" / "same.csv").read_text(encoding="utf-8").splitlines()[0]
    assert made.nights == (date(2030, 12, 31), date(2031, 1, 1))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["incoming", "truth"]


def test_a_connection_may_be_lent_and_is_left_as_it_was(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE mine (x INTEGER)")
    generate(tmp_path, rows=5_000, nights=1, con=con)
    assert con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall() == [("main", "mine")]


def test_what_lies_there_is_never_overwritten(tmp_path: Path) -> None:
    there = tmp_path / "incoming" / "vgr"
    there.mkdir(parents=True)
    with pytest.raises(UsageError, match="there is something already"):
        generate(tmp_path, rows=5_000, nights=1)
    assert [p.name for p in tmp_path.iterdir()] == ["incoming"] and there.is_dir()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rows": "huge"}, "is no scale"),
        ({"rows": 10}, "is no scale"),
        ({"nights": 0}, "at least one night"),
        ({"domains": ("vgr",)}, "two domains"),
        ({"domains": ("vgr", "vgr")}, "two domains"),
    ],
)
def test_what_makes_no_sample_is_one_line(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as fault:
        generate(tmp_path, **{"rows": 5_000, **given})
    assert "\n" not in str(fault.value)
    assert list(tmp_path.iterdir()) == []


def test_scales_have_names(tmp_path: Path) -> None:
    assert rows_of_scale("demo") == 30_000
    assert rows_of_scale("large") == 5_000_000
    assert rows_of_scale(" 40_000") == rows_of_scale(40_000) == 40_000
