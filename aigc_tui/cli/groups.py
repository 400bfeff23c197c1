"""Click groups that import a command only when it is called, and the options that every command takes.

Why it exists: `aigc-tui --help` and shell completion must answer at once, whatever the commands need; and a
global option should work wherever people write it, before the command or after it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from aigc_tui.locale import Language

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What was said of the options that belong to no command."""

    home: Path | None = None
    language: Language | None = None


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep a global option where the command and the handler of failures find it: at the root."""
    if value is not None and parameter.name:
        root = context.find_root()
        root.obj = replace(options_of(context), **{parameter.name: value})


def options_of(context: click.Context) -> GlobalOptions:
    """What was said of the global options so far."""
    return context.find_root().ensure_object(GlobalOptions)


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """Make `--home` and `--language`; hidden where the program's own help names them already."""
    home = click.Option(
        ["--home"],
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Where settings, store and models live (or AIGC_TUI_HOME).",
        expose_value=False,
        callback=_remember,
        hidden=hidden,
    )
    language = click.Option(
        ["--language"],
        type=click.Choice(LANGUAGES),
        help="The language of messages; default: as set, else as the system's.",
        expose_value=False,
        callback=_remember,
        hidden=hidden,
    )
    return [home, language]


class Command(click.Command):
    """A command that also takes the global options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(global_options(hidden=True))


class Group(click.Group):
    """A group whose commands take the global options; those in `lazy` are imported when they are called.

    Args:
        lazy: Command names and where they are, as `module:attribute`, in the order of the help.
    """

    command_class = Command

    def __init__(self, *args: Any, lazy: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        hidden = kwargs.pop("hide_global_options", True)
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy or {})
        self.params.extend(global_options(hidden=hidden))

    def list_commands(self, context: click.Context) -> list[str]:
        """The names in the order in which they were written down."""
        return [*self._lazy, *self.commands]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Find a command, importing it if it is a lazy one."""
        if name not in self._lazy:
            return super().get_command(context, name)
        module, _, attribute = self._lazy[name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command
