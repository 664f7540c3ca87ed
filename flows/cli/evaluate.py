"""``likare evaluate``: how good recognition is, held against known pairs, and a sample for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from flows.cli import options, show
from transforms.words.errors import UsageError

# NumPy takes a while to import, so only the commands that use it do.
if TYPE_CHECKING:
    from transforms.recognise import quality
    from transforms.recognise.gold import GoldFile
    from transforms.review.judging import Judgement


@click.command()
@click.option("--gold", type=options.FILE, help="Known pairs: CSV, Parquet or a filled-in sample (.xlsx, .csv).")
@click.option("--sample", "drawn", type=options.FILE, help="Draw pairs for two people to read: .csv or .xlsx.")
@click.option("--matches", type=options.FILE, help="What likare match wrote, in place of the published crosswalk.")
@click.option("--candidates", type=options.FILE, help="What likare match --candidates wrote, for recall among them.")
@options.filters("entity", "pair")
@click.option("--detail", is_flag=True, help="Also by entity type and rule together.")
@click.option("--faults", default=0, type=click.IntRange(0), help="Also list so many wrong and so many missed pairs.")
@click.option("--size", default=300, show_default=True, type=click.IntRange(1), help="How many pairs to draw.")
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same pairs.")
@options.as_json
def evaluate(
    gold: Path | None, drawn: Path | None, matches: Path | None, candidates: Path | None, entity: str | None,
    pair: str | None, detail: bool, faults: int, size: int, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Measure the crosswalk against known pairs, or draw some.

    With --gold: precision, recall, F1 and calibration, by rule and entity type, every figure with its 95 % interval.
    The file names the items by local ids (entity, id_a, id_b; or local_id_<domain>) or by content (keys_a, keys_b).

    With --sample: pairs evenly over entity type, rule and score, into a file. Each reader fills an own column, without
    seeing the other's, with 1 (the same) or 0; `agreed` settles what they disagree on. --gold reads the file when it
    is filled in: weighed by what each pair stands for, recall among what was proposed.
    """
    if (gold is None) == (drawn is None):
        raise UsageError("give --gold FILE to measure, or --sample FILE to draw pairs")
    if drawn is not None:
        _draw(drawn, matches, entity, pair, size, seed, as_json)
    elif gold is not None:
        file, found = _judged(gold, matches, candidates, entity, pair)
        if as_json:
            read = {name: value for name, value in vars(file).items() if name != "lines"}
            own = {"absent": found.absent, "silent": found.silent, "faults": found.faults}
            show.dump({"file": read, **vars(found.report), **own})
        else:
            _print(show.console(), file, found, faults, detail)


def _judged(
    gold: Path, matches: Path | None, candidates: Path | None, entity: str | None, pair: str | None
) -> tuple[GoldFile, Judgement]:
    from transforms.recognise import gold as files
    from transforms.recognise import quality
    from transforms.review import judging

    if matches is not None:
        file = files.read(gold)
        ranked = quality.read_ranked(candidates) if candidates is not None else ()
        report = quality.evaluate(quality.read_matches(matches), file.gold(), ranked)
        return file, judging.Judgement(report, 0, {}, ())
    if candidates is not None:
        raise UsageError("--candidates: goes with --matches; the published crosswalk keeps no such file")
    with options.published() as night:
        _, domains = judging.domains_of(night.session, pair)
        file = files.read(gold, domains)
        return file, judging.judge(night.session, night.catalogue, pair, file, entity)


