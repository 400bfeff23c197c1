"""Lines that were sent: carried out at once, or held until there is a conversation to send them to.

Why it exists: opening the store or a conversation takes a moment, and people go on typing. Enter in that
moment must neither be lost nor reach the conversation that is being left.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from aigc_tui.text import clean
from aigc_tui.tui.chat import slash
from aigc_tui.tui.chat.turn_control import Ask

if TYPE_CHECKING:
    from aigc_tui.tui.chat.screen import ChatScreen

AT_ONCE = frozenset({"help", "settings", "quit"})
"""Commands that need neither store nor conversation."""


class Outbox:
    """Sends lines in their order.

    Args:
        screen: Where they come from and are carried out.
    """

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._held: deque[str] = deque()

    def post(self, line: str) -> None:
        """Carry out a line of the prompt: a command, or a message to the conversation on show."""
        call = slash.read(line)
        now = isinstance(call, slash.Unknown) or (call is not None and call.command.action in AT_ONCE)
        if not now and self._screen.unopened:
            self._screen.say_not_open()
        elif not now and not self._screen.talk.ready:
            self._take(line)
            self._held.append(line)
            if not self._screen.is_open:
                self._screen.say_not_open()
        elif not self._screen.line.take(line):
            self._take(line)
            self._say(slash.unescape(line))

    def release(self) -> None:
        """Carry out what was held; a command among it may hold the rest again."""
        while self._held and self._screen.talk.ready:
            line = self._held.popleft()
            if slash.read(line) is None:
                self._say(slash.unescape(line))
            else:
                self._screen.run_line(line)

    def give_back(self) -> None:
        """Put what was held back into the prompt, since nothing was opened."""
        if self._held:
            self._screen.prompt.put_back("\n".join(self._held))
            self._held.clear()

    def _take(self, line: str) -> None:
        """Empty the prompt of a line; letters that were typed after it stay."""
        prompt = self._screen.prompt
        if more := prompt.take().removeprefix(line):
            prompt.put(more)

    def _say(self, text: str) -> None:
        screen, words = self._screen, clean(text)
        service, conversation = screen.services.chat, screen.talk.id
        screen.prompt.sent.add(text)
        screen.talk.spoke()
        screen.turns.send(Ask(conversation, lambda: service.send(conversation, words), words))
