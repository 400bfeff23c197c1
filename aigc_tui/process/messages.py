"""What a child process tells its parent, how its end is worded, and the error that its parent raises."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any, TypeAlias

from aigc_tui.message import AppError, Message, message
from aigc_tui.process.codec import Codec
from aigc_tui.text import clean, one_line

ERROR_PREFIX = "error: "
"""How a child that was started by hand begins the line that says why it failed."""


class JobError(AppError):
    """A child process failed; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class JobNote:
    """A line of narration."""

    text: Message


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a step is; ``total`` 0: nobody knows."""

    what: Message
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class JobAnswer:
    """A result, or one of several."""

    value: Any


@dataclass(frozen=True, slots=True)
class JobFailure:
    """Why the work cannot be done; the last message."""

    reason: Message


JobMessage: TypeAlias = JobNote | JobProgress | JobAnswer | JobFailure
JOB_CODEC: Codec[JobMessage] = Codec(JobNote, JobProgress, JobAnswer, JobFailure, finite=False)


def text_message(text: str, limit: int = 600) -> Message:
    """Carry a text that nobody translates, made safe for a terminal."""
    return message("{text}", text=one_line(clean(text), limit))


def reason_of(error: BaseException) -> Message:
    """Word an error as one line: ours has a message, an `OSError` its path, anything else its own text."""
    if isinstance(error, AppError):
        return error.message
    if isinstance(error, OSError) and error.filename is not None:
        return text_message(f"{error.filename}: {error.strerror}")
    return text_message(str(error) or type(error).__name__)


def is_ours(error: BaseException) -> bool:
    """Tell whether an exception is of this package; such carry one line for the user."""
    return type(error).__module__.partition(".")[0] == "aigc_tui"


def death(name: Message, code: int | None, last_line: str = "") -> Message:
    """Say in one line how a child process ended before its work was done.

    Args:
        name: What it is, such as "the evaluation".
        code: Its exit code; negative: the signal that killed it; None: unknown.
        last_line: The last line of its stderr, which mostly names the cause.
    """
    if code is not None and code < 0:
        number = signal_name(-code)
        if number == "SIGKILL":
            return message(
                "{name} was killed ({signal}); it may have run out of memory", name=name, signal=number
            )
        return message("{name} was killed ({signal})", name=name, signal=number)
    said = last_line.strip().removeprefix(ERROR_PREFIX)
    if said:
        return text_message(said)
    return message("{name} ended with code {code}", name=name, code=str(code))


def signal_name(number: int) -> str:
    """Name a signal."""
    return signal.Signals(number).name if number in set(signal.Signals) else str(number)
