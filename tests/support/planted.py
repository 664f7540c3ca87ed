"""The causes a night found beside those that were planted in the sample, in the order of their rank."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Beside:
    """One cause that was found. ``planted`` says what was planted there, None where nothing was.

    ``differences`` is how many it was found to explain, itself with them, ``explains`` how many were planted and still
    stand in the newest night.
    """

    rank: int
    entity: str
    label: str | None
    kind: str
    attribute: str | None
    pair_id: str
    differences: int
    planted: str | None
    explains: int | None


_PLANTED = """
    CREATE OR REPLACE TEMP TABLE planted_cause AS
    WITH causes AS (
        SELECT unnest(?) AS cause_id, unnest(?) AS description, unnest(?) AS entity, unnest(?) AS local_id_a,
               unnest(?) AS local_id_b
    ), standing AS (
        SELECT cause_id, count(*) AS explains
        FROM (SELECT unnest(?) AS cause_id, unnest(?)::INTEGER AS opened, unnest(?)::INTEGER AS closed)
        WHERE opened <= ? AND (closed IS NULL OR closed > ?) GROUP BY 1
    )
    SELECT c.*, s.explains FROM causes c LEFT JOIN standing s USING (cause_id)
"""
# A cause is an item of one side or of both, so what was renamed out of all recognition is told of either side's item.
_BESIDE = """
    WITH found AS (
        SELECT c.*, CASE WHEN c.kind <> 'only_b' THEN coalesce(m.local_id_a, u.local_id) END AS local_id_a,
               CASE WHEN c.kind <> 'only_a' THEN coalesce(m.local_id_b, u.local_id) END AS local_id_b
        FROM published.cause c
        LEFT JOIN published.crosswalk m ON m.pair_id = c.pair_id AND m.entity = c.entity AND m.identity = c.identity
        LEFT JOIN published.unmatched u ON u.pair_id = c.pair_id AND u.entity = c.entity AND u.identity = c.identity
        WHERE NOT c.expected_local ORDER BY c.rank LIMIT ?
    )
    SELECT f.rank, f.entity, f.label, f.kind, f.attribute, f.pair_id, f.differences, p.description, p.explains
    FROM found f LEFT JOIN planted_cause p ON p.entity = f.entity AND CASE f.kind
        WHEN 'only_a' THEN p.local_id_a = f.local_id_a WHEN 'only_b' THEN p.local_id_b = f.local_id_b
        ELSE p.local_id_a = f.local_id_a AND p.local_id_b = f.local_id_b END
    QUALIFY row_number() OVER (PARTITION BY f.rank ORDER BY p.explains DESC NULLS LAST, p.description) = 1
    ORDER BY f.rank
"""


def beside(con: duckdb.DuckDBPyConnection, truth: Path, limit: int) -> list[Beside]:
    """The first causes of the newest night with what was planted there. ``truth`` is the sample's folder of that name.

    Nights are taken to be one per delivery, from the first on.
    """
    [domains] = con.execute("SELECT domain_a, domain_b FROM published.pair").fetchall()
    causes, deviations = (_read(truth / f"{name}.csv") for name in ("causes", "deviations"))
    sides = [f"local_id_{domain}" for domain in domains]
    [(night,)] = con.execute("SELECT max(night_id) FROM published.night").fetchall()
    columns = [[row[c] or None for row in causes] for c in ("cause_id", "description", "entity", *sides)]
    columns += [[row[c] or None for row in deviations] for c in ("cause_id", "opened_night", "closed_night")]
    con.execute(_PLANTED, [*columns, night, night])
    return [Beside(*row) for row in con.execute(_BESIDE, [limit]).fetchall()]


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
