"""Look in the lesson for another distractor, in a process of its own.

The distractors left over from making are swapped in at once; when they are used up, or the item was written
by hand, the lesson must be analysed again, which the interface's process never does.
"""

from __future__ import annotations

import sys
from typing import Any

from aigc_tui.message import message
from aigc_tui.process import runner
from aigc_tui.process.child import caller
from aigc_tui.process.messages import JobError
from aigc_tui.quiz.codec import item_from_json, item_to_json
from aigc_tui.quiz.lesson.codec import lesson_from_json, lesson_to_json
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import Item, QuizError


def look_for_distractor(lesson: Lesson, item: Item, index: int, seed: int) -> Item | None:
    """Look in a child process for another distractor; see `swap_distractor`.

    Raises:
        QuizError: The child failed; the message is its one line.
    """
    asked = {"lesson": lesson_to_json(lesson), "item": item_to_json(item), "index": index, "seed": seed}
    try:
        found = runner.run("quiz.swap", name=message("the search for a distractor"), request=asked)
    except JobError as error:
        raise QuizError(message("no other distractor could be looked for: {error}", error=error)) from None
    return None if found is None else item_from_json(found, "swap")


def _answer(asked: dict[str, Any]) -> dict[str, Any] | None:
    from aigc_tui.quiz.generation.again import swap_distractor

    lesson, item = lesson_from_json(asked["lesson"]), item_from_json(asked["item"], "item")
    found = swap_distractor(lesson, item, asked["index"], asked["seed"])
    return None if found is None else item_to_json(found)


def main() -> int:
    """Be the child."""
    parent = caller()
    try:
        parent.answer(_answer(parent.request()))
    except Exception as error:  # the parent must get a line, whatever went wrong
        return parent.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
