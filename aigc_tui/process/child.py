"""The child's end of the pipe: read requests, tell progress, answer, fail.

The same modules can be started by hand (``python -m aigc_tui.training.pretrain RECIPE``): they then read
stdin as it is, write their results to stdout as JSON and talk in English on stderr.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from aigc_tui.message import Message
from aigc_tui.process.codec import to_plain
from aigc_tui.process.environment import JOB_VARIABLE
from aigc_tui.process.messages import (
    ERROR_PREFIX,
    JOB_CODEC,
    JobAnswer,
    JobFailure,
    JobMessage,
    JobNote,
    JobProgress,
    reason_of,
    text_message,
)
from aigc_tui.text import one_line

FAILED = 1
_PIECE = 2**16


class Caller:
    """Whoever started this process. One a process; see `caller`."""

    def __init__(self) -> None:
        self._pipe = _claim_stdout() if os.environ.pop(JOB_VARIABLE, "") else None
        self._lock = threading.Lock()
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._gone: Callable[[], None] = lambda: os._exit(0)
        if self._pipe is not None:
            threading.Thread(target=self._listen, name="requests", daemon=True).start()

    def when_gone(self, action: Callable[[], None]) -> None:
        """Set what is done when the caller has ended or hung up; by default this process ends at once."""
        self._gone = action

    def request(self) -> Any:
        """Wait for the next request; None: there will be none."""
        return next(self.requests(), None)

    def requests(self) -> Iterator[Any]:
        """Yield requests until the caller hangs up."""
        if self._pipe is None:
            for text in sys.stdin:
                yield json.loads(text)
            return
        while (line := self._requests.get()) is not None:
            yield json.loads(line)

    def note(self, text: Message | str) -> None:
        """Tell a line of narration; a plain text is one that needs no translation."""
        self._send(JobNote(text_message(text) if isinstance(text, str) else text))

    def progress(self, what: Message | str, done: int, total: int) -> None:
        """Tell how far a step is; ``total`` 0: nobody knows."""
        self._send(JobProgress(text_message(what) if isinstance(what, str) else what, done, total))

    def answer(self, value: Any) -> None:
        """Give a result: JSON values, data classes and tuples of them."""
        self._send(JobAnswer(to_plain(value)))

    def fail(self, error: BaseException) -> int:
        """Say why the work cannot be done; returns the exit code."""
        self._send(JobFailure(reason_of(error)))
        return FAILED

    def _send(self, told: JobMessage) -> None:
        if self._pipe is None:
            _to_a_person(told)
            return
        line = JOB_CODEC.encode(told)
        try:
            with self._lock:
                while line:
                    line = line[os.write(self._pipe, line) :]
        except OSError:
            self._gone()

    def _listen(self) -> None:
        # os.read, not sys.stdin: a thread that waits inside a buffered reader crashes Python's shutdown.
        rest = b""
        while piece := os.read(0, _PIECE):
            *lines, rest = (rest + piece).split(b"\n") if b"\n" in piece else (rest + piece,)
            for line in lines:
                self._requests.put(line)
        self._requests.put(None)
        self._gone()


@cache
def caller() -> Caller:
    """Whoever started this process."""
    return Caller()


def _claim_stdout() -> int:
    """Keep the pipe for messages: what libraries print goes to stderr, which the parent drains."""
    pipe = os.dup(1)
    os.set_inheritable(pipe, False)
    os.dup2(2, 1)
    return pipe


def _to_a_person(told: JobMessage) -> None:
    match told:
        case JobAnswer(value):
            print(json.dumps(value, ensure_ascii=False), flush=True)
        case JobNote(text):
            print(text, file=sys.stderr, flush=True)
        case JobProgress(what, done, total):
            print(f"{what} {done}/{total}" if total else str(what), file=sys.stderr, flush=True)
        case JobFailure(reason):
            print(f"{ERROR_PREFIX}{one_line(str(reason), 600)}", file=sys.stderr, flush=True)
