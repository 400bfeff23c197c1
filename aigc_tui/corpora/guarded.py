"""The child behind ``guard.py``: takes a record, parses it under limits, answers, waits for the next.

``python -m aigc_tui.corpora.guarded FD TASK SECONDS MEMORY``; ends when its parent does.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

from aigc_tui.corpora.guard import ANSWER, FAILURE, LONGEST_ANSWER
from aigc_tui.message import AppError, Message, message
from aigc_tui.text import one_line

TASKS = {
    "wikitext": "aigc_tui.corpora.wikipedia:wikitext_task",
    "pdf": "aigc_tui.corpora.files:pdf_task",
    "docx": "aigc_tui.corpora.files:docx_task",
    "lesson": "aigc_tui.quiz.lesson.reading:task",
    "questions": "aigc_tui.quiz.formats.reading:task",
}


def main(arguments: list[str]) -> int:
    """Answer questions until there are no more."""
    descriptor, task, seconds, memory = arguments
    module, _, name = TASKS[task].partition(":")
    parse: Callable[[bytes], bytes] = getattr(importlib.import_module(module), name)
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    with Connection(int(descriptor)) as link:
        while True:
            try:
                question = link.recv_bytes()
            except EOFError:
                return 0
            allow_processor_time(float(seconds))
            link.send_bytes(answer_to(parse, question))


def answer_to(parse: Callable[[bytes], bytes], question: bytes) -> bytes:
    """Parse one record; whatever goes wrong becomes one line."""
    try:
        answer = parse(question)
        if len(answer) >= LONGEST_ANSWER:
            return FAILURE + _json(message("its text is too long"))
        return ANSWER + answer
    except Exception as error:  # parsers of other people's formats raise what they like
        if isinstance(error, AppError):
            return FAILURE + _json(error.message)
        return FAILURE + _json(Message("{text}", {"text": one_line(str(error) or type(error).__name__, 300)}))


def _json(reason: Message) -> bytes:
    return json.dumps(reason.to_json()).encode()


def allow_processor_time(seconds: float) -> None:
    """Set the limit of processor time, which counts from the process's begin, to that much from now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soon = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soon, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
