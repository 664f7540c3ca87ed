"""Find personal data in a delivered file before any of it is written: what to do is ruled by ``screening.yaml``.

The screening reads the file, not the archive: DuckDB leaves the bytes of deleted rows and of transactions that were
rolled back in its files, so a row may be stored only when it has passed. A clean file costs one parallel scan for
shapes; a second one, of the suspicious columns alone, judges candidates and numbers the rows. What remains is where
something was found and of what kind, never the value.
"""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from transforms.warehouse import Session, Sql, ident, lit
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
        return any(fnmatch.fnmatchcase(column.upper(), pattern.upper()) for pattern in self.id_columns)


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


@dataclass(frozen=True)
class Screened:
    """What was found in one file: rows with something of each action. The places are in the temp table screened."""

    blocked: int = 0
    quarantined: int = 0
    warned: int = 0

    @property
    def found(self) -> bool:
        """Whether anything was found."""
        return bool(self.blocked or self.quarantined or self.warned)


def screen(
    session: Session, policy: Policy, source: Sql, columns: Sequence[str], today: date, *, has_rows: bool = False
) -> Screened:
    """Look for personal data in the text columns of ``source`` and note where it is.

    ``source`` is anything that can stand after FROM (a ``read_csv(…)``, a temp table), its rows in the order of the
    file; with ``has_rows`` it numbers them itself in a column ``_row``. ``today`` bounds dates of birth. Leaves the
    temp table ``screened`` (_row from 1, column_name, kind, action), one row per place and kind; nothing is raised
    for what is found: see ``pass_or_refuse``.
    """
    suspicious, whole_12, whole_10 = _worth_a_look(session, policy, source, columns, today)
    looked_at = [c for c in columns if c in suspicious or c in whole_12 or c in whole_10]
    if not looked_at:
        session.execute(
            "CREATE OR REPLACE TEMP TABLE screened (_row BIGINT, column_name VARCHAR, kind VARCHAR, action VARCHAR)"
        )
        return Screened()
    session.run(
        "screen.sql.j2",
        source=source,
        has_rows=has_rows,
        columns=suspicious,
        whole_12=whole_12,
        whole_10=whole_10,
        looked_at=looked_at,
        shapes=_shapes(policy),
        today=_literal(today),
        reserve=policy.reserve_numbers,
        kinds=policy.kinds.model_dump(),
    )
    counts = dict(session.rows("SELECT action, count(DISTINCT _row) FROM screened GROUP BY action"))
    return Screened(counts.get("block", 0), counts.get("quarantine", 0), counts.get("warn", 0))


def _worth_a_look(
    session: Session, policy: Policy, source: Sql, columns: Sequence[str], today: date
) -> tuple[list[str], list[str], list[str]]:
    """Columns with a suspicious text, and those whose values may be a personnummer of 12 or 10 digits alone."""
    if not columns:
        return [], [], []
    shaped = session.run("screen_shapes.sql.j2", source=source, columns=columns, shapes=_shapes(policy)).fetchone()
    assert shaped is not None
    columns = [c for i, c in enumerate(columns, 1) if i in shaped[0]]
    if not columns:
        return [], [], []
    kinds = policy.kinds
    counted = session.run(
        "screen_count.sql.j2",
        source=source,
        columns=columns,
        shapes=_shapes(policy),
        today=_literal(today),
        wanted_12=(kinds.personnummer_12, kinds.samordningsnummer_12) != ("off", "off"),
        wanted_10=(kinds.personnummer_10, kinds.samordningsnummer_10) != ("off", "off"),
    ).fetchone()
    assert counted is not None
    figures = {c: counted[4 * i : 4 * i + 4] for i, c in enumerate(columns)}
    suspicious = [c for c, (_, _, _, suspects) in figures.items() if suspects]
    in_question = [c for c, (_, twelve, ten, _) in figures.items() if twelve or ten]
    numeric = _numeric(session, policy, source, in_question)

    def persons(place: int) -> list[str]:
        return [
            c
            for c in in_question
            if (found := figures[c][place])
            and (c not in numeric or found / max(figures[c][0], 1) >= policy.person_column_share)
        ]

    return suspicious, persons(1), persons(2)


