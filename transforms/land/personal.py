"""Who is left at the door: staff columns, rows that are one person's own, texts that belong to no item.

All of it is a condition on, or an expression over, the rows of a file as they are read, so that nothing of it is ever
written. What is kept of it are counts. Free text is screened apart: see screen.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transforms.catalogue import Catalogue
from transforms.catalogue.conventions import ThroughParents
from transforms.land import history
from transforms.warehouse import Session, Sql, ident, lit
from transforms.words.hashes import digest

_BLOCK = 64


@dataclass(frozen=True)
class Door:
    """What of one file comes in.

    ``kept``: its columns that are written, of which ``pseudonyms`` are replaced; ``dropped``: those that are not.
    ``owners``: columns a value in which makes a row one person's own. ``texts``: how the table's rows are reached, None
    for any other table. ``parents`` stands for the rows that do: the same file with other parents is not the same.
    """

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
    def personal(self) -> Sql | None:
        """The condition of a row that is one person's own."""
        if not self.owners:
            return None
        return Sql(" OR ".join(f"NOT {_nobody(column)}" for column in self.owners))

    @property
    def unreached(self) -> Sql | None:
        """The condition of a text that belongs to no item: see ``reach``."""
        if self.texts is None:
            return None
        return Sql(f"NOT coalesce({_id(self.texts.id)} IN (SELECT id FROM landing_reached), false)")

    @property
    def passes(self) -> Sql | None:
        """The condition of a row that comes in, None where every row does."""
        out = [str(c) for c in (self.personal, self.unreached) if c is not None]
        return Sql(f"NOT ({' OR '.join(out)})") if out else None


def door(catalogue: Catalogue, table: str, columns: Sequence[str], *, has_key: bool, parents: str = "") -> Door:
    """What comes in of a file of ``table`` with these columns."""
    conventions = catalogue.conventions
    pseudonyms = tuple(c for c in columns if conventions.is_pseudonym(c)) if has_key else ()
    dropped = tuple(c for c in columns if conventions.is_personal(c) and c not in pseudonyms)
    texts = through_parents(catalogue, table)
    return Door(
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


def reach(session: Session, catalogue: Catalogue, table: str, delivered: Mapping[str, Sequence[int]]) -> str:
    """Collect the ids of the texts that items of the same delivery refer to, in the temp table landing_reached (id).

    ``delivered`` holds the files landed of every other table; only tables that the catalogue describes count as items.
    Returns a hash of what was collected, the same for the same ids.
    """
    how = through_parents(catalogue, table)
    if how is None:
        return ""
    named = ", ".join(lit(name.upper()) for name in how.names or (table,))
    described = {t.upper() for t in catalogue.tables()}
    queries = []
    stored = history.stored(session, [file_id for files in delivered.values() for file_id in files], "")
    for parent, files in sorted(delivered.items()):
        if parent.upper() not in described or through_parents(catalogue, parent) is not None or not files:
            continue
        own = [stored[file_id] for file_id in sorted(files)]
        columns = {c for one in own for c in one.columns}
        if not any(how.refers(c) for c in columns) and not columns.intersection(how.typed):
            continue
        rows = f"FROM ({history.query_of(own, '')})"
        queries += [f"SELECT {_id(c)} AS id {rows}" for c in sorted(columns) if how.refers(c)]
        queries += [
            f"SELECT {_id(c)} AS id {rows} WHERE upper(trim({ident(kind)})) IN ({named})"
            for c, kind in how.typed.items()
            if c in columns and kind in columns
        ]
    union = " UNION ALL ".join(queries) or "SELECT NULL::VARCHAR AS id WHERE false"
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE landing_reached AS SELECT DISTINCT id FROM ({union}) "
        "WHERE id IS NOT NULL AND id <> '0'"
    )
    return digest(*session.rows("SELECT count(*), coalesce(sum(hash(id)), 0)::VARCHAR FROM landing_reached")[0])


def set_key(session: Session, key: bytes | None) -> None:
    """Give the session the key of the pseudonyms: in variables of the connection, which no database holds.

    Without one every pseudonym would be NULL.
    """
    if key is None:
        session.execute("RESET VARIABLE pseudonym_inner; RESET VARIABLE pseudonym_outer")
        return
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    for name, pad in (("pseudonym_inner", 0x36), ("pseudonym_outer", 0x5C)):
        session.execute(f"SET VARIABLE {name} = ?", [bytes(byte ^ pad for byte in block)])


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


__all__ = ["Door", "door", "pseudonym", "reach", "set_key", "through_parents"]
