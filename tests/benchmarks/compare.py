"""Time matching and comparing of a pair of tables beside plain DuckDB: ``python tests/benchmarks/compare.py``.

Each pair has 15 columns (an id that is local, a key, 13 values); in B 3 % of the rows have one changed value, 1 % are
missing and 1 % are new. Both sides start from the normalised layer. Plain DuckDB joins them in full on the key and
asks IS DISTINCT FROM of every column; Likare matches (by key, with identities and what is ambiguous) and compares, to
every changed cell. What both find is checked against what was planted, to the cell. What counts are the ratios within
one run. A small pair goes first: reading the templates and importing is not what is measured.
"""

from __future__ import annotations

import itertools
import resource
import tempfile
import time
from pathlib import Path

import click

from transforms import compare, match, normalise
from transforms.catalogue import load_catalogue
from transforms.parts import Parts
from transforms.warehouse import Warehouse

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


def fill(night: object, rows: int) -> None:
    """The normalised layer of both sides, and what was planted in ``planted``."""
    values = ", ".join(f"'value {c} ' || (hash(i, {n}) % 1000)::VARCHAR AS {c}" for n, c in enumerate(COLUMNS))
    changed = ", ".join(
        f"CASE WHEN kind = 'changed' AND cell = {n} THEN {c} || ' x' ELSE {c} END AS {c}" for n, c in enumerate(COLUMNS)
    )
    night.execute(  # type: ignore[attr-defined]
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


@click.command()
@click.option("--rows", multiple=True, type=int, default=(200_000, 1_000_000, 5_000_000), show_default=True)
def main(rows: tuple[int, ...]) -> None:
    """Print seconds and ratios per size."""
    click.echo("      rows   plain s   match s   compare s   compare/plain   both/plain       cells   right   peak GiB")
    for n in (1000, *rows):
        with tempfile.TemporaryDirectory(prefix="likare-bench-") as name:
            folder = Path(name)
            (folder / "catalogue").mkdir()
            (folder / "catalogue" / "catalogue.yaml").write_text(HEAD, encoding="utf-8")
            (folder / "catalogue" / "row.yaml").write_text(entity(), encoding="utf-8")
            catalogue = load_catalogue(folder / "catalogue")
            with Warehouse(folder / "data").night() as night:
                normalise.run(night, catalogue, {})
                fill(night, n)
                pairs = match.pairs_of(("a", "b"))
                Parts(night).note("normalise", "row", "a", "x", "x")
                taken = [time.monotonic()]
                night.execute(PLAIN)
                taken.append(time.monotonic())
                match.run(night, catalogue, pairs)
                taken.append(time.monotonic())
                compare.run(night, catalogue, pairs)
                taken.append(time.monotonic())
                wrong = night.value(WRONG)
                cells = night.value("SELECT count(*) FROM compared.difference")
        plain, matched, compared = (b - a for a, b in itertools.pairwise(taken))
        if n == 1000:
            continue
        # Of this process so far, the plain join and the making of the pair included.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        click.echo(
            f"{n:>10,}   {plain:7.2f}   {matched:7.2f}   {compared:9.2f}   {compared / plain:13.2f}   "
            f"{(matched + compared) / plain:10.2f}   {cells:>9,}   {'yes' if not wrong else f'NO: {wrong}':>5}   {peak:8.1f}"
        )


if __name__ == "__main__":
    main()
