"""Recall and false alarms of the screening for personal data, over generated cases and over real files.

``.venv/bin/python tests/benchmarks/screen.py`` judges generated cases by family; with ``--real FOLDER`` every
delimited file below the folder (findings by file, column and kind; no value is printed); with ``--speed ROWS`` times
the screening beside plain DuckDB reading the same file.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.support import persons  # noqa: E402
from tests.support.screening import look  # noqa: E402
from transforms.land.screen import load_policy  # noqa: E402
from transforms.warehouse import Session, Sql, ident, lit, scratch  # noqa: E402

TODAY = date(2026, 11, 1)


def judge(cases: list[persons.Case]) -> list[set[str]]:
    """The kinds found in each case, all of them in one free-text column."""
    session = Session(scratch())
    session.execute("CREATE TABLE cases (TEXT VARCHAR)")
    session.execute("INSERT INTO cases SELECT unnest($1)", [[c.text for c in cases]])
    look(session, load_policy(), Sql("cases"), ["TEXT"], TODAY)
    found: list[set[str]] = [set() for _ in cases]
    for row, kind in session.rows("SELECT _row, kind FROM screened"):
        found[row - 1].add(kind)
    return found


def _generated() -> None:
    for title, cases in (
        ("must be found", persons.found_cases()),
        ("must not", persons.lookalike_cases(each=12)),
        ("chance", persons.chance_cases()),
    ):
        total: Counter[str] = Counter()
        hits: Counter[str] = Counter()
        for case, kinds in zip(cases, judge(cases), strict=True):
            total[case.family] += 1
            hits[case.family] += case.kind in kinds if case.kind else bool(kinds)
        click.echo(f"{title}: {len(cases)} cases, found in {hits.total()} ({hits.total() / len(cases):.4%})")
        for family, count in total.items():
            click.echo(f"  {family:45} {hits[family]:6} of {count:6}  {hits[family] / count:8.2%}")


def _columns() -> None:
    """Columns of dates and times that read as a person's number, alone and with one person among them."""
    alone = beside = 0
    cases = persons.stamp_columns()
    for stamps, among in cases:
        alone += any(judge([persons.Case("", text, "") for text in stamps]))
        beside += any(judge([persons.Case("", text, "") for text in among]))
    rows = sum(len(stamps) for stamps, _ in cases)
    click.echo(f"columns of stamps: {len(cases)} of {rows} rows in all")
    click.echo(f"  {'raise an alarm':45} {alone:6} of {len(cases):6}  {alone / len(cases):8.2%}")
    click.echo(f"  {'with one person: found':45} {beside:6} of {len(cases):6}  {beside / len(cases):8.2%}")


def _source(path: Path) -> tuple[Sql, list[str]]:
    encoding = "utf-8"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        encoding = "latin-1"
        text = path.read_text(encoding=encoding)
    head = text.split("\n", 1)[0]
    delimiter = max(",\t;|", key=head.count)
    width = max(len(row) for row in csv.reader(text.splitlines(), delimiter=delimiter))
    columns = [f"C{i}" for i in range(1, width + 1)]
    types = ", ".join(f"{lit(c)}: 'VARCHAR'" for c in columns)
    return Sql(
        f"read_csv({lit(str(path))}, auto_detect = false, header = false, delim = {lit(delimiter)}, quote = '\"', "
        f"escape = '\"', null_padding = true, ignore_errors = true, "
        f"encoding = {lit(encoding)}, columns = {{ {types} }})"
    ), columns


def _real(folder: Path) -> None:
    session = Session(scratch())
    rows = 0
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".csv", ".tsv", ".txt", ".parquet", ".json")):
        try:
            if path.suffix == ".parquet":
                source = Sql(f"read_parquet({lit(str(path))})")
            elif path.suffix == ".json":
                lines = f"SELECT unnest(string_split(content, chr(10))) AS LINE FROM read_text({lit(str(path))})"
                source = Sql(f"({lines})")
            else:
                source, _ = _source(path)
            columns = [n for n, t, *_ in session.rows(f"DESCRIBE SELECT * FROM {source}") if t == "VARCHAR"]
            count = session.value(f"SELECT count(*) FROM {source}")
            look(session, load_policy(), source, columns, TODAY)
        except Exception as fault:
            click.echo(f"{path.relative_to(folder)}: {type(fault).__name__}: {str(fault).splitlines()[0][:120]}")
            continue
        rows += count
        for column, kind, places, first in session.rows(
            "SELECT column_name, kind, count(*), min(_row) FROM screened GROUP BY ALL ORDER BY ALL"
        ):
            click.echo(f"{path.relative_to(folder)}: {column}: {kind}: {places} of {count} rows, first in row {first}")
    click.echo(f"{rows} rows")


def _speed(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        session = Session(scratch(threads="2"))
        session.execute(
            "COPY (SELECT i AS A_ID, (4100000000 + i * 7)::VARCHAR AS CATALOG_CD, "
            "'Tablett 5 mg nr ' || i || ' tas vid behov, högst 3 gånger' AS DESCRIPTION, "
            "'CKI.CODEVALUE!' || (100000 + i) AS CKI, "
            "uuid()::VARCHAR AS PATHWAY_UUID, i || '.00' AS SYNONYM_ID, '31-DEC-2100 00:00:00' AS END_DT_TM, "
            "i % 2 AS ACTIVE_IND "
            f"FROM range({rows}) t(i)) TO {lit(str(path))} (HEADER)"
        )
        columns = ["A_ID", "CATALOG_CD", "DESCRIPTION", "CKI", "PATHWAY_UUID", "SYNONYM_ID", "END_DT_TM", "ACTIVE_IND"]
        types = ", ".join(f"{lit(c)}: 'VARCHAR'" for c in columns)
        source = Sql(f"read_csv({lit(str(path))}, auto_detect = false, header = true, columns = {{ {types} }})")
        for title, run in (
            ("plain", lambda: session.value(f"SELECT bit_xor(hash({', '.join(map(ident, columns))})) FROM {source}")),
            ("screen", lambda: look(session, load_policy(), source, columns, TODAY)),
        ) * 2:
            began, cpu = time.monotonic(), time.process_time()
            run()
            wall, used = time.monotonic() - began, time.process_time() - cpu
            click.echo(f"{title:8} {rows} rows: {wall:.2f} s, {used:.2f} processor s")


@click.command()
@click.option("--real", type=click.Path(path_type=Path, exists=True), help="Screen every file below a folder.")
@click.option("--speed", type=int, help="Time so many rows.")
def main(real: Path | None, speed: int | None) -> None:
    """Print the figures that docs/personal-data.md tells of."""
    if real:
        _real(real)
    elif speed:
        _speed(speed)
    else:
        _generated()
        _columns()


if __name__ == "__main__":
    main()
