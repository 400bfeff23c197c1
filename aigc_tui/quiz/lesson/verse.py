"""Whether lines are a poem's: short, several, and broken where the author wanted it.

Why it exists: a poem joined into a paragraph is destroyed, a wrapped paragraph taken for a poem as well.
"""

from __future__ import annotations

from aigc_tui.quiz.lesson.blocks import has_han
from aigc_tui.text import width

_LONGEST = 52
"""Terminal cells of a verse; prose is wrapped at 60 and more."""
_MOST_LINES = 60
_EAST_ENDS = "，。！？；、,.!?;"


def is_verse(lines: list[str], broken_by_hand: bool = False) -> bool:
    """Judge the lines of one block.

    Args:
        lines: Between two empty lines.
        broken_by_hand: Every line but the last ends in a mark that asks for the break.
    """
    lines = [line.strip() for line in lines if line.strip()]
    if not 2 <= len(lines) <= _MOST_LINES or any(len(line) > _LONGEST for line in lines):
        return False
    if any(width(line) > _LONGEST for line in lines):
        return False
    if broken_by_hand:
        return len(lines) >= 3
    if all(has_han(line[0]) for line in lines):
        return all(line[-1] in _EAST_ENDS for line in lines) and max(map(len, lines)) <= 20
    capital = all(line.lstrip("\"'“‘—- ")[:1].isupper() for line in lines)
    return len(lines) >= 4 and capital and any(line[-1] in ",;:" for line in lines)
