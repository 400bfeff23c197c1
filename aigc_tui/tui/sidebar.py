"""A sidebar: a list with a search field, filled from a slow source, and the pane it stands in.

The source is asked in a thread, one question at a time, and only the answer to the latest question is
shown, so that a key press never waits for the store.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from aigc_tui.text import one_line
from aigc_tui.tui.pane import Pane
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.inputs import LineInput
from aigc_tui.tui.widgets.text import plain, plain_line

PAGE = 50
"""Rows that are read at once."""
NEAR_END = 8
"""Rows before the end at which the next page is fetched."""
WIDE = 100
"""Cells from which on the sidebar stands beside the rest instead of over it."""
UNDO_LIMIT = 20
TITLE_IN_NOTE = 30
SHORTEST_STEM = 3


class SidebarRow(Protocol):
    """One row. All its texts are treated as untrusted."""

    @property
    def id(self) -> str:
        """What it opens."""
        ...

    @property
    def part(self) -> str:
        """The place in it that was found; empty for the whole."""
        ...

    def draw(self, query: str, *, current: bool) -> Content:
        """Its lines, with the searched words marked.

        Args:
            query: The searched words; empty when nothing is searched.
            current: Whether the pane shows it.
        """
        ...


class RowSource(Protocol):
    """Where rows come from. Both calls may be slow and are made in a thread."""

    def page(self, *, after: SidebarRow | None, count: int) -> Sequence[SidebarRow]:
        """The first rows, or those that come after one already shown."""
        ...

    def search(self, query: str) -> Sequence[SidebarRow]:
        """The best rows for a query."""
        ...


@dataclass(frozen=True, slots=True)
class _Question:
    query: str
    after: SidebarRow | None = None
    count: int = PAGE


class SidebarList(OptionList):
    """The rows, with the keys that act on the highlighted one."""

    @dataclass
    class Asked(Message):
        """A key asks for something to be done, e.g. `rename`."""

        what: str

    @dataclass
    class NearEnd(Message):
        """The end of the loaded rows is near."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a row's keys only where there is a row; undo brings one back."""
        if action == "open" or (action == "ask" and parameters != ("undo",)):
            return self.option_count > 0
        return super().check_action(action, parameters)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """A list scrolled by the mouse near its end wants more, as one walked by keys does."""
        super().watch_scroll_y(old_value, new_value)
        if self.max_scroll_y and new_value >= self.max_scroll_y - NEAR_END:
            self.post_message(self.NearEnd())

    def action_open(self) -> None:
        self.action_select()

    def action_ask(self, what: str) -> None:
        self.post_message(self.Asked(what))


