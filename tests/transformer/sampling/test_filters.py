"""What each filter promises beyond equality: neutral changes nothing, a token stays, rows are alone."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from aigc_tui.transformer.sampling import filters, penalties
from aigc_tui.transformer.sampling.filters import NEVER, guidance, xtc

SCORES = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=40).map(torch.tensor)
TEXT = st.lists(st.integers(0, 3), max_size=40)
CUTS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "top_k": lambda x, v: filters.top_k(x, 1 + int(v * 10)),
    "top_p": filters.top_p,
    "min_p": filters.min_p,
    "epsilon": filters.epsilon,
    "top_n_sigma": filters.top_n_sigma,
    "typical": filters.typical,
    "eta": filters.eta,
    "top_h": filters.top_h,
    "xtc": lambda x, v: xtc(x, 1.0, v / 2, torch.Generator()),
    "mirostat_1": lambda x, v: filters.mirostat_1(x, 8 * v),
    "mirostat_2": lambda x, v: filters.mirostat_2(x, 8 * v),
}
IDS = torch.tensor([0, 1, 0])
NEUTRAL: dict[str, Callable[[Tensor], Tensor]] = {
    "temperature": lambda x: filters.temperature(x, 1.0),
    "dynamic": lambda x: filters.dynamic_temperature(x, 1.0, 1.0),
    "top_k": lambda x: filters.top_k(x, 0),
    "top_p": lambda x: filters.top_p(x, 1.0),
    "min_p": lambda x: filters.min_p(x, 0.0),
    "epsilon": lambda x: filters.epsilon(x, 0.0),
    "top_n_sigma": lambda x: filters.top_n_sigma(x, 0.0),
    "typical": lambda x: filters.typical(x, 1.0),
    "eta": lambda x: filters.eta(x, 0.0),
    "top_h": lambda x: filters.top_h(x, 1.0),
    "xtc": lambda x: xtc(x, 0.0, 0.1, torch.Generator()),
    "repetition": lambda x: penalties.repetition_penalty(x, IDS, 1.0),
    "encoder": lambda x: penalties.encoder_repetition_penalty(x, IDS, 1.0),
    "presence": lambda x: penalties.presence_penalty(x, IDS, 0.0),
    "frequency": lambda x: penalties.frequency_penalty(x, IDS, 0.0),
    "bias": lambda x: penalties.sequence_bias(x, IDS, []),
    "ngram": lambda x: penalties.no_repeat_ngram(x, IDS, 0),
    "dry": lambda x: penalties.dry(x, IDS, 0.0),
    "guidance": lambda x: guidance(x, x.flip(-1), 1.0),
}


@pytest.mark.parametrize("name", NEUTRAL)
def test_a_neutral_setting_returns_the_very_same_tensor(name: str) -> None:
    scores = torch.randn(7, generator=torch.Generator().manual_seed(0))
    assert NEUTRAL[name](scores) is scores


@pytest.mark.parametrize("name", CUTS)
@settings(max_examples=40)
@given(scores=SCORES, value=st.floats(0.01, 0.99))
def test_a_cut_leaves_a_token_and_does_not_touch_the_scores_of_those_that_stay(
    name: str, scores: Tensor, value: float
) -> None:
    given_scores = scores.clone()
    kept = CUTS[name](scores, value)
    stays = kept > NEVER
    assert bool(stays.any())
    assert torch.equal(kept[stays], scores[stays])
    assert torch.equal(scores, given_scores), "filters are pure"


@pytest.mark.parametrize("name", [name for name in CUTS if name != "xtc"])
@settings(max_examples=20)
@given(value=st.floats(0.01, 0.99), seed=st.integers(0, 99))
def test_a_batch_gives_what_its_rows_give_alone(name: str, value: float, seed: int) -> None:
    batch = torch.randn(3, 30, generator=torch.Generator().manual_seed(seed)) * 3
    rows = torch.stack([CUTS[name](row, value) for row in batch])
    assert torch.equal(CUTS[name](batch, value), rows)


@pytest.mark.parametrize("name", CUTS)
def test_tokens_that_were_cut_before_stay_cut(name: str) -> None:
    scores = torch.tensor([3.0, NEVER, 2.0, 1.0, NEVER])
    kept = CUTS[name](scores, 0.5)
    assert kept[1] == kept[4] == NEVER
    assert bool((kept > NEVER).any())


def test_presence_counts_once_and_frequency_every_time() -> None:
    scores, used = torch.zeros(4), torch.tensor([1, 1, 2, -1])
    assert penalties.presence_penalty(scores, used, 0.5).tolist() == [0, -0.5, -0.5, 0]
    assert penalties.frequency_penalty(scores, used, 0.5).tolist() == [0, -1, -0.5, 0]


def test_top_n_sigma_keeps_the_same_tokens_at_any_temperature() -> None:
    scores = torch.randn(500, generator=torch.Generator().manual_seed(1))
    scores[:3] += 6
    kept = [filters.top_n_sigma(filters.temperature(scores, t), 1.5) > NEVER for t in (0.5, 1, 4)]
    assert torch.equal(kept[0], kept[1])
    assert torch.equal(kept[1], kept[2])
    assert 0 < int(kept[1].sum()) < 10


@pytest.mark.parametrize(("low", "high"), [(0.3, 1.5), (0.0, 2.0)])
def test_dynamic_temperature_is_cold_where_sure_and_warm_where_flat(low: float, high: float) -> None:
    flat = filters.dynamic_temperature(torch.zeros(8), low, high)
    assert torch.equal(flat, torch.zeros(8))
    nearly_flat = torch.tensor([1e-3, 0.0, 0.0, 0.0])
    warm = filters.dynamic_temperature(nearly_flat, low, high)
    torch.testing.assert_close(warm, nearly_flat / high)
    sure = torch.tensor([40.0, 0.0, 0.0, 0.0])
    cold = filters.dynamic_temperature(sure, low, high)
    torch.testing.assert_close(cold, sure / max(low, 1e-5))


def test_dynamic_temperature_measures_entropy_over_the_tokens_that_are_left() -> None:
    left = filters.dynamic_temperature(torch.tensor([0.0, 0.01, NEVER, NEVER]), 0.5, 2.0)
    torch.testing.assert_close(left[:2], torch.tensor([0.0, 0.005]), atol=1e-5, rtol=1e-3)


class TestXtc:
    """The exclusion of top choices."""

    scores = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()

    def test_only_the_least_likely_of_the_obvious_stays(self) -> None:
        kept = xtc(self.scores, 1.0, 0.1, torch.Generator())
        assert (kept > NEVER).tolist() == [False, False, True, True]

    def test_a_single_obvious_token_is_left_alone(self) -> None:
        assert torch.equal(xtc(self.scores, 1.0, 0.4, torch.Generator()), self.scores)

    def test_it_happens_as_often_as_was_asked(self) -> None:
        rows = self.scores.expand(4000, 4)
        kept = xtc(rows, 0.3, 0.1, torch.Generator().manual_seed(5))
        share = float((kept[:, 0] == NEVER).float().mean())
        assert abs(share - 0.3) < 0.03


def brute_force_dry(text: list[int], allowed: int, breakers: set[int]) -> dict[int, float]:
    """The definition, read off: compare the text's end with each earlier place, token by token."""
    longest: dict[int, int] = {}
    for place in range(1, len(text)):
        length = 0
        while length < place and length < 50 and text[place - 1 - length] == text[-1 - length]:
            if text[-1 - length] in breakers:
                break
            length += 1
        if text[place] not in breakers:
            longest[text[place]] = max(longest.get(text[place], 0), length)
    return {t: 0.8 * 1.75 ** (n - allowed) for t, n in longest.items() if n >= max(allowed, 1)}


