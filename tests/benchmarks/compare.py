"""Time matching and comparing of a pair of tables beside plain DuckDB: a part of ``make bench``.

Each pair has 15 columns (an id that is local, a key, 13 values); in B 3 % of the rows have one changed value, 1 % are
missing and 1 % are new. Plain DuckDB joins the sides in full on the key and asks IS DISTINCT FROM of every column.
Likare lands, normalises, matches (by key, with identities and what is ambiguous) and compares, to every changed cell.
Both begin with two CSV files; match and compare are also held against the plain join of tables. What both find is
checked against what was planted, to the cell. What counts are the ratios within one run. A small pair goes first:
importing and the making of the night's template is not what is measured.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from night import peak_memory  # noqa: E402
from report import HEADING, Line  # noqa: E402

from transforms.build import compare, match, normalise  # noqa: E402
from transforms.build.template import template  # noqa: E402
from transforms.catalogue import Catalogue, load_catalogue  # noqa: E402
from transforms.land import landing  # noqa: E402
from transforms.warehouse import Warehouse, lit, scratch  # noqa: E402

SIZES = (200_000, 1_000_000, 5_000_000)
COLUMNS = [f"c{i}" for i in range(1, 14)]

HEAD = """
catalogue: bench
title: Bench
areas:
  one: {title: One, weight: 1}
"""


def entity() -> str:
    """The catalogue's one entity type."""
    attributes = "\n".join(f"  {c}: {{column: {c.upper()}, compare: text}}" for c in COLUMNS)
    return (
        "entity: row\ntitle: Row\narea: one\nsource: {table: ROWS, local_id: ID}\nkeys: [key]\n"
        f"attributes:\n  key: {{column: KEY, weight: 0}}\n{attributes}\n"
    )


def write(folder: Path, rows: int) -> None:
    """Both sides as CSV, and what is planted in them as Parquet, below the folder."""
    values = ", ".join(f"'value {c} ' || (hash(i, {n}) % 1000)::VARCHAR AS {c}" for n, c in enumerate(COLUMNS))
    changed = ", ".join(
        f"CASE WHEN kind = 'changed' AND cell = {n} THEN {c} || ' x' ELSE {c} END AS {c}" for n, c in enumerate(COLUMNS)
    )
    for domain in "ab":
        (folder / domain).mkdir()
    with scratch() as con:
        con.execute(
            f"""
            CREATE TABLE made AS SELECT i, 'K' || i AS key, {values}, hash(i, 99) % {len(COLUMNS)} AS cell,
                CASE WHEN hash(i, 98) % 100 < 3 THEN 'changed' WHEN hash(i, 98) % 100 = 3 THEN 'only_a'
                     WHEN hash(i, 98) % 100 = 4 THEN 'only_b' ELSE 'same' END AS kind FROM range({rows}) t(i);
            COPY (SELECT i AS ID, key AS KEY, {", ".join(COLUMNS)} FROM made WHERE kind <> 'only_b')
            TO {lit(str(folder / "a" / "ROWS.csv"))};
            COPY (SELECT {rows} - i AS ID, key AS KEY, {changed} FROM made WHERE kind <> 'only_a')
            TO {lit(str(folder / "b" / "ROWS.csv"))};
            COPY (SELECT key, kind, CASE kind WHEN 'changed' THEN 'c' || (cell + 1) END AS attribute
                  FROM made WHERE kind <> 'same') TO {lit(str(folder / "planted.parquet"))};
            """
        )


def plain(a: str, b: str) -> str:
    """The plain comparison of two sides."""
    return f"""
CREATE OR REPLACE TEMP TABLE plain AS
SELECT key, unnest(cells) AS attribute FROM (
    SELECT coalesce(a.key, b.key) AS key,
        CASE WHEN a.key IS NULL THEN ['only_b'] WHEN b.key IS NULL THEN ['only_a'] ELSE list_filter([
            {", ".join(f"CASE WHEN a.{c} IS DISTINCT FROM b.{c} THEN '{c}' END" for c in COLUMNS)}
        ], lambda x: x IS NOT NULL) END AS cells
    FROM {a} a FULL JOIN {b} b ON a.key = b.key
)
"""


