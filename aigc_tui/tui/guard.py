"""Watches, from a thread of its own, that the program ends when it should.

Why it exists: asyncio hears no signal while a write to a stalled or vanished terminal blocks its thread, and
Textual's input thread spins at the end of a terminal that was closed. This thread hears both, asks the
application to leave, and ends the process itself if that takes too long.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType

LIMIT_SECONDS = 0.45
"""From the wish to leave to the end of the process, whatever else happens."""
HUNG_UP = 128 + signal.SIGHUP
_REPORTS = b"".join(b"\x1b[?%dl" % mode for mode in (1000, 1003, 1006, 1004, 2004))
RESTORE = b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?7h" + _REPORTS + b"\x1b[0m\r\n"
"""Undoes what Textual switches on: keyboard protocol, second screen, mouse, focus and paste reports."""


class Guard:
    """Ends the program in time.

    Args:
        leave: Asks the application to leave with an exit code; called from another thread.
    """

    def __init__(self, leave: Callable[[int], None]) -> None:
        self._leave = leave
        self._code = 0
        self._input = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._input)
        self._woken, self._wake = os.pipe()
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin to watch, and hear SIGTERM and SIGHUP."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)
        threading.Thread(target=self._watch, name="guard", daemon=True).start()

    def hurry(self, code: int) -> None:
        """The application is leaving: from now on its time is measured."""
        self._code = code
        os.write(self._wake, b"!")

    def ended(self) -> None:
        """Everything is closed; there is nothing left to guard."""
        self._ended.set()

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self.hurry(128 + number)

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._input, 0)
        poll.register(self._woken, select.POLLIN)
        if not any(descriptor == self._woken for descriptor, _event in poll.poll()):
            self._code = HUNG_UP
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._leave(self._code)
        if not self._ended.wait(LIMIT_SECONDS):
            self._end()

    def _end(self) -> None:
        """Give the terminal back as far as it takes anything, and end."""
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(self._input, termios.TCSANOW, self._before)
            os.set_blocking(sys.__stdout__.fileno(), False)  # type: ignore[union-attr]
            os.write(sys.__stdout__.fileno(), RESTORE)  # type: ignore[union-attr]
        os._exit(self._code)
