"""The list of slash commands that opens above the prompt while a command is being typed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from aigc_tui.tui.chat.slash import COMMANDS, SlashCommand
from aigc_tui.tui.plain import plain
from aigc_tui.tui.shell import shell

NAME_COLUMN = 24
"""Cells for the name and its arguments, so that the explanations stand below each other."""


class SlashMenu(OptionList):
    """Shows what may be typed. It never takes the focus: the prompt passes its keys on."""

    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, markup=False)
        self.display = False

    def offer(self, commands: Sequence[SlashCommand]) -> None:
        """Show these commands, or hide when there are none."""
        self.set_options([Option(self._line(command), id=command.name) for command in commands])
        self.display = bool(commands)
        # A lone slash points at nothing yet, so that enter cannot run a command nobody named.
        self.highlighted = 0 if 0 < len(commands) < len(COMMANDS) else None

    @property
    def chosen(self) -> str | None:
        """The name that is pointed at."""
        option = self.highlighted_option
        return option.id if option and self.display else None

    def move(self, key: str) -> None:
        """Step `up` or `down`, around the ends."""
        if key == "up":
            self.action_cursor_up()
        else:
            self.action_cursor_down()

    def _line(self, command: SlashCommand) -> Content:
        t = shell(self).t
        name = plain(f"/{command.name}", "bold $accent")
        args = plain(f" {t(command.args)}" if command.args else "", "$text-muted")
        gap = max(1, NAME_COLUMN - name.cell_length - args.cell_length)
        return Content.assemble(name, args, " " * gap, plain(t(command.help)))
