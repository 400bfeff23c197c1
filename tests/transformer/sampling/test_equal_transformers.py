"""Each filter equals transformers' of the same name, on any scores, alone and in batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import (
    ClassifierFreeGuidanceLogitsProcessor,
    EncoderRepetitionPenaltyLogitsProcessor,
    EpsilonLogitsWarper,
    EtaLogitsWarper,
    MinPLogitsWarper,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    SequenceBiasLogitsProcessor,
    TemperatureLogitsWarper,
    TopHLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

from aigc_tui.transformer.sampling import Context, SamplingSettings, filtered
from aigc_tui.transformer.sampling.filters import (
    epsilon,
    eta,
    guidance,
    min_p,
    temperature,
    top_h,
    top_k,
    top_p,
    typical,
)
from aigc_tui.transformer.sampling.penalties import (
    encoder_repetition_penalty,
    no_repeat_ngram,
    repetition_penalty,
    sequence_bias,
)

Filter = Callable[[Tensor, Tensor], Tensor]
VOCABULARY = 12
SCORES = st.lists(
    st.lists(st.floats(-15, 15, width=16), min_size=VOCABULARY, max_size=VOCABULARY), min_size=1, max_size=3
).map(torch.tensor)
TEXTS = st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=20)
BIASES = [[[3], -1.5], [[4, 5], 2.0], [[1, 2, 6], 8.0]]

PAIRS: dict[str, tuple[Filter, Callable[[Tensor], Any]]] = {
    "temperature": (lambda x, _: temperature(x, 0.6), lambda _: TemperatureLogitsWarper(0.6)),
    "top_k": (lambda x, _: top_k(x, 5), lambda _: TopKLogitsWarper(5)),
    "top_p": (lambda x, _: top_p(x, 0.8), lambda _: TopPLogitsWarper(0.8)),
    "min_p": (lambda x, _: min_p(x, 0.1), lambda _: MinPLogitsWarper(0.1)),
    "typical": (lambda x, _: typical(x, 0.7), lambda _: TypicalLogitsWarper(0.7)),
    "epsilon": (lambda x, _: epsilon(x, 0.05), lambda _: EpsilonLogitsWarper(0.05)),
    "eta": (lambda x, _: eta(x, 0.1), lambda _: EtaLogitsWarper(0.1)),
    "top_h": (lambda x, _: top_h(x, 0.6), lambda _: TopHLogitsWarper(0.6)),
    "repetition": (
        lambda x, ids: repetition_penalty(x, ids, 1.3),
        lambda _: RepetitionPenaltyLogitsProcessor(1.3),
    ),
    "encoder": (
        lambda x, ids: encoder_repetition_penalty(x, ids, 1.4),
        lambda ids: EncoderRepetitionPenaltyLogitsProcessor(1.4, ids),
    ),
    "bigrams": (lambda x, ids: no_repeat_ngram(x, ids, 2), lambda _: NoRepeatNGramLogitsProcessor(2)),
    "single tokens": (lambda x, ids: no_repeat_ngram(x, ids, 1), lambda _: NoRepeatNGramLogitsProcessor(1)),
    "bias": (
        lambda x, ids: sequence_bias(x, ids, [(sequence, bias) for sequence, bias in BIASES]),  # type: ignore[misc]
        lambda _: SequenceBiasLogitsProcessor(BIASES),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
@settings(max_examples=40)
@given(scores=SCORES, text=TEXTS)
def test_a_filter_equals_that_of_transformers(name: str, scores: Tensor, text: list[int]) -> None:
    ours, theirs = PAIRS[name]
    ids = torch.tensor([text] * len(scores))
    expected = theirs(ids)(ids, scores.clone())
    torch.testing.assert_close(ours(scores, ids), expected)
    torch.testing.assert_close(ours(scores[0], ids[0]), expected[0])


@given(SCORES, st.floats(1.01, 4))
def test_guidance_equals_that_of_transformers(scores: Tensor, scale: float) -> None:
    without = scores.flip(-1)
    theirs = ClassifierFreeGuidanceLogitsProcessor(scale)(
        torch.zeros(len(scores), 1), torch.cat([scores.log_softmax(-1), without.log_softmax(-1)])
    )
    torch.testing.assert_close(guidance(scores, without, scale), theirs)


@pytest.mark.parametrize("seed", range(5))
def test_the_whole_chain_equals_transformers_in_its_order(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(2, 300, generator=generator) * 4
    ids = torch.randint(300, (2, 40), generator=generator)
    theirs = scores.clone()
    for warper in (
        RepetitionPenaltyLogitsProcessor(1.3),
        NoRepeatNGramLogitsProcessor(2),
        TemperatureLogitsWarper(0.8),
        TopHLogitsWarper(0.99),
        TopKLogitsWarper(50),
        TopPLogitsWarper(0.95),
        MinPLogitsWarper(0.01),
        TypicalLogitsWarper(0.95),
        EpsilonLogitsWarper(0.001),
        EtaLogitsWarper(0.002),
    ):
        theirs = warper(ids, theirs)
    settings = SamplingSettings(
        repetition_penalty=1.3, no_repeat_ngram=2, temperature=0.8, top_h=0.99, top_k=50,
        top_p=0.95, min_p=0.01, typical_p=0.95, epsilon=0.001, eta=0.002,
    )  # fmt: skip
    torch.testing.assert_close(filtered(scores, settings, Context(recent=ids, reply=ids)), theirs)
