"""The transcript: a conversation of any length, steady while it streams and while older pages load.

One widget draws only the visible rows (Textual's line API), so that a focus change or a flush of the
stream costs the same with five messages as with five thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import ClassVar

from textual import events
from textual.message import Message as TextualMessage
from textual.timer import Timer

from aigc_tui.store.records import Message
from aigc_tui.tui.chat.message_view import MessageView, Pacer, Wording
from aigc_tui.tui.chat.transcript_scroll import Roll
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.markdown import CodeBlock
from aigc_tui.tui.markdown.blocks import CODE_META
from aigc_tui.tui.markdown.inline import LINK_META

KEPT = 400
"""Views kept while following the end; the oldest are dropped beyond and paged in again when wanted."""
PAGE = 200
"""Views left after such a drop."""
COMPOSING = 3
"""How much longer it takes to put drawn rows on the screen than to draw them (profiled: 3.2)."""
EAGER = 1.5
"""Screens from the top at which an older page is asked for."""


class Transcript(Roll, can_focus=True):
    """Shows messages, streams a reply, selects by key and mouse."""

    DEFAULT_CSS = (Path(__file__).parent / "transcript.tcss").read_text(encoding="utf-8")
    BINDINGS: ClassVar = bindings("transcript")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "transcript--user",
        "transcript--assistant",
        "transcript--notice",
        "transcript--selected",
        "transcript--selected-bar",
    }

    @dataclass
    class OlderRequested(TextualMessage):
        """The reader nears the top: please `prepend` the page before this message."""

        before_id: str

    @dataclass
    class Selected(TextualMessage):
        """Another message is selected, or none."""

        message_id: str | None

    @dataclass
    class LinkClicked(TextualMessage):
        """A link to http(s) was clicked; ask before opening it."""

        url: str

    @dataclass
    class CodeCopyRequested(TextualMessage):
        """The head of a code block was clicked: please copy its source."""

        message_id: str
        block: CodeBlock

    @dataclass
    class FollowingChanged(TextualMessage):
        """The end came into sight and is followed, or the reader scrolled away from it."""

        following: bool

    def __init__(self, wording: Wording, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(wording, id=id)
        self._pacer = Pacer()
        self._timer: Timer | None = None
        self._streaming: MessageView | None = None
        self._has_older = False
        self._asked_older = False
        self._wants_previous = False

    # What the owner calls

    def set_wording(self, wording: Wording) -> None:
        """Take another language, other names or keys."""
        self._wording = wording
        self._redraw()

    def load(self, messages: Sequence[Message], *, has_older: bool) -> None:
        """Show a conversation from its end.

        Args:
            messages: The last ones of a path, oldest first.
            has_older: Whether there are more before them.
        """
        self._stop_timer()
        self._streaming, self._has_older, self._asked_older = None, has_older, False
        self._select(None)
        self._following = True
        with self._keeping_place():
            self._window.replace_all(messages)
        self._redraw()

    def prepend(self, messages: Sequence[Message], *, has_older: bool) -> None:
        """Put an older page on top; what is in sight stays where it is."""
        self._has_older, self._asked_older = has_older, False
        with self._keeping_place():
            self._window.prepend(messages)
        if self._wants_previous and messages:
            self._wants_previous = False
            self.action_select_previous()

    def add(self, message: Message) -> None:
        """Append a message."""
        with self._keeping_place():
            self._window.append(message)
            self._trim()

    def replace(self, message: Message) -> None:
        """Show a changed message (a rating, a status, other words) in the place of the one with its id."""
        if (view := self._view(message.id)) is None or view is self._streaming:
            return
        with self._keeping_place():
            view.settle(message)

    def truncate_from(self, message_id: str) -> None:
        """Drop a message and all after it."""
        index = self._window.index_of(message_id)
        if index is None:
            return
        if self._streaming in self._window.views[index:]:
            self._stop_timer()
            self._streaming = None
        with self._keeping_place():
            self._window.drop_from(index)
        if self._selected is not None and self._view(self._selected) is None:
            self._select(None)

    def start_stream(self, message: Message) -> None:
        """Begin the reply `message`; it is appended, or taken up again if it is there (continue)."""
        with self._keeping_place():
            view = self._view(message.id) or self._window.append(message)
            view.message = message
            view.begin_stream(self._window.width, self._renderer)
            self._streaming = view
            self._trim()

    def feed(self, text: str) -> None:
        """Take new words of the reply; a timer shows them when it is their time."""
        if self._streaming is None or self._streaming.stream is None:
            return
        self._streaming.stream.push(text)
        self._arm()

    def note(self, text: str) -> None:
        """Show a word on the progress under the reply being written; empty takes it away."""
        view = self._streaming
        if view is not None and view.note != text:
            with self._keeping_place():
                view.note = text
                view.revision += 1

    def settle(self, message: Message, note: str = "") -> None:
        """End the stream on any path: the final text is rendered once, whole.

        Args:
            message: The finished row, as the store has it.
            note: Why it failed, to be shown under it.
        """
        self._stop_timer()
        view = self._view(message.id)
        if view is None:
            return
        if view is self._streaming:
            self._streaming = None
            if view.stream is not None:
                view.stream.flush()
        with self._keeping_place():
            view.note = note
            view.settle(message)
        self._refine_soon([view])

    @property
    def selected(self) -> Message | None:
        """The message selected by keys or a click."""
        view = self._view(self._selected) if self._selected is not None else None
        return view.message if view is not None else None

    @property
    def following(self) -> bool:
        """Whether the end is kept in sight."""
        return self._following

    @property
    def messages(self) -> list[Message]:
        """The loaded messages, oldest first."""
        return [view.message for view in self._window.views]

    def code_blocks(self, message_id: str) -> Sequence[CodeBlock]:
        """Return the code blocks of a loaded message, raw, as numbered on the screen."""
        view = self._view(message_id)
        if view is None:
            return ()
        return view.code or self._renderer.render(view.message.content, coloured=False).code

    # Keys

    def action_select_previous(self) -> None:
        """Select the message above; at the top, ask for older ones first."""
        index = self._selected_index()
        if index == 0:
            self._wants_previous = self._has_older
            self._ask_older()
        else:
            self._go_to((len(self._window) if index is None else index) - 1)

    def action_select_next(self) -> None:
        """Select the message below; after the last one, go back to the end."""
        index = self._selected_index()
        if index is None or index + 1 >= len(self._window):
            self.action_last()
        else:
            self._go_to(index + 1)

    def action_first(self) -> None:
        """Go to the first loaded message; an older page is asked for there."""
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        """Go back to the end and follow it."""
        self._select(None)
        self._follow(True)
        with self._keeping_place():
            self._trim()
        self._flush_now()

    def select(self, message_id: str) -> None:
        """Select a loaded message and bring it into sight; one that is not loaded changes nothing."""
        index = self._window.index_of(message_id)
        if index is not None:
            self._go_to(index)

    def select_previous(self) -> None:
        """Select the message above."""
        self.action_select_previous()

    def select_next(self) -> None:
        """Select the message below."""
        self.action_select_next()

    def action_page_up(self) -> None:
        self.scroll_to(y=self.scroll_y - self._rows_in_sight + 2, animate=False)

    def action_page_down(self) -> None:
        self.scroll_to(y=self.scroll_y + self._rows_in_sight - 2, animate=False)

    # Older pages

    def moved(self) -> None:
        """Ask for an older page when the top is near."""
        if self.scroll_y < self._rows_in_sight * EAGER and self.is_mounted:
            self._ask_older()

    def _ask_older(self) -> None:
        if self._has_older and not self._asked_older and self._window.views:
            self._asked_older = True
            self.post_message(self.OlderRequested(self._window.views[0].message.id))

    def _trim(self) -> None:
        """Drop the oldest views once there are many, as long as nobody is reading them."""
        if self._following and len(self._window) > KEPT:
            self._window.drop_before(len(self._window) - PAGE)
            self._has_older = True
            if self._selected_index() is None:
                self._select(None)

    # Streaming

    def followed(self, following: bool) -> None:
        """Show what came in while nobody looked, once the end is in sight again."""
        self.post_message(self.FollowingChanged(following))
        if following:
            self._arm()

    def _arm(self) -> None:
        """Have the waiting words shown after the pacer's interval; not at all while nobody looks."""
        waiting = self._streaming is not None and self._streaming.stream is not None
        if self._timer is None and self._following and waiting:
            self._timer = self.set_timer(self._pacer.interval, self._flush)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _flush(self) -> None:
        self._timer = None
        self._flush_now()

    def _flush_now(self) -> None:
        view = self._streaming
        if view is None or view.stream is None or not view.stream.waiting:
            return
        begun = perf_counter()
        before = len(view.stream.flow)
        with self._keeping_place(view):
            first = 1 + view.stream.flush()
            self._forget(view, first, before + 3)
        self._pacer.spent(perf_counter() - begun + COMPOSING * self._drawing)
        self._drawing = 0.0

    # Selecting

    def _selected_index(self) -> int | None:
        return None if self._selected is None else self._window.index_of(self._selected)

    def _select(self, message_id: str | None) -> None:
        if message_id != self._selected:
            self._selected = message_id
            self.post_message(self.Selected(message_id))
            self.refresh()

    def _go_to(self, index: int) -> None:
        """Select a message and bring it into sight, its head first."""
        if not 0 <= index < len(self._window):
            return
        view = self._window.views[index]
        with self._keeping_place():
            self._lay_out(view)
        self._select(view.message.id)
        top, bottom = self._window.top(index), self._window.bottom(index)
        if top < self.scroll_y or bottom - top > self._rows_in_sight:
            self.scroll_to(y=top, animate=False)
        elif bottom > self.scroll_y + self._rows_in_sight:
            self.scroll_to(y=bottom - self._rows_in_sight, animate=False)

    def on_click(self, event: events.Click) -> None:
        """Select the message under the mouse; report a link or the head of a code block."""
        index = self._window.at_row(event.y + round(self.scroll_y))
        if index is None or self.text_selection is not None:
            return
        view = self._window.views[index]
        self._select(view.message.id)
        url = event.style.meta.get(LINK_META)
        if isinstance(url, str):
            self.post_message(self.LinkClicked(url))
        code = event.style.meta.get(CODE_META)
        if isinstance(code, int) and code <= len(view.code):
            self.post_message(self.CodeCopyRequested(view.message.id, view.code[code - 1]))
