"""Where chance comes from: a seed, and nothing else.

Why it exists: the same lesson, request and program must give the same file, down to the ids. Each slot has a
source of chance of its own, so that a refused candidate does not change the items after it.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from aigc_tui.quiz.making.records import Slot

_T = TypeVar("_T")


def slot_name(slot: Slot) -> str:
    """What a slot is about, in a form that does not depend on when it was tried."""
    answer = f"{slot.answer.start}-{slot.answer.end}" if slot.answer else ""
    span = f"{slot.sequence.start}" if slot.sequence else ",".join(str(d.start) for d in slot.definitions)
    return f"{slot.type}/{slot.form}/{slot.sentence}/{answer}/{span}"


@dataclass
class Draw:
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
