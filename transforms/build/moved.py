"""Who moved: what each domain changed in its own build since the night before, kept as a history of changes.

A domain's item of tonight is that of the night before where both are called alike under one id; else where both are the
same match or unmatched item; else where they have one id. So a domain whose ids were all given anew did not move. What
two domains did about the same thing, and whether it brought them together, is read from this history by the view
``published.moved``.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.build import embedded, standing
from transforms.build.match import Pair
from transforms.build.measure import METHOD_VERSION
from transforms.build.parts import PAIR_STEPS, Parts
from transforms.catalogue import Catalogue, Entity
from transforms.land.canonical import define_units
from transforms.warehouse import Night

HISTORY = {
    "change": (
        "night_id INTEGER, domain VARCHAR, entity VARCHAR, local_id VARCHAR, label VARCHAR, kind VARCHAR, "
        "attribute VARCHAR, value_before VARCHAR, value_after VARCHAR, shown_before VARCHAR, shown_after VARCHAR, "
        "weight DOUBLE"
    ),
    "change_gone": (
        "night_id INTEGER, pair_id VARCHAR, domain VARCHAR, entity VARCHAR, local_id VARCHAR, identity VARCHAR, "
        "other_id VARCHAR"
    ),
}


def run(night: Night, catalogue: Catalogue, pairs: Sequence[Pair]) -> int:
    """Add tonight's changes to ``measured.change``, and say where each of several domains stands. Returns changes.

    Nothing is said to have changed where the table or the column was not delivered both times, or was not described.
    """
    earlier = _earlier(night)
    standing.run(night, catalogue, pairs, earlier, METHOD_VERSION)
    night.run("moved_tables.sql.j2", history=HISTORY, earlier=earlier, carried=night.carried)
    parts = Parts(night)
    if night.previous:
        told = _Told(night)
        work = [(e, d) for e in catalogue.ordered for d in told.domains if told.both(d, e.entity, "")]
        work = [(e, d) for e, d in work if parts.changed("normalise", e.entity, d)]
        for e, domain in work:
            of = [(p.pair_id, side) for p in pairs for side, d in p.sides if d == domain]
            of = [(p, side) for p, side in of if told.has_table("matched", e.entity)]
            night.run("moved_items.sql.j2", entity=e.entity, domain=domain, of=of)
        night.run("moved_renumbered.sql.j2")
        renumbered = {(r[0], r[1]) for r in night.rows("SELECT DISTINCT entity, domain FROM renumbered")}
        if renumbered:
            # A link may lead elsewhere though its item is as it was.
            others = [(e, d) for e in catalogue.ordered for d in told.domains if told.both(d, e.entity, "")]
            led = [(e, d) for e, d in others if any((t, d) in renumbered for t in _leads(e))]
            work += [one for one in led if one not in work]
        define_units(night)
        for e, domain in work:
            _change(night, catalogue, e, domain, pairs, told, renumbered)
        night.execute("DROP TABLE renumbered; DROP TABLE item_change; DROP TABLE moved_text")
    _name(night, catalogue, pairs, parts)
    return int(night.value("SELECT count(*) FROM measured.change WHERE night_id = ?", [night.number]))


def _change(
    night: Night,
    catalogue: Catalogue,
    e: Entity,
    domain: str,
    pairs: Sequence[Pair],
    told: _Told,
    renumbered: set[tuple[str, str]],
) -> None:
    weights = {"parent": e.parent.weight} if e.parent and e.parent.weight > 0 else {}
    weights |= {name: a.weight for name, a in e.compared.items()}
    night.run(
        "moved_items_told.sql.j2",
        entity=e.entity,
        domain=domain,
        night=night.number,
        weight=max(1.0, float(sum(weights.values()))),
        pairs=[(p.pair_id, *_sides(p, domain)) for p in pairs if domain in (p.domain_a, p.domain_b)],
    )
    links = e.references
    both = [n for n in weights if told.both(domain, e.entity, n) and told.has_column(e.entity, n)]
    if not both:
        return
    units = {n: a.unit for n, a in e.compared.items() if n in both and a.unit and told.both(domain, e.entity, a.unit)}
    units = {n: u for n, u in units.items() if told.has_column(e.entity, u) and _labelled(links.get(u), told)}
    night.execute("DELETE FROM moved_text")
    texts = [n for n in both if n in e.embedding]
    for name in texts:
        kinds = enumerate(e.embedding[name].embedded)
        night.run(
            "moved_text.sql.j2",
            e=e,
            name=name,
            domain=domain,
            marked=embedded.marked(name, e.embedding[name].embedded),
            kinds={embedded.mark(i): [t for t in one.to if told.has_table("normalised", t)] for i, one in kinds},
        )
    night.run(
        "moved_cells.sql.j2",
        e=e,
        domain=domain,
        names=both,
        weights=weights,
        units=units,
        texts=texts,
        renumbered={
            n: [t for t in links[n].to if (t, domain) in renumbered] if n in links and not links[n].by else []
            for n in both
        },
    )
    differing = {row[0] for row in night.rows("SELECT DISTINCT attribute FROM cells")}
    if differing:
        shown = [n for n in both if n in differing and n in links]
        targets = {n: [t for t in links[n].to if told.has_table("normalised", t)] for n in shown}
        night.run("moved_told.sql.j2", e=e, domain=domain, night=night.number, shown=shown, targets=targets)


def _name(night: Night, catalogue: Catalogue, pairs: Sequence[Pair], parts: Parts) -> None:
    """Bring ``measured.change_item`` up to tonight: which item of a pair each thing is that ever changed."""
    changed = [row[0] for row in night.rows("SELECT DISTINCT entity FROM measured.change ORDER BY 1")]
    fresh = {r[0] for r in night.rows("SELECT entity FROM measured.change WHERE night_id = ?", [night.number])}
    for name in changed:
        if name not in catalogue.entities:
            continue
        anew = any(parts.made_anew(step, name, p.pair_id) for step in PAIR_STEPS for p in pairs)
        if not night.carried or anew or name in fresh:
            night.run("moved_identity.sql.j2", entity=name, pairs=pairs)


def _sides(pair: Pair, domain: str) -> tuple[str, str]:
    return ("a", "b") if domain == pair.domain_a else ("b", "a")


def _embedded(e: Entity, name: str) -> set[str]:
    """What ids in the attribute's text may lead to."""
    return {t for one in e.embedding[name].embedded for t in one.to}


