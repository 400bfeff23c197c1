"""One request's line to the client: events go out in order, and exactly one of them is the last.

Why it exists: two threads speak for a request. The one that computes sends its words; the one that reads
commands must be able to end it at once while a model is still loading, which cannot be interrupted.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from aigc_tui.engine.codec import Message, encode
from aigc_tui.engine.protocol import (
    Done,
    Event,
    Failed,
    FinishReason,
    GenerateRequest,
    Scored,
    ScoreRequest,
    Timing,
    Usage,
)

Send = Callable[[Message], None]


class Channel:
    """The state of one request.

    Args:
        request: What was asked.
        send: Writes a message to the client.
    """

    def __init__(self, request: GenerateRequest | ScoreRequest, send: Send) -> None:
        self.request = request
        self._send = send
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._computing = False
        self._over = False

    @property
    def stopped(self) -> bool:
        """Whether the client asked to stop. Read once per token and per chunk."""
        return self._stop.is_set()

    def emit(self, event: Event | Scored) -> None:
        """Send an event; `Done`, `Scored` and `Failed` are the last; what comes after them is dropped."""
        with self._lock:
            if not self._over:
                self._over = isinstance(event, Done | Failed | Scored)
                self._send(event)

    def begin(self) -> bool:
        """Start to compute; from now on the computing thread ends the request itself.

        Returns:
            False when the request is over already.
        """
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
    """Writes messages to a file descriptor, one thread at a time.

    Args:
        descriptor: The pipe to the client.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Write a message. Without a reader there is nobody left to work for, and the process ends."""
        line = encode(message)
        try:
            with self._lock:
                while line:
                    line = line[os.write(self._descriptor, line) :]
        except OSError:
            os._exit(0)
