"""The later views of the made-up publication: codes, proposals, requests, history, trees; a third domain on demand."""

from __future__ import annotations

import datetime as dt

import duckdb

PAIR = "vgr-skane"

_SCHEMA = """
CREATE TABLE published.reference_list(list VARCHAR, title_sv VARCHAR, title_en VARCHAR, state VARCHAR);
CREATE TABLE published.national_code(night_id INT, as_of TIMESTAMP, "domain" VARCHAR, entity VARCHAR,
    attribute VARCHAR, list VARCHAR, items BIGINT, valid BIGINT, retired BIGINT, invalid BIGINT, unverified BIGINT,
    missing BIGINT, share DOUBLE);
CREATE TABLE published.national_item("domain" VARCHAR, entity VARCHAR, local_id VARCHAR, label VARCHAR,
    attribute VARCHAR, list VARCHAR, value VARCHAR, state VARCHAR);
CREATE TABLE published.same_code(night_id INT, as_of TIMESTAMP, pair_id VARCHAR, entity VARCHAR, attribute VARCHAR,
    list VARCHAR, matched BIGINT, "both" BIGINT, same BIGINT, share DOUBLE);
CREATE TABLE published.proposal(pair_id VARCHAR, difference_id VARCHAR, rule VARCHAR, ruling VARCHAR, adopt VARCHAR,
    value VARCHAR, evidence VARCHAR);
CREATE TABLE published.vendor_request(request_id VARCHAR, pair_id VARCHAR, entity VARCHAR, label VARCHAR,
    attribute VARCHAR, value_a VARCHAR, value_b VARCHAR, explains BIGINT, first_night INT, gone_night INT,
    status VARCHAR, status_date DATE, reference VARCHAR, note VARCHAR);
CREATE TABLE published.seam(night_id INT, as_of TIMESTAMP, from_version VARCHAR, to_version VARCHAR);
CREATE TABLE published.difference_history(pair_id VARCHAR, difference_id VARCHAR, entity VARCHAR, life INT,
    opened_night INT);
CREATE TABLE published.quality_count(night_id INT, as_of TIMESTAMP, severity VARCHAR, status VARCHAR, checks BIGINT);
CREATE TABLE published.quality_history(night_id INT, as_of TIMESTAMP, check_id VARCHAR, "domain" VARCHAR,
    status VARCHAR, failed BIGINT, total BIGINT);
CREATE TABLE published.tree_node(pair_id VARCHAR, owner_entity VARCHAR, owner_identity VARCHAR, entity VARCHAR,
    identity VARCHAR, label VARCHAR, state VARCHAR, place_a INT, place_b INT, differences BIGINT, linked BOOLEAN);
CREATE TABLE published.unmatched(pair_id VARCHAR, entity VARCHAR, identity VARCHAR, label VARCHAR);
CREATE TABLE published.cluster(cluster_id VARCHAR, entity VARCHAR, "domain" VARCHAR, local_id VARCHAR, label VARCHAR,
    items INT, links INT, complete BOOLEAN, certain BOOLEAN);
CREATE TABLE published.cluster_conflict(entity VARCHAR, pair_id VARCHAR, identity VARCHAR, label_a VARCHAR,
    label_b VARCHAR, reason VARCHAR, "domain" VARCHAR);
"""


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]) -> None:
    if rows:
        places = ", ".join("(" + ", ".join("?" * len(rows[0])) + ")" for _ in rows)
        con.execute(f"INSERT INTO published.{table} VALUES {places}", [value for row in rows for value in row])


def add(con: duckdb.DuckDBPyConnection, moments: dict[int, dt.datetime], text: str) -> None:
    """Add the later views to a publication. ``text`` stands wherever text of an extract would."""
    con.execute(_SCHEMA)
    if not moments:
        return
    _codes(con, moments, text)
    con.execute(
        """
        INSERT INTO published.proposal
        SELECT pair_id, difference_id, CASE WHEN entity = 'location' THEN 'expected local' WHEN kind = 'changed'
               THEN 'precedent' ELSE 'usage' END, CASE WHEN entity = 'location' THEN 'keep_local' WHEN kind = 'changed'
               THEN 'adopt' ELSE 'retire' END, CASE WHEN kind = 'changed' AND entity <> 'location' THEN 'vgr' END, NULL,
               CASE WHEN entity = 'location' THEN 'the catalogue expects this entity type to differ' ELSE $text END
        FROM published.difference WHERE entity IN ('location', 'position', 'powerplan')
        """,
        {"text": text},
    )
    requests = [
        ("r1", PAIR, "orderable", text, "primary_mnemonic", text, text, 12, 1, None, "sent", dt.date(2026, 11, 9), text,
         text),
        ("r2", PAIR, "dta", "Provsvar 7", "unit", "mmol/L", "mmol/l", 3, 1, None, "new", None, None, None),
        ("r3", PAIR, "dta", "Provsvar 8", "unit", "g", "kg", 1, 1, 3, "settled", None, None, None),
    ]  # fmt: skip
    _insert(con, "vendor_request", requests)
    last = max(moments)
    if last > 2:
        _insert(con, "seam", [(2, moments[2], "2026.05", "2026.11")])
        lives = [(PAIR, f"d{n}", "orderable", 1 + n % 2, 2 + n % (last - 1)) for n in range(20)]
        _insert(con, "difference_history", lives)
    counts: list[tuple[object, ...]] = []
    for n, at in moments.items():
        counts += [(n, at, "warning", "failed", 2 + n % 3), (n, at, "critical", "passed", 26)]
    _insert(con, "quality_count", counts)
    failed = [(n, at, "dta.label.present", "skane", "failed", 30 + n, 2210) for n, at in moments.items()]
    _insert(con, "quality_history", failed)
    _trees(con, text)


