"""Files packed as domains pack them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import pyarrow as pa


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


def zipped(*members: tuple[str | zipfile.ZipInfo, str | bytes], mode: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", mode) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return made.getvalue()


def tarred(*members: tuple[str | tarfile.TarInfo, bytes], mode: Literal["w", "w:gz", "w:xz"] = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def extract(archive: Path, into: Path) -> None:
    """The files of a tar archive, in a folder. tarfile's own filters came with Python 3.11.4."""
    with tarfile.open(archive) as packed:
        for member in packed:
            source = packed.extractfile(member) if member.isfile() else None
            if source is not None:
                target = into / member.name
                assert target.resolve().is_relative_to(into.resolve()), member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read())
