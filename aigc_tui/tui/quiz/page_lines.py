"""The lines of the page beside the shelf: how to begin, or a lesson in short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.content import Content
from textual.style import Style

from aigc_tui.locale import Translate
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.tui.markdown.document import EMPTY, Line
from aigc_tui.tui.quiz.names import LANGUAGES, worded
from aigc_tui.tui.widgets.text import plain_line

BLANK_LINE = Line(EMPTY)
MOST_SECTIONS = 60
"""A longer table of contents says how many more there are."""


def welcome(t: Translate, keys: Mapping[str, str]) -> list[Line]:
    """What to do with an empty shelf, in two lines, and a lesson to try it with."""
    offer = Content(t("quiz.welcome_sample")).stylize("$accent underline").stylize(_click("sample"))
    return [
        Line(plain_line(t("quiz.welcome_1", key=keys["import"]))),
        Line(plain_line(t("quiz.welcome_2", key=keys["make"]))),
        BLANK_LINE,
        Line(Content.assemble(("▸ ", "$accent"), offer)),
    ]


def lesson(found: Lesson, t: Translate, keys: Mapping[str, str]) -> list[Line]:
    """What was read: its size, what the import wants to say, its sections; and what to do next."""
    return [
        Line(plain_line(_size(found, t), style="$text-muted")),
        *(Line(plain_line("! " + note.text(t), style="$text-warning")) for note in found.notes),
        BLANK_LINE,
        Line(plain_line(t("quiz.lesson_next", key=keys["make"]))),
        BLANK_LINE,
        *_sections(found, t),
    ]


def _size(found: Lesson, t: Translate) -> str:
    parts = [worded(LANGUAGES, found.language, t)]
    if found.pages:
        parts.append(t("quiz.pages", count=len(found.pages)))
    parts += [t("quiz.sections", count=len(found.sections)), t("quiz.sentences", count=len(found.sentences))]
    if found.source and found.source != found.title:
        parts.append(found.source)
    return " · ".join(parts)


def _sections(found: Lesson, t: Translate) -> Iterator[Line]:
    titled = [section for section in found.sections if section.title]
    if titled:
        yield Line(plain_line(t("quiz.contents"), style="$primary bold"))
    for section in titled[:MOST_SECTIONS]:
        indent = "  " * min(max(section.level - 1, 0), 4)
        yield Line(Content.assemble(indent, plain_line(section.title)), Content(indent + "  "))
    if len(titled) > MOST_SECTIONS:
        yield Line(
            plain_line(t("quiz.more_sections", count=len(titled) - MOST_SECTIONS), style="$text-muted")
        )


def _click(action: str) -> Style:
    return Style.from_meta({"@click": f"screen.{action}"})
