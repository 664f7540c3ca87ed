"""Time matching and comparing of a pair of tables beside plain DuckDB: ``python tests/benchmarks/compare.py``.

Each pair has 15 columns (an id that is local, a key, 13 values); in B 3 % of the rows have one changed value, 1 % are
missing and 1 % are new. Both ways start from the normalised layer, and once more from CSV files. Plain DuckDB joins the
sides in full on the key and asks IS DISTINCT FROM of every column; Likare matches (by key, with identities and what is
ambiguous) and compares, to every changed cell. What both find is checked against what was planted, to the cell. What
counts are the ratios within one run. A small pair goes first: reading the templates and importing is not what is
measured.
"""

from __future__ import annotations

import itertools
import resource
import tempfile
import time
from datetime import datetime
from pathlib import Path

import click

from transforms.build import compare, match, normalise
from transforms.build.parts import Parts
from transforms.catalogue import Catalogue, load_catalogue
from transforms.land import landing
from transforms.warehouse import Night, Warehouse, scratch

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


def fill(night: Night, rows: int) -> None:
    """The normalised layer of both sides, and what was planted in ``planted``."""
    values = ", ".join(f"'value {c} ' || (hash(i, {n}) % 1000)::VARCHAR AS {c}" for n, c in enumerate(COLUMNS))
    changed = ", ".join(
        f"CASE WHEN kind = 'changed' AND cell = {n} THEN {c} || ' x' ELSE {c} END AS {c}" for n, c in enumerate(COLUMNS)
    )
    night.execute(
        f"""
        CREATE TEMP TABLE made AS SELECT i, 'K' || i AS key, {values}, hash(i, 99) % {len(COLUMNS)} AS cell,
            CASE WHEN hash(i, 98) % 100 < 3 THEN 'changed' WHEN hash(i, 98) % 100 = 3 THEN 'only_a'
                 WHEN hash(i, 98) % 100 = 4 THEN 'only_b' ELSE 'same' END AS kind FROM range({rows}) t(i);
        INSERT INTO normalised.row BY NAME SELECT 'a' AS domain, 1 AS snapshot_id, i::VARCHAR AS local_id,
            i AS row_number, key AS label, key, {", ".join(COLUMNS)} FROM made WHERE kind <> 'only_b';
        INSERT INTO normalised.row BY NAME SELECT 'b' AS domain, 2 AS snapshot_id, ({rows} - i)::VARCHAR AS local_id,
            i AS row_number, key AS label, key, {changed} FROM made WHERE kind <> 'only_a';
        INSERT INTO normalised.extracted SELECT d, 'row', a, true FROM (SELECT unnest(['a', 'b']) AS d),
            (SELECT unnest(['', 'key', {", ".join(f"'{c}'" for c in COLUMNS)}]) AS a);
        UPDATE normalised.row SET row_hash = hash({", ".join(COLUMNS)});
        CREATE TEMP TABLE planted AS SELECT key, kind, CASE kind WHEN 'changed' THEN 'c' || (cell + 1) END AS attribute
            FROM made WHERE kind <> 'same';
        DROP TABLE made;
        """
    )


PLAIN = f"""
CREATE OR REPLACE TEMP TABLE plain AS
SELECT key, unnest(cells) AS attribute FROM (
    SELECT coalesce(a.key, b.key) AS key,
        CASE WHEN a.key IS NULL THEN ['only_b'] WHEN b.key IS NULL THEN ['only_a'] ELSE list_filter([
            {", ".join(f"CASE WHEN a.{c} IS DISTINCT FROM b.{c} THEN '{c}' END" for c in COLUMNS)}
        ], lambda x: x IS NOT NULL) END AS cells
    FROM (SELECT * FROM normalised.row WHERE domain = 'a') a
    FULL JOIN (SELECT * FROM normalised.row WHERE domain = 'b') b ON a.key = b.key
)
"""


WRONG = """
WITH found AS (SELECT label AS key, kind, attribute FROM compared.difference), cells AS (
    SELECT key, coalesce(attribute, kind) AS attribute FROM planted)
SELECT count(*) FROM (
    (FROM found EXCEPT ALL FROM planted) UNION ALL (FROM planted EXCEPT ALL FROM found)
    UNION ALL (SELECT key, attribute, NULL FROM plain EXCEPT ALL SELECT key, attribute, NULL FROM cells)
    UNION ALL (SELECT key, attribute, NULL FROM cells EXCEPT ALL SELECT key, attribute, NULL FROM plain))
"""


