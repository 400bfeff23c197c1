"""The models screen: what is installed and what can be had in one list; get, use, remove.

A download goes on when the screen is closed (`pulls.py`); opened again, the screen shows how far it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from aigc_tui.config import load_or_default
from aigc_tui.engine.catalogue import size_words
from aigc_tui.engine.models import ModelCatalogue
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.models.rows import ModelRow, details, head_line, read_rows, row_line
from aigc_tui.tui.pane import Pane
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.dialogs import ConfirmDialog
from aigc_tui.tui.widgets.text import LinesPage, plain, plain_line

if TYPE_CHECKING:
    from aigc_tui.tui.models.pulls import Pull, Pulls

LOOK_SECONDS = 0.25
"""How often the line of progress is drawn."""


class ModelList(OptionList):
    """The rows. A click only points at one: a download must not begin by a slip of the mouse."""

    async def _on_click(self, event: events.Click) -> None:
        event.prevent_default()
        place = event.style.meta.get("option")
        if place is not None:
            self.highlighted = place


class ModelsScreen(Pane[None]):
    """Every model that is here or can be had."""

    CSS_PATH = "models.tcss"
    BINDINGS = bindings("overlay", "models")
    AUTO_FOCUS = "#models"
    ONE_AT_A_TIME = True

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[ModelRow] = ()
        self._seen: Pull | None = None
        """The download whose end was shown."""

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        yield Static(head_line(self.t), id="columns", markup=False)
        yield ModelList(id="models", markup=False)
        yield LinesPage(id="about")
        yield Static(id="progress", markup=False)
        yield Static(id="note", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self._seen = None if self.pulls.running else self.pulls.current
        self.set_interval(LOOK_SECONDS, self.look)
        self.work(self._read())

    def retranslate(self) -> None:
        super().retranslate()
        self.query_one("#columns", Static).update(head_line(self.t))
        self.work(self._read())

    @property
    def pulls(self) -> Pulls:
        """The downloads of the application."""
        return shell(self).pulls

    @property
    def row(self) -> ModelRow | None:
        """The row that is pointed at."""
        place = self.query_one(ModelList).highlighted
        return self._rows[place] if place is not None and place < len(self._rows) else None

    def _is_active(self, row: ModelRow) -> bool:
        return row.name == shell(self).settings.model

    async def _read(self) -> None:
        here, options = self.row, self.query_one(ModelList)
        program = shell(self)
        store = None if program.services is None else program.services.store
        self._rows = await asyncio.to_thread(read_rows, program.paths, program.settings, store)
        running = self.pulls.running
        pulling = "" if running is None else running.entry.id
        options.set_options(
            [
                Option(row_line(row, self.t, active=self._is_active(row), pulling=row.name == pulling))
                for row in self._rows
            ]
        )
        names = [row.name for row in self._rows]
        wanted = here.name if here is not None else shell(self).settings.model
        options.highlighted = names.index(wanted) if wanted in names else 0
        count = self.t("models.count", here=sum(row.is_here for row in self._rows), all=len(self._rows))
        title = plain_line(self.t("models.title"), style="bold")
        self.head(Content.assemble(title, plain(f"  {count}", "$text-muted")))
        self.refresh_bindings()

    @on(OptionList.OptionHighlighted, "#models")
    def _pointed(self) -> None:
        if self.row is not None:
            shown = details(self.row, self.t, shell(self).language, active=self._is_active(self.row))
            self.query_one("#about", LinesPage).show(shown)
        self.refresh_bindings()

    def look(self) -> None:
        """Show how far the download is, and once how it ended."""
        running, line = self.pulls.running, self.query_one("#progress", Static)
        line.display = running is not None
        if running is not None:
            line.update(plain_line(progress_words(running, self)))
            return
        ended = self.pulls.current
        if ended is None or ended is self._seen:
            return
        self._seen = ended
        # That it is here is told by the application, on whatever screen.
        if ended.was_stopped:
            self.note(self.t("models.stopped", name=ended.entry.name, key=self.key_of("models.get")))
        elif ended.error is not None:
            self.note(self.error_line(ended.error), error=True)
        self.work(self._read())

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        row = self.row if self._rows else None
        match action:
            case "get":
                return row is not None and not row.is_here and self.pulls.running is None
            case "use":
                return row is not None and row.is_here and not self._is_active(row)
            case "remove":
                return row is not None and row.can_be_removed
            case "stop":
                return self.is_mounted and self.pulls.running is not None
            case _:
                return super().check_action(action, parameters)

    @on(OptionList.OptionSelected, "#models")
    def _entered(self) -> None:
        """Enter does what the row is there for."""
        if self.row is not None and self.row.is_here:
            self.action_use()
        elif self.pulls.running is not None:
            self.note(self.t("models.one_at_a_time", name=self.pulls.running.entry.name))
        else:
            self.action_get()

    def action_get(self) -> None:
        if self.row is not None and self.row.entry is not None and self.pulls.running is None:
            self.clear_note()
            shell(self).pull(self.row.entry)
            self.look()
            self.work(self._read())

    def action_stop(self) -> None:
        self.pulls.stop()

    def action_use(self) -> None:
        if self.row is not None and self.row.is_here:
            self.work(self._use(self.row))

    async def _use(self, row: ModelRow) -> None:
        if row.info is not None and row.info.problem:
            self.note(self.t("chat.model_broken", problem=row.info.problem), error=True)
            return
        await shell(self).use_model(row.name)
        await self._read()
        if self._is_active(row):
            self.confirm(self.t("chat.model_changed", name=row.name))
        else:
            self.note(self.t("models.not_saved", name=row.name), error=True)

    def action_remove(self) -> None:
        if self.row is not None and self.row.can_be_removed:
            self.work(self._remove(self.row))

    async def _remove(self, row: ModelRow) -> None:
        question = self.t("models.remove_question", name=row.name, size=size_words(row.size))
        if not await self.ask(ConfirmDialog(question, self.t("models.remove_yes"))):
            return
        here = shell(self)
        # What else was changed in the file meanwhile is not lost: it is read anew.
        settings = load_or_default(here.paths)[0]
        removed = await asyncio.to_thread(ModelCatalogue(here.paths, settings).remove, row.name)
        problem = here.forget_model(row.name)
        await self._read()
        freed = size_words(removed.freed_bytes)
        done = self.t("models.removed", name=removed.name, size=freed)
        self.note(problem, error=True) if problem else self.confirm(done)


def progress_words(pull: Pull, pane: Pane[None]) -> str:
    """How far a download is, in one line: what was told of its source while nothing has come yet."""
    t = pane.t
    if pull.step is not None:
        return f"↓ {pull.step.words(t)}"
    if pull.note is not None:
        return f"↓ {pull.note.text(t)}"
    return f"↓ {t('models.beginning', name=pull.entry.name)}"
