"""A folder that is built beside the one it replaces and then put in its place."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from transforms.words.errors import UsageError, WarehouseError

MARK: Final = ".likare-site"


@contextmanager
def built_beside(out: Path) -> Iterator[Path]:
    """Give a new folder beside ``out`` to build in; on leaving well put it in ``out``'s place and drop the old one."""
    if out.exists() and not (out.is_dir() and ((out / MARK).is_file() or not any(out.iterdir()))):
        raise UsageError(f"{out} holds something other than a Likare site: name an empty or a new folder")
    new = out.with_name(f".{out.name}.building")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(new, ignore_errors=True)  # left by a build that was killed
        new.mkdir()
        (new / MARK).touch()
        yield new
        _swap(new, out)
    except OSError as error:
        raise WarehouseError(f"the site cannot be written to {out}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _swap(new: Path, out: Path) -> None:
    """Put ``new`` where ``out`` is. Where the system can exchange two folders in one step, no reader sees neither."""
    if not out.exists():
        new.rename(out)
        return
    if _exchange(new, out):
        return  # `new` is now the old site and is removed by the caller
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    out.rename(old)
    new.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders with Linux's renameat2; False where the system or the file system has no such call."""
    try:
        renameat2: Callable[..., int] = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0