@given(text=TEXT, breakers=st.sets(st.integers(0, 3), max_size=2), allowed=st.integers(1, 4))
def test_dry_is_what_its_definition_says(text: list[int], breakers: set[int], allowed: int) -> None:
    expected = torch.zeros(4)
    for token, penalty in brute_force_dry(text, allowed, breakers).items():
        expected[token] -= penalty
    ids = torch.tensor(text, dtype=torch.long)
    torch.testing.assert_close(penalties.dry(torch.zeros(4), ids, 0.8, 1.75, allowed, 0, breakers), expected)


def test_dry_grows_with_the_length_and_looks_only_so_far_back() -> None:
    text = torch.tensor([1, 2, 3, 0, 1, 2])
    assert penalties.dry(torch.zeros(4), text, 1.0, 2.0, 2).tolist() == [0, 0, 0, -1]
    longer = torch.tensor([3, 1, 2, 3, 0, 3, 1, 2])
    assert penalties.dry(torch.zeros(4), longer, 1.0, 2.0, 2).tolist() == [0, 0, 0, -2]
    assert penalties.dry(torch.zeros(4), text, 1.0, 2.0, 2, span=3).tolist() == [0, 0, 0, 0]


def test_dry_on_a_long_loop_takes_no_quadratic_time_and_stays_a_number() -> None:
    loop = torch.tensor([1, 2] * 20_000)
    penalised = penalties.dry(torch.zeros(3), loop, 0.8)
    assert penalised[1] < -1e6
    assert bool(penalised.isfinite().all())


class TestMirostat:
    """Feedback on the surprise of what is drawn."""

    @pytest.mark.parametrize("filter_", [filters.mirostat_1, filters.mirostat_2])
    @pytest.mark.parametrize("target", [4.0, 6.0])
    def test_the_mean_surprise_comes_to_the_target(
        self, filter_: Callable[[Tensor, float], Tensor], target: float
    ) -> None:
        ranks = torch.arange(1, 2001, dtype=torch.float32)
        scores, generator = -1.05 * ranks.log(), torch.Generator().manual_seed(0)
        surprises = -scores.log_softmax(-1) / math.log(2)
        mu, seen = filters.start(target), []
        for _ in range(600):
            chances = filter_(scores, mu).softmax(-1)
            token = int(torch.multinomial(chances, 1, generator=generator))
            seen.append(float(surprises[token]))
            mu = filters.updated(scores, token, mu, target, 0.2)
        assert abs(sum(seen[100:]) / len(seen[100:]) - target) < 0.15

    @pytest.mark.parametrize("exponent", [0.8, 1.0, 1.4])
    def test_the_exponent_of_zipfs_law_is_found(self, exponent: float) -> None:
        ranks = torch.arange(1, 501, dtype=torch.float32)
        found = filters.zipf_exponent((-exponent * ranks.log()).log_softmax(-1))
        assert float(found) == pytest.approx(exponent, abs=1e-3)

    def test_under_zipfs_law_the_kth_token_surprises_as_much_as_mu_says(self) -> None:
        ranks = torch.arange(1, 5001, dtype=torch.float32)
        scores = -1.1 * ranks.log()
        kept = int((filters.mirostat_1(scores, 7.0) > NEVER).sum())
        surprise = float(-scores.log_softmax(-1)[kept - 1] / math.log(2))
        assert surprise == pytest.approx(7.0, abs=0.25)
