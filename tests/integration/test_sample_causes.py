"""The causes that were planted in the sample are found as such, and the exported files say what was found."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from tests.support import planted
from tests.support.builds import Answer, House
from transforms.ask import settle
from transforms.catalogue import load_catalogue
from transforms.land import landing
from transforms.sample import generate
from transforms.sample.recipes import RECIPES

pytestmark = pytest.mark.integration
DOMAINS = ("vgr", "skane")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answer]:
    """The first night of the smallest sample, its truth as tables of the schema ``temp``."""
    folder = tmp_path_factory.mktemp("causes")
    generate(folder, rows=5_000, nights=1)
    house = House(folder, load_catalogue("millennium"), DOMAINS)
    with house.warehouse.archive() as archive:
        for delivery in landing.deliveries(folder / "incoming", DOMAINS):
            house.snapshots[delivery.domain] = landing.land(archive, house.catalogue, delivery).snapshot_id
    answer = house.night()
    answer.con.execute("SET VARIABLE truth = ?", [str(folder / "truth")])
    for name in ("deviations", "causes"):
        with (folder / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
            found = [{k: v or None for k, v in row.items()} for row in csv.DictReader(handle)]
        columns = list(found[0])
        answer.con.execute(f"CREATE TEMP TABLE planted_{name} ({', '.join(f'{c} VARCHAR' for c in columns)})")
        answer.con.executemany(
            f"INSERT INTO planted_{name} VALUES ({', '.join('?' * len(columns))})", [list(r.values()) for r in found]
        )
    answer.con.execute(
        """
        CREATE TEMP TABLE found AS
        SELECT d.*, CASE WHEN d.kind <> 'only_b' THEN coalesce(c.local_id_a, u.local_id) END AS local_id_vgr,
               CASE WHEN d.kind <> 'only_a' THEN coalesce(c.local_id_b, u.local_id) END AS local_id_skane
        FROM published.difference d
        LEFT JOIN published.crosswalk c ON c.pair_id = d.pair_id AND c.identity = d.identity AND c.entity = d.entity
        LEFT JOIN published.unmatched u ON u.pair_id = d.pair_id AND u.identity = d.identity AND u.entity = d.entity
        """
    )
    yield answer
    house.close()


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return con.execute(sql).fetchall()


LINKED = """
    SELECT p.entity, p.attribute, p.kind, c.kind AS cause_kind, c.description, f.difference_id, EXISTS (
        SELECT 1 FROM published.difference_cause x JOIN found r ON r.difference_id = x.cause_id
        WHERE x.difference_id = f.difference_id AND r.entity = c.entity
          AND r.local_id_vgr IS NOT DISTINCT FROM c.local_id_vgr
          AND r.local_id_skane IS NOT DISTINCT FROM c.local_id_skane
    ) AS hit
    FROM planted_deviations p JOIN planted_causes c USING (cause_id)
    JOIN found f ON f.entity = p.entity AND f.kind = p.kind AND f.attribute IS NOT DISTINCT FROM p.attribute
     AND f.local_id_vgr IS NOT DISTINCT FROM p.local_id_vgr AND f.local_id_skane IS NOT DISTINCT FROM p.local_id_skane
    WHERE c.kind <> 'ambiguous'
"""


def test_what_was_planted_as_a_cause_is_found_behind_each_difference(night: Answer) -> None:
    missed = rows(night.con, f"SELECT * FROM ({LINKED}) WHERE NOT hit")
    assert missed == []
    kinds = {kind for (kind,) in rows(night.con, f"SELECT DISTINCT cause_kind FROM ({LINKED})")}
    assert kinds >= {"renamed", "missing"}


def test_the_ten_largest_causes_are_planted_ones_with_as_many_differences(night: Answer) -> None:
    found = rows(
        night.con,
        """
        SELECT c.rank, c.differences, p.explains::INTEGER FROM published.cause c
        JOIN found f ON f.difference_id = c.cause_id
        LEFT JOIN planted_causes p ON p.entity = f.entity AND p.local_id_vgr IS NOT DISTINCT FROM f.local_id_vgr
         AND p.local_id_skane IS NOT DISTINCT FROM f.local_id_skane
        WHERE NOT c.expected_local ORDER BY c.rank LIMIT 10
        """,
    )
    assert len(found) == 10
    assert [(rank, n) for rank, n, _ in found] == [(rank, planted) for rank, _, planted in found]


def test_what_was_found_stands_beside_what_was_planted(night: Answer) -> None:
    [truth] = night.con.execute("SELECT getvariable('truth')").fetchone() or [None]
    found = planted.beside(night.con, Path(str(truth)), 10)
    assert [b.rank for b in found] == list(range(1, 11))
    assert [b.explains for b in found] == [b.differences for b in found]
    assert all(b.planted and b.explains for b in found)


def test_nothing_else_is_called_explained(night: Answer) -> None:
    """All but planned coincidences: a link that went elsewhere or to nothing, when an end of it is itself missing."""
    others = rows(
        night.con,
        "SELECT entity, attribute FROM found WHERE steps > 0 "
        f"AND difference_id NOT IN (SELECT difference_id FROM ({LINKED}))",
    )
    entities = load_catalogue("millennium").entities
    links = {(name, link) for name in RECIPES for link in entities[name].references}
    assert set(others) <= {("plan_component", "sentence")} | links
    total = rows(night.con, "SELECT count(*) FROM found WHERE steps > 0")[0][0]
    assert isinstance(total, int) and len(others) <= total / 100


def test_the_worth_of_all_differences_is_what_is_missing(night: Answer) -> None:
    [(convergence,)] = night.rows("measure", "value", "level = 'total' AND metric = 'convergence'")
    [(worth,)] = night.rows("difference", "sum(worth)")
    assert worth == pytest.approx(1 - convergence)
    plan = settle.plan(night.con, "vgr~skane", 0.97)
    assert plan is not None and plan.least <= plan.number and plan.steps
    assert plan.reachable == pytest.approx(1)
    # Each has cause and steps in one place only.
    assert night.rows("difference", "count(*)", "steps = 0 AND cause_id <> difference_id AND causes = 1") == [(0,)]


def test_a_parquet_file_holds_every_difference(night: Answer, tmp_path: Path) -> None:
    from transforms.ask import export

    written = export.write(
        night.con, "SELECT difference_id, label FROM published.difference", [], tmp_path / "d.parquet"
    )
    assert (
        pyarrow.parquet.read_table(tmp_path / "d.parquet").num_rows
        == written
        == night.rows("difference", "count(*)")[0][0]
    )
