"""Making with the engines that there are: the real worker with random weights, and a server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from aigc_tui.config import Paths
from aigc_tui.engine.client import LocalEngine
from aigc_tui.engine.protocol import Engine, EngineOptions, ModelSpec
from aigc_tui.engine.remote import RemoteEngine
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.llm_items import make as notes
from aigc_tui.quiz.llm_items.make import make_with_model
from aigc_tui.quiz.planning.records import Finished
from aigc_tui.quiz.records import Origin, QuizRequest
from tests.quiz.llm_items.scripted import (
    CHINESE,
    ENGLISH,
    Rules,
    moon,
    newton,
    tsunami,
    yueqiu,
)
from tests.support.models import make_model, spec_of
from tests.support.openai_server import openai_server


def finished(engine: Engine, *makings: tuple[Lesson, ModelSpec, Rules]) -> list[Finished]:
    """Make quizzes with one engine, one after the other: a worker takes seconds to start."""

    async def work() -> list[Finished]:
        found: list[Finished] = []
        try:
            for lesson, model, rules in makings:
                making = make_with_model(lesson, QuizRequest(seed=1), engine, model, run=rules)
                found += [event async for event in making if isinstance(event, Finished)]
        finally:
            await engine.close()
        return found

    return asyncio.run(asyncio.wait_for(work(), 120))


def test_the_real_worker_with_no_model_and_with_random_weights_leaves_honest_quizzes(tmp_path: Path) -> None:
    model = spec_of(make_model(tmp_path / "llama", "llama", context=1024))
    engine = LocalEngine(Paths(tmp_path / "home"), EngineOptions(cache_mb=16, threads=1, memory_reserve_mb=0))
    rules = Rules(*(moon(number) for number in range(5)), newton(5))
    missing, random = finished(
        engine, (ENGLISH, spec_of(tmp_path / "none"), Rules(moon(0))), (ENGLISH, model, rules)
    )
    assert missing.quiz.items == (moon(0).item,)
    assert missing.notes[-1].key == "quiz_models.failed"
    assert [item.origin for item in random.quiz.items] == [Origin.RULE] * 6
    assert sum(each.count for each in random.quiz.rejected) == 1 + 6 * 3
    assert random.notes[0] == notes.share_note(0, 6, 6, "llama")
    assert random.notes[1].key in ("quiz_models.reader_on", "quiz_models.reader_off")
    assert ("tried", 6) in random.notes[1].values


def test_a_server_words_items_under_its_own_structured_output(tmp_path: Path) -> None:
    reply = json.dumps({"stem": "潮汐主要由什么引起？", "wrong": [], "why": "潮汐主要由月球的引力引起。"})
    with openai_server([reply[:20], reply[20:]]) as server:
        model = ModelSpec("big", kind="openai", base_url=server.base_url, model="org/big")
        (end,) = finished(RemoteEngine(Paths(tmp_path)), (CHINESE, model, Rules(yueqiu())))
    (item,) = end.quiz.items
    assert (item.stem, item.origin, item.model) == ("潮汐主要由什么引起？", Origin.MODEL, "big")
    forms = [
        body["response_format"]["json_schema"]["schema"]["required"]
        for body in server.requests
        if "messages" in body
    ]
    assert forms == [["stem"], ["wrong", "why"]]


def test_nobody_behind_the_address_costs_nothing_but_the_model(tmp_path: Path) -> None:
    model = ModelSpec("big", kind="openai", base_url="http://127.0.0.1:9/v1", model="org/big")
    (end,) = finished(RemoteEngine(Paths(tmp_path)), (ENGLISH, model, Rules(moon(0), tsunami(1))))
    assert [item.origin for item in end.quiz.items] == [Origin.RULE] * 2
    assert "cannot reach 127.0.0.1:9" in str(dict(end.notes[-1].values)["message"])
