"""Take a delivery's files in: a new one is read by one statement and stored by another, all else is asked at once.

Files are read into temporary tables (land_tables.sql), which DuckDB moves to the scratch folder where they outgrow its
memory limit, and go on to the archive when nothing was found that must not be kept.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from transforms.catalogue import Catalogue
from transforms.land import findings, history, manifest, personal, quarantine, screen, written
from transforms.land.policy import LandingPolicy
from transforms.land.reading import Arrival, NewFile, read, read_padded, shaped
from transforms.land.written import Written
from transforms.warehouse import Session
from transforms.words.errors import ExtractError


class Intake:
    """Where a domain's delivery is landed. ``files`` holds the ids of its files by table, ``new`` those of new content.

    ``day`` is that of the delivery, ``scratch`` a folder for what is gone afterwards.
    """

    def __init__(
        self, session: Session, catalogue: Catalogue, domain: str, day: date, policy: LandingPolicy, scratch: Path
    ) -> None:
        self.files: dict[str, list[int]] = {}
        self.new: set[int] = set()
        self._session, self._catalogue, self._domain, self._day = session, catalogue, domain, day
        self._policy, self._scratch = policy, scratch
        self._next = int(session.value("SELECT coalesce(max(file_id), 0) + 1 FROM landed.file"))

    def land(self, arrivals: Sequence[Arrival], parents: Mapping[str, str]) -> None:
        """Land a batch of files, those of known content without reading them. ``parents``: see personal.reach.

        Raises ExtractError for a file that cannot be read, is spoilt, or is not what its manifest states.
        """
        hashes = [one.sha256 for one in arrivals]
        known = self._known(hashes)
        rows: dict[int, int] = {}
        batch: list[NewFile] = []
        held: list[tuple[Arrival, str, int]] = []
        self._scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._scratch) as copies:
            for one, sha256 in zip(arrivals, hashes, strict=True):
                key = one.table, sha256, parents.get(one.table, ""), one.stated.fingerprint
                if key not in known:
                    batch.append(self._read(one, key[2], Path(copies), first=not batch))
                    known[key] = batch[-1].file_id, 0
                file_id, counted = known[key]
                rows.setdefault(file_id, counted)
                held.append((one, sha256, file_id))
                self.files.setdefault(one.table, []).append(file_id)
            if batch:
                self.new |= {file.file_id for file in batch}
                rows |= take(self._session, self._catalogue, self._domain, batch, self._policy, self._day)
                self._session.execute("DROP TABLE landing_row")
        for one, sha256, file_id in held:
            manifest.check(one.stated, one.part, sha256, one.delivered, rows[file_id])

    def _known(self, hashes: Sequence[str]) -> dict[tuple[str, str, str, str], tuple[int, int]]:
        """Files and their rows by what makes two the same: table, hash, parents, and how they are stated to be read."""
        found = self._session.rows(
            "SELECT table_name, sha256, parents, said, file_id, rows_in FROM landed.file "
            "WHERE domain = ? AND sha256 IN (SELECT unnest(?)) ORDER BY file_id DESC",
            [self._domain, list(hashes)],
        )
        return {
            (table, sha256, parents, said): (file_id, rows) for table, sha256, parents, said, file_id, rows in found
        }

    def _read(self, one: Arrival, parents: str, copies: Path, *, first: bool) -> NewFile:
        """Read a file of new content into landing_row, which is empty before the first."""
        catalogue, file_id = self._catalogue, self._next
        self._next += 1
        if first:
            self._session.run("land_tables.sql")
        shape, source = shaped(self._session, one.part, one.stated.stated, copies / f"{file_id}.utf8")
        has_key = self._policy.pseudonym_key is not None
        door = personal.door(catalogue, one.table, shape.columns, has_key=has_key, parents=parents)
        history.refuse_reserved(door.kept, one.part.shown)
        telling = quarantine.telling(catalogue, one.table, shape, door)
        file = NewFile(**vars(one), file_id=file_id, shape=shape, source=source, door=door, telling=telling)
        read(self._session, file)
        return file


@dataclass(frozen=True)
class Counts:
    """What became of a file's rows: so many were accepted, quarantined, and left at the door for either reason.

    ``breaks`` are the line breaks in their values, ``content`` what the accepted ones hold (see history.content_of).
    """

    accepted: int
    quarantined: int
    personal: int
    unreached: int
    breaks: int
    content: str

    @property
    def total(self) -> int:
        """All rows."""
        return self.accepted + self.quarantined + self.personal + self.unreached


def take(
    session: Session, catalogue: Catalogue, domain: str, files: Sequence[NewFile], policy: LandingPolicy, today: date
) -> dict[int, int]:
    """Take files in that have been read into landing_row (see land_tables.sql). Returns the rows of each, by file id.

    ``today`` is the day of the delivery: a person is born no later. Raises ExtractError for a file that holds what
    must not come in, lost a row, is spoilt, or is not as stated; what was written before is then to be rolled back.
    """
    screening = policy.screening(screen.load_policy())
    _describe(session, files, screening)
    _refuse_lines(session, catalogue, files)
    found = screen.screen(session, screening, today)
    if found:
        screen.withhold(session, {f.file_id: f.part.shown for f in files})
    told = written.found(session, files)
    for file in files:
        written.check(session, catalogue, file)
    # A stated picture leaves nothing in doubt.
    doubts = [d for f in files if not f.stated.picture for d in told[f.file_id].doubts]
    faulty = findings.look(session, files, doubts)
    if found or faulty:
        session.run("land_lines.sql")
        if faulty:
            findings.refuse(session, files)
        session.run("land_quarantine.sql")
    counted = {file_id: Counts(*row) for file_id, *row in session.run("land_counts.sql").fetchall()}
    for file in files:
        _conserved(file, counted[file.file_id])
        rows, bad = counted[file.file_id].total, counted[file.file_id].quarantined
        quarantine.refuse_spoilt(session, policy, file.table, file.part.shown, file.file_id, rows, bad)
    _store(session, files, counted)
    _register(session, domain, files, counted, told)
    return {file_id: counts.total for file_id, counts in counted.items()}


def _describe(session: Session, files: Sequence[NewFile], screening: screen.Policy) -> None:
    """Fill landing_file and landing_column."""
    tellings = [(f, f.telling) for f in files]
    session.insert(
        "landing_file",
        [
            (f.file_id, f.source.params["path"], f.shape.above, f.shape.signs, t.secret, t.delimiter, t.width,
             list(t.hidden), t.id_place, t.id_column)
            for f, t in tellings
        ],
    )  # fmt: skip
    session.insert(
        "landing_column",
        [
            (f.file_id, f.places[c], nth, c, c not in f.door.pseudonyms, screening.is_id(c), findings.is_id(c))
            for f in files
            for nth, c in enumerate(f.door.kept, 1)
        ],
    )


def _refuse_lines(session: Session, catalogue: Catalogue, files: Sequence[NewFile]) -> None:
    """Note lines that are no rows, once those are read again that only lack what the catalogue ignores anyway."""
    by_id = {f.file_id: f for f in files}
    if not any(f.shape.form == "text" for f in files):
        return
    rejects = session.run("land_rejects.sql").fetchall()
    ignored = [
        by_id[file_id]
        for file_id, short, columns, _ in rejects
        if short and all(catalogue.conventions.is_ignored(c) for c in columns)
    ]
    for file in ignored:
        read_padded(session, file)
    if ignored:
        rejects = session.run("land_rejects.sql").fetchall()
    for file_id, _, _, endless in rejects:
        # Nobody knows how many rows a quote took along that runs on for longer than DuckDB tells.
        if endless is not None:
            raise ExtractError(
                f"{by_id[file_id].part.shown}: the quote opened in row {endless} is not closed where its field ends; "
                "mend the row and deliver again"
            )
    if rejects:
        session.run("land_refused.sql")


def _conserved(file: NewFile, counts: Counts) -> None:
    """Prove that no row of a file was lost: as many are accounted for as it has lines. Raises ExtractError."""
    shape, door, total = file.shape, file.door, counts.total
    if shape.lines is not None:
        lines, least = total, shape.lines - shape.blank
        if file.breaks_lines and lines < shape.lines and door.kept:
            # A quoted value may hold line breaks; so may one in a column that is not kept.
            lines += counts.breaks
            least = 0 if door.dropped or door.pseudonyms else least
        if not least <= lines <= shape.lines:
            raise ExtractError(
                f"{file.part.shown}: {least} rows were delivered and {total} could be told apart; "
                "the delivery is not landed, mend the file or state its delimiter and quoting in a manifest"
            )


def _store(session: Session, files: Sequence[NewFile], counted: Mapping[int, Counts]) -> None:
    """Write the accepted rows, each file's to its series. Raises ExtractError where they are not all there."""
    known = history.columns_of(session, [f.series for f in files])
    for file in files:
        if file.series in known:
            history.settle(session, file.series, file.file_id, file.door.kept, file.places, known[file.series])
        else:
            history.begin(session, file.series, file.file_id, file.door.kept, file.places)
    session.run("history_places.sql")
    stored = dict(
        session.rows(
            "SELECT file_id, sum(rows)::BIGINT FROM landed.place SEMI JOIN landing_file USING (file_id) GROUP BY 1"
        )
    )
    for file in files:
        counts = counted[file.file_id]
        if stored.get(file.file_id, 0) != counts.accepted:
            raise ExtractError(
                f"{file.part.shown}: {counts.total} rows came in, {counts.accepted} were accepted and "
                f"{stored.get(file.file_id, 0)} stored; the delivery is not landed"
            )


