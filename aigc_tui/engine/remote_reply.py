"""What a remote engine hears: chunks of a chat completion to events.

Why it exists: servers differ in what they leave out and put in (usage before or after the end, errors in the
stream, ends without `[DONE]`), and all of it is a stranger's input.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from aigc_tui.engine.protocol import Delta, Done, Event, Failed, FailureCode, FinishReason, Timing, Usage
from aigc_tui.text import clean, one_line

MAX_REPLY = 2**22
"""Characters of the longest reply taken; a server that never ends is cut off."""


class RemoteFailure(Exception):  # noqa: N818  (it is the event's name, too)
    """The request failed in a way that has a code. The message is one line."""

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(one_line(message, 600))
        self.code = code


class ReplyReader:
    """Reads one reply.

    Args:
        request_id: The request's id, for the events.
    """

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
            RemoteFailure: It is an error, or not what the protocol says.
        """
        if data.strip() == "[DONE]":
            self.over = True
            return
        chunk = _parse(data)
        if error := chunk.get("error"):
            text = error.get("message", error) if isinstance(error, dict) else error
            raise RemoteFailure(FailureCode.REMOTE_ERROR, f"the server broke off: {one_line(str(text), 300)}")
        self._count(chunk.get("usage"))
        choices = chunk.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            yield from self._choice(choices[0])

    def finish(self) -> Event:
        """Say how the reply ended, after the server's last word."""
        if not self.over and self._reason is None:
            return self.fail(FailureCode.REMOTE_INTERRUPTED, "the server ended in the middle of the reply")
        return Done(self._id, self._reason or FinishReason.STOP, self.usage, self._timing())

    def fail(self, code: FailureCode, message: str) -> Failed:
        """Say that the reply failed."""
        return Failed(self._id, code, one_line(message, 600), self.usage, self._timing())

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
                raise RemoteFailure(FailureCode.REMOTE_ERROR, "the server does not end its reply")
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
        raise RemoteFailure(
            FailureCode.REMOTE_ERROR, f"the server sent no JSON object: {one_line(data, 120)}"
        )
    return chunk
