"""The command that shows an item with all it is composed of."""

from __future__ import annotations

import contextlib

import click
from rich.text import Text
from rich.tree import Tree

from flows.cli import show
from flows.settings import load_settings
from transforms import lookup, tree
from transforms.errors import UsageError
from transforms.warehouse import open_published

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
    for change in node.changes:
        line = Text(f"≠ {change.attribute}: ", style="yellow")
        line.append(show.text(change.value_a, 50))
        line.append(" | ")
        line.append(show.text(change.value_b, 50))
        if change.reason:
            line.append(f"  ({show.plain_line(change.reason)[:60]})", style="dim")
        made.add(line)
    entity = None
    for child in node.children:
        if changed and not child.differs:
            continue
        if child.entity != entity and len({c.entity for c in node.children}) > 1:
            made.add(Text(titles.get(child.entity, child.entity), style="dim"))
        entity = child.entity
        _fill(made.add(_line(child)), child, titles, changed)


def _line(node: tree.Node) -> Text:
    sign = {"only_a": "- ", "only_b": "+ ", "moved": "→ "}.get(node.state, "↕ " if node.reordered else "")
    line = Text(sign, style=_STYLES.get(node.state, "cyan" if node.reordered else ""))
    line.append(show.text(node.label, 80, _STYLES.get(node.state, "")))
    if node.state == "moved":
        owner = show.plain_line(node.elsewhere or "another owner")[:50]
        line.append(f"  (under {owner} on the other side)", style="dim")
    elif node.reordered:
        line.append(f"  (place {node.place_a} | {node.place_b})", style="dim")
    elif node.perhaps:
        line.append(f"  (perhaps {show.plain_line(node.perhaps)[:50]})", style="dim")
    return line


COMMANDS = (show_tree,)
