"""How the next token is drawn: one visible chain of pure functions over the scores.

Why it exists: the chain is shown to the user, and each link can be read beside its paper. All of them take
and return scores of shape (V,) in float32; a neutral setting returns the scores untouched. The order is that
of transformers' warpers, with the penalties in front, where llama.cpp and vLLM have them too: penalties speak
of raw scores, temperature shapes the distribution, and the filters cut what remains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from aigc_tui.engine.protocol import Sampling

NEVER = float("-inf")
COLDEST = 1e-5
"""Temperatures below count as 0: scores divided by them could exceed what float32 holds."""


class ScoresError(ArithmeticError):
    """A model's scores are no numbers to draw by; its weights are damaged, or too large for their type."""


@dataclass(frozen=True, slots=True)
class History:
    """The tokens that penalties look at."""

    recent: Sequence[int]
    """The last tokens of prompt and reply, control tokens left out."""
    reply: Sequence[int]
    """The tokens of the reply so far."""


def repetition(scores: Tensor, ids: Sequence[int], penalty: float) -> Tensor:
    """Divide the positive scores of tokens already seen by the penalty, and multiply the negative ones.

    CTRL (Keskar et al., arXiv:1909.05858), section 4.1.
    """
    if penalty == 1.0 or not ids:
        return scores
    seen = torch.tensor(sorted(set(ids)))
    old = scores[seen]
    return scores.index_put((seen,), torch.where(old < 0, old * penalty, old / penalty))


def presence(scores: Tensor, ids: Sequence[int], penalty: float) -> Tensor:
    """Lower the score of each token that the reply holds, once. OpenAI API reference, `presence_penalty`."""
    if penalty == 0.0 or not ids:
        return scores
    seen = torch.tensor(sorted(set(ids)))
    return scores.index_put((seen,), scores[seen] - penalty)


def frequency(scores: Tensor, ids: Sequence[int], penalty: float) -> Tensor:
    """Lower the score of a token once for each time the reply holds it. OpenAI API, `frequency_penalty`."""
    if penalty == 0.0 or not ids:
        return scores
    return scores - penalty * torch.bincount(torch.tensor(ids), minlength=scores.shape[-1])


def temperature(scores: Tensor, value: float) -> Tensor:
    """Flatten (above 1) or sharpen (below 1) the distribution. Ackley et al., Cognitive Science 9, 1985."""
    return scores if value == 1.0 else scores / value


def top_k(scores: Tensor, count: int) -> Tensor:
    """Keep the best `count` tokens; 0 keeps all. Fan et al., arXiv:1805.04833, section 5.4."""
    if count <= 0 or count >= scores.shape[-1]:
        return scores
    return scores.masked_fill(scores < torch.topk(scores, count).values[-1], NEVER)


def top_p(scores: Tensor, mass: float) -> Tensor:
    """Keep the fewest best tokens that hold so much probability. Holtzman et al., arXiv:1904.09751."""
    if mass >= 1.0:
        return scores
    ascending, order = torch.sort(scores)
    drop = ascending.softmax(-1).cumsum(-1) <= 1 - mass
    drop[-1] = False
    return scores.masked_fill(_scatter(drop, order), NEVER)


def min_p(scores: Tensor, share: float) -> Tensor:
    """Keep tokens at least so likely as a share of the likeliest one. Nguyen et al., arXiv:2407.01082."""
    if share <= 0.0:
        return scores
    chances = scores.softmax(-1)
    drop = chances < share * chances.max()
    drop[scores.argmax()] = False
    return scores.masked_fill(drop, NEVER)


def typical(scores: Tensor, mass: float) -> Tensor:
    """Keep the tokens whose surprise is nearest the expected one. Meister et al., arXiv:2202.00666."""
    if mass >= 1.0:
        return scores
    surprise = -torch.log_softmax(scores, -1)
    expected = (surprise * (-surprise).exp()).nan_to_num(0.0).sum()
    order = torch.sort((surprise - expected).abs()).indices
    held = scores[order].softmax(-1).cumsum(-1)
    last = int((held < mass).sum().clamp(max=len(held) - 1))
    drop = torch.arange(len(held)) > last
    return scores.masked_fill(_scatter(drop, order), NEVER)


def _scatter(sorted_mask: Tensor, order: Tensor) -> Tensor:
    """Bring a mask over sorted scores back into the order of the vocabulary."""
    return torch.zeros_like(sorted_mask).scatter(0, order, sorted_mask)


Step = Callable[[Tensor, Sampling, History], Tensor]

ORDER: tuple[tuple[str, Step], ...] = (
    ("repetition_penalty", lambda x, s, h: repetition(x, h.recent, s.repetition_penalty)),
    ("presence_penalty", lambda x, s, h: presence(x, h.reply, s.presence_penalty)),
    ("frequency_penalty", lambda x, s, h: frequency(x, h.reply, s.frequency_penalty)),
    ("temperature", lambda x, s, h: temperature(x, s.temperature)),
    ("top_k", lambda x, s, h: top_k(x, s.top_k)),
    ("top_p", lambda x, s, h: top_p(x, s.top_p)),
    ("min_p", lambda x, s, h: min_p(x, s.min_p)),
    ("typical_p", lambda x, s, h: typical(x, s.typical_p)),
)
"""The chain, first link first. Temperature 0 ends it after the penalties: the best token is taken."""


def is_greedy(sampling: Sampling) -> bool:
    """Tell whether the best token is taken, without chance."""
    return sampling.temperature < COLDEST


def filtered(scores: Tensor, sampling: Sampling, history: History) -> Tensor:
    """Send scores (V,) through the chain."""
    scores = scores.float()
    for name, step in ORDER:
        if name == "temperature" and is_greedy(sampling):
            break
        scores = step(scores, sampling, history)
    return scores


def draw(scores: Tensor, sampling: Sampling, history: History, generator: torch.Generator) -> int:
    """Choose the next token.

    Args:
        scores: The model's scores for the next token (V,).
        sampling: The settings of the chain.
        history: What the penalties look at.
        generator: The source of chance; the same seed draws the same tokens.

    Raises:
        ScoresError: A score is NaN or infinite, or no token may come.
    """
    # The largest one tells of all: NaN beats every number, and -inf alone may rule a token out.
    if not bool(scores.max().isfinite()):
        raise ScoresError("the model's scores are no finite numbers; copy or pull it again")
    scores = filtered(scores, sampling, history)
    if is_greedy(sampling):
        return int(scores.argmax())
    return int(torch.multinomial(scores.softmax(-1), 1, generator=generator))
