"""What a table is called that neither the manifest nor the catalogue names: after its file, or after its folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from transforms.catalogue.conventions import Conventions
from transforms.land.unpack import Part

_FIRST = 1 << 16
_IN_COMMON = 0.6


def tables_by_name(parts: Sequence[Part], conventions: Conventions) -> dict[str, str]:
    """By name of a part, the table it holds: its folder where that is the table, else its file; never two in one.

    Some products deliver a folder a table, with as many files in it as their authors liked. That is so where the files
    of a folder all begin with the same column and have most columns in common (housekeeping, which all tables have,
    aside), or where the one file in it is called after the folder; and then of every folder in the delivery.
    """
    folders: dict[str, list[Part]] = {}
    for part in parts:
        if "/" in part.name:
            folders.setdefault(part.name.rsplit("/", 1)[0], []).append(part)
    alike = {f for f, inside in folders.items() if len(inside) > 1 and _are_alike(inside, conventions)}
    alone = {f for f, inside in folders.items() if len(inside) == 1}
    if not alike:
        alone = {f for f in alone if _is_called_after(folders[f][0], _plain(f))}
    found = {part.name: _plain(folder) for folder in alike | alone for part in folders[folder]}
    files = [p for p in parts if p.name not in found]
    counted = Counter(_file(p) for p in files)
    return found | {p.name: _file(p) if counted[_file(p)] == 1 else _whole(p) for p in files}


def _plain(path: str) -> str:
    return re.sub(r"[^\w]+", "_", path.rsplit("/", 1)[-1]).upper()


def _file(part: Part) -> str:
    return _plain((part.otherwise or part.name).rsplit("/", 1)[-1].rsplit(".", 1)[0])


def _whole(part: Part) -> str:
    return re.sub(r"[^\w]+", "_", (part.otherwise or part.name).rsplit(".", 1)[0]).upper()


def _is_called_after(part: Part, folder: str) -> bool:
    stem, plain = _file(part).replace("_", ""), folder.replace("_", "")
    return min(len(stem), len(plain)) > 2 and (stem in plain or plain in stem)


def _are_alike(parts: Sequence[Part], conventions: Conventions) -> bool:
    headings = [_headings(part, conventions) for part in parts if part.path.stat().st_size]
    if not headings or not all(headings):
        return False
    first = headings[0]
    return all(
        one[0] == first[0] and len({*one} & {*first}) >= _IN_COMMON * min(len({*one}), len({*first}))
        for one in headings
    )


def _headings(part: Part, conventions: Conventions) -> list[str]:
    """The headings of a text file but for housekeeping, none for any other file."""
    if part.form != "text":
        return []
    with part.path.open("rb") as handle:
        line = handle.read(_FIRST).splitlines()[0]
    text = line.decode("utf-8-sig", errors="replace").replace("\0", "")
    names = [name.strip().strip('"').upper() for name in re.split(r"[,;|\t]", text)]
    return [name for name in names if not conventions.is_ignored(name)]
