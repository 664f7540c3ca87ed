"""Find personal data in a delivered file before any of it is written: what to do is ruled by ``screening.yaml``.

The screening looks at temporary tables, not at the archive: DuckDB leaves the bytes of deleted rows and of transactions
that were rolled back in its files, so a row may be stored only when it has passed. Clean files cost one scan for
shapes; two more, of the suspicious columns alone, judge candidates. What remains is where something was found and of
what kind, never the value.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from transforms.catalogue.words import fits
from transforms.warehouse import Session, Sql, lit
from transforms.words.errors import ExtractError, SettingsError
from transforms.words.strict import Strict

Action = Literal["block", "quarantine", "warn", "off"]
Share = Annotated[float, Field(gt=0, le=1)]

_POLICY = Path(__file__).parent / "screening.yaml"
# A column's kind is judged by so many of its first values.
_FIRST_ROWS = 20_000
_BLANK = r" \x{A0}\x{2009}\x{202F}"
_DASH = r"+\-\x{2010}-\x{2015}\x{2212}"
# What the screening's statements find begins with one of these; the patterns that judge are in screen.sql.j2.
_SHAPES = {
    "number": rf"[0-9]{{2}}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01]|[678][0-9]|9[01])[{_BLANK}{_DASH}]{{0,3}}[0-9]{{4}}",
    "dashed": rf"[0-9]{{4}}[{_DASH}][0-9]{{2}}[{_DASH}][0-9]{{2}}[{_DASH}][0-9]{{4}}",
    "email": "@",
    # 0046 within a longer number is an id: many a file has thousands.
    "phone": r"(?:\+|(?:^|[^0-9])00)46[ (0-9\x{A0}\-]|(?:^|[^0-9])07[02369][0-9 /\x{A0}\-]{7}|"
    r"(?:^|[^0-9\-])0[1-9][0-9]{0,2}\)?[ \x{A0}]?[ /\x{A0}\-][ \x{A0}]?[1-9][0-9]{1,2}[0-9 \x{A0}\-]{2}",
}

ADDRESS = r"[\pL0-9._%+\-]+@[\pL0-9][\pL0-9.\-]*"

TOLD = {
    "personnummer_separated": "a personnummer",
    "personnummer_12": "what may be a personnummer of 12 digits",
    "personnummer_10": "what may be a personnummer of 10 digits",
    "samordningsnummer_separated": "a samordningsnummer",
    "samordningsnummer_12": "what may be a samordningsnummer of 12 digits",
    "samordningsnummer_10": "what may be a samordningsnummer of 10 digits",
    "reserve_number": "what may be a patient's reserve number",
    "email": "an e-mail address",
    "phone": "a Swedish telephone number",
}


class Kinds(Strict):
    """What happens to a row or a file in which a kind of personal data is found."""

    personnummer_separated: Action = "block"
    personnummer_12: Action = "quarantine"
    personnummer_10: Action = "warn"
    samordningsnummer_separated: Action = "block"
    samordningsnummer_12: Action = "quarantine"
    samordningsnummer_10: Action = "warn"
    reserve_number: Action = "quarantine"
    email: Action = "quarantine"
    phone: Action = "warn"


class ReserveNumber(Strict):
    """A regional stand-in for a personnummer: a pattern (RE2) for a whole word, which may have to begin with a date."""

    name: str
    pattern: str
    date: bool = False

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as fault:
            raise ValueError(f"is no regular expression: {fault}") from None
        return value


class Policy(Strict):
    """The rules of the screening: see the comments in screening.yaml."""

    kinds: Kinds = Kinds()
    reserve_numbers: tuple[ReserveNumber, ...] = ()
    id_columns: tuple[str, ...] = ()
    id_column_numbers: Share = 0.95
    person_column_share: Share = 0.5

    def is_id(self, column: str) -> bool:
        """Whether the column holds local numbers, by its name."""
        return fits(column, self.id_columns)


def load_policy(path: Path | None = None) -> Policy:
    """The policy in a YAML file, by default the built-in one. Raises SettingsError naming file and field."""
    return _load(path or _POLICY)


@functools.lru_cache(maxsize=8)
def _load(path: Path) -> Policy:
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Policy.model_validate(read or {})
    except OSError as fault:
        raise SettingsError(f"{path}: cannot be read ({fault.strerror})") from None
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise SettingsError(f"{path}{f':{mark.line + 1}' if mark else ''}: is not YAML") from None
    except ValidationError as fault:
        first = fault.errors()[0]
        raise SettingsError(f"{path}: {'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from None


def screen(session: Session, policy: Policy, today: date) -> bool:
    """Look for personal data in landing_row and note where it is; whether anything was found.

    Only columns that landing_column has as screened are looked at. ``today`` bounds dates of birth. Fills the temp
    table screened (see land_tables.sql), one row per place and kind; nothing is raised for what is found: see
    ``withhold``.
    """
    kinds = policy.kinds
    how = {"shapes": _shapes(policy), "today": Sql(f"DATE {lit(today.isoformat())}")}
    return (
        _finds(session, "screen_shapes.sql.j2", shapes=how["shapes"])
        and _finds(
            session,
            "screen_looks.sql.j2",
            first_rows=_FIRST_ROWS,
            wanted_12=(kinds.personnummer_12, kinds.samordningsnummer_12) != ("off", "off"),
            wanted_10=(kinds.personnummer_10, kinds.samordningsnummer_10) != ("off", "off"),
            id_column_numbers=policy.id_column_numbers,
            person_column_share=policy.person_column_share,
            **how,
        )
        and _finds(session, "screen.sql.j2", reserve=policy.reserve_numbers, kinds=kinds.model_dump(), **how)
    )


def _finds(session: Session, template: str, **params: Any) -> bool:
    """Run a template that makes rows: whether it made any."""
    row = session.run(template, **params).fetchone()
    return row is not None and bool(row[0])


def _shapes(policy: Policy) -> str:
    kinds = policy.kinds
    wanted = [_SHAPES["number"], _SHAPES["dashed"]]
    wanted += [_SHAPES["email"]] if kinds.email != "off" else []
    wanted += [_SHAPES["phone"]] if kinds.phone != "off" else []
    wanted += [r.pattern for r in policy.reserve_numbers] if kinds.reserve_number != "off" else []
    return "|".join(f"(?:{w})" for w in wanted)


def mask_shapes(policy: Policy) -> str:
    """A pattern (RE2) of all that might be personal data, for text that is told: better too much than too little."""
    return "|".join(
        f"(?:{shape})"
        for shape in (
            _SHAPES["number"],
            _SHAPES["dashed"],
            r"[0-9]{6}(?:[0-9]{2})?[+\-][0-9A-Za-zÅÄÖåäö]{4}",
            *(r.pattern for r in policy.reserve_numbers),
            r"(?:\+|00)46[ (0-9\x{A0}\-)]{7,}",
            r"\b07[02369][0-9 /\x{A0}\-]{7,}",
            r"\b0[1-9][0-9]{0,2}\)?[ /\x{A0}\-]{1,3}[1-9][0-9 \x{A0}\-]{4,}",
        )
    )


def withhold(session: Session, shown: Mapping[int, str]) -> None:
    """Keep rows out of what goes on that the screening found to be quarantined: their rule says so.

    Raises ExtractError for the first place that blocks its file (file, line, column and kind, never the value);
    ``shown`` is how messages call the files.
    """
    blocked = session.rows(
        "SELECT file_id, _row, column_name, kind, count(*) OVER (PARTITION BY file_id) FROM screened "
        "WHERE action = 'block' ORDER BY file_id, _row, column_name, kind LIMIT 1"
    )
    if blocked:
        file_id, row, column, kind, places = blocked[0]
        session.run("land_lines.sql")
        line = session.value("SELECT line FROM landing_line WHERE file_id = ? AND _row = ?", [file_id, row])
        more = f" and in {places - 1} more places" if places > 1 else ""
        raise ExtractError(
            f"{shown[file_id]}: line {line}, column {column}: holds personal data ({kind}){more}; "
            "nothing of the delivery was kept, deliver it without"
        )
    session.execute(
        "UPDATE landing_row SET rule = 'quarantined' FROM (SELECT DISTINCT file_id, _row FROM screened "
        "WHERE action = 'quarantine') s WHERE landing_row.file_id = s.file_id AND landing_row._row = s._row"
    )


__all__ = [
    "ADDRESS",
    "TOLD",
    "Kinds",
    "Policy",
    "ReserveNumber",
    "load_policy",
    "mask_shapes",
    "screen",
    "withhold",
]
