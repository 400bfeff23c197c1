"""An engine for interface tests: it says what the test scripts, when the test lets it.

It is driven by an asyncio queue instead of by time, so that a test can look between two tokens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Event,
    Failed,
    FailureCode,
    FinishReason,
    Fitted,
    GenerateRequest,
    Scored,
    ScoreRequest,
    Stage,
    Timing,
    Usage,
)
from aigc_tui.message import message


class FakeEngine:
    """Answers every request with `reply`, token by token.

    With `hold=True` each token waits for `release(n)`; `requests` keeps what was asked.
    """

    def __init__(self, reply: Iterable[str] = ("Hello", " there."), *, hold: bool = False) -> None:
        self.reply = list(reply)
        self.requests: list[GenerateRequest] = []
        self.fail_after: int | None = None
        self.failure = (FailureCode.CRASHED, message("the engine process ended unexpectedly"))
        self.closed = False
        self._hold = hold
        self._permits = asyncio.Semaphore(0)
        self._stopped: set[str] = set()
        self._stage = Stage.OFF
        self._wake = asyncio.Event()

    @property
    def stage(self) -> Stage:
        return self._stage

    def release(self, tokens: int = 1) -> None:
        """Let the next tokens out."""
        for _ in range(tokens):
            self._permits.release()

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        prompt = sum(len(message.content.split()) + 4 for message in request.messages)
        self._stage = Stage.DECODE
        yield Fitted(request.id, prompt, 0, 0, 1024)
        said = 0
        for token in self.reply:
            if self.fail_after is not None and said >= self.fail_after:
                self._stage = Stage.FAILED
                yield Failed(request.id, *self.failure)
                return
            if self._hold and not await self._permitted(request.id):
                break
            if request.id in self._stopped:
                break
            said += 1
            yield Delta(request.id, token)
        reason = FinishReason.CANCELLED if request.id in self._stopped else FinishReason.STOP
        self._stage = Stage.READY
        yield Done(request.id, reason, Usage(prompt, 0, said), Timing(0.0, 0.1, 0.5))

    async def _permitted(self, request_id: str) -> bool:
        """Wait for a permit or for stop, whichever comes first; True: a token may go out."""
        permit = asyncio.ensure_future(self._permits.acquire())
        while not permit.done() and request_id not in self._stopped:
            wake = asyncio.ensure_future(self._wake.wait())
            await asyncio.wait({permit, wake}, return_when=asyncio.FIRST_COMPLETED)
            wake.cancel()
        permit.cancel()
        return request_id not in self._stopped

    async def score(self, request: ScoreRequest) -> Scored:
        return Scored(
            request.id, failure=Failed(request.id, FailureCode.NOT_OFFERED, message("it scores nothing"))
        )

    async def stop(self, request_id: str) -> None:
        self._stopped.add(request_id)
        self._wake.set()

    async def close(self) -> None:
        self.closed = True
        self._stage = Stage.OFF
