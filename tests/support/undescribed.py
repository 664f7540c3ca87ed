"""Generated extracts of tables that no catalogue describes, drawn from the published data model.

Two domains hold the same build of every table: ids renumbered, rows shuffled, and a few deviations planted, each known.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

_WORDS = (
    "akut barn blod central dag direkt egen extern fast grund hand intern jour kontroll larm mottagning natt oral "
    "plan prov region rutin sammanfattning timme utskrift vård ytter åtgärd ändring övrig lista mall svar remiss"
).split()
_LONG_AGO = ("2019-03-01 00:00:00", "2020-06-15 00:00:00", "2021-01-01 00:00:00")


@dataclass
class Model:
    """Tables with their columns (name, type), primary keys and published foreign keys."""

    columns: Mapping[str, Sequence[tuple[str, str]]]
    primary: Mapping[str, Sequence[str]]
    foreign: Mapping[tuple[str, str], tuple[str, str]]


def published_model(folder: Path) -> Model:
    """The REFERENCE tables of the published data model."""
    columns: dict[str, list[tuple[str, str]]] = {}
    primary: dict[str, list[str]] = {}
    listed = duckdb.sql(
        "SELECT table_name, column_name, data_type, is_primary_key "
        f"FROM '{folder}/data_model_columns.parquet' WHERE table_type = 'REFERENCE' ORDER BY table_name, ordinal"
    ).fetchall()
    for table, column, kind, is_primary in listed:
        columns.setdefault(table, []).append((column, kind))
        if is_primary:
            primary.setdefault(table, []).append(column)
    keys = duckdb.sql(f"SELECT * FROM '{folder}/data_model_foreign_keys.parquet'").fetchall()
    return Model(columns, primary, {(t, c): (to, by) for t, c, to, by in keys})


def suitable(model: Model, described: Collection[str]) -> list[str]:
    """The tables that no file describes, with one id and some text to tell their rows by."""
    return [
        t
        for t, columns in model.columns.items()
        if t not in described
        and not t.startswith("DM_")
        # Rows of one person's own never come past the door.
        and not {c for c, _ in columns} & {"PERSON_ID", "PRSNL_ID", "REF_OWNER_PERSON_ID"}
        and all(c.endswith("_ID") for c in model.primary.get(t, ()))
        and len(model.primary.get(t, ())) <= 1
        and (model.primary.get(t) or any(_is_own_id(c) for c, _ in columns))
        and any(_is_text(c, kind) for c, kind in columns)
    ]


@dataclass
class Made:
    """What was made: rows by domain and table, the truth of every table, and the deviations that were planted."""

    rows: dict[str, dict[str, list[dict[str, str]]]] = field(default_factory=dict)
    local_id: dict[str, str] = field(default_factory=dict)
    references: dict[tuple[str, str], str] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    changed: set[tuple[str, str, str, str]] = field(default_factory=set)  # table, column, value in a, value in b
    only: set[tuple[str, str, str]] = field(default_factory=set)  # table, domain, local id


def make(model: Model, tables: Sequence[str], *, seed: int, rows: int = 60, share: float = 0.03) -> Made:
    """Both domains' extracts of these tables and of the code values they use."""
    rng = random.Random(seed)
    made = Made()
    codes = _codes(rng)
    numbers = {(d, t): _numbers(rng, rows + 8) for d in "ab" for t in tables}
    made.local_id = {t: _id_of(model, t) for t in tables}
    by_id = {c: t for t, c in made.local_id.items()}
    content = {t: _content(model, rng, t, rows + 8, made, by_id, codes) for t in tables}
    for domain in "ab":
        made.rows[domain] = {"CODE_VALUE": _code_rows(codes, domain)}
    for t in tables:
        lone = {"a": set(range(rows, rows + 4)), "b": set(range(rows + 4, rows + 8))}
        fixed = _planted(rng, model, t, content[t], rows, share, made)
        for domain in "ab":
            written = []
            for n, row in enumerate(content[t]):
                if n >= rows and n not in lone[domain]:
                    continue
                said = dict(row)
                if domain == "b":
                    said |= {c: v for (m, c), v in fixed.items() if m == n}
                said = {c: _local(v, domain, numbers, codes) for c, v in said.items()}
                said[made.local_id[t]] = str(numbers[domain, t][n])
                if n >= rows:
                    made.only.add((t, domain, said[made.local_id[t]]))
                written.append(said)
            rng.shuffle(written)
            made.rows[domain][t] = written
    return made


