"""The first cut and the draw without the tens of thousands of tokens that cannot come.

A vocabulary has 150,000 tokens, and after a cut some hundred are left. Sorting all of them and drawing an
exponential for each took three quarters of the time between two tokens of a small model. What is chosen is
the same: the cuts here keep what `filters` keeps, and `race` is how `torch.multinomial` draws, with the same
chance at the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from aigc_tui.transformer.sampling.filters import NEVER, min_p
from aigc_tui.transformer.sampling.settings import SamplingSettings

LEAST_VOCABULARY = 4096
"""In smaller ones nothing is gained."""
_LIKELIEST = (256, 4096)
"""How many tokens are sorted for top-p, in turn; a flatter distribution is sorted whole."""
_TIES = 32
"""How many tokens that tie with the last one are looked for, for top-k."""
_MARGIN = 1e-4
"""By so much a cut must be clear of what rounding could change."""


@dataclass(frozen=True, slots=True)
class Few:
    """The tokens that are left (K,), in ascending order, and their logits (K,)."""

    tokens: Tensor
    logits: Tensor


def _few(logits: Tensor, tokens: Tensor) -> Few:
    tokens = tokens.sort().values
    return Few(tokens, logits[tokens])


def _top_k(logits: Tensor, s: SamplingSettings) -> Few | None:
    if s.top_k > logits.shape[-1] // 8:
        return None
    best, tokens = torch.topk(logits, s.top_k + _TIES)
    worst, beyond = float(best[s.top_k - 1]), float(best[-1])
    if beyond == worst > NEVER:
        return None
    return _few(logits, tokens[(best >= worst) & (best > NEVER)])


def _top_p(logits: Tensor, s: SamplingSettings) -> Few | None:
    most = logits.logsumexp(-1)
    for count in _LIKELIEST:
        best, tokens = torch.topk(logits, min(count, logits.shape[-1]))
        if float((best - most).exp().sum()) >= s.top_p + _MARGIN:
            few = _nucleus(_few(logits, tokens), most, s.top_p)
            # A token that ties with the last one looked at may lie beyond.
            return few if bool(few.logits.min() > best[-1]) else None
    return None


def _nucleus(few: Few, most: Tensor, mass: float) -> Few:
    # Of equal tokens the later ones stay, as in a stable sort of all.
    ascending, order = torch.sort(few.logits, stable=True)
    held = (ascending - most).exp().double()
    drop = 1.0 - held.sum() + held.cumsum(-1) <= 1 - mass
    drop[-1] = False
    kept = order[~drop].sort().values
    return Few(few.tokens[kept], few.logits[kept])


def _min_p(logits: Tensor, s: SamplingSettings) -> Few:
    least = logits.max() + torch.tensor(s.min_p).log() - _MARGIN
    tokens = (logits >= least).nonzero().squeeze(-1)
    return Few(tokens, min_p(logits[tokens], s.min_p))


NARROWING: dict[str, Callable[[Tensor, SamplingSettings], Few | None]] = {
    "top_k": _top_k,
    "top_p": _top_p,
    "min_p": _min_p,
}
"""The cuts by name: logits (V,) to what is left; None: the filter has to look at all of them."""


def race(logits: Tensor, generator: torch.Generator, size: int = 0, tokens: Tensor | None = None) -> Tensor:
    """Draw from logits (..., V): each token waits an exponential time divided by its chance, the first wins.

    Args:
        logits: Of all tokens, or of those in `tokens` (K,).
        generator: The source of chance; it moves on by one draw a token of the vocabulary, cut or not.
        size: V, if only some tokens run.
        tokens: Those that run, ascending; None: all.

    Returns:
        Places in the last dimension of `logits`.
    """
    shape = logits.shape if tokens is None else (size,)
    luck = torch.rand(shape, dtype=torch.float64, generator=generator, device=generator.device)
    if tokens is not None:
        luck = luck[tokens.to(luck.device)]
    waits = luck.neg_().log1p_().neg_().float().to(logits.device)
    return (logits.softmax(-1) / waits).argmax(-1)
