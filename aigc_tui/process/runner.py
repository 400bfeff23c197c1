"""Run a module of this package as a child process, for the command line and for threads.

The child reads JSON lines from stdin and answers with `messages`; what it or a library writes to stderr is
drained, so that neither side ever waits for the other. It ends when its parent does: its stdin closes then.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from aigc_tui.message import Message
from aigc_tui.process.codec import MAX_LINE, ProtocolError
from aigc_tui.process.environment import JOB_VARIABLE, command, environment
from aigc_tui.process.messages import (
    ERROR_PREFIX,
    JOB_CODEC,
    JobAnswer,
    JobError,
    JobFailure,
    JobMessage,
    JobNote,
    JobProgress,
    death,
    text_message,
)
from aigc_tui.text import clean

GRACE_SECONDS = 0.4
"""How long a child that is told to end may take before it is killed."""
_LAST_LINES = 20

Tell: TypeAlias = Callable[[Message, int, int], None]
"""Is told a step, how much of it is done, and how much there is (0: unknown)."""
Note: TypeAlias = Callable[[Message], None]


class Child:
    """A running child process, as its parent's threads see it. Leaving the ``with`` block ends it.

    Args:
        module: A module of this package that can be run with ``python -m``.
        *arguments: Of its command line.
        name: What it is, for the line that tells of its end, such as ``message("the evaluation")``.
        extra: Variables of its environment beyond those that every child has.
        ctrl_c: Whether ctrl-c in the terminal reaches it; see `left_to_the_child`.
        chatter: Is given each line of its stderr; None drops what libraries say.
        grace: Seconds that it may take to end before it is killed.

    Raises:
        JobError: It cannot be started.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        name: Message,
        extra: Mapping[str, str] | None = None,
        ctrl_c: bool = False,
        chatter: Note | None = None,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._name, self._grace, self._chatter = name, grace, chatter
        try:
            self._process = subprocess.Popen(
                command(module, *arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment({JOB_VARIABLE: "1", **(extra or {})}),
                start_new_session=not ctrl_c,
            )
        except OSError as error:
            raise JobError("{name} cannot be started: {error}", name=name, error=error) from error
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._drain = threading.Thread(target=self._read_stderr, name=f"{module}-stderr", daemon=True)
        self._drain.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send(self, request: object) -> None:
        """Send one request as a line of JSON. A child that is gone says why in its messages."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError, ValueError):
            self._process.stdin.write(json.dumps(request, default=_plain_path).encode("ascii") + b"\n")
            self._process.stdin.flush()

    def messages(self) -> Iterator[JobMessage]:
        """Yield what it tells until it ends.

        Raises:
            JobError: It failed, or wrote what is no message.
        """
        assert self._process.stdout is not None
        while line := self._process.stdout.readline(MAX_LINE):
            try:
                found = JOB_CODEC.decode(line)
            except ProtocolError as error:
                self.close()
                raise JobError("{name} sent a broken answer: {error}", name=self._name, error=error) from None
            if isinstance(found, JobFailure):
                raise JobError(found.reason)
            yield found
        code = self._process.wait()
        self._drain.join(self._grace)
        if code:
            raise JobError(death(self._name, code, self._last_words()))

    def answers(self, tell: Tell | None = None, note: Note | None = None) -> Iterator[Any]:
        """Yield its results; progress and narration go to the callbacks, or nowhere.

        Raises:
            JobError: It failed.
        """
        for found in self.messages():
            match found:
                case JobAnswer(value):
                    yield value
                case JobProgress(what, done, total) if tell:
                    tell(what, done, total)
                case JobNote(text) if note:
                    note(text)

    def ask(self, request: object) -> Any:
        """Send one request and wait for its result (None: it gave none).

        Raises:
            JobError: It failed.
        """
        self.send(request)
        return next(self.answers(), None)

    def close(self) -> None:
        """End it: it is told by its stdin and by SIGTERM, and killed if that takes longer than its grace."""
        with suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        if self.running:
            with suppress(subprocess.TimeoutExpired):
                self._process.terminate()
                self._process.wait(self._grace)
        if self.running:
            self._process.kill()
        self._process.wait()
        self._drain.join(self._grace)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _last_words(self) -> str:
        """The line that begins as an error; else the last one, as a traceback ends with its cause."""
        lines = [line for line in self._last if line.strip()]
        said = [line for line in lines if line.startswith(ERROR_PREFIX)]
        return (said or lines or [""])[-1]

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            while line := stream.readline(2**16):
                text = clean(line.decode("utf-8", "replace").rstrip("\n"))
                self._last.append(text)
                if self._chatter is not None and not text.startswith(ERROR_PREFIX):
                    self._chatter(text_message(text, 2000))


def run(
    module: str,
    *arguments: str,
    name: Message,
    request: object = None,
    tell: Tell | None = None,
    note: Note | None = None,
    extra: Mapping[str, str] | None = None,
    ctrl_c: bool = False,
    grace: float = GRACE_SECONDS,
) -> Any:
    """Run a child to its end and return its one result (None: it gave none).

    Args:
        module: A module of this package.
        *arguments: Of its command line.
        name: What it is, for the line that tells of its end.
        request: What it is sent first; None: nothing.
        tell: Is told of its progress.
        note: Is given its narration, lines of its stderr among it; None drops both.
        extra: Variables of its environment.
        ctrl_c: Whether ctrl-c in the terminal reaches it.
        grace: Seconds that it may take to end when it is stopped.

    Raises:
        JobError: It failed.
    """
    with Child(module, *arguments, name=name, extra=extra, ctrl_c=ctrl_c, chatter=note, grace=grace) as child:
        if request is not None:
            child.send(request)
        return ([None, *child.answers(tell, note)])[-1]


@contextmanager
def left_to_the_child() -> Iterator[None]:
    """Let ctrl-c be the child's alone: it ends its training in order, and this process waits for it."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _plain_path(value: object) -> str:
    if isinstance(value, Path):
        return os.fspath(value.expanduser().resolve())
    raise TypeError(f"{type(value).__name__} cannot be sent")
