"""The decode loop: read a prompt in chunks, sample token after token, stop within one of either.

`DecodeSession` is the one loop behind chat replies, evaluation, `model sample`, samples during training and
the course's text generator; they differ in the sampler that they bring. `ReplySession` adds what a chat needs
around it: fitting into the context, the prefix cache, clean text, stop strings, grammars.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from aigc_tui.inference.fitting import Measures, fit
from aigc_tui.inference.loader import LoadedModel
from aigc_tui.inference.pace import Paces
from aigc_tui.inference.prefix_cache import PrefixCache
from aigc_tui.inference.sampling import BREAKING_MARKS, PenaltyWindows, Sampler
from aigc_tui.inference.text_stream import TextStream
from aigc_tui.inference.types import ChatMessage, FinishReason, Grammar
from aigc_tui.transformer.decoding import DecodingModel, Limits
from aigc_tui.transformer.sampling import SamplingSettings

PENALTY_WINDOW = 256
"""How many of the last tokens the repetition penalty looks at. All of a long chat would ban common words."""
DRY_WINDOW = 1024
"""How many of the last tokens DRY searches for repetitions."""


_TIMED_CHUNK = 16
"""Tokens of the shortest chunk whose time is compared; the rest of a prompt takes longer for each."""


def never() -> bool:
    """Say that nobody asks to stop."""
    return False


class TokenSampler(Protocol):
    """What chooses the tokens of one sequence."""

    @property
    def finished(self) -> bool:
        """Whether the text is complete, so that only its end may follow."""
        ...

    def begin(self, prompt: Sequence[int]) -> None:
        """Look at the prompt, before anything is sampled."""
        ...

    def forced(self) -> Sequence[int]:
        """Give the tokens that can only come next; nothing is sampled for them."""
        ...

    def sample(self, logits: Tensor, reply: Sequence[int]) -> int:
        """Choose the token behind a reply, by the model's logits (V,)."""
        ...


class DecodeSession:
    """One sequence while it is decoded.

    Run `prefill` to its end, then `tokens`.

    Args:
        model: The model; what it has read of the prompt already is not read again.
        prompt: Token ids, at least one of them unread.
        sampler: Chooses the tokens.
        limits: The most tokens, and those that end the text.
        stopped: Asked before each chunk and each token whether to stop.
        paces: Choose the number of threads; None: it stays as it is.
    """

    def __init__(
        self,
        model: DecodingModel,
        prompt: Sequence[int],
        sampler: TokenSampler,
        limits: Limits,
        stopped: Callable[[], bool] = never,
        paces: Paces | None = None,
    ) -> None:
        self.model, self.prompt, self.sampler = model, prompt, sampler
        self.limits, self.stopped, self.paces = limits, stopped, paces
        self.reply: list[int] = []
        """The tokens made so far, without the one that ended the text."""
        self.finish_reason = FinishReason.LENGTH
        self._logits: Tensor | None = None

    def prefill(self, chunk: int = 0) -> Iterator[int]:
        """Read the prompt.

        Args:
            chunk: Tokens per forward pass; 0: all at once.

        Yields:
            How many tokens are read, before each chunk and at the end.
        """
        size = len(self.prompt)
        while self.model.length < size:
            yield self.model.length
            if self.stopped():
                self.finish_reason = FinishReason.CANCELLED
                return
            read = self.model.length
            self._logits = self._forward(self.prompt[read : read + (chunk or size)])
        yield self.model.length

    def tokens(self) -> Iterator[int]:
        """Sample tokens until one of them, the sampler, the limit or the user ends the text.

        Yields:
            Each token of the reply. The caller may stop taking them, as at a stop string.
        """
        if self.finish_reason is FinishReason.CANCELLED:
            return
        limit, ends, sampler, reply = self.limits.new, self.limits.ends, self.sampler, self.reply
        sampler.begin(self.prompt)
        made = sampler.forced()
        while True:
            for token in made[: limit - len(reply)]:
                if token in ends:
                    self.finish_reason = FinishReason.STOP
                    return
                reply.append(token)
                yield token
            if len(reply) >= limit:
                return
            if sampler.finished:
                # A form that is complete is an end as good as the model's own.
                self.finish_reason = FinishReason.STOP
                return
            if self.stopped():
                self.finish_reason = FinishReason.CANCELLED
                return
            # Unread are the last token, and those that a grammar forced before it; at first, none.
            if unread := reply[self.model.length - len(self.prompt) :]:
                self._logits = self._forward(unread)
            assert self._logits is not None
            token = sampler.sample(self._logits, reply)
            made = [token] if token in ends else [token, *sampler.forced()]

    def run(self) -> list[int]:
        """Read the prompt and decode to the end; returns the new tokens."""
        for _ in self.prefill():
            pass
        return list(self.tokens())

    def _forward(self, tokens: Sequence[int]) -> Tensor:
        ids, size = torch.tensor([list(tokens)]), len(tokens)
        if self.paces is None or 1 < size < _TIMED_CHUNK:
            return self.model.forward(ids)[0, -1]
        with (self.paces.writing if size == 1 else self.paces.reading).step(size):
            return self.model.forward(ids)[0, -1]


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """A reply asked for.

    Args:
        messages: The chat; system messages at its beginning are always kept.
        settings: The chain of filters.
        seed: Decides the sampled tokens; None: they differ from run to run.
        max_tokens: The most tokens of the reply.
        stop: Strings that end the reply where they appear; they are no part of it.
        grammar: The form that the reply must have.
        continue_final: The last message is the assistant's and goes on.
        adapter: Content hash of the active adapter; empty: none.
    """

    messages: Sequence[ChatMessage]
    settings: SamplingSettings = field(default_factory=SamplingSettings)
    seed: int | None = None
    max_tokens: int = 512
    stop: tuple[str, ...] = ()
    grammar: Grammar | None = None
    continue_final: bool = False
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """New text of a reply, clean and never splitting a character, and how many tokens it came from."""

    text: str
    tokens: int


