"""The child of `jobs`, ``python -m aigc_tui.course.classification``: one request, one answer."""

from __future__ import annotations

import signal
import sys
import threading

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.classification.work import WORK
from aigc_tui.course.prompts.soft_prompt import SoftPromptError
from aigc_tui.process.child import caller
from aigc_tui.training.loop import TrainingError
from aigc_tui.transformer.model_files import CheckpointError


def main() -> int:
    """Do what stdin asks for; returns the exit code."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    parent = caller()
    parent.when_gone(stop.set)
    request = parent.request()
    try:
        answer = WORK[request.pop("do")](request, stop.is_set)
    except (CheckpointError, CorpusError, SoftPromptError, TrainingError, OSError) as error:
        return parent.fail(error)
    parent.answer(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
