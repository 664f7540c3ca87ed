"""Prove that what is stored of a delivery is what its files hold.

Two proofs. The stored rows of each file are put together again and give the number and the content hash that were noted
when the file was read. And where the files are still there, they are landed a second time, into an archive of their
own, and the rows of the two are held against each other one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from transforms.land import history
from transforms.land.landing import Landed
from transforms.warehouse import Session, Sql, render
from transforms.words.errors import ExtractError

Again = Callable[[Session, str, datetime, Path], Landed]


@dataclass(frozen=True)
class Verdict:
    """What was found of one file of one snapshot. ``state``: equal, gone (only the hash is proved) or
    differs, and ``why``."""

    domain: str
    delivered_at: datetime
    snapshot_id: int
    table: str
    file_name: str
    rows: int
    state: str
    why: str = ""


@dataclass(frozen=True)
class _File:
    file_id: int
    table: str
    file_name: str
    sha256: str
    columns: tuple[str, ...]
    rows: int
    content: str


def verify(
    session: Session, snapshots: Sequence[int], find: Callable[[str, str], Path | None], again: Again
) -> Iterator[Verdict]:
    """A verdict per snapshot and file.

    ``session`` is on an empty archive with the real one attached as ``archive``. ``find`` gives the delivery of a
    domain by the name it was landed from, None where it is gone; ``again`` lands one in the session.
    """
    stored: dict[int, str] = {}
    compared: dict[tuple[int, int], str] = {}
    for snapshot_id in snapshots:
        domain, at, source = session.rows(
            "SELECT domain, delivered_at, source FROM archive.landed.snapshot WHERE snapshot_id = ?", [snapshot_id]
        )[0]
        files = _files(session, snapshot_id, "archive.")
        path = find(domain, source)
        read, fault = _read_again(session, again, domain, at, path)
        pairs = _paired(files, read)
        for one in files:
            if one.file_id not in stored:
                stored[one.file_id] = _proved(session, one)
            state, why = "equal", stored[one.file_id]
            if not why and fault:
                why = fault
            elif not why and path is None:
                state = "gone"
            elif not why and one.file_id not in pairs:
                state = "gone"
            elif not why:
                other = pairs[one.file_id]
                key = one.file_id, other.file_id
                if key not in compared:
                    compared[key] = _held_against(session, one, other)
                why = compared[key]
            if why:
                state = "differs"
            elif state == "equal" and pairs[one.file_id].sha256 != one.sha256:
                why = "its bytes are others, its rows the same"
            yield Verdict(domain, at, snapshot_id, one.table, one.file_name, one.rows, state, why)
        known = {one.file_id for one in pairs.values()}
        for one in read:
            if one.file_id not in known:
                why = "the delivery holds this file now, and did not when it was landed"
                yield Verdict(domain, at, snapshot_id, one.table, one.file_name, one.rows, "differs", why)


def _files(session: Session, snapshot_id: int, prefix: str) -> list[_File]:
    rows = session.rows(
        "SELECT f.file_id, table_name, file_name, sha256, columns, rows_accepted, content "
        f"FROM {prefix}landed.file f JOIN {prefix}landed.snapshot_file USING (file_id) "
        "WHERE snapshot_id = ? ORDER BY table_name, file_name, f.file_id",
        [snapshot_id],
    )
    return [_File(r[0], r[1], r[2], r[3], tuple(r[4]), int(r[5]), r[6]) for r in rows]


def _read_again(
    session: Session, again: Again, domain: str, at: datetime, path: Path | None
) -> tuple[list[_File], str]:
    """The files of a delivery as they are now, or why they cannot be read."""
    if path is None:
        return [], ""
    try:
        return _files(session, again(session, domain, at, path).snapshot_id, ""), ""
    except ExtractError as fault:
        return [], f"cannot be landed again: {fault}"


def _paired(files: Sequence[_File], read: Sequence[_File]) -> dict[int, _File]:
    """The file that each stored one is held against: of the same bytes, else of the same table and name."""
    found: dict[int, _File] = {}
    left = list(read)
    for same in (
        lambda a, b: (a.table, a.sha256) == (b.table, b.sha256),
        lambda a, b: (a.table, a.file_name) == (b.table, b.file_name),
        lambda a, b: a.table == b.table,
    ):
        for one in files:
            if one.file_id not in found:
                other = next((b for b in left if same(one, b)), None)
                if other is not None:
                    found[one.file_id] = other
                    left.remove(other)
    return found


def _proved(session: Session, one: _File) -> str:
    """Empty where the stored rows give what was noted of them, else why not."""
    rows = Sql(f"({history.rows_of(session, [one.file_id])})")
    content = history.content_of(session, rows, one.columns)
    count = int(content.split(".")[0])
    if count != one.rows:
        return f"the archive holds {count} rows of the {one.rows} that were landed"
    return "" if content == one.content else "the archive's rows are not those that were landed"


def _held_against(session: Session, one: _File, other: _File) -> str:
    """Empty where both files have the same rows in the same places, else where they differ."""
    columns = sorted({*one.columns, *other.columns})
    found = session.rows(
        render(
            "verify.sql.j2",
            stored=history.rows_of(session, [one.file_id]),
            read=history.rows_of(session, [other.file_id], database=""),
            stored_text=history.text_of([c if c in one.columns else None for c in columns]),
            read_text=history.text_of([c if c in other.columns else None for c in columns]),
        )
    )[0]
    differing, first, missing, more = (int(n or 0) for n in found)
    if not differing:
        return ""
    told = [f"{differing} rows differ, the first of them row {first}"]
    told += [f"{missing} are only in the archive"] if missing else []
    told += [f"{more} only in the file"] if more else []
    return ", ".join(told)


__all__ = ["Verdict", "verify"]
