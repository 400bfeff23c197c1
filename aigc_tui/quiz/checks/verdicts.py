"""How checks word what they found.

Why it exists: a verdict passes exactly when no reason is given, so that no check can fail without saying why.
"""

from __future__ import annotations

from aigc_tui.quiz.checks.records import Verdict
from aigc_tui.text import one_line

_LONGEST = 120


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
