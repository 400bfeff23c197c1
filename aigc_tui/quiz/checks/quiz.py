"""Check a whole quiz: each item alone, then what only shows across items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aigc_tui.locale import Translate
from aigc_tui.message import message
from aigc_tui.quiz.checks.duplicates import answered_elsewhere, duplicates
from aigc_tui.quiz.checks.measures import is_longest, measure, wilson
from aigc_tui.quiz.checks.records import Context, Verdict, check_name, hard, shortly, soft
from aigc_tui.quiz.checks.registry import check_item
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.normal import normal, simplified
from aigc_tui.quiz.records import WORDED, Item, ItemType, Quiz, distractors, key_of
from aigc_tui.text import one_line, shorten

MOST_LONGEST = 0.3
"""The share of keys that may be the longest option; people write 14-23 % (quiz.md 3.1)."""
RARE = 0.01
"""A chance below which a spread is no accident."""
FEW_CHOICES = 8
"""Below so many items no spread is judged."""
LEAST_COVERAGE = 0.9
QUIZ_CHECKS: tuple[tuple[str, bool, str], ...] = (
    ("near_duplicates", True, "checks.near_duplicates"),
    ("answered_elsewhere", False, "checks.answered_elsewhere"),
    ("repeated_key", False, "checks.repeated_key"),
    ("key_positions", False, "checks.key_positions"),
    ("longest_keys", False, "checks.longest_keys"),
    ("one_sided", False, "checks.one_sided"),
    ("coverage", False, "checks.coverage"),
    ("yield", False, "checks.yield"),
)
"""Name, whether hard, the catalogue's key: as `registry.ENTRIES`, for the quiz as a whole."""


def judge_together(quiz: Quiz, measures: Mapping[str, float]) -> tuple[Verdict, ...]:
    """Run the checks of `QUIZ_CHECKS` that apply, in that order."""
    found = (
        _near_duplicates(quiz),
        _answered_elsewhere(quiz),
        _repeated_key(quiz),
        _key_positions(quiz, measures),
        _longest_keys(quiz),
        _one_sided(quiz),
        _coverage(measures),
        _yield(quiz),
    )
    return tuple(verdict for verdict in found if verdict is not None)


def _near_duplicates(quiz: Quiz) -> Verdict | None:
    """At most one item asks for one answer from one sentence, or in much the same words."""
    if len(quiz.items) < 2:
        return None
    pairs = duplicates(quiz.items)
    named = ", ".join(f"{one + 1} = {other + 1}" for one, other in pairs[:6])
    return hard(
        "near_duplicates", message("items that ask the same: {named}", named=named) if pairs else None, named
    )


def _answered_elsewhere(quiz: Quiz) -> Verdict | None:
    """No item's stem says the answer of another item from the same sentence."""
    if len(quiz.items) < 2:
        return None
    pairs = answered_elsewhere(quiz.items)
    named = ", ".join(f"{told + 1} > {asked + 1}" for asked, told in pairs[:6])
    return soft(
        "answered_elsewhere",
        message("items whose stem answers another: {named}", named=named) if pairs else None,
        named,
    )


def _repeated_key(quiz: Quiz) -> Verdict | None:
    """No single answer serves more than a fifth of the items (and more than two)."""
    keys = [key_of(item) for item in quiz.items if item.type in WORDED]
    counts = Counter(normal(simplified(key)) for key in keys)
    if len(keys) < FEW_CHOICES:
        return None
    key, count = counts.most_common(1)[0]
    often = count > max(2, len(keys) / 5)
    return soft(
        "repeated_key",
        message(
            '{count} of {count2} items have the answer "{text}"',
            count=count,
            count2=len(keys),
            text=shortly(key),
        )
        if often
        else None,
        key,
    )


def _key_positions(quiz: Quiz, measures: Mapping[str, float]) -> Verdict | None:
    """The keys' places look drawn at random."""
    places = [item.answer for item in quiz.items if distractors(item) and isinstance(item.answer, int)]
    if len(places) < FEW_CHOICES:
        return None
    uneven = measures.get("key_positions", 1.0) < RARE
    listed = ", ".join(f"{chr(65 + place)} {count}" for place, count in sorted(Counter(places).items()))
    return soft(
        "key_positions",
        message("the keys' places are uneven: {listed}", listed=listed) if uneven else None,
        listed,
    )


def _longest_keys(quiz: Quiz) -> Verdict | None:
    """The key is the single longest option in no more than 30 % of the choices, beyond chance."""
    choices = [item for item in quiz.items if distractors(item)]
    if len(choices) < FEW_CHOICES:
        return None
    count = sum(map(is_longest, choices))
    chance = sum(1 / len(item.options) for item in choices) / len(choices)
    often = count / len(choices) > MOST_LONGEST and wilson(count, len(choices))[0] > chance
    told = message("the key is the longest option in {count} of {count2}", count=count, count2=len(choices))
    return soft("longest_keys", told if often else None, f"{count} / {len(choices)}")


