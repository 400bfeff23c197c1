"""One engine in front of two."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aigc_tui.config import Paths, Settings
from aigc_tui.engine.client import EngineSwitch
from aigc_tui.engine.protocol import Done, Event, Failed, FailureCode, GenerateRequest, ModelSpec, Stage
from tests.support.models import spec_of, user
from tests.support.raw_server import DONE, Script, chunk, raw_server


def test_a_request_goes_where_its_model_is(tmp_path: Path) -> None:
    async def work(base_url: str) -> list[list[Event]]:
        engine = EngineSwitch(Paths(tmp_path), Settings(threads=1))
        assert engine.stage is Stage.OFF
        remote = ModelSpec("big", "openai", base_url=base_url, model="m")
        found = []
        for number, model in enumerate((remote, spec_of(tmp_path / "nowhere"))):
            request = GenerateRequest(str(number), model, (user("hi"),))
            found.append([event async for event in engine.generate(request)])
        await engine.close()
        return found

    with raw_server(Script([chunk("a", "stop"), DONE])) as seen:
        remote, local = asyncio.run(asyncio.wait_for(work(seen.base_url), 60))
    assert isinstance(remote[-1], Done)
    assert isinstance(local[-1], Failed)
    assert local[-1].code is FailureCode.MODEL_MISSING


def test_stopping_and_closing_what_never_ran_does_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        engine = EngineSwitch(Paths(tmp_path), Settings())
        await engine.stop("nothing")
        await engine.close()

    asyncio.run(work())
