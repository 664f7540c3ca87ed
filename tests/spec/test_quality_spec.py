"""Quality checks as small drawn tables: each check seen passing, failing, not applicable and in error."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from expectations.checks import CheckResult, Results, stopped, store
from expectations.checks import run as run_checks
from expectations.measuring import Told, band
from expectations.rules import Rules
from expectations.suites import Check, derive
from tests.support.tables import layers
from transforms.catalogue import Catalogue, load_catalogue
from transforms.catalogue.tables import Rows, described, write
from transforms.warehouse import Session

CATALOGUE = {
    "catalogue": "catalogue: toy\ntitle: Toy\nareas: {orders: {title: Orders}}\n",
    "code": """
entity: code
title: Code
area: orders
source: {table: CODE, local_id: ID}
keys: [[display]]
attributes:
  display: DISPLAY
  code_set: {column: CODE_SET, compare: number}
  cki: {column: CKI, weight: 0}
""",
    "drug": """
entity: drug
title: Drug
area: orders
max_rejected_share: 0.1
source: {table: DRUG, local_id: ID, joins: {extra: {table: DRUG_EXTRA, on: {ID: ID}}}}
keys: [{"on": [name, form], rule: vendor_identifier, fold_case: true}]
attributes:
  name: {column: NAME, compare: text, required: true}
  form: {column: FORM, allowed: [tablet, "d'Or"]}
  route: {column: ROUTE_CD, references: code, code_set: 4001}
  group: {column: GROUP_CKI, references: {to: code, by: cki}}
  either: {column: EITHER, references: [code, drug]}
  strength: {column: STRENGTH, compare: number}
  hidden: {column: HIDDEN, compare: flag}
  begin_effective: {column: BEGIN_DT, compare: date}
  end_effective: {column: END_DT, compare: date}
""",
    "part": """
entity: part
title: Part
area: orders
role: component
source: {table: PART, local_id: ID}
parent: {entity: drug, column: DRUG_ID}
keys: [[value, text]]
attributes:
  text: TEXT
  value: {column: VALUE, references: {type_column: KIND, types: {DRUG: drug, CODE: code}}}
""",
}

# '.' is NULL; each domain of the clean night gets every row
CLEAN = {
    "code": """
local_id | display   | code_set | cki
11       | oral      | 4001     | C!1
12       | rectal    | 4001     | C!2
13       | antibiotic| 5        | C!3
1        | other     | 5        | C!4
""",
    "drug": """
local_id | name    | form   | route | group | either | strength | hidden | begin_effective     | end_effective
1        | Alvedon | tablet | 11    | C!3   | 11     | 0.5      | 1      | 2020-01-01 00:00:00 | open
2        | Panodil | d'Or   | 12    | .     | 1      | -12      | 0      | 2020-01-01 00:00:00 | 2021-06-30 12:00:00
3        | Ipren   | .      | .     | .     | .      | .        | .      | .                   | .
""",
    "part": """