def _leads(e: Entity) -> set[str]:
    """What an item's references, and ids in its texts, may lead to."""
    return {t for r in e.references.values() for t in r.to}.union(*(_embedded(e, name) for name in e.embedding))


def _labelled(reference: object, told: _Told) -> bool:
    return reference is None or all(told.has_table("normalised", t) for t in getattr(reference, "to", ()))


def _earlier(night: Night) -> list[str]:
    """The tables of the measured layer that the night before has."""
    rows = night.rows(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'previous' AND schema_name = 'measured'"
    )
    return [row[0] for row in rows] if night.previous else []


class _Told:
    """What was delivered and described in both nights."""

    def __init__(self, night: Night) -> None:
        query = "SELECT domain, entity, attribute FROM {}normalised.extracted WHERE delivered"
        before, now = (
            {(r[0], r[1], r[2]) for r in night.rows(query.format(database))} for database in ("previous.", "")
        )
        self._both = before & now
        self.domains = sorted({d for d, _, _ in self._both})
        rows = night.rows(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'previous'"
        )
        self._columns = {(r[0], r[1], r[2]) for r in rows}
        self._tables = {(schema, table) for schema, table, _ in self._columns}

    def both(self, domain: str, entity: str, attribute: str) -> bool:
        """Whether the domain delivered the attribute ('' for the table) tonight and the night before."""
        return (domain, entity, attribute) in self._both

    def has_table(self, schema: str, entity: str) -> bool:
        """Whether the night before has the table."""
        return (schema, entity) in self._tables

    def has_column(self, entity: str, attribute: str) -> bool:
        """Whether the night before has the attribute."""
        return ("normalised", entity, attribute) in self._columns
