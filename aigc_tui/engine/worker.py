"""The engine's worker process: ``python -m aigc_tui.engine.worker --log FILE [--cache-mb N] ...``.

`engine.client` starts it; it is of no use on a terminal. Two threads: one reads commands, the other computes,
since a stop must be heard while a matrix is being multiplied. At the end of its input the client is gone, and
the process ends at once, whatever the other thread is doing. Nothing here imports torch, so that the worker
is up before torch is.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from aigc_tui.engine.protocol import (
    EngineOptions,
    Failed,
    FailureCode,
    GenerateRequest,
    Ready,
    ScoreRequest,
    StopRequest,
    decode,
)
from aigc_tui.engine.worker_channel import Channel, Outbox, claim_stdout
from aigc_tui.message import Message, message
from aigc_tui.process.codec import MAX_LINE, ProtocolError

if TYPE_CHECKING:
    from aigc_tui.engine.worker_service import Service


def main(arguments: Sequence[str]) -> None:
    """Serve the client at the other end of standard input and output."""
    parser = argparse.ArgumentParser(prog="aigc_tui.engine.worker")
    usual = EngineOptions()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--cache-mb", type=int, default=usual.cache_mb)
    parser.add_argument("--threads", type=int, default=usual.threads)
    parser.add_argument("--reserve-mb", type=int, default=usual.memory_reserve_mb)
    parser.add_argument("--device", default=usual.device)
    parser.add_argument("--quantize", default=usual.quantize)
    given = parser.parse_args(arguments)
    outbox = Outbox(claim_stdout(given.log))
    faulthandler.enable()
    _offer_to_the_oom_killer()
    options = EngineOptions(given.cache_mb, given.threads, given.reserve_mb, given.device, given.quantize)
    Server(outbox, options).run(sys.stdin.buffer)


def _offer_to_the_oom_killer() -> None:
    """When memory runs out, this process goes, and the user's interface and store stay (engine-safety E6)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


class Server:
    """Serves one client until it is gone."""

    def __init__(self, outbox: Outbox, options: EngineOptions) -> None:
        self._outbox = outbox
        self._options = options
        self._waiting: queue.SimpleQueue[Channel] = queue.SimpleQueue()
        self._open: dict[str, Channel] = {}

    def run(self, commands: BinaryIO) -> None:
        """Start to read, import what is heavy, and compute for ever."""
        threading.Thread(target=self._read, args=(commands,), name="commands", daemon=True).start()
        self._outbox.send(Ready(os.getpid()))
        # Imported while the reader listens already: torch takes a second or two.
        from aigc_tui.engine.worker_service import Service

        service = Service(self._options)
        while True:
            self._serve(service, self._waiting.get())

    def _serve(self, service: Service, channel: Channel) -> None:
        try:
            service.serve(channel)
        except Exception as error:  # the worker outlives whatever a request runs into
            log_failure(error)
            channel.emit(Failed(channel.request.id, FailureCode.INTERNAL, _describe(error)))
        finally:
            self._open.pop(channel.request.id, None)

    def _read(self, commands: BinaryIO) -> None:
        try:
            while line := commands.readline(MAX_LINE):
                self._take(line)
        except ProtocolError as error:
            print(f"protocol error: {error}", file=sys.stderr, flush=True)
        os._exit(0)

    def _take(self, line: bytes) -> None:
        message = decode(line)
        if isinstance(message, GenerateRequest | ScoreRequest):
            channel = Channel(message, self._outbox.send)
            self._open[message.id] = channel
            self._waiting.put(channel)
        elif isinstance(message, StopRequest) and (found := self._open.get(message.id)):
            found.stop()


def log_failure(error: BaseException) -> None:
    """Write where it went wrong, but not the message: it may hold words of the chat."""
    frames = traceback.format_tb(error.__traceback__)
    print(
        time.strftime("%Y-%m-%dT%H:%M:%S"),
        type(error).__name__,
        *frames,
        sep="\n",
        file=sys.stderr,
        flush=True,
    )


def _describe(error: BaseException) -> Message:
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(last.filename)}:{last.lineno}"
    return message(
        "the engine failed inside ({error} at {place}); the log file has details",
        error=type(error).__name__,
        place=place,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