class SearchBox(LineInput):
    """The search field: down leads into the list."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "down":
            event.stop()
            event.prevent_default()
            self.screen.query_one(SidebarList).focus()
            return
        await super()._on_key(event)


class Sidebar(Vertical):
    """Search field and list. It asks its owner to act, and changes nothing itself."""

    LIST: ClassVar[type[SidebarList]] = SidebarList
    SEARCH: ClassVar[type[SearchBox]] = SearchBox
    SEARCH_KEY: ClassVar = ""
    """Catalogue keys: the search field's placeholder, the title, how many rows were found, none found."""
    TITLE_KEY: ClassVar = ""
    FOUND_KEY: ClassVar = ""
    NOTHING_KEY: ClassVar = ""

    @dataclass
    class Opened(Message):
        """A row was chosen."""

        row: SidebarRow

    @dataclass
    class Asked(Message):
        """Something is to be done with a row (e.g. `rename`), or undone (`undo`)."""

        what: str
        row: SidebarRow | None

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._source: RowSource | None = None
        self._rows: list[SidebarRow] = []
        self._whole = False
        self._question: _Question | None = None
        self._busy = False
        self._current = ""
        self._point_at = ""

    def compose(self) -> ComposeResult:
        yield self.SEARCH(id="search")
        yield self.LIST(id="rows", markup=False)

    def on_mount(self) -> None:
        self.retranslate()

    def retranslate(self) -> None:
        self.query_one(SearchBox).placeholder = shell(self).t(self.SEARCH_KEY)
        self.border_title = plain_line(shell(self).t(self.title_key()))
        self.reload()

    def attach(self, source: RowSource) -> None:
        """Take rows from here from now on."""
        self._source = source
        self.reload()

    def title_key(self) -> str:
        """The catalogue key of what stands above the list."""
        return self.TITLE_KEY

    def subtitle(self) -> str:
        """What stands below the list while nothing is searched."""
        return ""

    @property
    def query_text(self) -> str:
        """The words that are searched; empty when nothing is."""
        return self.query_one(SearchBox).value.strip()

    @property
    def rows(self) -> Sequence[SidebarRow]:
        """What is listed."""
        return tuple(self._rows)

    @property
    def pointed(self) -> SidebarRow | None:
        """The highlighted row."""
        index = self.query_one(SidebarList).highlighted
        return self._rows[index] if index is not None and index < len(self._rows) else None

    def show_current(self, id: str, *, point: bool = False) -> None:  # noqa: A002 - the store's word
        """Mark what the pane shows.

        Args:
            id: The row's id.
            point: Whether to highlight it, too, now or when it has been loaded.
        """
        changed, self._current = id != self._current, id
        if point:
            self._point_at = id
        if changed or point:
            ids = [row.id for row in self._rows]
            there = point and id in ids
            self._draw(ids.index(id) if there else self.query_one(SidebarList).highlighted)

    def search_for(self, words: str) -> None:
        """Put words into the field and the cursor after them."""
        box = self.query_one(SearchBox)
        box.value = words
        box.cursor_position = len(words)
        if box.focusable:
            # At once, since focus() waits for its turn and the letters typed next would go elsewhere.
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
        self._ask(_Question(self.query_text, count=count))

    def _ask(self, question: _Question) -> None:
        self._question = question
        if not self._busy and self._source is not None:
            self._busy = True
            self.run_worker(self._answer(self._source), group="sidebar", exit_on_error=False)

    async def _answer(self, source: RowSource) -> None:
        """Answer the latest question until there is no newer one."""
        try:
            while (question := self._question) is not None:
                self._question = None
                rows = await asyncio.to_thread(_fetch, source, question)
                if self._question is None:
                    self._take(question, rows)
        finally:
            self._busy = False

    def _take(self, question: _Question, rows: Sequence[SidebarRow]) -> None:
        before = self.pointed
        self._whole = bool(question.query) or not rows
        self._rows = [*self._rows, *rows] if question.after else list(rows)
        places = [(row.id, row.part) for row in self._rows]
        here = (before.id, before.part) if before else (self._current, "")
        if self._point_at and (self._point_at, "") in places:
            here, self._point_at = (self._point_at, ""), ""
        self._draw(places.index(here) if here in places else (0 if places else None))

    def _draw(self, highlighted: int | None) -> None:
        options = self.query_one(SidebarList)
        top, query = options.scroll_y, self.query_text
        options.set_options([Option(row.draw(query, current=row.id == self._current)) for row in self._rows])
        options.highlighted = highlighted
        options.scroll_to(y=top, animate=False, force=True)
        if self.query_text:
            key = self.FOUND_KEY if self._rows else self.NOTHING_KEY
            words = shell(self).t(key, count=len(self._rows))
        else:
            words = self.subtitle()
        self.border_subtitle = plain(words) if words else None

    @on(Input.Changed, "#search")
    def _search(self) -> None:
        self.reload()

    @on(Input.Submitted, "#search")
    def _search_done(self) -> None:
        if self.query_text and self._rows:
            self.query_one(SidebarList).focus()

    @on(OptionList.OptionHighlighted, "#rows")
    def _walked(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index >= len(self._rows) - NEAR_END:
            self._more()

    @on(OptionList.OptionSelected, "#rows")
    def _opened(self, event: OptionList.OptionSelected) -> None:
        self.post_message(self.Opened(self._rows[event.option_index]))

    @on(SidebarList.Asked)
    def _asked(self, event: SidebarList.Asked) -> None:
        event.stop()
        self.post_message(self.Asked(event.what, self.pointed))

    @on(SidebarList.NearEnd)
    def _more(self) -> None:
        if self._rows and not self._whole and not self._busy:
            self._ask(_Question(self.query_text, after=self._rows[-1]))


def _fetch(source: RowSource, question: _Question) -> Sequence[SidebarRow]:
    if question.query:
        return source.search(question.query)
    return source.page(after=question.after, count=question.count)


def short_title(title: str, untitled: str) -> str:
    """A title as a note names it."""
    return one_line(title, TITLE_IN_NOTE) or untitled


def marked(text: Content, query: str) -> Content:
    """The text with every occurrence of the searched words highlighted."""
    if not query:
        return text
    # Not before the first search: the first frame draws the list, too.
    from aigc_tui.store.segment import parse_query

    for word in parse_query(query).terms:
        text = text.highlight_regex(_pattern(word, text.plain), style="$text-warning")
    return text


def _pattern(word: str, text: str) -> re.Pattern[str]:
    """What a searched word found in a text: itself, or else the words that share its stem."""
    lengths = range(len(word), SHORTEST_STEM - 1, -1) if word.isascii() else ()
    for length in lengths:
        tail = "" if length == len(word) else r"\w*"
        start = "" if length == len(word) else r"\b"
        pattern = re.compile(f"{start}{re.escape(word[:length])}{tail}", re.IGNORECASE)
        if pattern.search(text):
            return pattern
    return re.compile(re.escape(word), re.IGNORECASE)


class SidebarPane(Pane[None]):
    """A pane with a sidebar, which lies over the rest on a narrow screen."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual's own declaration

    @property
    def sidebar(self) -> Sidebar:
        """The list."""
        return self.query_one(Sidebar)

    @property
    def in_sidebar(self) -> bool:
        """Whether the sidebar has the focus."""
        return self.focused is not None and self.sidebar in self.focused.ancestors

    @property
    def overlay_open(self) -> bool:
        """Whether the sidebar lies over the rest."""
        return self.has_class("-narrow") and self.has_class("-sidebar-open")

    def show_sidebar(self) -> None:
        """Open the sidebar, at any width."""
        self.set_class(self.has_class("-narrow"), "-sidebar-open")
        self.remove_class("-no-sidebar")

    def go_to_sidebar(self) -> None:
        """Open the sidebar and focus its list."""
        self.show_sidebar()
        self.query_one(SidebarList).focus()

    def search(self, words: str = "") -> None:
        """Open the sidebar and search for words, or go on with the search there is."""
        self.show_sidebar()
        self.sidebar.search_for(words or self.sidebar.query_text)

    def action_search(self) -> None:
        self.search()

    def close_overlay(self) -> None:
        """Close the sidebar where it lies over the rest."""
        self.remove_class("-sidebar-open")

    def toggle_sidebar(self) -> bool:
        """Show or hide the sidebar; tells whether it is shown now."""
        if self.has_class("-wide"):
            shown = self.has_class("-no-sidebar")
            self.set_class(not shown, "-no-sidebar")
        else:
            shown = not self.has_class("-sidebar-open")
            self.set_class(shown, "-sidebar-open")
        return shown

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Close the overlay when something else has the focus."""
        if self.sidebar not in event.widget.ancestors_with_self:
            self.close_overlay()

    def retranslate(self) -> None:
        super().retranslate()
        self.sidebar.retranslate()
