"""The place in the lesson that a question stands on: the text around it, with the quote set off.

Why it exists: "grounded" is worth what a teacher can see of it at one glance.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from textual.content import Content

from aigc_tui.locale import Translate
from aigc_tui.quiz.lesson.records import Lesson, Sentence, SentenceKind
from aigc_tui.quiz.records import Source
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.plain import plain, plain_line

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
