"""Making with the engines that there are: the real worker with random weights, and a server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from aigc_tui.config import Paths
from aigc_tui.engine.client import LocalEngine
from aigc_tui.engine.options import EngineOptions
from aigc_tui.engine.protocol import Engine, ModelSpec
from aigc_tui.engine.remote import RemoteEngine
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.making.records import Finished
from aigc_tui.quiz.proposing import notes
from aigc_tui.quiz.proposing.make import make_with_model
from aigc_tui.quiz.records import Origin, QuizRequest
from tests.quiz.proposing.scripted import (
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


def finished(lesson: Lesson, engine: Engine, model: ModelSpec, rules: Rules) -> Finished:
    async def work() -> Finished:
        try:
            making = make_with_model(lesson, QuizRequest(seed=1), engine, model, run=rules)
            (end,) = [event async for event in making if isinstance(event, Finished)]
        finally:
            await engine.close()
        return end

    return asyncio.run(asyncio.wait_for(work(), 120))


def test_random_weights_in_the_real_worker_leave_an_honest_quiz(tmp_path: Path) -> None:
    model = spec_of(make_model(tmp_path / "llama", "llama", context=1024))
    engine = LocalEngine(Paths(tmp_path / "home"), EngineOptions(cache_mb=16, threads=1, memory_reserve_mb=0))
    rules = Rules(moon(0), moon(1), moon(2), newton(3), newton(4), tsunami(5))
    end = finished(ENGLISH, engine, model, rules)
    assert [item.origin for item in end.quiz.items] == [Origin.RULE] * 6
    assert sum(each.count for each in end.quiz.rejected) == 1 + 6 * 3
    assert end.notes[0] == notes.share(0, 6, 6, "llama")
    assert end.notes[1].key in ("quiz_models.reader_on", "quiz_models.reader_off")
    assert ("tried", 5) in end.notes[1].values


def test_a_model_that_is_not_there_leaves_the_rules_quiz_and_says_why(tmp_path: Path) -> None:
    engine = LocalEngine(Paths(tmp_path), EngineOptions(memory_reserve_mb=0))
    end = finished(ENGLISH, engine, spec_of(tmp_path / "none"), Rules(moon(0)))
    assert end.quiz.items == (moon(0).item,)
    assert end.notes[-1].key == "quiz_models.failed"


def test_a_server_words_items_under_its_own_structured_output(tmp_path: Path) -> None:
    reply = json.dumps({"stem": "潮汐主要由什么引起？", "wrong": [], "why": "潮汐主要由月球的引力引起。"})
    with openai_server([reply[:20], reply[20:]]) as server:
        model = ModelSpec("big", kind="openai", base_url=server.base_url, model="org/big")
        end = finished(CHINESE, RemoteEngine(Paths(tmp_path)), model, Rules(yueqiu()))
    (item,) = end.quiz.items
    assert (item.stem, item.origin, item.model) == ("潮汐主要由什么引起？", Origin.MODEL, "big")
    forms = [body["response_format"]["json_schema"]["schema"]["required"] for body in server.requests]
    assert forms == [["stem"], ["wrong", "why"]]


def test_nobody_behind_the_address_costs_nothing_but_the_model(tmp_path: Path) -> None:
    model = ModelSpec("big", kind="openai", base_url="http://127.0.0.1:9/v1", model="org/big")
    end = finished(ENGLISH, RemoteEngine(Paths(tmp_path)), model, Rules(moon(0), tsunami(1)))
    assert [item.origin for item in end.quiz.items] == [Origin.RULE] * 2
    assert "cannot reach 127.0.0.1:9" in str(end.notes[-1].values)
