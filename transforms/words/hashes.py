"""A hash of what is written always alike."""

from __future__ import annotations

import hashlib


def digest(*values: object) -> str:
    """A hash of values that are written by repr always alike: text, numbers, lists and tuples of these."""
    return hashlib.sha256(repr(values).encode()).hexdigest()
