"""The remote engine: any server that speaks OpenAI's chat/completions, streamed.

Why it exists: on a laptop without a GPU a bigger model may run elsewhere (llama.cpp, Ollama, vLLM). Panes see
the same events as from the local engine. The server is not trusted: its words are cleaned, its lines capped,
its redirects refused, and the key goes to the configured address only.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

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
    Progress,
    Scored,
    ScoreRequest,
    Stage,
    Timing,
    Usage,
)
from aigc_tui.engine.remote_reply import RemoteFailure, ReplyReader
from aigc_tui.engine.remote_request import attempts, endpoint
from aigc_tui.engine.sse import EventStream, EventTooLongError
from aigc_tui.text import one_line

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 300.0
"""How long a server may say nothing; reading a long prompt on a CPU takes minutes."""
_MAX_ERROR_BODY = 2**16
_STRICT = (400, 422)
"""How servers answer to settings that they do not know."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


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
        """Say that this is not offered: chat servers give no probability of words that they did not write."""
        why = "servers do not score given words; a local model does"
        return Scored(request.id, failure=Failed(request.id, FailureCode.NOT_OFFERED, why))

    async def stop(self, request_id: str) -> None:
        """Stop a request by closing its connection."""
        if (stop := self._stops.get(request_id)) is not None:
            stop.set()

    async def close(self) -> None:
        """End every request at once."""
        for stop in self._stops.values():
            stop.set()
        self._stage = Stage.OFF

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
            host = endpoint(request.model)
            key = find_key(request.model.key_env, self._paths)
            events.put_nowait(Progress(request.id, Stage.STARTING, detail=_host(host)))
            async with self._client(host) as client:
                await self._converse(client, request, key, reader, events)
            events.put_nowait(reader.finish())
        except ServerKeyError as error:
            events.put_nowait(reader.fail(FailureCode.KEY_MISSING, str(error)))
        except RemoteFailure as failure:
            events.put_nowait(reader.fail(failure.code, str(failure)))
        except EventTooLongError as error:
            events.put_nowait(reader.fail(FailureCode.REMOTE_ERROR, f"the server sent {error}"))
        except Exception as error:  # httpx2 is imported lazily, so that its types cannot be named here
            events.put_nowait(reader.fail(*self._explain(error, request, reader)))

    async def _converse(
        self,
        client: httpx2.AsyncClient,
        request: GenerateRequest,
        key: str,
        reader: ReplyReader,
        events: asyncio.Queue[Event],
    ) -> None:
        url = endpoint(request.model)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        bodies = attempts(request)
        for place, body in enumerate(bodies, 1):
            async with client.stream("POST", url, json=body, headers=headers) as response:
                if place < len(bodies) and response.status_code in _STRICT:
                    # Strict servers refuse settings that they do not know; ask again with plainer ones.
                    continue
                await _check(response, key)
                events.put_nowait(Progress(request.id, Stage.PREFILL, detail=_host(url)))
                await _read(response, reader, events)
                return

    def _client(self, url: str) -> httpx2.AsyncClient:
        import httpx2

        timeout = httpx2.Timeout(self._idle_seconds, connect=self._connect_seconds)
        local = (urlsplit(url).hostname or "") in _LOOPBACK
        # A proxy of the environment must not see what is meant for this machine.
        return httpx2.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=not local)

    def _explain(
        self, error: Exception, request: GenerateRequest, reader: ReplyReader
    ) -> tuple[FailureCode, str]:
        import httpx2

        host = _host(request.model.base_url)
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            return FailureCode.REMOTE_UNREACHABLE, f"cannot reach {host}; is the server running?"
        if isinstance(error, httpx2.TimeoutException):
            return (
                FailureCode.REMOTE_INTERRUPTED,
                f"{host} said nothing for {self._idle_seconds:g} seconds",
            )
        if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
            return FailureCode.REMOTE_UNREACHABLE, f"base_url {request.model.base_url!r} is no address"
        if isinstance(error, httpx2.HTTPError):
            return FailureCode.REMOTE_INTERRUPTED, f"the connection to {host} broke off"
        return FailureCode.INTERNAL, f"the remote engine failed inside ({type(error).__name__})"


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


async def _read(response: httpx2.Response, reader: ReplyReader, events: asyncio.Queue[Event]) -> None:
    stream = EventStream()
    async for chunk in response.aiter_bytes():
        for data in stream.push(chunk):
            for event in reader.take(data):
                events.put_nowait(event)
        if reader.over:
            return


async def _check(response: httpx2.Response, key: str) -> None:
    """Turn any status but 200 into a failure with the server's own words."""
    if response.status_code == 200:
        return
    if response.is_redirect:
        raise RemoteFailure(
            FailureCode.REMOTE_ERROR, "the server redirects elsewhere, which is refused; correct base_url"
        )
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_ERROR_BODY:
            break
    message = _error_text(body[:_MAX_ERROR_BODY], key)
    if response.status_code in (401, 403) and not key:
        raise RemoteFailure(
            FailureCode.KEY_MISSING, f"the server wants a key; name it in key_env ({message})"
        )
    raise RemoteFailure(FailureCode.REMOTE_ERROR, f"the server answered {response.status_code}: {message}")


def _error_text(body: bytes, key: str) -> str:
    text = body.decode("utf-8", errors="replace")
    try:
        value: Any = json.loads(text)
        found = (
            value.get("error", value.get("message", value.get("detail")))
            if isinstance(value, dict)
            else value
        )
        text = str(found.get("message", found)) if isinstance(found, dict) else str(found or text)
    except (ValueError, RecursionError):
        pass
    # Some servers repeat the key that they did not like.
    return one_line(text.replace(key, "[key]") if key else text, 300) or "no reason given"


def _host(url: str) -> str:
    """The address as messages show it: without a password, path or query."""
    try:
        place = urlsplit(url).netloc
    except ValueError:
        place = ""
    return one_line(place.rpartition("@")[2] or "the server", 120)
