"""The maker in its own process."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys

import pytest

from aigc_tui.quiz.generation.job import event_from_json, event_to_json, run_making
from aigc_tui.quiz.planning.records import Finished, GenerationStep, MakingEvent
from aigc_tui.quiz.records import QuizError, QuizRequest
from tests.quiz.planning.material import cells, events


def _collect(request: QuizRequest) -> list[MakingEvent]:
    async def collect() -> list[MakingEvent]:
        return [event async for event in run_making(cells(), request)]

    return asyncio.run(collect())


def test_the_child_makes_what_the_maker_makes() -> None:
    request = QuizRequest(count=5, seed=2)
    told = _collect(request)
    here = events(cells(), request)
    assert isinstance(told[-1], Finished)
    assert isinstance(here[-1], Finished)
    assert [item.stem for item in told[-1].quiz.items] == [item.stem for item in here[-1].quiz.items]
    assert told[-1].quiz.rejected == here[-1].quiz.rejected


def test_every_event_survives_the_wire() -> None:
    for event in events(cells(), QuizRequest(count=30)):
        back = event_from_json(event_to_json(event))
        assert event_to_json(back) == event_to_json(event)


def test_closing_the_iterator_ends_the_child() -> None:
    async def leave() -> list[int]:
        making = run_making(cells(), QuizRequest(count=5))
        assert isinstance(await anext(making), GenerationStep)
        await making.aclose()
        return [task.get_name() == "" for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    assert asyncio.run(leave()) == []


def test_a_lesson_that_was_tampered_with_is_one_clear_line() -> None:
    broken = dataclasses.replace(cells(), sha256="0" * 64)

    async def run() -> None:
        async for _ in run_making(broken, QuizRequest(count=1)):
            pass

    with pytest.raises(QuizError, match="checksum"):
        asyncio.run(run())


def test_the_parent_side_loads_neither_the_dictionary_nor_the_makers() -> None:
    code = (
        "import sys, aigc_tui.quiz.generation.job\n"
        "print([m for m in ('jieba', 'torch', 'aigc_tui.quiz.generation.make') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
