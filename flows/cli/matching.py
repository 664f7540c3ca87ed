"""The command that recognises in any two tables: match."""

from __future__ import annotations

import time
from pathlib import Path

import click

from flows.cli import show

_FILE = click.Path(path_type=Path)
_SHARE = click.FloatRange(0, 1)


@click.command()
@click.option("--a", "file_a", required=True, type=_FILE, help="The first table: delimited text or Parquet.")
@click.option("--b", "file_b", required=True, type=_FILE, help="The second table.")
@click.option("--id-a", help="Its id column (default: the first).")
@click.option("--id-b", help="Its id column (default: the first).")
@click.option("--catalogue", type=_FILE, help="An entity type's YAML file: what the columns are.")
@click.option("--out", required=True, type=_FILE, help="Where to: CSV of id_a, id_b, score, verdict, rule.")
@click.option("--candidates", type=_FILE, help="Also write every row's ten nearest here.")
@click.option("--accept", default=0.5, show_default=True, type=_SHARE, help="The least chance of an accepted pair.")
@click.option(
    "--precision", default=0.97, show_default=True, type=_SHARE, help="How many accepted pairs shall be right."
)
@click.option("--review", default=0.1, show_default=True, type=_SHARE, help="The least chance of a pair for review.")
@show.as_json
def match(
    file_a: Path, file_b: Path, id_a: str | None, id_b: str | None, catalogue: Path | None, out: Path,
    candidates: Path | None, accept: float, precision: float, review: float, as_json: bool,
) -> None:  # fmt: skip
    """Find which rows of two tables are the same thing, though no id is shared.

    No labelled pair is needed. Scores are chances: of pairs scored 0.9 about nine in ten are right.
    """
    from transforms.matching import run

    began = time.monotonic()
    with show.progress() as watcher:
        watcher.started("match", None)
        result = run.match_files(
            file_a,
            file_b,
            out,
            id_a=id_a,
            id_b=id_b,
            catalogue=catalogue,
            thresholds=run.Thresholds(accept, precision, review),
            candidates=candidates,
            progress=watcher.detail,
        )
    seconds = time.monotonic() - began
    if as_json:
        show.dump(
            {
                "rows_a": result.rows_a, "rows_b": result.rows_b, "columns": result.columns,
                "candidates": result.candidates, "accepted": result.accepted, "review": result.review,
                "by_rule": result.by_rule, "seconds": round(seconds, 2),
            }
        )  # fmt: skip
        return
    click.echo(f"{show.number(result.rows_a)} rows against {show.number(result.rows_b)}, in {seconds:.1f} s")
    click.echo(f"Compared: {', '.join(map(show.plain_line, result.columns))}")
    click.echo(f"Looked at {show.number(result.candidates)} pairs of {show.number(result.rows_a * result.rows_b)}")
    rules = ", ".join(f"{show.number(n)} {rule.replace('_', ' ')}" for rule, n in sorted(result.by_rule.items()))
    click.echo(f"Accepted: {show.number(result.accepted)}" + (f" ({rules})" if rules else ""))
    click.echo(f"For review: {show.number(result.review)}")
    click.echo(show.path(out))


COMMANDS = (match,)
