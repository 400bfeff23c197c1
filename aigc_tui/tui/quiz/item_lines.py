"""One question in full: stem, options, key, explanation, what the checks say, where it stands in the lesson.

Why it exists: a teacher judges an item against its sentence; both must be in sight at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from aigc_tui.locale import Translate
from aigc_tui.quiz.checks.records import Verdict
from aigc_tui.quiz.entries import Entry, ItemState
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.parts import letter, pairs, steps
from aigc_tui.quiz.records import Item, ItemType, Source
from aigc_tui.tui.markdown.document import EMPTY, Line
from aigc_tui.tui.plain import plain, plain_line
from aigc_tui.tui.quiz.names import BLOOMS, ORIGINS, TYPES, worded
from aigc_tui.tui.quiz.source_lines import source_lines

BLANK_LINE = Line(EMPTY)


def item_lines(entry: Entry, number: int, lesson: Lesson | None, t: Translate, *, key: bool) -> list[Line]:
    """Everything about one question.

    Args:
        entry: The question and what was said of it.
        number: Its place in the quiz, from 1.
        lesson: The lesson it is about; None: none is kept.
        t: The catalogue in use.
        key: Whether the right answers are shown.
    """
    item = entry.item
    return [
        Line(plain(_about(entry, number, t), "$text-muted")),
        *_text(item.stem, "bold"),
        *_answers(item, t, key=key),
        *_explanation(item, t, key=key),
        BLANK_LINE,
        *_checks(entry, t),
        *_source(item.source, lesson, t),
    ]


def _about(entry: Entry, number: int, t: Translate) -> str:
    item = entry.item
    origin = worded(ORIGINS, item.origin.value, t)
    kind = worded(TYPES, item.type.value, t)
    parts = [f"{number}. {kind}", worded(BLOOMS, item.bloom.value, t), origin]
    if entry.state is ItemState.ACCEPTED:
        parts.append(t("quiz.state_accepted"))
    if entry.locked:
        parts.append(t("quiz.state_locked"))
    return " · ".join(parts)


def _text(text: str, style: str = "", indent: str = "") -> Iterator[Line]:
    hang = Content(indent)
    for line in text.split("\n"):
        yield Line(Content.assemble(hang, plain(line, style)), hang)


def _answers(item: Item, t: Translate, *, key: bool) -> Iterator[Line]:
    yield BLANK_LINE
    match item.type:
        case ItemType.MC:
            yield from _options(item, key=key)
        case ItemType.MATCH:
            yield from _pairs(item, key=key)
        case ItemType.ORDER:
            yield from _steps(item, key=key)
        case _:
            yield from _words(item, t, key=key)


def _options(item: Item, *, key: bool) -> Iterator[Line]:
    for place, option in enumerate(item.options):
        right = key and place == item.answer
        style = "$success bold" if right else ""
        mark = ("✓ ", "$success bold") if right else "  "
        text = Content.assemble(mark, plain(f"{letter(place)}. ", style), plain_line(option, 600, style))
        yield Line(text, _in(5))
        if key and place < len(item.feedback) and item.feedback[place]:
            why = plain_line(item.feedback[place], 600, "$text-muted")
            yield Line(Content.assemble(_in(5), why), _in(5))


def _pairs(item: Item, *, key: bool) -> Iterator[Line]:
    for place, (left, right) in enumerate(pairs(item)):
        shown = right if key else item.options[place] if place < len(item.options) else ""
        arrow = (" → ", "$success") if key else (" │ ", "$text-muted")
        yield Line(Content.assemble("  ", plain_line(left, 300), arrow, plain_line(shown, 300)), _in(4))


def _steps(item: Item, *, key: bool) -> Iterator[Line]:
    for place, step in enumerate(steps(item) if key else item.options):
        mark = plain(f"{place + 1}. ", "$success") if key else plain("· ", "$text-muted")
        yield Line(Content.assemble("  ", mark, plain_line(step, 600)), _in(5))


def _words(item: Item, t: Translate, *, key: bool) -> Iterator[Line]:
    if not key:
        yield Line(plain("  ____", "$text-muted"))
        return
    words = t("quiz.true" if item.answer else "quiz.false") if item.type is ItemType.TF else item.key
    yield Line(Content.assemble(("✓ ", "$success bold"), plain_line(words, 600, "$success bold")), _in(2))
    if item.accepted:
        accepted = t("quiz.accepted_too", answers=" / ".join(item.accepted))
        yield Line(Content.assemble("  ", plain_line(accepted, 600, "$text-muted")), _in(2))


def _explanation(item: Item, t: Translate, *, key: bool) -> Iterator[Line]:
    if key and item.explanation:
        yield BLANK_LINE
        head = plain(t("quiz.explanation"), "$primary")
        first, *rest = item.explanation.split("\n")
        yield Line(Content.assemble(head, plain(first)))
        for line in rest:
            yield Line(plain(line))


def _checks(entry: Entry, t: Translate) -> Iterator[Line]:
    verdicts = entry.verdicts
    failed = sorted((each for each in verdicts if not each.passed), key=lambda each: not each.hard)
    words = t("quiz.checks_hold", passed=len(verdicts) - len(failed), count=len(verdicts))
    yield Line(plain(words, "$primary" if verdicts else "$text-muted"))
    for verdict in failed:
        mark, style = ("✗ ", "$error") if verdict.hard else ("! ", "$warning")
        yield Line(Content.assemble("  ", (mark, style), failed_check(verdict, t)), _in(4))


def failed_check(verdict: Verdict, t: Translate) -> Content:
    """The name of a check and why it failed."""
    name = plain_line(check_name(verdict.check, t))
    if not verdict.reason:
        return name
    return Content.assemble(name, (" — ", "$text-muted"), plain_line(verdict.reason, 400, "$text-muted"))


def check_name(check: str, t: Translate) -> str:
    """What a check is called in the interface's language; its own name where the catalogue has none."""
    key = f"checks.{check}"
    named = t(key)
    return check.replace("_", " ") if named == key else named


def _source(source: Source | None, lesson: Lesson | None, t: Translate) -> Iterator[Line]:
    yield BLANK_LINE
    if source is None:
        yield Line(plain(t("quiz.no_source"), "$text-muted"))
    else:
        yield from source_lines(source, lesson, t)


def _in(cells: int) -> Content:
    return Content(" " * cells)
