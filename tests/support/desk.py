"""The worker's inside without its process: a model, a prefix cache, and replies as plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.engine.protocol import (
    ChatMessage,
    Delta,
    Done,
    FinishReason,
    Fitted,
    GenerateRequest,
    Grammar,
    PipeMessage,
    Progress,
    Sampling,
    Stage,
)
from aigc_tui.engine.worker_channel import Channel
from aigc_tui.engine.worker_service import answer
from aigc_tui.inference.loader import LoadedModel, Loader
from aigc_tui.inference.prefix_cache import PrefixCache
from tests.support.models import spec_of

GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=24)
SEEDED = Sampling(temperature=1.0, top_p=0.95, seed=7, max_tokens=24)


@dataclass(frozen=True)
class Reply:
    """What one request gave."""

    text: str
    reused: int
    prompt: int
    new: int
    dropped: int
    reason: FinishReason
    events: Sequence[PipeMessage]


class Desk:
    """Asks one model, keeping its prefix cache from question to question."""

    def __init__(self, folder: Path, cache_mb: int = 64) -> None:
        self.folder = folder
        self.loaded: LoadedModel = Loader(0).load(folder, folder.name, lambda done, total: None)
        self.caches = PrefixCache(cache_mb * 2**20)

    def ask(
        self,
        *messages: ChatMessage,
        sampling: Sampling = GREEDY,
        continue_final: bool = False,
        grammar: Grammar | None = None,
        stop_at: Callable[[PipeMessage], bool] = lambda message: False,
    ) -> Reply:
        """Run a request; it is stopped as soon as an event pleases `stop_at`."""
        events: list[PipeMessage] = []

        def send(message: PipeMessage) -> None:
            events.append(message)
            if stop_at(message):
                channel._stop.set()

        request = GenerateRequest(
            "r",
            spec_of(self.folder),
            tuple(messages),
            sampling,
            continue_final=continue_final,
            grammar=grammar,
        )
        channel = Channel(request, send)
        assert channel.begin()
        answer(self.loaded, self.caches, channel, 0.0)
        return _reply(events)

    def cold(
        self, *messages: ChatMessage, sampling: Sampling = GREEDY, continue_final: bool = False
    ) -> Reply:
        """Run a request with an empty cache, which is what every other run must equal."""
        kept, self.caches = self.caches, PrefixCache(0)
        try:
            return self.ask(*messages, sampling=sampling, continue_final=continue_final)
        finally:
            self.caches = kept


def _reply(events: Sequence[PipeMessage]) -> Reply:
    done = [event for event in events if isinstance(event, Done)]
    fitted = [event for event in events if isinstance(event, Fitted)]
    assert len(done) == 1
    assert events[-1] is done[0]
    return Reply(
        text="".join(event.text for event in events if isinstance(event, Delta)),
        reused=done[0].usage.reused_tokens,
        prompt=done[0].usage.prompt_tokens,
        new=done[0].usage.new_tokens,
        dropped=fitted[0].dropped_messages,
        reason=done[0].reason,
        events=events,
    )


def while_reading(message: PipeMessage) -> bool:
    """Stop inside the prompt: after the first chunk, before the last."""
    if not isinstance(message, Progress) or message.stage is not Stage.PREFILL:
        return False
    return 0 < message.done < message.total


def while_writing(message: PipeMessage) -> bool:
    """Stop inside the reply."""
    return isinstance(message, Delta)
