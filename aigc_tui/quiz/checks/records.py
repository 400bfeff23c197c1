"""What checks take and return: a `Context`, and a `Verdict` that fails exactly when a reason is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from aigc_tui.locale import Translate
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import Item
from aigc_tui.text import one_line


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check says of one item.

    Args:
        check: The check's name, as in the quiz file's `checks`.
        passed: Whether it is satisfied.
        hard: A failed hard check keeps an item out of a made quiz; a soft one is shown to the teacher.
        reason: One English line: what is wrong and where; empty when passed.
        found: The words at fault, verbatim: what a screen in any language shows beside the check's own line.
    """

    check: str
    passed: bool
    hard: bool
    reason: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What checks may look at beside the item itself.

    Args:
        language: `en` or `zh`.
        lesson: The lesson; None for questions that no lesson backs (checks that need one are then left out).
        aliases: Names that mean the same, normalised, each to the names it stands for (see `analysis`).
    """

    language: str
    lesson: Lesson | None = None
    aliases: tuple[tuple[str, str], ...] = ()


class Check(Protocol):
    """A named pure function from an item to a verdict; None: the check says nothing of such an item."""

    def __call__(self, item: Item, context: Context) -> Verdict | None:
        """Judge one item."""
        ...


_LONGEST = 120


def check_name(check: str, t: Translate) -> str:
    """What a check demands, in the user's language; its own name where the catalogue has none.

    A quiz file may carry the name of a check that this version does not know.
    """
    key = f"checks.{check}"
    named = t(key)
    return check.replace("_", " ") if named == key else named


def hard(check: str, reason: str = "", found: str = "") -> Verdict:
    """The verdict of a check that keeps an item out; it passes when there is no reason."""
    return _verdict(check, True, reason, found)


def soft(check: str, reason: str = "", found: str = "") -> Verdict:
    """The verdict of a check that only warns; it passes when there is no reason."""
    return _verdict(check, False, reason, found)


def _verdict(check: str, is_hard: bool, reason: str, found: str) -> Verdict:
    if not reason:
        return Verdict(check, True, is_hard)
    return Verdict(check, False, is_hard, one_line(reason), one_line(found, _LONGEST))


def quoted(text: str) -> str:
    """A text of the item inside a reason: short, on one line, in quotation marks."""
    return f'"{one_line(text, 60)}"'
