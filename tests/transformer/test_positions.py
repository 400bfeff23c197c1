"""Rotary positions: angles, and that only distances matter."""

from __future__ import annotations

import math

import torch

from aigc_tui.transformer.positions import inverse_frequencies, rotary_angles, rotate


def test_the_first_pair_turns_one_radian_per_position_and_later_pairs_slower() -> None:
    found = inverse_frequencies(4, 10_000.0)
    torch.testing.assert_close(found, torch.tensor([1.0, 0.01]))


def test_position_zero_is_not_turned() -> None:
    x = torch.randn(1, 1, 1, 8)
    torch.testing.assert_close(rotate(x, *rotary_angles(torch.tensor([0]), 8, 10_000.0)), x)


def test_number_i_is_paired_with_number_i_plus_half() -> None:
    x = torch.tensor([[[[1.0, 0.0]]]])
    turned = rotate(x, *rotary_angles(torch.tensor([1]), 2, 10_000.0)).flatten()
    torch.testing.assert_close(turned, torch.tensor([math.cos(1.0), math.sin(1.0)]))


def test_a_score_depends_on_the_distance_alone() -> None:
    torch.manual_seed(0)
    q, k = torch.randn(1, 1, 1, 16), torch.randn(1, 1, 1, 16)

    def score(m: int, n: int) -> float:
        turned = (rotate(x, *rotary_angles(torch.tensor([p]), 16, 10_000.0)) for x, p in ((q, m), (k, n)))
        a, b = turned
        return float((a * b).sum())

    assert math.isclose(score(3, 1), score(53, 51), abs_tol=1e-4)
    assert not math.isclose(score(3, 1), score(3, 2), abs_tol=1e-4)
