"""A place to deliver into: a folder, and an archive in memory that is asked what has landed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.builds import HEAD, UNIT, write_catalogue
from tests.support.landed import landed_rows
from transforms.catalogue import load_catalogue
from transforms.land.landing import Delivery, Landed, land
from transforms.warehouse import Session, scratch
from transforms.words.errors import ExtractError

AT = datetime(2026, 3, 1)
PLAIN = b"ID,NAME\n1,x\n2,y\n"
ROWS = [("1", "x"), ("2", "y")]


class Dock:
    """One delivery of domain a as of ``AT``, which may be put and landed again and again."""

    def __init__(self, folder: Path, *entities: str) -> None:
        self.catalogue = load_catalogue(write_catalogue(folder / "catalogue", *entities or (UNIT,), head=HEAD))
        self.folder = folder / "2026-03-01"
        self.folder.mkdir()
        self.scratch = folder / "tmp"
        self.session = Session(scratch(temp_directory=str(self.scratch), threads="1"))
        self.session.run("archive.sql.j2")

    def close(self) -> None:
        self.session.con.close()

    def put(self, name: str, content: str | bytes, folder: Path | None = None) -> Path:
        path = (folder or self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def land(self, path: Path | None = None, domain: str = "a", **options: Any) -> Landed:
        return land(self.session, self.catalogue, Delivery(domain, AT, path or self.folder), **options)

    def deliver(self, name: str, content: str | bytes, **options: Any) -> Landed:
        """Put one file and land."""
        self.put(name, content)
        return self.land(**options)

    def refused(self, *words: str) -> None:
        """Landing is refused in one line that holds the words, and the archive is as if nothing had come."""
        before = self._counts()
        with pytest.raises(ExtractError) as caught:
            self.land()
        message = str(caught.value)
        assert "\n" not in message
        for word in words:
            assert word in message
        assert self._counts() == before
        assert self.leftovers() == []

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.session.rows(sql)

    def landed(self, table: str, columns: str = "* EXCLUDE (_file_id, _row)") -> list[tuple[Any, ...]]:
        """Every row of a table's files, in their order."""
        return self.rows(f"SELECT {columns} FROM ({landed_rows(self.session, table)}) ORDER BY _file_id, _row")

    def unit(self, columns: str = "ID, NAME") -> list[tuple[Any, ...]]:
        return self.landed("UNIT", columns)

    def file(self, columns: str) -> list[tuple[Any, ...]]:
        return self.rows(f"SELECT {columns} FROM landed.file ORDER BY file_id")

    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT line, column_name, reason FROM landed.quarantine ORDER BY line")

    def findings(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT column_name, kind, rows, first_line FROM landed.finding ORDER BY ALL")

    def leftovers(self) -> list[Path]:
        """What landing left in its scratch folder."""
        return [p for p in self.scratch.rglob("*") if p.is_file()]

    def _counts(self) -> dict[str, int]:
        tables = self.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'data' ORDER BY 1")
        parts = ["landed.snapshot", "landed.file", "landed.snapshot_file", "landed.quarantine"]
        parts += [f'data."{table}"' for (table,) in tables]
        found = {part: self.rows(f"SELECT count(*) FROM {part}")[0][0] for part in parts}
        return {part: n for part, n in found.items() if n}