class ReplySession:
    """One reply of a chat model.

    Making it fits the chat into the context and takes what the prefix cache holds of it. Run `prefill`, then
    `write`, both to their ends; whatever was read or written is put back into the prefix cache, so that the
    turn after a stop is right and fast.

    Args:
        loaded: The model.
        caches: The prefix cache.
        request: What is asked.
        stopped: Asked before each chunk and each token whether to stop.
        paces: See `DecodeSession`.

    Raises:
        PromptTooLongError: The last message alone does not fit.
        ChatTemplateError: The template refuses the messages.
        GrammarError: The grammar cannot be compiled.
        SamplingError: The settings make no sense.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        caches: PrefixCache,
        request: ReplyRequest,
        stopped: Callable[[], bool],
        paces: Paces | None = None,
    ) -> None:
        self._started = time.perf_counter()
        # What cannot be met is refused before a long prompt is read.
        sampler = _sampler(loaded, request)
        measures = Measures(
            lambda messages: loaded.chat.encode(messages, request.continue_final),
            loaded.count,
            loaded.context,
        )
        fitted = fit(request.messages, measures, request.max_tokens)
        self._loaded, self._request, self._caches = loaded, request, caches
        self._key = loaded.cache_key(request.adapter)
        self._model = loaded.open(caches.take(self._key, fitted.tokens))
        limits = Limits(min(request.max_tokens, loaded.context - len(fitted.tokens)), loaded.eos_ids)
        self._decode = DecodeSession(self._model, fitted.tokens, sampler, limits, stopped, paces)
        self.prompt_tokens, self.dropped = len(fitted.tokens), fitted.dropped
        self.reused_tokens = self._model.length
        self.prefill_seconds = self.decode_seconds = 0.0

    @property
    def new_tokens(self) -> int:
        return len(self._decode.reply)

    @property
    def finish_reason(self) -> FinishReason:
        return self._decode.finish_reason

    def prefill(self) -> Iterator[int]:
        """Read the prompt; yields how many of its tokens are read."""
        yield from self._decode.prefill(self._loaded.chunk)
        self.prefill_seconds = time.perf_counter() - self._started

    def write(self) -> Iterator[Piece]:
        """Write the reply; yields its text as it grows.

        Raises:
            LogitsError: The model's logits are no numbers.
            GrammarError: The grammar's automaton gave up.
        """
        decode, prompt = self._decode, self._decode.prompt
        text = TextStream(
            self._loaded.tokens.decode, self._request.stop, prompt if self._request.continue_final else ()
        )
        unsent = 0
        for token in decode.tokens():
            unsent += 1
            if shown := text.push(token):
                yield Piece(shown, unsent)
                unsent = 0
            if text.stopped:
                decode.finish_reason = FinishReason.STOP
                break
        # Of a reply that was cut, the bytes of half a character are not shown.
        if rest := text.flush(whole=decode.finish_reason is FinishReason.STOP):
            yield Piece(rest, unsent)
        # What was written was read token by token, not in steps.
        read = prompt if self._key.step > 1 else [*prompt, *decode.reply]
        self._caches.put(self._key, read, self._model.cache)
        self.decode_seconds = time.perf_counter() - self._started - self.prefill_seconds


def _sampler(loaded: LoadedModel, request: ReplyRequest) -> Sampler:
    settings, tokens = request.settings, loaded.tokens
    generator = torch.Generator()
    if request.seed is None:
        generator.seed()
    else:
        generator.manual_seed(request.seed)
    return Sampler(
        settings,
        generator,
        breakers=tokens.control | tokens.holding(BREAKING_MARKS) if settings.dry_multiplier > 0 else (),
        windows=PenaltyWindows(PENALTY_WINDOW, DRY_WINDOW, tokens.control),
        guide=None if request.grammar is None else loaded.grammars.guide(request.grammar),
    )
