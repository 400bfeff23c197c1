"""The conversation list: newest first, paged from the store, searched while one types.

Why it exists: hundreds of conversations must be findable by any word in them, without the list or the search
ever making a key press wait. The store is asked in a thread, one question at a time, and only the answer to
the latest question is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.chat.rows import Row, draw
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.inputs import LineInput
from aigc_tui.tui.widgets.text import plain, plain_line

PAGE = 50
"""Conversations that are read at once."""
NEAR_END = 8
"""Rows before the end at which the next page is fetched."""


class Source(Protocol):
    """Where rows come from. Both calls may be slow and are made in a thread."""

    def page(self, *, archived: bool, after: Row | None, count: int) -> Sequence[Row]:
        """So many of the newest conversations, or of those that come after a row already shown."""
        ...

    def search(self, query: str) -> Sequence[Row]:
        """The best places for a query."""
        ...


@dataclass(frozen=True, slots=True)
class _Question:
    query: str
    archived: bool
    after: Row | None = None
    count: int = PAGE


class ConversationList(OptionList):
    """The rows, with the keys that act on the one that is pointed at."""

    BINDINGS: ClassVar = bindings("list")

    @dataclass
    class Asked(Message):
        """A key asks for something to be done: `open`, `rename`, `archive`, `delete` or `undo`."""

        what: str

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """A list scrolled by the mouse near its end wants more, as one walked by keys does."""
        super().watch_scroll_y(old_value, new_value)
        if self.max_scroll_y and new_value >= self.max_scroll_y - NEAR_END:
            self.post_message(self.Asked("more"))

    def action_open(self) -> None:
        """Open the row."""
        self.action_select()

    def action_rename(self) -> None:
        """Give the conversation another title."""
        self.post_message(self.Asked("rename"))

    def action_archive(self) -> None:
        """Put the conversation aside, or bring it back."""
        self.post_message(self.Asked("archive"))

    def action_delete(self) -> None:
        """Delete the conversation; it can be undone."""
        self.post_message(self.Asked("delete"))

    def action_undo(self) -> None:
        """Take back the last deletion or archiving."""
        self.post_message(self.Asked("undo"))


class SearchBox(LineInput):
    """The search field: down and enter lead into the list."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "down":
            event.stop()
            event.prevent_default()
            self.screen.query_one(ConversationList).focus()
            return
        await super()._on_key(event)


