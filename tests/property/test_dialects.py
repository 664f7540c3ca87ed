"""Any small table, written in any of the ways the field writes tables, lands to the cell by detection alone."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.builds import HEAD, UNIT, write_catalogue
from tests.support.landed import landed_rows
from transforms.catalogue import load_catalogue
from transforms.land.landing import Delivery, land
from transforms.warehouse import Session, scratch

LETTERS = "abcdeåäöÅÄÖéµ "


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    quoted: bool
    encoding: str
    newline: str
    last_newline: bool
    trailing: bool

    def written(self, rows: list[list[str]]) -> bytes:
        out = io.StringIO()
        if self.quoted:
            csv.writer(out, delimiter=self.delimiter, lineterminator=self.newline, quoting=csv.QUOTE_ALL).writerows(
                rows
            )
        else:
            end = self.delimiter if self.trailing else ""
            out.write("".join(self.delimiter.join(row) + end + self.newline for row in rows))
        text = out.getvalue()
        return (text if self.last_newline else text.removesuffix(self.newline)).encode(self.encoding)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Dialect, list[list[str]]]:
    dialect = Dialect(
        draw(st.sampled_from([",", ";", "\t", "|"])),
        draw(st.booleans()),
        draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])),
        draw(st.sampled_from(["\n", "\r\n"])),
        draw(st.booleans()),
        draw(st.booleans()),
    )
    # A lone quote is data where nothing is quoted; where all is, so are delimiters and line breaks.
    extra = '"' + dialect.delimiter + "\n" if dialect.quoted else "'"
    cell = st.text(LETTERS + extra, min_size=1, max_size=8).map(str.strip).filter(bool)
    count = draw(st.integers(2, 9))
    rows = [
        [str(100 + n), draw(cell), draw(st.sampled_from(["", "0,5", "12.50", "x y"])), str(draw(st.integers(0, 9)))]
        for n in range(count)
    ]
    return dialect, [["ID", "NAME", "AMOUNT", "SEQ"], *rows]


@settings(max_examples=40)
@given(tables())
def test_any_table_in_any_dialect_comes_back_to_the_cell(drawn: tuple[Dialect, list[list[str]]]) -> None:
    dialect, rows = drawn
    # A decimal comma cannot stand unquoted between commas.
    if dialect.delimiter == "," and not dialect.quoted:
        rows = [[cell.replace("0,5", "0.5") for cell in row] for row in rows]
    folder = Path(tempfile.mkdtemp())
    session = Session(scratch(temp_directory=str(folder / "tmp"), threads="1"))
    try:
        session.run("archive.sql.j2")
        catalogue = load_catalogue(write_catalogue(folder / "catalogue", UNIT, head=HEAD))
        delivered = folder / "2026-03-01"
        delivered.mkdir()
        (delivered / "UNIT.csv").write_bytes(dialect.written(rows))
        landed = land(session, catalogue, Delivery("a", datetime(2026, 3, 1), delivered))
        assert landed.rows_quarantined == 0
        query = f"SELECT ID, NAME, AMOUNT, SEQ FROM ({landed_rows(session, 'UNIT')}) ORDER BY _row"
        found = [["" if v is None else v for v in row] for row in session.rows(query)]
        assert found == rows[1:]
    finally:
        session.con.close()
        shutil.rmtree(folder)
