"""A value as tokens: words in one spelling, numbers, quantities in their base unit, codes.

Letters are never folded: å is not a. Tokens carry their class in their first sign: ``w`` word, ``n`` number,
``q`` quantity, ``c`` code (letters and digits together), ``i`` a single letter.
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata

from transforms.recognise import vocabulary

_V = vocabulary.load()
# Words come again and again; so many are not taken apart anew.
_REMEMBERED = 200_000
_DIGIT = re.compile(r"\d")
_GROUPED = re.compile(
    r"(?<![\d.,])(\d{1,3})((?:[\u00a0\u2009\u202f]\d{3})+)(?!\d)|(?<![\d.,])([1-9]\d{0,2})((?:[ ,]000)+)(?!\d)"
)
_THIN = re.compile(r"[\u00a0\u2009\u202f]")
_COMMA = re.compile(r"(?<=\d),(?=\d)")
_HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
                          "\u00b5": "µ", "\u03bc": "µ", "\u2019": "'", "\u2018": "'", "`": "'", "\u00b4": "'",
                          "\u201c": '"', "\u201d": '"'})  # fmt: skip
_QUANTITY = re.compile(
    rf"(?<![\w.])(\d+(?:\.\d+)?)[ -]?({_V.unit_pattern})"
    rf"(?:\s?/\s?(\d+(?:\.\d+)?)?\s?({_V.unit_pattern}|dos|dose)(?![\w]))?(?![\w'])"
)
# A number that a unit could follow: it saves the search for each unit.
_MAYBE = re.compile(rf"\d[ -]?(?:{'|'.join(sorted({re.escape(u[0]) for u in _V.units}))})")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CHUNK = re.compile(r"[^\W_](?:[^\W_]|[-/.'_](?=[^\W_]))*")
# Scripts that put no blanks between words: Han, Kana, Hangul's syllables, Thai, Lao, Khmer.
_UNPARTED = re.compile("([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff\u1780-\u17ff]+)")
_INNER = re.compile(r"[-/.'_]")


def normal(value: str) -> str:
    """Lower case, NFC, one kind of blank, hyphen and quote, HTML entities resolved, decimal comma as a point."""
    text = html.unescape(value) if "&" in value else value
    # Most values are plain: what cannot be in them is not looked for.
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_HYPHENS)
    elif "`" in text:
        text = text.translate(_HYPHENS)
    text = text.lower()
    if _DIGIT.search(text):
        if "000" in text or _THIN.search(text):
            text = _GROUPED.sub(lambda m: re.sub(r"\D", "", m.group()), text)
        if "," in text:
            text = _COMMA.sub(".", text)
    return " ".join(text.split())


def _trim(number: float) -> str:
    return f"{number:.6g}"


def quantities(text: str) -> tuple[list[str], str]:
    """The quantities in a normal text, as tokens, and the text without them."""
    if not _DIGIT.search(text):
        return [], text
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        amount, unit, per, per_unit = match.groups()
        own = _V.units[unit]
        value, name = float(amount) * own.factor, own.base
        if per_unit:
            other = _V.units.get(per_unit)
            if other and other.base == own.base:
                # 800mg/160mg: two strengths, no ratio.
                found.append(f"q{_trim(float(per or 1) * other.factor)}{other.base}")
            elif other:
                value, name = value / (float(per or 1) * other.factor or 1.0), f"{name}/{other.base}"
            else:
                value, name = value / (float(per or 1) or 1.0), f"{name}/dos"
        found.append(f"q{_trim(value)}{name}")
        return " | "

    if not _MAYBE.search(text):
        return [], text
    return found, _QUANTITY.sub(take, text)


def chunks(text: str) -> list[str]:
    """A normal text cut at blanks and signs; hyphens, slashes and points inside a word stay for now."""
    found = _CHUNK.findall(text)
    if text.isascii() or not _UNPARTED.search(text):
        return found
    return [piece for chunk in found for run in _UNPARTED.split(chunk) for piece in _twos(run)]


def _twos(run: str) -> list[str]:
    """Every two signs in a row of a script without blanks; a run of any other script as it is."""
    if len(run) < 3 or not _UNPARTED.match(run):
        return [run] if run else []
    return [run[i : i + 2] for i in range(len(run) - 1)]


@functools.lru_cache(_REMEMBERED)
def parts(chunk: str) -> tuple[str, ...]:
    """A chunk cut at its inner signs."""
    if _NUMBER.fullmatch(chunk):
        return (chunk,)
    return tuple(p for p in _INNER.split(chunk) if p)


@functools.lru_cache(_REMEMBERED)
def joined(chunk: str) -> str:
    """A chunk without its inner signs."""
    return chunk if _NUMBER.fullmatch(chunk) else _INNER.sub("", chunk)


@functools.lru_cache(_REMEMBERED)
def token(word: str) -> str:
    """A word as a token of its class, in the spelling that stands for it."""
    if word.isdigit() or _NUMBER.fullmatch(word):
        return "n" + _trim(float(word)) if len(word) < 7 else "c" + word
    if _DIGIT.search(word):
        return "c" + word
    own = _V.canonical.get(word, word)
    return ("i" if len(own) == 1 else "w") + own
