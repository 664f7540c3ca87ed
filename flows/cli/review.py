"""``likare review``: the pairs that a person must judge, in a walk saved after every answer or as a workbook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli import options, show
from flows.cli.options import Opened
from flows.cli.question import print_question, print_status
from flows.opened import read_reviewed
from flows.settings import Settings
from transforms.build import reviewed, rulings
from transforms.build.reviewed import Reading
from transforms.catalogue import Catalogue
from transforms.review import answers, reviewing
from transforms.review.answers import ANSWERS, Answer
from transforms.review.reviewing import Proposal, Queue
from transforms.warehouse import Session
from transforms.words.errors import UsageError

_adjudicate = click.option(
    "--adjudicate", is_flag=True, help="Settle what the readers disagree on; the answer is final."
)
_reader = click.option("--reader", default="", help="Who answers: a role or initials.")


@click.group()
def review() -> None:
    """Judge the pairs that the night was not sure of."""


@review.command()
@options.filters("entity")
@click.option("--limit", type=click.IntRange(1), help="At most so many questions.")
@_reader
@_adjudicate
@options.as_json
def ask(entity: str | None, limit: int | None, reader: str, adjudicate: bool, as_json: bool) -> None:
    """Ask about pairs, the most valuable first.

    Every answer is saved at once under crosswalk/. An answer is a letter, with a note after it if need be: `y as agreed
    in March`. docs/review.md tells more.
    """
    who = _named(reader)
    with options.published() as night:
        open_pairs = _proposals(night, _readings(night), entity, who, adjudicate)
        if as_json:
            show.dump({"open": len(open_pairs), "pairs": open_pairs[:limit]})
            return
        walk = Walk(night.settings, night.catalogue, night.session, who, _role(adjudicate))
        walk.through(open_pairs, limit)


@review.command()
@options.filters("entity")
@options.as_json
def status(entity: str | None, as_json: bool) -> None:
    """Say what has been ruled, and what does not count and why."""
    with options.published() as night:
        given = read_reviewed(night.settings, night.catalogue)
        found = rulings.rulings(night.con)
        since = rulings.built_under(night.con) != given.fingerprint
        waiting = len(_proposals(night, given.readings, entity))
    if as_json:
        show.dump({"rulings": found, "changed_since_the_night": since, "open": waiting})
    else:
        print_status(found, len(given.readings), since, waiting)


@review.command()
@click.argument("file", type=options.FILE)
@options.filters("entity")
@options.limit(500)
@_reader
@_adjudicate
def export(file: Path, entity: str | None, limit: int, reader: str, adjudicate: bool) -> None:
    """Write the questions to FILE, a workbook (.xlsx)."""
    from transforms.review import review_book

    if file.suffix.lower() != ".xlsx" or not file.parent.is_dir():
        raise UsageError(f"{file}: name a file that ends with .xlsx, in a folder that is there")
    with options.published() as night:
        chosen = Queue(_proposals(night, _readings(night), entity, reader, adjudicate)).first(limit)
        as_of = night.session.value("SELECT max(as_of) FROM published.night")
        with show.progress() as watcher:
            watcher.started("questions", None)
            number = review_book.export(file, night.session, night.catalogue, chosen, as_of)
    click.echo(f"{number} questions in {show.path(file)}; likare review import takes the answers back")


@review.command(name="import")
@click.argument("file", type=options.FILE)
@_reader
@_adjudicate
def take_back(file: Path, reader: str, adjudicate: bool) -> None:
    """Take such a workbook back, with its answers."""
    from transforms.review import review_book

    at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    who = _named(reader)
    with options.published() as night:
        given = _readings(night)
        taken = review_book.take(file, night.session, reader=who, role=_role(adjudicate), at=at)
        answers.save(night.settings.crosswalk, given, taken.readings)
    click.echo(f"{len(taken.readings)} answers taken from {show.path(file)}; {taken.untouched} rows without an answer")
    if taken.changed:
        click.echo(f"{len(taken.changed)} rows not taken, since their items have changed meanwhile:")
        for line in taken.changed[:20]:
            click.echo(f"  {show.plain_line(line)}")
    if taken.readings:
        click.echo("likare run applies them.")


def _named(reader: str) -> str:
    if not reader.strip():
        raise UsageError("--reader: say who answers, by role or initials, such as --reader AB")
    return reader.strip()


def _role(adjudicate: bool) -> str:
    return "adjudicator" if adjudicate else "reader"


def _readings(night: Opened) -> tuple[Reading, ...]:
    return read_reviewed(night.settings, night.catalogue).readings


def _proposals(
    night: Opened, readings: Sequence[Reading], entity: str | None, reader: str = "", adjudicate: bool = False
) -> list[Proposal]:
    if entity is not None:
        options.refuse_other("entity", entity, night.catalogue.entities)
    with show.progress() as watcher:
        watcher.started("open pairs", None)
        return reviewing.proposals(
            night.session, night.catalogue, readings, entity=entity, reader=reader, adjudicating=adjudicate,
            readers=night.settings.readers,
        )  # fmt: skip


@dataclass
class _Given:
    """One answer, with all that taking it back needs."""

    place: int
    made: Reading
    before: tuple[Reading, ...]
    open_before: tuple[int, ...]
    what: str


@dataclass
class Walk:
    """One reader's walk. ``ask`` reads a line, '' at the end of input is given as 'q'."""

    settings: Settings
    catalogue: Catalogue
    session: Session
    reader: str
    role: str = "reader"
    ask: Callable[[str], str] = field(default=lambda prompt: _line(prompt))
    given: list[_Given] = field(default_factory=list)

    def through(self, open_pairs: Sequence[Proposal], limit: int | None = None) -> None:
        """Ask until nothing is open, the limit is reached or the reader quits."""
        out = show.console()
        queue = Queue(open_pairs)
        asked = 0
        if not len(queue):
            out.print("Nothing is open for review.")
            return
        while True:
            following = queue.next() if limit is None or asked < limit else None
            if following is None:
                if not self.given or not self.ask(_LAST).strip().lower().startswith("z"):
                    break
                self._undo(queue)
                asked -= 1
                continue
            place, p = following
            asked += 1
            sides = reviewing.sides(self.session, self.catalogue, p)
            left = len(queue) if limit is None else min(len(queue), limit - asked + 1)
            print_question(out, self.catalogue, p, sides, queue.chance(place), left)
            if not self._answered(queue, place, p):
                break
        self._say_goodbye()

    def _answered(self, queue: Queue, place: int, p: Proposal) -> bool:
        """Take one answer. False ends the walk."""
        out = show.console()
        while True:
            typed = self.ask(_PROMPT).strip()
            letter, _, note = typed.partition(" ")
            answer = next((a for a in ANSWERS if a.letter == letter.lower()), None)
            key = letter[:1].lower()
            if key == "q":
                return False
            if key == "s":
                queue.skip(place)
                return True
            if key == "z":
                if self._undo(queue):
                    return True
                out.print("Nothing to undo.")
            elif answer is not None:
                if self._keep(queue, place, p, answer, note.strip()):
                    return True
                out.print("Nothing but its id tells one of the items from another, so no ruling can name it. s skips.")
            elif key == "0":
                out.print("Which item has no counterpart? 0a or 0b")
            else:
                for one in ANSWERS:
                    out.print(f"  {one.letter:2} {one.meaning}")
                out.print("  s  skip   z  undo   q  quit; a note may follow an answer: y as agreed in March")

    def _keep(self, queue: Queue, place: int, p: Proposal, answer: Answer, note: str) -> bool:
        at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        pair = answers.named(self.session, p)
        if pair is None:
            return False
        made = pair.reading(answer.ruling, reader=self.reader, at=at, role=self.role, note=note, side=answer.side)
        before, open_before = self._on_file(p.entity), queue.places()
        answers.save(self.settings.crosswalk, before, [made])
        queue.answer(place, answer.ruling)
        self.given.append(_Given(place, made, before, open_before, f"{p.label_a} / {p.label_b}: {answer.ruling}"))
        return True

    def _undo(self, queue: Queue) -> bool:
        if not self.given:
            return False
        last = self.given.pop()
        # Only the one answer is taken back: the file may have been written by another meanwhile.
        now = [r for r in self._on_file(last.made.entity) if r != last.made]
        replaced = [r for r in last.before if r.subject == last.made.subject and r.reader == last.made.reader]
        reviewed.write(self.settings.crosswalk, last.made.entity, [*now, *replaced])
        queue.take_back(last.place, last.open_before)
        show.console().print(f"Taken back: {show.plain_line(last.what)}")
        return True

    def _on_file(self, entity: str) -> tuple[Reading, ...]:
        path = self.settings.crosswalk / f"{entity}.tsv"
        return tuple(reviewed.read(path, entity, self.settings.domain_names)) if path.exists() else ()

    def _say_goodbye(self) -> None:
        out = show.console()
        if self.given:
            files = sorted({g.made.entity for g in self.given})
            where = ", ".join(show.path(self.settings.crosswalk / f"{e}.tsv") for e in files)
            out.print(f"{len(self.given)} answers saved in {where}. likare run applies them.")
        else:
            out.print("No answer given.")


_LAST = "Nothing more to ask. z undo · q quit > "
_PROMPT = (
    "y same · n not · b/w B broader/narrower · c close · r retired · 0a/0b no counterpart · u unsure · "
    "s skip · z undo · q quit > "
)


def _line(prompt: str) -> str:
    """A line of input; the end of it quits."""
    if sys.stdin.isatty():
        sys.stdout.write(prompt)
        sys.stdout.flush()
    line = sys.stdin.readline()
    return line if line else "q"


COMMANDS = (review,)
