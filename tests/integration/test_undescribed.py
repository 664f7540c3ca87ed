"""Tables that no file of the catalogue describes, through the whole night."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import duckdb
import pytest

from flows.night import run_nights
from flows.settings import load_settings
from tests.support.builds import write_catalogue
from tests.support.shared import shared
from tests.support.undescribed import Made, make, published_model, suitable, write
from transforms.catalogue import load_catalogue
from transforms.warehouse import open_published

pytestmark = pytest.mark.integration


# The one entity type that the others lean on; a whole catalogue would only take time.
HEAD = """
catalogue: lean
title: Lean
areas: {one: {title: One}}
conventions:
  none: ["", "0"]
  personal: [UPDT_ID, "*_PRSNL_ID", PRSNL_ID, USERNAME, EMAIL, NAME_FULL_FORMATTED, NAME_FIRST, NAME_LAST]
  ignore: ["UPDT_*", "*_NLS", "ACTIVE_STATUS_*", "DATA_STATUS_*"]
undescribed:
  ids: ["*_ID", "*_CD", CODE_VALUE]
  live: {ACTIVE_IND: 1, END_EFFECTIVE_DT_TM: {after: snapshot}}
  codes: [code_value, code_set]
"""
CODES = """
entity: code_value
title: Code value
area: one
source: {table: CODE_VALUE, local_id: CODE_VALUE}
keys: [[code_set, display]]
label: display
attributes:
  code_set: {column: CODE_SET, weight: 0}
  display: {column: DISPLAY, compare: text}
"""


def night(folder: Path, deliveries: dict[str, Path]) -> duckdb.DuckDBPyConnection:
    folder.mkdir(parents=True, exist_ok=True)
    write_catalogue(folder / "lean", CODES, head=HEAD)
    domains = "".join(f'[[domain]]\nname = "{d}"\n' for d in deliveries)
    (folder / "likare.toml").write_text(f'[likare]\ncatalogue = "lean"\ndata = "data"\n{domains}')
    for domain, path in deliveries.items():
        incoming = folder / "data" / "incoming" / domain
        incoming.mkdir(parents=True)
        (incoming / "2026-01-01").symlink_to(path, target_is_directory=True)
    run_nights(load_settings({"LIKARE_CONFIG": str(folder / "likare.toml")}))
    return open_published(folder / "data")


def check(folder: Path, count: int, seed: int) -> None:
    """Draw so many tables, deliver them, and hold what the night says against what was made."""
    model = published_model(shared("millennium"))
    described = load_catalogue("millennium").tables()
    tables = sorted(random.Random(seed).sample(suitable(model, described), count))
    made = make(model, tables, seed=seed)
    deliveries = {d: write(folder / d, made.rows[d]) for d in "ab"}
    with contextlib.closing(night(folder / "x", deliveries)) as con:
        assert_recovered(con, made, tables)


def assert_recovered(con: duckdb.DuckDBPyConnection, made: Made, tables: list[str]) -> None:
    names = dict(con.execute("SELECT title_en, entity FROM entity_type WHERE area = 'undescribed'").fetchall())
    assert set(tables) <= set(names)
    table_of = {names[t]: t for t in tables}
    rows = con.execute("SELECT entity, kind, attribute, value_a, value_b, identity FROM difference").fetchall()
    ours = [r for r in rows if r[0] in table_of]
    changed = {(table_of[e], a, x, y) for e, kind, a, x, y, _ in ours if kind == "changed"}
    wanted = {(t, c.lower(), x or None, y) for t, c, x, y in made.changed}
    assert changed == wanted
    lone = {}
    for e, kind, *_ in ours:
        if kind != "changed":
            lone[table_of[e], kind] = lone.get((table_of[e], kind), 0) + 1
    assert lone == {(t, kind): 4 for t in tables for kind in ("only_a", "only_b")}


def test_planted_deviations_are_found_in_tables_without_a_description_and_nothing_else(tmp_path: Path) -> None:
    check(tmp_path, 8, seed=11)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_hundreds_of_tables_without_a_description(tmp_path: Path, seed: int) -> None:
    check(tmp_path, 60, seed=100 + seed)


def test_two_sites_of_another_product_without_its_catalogue(tmp_path: Path) -> None:
    builds = {d: shared(f"openmrs_builds/{d}") for d in ("refdemo", "ssuubo")}
    with contextlib.closing(night(tmp_path, builds)) as con:
        counts = con.execute(
            "SELECT entity, matched, only_a, only_b, identical FROM entity_count WHERE entity IN "
            "('drugs', 'privileges', 'roles', 'encountertypes') ORDER BY 1"
        ).fetchall()
        scored = con.execute("SELECT count(*) FROM measure WHERE level = 'total' AND value IS NOT NULL").fetchone()
    assert counts == [
        ("drugs", 325, 0, 0, 318),
        ("encountertypes", 19, 0, 0, 19),
        ("privileges", 52, 0, 0, 52),
        ("roles", 24, 0, 0, 24),
    ]
    assert scored == (0,), "what no person has described is reported, not scored"
