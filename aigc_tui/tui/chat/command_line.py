"""Slash commands while they are typed: the menu above the prompt, and sending the finished line.

Opening the store or a conversation takes a moment, and people go on typing: lines sent meanwhile are held
until there is a conversation to send them to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aigc_tui.tui.chat import slash
from aigc_tui.tui.chat.slash_menu import SlashMenu
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from aigc_tui.tui.chat.screen import ChatScreen


VALUED = ("new", "persona", "model")
"""The commands whose next word is one of a list that is read for it."""


class CommandLine:
    """Connects prompt, menu and commands.

    Args:
        screen: Where they stand.
    """

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._values: Mapping[str, Sequence[str]] | None = None

    @property
    def _menu(self) -> SlashMenu:
        return self._screen.query_one(SlashMenu)

    def offer(self) -> None:
        """Show what the half-written line may become."""
        text = self._screen.prompt.text
        call = slash.read(text) if " " in text and "\n" not in text else None
        if isinstance(call, slash.Call) and call.command.action in VALUED:
            self._offer_values(call)
        else:
            self._values = None
            self._menu.offer(slash.matching(text) if text.startswith("/") else [])
        self._screen.prompt.menu_open = self._menu.display
        self._screen.refresh_bindings()

    def _offer_values(self, call: slash.Call) -> None:
        """Offer what the word after the command may become."""
        if self._values is None:
            if shell(self._screen).services is not None:
                self._values = {}
                self._screen.work(self._learn(call.command.action))
            return
        typed = call.rest.casefold()
        fitting = {
            value: called[0]
            for value, called in self._values.items()
            if any(name.casefold().startswith(typed) for name in (value, *called))
        }
        self._menu.offer_values(call.command.name, fitting, point=bool(typed))

    async def _learn(self, action: str) -> None:
        """Read who or what there is, anew for every command that is typed."""
        services, language = self._screen.services, shell(self._screen).language
        if action == "model":
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
        was_open = self._menu.display
        self._menu.display = self._screen.prompt.menu_open = False
        return was_open

    def key(self, key: str) -> None:
        """Act on a key that the prompt passed on while the menu was open."""
        match key:
            case "up" | "down":
                self._menu.move(key)
            case "fill":
                self._screen.prompt.put(f"{self._menu.first()} ")
            case _:
                self.run(self._menu.chosen or self._screen.prompt.text)

    def run(self, line: str | None) -> None:
        """Carry out a line that was chosen in the menu, or written in full."""
        call = slash.read(line or "")
        if isinstance(call, slash.Call):
            self._screen.prompt.take()
            self._screen.commands.run(call)

    def take(self, text: str) -> bool:
        """Carry out a line that was sent; False if it is an ordinary message."""
        call = slash.read(text)
        if isinstance(call, slash.Unknown):
            self._screen.note(self._screen.t("chat.unknown_command", name=call.name), error=True)
        elif call is not None:
            self._screen.prompt.take()
            self._screen.commands.run(call)
        return call is not None
