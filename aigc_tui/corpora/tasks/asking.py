"""What every family of tasks shares: one made exchange, and helpers to cut and choose text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

Row = Mapping[str, Any]

_SENTENCE_END = re.compile(r"[.!?][\"'”’)]*(?=\s+[\"'“‘A-Z0-9])|[。！？；][”’」』）]*|\n+")


@dataclass(frozen=True, slots=True)
class Asked:
    """One made exchange.

    Args:
        language: ``en`` or ``zh``, the language of the talk; it decides which persona may stand before it.
        turns: What user and assistant say in turn, the user first and the assistant last.
        key: What decides whether it is held out: the same for all exchanges that are made from one passage,
            so that no passage is seen in training and measured on too. Empty means: the turns themselves.
    """

    language: str
    turns: tuple[str, ...]
    key: str = ""


def language_of(text: str) -> str:
    """Say ``zh`` if the text holds any Chinese character, else ``en``."""
    return "zh" if re.search("[\u4e00-\u9fff]", text) else "en"


def sentences(text: str) -> list[str]:
    """Split English or Chinese text after its stops; parts keep their punctuation."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    parts = (text[begin:end].strip() for begin, end in itertools.pairwise(ends))
    return [part for part in parts if part]


def around(text: str, needed: str, limit: int) -> str:
    """Cut whole sentences, up to `limit` characters, around the one that holds `needed`; empty: none fits."""
    parts = sentences(text)
    at = next((i for i, part in enumerate(parts) if needed in part), -1)
    if at < 0 or len(parts[at]) > limit:
        return ""
    first = last = at
    used = len(parts[at])
    while True:
        more = [i for i in (first - 1, last + 1) if 0 <= i < len(parts) and used + len(parts[i]) < limit]
        if not more:
            return joined(parts[first : last + 1])
        used += len(parts[more[0]]) + 1
        first, last = min(first, more[0]), max(last, more[0])


def joined(parts: Sequence[str]) -> str:
    """Put sentences together as their language writes them."""
    return ("" if parts and language_of(parts[0]) == "zh" else " ").join(parts)


def cased(text: str, random: Random) -> str:
    """Begin a request with a small or a large letter, as people do."""
    return text[:1].upper() + text[1:] if random.random() < 0.75 else text


def closed(text: str) -> str:
    """Let a reply end like a sentence."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    if text and text[-1] not in ".!?。！？”\"'":
        text += "。" if language_of(text) == "zh" else "."
    return text


def several(rows: Sequence[Row], random: Random) -> Iterator[Row]:
    """Go through rows in a random order, once."""
    order = list(range(len(rows)))
    random.shuffle(order)
    return (rows[i] for i in order)
