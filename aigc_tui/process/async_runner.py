"""Run a module of this package as a child process of an event loop; see `runner` for the one of threads."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import Any, Generic, TypeVar

from aigc_tui.message import Message
from aigc_tui.process.codec import MAX_LINE
from aigc_tui.process.environment import JOB_VARIABLE, command, environment
from aigc_tui.process.messages import (
    ERROR_PREFIX,
    JOB_CODEC,
    JobAnswer,
    JobError,
    JobFailure,
    JobMessage,
    death,
)
from aigc_tui.text import clean

_LAST_BYTES = 2**14
T = TypeVar("T")


class AsyncChild(Generic[T]):
    """A running child process, as an event loop sees it. Made by `start`."""

    def __init__(self, process: Process, decode: Callable[[bytes], T]) -> None:
        self._process = process
        self._decode = decode
        self._last = b""
        self._drain = asyncio.create_task(self._read_stderr()) if process.stderr else None

    @classmethod
    async def start(
        cls,
        module: str,
        *arguments: str,
        decode: Callable[[bytes], T],
        extra: Mapping[str, str] | None = None,
        keep_stderr: bool = True,
    ) -> AsyncChild[T]:
        """Start it in a session of its own: ctrl-c in the terminal is for the interface alone.

        Args:
            module: A module of this package.
            *arguments: Of its command line.
            decode: Reads one of its lines; raises ValueError for what is no message.
            extra: Variables of its environment beyond those that every child has.
            keep_stderr: Whether the last line of its stderr may be needed.

        Raises:
            OSError: It cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            *command(module, *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE if keep_stderr else DEVNULL,
            limit=MAX_LINE,
            env=environment(extra),
            start_new_session=True,
        )
        return cls(process, decode)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def code(self) -> int | None:
        """Its exit code, negative for a signal; None: it runs."""
        return self._process.returncode

    async def send(self, line: bytes) -> None:
        """Write a line; a child that is gone drops it, and `messages` ends then."""
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._process.stdin.write(line)
            await self._process.stdin.drain()

    async def messages(self) -> AsyncIterator[T]:
        """Yield what it tells until it ends.

        Raises:
            ValueError: It wrote what is no message, or a line that is too long.
        """
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            yield self._decode(line)

    async def last_words(self) -> str:
        """The line of its stderr that says why it ended; empty: there is none."""
        if self._drain is not None:
            await self._drain
        lines = clean(self._last.decode("utf-8", "replace")).strip().splitlines()
        said = [line for line in lines if line.startswith(ERROR_PREFIX)]
        return (said or lines or [""])[-1]

    async def wait(self) -> int:
        return await self._process.wait()

    async def close(self) -> None:
        """Kill it and wait until it is gone. What must be saved first is not run this way."""
        if self._process.returncode is None:
            # Not Popen.kill: it looks after the process itself, and asyncio then misses how it ended.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._drain is not None:
            await self._drain

    async def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        while piece := await self._process.stderr.read(_LAST_BYTES):
            self._last = (self._last + piece)[-_LAST_BYTES:]


async def run(module: str, *arguments: str, name: Message, request: object) -> AsyncGenerator[Any, None]:
    """Run a child and yield its results as they come. Closing the iterator kills it.

    Args:
        module: A module of this package that answers with `messages`.
        *arguments: Of its command line.
        name: What it is, for the line that tells of its end.
        request: What it is sent.

    Raises:
        JobError: It failed.
    """
    decode: Callable[[bytes], JobMessage] = JOB_CODEC.decode
    try:
        child = await AsyncChild.start(module, *arguments, decode=decode, extra={JOB_VARIABLE: "1"})
    except OSError as error:
        raise JobError("{name} cannot be started: {error}", name=name, error=error) from error
    line = json.dumps(request).encode("ascii") + b"\n"
    # In a task: a child that answers before it has read everything must not stop both.
    sending = asyncio.create_task(child.send(line))
    try:
        async for found in child.messages():
            if isinstance(found, JobFailure):
                raise JobError(found.reason)
            if isinstance(found, JobAnswer):
                yield found.value
        if code := await child.wait():
            raise JobError(death(name, code, await child.last_words()))
    except ValueError as error:
        raise JobError("{name} sent a broken answer: {error}", name=name, error=error) from error
    finally:
        sending.cancel()
        await child.close()
