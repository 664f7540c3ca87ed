"""The derived entity types of a night, kept in the night itself.

Who reads a published night (a review, an export) needs the description that its items were made by, and must not open
the archive for it, which a running night holds.
"""

from __future__ import annotations

from transforms.catalogue import Catalogue, Entity, ordered
from transforms.catalogue.model import Area
from transforms.land.derive.build import AREA
from transforms.warehouse import Session


def remember(session: Session, catalogue: Catalogue) -> None:
    """Note the derived types of the catalogue that the night is built by, in ``matched.derived``."""
    session.execute("CREATE OR REPLACE TABLE matched.derived (entity VARCHAR, description VARCHAR)")
    rows = [(e.entity, e.model_dump_json()) for e in catalogue.ordered if e.derived]
    session.insert("matched.derived", rows)


def as_built(session: Session, catalogue: Catalogue) -> Catalogue:
    """The catalogue with the derived types of the published night that the session reads."""
    told = session.value(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'matched' AND table_name = 'derived'"
    )
    rows = session.rows("SELECT description FROM matched.derived ORDER BY entity") if told else []
    found = [Entity.model_validate_json(r[0]) for r in rows]
    new = {e.entity: e for e in found if e.entity not in catalogue.entities}
    if not new:
        return catalogue
    areas = {**catalogue.areas, AREA: Area(title=catalogue.undescribed.title)}
    return ordered(catalogue.model_copy(update={"areas": areas, "entities": {**catalogue.entities, **new}}))
