"""Time landing, screening and history beside plain DuckDB reading the same files: a part of ``make bench``.

Per scale: plain DuckDB (every file read once as text, all columns hashed, nothing stored), the same written into tables
by DuckDB alone, the first delivery of two domains landed, the same files delivered a day later, and a third delivery in
which one row in a thousand changed. Each in a process of its own; what counts are the ratios to the plain run just
before. The size is that of the files, or what the archive grew by, room that later nights use included. Nothing is
asserted here.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from night import deliver_again, deliveries, fresh, generate, peak_memory, plain, written_as  # noqa: E402
from report import HEADING, Line  # noqa: E402

SCALES = (30_000, 1_000_000)


def land(folder: Path) -> dict[str, Any]:
    """Land what has not been landed yet; the rows, and the archive's bytes before and after."""
    from flows.opened import warehouse_of
    from flows.settings import Domain, Settings
    from flows.steps import Context, land_step
    from transforms.catalogue import load_catalogue

    domains = tuple(Domain(name=p.name) for p in sorted((folder / "incoming").iterdir()) if p.is_dir())
    settings = Settings(
        file=ROOT / "likare.toml", catalogue="millennium", data=folder, crosswalk=folder, decisions=folder,
        domains=domains,
    )  # fmt: skip
    catalogue, warehouse = load_catalogue("millennium"), warehouse_of(settings)
    archive = folder / "archive.duckdb"
    before = archive.stat().st_size if archive.exists() else 0
    began, cpu = time.monotonic(), time.process_time()
    with warehouse.lock():
        rows = land_step(Context(settings, catalogue, warehouse, lambda _: None, []))
    used = {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}
    return {**used, "rows": rows, "peak": peak_memory(), "size": archive.stat().st_size - before}


def written(folder: Path) -> dict[str, Any]:
    """Every delivered file once, as text, into a table of a DuckDB file: what the writing takes without any of ours."""
    import duckdb

    files = {path: written_as(path) for path in deliveries(folder / "incoming")}
    began, cpu = time.monotonic(), time.process_time()
    target = folder / "written.duckdb"
    with duckdb.connect(str(target)) as con:
        con.execute("SET enable_progress_bar = false")
        for i, (path, how) in enumerate(files.items()):
            con.execute(
                f"CREATE TABLE t{i} AS SELECT * FROM read_csv(?, delim = ?, quote = ?, escape = ?, encoding = ?, "
                "header = true, all_varchar = true, auto_detect = true, sample_size = 1, ignore_errors = true)",
                [str(path), *how],
            )
    used = {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}
    size = target.stat().st_size
    target.unlink()
    return {**used, "peak": peak_memory(), "size": size}


def change(incoming: Path) -> None:
    """Deliver once more, two days later, with one line in a thousand otherwise."""
    chance = random.Random(1)
    for domain in (p for p in incoming.iterdir() if p.is_dir()):
        newest = max(domain.iterdir())
        later = domain / "2099-01-01"
        later.mkdir()
        for path in newest.iterdir():
            head, *lines = path.read_bytes().splitlines(keepends=True)
            for i in chance.sample(range(len(lines)), len(lines) // 1000):
                # A date of the housekeeping columns, so that every other rule holds.
                lines[i] = lines[i].replace(b"2025 ", b"2024 ", 1)
            (later / path.name).write_bytes(head + b"".join(lines))


WORK = {"plain": lambda folder: plain(folder, 0), "written": written, "land": land}


def spawn(work: str, folder: Path) -> dict[str, Any]:
    """One piece of work in a fresh process. Raises SystemExit with its stderr where it fails."""
    return fresh(__file__, "--work", work, "--folder", str(folder))


def measure(scale: int) -> Iterator[Line]:
    """The lines of one scale."""
    with tempfile.TemporaryDirectory(prefix="likare-bench-") as name:
        folder = Path(name)
        generate(folder, scale)
        beside = spawn("plain", folder)

        def line(what: str, used: dict[str, Any], first: float | None = None) -> Line:
            against = beside if used is not beside else None
            return Line(
                beside["rows"], what, used["seconds"], used["cpu"], against, first, peak=used["peak"], size=used["size"]
            )

        yield line("plain DuckDB", beside)
        yield line("plain DuckDB, written", spawn("written", folder))
        first = spawn("land", folder)
        yield line("first delivery landed", first)
        deliver_again(folder / "incoming")
        yield line("unchanged delivery", spawn("land", folder), first["cpu"])
        change(folder / "incoming")
        yield line("0.1 % of the rows changed", spawn("land", folder), first["cpu"])


def lines(scales: Iterable[int] = SCALES) -> Iterator[Line]:
    """The lines of several scales."""
    for scale in scales:
        yield from measure(scale)


@click.command()
@click.option(
    "--scales", default=",".join(map(str, SCALES)), show_default=True, help="Rows a domain, divided by commas."
)
@click.option("--work", type=click.Choice(tuple(WORK)), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(scales: str, work: str | None, folder: Path | None) -> None:
    """Time the landing at several scales beside plain DuckDB reading the same files."""
    if work and folder:
        click.echo(json.dumps(WORK[work](folder)))
        return
    click.echo(HEADING)
    for line in lines(map(int, scales.split(","))):
        click.echo(line)


if __name__ == "__main__":
    main()
