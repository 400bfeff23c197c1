"""Importing lessons and questions: the dialog, and reading the file in a thread.

Reading a long PDF takes a while: one line shows the progress, and escape stops it without leaving half a
lesson behind.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Checkbox, Input, OptionList, Static
from textual.widgets.option_list import Option

from aigc_tui.config import shipped
from aigc_tui.text import one_line
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.quiz.files import (
    QUESTION_SUFFIXES,
    FileRow,
    begun_anew,
    completed,
    dropped_path,
    holds_questions,
    listing,
)
from aigc_tui.tui.quiz.generation import seconds_left, time_left
from aigc_tui.tui.quiz.layout import QuizLayout
from aigc_tui.tui.quiz.library import Library
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.inputs import LineInput, Tick
from aigc_tui.tui.widgets.text import plain, plain_line

if TYPE_CHECKING:
    from aigc_tui.quiz.formats.records import Read
    from aigc_tui.store.records import LessonRow


SAMPLES = {"en": "en-photosynthesis.md", "zh": "zh-photosynthesis.md"}
TELL_SECONDS = 0.1
"""How often the line is written anew."""
PROBLEMS_SHOWN = 2


class _StoppedError(Exception):
    """The user does not want the lesson any more."""


class Importing:
    """Imports one thing at a time.

    Args:
        layout: Where it is shown.
        library: Opens what was imported.
    """

    def __init__(self, layout: QuizLayout, library: Library) -> None:
        self._layout = layout
        self._library = library
        self._stopped = threading.Event()
        self._folder = Path.home()
        self._told = 0.0
        self.busy = False

    async def ask(self) -> None:
        """Let the user choose what to import, and import it."""
        layout = self._layout
        chosen = await layout.ask(ImportDialog(self._folder, shell(layout).open_conversation[1]))
        if chosen is not None:
            await self.take(chosen)

    async def drop(self, pasted: str) -> None:
        """Import a file that was dropped on the terminal."""
        path = await asyncio.to_thread(dropped_path, pasted)
        if path is None or not await asyncio.to_thread(path.is_file):
            self._layout.note(self._layout.t("quiz.drop_unknown"))
            return
        await self.take(Chosen("file", path))

    async def take(self, chosen: Chosen) -> None:
        """Import what was chosen, and show it."""
        layout = self._layout
        if self.busy or layout.generating:
            layout.note(layout.t("quiz.busy"))
            return
        if chosen.kind == "talk":
            row = await asyncio.to_thread(
                layout.service.repository.import_conversation, shell(layout).open_conversation[0]
            )
            await self._library.show_lesson(row.id)
        elif chosen.kind == "sample":
            await self._lesson(shipped("data") / "lessons" / SAMPLES[shell(layout).language])
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
        layout = self._layout
        known = {row.id for row in await asyncio.to_thread(layout.service.repository.lessons)}
        self._stopped.clear()
        self.busy = True
        layout.note(layout.t("quiz.importing", name=path.name))
        layout.refresh_bindings()
        begun = monotonic()
        try:
            row = await asyncio.to_thread(
                layout.service.repository.import_lesson,
                path,
                lambda done, total: self._tell(path, begun, done, total),
            )
        except _StoppedError:
            layout.confirm(layout.t("quiz.import_stopped"))
            return
        finally:
            self.busy = False
            layout.refresh_bindings()
        await self._imported(row, known)

    async def _imported(self, row: LessonRow, known: set[str]) -> None:
        layout = self._layout
        if self._stopped.is_set() and row.id not in known:
            await asyncio.to_thread(layout.service.repository.delete_lesson, row.id)
            layout.confirm(layout.t("quiz.import_stopped"))
            return
        layout.clear_note()
        await self._library.show_lesson(row.id)
        if row.id in known:
            layout.confirm(layout.t("quiz.import_known"))

    def _tell(self, path: Path, begun: float, done: int, total: int) -> None:
        """Write how far it is; runs in the thread that reads, and ends it if the user wants that."""
        if self._stopped.is_set():
            raise _StoppedError
        now = monotonic()
        if now - self._told < TELL_SECONDS:
            return
        self._told = now
        t = self._layout.t
        percent = round(100 * done / total) if total else 0
        words = t("quiz.importing_percent", name=path.name, percent=percent)
        left = seconds_left(now - begun, done, total)
        if left is not None:
            words += f" · {time_left(left, t)}"
        self._layout.app.call_from_thread(self._layout.note, words)

    async def _questions(self, path: Path) -> None:
        layout = self._layout
        layout.note(layout.t("quiz.importing", name=path.name))
        row, read = await asyncio.to_thread(layout.service.repository.import_questions, path)
        await self._library.show_quiz(row.id)
        layout.note(self._read_line(read))

    def _read_line(self, read: Read) -> str:
        """How many questions were read, and what was not."""
        t = self._layout.t
        words = t("quiz.questions_read", count=len(read.items))
        if read.problems:
            named = [f"{one.where.text(t)}: {one.reason.text(t)}" for one in read.problems[:PROBLEMS_SHOWN]]
            count = len(read.problems)
            words += t("quiz.yield_between") + t(
                "quiz.questions_unread", count=count, problems="; ".join(named)
            )
        return words


PATH_LIMIT = 4096
OFFERS = ("talk", "sample")
"""What can be imported without a file."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be imported."""

    kind: Literal["file", "talk", "sample"]
    path: Path = Path()
    questions: bool | None = None
    """Whether the file holds questions; None: find out."""