def _register(
    session: Session,
    domain: str,
    files: Sequence[NewFile],
    counted: Mapping[int, Counts],
    told: Mapping[int, Written],
) -> None:
    rows = []
    for file in files:
        shape, stated, door, counts = file.shape, file.stated, file.door, counted[file.file_id]
        pictures = [stated.picture] if stated.picture else list(told[file.file_id].pictures)
        rows.append(
            {
                "file_id": file.file_id,
                "domain": domain,
                "table_name": file.table,
                "file_name": Path(file.part.name).name,
                "sha256": shape.sha256,
                "series": file.series,
                "content": counts.content,
                "encoding": shape.encoding,
                "delimiter": shape.delimiter,
                "quoting": shape.quoting,
                "columns": list(door.kept),
                "dropped": list(door.dropped),
                "rows_in": counts.total,
                "rows_accepted": counts.accepted,
                "rows_quarantined": counts.quarantined,
                "form": shape.form,
                "newline": shape.newline,
                "header": shape.header,
                "decimal": stated.decimal or told[file.file_id].decimal,
                "date_pictures": pictures,
                "time_zone": stated.time_zone,
                "query": stated.query,
                "stated": bool(file.stated.file),
                "rows_personal": counts.personal,
                "rows_unreached": counts.unreached,
                "pseudonyms": list(door.pseudonyms),
                "parents": door.parents,
                "said": stated.fingerprint,
            }
        )
    session.insert(f"landed.file ({', '.join(rows[0])})", [list(row.values()) for row in rows])
