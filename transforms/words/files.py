"""Files of people, read and written whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from transforms.words.errors import LikareError


def read_text(path: Path, kind: type[LikareError]) -> str:
    """The text of a file, its byte order mark left out. Raises ``kind`` where it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise kind(f"{path}: not UTF-8 text (byte {fault.start}); save it as UTF-8") from None
    except OSError as fault:
        raise kind(f"{path}: cannot be read ({fault.strerror})") from None


@contextlib.contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A name beside the file to write under. On leaving well it takes the file's place, else nothing of it is left.

    Its ending is ``.new`` whatever the file's is: what a killed process leaves is taken for no file of that kind.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write the text as UTF-8, whole or not at all; its line ends stay as they are."""
    with written_beside(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="")
