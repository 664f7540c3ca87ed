"""The rows that fail the checks: found for all checks, entity types and domains at once."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from expectations.suites import DELIVERY_KINDS, TABLE_KINDS, Check
from transforms.land.national import CodeList, tested
from transforms.warehouse import Sql, lit
from transforms.words.errors import LikareError

_log = logging.getLogger(__name__)

# The kinds of checks that one file of statements is about.
_FILES: Mapping[str, frozenset[str]] = {
    "check_items": frozenset({"local_id_present", "local_id_unique"}),
    "check_values": frozenset({"required", "allowed", "number", "flag", "date", "dates_in_order"}),
    "check_keys": frozenset({"key_unique"}),
    "check_links": frozenset({"reference_resolves", "code_set"}),
    "check_codes": frozenset({"national_code"}),
}
_COLUMNS = {
    "check_no": "INTEGER", "check_id": "VARCHAR", "entity": "VARCHAR", "kind": "VARCHAR", "columns": "VARCHAR[]",
    "key_name": "VARCHAR", "allowed": "VARCHAR[]", "code_set": "INTEGER", "list": "VARCHAR", "prefix": "VARCHAR",
}  # fmt: skip


class Connection(Protocol):
    """What is needed of a DuckDB connection or a warehouse session."""

    def execute(self, query: str, parameters: Any = ..., /) -> Any:
        """Run SQL and return what has ``fetchall()``."""


def find(
    con: Connection, checks: Sequence[Check], lists: Mapping[str, CodeList], present: Collection[str]
) -> dict[str, Exception]:
    """Fill the temporary tables check_failing and check_count (check_rows.sql tells their grain) of these checks.

    ``present``: the national lists that the night has. Returns by kind of check the fault of a statement that could not
    be run: its checks have then no counts. Raises WarehouseError for a full disk or memory, duckdb.Error where not even
    the items can be read.
    """
    rows = [c for c in checks if c.kind not in TABLE_KINDS | DELIVERY_KINDS and not c.never]
    _ask(con, rows)
    con.execute(_sql("check_rows"))
    faults: dict[str, Exception] = {}
    for name, kinds in _FILES.items():
        own = [c for c in rows if c.kind in kinds]
        if not own:
            continue
        try:
            if name == "check_codes":
                con.execute(_code_states({c.national for c in own}, lists, present))
            con.execute(_sql(name))
        except LikareError:  # a full disk or a lock is the user's to mend and ends the night
            raise
        except Exception as fault:  # any other fault of the engine is the status 'error', never an aborted night
            log_fault(fault, f"{own[0].check_id} and its like")
            faults |= dict.fromkeys(kinds, fault)
    return faults


def log_fault(fault: Exception, subject: str) -> None:
    """Note a statement that could not be run: in full where the statement itself is wrong, else a value may show."""
    kind = type(fault).__name__
    shown = str(fault).splitlines()[0] if kind in ("BinderException", "CatalogException", "ParserException") else kind
    _log.warning("quality check of %s could not be run: %s", subject, shown)


def _ask(con: Connection, checks: Sequence[Check]) -> None:
    rows = [
        (n, c.check_id, c.entity, c.kind, list(c.columns), c.column if c.kind == "key_unique" else None,
         list(c.values), c.code_set, c.national, c.prefix)
        for n, c in enumerate(checks)
    ]  # fmt: skip
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * len(_COLUMNS)
    unnested = ", ".join(f"unnest(?::{kind}[]) AS {name}" for name, kind in _COLUMNS.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE check_asked AS SELECT {unnested}", columns)


def _code_states(names: Collection[str], lists: Mapping[str, CodeList], present: Collection[str]) -> str:
    queries = []
    for name in sorted(names):
        held = Sql(
            "SELECT DISTINCT substr(h.value, len(c.prefix) + 1) AS value FROM check_row c JOIN check_held h "
            f"USING (entity_no, place) WHERE c.list = {lit(name)} AND starts_with(h.value, c.prefix)"
        )
        queries.append(f"SELECT {lit(name)} AS list, value, state FROM ({tested(lists[name], held, name in present)})")
    return f"CREATE OR REPLACE TEMP TABLE check_code_state AS {' UNION ALL '.join(queries)}"


def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
