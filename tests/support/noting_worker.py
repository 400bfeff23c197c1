"""The engine's worker, which also notes what it does: every pass, every token, and every stop that it heard.

Run in place of `aigc_tui.engine.worker` (see `noted_by`), with the file to write in AIGC_NOTES. Notes stand
in the order in which things happened, so a test counts passes and tokens instead of measuring seconds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from torch import Tensor

from aigc_tui.engine import worker
from aigc_tui.engine.worker_channel import Channel
from aigc_tui.engine.worker_service import Service
from aigc_tui.inference.prefix_cache import PrefixCache
from aigc_tui.inference.sampling import Sampler
from aigc_tui.process import async_runner
from aigc_tui.transformer.decoding import CachedModel

VARIABLE = "AIGC_NOTES"
COLD = "cold"
"""Requests whose id begins so are served without the prefix cache, which stays as it is."""


@dataclass(frozen=True)
class Notes:
    """What one request made the worker do."""

    passes: tuple[int, ...]
    """Rows of each pass, in order."""
    tokens: tuple[int, ...]
    """What was sampled, the end of the turn included."""
    after_stop: tuple[int, ...]
    """Rows of the passes that began after a stop was heard."""


def noted_by(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """Let engines that are started from now on run this worker, and note in a file."""

    def command(module: str, *arguments: str) -> list[str]:
        assert module == "engine.worker"
        return [sys.executable, "-P", "-m", __name__, *arguments]

    monkeypatch.setattr(async_runner, "command", command)
    monkeypatch.setenv(VARIABLE, str(file))


def notes_of(file: Path, request: str) -> Notes:
    """Read what a request made the worker do."""
    lines = [line.split() for line in file.read_text("ascii").splitlines()]
    begin = lines.index(["request", request])
    rest = lines[begin + 1 :]
    end = next((place for place, line in enumerate(rest) if line[0] == "request"), len(rest))
    mine = rest[:end]
    stop = next((place for place, line in enumerate(mine) if line == ["stop", request]), len(mine))
    return Notes(_numbers(mine, "pass"), _numbers(mine, "token"), _numbers(mine[stop:], "pass"))


def _numbers(lines: Sequence[Sequence[str]], kind: str) -> tuple[int, ...]:
    return tuple(int(line[1]) for line in lines if line[0] == kind)


def main() -> None:
    """Note, and do as the worker does."""
    target = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(*words: object) -> None:
        os.write(target, (" ".join(map(str, words)) + "\n").encode("ascii"))

    serve, stop, forward, sample = Service.serve, Channel.stop, CachedModel.forward, Sampler.sample

    def noted_serve(self: Service, channel: Channel) -> None:
        note("request", channel.request.id)
        caches = self._caches
        if channel.request.id.startswith(COLD):
            self._caches = PrefixCache(0)
        try:
            serve(self, channel)
        finally:
            self._caches = caches

    def noted_stop(self: Channel) -> None:
        stop(self)
        note("stop", self.request.id)

    def noted_forward(self: CachedModel, tokens: Tensor, last: int = 1) -> Tensor:
        note("pass", tokens.shape[1])
        return forward(self, tokens, last)

    def noted_sample(self: Sampler, logits: Tensor, reply: Sequence[int]) -> int:
        token = sample(self, logits, reply)
        note("token", token)
        return token

    for owner, name, replacement in (
        (Service, "serve", noted_serve),
        (Channel, "stop", noted_stop),
        (CachedModel, "forward", noted_forward),
        (Sampler, "sample", noted_sample),
    ):
        setattr(owner, name, replacement)
    worker.main(sys.argv[1:])


if __name__ == "__main__":
    main()
