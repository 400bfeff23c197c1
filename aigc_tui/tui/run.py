"""Runs the application in a terminal and leaves it cleanly and soon.

A watchdog thread hears signals and a vanished terminal even while asyncio is blocked in a write to it,
asks the application to quit, and ends the process if that takes too long.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from aigc_tui.config import Paths
from aigc_tui.locale import Language
from aigc_tui.tui.app import AigcApp

TEARDOWN_SECONDS = 0.2
"""How long the orderly end of all widgets is waited for once leaving was asked for."""
TIMING = "AIGC_TUI_TIMING"
"""Set to 1, this environment variable makes the program report its time to the first frame."""


def run(home: str | None = None, language: Language | None = None) -> NoReturn:
    """Run until the user leaves, then end the process with the application's exit code.

    The process ends here instead of returning, because the interpreter would wait for every thread that is
    still busy with a query. All that must be closed is closed before.
    """
    app = AigcApp(Paths.find(Path(home) if home else None), language=language)
    asyncio.new_event_loop().run_until_complete(_run_until_left(app))
    if os.environ.get(TIMING) == "1" and app.first_frame is not None:
        sys.stderr.write(f"first frame after {app.first_frame * 1000:.0f} ms\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(app.return_code or 0)


async def _run_until_left(app: AigcApp) -> None:
    loop = asyncio.get_running_loop()

    def leave(code: int) -> None:
        loop.call_soon_threadsafe(app.leave, code)

    guard = Guard(leave)
    guard.start()
    running = asyncio.ensure_future(app.run_async())
    leaving = asyncio.ensure_future(app.leaving.wait())
    await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
    app.leaving.set()
    guard.hurry(app.return_code or 0)
    await asyncio.wait({running}, timeout=TEARDOWN_SECONDS)
    if not running.done():
        app.restore_terminal()
    await app.close_services()
    guard.ended()


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
