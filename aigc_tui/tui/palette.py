"""The command palette: everything the program can do, found by typing a part of its name.

Built from the list of actions and from what there is: personas, recent conversations, themes, languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen

from aigc_tui.text import one_line
from aigc_tui.tui.action_list import ACTIONS
from aigc_tui.tui.actions import Action
from aigc_tui.tui.keys import COMMANDS, command_of, key_name, keys_of
from aigc_tui.tui.shell import Shell
from aigc_tui.tui.widgets.picker import Choice, Picker

if TYPE_CHECKING:
    from aigc_tui.tui.chat.screen import ChatScreen

RECENT = 20
LANGUAGES = (("en", "English"), ("zh", "中文"))
ALREADY_THERE = frozenset({"new", "persona", "search", "settings", "help", "quit", "theme", "language"})
"""Slash commands whose work stands in the palette under another name."""

Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the palette and what it does."""

    choice: Choice
    run: Run


class Palette(Picker):
    """The picker of commands; dismissed with the id of the one to run."""

    CSS_PATH = "widgets/dialogs.tcss"

    def __init__(self, shell: Shell, commands: list[Command]) -> None:
        super().__init__(shell.t("app.key_palette"), [command.choice for command in commands])


def commands(shell: Shell, screen: Screen[object], chat: ChatScreen) -> list[Command]:
    """Everything that can be done from a screen.

    Args:
        shell: The application.
        screen: What the palette is opened over; what belongs to a pane is offered over that pane only.
        chat: The chat screen.
    """
    found = list(_actions(shell, screen))
    if screen is chat and shell.services is not None:
        found += [*_slash(shell, chat), *_personas(shell, chat), *_conversations(shell, chat)]
    return [*found, *_languages(shell), *_themes(shell)]


def _actions(shell: Shell, screen: Screen[object]) -> Iterator[Command]:
    """What the program can do from here: everywhere, and what the pane below the palette does."""
    here = {found.binding.id for found in screen.active_bindings.values() if found.enabled}
    for action in ACTIONS:
        if action.palette and action.id in here:
            keys = " ".join(key_name(key) for key in keys_of(action, shell.own_keys()))
            title = f"{shell.t(action.help)}  ({keys})"
            yield Command(
                Choice(action.id, title), partial(screen.call_later, screen.run_action, action.action)
            )


def _slash(shell: Shell, chat: ChatScreen) -> Iterator[Command]:
    for command in COMMANDS:
        if command.slash not in ALREADY_THERE:
            title = f"/{command.slash}  {shell.t(command.help)}"
            run = partial(_write, chat, f"/{command.slash} ") if command.args else _call(chat, command)
            yield Command(Choice(f"slash.{command.slash}", title), run)


def _write(chat: ChatScreen, line: str) -> None:
    """Leave the rest of a command to the user."""
    chat.write(line)


def _call(chat: ChatScreen, command: Action, rest: str = "") -> Run:
    return partial(chat.commands.run, command, rest)


def _personas(shell: Shell, chat: ChatScreen) -> Iterator[Command]:
    new = command_of("new")
    assert shell.services is not None
    assert new is not None
    for persona in shell.services.personas.all():
        title = shell.t("app.palette_persona", name=persona.text("name", shell.language))
        yield Command(Choice(f"persona.{persona.id}", title, persona.avatar), _call(chat, new, persona.id))


def _conversations(shell: Shell, chat: ChatScreen) -> Iterator[Command]:
    assert shell.services is not None
    for conversation in shell.services.store.conversations.page(kind="chat", limit=RECENT):
        name = one_line(conversation.title) or shell.t("app.palette_untitled")
        title = shell.t("app.palette_conversation", title=name)
        yield Command(Choice(f"conversation.{conversation.id}", title), partial(_open, chat, conversation.id))


def _open(chat: ChatScreen, conversation: str) -> None:
    chat.open_conversation(conversation)


def _languages(shell: Shell) -> Iterator[Command]:
    for code, name in LANGUAGES:
        title = shell.t("app.palette_language", name=name)
        yield Command(Choice(f"language.{code}", title), partial(shell.change, "language", code))


def _themes(shell: Shell) -> Iterator[Command]:
    for name in shell.theme_names():
        title = shell.t("app.palette_theme", name=name)
        yield Command(Choice(f"theme.{name}", title), partial(shell.change, "theme", name))
