"""Hide words for a masked LM: 15 of 100 tokens, of which 80 % become [MASK], 10 % random, 10 % stay.

Why not all [MASK]: that token never occurs when the model is used. A random or unchanged token makes the
model keep an opinion about every position (Devlin et al., arXiv:1810.04805, section 3.1 and appendix A.1).
Masks are drawn anew each time a row is read, as in RoBERTa (arXiv:1907.11692, section 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from aigc_tui.course.objectives.words import Group
from aigc_tui.training.packing import IGNORED


@dataclass(frozen=True, slots=True)
class MaskRule:
    """How much is hidden, and how.

    Args:
        mask_id: Id of [MASK].
        ordinary: Ids that a random token is drawn from: the vocabulary without special tokens.
        share: Share of a row's maskable tokens that has to be predicted.
        masked: Of those, the share that becomes [MASK].
        random: Of those, the share that becomes any token; the rest stays.
    """

    mask_id: int
    ordinary: Sequence[int]
    share: float = 0.15
    masked: float = 0.8
    random: float = 0.1


@dataclass(frozen=True, slots=True)
class MaskedRow:
    """What the model reads, and what it has to say: the token at chosen positions, IGNORED elsewhere."""

    ids: list[int]
    targets: list[int]


def mask_row(ids: Sequence[int], words: Sequence[Group], rule: MaskRule, random: Random) -> MaskedRow:
    """Hide whole words of a row.

    Args:
        ids: Token ids of the row.
        words: Positions of each word; a position in none of them (a special token) is never hidden.
        rule: How much, and how.
        random: Decides.
    """
    shown, targets = list(ids), [IGNORED] * len(ids)
    for position in choose_words(words, rule.share, random):
        targets[position] = ids[position]
        shown[position] = _disguise(ids[position], rule, random)
    return MaskedRow(shown, targets)


def choose_words(words: Sequence[Group], share: float, random: Random) -> list[int]:
    """Draw words until ``share`` of all tokens is reached; one too long for what is left is passed over."""
    budget = max(1, round(share * sum(map(len, words)))) if words else 0
    chosen: list[int] = []
    for word in random.sample(list(words), len(words)):
        if len(chosen) + len(word) <= budget:
            chosen += word
        if len(chosen) == budget:
            break
    return chosen


def _disguise(token: int, rule: MaskRule, random: Random) -> int:
    draw = random.random()
    if draw < rule.masked:
        return rule.mask_id
    return random.choice(rule.ordinary) if draw < rule.masked + rule.random else token
