"""The slash commands: one table, and how a line of the prompt is read against it.

Why it exists: the menu, the help and the command palette are made from the same rows, and a row's action is
the same screen action that a key would run, so that a command can do nothing that a key cannot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command. `help` and `args` are catalogue keys; `args` is empty when it takes none."""

    name: str
    action: str
    """The method of `commands.Commands` that takes the rest of the line."""
    help: str
    args: str = ""


COMMANDS: tuple[SlashCommand, ...] = (
    SlashCommand("new", "new", "chat.slash_new", "chat.arg_persona"),
    SlashCommand("persona", "persona", "chat.slash_persona", "chat.arg_persona"),
    SlashCommand("model", "model", "chat.slash_model", "chat.arg_model"),
    SlashCommand("regenerate", "regenerate", "chat.slash_regenerate"),
    SlashCommand("continue", "resume", "chat.slash_continue"),
    SlashCommand("edit", "edit", "chat.slash_edit"),
    SlashCommand("copy", "copy", "chat.slash_copy", "chat.arg_block"),
    SlashCommand("search", "search", "chat.slash_search", "chat.arg_words"),
    SlashCommand("rename", "rename", "chat.slash_rename", "chat.arg_title"),
    SlashCommand("archive", "archive", "chat.slash_archive"),
    SlashCommand("archived", "archived", "chat.slash_archived"),
    SlashCommand("delete", "delete", "chat.slash_delete"),
    SlashCommand("undo", "undo", "chat.slash_undo"),
    SlashCommand("export", "export", "chat.slash_export", "chat.arg_format"),
    SlashCommand("settings", "settings", "chat.slash_settings"),
    SlashCommand("language", "language", "chat.slash_language", "chat.arg_language"),
    SlashCommand("theme", "theme", "chat.slash_theme", "chat.arg_theme"),
    SlashCommand("help", "help", "chat.slash_help"),
    SlashCommand("quit", "quit", "chat.slash_quit"),
)
"""Every command, in the order of the menu."""

_LINE = re.compile(r"/([a-z]*)(?:[ \t]+(.*))?")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that looks like a command but names none."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A command with the rest of its line."""

    command: SlashCommand
    rest: str


def find(name: str) -> SlashCommand | None:
    """The command of this very name."""
    return next((command for command in COMMANDS if command.name == name), None)


def matching(text: str) -> list[SlashCommand]:
    """The commands that a half-written line may become; none once a space follows the name."""
    match = _LINE.fullmatch(text)
    if match is None or match[2] is not None or " " in text:
        return []
    return [command for command in COMMANDS if command.name.startswith(match[1])]


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
    command = find(match[1])
    return Call(command, (match[2] or "").strip()) if command else Unknown(match[1])


def unescape(text: str) -> str:
    """A message as it is meant: `//word` says `/word`."""
    return text[1:] if text.startswith("//") and read(text[1:]) is not None else text
