"""A made-up publication: eight nights, two domains, thirteen entity types, as schema ``published`` in memory.

The figures are invented but hang together: totals are made from areas, areas from entity types, counts from the same
curves. ``build()`` gives a connection; ``hostile=True`` plants text that must be shown as text wherever it ends up.
"""

from __future__ import annotations

import datetime as dt
import hashlib

import duckdb

from tests.support import further_fixture

NIGHTS = 8
HOSTILE = "<script>alert('x')</script> <img src=x onerror=alert(1)> {{ 7*7 }} ${7*7} javascript:alert(1) \u202egnirts"
LONG = "långtnamn" * 1112  # 10 008 characters without a blank to break at

_SCHEMA = """
CREATE SCHEMA published;
CREATE TABLE published.night(night_id INT, as_of TIMESTAMP, method_version VARCHAR, catalogue VARCHAR,
    catalogue_fingerprint VARCHAR, is_latest BOOLEAN);
CREATE TABLE published.domain("domain" VARCHAR, title VARCHAR, programme VARCHAR, ordinal INT);
CREATE TABLE published.pair(pair_id VARCHAR, domain_a VARCHAR, domain_b VARCHAR);
CREATE TABLE published.snapshot(night_id INT, as_of TIMESTAMP, "domain" VARCHAR, snapshot_id INT,
    delivered_at TIMESTAMP, files BIGINT, rows_accepted BIGINT, rows_quarantined BIGINT, age_days INT, state VARCHAR,
    code_level VARCHAR);
CREATE TABLE published.area(area VARCHAR, title_sv VARCHAR, title_en VARCHAR, weight DOUBLE, ordinal INT);
CREATE TABLE published.entity_type(entity VARCHAR, title_sv VARCHAR, title_en VARCHAR, description VARCHAR,
    area VARCHAR, role VARCHAR, weight DOUBLE, expected_local BOOLEAN);
CREATE TABLE published.attribute(entity VARCHAR, attribute VARCHAR, title_sv VARCHAR, title_en VARCHAR, kind VARCHAR,
    weight DOUBLE, target VARCHAR);
CREATE TABLE published.difference(pair_id VARCHAR, difference_id VARCHAR, entity VARCHAR, area VARCHAR,
    identity VARCHAR, label VARCHAR, root_entity VARCHAR, root_identity VARCHAR, root_label VARCHAR, kind VARCHAR,
    attribute VARCHAR, value_a VARCHAR, value_b VARCHAR, weight DOUBLE, expected_local BOOLEAN, cause_entity VARCHAR,
    cause_identity VARCHAR, cause_label VARCHAR, opened_night INT, opened_at TIMESTAMP, cause_id VARCHAR, steps INT,
    worth DOUBLE, reopened INT);
CREATE TABLE published.crosswalk(pair_id VARCHAR, entity VARCHAR, identity VARCHAR, local_id_a VARCHAR,
    local_id_b VARCHAR, label_a VARCHAR, label_b VARCHAR, rule VARCHAR, key_name VARCHAR, key_text VARCHAR,
    certain BOOLEAN, agreement DOUBLE, identical BOOLEAN);
CREATE TABLE published.decision(decision_id VARCHAR, title VARCHAR, forum VARCHAR, ruled_on DATE, covers VARCHAR,
    ruling VARCHAR, reason VARCHAR, owner VARCHAR, expires DATE, state VARCHAR, note VARCHAR, covers_now BIGINT,
    stale_now BIGINT);
CREATE TABLE published.decision_cover(pair_id VARCHAR, difference_id VARCHAR, decision_id VARCHAR, ruling VARCHAR,
    state VARCHAR, accepted BOOLEAN);
CREATE TABLE published.process(decision_id VARCHAR, "domain" VARCHAR, step VARCHAR, step_date DATE, due DATE,
    overdue BOOLEAN, days INT, tasks BIGINT, done BIGINT, regressed BIGINT, note VARCHAR);
CREATE TABLE published.adherence(night_id INT, as_of TIMESTAMP, pair_id VARCHAR, "domain" VARCHAR, level VARCHAR,
    subject VARCHAR, numerator DOUBLE, denominator DOUBLE, value DOUBLE, settled DOUBLE);
CREATE TABLE published.cause(pair_id VARCHAR, cause_id VARCHAR, rank INT, kind VARCHAR, entity VARCHAR, area VARCHAR,
    identity VARCHAR, label VARCHAR, attribute VARCHAR, value_a VARCHAR, value_b VARCHAR, differences BIGINT,
    items BIGINT, areas BIGINT, leverage DOUBLE, shared DOUBLE, risk DOUBLE, expected_local BOOLEAN,
    opened_at TIMESTAMP);
CREATE TABLE published.not_comparable(pair_id VARCHAR, entity VARCHAR, attribute VARCHAR, "domain" VARCHAR,
    reason VARCHAR);
CREATE TABLE published.entity_count(night_id INT, as_of TIMESTAMP, pair_id VARCHAR, entity VARCHAR, matched BIGINT,
    only_a BIGINT, only_b BIGINT, identical BIGINT, uncertain BIGINT, ambiguous_a BIGINT, ambiguous_b BIGINT,
    measurable BOOLEAN, reason VARCHAR);
CREATE TABLE published.measure(night_id INT, as_of TIMESTAMP, pair_id VARCHAR, level VARCHAR, subject VARCHAR,
    metric VARCHAR, numerator DOUBLE, denominator DOUBLE, value DOUBLE, method_version VARCHAR);
CREATE TABLE published.watched(night_id INT, as_of TIMESTAMP, pair_id VARCHAR, watch VARCHAR, title_sv VARCHAR,
    title_en VARCHAR, numerator DOUBLE, denominator DOUBLE, value DOUBLE);
CREATE TABLE published.drift(night_id INT, as_of TIMESTAMP, pair_id VARCHAR, entity VARCHAR, area VARCHAR,
    opened BIGINT, closed BIGINT, open BIGINT);
CREATE TABLE published.quality(night_id INT, check_id VARCHAR, entity VARCHAR, "domain" VARCHAR, column_name VARCHAR,
    kind VARCHAR, severity VARCHAR, status VARCHAR, failed BIGINT, total BIGINT, threshold DOUBLE, note VARCHAR,
    note_sv VARCHAR, state VARCHAR, since_night INT, since TIMESTAMP);
CREATE TABLE published.quality_failure(check_id VARCHAR, "domain" VARCHAR, entity VARCHAR, ordinal INT,
    local_id VARCHAR, label VARCHAR, column_name VARCHAR, value VARCHAR);
CREATE TABLE published.feed_event("domain" VARCHAR, delivered_at TIMESTAMP, is_current BOOLEAN, kind VARCHAR,
    severity VARCHAR, table_name VARCHAR, column_name VARCHAR, before_value VARCHAR, after_value VARCHAR,
    detail VARCHAR);
CREATE TABLE published.quarantine("domain" VARCHAR, file_name VARCHAR, line BIGINT, column_name VARCHAR,
    reason VARCHAR);
"""

