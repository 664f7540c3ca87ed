"""``likare explain``: both sides of an item, why they were matched or not, and what would change that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click
import duckdb
from rich.console import Console
from rich.text import Text

from flows.cli import differences, options, show
from flows.cli.trees import print_tree
from transforms.ask import lookup, tracing, tree
from transforms.ask.tracing import KeyTrace, Near, Trace
from transforms.land import structured
from transforms.register import asked
from transforms.words.errors import UsageError

# A text longer than this, or of a kind with parts, is shown as what differs and not as two cells.
_LONG = 60
_MOST_LINES = 30
_WEIGHTS = 6


@click.command()
@click.argument("item", nargs=-1, required=True)
@click.option("--with", "other", help="Another item, of the other domain: why these two are matched, or are not.")
@click.option("--tree", "as_tree", is_flag=True, help="What it is composed of, as a tree with both sides aligned.")
@click.option("--changed", is_flag=True, help="The same, only the branches in which something differs.")
@options.limit(25)
@options.as_json
def explain(item: tuple[str, ...], other: str | None, as_tree: bool, changed: bool, limit: int, as_json: bool) -> None:
    """Show both sides of ITEM, why they match, and what differs.

    ITEM is an identity (as `likare differences` shows them), DOMAIN:LOCAL_ID, ENTITY:TEXT, or text of its label. Every
    rule is shown in the order in which it is tried, with what it found and what would change the verdict; then what
    differs, and which decision governs that.
    """
    with options.published() as night:
        con, titles = night.con, night.titles
        found, total = _find(con, " ".join(item).strip(), limit)
        if total > 1:
            if as_json:
                show.dump({"total": total, "items": found})
            else:
                _print_found(show.console(), found, total, titles)
            return
        one = found[0]
        if as_tree or changed:
            root = tree.of(con, one)
            if as_json:
                show.dump(root)
            else:
                print_tree(one, root, titles, changed)
            return
        if other is not None:
            two = _counterpart(con, one, other.strip(), limit)
            ids = (one.local_id_a, two.local_id_b) if one.local_id_a is not None else (two.local_id_a, one.local_id_b)
            traced = tracing.trace(night.session, night.catalogue, one.pair_id, one.entity, *ids)
            if as_json:
                show.dump({"item": one, "with": two, "trace": traced})
            else:
                _print_two(show.console(), con, one, two, ids, traced)
            return
        explanation = lookup.explain(con, one, limit)
        traced = tracing.trace(night.session, night.catalogue, one.pair_id, one.entity, one.local_id_a, one.local_id_b)
        ruled = asked.governed(con, one.pair_id, one.identity, limit)
    if as_json:
        show.dump({**vars(explanation), "trace": traced, "decisions": ruled})
        return
    _print_explanation(show.console(), explanation, traced, titles)
    _print_decisions(show.console(), ruled)


def _find(con: duckdb.DuckDBPyConnection, wanted: str, limit: int) -> tuple[list[lookup.Item], int]:
    found, total = lookup.find(con, wanted, limit)
    if not found:
        raise UsageError(f"no item is called '{wanted}'; try a part of its name, or DOMAIN:LOCAL_ID")
    return found, total


def _counterpart(con: duckdb.DuckDBPyConnection, one: lookup.Item, other: str, limit: int) -> lookup.Item:
    """The item of the other domain that ``other`` means."""
    lacks_a = one.local_id_a is None
    found, _ = _find(con, other, 1000)
    fit = [
        i
        for i in found
        if (i.pair_id, i.entity) == (one.pair_id, one.entity)
        and (i.local_id_a if lacks_a else i.local_id_b) is not None
    ]
    if len(fit) != 1:
        domain = one.domain_a if lacks_a else one.domain_b
        why = "several" if fit else "none"
        raise UsageError(f"--with '{other}': {why} of {domain}'s {one.entity} is called so; name it {domain}:LOCAL_ID")
    return fit[0]


def _print_found(out: Console, found: list[lookup.Item], total: int, titles: Mapping[str, str]) -> None:
    columns = ("identity", "entity type", "item", "A", "B", "matched by")
    rows = [
        (i.identity[:12], titles.get(i.entity, i.entity), show.text(i.label),
         i.local_id_a and f"{i.domain_a}:{i.local_id_a}", i.local_id_b and f"{i.domain_b}:{i.local_id_b}", i.key_name)
        for i in found
    ]  # fmt: skip
    out.print(show.table(columns, rows))
    out.print(f"{len(found)} of {show.number(total)} items. likare explain IDENTITY shows both sides of one.")


def _print_explanation(out: Console, e: lookup.Explanation, traced: Trace, titles: dict[str, str]) -> None:
    say = out.print
    i = e.item
    say(show.text(i.label, 200, style="bold"), f"({e.entity_title}, identity {i.identity})")
    if i.rule is None:
        there, missing = (i.domain_a, i.domain_b) if i.local_id_a is not None else (i.domain_b, i.domain_a)
        say(f"Only in {there}: nothing of {missing} is recognised as the same.")
        if i.ambiguous:
            say("Several unmatched items share a key, so none of them could be matched with certainty.")
    else:
        sure = "" if i.certain else " (not certain)"
        by = "" if i.rule in ("probabilistic", "reviewed") else f", by {_words(i.key_name)}"
        say(f"Matched: {i.rule.replace('_', ' ')}{by}{sure}. Agreement {show.share(i.agreement)}, components included.")
    values = {p.attribute: (p.value_a, p.value_b) for p in e.properties}
    shown = {p.attribute: p.title for p in e.properties}
    _print_trace(out, traced, i, shown, values)
    long = [p for p in e.properties if p.differs and _is_long(p)]
    rows = [
        (Text("≠" if p.differs else ""), p.title, *_cells(p, p in long), p.weight, p.cause_label or "")
        for p in e.properties
        if p.value_a or p.value_b
    ]
    a = f"{i.domain_a}:{i.local_id_a}" if i.local_id_a is not None else f"{i.domain_a} (none)"
    b = f"{i.domain_b}:{i.local_id_b}" if i.local_id_b is not None else f"{i.domain_b} (none)"
    columns = ("", "attribute", show.plain_line(a), show.plain_line(b), "weight", "because of")
    most = 6 if any(p.cause_label for p in e.properties) else 5
    say()
    say(show.table(columns[:most], [r[:most] for r in rows]))
    for p in long:
        say(Text(f"What differs in {show.plain_line(p.title)} (- only {i.domain_a}, + only {i.domain_b}):"))
        _print_diff(out, p)
    if e.components:
        say(f"Differences of what it consists of ({len(e.components)} shown):")
        say(differences.table(e.components, titles))


def _print_decisions(out: Console, ruled: asked.Records) -> None:
    if ruled:
        out.print("Decisions:")
        rows = [
            (r["label"], r["attribute"] or r["kind"], r["decision_id"], r["ruling"], show.text(r["why"], 120))
            for r in ruled
        ]
        out.print(show.table(("item", "what", "decision", "ruling", "why"), rows))


def _is_long(p: lookup.Property) -> bool:
    if p.value_a is None or p.value_b is None:
        return False
    return p.kind in structured.KINDS_WITH_A_DIFF and (
        p.kind in ("long", "xml", "json") or max(len(p.value_a), len(p.value_b)) > _LONG
    )


def _cells(p: lookup.Property, is_long: bool) -> tuple[Text, Text]:
    if is_long:
        return Text("see below", style="dim"), Text("see below", style="dim")
    style = "bold" if p.differs else ""
    return show.text(p.value_a, _LONG, style), show.text(p.value_b, _LONG, style)


def _print_diff(out: Console, p: lookup.Property) -> None:
    lines = structured.diff(p.kind, p.value_a, p.value_b)
    styles = {"-": "red", "+": "green", "@": "dim"}
    for line in lines[:_MOST_LINES]:
        out.print(Text(f"  {line.sign} {show.plain_line(line.text)}", style=styles.get(line.sign, "")))
    if len(lines) > _MOST_LINES:
        out.print(Text(f"  … and {len(lines) - _MOST_LINES} lines more", style="dim"))


def _print_two(
    out: Console, con: duckdb.DuckDBPyConnection, one: lookup.Item, two: lookup.Item,
    ids: tuple[str | None, str | None], traced: Trace,
) -> None:  # fmt: skip
    a, b = (one, two) if one.local_id_a is not None else (two, one)
    same = one.identity == two.identity
    out.print(show.text(f"{a.domain_a}:{ids[0]} {a.label or ''}", 200, "bold"))
    out.print(show.text(f"{b.domain_b}:{ids[1]} {b.label or ''}", 200, "bold"))
    out.print("They are matched." if same else "They are not matched.")
    sides = {"a": lookup.explain(con, a, 1), "b": lookup.explain(con, b, 1)}
    shown = {p.attribute: p.title for p in sides["a"].properties}
    of_b = {p.attribute: p.value_b for p in sides["b"].properties}
    values = {p.attribute: (p.value_a, of_b.get(p.attribute)) for p in sides["a"].properties}
    _print_trace(out, traced, lookup.Item(**{**vars(a), "local_id_b": ids[1]}), shown, values)


# --- why -------------------------------------------------------------------------------------------------------------

_Values = Mapping[str, tuple[str | None, str | None]]


def _print_trace(out: Console, t: Trace, i: lookup.Item, titles: Mapping[str, str], values: _Values) -> None:
    """Every rule in order with what it found, the weighing, and what would change the verdict."""
    at = 0 if i.local_id_a is not None else 1
    here, there = (i.domain_a, i.domain_b) if at == 0 else (i.domain_b, i.domain_a)
    rows: list[tuple[object, ...]] = []
    for r in t.rulings:
        note = f": {show.plain_line(r.note)}" if r.note else ""
        counts = "" if r.problem is None else f", does not count ({r.problem})"
        rows.append(("reviewed", "", f"{r.readers}: {(r.ruling or 'no one answer').replace('_', ' ')}{counts}{note}"))
    if not t.rulings:
        rows.append(("reviewed", "", "nobody has ruled on it"))
    for k in t.keys:
        rows.append((k.rule.replace("_", " "), _words(k.name), _found(k, here, there, titles, values, at)))
    rows.append(("probabilistic", "", _weighed(t, i)))
    cells = [(str(r[0]), show.text(r[1], 40) if r[1] else "", show.text(r[2], 200)) for r in rows]
    out.print()
    out.print(show.table(("rule", "key", "what it found"), cells))
    _print_nearest(out, t, i, at)
    for line in _changes(t, titles):
        out.print(Text(line))


def _words(name: str | None) -> str:
    return (name or "").replace("+", " + ").replace("_", " ")


def _named(elements: tuple[str, ...], titles: Mapping[str, str]) -> str:
    return ", ".join(
        "what it belongs to" if e == "parent" else show.plain_line(titles.get(e, _words(e))) for e in elements
    )


def _found(k: KeyTrace, here: str, there: str, titles: Mapping[str, str], values: _Values, at: int) -> str:
    value = " · ".join(
        str(values.get(e, (None, None))[at]) for e in k.name.split("+") if values.get(e, (None, None))[at]
    )
    said = f" {show.plain_line(value)[:60]}" if value else ""
    other = k.others[0] if k.others else None
    who = show.plain_line(f"{other.local_id} {other.label or ''}".strip())[:60] if other else ""
    match k.outcome:
        case "matched":
            return f"matched:{said}, one item on each side"
        case "agrees":
            return f"agrees as well:{said}"
        case "missing":
            return f"no value for {_named(k.elements, titles)}"
        case "astray":
            return f"{_named(k.elements, titles)} has no match itself, so nothing can equal it"
        case "absent":
            return f"no item of {there} has it:{said}"
        case "shared":
            return f"proves nothing: {k.here} items of {here} and {k.there} of {there} have it:{said}"
        case "taken" if other is not None:
            return f"{there}'s is {who}, which {_words(other.by)} matches to {show.plain_line(other.matched_to)}"
        case "apart":
            return f"a reader ruled it different from {who}"
        case "differs":
            return f"differs in {_named(k.elements, titles)}"
        case "elsewhere":
            return f"leads to another item: {who}"
        case _:
            return f"has matched {who}, but what they say contradicts it"


def _weighed(t: Trace, i: lookup.Item) -> str:
    if not t.fuzzy:
        return "not weighed: the catalogue does not ask for it here (fuzzy)"
    if not t.nearest or all(n.log_odds is None and not n.verdict for n in t.nearest):
        if i.rule not in (None, "probabilistic"):
            return "not weighed: an earlier rule matched it"
        return "nothing on the other side was near enough, or too few items were left over to learn from"
    chosen = next((n for n in t.nearest if n.verdict), None)
    if chosen is None:
        return f"{len(t.nearest)} nearest weighed, none likely enough"
    chance = "" if chosen.chance is None else f", chance {show.share(chosen.chance)}"
    return f"{'accepted' if chosen.verdict == 'accepted' else 'for review'}{chance}: {chosen.reason}"


def _print_nearest(out: Console, t: Trace, i: lookup.Item, at: int) -> None:
    if not t.nearest or (i.rule not in (None, "probabilistic") and all(not n.verdict for n in t.nearest)):
        return
    weighed = any(n.log_odds is not None or n.weights for n in t.nearest)
    out.print(Text("Weighed by what they say:" if weighed else "The most alike by name (not weighed):"))
    rows = []
    for n in t.nearest:
        local_id, label = (n.local_id_b, n.label_b) if at == 0 else (n.local_id_a, n.label_a)
        strongest = sorted(n.weights.items(), key=lambda w: -abs(w[1]))[:_WEIGHTS]
        evidence = ", ".join(f"{_words(name)} {weight:+.1f}" for name, weight in strongest)
        state = "; ".join(_state(n))
        sum_ = "" if n.log_odds is None else f"{n.log_odds:+.1f}"
        rows.append((show.text(f"{local_id} {label or ''}", 50), sum_, show.text(evidence, 120), show.text(state, 90)))
    columns = ("nearest", "sum", "what it is made of (log odds)", "")
    shown = (0, 1, 2, 3) if weighed else (0, 3)
    out.print(show.table([columns[k] for k in shown], [[r[k] for k in shown] for r in rows], ("sum",)))
    if t.accept_at is not None:
        accept, review = f"{t.accept_at:+.1f}", None if t.review_at is None else f"{t.review_at:+.1f}"
        # Where the two lie closer than is shown, a second figure would say nothing.
        lower = "" if review in (None, accept) else f", from {review} on put before a person"
        out.print(f"As a rule pairs are accepted from a sum of {accept} on{lower}.")


def _state(n: Near) -> Iterator[str]:
    if n.verdict:
        yield n.verdict if n.chance is None else f"{n.verdict}, chance {show.share(n.chance)}"
    if n.against:
        yield f"they differ in {', '.join(n.against)}"
    if n.matched_to:
        yield f"it is matched to {n.matched_to}"
    elif not n.verdict and n.chance is not None:
        yield "not chosen" if n.chance == 0 else f"chance {show.share(n.chance)}"


def _changes(t: Trace, titles: Mapping[str, str]) -> Iterator[str]:
    """What would change the verdict, a line each."""
    words = {"accepted": "accepted", "review": "put before a person", "none": "not proposed"}
    matched = next((k for k in t.keys if k.outcome == "matched"), None)
    if matched is not None:
        also = [k for k in t.keys if k.outcome == "agrees"]
        after = f"{_words(also[0].name)} would match them" if also else "no other key would match them"
        yield f"What would change it: without {_words(matched.name)}, {after}."
        return
    for n in t.nearest[:1]:
        if n.verdict == "accepted":
            for name, verdict in n.changes[:3]:
                yield f"What would change it: without {_words(name)} it would be {words[verdict]}."
            if not n.changes:
                yield "What would change it: no single attribute; any of them may go."
            return
        for name, verdict in n.changes[:3]:
            verb = "did not differ" if n.against else "agreed"
            yield f"What would change it: with {n.label_b or n.local_id_b}, {words[verdict]} if {_words(name)} {verb}."
        lacking = [f"{_words(key)} would match if {_named(elements, titles)} agreed" for key, elements in n.lacks[:2]]
        if lacking:
            who = show.plain_line(n.label_b or n.local_id_b)
            yield f"What would change it: with {who}, {'; '.join(lacking)}."
    for k in t.keys:
        if k.outcome == "taken" and k.others:
            free = f"{k.others[0].local_id} were not matched already"
            yield f"What would change it: {_words(k.name)} would match if {free}."
            break
        if k.outcome == "shared":
            yield f"What would change it: {_words(k.name)} would match if only one item a side had it."
            break


COMMANDS = (explain,)