def _numeric(session: Session, policy: Policy, source: Sql, columns: Sequence[str]) -> set[str]:
    """Those of the columns that are columns of numbers, by name or by their first values."""
    by_name = {c for c in columns if policy.is_id(c)}
    rest = [c for c in columns if c not in by_name]
    if not rest:
        return by_name
    shares = session.run("screen_numbers.sql.j2", source=source, columns=rest, rows=_FIRST_ROWS).fetchone()
    assert shares is not None
    return by_name | {c for c, share in zip(rest, shares, strict=True) if (share or 0) >= policy.id_column_numbers}


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


def _literal(today: date) -> Sql:
    return Sql(f"DATE {lit(today.isoformat())}")


def pass_or_refuse(
    session: Session,
    shown: str,
    source: Sql,
    columns: Sequence[str],
    *,
    header: int = 1,
    has_rows: bool = False,
    policy: Policy | None = None,
    telling: Mapping[str, Any] | None = None,
) -> bool:
    """Screen a file that is about to be landed: whether some of its rows must be withheld.

    ``telling`` is how a row that is withheld is told (see quarantine.Telling), None: not at all.

    Raises ExtractError for the first place that blocks it (file, line, column and kind, never the value). The temp
    table ``screened`` then waits for ``move_out``. A person is born no later than the newest delivery was made.
    """
    newest = session.value("SELECT delivered_at FROM landed.snapshot ORDER BY snapshot_id DESC LIMIT 1")
    found = screen(
        session, policy or load_policy(), source, columns, newest.date() if newest else date.max, has_rows=has_rows
    )
    if found.blocked:
        row, column, kind, places = session.rows(
            "SELECT _row, column_name, kind, count(*) OVER () FROM screened WHERE action = 'block' "
            "ORDER BY _row, column_name, kind LIMIT 1"
        )[0]
        counted = "coalesce(length({0}) - length(replace({0}, chr(10), '')), 0)"
        breaks = " + ".join(counted.format(ident(c)) for c in columns)
        number = "_row" if has_rows else "row_number() OVER () AS _row"
        before = session.value(
            f"SELECT coalesce(sum(breaks), 0) FROM (SELECT {number}, {breaks} AS breaks FROM {source} AS delivered "
            "UNION ALL SELECT _row, breaks FROM landing_left) WHERE _row < ?",
            [row],
        )
        more = f" and in {places - 1} more places" if places > 1 else ""
        raise ExtractError(
            f"{shown}: line {row + header + int(before)}, column {column}: holds personal data ({kind}){more}; "
            "nothing of the delivery was kept, deliver it without"
        )
    named = session.rows("SELECT DISTINCT column_name FROM screened") if found.quarantined else []
    session.run(
        "screen_text.sql.j2",
        withheld=found.quarantined > 0,
        has_rows=has_rows,
        source=source,
        columns=tuple(columns),
        found={row[0] for row in named},
        **(telling or {"secret": True, "id_column": None, "delimiter": ","}),
    )
    return found.quarantined > 0


def move_out(session: Session, rows: Sql, file_id: int, kept: Sequence[str], *, header: int, multiline: bool) -> None:
    """Note what the screening found in a file that has been landed and take its withheld rows out."""
    if session.value("SELECT count(*) FROM screened"):
        session.run(
            "screen_move.sql.j2", rows=rows, file_id=file_id, kept=tuple(kept), header=header, multiline=multiline
        )


__all__ = [
    "ADDRESS",
    "TOLD",
    "Kinds",
    "Policy",
    "ReserveNumber",
    "Screened",
    "load_policy",
    "mask_shapes",
    "move_out",
    "pass_or_refuse",
    "screen",
]