def _codes(con: duckdb.DuckDBPyConnection, moments: dict[int, dt.datetime], text: str) -> None:
    _insert(con, "reference_list", [("npu", "NPU-kod", "NPU code", "in use"), ("kva", text, text, "absent")])
    for n, at in moments.items():
        for number, domain in enumerate(("vgr", "skane")):
            valid = 700 + 10 * n - 90 * number
            _insert(
                con,
                "national_code",
                [
                    (n, at, domain, "dta", "concept", "npu", 1000, valid, 12, 8, 0, 980 - valid, valid / 1000),
                    (n, at, domain, "task", "code", "kva", 640, 0, 0, 0, 500, 140, None),
                ],
            )
        same = 480 + 8 * n
        _insert(con, "same_code", [(n, at, PAIR, "dta", "concept", "npu", 900, 600, same, same / 600)])
    _insert(con, "national_item", [("skane", "dta", "17", text, "concept", "npu", text, "invalid")])


def _trees(con: duckdb.DuckDBPyConnection, text: str) -> None:
    """Two plans of some components: one that both have, with what differs in it, and one that only A has."""
    con.execute(
        """
        INSERT INTO published.crosswalk
        SELECT $pair, 'powerplan', 'plan-1', '1', '2', 'Vårdplan hjärtsvikt', 'Vårdplan hjärtsvikt', 'declared_key',
               'name', 'hjärtsvikt', true, 0.8, false
        """,
        {"pair": PAIR},
    )
    _insert(con, "unmatched", [(PAIR, "powerplan", "plan-2", text)])
    # What a component refers to is an item with a tree of its own.
    _insert(con, "unmatched", [(PAIR, "orderable", "order-1", "Vikt dagligen")])
    _insert(con, "unmatched", [(PAIR, "orderable", "order-2", "Syrgas")])
    con.execute(
        "INSERT INTO published.attribute VALUES"
        " ('powerplan_component', 'target', 'Mål', 'Target', 'reference', 1, 'orderable')"
    )
    nodes: list[tuple[object, ...]] = [
        (PAIR, "powerplan", "plan-1", "powerplan_component", "part-1", "Furosemid", "both", 1, 2, 1, False),
        (PAIR, "powerplan", "plan-1", "powerplan_component", "part-2", text, "only_a", 2, None, 0, False),
        (PAIR, "powerplan", "plan-1", "powerplan_component", "part-3", "Vikt dagligen", "both", 3, 1, 0, False),
        (PAIR, "powerplan_component", "part-1", "order_sentence_detail", "detail-1", "Dos", "both", 1, 1, 0, False),
        (PAIR, "powerplan", "plan-2", "powerplan_component", "part-4", "Syrgas", "only_a", 1, None, 0, False),
        (PAIR, "orderable", "order-1", "order_sentence_detail", "detail-2", "mg", "both", 1, 1, 0, False),
        # And one leads to an item that is a part of the tree all the same.
        (PAIR, "powerplan_component", "part-4", "orderable", "order-2", "Syrgas", "only_a", 1, None, 0, True),
        (PAIR, "orderable", "order-2", "order_sentence_detail", "detail-3", "l/min", "only_a", 1, None, 0, False),
    ]
    _insert(con, "tree_node", nodes)
    con.execute(
        """
        INSERT INTO published.difference
        SELECT * REPLACE (md5('tree') AS difference_id, 'powerplan_component' AS entity, 'decision_support' AS area,
               'part-1' AS identity, 'Furosemid' AS label, 'powerplan' AS root_entity, 'plan-1' AS root_identity,
               'Vårdplan hjärtsvikt' AS root_label, 'changed' AS kind, 'sequence' AS attribute,
               '40 mg en gång dagligen' AS value_a, '40 mg två gånger dagligen' AS value_b, md5('tree') AS cause_id,
               0 AS steps, NULL AS cause_entity, NULL AS cause_identity, NULL AS cause_label, false AS expected_local)
        FROM published.difference ORDER BY difference_id LIMIT 1
        """
    )


def third_domain(con: duckdb.DuckDBPyConnection) -> None:
    """Add a third domain, a pair with it, and what the three share."""
    con.execute("INSERT INTO published.domain VALUES ('halland', 'Region Halland', 'X', 3)")
    con.execute("INSERT INTO published.pair VALUES ('vgr-halland', 'vgr', 'halland')")
    con.execute(
        """
        INSERT INTO published.cluster
        SELECT 'c' || n, entity, "domain", n::VARCHAR, entity || ' ' || n, items, items - 1, items = 3, true
        FROM (SELECT n, entity, CASE WHEN n % 4 = 0 THEN 2 ELSE 3 END AS items
              FROM range(40) r(n), (VALUES ('orderable'), ('dta'), ('powerplan')) e(entity)),
             (VALUES ('vgr', 1), ('skane', 2), ('halland', 3)) d("domain", number)
        WHERE number <= items
        """
    )
    conflict = ("orderable", "vgr-halland", "x", "Alvedon", "Panodil", "two items of one domain", "vgr")
    _insert(con, "cluster_conflict", [conflict])
