"""The worker's pipe to its client: a channel for each request, an outbox for all, and a log for the rest.

One stray line on standard output would break the protocol, and one library that warns in a loop would fill
the disk, so both descriptors of libraries lead to a capped log. The log never holds a prompt or a reply
(engine-safety E8).
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Event,
    Failed,
    FinishReason,
    GenerateRequest,
    PipeMessage,
    Scored,
    ScoreRequest,
    Timing,
    Usage,
    encode,
)

MAX_LOG = 2**20
"""Bytes of the log of one worker; one older log is kept."""
_PIECE = 2**16
_FRAME = 1 / 30
"""Seconds between two deltas: nobody sees more, and each costs the writer, the pipe and the reader."""

Send = Callable[[PipeMessage], None]


class Channel:
    """One request's line to the client: events go out in order, and exactly one of them is the last.

    Two threads speak for a request. The one that computes sends its text; the one that reads commands must
    be able to end it at once while a model is still loading, which cannot be interrupted.

    Args:
        request: The request.
        send: Takes the messages.
        clock: Tells seconds. Deltas within `_FRAME` of the last one are joined, and sent with what follows.
    """

    def __init__(
        self,
        request: GenerateRequest | ScoreRequest,
        send: Send,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.request = request
        self._send = send
        self._clock = clock
        self._shown = -math.inf
        self._held: list[Delta] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._computing = False
        self._over = False

    def stopped(self) -> bool:
        """Whether the client asked to stop. Read once per token and per chunk."""
        return self._stop.is_set()

    def emit(self, event: Event | Scored) -> None:
        """Send an event; `Done`, `Scored` and `Failed` are the last; what comes after them is dropped."""
        with self._lock:
            if self._over:
                return
            if isinstance(event, Delta):
                self._held.append(event)
                if (now := self._clock()) - self._shown >= _FRAME:
                    self._shown = now
                    self._flush()
                return
            self._flush()
            self._over = isinstance(event, Done | Failed | Scored)
            self._send(event)

    def _flush(self) -> None:
        if held := self._held:
            text, tokens = "".join(delta.text for delta in held), sum(delta.tokens for delta in held)
            self._held = []
            self._send(Delta(self.request.id, text, tokens))

    def begin(self) -> bool:
        """Start to compute; the computing thread then ends the request. False: it is over already."""
        with self._lock:
            self._computing = not self._over
            return self._computing

    def stop(self) -> None:
        """Stop: at once while waiting or loading, else at the computing thread's next look."""
        self._stop.set()
        with self._lock:
            waiting = not self._computing
        if waiting:
            self.emit(Done(self.request.id, FinishReason.CANCELLED, Usage(), Timing()))


class Outbox:
    """Writes messages to a file descriptor, one thread at a time."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: PipeMessage) -> None:
        """Write a message. Without a reader there is no work left, and the process ends."""
        line = encode(message)
        try:
            with self._lock:
                while line:
                    line = line[os.write(self._descriptor, line) :]
        except OSError:
            os._exit(0)


def claim_stdout(log: Path) -> int:
    """Point descriptors 1 and 2 at the log file, and return the pipe that was standard output."""
    protocol = os.dup(1)
    os.set_inheritable(protocol, False)
    reading, writing = os.pipe()
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    os.close(writing)
    target = _open_log(log)
    threading.Thread(target=_copy, args=(reading, target), name="log", daemon=True).start()
    return protocol


def _open_log(log: Path) -> int:
    """Open a fresh log for its owner only, and keep the last one beside it."""
    try:
        if log.exists():
            log.replace(log.with_suffix(".old.log"))
        return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError:
        # A full or read-only disk must not keep anybody from chatting.
        return os.open(os.devnull, os.O_WRONLY)


def _copy(source: int, target: int) -> None:
    written = 0
    while piece := os.read(source, _PIECE):
        allowed = piece[: max(MAX_LOG - written, 0)]
        written += len(allowed)
        try:
            os.write(target, allowed)
        except OSError:
            written = MAX_LOG
