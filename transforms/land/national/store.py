"""National lists in the archive: versions kept as change only, and what a night takes of them."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from transforms.land.dialect import Stated
from transforms.land.national.model import CodeList
from transforms.land.shape import json_shape, shape_of
from transforms.land.unpack import Part, unpacked
from transforms.warehouse import Session, Sql, ident, lit, render
from transforms.words.errors import ExtractError, UsageError

# A row of a text file may hold so many fields more than its first one.
_SPARE = 3


@dataclass(frozen=True)
class Version:
    """One version of a list that was added. ``rows_rejected`` counts the rows of its files that were not taken in."""

    version_id: int
    list: str
    version: str
    valid_from: date | None
    valid_to: date | None
    added_at: datetime
    source: str
    rows_accepted: int
    rows_rejected: int


@dataclass(frozen=True)
class Added:
    """What became of a list that was added. ``is_new`` is False where its content was the newest version's already.

    ``rejected`` holds (reason, rows, first row of the first file) per reason.
    """

    version: Version
    is_new: bool
    appeared: int
    disappeared: int
    rewritten: int
    rejected: tuple[tuple[str, int, str, int], ...]


def versions(session: Session) -> list[Version]:
    """Every version of every list in the archive, in the order of list and addition. ``session`` is on the archive."""
    session.run("national_tables.sql.j2")
    return _versions(session, "reference.version")


def _versions(session: Session, table: str) -> list[Version]:
    rows = session.rows(
        "SELECT version_id, list, version, valid_from, valid_to, added_at, source, rows_accepted, "
        f"rows_in - rows_accepted FROM {table} ORDER BY list, version_id"
    )
    return [Version(*row) for row in rows]


def add(
    session: Session,
    declared: CodeList,
    path: Path,
    version: str,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
    now: datetime,
) -> Added:
    """Take a list in as a version: a file, a folder or an archive. All of it or nothing; adding it twice has no effect.

    ``session`` is on the archive. Raises ExtractError where the path holds no file of the list or no row has a code of
    its form, UsageError where the version is known with other content or is older than the newest.
    """
    if valid_from and valid_to and valid_to < valid_from:
        raise UsageError(f"version {version}: it ends {valid_to}, before it begins {valid_from}")
    known = [v for v in versions(session) if v.list == declared.list]
    scratch = Path(str(session.value("SELECT current_setting('temp_directory')")))
    with unpacked(path, scratch) as parts, session.transaction():
        chosen = _chosen(declared, parts, path)
        session.execute(
            "CREATE OR REPLACE TEMP TABLE national_row "
            "(file VARCHAR, row BIGINT, code VARCHAR, text VARCHAR, valid_from DATE, valid_to DATE, details VARCHAR)"
        )
        hashes, rows_in = [], 0
        for part in chosen:
            copy = scratch / f"{part.path.stem}-list.utf8"
            try:
                sha256, rows = _read(session, declared, part, copy)
            finally:
                copy.unlink(missing_ok=True)
            hashes.append(sha256)
            rows_in += rows
        session.run("national_add.sql.j2", l=declared)
        accepted = int(session.value("SELECT count(*) FROM national_new"))
        if not accepted:
            raise ExtractError(
                f"{path}: none of {rows_in} rows has a code of {declared.list}'s form ({declared.pattern}); "
                "name the right list, or declare its columns (docs/reference-lists.md)"
            )
        content = hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest()
        again = _again(session, declared, known, version, content, valid_from)
        if again is not None:
            return Added(again, False, 0, 0, 0, ())
        before = "FROM reference.entry WHERE to_version IS NULL AND list = ?"
        appeared, disappeared, both = (
            int(session.value(query, [declared.list]))
            for query in (
                f"SELECT count(*) FROM national_new WHERE code NOT IN (SELECT code {before})",
                f"SELECT count(*) {before} AND code NOT IN (SELECT code FROM national_new)",
                f"SELECT count(*) {before} AND code IN (SELECT code FROM national_new)",
            )
        )
        version_id = int(session.value("SELECT coalesce(max(version_id), 0) + 1 FROM reference.version"))
        session.insert(
            "reference.version",
            [(version_id, declared.list, version, valid_from, valid_to, now, path.name, content, rows_in, accepted)],
        )
        session.run("national_keep.sql.j2", l=declared, version_id=version_id)
        kept = int(session.value(f"SELECT count(*) {before} AND from_version < ?", [declared.list, version_id]))
        rejected = session.rows(
            "SELECT reason, count(*), arg_min(file_name, (file_name, row)), arg_min(row, (file_name, row)) "
            "FROM reference.rejected WHERE version_id = ? GROUP BY reason ORDER BY count(*) DESC, reason",
            [version_id],
        )
        made = next(v for v in _versions(session, "reference.version") if v.version_id == version_id)
    return Added(made, True, appeared, disappeared, both - kept, tuple(rejected))


def _again(
    session: Session, declared: CodeList, known: Sequence[Version], version: str, content: str, valid_from: date | None
) -> Version | None:
    """The version that this is, where it was added before."""
    for earlier in known:
        same = session.value("SELECT sha256 FROM reference.version WHERE version_id = ?", [earlier.version_id])
        if earlier.version == version and same == content:
            return earlier
        if earlier.version == version:
            raise UsageError(
                f"{declared.list} {version} was added {earlier.added_at:%Y-%m-%d} with other content; "
                "a version is never changed, give this one a name of its own"
            )
    newest = known[-1] if known else None
    if newest and newest.valid_from and valid_from and valid_from < newest.valid_from:
        raise UsageError(
            f"{declared.list} {version} holds from {valid_from}, and {newest.version} from {newest.valid_from} is here "
            "already; versions are added in the order in which they hold"
        )
    return None


def _chosen(declared: CodeList, parts: Sequence[Part], path: Path) -> list[Part]:
    def fits(part: Part) -> bool:
        return any(fnmatch.fnmatch(part.name.lower(), pattern.lower()) for pattern in declared.files)

    if path.is_file() and len(parts) == 1:
        return list(parts)
    chosen = [p for p in parts if fits(p)]
    if not chosen:
        raise ExtractError(
            f"{path}: holds no file of {declared.list} ({', '.join(declared.files) or 'none is declared'}); "
            "name the file itself"
        )
    return chosen


def _read(session: Session, declared: CodeList, part: Part, copy: Path) -> tuple[str, int]:
    """Read a file into national_row. Returns its hash and its rows, those that could not be divided included."""
    how: dict[str, Any] = {"form": part.form, "path": str(part.path), "pointer": {}}
    names: list[str] = []
    lines = None
    if part.form == "text":
        shape, path = shape_of(part.path, part.shown, Stated(header=declared.header), copy)
        sha256, names = shape.sha256, [*shape.columns, *(f"COLUMN_{len(shape.columns) + i + 1}" for i in range(_SPARE))]
        quote = '"' if shape.quoting == "quoted" else ""
        how |= {"path": str(path), "header": shape.header, "delimiter": shape.delimiter, "quote": quote}
        lines = (shape.lines or 0) - shape.blank if not (shape.quotes and quote) else None
    elif part.form == "json":
        shape, path, json_form = json_shape(part.path, part.shown, Stated(), copy)
        sha256 = shape.sha256
        how |= {"path": str(path), "json_form": json_form}
        how["pointer"] = {str(c): "/" + str(c).replace("~", "~0").replace("/", "~1") for c in declared.columns.values()}
    else:
        sha256 = part.sha256 or hashlib.sha256(part.path.read_bytes()).hexdigest()
        names = [r[0] for r in session.rows("SELECT column_name FROM (DESCRIBE FROM read_parquet(?))", [how["path"]])]
    places = {name: _place(declared, part, name, column, names) for name, column in declared.columns.items()}
    before = int(session.value("SELECT count(*) FROM national_row"))
    session.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    try:
        session.run(
            "national_rows.sql.j2",
            shown=part.name,
            columns=names,
            places={k: v for k, v in places.items() if v is not None},
            details=[d for d in declared.details if places[d] is not None],
            **how,
        )
    except duckdb.Error as fault:
        raise ExtractError(f"{part.shown}: cannot be read: {str(fault).splitlines()[0]}") from None
    rows = int(session.value("SELECT count(*) FROM national_row")) - before
    refused = session.rows("SELECT DISTINCT line FROM reject_errors") if part.form == "text" else []
    if refused:
        session.execute(
            "INSERT INTO national_row SELECT ?, line, NULL, NULL, NULL, NULL, NULL FROM "
            "(SELECT DISTINCT line FROM reject_errors)",
            [part.name],
        )
    if lines is not None and lines != rows + len(refused):
        raise ExtractError(f"{part.shown}: {lines} rows were delivered and {rows + len(refused)} could be told apart")
    return sha256, rows + len(refused)


def _place(declared: CodeList, part: Part, name: str, column: int | str, names: Sequence[str]) -> str | None:
    """The column as the file's reading calls it, None for a detail that the file lacks."""
    if part.form == "json":
        return str(column)
    if isinstance(column, int):
        if column <= len(names):
            return names[column - 1]
    else:
        found = next((n for n in names if n.upper() == column.strip().upper()), None)
        if found is not None:
            return found
    if name == "code":
        raise ExtractError(
            f"{part.shown}: has no column {column}, where the codes of {declared.list} are declared to be"
        )
    return None


