"""Metrics of a run: one JSON object a line in ``metrics.jsonl``, written as it goes, read by plots and cards.

Kinds of rows: ``forecast`` (text), ``train`` (loss, norm, factor, tokens_per_second), ``held_out`` (per
source nats and bits per byte), ``sample``, ``warning``, ``resume`` and ``end``. This module never imports
torch, since the command line reads metrics, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aigc_tui.message import Message, message
from aigc_tui.process.child import caller

NAME = "metrics.jsonl"
FORECAST, RESUME, END = "forecast", "resume", "end"

Row = dict[str, Any]


def append_metric(folder: Path, row: Mapping[str, object]) -> None:
    """Append one row; a line is written in one piece, so that a reader never sees two mixed."""
    with (folder / NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_metrics(path: Path) -> list[Row]:
    """Read the rows of a run.

    A line that was cut off by a crash is left out, and so are steps that were taken again after a resume:
    what a run forgot is no part of its curve.
    """
    rows: list[Row] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        row = parse_row(line)
        if row is None:
            continue
        if row["kind"] == RESUME:
            rows = [old for old in rows if old.get("step", 0) <= row.get("step", 0)]
        rows.append(row)
    return rows


def parse_row(line: str) -> Row | None:
    """Read one line, or return None if it is none of ours."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and isinstance(row.get("kind"), str) else None


class MetricsWriter:
    """Where a run tells what happens: rows into a folder, lines to stderr.

    Args:
        folder: For ``metrics.jsonl``; None to keep nothing.
        speaks: Whether lines are printed.
    """

    def __init__(self, folder: Path | None = None, speaks: bool = False) -> None:
        self._folder, self._speaks = folder, speaks

    def write(self, row: Mapping[str, object]) -> None:
        if self._folder is not None:
            append_metric(self._folder, row)

    def log(self, line: Message | str) -> None:
        if self._speaks:
            caller().note(line)

    def warn(self, step: int, what: str, line: Message, **values: float) -> None:
        """Tell of something wrong, in words and as a row.

        Args:
            step: When.
            what: A short name: ``spike``, ``memory``, ``disk``.
            line: One line for people.
            values: Numbers that belong to it.
        """
        self.log(message("warning: {text}", text=line))
        self.write({"kind": "warning", "step": step, "what": what, "text": str(line), **values})
