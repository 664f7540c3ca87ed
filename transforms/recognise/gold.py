"""Files of pairs that people know to be right: a whole list of them, or a drawn sample that readers filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from transforms.recognise import frame
from transforms.recognise.quality import Gold, Pair
from transforms.words.errors import UsageError

HEADER = ("id_a", "id_b", "entity", "rule", "score", "band", "verdict", "stands_for")
READERS = ("reader_1", "reader_2", "agreed")
_YES = ("1", "1.0", "yes", "y", "ja", "j", "true", "same", "equal", "close", "retired")
_NO = ("0", "0.0", "no", "n", "nej", "false", "reject", "broader", "narrower", "no_counterpart")


@dataclass(frozen=True)
class Known:
    """One line. ``same`` None: nobody has said yet, or the readers disagree. Ids or keys, or both, name the items.

    ``keyed``: the pair is known to keep an identifier or a key. ``row`` is the line's number under the header.
    """

    entity: str
    id_a: str
    id_b: str
    same: bool | None
    keys_a: tuple[Pair, ...] = ()
    keys_b: tuple[Pair, ...] = ()
    weight: float = 1.0
    keyed: bool = False
    row: int = 0


@dataclass(frozen=True)
class GoldFile:
    """A file of known pairs. ``judged``: a sample that readers filled in, not the whole truth.

    ``blank`` lines nobody has answered, in ``disagreed`` two readers disagree and none has settled it; ``read_twice``
    and ``read_alike`` count the lines that both answered and answered alike, ``kappa`` how much more often than by
    chance (Cohen 1960).
    """

    name: str
    lines: tuple[Known, ...]
    judged: bool
    blank: int = 0
    disagreed: int = 0
    read_twice: int = 0
    read_alike: int = 0
    kappa: float | None = None

    def gold(self) -> Gold:
        """By the ids as they stand, without entity types: for the matches of two files."""
        right = frozenset((k.id_a, k.id_b) for k in self.lines if k.same)
        wrong = frozenset((k.id_a, k.id_b) for k in self.lines if k.same is False)
        weight = {(k.id_a, k.id_b): k.weight for k in self.lines if k.weight != 1} if self.judged else {}
        keyed = frozenset((k.id_a, k.id_b) for k in self.lines if k.same and k.keyed)
        return Gold(right, wrong if self.judged else None, {}, weight, keyed)


def read(path: Path, domains: tuple[str, str] | None = None) -> GoldFile:
    """One file: delimited text, Parquet or a workbook.

    The items stand in ``id_a`` and ``id_b`` (``local_id_a``, ``local_id_b``; ``local_id_<domain>``; without ``domains``
    else the first two columns), or by content in ``keys_a`` and ``keys_b``. Lines of other domains than these are
    passed over, and lines the other way round are turned. Raises UsageError.
    """
    columns = {n.casefold().strip(): v for n, v in _columns(path).items()}
    rows = len(next(iter(columns.values()), []))
    ids = _ids(path, columns, domains)

    def cell(name: str, i: int) -> str:
        return _plain(columns[name][i]) if name in columns else ""

    judged = any(n in columns for n in READERS) or "same" in columns
    made: list[Known] = []
    answers: list[tuple[bool, bool]] = []
    blank = disagreed = 0
    for i in range(rows):
        said = {n: _said(path, i, n, cell(n, i)) for n in (*READERS, "same", "relation")}
        first, second = said["reader_1"], said["reader_2"]
        if first is not None and second is not None:
            answers.append((first, second))
        if judged:
            # What was settled counts, else what both say, else the only one.
            same = next((said[n] for n in ("agreed", "same") if said[n] is not None), None)
            if same is None and (first is None or second is None or first == second):
                same = first if first is not None else second
            blank += same is None and first is None and second is None
            disagreed += same is None and first is not None and second is not None
        else:
            same = said["relation"] is not False
        if not judged and not same:
            continue
        (id_a, id_b), keys = ids[i], (_keys(path, i, cell("keys_a", i)), _keys(path, i, cell("keys_b", i)))
        if domains is not None and "domain_a" in columns:
            here = (cell("domain_a", i), cell("domain_b", i))
            if here == domains[::-1]:
                id_a, id_b, keys = id_b, id_a, keys[::-1]
            elif here != domains:
                continue
        if not (id_a or keys[0]) or not (id_b or keys[1]):
            continue
        keyed = cell("identifiable", i).casefold() in _YES
        weight = _number(path, i, cell("stands_for", i))
        made.append(Known(cell("entity", i), id_a, id_b, same, *keys, weight, keyed, i + 1))
    alike = sum(a == b for a, b in answers)
    return GoldFile(path.name, tuple(made), judged, blank, disagreed, len(answers), alike, _kappa(answers))


def _kappa(answers: Sequence[tuple[bool, bool]]) -> float | None:
    n = len(answers)
    if not n:
        return None
    observed = sum(a == b for a, b in answers) / n
    yes_a, yes_b = sum(a for a, _ in answers) / n, sum(b for _, b in answers) / n
    chance = yes_a * yes_b + (1 - yes_a) * (1 - yes_b)
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)


def _columns(path: Path) -> dict[str, list[str]]:
    if path.suffix.casefold() != ".xlsx" or not path.is_file():
        names, values = frame.columns(path)
        return dict(zip(names, values, strict=True))
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, OSError, KeyError, ValueError) as fault:
        raise UsageError(f"{path.name}: cannot be read as a workbook ({type(fault).__name__})") from None
    rows = [["" if c is None else str(c) for c in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    if not rows or not any(rows[0]):
        raise UsageError(f"{path.name}: its first sheet is empty; the pairs stand there under their headings")
    body = [row for row in rows[1:] if any(row)]
    return {name: [row[i] for row in body] for i, name in enumerate(rows[0]) if name}


def _ids(path: Path, columns: Mapping[str, list[str]], domains: tuple[str, str] | None) -> list[Pair]:
    chosen = [("id_a", "id_b"), ("local_id_a", "local_id_b")]
    if domains is not None:
        chosen.append((f"local_id_{domains[0]}".casefold(), f"local_id_{domains[1]}".casefold()))
    names = next((pair for pair in chosen if {*pair} <= {*columns}), None)
    if names is None and {"keys_a", "keys_b"} <= {*columns}:
        return [("", "")] * len(columns["keys_a"])
    if names is None and domains is None and len(columns) >= 2:
        first, second, *_ = columns
        names = (first, second)
    if names is None:
        wanted = " or ".join(f"{a} and {b}" for a, b in [*chosen, ("keys_a", "keys_b")])
        raise UsageError(f"{path.name}: which items are meant? It needs the columns {wanted}")
    return [(_plain(a), _plain(b)) for a, b in zip(columns[names[0]], columns[names[1]], strict=True)]


def _plain(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet program from running it."""
    return cell[1:].strip() if cell[:1] == "'" and cell[1:2] in "=+-@" else cell.strip()


def _said(path: Path, i: int, name: str, value: str) -> bool | None:
    told = value.casefold()
    if told in _YES or told in _NO:
        return told in _YES
    if not told or told == "unsure":
        return None
    raise UsageError(f"{path.name}: row {i + 1}: {name} is '{value}'; write 1 (the same), 0 (not) or nothing")


def _keys(path: Path, i: int, value: str) -> tuple[Pair, ...]:
    if not value:
        return ()
    try:
        loaded = json.loads(value)
    except ValueError:
        loaded = None
    if not isinstance(loaded, dict) or not all(isinstance(v, str) and v for v in loaded.values()):
        raise UsageError(f'{path.name}: row {i + 1}: keys are written by name, such as {{"cki": "CKI.1"}}')
    return tuple((str(k), str(v)) for k, v in loaded.items())


def _number(path: Path, i: int, value: str) -> float:
    try:
        found = float(value.replace(",", ".") or 1)
    except ValueError:
        found = 0.0
    if not 0 < found < 1e12:
        raise UsageError(f"{path.name}: row {i + 1}: stands_for is '{value}'; a number above 0 is needed")
    return found