class Sidebar(Vertical):
    """Search field and list. It asks its owner to act, and changes nothing itself."""

    @dataclass
    class Opened(Message):
        """A row was chosen."""

        row: Row

    @dataclass
    class Asked(Message):
        """Something is to be done with a row (`rename`, `archive`, `delete`), or undone (`undo`)."""

        what: str
        row: Row | None

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._source: Source | None = None
        self._rows: list[Row] = []
        self._whole = False
        self._question: _Question | None = None
        self._busy = False
        self._current = ""
        self.archived = False

    def compose(self) -> ComposeResult:
        """The field above the list."""
        yield SearchBox(id="search")
        yield ConversationList(id="conversations", markup=False)

    def on_mount(self) -> None:
        """Word the frame."""
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
        t = shell(self).t
        self.query_one(SearchBox).placeholder = t("chat.search_placeholder")
        self.border_title = plain_line(t("chat.archive_title") if self.archived else t("chat.list_title"))

    def attach(self, source: Source) -> None:
        """Take rows from here from now on."""
        self._source = source
        self.reload()

    @property
    def query_text(self) -> str:
        """The words that are searched; empty when nothing is."""
        return self.query_one(SearchBox).value.strip()

    @property
    def rows(self) -> Sequence[Row]:
        """What is listed."""
        return tuple(self._rows)

    @property
    def pointed(self) -> Row | None:
        """The row that is pointed at."""
        index = self.query_one(ConversationList).highlighted
        return self._rows[index] if index is not None and index < len(self._rows) else None

    def show_current(self, conversation: str) -> None:
        """Mark the conversation on show."""
        if conversation != self._current:
            self._current = conversation
            self._draw(self.query_one(ConversationList).highlighted)

    def show_archive(self, on: bool) -> None:
        """Show what was put aside, or what was not."""
        self.archived = on
        self.retranslate()
        self.reload()

    def search_for(self, words: str) -> None:
        """Put words into the field and the cursor after them."""
        box = self.query_one(SearchBox)
        box.value = words
        box.cursor_position = len(words)
        if box.focusable:
            # At once, since focus() waits for its turn and the letters typed next would go to the prompt.
            self.screen.set_focus(box)
        else:
            box.focus()

    def clear_search(self) -> bool:
        """Empty the field; False if it was empty."""
        box = self.query_one(SearchBox)
        had, box.value = bool(box.value), ""
        return had

    def reload(self) -> None:
        """Ask for the list, or the search, from its beginning, and for no less than is shown."""
        count = PAGE if self.query_text else max(PAGE, len(self._rows))
        self._ask(_Question(self.query_text, self.archived, count=count))

    def _ask(self, question: _Question) -> None:
        self._question = question
        if not self._busy and self._source is not None:
            self._busy = True
            self.run_worker(self._answer(self._source), group="sidebar", exit_on_error=False)

    async def _answer(self, source: Source) -> None:
        """Answer the latest question until there is no newer one."""
        try:
            while (question := self._question) is not None:
                self._question = None
                rows = await asyncio.to_thread(fetch, source, question)
                if self._question is None:
                    self._take(question, rows)
        finally:
            self._busy = False

    def _take(self, question: _Question, rows: Sequence[Row]) -> None:
        before = self.pointed
        self._whole = bool(question.query) or not rows
        self._rows = [*self._rows, *rows] if question.after else list(rows)
        places = [(row.conversation, row.message) for row in self._rows]
        here = (before.conversation, before.message) if before else (self._current, "")
        self._draw(places.index(here) if here in places else (0 if places else None))

    def _draw(self, highlighted: int | None) -> None:
        options = self.query_one(ConversationList)
        top = options.scroll_y
        query = self.query_text
        options.set_options(
            [Option(draw(row, query, current=row.conversation == self._current)) for row in self._rows]
        )
        options.highlighted = highlighted
        options.scroll_to(y=top, animate=False, force=True)
        self._say_how_many()

    def _say_how_many(self) -> None:
        t = shell(self).t
        if self.query_text:
            words = t("chat.found", count=len(self._rows)) if self._rows else t("chat.found_nothing")
        else:
            words = "" if self._rows else t("chat.nothing_yet")
        self.border_subtitle = plain(words) if words else None

    @on(Input.Changed, "#search")
    def _search(self) -> None:
        self.reload()

    @on(Input.Submitted, "#search")
    def _search_done(self) -> None:
        options = self.query_one(ConversationList)
        if self.query_text and self._rows:
            options.focus()

    @on(OptionList.OptionHighlighted, "#conversations")
    def _walked(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index >= len(self._rows) - NEAR_END:
            self._more()

    @on(OptionList.OptionSelected, "#conversations")
    def _opened(self, event: OptionList.OptionSelected) -> None:
        self.post_message(self.Opened(self._rows[event.option_index]))

    @on(ConversationList.Asked)
    def _asked(self, event: ConversationList.Asked) -> None:
        event.stop()
        if event.what == "more":
            self._more()
        else:
            self.post_message(self.Asked(event.what, self.pointed))

    def _more(self) -> None:
        if self._rows and not self._whole and not self._busy:
            self._ask(_Question(self.query_text, self.archived, after=self._rows[-1]))


def fetch(source: Source, question: _Question) -> Sequence[Row]:
    """Ask the source what was asked."""
    if question.query:
        return source.search(question.query)
    return source.page(archived=question.archived, after=question.after, count=question.count)
