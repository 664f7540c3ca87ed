"""Time landing, screening and history beside plain DuckDB reading the same files: a part of ``make bench``.

Per scale: plain DuckDB (every file read once as text, all columns hashed, nothing kept), the same written into tables
by DuckDB alone, the first delivery of two domains landed, the same files delivered a day later, and a third delivery in
which one row in a thousand changed. Each in a process of its own; what counts are the ratios to the plain run just
before. An archive's file also grows by room that later nights use. Nothing is asserted here.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

from night import deliver_again, deliveries, fresh, generate, peak_memory, plain, written_as  # noqa: E402


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
    return {**used, "rows": rows, "peak": peak_memory(), "grown": archive.stat().st_size - before}


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
    grown = target.stat().st_size
    target.unlink()
    return {**used, "peak": peak_memory(), "grown": grown}


def change(incoming: Path, seed: int) -> None:
    """Deliver once more, two days later, with one line in a thousand otherwise."""
    chance = random.Random(seed)
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


WORK = {"plain": lambda folder: plain(folder, 0, 0), "written": written, "land": land}


def spawn(work: str, folder: Path) -> dict[str, Any]:
    """One piece of work in a fresh process. Raises SystemExit with its stderr where it fails."""
    return fresh(__file__, "--work", work, "--folder", str(folder))


def measure(scale: int, repeat: int, seed: int) -> list[dict[str, dict[str, Any]]]:
    """The repeats of one scale."""
    with tempfile.TemporaryDirectory(prefix="likare-bench-") as name:
        folder = Path(name)
        generate(folder, scale, seed)
        runs = []
        for i in range(repeat):
            data = folder / f"data{i}"
            shutil.copytree(folder / "incoming", data / "incoming", copy_function=os.link)
            run = {
                "plain": spawn("plain", data),
                "plain, written": spawn("written", data),
                "first": spawn("land", data),
            }
            deliver_again(data / "incoming")
            run["unchanged"] = spawn("land", data)
            change(data / "incoming", seed)
            run["0.1 % changed"] = spawn("land", data)
            run["plain"]["bytes"] = sum(p.stat().st_size for p in deliveries(folder / "incoming"))
            runs.append(run)
            shutil.rmtree(data)
    return runs


def against(found: list[dict[str, Any]], runs: list[dict[str, dict[str, Any]]], by: str) -> float:
    """The median of the seconds over those of another part of the same repeat."""
    return statistics.median(one["seconds"] / run[by]["seconds"] for one, run in zip(found, runs, strict=True))


@click.command()
@click.option("--scales", default="200000,1000000", show_default=True, help="Rows per domain, divided by commas.")
@click.option(
    "--repeat", default=1, show_default=True, type=click.IntRange(1), help="Runs per scale; medians are told."
)
@click.option("--seed", default=1, show_default=True, help="Of the sample.")
@click.option("--work", type=click.Choice(tuple(WORK)), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(scales: str, repeat: int, seed: int, work: str | None, folder: Path | None) -> None:
    """Time the landing at several scales beside plain DuckDB reading the same files."""
    if work and folder:
        click.echo(json.dumps(WORK[work](folder)))
        return
    for scale in map(int, scales.split(",")):
        runs = measure(scale, repeat, seed)
        rows, size = runs[0]["plain"]["rows"], runs[0]["plain"]["bytes"]
        click.echo(f"{scale:,} rows a domain: {rows:,} rows, {size / 1e6:,.0f} MB")
        click.echo(
            f"  {'':<15}{'seconds':>9}{'cpu s':>9}{'x plain':>9}{'x first':>9}{'peak GiB':>10}{'archive + MB':>14}"
        )
        for name in runs[0]:
            found = [r[name] for r in runs]
            seconds, cpu = (statistics.median(f[field] for f in found) for field in ("seconds", "cpu"))

            click.echo(
                f"  {name:<15}{seconds:>9.2f}{cpu:>9.2f}{against(found, runs, 'plain'):>9.2f}"
                f"{against(found, runs, 'first'):>9.3f}{max(f['peak'] for f in found):>10.2f}"
                f"{found[0].get('grown', 0) / 1e6:>14.1f}"
            )


if __name__ == "__main__":
    main()
