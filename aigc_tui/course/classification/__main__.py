"""The child of `jobs`, ``python -m aigc_tui.course.classification``: one request, one answer."""

from __future__ import annotations

import json
import signal
import sys
import threading

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.classification.work import WORK
from aigc_tui.course.prompts.soft_prompt import SoftPromptError
from aigc_tui.text import one_line
from aigc_tui.training.loop import TrainingError
from aigc_tui.transformer.model_files import CheckpointError


def main() -> int:
    """Do what stdin asks for; returns the exit code."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    request = json.load(sys.stdin)
    try:
        answer = WORK[request.pop("do")](request, stop.is_set)
    except (CheckpointError, CorpusError, SoftPromptError, TrainingError, OSError) as error:
        print(f"error: {one_line(str(error), 600)}", file=sys.stderr)
        return 1
    print(json.dumps(answer, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
