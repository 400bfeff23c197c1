"""How likely a model finds given words behind a prompt: the sum of the log-probabilities of their tokens.

Why it exists: a causal language model judges better than it writes. Which of four options it expects behind a
passage, and whether it still does so without the passage, are questions of probability; nothing is sampled,
so the answer is the same every time (the scoring of lm-evaluation-harness, `loglikelihood`). The prompt is
read once; each continuation is read behind a copy of its keys and values.

Where a prompt ends and a continuation begins, tokens may merge. So each continuation is tokenised together
with the prompt, as the model would have seen the text in training, and scoring begins where the first of
them departs from the prompt: at the same place for all, or their sums could not be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from aigc_tui.engine.protocol import (
    ChatMessage,
    Done,
    FinishReason,
    Progress,
    Role,
    Score,
    Scored,
    ScoreRequest,
    Stage,
    Timing,
    Usage,
)
from aigc_tui.engine.worker.channel import Channel
from aigc_tui.inference.fitting import PromptTooLongError
from aigc_tui.inference.loader import LoadedModel
from aigc_tui.inference.prefix_cache import CacheKey, PrefixCache, common_prefix
from aigc_tui.inference.sampling import ScoresError
from aigc_tui.transformer.cache import Cache


def score(loaded: LoadedModel, caches: PrefixCache, channel: Channel) -> None:
    """Score the continuations of a request into its channel.

    Args:
        loaded: The model.
        caches: The prefix cache; the prompt that is read here is added.
        channel: Where the answer goes.

    Raises:
        PromptTooLongError: The prompt with the longest continuation does not fit.
        ChatTemplateError: The template refuses the messages.
        ScoresError: The model's scores are no numbers.
    """
    request = channel.request
    assert isinstance(request, ScoreRequest)
    texts, start = tokenise(loaded, request)
    key = CacheKey(loaded.fingerprint, request.adapter, loaded.dtype)
    shared = texts[0][:start] if texts else []
    cache = caches.take(key, shared) or loaded.model.new_cache()
    # The last shared token is read with each continuation: behind it stands the first score.
    read = _read(loaded, channel, shared[:-1], cache)
    found: list[Score] = []
    for text in texts if read else ():
        if channel.stopped:
            break
        found.append(_score(loaded, text, start, cache))
    if shared:
        caches.put(key, shared, cache)
    if len(found) == len(request.continuations):
        channel.emit(Scored(request.id, tuple(found)))
    else:
        channel.emit(Done(request.id, FinishReason.CANCELLED, Usage(start), Timing()))


def tokenise(loaded: LoadedModel, request: ScoreRequest) -> tuple[list[list[int]], int]:
    """Turn the prompt with each continuation into ids, and find where they depart from the prompt.

    Raises:
        PromptTooLongError: The prompt with the longest continuation does not fit.
    """
    encode = _encoder(loaded, request.messages)
    prompt = encode(request.text)
    texts = [encode(request.text + continuation) for continuation in request.continuations]
    start = min((common_prefix(prompt, text) for text in texts), default=0)
    if start == 0:
        # Nothing stands in front of the first token; a text's beginning is what follows another's end.
        texts, start = [[min(loaded.eos_ids, default=0), *text] for text in texts], 1
    longest = max(map(len, texts), default=0)
    if longest > loaded.context:
        raise PromptTooLongError(
            f"the prompt with the longest continuation takes {longest:,} tokens, but the model reads only "
            f"{loaded.context:,}; shorten it or choose a model with a longer context"
        )
    return texts, start


def _encoder(loaded: LoadedModel, messages: Sequence[ChatMessage]) -> Callable[[str], list[int]]:
    if messages:
        return lambda text: loaded.chat.encode(
            [*messages, ChatMessage(Role.ASSISTANT, text)], continue_final=True
        )
    return loaded.plain


def _read(loaded: LoadedModel, channel: Channel, shared: Sequence[int], cache: Cache) -> bool:
    """Read the prompt chunk by chunk; False: stopped on the way."""
    while cache.length < len(shared):
        channel.emit(Progress(channel.request.id, Stage.PREFILL, cache.length, len(shared)))
        if channel.stopped:
            return False
        loaded.open(cache).forward(torch.tensor([shared[cache.length : cache.length + loaded.chunk]]))
    return True


def _score(loaded: LoadedModel, text: Sequence[int], start: int, cache: Cache) -> Score:
    wanted = torch.tensor(text[start:], dtype=torch.long)
    if not len(wanted):
        return Score(0.0, 0)
    fresh = torch.tensor([text[start - 1 : -1]])
    scores = loaded.open(cache.prefix(start - 1)).forward(fresh, last=0)[0]
    chosen = torch.log_softmax(scores, dim=-1).gather(1, wanted[:, None])
    total = float(chosen.sum())
    if not torch.isfinite(chosen).all():
        raise ScoresError("the model's scores are no finite numbers; copy or pull it again")
    return Score(total, len(wanted))
