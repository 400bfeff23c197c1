"""Run the maker in a process of its own, and tell its events as they come.

A lesson of a hundred pages keeps a core busy for seconds, and Chinese loads a dictionary of a hundred
megabytes; the process that shows the screen does neither. Closing the iterator kills the child.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing

from aigc_tui.message import message
from aigc_tui.process.async_runner import run
from aigc_tui.process.child import caller
from aigc_tui.process.messages import JobError
from aigc_tui.quiz.generation.wire import event_from_json, event_to_json, request_from_json, request_to_json
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.planning.records import Finished, MakingEvent
from aigc_tui.quiz.records import Item, QuizError, QuizRequest


async def run_making(
    lesson: Lesson, request: QuizRequest, exclude: Collection[Item] = ()
) -> AsyncGenerator[MakingEvent, None]:
    """Make a quiz in a child process; yields what `make_quiz` yields, `Finished` last.

    Raises:
        QuizError: The child failed; the message is its one line.
    """
    asked, name = request_to_json(lesson, request, exclude), message("the quiz maker")
    event: MakingEvent | None = None
    try:
        async with aclosing(run("quiz.generation.job", name=name, request=asked)) as answers:
            async for answer in answers:
                event = event_from_json(answer)
                yield event
    except JobError as error:
        raise QuizError(error.message) from None
    if not isinstance(event, Finished):
        raise QuizError(message("{name} ended before its work was done", name=name))


def main() -> int:
    """Be the child: take one request, tell its events."""
    # The parent's side imports this module, too, and must stay light.
    from aigc_tui.quiz.generation.make import make_quiz

    parent = caller()
    try:
        lesson, request, exclude = request_from_json(parent.request())
        for event in make_quiz(lesson, request, exclude=exclude):
            parent.answer(event_to_json(event))
    except Exception as error:  # the parent must get a line, whatever went wrong
        return parent.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
