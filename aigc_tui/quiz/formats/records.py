"""What a format's writer and reader give back; an item that a format cannot hold is named, never cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aigc_tui.message import Message
from aigc_tui.quiz.records import Item, Quiz


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that a format cannot hold, with the first words of its stem and the reason."""

    id: str
    stem: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Written:
    """An export, the items that the format cannot hold, and the parts of held items that it loses."""

    data: bytes
    left_out: tuple[LeftOut, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that could not be read as a question: the line, element or row, and why."""

    where: Message
    reason: Message


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds: questions (origin `human` unless it says otherwise), and what could not be read."""

    title: str
    items: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """How to export.

    Args:
        language: The language of the fixed words (`Answer`, `Explanation` ...): `en` or `zh`.
        answers: Worksheets: `after` each item, at the `end`, or `none` (a sheet for the class).
        deck: Anki: the deck's name; empty: the quiz's title.
    """

    language: str = "en"
    answers: str = "end"
    deck: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """One format by its name on the command line; `suffix` has a dot; without `read` it goes one way."""

    name: str
    suffix: str
    write: Callable[[Quiz, Options], Written]
    read: Callable[[bytes], Read] | None = None