local_id | parent | parent__type | text | value | value__type
91       | 1      | .            | a    | 1     | drug
92       | 1      | .            | a    | 1     | code
94       | 1      | .            | c    | 11    | code
93       | 2      | .            | b    | 77    | *PERSON
""",
}  # fmt: skip
DOMAINS = ["north", "south"]
UNTOLD = ("rows_in_band", "columns_kept", "not_rolled_back")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("toy")
    for name, text in CATALOGUE.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def _night(catalogue: Catalogue, domains: Sequence[str]) -> duckdb.DuckDBPyConnection:
    """A database with the clean night of these domains, drawn as a table per entity type (schema drawn).

    The second domain delivered one file only.
    """
    con = duckdb.connect()
    con.execute("CREATE SCHEMA drawn")
    layers(Session(con))
    con.execute("ATTACH ':memory:' AS archive; CREATE SCHEMA archive.landed")
    con.execute(
        "CREATE TABLE archive.landed.snapshot (snapshot_id INTEGER, domain VARCHAR, delivered_at TIMESTAMP);"
        "CREATE TABLE archive.landed.snapshot_file (snapshot_id INTEGER, file_id INTEGER);"
        "CREATE TABLE archive.landed.file "
        "(file_id INTEGER, domain VARCHAR, table_name VARCHAR, rows_in BIGINT, rows_quarantined BIGINT)"
    )
    for table, described_rows in described(catalogue).items():
        Session(con).insert(f"catalogue.{table}", described_rows)
    write(Session(con), catalogue, {domain: n for n, domain in enumerate(domains, 2)}, ())
    con.execute("CREATE TEMP TABLE domain AS SELECT * FROM (SELECT unnest(?) AS domain)", [list(domains)])
    con.execute("CREATE TEMP TABLE snapshot AS SELECT domain, rowid::INTEGER + 2 AS snapshot_id FROM domain")
    for entity, drawn in CLEAN.items():
        head, *lines = [[c.strip() for c in line.split("|")] for line in drawn.strip().splitlines()]
        rows = ", ".join("(" + ", ".join("?" * len(head)) + ")" for _ in lines)
        columns = ", ".join(f'"{c}"' for c in head)
        con.execute(
            f"CREATE TABLE drawn.{entity} AS SELECT snapshot.*, v.* FROM snapshot, (VALUES {rows}) v({columns})",
            [None if c == "." else c for line in lines for c in line],
        )
        e = catalogue.entities[entity]
        attributes = ["", *e.attributes, *(["parent"] if e.parent else [])]
        con.execute(
            "INSERT INTO normalised.extracted SELECT domain, ?, attribute, true FROM domain, "
            "(SELECT unnest(?) AS attribute)",
            [entity, attributes],
        )
    # snapshot 1 is an older one of the first domain, whose broken file must not count any more
    con.execute("INSERT INTO archive.landed.snapshot SELECT snapshot_id, domain, NULL FROM snapshot")
    con.execute("INSERT INTO archive.landed.snapshot VALUES (1, ?, NULL)", [domains[0]])
    con.execute(
        "INSERT INTO archive.landed.file SELECT 10 * snapshot_id + n, domain, name, rows_in, quarantined "
        "FROM snapshot, (VALUES (1, 'DRUG', 100, 0), (2, 'drug', 10, 1), (3, 'DRUG_EXTRA', 0, 0), (4, 'CODE', 20, 1)) "
        "f(n, name, rows_in, quarantined) WHERE n = 1 OR domain <> ?",
        [domains[1]],
    )
    con.execute("INSERT INTO archive.landed.snapshot_file SELECT file_id // 10, file_id FROM archive.landed.file")
    con.execute("INSERT INTO archive.landed.file VALUES (1, ?, 'DRUG', 10, 10)", [domains[0]])
    con.execute("INSERT INTO archive.landed.snapshot_file VALUES (1, 1)")
    return con


def run(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, *arguments: Any, **named: Any) -> Results:
    """Check what is drawn."""
    _normalise(con, catalogue)
    return run_checks(con, catalogue, *arguments, **named)


def _normalise(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Fill the tables of items, cells and references from what is drawn."""
    numbers = Rows(catalogue, (), ())
    domains = dict(con.execute("SELECT domain, domain_no FROM catalogue.domain").fetchall())
    con.execute("DELETE FROM normalised.item; DELETE FROM normalised.cell; DELETE FROM normalised.reference")
    items: list[Any] = []
    cells: list[Any] = []
    links: list[Any] = []
    for entity, no in numbers.entity_no.items():
        found = con.execute(f"SELECT * FROM drawn.{entity}")
        head = [c[0] for c in found.description or []]
        for values in found.fetchall():
            row = dict(zip(head, values, strict=True))
            domain = domains[row["domain"]]
            items.append((len(items), domain, no, row["local_id"], row["local_id"], None, row["snapshot_id"], None))
            for name, place in numbers.place[entity].items():
                if row[name] is not None and name in catalogue.entities[entity].references:
                    links.append((len(items) - 1, domain, no, place, row[name], row.get(f"{name}__type")))
                elif row[name] is not None:
                    cells.append((len(items) - 1, no, place, row[name]))
    by: dict[tuple[int, int, int, str], list[int]] = {}
    for n, domain, no, local_id, *_ in items:
        by.setdefault((domain, no, -1, local_id), []).append(n)
    for n, no, place, value in cells:
        by.setdefault((items[n][1], no, place, value), []).append(n)
    references = []
    targets = list(numbers.target())
    for n, domain, no, place, written, type_ in links:
        if type_ is not None and type_.startswith("*"):
            references.append((n, no, place, written, type_[1:], "type", None, None))
            continue
        own = [(t[3], t[4]) for t in targets if t[:2] == (no, place)]
        own = [(t, by_place) for t, by_place in own if type_ is None or t == numbers.entity_no[type_]]
        to = [(t, i) for t, by_place in dict.fromkeys(own) for i in by.get((domain, t, by_place, written), [])]
        state, (target, item) = ("leads", to[0]) if len(to) == 1 else ("nowhere", (None, None))
        named = numbers.entity_no[type_] if type_ else target
        references.append((n, no, place, written, None, state, named, item))
    session = Session(con)
    session.insert("normalised.item", items)
    session.insert("normalised.cell", cells)
    session.insert("normalised.reference", references)


