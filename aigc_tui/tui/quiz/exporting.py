"""Writing the quiz on show to a file: where, as what, not over another file unasked, what it lacks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.records import Quiz
from aigc_tui.text import one_line
from aigc_tui.tui.chat.dialogs import ConfirmDialog
from aigc_tui.tui.quiz.export_dialog import ExportDialog, Target
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from aigc_tui.tui.quiz.screen import QuizScreen

NAMED = 3


class Exporting:
    """Exports the quiz on show.

    Args:
        screen: Where it is asked and told.
    """

    def __init__(self, screen: QuizScreen) -> None:
        self._screen = screen

    async def ask(self) -> None:
        """Let the user choose a format and a path, and write the file."""
        screen = self._screen
        if not screen.review.quiz_id:
            screen.note(screen.t("quiz.open_quiz_first"))
            return
        quiz = await asyncio.to_thread(screen.service.quiz, screen.review.quiz_id)
        target = await screen.ask(await asyncio.to_thread(self._dialog, quiz))
        if target is not None and await self._may_write(target):
            await self._write(quiz, target)

    @property
    def _options(self) -> Options:
        return Options(language=shell(self._screen).language)

    def _dialog(self, quiz: Quiz) -> ExportDialog:
        """Prepare the dialog, in a thread: the formats' libraries are loaded for it."""
        from aigc_tui.quiz.formats.registry import FORMATS

        paths = self._screen.services.paths
        folder = paths.make(paths.exports)
        return ExportDialog(quiz, list(FORMATS.values()), folder, self._options)

    async def _may_write(self, target: Target) -> bool:
        t = self._screen.t
        if not await asyncio.to_thread(target.path.exists):
            return True
        question = t("quiz.export_overwrite", path=str(target.path))
        return await self._screen.ask(ConfirmDialog(question, t("quiz.overwrite")))

    async def _write(self, quiz: Quiz, target: Target) -> None:
        screen, t = self._screen, self._screen.t
        written = await asyncio.to_thread(
            screen.service.export, quiz.id, target.format, target.path, self._options
        )
        left_out = written.left_out
        words = t("quiz.exported", count=len(quiz.items) - len(left_out), path=str(target.path))
        if left_out:
            names = "; ".join(one_line(each.stem, 40) for each in left_out[:NAMED])
            names += " …" if len(left_out) > NAMED else ""
            words += t("quiz.yield_between") + t("quiz.export_left_out", count=len(left_out), names=names)
        screen.note(words)
