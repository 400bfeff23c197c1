"""What is done with the shelf: read it, open a lesson, rename, delete, undo, search.

Why it exists: the shelf's keys, the dialogs and the import ask for the same things. Every call of the store
runs in a thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.timer import Timer

from aigc_tui.text import one_line
from aigc_tui.tui.chat.dialogs import LineDialog
from aigc_tui.tui.quiz import page_lines
from aigc_tui.tui.quiz.make_dialog import MakeDialog, Wish
from aigc_tui.tui.quiz.shelf_rows import ShelfContents, ShelfRow
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from aigc_tui.quiz.lesson.records import Lesson
    from aigc_tui.tui.quiz.screen import QuizScreen

UNDO_LIMIT = 20
SOON = 0.4
"""Seconds from a change of a quiz to the shelf's new counts."""
TITLE_IN_NOTE = 30


@dataclass(frozen=True, slots=True)
class Deleted:
    """Something that can be brought back."""

    kind: str
    id: str
    title: str


class Librarian:
    """Acts on lessons and quizzes by id.

    Args:
        screen: Where things are shown.

    Attributes:
        known: Whether the shelf was read.
        lesson: The lesson whose page is on show, and its id.
    """

    def __init__(self, screen: QuizScreen) -> None:
        self._screen = screen
        self._contents = ShelfContents()
        self._deleted: list[Deleted] = []
        self._wish: Wish | None = None
        self._reloading = Timer(screen, 0)
        self.known = False
        self.lesson: Lesson | None = None
        self.lesson_id = ""

    async def begin(self) -> None:
        """Show the shelf, and what was worked on last."""
        await self.reload()
        if self._contents.lessons:
            await self.open_lesson(self._contents.lessons[0].id)

    async def reload(self) -> None:
        """Read the shelf anew."""
        self._contents = await asyncio.to_thread(self._read)
        self.known = True
        self._screen.shelf.show(self._contents)
        empty = not (self._contents.lessons or self._contents.quizzes)
        self._screen.set_class(empty, "-empty")
        if empty:
            self.lesson, self.lesson_id = None, ""
            self._show_page()

    def reload_soon(self) -> None:
        """Count anew what is on the shelf, once for several changes that follow each other quickly."""
        self._reloading.stop()
        self._reloading = self._screen.set_timer(SOON, lambda: self._screen.work(self.reload()))

    def _read(self) -> ShelfContents:
        service = self._screen.service
        due = service.reviews.counts(self._screen.now())
        return ShelfContents(tuple(service.repository.lessons()), tuple(service.repository.quizzes()), due)

    async def open(self, row: ShelfRow) -> None:
        """Show what a row stands for."""
        if self._screen.making.busy:
            self._screen.note(self._screen.t("quiz.busy"))
        elif row.kind == "lesson":
            await self.open_lesson(row.id)
        else:
            await self.open_quiz(row.id)

    async def open_lesson(self, lesson_id: str) -> None:
        """Show the page of a lesson."""
        await self._take_lesson(lesson_id)
        self._screen.review.close()
        self._screen.shelf.show_current(lesson_id)
        self._show_page()

    async def open_quiz(self, quiz_id: str) -> None:
        """Show the questions of a quiz."""
        lesson_id = next((quiz.lesson for quiz in self._contents.quizzes if quiz.id == quiz_id), "")
        await self._take_lesson(lesson_id)
        screen = self._screen
        screen.show_part("quiz")
        screen.shelf.show_current(quiz_id)
        await screen.review.open(quiz_id, lesson_id)
        screen.items.focus()

    async def _take_lesson(self, lesson_id: str) -> None:
        service = self._screen.service
        self.lesson = (
            await asyncio.to_thread(lambda: service.repository.lesson(lesson_id)) if lesson_id else None
        )
        self.lesson_id = lesson_id

    async def show_quiz(self, quiz_id: str) -> None:
        """Show a quiz that is new on the shelf."""
        await self.reload()
        await self.open_quiz(quiz_id)

    async def show_lesson(self, lesson_id: str) -> None:
        """Show a lesson that may be new on the shelf."""
        await self.reload()
        await self.open_lesson(lesson_id)

    async def make(self) -> None:
        """Make a quiz from the lesson on show."""
        screen = self._screen
        if screen.making.busy:
            screen.note(screen.t("quiz.busy"))
        elif self.lesson is None:
            screen.note(screen.t("quiz.open_lesson_first"))
        else:
            await self._ask_and_make(self.lesson_id, self.lesson)

    async def _ask_and_make(self, lesson_id: str, lesson: Lesson) -> None:
        screen = self._screen
        name = shell(screen).settings.model
        wish = await screen.ask(MakeDialog(lesson, name, self._wish))
        if wish is not None:
            self._wish = replace(wish, request=replace(wish.request, sections=()))
            model = await asyncio.to_thread(screen.services.models.resolve, name) if wish.with_model else None
            screen.making.begin(lesson_id, lesson, wish.request, model)

    # Taking and practising

    async def practise(self, row: ShelfRow, *, take: bool) -> None:
        """Take the quiz that is pointed at, or practise its lesson."""
        if take and row.kind == "quiz":
            self.take(row.id)
        elif take:
            newest = next((quiz.id for quiz in self._contents.quizzes if quiz.lesson == row.id), "")
            if newest:
                self.take(newest)
            else:
                self._screen.note(self._screen.t("quiz.open_quiz_first"))
        else:
            from aigc_tui.tui.practice.screen import PracticeScreen

            lesson_id = row.id if row.kind == "lesson" else row.lesson
            self._screen.app.push_screen(PracticeScreen(self._screen.house, lesson_id or None))

    def take(self, quiz_id: str) -> None:
        """Take a quiz."""
        from aigc_tui.tui.practice.take import TakeScreen

        self._screen.app.push_screen(TakeScreen(self._screen.house, quiz_id))

    def retranslate(self) -> None:
        """Word the page in the language that is on now."""
        self._show_page()

    def _show_page(self) -> None:
        screen = self._screen
        if screen.review.quiz is not None or screen.making.busy:
            return
        screen.show_part("lesson")
        screen.say_yield("")
        keys = {name: screen.key_of(f"quiz.{name}") for name in ("import", "make")}
        if self.lesson is None:
            screen.head("")
            screen.page.show(page_lines.welcome(screen.t, keys))
        else:
            screen.head(self.lesson.title or screen.t("quiz.untitled"))
            screen.page.show(page_lines.lesson(self.lesson, screen.t, keys))

    # Putting in order

    async def rename(self, row: ShelfRow) -> None:
        """Give a quiz another title; a lesson is called as its file says."""
        screen = self._screen
        if row.kind != "quiz":
            screen.note(screen.t("quiz.rename_lesson"))
            return
        chosen = await screen.ask(LineDialog(screen.t("quiz.rename_title"), row.title))
        if chosen:
            await asyncio.to_thread(lambda: screen.service.repository.rename_quiz(row.id, chosen))
            await self.reload()

    async def delete(self, row: ShelfRow) -> None:
        """Delete a lesson or a quiz; `undo` brings it back."""
        service = self._screen.service
        drop = service.repository.delete_lesson if row.kind == "lesson" else service.repository.delete_quiz
        await asyncio.to_thread(drop, row.id)
        self._deleted = [*self._deleted, Deleted(row.kind, row.id, row.title)][-UNDO_LIMIT:]
        if row.id in (self.lesson_id, self._screen.review.quiz_id):
            self._screen.review.close()
            if row.id == self.lesson_id:
                self.lesson, self.lesson_id = None, ""
            self._show_page()
        await self.reload()
        self._say("quiz.deleted", row.title)

    async def undo(self) -> None:
        """Bring back what was deleted last."""
        screen = self._screen
        if not self._deleted:
            screen.note(screen.t("quiz.nothing_to_undo"))
            return
        done = self._deleted.pop()
        restore = (
            screen.service.repository.restore_lesson
            if done.kind == "lesson"
            else screen.service.repository.restore_quiz
        )
        await asyncio.to_thread(restore, done.id)
        await self.reload()
        screen.shelf.show_current(done.id)
        self._say("quiz.undone", done.title)

    async def search(self, query: str) -> None:
        """Find lessons whose texts, and quizzes whose items hold the words."""
        hits = await asyncio.to_thread(lambda: self._screen.service.repository.search(query))
        self._screen.shelf.found_in(query, (hit.conversation for hit in hits))

    def _say(self, key: str, title: str) -> None:
        t = self._screen.t
        self._screen.confirm(t(key, title=one_line(title, TITLE_IN_NOTE) or t("quiz.untitled")))
