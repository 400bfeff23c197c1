"""What checks take and return: a `Context`, and a `Verdict` that fails exactly when a reason is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from aigc_tui.message import Message, Translate
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import Item
from aigc_tui.text import one_line


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check says of one item.

    Args:
        hard: A failed hard check keeps an item out of a made quiz; a soft one is shown to the teacher.
        said: What is wrong and where; None when passed.
        found: The words at fault, verbatim.
    """

    check: str
    passed: bool
    hard: bool
    said: Message | None = None
    found: str = ""

    @property
    def reason(self) -> str:
        """What is wrong, as one English line; empty when passed."""
        return one_line(str(self.said)) if self.said else ""


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as the store keeps it."""
    said = verdict.said.to_json() if verdict.said else None
    return {
        "check": verdict.check,
        "passed": verdict.passed,
        "hard": verdict.hard,
        "said": said,
        "found": verdict.found,
    }


def verdict_from_json(value: dict[str, Any]) -> Verdict:
    """What `verdict_to_json` wrote; older stores hold an English `reason` instead of `said`."""
    said = value.get("said") or value.get("reason")
    message = Message.from_json(said) if said else None
    return Verdict(value["check"], value["passed"], value["hard"], message, value["found"])


@dataclass(frozen=True, slots=True)
class Context:
    """What checks may look at beside the item itself.

    Args:
        lesson: None for questions that no lesson backs: checks that need one are then left out.
        aliases: Names that mean the same, normalised, each to the names it stands for.
    """

    language: str
    lesson: Lesson | None = None
    aliases: tuple[tuple[str, str], ...] = ()


class Check(Protocol):
    """A named pure function from an item to a verdict; None: the check says nothing of such an item."""

    def __call__(self, item: Item, context: Context) -> Verdict | None: ...


_LONGEST = 120


def check_name(check: str, t: Translate) -> str:
    """What a check demands; its own name where the catalogue has none (a check of another version)."""
    key = f"checks.{check}"
    named = t(key)
    return check.replace("_", " ") if named == key else named


def hard(check: str, reason: Message | None = None, found: str = "") -> Verdict:
    """The verdict of a check that keeps an item out; it passes when there is no reason."""
    return _verdict(check, True, reason, found)


def soft(check: str, reason: Message | None = None, found: str = "") -> Verdict:
    """The verdict of a check that only warns; it passes when there is no reason."""
    return _verdict(check, False, reason, found)


def _verdict(check: str, is_hard: bool, reason: Message | None, found: str) -> Verdict:
    if reason is None:
        return Verdict(check, True, is_hard)
    return Verdict(check, False, is_hard, reason, one_line(found, _LONGEST))


def shortly(text: str) -> str:
    """A text of the item inside a reason: on one line, and short."""
    return one_line(text, 60)