def _print(out: Console, file: GoldFile, found: Judgement, faults: int, detail: bool) -> None:
    report = found.report
    told = "the pairs that were judged" if file.judged else "all that are right"
    out.print(f"{show.number(report.gold)} right pairs in {show.plain_line(file.name)}, taken for {told}")
    if file.blank or file.disagreed:
        out.print(f"Left out: {file.blank} without an answer, {file.disagreed} on which the readers disagree")
    if file.read_twice and file.kappa is not None:
        out.print(f"The readers agree on {file.read_alike} of {file.read_twice} (kappa {file.kappa:.2f})")
    if found.absent:
        out.print(
            f"Not counted: {show.number(found.absent)} pairs of which an item is not in the night "
            "(gone, inactive, out of scope)"
        )
    if found.silent:
        most = ", ".join(sorted(found.silent, key=lambda e: -found.silent[e])[:5])
        out.print(
            f"Not judged: {show.number(sum(found.silent.values()))} matches of {len(found.silent)} entity types that "
            f"the file has no pair of ({most}{' …' if len(found.silent) > 5 else ''})"
        )
    _print_qualities(out, "", (report.accepted, report.with_review))
    if report.keyed is not None:
        out.print(
            f"Of the {show.number(report.keyed.total)} right pairs that keep an identifier or a key "
            f"{show.number(report.keyed.hits)} are matched: {_share(report.keyed)}\n"
        )
    _print_qualities(out, "by rule", report.by_rule, last="")
    _print_qualities(out, "by entity type", sorted(report.by_entity, key=lambda q: (q.f1 or 0, -q.pairs)))
    if detail:
        _print_qualities(out, "by entity type and rule", report.by_rule_and_entity)
    if report.bands:
        cells = [(f"{b.low:.1f}–{b.high:.1f}", b.count, f"{b.mean_score:.3f}", _share(b.right)) for b in report.bands]
        out.print(show.table(("score", "pairs", "mean score", "right"), cells, right=("pairs", "mean score")))
        out.print(f"Expected calibration error {report.calibration_error:.3f} (of pairs with a score)")
    for k, reached in report.candidate_recall.items():
        out.print(f"The right one is among the {k} nearest: {_share(reached)}")
    for kind, heading in (("wrong", "Matched, and wrong"), ("missed", "Right, and not matched")):
        own = [f for f in found.faults if f.kind == kind]
        if own and faults:
            out.print(f"\n{heading}: {show.number(len(own))}")
            rows = [
                (f.entity, show.text(f"{f.local_id_a} {f.label_a or ''}", 50),
                 show.text(f"{f.local_id_b} {f.label_b or ''}", 50), f.rule.replace("_", " "),
                 "" if f.score is None else f"{f.score:.3f}")
                for f in own[:faults]
            ]  # fmt: skip
            out.print(show.table(("entity type", "A", "B", "rule", "score"), rows, right=("score",)))


def _print_qualities(out: Console, heading: str, found: Sequence[quality.Quality], last: str = "F1") -> None:
    """``last`` 'F1', or '' where a row is a part of the answer, of which recall and F1 say nothing by themselves."""
    if not found:
        return
    rows = []
    for q in found:
        f1 = "–"
        if q.f1 is not None and q.f1_interval is not None:
            f1 = f"{_figure(q.f1)} {_between(q.f1_interval)}"
        name = show.text(q.name.replace("_", " "), 46)
        rows.append((name, q.pairs, q.right, _share(q.precision), _share(q.recall), f1))
    columns = (heading, "pairs", "right", "precision", "recall" if last else "of all right pairs", "F1")
    most = 6 if last else 5
    out.print(show.table(columns[:most], [r[:most] for r in rows], right=("pairs", "right")))
    out.print()


def _share(share: quality.Share) -> str:
    return (
        "–" if share.value is None or share.interval is None else f"{_figure(share.value)} {_between(share.interval)}"
    )


def _between(ends: tuple[float, float]) -> str:
    return "[" + "–".join(_figure(end).removeprefix("0") for end in ends) + "]"


def _figure(value: float) -> str:
    """Three digits, never rounded up to 1."""
    return "0.999" if 0.999 < value < 1 - 1e-9 else f"{value:.3f}"


def _draw(
    out: Path, matches: Path | None, entity: str | None, pair: str | None, size: int, seed: int, as_json: bool
) -> None:
    from transforms.land import workbook
    from transforms.recognise import gold as files
    from transforms.recognise import quality
    from transforms.review import judging

    if out.suffix.lower() not in (".csv", ".xlsx") or not out.parent.is_dir():
        raise UsageError(f"--sample: {out.name}: name a .csv or .xlsx file in a folder that is there")
    header: tuple[str, ...] = judging.SAMPLE
    rows: list[tuple[object, ...]]
    if matches is not None:
        header = (*files.HEADER, *files.READERS)
        rows = [
            (d.id_a, d.id_b, d.entity, d.rule, d.score, d.band, "accepted" if d.accepted else "review",
             round(d.stands_for, 4), None, None, None)
            for d in quality.sample(quality.read_matches(matches), size, seed)
        ]  # fmt: skip
    else:
        with options.published() as night:
            rows = judging.draw(night.session, night.catalogue, pair, size, seed, entity)
    if not rows:
        raise UsageError("there is no pair to draw; is there a match in what was named?")
    workbook.write_table(out, header, rows)
    if as_json:
        show.dump({"path": out, "pairs": len(rows)})
    else:
        click.echo(
            f"{show.number(len(rows))} pairs in {show.path(out)}; fill reader_1 and reader_2 with 1 or 0, then "
            f"likare evaluate --gold {show.path(out)}" + (" --matches …" if matches is not None else "")
        )


COMMANDS = (evaluate,)
