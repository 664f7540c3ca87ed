"""Rows that are kept out: what may be told of them, when they are too many, which of them a later delivery mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transforms.catalogue import Catalogue
from transforms.land import history, screen
from transforms.land.personal import Door, through_parents
from transforms.land.policy import LandingPolicy
from transforms.land.shape import Shape
from transforms.warehouse import Session, ident
from transforms.words.errors import ExtractError, WarehouseError

# So much of a row's text is kept, in characters.
_LONGEST = 1_000


@dataclass(frozen=True)
class Telling:
    """How the rows of one file are told that are kept out of it.

    ``secret``: not at all. ``width``: the columns of the file. ``hidden``: the places (from 1) of fields that must not
    be told. ``id_column`` holds the row's local id, at ``id_place`` in the file; None and 0 where it is not known or
    must not be told.
    """

    secret: bool
    delimiter: str
    width: int
    hidden: tuple[int, ...]
    id_column: str | None
    id_place: int


def prepare(session: Session, policy: screen.Policy) -> None:
    """Define the masking macros in the session."""
    session.define("mask.sql.j2", address=screen.ADDRESS, shapes=screen.mask_shapes(policy), longest=_LONGEST)


def telling(catalogue: Catalogue, table: str, shape: Shape, door: Door) -> Telling:
    """How rows of a file are told: personal columns never, texts that belong to an item not at all."""
    columns = shape.columns
    own = id_column(catalogue, table, door.kept)
    told = own if own in door.screened else None
    return Telling(
        secret=through_parents(catalogue, table) is not None,
        delimiter=shape.delimiter or ",",
        width=len(columns),
        hidden=tuple(i for i, c in enumerate(columns, 1) if c not in door.screened or c in door.owners),
        id_column=told,
        id_place=columns.index(told) + 1 if told else 0,
    )


def id_column(catalogue: Catalogue, table: str, columns: Sequence[str]) -> str | None:
    """The column of a table's local ids, None where the catalogue knows of none or of several."""
    for e in catalogue.ordered:
        if e.source.table.upper() == table.upper() and len(e.source.local_id) == 1:
            found = e.source.local_id[0].upper()
            return found if found in columns else None
    return None


def refuse_spoilt(
    session: Session, policy: LandingPolicy, table: str, shown: str, file_id: int, rows_in: int, bad: int
) -> None:
    """Raise ExtractError where so many rows of a file (``bad``) were quarantined that the file is refused whole."""
    share, least = policy.limits(table)
    if bad < least or bad <= share * rows_in:
        return
    first = session.rows(
        "SELECT line, reason, column_name FROM landed.quarantine WHERE file_id = ? ORDER BY line LIMIT 3", [file_id]
    )
    told = "; ".join(f"line {line}: {reason}{f' ({column})' if column else ''}" for line, reason, column in first)
    raise ExtractError(
        f"{shown}: {bad} of {rows_in} rows ({bad / rows_in:.0%}) cannot be taken in, more than the {share:.0%} that "
        f"likare.toml lets through; {told}; nothing of the delivery was kept, mend the file and deliver it again"
    )


@dataclass(frozen=True)
class Mended:
    """Rows that the domain's delivery before this one had in quarantine and this one has not.

    ``mended`` of them came in, told by their local id; of the others nobody knows whether they were mended or left out.
    """

    mended: int = 0
    gone: int = 0


def mended(session: Session, catalogue: Catalogue, snapshot_id: int) -> Mended:
    """What became of the quarantined rows of the domain's delivery before, table by table that was delivered again."""
    before = session.value(
        "SELECT p.snapshot_id FROM landed.snapshot s JOIN landed.snapshot p ON p.domain = s.domain "
        "AND p.delivered_at < s.delivered_at WHERE s.snapshot_id = ? ORDER BY p.delivered_at DESC LIMIT 1",
        [snapshot_id],
    )
    if before is None:
        return Mended()
    gone = session.run("quarantine_gone.sql.j2", before=int(before), now=snapshot_id).fetchone()
    if gone is None or not gone[0]:
        return Mended()
    total = came_in = 0
    for table, rows in session.rows("SELECT table_name, count(*) FROM quarantine_gone GROUP BY ALL ORDER BY ALL"):
        total += int(rows)
        files, columns = session.rows(
            "SELECT list(DISTINCT file_id), flatten(list(columns)) FROM landed.file JOIN landed.snapshot_file "
            "USING (file_id) WHERE snapshot_id = ? AND table_name = ?",
            [snapshot_id, table],
        )[0]
        own = id_column(catalogue, table, columns or ())
        if own is not None:
            came_in += int(
                session.value(
                    "SELECT count(*) FROM quarantine_gone g WHERE table_name = ? AND local_id IN "
                    f"(SELECT mask_id({ident(own)}) FROM ({history.rows_of(session, files, '')}))",
                    [table],
                )
            )
    session.execute("DROP TABLE quarantine_gone")
    return Mended(came_in, total - came_in)


def conserve(night: Session, snapshots: Mapping[str, int]) -> None:
    """Count the rows of the night's files again, where they are kept, against what came in.

    Raises WarehouseError for a file whose rows accepted, quarantined and left are not all: the archive was changed.
    """
    found = night.run("conserved.sql.j2", snapshot_ids=list(snapshots.values())).fetchone()
    if found is not None:
        name, rows_in, accepted, quarantined, left = found
        raise WarehouseError(
            f"archive.duckdb: {name} came in with {rows_in} rows and holds {accepted} accepted, {quarantined} "
            f"quarantined and {left} left at the door; the archive was changed, restore it from a copy"
        )


__all__ = ["Mended", "Telling", "conserve", "id_column", "mended", "prepare", "refuse_spoilt", "telling"]
