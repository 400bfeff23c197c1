"""What the command line writes: data to stdout, narration to stderr, and nothing raw from anywhere.

`--json` prints exactly one JSON value.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from aigc_tui.message import Translate
from aigc_tui.text import clean, one_line, shorten, width

GAP = "  "


def prepare_streams() -> None:
    """Let no byte on stdin, no character that a terminal lacks and no closed stream end the program."""
    # Python sets a stream to None where the shell closed it (`>&-`); what is written there goes nowhere.
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - lasts as long as the run
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def say(text: str) -> None:
    """Write a line of narration to stderr."""
    click.echo(clean(text), err=True)


def data(text: str, *, newline: bool = True) -> None:
    """Write data to stdout."""
    click.echo(clean(text), nl=newline)


def emit_json(value: Any) -> None:
    """Write the one JSON value that `--json` promises. Cleaning it leaves its structure as it is."""
    data(json.dumps(value, ensure_ascii=False, indent=2))


def fields(t: Translate, values: Mapping[str, object]) -> None:
    """Write `label: value` lines; the labels are English and translated."""
    for label, value in values.items():
        shown = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        data(t("{name}: {value}", name=t(label), value=shown))


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print equally long rows as columns, aligned by cells. Lines fit a terminal; a pipe gets them whole."""
    cleaned = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*cleaned, strict=True)]
    for row in cleaned:
        cells = [cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)]
        line = GAP.join(cells).rstrip()
        data(shorten(line, shutil.get_terminal_size().columns) if sys.stdout.isatty() else line)
