"""The child that makes a model folder from a GGUF file; `engine.preparing` starts it."""

from __future__ import annotations

import sys
from pathlib import Path

from aigc_tui.inference.prepare import prepare_gguf
from aigc_tui.message import AppError, message
from aigc_tui.process.child import caller


def main() -> int:
    """Answer the request on stdin; returns the exit code."""
    parent = caller()
    request = parent.request()
    source, target = Path(request["source"]), Path(request["target"])
    what = message("Preparing the model")
    try:
        prepare_gguf(source, target, lambda done, total: parent.progress(what, done, total))
    except (AppError, OSError, ValueError) as problem:
        return parent.fail(problem)
    parent.answer(str(target))
    return 0


if __name__ == "__main__":
    sys.exit(main())
