"""What became of what was asked for, in one line: "asked 12, made 10; 2 rejected: duplicate 2".

Why it exists: a quiz is never padded; what could not be made is said, by name.
"""

from __future__ import annotations

from collections.abc import Sequence

from aigc_tui.locale import Translate
from aigc_tui.quiz.making.reasons import REASONS
from aigc_tui.quiz.records import Rejection
from aigc_tui.tui.quiz.item_lines import check_name


def yield_line(
    asked: int, made: int, rejected: Sequence[Rejection], t: Translate, *, kept: bool = False
) -> str:
    """Word a yield.

    Args:
        asked: How many items were asked for; 0: as many as the lesson carries.
        made: How many are there.
        rejected: What was turned away, by reason.
        t: The catalogue in use.
        kept: Whether it tells of a quiz from which something may have been deleted since.
    """
    key = "quiz.yield_kept" if kept else "quiz.yield"
    words = t(key, asked=asked, made=made) if asked else t("quiz.yield_free", made=made)
    count = sum(each.count for each in rejected)
    if count:
        words += t("quiz.yield_between") + t("quiz.yield_rejected", count=count, reasons=reasons(rejected, t))
    return words


def reasons(rejected: Sequence[Rejection], t: Translate) -> str:
    """Each reason with how often, the most frequent first."""
    often = sorted(rejected, key=lambda each: -each.count)
    named = (t("quiz.yield_reason", reason=reason(each.reason, t), count=each.count) for each in often)
    return t("quiz.yield_comma").join(named)


def reason(name: str, t: Translate) -> str:
    """A reason in the interface's language: the catalogue's words, a check's name, or as it is."""
    if name in REASONS:
        return t(REASONS[name])
    is_check = t(f"checks.{name}") != f"checks.{name}"
    return t("quiz.reject_check", check=check_name(name, t)) if is_check else name