def write(folder: Path, tables: Mapping[str, list[dict[str, str]]]) -> Path:
    """One CSV file a table."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def _id_of(model: Model, table: str) -> str:
    names = [c for c, _ in model.columns[table]]
    primary = model.primary.get(table, ())
    if len(primary) == 1:
        return primary[0]
    stem = f"{table}_ID"
    return stem if stem in names else next(c for c in names if _is_own_id(c))


def _numbers(rng: random.Random, count: int) -> list[int]:
    start = rng.randrange(10_000, 900_000_000)
    found = [start + 7 * i for i in range(count)]
    rng.shuffle(found)
    return found


def _codes(rng: random.Random) -> dict[str, list[dict[str, str]]]:
    """By domain the same code values of 20 sets under ids of its own."""
    shown = [(100 + s, f"{rng.choice(_WORDS)} {rng.choice(_WORDS)} {s}-{i}") for s in range(20) for i in range(12)]
    ids = {d: rng.sample(range(1_000_000, 9_000_000), len(shown)) for d in "ab"}
    return {
        d: [{"id": str(ids[d][i]), "set": str(s), "display": text} for i, (s, text) in enumerate(shown)] for d in "ab"
    }


def _code_rows(codes: Mapping[str, list[dict[str, str]]], domain: str) -> list[dict[str, str]]:
    return [
        {
            "CODE_VALUE": c["id"], "CODE_SET": c["set"], "DISPLAY": c["display"], "DISPLAY_KEY": c["display"].upper(),
            "CDF_MEANING": "", "DESCRIPTION": c["display"], "DEFINITION": "", "CKI": "", "CONCEPT_CKI": "",
            "COLLATION_SEQ": "0", "ACTIVE_IND": "1", "END_EFFECTIVE_DT_TM": "2100-12-31 00:00:00",
        }
        for c in codes[domain]
    ]  # fmt: skip


def _content(
    model: Model,
    rng: random.Random,
    table: str,
    rows: int,
    made: Made,
    by_id: Mapping[str, str],
    codes: Mapping[str, list[dict[str, str]]],
) -> list[dict[str, str]]:
    """What the rows of a table say, domain by domain the same; references and codes as marks that _local resolves."""
    columns = [(c, t) for c, t in model.columns[table] if c != made.local_id[table]]
    texts = [c for c, t in columns if _is_text(c, t)]
    links = {}
    for c, _ in columns:
        target = model.foreign.get((table, c), ("", ""))[0]
        if target not in made.local_id and c in by_id:
            target = by_id[c]
        if target in made.local_id and target != table and c.endswith("_ID"):
            links[c] = target
            made.references[table, c] = target
    made.keys[table] = tuple(texts[:1])
    by_set = {c: rng.randrange(20) for c, _ in columns}
    found = []
    for n in range(rows):
        row: dict[str, str] = {}
        for c, t in columns:
            if c in links:
                row[c] = f"@{links[c]}:{rng.randrange(60) if n % 9 else 0}" if n % 11 else "0"
            elif c.endswith("_CD"):
                row[c] = f"#{by_set[c] * 12 + rng.randrange(12)}" if n % 13 else "0"
                made.references[table, c] = "CODE_VALUE"
            elif c.endswith("_ID"):
                row[c] = "?" if n % 2 else "0"
            elif c == "ACTIVE_IND":
                row[c] = "1"
            elif t == "DATETIME":
                row[c] = "2100-12-31 00:00:00" if c.startswith("END_") else rng.choice(_LONG_AGO)
            elif c.endswith(("_IND", "_FLAG", "_FLG")):
                row[c] = str(rng.randrange(2))
            elif c in texts[:1]:
                # The number first: a short column would cut it off, and what is made to be a key would be none.
                row[c] = f"{n} {table[:3]} {rng.choice(_WORDS)} {rng.choice(_WORDS)}"[: max(12, _length(t))]
            elif t.startswith(("VARCHAR", "CHAR", "LONG", "CLOB")):
                row[c] = rng.choice(_WORDS)[: _length(t)] if n % 5 else ""
            else:
                row[c] = str(rng.randrange(30))
        found.append(row)
    return found


def _length(kind: str) -> int:
    digits = "".join(ch for ch in kind if ch.isdigit())
    return int(digits) if digits else 4000


def _is_text(column: str, kind: str) -> bool:
    odd = (
        column.endswith("_NLS")
        or "ENTITY_NAME" in column
        or column.startswith(("UPDT_", "ACTIVE_"))
        or _personal(column)
    )
    return kind.startswith(("VARCHAR", "CHAR")) and _length(kind) >= 12 and not odd


def _planted(
    rng: random.Random, model: Model, table: str, content: list[dict[str, str]], rows: int, share: float, made: Made
) -> dict[tuple[int, str], str]:
    """Change some plain values of the second domain: not keys, references, dates of life or what no one compares."""
    fit = [
        c for c, t in model.columns[table]
        if c != made.local_id[table] and c not in made.keys[table] and (table, c) not in made.references
        and not c.startswith(("UPDT_", "ACTIVE_", "DATA_STATUS")) and not c.endswith(("_ID", "_CD", "_NLS", "PRSNL_ID"))
        and t != "DATETIME" and not _personal(c)
    ]  # fmt: skip
    found: dict[tuple[int, str], str] = {}
    for _ in range(max(1, int(rows * share)) if fit else 0):
        n, c = rng.randrange(rows), rng.choice(fit)
        if (n, c) in found:
            continue
        kind = dict(model.columns[table])[c]
        was = content[n][c]
        if c.endswith(("_IND", "_FLAG", "_FLG")):
            value = str(1 - int(was))
        elif kind.startswith(("VARCHAR", "CHAR", "LONG", "CLOB")):
            value = "ny" if _length(kind) < 4 else "annan"
        else:
            value = str(int(was) + 100)
        found[n, c] = value
        made.changed.add((table, c, was, value))
    return found


def _personal(column: str) -> bool:
    return any(word in column for word in ("PRSNL", "USERNAME", "EMAIL", "NAME_FULL", "NAME_FIRST", "NAME_LAST"))


def _local(
    value: str, domain: str, numbers: Mapping[tuple[str, str], list[int]], codes: Mapping[str, list[dict[str, str]]]
) -> str:
    if value.startswith("@"):
        target, n = value[1:].split(":")
        return str(numbers[domain, target][int(n)])
    if value.startswith("#"):
        return codes[domain][int(value[1:])]["id"]
    if value == "?":
        return str(random.Random().randrange(10**6, 10**9))
    return value


def _is_own_id(column: str) -> bool:
    return column.endswith("_ID") and not column.startswith("UPDT_") and not _personal(column)
