"""Bringing lessons and questions in: from files, from the conversation in the chat, from the shipped sample.

Why it exists: reading a long PDF takes a while. It runs in a thread (and the reader, in a child process);
one line tells how far it is, and escape ends it without leaving half a lesson behind.
"""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from aigc_tui.config import shipped
from aigc_tui.tui.quiz.files import dropped_path, holds_questions
from aigc_tui.tui.quiz.import_dialog import Chosen, ImportDialog
from aigc_tui.tui.quiz.making import seconds_left, time_left
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from aigc_tui.quiz.formats.records import Read
    from aigc_tui.store.records import LessonRow
    from aigc_tui.tui.quiz.screen import QuizScreen

SAMPLES = {"en": "en-photosynthesis.md", "zh": "zh-photosynthesis.md"}
TELL_SECONDS = 0.1
"""How often the line is written anew."""
PROBLEMS_SHOWN = 2


class _StoppedError(Exception):
    """The user does not want the lesson any more."""


class Importing:
    """Imports one thing at a time.

    Args:
        screen: Where it is shown.
    """

    def __init__(self, screen: QuizScreen) -> None:
        self._screen = screen
        self._stopped = threading.Event()
        self._folder = Path.home()
        self._told = 0.0
        self.busy = False

    async def ask(self) -> None:
        """Let the user choose what to import, and import it."""
        screen = self._screen
        chosen = await screen.ask(ImportDialog(self._folder, screen.talk_title))
        if chosen is not None:
            await self.take(chosen)

    async def drop(self, pasted: str) -> None:
        """Import a file that was dropped on the terminal."""
        path = await asyncio.to_thread(dropped_path, pasted)
        if path is None or not await asyncio.to_thread(path.is_file):
            self._screen.note(self._screen.t("quiz.drop_unknown"))
            return
        await self.take(Chosen("file", path))

    async def take(self, chosen: Chosen) -> None:
        """Import what was chosen, and show it."""
        screen = self._screen
        if self.busy or screen.making.busy:
            screen.note(screen.t("quiz.busy"))
            return
        if chosen.kind == "talk":
            row = await asyncio.to_thread(screen.service.import_conversation, screen.talk_id)
            await screen.librarian.show_lesson(row.id)
        elif chosen.kind == "sample":
            await self._lesson(shipped("data") / "lessons" / SAMPLES[shell(screen).language])
        else:
            self._folder = chosen.path.parent
            questions = chosen.questions
            if questions is None:
                questions = await asyncio.to_thread(holds_questions, chosen.path)
            await (self._questions(chosen.path) if questions else self._lesson(chosen.path))

    def stop(self) -> None:
        """Let go of what is being read."""
        self._stopped.set()

    async def _lesson(self, path: Path) -> None:
        screen = self._screen
        known = {row.id for row in await asyncio.to_thread(screen.service.lessons)}
        self._stopped.clear()
        self.busy = True
        screen.note(screen.t("quiz.importing", name=path.name))
        screen.refresh_bindings()
        begun = monotonic()
        try:
            row = await asyncio.to_thread(
                screen.service.import_lesson, path, lambda done, total: self._tell(path, begun, done, total)
            )
        except _StoppedError:
            screen.confirm(screen.t("quiz.import_stopped"))
            return
        finally:
            self.busy = False
            screen.refresh_bindings()
        await self._imported(row, known)

    async def _imported(self, row: LessonRow, known: set[str]) -> None:
        screen = self._screen
        if self._stopped.is_set() and row.id not in known:
            await asyncio.to_thread(screen.service.delete_lesson, row.id)
            screen.confirm(screen.t("quiz.import_stopped"))
            return
        screen.clear_note()
        await screen.librarian.show_lesson(row.id)
        if row.id in known:
            screen.confirm(screen.t("quiz.import_known"))

    def _tell(self, path: Path, begun: float, done: int, total: int) -> None:
        """Write how far it is; runs in the thread that reads, and ends it if the user wants that."""
        if self._stopped.is_set():
            raise _StoppedError
        now = monotonic()
        if now - self._told < TELL_SECONDS:
            return
        self._told = now
        t = self._screen.t
        percent = round(100 * done / total) if total else 0
        words = t("quiz.importing_percent", name=path.name, percent=percent)
        left = seconds_left(now - begun, done, total)
        if left is not None:
            words += f" · {time_left(left, t)}"
        self._screen.app.call_from_thread(self._screen.note, words)

    async def _questions(self, path: Path) -> None:
        screen = self._screen
        screen.note(screen.t("quiz.importing", name=path.name))
        row, read = await asyncio.to_thread(screen.service.import_questions, path)
        await screen.librarian.show_quiz(row.id)
        screen.note(self._read_line(read))

    def _read_line(self, read: Read) -> str:
        """How many questions were read, and what was not."""
        t = self._screen.t
        words = t("quiz.questions_read", count=len(read.items))
        if read.problems:
            named = [f"{each.where}: {each.reason}" for each in read.problems[:PROBLEMS_SHOWN]]
            count = len(read.problems)
            words += t("quiz.yield_between") + t(
                "quiz.questions_unread", count=count, problems="; ".join(named)
            )
        return words
