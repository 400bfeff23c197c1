"""The remote engine: any server that speaks OpenAI's chat/completions, streamed.

On a laptop without a GPU a bigger model may run elsewhere (llama.cpp, Ollama, vLLM). Panes see the same
events as from the local engine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aigc_tui.config import Paths
from aigc_tui.engine.keys import ServerKeyError, find_key
from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Event,
    Failed,
    FailureCode,
    FinishReason,
    GenerateRequest,
    ModelSpec,
    Progress,
    Score,
    Scored,
    ScoreRequest,
    Stage,
    Timing,
    Usage,
)
from aigc_tui.engine.remote_reply import RemoteFailure, ReplyReader
from aigc_tui.engine.remote_request import attempts
from aigc_tui.servers.client import CONNECT_SECONDS, IDLE_SECONDS, ServerClient, ServerError


class RemoteEngine:
    """Answers requests through an OpenAI-compatible server.

    Args:
        paths: Where key files are.
        connect_seconds: Time-out for reaching the server.
        idle_seconds: Time-out for each silence of the server.
    """

    def __init__(
        self, paths: Paths, connect_seconds: float = CONNECT_SECONDS, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._paths = paths
        self._connect_seconds = connect_seconds
        self._idle_seconds = idle_seconds
        self._stage = Stage.OFF
        self._stops: dict[str, asyncio.Event] = {}
        self._silent: set[str] = set()
        """Servers that do not score given words: they are asked once."""

    @property
    def stage(self) -> Stage:
        """What the engine is doing now."""
        return self._stage

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        """Stream a reply; ends with exactly one `Done` or `Failed`."""
        stop = self._stops.setdefault(request.id, asyncio.Event())
        events: asyncio.Queue[Event] = asyncio.Queue()
        work = asyncio.create_task(self._work(request, events), name="remote-engine")
        stopping = asyncio.create_task(stop.wait())
        try:
            async for event in _until_over(events, stopping, request.id):
                self._note(event)
                yield event
        finally:
            self._stops.pop(request.id, None)
            for task in (work, stopping):
                task.cancel()
            await asyncio.gather(work, stopping, return_exceptions=True)

    async def score(self, request: ScoreRequest) -> Scored:
        """Score each continuation where the server offers log-probabilities of a given text.

        The server's chat template is not known here: a chat is scored as lines of "role: words".
        """
        begin = "".join(f"{each.role}: {each.content}\n" for each in request.messages)
        prompt = f"\n{begin}assistant: {request.text}" if begin else f"\n{request.text}"
        scores = []
        if request.model.base_url in self._silent:
            return _not_scored(request.id)
        try:
            client = self._client(request.model)
            for words in request.continuations:
                tokens = await client.score(prompt + words)
                if tokens is None:
                    self._silent.add(request.model.base_url)
                    return _not_scored(request.id)
                mine = (each.logprob for each in tokens if each.end > len(prompt))
                known = [logprob for logprob in mine if logprob is not None]
                scores.append(Score(sum(known), len(known)))
        except ServerKeyError as error:
            return Scored(request.id, failure=Failed(request.id, FailureCode.KEY_MISSING, str(error)))
        except ServerError as error:
            return Scored(request.id, failure=Failed(request.id, FailureCode(error.problem), str(error)))
        return Scored(request.id, tuple(scores))

    async def stop(self, request_id: str) -> None:
        """Stop a request by closing its connection."""
        if (stop := self._stops.get(request_id)) is not None:
            stop.set()

    async def close(self) -> None:
        """End every request at once."""
        for stop in self._stops.values():
            stop.set()
        self._stage = Stage.OFF

    def _client(self, model: ModelSpec) -> ServerClient:
        key = find_key(model.key_env, self._paths)
        return ServerClient(model.base_url, model.model, key, self._connect_seconds, self._idle_seconds)

    def _note(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._stage = event.stage
        elif isinstance(event, Delta):
            self._stage = Stage.DECODE
        else:
            self._stage = Stage.FAILED if isinstance(event, Failed) else Stage.READY

    async def _work(self, request: GenerateRequest, events: asyncio.Queue[Event]) -> None:
        """Ask, and put what comes into the queue; the last event is `Done` or `Failed`."""
        reader = ReplyReader(request.id)
        try:
            client = self._client(request.model)
            events.put_nowait(Progress(request.id, Stage.STARTING, detail=client.host))
            opened = Progress(request.id, Stage.PREFILL, detail=client.host)
            answer = client.stream("chat/completions", attempts(request), lambda: events.put_nowait(opened))
            async with aclosing(answer) as stream:
                async for data in stream:
                    for event in reader.take(data):
                        events.put_nowait(event)
                    if reader.over:
                        break
            events.put_nowait(reader.finish())
        except ServerKeyError as error:
            events.put_nowait(reader.fail(FailureCode.KEY_MISSING, str(error)))
        except ServerError as error:
            events.put_nowait(reader.fail(FailureCode(error.problem), str(error)))
        except RemoteFailure as failure:
            events.put_nowait(reader.fail(failure.code, str(failure)))
        except Exception as error:  # whatever a stranger's server provokes ends one reply, not the program
            why = f"the remote engine failed inside ({type(error).__name__})"
            events.put_nowait(reader.fail(FailureCode.INTERNAL, why))


def _not_scored(request_id: str) -> Scored:
    why = "this server does not score given words; a local model does"
    return Scored(request_id, failure=Failed(request_id, FailureCode.NOT_OFFERED, why))


async def _until_over(
    events: asyncio.Queue[Event],
    stopping: asyncio.Task[bool],
    request_id: str,
) -> AsyncGenerator[Event, None]:
    """Yield events until the last one, or until somebody stops."""
    delivered = 0
    started = time.perf_counter()
    while True:
        getting = asyncio.ensure_future(events.get())
        await asyncio.wait({getting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            getting.cancel()
            timing = Timing(decode=time.perf_counter() - started)
            yield Done(request_id, FinishReason.CANCELLED, Usage(new_tokens=delivered), timing)
            return
        event = getting.result()
        delivered += event.tokens if isinstance(event, Delta) else 0
        yield event
        if isinstance(event, Done | Failed):
            return
