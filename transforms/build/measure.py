"""The metrics of a night and their history. Definitions: docs/metrics.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from transforms.build.compare import comparable_weights, delivered_attributes
from transforms.build.match import Pair
from transforms.build.parts import PAIR_STEPS, Parts
from transforms.catalogue import Catalogue
from transforms.warehouse import Night

METHOD_VERSION = "1"

# The tables that carry every night's rows forward, with their columns.
HISTORY = {
    "night": (
        "night_id INTEGER, as_of TIMESTAMP, method_version VARCHAR, catalogue VARCHAR, catalogue_fingerprint VARCHAR"
    ),
    "snapshot": (
        "night_id INTEGER, domain VARCHAR, snapshot_id INTEGER, delivered_at TIMESTAMP, files BIGINT, "
        "rows_accepted BIGINT, rows_quarantined BIGINT, code_level VARCHAR"
    ),
    "quality_count": "night_id INTEGER, severity VARCHAR, status VARCHAR, checks BIGINT",
    "quality_history": (
        "night_id INTEGER, check_id VARCHAR, domain VARCHAR, status VARCHAR, failed BIGINT, total BIGINT"
    ),
    "entity_count": (
        "night_id INTEGER, pair_id VARCHAR, entity VARCHAR, matched BIGINT, only_a BIGINT, only_b BIGINT, "
        "identical BIGINT, uncertain BIGINT, ambiguous_a BIGINT, ambiguous_b BIGINT, agreement_sum DOUBLE, "
        "agreement_certain DOUBLE, measurable BOOLEAN, reason VARCHAR"
    ),
    "attribute_agreement": (
        "night_id INTEGER, pair_id VARCHAR, entity VARCHAR, attribute VARCHAR, key_name VARCHAR, equal BIGINT, "
        "comparable BIGINT"
    ),
    "measure": (
        "night_id INTEGER, pair_id VARCHAR, level VARCHAR, subject VARCHAR, metric VARCHAR, numerator DOUBLE, "
        "denominator DOUBLE, value DOUBLE, method_version VARCHAR"
    ),
    "watched": (
        "night_id INTEGER, pair_id VARCHAR, watch VARCHAR, title_sv VARCHAR, title_en VARCHAR, numerator BIGINT, "
        "denominator BIGINT, value DOUBLE"
    ),
    "difference_life": (
        "pair_id VARCHAR, difference_id VARCHAR, entity VARCHAR, kind VARCHAR, attribute VARCHAR, label VARCHAR, "
        "opened_night INTEGER, closed_night INTEGER"
    ),
    "drift": (
        "night_id INTEGER, pair_id VARCHAR, entity VARCHAR, area VARCHAR, opened BIGINT, closed BIGINT, open BIGINT"
    ),
    "item_count": "night_id INTEGER, domain VARCHAR, entity VARCHAR, items BIGINT",
    "step": "night_id INTEGER, step VARCHAR, seconds DOUBLE, rows BIGINT",
}


@dataclass(frozen=True)
class DomainInfo:
    """A domain as the settings describe it."""

    name: str
    title: str
    programme: str = ""
    ended: bool = False
    vendor_model: bool = False


def run(
    night: Night,
    catalogue: Catalogue,
    pairs: Sequence[Pair],
    domains: Sequence[DomainInfo],
    snapshots: Mapping[str, int],
    as_of: datetime,
) -> int:
    """Fill ``measured`` for this night on top of the history. Returns the number of metric rows of the night."""
    night.run("measure_tables.sql.j2", history=HISTORY, known=_kept_by_previous(night), carried=night.carried)
    number = night.number
    night.insert("measured.night", [(number, as_of, METHOD_VERSION, catalogue.name, catalogue.fingerprint)])
    _describe(night, catalogue, pairs, domains)
    _note_snapshots(night, snapshots)
    night.run("measure_quality.sql.j2", night_id=number)
    parts = Parts(night)
    for pair in pairs:
        delivered = delivered_attributes(night, pair)
        kept = [
            e.entity
            for e in catalogue.ordered
            if night.carried and not any(parts.made_anew(step, e.entity, pair.pair_id) for step in PAIR_STEPS)
        ]
        if kept:
            night.run("measure_again.sql.j2", entities=kept, pair=pair.pair_id, night=number)
        for e in catalogue.ordered:
            if e.entity in kept:
                continue
            missing = [domain for _, domain in pair.sides if (domain, e.entity, "") not in delivered]
            night.run(
                "measure_counts.sql.j2",
                e=e,
                pair=pair.pair_id,
                night=number,
                reason=f"not delivered by {' and '.join(missing)}" if missing else None,
                comparable=[] if missing else list(comparable_weights(e, pair, delivered)),
            )
    names = [e.entity for e in catalogue.ordered]
    anew = {
        d.name: [name for name in names if not night.carried or parts.made_anew("normalise", name, d.name)]
        for d in domains
    }
    counted = {domain: [name for name in names if name not in made] for domain, made in anew.items()}
    night.run("measure_items.sql.j2", night=number, anew=anew, kept=counted)
    first = number == 1 or not night.previous
    night.run("measure.sql.j2", night=number, method=METHOD_VERSION, watch=catalogue.watch, first=first)
    _again_by_this_method(night)
    return int(night.value("SELECT count(*) FROM measured.measure WHERE night_id = ?", [number]))


def _kept_by_previous(night: Night) -> list[str]:
    """Which of the history's tables the night before has: one built by an older version may lack some."""
    if not night.previous or night.carried:
        return []
    found = night.rows(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'previous' AND schema_name = 'measured'"
    )
    return [r[0] for r in found if r[0] in HISTORY]