_AREAS = [
    ("orders", "Ordinationer och beställningar", "Orders", 3),
    ("medication", "Läkemedel", "Medication", 3),
    ("decision_support", "Beslutsstöd", "Decision support", 2),
    ("documentation", "Dokumentation", "Documentation", 3),
    ("patient_administration", "Patientadministration", "Patient administration", 1),
    ("scheduling", "Tidbok", "Scheduling", 1),
    ("access", "Behörighet", "Access", 1),
    ("reference_data", "Referensdata", "Reference data", 2),
]

# entity, Swedish, English, area, role, weight, union items, share matched (first night → last), agreement (same)
_TYPES = [
    ("orderable", "Ordinerbar", "Orderable", "orders", "item", 3, 1840, 0.86, 0.91, 0.88, 0.92),
    ("order_synonym", "Ordinationssynonym", "Order synonym", "orders", "item", 2, 4120, 0.80, 0.86, 0.82, 0.88),
    ("order_sentence", "Ordinationsmall", "Order sentence", "medication", "item", 3, 5230, 0.61, 0.68, 0.84, 0.88),
    (
        "order_sentence_detail",
        "Malldetalj",
        "Sentence detail",
        "medication",
        "component",
        1,
        18400,
        0.7,
        0.74,
        0.9,
        0.93,
    ),
    ("order_entry_format", "Ordinationsformat", "Order entry format", "orders", "item", 2, 140, 0.92, 0.94, 0.78, 0.81),
    ("powerplan", "PowerPlan", "PowerPlan", "decision_support", "item", 3, 310, 0.55, 0.63, 0.66, 0.74),
    (
        "powerplan_component",
        "Plankomponent",
        "Plan component",
        "decision_support",
        "component",
        1,
        6200,
        0.6,
        0.66,
        0.8,
        0.8,
    ),
    ("event_code", "Händelsekod", "Event code", "documentation", "item", 2, 2950, 0.88, 0.90, 0.93, 0.95),
    ("dta", "DTA", "Discrete task assay", "documentation", "item", 3, 2210, 0.79, 0.84, 0.85, 0.90),
    ("task", "Uppgift", "Task", "documentation", "item", 1, 640, 0.83, 0.83, 0.86, 0.87),
    ("code_value", "Kodvärde", "Code value", "reference_data", "item", 2, 14300, 0.90, 0.93, 0.94, 0.95),
    ("position", "Befattning", "Position", "access", "item", 1, 210, 0.72, 0.76, 0.70, 0.69),
    ("location", "Plats", "Location", "patient_administration", "item", 1, 3900, 0.02, 0.02, 0.95, 0.95),
]
_ATTRIBUTES = [
    ("orderable", "primary_mnemonic", "Huvudnamn", "Primary mnemonic", "text", 3),
    ("orderable", "order_entry_format", "Ordinationsformat", "Order entry format", "reference", 5),
    ("order_synonym", "mnemonic", "Synonym", "Mnemonic", "text", 3),
    ("order_synonym", "hidden", "Dold", "Hidden", "flag", 5),
    ("order_sentence", "display", "Visningstext", "Display line", "text", 2),
    ("order_sentence_detail", "value", "Värde", "Value", "reference", 3),
    ("powerplan_component", "sequence", "Ordning", "Sequence", "number", 1),
    ("dta", "unit", "Enhet", "Unit", "reference", 5),
    ("dta", "default_result_type", "Resultattyp", "Result type", "reference", 4),
    ("code_value", "display", "Visningsnamn", "Display", "text", 2),
    ("position", "view_set", "Vyuppsättning", "View set", "set", 4),
]
_METHOD = "2026.11"


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]) -> None:
    for start in range(0, len(rows), 200):  # many rows a statement: one by one takes seconds
        some = rows[start : start + 200]
        places = ", ".join("(" + ", ".join("?" * len(some[0])) + ")" for _ in some)
        con.execute(f"INSERT INTO published.{table} VALUES {places}", [value for row in some for value in row])


