"""Commands and groups: imported when called, with the global options, worded in the user's language.

`aigc-tui --help` and shell completion must answer at once, whatever the commands need; a global option works
wherever people write it. The English help in the code is the key of its translation
(locale/zh/messages/cli.json).
"""

from __future__ import annotations

import copy
import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from aigc_tui.cli.language import LANGUAGES, in_english, t, teach_click
from aigc_tui.text import shorten, width

if TYPE_CHECKING:
    from aigc_tui.locale import Language

teach_click()

_PLACEHOLDERS = ("[OPTIONS]", "COMMAND [ARGS]...", "[COMMAND] [ARGS]...")
Parameter = TypeVar("Parameter", bound=click.Parameter)
# A Chinese line may break after any character, but not before a closing mark nor after an opening one.
_PIECE = re.compile(
    r"\s+|[（《“‘]*(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)[，。、；：？！）》”’]*"
)


Launch: TypeAlias = "Callable[[str | None, Language | None], int]"
"""Opens the application; returns its exit code."""


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What was said of the options that belong to no command.

    Attributes:
        launch: Opens the application; handed in, since the command line must not import it.
    """

    home: Path | None = None
    language: Language | None = None
    launch: Launch | None = None


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep a global option where the command and the handler of failures find it: at the root."""
    if value is not None and parameter.name:
        root = context.find_root()
        root.obj = replace(options_of(context), **{parameter.name: value})


def options_of(context: click.Context) -> GlobalOptions:
    """Return the global options given so far."""
    return context.find_root().ensure_object(GlobalOptions)


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """Make `--home` and `--language`; hidden where the program's own help names them already."""
    home = click.Option(
        ["--home"],
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder of settings, store and models (or AIGC_TUI_HOME).",
        expose_value=False,
        callback=_remember,
        hidden=hidden,
    )
    language = click.Option(
        ["--language"],
        type=click.Choice(LANGUAGES),
        help="Language of help and messages; default: the setting, else the system's.",
        expose_value=False,
        callback=_remember,
        hidden=hidden,
    )
    return [home, language]


def help_key(text: str) -> str:
    """A help text as its translation is keyed: each paragraph on one line."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def localized(parameter: Parameter) -> Parameter:
    """Return a parameter whose help is in the user's language."""
    found = copy.copy(parameter)
    if isinstance(found, click.Option) and found.help:
        found.help = t(help_key(found.help))
    return found


def wrap(text: str, cells: int) -> list[str]:
    """Break one paragraph into lines by terminal cells."""
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and not piece.isspace() and width(lines[-1]) + width(piece) > cells:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


class HelpFormatter(click.HelpFormatter):
    """Lays help out by terminal cells; click counts characters, of which a Chinese one takes two cells."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, t("Usage: ") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{t('{heading}:', heading=heading)}\n")

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        paragraphs = [wrap(part, self.width - self.current_indent) for part in help_key(text).split("\n\n")]
        self.write("\n\n".join("\n".join(indent + line for line in lines) for lines in paragraphs) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        rows = list(rows)
        column = min(max((width(first) for first, _ in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for first, second in rows:
            lines = wrap(" ".join(second.split()), max(self.width - column - 2, 10))
            fits = width(first) <= column - col_spacing
            start = first + " " * (column - width(first)) if fits else f"{first}\n{indent}{'':{column}}"
            self.write(f"{indent}{start}{lines[0]}".rstrip() + "\n")
            self.write("".join(f"{indent}{'':{column}}{line}\n" for line in lines[1:]))


class Context(click.Context):
    """A context whose help is laid out by cells."""

    formatter_class = HelpFormatter


class Command(click.Command):
    """A command that takes the global options, too, and words its help in the user's language."""

    context_class = Context

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        hidden = kwargs.pop("hide_global_options", True)
        super().__init__(*args, **kwargs)
        self.params.extend(global_options(hidden=hidden))

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        pieces = super().collect_usage_pieces(ctx)
        return [t(piece) if piece in _PLACEHOLDERS else piece for piece in pieces]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(t(help_key(self.help or "")))

    def get_short_help_str(self, limit: int = 45) -> str:
        if in_english() or not self.help:
            return super().get_short_help_str(limit)
        return shorten(t(help_key(self.help)).partition("\n")[0].partition("。")[0], limit)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [
            record
            for each in self.get_params(ctx)
            if isinstance(each, click.Option) and (record := localized(each).get_help_record(ctx)) is not None
        ]
        if rows:
            with formatter.section(t("Options")):
                formatter.write_dl(rows)


class Group(Command, click.Group):
    """A group whose commands take the global options; `lazy` names commands as `module:attribute`."""

    command_class = Command

    def __init__(self, *args: Any, lazy: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy or {})

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self._lazy, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._lazy[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command
