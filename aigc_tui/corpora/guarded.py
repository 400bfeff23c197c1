"""The child behind ``guard.py``: takes a record, parses it under limits, answers, waits for the next.

``python -m aigc_tui.corpora.guarded FD TASK SECONDS MEMORY``; ends when its parent does.
"""

from __future__ import annotations

import importlib
import resource
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

from aigc_tui.corpora.guard import ANSWER, FAILURE, LONGEST_ANSWER

TASKS = {
    "wikitext": "aigc_tui.corpora.wikitext:task",
    "pdf": "aigc_tui.corpora.pdf:task",
    "docx": "aigc_tui.corpora.word:task",
    "lesson": "aigc_tui.quiz.lesson.parsing:task",
    "questions": "aigc_tui.quiz.formats.reading:task",
}
_LONGEST_REASON = 300


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
            return FAILURE + b"its text is too long"
        return ANSWER + answer
    except Exception as error:  # parsers of other people's formats raise what they like
        reason = str(error) or type(error).__name__
        return FAILURE + reason[:_LONGEST_REASON].encode("utf-8", "replace")


def allow_processor_time(seconds: float) -> None:
    """Set the limit of processor time, which counts from the process's begin, to that much from now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soon = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soon, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
