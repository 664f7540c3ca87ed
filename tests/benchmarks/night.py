"""Time each step of a night and the whole of it beside plain DuckDB reading the same files: ``make bench``.

Plain DuckDB is the yardstick: every file read once as text and hashed, nothing kept. Absolute seconds say more of the
machine than of Likare, so what counts are the ratios to the plain run made immediately before, and how both grow with
the rows. Every run is a fresh process; each night begins with an empty data folder. Where other work shares the machine
the processor seconds (of all threads together) are the steadier figure. Nothing is asserted here.
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
from collections.abc import Callable, Sequence
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
    began, cpu = time.monotonic(), time.process_time()
    rows = 0
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")  # it would be drawn among our JSON
        for path, written in files.items():
            counted = con.execute(
                "SELECT count(*), bit_xor(hash(t)) FROM read_csv(?, delim = ?, quote = ?, escape = ?, encoding = ?, "
                "header = true, all_varchar = true, auto_detect = true, sample_size = 1, ignore_errors = true) t",
                [str(path), *written],
            ).fetchall()
            rows += counted[0][0]
    used = {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}
    return {**used, "rows": rows, "peak": peak_memory()}


def night(folder: Path, scale: int, seed: int) -> dict[str, Any]:
    """All nights that are due, through the plain runner: seconds and rows of each step."""
    from flows.night import run_nights
    from flows.settings import Domain, Settings
    from flows.watcher import StepRun, Watcher

    class Clock(Watcher):
        def __init__(self) -> None:
            self.began = 0.0
            self.steps: dict[str, dict[str, float]] = {}

        def started(self, step: str, as_of: object) -> None:
            self.began = time.process_time()

        def ended(self, run: StepRun, as_of: object) -> None:
            cpu = time.process_time() - self.began
            self.steps[run.step] = {"seconds": run.seconds, "cpu": cpu, "rows": run.rows}

    domains = tuple(Domain(name=p.name) for p in sorted((folder / "incoming").iterdir()) if p.is_dir())
    clock = Clock()
    settings = Settings(file=ROOT / "likare.toml", catalogue="millennium", data=folder, domains=domains)
    began, cpu = time.monotonic(), time.process_time()
    outcome = run_nights(settings, watcher=clock)
    used = {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}
    if len(outcome.nights) != 1:
        raise SystemExit(f"expected one night, got {len(outcome.nights)}")
    return {**used, "steps": clock.steps, "peak": peak_memory(), "size": published_size(folder)}


# Where a day's work on a build may gather: about a sixth of the sample's rows.
_GATHERED = ("ORDER_CATALOG_SYNONYM", "ORDER_SENTENCE", "PATHWAY_COMP", "ORDER_CATALOG", "NAME_VALUE_PREFS")
_WORD = re.compile(r"(?<=[,;|\t\" ])[A-ZÅÄÖ]?[a-zåäö]{3,}")


def change(folder: Path, tables: Sequence[str]) -> int:
    """Change a word in a thousandth of the rows of the newest deliveries; they lie in these tables, or in all.

    Returns how many rows were changed.
    """
    newest = [max(d.iterdir()) for d in sorted(folder.iterdir()) if d.is_dir()]
    files = [p for delivery in newest for p in sorted(delivery.rglob("*")) if p.is_file()]
    lines = {p: p.read_bytes().count(b"\n") for p in files}
    touched = [p for p in files if not tables or p.stem in tables]
    step = max(1, 1000 * sum(lines[p] for p in touched) // sum(lines.values()))
    changed = 0
    for path in touched:
        encoding = written_as(path)[3]
        with path.open(encoding=encoding, newline="") as handle:
            rows = list(handle)
        for i in range(step // 2 + 1, len(rows), step):
            other = _WORD.sub(lambda m: m.group(0) + "x", rows[i], count=1)
            changed += other != rows[i]
            rows[i] = other
        # Its bytes are shared with the delivery before it: never written through the link.
        path.unlink()
        with path.open("w", encoding=encoding, newline="") as handle:
            handle.writelines(rows)
    return changed


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
class Work:
    """Seconds and processor seconds (medians of the repeats) and seconds over those of plain DuckDB beside it.

    ``rows`` are those a step made; of plain DuckDB, those it read.
    """

    seconds: float
    cpu: float
    ratio: float
    rows: int = 0


@dataclass(frozen=True)
class Scale:
    """What was measured at one scale, both domains together.

    ``again`` is a night in which nothing changed, after another such; ``spread`` and ``gathered`` are nights with a
    thousandth of the rows changed, in every table or in five.
    """

    scale: int
    files: int
    bytes: int
    generated: float
    plain: Work
    night: Work
    again: Work
    spread: Work
    gathered: Work
    steps: dict[str, Work]
    steps_again: dict[str, Work]
    steps_spread: dict[str, Work]
    steps_gathered: dict[str, Work]
    peak: dict[str, float]
    size: int
    load: float


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
            # The second night of a project is the first that has a night to be held against: not yet the usual one.
            spawn("night", data, scale, seed)
            for which in ("again", "gathered", "spread"):
                deliver_again(data / "incoming")
                if which != "again":
                    change(data / "incoming", _GATHERED if which == "gathered" else ())
                one[which] = spawn("night", data, scale, seed)
            one["plain_again"] = spawn("plain", folder, scale, seed)
            runs.append(one)
            shutil.rmtree(data)
    return Scale(
        scale=scale,
        files=len(files),
        bytes=size_of_files,
        generated=generated,
        plain=work_of(runs, "plain", "plain", None),
        night=work_of(runs, "night", "plain", None),
        again=work_of(runs, "again", "plain_again", None),
        spread=work_of(runs, "spread", "plain_again", None),
        gathered=work_of(runs, "gathered", "plain_again", None),
        steps={n: work_of(runs, "night", "plain", n) for n in runs[0]["night"]["steps"]},
        steps_again={n: work_of(runs, "again", "plain_again", n) for n in runs[0]["again"]["steps"]},
        steps_spread={n: work_of(runs, "spread", "plain_again", n) for n in runs[0]["spread"]["steps"]},
        steps_gathered={n: work_of(runs, "gathered", "plain_again", n) for n in runs[0]["gathered"]["steps"]},
        peak={n: max(r[n]["peak"] for r in runs) for n in ("plain", "night", "again", "spread")},
        size=runs[-1]["again"]["size"],
        load=os.getloadavg()[0],
    )


def work_of(runs: list[dict[str, dict[str, Any]]], which: str, beside: str, step: str | None) -> Work:
    """The medians over the repeats, of one step or of the whole."""
    found = [(r[which]["steps"][step] if step else r[which], r[beside]["seconds"]) for r in runs]
    return Work(
        seconds=statistics.median(f["seconds"] for f, _ in found),
        cpu=statistics.median(f["cpu"] for f, _ in found),
        ratio=statistics.median(f["seconds"] / plain for f, plain in found),
        rows=int(found[0][0].get("rows", 0)),
    )


def deliver_again(incoming: Path) -> None:
    """The newest files of each domain delivered a day later: a night in which nothing changed."""
    from transforms.land.landing import deliveries as known

    domains = tuple(p.name for p in incoming.iterdir() if p.is_dir())
    for delivery in {one.domain: one for one in known(incoming, domains)}.values():
        later = f"{delivery.delivered_at + timedelta(days=1):%Y-%m-%dT%H%M}"
        shutil.copytree(delivery.path, delivery.path.with_name(later), copy_function=os.link)


def spawn(work: str, folder: Path, scale: int, seed: int) -> dict[str, Any]:
    """Carry one piece of work out in a fresh process. Raises SystemExit with its stderr where it fails."""
    return fresh(__file__, "--work", work, "--folder", str(folder), "--scales", str(scale), "--seed", str(seed))


def fresh(script: str, *options: str) -> dict[str, Any]:
    """What the last line of a script says, run in a fresh process. Raises SystemExit with its stderr where it fails."""
    done = subprocess.run(
        [sys.executable, script, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(options)} failed\n{done.stderr.strip()}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def growth(small: Scale, large: Scale) -> dict[str, float]:
    """Exponent of the growth of processor seconds with rows between two scales, per step; 1 is in proportion."""
    pairs = {"plain": (small.plain, large.plain), "whole night": (small.night, large.night)}
    pairs |= {"unchanged night": (small.again, large.again), "0.1 % changed": (small.spread, large.spread)}
    pairs |= {n: (small.steps[n], large.steps[n]) for n in small.steps if n in large.steps}
    rows = math.log(large.plain.rows / small.plain.rows)
    return {name: math.log(b.cpu / a.cpu) / rows for name, (a, b) in pairs.items() if a.cpu > 0 and b.cpu > 0}


def table(s: Scale) -> str:
    """One scale as text."""

    def line(name: str, work: Work, others: Sequence[Work | None], rows: bool = True) -> str:
        counted = f"{work.rows:>13,}" if rows else " " * 13
        rest = "".join(f"{other.cpu:>11.2f}" if other else " " * 11 for other in others)
        return f"  {name:<13}{work.seconds:>9.2f}{work.cpu:>9.2f}{counted}{work.ratio:>9.1f}{rest}"

    nights = (s.again, s.gathered, s.spread)
    shares = "".join(f"{one.cpu / s.night.cpu:>10.1%} " for one in nights)

    return "\n".join(
        [
            f"{s.scale:,} rows a domain: {s.files} files, {s.plain.rows:,} rows, {s.bytes / 1e6:,.0f} MB; "
            f"generated in {s.generated:.1f} s",
            f"  {'':<13}{'seconds':>9}{'cpu s':>9}{'rows':>13}{'x plain':>9}   cpu s of later nights:",
            f"  {'':<13}{'':>9}{'':>9}{'':>13}{'':>9}{'unchanged':>11}{'5 tables':>11}{'0.1 %':>11}",
            line("plain DuckDB", s.plain, ()),
            *(
                line(name, step, [of.get(name) for of in (s.steps_again, s.steps_gathered, s.steps_spread)])
                for name, step in s.steps.items()
            ),
            line("whole night", s.night, nights, rows=False),
            f"  {'of a whole night':<53}{shares}",
            f"  peak memory: plain {s.peak['plain']:.2f} GiB, night {s.peak['night']:.2f} GiB, unchanged "
            f"{s.peak['again']:.2f} GiB, 0.1 % changed {s.peak['spread']:.2f} GiB",
            f"  archive and published night after all of them: {s.size / 1e6:,.0f} MB",
            *([f"  load {s.load:.1f} on {os.cpu_count()} processors: disturbed"] if s.load > _busy() else []),
        ]
    )


def _busy() -> float:
    # One process of ours at a time, with a thread per processor.
    return 1.5 * (os.cpu_count() or 1)


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
        click.echo(f"Growth of processor seconds with rows, {found[-2].scale:,} to {found[-1].scale:,}: {shown}")
        click.echo("(1 = in proportion to the rows)")


if __name__ == "__main__":
    main()
