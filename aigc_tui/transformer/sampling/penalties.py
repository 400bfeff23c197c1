"""Penalties on single tokens: what was said already counts less (or more) than the model thinks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from aigc_tui.transformer.sampling.support import counts


def repetition_penalty(scores: Tensor, ids: Tensor, penalty: float) -> Tensor:
    """Divide the positive scores of tokens already seen by the penalty, and multiply the negative ones.

    CTRL: Keskar et al., arXiv:1909.05858, section 4.1.

    Args:
        scores: Shape (V,) or (B, V).
        ids: The tokens seen (T,) or (B, T); negative ones are padding.
        penalty: Above 1 discourages them, below 1 favours them, 1 is neutral.
    """
    if penalty == 1.0 or not ids.numel():
        return scores
    lowered = torch.where(scores < 0, scores * penalty, scores / penalty)
    return torch.where(counts(scores, ids) > 0, lowered, scores)


def encoder_repetition_penalty(scores: Tensor, prompt: Tensor, penalty: float) -> Tensor:
    """Favour (above 1) the tokens of the prompt, so that a summary or an answer keeps to its source.

    The repetition penalty turned round. transformers' `EncoderRepetitionPenaltyLogitsProcessor`
    ("hallucination penalty"), after Keskar et al., arXiv:1909.05858.

    Args:
        scores: Shape (V,) or (B, V).
        prompt: The tokens of the prompt (T,) or (B, T).
        penalty: 1 is neutral.
    """
    return repetition_penalty(scores, prompt, 1.0 / penalty)


def presence_penalty(scores: Tensor, ids: Tensor, penalty: float) -> Tensor:
    """Lower the score of each token that was used, once; 0 is neutral. OpenAI API, `presence_penalty`."""
    if penalty == 0.0 or not ids.numel():
        return scores
    return scores - penalty * (counts(scores, ids) > 0)


def frequency_penalty(scores: Tensor, ids: Tensor, penalty: float) -> Tensor:
    """Lower the score of a token once for each use; 0 is neutral. OpenAI API, `frequency_penalty`."""
    if penalty == 0.0 or not ids.numel():
        return scores
    return scores - penalty * counts(scores, ids)


def sequence_bias(scores: Tensor, ids: Tensor, biases: Iterable[tuple[Sequence[int], float]]) -> Tensor:
    """Add to the score of a token where it would complete a given sequence.

    transformers' `SequenceBiasLogitsProcessor`; a bias of minus infinity bans the sequence.

    Args:
        scores: Shape (V,) or (B, V).
        ids: The text so far (T,) or (B, T).
        biases: Token sequences, each with what is added.
    """
    added = torch.zeros_like(scores)
    for sequence, bias in biases:
        *before, last = sequence
        if len(before) > ids.shape[-1]:
            continue
        tail = ids[..., ids.shape[-1] - len(before) :]
        matches = (tail == torch.tensor(before, dtype=ids.dtype, device=ids.device)).all(-1)
        added[..., last] += torch.where(matches, bias, 0.0)
    return scores + added if added.any() else scores
