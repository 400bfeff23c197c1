"""Scores given continuations of a prompt: the sum of their tokens' log-probabilities.

The scoring of lm-evaluation-harness (`loglikelihood`). The prompt is read once; each continuation is read
behind a copy of its KV cache. Tokens may merge where a prompt ends, so each continuation is tokenised with
the prompt, and scoring begins where the first of them departs from it: at the same place for all, or their
sums could not be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from aigc_tui.inference.fitting import PromptTooLongError
from aigc_tui.inference.loader import LoadedModel
from aigc_tui.inference.prefix_cache import PrefixCache, common_prefix
from aigc_tui.inference.sampling import LogitsError
from aigc_tui.inference.types import ChatMessage, Role, Score
from aigc_tui.transformer.cache import Cache


@dataclass(frozen=True, slots=True)
class Continuations:
    """Continuations to score.

    Args:
        texts: The continuations.
        messages: A chat, in which they are replies; empty: `before` is the prompt.
        before: Without messages: plain text in front of them. With messages: how the reply begins.
        adapter: Content hash of the active adapter; empty: none.
    """

    texts: Sequence[str]
    messages: Sequence[ChatMessage] = ()
    before: str = ""
    adapter: str = ""


def score(
    loaded: LoadedModel,
    caches: PrefixCache,
    asked: Continuations,
    stopped: Callable[[], bool],
    report: Callable[[int, int], None],
) -> tuple[list[Score], int]:
    """Score continuations of a prompt.

    Args:
        loaded: The model.
        caches: The prefix cache; the prompt that is read here is added.
        asked: What to score.
        stopped: Asked before each chunk and each continuation whether to stop.
        report: Told how much of the prompt is read.

    Returns:
        A score for each continuation, fewer when it was stopped, and the length of the prompt in tokens.

    Raises:
        PromptTooLongError: The prompt with the longest continuation does not fit.
        ChatTemplateError: The template refuses the messages.
        LogitsError: The model's logits are no numbers.
    """
    texts, start = tokenise(loaded, asked)
    key = loaded.cache_key(asked.adapter)
    shared = texts[0][:start] if texts else []
    model = loaded.open(caches.take(key, shared))
    # The last shared token is read with each continuation: behind it stands the first logit that counts.
    while model.length < len(shared) - 1 and not stopped():
        report(model.length, len(shared) - 1)
        read = model.length
        model.forward(torch.tensor([shared[read : min(read + loaded.chunk, len(shared) - 1)]]))
    found: list[Score] = []
    for text in texts:
        if stopped():
            break
        found.append(_score(loaded, text, start, model.cache))
    if shared:
        caches.put(key, shared, model.cache)
    return found, start


def tokenise(loaded: LoadedModel, asked: Continuations) -> tuple[list[list[int]], int]:
    """Turn the prompt with each continuation into ids, and find where they depart from the prompt.

    Raises:
        PromptTooLongError: The prompt with the longest continuation does not fit.
    """
    encode = _encoder(loaded, asked.messages)
    prompt = encode(asked.before)
    texts = [encode(asked.before + continuation) for continuation in asked.texts]
    start = min((common_prefix(prompt, text) for text in texts), default=0)
    if start == 0:
        # Nothing stands in front of the first token; a text's beginning is what follows another's end.
        texts, start = [[min(loaded.eos_ids, default=0), *text] for text in texts], 1
    longest = max(map(len, texts), default=0)
    if longest > loaded.context:
        raise PromptTooLongError(
            "the prompt with the longest continuation takes {tokens:,} tokens, but the model reads only "
            "{context:,}; shorten it or choose a model with a longer context",
            tokens=longest,
            context=loaded.context,
        )
    return texts, start


def _encoder(loaded: LoadedModel, messages: Sequence[ChatMessage]) -> Callable[[str], list[int]]:
    if not messages:
        return loaded.plain
    return lambda text: loaded.chat.encode(
        [*messages, ChatMessage(Role.ASSISTANT, text)], continue_final=True
    )


def _score(loaded: LoadedModel, text: Sequence[int], start: int, cache: Cache) -> Score:
    wanted = torch.tensor(text[start:], dtype=torch.long)
    if not len(wanted):
        return Score(0.0, 0)
    fresh = torch.tensor([text[start - 1 : -1]])
    logits = loaded.open(cache.prefix(start - 1)).forward(fresh, last=0)[0]
    chosen = torch.log_softmax(logits, dim=-1).gather(1, wanted[:, None])
    if not torch.isfinite(chosen).all():
        raise LogitsError("the model's logits are not finite numbers; copy or pull the model again")
    return Score(float(chosen.sum()), len(wanted))