def _identity(*parts: object) -> str:
    return hashlib.md5("|".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def build(*, nights: int = NIGHTS, hostile: bool = False) -> duckdb.DuckDBPyConnection:
    """Build the publication: ``nights`` nights ending 2026-11-22 02:00, the last one latest. 0 gives empty tables."""
    con = duckdb.connect(":memory:")
    con.execute(_SCHEMA)
    last = dt.datetime(2026, 11, 22, 2, 0)
    moments = {n: last - dt.timedelta(days=nights - n) for n in range(1, nights + 1)}
    _insert(con, "night", [(n, at, _METHOD, "millennium", "c0ffee", n == nights) for n, at in moments.items()])
    _insert(
        con,
        "domain",
        [("vgr", "Västra Götalandsregionen", "FVM", 1), ("skane", "Region Skåne", "SDV", 2)],
    )
    _insert(con, "pair", [("vgr-skane", "vgr", "skane")])
    _insert(con, "area", [(a, sv, en, w, i) for i, (a, sv, en, w) in enumerate(_AREAS, 1)])
    _insert(
        con,
        "entity_type",
        [(t[0], t[1], t[2], f"{t[2]} of the build.", t[3], t[4], t[5], t[0] == "location") for t in _TYPES],
    )
    attributes: list[tuple[object, ...]] = [(*a, None) for a in _ATTRIBUTES]
    if hostile:
        attributes.append(("orderable", "hostile", HOSTILE, HOSTILE, "text", 9, None))
    _insert(con, "attribute", attributes)
    _snapshots(con, moments)
    _measures(con, moments)
    if moments:
        _differences(con, moments, hostile)
        _quality(con, nights, hostile)
    further_fixture.add(con, moments, HOSTILE if hostile else "Vård")
    con.execute("SET schema = 'published'")  # as transforms.warehouse.open_published
    return con


def _snapshots(con: duckdb.DuckDBPyConnection, moments: dict[int, dt.datetime]) -> None:
    rows: list[tuple[object, ...]] = []
    for n, at in moments.items():
        rows.append(
            (n, at, "vgr", 2 * n - 1, at - dt.timedelta(hours=3), 24, 61240 + 13 * n, 0, 0, "earlier", f"2024.{n // 5}")
        )
        late = at - dt.timedelta(days=3 if n == len(moments) else 0, hours=5)
        rows.append((n, at, "skane", 2 * n, late, 23, 58870 + 7 * n, 4, (at - late).days, "earlier", None))
    _insert(con, "snapshot", rows)


def _measures(con: duckdb.DuckDBPyConnection, moments: dict[int, dt.datetime]) -> None:
    counts: list[tuple[object, ...]] = []
    measures: list[tuple[object, ...]] = []
    drift: list[tuple[object, ...]] = []
    watched: list[tuple[object, ...]] = []
    wobble = [0.0, 0.05, 0.22, 0.31, 0.55, 0.5, 0.78, 1.0]
    for n, at in moments.items():
        step = wobble[(n - 1) % len(wobble)] if len(moments) > 1 else 1.0
        areas: dict[str, dict[str, list[float]]] = {}
        for entity, _, _, area, role, weight, union, m0, m1, g0, g1 in _TYPES:
            measurable = entity != "task" or n > 1
            matched = round(union * (m0 + (m1 - m0) * step))
            only_a = round((union - matched) * 0.55)
            only_b = union - matched - only_a
            agreement = g0 + (g1 - g0) * step
            identical = round(matched * agreement**4)
            uncertain = round(matched * 0.03) if role == "item" else 0
            counts.append(
                (n, at, "vgr-skane", entity, matched, only_a, only_b, identical, uncertain, 4, 2, measurable, None)
            )
            values: dict[str, tuple[float, float]] = {
                "coverage": (matched, union),
                "agreement": (matched * agreement, matched),
                "convergence": (matched * agreement, union),
                "convergence_lower": ((matched - uncertain) * agreement, union),
                "convergence_upper": (min(union, matched * agreement + uncertain * 0.8), union),
                "strict": (identical, union),
            }
            for metric, (num, den) in values.items():
                measures.append((n, at, "vgr-skane", "entity", entity, metric, num, den, num / den, _METHOD))
                if role == "item" and entity != "location":
                    into = areas.setdefault(area, {}).setdefault(metric, [0.0, 0.0])
                    into[0] += weight * num / den
                    into[1] += weight
            opened = None if n == 1 else (union // 800 + (n * len(entity)) % 5)
            closed = None if n == 1 else round(union * (m1 - m0) * 0.12) + n % 3
            drift.append((n, at, "vgr-skane", entity, area, opened, closed, union - identical))
        total: dict[str, list[float]] = {}
        for area, _, _, weight in _AREAS:
            for metric in ("coverage", "agreement", "convergence", "convergence_lower", "convergence_upper", "strict"):
                num, den = areas.get(area, {}).get(metric, [0.0, 0.0])
                value = num / den if den else None
                measures.append((n, at, "vgr-skane", "area", area, metric, num, den, value, _METHOD))
                if value is not None:
                    into = total.setdefault(metric, [0.0, 0.0])
                    into[0] += weight * value
                    into[1] += weight
        for metric, (num, den) in total.items():
            measures.append((n, at, "vgr-skane", "total", "total", metric, num, den, num / den, _METHOD))
        for watch, sv, en, num, den in (
            ("same_national_code", "Samma nationella kod", "Same national code", 780 + round(90 * step), 1204),
            ("same_unit", "Samma enhet på DTA", "Same unit on DTAs", 1500 + round(210 * step), 1860),
            ("same_form", "Samma formulär", "Same form", 0, 0),
        ):
            watched.append((n, at, "vgr-skane", watch, sv, en, num, den, num / den if den else None))
    _insert(con, "entity_count", counts)
    _insert(con, "measure", measures)
    _insert(con, "drift", drift)
    _insert(con, "watched", watched)


def _differences(con: duckdb.DuckDBPyConnection, moments: dict[int, dt.datetime], hostile: bool) -> None:
    area_of = {t[0]: t[3] for t in _TYPES}
    drugs = ["Alvedon 500 mg tablett", "Furix injektion 10 mg/ml", "Morfin APL", "Natriumklorid 9 mg/ml", "Heparin LMH"]
    rows: list[tuple[object, ...]] = []

    def add(
        entity: str,
        label: str,
        kind: str,
        attribute: str | None,
        a: str | None,
        b: str | None,
        weight: float,
        cause: tuple[str, str] | None = None,
    ) -> None:
        identity = _identity(entity, label)
        night = 1 + len(rows) % len(moments)
        rows.append(
            (
                "vgr-skane", _identity(identity, kind, attribute, len(rows)), entity, area_of[entity], identity, label,
                entity, identity, label, kind, attribute, a, b, weight, entity == "location",
                cause[0] if cause else None, _identity(*cause) if cause else None, cause[1] if cause else None,
                night, moments[night], _identity("cause", *cause) if cause else None, int(cause is not None),
                weight / 1e6, 0,
            )
        )  # fmt: skip

    unit = ("code_value", "Enhet: milligram (mg)")
    route = ("code_value", "Administreringsväg: intravenös infusion")
    for i in range(180):
        drug = f"{drugs[i % 5]} {i:03d}"
        add("order_sentence_detail", drug, "changed", "value", "mg", "milligram", 3.0, unit)
        if i % 2:
            add("order_sentence_detail", drug, "changed", "value", "iv infusion", "intravenös inf", 3.0, route)
        if i % 3 == 0:
            add("order_synonym", drug, "changed", "hidden", "ja", "nej", 5.0)
        if i % 4 == 0:
            add("orderable", drug, "changed", "order_entry_format", "Läkemedel sjukhus", "Läkemedel slutenvård", 5.0,
                ("order_entry_format", "Läkemedel slutenvård"))  # fmt: skip
        if i % 5 == 0:
            add("dta", f"Provsvar {i}", "changed", "unit", "mmol/L", "mmol/l", 5.0, ("code_value", "Enhet: mmol/L"))
        if i % 6 == 0:
            add("powerplan", f"Vårdplan {i}", "only_a" if i % 4 else "only_b", None, None, None, 8.0)
        add("order_sentence", f"{drug} mall", "only_a" if i % 3 else "only_b", None, None, None, 4.0)
        if i % 9 == 0:
            add("location", f"Avdelning {i}", "only_a", None, None, None, 3.0)
        if i % 20 == 0:
            add("position", f"Sjuksköterska {i}", "changed", "view_set", "Lista, Journal, Svar", "Lista, Journal", 4.0)
    if hostile:
        # One that stands for itself, for the list of the heaviest, and one that another explains, for the causes.
        add("orderable", HOSTILE, "changed", "hostile", LONG, HOSTILE, 99.0)
        add("orderable", HOSTILE, "changed", "hostile", LONG, HOSTILE, 99.0, ("code_value", HOSTILE))
        add("orderable", LONG, "only_b", None, None, None, 98.0)
    # What another explains points at the difference that explains it; the others stand for themselves.
    for cause in sorted({(r[15], r[17]) for r in rows if r[15]}):
        add(*cause, "only_a", None, None, None, 2.0)
        rows[-1] = (rows[-1][0], _identity("cause", *cause), *rows[-1][2:])
    rows = [(*r[:20], r[20] or r[1], *r[21:]) for r in rows]
    _insert(con, "difference", rows)
    _register(con, rows, moments, hostile)
    _insert(
        con,
        "not_comparable",
        [
            ("vgr-skane", "task", "chart_group", "skane", "column not extracted"),
            ("vgr-skane", "powerplan", None, "vgr", HOSTILE if hostile else "table not delivered"),
        ],
    )


def _register(
    con: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]], moments: dict[int, dt.datetime], hostile: bool
) -> None:
    """Matches, causes, decisions and what the regions have done about them."""
    pair = "vgr-skane"
    text = HOSTILE if hostile else "Ordinationer"
    matches = [
        (pair, "orderable", _identity("match", n), str(n), str(9000 + n), f"Alvedon {n} mg", f"alvedon {n} MG",
         "declared_key", "name", f"{_identity(n)} · alvedon", n % 3 > 0, 1 - n / 400, n == 0)
        for n in range(200)
    ]  # fmt: skip
    _insert(con, "crosswalk", matches)
    con.execute(
        """
        INSERT INTO published.cause
        SELECT c.pair_id, g.cause_id, row_number() OVER (ORDER BY g.n DESC, g.cause_id), c.kind, c.entity, c.area,
               c.identity, c.label, c.attribute, c.value_a, c.value_b, g.n, g.items, g.areas, g.n / 20000, 0, 1.2,
               false, c.opened_at
        FROM (
            SELECT cause_id, count(*) AS n, count(DISTINCT identity) AS items, count(DISTINCT area) AS areas
            FROM published.difference GROUP BY cause_id HAVING n > 1
        ) g JOIN published.difference c ON c.difference_id = g.cause_id
        """
    )
    day = dt.date(2026, 11, 3)
    _insert(
        con,
        "decision",
        [
            ("S-1", text, "Styrgruppen", day, "order_synonym.hidden", "adopt", text, "FVM", None, "holds", None, 60, 0),
            (
                "S-2",
                "Enheter",
                "Styrgruppen",
                day,
                "dta.unit",
                "standard",
                "UCUM",
                "Lab",
                None,
                "stale",
                "moved",
                0,
                36,
            ),
        ],
    )
    covered = [("S-1", "adopt", "holds") if r[10] == "hidden" else ("S-2", "standard", "stale") for r in rows]
    _insert(
        con,
        "decision_cover",
        [
            (pair, r[1], *c, False)
            for r, c in zip(rows, covered, strict=True)
            if r[10] == "hidden" or (r[10] == "unit" and r[2] == "dta")
        ],
    )
    _insert(
        con,
        "process",
        [
            ("S-1", "skane", "planned", day, dt.date(2026, 11, 15), True, 19, 60, 12, 0, None),
            ("S-1", "vgr", "nothing to do", None, None, None, None, 0, 0, 0, None),
            ("S-2", "vgr", "regressed", day, None, False, 19, 36, 30, 6, text),
        ],
    )
    adherence: list[tuple[object, ...]] = []
    for n, at in moments.items():
        for number, domain in enumerate(("vgr", "skane")):
            share = 0.7 + 0.01 * n - 0.08 * number
            adherence.append((n, at, pair, domain, "total", "total", share * 16, 16, share, 0.6))
    _insert(con, "adherence", adherence)


