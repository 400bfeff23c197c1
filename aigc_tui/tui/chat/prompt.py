"""The message input: grows with the text, sends on enter, recalls what was sent.

Built on Textual's TextArea, which handles input methods and wide characters. Pasted text is cleaned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.message import Message
from textual.widgets import TextArea

from aigc_tui.text import clean, width
from aigc_tui.tui.keys import action_of, bindings, key_name, keys_of
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain, plain_line

PASTE_LIMIT = 100_000
"""Characters of a paste: more than any model here reads, and less than what makes a key press wait."""
COUNT_FROM = 200
"""Characters from which on the counter is shown; several lines always show it."""


class Prompt(TextArea):
    """The input of the chat pane, and of the dialog that edits a message."""

    BINDINGS: ClassVar = bindings("prompt")

    @dataclass
    class Submitted(Message):
        """The user pressed send on something that is not blank."""

        text: str

    @dataclass
    class PasteRefused(Message):
        """A paste was too long to be edited here; nothing was taken of it."""

        characters: int

    @dataclass
    class MenuKey(Message):
        """A key meant for the command menu: `up`, `down`, `fill` (tab) or `run` (enter)."""

        key: str

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(clean(text), id=id, soft_wrap=True, highlight_cursor_line=False)
        self.sent = History()
        self.menu_open = False
        self._answers = ""

    def invite(self, name: str) -> None:
        """Name in the placeholder who will answer."""
        self._answers = name
        self._invite()

    @on(events.Resize)
    def _invite(self) -> None:
        """Invite in as many words as there is room for; before the first layout that is not known."""
        t, name, room = shell(self).t, self._answers, self.content_size.width
        words = t("chat.placeholder", name=name) if name else t("chat.placeholder_nobody")
        if room and width(words) > room:
            words = t("chat.placeholder_short", name=name) if name else t("chat.placeholder_nobody_short")
        self.placeholder = plain(words)

    def show_unseen(self, on: bool) -> None:
        """Tell, in the border, of new words below what the reader looks at; or stop telling."""
        keys = keys_of(found, shell(self).own_keys()) if (found := action_of("transcript.last")) else ()
        words = shell(self).t("chat.unseen", key=key_name(keys[-1])) if on and keys else ""
        self.border_title = plain_line(words) if words else None

    def take(self) -> str:
        """Empty the prompt and return what it held; undo brings it back."""
        text = self.text
        self.clear()
        return text

    def put(self, text: str) -> None:
        """Replace the text and stand at its end."""
        self.text = clean(text)
        self.move_cursor(self.document.end)

    def put_back(self, text: str) -> None:
        """Give back a text that was not sent, before whatever is written by now."""
        self.put(f"{text}\n{self.text}" if self.text.strip() else text)

    def action_send(self) -> None:
        """Send what is written, or take the command that the menu points at.

        A priority binding runs at once, while letters typed before it may still wait in this widget's queue:
        whoever types fast, or sends text and enter in one write, must not lose them. So it queues up, too.
        """
        self.call_later(self._send)

    def _send(self) -> None:
        if self.menu_open:
            self.post_message(self.MenuKey("run"))
        elif self.text.strip():
            self.post_message(self.Submitted(self.text))

    def action_newline(self) -> None:
        """Begin a new line, after the letters that were typed before it (see `action_send`)."""
        self.call_later(self.insert, "\n")

    def action_history_previous(self) -> None:
        """Walk back through what was sent, from the first line only; further down the cursor goes up."""
        if self.menu_open:
            self.post_message(self.MenuKey("up"))
            return
        at_edge = self.navigator.is_first_wrapped_line(self.selection.end)
        earlier = self.sent.previous(self.text) if at_edge else None
        if earlier is None:
            self.action_cursor_up()
        else:
            self.put(earlier)

    def action_history_next(self) -> None:
        """Walk forward again, from the last line only; further up the cursor goes down."""
        if self.menu_open:
            self.post_message(self.MenuKey("down"))
            return
        at_edge = self.navigator.is_last_wrapped_line(self.selection.end)
        later = self.sent.next() if at_edge else None
        if later is None:
            self.action_cursor_down()
        else:
            self.put(later)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "tab" and self.menu_open:
            event.stop()
            event.prevent_default()
            self.post_message(self.MenuKey("fill"))
            return
        await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = clean(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        if len(text) > PASTE_LIMIT:
            self.post_message(self.PasteRefused(len(text)))
            return
        if result := self._replace_via_keyboard(text, *self.selection):
            self.move_cursor(result.end_location)

    @on(TextArea.Changed)
    def _count(self) -> None:
        lines, characters = self.document.line_count, len(self.text)
        if lines > 1 and self.text.endswith("\n"):
            # As editors count: a line end closes a line, it does not begin one.
            lines -= 1
        if lines > 1 or characters >= COUNT_FROM:
            self.border_subtitle = plain(
                shell(self).t("chat.counter", count=lines, characters=f"{characters:,}")
            )
        else:
            self.border_subtitle = None


HISTORY_LIMIT = 200
"""How many sent messages are remembered; older ones are found by search."""


class History:
    """A list of sent texts with a place in it.

    Args:
        texts: Texts sent earlier, oldest first.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: list[str] = []
        self._place = 0
        self._draft = ""
        self.fill(texts)

    def fill(self, texts: Iterable[str]) -> None:
        """Replace what is remembered, oldest first; the walk begins anew."""
        self._texts = []
        for text in texts:
            self._remember(text)
        self._place = len(self._texts)

    def add(self, text: str) -> None:
        """Remember a text that was just sent; the walk begins anew."""
        self._remember(text)
        self._place = len(self._texts)
        self._draft = ""

    def previous(self, current: str) -> str | None:
        """Step back.

        Args:
            current: What the prompt holds now; kept aside if it is the draft.

        Returns:
            The text to show, or None at the oldest one.
        """
        if self._place == 0:
            return None
        if self._place == len(self._texts):
            self._draft = current
        self._place -= 1
        return self._texts[self._place]

    def next(self) -> str | None:
        """Step forward: the text to show (the draft at the end), or None when there is nothing newer."""
        if self._place == len(self._texts):
            return None
        self._place += 1
        return self._draft if self._place == len(self._texts) else self._texts[self._place]

    def _remember(self, text: str) -> None:
        if text.strip() and (not self._texts or self._texts[-1] != text):
            self._texts.append(text)
        del self._texts[:-HISTORY_LIMIT]