def _one_sided(quiz: Quiz) -> Verdict | None:
    """True and false both occur."""
    judged = [item.answer for item in quiz.items if item.type is ItemType.TF]
    if len(judged) < FEW_CHOICES // 2:
        return None
    share = judged.count(True) / len(judged)
    told = message("{right} true, {wrong} false", right=judged.count(True), wrong=judged.count(False))
    return soft(
        "one_sided",
        message("nearly all answers are the same: {told}", told=told) if not 0.1 < share < 0.9 else None,
        str(told),
    )


def _coverage(measures: Mapping[str, float]) -> Verdict | None:
    """Nine tenths of the sections with enough content have an item, where their number allows."""
    if "coverage" not in measures or not measures["items"]:
        return None
    sections = measures["sections"]
    covered = round(measures["coverage"] * sections)
    short = covered < LEAST_COVERAGE * min(sections, measures["items"])
    told = f"{covered} / {sections:.0f}"
    return soft("coverage", message("items on {told} sections", told=told) if short else None, told)


def _yield(quiz: Quiz) -> Verdict | None:
    """A quiz with fewer items than were asked for says why."""
    missing = quiz.requested - len(quiz.items)
    silent = missing > 0 and not quiz.rejected
    told = f"{len(quiz.items)} / {quiz.requested}"
    return soft(
        "yield",
        message("{missing} items are missing and no reason is given", missing=missing) if silent else None,
        told,
    )


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks said: verdicts of each item, in order, and of the quiz; and its measures, by name."""

    items: tuple[tuple[Item, tuple[Verdict, ...]], ...]
    verdicts: tuple[Verdict, ...] = ()
    measures: tuple[tuple[str, float], ...] = ()

    @property
    def hard_failures(self) -> int:
        """How many hard checks failed, of items and of the quiz."""
        return sum(verdict.hard for verdict in self._failed())

    @property
    def soft_failures(self) -> int:
        """How many soft checks failed, of items and of the quiz."""
        return sum(not verdict.hard for verdict in self._failed())

    def _failed(self) -> list[Verdict]:
        each = [verdict for _, verdicts in self.items for verdict in verdicts]
        return [verdict for verdict in (*each, *self.verdicts) if not verdict.passed]


def check_quiz(quiz: Quiz, lesson: Lesson | None = None, aliases: tuple[tuple[str, str], ...] = ()) -> Report:
    """Judge a quiz, ours or anybody's; without its lesson, what needs one is left out."""
    context = Context(lesson.language if lesson else quiz.lesson.language, lesson, aliases)
    items = tuple((item, check_item(item, context)) for item in quiz.items)
    measures = measure(quiz, lesson)
    return Report(items, judge_together(quiz, dict(measures)), measures)


FAILED_HARD, FAILED_SOFT, PASSED = "✗", "!", "✓"
WIDTH = 100


def line_of(verdict: Verdict, t: Translate) -> str:
    """One verdict as one line: a mark, the check's line, and what is wrong."""
    mark = PASSED if verdict.passed else FAILED_HARD if verdict.hard else FAILED_SOFT
    said = check_name(verdict.check, t)
    if not verdict.passed and (verdict.said or verdict.found):
        found = one_line(verdict.said.text(t)) if verdict.said else verdict.found
        said = t("checks.flaw", check=said, found=found)
    return f"{mark} {said}"


def table(report: Report, t: Translate, every: bool = False) -> str:
    """The whole report. Items without a flaw are counted and not listed; hard flaws stand first."""
    return "\n".join((*_items(report, t, every), *_whole(report, t, every), _sum(report, t)))


def _items(report: Report, t: Translate, every: bool) -> Iterator[str]:
    for number, (item, verdicts) in enumerate(report.items, 1):
        lines = list(_lines(verdicts, t, every))
        if lines:
            yield f"{number}. {_stem(item)}"
            yield from (f"   {line}" for line in lines)


def _whole(report: Report, t: Translate, every: bool) -> Iterator[str]:
    lines = list(_lines(report.verdicts, t, every))
    if lines:
        yield t("checks.whole")
        yield from (f"   {line}" for line in lines)


def _lines(verdicts: Iterable[Verdict], t: Translate, every: bool) -> Iterator[str]:
    shown = [verdict for verdict in verdicts if every or not verdict.passed]
    for verdict in sorted(shown, key=lambda each: (each.passed, not each.hard)):
        yield shorten(line_of(verdict, t), WIDTH)


def _sum(report: Report, t: Translate) -> str:
    flawed = sum(any(not verdict.passed for verdict in verdicts) for _, verdicts in report.items)
    good = t("checks.good", count=len(report.items) - flawed, all=len(report.items))
    return t("checks.sum", good=good, hard=report.hard_failures, soft=report.soft_failures)


def _stem(item: Item) -> str:
    return shorten(one_line(item.stem), WIDTH - 6)
