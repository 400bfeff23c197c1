"""Run the maker in a process of its own, and tell its events as they come.

A lesson of a hundred pages keeps a core busy for seconds, and Chinese loads a dictionary of a hundred
megabytes; the process that shows the screen does neither. Closing the iterator kills the child. The child
read a stranger's lesson, so its events are built anew, field by field.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from aigc_tui.message import message
from aigc_tui.process.async_runner import run
from aigc_tui.process.child import caller
from aigc_tui.process.messages import JobError
from aigc_tui.quiz.analysis.records import Alias, Definition, Mention, Sequence, TermKind
from aigc_tui.quiz.codec import item_from_json, item_to_json, quiz_from_json, quiz_to_json
from aigc_tui.quiz.lesson.codec import lesson_from_json, lesson_to_json
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.planning.records import (
    Filled,
    Finished,
    Form,
    GenerationStep,
    Made,
    MakingEvent,
    Refused,
    Slot,
)
from aigc_tui.quiz.records import Bloom, Item, ItemType, QuizError, QuizRequest


def request_to_json(lesson: Lesson, request: QuizRequest, exclude: Collection[Item]) -> dict[str, Any]:
    """What the child is asked for."""
    return {
        "lesson": lesson_to_json(lesson),
        "request": asdict(request),
        "exclude": [item_to_json(item) for item in exclude],
    }


def request_from_json(value: dict[str, Any]) -> tuple[Lesson, QuizRequest, tuple[Item, ...]]:
    """What `request_to_json` wrote."""
    asked = value["request"]
    request = QuizRequest(
        count=asked["count"],
        types=tuple(ItemType(each) for each in asked["types"]),
        seed=asked["seed"],
        sections=tuple(asked["sections"]),
        bloom=tuple(Bloom(each) for each in asked["bloom"]),
    )
    exclude = tuple(item_from_json(each, "exclude") for each in value["exclude"])
    return lesson_from_json(value["lesson"]), request, exclude


def event_to_json(event: MakingEvent) -> dict[str, Any]:
    """One event as one line's value."""
    if isinstance(event, GenerationStep):
        return {"event": "step", **asdict(event)}
    if isinstance(event, Refused):
        return {"event": "refused", "reason": event.reason}
    if isinstance(event, Made):
        filled = event.filled
        slot, item = asdict(filled.slot), item_to_json(filled.item)
        return {"event": "made", "slot": slot, "item": item, "spares": filled.spares}
    aliases = [asdict(alias) for alias in event.aliases]
    return {"event": "finished", "quiz": quiz_to_json(event.quiz), "aliases": aliases}


def event_from_json(value: dict[str, Any]) -> MakingEvent:
    """What `event_to_json` wrote; a broken value raises KeyError, TypeError or ValueError."""
    kind = value["event"]
    if kind == "step":
        return GenerationStep(value["stage"], value["done"], value["total"])
    if kind == "refused":
        return Refused(value["reason"])
    if kind == "made":
        item = item_from_json(value["item"], "made")
        return Made(Filled(_slot(value["slot"]), item, tuple(value["spares"])))
    return Finished(
        quiz_from_json(json.dumps(value["quiz"])), tuple(Alias(**each) for each in value["aliases"])
    )


def _slot(value: dict[str, Any]) -> Slot:
    return Slot(
        number=value["number"],
        type=ItemType(value["type"]),
        section=value["section"],
        sentence=value["sentence"],
        answer=value["answer"] and _mention(value["answer"]),
        definition=value["definition"] and _definition(value["definition"]),
        definitions=tuple(_definition(each) for each in value["definitions"]),
        sequence=value["sequence"] and _sequence(value["sequence"]),
        bloom=Bloom(value["bloom"]),
        form=Form(value["form"]),
    )


def _mention(value: dict[str, Any]) -> Mention:
    return Mention(**{**value, "kind": TermKind(value["kind"])})


def _definition(value: dict[str, Any]) -> Definition:
    return Definition(**{**value, "term": _mention(value["term"])})


def _sequence(value: dict[str, Any]) -> Sequence:
    return Sequence(**{**value, "steps": tuple(value["steps"]), "starts": tuple(value["starts"])})


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