def _quality(con: duckdb.DuckDBPyConnection, night: int, hostile: bool) -> None:
    rows: list[tuple[object, ...]] = []
    for t in _TYPES:
        for domain in ("vgr", "skane"):
            rows.append((night, f"{t[0]}.local_id.unique", t[0], domain, "local_id", "unique", "critical", "passed",
                         0, t[6], 0.0, None))  # fmt: skip
            failing = t[0] in ("dta", "location") and domain == "skane"
            rows.append((night, f"{t[0]}.label.present", t[0], domain, "label", "not_null", "warning",
                         "failed" if failing else "passed", 37 if failing else 0, t[6], 0.01,
                         "Over the threshold since the latest delivery." if failing else None))  # fmt: skip
    rows.append((night, "task.rows.volume", "task", "vgr", None, "volume", "warning", "not_applicable", None, None,
                 0.2, "No earlier night to compare with."))  # fmt: skip
    rows.append((night, "position.view_set.allowed", "position", "skane", "view_set", "allowed", "info", "error", None,
                 None, None, HOSTILE if hostile else "The check could not be computed."))  # fmt: skip
    since = dt.datetime(2026, 11, 2)
    told = [(f"{r[-1]} (sv)", "persisting", 1, since) if r[7] == "failed" else (None,) * 4 for r in rows]
    _insert(con, "quality", [r + t for r, t in zip(rows, told, strict=True)])
    value, table = (HOSTILE, HOSTILE) if hostile else ("37.5", "DCP_FORMS")
    check = "dta.label.present"
    _insert(con, "quality_failure", [(check, "skane", "dta", n, str(n), value, "label", value) for n in (1, 2)])
    events: list[tuple[object, ...]] = [
        ("skane", since, True, "column_renamed", "critical", table, "A", "A", value, value),
        ("skane", since, True, "table_collapsed", "critical", "ORDERS", None, "907", "1", "collapsed"),
        ("vgr", since, False, "of a kind unheard of", "info", None, None, None, None, value),
    ]
    _insert(con, "feed_event", events)
    _insert(
        con,
        "quarantine",
        [("skane", "ORDER_CATALOG_SYNONYM.csv", line, None, "too few columns") for line in (17, 902)]
        + [("skane", HOSTILE if hostile else "CODE_VALUE.csv", line, "CODE_VALUE", "not a number") for line in (4, 5)],
    )


