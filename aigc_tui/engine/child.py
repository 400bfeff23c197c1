"""The worker process as seen from the client: start it, write to it, read from it, know when it died.

Why it exists: everything about processes and pipes in one place, so that `client` deals with requests only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from pathlib import Path

import aigc_tui
from aigc_tui.config import Paths
from aigc_tui.engine.codec import MAX_LINE, Message, ProtocolError, decode, encode
from aigc_tui.engine.options import EngineOptions

_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUTF8": "1",
    # Threads that wait by spinning stop each other as soon as something else wants a core: beside one busy
    # process on two cores, reading a prompt took 30 times longer (measured).
    "OMP_WAIT_POLICY": "PASSIVE",
}


class Child:
    """A running worker.

    Args:
        process: The process.
        receive: Called with each message that it writes.
        gone: Called once, when it has ended, with one line about how.
    """

    def __init__(
        self, process: Process, receive: Callable[[Message], None], gone: Callable[[str], None]
    ) -> None:
        self._process = process
        self._receive = receive
        self._gone = gone
        self._reader = asyncio.create_task(self._read(), name="engine-reader")

    @classmethod
    async def start(
        cls,
        paths: Paths,
        options: EngineOptions,
        receive: Callable[[Message], None],
        gone: Callable[[str], None],
    ) -> Child:
        """Start a worker; it loads nothing yet.

        Raises:
            OSError: The process cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            *command(paths.make(paths.logs) / "engine.log", options),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=MAX_LINE,
            env=environment(),
            # Its own session: Ctrl-C in the terminal is for the interface alone.
            start_new_session=True,
        )
        return cls(process, receive, gone)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def send(self, message: Message) -> None:
        """Write a message. A worker that is gone does not hear it; `gone` tells about that.

        Raises:
            ProtocolError: The message cannot be written.
        """
        assert self._process.stdin is not None
        line = encode(message)
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._process.stdin.write(line)
            await self._process.stdin.drain()

    async def close(self) -> None:
        """End the process at once and wait until it is gone."""
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        await self._end()

    async def _end(self) -> None:
        if self._process.returncode is None:
            # Not Popen.kill: it looks after the process itself, and asyncio then misses how it ended.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        reason = ""
        try:
            while line := await self._process.stdout.readline():
                self._receive(decode(line))
        except (ProtocolError, ValueError) as error:
            reason = f"the model process wrote what it should not ({error})"
        await self._end()
        self._gone(reason or death(self._process.returncode))


def command(log: Path, options: EngineOptions) -> list[str]:
    """Build the worker's command line.

    Args:
        log: Where the worker's own output goes.
        options: How it uses the machine.
    """
    # -P: a file named torch.py in the folder where the program was started must not be imported.
    module = [sys.executable, "-P", "-m", "aigc_tui.engine.worker", "--log", str(log)]
    numbers = {
        "--cache-mb": options.cache_mb,
        "--threads": options.threads,
        "--reserve-mb": options.memory_reserve_mb,
    }
    return module + [part for name, value in numbers.items() for part in (name, str(value))]


def environment() -> dict[str, str]:
    """Build the worker's environment: offline, and able to find this very package."""
    package = str(Path(aigc_tui.__file__).resolve().parent.parent)
    search = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, **_ENVIRONMENT, "PYTHONPATH": search}


def death(code: int | None) -> str:
    """Say in a few words how a process ended."""
    if code is None or code >= 0:
        return f"the model process ended unexpectedly (exit code {code}); logs/engine.log has details"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
    cause = "; it may have run out of memory" if name == "SIGKILL" else ""
    return f"the model process was killed ({name}{cause}); it starts again with the next message"
