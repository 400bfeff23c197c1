"""Untrusted text: make it harmless, measure it, shorten it, guess its language.

`clean` replaces single code points, never sequences, so that it may be applied to every chunk of a stream on
its own: ``clean(a) + clean(b) == clean(a + b)`` for every split (reference engine-safety E1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

ELLIPSIS = "…"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_CONTROL_PICTURES = 0x2400

_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"\s+")
_WORDS = re.compile(r"[^\W\d_]+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_JOINER = "\u200d"
_WIDE_SELECTOR = "\ufe0f"


def _replacements() -> dict[int, str]:
    table = {code: chr(_CONTROL_PICTURES + code) for code in range(0x20) if chr(code) not in "\t\n"}
    table[0x7F] = "\N{SYMBOL FOR DELETE}"
    # "\r\n" and "\r" cannot be told apart at the end of a chunk; dropping every "\r" is safe for any split.
    table[0x0D] = ""
    # str.splitlines breaks at these two; as "\n" every reader agrees on where a line ends.
    table.update({0x2028: "\n", 0x2029: "\n"})
    hostile = (*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
    table.update(dict.fromkeys(hostile, REPLACEMENT))
    table.update(dict.fromkeys(range(0xD800, 0xE000), REPLACEMENT))
    table.update(dict.fromkeys(range(0xE0000, 0xE0080), REPLACEMENT))
    return table


_TABLE = _replacements()


def clean(text: str) -> str:
    r"""Replace what a terminal, a database or a bidi-aware reader could be misled by with a visible mark.

    C0 except tab and newline, DEL, C1, bidi overrides and isolates, U+FEFF, the tag block and lone surrogates
    go; ``\r`` vanishes; U+2028 and U+2029 become newlines. Emoji joined by ZWJ, CJK and combining marks stay.
    Split-safe and idempotent (engine-safety E1). Returns the same object when nothing had to be replaced.
    """
    return text.translate(_TABLE) if _HOSTILE.search(text) else text


def one_line(text: str, limit: int = 200) -> str:
    """Clean a text and fold it into one line, cut with an ellipsis after `limit` characters."""
    line = _SPACES.sub(" ", clean(text)).strip()
    return line if len(line) <= limit else line[: max(limit - 1, 0)].rstrip() + ELLIPSIS


def _is_modifier(char: str) -> bool:
    """Tell whether a character adds no cell of its own (combining marks, format characters, skin tones)."""
    return unicodedata.category(char) in {"Mn", "Me", "Cf"} or "\U0001f3fb" <= char <= "\U0001f3ff"


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _clusters(text: str) -> Iterator[str]:
    """Split a text into what a reader takes for one character (a short form of Unicode Annex 29)."""
    cluster = ""
    for char in text:
        second_flag = _is_flag_half(char) and len(cluster) == 1 and _is_flag_half(cluster)
        if cluster and (_is_modifier(char) or cluster.endswith(_JOINER) or second_flag):
            cluster += char
        else:
            if cluster:
                yield cluster
            cluster = char
    if cluster:
        yield cluster


def _cells(cluster: str) -> int:
    first = cluster[0]
    if first == "\n" or _is_modifier(first):
        return 2 if "\U0001f3fb" <= first <= "\U0001f3ff" else 0
    wide = unicodedata.east_asian_width(first) in "WF" or _WIDE_SELECTOR in cluster or _is_flag_half(first)
    return 2 if wide else 1


def width(text: str) -> int:
    """Count the terminal cells that a text takes; a newline takes none."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_cells, _clusters(text)))


def shorten(text: str, cells: int) -> str:
    """Cut a text to a number of terminal cells, never inside a character, and end it with an ellipsis."""
    if width(text) <= cells:
        return text
    kept, used = "", width(ELLIPSIS)
    for cluster in _clusters(text):
        used += _cells(cluster)
        if used > cells:
            break
        kept += cluster
    return kept.rstrip() + ELLIPSIS if cells > 0 else ""


def guess_language(text: str, default: str = "en") -> str:
    """Guess whether a text is Chinese (``"zh"``) or English (``"en"``) by the share of Han letters.

    A Han letter counts as much as a whole word of other letters, so that a Chinese sentence about English
    names stays Chinese. A text without any letter gets `default`.
    """
    han = len(_HAN.findall(text))
    words = len(_WORDS.findall(_HAN.sub(" ", text)))
    if han + words == 0:
        return default
    return "zh" if han >= words else "en"
