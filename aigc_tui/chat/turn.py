"""One running reply: engine events passed through to a front end while the words are written to the store.

No words are lost: the row exists before the first token, grows at least every 250 ms, and gets its final
state on every path: done, failed, stopped, or the consumer walking away.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from dataclasses import asdict

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Engine,
    Event,
    Failed,
    FinishReason,
    GenerateRequest,
    Timing,
    Usage,
)
from aigc_tui.store import Store, StoreError
from aigc_tui.store.records import Conversation, Message, Status

FLUSH_SECONDS = 0.08
"""Pause between partial writes; with the write itself it stays under the promised 250 ms."""


class Turn:
    """A reply that is being made, or a fixed notice that stands in its place.

    Attributes:
        conversation: The conversation it belongs to.
        user: The user's message that was added for it, if one was.
        reply: The reply's row as it was when the turn began.
        notice: A fixed safety notice; when set there is no reply and `events` yields nothing.
        done: The final event once there is one.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        conversation: Conversation,
        request: GenerateRequest | None,
        reply: Message | None,
        *,
        user: Message | None = None,
        notice: Message | None = None,
    ) -> None:
        self.conversation = conversation
        self.user = user
        self.reply = reply
        self.notice = notice
        self.done: Done | Failed | None = None
        self._store = store
        self._engine = engine
        self._request = request
        self._text = reply.content if reply else ""
        self._tokens = reply.new_tokens if reply else 0
        self._dirty = asyncio.Event()

    @property
    def text(self) -> str:
        """The reply so far, with the words it continues."""
        return self._text

    async def events(self) -> AsyncGenerator[Event, None]:
        """Run the turn. Every event has been taken into account in `text` when it is yielded."""
        if self._request is None or self.reply is None:
            return
        flusher = asyncio.create_task(self._flush_while_dirty())
        try:
            async with contextlib.aclosing(self._engine.generate(self._request)) as stream:
                async for event in stream:
                    self._take(event)
                    if self.done is not None:
                        await asyncio.to_thread(self._finish, self.done)
                    yield event
        finally:
            flusher.cancel()
            if self.done is None:
                # The consumer left (the application quits) or the engine broke its promise: keep the words.
                self._finish(None)

    async def stop(self) -> None:
        """Ask the engine to stop; `events` then ends with `Done(CANCELLED)` and the words stay."""
        if self._request is not None:
            await self._engine.stop(self._request.id)

    async def final_message(self) -> Message:
        """The reply's row as the store has it now."""
        message = self.notice or self.reply
        assert message is not None
        return await asyncio.to_thread(self._store.messages.get, message.id)

    def _take(self, event: Event) -> None:
        match event:
            case Delta(text=text, tokens=tokens):
                self._text += text
                self._tokens += tokens
                self._dirty.set()
            case Done() | Failed():
                self.done = event
            case _:
                pass

    async def _flush_while_dirty(self) -> None:
        assert self.reply is not None
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                await asyncio.to_thread(self._store.messages.flush, self.reply.id, self._text, self._tokens)
            except StoreError:
                # Another process holds the store, or the disk is full for now: the words wait.
                self._dirty.set()
            await asyncio.sleep(FLUSH_SECONDS)

    def _finish(self, event: Done | Failed | None) -> None:
        assert self.reply is not None
        assert self._request is not None
        usage = event.usage if event else Usage(new_tokens=self._tokens - self.reply.new_tokens)
        timing = event.timing if event else Timing()
        self._store.messages.finish(
            self.reply.id,
            self._text,
            status_of(event),
            prompt_tokens=usage.prompt_tokens,
            reused_tokens=usage.reused_tokens,
            new_tokens=self.reply.new_tokens + usage.new_tokens,
            # Without prefill, so that the speed shown afterwards is the one shown while words came.
            seconds=self.reply.seconds + timing.decode,
            sampling=json.dumps(asdict(self._request.sampling)),
        )


def status_of(event: Done | Failed | None) -> Status:
    """The state in which a reply's row ends; None: it was left behind unfinished."""
    match event:
        case Failed():
            return Status.FAILED
        case Done(reason=FinishReason.CANCELLED):
            return Status.STOPPED
        case Done():
            return Status.COMPLETE
        case _:
            return Status.INTERRUPTED
