"""Answer one request after the other: load its model, write its reply, word what goes wrong.

Why it exists: it joins loader, prefix cache and decode loop, and is the first module that imports torch, so
that the rest of the worker is up before torch is.
"""

from __future__ import annotations

import time
from pathlib import Path

import torch

from aigc_tui.engine.options import EngineOptions
from aigc_tui.engine.protocol import Failed, FailureCode, Progress, ScoreRequest, Stage
from aigc_tui.engine.worker.channel import Channel
from aigc_tui.inference.decode import answer
from aigc_tui.inference.fitting import PromptTooLongError
from aigc_tui.inference.grammar import GrammarError
from aigc_tui.inference.jinja import ChatTemplateError
from aigc_tui.inference.loader import LoadedModel, Loader
from aigc_tui.inference.memory import MEGABYTE, InsufficientMemoryError
from aigc_tui.inference.prefix_cache import PrefixCache
from aigc_tui.inference.sampling import ScoresError
from aigc_tui.inference.scoring import score
from aigc_tui.inference.source import MissingModelError, ModelError, NoChatTemplateError
from aigc_tui.text import one_line


class Service:
    """The state that lives from request to request: the model and the prefix cache.

    Args:
        options: How to use the machine.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._threads = options.threads
        self._loader = Loader(options.memory_reserve_mb * MEGABYTE)
        self._caches = PrefixCache(options.cache_mb * MEGABYTE)

    def serve(self, channel: Channel) -> None:
        """Answer a request; whatever is expected to go wrong becomes a `Failed` in its channel."""
        try:
            self._serve(channel)
        except ModelError as error:
            self._fail(channel, failure_code(error), str(error))
        except PromptTooLongError as error:
            self._fail(channel, FailureCode.PROMPT_TOO_LONG, str(error))
        except GrammarError as error:
            self._fail(channel, FailureCode.GRAMMAR_REFUSED, str(error))
        except (ChatTemplateError, ScoresError) as error:
            self._fail(channel, FailureCode.MODEL_BROKEN, f"{channel.request.model.name}: {error}")
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and "allocate memory" not in str(error):
                raise
            self._caches.clear()
            self._fail(
                channel,
                FailureCode.OUT_OF_MEMORY,
                "the memory ran out; the prefix cache was emptied, try again",
            )

    def _serve(self, channel: Channel) -> None:
        if channel.stopped:
            return
        loaded, seconds = self._load(channel)
        if channel.request.adapter:
            raise MissingModelError(
                "there is no adapter {name} for this model", name=channel.request.adapter[:16]
            )
        if not channel.begin():
            return
        if isinstance(channel.request, ScoreRequest):
            score(loaded, self._caches, channel)
        else:
            answer(loaded, self._caches, channel, seconds)

    def _load(self, channel: Channel) -> tuple[LoadedModel, float]:
        started = time.perf_counter()
        id_ = channel.request.id
        name = one_line(channel.request.model.name, 80)

        def report(done: int, total: int) -> None:
            channel.emit(Progress(id_, Stage.LOADING, done, total, name))

        loaded = self._loader.load(Path(channel.request.model.path), name, report)
        torch.set_num_threads(self._threads or loaded.threads)
        return loaded, time.perf_counter() - started

    def _fail(self, channel: Channel, code: FailureCode, message: str) -> None:
        channel.emit(Failed(channel.request.id, code, one_line(message, 600)))


def failure_code(error: ModelError) -> FailureCode:
    """Say which of the failures that the front ends word an error is."""
    if isinstance(error, MissingModelError):
        return FailureCode.MODEL_MISSING
    if isinstance(error, NoChatTemplateError):
        return FailureCode.TEMPLATE_MISSING
    return (
        FailureCode.OUT_OF_MEMORY if isinstance(error, InsufficientMemoryError) else FailureCode.MODEL_BROKEN
    )
