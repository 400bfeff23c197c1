"""What a generation yields: the items so far, and why candidates were dropped; worded for both front ends.

Reasons and stages are fixed English words, since quiz files carry them; the catalogues word them for people.
A reason that is no phrase of `REASONS` is the name of a check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType

from aigc_tui.locale import Translate
from aigc_tui.quiz.checks.records import check_name
from aigc_tui.quiz.planning.records import Filled, Made, MakingEvent, Refused
from aigc_tui.quiz.records import QuizRequest, Rejection

UNFILLED = "too little in the lesson"
"""Counts items asked for and not made; all others count candidates that were dropped."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "a meaning names a term": "quiz.reject.a meaning names a term",
        "absolute word": "quiz.reject.absolute word",
        "answer stands in the stem": "quiz.reject.answer stands in the stem",
        "duplicate": "quiz.reject.duplicate",
        "no safe question": "quiz.reject.no safe question",
        "nothing to swap": "quiz.reject.nothing to swap",
        "odd one out": "quiz.reject.odd one out",
        "says too little": "quiz.reject.says too little",
        "too few definitions": "quiz.reject.too few definitions",
        "too few distractors": "quiz.reject.too few distractors",
        "too few or too many steps": "quiz.reject.too few or too many steps",
        UNFILLED: "quiz.reject.too little in the lesson",
        "too long to judge": "quiz.reject.too long to judge",
        "two claims": "quiz.reject.two claims",
        "two steps are alike": "quiz.reject.two steps are alike",
    }
)
"""The catalogue key of each phrase."""

STAGES: Mapping[str, str] = MappingProxyType(
    {
        "analyse": "quiz.stage_analyse",
        "plan": "quiz.stage_plan",
        "make": "quiz.stage_make",
        "calibrate": "quiz.stage_calibrate",
        "propose": "quiz.stage_propose",
        "check": "quiz.stage_check",
    }
)
"""The catalogue key of each stage of a `Step`."""


@dataclass(slots=True)
class Yield:
    """What the events of one generation have brought so far; `Workshop.keep_stopped` stores it."""

    request: QuizRequest
    made: list[Filled] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def take(self, event: MakingEvent) -> None:
        """Count an event."""
        if isinstance(event, Made):
            self.made.append(event.filled)
        elif isinstance(event, Refused):
            self.refused[event.reason] += 1

    @property
    def rejected(self) -> tuple[Rejection, ...]:
        """What was dropped, by reason."""
        return tuple(Rejection(reason, count) for reason, count in self.refused.items())


def yield_text(asked: int, made: int, rejected: Sequence[Rejection], t: Translate) -> str:
    """Word a yield: how many of how many (0: no number was asked) were made, and why others were dropped."""
    said = [t("quiz.yield", asked=asked, count=made) if asked else t("quiz.yield_free", count=made)]
    missing = sum(each.count for each in rejected if each.reason == UNFILLED)
    if missing and made < asked:
        said.append(t("quiz.yield_missing", count=missing))
    dropped = [each for each in rejected if each.reason != UNFILLED]
    if dropped:
        count = sum(each.count for each in dropped)
        said.append(t("quiz.yield_dropped", count=count, reasons=reasons_text(dropped, t)))
    return reduce(lambda first, second: t("quiz.yield_join", first=first, second=second), said)


def reasons_text(rejected: Sequence[Rejection], t: Translate) -> str:
    """Each reason with how often, the most frequent first: "3 without good distractors, 1 ..."."""
    often = sorted(rejected, key=lambda each: -each.count)
    return t(", ").join(
        t("quiz.yield_reason", reason=reason_text(each.reason, t), count=each.count) for each in often
    )


def reason_text(reason: str, t: Translate) -> str:
    """A reason in the user's language; one that nothing words stays as it is."""
    if reason in REASONS:
        return t(REASONS[reason])
    named = check_name(reason, t)
    return reason if named == reason.replace("_", " ") else t("quiz.reject_check", check=named)


def stage_text(stage: str, t: Translate) -> str:
    """A stage of a `Step` in the user's language."""
    return t(STAGES[stage]) if stage in STAGES else stage
