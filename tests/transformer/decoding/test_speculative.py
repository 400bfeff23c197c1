"""Speculation changes the number of passes and nothing else: the text is distributed as the model's own."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.transformer.decoding import Chooser, DraftModel, Limits, PromptLookup, speculative, verify
from aigc_tui.transformer.sampling import SamplingError, SamplingSettings
from tests.transformer.decoding.models import END, Table, cached, greedy, random_table, tiny

GREEDY = SamplingSettings(temperature=0.0)
PROMPT = torch.tensor([[0, 9, 12]])


def chooser(settings: SamplingSettings, prompt: int, seed: int = 0) -> Chooser:
    return Chooser(settings, prompt, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("ahead", [1, 3, 7])
@pytest.mark.parametrize("seed", range(3))
def test_greedy_speculation_with_any_draft_writes_the_greedy_text(ahead: int, seed: int) -> None:
    model, limits = tiny(), Limits(14, frozenset({END}))
    prompt = torch.randint(8, 40, (1, 6), generator=torch.Generator().manual_seed(seed))
    chain = chooser(GREEDY, 6)
    draft = DraftModel(cached(tiny(seed + 50, width=16)), chain)
    made = speculative(cached(model), draft, prompt, limits, chain, ahead)
    assert made.tokens == greedy(cached(model), prompt, limits)[0]


def test_a_draft_that_knows_the_model_is_never_wrong() -> None:
    model, chain = tiny(), chooser(GREEDY, 3)
    made = speculative(cached(model), DraftModel(cached(model), chain), PROMPT, Limits(21), chain, 4)
    assert len(made.tokens) == 21
    assert made.accepted == made.proposed > 0
    assert made.passes <= 6


def test_prompt_lookup_writes_the_greedy_text_and_copies_what_repeats() -> None:
    loop = torch.full((5, 5), -9.0)
    for token in range(5):
        loop[token, (token + 1) % 5] = 9.0
    prompt = torch.tensor([[0, 1, 2, 3, 4, 0]])
    made = speculative(Table(loop), PromptLookup(), prompt, Limits(20), chooser(GREEDY, 6), 5)
    assert made.tokens == greedy(Table(loop), prompt, Limits(20))[0]
    assert made.passes < 6
    model = tiny()
    looked_up = speculative(cached(model), PromptLookup(), PROMPT, Limits(30), chooser(GREEDY, 3))
    assert looked_up.tokens == greedy(cached(model), PROMPT, Limits(30))[0]


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (SamplingSettings(), "draft"),
        (SamplingSettings(temperature=0.7, top_k=3, presence_penalty=0.5), "draft"),
        (SamplingSettings(), "lookup"),
    ],
)
def test_the_texts_are_distributed_as_the_models_own(settings: SamplingSettings, kind: str) -> None:
    """Pearson's chi-square over all texts of three tokens from a vocabulary of four."""
    target, size, drawn = random_table(1, 4), 4, 2000
    prompt = torch.tensor([[0, 1, 0, 2, 1, 0]])
    chain = chooser(settings, 6, seed=7)
    expected = {
        text: math.prod(
            float(chain.distribution(target.forward(torch.tensor([[seen[-1]]]))[0, -1], seen)[token])
            for seen, token in (
                ([*prompt[0].tolist(), *text[:place]], token) for place, token in enumerate(text)
            )
        )
        for text in product(range(size), repeat=3)
    }
    counted: Counter[tuple[int, ...]] = Counter()
    for _ in range(drawn):
        guesser = DraftModel(random_table(2, 4), chain) if kind == "draft" else PromptLookup()
        counted[tuple(speculative(random_table(1, 4), guesser, prompt, Limits(3), chain, 2).tokens)] += 1
    assert all(expected[text] > 0 for text in counted)
    cells = [(counted[text], drawn * chance) for text, chance in expected.items() if drawn * chance >= 5]
    statistic = sum((seen - wanted) ** 2 / wanted for seen, wanted in cells)
    freedom = len(cells) - 1
    # Wilson and Hilferty: the cube root of chi-square over its freedom is nearly normal; 4 sigma bounds it.
    normal = ((statistic / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / math.sqrt(2 / (9 * freedom))
    assert normal < 4


CHANCES = st.lists(st.integers(0, 20), min_size=4, max_size=4).filter(any)


@given(p=CHANCES, q=CHANCES)
def test_keeping_and_replacing_add_up_to_the_models_probabilities(p: list[int], q: list[int]) -> None:
    """The identity behind the method (appendix A.1 of arXiv:2211.17192), with exact sums."""
    target = torch.tensor(p, dtype=torch.float64) / sum(p)
    drafted = torch.tensor(q, dtype=torch.float64) / sum(q)
    kept = torch.minimum(target, drafted)
    rest = (target - drafted).clamp(min=0)
    total = kept + (1 - kept.sum()) * (rest / rest.sum() if rest.any() else rest)
    torch.testing.assert_close(total, target)


def test_a_guess_that_cannot_be_is_never_kept() -> None:
    target = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    drafted = torch.tensor([[1.0, 0.0]])
    assert verify(target, drafted, [0], torch.Generator()) == (0, 1)
    assert verify(torch.flip(target, [0]), drafted, [0], torch.Generator()) == (1, 1)


def test_it_ends_where_the_text_ends_even_inside_the_guesses() -> None:
    chain = torch.full((4, 4), -9.0)
    chain[0, 1] = chain[1, 2] = chain[2, 3] = chain[3, 0] = 9.0
    prompt = torch.tensor([[0, 1, 2, 3, 0]])
    made = speculative(Table(chain), PromptLookup(), prompt, Limits(9, frozenset({3})), chooser(GREEDY, 5))
    assert made.tokens == [1, 2]


def test_mirostat_is_refused() -> None:
    with pytest.raises(SamplingError, match="guessing ahead"):
        speculative(
            Table(torch.zeros(2, 2)),
            PromptLookup(),
            PROMPT,
            Limits(2),
            chooser(SamplingSettings(mirostat=2), 3),
        )
