"""How a failure reaches the user: one clear line and an exit code, never a traceback.

Why it exists: the exit codes are a contract (0 done, 1 failed, 2 wrong usage), and a traceback belongs in a
log file, where whoever mends the program finds it.
"""

from __future__ import annotations

import os
import sys

import click

from aigc_tui.cli.groups import GlobalOptions
from aigc_tui.cli.output import say
from aigc_tui.text import one_line

DONE, FAILED, USAGE = 0, 1, 2
LINE_LIMIT = 500


class CommandFailed(click.ClickException):
    """A command could not do what was asked; its message is the one line that says why."""

    exit_code = FAILED


def report(error: BaseException, options: GlobalOptions) -> int:
    """Say what went wrong.

    Args:
        error: What ended the command.
        options: Tells where the log file belongs.

    Returns:
        The exit code.
    """
    match error:
        case BrokenPipeError():
            return _reader_left()
        case click.exceptions.NoArgsIsHelpError():
            say(error.format_message())
            return USAGE
        case click.UsageError():
            _fail(_usage_line(error))
            return USAGE
        case click.ClickException():
            _fail(error.format_message())
            return error.exit_code
        case click.Abort() | KeyboardInterrupt():
            _fail("stopped")
        case OSError() if error.filename is not None:
            _fail(f"{error.filename}: {error.strerror}")
        case _ if _is_ours(error):
            _fail(str(error))
        case _:
            _fail(f"unexpected error: {one_line(repr(error))} (details: {_log(error, options)})")
    return FAILED


def _fail(line: str) -> None:
    say(f"aigc-tui: {one_line(line, LINE_LIMIT)}")


def _usage_line(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "aigc-tui"
    message = error.format_message().rstrip(".")
    return f"{message}. Try '{path} --help'."


def _is_ours(error: BaseException) -> bool:
    """Our own exception types carry one line for the user. Told by module, so that none must be imported."""
    return type(error).__module__.partition(".")[0] == "aigc_tui"


def _reader_left() -> int:
    """Whoever read stdout (`head`, a pager) has seen enough; Python must not complain of it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _log(error: BaseException, options: GlobalOptions) -> str:
    """Keep the traceback where the application keeps its own."""
    from aigc_tui.config import Paths
    from aigc_tui.tui.crash import log

    return log(error, Paths.find(options.home))
