"""Who is left at the door: staff columns, rows that are one person's own, texts that belong to no item.

All of it is a condition on, or an expression over, the rows of a file as they are read, so that nothing of it is ever
written. What is kept of it are counts. Free text is screened apart: see screen.py.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from transforms.catalogue import Catalogue
from transforms.catalogue.conventions import ThroughParents
from transforms.land import history
from transforms.warehouse import Session, Sql, ident, lit
from transforms.words.hashes import digest

_BLOCK = 64


@dataclass(frozen=True)
class Door:
    """What of one file of ``table`` comes in.

    ``kept``: its columns that are written, of which ``pseudonyms`` are replaced; ``dropped``: those that are not.
    ``owners``: columns a value in which makes a row one person's own. ``texts``: how the table's rows are reached, None
    for any other table. ``parents`` stands for the rows that do: the same file with other parents is not the same.
    """

    table: str
    kept: tuple[str, ...]
    pseudonyms: tuple[str, ...]
    dropped: tuple[str, ...]
    owners: tuple[str, ...]
    texts: ThroughParents | None
    parents: str = ""

    @property
    def read(self) -> tuple[str, ...]:
        """Columns that are read, though not all of them are written."""
        return tuple(dict.fromkeys((*self.kept, *self.owners)))

    @property
    def screened(self) -> tuple[str, ...]:
        """Columns that must be screened, since they are written as they are."""
        return tuple(c for c in self.kept if c not in self.pseudonyms)

    @property
    def rule(self) -> Sql | None:
        """Why a row is left at the door (``personal``, ``unreached``, NULL where it is not); None where none can be."""
        cases = []
        if self.owners:
            owned = " OR ".join(f"NOT {_nobody(column)}" for column in self.owners)
            cases.append(f"WHEN {owned} THEN 'personal'")
        if self.texts is not None:
            reached = f"SELECT id FROM landing_reached WHERE table_name = {lit(self.table)}"
            cases.append(f"WHEN NOT coalesce({_id(self.texts.id)} IN ({reached}), false) THEN 'unreached'")
        return Sql(f"CASE {' '.join(cases)} END") if cases else None


def door(catalogue: Catalogue, table: str, columns: Sequence[str], *, has_key: bool, parents: str = "") -> Door:
    """What comes in of a file of ``table`` with these columns."""
    conventions = catalogue.conventions
    pseudonyms = tuple(c for c in columns if conventions.is_pseudonym(c)) if has_key else ()
    dropped = tuple(c for c in columns if conventions.is_personal(c) and c not in pseudonyms)
    texts = through_parents(catalogue, table)
    return Door(
        table=table,
        kept=tuple(c for c in columns if c not in dropped),
        pseudonyms=pseudonyms,
        dropped=dropped,
        owners=tuple(c for c in columns if conventions.is_owner(c)),
        texts=texts if texts and texts.id.upper() in columns else None,
        parents=parents,
    )


def through_parents(catalogue: Catalogue, table: str) -> ThroughParents | None:
    """How rows of the table are reached, where they come in only with an item; None for other tables."""
    found = {name.upper(): how for name, how in catalogue.conventions.through_parents.items()}
    return found.get(table.upper())


def reach(
    session: Session, catalogue: Catalogue, tables: Collection[str], delivered: Mapping[str, Sequence[int]]
) -> dict[str, str]:
    """Collect the ids of texts that items of the same delivery refer to: temp table landing_reached (table_name, id).

    ``tables`` are those that come in through their parents, ``delivered`` the files landed of every other one; only
    tables that the catalogue describes count as items. Returns by table a hash of what was collected, the same for the
    same ids.
    """
    described = {t.upper() for t in catalogue.tables()}
    parents = {t: files for t, files in sorted(delivered.items()) if t.upper() in described and t not in tables}
    stored = history.stored(session, [file_id for files in parents.values() for file_id in files], "")
    queries = []
    for table in tables:
        how = through_parents(catalogue, table)
        assert how is not None
        for files in parents.values():
            queries += _references(how, table, [stored[file_id] for file_id in sorted(files)])
    union = " UNION ALL ".join(queries) or "SELECT NULL::VARCHAR AS table_name, NULL::VARCHAR AS id"
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE landing_reached AS SELECT DISTINCT table_name, id FROM ({union}) "
        "WHERE id IS NOT NULL AND id <> '0'"
    )
    found = session.rows("SELECT table_name, count(*), sum(hash(id))::VARCHAR FROM landing_reached GROUP BY table_name")
    return {table: digest(0, "0") for table in tables} | {table: digest(n, ids) for table, n, ids in found}


def _references(how: ThroughParents, table: str, files: Sequence[history.Stored]) -> list[str]:
    """Queries for the ids of the table's rows that rows of these files refer to."""
    columns = {c for one in files for c in one.columns}
    named = ", ".join(lit(name.upper()) for name in how.names or (table,))
    plain = [(c, "") for c in sorted(columns) if how.refers(c)]
    typed = [
        (c, f" WHERE upper(trim({ident(kind)})) IN ({named})")
        for c, kind in how.typed.items()
        if c in columns and kind in columns
    ]
    rows = f"FROM ({history.query_of(files, '')})"
    return [f"SELECT {lit(table)} AS table_name, {_id(c)} AS id {rows}{where}" for c, where in (*plain, *typed)]


@contextlib.contextmanager
def key_of(session: Session, key: bytes | None) -> Iterator[None]:
    """Give the session the key of the pseudonyms for a while: in variables of the connection, which no database holds.

    Without one every pseudonym would be NULL.
    """
    if key is None:
        yield
        return
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    try:
        for name, pad in (("pseudonym_inner", 0x36), ("pseudonym_outer", 0x5C)):
            session.execute(f"SET VARIABLE {name} = ?", [bytes(byte ^ pad for byte in block)])
        yield
    finally:
        session.execute("RESET VARIABLE pseudonym_inner; RESET VARIABLE pseudonym_outer")


def pseudonym(column: str) -> Sql:
    """A person's id as HMAC-SHA256 (RFC 2104) of its canonical text under the session's key; "nobody" stays."""
    inner = f"unhex(sha256(getvariable('pseudonym_inner') || encode({_id(column)})))"
    return Sql(
        f"CASE WHEN {_nobody(column)} THEN {ident(column)} ELSE sha256(getvariable('pseudonym_outer') || {inner}) END"
    )


def _id(column: str) -> Sql:
    """An id as canonical text: 124907663.00 is 124907663."""
    return Sql(f"regexp_replace(trim({ident(column)}), '^0*([0-9]+)[.,]0*$', '\\1')")


def _nobody(column: str) -> Sql:
    """Whether a column of persons names none: empty, or any writing of 0."""
    c = ident(column)
    return Sql(f"coalesce(regexp_full_match({c}, '\\s*[+-]?0*(?:[.,]0*)?\\s*'), true)")


__all__ = ["Door", "door", "key_of", "pseudonym", "reach", "through_parents"]
