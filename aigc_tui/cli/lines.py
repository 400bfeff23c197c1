"""Read what the user types, line by line, from a terminal or a pipe.

Why it exists: ctrl-c while typing throws the line away and not the program, and a text of several lines
must be possible without a key that only some terminals send.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress

from aigc_tui.cli.output import say

FENCE = '"""'
"""Alone on a line it begins and ends a text of several lines."""


class LineReader:
    """The user's side of a dialogue.

    Args:
        prompt: What a person at a terminal reads before typing.
        interrupted: What is said when ctrl-c threw a line away.
    """

    def __init__(self, prompt: str, interrupted: str) -> None:
        self._prompt = prompt
        self._interrupted = interrupted
        self._typed = sys.stdin.isatty() and sys.stdout.isatty()
        if self._typed:
            with suppress(ImportError):
                # Its import alone gives `input` editing and a history of lines.
                importlib.import_module("readline")

    def read(self) -> str | None:
        """Read one message; None: the input has ended."""
        while True:
            try:
                line = self._line(self._prompt)
                return self._block() if line == FENCE else line
            except KeyboardInterrupt:
                say("")
                say(self._interrupted)

    def _line(self, prompt: str) -> str | None:
        if self._typed:
            try:
                return input(prompt)
            except EOFError:
                # The shell's prompt is not to stand behind ours.
                say("")
                return None
        line = sys.stdin.readline()
        return line.rstrip("\r\n") if line else None

    def _block(self) -> str:
        lines: list[str] = []
        while (line := self._line("")) not in (None, FENCE):
            lines.append(line or "")
        return "\n".join(lines)