def many(differences: int) -> duckdb.DuckDBPyConnection:
    """The publication of ``build()`` with so many differences and as many matches, for the explorer's speed.

    Labels and values are as various as in a real build: a label on every fourth row, a value on every second.
    """
    con = build()
    con.execute("DELETE FROM published.difference")
    con.execute("DELETE FROM published.crosswalk")
    con.execute(
        """
        INSERT INTO published.difference
        SELECT 'vgr-skane', md5('d' || n), t.entity, t.area, md5('i' || n // 4),
               t.title_sv || ' ' || w || ' ' || n // 4,
               t.entity, md5('i' || n // 4), NULL, if(n % 7 = 0, if(n % 2 = 0, 'only_a', 'only_b'), 'changed'),
               if(n % 7 = 0, NULL, 'attribute ' || n % 60), if(n % 7 = 0, NULL, w || ' var ' || n // 2 || ':e timme'),
               if(n % 7 = 0, NULL, w || ' vb ' || n // 2 || ' gånger dagligen'), 1 + n % 9, false, NULL, NULL, NULL,
               1 + n % 8, TIMESTAMP '2026-11-15 02:00' + to_days((n % 8)::INTEGER),
               if(n % 3 = 0, md5('d' || n % 1000), md5('d' || n)), (n % 3 = 0)::INTEGER, 1e-6, 0
        FROM (
            SELECT n, n % 13 AS e,
                   list_value('paracetamol', 'natriumklorid', 'intravenös', 'milligram', 'provsvar')[1 + n % 5] AS w
            FROM range(?) r(n)
        )
        JOIN (SELECT *, row_number() OVER () - 1 AS e FROM published.entity_type) t USING (e)
        """,
        [differences],
    )
    con.execute(
        """
        INSERT INTO published.crosswalk
        SELECT 'vgr-skane', t.entity, md5('m' || n), n::VARCHAR, (n + 7000)::VARCHAR, t.title_sv || ' ' || n,
               upper(t.title_sv) || ' ' || n, 'declared_key', 'name', 'key ' || n, n % 10 > 0, 1 - (n % 90) / 100,
               n % 90 = 0
        FROM (SELECT n, n % 13 AS e FROM range(?) r(n))
        JOIN (SELECT *, row_number() OVER () - 1 AS e FROM published.entity_type) t USING (e)
        """,
        [differences],
    )
    return con
