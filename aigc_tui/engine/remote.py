"""The remote engine: any server that speaks OpenAI's chat/completions (llama.cpp, Ollama, vLLM), streamed.

Servers differ in what they leave out and put in (usage before or after the end, errors in the stream, ends
without `[DONE]`), and all of it is a stranger's input.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from aigc_tui.config import Paths
from aigc_tui.config.sampling import BY_NAME, PARAMETERS
from aigc_tui.engine.keys import ServerKeyError, find_key
from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Event,
    Failed,
    FailureCode,
    FinishReason,
    GenerateRequest,
    Grammar,
    GrammarKind,
    ModelSpec,
    Progress,
    Sampling,
    Score,
    Scored,
    ScoreRequest,
    Stage,
    Timing,
    Usage,
)
from aigc_tui.message import AppError, Message, message
from aigc_tui.servers.client import CONNECT_SECONDS, IDLE_SECONDS, ServerClient, ServerError, encodable
from aigc_tui.text import clean, one_line

MAX_REPLY = 2**22
"""Characters of the longest reply taken; a server that never ends is cut off."""


class RemoteError(AppError):
    """A request failed in a way that has a code.

    Args:
        template: See `AppError`.
        code: The kind of failure.
        **values: See `AppError`.
    """

    def __init__(
        self, template: str, /, code: FailureCode = FailureCode.REMOTE_ERROR, **values: object
    ) -> None:
        super().__init__(template, **values)
        self.code = code


class ReplyReader:
    """Turns the chunks of one streamed chat completion into events."""

    def __init__(self, request_id: str) -> None:
        self._id = request_id
        self._started = time.perf_counter()
        self._first: float | None = None
        self._usage = Usage()
        self._tokens = 0
        self._length = 0
        self._reason: FinishReason | None = None
        self.over = False

    def take(self, data: str) -> Iterator[Event]:
        """Read the data of one server-sent event.

        Raises:
            RemoteError: It is an error, or not what the protocol says.
        """
        if data.strip() == "[DONE]":
            self.over = True
            return
        chunk = _parse(data)
        if error := chunk.get("error"):
            text = error.get("message", error) if isinstance(error, dict) else error
            raise RemoteError("the server broke off: {reason}", reason=one_line(str(text), 300))
        self._count(chunk.get("usage"))
        choices = chunk.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            yield from self._choice(choices[0])

    def finish(self) -> Event:
        """Say how the reply ended, after the server's last word."""
        if not self.over and self._reason is None:
            reason = message("the server ended in the middle of the reply")
            return self.fail(FailureCode.REMOTE_INTERRUPTED, reason)
        return Done(self._id, self._reason or FinishReason.STOP, self.usage, self._timing())

    def fail(self, code: FailureCode, reason: Message) -> Failed:
        return Failed(self._id, code, reason, self.usage, self._timing())

    @property
    def usage(self) -> Usage:
        """The server's count, or else the number of pieces."""
        return self._usage if self._usage.new_tokens else Usage(new_tokens=self._tokens)

    def _choice(self, choice: dict[str, Any]) -> Iterator[Event]:
        delta = choice.get("delta")
        text = delta.get("content") if isinstance(delta, dict) else None
        if isinstance(text, str) and text:
            self._first = self._first or time.perf_counter()
            self._tokens += 1
            self._length += len(text)
            if self._length > MAX_REPLY:
                raise RemoteError("the server does not end its reply")
            yield Delta(self._id, clean(text))
        if (reason := choice.get("finish_reason")) is not None:
            self._reason = FinishReason.LENGTH if reason == "length" else FinishReason.STOP

    def _count(self, usage: Any) -> None:
        if isinstance(usage, dict):
            details = usage.get("prompt_tokens_details")
            reused = details.get("cached_tokens") if isinstance(details, dict) else 0
            counts = (usage.get("prompt_tokens"), reused, usage.get("completion_tokens"))
            self._usage = Usage(*(n if isinstance(n, int) and 0 <= n < 2**53 else 0 for n in counts))

    def _timing(self) -> Timing:
        now = time.perf_counter()
        first = self._first or now
        return Timing(prefill=first - self._started, decode=now - first)


def _parse(data: str) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError):
        chunk = None
    if not isinstance(chunk, dict):
        raise RemoteError("the server sent no JSON object: {data}", data=one_line(data, 120))
    return chunk


