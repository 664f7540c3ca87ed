"""The commands that recognise: match, evaluate, sample-gold."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli import show
from transforms.errors import UsageError

# The engine and what it stands on take a second to import, so only the commands that use them do.
if TYPE_CHECKING:
    from transforms.matching import quality

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


@click.command()
@click.option("--gold", required=True, type=_FILE, help="The right pairs, all of them: columns id_a and id_b.")
@click.option("--matches", required=True, type=_FILE, help="What likare match wrote.")
@click.option("--candidates", type=_FILE, help="What likare match --candidates wrote, for recall among the nearest.")
@show.as_json
def evaluate(gold: Path, matches: Path, candidates: Path | None, as_json: bool) -> None:
    """Measure matches against the right pairs: precision, recall, F1, calibration, each with its 95 % interval."""
    from transforms.matching import quality

    report = quality.evaluate(
        quality.read_matches(matches),
        quality.read_gold(gold),
        quality.read_ranked(candidates) if candidates is not None else (),
    )
    if as_json:
        show.dump(report)
        return
    out = show.console()
    rows = [_row(q) for q in (report.accepted, report.with_review)]
    rows += [_row(q, "by rule: ") for q in report.by_rule] + [_row(q, "by entity: ") for q in report.by_entity]
    out.print(show.table(("", "pairs", "right", "precision", "recall", "F1"), rows, right=("pairs", "right")))
    if report.bands:
        cells = [(f"{b.low:.1f}–{b.high:.1f}", b.count, f"{b.mean_score:.3f}", _share(b.right)) for b in report.bands]
        out.print(show.table(("score", "pairs", "mean score", "right"), cells, right=("pairs", "mean score")))
        out.print(f"Expected calibration error {report.calibration_error:.3f}")
    for k, reached in report.candidate_recall.items():
        out.print(f"The right one is among the {k} nearest: {_share(reached)}")


def _row(q: quality.Quality, prefix: str = "") -> tuple[object, ...]:
    f1 = "not measurable"
    if q.f1 is not None and q.f1_interval is not None:
        f1 = f"{q.f1:.3f} [{q.f1_interval[0]:.3f}–{q.f1_interval[1]:.3f}]"
    return show.text(prefix + q.name), q.precision.total, q.precision.hits, _share(q.precision), _share(q.recall), f1


def _share(share: quality.Share) -> str:
    if share.value is None or share.interval is None:
        return "not measurable"
    return f"{share.value:.3f} [{share.interval[0]:.3f}–{share.interval[1]:.3f}]"


@click.command(name="sample-gold")
@click.option("--matches", required=True, type=_FILE, help="What likare match wrote.")
@click.option("--size", default=300, show_default=True, type=click.IntRange(1), help="How many pairs.")
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same pairs.")
@click.option("--out", required=True, type=_FILE, help="Where to: .csv or .xlsx.")
@show.as_json
def sample_gold(matches: Path, size: int, seed: int, out: Path, as_json: bool) -> None:
    """Draw pairs for two people to read: as evenly as can be over entity type, rule and score.

    Both readers fill their own column, without seeing the other's, with 1 (the same) or 0.
    """
    from transforms.matching import quality

    found = quality.sample(quality.read_matches(matches), size, seed)
    header = ("id_a", "id_b", "entity", "rule", "score", "band", "stands_for", "reader_1", "reader_2", "agreed")
    rows = [(d.id_a, d.id_b, d.entity, d.rule, round(d.score, 4), d.band, round(d.stands_for, 3)) for d in found]
    if out.suffix.lower() == ".xlsx":
        _workbook(out, header, rows)
    elif out.suffix.lower() == ".csv":
        with out.open("w", encoding="utf-8", newline="") as handle:
            made = csv.writer(handle, lineterminator="\n")
            made.writerow(header)
            made.writerows([*row, "", "", ""] for row in rows)
    else:
        raise UsageError(f"--out: {out.name} is neither .csv nor .xlsx; choose one of these endings")
    if as_json:
        show.dump({"path": out, "pairs": len(rows)})
    else:
        click.echo(f"{show.number(len(rows))} pairs drawn: {show.path(out)}")


def _workbook(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    import xlsxwriter

    # A text that begins with = stays a text.
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("pairs")
        sheet.write_row(0, 0, header, book.add_format({"bold": True}))
        for i, row in enumerate(rows, 1):
            for j, value in enumerate(row):
                if isinstance(value, float):
                    sheet.write_number(i, j, value)
                else:
                    sheet.write_string(i, j, str(value))
        sheet.freeze_panes(1, 0)
        sheet.autofit()


COMMANDS = (match, evaluate, sample_gold)
