"""The order of options, and which of several distractors to take.

Why it exists: the place of the key and its length are what test-wise learners guess by. Numbers and dates
stand in their order; everything else is dealt so that each place holds the key equally often.
"""

from __future__ import annotations

import random
import re

from aigc_tui.quiz.making.draw import Draw

_MOST = 3
_LONGEST_SHARE = 0.25
"""Of keys, how many may be the single longest option: what chance would give with four."""
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def arrange(
    key: str, wrong: tuple[str, ...], numeric: bool, draw: Draw, source: random.Random
) -> tuple[tuple[str, ...], int]:
    """Choose distractors and put them and the key in order.

    Returns:
        The options and the key's place.
    """
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


def note(options: tuple[str, ...], place: int, draw: Draw) -> None:
    """Remember where the key of a kept item stands and whether it is the longest."""
    draw.positions[len(options), place] += 1
    key = len(options[place])
    draw.keys += 1
    draw.longest += all(len(other) < key for at, other in enumerate(options) if at != place)


def _choose(key: str, wrong: tuple[str, ...], draw: Draw) -> tuple[str, ...]:
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
