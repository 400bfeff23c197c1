"""A real pseudo-terminal with the real application in it, read as a person would read it.

The bytes are kept as they came, for tests on escape sequences; `pyte` turns them into a screen.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte

READ_SIZE = 65536
ENTER = "\r"
ESCAPE = "\x1b"


class Terminal:
    """Run a command in a pseudo-terminal of a given size.

    Args:
        command: The program and its arguments.
        home: Becomes `AIGC_TUI_HOME`.
        columns: Width in cells.
        rows: Height in cells.
        environment: More environment variables.
    """

    def __init__(
        self,
        home: Path,
        *,
        command: Sequence[str] = (sys.executable, "-m", "aigc_tui"),
        columns: int = 120,
        rows: int = 40,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.received = bytearray()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        env = {**os.environ, "TERM": "xterm-256color", "AIGC_TUI_HOME": str(home), "LANG": "en_US.UTF-8"}
        env |= {"TEXTUAL_ANIMATIONS": "none", "COLORTERM": "truecolor", **(environment or {})}
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        os.close(self._master)

    def kill(self) -> None:
        """SIGKILL the program and everything it started in its session."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def pump(self, seconds: float = 0.05) -> bool:
        """Take in what the program wrote.

        Returns:
            False once the program has closed the terminal.
        """
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self._master, READ_SIZE)
        except OSError:
            return False
        self.received += data
        self._stream.feed(data)
        return bool(data)

    def _take_in_frame(self) -> bool:
        """Read until the program pauses, so that no half-drawn frame is judged; half a second at most."""
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            before = len(self.received)
            if not self.pump(0.04):
                return False
            if len(self.received) == before:
                return True
        return True

    @property
    def text(self) -> str:
        """What is on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def wait_for(self, wanted: str | Callable[[str], bool], seconds: float = 30.0) -> str:
        """Wait until the screen shows a text or satisfies a condition.

        Raises:
            AssertionError: It did not within `seconds`, or the program ended; the message holds the screen.
        """
        deadline = time.monotonic() + seconds
        test = wanted if callable(wanted) else lambda text: wanted in text
        while time.monotonic() < deadline:
            alive = self._take_in_frame()
            if test(self.text):
                return self.text
            if not alive:
                break
        raise AssertionError(f"the screen never showed {wanted!r}:\n{self.text}")

    def wait_for_exit(self, seconds: float = 10.0) -> int:
        """Wait for the program to end, taking in its last words.

        Raises:
            AssertionError: It did not end.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.pump(0.02)
            if self.process.poll() is not None:
                # What it wrote last may still lie in the terminal's buffer, cut in the middle of an escape.
                self._take_in_frame()
                return self.process.returncode
        raise AssertionError(f"the program did not end:\n{self.text}")
