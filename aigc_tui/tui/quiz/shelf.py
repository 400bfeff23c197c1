"""The shelf: lessons with their quizzes and what is due, searched while one types.

Why it exists: it is the way into everything else on this pane. It shows what its owner read from the store in
a thread, asks its owner to act, and changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.quiz.shelf_rows import ShelfContents, ShelfRow, draw, found_rows, shelf_rows
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.inputs import LineInput
from aigc_tui.tui.widgets.text import plain, plain_line

PATH_STARTS = ("/", "~/", "'/", '"/', "file://")
"""What is pasted by a terminal on which a file was dropped begins so."""


class ShelfList(OptionList):
    """The rows, with the keys that act on the one that is pointed at."""

    BINDINGS: ClassVar = bindings("shelf")

    @dataclass
    class Asked(Message):
        """A key asks for something to be done: `rename`, `delete`, `undo`, `take` or `practise`."""

        what: str

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a row's keys only where there is a row; undo brings one back."""
        if action in ("open", "rename", "delete", "take", "practise"):
            return self.option_count > 0
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """Open the row."""
        self.action_select()

    def action_rename(self) -> None:
        """Give it another title."""
        self.post_message(self.Asked("rename"))

    def action_delete(self) -> None:
        """Delete it; it can be undone."""
        self.post_message(self.Asked("delete"))

    def action_take(self) -> None:
        """Take the quiz."""
        self.post_message(self.Asked("take"))

    def action_practise(self) -> None:
        """Practise the lesson."""
        self.post_message(self.Asked("practise"))

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        self.post_message(self.Asked("undo"))


class ShelfSearch(LineInput):
    """The search field: down leads into the list; a dropped file is none of its words."""

    @dataclass
    class Dropped(Message):
        """A file was dropped on the field."""

        text: str

    def _on_paste(self, event: events.Paste) -> None:
        if event.text.strip().startswith(PATH_STARTS):
            event.stop()
            event.prevent_default()
            self.post_message(self.Dropped(event.text))
            return
        super()._on_paste(event)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "down":
            event.stop()
            event.prevent_default()
            self.screen.query_one(ShelfList).focus()
            return
        await super()._on_key(event)


class Shelf(Vertical):
    """Search field and list."""

    @dataclass
    class Opened(Message):
        """A row was chosen."""

        row: ShelfRow

    @dataclass
    class Asked(Message):
        """Something is to be done with a row (`rename`, `delete`), or undone (`undo`)."""

        what: str
        row: ShelfRow | None

    @dataclass
    class Wanted(Message):
        """A quiz is to be taken (`take`) or a lesson practised (`practise`)."""

        what: str
        row: ShelfRow

    @dataclass
    class Searched(Message):
        """The words in the field changed: the owner may tell `found_in` which lessons hold them."""

        query: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._contents = ShelfContents()
        self._rows: list[ShelfRow] = []
        self._inside: frozenset[str] = frozenset()
        self._current = ""

    def compose(self) -> ComposeResult:
        """The field above the list."""
        yield ShelfSearch(id="shelf-search")
        yield ShelfList(id="shelf-list", markup=False)

    def on_mount(self) -> None:
        """Word the frame."""
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
        t = shell(self).t
        self.query_one(ShelfSearch).placeholder = t("quiz.shelf_search")
        self.border_title = plain_line(t("quiz.shelf_title"))
        self._draw()

    def show(self, contents: ShelfContents) -> None:
        """Show what is on the shelf now."""
        self._contents = contents
        self._draw()

    def found_in(self, query: str, ids: Iterable[str]) -> None:
        """Show also these, since the searched words stand in their texts."""
        if query == self.query_text:
            self._inside = frozenset(ids)
            self._draw()

    @property
    def query_text(self) -> str:
        """The words that are searched; empty when nothing is."""
        return self.query_one(ShelfSearch).value.strip()

    @property
    def rows(self) -> Sequence[ShelfRow]:
        """What is listed."""
        return tuple(self._rows)

    @property
    def pointed(self) -> ShelfRow | None:
        """The row that is pointed at."""
        index = self.query_one(ShelfList).highlighted
        return self._rows[index] if index is not None and index < len(self._rows) else None

    def show_current(self, id: str) -> None:  # noqa: A002 - the store's word
        """Mark what the pane shows, and point at it."""
        self._current = id
        self._draw(id)

    def clear_search(self) -> bool:
        """Empty the field; False if it was empty."""
        box = self.query_one(ShelfSearch)
        had, box.value = bool(box.value), ""
        return had

    def _draw(self, point_at: str = "") -> None:
        options, t = self.query_one(ShelfList), shell(self).t
        here = point_at or (self.pointed.id if self.pointed else self._current)
        top, query = options.scroll_y, self.query_text
        rows = shelf_rows(self._contents, t)
        self._rows = found_rows(rows, query, self._inside) if query else rows
        options.set_options(
            [Option(draw(row, query, t, current=row.id == self._current)) for row in self._rows]
        )
        ids = [row.id for row in self._rows]
        options.highlighted = ids.index(here) if here in ids else (0 if ids else None)
        if not point_at:
            options.scroll_to(y=top, animate=False, force=True)
        self._say_how_many()

    def _say_how_many(self) -> None:
        t = shell(self).t
        if self.query_text:
            words = t("quiz.found", count=len(self._rows)) if self._rows else t("quiz.found_nothing")
        else:
            due = self._contents.due_in_all
            words = t("quiz.due", count=due) if due else ""
        self.border_subtitle = plain(words) if words else None

    @on(Input.Changed, "#shelf-search")
    def _search(self) -> None:
        self._inside = frozenset()
        self._draw()
        if self.query_text:
            self.post_message(self.Searched(self.query_text))

    @on(Input.Submitted, "#shelf-search")
    def _search_done(self) -> None:
        if self._rows:
            self.query_one(ShelfList).focus()

    @on(OptionList.OptionSelected, "#shelf-list")
    def _opened(self, event: OptionList.OptionSelected) -> None:
        self.post_message(self.Opened(self._rows[event.option_index]))

    @on(ShelfList.Asked)
    def _asked(self, event: ShelfList.Asked) -> None:
        event.stop()
        if event.what in ("take", "practise"):
            if self.pointed is not None:
                self.post_message(self.Wanted(event.what, self.pointed))
        else:
            self.post_message(self.Asked(event.what, self.pointed))
