"""Look in the lesson for another distractor, in a process of its own (`python -m aigc_tui.quiz.swap`).

Why it exists: the distractors left over from making are swapped in at once; when they are used up, or the
item was written by hand, the lesson must be analysed again, which the interface's process never does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from aigc_tui.quiz.codec import item_from_json, item_to_json
from aigc_tui.quiz.lesson.codec import lesson_from_json, lesson_to_json
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import Item, QuizError
from aigc_tui.text import one_line
from aigc_tui.training.jobs import environment


def look_for_distractor(lesson: Lesson, item: Item, index: int, seed: int) -> Item | None:
    """Start the child, and wait for what it found.

    Args:
        lesson: The lesson that the item cites.
        item: A multiple-choice item.
        index: Which option goes.
        seed: Vary it to see others.

    Raises:
        QuizError: The child failed; the message is its last line.
    """
    asked = {"lesson": lesson_to_json(lesson), "item": item_to_json(item), "index": index, "seed": seed}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "aigc_tui.quiz.swap"],
        input=json.dumps(asked).encode(),
        capture_output=True,
        check=False,
        env=environment(),
    )
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise QuizError(
            f"no other distractor could be looked for: {one_line(said[-1] if said else 'killed')}"
        )
    found = json.loads(done.stdout)
    return None if found is None else item_from_json(found, "swap")


def _answer(asked: dict[str, Any]) -> dict[str, Any] | None:
    """What the child does."""
    from aigc_tui.quiz.generation.again import swap_distractor

    lesson, item = lesson_from_json(asked["lesson"]), item_from_json(asked["item"], "item")
    found = swap_distractor(lesson, item, asked["index"], asked["seed"])
    return None if found is None else item_to_json(found)


if __name__ == "__main__":
    json.dump(_answer(json.load(sys.stdin)), sys.stdout)
