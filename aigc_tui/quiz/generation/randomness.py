"""Everything random in a quiz, drawn from its seed: ids, order and choice of options, the balance of keys.

The same lesson, request and program make the same file. Each slot has a generator of its own, so that a
refused candidate does not change the items after it.
"""

from __future__ import annotations

import hashlib
import random
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from aigc_tui.quiz.planning.records import Slot

_T = TypeVar("_T")


def slot_name(slot: Slot) -> str:
    """What a slot is about, in a form that does not depend on when it was tried."""
    answer = f"{slot.answer.start}-{slot.answer.end}" if slot.answer else ""
    span = f"{slot.sequence.start}" if slot.sequence else ",".join(str(d.start) for d in slot.definitions)
    return f"{slot.type}/{slot.form}/{slot.sentence}/{answer}/{span}"


@dataclass
class Randomness:
    """Chance for one quiz: per-slot sources, and the balance of key positions and of true and false."""

    seed: int
    lesson: str
    """The lesson's sha256."""
    positions: Counter[tuple[int, int]] = field(default_factory=Counter)
    """How often the key stood at a place, by (number of options, place)."""
    truths: Counter[bool] = field(default_factory=Counter)
    keys: int = 0
    """How many multiple-choice items were kept."""
    longest: int = 0
    """How many of their keys are the single longest option."""

    def of(self, slot: Slot) -> random.Random:
        """The slot's own source."""
        return random.Random(f"{self.seed}|{self.lesson}|{slot_name(slot)}")

    def item_id(self, slot: Slot) -> str:
        """A stable id in the form of a UUID (version 8: a hash of our own, RFC 9562 section 5.8)."""
        digest = hashlib.sha256(f"{self.lesson}|{self.seed}|{slot_name(slot)}".encode()).digest()
        value = int.from_bytes(digest[:16], "big")
        value = value & ~(0xF << 76) | 0x8 << 76
        value = value & ~(0b11 << 62) | 0b10 << 62
        return str(uuid.UUID(int=value))

    def place(self, options: int, source: random.Random) -> int:
        """Where the key goes: a place that was used least so far, so that no letter is a good guess."""
        fewest = min(self.positions[options, place] for place in range(options))
        return source.choice([p for p in range(options) if self.positions[options, p] == fewest])

    def truth(self, source: random.Random) -> bool:
        """Whether the next statement should be true: what was used less; a draw when even."""
        if self.truths[True] == self.truths[False]:
            return source.random() < 0.5
        return self.truths[True] < self.truths[False]


def shuffled(things: Sequence[_T], source: random.Random) -> tuple[_T, ...]:
    """A shuffled copy that is never the order given, where there is another."""
    order = list(things)
    for _ in range(8):
        source.shuffle(order)
        if len(order) < 2 or order != list(things):
            break
    return tuple(order)


_MOST = 3
_LONGEST_SHARE = 0.25
"""Of keys, how many may be the single longest option: what chance would give with four."""
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def arrange(
    key: str, wrong: tuple[str, ...], numeric: bool, draw: Randomness, source: random.Random
) -> tuple[tuple[str, ...], int]:
    """Choose distractors and put them and the key in order; gives the options and the key's place."""
    chosen = _choose(key, wrong, draw)
    if numeric and all(_NUMBER.search(each) for each in (key, *chosen)):
        options = tuple(by_value([key, *chosen]))
        return options, options.index(key)
    place = draw.place(len(chosen) + 1, source)
    others = list(chosen)
    source.shuffle(others)
    return (*others[:place], key, *others[place:]), place


def by_value(options: list[str]) -> list[str]:
    """Numbers and dates in their order; a list that holds anything else as it is."""
    return sorted(options, key=_value) if all(_NUMBER.search(each) for each in options) else options


def note(options: tuple[str, ...], place: int, draw: Randomness) -> None:
    """Remember where the key of a kept item stands and whether it is the longest."""
    draw.positions[len(options), place] += 1
    key = len(options[place])
    draw.keys += 1
    draw.longest += all(len(other) < key for at, other in enumerate(options) if at != place)


def _choose(key: str, wrong: tuple[str, ...], draw: Randomness) -> tuple[str, ...]:
    """The best three; when keys were the longest too often, one at least as long takes the last place."""
    chosen = list(wrong[:_MOST])
    is_longest = all(len(other) < len(key) for other in chosen)
    if is_longest and draw.longest + 1 > _LONGEST_SHARE * (draw.keys + 1):
        longer = next((other for other in wrong[_MOST:] if len(other) >= len(key)), None)
        if longer:
            chosen[-1] = longer
    return tuple(chosen)


def _value(text: str) -> float:
    match = _NUMBER.search(text)
    assert match is not None
    return float(match[0].replace(",", ""))
