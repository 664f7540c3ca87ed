"""Ids inside texts (rule logic, preference values): found, and replaced by the matched identity of what they lead to.

Two rules that name the same matched item by their own domains' ids are then equal. What leads nowhere stays as it is
written, and is reported where the catalogue says that an id stands there.
"""

from __future__ import annotations

from pathlib import Path

from transforms.catalogue import Catalogue
from transforms.catalogue.attribute import Embedded
from transforms.catalogue.tables import mark
from transforms.warehouse import Session, Sql, lit

_SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def run(session: Session, catalogue: Catalogue) -> None:
    """Fill ``matched.embedded`` and ``matched.embedded_id``, once everything is matched."""
    session.execute("TRUNCATE matched.embedded; TRUNCATE matched.embedded_id")
    texts = [
        f"SELECT c.item_no, c.entity_no, c.place, {_marked(a.embedded)} AS text "
        "FROM normalised.cell c JOIN catalogue.entity e USING (entity_no) JOIN catalogue.attribute a "
        f"USING (entity_no, place) WHERE e.entity = {lit(e.entity)} AND a.attribute = {lit(name)}"
        for e in catalogue.ordered
        for name, a in e.embedding.items()
    ]
    if texts:
        session.execute(f"CREATE OR REPLACE TEMP TABLE marked AS {' UNION ALL '.join(texts)}")
        session.execute(_SQL)


def _marked(kinds: tuple[Embedded, ...]) -> Sql:
    """The value with every id between two unit separators, after the letter of the entry that found it.

    The entries that say what stands before an id go first; what one has marked stands behind a letter, where no other
    looks.
    """
    text = "replace(c.value, chr(31), ' ')"
    for i, one in sorted(enumerate(kinds), key=lambda pair: not pair[1].before):
        before = one.before or "^|[^0-9A-Za-z_.]"
        least = 1 if one.before else one.digits
        pattern = f"({before})([1-9][0-9]{{{least - 1},}})(?:\\.0+)?\\b"
        text = f"regexp_replace({text}, {lit(pattern)}, '\\1' || chr(31) || {lit(mark(i))} || '\\2' || chr(31), 'gi')"
    return Sql(text)