LOCAL_ONLY = (*(each.name for each in PARAMETERS if each.section and not each.server), "sampling_order")
"""Settings that hold for local models alone."""
_NEUTRAL = Sampling()


def attempts(request: GenerateRequest) -> list[dict[str, Any]]:
    """Build the bodies to try one after the other, until the server does not refuse one.

    First all that is asked, then without what is beyond OpenAI's reference, then without the form, too: the
    server then writes freely, and the caller's strict parse is what is left.
    """
    bodies = [body_of(request, extras=True), body_of(request, extras=False)]
    if "response_format" in bodies[-1]:
        bodies.append(body_of(replace(request, grammar=None), extras=False))
    return bodies


def body_of(request: GenerateRequest, extras: bool) -> dict[str, Any]:
    """Build the JSON body.

    Args:
        request: What is asked. A JSON schema goes as `response_format`; other grammars have no name there
            that several servers share, and are left out.
        extras: Whether to send what is beyond OpenAI's reference (llama.cpp, vLLM and Ollama know it).
    """
    sampling = request.sampling
    body: dict[str, Any] = {
        "model": request.model.model,
        "messages": [{"role": m.role.value, "content": encodable(m.content)} for m in request.messages],
        "stream": True,
    } | _sampled(sampling, standard=True)
    if sampling.stop:
        body["stop"] = [encodable(text) for text in sampling.stop]
    if request.grammar is not None and request.grammar.kind is GrammarKind.JSON_SCHEMA:
        body["response_format"] = _response_format(request.grammar)
    return body | (_extras(request) if extras else {})


def _response_format(grammar: Grammar) -> dict[str, Any]:
    """Build OpenAI's structured output; llama.cpp, Ollama and vLLM read the same."""
    try:
        schema = json.loads(grammar.text)
    except ValueError as error:
        raise RemoteError(
            "the schema is not JSON: {reason}", code=FailureCode.GRAMMAR_REFUSED, reason=error
        ) from error
    if not isinstance(schema, dict):
        raise RemoteError("a JSON schema must be an object", code=FailureCode.GRAMMAR_REFUSED)
    # A word for llguidance, which others do not know.
    schema = {name: value for name, value in schema.items() if name != "x-guidance"}
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}


def _extras(request: GenerateRequest) -> dict[str, Any]:
    known: dict[str, Any] = {"stream_options": {"include_usage": True}}
    known |= _sampled(request.sampling, standard=False)
    if request.continue_final:
        known |= {"continue_final_message": True, "add_generation_prompt": False}
    return known


def _sampled(sampling: Sampling, standard: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in PARAMETERS:
        if not each.section or not each.server or each.standard is not standard:
            continue
        value = getattr(sampling, each.name)
        gate = BY_NAME[each.needs or each.name]
        if value is not None and (standard or getattr(sampling, gate.name) != gate.neutral):
            found |= dict.fromkeys(each.server, value)
    return found


def sendable(sampling: Sampling) -> Sampling:
    """Switch off what no server has a name for, so that a reply's record claims no effect that it had not."""
    return replace(sampling, **{name: getattr(_NEUTRAL, name) for name in LOCAL_ONLY})


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
        return self._stage

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
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
        except (ServerKeyError, ServerError) as error:
            return Scored(request.id, failure=Failed(request.id, _code_of(error), error.message))
        return Scored(request.id, tuple(scores))

    async def stop(self, request_id: str) -> None:
        if (stop := self._stops.get(request_id)) is not None:
            stop.set()

    async def close(self) -> None:
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
        except (ServerKeyError, ServerError, RemoteError) as error:
            events.put_nowait(reader.fail(_code_of(error), error.message))
        except Exception as error:  # whatever a stranger's server provokes ends one reply, not the program
            why = message("the remote engine failed inside ({error})", error=type(error).__name__)
            events.put_nowait(reader.fail(FailureCode.INTERNAL, why))


def _code_of(error: ServerKeyError | ServerError | RemoteError) -> FailureCode:
    if isinstance(error, ServerKeyError):
        return FailureCode.KEY_MISSING
    return error.code if isinstance(error, RemoteError) else FailureCode(error.problem)


def _not_scored(request_id: str) -> Scored:
    why = message("this server does not score given words; a local model does")
    return Scored(request_id, failure=Failed(request_id, FailureCode.NOT_OFFERED, why))


async def _until_over(
    events: asyncio.Queue[Event],
    stopping: asyncio.Task[bool],
    request_id: str,
) -> AsyncGenerator[Event, None]:
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