# The cells that either has and the other has not: of the night and of what was planted, of plain and of what was.
WRONG = """
WITH found AS (SELECT label AS key, kind, attribute FROM compared.difference), planted AS (FROM read_parquet(?)),
cells AS (SELECT key, coalesce(attribute, kind) AS attribute FROM planted)
SELECT count(*) FROM (
    (SELECT key, kind, attribute FROM found EXCEPT ALL FROM planted) UNION ALL (FROM planted EXCEPT ALL FROM found)
    UNION ALL (SELECT key, attribute, NULL FROM plain EXCEPT ALL SELECT key, attribute, NULL FROM cells)
    UNION ALL (SELECT key, attribute, NULL FROM cells EXCEPT ALL SELECT key, attribute, NULL FROM plain))
"""


class Clock:
    """Seconds and processor seconds since it was asked last."""

    def __init__(self) -> None:
        self.at = self.now()

    @staticmethod
    def now() -> tuple[float, float]:
        """By the wall, and of this process."""
        return time.monotonic(), time.process_time()

    def lap(self) -> dict[str, float]:
        """What was taken since."""
        before, self.at = self.at, self.now()
        return {"seconds": self.at[0] - before[0], "cpu": self.at[1] - before[1]}


def catalogue_of(folder: Path) -> Catalogue:
    """The bench's catalogue, written below the folder."""
    (folder / "catalogue").mkdir()
    (folder / "catalogue" / "catalogue.yaml").write_text(HEAD, encoding="utf-8")
    (folder / "catalogue" / "row.yaml").write_text(entity(), encoding="utf-8")
    return load_catalogue(folder / "catalogue")


def measure(rows: int, templates: Path) -> Iterator[Line]:
    """One size. Raises SystemExit where what is found is not what was planted."""
    pairs = match.pairs_of(("a", "b"))
    with tempfile.TemporaryDirectory(prefix="likare-bench-") as name:
        folder = Path(name)
        catalogue = catalogue_of(folder)
        write(folder, rows)
        sides = {d: f"read_csv({lit(str(folder / d / 'ROWS.csv'))}, all_varchar = true)" for d in "ab"}
        with scratch() as con:
            clock = Clock()
            con.execute(plain(sides["a"], sides["b"]))
            files = clock.lap()
        yield Line(rows, "plain DuckDB, two CSV", **files)
        clock = Clock()
        warehouse = Warehouse(folder / "data", templates=templates)
        with warehouse.archive() as archive:
            for domain in "ab":
                landing.land(archive, catalogue, landing.Delivery(domain, datetime(2026, 1, 1), folder / domain))
        taken = {"land": clock.lap()}
        with warehouse.night(template(catalogue)) as night:
            for step in (normalise, match, compare):
                step.run(night, catalogue, {"a": 1, "b": 2} if step is normalise else pairs)
                taken[step.__name__.rpartition(".")[2]] = clock.lap()
            for domain, side in sides.items():
                night.execute(f"CREATE TABLE main.{domain} AS FROM {side}")
            clock = Clock()
            night.execute(plain("main.a", "main.b"))
            tables = clock.lap()
            if night.value(WRONG, [str(folder / "planted.parquet")]):
                raise SystemExit(f"bench: {rows:,} rows: what is found is not what was planted")
        for step_name, used in taken.items():
            yield Line(rows, f"  {step_name}", **used, plain=files)
        whole = {key: sum(used[key] for used in taken.values()) for key in files}
        yield Line(rows, "two CSV to every changed cell", **whole, plain=files, peak=peak_memory())
        yield Line(rows, "plain DuckDB, two tables", **tables)
        for step_name in ("match", "compare"):
            yield Line(rows, f"  {step_name}", **taken[step_name], plain=tables)


def lines(sizes: Iterable[int] = SIZES) -> Iterator[Line]:
    """The lines of several sizes."""
    with tempfile.TemporaryDirectory(prefix="likare-bench-") as templates:
        for _ in measure(1000, Path(templates)):
            pass
        for rows in sizes:
            yield from measure(rows, Path(templates))


@click.command()
@click.option("--rows", default=",".join(map(str, SIZES)), show_default=True, help="Rows of a side, divided by commas.")
def main(rows: str) -> None:
    """Print seconds, and how many times what plain DuckDB takes, per size."""
    click.echo(HEADING)
    for line in lines(map(int, rows.split(","))):
        click.echo(line)


if __name__ == "__main__":
    main()
