"""Both directions of a terminal beside the data: lines that the user types, and progress on stderr.

Ctrl-c while typing discards the line, not the program. A pipe, a log file and a screen reader never get a
line that rewrites itself.
"""

from __future__ import annotations

import importlib
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from aigc_tui.cli.output import say
from aigc_tui.engine.protocol import Fitted, Progress, Stage
from aigc_tui.locale import Translate
from aigc_tui.message import Message
from aigc_tui.text import one_line, shorten

if TYPE_CHECKING:
    from aigc_tui.engine.install import Step

FENCE = '"""'
"""Alone on a line it begins and ends a text of several lines."""


class LineReader:
    """Reads messages; `interrupted` is printed when ctrl-c discards a line."""

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


PATIENCE_SECONDS = 1.0
"""What is over sooner is not worth a word."""
REDRAW_SECONDS = 0.1
ERASE_LINE = "\r\x1b[K"


class Narrator:
    """Progress on stderr: one line that rewrites itself, or, in plain mode, one line a stage."""

    def __init__(self, t: Translate, *, plain: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._t = t
        self._plain = plain
        self._clock = clock
        self._watched = sys.stderr.isatty()
        self._step = ""
        self._since = 0.0
        self._told = ""
        self._on_line = False

    def progress(self, event: Progress) -> None:
        self.step(self._what(event.stage), event.done, event.total)

    def step(self, what: str | Message, done: int, total: int) -> None:
        """Report progress of a step that takes over a second; `total` 0: unknown."""
        what = what.text(self._t) if isinstance(what, Message) else what
        now = self._clock()
        if what != self._step:
            self._step, self._since = what, now
        spent = now - self._since
        if not self._watched or spent < PATIENCE_SECONDS:
            return
        line = self._line(done, total, spent)
        if not self._plain:
            self._rewrite(line)
        elif self._told != what:
            say(line)
        self._told = what

    def transfer(self, step: Step) -> None:
        """Report a download or what follows it: one line that rewrites itself, or lines at each tenth."""
        what = step.what.text(self._t)
        now = self._clock()
        if what != self._step:
            self._step, self._since, self._told = what, now, ""
        if self._watched and not self._plain:
            if now - self._since >= REDRAW_SECONDS or not self._told:
                self._since, self._told = now, what
                self._rewrite(step.words(self._t))
            return
        tenth = str(10 * step.done // step.total) if step.total else "-"
        if tenth != self._told:
            self._told = tenth
            say(step.words(self._t))

    def fitted(self, event: Fitted) -> None:
        self.quiet()
        if event.dropped_messages:
            say(self._t("cli.dropped", count=event.dropped_messages, context=event.context))

    def quiet(self) -> None:
        """Erase the progress line before anything else is written."""
        if self._on_line:
            sys.stderr.write(ERASE_LINE)
            sys.stderr.flush()
        self._on_line, self._step = False, ""

    def _line(self, done: int, total: int, spent: float) -> str:
        if not total or not done:
            return self._step
        left = round(spent * (total - done) / done)
        return self._t("cli.progress", what=self._step, percent=100 * done // total, seconds=left)

    def _what(self, stage: Stage) -> str:
        match stage:
            case Stage.LOADING:
                return self._t("cli.loading")
            case Stage.PREFILL:
                return self._t("cli.reading")
            case _:
                return self._t("cli.starting")

    def _rewrite(self, line: str) -> None:
        room = shutil.get_terminal_size().columns - 1
        sys.stderr.write(ERASE_LINE + shorten(one_line(line), room))
        sys.stderr.flush()
        self._on_line = True
