"""Time each step of a night and the whole of it beside plain DuckDB reading the same files: ``make bench``.

Plain DuckDB is the yardstick: every file read once as text and hashed, nothing kept. Absolute seconds say more of the
machine than of Likare, so what counts are the ratios to the plain run made immediately before, and how both grow with
the rows. Every run is a fresh process with an empty data folder. Nothing is asserted here.
"""

from __future__ import annotations

import codecs
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[2]
DELIMITERS = ",\t;|"

# --- what a fresh process does; each prints one JSON object ----------------------------------------------------------


def generate(folder: Path, scale: int, seed: int) -> dict[str, Any]:
    """The sample for one night, under ``folder/incoming``."""
    from transforms import sample

    began = time.monotonic()
    sample.generate(folder, rows=scale, seed=seed, nights=1)
    return {"seconds": time.monotonic() - began}


def plain(folder: Path, scale: int, seed: int) -> dict[str, Any]:
    """Every delivered file once: read as text by DuckDB, all columns hashed."""
    import duckdb

    files = {path: written_as(path) for path in deliveries(folder / "incoming")}
    began = time.monotonic()
    rows = 0
    with duckdb.connect() as con:
        for path, written in files.items():
            counted = con.execute(
                "SELECT count(*), bit_xor(hash(t)) FROM read_csv(?, delim = ?, quote = ?, escape = ?, encoding = ?, "
                "header = true, all_varchar = true, auto_detect = true, sample_size = 1, ignore_errors = true) t",
                [str(path), *written],
            ).fetchall()
            rows += counted[0][0]
    return {"seconds": time.monotonic() - began, "rows": rows, "peak": peak_memory()}


def night(folder: Path, scale: int, seed: int) -> dict[str, Any]:
    """All nights that are due, through the plain runner: seconds and rows of each step."""
    from flows.night import StepRun, Watcher, run_nights
    from flows.settings import Domain, Settings

    class Clock(Watcher):
        def __init__(self) -> None:
            self.runs: list[StepRun] = []

        def ended(self, run: StepRun, as_of: object) -> None:
            self.runs.append(run)

    domains = tuple(Domain(name=p.name) for p in sorted((folder / "incoming").iterdir()) if p.is_dir())
    clock = Clock()
    settings = Settings(file=ROOT / "likare.toml", catalogue="millennium", data=folder, domains=domains)
    began = time.monotonic()
    outcome = run_nights(settings, watcher=clock)
    seconds = time.monotonic() - began
    if len(outcome.nights) != 1:
        raise SystemExit(f"expected one night, got {len(outcome.nights)}")
    steps = {run.step: [run.seconds, run.rows] for run in clock.runs}
    return {"seconds": seconds, "steps": steps, "peak": peak_memory(), "size": published_size(folder)}


WORK: dict[str, Callable[[Path, int, int], dict[str, Any]]] = {"generate": generate, "plain": plain, "night": night}


def peak_memory() -> float:
    """Largest resident size of this process so far, in GiB."""
    # Not ru_maxrss where this can be read: a child's begins with that of the process that started it.
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"))
        if found:
            return int(found.group(1)) / 2**20
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**30 if sys.platform == "darwin" else 2**20)


def deliveries(incoming: Path) -> list[Path]:
    """Every delivered file: ``incoming/<domain>/<time>/…``."""
    return sorted(p for p in incoming.glob("*/*/**/*") if p.is_file())


def written_as(path: Path) -> tuple[str, str, str, str]:
    """(delimiter, quote, escape, encoding) for DuckDB, from the file itself."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, first = "utf-8", b""
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            first = first or chunk
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                # Read as what DuckDB knows without an extension: the letters do not matter here.
                encoding = "utf-16" if first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "latin-1"
                break
    header = first.decode(encoding, errors="ignore")
    header = header.splitlines()[0] if header else ""
    delimiter = max(DELIMITERS, key=header.count)
    quote = '"' if delimiter in ",;" or header.startswith('"') else ""
    return delimiter, quote, quote, encoding


def published_size(folder: Path) -> int:
    """Bytes of the archive and of the published night."""
    return sum((folder / name).stat().st_size for name in ("archive.duckdb", "published.duckdb"))


# --- the measuring process -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A step's seconds (median of the repeats), the rows it made, and seconds over those of plain DuckDB."""

    seconds: float
    rows: int
    ratio: float


