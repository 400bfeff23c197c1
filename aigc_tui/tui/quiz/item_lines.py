"""One question in full: stem, options, answer, explanation, checks, and its place in the lesson."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from textual.content import Content

from aigc_tui.locale import Translate
from aigc_tui.quiz.checks.records import Verdict, check_name
from aigc_tui.quiz.lesson.records import Lesson, Sentence, SentenceKind
from aigc_tui.quiz.records import Item, ItemType, Source, letter, pairs, steps
from aigc_tui.quiz.rows import Entry, ItemState
from aigc_tui.tui.markdown.document import EMPTY, Line
from aigc_tui.tui.quiz.names import BLOOMS, ORIGINS, TYPES, worded
from aigc_tui.tui.widgets.text import plain, plain_line

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
    if not verdicts:
        # While a quiz is made its items are not judged yet.
        return
    failed = sorted((each for each in verdicts if not each.passed), key=lambda each: not each.hard)
    words = t("quiz.checks_hold", passed=len(verdicts) - len(failed), count=len(verdicts))
    yield Line(plain(words, "$primary"))
    for verdict in failed:
        mark, style = ("✗ ", "$error") if verdict.hard else ("! ", "$warning")
        yield Line(Content.assemble("  ", (mark, style), failed_check(verdict, t)), _in(4))


def failed_check(verdict: Verdict, t: Translate) -> Content:
    """The name of a check and why it failed."""
    name = plain_line(check_name(verdict.check, t))
    if verdict.said is None:
        return name
    return Content.assemble(
        name, (" — ", "$text-muted"), plain_line(verdict.said.text(t), 400, "$text-muted")
    )


def _source(source: Source | None, lesson: Lesson | None, t: Translate) -> Iterator[Line]:
    yield BLANK_LINE
    if source is None:
        yield Line(plain(t("quiz.no_source"), "$text-muted"))
    else:
        yield from source_lines(source, lesson, t)


def _in(cells: int) -> Content:
    return Content(" " * cells)


AROUND = 2
"""Sentences shown before the quote, and as many after it."""
MOST_CHARACTERS = 800
"""How much of the text before the quote is shown at most, and as much after it."""
QUOTE_STYLE = "$text on $primary-muted"
BAR = Content.assemble(("▎ ", "$primary"))


def source_lines(source: Source, lesson: Lesson | None, t: Translate) -> Iterator[Line]:
    """Section and page, then the quote among its neighbours.

    Args:
        source: Where the question stands.
        lesson: The lesson; None, or one that does not hold the quote there: only the quote is shown.
        t: The catalogue in use.
    """
    yield Line(plain_line(_where(source, lesson, t), style="$primary"))
    before, after = "", ""
    if lesson is not None and lesson.text[source.start : source.end] == source.quote:
        before, after = around(source, lesson)
    whole = Content.assemble(
        plain(before, "$text-muted"), plain(source.quote, QUOTE_STYLE), plain(after, "$text-muted")
    )
    for line in whole.split("\n"):
        yield Line(Content.assemble(BAR, line), BAR)


def _where(source: Source, lesson: Lesson | None, t: Translate) -> str:
    parts = [t("quiz.source")]
    if source.section:
        parts.append(source.section)
    page = lesson.page_of(source.start) if lesson is not None else None
    if page:
        parts.append(t("quiz.page_number", page=page))
    return " · ".join(parts)


def around(source: Source, lesson: Lesson) -> tuple[str, str]:
    """The lesson's text before a quote and after it, by sentences and within the section."""
    starts = [sentence.start for sentence in lesson.sentences]
    first = max(bisect_right(starts, source.start) - 1, 0)
    last = max(bisect_right(starts, max(source.end - 1, 0)) - 1, 0)
    home = lesson.sentences[first].section if lesson.sentences else 0
    left = [s for s in lesson.sentences[max(first - AROUND, 0) : first] if _prose_of(s, home)]
    right = [s for s in lesson.sentences[last + 1 : last + 1 + AROUND] if _prose_of(s, home)]
    begin = max(left[0].start if left else _start(lesson, first, source), source.start - MOST_CHARACTERS)
    end = min(right[-1].end if right else _end(lesson, last, source), source.end + MOST_CHARACTERS)
    return lesson.text[begin : source.start], lesson.text[source.end : end]


def _prose_of(sentence: Sentence, section: int) -> bool:
    return sentence.section == section and sentence.kind is not SentenceKind.HEADING


def _start(lesson: Lesson, first: int, source: Source) -> int:
    return min(lesson.sentences[first].start, source.start) if lesson.sentences else source.start


def _end(lesson: Lesson, last: int, source: Source) -> int:
    return max(lesson.sentences[last].end, source.end) if lesson.sentences else source.end
