"""The engines that front ends hold: a child process with the local model, and a switch to servers' models.

The child starts with the first request, so torch never enters the interface's process and a crash of the
model leaves it standing. Requests are written to the child one at a time: a child that dies takes one reply
with it, and the next request gets a fresh child.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aigc_tui.config import Paths, Settings
from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Engine,
    EngineOptions,
    Event,
    Failed,
    FailureCode,
    FinishReason,
    Fitted,
    GenerateRequest,
    ModelSpec,
    PipeMessage,
    Progress,
    Ready,
    Scored,
    ScoreRequest,
    Stage,
    StopRequest,
    Timing,
    Usage,
    decode,
    encode,
)
from aigc_tui.engine.remote import RemoteEngine
from aigc_tui.message import Message, message
from aigc_tui.process.async_runner import AsyncChild
from aigc_tui.process.codec import ProtocolError
from aigc_tui.process.messages import signal_name, text_message

Request = GenerateRequest | ScoreRequest
Answer = Event | Scored


class LocalEngine:
    """Answers requests with a local model. Belongs to one event loop.

    Args:
        paths: Where the log goes.
        options: How the worker uses the machine.
    """

    def __init__(self, paths: Paths, options: EngineOptions | None = None) -> None:
        self._paths = paths
        self._options = options or EngineOptions()
        self._child: AsyncChild[PipeMessage] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._stage = Stage.OFF
        self._turn = asyncio.Lock()
        self._stops: dict[str, asyncio.Event] = {}
        self._events: dict[str, asyncio.Queue[Answer]] = {}
        self._closings = 0

    @property
    def stage(self) -> Stage:
        return self._stage

    @property
    def pid(self) -> int | None:
        """The worker's process id; None: it does not run."""
        return None if self._child is None else self._child.pid

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        """Stream a reply; requests wait for one another."""
        async with aclosing(self._answer(request)) as answer:
            async for event in answer:
                if not isinstance(event, Scored):
                    yield event

    async def score(self, request: ScoreRequest) -> Scored:
        """Tell how likely given continuations are; requests wait for one another."""
        async with aclosing(self._answer(request)) as answer:
            async for event in answer:
                if isinstance(event, Scored):
                    return event
                if isinstance(event, Failed):
                    return Scored(request.id, failure=event)
        reason = message("stopped before its end")
        return Scored(request.id, failure=Failed(request.id, FailureCode.INTERNAL, reason))

    async def stop(self, request_id: str) -> None:
        if (stop := self._stops.get(request_id)) is not None:
            stop.set()
        if request_id in self._events and self._child is not None:
            await self._child.send(encode(StopRequest(request_id)))

    async def close(self) -> None:
        """End the worker at once; a running reply ends as cancelled. A later request starts a new worker."""
        self._closings += 1
        child, self._child = self._child, None
        for stop in self._stops.values():
            stop.set()
        for request_id, events in self._events.items():
            events.put_nowait(_cancelled(request_id))
        self._stage = Stage.OFF
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        if child is not None:
            await child.close()

    async def _answer(self, request: Request) -> AsyncGenerator[Answer, None]:
        stop = self._stops.setdefault(request.id, asyncio.Event())
        try:
            if not await self._my_turn(stop):
                yield _cancelled(request.id)
                return
            try:
                async with aclosing(self._run(request, stop)) as running:
                    async for event in running:
                        yield event
            finally:
                self._turn.release()
        finally:
            self._stops.pop(request.id, None)

    async def _my_turn(self, stop: asyncio.Event) -> bool:
        """Wait for the lock or the stop, whichever comes first; True: the lock is ours."""
        turn = asyncio.ensure_future(self._turn.acquire())
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({turn, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                return True
        except asyncio.CancelledError:
            stop.set()
            raise
        finally:
            stopped.cancel()
            if stop.is_set() and not turn.cancel() and not turn.cancelled():
                self._turn.release()
        return False

    async def _run(self, request: Request, stop: asyncio.Event) -> AsyncGenerator[Answer, None]:
        events: asyncio.Queue[Answer] = asyncio.Queue()
        self._events[request.id] = events
        over = False
        try:
            if self._child is None:
                yield self._moved(Progress(request.id, Stage.STARTING))
            if failure := await self._submit(request, stop):
                events.put_nowait(failure)
            while not over:
                event = await events.get()
                over = isinstance(event, Done | Failed | Scored)
                yield self._moved(event)
        finally:
            del self._events[request.id]
            if not over and self._child is not None:
                await self._child.send(encode(StopRequest(request.id)))

    async def _submit(self, request: Request, stop: asyncio.Event) -> Event | None:
        """Hand the request to the worker, starting one if need be; what prevents that is returned."""
        try:
            if self._child is None:
                await self._start()
            if self._child is None or stop.is_set():
                return _cancelled(request.id)
            await self._child.send(encode(request))
        except OSError as error:
            reason = message("the model process cannot start: {reason}", reason=error)
            return Failed(request.id, FailureCode.CRASHED, reason)
        except ProtocolError as error:
            return Failed(request.id, FailureCode.INTERNAL, text_message(str(error)))
        return None

    async def _start(self) -> None:
        closings = self._closings
        options = {
            "--log": str(self._paths.make(self._paths.logs) / "engine.log"),
            "--cache-mb": str(self._options.cache_mb),
            "--threads": str(self._options.threads),
            "--reserve-mb": str(self._options.memory_reserve_mb),
            "--device": self._options.device,
            "--quantize": self._options.quantize,
        }
        arguments = [part for pair in options.items() for part in pair]
        # What it writes to stderr goes to its log; the pipe is of no use.
        child = await AsyncChild.start("engine.worker", *arguments, decode=decode, keep_stderr=False)
        if closings == self._closings:
            self._child = child
            self._reading = asyncio.create_task(self._read(child), name="engine-reader")
        else:
            # Closed before start-up finished.
            await child.close()

    async def _read(self, child: AsyncChild[PipeMessage]) -> None:
        reason: Message | None = None
        try:
            async for found in child.messages():
                self._receive(found)
        except ValueError as error:
            reason = message("the model process sent a broken answer: {error}", error=error)
        await child.close()
        self._gone(reason or death(child.code))

    def _receive(self, found: PipeMessage) -> None:
        if isinstance(found, Progress | Fitted | Delta | Done | Failed | Scored):
            # What comes after the stream was left belongs to nobody.
            if (events := self._events.get(found.id)) is not None:
                events.put_nowait(found)
        elif not isinstance(found, Ready):
            raise ProtocolError(f"a worker does not send {type(found).__name__}")

    def _gone(self, reason: Message) -> None:
        self._child = None
        self._stage = Stage.FAILED
        for request_id, events in self._events.items():
            events.put_nowait(Failed(request_id, FailureCode.CRASHED, reason))

    def _moved(self, event: Answer) -> Answer:
        if isinstance(event, Progress):
            self._stage = event.stage
        elif isinstance(event, Delta):
            self._stage = Stage.DECODE
        elif isinstance(event, Done | Failed | Scored):
            self._stage = Stage.OFF if self._child is None else Stage.READY
            if isinstance(event, Failed) and event.code is FailureCode.CRASHED:
                self._stage = Stage.FAILED
        return event


def _cancelled(request_id: str) -> Done:
    return Done(request_id, FinishReason.CANCELLED, Usage(), Timing())


def death(code: int | None) -> Message:
    """Say how the worker ended; the values are its exit ``code`` or the ``signal`` that killed it."""
    if code is None or code >= 0:
        return message(
            "the model process ended unexpectedly (exit code {code}); logs/engine.log has details", code=code
        )
    name = signal_name(-code)
    if name == "SIGKILL":
        return message(
            "the model process was killed ({signal}; it may have run out of memory);"
            " it starts again with the next message",
            signal=name,
        )
    return message(
        "the model process was killed ({signal}); it starts again with the next message", signal=name
    )


def options_of(settings: Settings) -> EngineOptions:
    """Tell the worker how the user wants the machine used."""
    return EngineOptions(
        cache_mb=settings.cache_mb,
        threads=settings.threads,
        memory_reserve_mb=settings.memory_reserve_mb,
        device=settings.device,
        quantize=settings.quantize,
    )


class EngineSwitch:
    """One engine in front of two: a request goes to the local model or to a server, as its model says."""

    def __init__(self, paths: Paths, settings: Settings) -> None:
        self._local = LocalEngine(paths, options_of(settings))
        self._remote = RemoteEngine(paths)
        self._last: Engine = self._local

    @property
    def stage(self) -> Stage:
        return self._last.stage

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        self._last = self._of(request.model)
        stream = self._last.generate(request)
        try:
            async for event in stream:
                yield event
        finally:
            await stream.aclose()

    async def score(self, request: ScoreRequest) -> Scored:
        self._last = self._of(request.model)
        return await self._last.score(request)

    async def stop(self, request_id: str) -> None:
        await asyncio.gather(self._local.stop(request_id), self._remote.stop(request_id))

    async def close(self) -> None:
        await asyncio.gather(self._local.close(), self._remote.close())

    def _of(self, model: ModelSpec) -> Engine:
        return self._local if model.kind == "local" else self._remote
