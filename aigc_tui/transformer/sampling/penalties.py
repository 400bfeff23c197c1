"""Penalties: what was said already counts less (or more), single tokens and sequences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import torch
from torch import Tensor

from aigc_tui.transformer.sampling.filters import NEVER


def repetition_penalty(logits: Tensor, ids: Tensor, penalty: float) -> Tensor:
    """Divide the positive logits of tokens already seen by the penalty, and multiply the negative ones.

    CTRL: Keskar et al., arXiv:1909.05858, section 4.1.

    Args:
        logits: Shape (V,) or (B, V).
        ids: The tokens seen (T,) or (B, T); negative ones are padding.
        penalty: Above 1 discourages them, below 1 favours them, 1 is neutral.
    """
    if penalty == 1.0 or not ids.numel():
        return logits
    return _where_seen(logits, ids, lambda x, _: torch.where(x < 0, x * penalty, x / penalty))


def encoder_repetition_penalty(logits: Tensor, prompt: Tensor, penalty: float) -> Tensor:
    """Favour (above 1) the tokens of the prompt, so that a summary or an answer keeps to its source.

    The repetition penalty turned round. transformers' `EncoderRepetitionPenaltyLogitsProcessor`
    ("hallucination penalty"), after Keskar et al., arXiv:1909.05858.

    Args:
        logits: Shape (V,) or (B, V).
        prompt: The tokens of the prompt (T,) or (B, T).
        penalty: 1 is neutral.
    """
    return repetition_penalty(logits, prompt, 1.0 / penalty)


def presence_penalty(logits: Tensor, ids: Tensor, penalty: float) -> Tensor:
    """Lower the score of each token that was used, once; 0 is neutral. OpenAI API, `presence_penalty`."""
    if penalty == 0.0 or not ids.numel():
        return logits
    return _where_seen(logits, ids, lambda x, _: x - penalty)


def frequency_penalty(logits: Tensor, ids: Tensor, penalty: float) -> Tensor:
    """Lower the score of a token once for each use; 0 is neutral. OpenAI API, `frequency_penalty`."""
    if penalty == 0.0 or not ids.numel():
        return logits
    return _where_seen(logits, ids, lambda x, times: x - penalty * times)


def sequence_bias(logits: Tensor, ids: Tensor, biases: Iterable[tuple[Sequence[int], float]]) -> Tensor:
    """Add to the score of a token where it would complete a given sequence.

    transformers' `SequenceBiasLogitsProcessor`; a bias of minus infinity bans the sequence.

    Args:
        logits: Shape (V,) or (B, V).
        ids: The text so far (T,) or (B, T).
        biases: Token sequences, each with what is added.
    """
    added = torch.zeros_like(logits)
    for sequence, bias in biases:
        *before, last = sequence
        if len(before) > ids.shape[-1]:
            continue
        tail = ids[..., ids.shape[-1] - len(before) :]
        matches = (tail == torch.tensor(before, dtype=ids.dtype, device=ids.device)).all(-1)
        added[..., last] += torch.where(matches, bias, 0.0)
    return logits + added if added.any() else logits


_LONGEST_MATCH = 50
"""DRY counts matches up to this length; base ** 50 is beyond any score already."""


def no_repeat_ngram(logits: Tensor, ids: Tensor, size: int) -> Tensor:
    """Ban each token that would complete a sequence of `size` tokens that was there before; 0 bans none.

    Paulus, Xiong and Socher, "A deep reinforced model for abstractive summarization", arXiv:1705.04304, 2.5.

    Args:
        logits: Shape (V,) or (B, V).
        ids: The text so far (T,) or (B, T).
        size: The length of the sequences.
    """
    if size <= 0:
        return logits
    return _row_by_row(logits, ids, lambda row, text: _without_repeats(row, text, size))


def dry(
    logits: Tensor,
    ids: Tensor,
    multiplier: float,
    base: float = 1.75,
    allowed_length: int = 2,
    span: int = 0,
    breakers: Collection[int] = (),
) -> Tensor:
    """Penalise each token that would prolong a repetition, the more the longer it is.

    "Don't repeat yourself": a token that followed an earlier occurrence of the last n tokens loses
    multiplier * base ^ (n - allowed_length), if n reaches allowed_length.
    p-e-w, text-generation-webui pull request 5677, 2024.

    Args:
        logits: Shape (V,) or (B, V).
        ids: The text so far (T,) or (B, T).
        multiplier: The strength; 0 is neutral.
        base: How fast the penalty grows with the length of the repetition.
        allowed_length: Repetitions shorter than this cost nothing.
        span: How many of the last tokens are searched; 0: all.
        breakers: Tokens that no repetition reaches across (line ends, quotation marks, role tokens).
    """
    if multiplier <= 0.0:
        return logits

    def penalised(row: Tensor, text: Sequence[int]) -> Tensor:
        lengths = _repeats(text[-span:] if span > 0 else text, frozenset(breakers))
        over = {token: n - allowed_length for token, n in lengths.items() if n >= allowed_length}
        if not over:
            return row
        penalty = row.new_tensor([multiplier * base**n for n in over.values()])
        tokens = torch.tensor(list(over), device=row.device)
        return row.index_put((tokens,), row[tokens] - penalty)

    return _row_by_row(logits, ids, penalised)


def _repeats(text: Sequence[int], breakers: Collection[int]) -> dict[int, int]:
    """Find for each possible next token how long a repetition it would prolong.

    The Z-function of the reversed text gives the longest common suffix of the text with each of its
    prefixes, in linear time (Gusfield, "Algorithms on strings", 1997, section 1.4).
    """
    stop = next((n for n, token in enumerate(reversed(text)) if token in breakers), len(text))
    longest = min(stop, _LONGEST_MATCH)
    backward = list(reversed(text))
    found: dict[int, int] = {}
    for place, common in enumerate(_z_function(backward)):
        token = backward[place - 1] if place else -1
        if common and token not in breakers and token >= 0:
            found[token] = max(found.get(token, 0), min(common, longest))
    return {token: length for token, length in found.items() if length}


def _z_function(text: Sequence[int]) -> list[int]:
    """Return for each place how much of the text's own beginning starts there; 0 for the first place."""
    size = len(text)
    lengths = [0] * size
    left = right = 0
    for place in range(1, size):
        length = min(right - place, lengths[place - left]) if place < right else 0
        while place + length < size and text[length] == text[place + length]:
            length += 1
        lengths[place] = length
        if place + length > right:
            left, right = place, place + length
    return lengths