def _again_by_this_method(night: Night) -> None:
    """Compute the figures of earlier nights anew from their counts, where another method version computed them.

    The night keeps the version it was first measured by: that is the seam (published.seam).
    """
    metrics = ["coverage", "agreement", "convergence", "convergence_lower", "convergence_upper", "strict"]
    earlier = night.rows(
        "SELECT DISTINCT night_id FROM measured.measure WHERE method_version <> ? AND list_contains(?, metric) "
        "ORDER BY 1",
        [METHOD_VERSION, metrics],
    )
    for (number,) in earlier:
        night.execute("DELETE FROM measured.measure WHERE night_id = ? AND list_contains(?, metric)", [number, metrics])
        night.run("measure_figures.sql.j2", night=number, method=METHOD_VERSION)


def previous_item_counts(night: Night) -> dict[tuple[str, str], int]:
    """Live items by (domain, entity type) in the published night; empty before the first."""
    if not night.previous:
        return {}
    rows = night.rows(
        "SELECT domain, entity, items FROM previous.measured.item_count "
        "WHERE night_id = (SELECT max(night_id) FROM previous.measured.item_count)"
    )
    return {(r[0], r[1]): int(r[2]) for r in rows}


def record_steps(night: Night, steps: Sequence[tuple[str, float, int]]) -> None:
    """Keep (step, seconds, rows) of this night."""
    night.insert("measured.step", [(night.number, *s) for s in steps])


def _describe(night: Night, catalogue: Catalogue, pairs: Sequence[Pair], domains: Sequence[DomainInfo]) -> None:
    insert = night.insert
    insert(
        "measured.domain",
        [(d.name, d.title, d.programme, i, d.ended, d.vendor_model) for i, d in enumerate(domains, 1)],
    )
    insert("measured.pair", [(p.pair_id, p.domain_a, p.domain_b) for p in pairs])
    insert(
        "measured.area",
        [(n, a.title.sv, a.title.en, a.weight, i) for i, (n, a) in enumerate(catalogue.areas.items(), 1)],
    )
    insert(
        "measured.entity_type",
        [
            (
                e.entity,
                e.title.sv,
                e.title.en,
                e.description,
                e.area,
                e.role,
                e.weight,
                e.expected_local or e.derived,
                i,
            )
            for i, e in enumerate(catalogue.ordered, 1)
        ],
    )
    attributes: list[tuple[object, ...]] = []
    for e in catalogue.ordered:
        if e.parent:
            target = ", ".join(e.parent.references.to)
            attributes.append((e.entity, "parent", "tillhör", "belongs to", "reference", e.parent.weight, target))
        for name, a in e.attributes.items():
            plain = name.replace("_", " ")
            sv, en = (a.title.sv, a.title.en) if a.title else (plain, plain)
            kind, to = ("reference", ", ".join(a.references.to)) if a.references else (a.compare, None)
            attributes.append((e.entity, name, sv, en, kind, a.weight, to))
    insert("measured.attribute", attributes)
    insert(
        "measured.key",
        [
            (e.entity, key.name, i, key.rule, key.certain, place, element)
            for e in catalogue.ordered
            for i, key in enumerate(e.keys, 1)
            for place, element in enumerate(key.parts, 1)
        ],
    )


def _note_snapshots(night: Night, snapshots: Mapping[str, int]) -> None:
    for domain, snapshot_id in snapshots.items():
        night.execute(
            "INSERT INTO measured.snapshot SELECT ?, s.domain, s.snapshot_id, s.delivered_at, count(*), "
            "sum(f.rows_accepted), sum(f.rows_quarantined), m.code_level FROM archive.landed.snapshot s "
            "JOIN archive.landed.snapshot_file USING (snapshot_id) JOIN archive.landed.file f USING (file_id) "
            "LEFT JOIN archive.landed.manifest m USING (snapshot_id) "
            "WHERE s.snapshot_id = ? GROUP BY ALL",
            [night.number, snapshot_id],
        )
        night.run("measure_landed.sql.j2", domain=domain, snapshot_id=snapshot_id)
