"""How a question of the review looks: both items beside each other, what differs marked, what hangs on them below."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from dashboards.text import plain
from flows.cli import show
from transforms.build.rulings import PROBLEMS, Ruling
from transforms.catalogue import Catalogue

if TYPE_CHECKING:
    from transforms.review.reviewing import Proposal, Side

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_MOST = 6


def print_question(
    out: Console, catalogue: Catalogue, p: Proposal, sides: tuple[Side, Side], chance: float, left: int
) -> None:
    """Print one pair: its two items, the evidence and the neighbours. ``left`` counts this question too."""
    from transforms.review.reviewing import beside  # slow to import, and status needs none of it

    e = catalogue.entities[p.entity]
    out.print()
    head = Text(f"{left} left · {e.title.en}")
    # Into a pipe a rule would be as wide as anything may be.
    out.print(Rule(head, style="dim") if out.is_terminal else head)
    why = f" · {show.plain_line(p.reason)}" if p.reason else ""
    moved = f" (at first {show.share(p.score)})" if abs(chance - p.score) > 0.02 else ""
    out.print(f"Chance of being the same {show.share(chance)}{moved} · {p.hangs} items hang on it{why}")
    a, b = sides
    rows = []
    titles = {n: x.title.en if x.title else n.replace("_", " ") for n, x in e.attributes.items()}
    for name, value_a, value_b in beside(e, a, b):
        one, other = highlighted(value_a, value_b)
        title = show.text(titles.get(name, "belongs to"), 30)
        rows.append((Text("≠" if value_a != value_b else ""), title, one, other))
    heads = ("", "attribute", f"A  {show.plain_line(a.domain)}:{show.plain_line(a.local_id)}",
             f"B  {show.plain_line(b.domain)}:{show.plain_line(b.local_id)}")  # fmt: skip
    out.print(show.table(heads, rows))
    if p.evidence:
        strongest = sorted(p.evidence.items(), key=lambda item: -abs(item[1]))[:8]
        out.print(Text("Evidence: " + ", ".join(f"{show.plain_line(n)} {v:+.2g}" for n, v in strongest)))
    _print_neighbours(out, catalogue, a, b)


def highlighted(a: str | None, b: str | None) -> tuple[Text, Text]:
    """Both texts with the words that the other lacks in bold. Control characters are spelled out, as everywhere."""
    if not a or not b or a == b:
        alike = "" if a == b else "bold yellow"
        return show.text(a, 70, alike), show.text(b, 70, alike)
    words = _WORD.findall(show.plain_line(a)[:200]), _WORD.findall(show.plain_line(b)[:200])
    made = Text(), Text()
    for tag, i, j, k, m in difflib.SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        style = "" if tag == "equal" else "bold yellow"
        made[0].append("".join(words[0][i:j]), style)
        made[1].append("".join(words[1][k:m]), style)
    return made


def _print_neighbours(out: Console, catalogue: Catalogue, a: Side, b: Side) -> None:
    """What belongs and refers to the items: what both have dim, what one has alone bold."""
    from transforms.review.reviewing import around

    rows = []
    for relation, entity, here, there in around(a, b):
        title = catalogue.entities[entity].title.en.lower()
        rows.append((show.text(f"{relation} {title}", 40), _labels(here, there), _labels(there, here)))
    if rows:
        out.print(show.table(("neighbours", "A", "B"), rows))


def _labels(own: Sequence[str], other: Sequence[str]) -> Text:
    made = Text()
    # What the other lacks is what tells; it comes first.
    ordered = sorted(own, key=lambda label: label in other)
    for i, label in enumerate(ordered[:_MOST]):
        shown = plain(label)
        made.append("\n" if i else "")
        made.append(shown if len(shown) <= 60 else shown[:59] + "…", "dim" if label in other else "bold")
    if len(ordered) > _MOST:
        made.append(f"\n… and {'more' if len(own) >= 12 else len(ordered) - _MOST}", "dim")
    return made if own else Text("–", style="dim")


def print_status(found: Sequence[Ruling], answers: int, since: bool, waiting: int) -> None:
    """Print what has been ruled, what it does, and what does not count with the reason."""
    out = show.console()
    if not found and not answers:
        out.print(f"Nothing has been ruled yet; {show.number(waiting)} pairs are open for review.")
        return
    counts = Counter((r.ruling or "(no one answer)", r.state, r.effect) for r in found)
    rows = [(n, *key) for key, n in counts.most_common()]
    out.print(show.table(("rulings", "ruling", "state", "effect"), rows))
    unsound = [r for r in found if r.problem]
    if unsound:
        out.print(f"{len(unsound)} rulings do not count:")
        columns = ("why", "entity type", "ruling", "A", "B", "by", "when")
        whys = [show.text(PROBLEMS.get(r.problem or "", r.problem), 70) for r in unsound]
        shown = [(r.entity, r.ruling, r.label_a, r.label_b, r.readers, r.read_at[:10]) for r in unsound[:50]]
        out.print(show.table(columns, [(why, *cells) for why, cells in zip(whys, shown, strict=False)]))
        if len(unsound) > 50:
            out.print(f"… and {len(unsound) - 50} more: likare review status --json lists all")
    out.print(f"{show.number(waiting)} pairs are open for review.")
    if since:
        out.print("The files say otherwise than the published night; likare run applies them.")


def counted(found: Sequence[Ruling]) -> Mapping[str, int]:
    """How many rulings have each effect, and how many do not count."""
    words = {"match": "that match", "none": "without effect"}
    return Counter("that do not count" if r.problem else words.get(r.effect, r.effect) for r in found)
