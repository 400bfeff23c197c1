"""Continue a prompt during training, to read what the numbers do not tell."""

from __future__ import annotations

from collections.abc import Collection

import torch

from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.causal_lm import CausalLM


@torch.no_grad()
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
    device = next(model.parameters()).device
    cache = KVCache.for_model(model.config)
    generator = torch.Generator().manual_seed(seed)
    made: list[int] = []
    fresh = ids
    while len(made) < limit:
        logits = model(torch.tensor([fresh], device=device), cache, last_only=True)[0, -1].float().cpu()
        chosen = int(logits.argmax()) if temperature == 0 else _draw(logits / temperature, generator)
        if chosen in ends:
            break
        made.append(chosen)
        fresh = [chosen]
    return made


def _draw(logits: torch.Tensor, generator: torch.Generator) -> int:
    return int(torch.multinomial(logits.softmax(dim=-1), 1, generator=generator))
