"""Write one reply: fit the chat, read the prompt in chunks, draw token after token, and watch the stop flag.

Why it exists: it is the loop that everything else serves. The flag is read before each chunk and each token,
and whatever was read or written by then stays in the prefix cache, so that the turn after a stop is right
and fast.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    FinishReason,
    Fitted,
    GenerateRequest,
    Progress,
    Stage,
    Timing,
    Usage,
)
from aigc_tui.engine.worker.channel import Channel
from aigc_tui.inference.detokenize import Detokenizer
from aigc_tui.inference.fitting import Fit, Measures, fit
from aigc_tui.inference.loader import LoadedModel
from aigc_tui.inference.prefix_cache import CacheKey, PrefixCache
from aigc_tui.inference.sampling import BREAKING_MARKS, Drawer, History
from aigc_tui.inference.stopping import StopStrings
from aigc_tui.text import clean
from aigc_tui.transformer.cache import Cache

PENALTY_WINDOW = 256
"""How many of the last tokens the repetition penalty looks at. All of a long chat would ban common words."""
DRY_WINDOW = 1024
"""How many of the last tokens DRY searches for repetitions."""
_CONTEXT_TOKENS = 8


@dataclass(slots=True)
class Writing:
    """A reply while it is written."""

    loaded: LoadedModel
    channel: Channel
    prompt: Sequence[int]
    cache: Cache
    drawer: Drawer
    reused: int
    started: float
    reply: list[int] = field(default_factory=list)
    prefilled: float = 0.0

    @property
    def unread(self) -> list[int]:
        """Tokens of the reply that the model has not read: the last one, and what a form forced before it."""
        return self.reply[self.cache.length - len(self.prompt) :]

    @property
    def request(self) -> GenerateRequest:
        """What was asked."""
        assert isinstance(self.channel.request, GenerateRequest)
        return self.channel.request


def answer(loaded: LoadedModel, caches: PrefixCache, channel: Channel, load_seconds: float) -> None:
    """Write the reply to a request into its channel.

    Args:
        loaded: The model.
        caches: The prefix cache; what this reply reads and writes is added.
        channel: Where the events go.
        load_seconds: How long loading took, for the report.

    Raises:
        PromptTooLongError: The last message alone does not fit.
        ChatTemplateError: The template refuses the messages.
        ScoresError: The model's scores are no numbers.
        GrammarError: The reply's grammar cannot be compiled.
    """
    started = time.perf_counter()
    request = channel.request
    assert isinstance(request, GenerateRequest)
    # What cannot be met is refused before a long prompt is read.
    drawer = _drawer(loaded, request)
    fitted = fit_request(loaded, request)
    key = CacheKey(loaded.fingerprint, request.adapter, loaded.dtype)
    taken = caches.take(key, fitted.tokens)
    cache = loaded.model.new_cache() if taken is None else taken
    writing = Writing(loaded, channel, fitted.tokens, cache, drawer, cache.length, started)
    channel.emit(Fitted(request.id, len(fitted.tokens), cache.length, fitted.dropped, loaded.context))
    reason = _write(writing)
    caches.put(key, [*writing.prompt, *writing.reply], cache)
    channel.emit(Done(request.id, reason, _usage(writing), _timing(writing, load_seconds)))


def fit_request(loaded: LoadedModel, request: GenerateRequest) -> Fit:
    """Fit a request's chat into the model's context."""
    measures = Measures(
        lambda messages: loaded.chat.encode(messages, request.continue_final),
        loaded.count,
        loaded.context,
    )
    return fit(request.messages, measures, request.sampling.max_tokens)


def _write(writing: Writing) -> FinishReason:
    scores = _prefill(writing)
    writing.prefilled = time.perf_counter()
    if scores is None:
        return FinishReason.CANCELLED
    return _decode(writing, scores)


def _prefill(writing: Writing) -> Tensor | None:
    """Read the prompt chunk by chunk; None: stopped on the way."""
    prompt, cache, scores = writing.prompt, writing.cache, None
    while cache.length < len(prompt):
        _progress(writing)
        if writing.channel.stopped:
            return None
        chunk = prompt[cache.length : cache.length + writing.loaded.chunk]
        scores = writing.loaded.open(cache).forward(torch.tensor([chunk]))[0, -1]
    _progress(writing)
    return scores


def _progress(writing: Writing) -> None:
    read, total = writing.cache.length, len(writing.prompt)
    writing.channel.emit(Progress(writing.request.id, Stage.PREFILL, read, total))


def _decode(writing: Writing, scores: Tensor) -> FinishReason:
    """Draw tokens until one of them, the limit or the user ends it."""
    text = _Text(writing)
    limit = min(writing.request.sampling.max_tokens, writing.loaded.context - len(writing.prompt))
    reason = FinishReason.LENGTH
    for token in _tokens(writing, scores, limit):
        if token is None:
            reason = FinishReason.CANCELLED
            break
        if token in writing.loaded.eos_ids or text.push(token):
            reason = FinishReason.STOP
            break
    else:
        # A form that is complete is an end as good as the model's own.
        if writing.drawer.over and len(writing.reply) < limit:
            reason = FinishReason.STOP
    text.flush(whole=reason is FinishReason.STOP)
    return reason


def _tokens(writing: Writing, scores: Tensor, limit: int) -> Iterator[int | None]:
    """Make up to `limit` tokens, each from the scores behind the last; None: stopped."""
    control = writing.loaded.tokens.control
    before = list(writing.prompt[-DRY_WINDOW:])
    recent = [id_ for id_ in writing.prompt[-2 * PENALTY_WINDOW :] if id_ not in control]
    for token in writing.drawer.forced()[:limit]:
        writing.reply.append(token)
        yield token
    while len(writing.reply) < limit and not writing.drawer.over:
        if writing.channel.stopped:
            yield None
            return
        if unread := writing.unread:
            scores = writing.loaded.open(writing.cache).forward(torch.tensor([unread]))[0, -1]
        said = writing.reply
        history = History((recent + said)[-PENALTY_WINDOW:], said, (before + said)[-DRY_WINDOW:])
        token = writing.drawer.draw(scores, history)
        yield from _with_forced(writing, token, limit)


def _with_forced(writing: Writing, token: int, limit: int) -> Iterator[int]:
    """Give a token that was drawn, and those that can only follow it."""
    if token in writing.loaded.eos_ids:
        yield token
        return
    for made in (token, *writing.drawer.forced())[: limit - len(writing.reply)]:
        writing.reply.append(made)
        yield made


def _drawer(loaded: LoadedModel, request: GenerateRequest) -> Drawer:
    sampling, tokens = request.sampling, loaded.tokens
    breakers = tokens.control | tokens.holding(BREAKING_MARKS) if sampling.dry_multiplier > 0 else ()
    guide = None if request.grammar is None else loaded.grammars.guide(request.grammar)
    return Drawer(sampling, breakers, guide)


class _Text:
    """Turns the reply's tokens into clean deltas."""

    def __init__(self, writing: Writing) -> None:
        context = writing.prompt[-_CONTEXT_TOKENS:] if writing.request.continue_final else ()
        self._detokenizer = Detokenizer(writing.loaded.tokens.decode, context)
        self._stops = StopStrings(writing.request.sampling.stop)
        self._writing = writing
        self._unsent = 0

    def push(self, token: int) -> bool:
        """Send what a token adds; True: a stop string ended the reply."""
        self._unsent += 1
        self._send(self._stops.push(self._detokenizer.push(token)))
        return self._stops.found

    def flush(self, whole: bool) -> None:
        """Send what was held back; of a reply that was cut, not the bytes of half a character."""
        tail = self._stops.push(self._detokenizer.flush()) if whole else ""
        self._send(tail + self._stops.flush())

    def _send(self, text: str) -> None:
        if text:
            self._writing.channel.emit(Delta(self._writing.request.id, clean(text), self._unsent))
            self._unsent = 0


def _usage(writing: Writing) -> Usage:
    return Usage(len(writing.prompt), writing.reused, len(writing.reply))


def _timing(writing: Writing, load_seconds: float) -> Timing:
    end = time.perf_counter()
    return Timing(load_seconds, writing.prefilled - writing.started, end - writing.prefilled)