@pytest.fixture
def night(catalogue: Catalogue) -> duckdb.DuckDBPyConnection:
    return _night(catalogue, DOMAINS)


def _outcome(results: list[CheckResult], check_id: str, domain: str) -> tuple[str, int | None, int | None]:
    (found,) = [r for r in results if (r.check_id, r.domain) == (check_id, domain)]
    return found.status, found.failed, found.total


def _by_status(results: list[CheckResult], status: str) -> set[tuple[str, str]]:
    return {(r.check_id, r.domain) for r in results if r.status == status}


def test_a_clean_night_passes_every_check_that_applies(night: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    results = run(night, catalogue, DOMAINS, {(d, e): 3 for d in DOMAINS for e in CLEAN})
    assert len(results) == 2 * len(derive(catalogue))
    assert _by_status(results, "failed") == _by_status(results, "error") == set()
    # rows_present hands over to rows_kept after the first night; the south delivered no file of CODE, nobody of PART
    assert _by_status(results, "not_applicable") == {
        *((f"{e}.rows_present", d) for e in CLEAN for d in DOMAINS),
        *(("part.rows_quarantined", d) for d in DOMAINS),
        ("code.rows_quarantined", "south"),
        # nothing is told of earlier nights and deliveries
        *((f"{e}.{kind}", d) for e in CLEAN for d in DOMAINS for kind in UNTOLD),
        *((f"delivery.{kind}", d) for d in DOMAINS for kind in ("delivery_new", "delivery_recent")),
    }
    assert _outcome(results, "drug.number.strength", "north") == ("passed", 0, 2)
    assert _outcome(results, "drug.reference_resolves.either", "south") == ("passed", 0, 2)
    assert _outcome(results, "part.reference_resolves.value", "north") == ("passed", 0, 3)
    assert _outcome(results, "drug.key_unique.name+form", "north") == ("passed", 0, 2)
    assert _outcome(results, "drug.code_set.route", "north") == ("passed", 0, 2)
    assert stopped(results) == []


NORTH = "WHERE domain = 'north'"
FAILING: dict[str, tuple[str, int, int]] = {
    # check: (what is broken in the north, failed, total)
    "drug.local_id_present": (f"UPDATE drawn.drug SET local_id = '' {NORTH} AND name = 'Ipren'", 1, 3),
    "drug.local_id_unique": (
        "INSERT INTO normalised.duplicate VALUES ('north', 'drug', '2', 10)", 10, 13
    ),
    "drug.required.name": (f"UPDATE drawn.drug SET name = NULL {NORTH} AND local_id = '3'", 1, 3),
    "part.required.parent": (f"UPDATE drawn.part SET parent = NULL {NORTH} AND local_id = '93'", 1, 4),
    "drug.allowed.form": (f"UPDATE drawn.drug SET form = 'x' {NORTH} AND local_id = '3'", 1, 3),
    "drug.number.strength": (f"UPDATE drawn.drug SET strength = '1e5' {NORTH} AND local_id = '3'", 1, 3),
    "drug.flag.hidden": (f"UPDATE drawn.drug SET hidden = 'N/A' {NORTH} AND local_id = '3'", 1, 3),
    "drug.date.begin_effective": (
        f"UPDATE drawn.drug SET begin_effective = '2024-02-30 00:00:00' {NORTH} AND local_id = '3'", 1, 3
    ),
    "drug.date.end_effective": (
        f"UPDATE drawn.drug SET end_effective = '31-DEC-2024' {NORTH} AND local_id = '3'", 1, 3
    ),
    "drug.dates_in_order.begin_effective": (
        f"UPDATE drawn.drug SET begin_effective = '2022-01-01 00:00:00' {NORTH} AND local_id = '2'", 1, 2
    ),
    "drug.key_unique.name+form": (
        f"UPDATE drawn.drug SET name = 'ALVEDON', form = 'tablet' {NORTH} AND local_id = '2'", 1, 2
    ),
    # the target's type is part of the key: drug 1 and code 1 stay apart, two of code 1 do not
    "part.key_unique.value+text": (
        f"UPDATE drawn.part SET value__type = 'code' {NORTH} AND local_id = '91'", 1, 4
    ),
    "part.reference_resolves.parent": (
        f"UPDATE drawn.part SET parent = '4' {NORTH} AND local_id = '93'", 1, 4
    ),
    # 11 is a code, but here it is said to be a drug
    "part.reference_resolves.value": (
        f"UPDATE drawn.part SET value__type = 'drug' {NORTH} AND local_id = '94'", 1, 3
    ),
    "drug.reference_resolves.route": (
        f"UPDATE drawn.drug SET route = '99' {NORTH} AND local_id <> '3'", 2, 2
    ),
    "drug.reference_resolves.group": (
        f"UPDATE drawn.drug SET \"group\" = '13' {NORTH} AND local_id = '1'", 1, 1
    ),
    # the item is there, but in the other domain only
    "drug.reference_resolves.either": (
        f"DELETE FROM drawn.code {NORTH} AND local_id = '11'; UPDATE drawn.drug SET route = NULL {NORTH}; "
        f"UPDATE drawn.part SET value = '12' {NORTH} AND value = '11'", 1, 2
    ),
    "drug.code_set.route": (f"UPDATE drawn.drug SET route = '13' {NORTH} AND local_id = '1'", 1, 2),
    "drug.rows_quarantined": (
        f"UPDATE archive.landed.file SET rows_quarantined = 2 {NORTH} AND table_name = 'drug'", 2, 10
    ),
    "drug.table_delivered": (
        f"UPDATE normalised.extracted SET delivered = false {NORTH} AND entity = 'drug'", 1, 1
    ),
    "part.rows_present": (f"DELETE FROM drawn.part {NORTH}", 1, 1),
}  # fmt: skip


@pytest.fixture(scope="module")
def broken(catalogue: Catalogue) -> Results:
    """One night in which every case has a domain of its own, named for the check that it breaks."""
    domains = ["clean", "sparse", *FAILING]
    con = _night(catalogue, domains)
    for check_id, (statement, _, _) in FAILING.items():
        con.execute(statement.replace("'north'", f"'{check_id}'"))
    return run(con, catalogue, domains, {})


def test_an_unbroken_domain_beside_broken_ones_passes(broken: Results) -> None:
    assert {r.status for r in broken if r.domain == "clean"} == {"passed", "not_applicable"}


@pytest.mark.parametrize("check_id", FAILING)
def test_a_broken_table_fails_its_check_in_its_domain_only(check_id: str, broken: Results) -> None:
    _, failed, total = FAILING[check_id]
    own = [r for r in broken if r.domain == check_id]
    assert {r.check_id for r in own if r.status == "failed"} == {check_id}
    assert {r.check_id for r in own if r.status == "error"} == set()
    assert _outcome(own, check_id, check_id) == ("failed", failed, total)
    critical = check_id.split(".")[1] in ("local_id_present", "local_id_unique", "rows_quarantined")
    assert bool(stopped(own)) is critical


# kind: (what is told of the north that fails it, what is told that does not, failed, total)
TOLD: dict[str, tuple[dict[str, Any], dict[str, Any], int, int]] = {
    "rows_in_band": (
        {"history": {("north", "drug"): [100, 101, 99, 100]}}, {"history": {("north", "drug"): [20, 21, 19, 20]}},
        60, 100,
    ),
    "columns_kept": ({"columns": {("north", "drug"): (2, 9)}}, {"columns": {("north", "drug"): (0, 9)}}, 2, 9),
    "delivery_new": ({"again": {"north": True}}, {"again": {"north": False}}, 1, 1),
    "delivery_recent": ({"age": {"north": 4.0}, "max_age": 3}, {"age": {"north": 3.0}, "max_age": 3}, 1, 1),
    "not_rolled_back": (
        {"rolled_back": frozenset({("north", "DRUG_EXTRA")}), "compared": frozenset({"north"})},
        {"rolled_back": frozenset({("south", "DRUG")}), "compared": frozenset({"north"})}, 1, 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", TOLD)
def test_what_is_told_of_deliveries_and_earlier_nights_is_judged(
    kind: str, night: duckdb.DuckDBPyConnection, catalogue: Catalogue
) -> None:
    bad, good, failed, total = TOLD[kind]
    night.execute("INSERT INTO drawn.drug BY NAME SELECT 'north' AS domain, 'n' || i AS local_id FROM range(17) t(i)")
    check_id = f"delivery.{kind}" if kind.startswith("delivery") else f"drug.{kind}"
    broken = run(night, catalogue, DOMAINS, {}, told=Told(**bad))
    assert _outcome(broken, check_id, "north") == ("failed", failed, total)
    assert _outcome(run(night, catalogue, DOMAINS, {}, told=Told(**good)), check_id, "north")[0] == "passed"
    critical = kind in ("columns_kept", "not_rolled_back")
    assert bool([r for r in stopped(broken) if r.check_id == check_id]) is critical


def test_a_domain_that_has_ended_is_not_expected_to_deliver(
    night: duckdb.DuckDBPyConnection, catalogue: Catalogue
) -> None:
    told = Told(age={"north": 400.0}, max_age=3, again={"north": True}, ended=frozenset({"north"}))
    results = run(night, catalogue, DOMAINS, {}, told=told)
    assert {r.note for r in results if r.entity == "delivery" and r.domain == "north"} == {"the domain has ended"}


@pytest.mark.parametrize(
    ("history", "inside", "outside"),
    [
        ([100] * 5, (80, 120), (79, 121)),  # twenty rows are always allowed
        ([1000] * 5, (900, 1100), (899, 1101)),  # 10 %
        ([1000, 1100, 900, 1050, 950], (775, 1225), (749, 1251)),  # four and a half median deviations
        ([1000, 2000, 500, 3000, 100], (750, 1250), (749, 1251)),  # never more than 25 %
        ([1000, 1000, 1, 1000, 1000], (900, 1100), (899, 1101)),  # one broken night moves nothing
    ],
)
def test_the_band_follows_the_last_nights(
    history: list[int], inside: tuple[int, int], outside: tuple[int, int]
) -> None:
    lowest, highest = band(history)
    assert lowest <= inside[0] < inside[1] <= highest
    assert outside[0] < lowest
    assert highest < outside[1]


def test_every_kind_of_check_is_seen_failing(catalogue: Catalogue) -> None:
    seen = {c.split(".")[1] for c in FAILING} | {"rows_kept", "rows_collapse", "rows_jump"} | set(TOLD)
    # test_national_codes_are_checked has a catalogue of its own
    assert "national_code" not in seen
    assert seen == {c.kind for c in derive(catalogue)}


CHANGES: dict[tuple[int, int], set[str]] = {
    # (live rows the night before, live rows now): what fails
    (100, 50): set(),
    (100, 49): {"rows_collapse"},
    (30, 11): set(),  # a small table may lose many of its few rows
    (40, 19): {"rows_collapse"},
    (30, 60): set(),
    (30, 61): {"rows_jump"},
    (5, 24): set(),
    (5, 25): {"rows_jump"},
    (1, 0): {"rows_kept"},
    (907, 1): {"rows_collapse"},
    (907, 0): {"rows_kept", "rows_collapse"},
}


@pytest.fixture(scope="module")
def changed(catalogue: Catalogue) -> Results:
    """One night in which every change of row count has a domain of its own."""
    domains = ["first", "other", *(str(c) for c in CHANGES)]
    con = _night(catalogue, domains)
    con.execute("DELETE FROM drawn.code WHERE domain <> 'first'")
    for domain, (_, now) in zip(domains[2:], CHANGES, strict=True):
        con.execute(
            f"INSERT INTO drawn.code SELECT ?, 2, 'n' || i, 'd' || i, '5', 'k' || i FROM range({now}) t(i)",
            [domain],
        )
    return run(con, catalogue, domains, {(str(c), "code"): c[0] for c in CHANGES})


@pytest.mark.parametrize("change", CHANGES)
def test_a_table_that_collapses_or_jumps_stops_the_night(change: tuple[int, int], changed: Results) -> None:
    own = [r for r in changed if r.entity == "code" and r.domain == str(change)]
    assert {r.kind for r in own if r.status == "failed"} == CHANGES[change]
    assert {r.kind for r in stopped(own)} == CHANGES[change]
    before, now = change
    assert _outcome(own, "code.rows_collapse", str(change))[1:] == (max(0, before - now), before)
    assert _outcome(own, "code.rows_jump", str(change))[1:] == (max(0, now - before), before)


def test_the_first_night_of_a_domain_has_nothing_to_change_from(changed: Results) -> None:
    own = {r.kind: r.status for r in changed if r.entity == "code" and r.domain == "first"}
    assert own["rows_collapse"] == own["rows_jump"] == own["rows_kept"] == "not_applicable"
    assert own["rows_present"] == "passed"


def test_what_was_not_delivered_is_not_different(night: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    night.execute(f"DELETE FROM drawn.code {NORTH}")
    night.execute(f"UPDATE normalised.extracted SET delivered = false {NORTH} AND entity = 'code'")
    night.execute(
        f"UPDATE normalised.extracted SET delivered = false {NORTH} AND entity = 'drug' AND attribute = 'strength'"
    )
    results = run(night, catalogue, DOMAINS, {})
    assert _by_status(results, "failed") == {("code.table_delivered", "north")}
    notes = {r.check_id: r.note for r in results if r.domain == "north" and r.status == "not_applicable"}
    assert {c for c in notes if c.startswith("code.")} == {
        c.check_id for c in derive(catalogue) if c.entity == "code" and c.kind != "table_delivered"
    }
    assert notes["code.rows_collapse"] == "the table was not delivered"
    assert notes["drug.number.strength"] == "the column was not delivered"
    assert notes["drug.reference_resolves.route"] == notes["drug.code_set.route"] == "the target was not delivered"
    assert notes["drug.reference_resolves.either"] == "the target was not delivered"
    # the parts that point at drugs can still be followed
    assert _outcome(results, "part.reference_resolves.value", "north") == ("passed", 0, 1)
    assert _outcome(results, "drug.reference_resolves.route", "south") == ("passed", 0, 2)
    assert stopped(results) == []


def test_a_table_that_is_gone_stops_the_night(night: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    night.execute(f"DELETE FROM drawn.code {NORTH}")
    night.execute(f"UPDATE normalised.extracted SET delivered = false {NORTH} AND entity = 'code'")
    results = run(night, catalogue, DOMAINS, {("north", "code"): 907})
    assert {(r.check_id, r.domain) for r in stopped(results)} == {("code.rows_kept", "north")}


def test_a_statement_that_cannot_be_run_is_an_error_of_its_own_kind_of_checks_only(
    night: duckdb.DuckDBPyConnection, catalogue: Catalogue
) -> None:
    _normalise(night, catalogue)
    night.execute("ALTER TABLE normalised.reference RENAME COLUMN state TO condition")
    results = run_checks(night, catalogue, DOMAINS, {})
    broken = {c.check_id for c in derive(catalogue) if c.kind in ("reference_resolves", "code_set")}
    assert _by_status(results, "error") == {(c, d) for c in broken for d in DOMAINS}
    assert _by_status(results, "failed") == set()
    assert _outcome(results, "drug.flag.hidden", "north") == ("passed", 0, 2)
    notes = {r.note for r in results if r.status == "error"}
    assert notes == {"the check could not be run (BinderException)"}
    assert stopped(results) == []


@pytest.mark.parametrize("broken", ["DROP TABLE normalised.duplicate", "DETACH archive"])
def test_a_critical_check_that_cannot_be_run_stops_the_night(
    broken: str, night: duckdb.DuckDBPyConnection, catalogue: Catalogue
) -> None:
    _normalise(night, catalogue)
    night.execute(broken)
    results = run_checks(night, catalogue, DOMAINS, {})
    kinds = {"rows_quarantined"} if broken.startswith("DETACH") else {"local_id_present", "local_id_unique"}
    assert {(r.kind, r.status) for r in stopped(results)} == {(kind, "error") for kind in kinds}
    assert len(stopped(results)) == len(CLEAN) * len(DOMAINS) * len(kinds)


def test_a_value_that_several_items_answer_to_is_no_broken_link(
    night: duckdb.DuckDBPyConnection, catalogue: Catalogue
) -> None:
    night.execute("UPDATE drawn.code SET cki = 'C!3' WHERE local_id = '1'")
    results = run(night, catalogue, DOMAINS, {})
    assert _outcome(results, "drug.reference_resolves.group", "north") == ("passed", 0, 1)


def test_the_snapshot_can_be_named(night: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    results = run(night, catalogue, DOMAINS, {}, snapshots={"north": 1})
    assert _outcome(results, "drug.rows_quarantined", "north") == ("failed", 10, 10)
    assert _outcome(results, "drug.rows_quarantined", "south") == ("passed", 0, 100)


def test_values_of_an_extract_are_in_no_result(night: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    secret = "Anna Persson"
    night.execute("UPDATE drawn.drug SET local_id = ?, strength = ?, form = ?, route = ?", [secret] * 4)
    results = run(night, catalogue, DOMAINS, {})
    store(night, results)
    assert _by_status(results, "failed")
    assert secret not in str(list(results)) + json.dumps(results.documents)


def test_rules_reach_the_verdict(night: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    night.execute(f"UPDATE drawn.drug SET name = NULL {NORTH} AND local_id = '3'")
    rules = Rules.model_validate(
        {"rules": [{"check": "drug.required.name", "threshold": 0.34, "severity": "critical", "note": "known"}]}
    )
    results = run(night, catalogue, DOMAINS, {}, rules=rules)
    (name,) = [r for r in results if (r.check_id, r.domain) == ("drug.required.name", "north")]
    assert (name.status, name.failed, name.threshold, name.severity, name.note) == (
        "passed",
        1,
        0.34,
        "critical",
        "known",
    )


# --- Great Expectations is the judge


def test_the_suite_holds_an_expectation_for_every_severity(catalogue: Catalogue) -> None:
    from expectations.judge import suite

    made = suite(derive(catalogue))
    assert [(e.checks_of, e.severity) for e in made.expectations] == [
        ("warning", "warning"), ("critical", "critical"), ("info", "info")
    ]  # fmt: skip


def test_its_verdict_is_the_status(
    night: duckdb.DuckDBPyConnection, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from expectations.judge import ExpectSharesOfFailuresWithin

    def contrary(self: Any, metrics: Mapping[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        places = [row["place"] for row in metrics["likare.summary"][self.checks_of]]
        return {"success": False, "result": {"details": {"failed": places, "error": []}}}

    monkeypatch.setattr(ExpectSharesOfFailuresWithin, "_validate", contrary)
    results = run(night, catalogue, DOMAINS, {})
    assert {r.status for r in results if r.kind == "local_id_unique"} == {"failed"}


def test_an_expectation_that_raises_is_an_error_and_not_a_failure(
    night: duckdb.DuckDBPyConnection, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from expectations.judge import ExpectSharesOfFailuresWithin

    honest = ExpectSharesOfFailuresWithin._validate

    def faulty(self: Any, *arguments: Any, **named: Any) -> Any:
        if self.checks_of == "critical":
            raise RuntimeError("no verdict")
        return honest(self, *arguments, **named)

    monkeypatch.setattr(ExpectSharesOfFailuresWithin, "_validate", faulty)
    results = run(night, catalogue, DOMAINS, {})
    # It judges all checks of its severity.
    beside = {c.check_id for c in derive(catalogue) if c.severity == "critical"}
    assert _by_status(results, "error") == {(c, d) for c in beside for d in DOMAINS}
    assert _by_status(results, "failed") == set()
    assert len(stopped(results)) == 2 * len(beside)
    (told,) = [r for r in results.documents["drug"]["results"] if r["kwargs"]["check_id"] == "drug.local_id_unique"]
    assert (told["raised_exception"], told["success"], told["result"]) == (True, None, {})


@pytest.mark.parametrize("told", [{"raised_exception": True}, {"('metric',)": {"exception_message": "m"}}, {}, None])
def test_exception_info_is_read_before_success(told: Any) -> None:
    from expectations.figures import Row
    from expectations.judge import _verdict

    row = Row("c", "north", "measured", 1, 2, 0.5)
    result = {"details": {"failed": [7], "error": []}}
    outcome = SimpleNamespace(success=False, result=result, exception_info=told)
    assert _verdict(outcome, 7, row) == "error"
    outcome.exception_info = {"raised_exception": False}
    assert _verdict(outcome, 7, row) == "failed"
    assert _verdict(outcome, 8, row) == "passed"
    assert _verdict(None, 7, row) == "error"


def test_a_fault_below_the_expectations_is_an_error_of_all(
    night: duckdb.DuckDBPyConnection, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine

    def faulty(*_: Any, **__: Any) -> None:
        raise RuntimeError("no frame")

    monkeypatch.setattr(PandasExecutionEngine, "get_compute_domain", faulty)
    results = run(night, catalogue, DOMAINS, {})
    assert {r.status for r in results} == {"error"}
    assert {r.note for r in results} == {"the judge could not be run"}


@pytest.mark.parametrize("broken", [("a", None), ("b", 0.5)])
def test_a_row_without_a_share_or_a_check_without_a_row_is_an_error(broken: tuple[str, float | None]) -> None:
    from expectations.figures import Row
    from expectations.judge import judge

    check = Check("a", "drug", "required", "critical", 1.0, "n")
    _, documents = judge([check], [Row(broken[0], "north", "measured", 1, 2, broken[1])])
    assert documents["drug"]["results"][0]["raised_exception"] is True
    assert documents["drug"]["success"] is False


def test_the_documents_are_kept_beside_the_results(night: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    results = run(night, catalogue, DOMAINS, {})
    again = run(night, catalogue, DOMAINS, {})
    assert isinstance(results, Results)
    assert results.documents == again.documents
    store(night, results)
    kept = dict(night.execute("SELECT entity, document FROM measured.quality_document").fetchall())
    assert set(kept) == {*CLEAN, "delivery"}
    drug = json.loads(kept["drug"])
    assert drug["success"] is True
    (name,) = [r for r in drug["results"] if r["kwargs"]["check_id"] == "drug.required.name"]
    assert name["result"]["details"]["domains"]["north"] == {"status": "passed", "failed": 0, "total": 3, "share": 0.0}


def test_the_judge_neither_calls_home_nor_draws_bars_nor_writes_pages(
    night: duckdb.DuckDBPyConnection, catalogue: Catalogue, capfd: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import os
    import socket

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.chdir(tmp_path)
    run(night, catalogue, DOMAINS, {})
    told = capfd.readouterr()
    assert "Calculating" not in told.err + told.out
    assert list(tmp_path.iterdir()) == []
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
