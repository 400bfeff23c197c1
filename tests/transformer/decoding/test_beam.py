"""Beams beyond transformers': the best text is found, groups differ, and bad widths are refused."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
import torch

from aigc_tui.transformer.decoding import BeamSettings, Limits, beam_search
from tests.transformer.decoding.models import VOCABULARY, Table, cached, greedy, tiny

PROMPT = torch.tensor([[0, 9, 12], [0, 20, 3]])


def test_wide_enough_beams_find_the_likeliest_text_of_all() -> None:
    table = torch.randn(4, 4, generator=torch.Generator().manual_seed(2)).log_softmax(-1)
    steps = [(1, *text) for text in product(range(4), repeat=3)]
    likeliest = max(steps, key=lambda t: sum(float(table[a, b]) for a, b in pairwise(t)))
    found = beam_search(Table(table), torch.tensor([[1]]), Limits(3), BeamSettings(16, 0.0))
    assert found[0][0].tokens == likeliest[1:]


def test_one_beam_is_greedy_search() -> None:
    model = tiny()
    found = beam_search(cached(model), PROMPT, Limits(8), BeamSettings(1))
    assert [list(row[0].tokens) for row in found] == greedy(cached(model), PROMPT, Limits(8))


def test_groups_that_do_not_mind_each_other_find_the_same() -> None:
    model = tiny()
    both = beam_search(cached(model), PROMPT, Limits(6), BeamSettings(4, 1.0, groups=2))
    alone = beam_search(cached(model), PROMPT, Limits(6), BeamSettings(2))
    for pair, single in zip(both, alone, strict=True):
        assert [one.tokens for one in pair[::2]] == [one.tokens for one in pair[1::2]]
        assert [one.tokens for one in pair[::2]] == [one.tokens for one in single]


def test_groups_that_shun_each_other_begin_differently_and_the_first_is_left_as_it_was() -> None:
    model = tiny(3)
    shy = BeamSettings(6, 1.0, groups=6, diversity=50.0)
    found = beam_search(cached(model), PROMPT, Limits(5), shy)
    plain = greedy(cached(model), PROMPT, Limits(5))
    for row, first in zip(found, plain, strict=True):
        assert len({one.tokens[0] for one in row}) == 6
        assert first in [list(one.tokens) for one in row]


def test_diversity_counts_in_the_choice_and_not_in_the_score() -> None:
    model = tiny(3)
    found = beam_search(cached(model), PROMPT, Limits(4), BeamSettings(2, 0.0, groups=2, diversity=9.0))
    for row, prompt in zip(found, PROMPT, strict=True):
        for one in row:
            text = torch.cat([prompt, torch.tensor(one.tokens)])
            logits = model(text[None])[0].detach().log_softmax(-1)
            total = sum(float(logits[2 + n, token]) for n, token in enumerate(one.tokens))
            assert one.score == pytest.approx(total, abs=1e-4)


def test_a_text_that_may_end_at_once_is_one_of_those_found() -> None:
    ends = frozenset({2})
    table = torch.tensor([0.1, 0.2, 0.4, 0.2, 0.1]).log().expand(5, 5)
    found = beam_search(Table(table), torch.tensor([[1]]), Limits(4, ends), BeamSettings(3, 0.0))
    assert found[0][0].tokens == ()
    assert all(2 not in one.tokens for one in found[0])


@pytest.mark.parametrize(("beams", "groups"), [(0, 1), (4, 3), (2, 0)])
def test_widths_that_do_not_divide_are_refused(beams: int, groups: int) -> None:
    with pytest.raises(ValueError, match="multiple of groups"):
        BeamSettings(beams, groups=groups)


def test_more_beams_than_tokens_are_no_fault() -> None:
    found = beam_search(cached(tiny()), PROMPT, Limits(2), BeamSettings(VOCABULARY + 5))
    assert len(found[0]) == VOCABULARY + 5
