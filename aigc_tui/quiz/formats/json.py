"""Our own quiz file: everything, both ways (`quiz/codec.py`).

Why it exists: so that the format of the command line's `-o F.json` stands in the same list as all others.
"""

from __future__ import annotations

import json

from aigc_tui.quiz.codec import quiz_from_json, quiz_to_json
from aigc_tui.quiz.formats.building import Reading
from aigc_tui.quiz.formats.records import Format, Options, Read, Written
from aigc_tui.quiz.records import Quiz


def write_json(quiz: Quiz, options: Options) -> Written:
    """Write the quiz file; nothing is left out, not even a question that other formats find broken."""
    text = json.dumps(quiz_to_json(quiz), ensure_ascii=False, indent=1)
    return Written(text.encode("utf-8", "replace") + b"\n")


def read_json(data: bytes) -> Read:
    """Read a quiz file.

    Raises:
        QuizError: It is no quiz file, or an item of it is broken.
    """
    quiz = quiz_from_json(data)
    reading = Reading()
    for item in quiz.items:
        reading.add(item)
    return Read(quiz.title, reading.distinct())


JSON = Format("json", ".json", write_json, read_json)
