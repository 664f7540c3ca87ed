"""An item with all it is composed of, drawn as a tree with both sides aligned."""

from __future__ import annotations

from rich.text import Text
from rich.tree import Tree

from flows.cli import show
from transforms.ask import lookup, tree

_STYLES = {"only_a": "red", "only_b": "green", "moved": "magenta"}


def print_tree(item: lookup.Item, root: tree.Node, titles: dict[str, str], changed: bool) -> None:
    """Print the tree; ``changed``: only the branches in which something differs."""
    out = show.console()
    out.print(f"- only in {item.domain_a}   + only in {item.domain_b}   → moved   ↕ in another order   ≠ differs")
    drawn = Tree(_line(root), guide_style="dim")
    _fill(drawn, root, titles, changed)
    out.print(drawn)


def _fill(made: Tree, node: tree.Node, titles: dict[str, str], changed: bool) -> None:
    _add_changes(made, node)
    led = tree.folded(node)
    if led is not None:
        # What a component leads to, under the component's own name: one line for both.
        _fill(made, led, titles, changed)
    children = [c for c in node.children if c is not led and (c.differs or not changed)]
    several = len({c.entity for c in children}) > 1
    heads: dict[str, Tree] = {}
    for child in children:
        under = made
        if several:
            head = Text(titles.get(child.entity, child.entity), style="dim italic")
            under = heads.get(child.entity) or heads.setdefault(child.entity, made.add(head))
        _fill(under.add(_line(child)), child, titles, changed)


def _add_changes(made: Tree, node: tree.Node) -> None:
    for change in node.changes:
        line = Text(f"≠ {change.attribute}: ", style="yellow")
        line.append(show.text(change.value_a, 50))
        line.append(" | ")
        line.append(show.text(change.value_b, 50))
        if change.reason:
            line.append(f"  ({show.plain_line(change.reason)[:60]})", style="dim")
        made.add(line)


def _line(node: tree.Node) -> Text:
    sign = {"only_a": "- ", "only_b": "+ ", "moved": "→ "}.get(node.state, "↕ " if node.reordered else "")
    line = Text(sign, style=_STYLES.get(node.state, "cyan" if node.reordered else ""))
    line.append(show.text(node.label, 80, _STYLES.get(node.state, "")))
    said = [show.plain_line(node.told_by)[:40]] if node.told_by else []
    if node.state == "moved":
        said.append(f"under {show.plain_line(node.elsewhere or 'another owner')[:50]} on the other side")
    elif node.reordered:
        said.append(f"place {node.place_a} | {node.place_b}")
    elif node.perhaps:
        said.append(f"perhaps {show.plain_line(node.perhaps)[:50]}")
    led = node if node.linked else tree.folded(node)
    if led is not None and led.places > 1:
        said.append(f"shared by {led.places}")
    if led is not None and led.again:
        said.append("drawn in this tree already")
    if said:
        line.append(f"  ({'; '.join(said)})", style="dim")
    return line
