"""A run as it goes: follows its metrics file and draws loss, speed and learning rate.

It only ever reads, so whoever watches can leave at any time, and the run does not notice. No torch here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aigc_tui.chart import Curve, Point, chart, thinned
from aigc_tui.text import one_line, shorten
from aigc_tui.training.metrics import END, FORECAST, NAME, RESUME, Row, parse_row

_MARK = "o"
_SMALL = 3  # lines of the charts of speed and rate
_FIXED = 12  # lines of everything but the plot of the loss
_LEAST = 5


@dataclass(slots=True)
class Follower:
    """Reads what was appended to a run's metrics since it last looked."""

    folder: Path
    rows: list[Row] = field(default_factory=list)
    _offset: int = 0
    _file: int = -1
    _rest: bytes = b""

    def look(self) -> bool:
        """Read on; returns whether there was anything new."""
        try:
            with (self.folder / NAME).open("rb") as file:
                self._begin_again_if_new(os.fstat(file.fileno()))
                file.seek(self._offset)
                fresh = file.read()
        except FileNotFoundError:
            return False
        self._offset += len(fresh)
        *lines, self._rest = (self._rest + fresh).split(b"\n")
        for line in lines:
            self._take(parse_row(line.decode("utf-8", "replace")))
        return bool(lines)

    @property
    def ended(self) -> bool:
        """Whether the run came to an end (and was not resumed since)."""
        return bool(self.rows) and self.rows[-1]["kind"] == END

    def _take(self, row: Row | None) -> None:
        if row is None:
            return
        if row["kind"] == RESUME:
            self.rows = [old for old in self.rows if old.get("step", 0) <= row.get("step", 0)]
        self.rows.append(row)

    def _begin_again_if_new(self, found: os.stat_result) -> None:
        """Forget everything when the file is another one: a run from the start replaces it."""
        if found.st_ino != self._file or found.st_size < self._offset:
            self.rows, self._offset, self._rest, self._file = [], 0, b"", found.st_ino


@dataclass(frozen=True, slots=True)
class Words:
    """What stands beside the curves, in the user's language.

    Args:
        waiting: Shown while there is nothing to draw.
        loss: Title of the chart of the losses.
        held_out: What the marks in it are.
        speed: Title of the chart of tokens a second.
        rate: Title of the chart of the learning rate's factor.
        minutes_left: Has a gap ``{minutes}``.
        ended: Shown when the run is over.
    """

    waiting: str
    loss: str
    held_out: str
    speed: str
    rate: str
    minutes_left: str
    ended: str


def frame(rows: Sequence[Row], words: Words, cells: int, lines: int) -> list[str]:
    """Draw a run.

    Args:
        rows: Its metrics.
        words: In the user's language.
        cells: Width of the terminal.
        lines: Height of the terminal.
    """
    train = [row for row in rows if row["kind"] == "train"]
    if not train:
        told = [one_line(str(row.get("text", ""))) for row in rows if row["kind"] == FORECAST]
        return [shorten(line, cells) for line in (words.waiting, *told)]
    held = [(_number(row, "tokens"), _mean_held_out(row)) for row in rows if row["kind"] == "held_out"]
    tall = max(_LEAST, lines - _FIXED - 2 * _SMALL)
    title = f"{words.loss}; {_MARK} {words.held_out}" if held else words.loss
    losses = Curve(thinned(_points(train, "loss"), 2 * cells))
    drawn = [_headline(rows, train[-1], words), *chart(title, [losses, Curve(held, _MARK)], cells, tall)]
    for key, name in (("tokens_per_second", words.speed), ("factor", words.rate)):
        drawn += chart(name, [Curve(thinned(_points(train, key), 2 * cells))], cells, _SMALL)
    return [shorten(line, cells) for line in (*drawn, *_last_warning(rows))]


def _headline(rows: Sequence[Row], last: Row, words: Words) -> str:
    left = words.ended if rows[-1]["kind"] == END else words.minutes_left.format(minutes=_minutes(last))
    stage, step = one_line(str(last.get("stage", ""))), round(_number(last, "step"))
    tokens, speed = _number(last, "tokens") / 1e6, _number(last, "tokens_per_second")
    return f"{stage} · {step} · {tokens:.2f}M · {_number(last, 'loss'):.3f} · {speed:.0f}/s · {left}"


def _minutes(row: Row) -> int:
    return round(_number(row, "left") / 60)


def _points(rows: Sequence[Row], key: str) -> list[Point]:
    return [(_number(row, "tokens"), _number(row, key)) for row in rows]


def _number(row: Row, key: str) -> float:
    """A number of a row; a file is a stranger's, and what is no number there is not drawn."""
    found = row.get(key)
    return float(found) if isinstance(found, int | float) else float("nan")


def _mean_held_out(row: Row) -> float:
    known = {"kind", "stage", "step", "tokens", "seconds", "left"}
    found = [_number(row, key) for key in row if key not in known and not key.endswith((".bpb", "accuracy"))]
    return sum(found) / len(found) if found else float("nan")


def _last_warning(rows: Sequence[Row]) -> list[str]:
    found = [row for row in rows if row["kind"] == "warning"]
    return [f"! {one_line(str(found[-1].get('text', '')))}"] if found else []
