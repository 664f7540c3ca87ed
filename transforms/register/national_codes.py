"""What the items say in the codes of national lists, and which differences are the vendor's to settle."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.catalogue import Catalogue
from transforms.land.national import CodeList, tested
from transforms.warehouse import Night, Sql, ident, lit


def coded(catalogue: Catalogue) -> list[tuple[str, str, str, str]]:
    """(entity type, attribute, list, prefix) of every attribute that is to hold a national code."""
    return [
        (e.entity, n, c.list, c.prefix) for e in catalogue.ordered for n, a in e.attributes.items() for c in a.national
    ]


def run(night: Night, catalogue: Catalogue, caused: bool, lists: Mapping[str, CodeList]) -> None:
    """Fill ``decided.national_code``, ``.same_code`` and ``.vendor_request`` of this night."""
    present = set()
    if night.has(Sql("measured.reference_list")):
        present = {r[0] for r in night.rows("SELECT list FROM measured.reference_list WHERE state <> 'absent'")}
    marked = [
        {"entity": entity, "attribute": attribute, "list": name, "prefix": prefix,
         "items": _tested(entity, attribute, prefix, lists.get(name), name in present)}
        for entity, attribute, name, prefix in coded(catalogue)
    ]  # fmt: skip
    night.run("decide_national.sql.j2", coded=marked, night=night.number)
    owned = [e.entity for e in catalogue.ordered if any(k.rule == "vendor_identifier" and k.certain for k in e.keys)]
    if owned:
        night.run("decide_vendor.sql.j2", entities=owned, caused=caused, night=night.number)


def _tested(entity: str, attribute: str, prefix: str, declared: CodeList | None, present: bool) -> Sql:
    """A query of the items' codes, each with its state as the list's declaration has it."""
    source = Sql(
        f"SELECT domain, local_id, label, {ident(attribute)} AS written, CASE WHEN starts_with({ident(attribute)}, "
        f"{lit(prefix)}) THEN substr({ident(attribute)}, {lit(len(prefix) + 1)}) END AS value "
        f"FROM normalised.{ident(entity)}"
    )
    if declared is None:
        return Sql(f"SELECT *, nullif(trim(value), '') AS code, 'unverified' AS state FROM ({source})")
    return tested(declared, source, present)
