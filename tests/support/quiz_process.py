"""The quiz commands as a real process that may take a gigabyte and no more, and what it said.

A parser that is fooled into growing fails here for want of memory, whatever else it says.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = 1 << 30
_DROP_FROM_BOUNDING_SET = 24
_OVERRIDES = (1, 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by which root reads what nobody may (capabilities(7))."""
_SECONDS = 120
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left: its exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line with which it failed."""
        assert self.code in (1, 2), self
        lines = [line for line in self.err.splitlines() if line.startswith("aigc-tui: ")]
        assert len(lines) == 1, self.err
        assert "unexpected error" not in lines[0], self.err
        return lines[0]


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the command's process is started with."""
    return {**os.environ, "AIGC_TUI_HOME": str(home), "LC_ALL": "C.UTF-8", **(more or {})}


def quiz(home: Path, *arguments: object, answers: bytes = b"", more: Mapping[str, str] | None = None) -> Said:
    """Run `aigc-tui quiz ...` to its end, and hold it to what holds for every command.

    Args:
        home: The user's folder.
        arguments: What stands behind `quiz`.
        answers: What comes through its stdin.
        more: Further environment variables.
    """
    command = [sys.executable, "-m", "aigc_tui", "quiz", *map(str, arguments)]
    done = subprocess.run(
        command,
        input=answers,
        capture_output=True,
        env=environment(home, more),
        timeout=_SECONDS,
        preexec_fn=_limit,
    )
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert harmful(said.out) == harmful(said.err) == "", said
    assert "Traceback" not in said.err, said
    return said


def harmful(text: str) -> str:
    """The characters of a text that a terminal obeys, or that turn or hide its words."""
    return "".join(char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    for capability in _OVERRIDES:
        _LIBC.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)
