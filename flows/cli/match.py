"""The command that recognises in any two tables: match."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from flows.cli import options, show

if TYPE_CHECKING:
    from transforms.recognise.engine import Cardinality

_SHARE = click.FloatRange(0, 1)


@click.command()
@click.option("--a", "file_a", required=True, type=options.FILE, help="The first table: delimited text or Parquet.")
@click.option("--b", "file_b", required=True, type=options.FILE, help="The second table.")
@click.option("--id-a", help="Its id column (default: the first); # takes the numbers of the rows.")
@click.option("--id-b", help="Its id column (default: the first).")
@click.option("--catalogue", type=options.FILE, help="An entity type's YAML file: what the columns are.")
@click.option(
    "--cardinality",
    type=click.Choice(["one-to-one", "many-to-one", "one-to-many", "many-to-many"]),
    help="To how many rows one belongs: many-to-one lets several of a belong to one of b (default: as the catalogue "
    "says, else as the data shows).",
)
@click.option("--labels", type=options.FILE, help="Pairs that people judged (id_a, id_b, same: 1 or 0), to learn from.")
@click.option("--out", required=True, type=options.FILE, help="Where to: CSV of id_a, id_b, score, verdict, rule.")
@click.option("--candidates", type=options.FILE, help="Also write every row's ten nearest here.")
@click.option("--accept", default=0.5, show_default=True, type=_SHARE, help="The least chance of an accepted pair.")
@click.option(
    "--precision", default=0.97, show_default=True, type=_SHARE, help="How many accepted pairs shall be right."
)
@click.option("--review", default=0.1, show_default=True, type=_SHARE, help="The least chance of a pair for review.")
@options.as_json
def match(
    file_a: Path, file_b: Path, id_a: str | None, id_b: str | None, catalogue: Path | None,
    cardinality: str | None, labels: Path | None, out: Path, candidates: Path | None,
    accept: float, precision: float, review: float, as_json: bool,
) -> None:  # fmt: skip
    """Find which rows of two tables are the same thing.

    No id need be shared, and no labelled pair is needed. Scores are chances: of pairs scored 0.9 about nine in ten are
    right.
    """
    from transforms.recognise import run

    began = time.monotonic()
    with show.progress() as watcher:
        watcher.started("match", None)
        result = run.match_files(
            file_a, file_b, out, id_a=id_a, id_b=id_b, catalogue=catalogue, candidates=candidates, labelled=labels,
            thresholds=run.Thresholds(accept, precision, review), progress=watcher.detail,
            cardinality=cast("Cardinality | None", cardinality and cardinality.replace("-", "_")),
        )  # fmt: skip
    seconds = time.monotonic() - began
    if as_json:
        figures = {name: value for name, value in vars(result).items() if name != "pairs"}
        show.dump({**figures, "accepted": result.accepted, "review": result.review, "seconds": round(seconds, 2)})
        return
    click.echo(f"{show.number(result.rows_a)} rows against {show.number(result.rows_b)}, in {seconds:.1f} s")
    click.echo(f"Compared: {', '.join(map(show.plain_line, result.columns))}")
    click.echo(f"Looked at {show.number(result.candidates)} pairs of {show.number(result.rows_a * result.rows_b)}")
    if result.cardinality != "one_to_one":
        click.echo(
            f"Taken as {result.cardinality.replace('_', ' ')}, a to b; --cardinality one-to-one pairs each row once"
        )
    if result.labels or result.unknown:
        click.echo(
            f"Learnt from {show.number(result.labels)} labelled pairs"
            + (f"; {show.number(result.unknown)} name rows that are not there" if result.unknown else "")
        )
    rules = ", ".join(f"{show.number(n)} {rule.replace('_', ' ')}" for rule, n in sorted(result.by_rule.items()))
    click.echo(f"Accepted: {show.number(result.accepted)}" + (f" ({rules})" if rules else ""))
    click.echo(f"For review: {show.number(result.review)}")
    click.echo(show.path(out))


COMMANDS = (match,)
