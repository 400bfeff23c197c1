"""How a failure reaches the user: one clear line and an exit code, never a traceback.

The exit codes are a contract: 0 done, 1 failed, 2 wrong usage. Tracebacks go to a log file.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import click

from aigc_tui.cli.groups import GlobalOptions
from aigc_tui.cli.language import t
from aigc_tui.cli.output import say
from aigc_tui.message import AppError, Message, error_text, reason_of
from aigc_tui.text import one_line

DONE, FAILED, USAGE = 0, 1, 2
LINE_LIMIT = 500


class CommandError(AppError):
    """A command could not do what was asked; its message is the one line that says why."""


class WrongUsage(click.UsageError):
    """Options or arguments that do not go together; made like an `AppError`."""

    def __init__(self, template: str, /, **values: object) -> None:
        self.wording = Message(template, values)
        super().__init__(str(self.wording), click.get_current_context(silent=True))

    def format_message(self) -> str:
        return self.wording.text(t)


class BadValue(click.BadParameter):
    """A value that an option or argument does not take; made like `WrongUsage`."""

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(Message(template, values).text(t))


def report(error: BaseException, options: GlobalOptions) -> int:
    """Print one line that says what went wrong; returns the exit code."""
    match error:
        case BrokenPipeError():
            return _reader_left()
        case click.exceptions.NoArgsIsHelpError():
            say(error.format_message())
            return USAGE
        case click.UsageError():
            path = error.ctx.command_path if error.ctx else "aigc-tui"
            problem = error.format_message().rstrip(".。")
            _fail(t("{problem}. Try '{command} --help'.", problem=problem, command=path))
            return USAGE
        case click.ClickException():
            _fail(error.format_message())
            return error.exit_code
        case click.Abort() | KeyboardInterrupt():
            _fail(t("stopped"))
        case OSError(errno=errno.ENOSPC, filename=None):
            # A file of ours would be named: it is stdout that is redirected to a full disk.
            _fail(t("the output cannot be written: {problem}", problem=reason_of(error).text(t)))
            _discard_output()
        case _ if (isinstance(error, OSError) and error.filename is not None) or _is_ours(error):
            _fail(error_text(error, t))
        case _:
            problem, log = one_line(repr(error)), _log(error, options)
            _fail(t("unexpected error: {problem} (details: {log})", problem=problem, log=log))
    return FAILED


def _fail(line: str) -> None:
    say(f"aigc-tui: {one_line(line, LINE_LIMIT)}")


def _is_ours(error: BaseException) -> bool:
    """Our own exception types carry one line for the user. Told by module, so that none must be imported."""
    return type(error).__module__.partition(".")[0] == "aigc_tui"


def _reader_left() -> int:
    """Whoever read stdout (`head`, a pager) has seen enough."""
    _discard_output()
    return DONE


def _discard_output() -> None:
    """Python flushes stdout at exit and must not complain then of what was told already."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _log(error: BaseException, options: GlobalOptions) -> str:
    from aigc_tui.config import Paths
    from aigc_tui.crash import log

    return log(error, Paths.find(options.home))


def require_file(file: Path) -> None:
    """Raise CommandError where there is no such file."""
    if not file.is_file():
        raise CommandError("{path}: no such file", path=file)


def check_target(output: Path, *, force: bool) -> None:
    """Raise CommandError where the file exists (without `force`) or its folder does not."""
    if output.exists() and not force:
        raise CommandError("{path} exists; --force overwrites it", path=output)
    if not output.parent.is_dir():
        raise CommandError("{path}: there is no folder {folder}", path=output, folder=output.parent)
