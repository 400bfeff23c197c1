"""Continue a prompt during training, to read what the numbers do not tell."""

from __future__ import annotations

from collections.abc import Collection

import torch

from aigc_tui.inference.decode import DecodeSession
from aigc_tui.inference.sampling import Sampler
from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.decoding import CachedModel, Limits, OwnModel
from aigc_tui.transformer.sampling import SamplingSettings


def continue_ids(
    model: CausalLM,
    ids: list[int],
    ends: Collection[int],
    limit: int,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[int]:
    """Return up to ``limit`` new token ids after ``ids``, stopping before any of ``ends``.

    Args:
        model: The model.
        ids: The prompt.
        ends: Ids that end the text.
        limit: Most new tokens.
        temperature: 0 takes the likeliest token.
        seed: For sampling.
    """
    sampler = Sampler(SamplingSettings(temperature=temperature), torch.Generator().manual_seed(seed))
    limits = Limits(limit, frozenset(ends))
    return DecodeSession(CachedModel(OwnModel(model)), ids, sampler, limits).run()
