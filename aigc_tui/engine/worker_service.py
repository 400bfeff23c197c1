"""Answers one request after the other: loads its model, runs inference, words what goes wrong.

The first module of the worker that imports inference, and so torch; the rest of the worker is up before.
"""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    EngineOptions,
    Failed,
    FailureCode,
    FinishReason,
    Fitted,
    GenerateRequest,
    Progress,
    Sampling,
    Scored,
    ScoreRequest,
    Stage,
    Timing,
    Usage,
)
from aigc_tui.engine.worker_channel import Channel
from aigc_tui.inference.decode import ReplyRequest, ReplySession
from aigc_tui.inference.fitting import PromptTooLongError
from aigc_tui.inference.grammar import GrammarError
from aigc_tui.inference.jinja import ChatTemplateError
from aigc_tui.inference.loader import LoadedModel, Loader, use_threads
from aigc_tui.inference.memory import MEGABYTE, InsufficientMemoryError
from aigc_tui.inference.pace import Paces
from aigc_tui.inference.prefix_cache import PrefixCache
from aigc_tui.inference.sampling import LogitsError
from aigc_tui.inference.scoring import Continuations, score
from aigc_tui.inference.source import MissingModelError, ModelError, NoChatTemplateError
from aigc_tui.message import Message, message
from aigc_tui.text import one_line
from aigc_tui.transformer.sampling import SamplingSettings, order_of

_SHARED = {item.name for item in fields(SamplingSettings)} & {item.name for item in fields(Sampling)}
_CODES: tuple[tuple[type[Exception], FailureCode], ...] = (
    (MissingModelError, FailureCode.MODEL_MISSING),
    (NoChatTemplateError, FailureCode.TEMPLATE_MISSING),
    (InsufficientMemoryError, FailureCode.OUT_OF_MEMORY),
    (ModelError, FailureCode.MODEL_BROKEN),
    (PromptTooLongError, FailureCode.PROMPT_TOO_LONG),
    (GrammarError, FailureCode.GRAMMAR_REFUSED),
)
"""Which failure that the front ends know an error is; the first that fits."""


class Service:
    """The state that lives from request to request: the model and the prefix cache.

    Args:
        options: How to use the machine.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._threads = options.threads
        self._loader = Loader(options.memory_reserve_mb * MEGABYTE, options.device, options.quantize)
        self._caches = PrefixCache(options.cache_mb * MEGABYTE)
        self._paces = Paces.of(1)

    def serve(self, channel: Channel) -> None:
        """Answer a request; whatever is expected to go wrong becomes a `Failed` in its channel."""
        try:
            self._serve(channel)
        except (ChatTemplateError, LogitsError) as error:
            reason = message("{name}: {reason}", name=channel.request.model.name, reason=error)
            _fail(channel, FailureCode.MODEL_BROKEN, reason)
        except (ModelError, PromptTooLongError, GrammarError) as error:
            _fail(channel, next(code for kind, code in _CODES if isinstance(error, kind)), error.message)
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and "allocate memory" not in str(error):
                raise
            self._caches.clear()
            reason = message("memory ran out; the prefix cache was emptied, try again")
            _fail(channel, FailureCode.OUT_OF_MEMORY, reason)

    def _serve(self, channel: Channel) -> None:
        if channel.stopped():
            return
        loaded, seconds = self._load(channel)
        if name := channel.request.adapter[:16]:
            raise MissingModelError("there is no adapter {name} for this model", name=name)
        if not channel.begin():
            return
        if isinstance(channel.request, ScoreRequest):
            answer_scores(loaded, self._caches, channel)
        else:
            answer(loaded, self._caches, channel, seconds, self._paces)

    def _load(self, channel: Channel) -> tuple[LoadedModel, float]:
        started = time.perf_counter()
        request = channel.request
        name = one_line(request.model.name, 80)

        def report(done: int, total: int) -> None:
            channel.emit(Progress(request.id, Stage.LOADING, done, total, name))

        loaded = self._loader.load(Path(request.model.path), name, report)
        threads = self._threads or loaded.threads
        if threads != self._paces.writing.threads:
            self._paces = Paces.of(threads)
        use_threads(threads)
        return loaded, time.perf_counter() - started


def answer(
    loaded: LoadedModel,
    caches: PrefixCache,
    channel: Channel,
    load_seconds: float,
    paces: Paces | None = None,
) -> None:
    """Write the reply to a request into its channel.

    Raises:
        AppError: What `inference.decode.ReplySession` raises.
    """
    request = channel.request
    assert isinstance(request, GenerateRequest)
    id_, sampling = request.id, request.sampling
    asked = ReplyRequest(
        messages=request.messages,
        settings=chain_of(sampling),
        seed=sampling.seed,
        max_tokens=sampling.max_tokens,
        stop=sampling.stop,
        grammar=request.grammar,
        continue_final=request.continue_final,
        adapter=request.adapter,
    )
    reply = ReplySession(loaded, caches, asked, channel.stopped, paces)
    channel.emit(Fitted(id_, reply.prompt_tokens, reply.reused_tokens, reply.dropped, loaded.context))
    for read in reply.prefill():
        channel.emit(Progress(id_, Stage.PREFILL, read, reply.prompt_tokens))
    for piece in reply.write():
        channel.emit(Delta(id_, piece.text, piece.tokens))
    usage = Usage(reply.prompt_tokens, reply.reused_tokens, reply.new_tokens)
    timing = Timing(load_seconds, reply.prefill_seconds, reply.decode_seconds)
    channel.emit(Done(id_, reply.finish_reason, usage, timing))


def answer_scores(loaded: LoadedModel, caches: PrefixCache, channel: Channel) -> None:
    """Score the continuations of a request into its channel.

    Raises:
        AppError: What `inference.scoring.score` raises.
    """
    request = channel.request
    assert isinstance(request, ScoreRequest)
    asked = continuations_of(request)

    def report(read: int, total: int) -> None:
        channel.emit(Progress(request.id, Stage.PREFILL, read, total))

    found, prompt = score(loaded, caches, asked, channel.stopped, report)
    if len(found) == len(request.continuations):
        channel.emit(Scored(request.id, tuple(found)))
    else:
        channel.emit(Done(request.id, FinishReason.CANCELLED, Usage(prompt), Timing()))


def continuations_of(request: ScoreRequest) -> Continuations:
    """Turn a request to score into inference's."""
    return Continuations(request.continuations, request.messages, request.text, request.adapter)


def chain_of(sampling: Sampling) -> SamplingSettings:
    """Turn a request's settings into the chain's.

    Raises:
        SamplingError: The order names a filter that does not exist.
    """
    values = {name: getattr(sampling, name) for name in _SHARED}
    return SamplingSettings(**values, order=order_of(sampling.sampling_order))


def _fail(channel: Channel, code: FailureCode, reason: Message) -> None:
    channel.emit(Failed(channel.request.id, code, reason))
