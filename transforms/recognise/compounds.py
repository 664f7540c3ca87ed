"""Compounds as the other side writes them: knädistorsion in two words where it says distorsion av knä."""

from __future__ import annotations

from collections.abc import Mapping

# Shorter words are no compounds; shorter parts are endings and beginnings more often than words.
_LONG, _HEAD, _TAIL = 8, 3, 4
# What may stand between the parts (fotledsdistorsion), and how much of the first may be lost or changed (njure, njur-).
_LINK = "s"
_LOST = 2


class Compounds:
    """The words of the other side, with how often each stands there."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = known
        self._stems: dict[str, str] | None = None

    def parts(self, word: str) -> list[str]:
        """The word, or two words of the other side that it is made of where that side does not know it as one."""
        if len(word) < _LONG or word in self._known or not word.isalpha():
            return [word]
        # The longest last part first: it says what the thing is.
        for cut in range(_HEAD, len(word) - _TAIL + 1):
            tail = word[cut:]
            if tail in self._known:
                head = self._head(word[:cut])
                if head is not None:
                    return [head, tail]
        return [word]

    def _head(self, part: str) -> str | None:
        """The word of the other side that a first part stands for."""
        bare = part[:-1] if part.endswith(_LINK) and len(part) > _HEAD + 1 else part
        for own in (part, bare):
            if own in self._known:
                return own
        stems = self._of_stems()
        return stems.get(part) or stems.get(bare)

    def _of_stems(self) -> dict[str, str]:
        if self._stems is None:
            best: dict[str, tuple[int, str]] = {}
            for word, count in self._known.items():
                for lost in range(1, _LOST + 1):
                    stem = word[: len(word) - lost]
                    if len(stem) >= _HEAD + 1 and word.isalpha():
                        best[stem] = max(best.get(stem, (0, "")), (count, word))
            self._stems = {stem: word for stem, (_, word) in best.items()}
        return self._stems
