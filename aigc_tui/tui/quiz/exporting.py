"""Exporting a quiz: the dialog with what each format can hold, and writing the file.

No format holds everything; what would be left out is named before a file is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList
from textual.widgets.option_list import Option

from aigc_tui.message import error_text, listed
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.records import Quiz, QuizError
from aigc_tui.text import one_line
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.quiz.layout import QuizLayout
from aigc_tui.tui.quiz.names import FORMATS, PARTS, worded
from aigc_tui.tui.quiz.review import Review
from aigc_tui.tui.services import free_name
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.dialogs import ConfirmDialog
from aigc_tui.tui.widgets.inputs import LineInput
from aigc_tui.tui.widgets.text import LinesPage, plain, plain_line

if TYPE_CHECKING:
    pass


NAMED_IN_NOTE = 3


class Exporting:
    """Exports the quiz on show.

    Args:
        layout: Where it is asked and told.
        review: Knows the open quiz.
    """

    def __init__(self, layout: QuizLayout, review: Review) -> None:
        self._layout = layout
        self._review = review

    async def ask(self) -> None:
        """Let the user choose a format and a path, and write the file."""
        layout = self._layout
        if not self._review.quiz_id:
            layout.note(layout.t("quiz.open_quiz_first"))
            return
        quiz = await asyncio.to_thread(layout.service.repository.quiz, self._review.quiz_id)
        target = await layout.ask(await asyncio.to_thread(self._dialog, quiz))
        if target is not None and await self._may_write(target):
            await self._write(quiz, target)

    @property
    def _options(self) -> Options:
        return Options(language=shell(self._layout).language)

    def _dialog(self, quiz: Quiz) -> ExportDialog:
        """Prepare the dialog, in a thread: the formats' libraries are loaded for it."""
        from aigc_tui.quiz.formats.registry import FORMATS

        paths = self._layout.services.paths
        folder = paths.make(paths.exports)
        return ExportDialog(quiz, list(FORMATS.values()), folder, self._options)

    async def _may_write(self, target: Target) -> bool:
        t = self._layout.t
        if not await asyncio.to_thread(target.path.exists):
            return True
        question = t("quiz.export_overwrite", path=str(target.path))
        return await self._layout.ask(ConfirmDialog(question, t("quiz.overwrite")))

    async def _write(self, quiz: Quiz, target: Target) -> None:
        layout, t = self._layout, self._layout.t
        written = await asyncio.to_thread(
            layout.service.repository.export, quiz.id, target.format, target.path, self._options
        )
        left_out = written.left_out
        words = t("quiz.exported", count=len(quiz.items) - len(left_out), path=str(target.path))
        if left_out:
            names = "; ".join(one_line(each.stem, 40) for each in left_out[:NAMED_IN_NOTE])
            names += " …" if len(left_out) > NAMED_IN_NOTE else ""
            words += t("quiz.yield_between") + t("quiz.export_left_out", count=len(left_out), names=names)
        layout.note(words)


PATH_LIMIT = 4096
NAMED = 8
"""Items that are left out are named up to this many."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be written where."""

    format: str
    path: Path


class ExportDialog(ModalScreen[Target | None]):
    """Choose a format and a path; dismissed with both, or None.

    Args:
        quiz: What is to be exported.
        formats: All formats that can be written.
        folder: Where exports go.
        options: How to export.
    """

    CSS_PATH: ClassVar = ["../widgets/dialogs.tcss", "dialogs.tcss"]
    BINDINGS: ClassVar = bindings("overlay")

    def __init__(self, quiz: Quiz, formats: Sequence[Format], folder: Path, options: Options) -> None:
        super().__init__()
        self._quiz = quiz
        self._formats = list(formats)
        self._folder = folder
        self._options = options

    def compose(self) -> ComposeResult:
        t = shell(self).t
        with Vertical(classes="dialog export") as box:
            box.border_title = plain_line(t("quiz.export_title", title=self._quiz.title), 80)
            box.border_subtitle = plain_line(t("quiz.export_keys"))
            with Horizontal(classes="both"):
                yield OptionList(
                    *[Option(self._row(each)) for each in self._formats], id="formats", markup=False
                )
                holds = LinesPage(id="holds")
                holds.can_focus = False
                yield holds
            yield LineInput(max_length=PATH_LIMIT, id="path")
            with Horizontal(classes="buttons"):
                yield Button(plain_line(t("quiz.key_export")), id="yes", variant="primary")
                yield Button(plain_line(t("chat.cancel")), id="no")

    def _row(self, form: Format) -> Content:
        return Content.assemble(
            plain_line(worded(FORMATS, form.name, shell(self).t), 40), "  ", plain(form.suffix, "$text-muted")
        )

    def on_mount(self) -> None:
        formats = self.query_one("#formats", OptionList)
        formats.highlighted = 0
        formats.focus()

    @property
    def _form(self) -> Format:
        return self._formats[self.query_one("#formats", OptionList).highlighted or 0]

    @on(OptionList.OptionHighlighted, "#formats")
    def _point(self, event: OptionList.OptionHighlighted) -> None:
        form = self._formats[event.option_index]
        path = self.query_one("#path", Input)
        path.value = one_line(str(free_name(self._folder, self._quiz.title, form.suffix[1:])), PATH_LIMIT)
        path.cursor_position = len(path.value)
        self.run_worker(self._try(form), group="try", exclusive=True, exit_on_error=False)

    async def _try(self, form: Format) -> None:
        """Tell what the format would hold, by writing it to nowhere."""
        t = shell(self).t
        try:
            written = await asyncio.to_thread(form.write, self._quiz, self._options)
        except QuizError as error:
            self._tell([plain_line(error_text(error, t), style="$text-error")])
            return
        self._tell(self._holds(written, t("quiz.export_lost")))

    def _tell(self, lines: Sequence[Content]) -> None:
        self.query_one("#holds", LinesPage).show([Line(line, Content("  ")) for line in lines])

    def _holds(self, written: Written, lost: str) -> list[Content]:
        t, count = shell(self).t, len(self._quiz.items)
        held = count - len(written.left_out)
        lines = [
            plain(t("quiz.export_holds", held=held, count=count), "$text-warning" if held < count else "")
        ]
        if written.lost:
            parts = listed([worded(PARTS, part, t) for part in written.lost], t)
            lines.append(plain(lost + parts, "$text-muted"))
        for each in written.left_out[:NAMED]:
            lines += [
                plain_line("✗ " + each.stem, 60, "$text-warning"),
                plain_line("  " + each.reason.text(t), 120, "$text-muted"),
            ]
        more = len(written.left_out) - NAMED
        return [*lines, plain(t("quiz.export_more", count=more), "$text-muted")] if more > 0 else lines

    @on(OptionList.OptionSelected, "#formats")
    @on(Input.Submitted, "#path")
    @on(Button.Pressed, "#yes")
    def _export(self) -> None:
        typed = self.query_one("#path", Input).value.strip()
        if typed:
            self.dismiss(Target(self._form.name, Path(typed).expanduser()))

    @on(Button.Pressed, "#no")
    def action_close(self) -> None:
        self.dismiss(None)