def _without_repeats(row: Tensor, text: Sequence[int], size: int) -> Tensor:
    if len(text) < size:
        return row
    tail = tuple(text[len(text) - size + 1 :])
    starts = range(len(text) - size + 1)
    banned = [text[start + size - 1] for start in starts if tuple(text[start : start + size - 1]) == tail]
    return row.index_fill(0, torch.tensor(banned, dtype=torch.long, device=row.device), NEVER)


def _where_seen(logits: Tensor, ids: Tensor, change: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Change the scores of the tokens in `ids`, by the scores (N,) and how often each occurs (N,).

    A text has a few hundred tokens, a vocabulary 150,000: the others are copied and not computed.
    """
    if logits.ndim > 1:
        rows = zip(logits, ids, strict=True)
        return torch.stack([_where_seen(row, text, change) for row, text in rows])
    seen, times = ids[ids >= 0].unique(return_counts=True)  # type: ignore[no-untyped-call]
    return logits.index_put((seen,), change(logits[seen], times.to(logits.dtype)))


def _row_by_row(logits: Tensor, ids: Tensor, change: Callable[[Tensor, Sequence[int]], Tensor]) -> Tensor:
    """Apply a change to each row with its own text; padding (negative tokens) is left out of the text."""
    if logits.ndim == 1:
        return change(logits, [token for token in ids.tolist() if token >= 0])
    return torch.stack([_row_by_row(row, text, change) for row, text in zip(logits, ids, strict=True)])
