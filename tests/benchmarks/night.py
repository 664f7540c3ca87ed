"""Time each step of a night and the whole of it beside plain DuckDB reading the same files: a part of ``make bench``.

Plain DuckDB is the yardstick: every file read once as text and hashed, nothing stored. Absolute seconds say more of the
machine than of Likare, so what counts are the ratios to the plain run made just before, and how they grow with the
rows. Every run is a fresh process; each first night begins with an empty data folder. Where other work shares the
machine the processor seconds (of all threads together) are the steadier figure. Nothing is asserted here.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from report import HEADING, Line  # noqa: E402

SCALES = (30_000, 1_000_000, 5_000_000)
DELIMITERS = ",\t;|"

# --- what a fresh process does; each prints one JSON object ----------------------------------------------------------


def generate(folder: Path, scale: int) -> dict[str, Any]:
    """The sample for one night, under ``folder/incoming``."""
    from transforms import sample

    began = time.monotonic()
    sample.generate(folder, rows=scale, nights=1)
    return {"seconds": time.monotonic() - began}


def plain(folder: Path, scale: int) -> dict[str, Any]:
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
    size = sum(path.stat().st_size for path in files)
    return {**used, "rows": rows, "peak": peak_memory(), "size": size}


def night(folder: Path, scale: int) -> dict[str, Any]:
    """The night that is due, through the plain runner: what each step took, its statements, and the file's size."""
    from flows.night import run_nights
    from flows.settings import Domain, Settings
    from flows.watcher import StepRun, Watcher
    from transforms.warehouse import Session

    # The statements are counted when all is done: to find where each ends takes time too.
    texts: list[str] = []
    execute = Session.execute

    def executed(self: Session, sql: str, params: Any = None) -> Any:
        texts.append(sql)
        return execute(self, sql, params)

    class Clock(Watcher):
        def __init__(self) -> None:
            self.began, self.texts = 0.0, 0
            self.steps: dict[str, dict[str, Any]] = {}

        def started(self, step: str, as_of: object) -> None:
            self.began, self.texts = time.process_time(), len(texts)

        def ended(self, run: StepRun, as_of: object) -> None:
            cpu = time.process_time() - self.began
            self.steps[run.step] = {"seconds": run.seconds, "cpu": cpu, "texts": (self.texts, len(texts))}

    domains = tuple(Domain(name=p.name) for p in sorted((folder / "incoming").iterdir()) if p.is_dir())
    clock = Clock()
    settings = Settings(file=ROOT / "likare.toml", catalogue="millennium", data=folder, domains=domains)
    Session.execute = executed  # type: ignore[method-assign]
    began, cpu = time.monotonic(), time.process_time()
    outcome = run_nights(settings, watcher=clock)
    used: dict[str, Any] = {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}
    if len(outcome.nights) != 1:
        raise SystemExit(f"expected one night, got {len(outcome.nights)}")
    used |= {"peak": peak_memory(), "size": (folder / "published.duckdb").stat().st_size}
    counts = [statements(text) for text in texts]
    for step in clock.steps.values():
        step["statements"] = sum(counts[slice(*step.pop("texts"))])
    return {**used, "statements": sum(counts), "steps": clock.steps}


def statements(text: str) -> int:
    """How many statements a text holds."""
    import duckdb

    return len(duckdb.extract_statements(text))


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


WORK: dict[str, Callable[[Path, int], dict[str, Any]]] = {"generate": generate, "plain": plain, "night": night}


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


# --- the measuring process -------------------------------------------------------------------------------------------

# Nights after the first, and the tables in which rows change before each.
LATER: dict[str, Sequence[str] | None] = {
    "unchanged night": None,
    "0.1 % changed, in 5 tables": _GATHERED,
    "0.1 % changed, in all tables": (),
}


def measure(scale: int) -> Iterator[Line]:
    """One scale: plain DuckDB, the first night by steps, a night in which nothing changed, and two in which a
    thousandth of the rows did, in five tables and in all.
    """
    with tempfile.TemporaryDirectory(prefix="likare-bench-") as name:
        folder = Path(name)
        spawn("generate", folder, scale)
        plain = spawn("plain", folder, scale)
        rows = plain.pop("rows")
        yield Line(rows, "plain DuckDB", **plain)
        first = spawn("night", folder, scale)
        for step, used in first["steps"].items():
            yield Line(rows, f"  {step}", **used, plain=plain)
        steps = first.pop("steps").values()
        # Among it the making of the night's template, which later nights of the same catalogue find made.
        rest = {key: first[key] - sum(used[key] for used in steps) for key in ("seconds", "cpu", "statements")}
        yield Line(rows, "  template and the rest", **rest, plain=plain)
        yield Line(rows, "first night", **first, plain=plain)
        deliver_again(folder / "incoming")
        # The second night of a project is the first that has a night to be held against: not yet the usual one.
        spawn("night", folder, scale)
        for what, tables in LATER.items():
            deliver_again(folder / "incoming")
            if tables is not None:
                change(folder / "incoming", tables)
            later = spawn("night", folder, scale)
            del later["steps"]
            yield Line(rows, what, **later, plain=plain, first=first["cpu"])


def lines(scales: Iterable[int] = SCALES) -> Iterator[Line]:
    """The lines of several scales."""
    for scale in scales:
        yield from measure(scale)


def deliver_again(incoming: Path) -> None:
    """The newest files of each domain delivered a day later: a night in which nothing changed."""
    from transforms.land.landing import deliveries as known

    domains = tuple(p.name for p in incoming.iterdir() if p.is_dir())
    for delivery in {one.domain: one for one in known(incoming, domains)}.values():
        later = f"{delivery.delivered_at + timedelta(days=1):%Y-%m-%dT%H%M}"
        shutil.copytree(delivery.path, delivery.path.with_name(later), copy_function=os.link)


def spawn(work: str, folder: Path, scale: int) -> dict[str, Any]:
    """Carry one piece of work out in a fresh process. Raises SystemExit with its stderr where it fails."""
    return fresh(__file__, "--work", work, "--folder", str(folder), "--scales", str(scale))


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


@click.command()
@click.option(
    "--scales", default=",".join(map(str, SCALES)), show_default=True, help="Rows a domain, divided by commas."
)
@click.option("--work", type=click.Choice(tuple(WORK)), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(scales: str, work: str | None, folder: Path | None) -> None:
    """Time a night at several scales beside plain DuckDB reading the same files."""
    if work and folder:
        click.echo(json.dumps(WORK[work](folder, int(scales))))
        return
    click.echo(HEADING)
    for line in lines(map(int, scales.split(","))):
        click.echo(line)


if __name__ == "__main__":
    main()
