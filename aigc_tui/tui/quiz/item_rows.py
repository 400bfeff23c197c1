"""One question as a row of the review list, computed without any widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.content import Content
from textual.style import Style

from aigc_tui.locale import Translate
from aigc_tui.quiz.entries import Entry, ItemState
from aigc_tui.text import shorten, width
from aigc_tui.tui.plain import plain, plain_line
from aigc_tui.tui.quiz.names import FILTERS as FILTER_NAMES
from aigc_tui.tui.quiz.names import TYPES, worded

Filter = Literal["all", "new", "accepted", "flawed"]
FILTERS: tuple[Filter, ...] = ("all", "new", "accepted", "flawed")
STEM_LIMIT = 300
TYPE_CELLS = 11
"""So that stems stand below each other in a list of one line a question."""


def hard_flaw(entry: Entry) -> bool:
    """Whether a check failed that keeps an item out of a made quiz."""
    return any(verdict.hard and not verdict.passed for verdict in entry.verdicts)


def flawed(entry: Entry) -> bool:
    """Whether any check failed."""
    return any(not verdict.passed for verdict in entry.verdicts)


def passes(entry: Entry, chosen: Filter) -> bool:
    """Whether a filter lets an entry through; deleted ones never."""
    if entry.state is ItemState.DELETED:
        return False
    match chosen:
        case "all":
            return True
        case "flawed":
            return flawed(entry)
        case _:
            return entry.state.value == chosen


def filter_bar(entries: Sequence[Entry], chosen: Filter, t: Translate) -> Content:
    """Each filter with how many questions it lets through; the one in force stands out; a click chooses."""
    parts = []
    for name in FILTERS:
        count = sum(passes(entry, name) for entry in entries)
        style = "bold $accent" if name == chosen else "$text-muted"
        click = Style.from_meta({"@click": f"screen.filter('{name}')"})
        parts.append(plain_line(f"{t(FILTER_NAMES[name])} {count}", style=style).stylize(click))
    return Content("   ").join(parts)


def mark(entry: Entry) -> Content:
    """What was decided (✓ accepted, · not yet), and what the checks say (! hard, ? soft)."""
    state = ("✓", "$success bold") if entry.state is ItemState.ACCEPTED else ("·", "$text-muted")
    flaw = ("!", "$error bold") if hard_flaw(entry) else ("?", "$warning bold") if flawed(entry) else " "
    lock = ("◆", "$accent") if entry.locked else " "
    return Content.assemble(state, flaw, lock)


def row_lines(entry: Entry, number: int, t: Translate, cells: int, *, lines: int) -> list[Content]:
    """An entry as one or two rows of at most `cells`.

    Args:
        entry: What to show.
        number: Its place in the quiz, from 1.
        t: The catalogue in use.
        cells: The width.
        lines: 1: number, marks, type and stem beside each other; 2: the stem below.
    """
    kind = worded(TYPES, entry.item.type.value, t)
    head = Content.assemble((f"{number:>3} ", "$text-muted"), mark(entry), " ", plain(kind, "$primary"))
    stem = plain_line(entry.item.stem, STEM_LIMIT).plain
    if lines == 2:
        return [head, plain("    " + shorten(stem, max(cells - 4, 1)))]
    gap = " " * max(1, TYPE_CELLS - width(kind))
    used = head.cell_length + len(gap)
    return [Content.assemble(head, gap, plain(shorten(stem, max(cells - used, 1))))]
