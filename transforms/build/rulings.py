"""What the reviewed rulings say of the items of a night: which items they name, in what state they are, what they do.

A ruling is what the readings (``transforms.reviewed``) of the same items come to. It counts only while it is sound: its
items are found by their content keys, they are what they were when they were read, the readers agree and there are
enough of them. One that is not sound makes no match; a rejection keeps its items apart all the same as long as they are
found, for nothing shall be matched against a reader's word either. What does not count is reported, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from transforms.build import content
from transforms.build.parts import Parts
from transforms.build.reviewed import Reading, Reviewed
from transforms.catalogue import Catalogue, Entity
from transforms.warehouse import Session
from transforms.words.hashes import digest

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


def inputs_of(parts: Parts, catalogue: Catalogue, reviewed: Reviewed, e: Entity, domains: tuple[str, str]) -> str:
    """A hash of all that the rulings on one entity type in a pair of domains are made of; '' where there are none."""
    readings = reviewed.of(e.entity, *domains)
    if not readings:
        return ""
    read = [parts.content("normalise", name, d) for name in content.read_of(catalogue, [e.entity]) for d in domains]
    return digest(repr(readings), repr(reviewed.policy), read)


def prepare(session: Session, reviewed: Reviewed) -> None:
    """Make the table of rulings where there is none, and note by which rulings the night is built."""
    session.run("rulings_tables.sql.j2", fingerprint=reviewed.fingerprint)


def built_under(con: duckdb.DuckDBPyConnection) -> str:
    """The fingerprint of the rulings that a published night was built by; that of none where it does not say."""
    told = con.execute(
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'matched' AND table_name = 'reviewed'"
    ).fetchone()
    found = con.execute("SELECT fingerprint FROM matched.reviewed").fetchone() if told else None
    return str(found[0]) if found else Reviewed().fingerprint


def resolve(
    session: Session, catalogue: Catalogue, reviewed: Reviewed, e: Entity, domains: tuple[str, str], pair: str
) -> None:
    """Find the items of the rulings on one entity type in a pair.

    Fills ``matched.ruling`` for them and makes, for the matching, the temporary tables ruled (local_id_a, local_id_b,
    key_text, certain), apart (pairs never to be matched or proposed) and alone (side, local_id: items not to be
    proposed).
    """
    readings = reviewed.of(e.entity, *domains)
    if readings:
        content.prepare(session, catalogue, [e.entity])
    _stage(session, readings)
    session.run(
        "rulings.sql.j2",
        e=e,
        pair=pair,
        sides=list(zip("ab", domains, strict=True)),
        keys=content.keys_of(e),
        content=content.table(e.entity),
        any=bool(readings),
        readers=reviewed.policy.readers,
        matching=list(reviewed.policy.match),
    )


def _stage(session: Session, readings: tuple[Reading, ...]) -> None:
    """The readings as temporary tables: reading, and reading_key with a row per key."""
    rows = [
        (i, r.ruling, r.role, r.reader, r.read_at.isoformat(), r.label_a, r.label_b, r.seen_a, r.seen_b, r.note,
         " | ".join(f"{k}={v}" for k, v in r.keys_a), " | ".join(f"{k}={v}" for k, v in r.keys_b))
        for i, r in enumerate(readings)
    ]  # fmt: skip
    keys = [
        (i, side, place, name, text)
        for i, r in enumerate(readings)
        for side, found in (("a", r.keys_a), ("b", r.keys_b))
        for place, (name, text) in enumerate(found, 1)
    ]
    _table(session, "reading", _READING, rows)
    _table(session, "reading_key", _KEY, keys)


_READING = {
    "n": "INTEGER", "ruling": "VARCHAR", "role": "VARCHAR", "reader": "VARCHAR", "read_at": "TIMESTAMP",
    "label_a": "VARCHAR", "label_b": "VARCHAR", "seen_a": "VARCHAR", "seen_b": "VARCHAR", "note": "VARCHAR",
    "keys_a": "VARCHAR", "keys_b": "VARCHAR",
}  # fmt: skip
_KEY = {"n": "INTEGER", "side": "VARCHAR", "place": "INTEGER", "key_name": "VARCHAR", "key_text": "VARCHAR"}


def _table(session: Session, name: str, columns: dict[str, str], rows: Sequence[tuple[object, ...]]) -> None:
    lists = [list(c) for c in zip(*rows, strict=True)] if rows else [[] for _ in columns]
    each = ", ".join(f"unnest(?::VARCHAR[])::{kind} AS {column}" for column, kind in columns.items())
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {each}",
        [[None if v is None else str(v) for v in c] for c in lists],
    )


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