@dataclass(frozen=True)
class Scale:
    """What was measured at one scale. ``rows`` and ``bytes`` are those of the files, both domains together."""

    scale: int
    files: int
    rows: int
    bytes: int
    generated: float
    plain: float
    plain_peak: float
    night: float
    night_ratio: float
    night_peak: float
    steps: dict[str, Step]
    second: float
    second_ratio: float
    second_peak: float
    second_steps: dict[str, Step]
    size: int


def measure(scale: int, repeat: int, seed: int, say: Callable[[str], None]) -> Scale:
    """One scale: plain and night in turn, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="likare-bench-") as name:
        folder = Path(name)
        say(f"{scale:,} rows a domain: generating")
        generated = spawn("generate", folder, scale, seed)["seconds"]
        files = deliveries(folder / "incoming")
        size_of_files = sum(p.stat().st_size for p in files)
        runs: list[dict[str, dict[str, Any]]] = []
        for i in range(repeat):
            data = folder / f"data{i}"
            shutil.copytree(folder / "incoming", data / "incoming", copy_function=os.link)
            one: dict[str, dict[str, Any]] = {}
            say(f"{scale:,} rows a domain: run {i + 1} of {repeat}")
            one["plain"] = spawn("plain", data, scale, seed)
            one["night"] = spawn("night", data, scale, seed)
            deliver_again(data / "incoming")
            one["plain_again"] = spawn("plain", folder, scale, seed)
            one["second"] = spawn("night", data, scale, seed)
            runs.append(one)
            shutil.rmtree(data)
    return Scale(
        scale=scale,
        files=len(files),
        rows=runs[0]["plain"]["rows"],
        bytes=size_of_files,
        generated=generated,
        plain=median(r[p]["seconds"] for r in runs for p in ("plain", "plain_again")),
        plain_peak=max(r["plain"]["peak"] for r in runs),
        night=median(r["night"]["seconds"] for r in runs),
        night_ratio=median(r["night"]["seconds"] / r["plain"]["seconds"] for r in runs),
        night_peak=max(r["night"]["peak"] for r in runs),
        steps=steps_of(runs, "night", "plain"),
        second=median(r["second"]["seconds"] for r in runs),
        second_ratio=median(r["second"]["seconds"] / r["plain_again"]["seconds"] for r in runs),
        second_peak=max(r["second"]["peak"] for r in runs),
        second_steps=steps_of(runs, "second", "plain_again"),
        size=runs[-1]["second"]["size"],
    )


def deliver_again(incoming: Path) -> None:
    """The same files delivered a day later: a night in which nothing changed."""
    from transforms.landing import deliveries as known

    domains = tuple(p.name for p in incoming.iterdir() if p.is_dir())
    for delivery in known(incoming, domains):
        later = f"{delivery.delivered_at + timedelta(days=1):%Y-%m-%dT%H%M}"
        shutil.copytree(delivery.path, delivery.path.with_name(later), copy_function=os.link)


def spawn(work: str, folder: Path, scale: int, seed: int) -> dict[str, Any]:
    """Carry one piece of work out in a fresh process. Raises SystemExit with its stderr where it fails."""
    command = [sys.executable, str(Path(__file__)), "--work", work, "--folder", str(folder)]
    done = subprocess.run(
        [*command, "--scales", str(scale), "--seed", str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"bench: {work} failed\n{done.stderr.strip()}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def steps_of(runs: Iterable[dict[str, dict[str, Any]]], which: str, beside: str) -> dict[str, Step]:
    """The steps of that night with their medians over the repeats."""
    runs = list(runs)
    return {
        name: Step(
            median(r[which]["steps"][name][0] for r in runs),
            rows,
            median(r[which]["steps"][name][0] / r[beside]["seconds"] for r in runs),
        )
        for name, (_, rows) in runs[0][which]["steps"].items()
    }


def median(values: Iterable[float]) -> float:
    """The median of at least one value."""
    return statistics.median(values)


def growth(small: Scale, large: Scale) -> dict[str, float]:
    """Exponent of the growth of seconds with rows between two scales, per step; 1 is in proportion."""
    pairs = {"plain": (small.plain, large.plain), "night": (small.night, large.night)}
    pairs |= {"second night": (small.second, large.second)}
    pairs |= {n: (small.steps[n].seconds, large.steps[n].seconds) for n in small.steps if n in large.steps}
    rows = math.log(large.rows / small.rows)
    return {name: math.log(b / a) / rows for name, (a, b) in pairs.items() if a > 0 and b > 0}


def table(s: Scale) -> str:
    """One scale as text."""
    lines = [
        f"{s.scale:,} rows a domain: {s.files} files, {s.rows:,} rows, {s.bytes / 1e6:,.0f} MB; "
        f"generated in {s.generated:.1f} s",
        f"  {'':<14}{'seconds':>9}{'rows':>13}{'x plain':>9}{'unchanged':>11}",
        f"  {'plain DuckDB':<14}{s.plain:>9.2f}{s.rows:>13,}{1:>9.1f}",
    ]
    for name, step in s.steps.items():
        again = f"{s.second_steps[name].seconds:>11.2f}" if name in s.second_steps else ""
        lines.append(f"  {name:<14}{step.seconds:>9.2f}{step.rows:>13,}{step.ratio:>9.1f}{again}")
    lines += [
        f"  {'whole night':<14}{s.night:>9.2f}{'':>13}{s.night_ratio:>9.1f}{s.second:>11.2f}",
        f"  peak memory: plain {s.plain_peak:.2f} GiB, night {s.night_peak:.2f} GiB, unchanged night "
        f"{s.second_peak:.2f} GiB; archive and published night {s.size / 1e6:,.0f} MB",
    ]
    return "\n".join(lines)


@click.command()
@click.option("--scales", default="20000,200000,1000000", show_default=True, help="Rows per domain, divided by commas.")
@click.option(
    "--repeat", default=1, show_default=True, type=click.IntRange(1), help="Runs per scale; medians are told."
)
@click.option("--seed", default=1, show_default=True, help="Of the sample.")
@click.option("--json", "as_json", is_flag=True, help="The same for machines.")
@click.option("--work", type=click.Choice(tuple(WORK)), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(scales: str, repeat: int, seed: int, as_json: bool, work: str | None, folder: Path | None) -> None:
    """Time a night at several scales beside plain DuckDB reading the same files."""
    try:
        wanted = [int(each) for each in scales.split(",")]
    except ValueError:
        raise click.BadParameter("rows per domain, divided by commas, as 20000,200000") from None
    if work and folder:
        click.echo(json.dumps(WORK[work](folder, wanted[0], seed)))
        return
    found = []
    for scale in wanted:
        found.append(measure(scale, repeat, seed, lambda text: click.echo(f"  … {text}", err=True)))
        if not as_json:
            click.echo(table(found[-1]) + "\n")
    exponents = growth(found[-2], found[-1]) if len(found) > 1 else {}
    if as_json:
        click.echo(json.dumps({"scales": [asdict(s) for s in found], "growth": exponents}, indent=2))
    elif exponents:
        shown = ", ".join(f"{name} {value:.2f}" for name, value in exponents.items())
        click.echo(
            f"Growth of seconds with rows from {found[-2].scale:,} to {found[-1].scale:,} (1 = in proportion): {shown}"
        )


if __name__ == "__main__":
    main()
