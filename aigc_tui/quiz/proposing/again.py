"""One item once more, worded by a model where that passes.

Why it exists: "regenerate this one" must give another question at the same place of the lesson, under the
same checks, and none of those seen before.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import aclosing

from aigc_tui.engine.protocol import Engine, ModelSpec
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.making.job import run_making
from aigc_tui.quiz.making.records import Filled, Made
from aigc_tui.quiz.proposing.make import Run, make_with_model
from aigc_tui.quiz.records import Item, QuizRequest


async def another_with_model(
    lesson: Lesson,
    item: Item,
    engine: Engine,
    model: ModelSpec,
    *,
    exclude: Collection[Item] = (),
    seed: int = 0,
    run: Run = run_making,
) -> Filled | None:
    """Make another item of the same type, from the same section if it has one, else from the whole lesson.

    Args:
        lesson: The lesson that the item cites.
        item: What is to be replaced; it is not made again.
        engine: Serves the model.
        model: Words the item where it can; else it is rule-made.
        exclude: The other items of the quiz, and those turned down before.
        seed: Vary it to see others.
        run: Makes the rule-made item.

    Returns:
        The new item with its slot; None when the lesson has no other.
    """
    seen = (item, *exclude)
    section = (item.source.section,) if item.source and item.source.section else ()
    for sections in dict.fromkeys((section, ())):
        request = QuizRequest(1, (item.type,), seed, sections)
        making = make_with_model(lesson, request, engine, model, exclude=seen, run=run)
        async with aclosing(making) as events:
            async for event in events:
                if isinstance(event, Made):
                    return event.filled
    return None
