"""What the items say in the codes of national lists, and which differences are the vendor's to settle."""

from __future__ import annotations

from transforms.catalogue import Catalogue
from transforms.warehouse import Night


def coded(catalogue: Catalogue) -> list[tuple[str, str, str, str]]:
    """(entity type, attribute, list, prefix) of every attribute that is to hold a national code."""
    return [
        (e.entity, n, c.list, c.prefix) for e in catalogue.ordered for n, a in e.attributes.items() for c in a.national
    ]


def run(night: Night, catalogue: Catalogue, caused: bool) -> None:
    """Fill ``decided.national_code``, ``.same_code`` and ``.vendor_request`` of this night."""
    known = night.value(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'measured' AND table_name = 'reference_code'"
    )
    night.run("decide_national.sql.j2", coded=coded(catalogue), known=bool(known), night=night.number)
    owned = [e.entity for e in catalogue.ordered if any(k.rule == "vendor_identifier" and k.certain for k in e.keys)]
    if owned:
        night.run("decide_vendor.sql.j2", entities=owned, caused=caused, night=night.number)