# The cells found, as one number whatever their order.
CELLS = "SELECT count(*) || '.' || sum(hash(label, kind, attribute)) FROM compared.difference"


def of_bench(folder: Path) -> Catalogue:
    """The bench's catalogue, written below the folder."""
    (folder / "catalogue").mkdir()
    (folder / "catalogue" / "catalogue.yaml").write_text(HEAD, encoding="utf-8")
    (folder / "catalogue" / "row.yaml").write_text(entity(), encoding="utf-8")
    return load_catalogue(folder / "catalogue")


def normalised(folder: Path, catalogue: Catalogue, rows: int) -> tuple[list[float], bool, str]:
    """Seconds of plain, match and compare from the normalised layer; whether all was found; the cells.

    Leaves both sides as CSV below the folder.
    """
    pairs = match.pairs_of(("a", "b"))
    with Warehouse(folder / "data").night() as night:
        normalise.run(night, catalogue, {})
        fill(night, rows)
        Parts(night).note("normalise", "row", "a", "x", "x")
        taken = [time.monotonic()]
        night.execute(PLAIN)
        taken.append(time.monotonic())
        match.run(night, catalogue, pairs)
        taken.append(time.monotonic())
        compare.run(night, catalogue, pairs)
        taken.append(time.monotonic())
        right, cells = not night.value(WRONG), str(night.value(CELLS))
        for domain in "ab":
            (folder / domain).mkdir()
            night.execute(
                f"COPY (SELECT local_id AS ID, key AS KEY, {', '.join(COLUMNS)} FROM normalised.row "
                f"WHERE domain = '{domain}') TO '{folder}/{domain}/ROWS.csv'"
            )
    return [b - a for a, b in itertools.pairwise(taken)], right, cells


def read(folder: Path, catalogue: Catalogue) -> tuple[list[float], str]:
    """Seconds of plain and of Likare from CSV files to every changed cell; the cells."""
    sides = [f"read_csv('{folder}/{domain}/ROWS.csv', all_varchar = true)" for domain in "ab"]
    taken = [time.monotonic()]
    with scratch() as con:
        con.execute(PLAIN.replace("normalised.row WHERE domain = 'a'", sides[0]).replace(
            "normalised.row WHERE domain = 'b'", sides[1]))  # fmt: skip
    taken.append(time.monotonic())
    warehouse, pairs = Warehouse(folder / "read"), match.pairs_of(("a", "b"))
    with warehouse.archive() as archive:
        for domain in "ab":
            landing.land(archive, catalogue, landing.Delivery(domain, datetime(2026, 1, 1), folder / domain))
    with warehouse.night() as night:
        normalise.run(night, catalogue, {"a": 1, "b": 2})
        match.run(night, catalogue, pairs)
        compare.run(night, catalogue, pairs)
        cells = str(night.value(CELLS))
    taken.append(time.monotonic())
    return [b - a for a, b in itertools.pairwise(taken)], cells


@click.command()
@click.option("--rows", multiple=True, type=int, default=(200_000, 1_000_000, 5_000_000), show_default=True)
def main(rows: tuple[int, ...]) -> None:
    """Print seconds, and how many times what plain DuckDB takes, per size."""
    click.echo("           from the normalised layer                                     from CSV")
    click.echo(
        "     rows   plain s   match s   compare s   compare   both   right   plain s   Likare s      x  right  GiB"
    )
    for n in (1000, *rows):
        with tempfile.TemporaryDirectory(prefix="likare-bench-") as name:
            folder = Path(name)
            catalogue = of_bench(folder)
            (plain, matched, compared), right, cells = normalised(folder, catalogue, n)
            (plain_read, whole), cells_read = read(folder, catalogue)
        if n == 1000:
            continue
        # Of this process so far, plain DuckDB and the making of the pair included.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        click.echo(
            f"{n:>9,}   {plain:7.2f}   {matched:7.2f}   {compared:9.2f}   {compared / plain:7.2f}   "
            f"{(matched + compared) / plain:4.1f}   {'yes' if right else 'NO':>5}   {plain_read:7.2f}   {whole:8.2f}   "
            f"{whole / plain_read:4.1f}  {'yes' if cells == cells_read else 'NO':>5}  {peak:3.1f}"
        )


if __name__ == "__main__":
    main()
