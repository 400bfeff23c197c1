"""Slash commands: how a line of the prompt is read, and the menu that opens above it while one is typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from aigc_tui.tui.actions import Action
from aigc_tui.tui.keys import COMMANDS, command_of
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain, plain_line

NAME_COLUMN = 24
"""Cells for the name and its arguments, so that the explanations stand below each other."""


MOST_ROWS, LEAST_ROWS = 8, 3
"""How high the list is, frame included: a narrow window on a long list is better than none."""
_LINE = re.compile(r"/([a-z]*)(?:[ \t]+(.*))?")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that looks like a command but names none."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A command with the rest of its line."""

    command: Action
    rest: str


def matching(text: str) -> list[Action]:
    """The commands that a half-written line may become; none once a space follows the name."""
    match = _LINE.fullmatch(text)
    if match is None or match[2] is not None or " " in text:
        return []
    return [command for command in COMMANDS if command.slash.startswith(match[1])]


def read(text: str) -> Call | Unknown | None:
    """Read a line as a command.

    Only one line of the form `/word` or `/word rest` is a command: a path such as `/etc/hosts` or text of
    several lines is a message, and `//` sends a text that begins with one slash.

    Returns:
        The call, an unknown command, or None for an ordinary message.
    """
    match = _LINE.fullmatch(text.strip())
    if match is None or not match[1]:
        return None
    command = command_of(match[1])
    return Call(command, (match[2] or "").strip()) if command else Unknown(match[1])


def unescape(text: str) -> str:
    """A message as it is meant: `//word` says `/word`."""
    return text[1:] if text.startswith("//") and read(text[1:]) is not None else text


class SlashMenu(OptionList):
    """Shows what may be typed. It never takes the focus: the prompt passes its keys on."""

    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, markup=False)
        self.display = False

    def offer(self, commands: Sequence[Action]) -> None:
        """Show these commands, or hide when there are none."""
        rows = [Option(self._line(command), id=f"/{command.slash}") for command in commands]
        # A lone slash points at nothing yet, so that enter cannot run a command nobody named.
        self._show(rows, point=len(commands) < len(COMMANDS))

    def offer_values(self, name: str, values: Mapping[str, str], *, point: bool) -> None:
        """Show what may follow a command: each value with what it is called, or hide when there are none."""
        rows = [
            Option(_value(name, value, called), id=f"/{name} {value}") for value, called in values.items()
        ]
        self._show(rows, point=point)

    def _show(self, rows: list[Option], *, point: bool) -> None:
        self.set_options(rows)
        self.display = bool(rows)
        self.highlighted = 0 if rows and point else None
        self._fit()

    def _fit(self) -> None:
        """Be no higher than what the others leave free: the prompt must stay on the screen."""
        column = self.parent
        assert isinstance(column, Widget)
        ours = (self, column.query_one("#transcript"))
        others = [one for one in column.children if one.display and one not in ours]
        free = column.size.height - sum(one.outer_size.height for one in others) - 1
        self.styles.max_height = max(LEAST_ROWS, min(MOST_ROWS, free))

    @property
    def chosen(self) -> str | None:
        """The line that is pointed at."""
        option = self.highlighted_option
        return option.id if option and self.display else None

    def move(self, key: str) -> None:
        """Step `up` or `down`, around the ends."""
        if key == "up":
            self.action_cursor_up()
        else:
            self.action_cursor_down()

    def first(self) -> str | None:
        """Point at the first row, if none is pointed at; the line that is pointed at then."""
        if self.highlighted is None:
            self.action_first()
        return self.chosen

    def _line(self, command: Action) -> Content:
        t = shell(self).t
        name = plain(f"/{command.slash}", "bold $accent")
        args = plain(f" {t(command.args)}" if command.args else "", "$text-muted")
        gap = max(1, NAME_COLUMN - name.cell_length - args.cell_length)
        return Content.assemble(name, args, " " * gap, plain(t(command.help)))


def _value(name: str, value: str, called: str) -> Content:
    line = Content.assemble(plain(f"/{name} ", "$text-muted"), plain_line(value, 60, "bold $accent"))
    gap = max(1, NAME_COLUMN - line.cell_length)
    return Content.assemble(line, " " * gap, plain_line(called)) if called != value else line
