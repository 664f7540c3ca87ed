"""National reference lists: which codes there are, which are valid, and how a code looks where no list is here."""

from transforms.land.national.model import CodeList, load_lists
from transforms.land.national.store import Added, Version, add, carry, tested, versions

__all__ = ["Added", "CodeList", "Version", "add", "carry", "load_lists", "tested", "versions"]
