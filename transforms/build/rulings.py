"""What the reviewed rulings say of the items of a night: which items they name, in what state they are, what they do.

A ruling is what the readings (reviewed.py) of the same items come to. It counts only while it is sound: its items are
found by their content keys, they are what they were when they were read, the readers agree and there are enough of
them. One that is not sound makes no match; a rejection keeps its items apart all the same as long as they are found,
for nothing shall be matched against a reader's word either. What does not count is reported, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from transforms.build import content
from transforms.build.reviewed import Reviewed
from transforms.warehouse import Session

_TABLES = Path(__file__).with_name("rulings_tables.sql").read_text(encoding="utf-8")
_CLOSE = Path(__file__).with_name("rulings_close.sql").read_text(encoding="utf-8")
_RULINGS = Path(__file__).with_name("rulings.sql").read_text(encoding="utf-8")

PROBLEMS = {
    "lost": "an item is not found by any of its keys",
    "several": "a key is now that of several items",
    "moved": "what identifies an item has changed since it was read",
    "conflict": "the readers disagree",
    "crossed": "an item is ruled the same as several, or the same as one and without counterpart",
    "waiting": "another reader must answer too",
    "contradicted": "ruled to have no counterpart, but a key matches it",
}


@dataclass(frozen=True)
class Ruling:
    """One ruling as a night found it; see the view published.review for its columns."""

    pair_id: str
    entity: str
    ruling_id: str
    ruling: str
    state: str
    effect: str
    problem: str | None
    local_id_a: str | None
    local_id_b: str | None
    label_a: str | None
    label_b: str | None
    readers: str
    read_at: str
    note: str | None


def prepare(session: Session, reviewed: Reviewed) -> None:
    """Find the items of all rulings, and note by which rulings the night is built.

    Fills ``matched.ruling`` and ``matched.reviewed`` and makes, for the matching, the temporary tables ruled, apart and
    alone (rulings_tables.sql tells their grain), empty where nothing is ruled.
    """
    session.execute("CREATE OR REPLACE TABLE matched.reviewed AS SELECT ? AS fingerprint", [reviewed.fingerprint])
    session.execute(_TABLES)
    entities = _stage(session, reviewed)
    if entities:
        content.prepare(session, entities)
        session.execute(_RULINGS)
        content.drop(session)


def close(session: Session) -> None:
    """Note after the matching which rulings it contradicts, and remove what ``prepare`` made for it."""
    session.execute(_CLOSE)


def built_under(con: duckdb.DuckDBPyConnection) -> str:
    """The fingerprint of the rulings that a published night was built by; that of none where it does not say."""
    told = con.execute(
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'matched' AND table_name = 'reviewed'"
    ).fetchone()
    found = con.execute("SELECT fingerprint FROM matched.reviewed").fetchone() if told else None
    return str(found[0]) if found else Reviewed().fingerprint


def _stage(session: Session, reviewed: Reviewed) -> set[str]:
    """The readings of the night's pairs as temporary tables: see rulings.sql. Returns the entity types they are about.

    There are no such tables where there is no reading.
    """
    if not reviewed.readings:
        return set()
    pairs = {
        frozenset((a, b)): (n, a) for n, a, b in session.rows("SELECT pair_no, domain_a, domain_b FROM catalogue.pair")
    }
    numbers = dict(session.rows("SELECT entity, entity_no FROM catalogue.entity"))
    found = set()
    for r in reviewed.readings:
        pair_no, domain_a = pairs.get(frozenset((r.domain_a, r.domain_b)), (None, ""))
        if pair_no is not None and r.entity in numbers:
            found.add((pair_no, r.seen_from(domain_a)))
    # In an order of their own: an answer that is written twice the other way round is one.
    ordered = sorted(found, key=lambda one: (one[0], repr(one[1])))
    if not ordered:
        return set()
    rows = [
        (i, n, numbers[r.entity], r.ruling, r.role, r.reader, r.read_at.isoformat(), r.label_a, r.label_b, r.seen_a,
         r.seen_b, r.note, " | ".join(f"{k}={v}" for k, v in r.keys_a), " | ".join(f"{k}={v}" for k, v in r.keys_b))
        for i, (n, r) in enumerate(ordered)
    ]  # fmt: skip
    keys = [
        (i, side, name, text)
        for i, (_, r) in enumerate(ordered)
        for side, named in (("a", r.keys_a), ("b", r.keys_b))
        for name, text in named
    ]
    session.execute(_STAGED)
    session.insert("reading", rows)
    session.insert("reading_key", keys)
    session.insert("reading_policy", [(reviewed.policy.readers, list(reviewed.policy.match))])
    return {r.entity for _, r in ordered}


_STAGED = """
CREATE OR REPLACE TEMP TABLE reading (
    reading_no INTEGER, pair_no USMALLINT, entity_no USMALLINT, ruling VARCHAR, role VARCHAR, reader VARCHAR,
    read_at TIMESTAMP, label_a VARCHAR, label_b VARCHAR, seen_a VARCHAR, seen_b VARCHAR, note VARCHAR, keys_a VARCHAR,
    keys_b VARCHAR
);
CREATE OR REPLACE TEMP TABLE reading_key (reading_no INTEGER, side VARCHAR, key_name VARCHAR, key_text VARCHAR);
CREATE OR REPLACE TEMP TABLE reading_policy (readers INTEGER, matching VARCHAR[]);
"""


def labels_of(session: Session, entity: str, pair: str) -> list[tuple[str, str, bool]]:
    """What people said of pairs of items, for the matching to learn from: (local id in a, in b, whether the same).

    Only rulings that count, of the night being built (after ``resolve``) or of a published one. Broader and narrower
    are "not the same"; no answer, "unsure" and "no counterpart" say nothing of a pair and are left out.
    """
    return session.rows(
        "SELECT local_id_a, local_id_b, ruling IN ('equal', 'close', 'retired') FROM matched.ruling "
        "WHERE entity = ? AND pair_id = ? AND problem IS NULL AND local_id_a IS NOT NULL AND local_id_b IS NOT NULL "
        "AND ruling <> 'unsure' ORDER BY ALL",
        [entity, pair],
    )


def rulings(con: duckdb.DuckDBPyConnection, problems_only: bool = False) -> list[Ruling]:
    """The rulings of a published night, those that do not count first."""
    where = "WHERE problem IS NOT NULL" if problems_only else ""
    rows = con.execute(
        "SELECT pair_id, entity, ruling_id, ruling, state, effect, problem, local_id_a, local_id_b, label_a, label_b, "
        f"readers, read_at::VARCHAR, note FROM published.review {where} "
        "ORDER BY problem IS NULL, problem, entity, label_a, label_b, ruling_id"
    ).fetchall()
    return [Ruling(*row) for row in rows]
