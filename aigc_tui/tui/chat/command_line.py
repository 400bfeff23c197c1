"""Slash commands as they are typed: the menu follows the prompt, and a whole line is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aigc_tui.tui.chat import slash
from aigc_tui.tui.chat.slash_menu import SlashMenu

if TYPE_CHECKING:
    from aigc_tui.tui.chat.screen import ChatScreen


class CommandLine:
    """Connects prompt, menu and commands.

    Args:
        screen: Where they stand.
    """

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen

    @property
    def _menu(self) -> SlashMenu:
        return self._screen.query_one(SlashMenu)

    def offer(self) -> None:
        """Show what the half-written line may become."""
        text = self._screen.prompt.text
        self._menu.offer(slash.matching(text) if text.startswith("/") else [])
        self._screen.prompt.menu_open = self._menu.display
        self._screen.refresh_bindings()

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
                self._screen.prompt.put(f"/{self._menu.chosen} ")
            case _:
                self.run(self._menu.chosen)

    def run(self, name: str | None) -> None:
        """Run the command that was chosen in the menu."""
        command = slash.find(name or "")
        if command is not None:
            self._screen.prompt.take()
            self._screen.commands.run(slash.Call(command, ""))

    def take(self, text: str) -> bool:
        """Carry out a line that was sent; False if it is an ordinary message."""
        call = slash.read(text)
        if isinstance(call, slash.Unknown):
            self._screen.note(self._screen.t("chat.unknown_command", name=call.name), error=True)
        elif call is not None:
            self._screen.prompt.take()
            self._screen.commands.run(call)
        return call is not None
