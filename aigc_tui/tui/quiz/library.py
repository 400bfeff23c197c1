"""Lessons and quizzes: opening, renaming, deleting and restoring them, and the page of a lesson."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style
from textual.timer import Timer

from aigc_tui.locale import Translate
from aigc_tui.tui.markdown.document import EMPTY, Line
from aigc_tui.tui.pane import Pane
from aigc_tui.tui.quiz.layout import QuizLayout
from aigc_tui.tui.quiz.library_list import LibraryRow, LibrarySource
from aigc_tui.tui.quiz.names import LANGUAGES, worded
from aigc_tui.tui.quiz.review import Review
from aigc_tui.tui.sidebar import UNDO_LIMIT, short_title
from aigc_tui.tui.widgets.dialogs import LineDialog
from aigc_tui.tui.widgets.text import plain_line

if TYPE_CHECKING:
    from aigc_tui.quiz.lesson.records import Lesson

SOON = 0.4
"""Seconds from a change of a quiz to the sidebar's new counts."""
BLANK_LINE = Line(EMPTY)
MOST_SECTIONS = 60
"""A longer table of contents says how many more there are."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """Something that can be brought back."""

    kind: str
    id: str
    title: str


class Library:
    """Acts on lessons and quizzes by id.

    Args:
        layout: Where things are shown.
        review: Shows the open quiz.

    Attributes:
        known: Whether the store was read.
        lesson: The open lesson, and its id.
    """

    def __init__(self, layout: QuizLayout, review: Review) -> None:
        self._layout = layout
        self._review = review
        self._source = LibrarySource(layout)
        self._deleted: list[Deleted] = []
        self._reloading = Timer(layout, 0)
        self.known = False
        self.lesson: Lesson | None = None
        self.lesson_id = ""
        review.changed = self.reload_soon

    async def begin(self) -> None:
        """Show everything, and open what was worked on last."""
        self._layout.sidebar.attach(self._source)
        await self.reload()
        if self._source.contents.lessons:
            await self.open_lesson(self._source.contents.lessons[0].id)

    async def reload(self) -> None:
        """Read everything anew."""
        await asyncio.to_thread(self._source.read)
        self.known = True
        self._layout.sidebar.reload()
        empty = not (self._source.contents.lessons or self._source.contents.quizzes)
        self._layout.set_class(empty, "-empty")
        if empty:
            self.lesson, self.lesson_id = None, ""
            self._show_page()

    def reload_soon(self) -> None:
        """Count anew what is on the shelf, once for several changes that follow each other quickly."""
        self._reloading.stop()
        self._reloading = self._layout.set_timer(SOON, lambda: self._layout.work(self.reload()))

    async def open(self, row: LibraryRow) -> None:
        """Show what a row stands for."""
        if self._layout.generating:
            self._layout.note(self._layout.t("quiz.busy"))
        elif row.kind == "lesson":
            await self.open_lesson(row.id)
        else:
            await self.open_quiz(row.id)

    async def open_lesson(self, lesson_id: str) -> None:
        """Show the page of a lesson."""
        await self._take_lesson(lesson_id)
        self._review.close()
        self._layout.sidebar.show_current(lesson_id, point=True)
        self._show_page()

    async def open_quiz(self, quiz_id: str) -> None:
        """Show the questions of a quiz."""
        lesson_id = next((quiz.lesson for quiz in self._source.contents.quizzes if quiz.id == quiz_id), "")
        await self._take_lesson(lesson_id)
        layout = self._layout
        layout.show_part("quiz")
        layout.sidebar.show_current(quiz_id, point=True)
        await self._review.open(quiz_id, lesson_id)
        layout.items.focus()

    async def _take_lesson(self, lesson_id: str) -> None:
        service = self._layout.service
        self.lesson = await asyncio.to_thread(service.repository.lesson, lesson_id) if lesson_id else None
        self.lesson_id = lesson_id

    async def show_quiz(self, quiz_id: str) -> None:
        """Show a quiz that is new on the shelf."""
        await self.reload()
        await self.open_quiz(quiz_id)

    async def show_lesson(self, lesson_id: str) -> None:
        """Show a lesson that may be new on the shelf."""
        await self.reload()
        await self.open_lesson(lesson_id)

    # Taking and practising

    async def take(self, row: LibraryRow) -> None:
        """Take a quiz, or the newest one of a lesson."""
        quizzes = self._source.contents.quizzes
        newest = next((quiz.id for quiz in quizzes if quiz.lesson == row.id), "")
        if quiz := row.id if row.kind == "quiz" else newest:
            self._layout.post_message(Pane.TakeQuiz(quiz))
        else:
            self._layout.note(self._layout.t("quiz.open_quiz_first"))

    async def practise(self, row: LibraryRow) -> None:
        """Practise a lesson, or the lesson of a quiz."""
        lesson_id = row.id if row.kind == "lesson" else row.lesson
        self._layout.post_message(Pane.Practise(lesson_id or None))

    def retranslate(self) -> None:
        """Word the page in the language that is on now."""
        self._show_page()

    def _show_page(self) -> None:
        layout = self._layout
        if self._review.quiz is not None or layout.generating:
            return
        layout.show_part("lesson")
        layout.show_yield("")
        keys = {name: layout.key_of(f"quiz.{name}") for name in ("import", "make")}
        if self.lesson is None:
            layout.head("")
            layout.page.show(welcome_lines(layout.t, keys))
        else:
            layout.head(self.lesson.title or layout.t("quiz.untitled"))
            layout.page.show(lesson_lines(self.lesson, layout.t, keys))

    # Putting in order

    async def rename(self, row: LibraryRow) -> None:
        """Give a quiz another title; a lesson is called as its file says."""
        layout = self._layout
        if row.kind != "quiz":
            layout.note(layout.t("quiz.rename_lesson"))
            return
        chosen = await layout.ask(LineDialog(layout.t("quiz.rename_title"), row.title))
        if chosen:
            await asyncio.to_thread(layout.service.repository.rename_quiz, row.id, chosen)
            await self.reload()

    async def delete(self, row: LibraryRow) -> None:
        """Delete a lesson or a quiz; `undo` brings it back."""
        service = self._layout.service
        drop = service.repository.delete_lesson if row.kind == "lesson" else service.repository.delete_quiz
        await asyncio.to_thread(drop, row.id)
        self._deleted = [*self._deleted, Deleted(row.kind, row.id, row.title)][-UNDO_LIMIT:]
        if row.id in (self.lesson_id, self._review.quiz_id):
            self._review.close()
            if row.id == self.lesson_id:
                self.lesson, self.lesson_id = None, ""
            self._show_page()
        await self.reload()
        self._say("quiz.deleted", row.title)

    async def undo(self) -> None:
        """Bring back what was deleted last."""
        layout = self._layout
        if not self._deleted:
            layout.note(layout.t("quiz.nothing_to_undo"))
            return
        done = self._deleted.pop()
        restore = (
            layout.service.repository.restore_lesson
            if done.kind == "lesson"
            else layout.service.repository.restore_quiz
        )
        await asyncio.to_thread(restore, done.id)
        await self.reload()
        layout.sidebar.show_current(done.id, point=True)
        self._say("quiz.undone", done.title)

    def _say(self, key: str, title: str) -> None:
        t = self._layout.t
        self._layout.confirm(t(key, title=short_title(title, t("quiz.untitled"))))


def welcome_lines(t: Translate, keys: Mapping[str, str]) -> list[Line]:
    """What to do with an empty shelf, in two lines, and a lesson to try it with."""
    offer = Content(t("quiz.welcome_sample")).stylize("$accent underline").stylize(_click("sample"))
    return [
        Line(plain_line(t("quiz.welcome_1", key=keys["import"]))),
        Line(plain_line(t("quiz.welcome_2", key=keys["make"]))),
        BLANK_LINE,
        Line(Content.assemble(("▸ ", "$accent"), offer)),
    ]


def lesson_lines(found: Lesson, t: Translate, keys: Mapping[str, str]) -> list[Line]:
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
