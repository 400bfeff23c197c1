"""Train BERT's two objectives together: say the hidden words, and say whether B follows A.

One row is ``[CLS] A [SEP] B [SEP]``. The loss is the mean over hidden words plus the mean over pairs, as in
the paper (arXiv:1810.04805, appendix A.2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from aigc_tui.course.masked_lm.bert import MaskedLM
from aigc_tui.course.masked_lm.data import (
    CLS,
    PAD,
    SEP,
    Document,
    MaskRule,
    Pair,
    make_pairs,
    mask_row,
    mask_rule,
    shift,
)
from aigc_tui.inference.tokens import special_id
from aigc_tui.training.data_loader import IGNORED, EpochLoader, padded, real_tokens


@dataclass(frozen=True, slots=True)
class MaskedBatch:
    """Rows of pairs with hidden words.

    Args:
        tokens: What the model reads (B, T).
        types: 0 for ``[CLS] A [SEP]``, 1 for ``B [SEP]`` (B, T).
        real: False for padding (B, T).
        targets: The hidden tokens, IGNORED elsewhere (B, T).
        follows: IS_NEXT or IS_RANDOM (B,).
        weights: What a pair counts against a hidden word, so that both objectives weigh the same (B,).
    """

    tokens: Tensor
    types: Tensor
    real: Tensor
    targets: Tensor
    follows: Tensor
    weights: Tensor

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        return self.tokens, self.types, self.real, self.targets, self.follows, self.weights

    @property
    def counted(self) -> int:
        return int((self.targets != IGNORED).sum())


class PairRows:
    """Makes rows of pairs: special tokens around them, words hidden."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.cls, self.sep, self.pad = (special_id(tokenizer, token) for token in (CLS, SEP, PAD))
        self.rule: MaskRule = mask_rule(tokenizer)

    def collate(self, pairs: Sequence[Pair], random: Random) -> MaskedBatch:
        """Make a batch; ``random`` chooses what is hidden."""
        shown, targets, types = [], [], []
        for pair in pairs:
            first, second = pair.first, pair.second
            ids = [self.cls, *first.ids, self.sep, *second.ids, self.sep]
            words = shift(first.words, 1) + shift(second.words, len(first.ids) + 2)
            row = mask_row(ids, words, self.rule, random)
            shown.append(row.ids)
            targets.append(row.targets)
            types.append([0] * (len(first.ids) + 2) + [1] * (len(second.ids) + 1))
        hidden = padded(targets, IGNORED)
        weight = int((hidden != IGNORED).sum()) / len(pairs)
        return MaskedBatch(
            padded(shown, self.pad),
            padded(types, 0),
            real_tokens(shown),
            hidden,
            torch.tensor([pair.label for pair in pairs]),
            torch.full((len(pairs),), weight),
        )

    def source(self, documents: Sequence[Document], room: int, seed: int) -> EpochLoader[Pair, MaskedBatch]:
        """Stream batches of new pairs with new masks from documents (see :func:`make_pairs`)."""

        def pairs(random: Random) -> list[Pair]:
            made = list(make_pairs(documents, room, random))
            random.shuffle(made)
            return made

        return EpochLoader(pairs, self.collate, seed)


def masked_loss(
    model: MaskedLM,
    tokens: Tensor,
    types: Tensor,
    real: Tensor,
    targets: Tensor,
    follows: Tensor,
    weights: Tensor,
) -> Tensor:
    """Sum of -log p over hidden words, and over pairs times their weight, in nats (a 0-d tensor)."""
    hidden = model.bert(tokens, types, real)
    chosen = targets != IGNORED
    words = model.score_words(hidden[chosen]).float()
    loss = functional.cross_entropy(words, targets[chosen], reduction="sum")
    pairs = model.score_next(hidden)
    if pairs is None:
        return loss
    return loss + (functional.cross_entropy(pairs.float(), follows, reduction="none") * weights).sum()


@dataclass(frozen=True, slots=True)
class MaskedReport:
    """How a model did on rows that it did not learn from; accuracies are shares from 0 to 1.

    Args:
        words: Hidden words that were judged.
        word_accuracy: Of those, the share said rightly.
        unigram_accuracy: The same for always saying the most frequent token of the training text.
        pairs: Pairs that were judged.
        next_accuracy: Of those, the share told rightly.
        majority_accuracy: The same for always saying the more frequent answer.
    """

    words: int
    word_accuracy: float
    unigram_accuracy: float
    pairs: int
    next_accuracy: float
    majority_accuracy: float


@torch.no_grad()
def measure(model: MaskedLM, batches: Iterable[MaskedBatch], frequent: int) -> MaskedReport:
    """Judge a model by held-out rows.

    Args:
        model: In evaluation mode.
        batches: The rows.
        frequent: The most frequent token of the training text, for the baseline.
    """
    words: list[Tensor] = []
    said: list[Tensor] = []
    follows: list[Tensor] = []
    told: list[Tensor] = []
    for batch in batches:
        hidden = model.bert(batch.tokens, batch.types, batch.real)
        chosen = batch.targets != IGNORED
        words.append(batch.targets[chosen])
        said.append(model.score_words(hidden[chosen]).argmax(dim=-1))
        pairs = model.score_next(hidden)
        if pairs is not None:
            follows.append(batch.follows)
            told.append(pairs.argmax(dim=-1))
    asked, answers = torch.cat(words), torch.cat(follows) if follows else torch.zeros(0)
    return MaskedReport(
        words=len(asked),
        word_accuracy=_share(asked == torch.cat(said)),
        unigram_accuracy=_share(asked == frequent),
        pairs=len(answers),
        next_accuracy=_share(answers == torch.cat(told)) if told else 0.0,
        majority_accuracy=max(_share(answers == 0), _share(answers == 1)) if told else 0.0,
    )


def most_frequent_token(documents: Iterable[Document]) -> int:
    """Return the id that a model which reads nothing should always say."""
    counts = Counter(token for document in documents for sentence in document for token in sentence.ids)
    return counts.most_common(1)[0][0]


def _share(right: Tensor) -> float:
    return float(right.float().mean()) if len(right) else 0.0
