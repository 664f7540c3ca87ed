"""A pair's files, the explorer's and what the pages asked, taken over where they would come out the same.

``made.txt`` beside them says what they were made of (the pair's fingerprint in the publication, and this package's
code) and what they are (a hash of them all). Files that are made of something else, of which one is missing or is no
longer what was written, are written again.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

ANSWERS: Final = "answers.json"
_MADE: Final = "made.txt"


def take_over(old: Path, new: Path, made_of: str) -> bool:
    """Copy the files of folder ``old`` into ``new``, which is made, if they are made of this. Tells whether it did."""
    try:
        told = (old / _MADE).read_text("utf-8")
        files = {path.name: path.read_bytes() for path in _files(old)}
    except (OSError, UnicodeError):
        return False
    if told != _told(made_of, files):
        return False
    new.mkdir(parents=True)
    for name, content in files.items():
        (new / name).write_bytes(content)
    (new / _MADE).write_text(told, encoding="utf-8", newline="\n")
    return True


def write(new: Path, made_of: str, write_files: Callable[[], object]) -> None:
    """Have the files of folder ``new`` written, and say of what they are made."""
    write_files()
    files = {path.name: path.read_bytes() for path in _files(new)}
    (new / _MADE).write_text(_told(made_of, files), encoding="utf-8", newline="\n")


def _files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.js"), *folder.glob(ANSWERS)])


def _told(made_of: str, files: Mapping[str, bytes]) -> str:
    content = hashlib.sha256()
    for name, text in files.items():
        content.update(f"{name} {len(text)}\n".encode())
        content.update(text)
    return f"made of {made_of} by {_code()}\nholds {content.hexdigest()}\n"


@functools.cache
def _code() -> str:
    content = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()
