"""One engine in front of two: requests go to the local model or to a server, as their model says.

Why it exists: the front ends hold one `Engine` for the whole session, while the model may change from one
message to the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from aigc_tui.config import Paths, Settings
from aigc_tui.engine.client import LocalEngine
from aigc_tui.engine.options import EngineOptions
from aigc_tui.engine.protocol import Engine, Event, GenerateRequest, ModelSpec, Scored, ScoreRequest, Stage
from aigc_tui.engine.remote import RemoteEngine


class EngineSwitch:
    """Dispatches on `request.model.kind`.

    Args:
        paths: Where logs and key files are.
        settings: Cache size, threads and memory reserve of the local engine.
    """

    def __init__(self, paths: Paths, settings: Settings) -> None:
        options = EngineOptions(settings.cache_mb, settings.threads, settings.memory_reserve_mb)
        self._local = LocalEngine(paths, options)
        self._remote = RemoteEngine(paths)
        self._last: Engine = self._local

    @property
    def stage(self) -> Stage:
        """What the engine that was asked last is doing."""
        return self._last.stage

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        """Stream a reply from the engine of the request's model."""
        self._last = self._of(request.model)
        stream = self._last.generate(request)
        try:
            async for event in stream:
                yield event
        finally:
            await stream.aclose()

    async def score(self, request: ScoreRequest) -> Scored:
        """Score continuations with the engine of the request's model."""
        self._last = self._of(request.model)
        return await self._last.score(request)

    async def stop(self, request_id: str) -> None:
        """Stop a request, whichever engine runs it."""
        await asyncio.gather(self._local.stop(request_id), self._remote.stop(request_id))

    async def close(self) -> None:
        """Let go of both engines at once."""
        await asyncio.gather(self._local.close(), self._remote.close())

    def _of(self, model: ModelSpec) -> Engine:
        return self._local if model.kind == "local" else self._remote
