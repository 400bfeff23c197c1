"""A modal list to choose one thing from: a persona, a model, a theme, a command.

It filters while one types, explains the highlighted row, and is dismissed with its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from aigc_tui.tui.keys import bindings
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.inputs import LineInput
from aigc_tui.tui.widgets.text import WrappedText, plain_line

FILTER_FROM = 6
"""A shorter list is taken in at a glance and gets no filter."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a picker. All its texts are treated as untrusted."""

    id: str
    title: str
    mark: str = ""
    """One character or emoji before the title."""
    subtitle: str = ""
    words: str = ""
    """Further words by which the filter finds it."""
    detail: str = ""
    """What is shown beside the list while the row is pointed at."""

    def matches(self, words: str) -> bool:
        """Whether every typed word occurs somewhere in the row."""
        hay = f"{self.id} {self.title} {self.subtitle} {self.words}".casefold()
        return all(word in hay for word in words.casefold().split())


class Filter(LineInput):
    """The picker's input: passes up and down on to the list."""

    @property
    def _list(self) -> OptionList:
        return self.screen.query_one("#choices", OptionList)

    async def _on_key(self, event: events.Key) -> None:
        match event.key:
            case "up":
                self._list.action_cursor_up()
            case "down":
                self._list.action_cursor_down()
            case _:
                await super()._on_key(event)
                return
        event.stop()
        event.prevent_default()


class Picker(ModalScreen[str | None]):
    """Choose one of several; dismissed with its id, or None.

    Args:
        title: What is asked, in the user's language.
        choices: The rows, in order.
        current: The id of the row that is in force now.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar = bindings("overlay")

    def __init__(self, title: str, choices: Sequence[Choice], current: str = "") -> None:
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._current = current
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker") as box:
            box.border_title = plain_line(self._title)
            box.border_subtitle = plain_line(shell(self).t("chat.picker_keys"))
            box.set_class(not any(choice.detail for choice in self._choices), "-plain")
            if len(self._choices) >= FILTER_FROM:
                yield Filter(placeholder=shell(self).t("chat.picker_filter"), id="filter")
            with Horizontal():
                yield OptionList(id="choices", markup=False)
                with VerticalScroll(id="detail-pane", can_focus=False):
                    yield WrappedText(id="detail")

    def on_mount(self) -> None:
        self._fill("")
        self.query_one("#filter" if self.query("#filter") else "#choices").focus()

    def _fill(self, words: str) -> None:
        self._shown = [choice for choice in self._choices if choice.matches(words)]
        options = self.query_one("#choices", OptionList)
        options.set_options([Option(self._row(choice), id=choice.id) for choice in self._shown])
        ids = [choice.id for choice in self._shown]
        options.highlighted = ids.index(self._current) if self._current in ids else (0 if ids else None)
        if not ids:
            self.query_one("#detail", WrappedText).show_text(shell(self).t("chat.picker_nothing"))

    def _row(self, choice: Choice) -> Content:
        mark = Content.assemble(plain_line(choice.mark, 4), " " if choice.mark else "")
        here = (" ●" if choice.id == self._current else "", "$text-accent")
        title = Content.assemble(mark, plain_line(choice.title, 60, "bold"), here)
        if not choice.subtitle:
            return title
        return Content.assemble(title, "\n", plain_line(choice.subtitle, 120, "$text-muted"))

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        self._fill(event.value)

    @on(OptionList.OptionHighlighted, "#choices")
    def _explain(self, event: OptionList.OptionHighlighted) -> None:
        # By id, not by place: the event may tell of a list that more typing has changed meanwhile.
        choice = next(choice for choice in self._choices if choice.id == event.option_id)
        if choice in self._shown:
            self.query_one("#detail", WrappedText).show_text(choice.detail)

    @on(OptionList.OptionSelected, "#choices")
    def _select(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    @on(Input.Submitted, "#filter")
    def _submit(self) -> None:
        index = self.query_one("#choices", OptionList).highlighted
        if index is not None:
            self.dismiss(self._shown[index].id)

    def action_close(self) -> None:
        self.dismiss(None)
