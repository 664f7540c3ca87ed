"""RDDS' own translations (DM_MERGE_TRANSLATE) as a starting crosswalk: FROM_VALUE → TO_VALUE per table.

Where one domain was merged from the other, or both from a common source, the vendor's tool has kept which id became
which. A translation is of a table, not of an entity type: it counts for the type whose items have both ids.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence

from transforms.catalogue import Catalogue
from transforms.review.exchange import Line
from transforms.warehouse import Session, ident
from transforms.words.errors import ReviewError

_NEEDED = ("ENV_SOURCE_ID", "ENV_TARGET_ID", "TABLE_NAME", "FROM_VALUE", "TO_VALUE")


def read(
    session: Session,
    catalogue: Catalogue,
    text: str,
    path: str,
    domain_from: str,
    domain_to: str,
    environments: str = "",
) -> tuple[list[Line], int]:
    """The translations between two domains, and how many are of tables or ids that the published night does not have.

    ``environments`` is ``SOURCE:TARGET`` by the numbers of the file, needed where it holds several pairs.
    Raises ReviewError for a file that is no such extract, holds several pairs, or an id that is no number.
    """
    numbered = [(n, t.rstrip("\r")) for n, t in enumerate(text.lstrip("\ufeff").split("\n"), 1) if t.strip()]
    delimiter = max("\t|;,", key=numbered[0][1].count) if numbered else ","
    rows = csv.reader((t for _, t in numbered), delimiter=delimiter)
    header = [c.strip().upper() for c in next(rows, [])]
    for column in _NEEDED:
        if column not in header:
            raise ReviewError(
                f"{path}:1: {column}: the column is missing; an extract of DM_MERGE_TRANSLATE is expected"
            )
    found: dict[tuple[str, str], list[tuple[str, str, str, int]]] = {}
    for (number, _), cells in zip(numbered[1:], rows, strict=False):
        row = dict(zip(header, (c.strip() for c in cells), strict=False))
        values = [_id(row.get(c, ""), f"{path}:{number}: {c}") for c in _NEEDED if c != "TABLE_NAME"]
        source, target, from_value, to_value = values
        found.setdefault((source, target), []).append((row.get("TABLE_NAME", "").upper(), from_value, to_value, number))
    if environments:
        source, _, target = environments.partition(":")
        if (source, target) not in found:
            told = ", ".join(f"{s}:{t}" for s, t in sorted(found))
            raise ReviewError(f"{path}: no translation is between the environments {environments}; there are {told}")
        rows_of = found[source, target]
    elif len(found) > 1:
        told = ", ".join(f"{s}:{t} ({len(r)})" for (s, t), r in sorted(found.items()))
        raise ReviewError(f"{path}: holds several pairs of environments ({told}); choose one with --environments")
    else:
        rows_of = next(iter(found.values()), [])
    lines = _known(session, catalogue, rows_of, path, domain_from, domain_to)
    return lines, len({(t, f, to) for t, f, to, _ in rows_of}) - len({line.where for line in lines})


def _known(
    session: Session,
    catalogue: Catalogue,
    rows: Sequence[tuple[str, str, str, int]],
    path: str,
    domain_from: str,
    domain_to: str,
) -> list[Line]:
    """The translations whose ids are both those of items of one entity type."""
    lists = [list(c) for c in zip(*rows, strict=True)] if rows else [[], [], [], []]
    session.execute(
        "CREATE OR REPLACE TEMP TABLE translation AS SELECT unnest(?::VARCHAR[]) AS table_name, "
        "unnest(?::VARCHAR[]) AS from_value, unnest(?::VARCHAR[]) AS to_value, unnest(?::INTEGER[]) AS line",
        lists,
    )
    lines = []
    for e in catalogue.ordered:
        if len(e.source.local_id) > 1:
            continue
        n = f"normalised.{ident(e.entity)}"
        told = session.rows(
            "SELECT from_value, to_value, min(line), coalesce(a.label, ''), coalesce(b.label, '') FROM translation t "
            f"JOIN {n} a ON a.domain = ? AND a.local_id = t.from_value "
            f"JOIN {n} b ON b.domain = ? AND b.local_id = t.to_value "
            "WHERE t.table_name = ? GROUP BY ALL ORDER BY 3",
            [domain_from, domain_to, e.source.table.upper()],
        )
        lines += [
            Line(
                e.entity,
                domain_from,
                domain_to,
                from_value,
                to_value,
                "equal",
                label_a,
                label_b,
                rule="rdds",
                key_name="DM_MERGE_TRANSLATE",
                where=f"{path}:{line}",
            )  # fmt: skip
            for from_value, to_value, line, label_a, label_b in told
        ]
    session.execute("DROP TABLE translation")
    return lines


def _id(text: str, where: str) -> str:
    """An id as items have it: without the decimals that CCL prints."""
    head, _, decimals = text.partition(".")
    if not head.lstrip("-").isdigit() or decimals.strip("0"):
        raise ReviewError(f"{where}: '{text[:40]}' is not an id")
    return str(int(head))
