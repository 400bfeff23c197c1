"""One token after the other: greedy search, sampling, and sampling under guidance.

Greedy search takes the likeliest token each time, which is quick, repeatable and, in longer texts, dull and
prone to loops. Sampling draws from the distribution as the chain of filters left it (`transformer.sampling`).
Guided decoding reads every text twice, with and without its prompt, and amplifies the difference.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor

from aigc_tui.transformer.decoding.model import DecodingModel, Limits, before_end
from aigc_tui.transformer.sampling import Context, SamplingError, Settings, Watcher, choose, drawn, filtered

GREEDY = Settings(temperature=0.0)


@dataclass(frozen=True, slots=True)
class Guide:
    """What guidance compares with.

    Args:
        model: The same model with a second cache.
        prompt: What it reads in place of the prompt (B, T): a negative prompt, or a bare start of text.
    """

    model: DecodingModel
    prompt: Tensor


def greedy(model: DecodingModel, prompt: Tensor, limits: Limits) -> list[list[int]]:
    """Continue each prompt with the likeliest token, again and again.

    Args:
        model: The model; it has read nothing yet.
        prompt: Tokens (B, T), equally long.
        limits: When to end.

    Returns:
        The new tokens of each row.
    """
    return sample(model, prompt, GREEDY, limits, torch.Generator())


def sample(
    model: DecodingModel,
    prompt: Tensor,
    settings: Settings,
    limits: Limits,
    generator: torch.Generator,
    breakers: Collection[int] = (),
    guide: Guide | None = None,
    watcher: Watcher | None = None,
) -> list[list[int]]:
    """Continue each prompt with tokens drawn through the chain of filters.

    Args:
        model: The model; it has read nothing yet.
        prompt: Tokens (B, T), equally long.
        settings: The chain; temperature 0 takes the best token.
        limits: When to end.
        generator: The source of chance.
        breakers: Tokens that no repetition reaches across, for DRY.
        guide: For classifier-free guidance (arXiv:2306.17806), with `settings.guidance_scale`.
        watcher: Looks on, if there is but one prompt.

    Returns:
        The new tokens of each row.

    Raises:
        SamplingError: The settings contradict each other, or mirostat is to follow several texts at once.
    """
    if settings.mirostat and len(prompt) > 1:
        raise SamplingError("mirostat follows the surprise of one text; give it one prompt at a time")
    context = Context(prompt=prompt, breakers=breakers, generator=generator)
    text, fresh = prompt, prompt
    over = torch.zeros(len(prompt), dtype=torch.bool)
    while text.shape[1] - prompt.shape[1] < limits.new and not bool(over.all()):
        scores = model.forward(fresh)[:, -1]
        if guide is not None:
            unread = guide.prompt if fresh is prompt else fresh
            context.unconditional = guide.model.forward(unread)[:, -1]
        fresh = _next(scores, settings, _seen(context, text, prompt.shape[1]), watcher).unsqueeze(1)
        text = torch.cat([text, fresh], 1)
        over |= torch.tensor([int(token) in limits.ends for token in fresh])
    return [before_end(row, limits.ends) for row in text[:, prompt.shape[1] :].tolist()]


def _seen(context: Context, text: Tensor, prompt: int) -> Context:
    context.recent = context.text = text
    context.reply = text[:, prompt:]
    return context


def _next(scores: Tensor, settings: Settings, context: Context, watcher: Watcher | None) -> Tensor:
    """Choose a token for each row (B,)."""
    if len(scores) > 1:
        return drawn(filtered(scores, settings, context), settings, context.generator)
    alone = Context(
        context.recent[0],
        context.text[0],
        context.reply[0],
        context.prompt[0],
        context.breakers,
        None if context.unconditional is None else context.unconditional[0],
        context.generator,
        context.mu,
    )
    token = choose(scores[0], settings, alone, watcher)
    context.mu = alone.mu
    return torch.tensor([token])