def carry(night: Session, lists: Mapping[str, CodeList], as_of: datetime) -> None:
    """Fill measured.reference_list and .reference_code with the lists as they hold at that time.

    Grain: list; list and code.
    """
    found = _versions(night, "archive.reference.version") if night.has(Sql("archive.reference.version")) else []
    day = as_of.date()
    used, rows = [], []
    for name, declared in sorted(lists.items()):
        own = [v for v in found if v.list == name]
        begun = [v for v in own if v.valid_from is None or v.valid_from <= day]
        newest = begun[-1] if begun else None
        if newest is not None:
            used.append((name, newest.version_id))
        state = "absent" if newest is None else "expired" if newest.valid_to and newest.valid_to < day else "in use"
        rows.append((declared, newest, state, len(own)))
    night.run("national_carry.sql.j2", used=used, day=str(day))
    night.execute(
        "CREATE OR REPLACE TABLE measured.reference_list (list VARCHAR, title_sv VARCHAR, title_en VARCHAR, "
        "publisher VARCHAR, state VARCHAR, version VARCHAR, valid_from DATE, valid_to DATE, added_at TIMESTAMP, "
        "codes BIGINT, versions INTEGER)"
    )
    codes = dict(night.rows("SELECT list, count(*) FROM measured.reference_code WHERE is_valid GROUP BY list"))
    night.insert(
        "measured.reference_list",
        [
            (d.list, d.title.sv, d.title.en, d.publisher, state, *_told(v), codes.get(d.list, 0), n)
            for d, v, state, n in rows
        ],
    )
    for name in sorted({v.list for v in found} & set(lists)):
        view = f"reference_{name}"
        if view in ("reference_list", "reference_code"):
            continue
        night.execute(
            f"CREATE OR REPLACE VIEW published.{ident(view)} AS SELECT code, shown, text, details, valid_from, "
            "valid_to, is_valid, first_version, last_version FROM measured.reference_code "
            f"WHERE list = {lit(name)}"
        )
        night.execute(
            f"COMMENT ON VIEW published.{ident(view)} IS "
            f"{lit(f'One row per code of {lists[name].title.en}; columns as in reference_code.')}"
        )


def _told(version: Version | None) -> tuple[Any, ...]:
    return (version.version, version.valid_from, version.valid_to, version.added_at) if version else (None,) * 4


def tested(declared: CodeList, source: Sql, present: bool) -> Sql:
    """A query that tells of every row of ``source`` (a column ``value``, and any others) its ``code`` and ``state``.

    ``present``: whether the night has the list (measured.reference_list: not absent). States: valid, expired, unknown,
    malformed, and unverified where the list is not here and the code well formed.
    """
    return render("national_tested.sql.j2", l=declared, source=source, present=present)
