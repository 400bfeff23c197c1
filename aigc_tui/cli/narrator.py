"""Tell on stderr what takes long, without getting in anybody's way.

Why it exists: loading a model may take a minute and must not look like a hang; a pipe, a log file and a
screen reader must not get a line that rewrites itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from aigc_tui.cli.output import say
from aigc_tui.engine.protocol import Fitted, Progress, Stage
from aigc_tui.locale import Translate

PATIENCE_SECONDS = 1.0
"""What is over sooner is not worth a word."""
ERASE_LINE = "\r\x1b[K"


class Narrator:
    """Progress on a terminal's stderr: one line that rewrites itself, or, in plain mode, one line a stage.

    Args:
        t: Words messages in the user's language.
        plain: Never move the cursor.
        clock: Seconds that only go forward.
    """

    def __init__(self, t: Translate, *, plain: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._t = t
        self._plain = plain
        self._clock = clock
        self._watched = sys.stderr.isatty()
        self._stage = Stage.OFF
        self._since = 0.0
        self._told: Stage | None = None
        self._on_line = False

    def progress(self, event: Progress) -> None:
        """Say how far a step is, if it takes long enough to be worth it and somebody looks."""
        now = self._clock()
        if event.stage != self._stage:
            self._stage, self._since = event.stage, now
        spent = now - self._since
        if not self._watched or spent < PATIENCE_SECONDS:
            return
        line = self._line(event, spent)
        if self._plain and self._told != event.stage:
            say(line)
        elif not self._plain:
            self._rewrite(line)
        self._told = event.stage

    def fitted(self, event: Fitted) -> None:
        """Say that old messages had to be left out."""
        self.quiet()
        if event.dropped_messages:
            say(self._t("cli.dropped", count=event.dropped_messages, context=event.context))

    def quiet(self) -> None:
        """Take the progress line away before anything else is written."""
        if self._on_line:
            sys.stderr.write(ERASE_LINE)
            sys.stderr.flush()
        self._on_line, self._stage = False, Stage.OFF

    def _line(self, event: Progress, spent: float) -> str:
        what = self._what(event.stage)
        if not event.total or not event.done:
            return what
        left = spent * (event.total - event.done) / event.done
        return self._t(
            "cli.progress", what=what, percent=100 * event.done // event.total, seconds=round(left)
        )

    def _what(self, stage: Stage) -> str:
        match stage:
            case Stage.LOADING:
                return self._t("cli.loading")
            case Stage.PREFILL:
                return self._t("cli.reading")
            case _:
                return self._t("cli.starting")

    def _rewrite(self, line: str) -> None:
        sys.stderr.write(ERASE_LINE + line)
        sys.stderr.flush()
        self._on_line = True