class PathInput(LineInput):
    """A path: tab completes it, up and down walk through the list, a dropped file is taken as it is meant."""

    def validate_value(self, value: str) -> str:
        """A path typed behind the one that stands there takes its place."""
        return begun_anew(super().validate_value(value))

    async def _on_key(self, event: events.Key) -> None:
        dialog = self.screen
        assert isinstance(dialog, ImportDialog)
        files = dialog.query_one("#files", OptionList)
        match event.key:
            case "tab":
                dialog.complete()
            case "down":
                files.action_cursor_down()
            case "up":
                files.action_cursor_up()
            case _:
                await super()._on_key(event)
                return
        event.stop()
        event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        if (path := dropped_path(event.text)) is not None:
            event.stop()
            event.prevent_default()
            self.value = str(path)
            self.cursor_position = len(self.value)
            return
        super()._on_paste(event)


class ImportDialog(ModalScreen[Chosen | None]):
    """Choose a file; dismissed with what to import, or None.

    Args:
        folder: Where to begin.
        talk: The title of the conversation that could be imported; empty: there is none.
    """

    CSS_PATH: ClassVar = ["../widgets/dialogs.tcss", "dialogs.tcss"]
    BINDINGS: ClassVar = bindings("overlay")

    def __init__(self, folder: Path, talk: str = "") -> None:
        super().__init__()
        self._folder = str(folder).rstrip("/") + "/"
        self._talk = talk
        self._rows: list[FileRow] = []
        self._offers: list[str] = []
        self._wanted: str | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        t = shell(self).t
        with Vertical(classes="dialog files") as box:
            box.border_title = plain_line(t("quiz.import_title"))
            box.border_subtitle = plain_line(t("quiz.import_keys"))
            yield PathInput(one_line(self._folder, PATH_LIMIT), max_length=PATH_LIMIT, id="path")
            yield OptionList(id="files", markup=False)
            yield Static(plain_line(t("quiz.import_reads"), style="$text-muted"), markup=False)
            yield Tick(t("quiz.import_questions"), id="questions", compact=True)
            with Horizontal(classes="buttons"):
                yield Button(plain_line(t("quiz.key_import")), id="yes", variant="primary")
                yield Button(plain_line(t("chat.cancel")), id="no")

    def on_mount(self) -> None:
        path = self.query_one(PathInput)
        path.cursor_position = len(path.value)
        path.focus()
        self._list(path.value)

    # The list

    @on(Input.Changed, "#path")
    def _typed(self, event: Input.Changed) -> None:
        self.query_one("#questions", Checkbox).value = Path(event.value).suffix.lower() in QUESTION_SUFFIXES
        self._list(event.value)

    def _list(self, typed: str) -> None:
        self._wanted = typed
        if not self._busy:
            self._busy = True
            self.run_worker(self._answer(), exit_on_error=False)

    async def _answer(self) -> None:
        """List the folder of what was typed last until nothing newer was."""
        try:
            while (typed := self._wanted) is not None:
                self._wanted = None
                rows = await asyncio.to_thread(listing, typed)
                if self._wanted is None:
                    self._show(typed, rows)
        finally:
            self._busy = False

    def _show(self, typed: str, rows: list[FileRow]) -> None:
        at_start = typed == self._folder
        self._offers = [name for name in OFFERS if at_start and (name != "talk" or self._talk)]
        self._rows = rows
        options = [Option(self._offer(name)) for name in self._offers]
        options += [Option(_draw(row)) for row in rows]
        files = self.query_one("#files", OptionList)
        files.set_options(options)
        files.highlighted = 0 if options else None

    def _offer(self, name: str) -> Content:
        t = shell(self).t
        words = t("quiz.import_talk", title=self._talk) if name == "talk" else t("quiz.welcome_sample")
        return plain_line(words, 90, "$accent")

    def complete(self) -> None:
        """Write on what all the files have in common."""
        path = self.query_one(PathInput)
        path.value = completed(path.value, self._rows)
        path.cursor_position = len(path.value)

    # Choosing

    @on(OptionList.OptionSelected, "#files")
    def _select(self, event: OptionList.OptionSelected) -> None:
        place = event.option_index
        if place < len(self._offers):
            self.dismiss(Chosen("talk" if self._offers[place] == "talk" else "sample"))
            return
        row = self._rows[place - len(self._offers)]
        path = self.query_one(PathInput)
        path.value = row.path + ("/" if row.is_folder else "")
        path.cursor_position = len(path.value)
        if row.is_folder:
            path.focus()
        else:
            self._take(row.path)

    @on(Input.Submitted, "#path")
    def _submit(self, event: Input.Submitted) -> None:
        """Take the file that was typed, else what the list points at."""
        typed, files = event.value.strip(), self.query_one("#files", OptionList)
        if files.highlighted is None or Path(typed).expanduser().is_file():
            self._take(typed)
        else:
            files.action_select()

    @on(Button.Pressed, "#yes")
    def _press(self) -> None:
        self._take(self.query_one(PathInput).value.strip())

    def _take(self, typed: str) -> None:
        path = Path(typed).expanduser()
        if path.is_file():
            checked = self.query_one("#questions", Checkbox).value
            self.dismiss(Chosen("file", path, True if checked else None))
        elif path.is_dir():
            if not typed.endswith("/"):
                self.query_one(PathInput).value = typed + "/"
        else:
            words = shell(self).t("quiz.no_such_file", name=path.name)
            self.query_one(".files").border_subtitle = plain(words, "$text-error")

    @on(Button.Pressed, "#no")
    def action_close(self) -> None:
        self.dismiss(None)


def _draw(row: FileRow) -> Content:
    if row.is_folder:
        return Content.assemble(plain_line(row.name, 80, "bold"), ("/", "$text-muted"))
    return Content.assemble(plain_line(row.name, 80), "  ", plain(_size(row.size), "$text-muted"))


def _size(count: int) -> str:
    if count < 1 << 20:
        return f"{max(1, count >> 10)} KB"
    return f"{count / (1 << 20):.1f} MB"
