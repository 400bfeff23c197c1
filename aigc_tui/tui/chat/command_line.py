"""Slash commands while they are typed: the menu above the prompt, and sending the finished line.

Opening the store or a conversation takes a moment, and people go on typing: lines sent meanwhile are held
until there is a conversation to send them to.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence

from aigc_tui.text import clean
from aigc_tui.tui.chat import slash
from aigc_tui.tui.chat.commands import Commands
from aigc_tui.tui.chat.conversation import OpenConversation
from aigc_tui.tui.chat.layout import ChatLayout
from aigc_tui.tui.chat.turns import Ask, TurnControl
from aigc_tui.tui.shell import shell

AT_ONCE = frozenset({"help", "settings", "quit"})
"""Commands that need neither store nor conversation."""
VALUED = ("new", "persona", "model")
"""The commands whose next word is one of a list that is read for it."""


class CommandLine:
    """Connects the prompt with its menu, the commands and the open conversation.

    Args:
        layout: Where they stand.
        conversation: What messages are sent to.
        turns: What sends them.
        commands: What carries out commands.
    """

    def __init__(
        self, layout: ChatLayout, conversation: OpenConversation, turns: TurnControl, commands: Commands
    ) -> None:
        self._layout = layout
        self._conversation = conversation
        self._turns = turns
        self._commands = commands
        self._values: Mapping[str, Sequence[str]] | None = None
        self._held: deque[str] = deque()
        self._refused = False

    # The menu

    def offer(self) -> None:
        """Show what the half-written line may become."""
        text = self._layout.prompt.text
        call = slash.read(text) if " " in text and "\n" not in text else None
        if isinstance(call, slash.Call) and call.command.slash in VALUED:
            self._offer_values(call)
        else:
            self._values = None
            self._layout.menu.offer(slash.matching(text) if text.startswith("/") else [])
        self._layout.prompt.menu_open = self._layout.menu.display
        self._layout.refresh_bindings()

    def _offer_values(self, call: slash.Call) -> None:
        """Offer what the word after the command may become."""
        if self._values is None:
            if shell(self._layout).services is not None:
                self._values = {}
                self._layout.work(self._learn(call.command.slash))
            return
        typed = call.rest.casefold()
        fitting = {
            value: called[0]
            for value, called in self._values.items()
            if any(name.casefold().startswith(typed) for name in (value, *called))
        }
        self._layout.menu.offer_values(call.command.slash, fitting, point=bool(typed))

    async def _learn(self, command: str) -> None:
        """Read who or what there is, anew for every command that is typed."""
        services, language = self._layout.services, shell(self._layout).language
        if command == "model":
            models = await asyncio.to_thread(services.models.list)
            self._values = {model.name: (model.name,) for model in models}
        else:
            personas = await asyncio.to_thread(services.personas.all)
            self._values = {
                persona.id: (persona.text("name", language), persona.name.en, persona.name.zh)
                for persona in personas
            }
        self.offer()

    def close(self) -> bool:
        """Hide the menu until something else is typed; False if it was not open."""
        was_open = self._layout.menu.display
        self._layout.menu.display = self._layout.prompt.menu_open = False
        return was_open

    def key(self, key: str) -> None:
        """Act on a key that the prompt passed on while the menu was open."""
        match key:
            case "up" | "down":
                self._layout.menu.move(key)
            case "fill":
                self._layout.prompt.put(f"{self._layout.menu.first()} ")
            case _:
                self.run(self._layout.menu.chosen or self._layout.prompt.text)

    def run(self, line: str | None) -> None:
        """Carry out a line that was chosen in the menu, or written in full."""
        call = slash.read(line or "")
        if isinstance(call, slash.Call):
            self._layout.prompt.take()
            self._commands.run(call.command, call.rest)

    def _take_command(self, text: str) -> bool:
        """Carry out a line that was sent; False if it is an ordinary message."""
        call = slash.read(text)
        if isinstance(call, slash.Unknown):
            self._layout.note(self._layout.t("chat.unknown_command", name=call.name), error=True)
        elif call is not None:
            self._layout.prompt.take()
            self._commands.run(call.command, call.rest)
        return call is not None

    # Sending

    def post(self, line: str) -> None:
        """Carry out a line of the prompt: a command, or a message to the conversation on show."""
        call = slash.read(line)
        now = isinstance(call, slash.Unknown) or (call is not None and call.command.slash in AT_ONCE)
        if not now and self._refused:
            self._layout.say_not_open()
        elif not now and not self._conversation.ready:
            self._take(line)
            self._held.append(line)
            if not self._layout.is_open:
                self._layout.say_not_open()
        elif not self._take_command(line):
            self._take(line)
            self._say(slash.unescape(line))

    def arrived(self, well: bool) -> None:
        """A conversation was opened, or could not be."""
        if well:
            self._release()
        else:
            self.give_back()

    def _release(self) -> None:
        """Carry out what was held; a command among it may hold the rest again."""
        while self._held and self._conversation.ready:
            line = self._held.popleft()
            if slash.read(line) is None:
                self._say(slash.unescape(line))
            else:
                call = slash.read(line)
                if isinstance(call, slash.Call):
                    self._commands.run(call.command, call.rest)

    def refuse(self) -> None:
        """The store could not be opened: nothing can be sent any more."""
        self._refused = True
        self.give_back()

    def give_back(self) -> None:
        """Put what was held back into the prompt, since nothing was opened."""
        if self._held:
            self._layout.prompt.put_back("\n".join(self._held))
            self._held.clear()

    def _take(self, line: str) -> None:
        """Empty the prompt of a line; letters that were typed after it stay."""
        prompt = self._layout.prompt
        if more := prompt.take().removeprefix(line):
            prompt.put(more)

    def _say(self, text: str) -> None:
        layout, words = self._layout, clean(text)
        service, conversation = layout.services.chat, self._conversation.id
        layout.prompt.sent.add(text)
        self._conversation.user_wrote()
        self._turns.send(Ask(conversation, lambda: service.send(conversation, words), words))
