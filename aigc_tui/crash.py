"""What a user reads when something of ours broke: one line; the traceback goes to a log.

The log is 0600 and holds no values of variables, which may be the user's words.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from aigc_tui.config import Paths
from aigc_tui.message import Translate, error_text
from aigc_tui.text import clean, one_line

LOG = "crash.log"
LINE_LIMIT = 300


def line(t: Translate, error: BaseException, paths: Paths) -> str:
    """Word an error for the screen: our own as it is, a foreign one with the log's name."""
    if type(error).__module__.startswith("aigc_tui."):
        return one_line(error_text(error, t), LINE_LIMIT)
    return t("app.crashed", error=summary(error), log=log(error, paths))


def summary(error: BaseException) -> str:
    """The error's type and message on one harmless line."""
    return one_line(f"{type(error).__name__}: {error}", LINE_LIMIT)


def log(error: BaseException, paths: Paths) -> str:
    """Write the traceback, for its owner's eyes only; returns the file's path, or why there is none."""
    text = clean("".join(traceback.format_exception(error)))
    try:
        return str(_write(paths.make(paths.logs) / LOG, text))
    except OSError as problem:
        return one_line(str(problem))


def _write(path: Path, text: str) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
