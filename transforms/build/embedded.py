"""Ids inside texts (rule logic, preference values): found, and replaced by the matched identity of what they lead to.

Two rules that name the same matched item by their own domains' ids are then equal. What leads nowhere stays as it is
written, and is reported where the catalogue says that an id stands there.
"""

from __future__ import annotations

from transforms.build.parts import Parts, content_of
from transforms.catalogue import Catalogue, Entity
from transforms.catalogue.attribute import Embedded
from transforms.warehouse import Session, Sql, ident, lit
from transforms.words.hashes import digest

STEP = "embedded"


def run(session: Session, catalogue: Catalogue, pair_id: str, sides: tuple[tuple[str, str], ...], parts: Parts) -> None:
    """Fill ``matched.embedded`` and ``matched.embedded_id`` of one pair, once everything is matched.

    What the session's database holds already is made anew only where a text changed, or what the ids in it may lead to.
    """
    session.run("embedded_tables.sql.j2")
    for e in catalogue.ordered:
        if not e.embedding:
            continue
        targets = sorted({t for a in e.embedding.values() for one in a.embedded for t in one.to})
        inputs = digest(
            [parts.content("normalise", name, domain) for name in (e.entity, *targets) for _, domain in sides],
            [parts.content("match", name, pair_id) for name in targets],
        )
        if parts.same(STEP, e.entity, pair_id, inputs):
            continue
        session.run("embedded_clear.sql.j2", entity=e.entity, pair=pair_id)
        for name, a in e.embedding.items():
            for side, domain in sides:
                session.run(
                    "embedded.sql.j2",
                    e=e,
                    name=name,
                    pair=pair_id,
                    side=side,
                    domain=domain,
                    marked=marked(name, a.embedded),
                    kinds={mark(i): one for i, one in enumerate(a.embedded)},
                )
        rows = Sql("matched.embedded"), Sql(f"pair_id = {lit(pair_id)} AND entity = {lit(e.entity)}")
        parts.note(STEP, e.entity, pair_id, inputs, content_of(session, *rows))


def touched(e: Entity, pair_id: str, parts: Parts) -> str:
    """What the comparison of the entity type depends on here, as a hash; empty where its texts hold no ids."""
    return parts.content(STEP, e.entity, pair_id) if e.embedding else ""


def mark(i: int) -> str:
    """The letter that stands before an id which the attribute's i-th entry found."""
    return chr(ord("a") + i)


def marked(name: str, kinds: tuple[Embedded, ...]) -> Sql:
    """The text with every id between two unit separators, after the letter of the entry that found it.

    The entries that say what stands before an id go first; what one has marked stands behind a letter, where no other
    looks.
    """
    text = f"replace({ident(name)}, chr(31), ' ')"
    for i, one in sorted(enumerate(kinds), key=lambda pair: not pair[1].before):
        before = one.before or "^|[^0-9A-Za-z_.]"
        least = 1 if one.before else one.digits
        pattern = f"({before})([1-9][0-9]{{{least - 1},}})(?:\\.0+)?\\b"
        text = f"regexp_replace({text}, {lit(pattern)}, '\\1' || chr(31) || {lit(mark(i))} || '\\2' || chr(31), 'gi')"
    return Sql(text)
