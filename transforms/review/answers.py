"""What may be answered about a pair of items, in the terminal and in the workbook alike, and how an answer is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from transforms.build import content, reviewed
from transforms.build.reviewed import Reading
from transforms.review.reviewing import Proposal
from transforms.warehouse import Session


@dataclass(frozen=True)
class Answer:
    """One answer: the letter typed, the line chosen in the workbook, the ruling, and the side without counterpart."""

    letter: str
    listed: str
    ruling: str
    side: str
    meaning: str
    meaning_sv: str


ANSWERS = (
    Answer("y", "lika | equal", "equal", "", "the same", "Samma sak."),
    Answer("c", "nära | close", "close", "", "close enough", "Inte riktigt samma, men räknas som samma."),
    Answer("b", "B vidare | B broader", "broader", "", "B is broader", "B omfattar mer än A."),
    Answer("w", "B snävare | B narrower", "narrower", "", "B is narrower", "B omfattar mindre än A."),
    Answer("r", "lika, en avvecklas | equal, one retired", "retired", "", "the same, one to be retired",
           "Samma sak, och den ena ska bort."),
    Answer("n", "olika | not the same", "reject", "", "not the same", "Två olika saker; föreslås aldrig mer."),
    Answer("0a", "A saknar motpart | A has no counterpart", "no_counterpart", "a", "A has no counterpart",
           "A finns inte i B:s bygge."),
    Answer("0b", "B saknar motpart | B has no counterpart", "no_counterpart", "b", "B has no counterpart",
           "B finns inte i A:s bygge."),
    Answer("u", "osäker | unsure", "unsure", "", "unsure", "Kan inte avgöras nu."),
)  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A pair by the content of its items, with fingerprints of what they say. The local ids are only those of now."""

    entity: str
    domain_a: str
    domain_b: str
    local_id_a: str
    local_id_b: str
    keys_a: content.Keys
    keys_b: content.Keys
    seen_a: str
    seen_b: str
    label_a: str
    label_b: str

    def reading(
        self, ruling: str, *, reader: str, at: datetime, role: str = "reader", note: str = "", side: str = ""
    ) -> Reading:
        """The answer as it is kept. ``side`` ('a' or 'b') is the item that has no counterpart."""
        a = (self.keys_a, self.label_a, self.seen_a) if side != "b" else ((), "", "")
        b = (self.keys_b, self.label_b, self.seen_b) if side != "a" else ((), "", "")
        return Reading(
            self.entity, ruling, self.domain_a, self.domain_b, a[0], b[0], reader, at, a[1], b[1],
            role=role, seen_a=a[2], seen_b=b[2], note=note,
        )  # fmt: skip


def named(session: Session, p: Proposal) -> Named | None:
    """The pair by content; None where nothing but its id tells an item from others, so that no ruling can name it."""
    a, b = (p.domain_a, p.local_id_a), (p.domain_b, p.local_id_b)
    names = content.names(session, p.entity, [a, b])
    na, nb = names.get(a), names.get(b)
    if na is None or nb is None or not na.keys or not nb.keys:
        return None
    return Named(
        p.entity, p.domain_a, p.domain_b, p.local_id_a, p.local_id_b, na.keys, nb.keys, na.seen, nb.seen,
        na.label, nb.label,
    )  # fmt: skip


def unchanged(session: Session, pair: Named) -> bool:
    """Whether the published night has both items as they were when the pair was named."""
    items = [(pair.domain_a, pair.local_id_a), (pair.domain_b, pair.local_id_b)]
    names = content.names(session, pair.entity, items)
    found = [names.get(i) for i in items]
    return [n and n.seen for n in found] == [pair.seen_a, pair.seen_b]


def save(folder: Path, given: Sequence[Reading], made: Sequence[Reading]) -> None:
    """Write readings to the files of their entity types, each in place of the same reader's earlier answer.

    ``given`` is all that the files hold.
    """
    for entity in dict.fromkeys(r.entity for r in made):
        own = tuple(r for r in given if r.entity == entity)
        for one in (r for r in made if r.entity == entity):
            own = reviewed.put(own, one)
        reviewed.write(folder, entity, own)
