"""Read a question file of any program in the sandbox.

An Anki package is a database in an archive, Moodle's files are XML. Their parsers stay out of the process
that draws the screen; what comes back is our own JSON, checked once more.
"""

from __future__ import annotations

import json
from pathlib import Path

from aigc_tui.process.sandbox import Parser, ParserError, parse_once, sandboxed
from aigc_tui.quiz.codec import item_from_json, item_to_json
from aigc_tui.quiz.formats.records import Problem, Read
from aigc_tui.quiz.formats.registry import question_bytes, read_data
from aigc_tui.quiz.records import QuizError

_PARSER = Parser(__name__, "task")


def read_questions(path: Path) -> Read:
    """Read a question file of any format that can be read, in a process of its own.

    Args:
        path: The file; its first bytes and its suffix tell the format.

    Raises:
        QuizError: It cannot be read, is too large, or is in no format that can be read.
    """
    suffix = path.suffix.lower().encode("utf-8", "replace").replace(b"\x00", b"")
    try:
        answer = json.loads(parse_once(_PARSER, suffix + b"\x00" + question_bytes(path)))
    except ParserError as error:
        raise QuizError(error.message) from None
    items = tuple(item_from_json(item, f"question {at}") for at, item in enumerate(answer["items"], 1))
    return Read(answer["title"], items, tuple(Problem(*problem) for problem in answer["problems"]))


@sandboxed
def task(question: bytes) -> bytes:
    """The sandboxed side: the file's suffix, a zero, the file. The answer is what was read, as JSON."""
    suffix, _, data = question.partition(b"\x00")
    try:
        read = read_data(data, suffix.decode("utf-8", "replace"))
    except (MemoryError, RecursionError):
        raise QuizError("reading it needs too much memory: broken, or built to do so") from None
    answer = {
        "title": read.title,
        "items": [item_to_json(item) for item in read.items],
        "problems": [(problem.where, problem.reason) for problem in read.problems],
    }
    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
