"""The command that shows an item with all it is composed of."""

from __future__ import annotations

import contextlib

import click
from rich.text import Text
from rich.tree import Tree

from flows.cli import show
from flows.settings import load_settings
from transforms.ask import lookup, tree
from transforms.warehouse import open_published
from transforms.words.errors import UsageError

_STYLES = {"only_a": "red", "only_b": "green", "moved": "magenta"}


@click.command(name="tree")
@click.argument("item", nargs=-1, required=True)
@click.option("--changed", is_flag=True, help="Only the branches in which something differs.")
@show.as_json
def show_tree(item: tuple[str, ...], changed: bool, as_json: bool) -> None:
    """Show ITEM as a tree, both sides aligned: what it is composed of, what moved, what stands in another order.

    ITEM is an identity, DOMAIN:LOCAL_ID, ENTITY:TEXT, or text of its label, as for explain.
    """
    wanted = " ".join(item).strip()
    settings = load_settings()
    with contextlib.closing(open_published(settings.data)) as con:
        found, total = lookup.find(con, wanted, 10)
        if not found:
            raise UsageError(f"no item is called '{wanted}'; try a part of its name, or DOMAIN:LOCAL_ID")
        if total > 1:
            names = "; ".join(f"{i.identity[:12]} {i.entity} {i.label}" for i in found[:5])
            raise UsageError(f"'{wanted}' may mean {total} items: {names}{' …' if total > 5 else ''}; name one of them")
        root = tree.of(con, found[0])
        titles = lookup.entity_types(con)
    if as_json:
        show.dump(root)
        return
    out = show.console()
    out.print(
        f"- only in {found[0].domain_a}   + only in {found[0].domain_b}   → moved   ↕ in another order   ≠ differs"
    )
    out.print(_drawn(root, titles, changed))


def _drawn(node: tree.Node, titles: dict[str, str], changed: bool) -> Tree:
    made = Tree(_line(node), guide_style="dim")
    _fill(made, node, titles, changed)
    return made


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


COMMANDS = (show_tree,)
