"""``likare review``: a walk through the pairs that a person must judge, saved after every answer."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli import show
from flows.cli.reviewing import print_question, print_status
from flows.opened import read_reviewed
from flows.published import published_catalogue
from flows.settings import Settings, load_settings
from transforms.build import reviewed, rulings
from transforms.build.reviewed import Reading
from transforms.catalogue import Catalogue
from transforms.review import reviewing
from transforms.review.reviewing import Proposal, Queue
from transforms.warehouse import Session, open_published
from transforms.words.errors import UsageError

ANSWERS = {
    "y": ("equal", "the same"),
    "n": ("reject", "not the same"),
    "b": ("broader", "B is broader"),
    "w": ("narrower", "B is narrower"),
    "c": ("close", "close enough"),
    "r": ("retired", "the same, one to be retired"),
    "u": ("unsure", "unsure"),
    "0": ("no_counterpart", "no counterpart: 0a, 0b"),
}
_COMMANDS = {"s": "skip", "z": "undo", "q": "quit", "?": "help"}


@click.command()
@click.option("--entity", help="Only this entity type.")
@click.option("--limit", type=click.IntRange(1), help="At most so many questions.")
@click.option("--reader", help="Who answers: a role or initials.")
@click.option("--adjudicate", is_flag=True, help="Settle what the readers disagree on; the answer is final.")
@click.option("--export", "out", type=click.Path(path_type=Path), help="Write the questions as a workbook (.xlsx).")
@click.option("--import", "back", type=click.Path(path_type=Path), help="Take such a workbook back, with its answers.")
@click.option("--status", "only_status", is_flag=True, help="Say what has been ruled and what does not count, and why.")
@show.as_json
def review(
    entity: str | None, limit: int | None, reader: str | None, adjudicate: bool, out: Path | None, back: Path | None,
    only_status: bool, as_json: bool,
) -> None:  # fmt: skip
    """Judge uncertain pairs, the most valuable first. Every answer is saved at once under crosswalk/.

    An answer is a letter, with a note after it if need be: `y as agreed in March`. docs/review.md tells more.
    """
    settings = load_settings()
    with contextlib.closing(open_published(settings.data)) as con:
        catalogue = published_catalogue(settings, Session(con))
        if entity is not None and entity not in catalogue.entities:
            raise UsageError(f"--entity: there is no '{entity}'; known here: {', '.join(catalogue.entities)}")
        given = read_reviewed(settings, catalogue)
        if only_status:
            found = rulings.rulings(con)
            since = rulings.built_under(con) != given.fingerprint
            waiting = len(_proposals(Session(con), catalogue, settings, given.readings, entity, "", adjudicate))
            if as_json:
                show.dump({"rulings": found, "changed_since_the_night": since, "open": waiting})
            else:
                print_status(found, len(given.readings), since, waiting)
            return
        if out is not None:
            _export(settings, catalogue, Session(con), given.readings, out, entity, reader or "", adjudicate, limit)
            return
        if not (reader or "").strip():
            raise UsageError("--reader: say who answers, by role or initials, such as --reader AB")
        session = Session(con)
        if back is not None:
            _take_back(settings, catalogue, session, given.readings, back, (reader or "").strip(), adjudicate)
            return
        open_pairs = _proposals(session, catalogue, settings, given.readings, entity, reader or "", adjudicate)
        if as_json:
            show.dump({"open": len(open_pairs), "pairs": open_pairs[:limit]})
            return
        walk = Walk(settings, catalogue, session, (reader or "").strip(), "adjudicator" if adjudicate else "reader")
        walk.through(open_pairs, limit)


def _proposals(
    session: Session, catalogue: Catalogue, settings: Settings, readings: Sequence[Reading], entity: str | None,
    reader: str, adjudicate: bool,
) -> list[Proposal]:  # fmt: skip
    with show.progress() as watcher:
        watcher.started("open pairs", None)
        return reviewing.proposals(
            session, catalogue, readings, entity=entity, reader=reader, adjudicating=adjudicate,
            readers=settings.readers,
        )  # fmt: skip


def _export(
    settings: Settings, catalogue: Catalogue, session: Session, given: Sequence[Reading], out: Path, entity: str | None,
    reader: str, adjudicate: bool, limit: int | None,
) -> None:  # fmt: skip
    from transforms.review import review_book

    if out.suffix.lower() != ".xlsx" or not out.parent.is_dir():
        raise UsageError(f"--export: {out}: name a file that ends with .xlsx, in a folder that is there")
    queue = Queue(_proposals(session, catalogue, settings, given, entity, reader, adjudicate))
    chosen: list[Proposal] = []
    while (following := queue.next()) is not None and len(chosen) < (limit or 500):
        chosen.append(following[1])
        queue.skip(following[0])
    sides = {}
    with show.progress() as watcher:
        watcher.started("questions", None)
        for i, p in enumerate(chosen):
            watcher.detail(f"{i + 1} of {len(chosen)}")
            sides[i] = reviewing.sides(session, catalogue, p)
    as_of = session.value("SELECT max(as_of) FROM published.night")
    number = review_book.export(out, session, catalogue, chosen, sides, as_of)
    click.echo(f"{number} questions in {show.path(out)}; take the answers back with --import and --reader")


def _take_back(
    settings: Settings, catalogue: Catalogue, session: Session, given: Sequence[Reading], back: Path, reader: str,
    adjudicate: bool,
) -> None:  # fmt: skip
    from transforms.review import review_book

    at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    role = "adjudicator" if adjudicate else "reader"
    taken = review_book.take(back, session, catalogue, reader=reader, role=role, at=at)
    for name in dict.fromkeys(r.entity for r in taken.readings):
        own = tuple(r for r in given if r.entity == name)
        for made in (r for r in taken.readings if r.entity == name):
            own = reviewed.put(own, made)
        reviewed.write(settings.crosswalk, name, own)
    click.echo(f"{len(taken.readings)} answers taken from {show.path(back)}; {taken.untouched} rows without an answer")
    if taken.changed:
        click.echo(f"{len(taken.changed)} rows not taken, since their items have changed meanwhile:")
        for line in taken.changed[:20]:
            click.echo(f"  {show.plain_line(line)}")
    if taken.readings:
        click.echo("likare run applies them.")


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
            key, side = letter[:1].lower(), letter[1:].lower()
            if key == "q":
                return False
            if key == "s":
                queue.skip(place)
                return True
            if key == "z":
                if self._undo(queue):
                    return True
                out.print("Nothing to undo.")
            elif key == "0" and side not in ("a", "b"):
                out.print("Which item has no counterpart? 0a or 0b")
            elif key in ANSWERS and (key == "0" or not side):
                if self._keep(queue, place, p, ANSWERS[key][0], note.strip(), side):
                    return True
                out.print("Nothing but its id tells one of the items from another, so no ruling can name it. s skips.")
            else:
                for k, (_, meaning) in ANSWERS.items():
                    out.print(f"  {k}  {meaning}")
                out.print("  s  skip   z  undo   q  quit; a note may follow an answer: y as agreed in March")

    def _keep(self, queue: Queue, place: int, p: Proposal, ruling: str, note: str, side: str) -> bool:
        at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        made = reviewing.reading(
            self.session, self.catalogue, p, ruling, reader=self.reader, at=at, role=self.role, note=note, side=side
        )
        if made is None:
            return False
        before = self._on_file(p.entity)
        open_before = queue.places()
        reviewed.write(self.settings.crosswalk, p.entity, reviewed.put(before, made))
        queue.answer(place, ruling)
        self.given.append(_Given(place, made, before, open_before, f"{p.label_a} / {p.label_b}: {ruling}"))
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
