"""The program's own options, its table of commands, and the one place where a failure is caught."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from aigc_tui import __version__
from aigc_tui.cli import language
from aigc_tui.cli.errors import DONE, WrongUsage, report
from aigc_tui.cli.groups import GlobalOptions, Group, Launch, options_of
from aigc_tui.cli.output import prepare_streams

COMMANDS = {
    "chat": "aigc_tui.cli.chat:chat",
    "history": "aigc_tui.cli.history:history",
    "persona": "aigc_tui.cli.persona:persona",
    "quiz": "aigc_tui.cli.quiz:quiz",
    "model": "aigc_tui.cli.model:model",
    "textgen": "aigc_tui.cli.textgen:textgen",
    "corpus": "aigc_tui.cli.corpus:corpus",
    "doctor": "aigc_tui.cli.care:doctor",
    "backup": "aigc_tui.cli.care:backup",
    "restore": "aigc_tui.cli.care:restore",
    "bench": "aigc_tui.cli.care:bench",
}


@click.group(
    cls=Group,
    lazy=COMMANDS,
    hide_global_options=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--plain", is_flag=True, help="Chat line by line: for pipes and screen readers.")
@click.version_option(__version__, message="aigc-tui %(version)s")
@click.pass_context
def root(context: click.Context, plain: bool) -> None:
    """Chat with personas, write and make quizzes in the terminal, on a local Transformer.

    Without a command, opens the application. --home and --language may stand before or after a command.
    """
    if context.invoked_subcommand is not None:
        return
    watched = sys.stdin.isatty() and sys.stdout.isatty()
    if plain or (watched and _plain_is_set(context)):
        from aigc_tui.cli.chat import chat

        context.invoke(chat, plain=True)
    elif watched and options_of(context).launch is not None:
        _open_application(context)
    else:
        raise WrongUsage("the application needs a terminal; use --plain or a command")


def _plain_is_set(context: click.Context) -> bool:
    from aigc_tui.config import Paths, load_or_default

    return load_or_default(Paths.find(options_of(context).home))[0].plain


def _open_application(context: click.Context) -> None:
    options = options_of(context)
    assert options.launch is not None
    context.exit(options.launch(str(options.home) if options.home else None, options.language))


def main(argv: Sequence[str] | None = None, launch: Launch | None = None) -> int:
    """Run one command; returns the exit code. `launch` opens the application on a home, in a language."""
    prepare_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    language.start(arguments)
    context: click.Context | None = None
    try:
        with root.make_context("aigc-tui", arguments, obj=GlobalOptions(launch=launch)) as context:
            root.invoke(context)
            sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except (Exception, KeyboardInterrupt) as error:
        return report(error, options_of(context) if context else GlobalOptions())
    return DONE
