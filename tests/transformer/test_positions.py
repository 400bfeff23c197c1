"""Sinusoidal and rotary positions: the formulas, and that only distances matter."""

from __future__ import annotations

import math

import torch

from aigc_tui.transformer.positions import (
    RopeScaling,
    counted,
    inverse_frequencies,
    rotary_angles,
    rotate,
    sinusoidal,
)


def angles(positions: torch.Tensor, head_dim: int) -> tuple[torch.Tensor, torch.Tensor]:
    return rotary_angles(positions, inverse_frequencies(head_dim, 10_000.0))


def test_the_first_pair_turns_one_radian_per_position_and_later_pairs_slower() -> None:
    found = inverse_frequencies(4, 10_000.0)
    torch.testing.assert_close(found, torch.tensor([1.0, 0.01]))


def test_position_zero_is_not_turned() -> None:
    x = torch.randn(1, 1, 1, 8)
    torch.testing.assert_close(rotate(x, *angles(torch.tensor([0]), 8)), x)


def test_number_i_is_paired_with_number_i_plus_half() -> None:
    x = torch.tensor([[[[1.0, 0.0]]]])
    turned = rotate(x, *angles(torch.tensor([1]), 2)).flatten()
    torch.testing.assert_close(turned, torch.tensor([math.cos(1.0), math.sin(1.0)]))


def test_a_score_depends_on_the_distance_alone() -> None:
    torch.manual_seed(0)
    q, k = torch.randn(1, 1, 1, 16), torch.randn(1, 1, 1, 16)

    def score(m: int, n: int) -> float:
        turned = (rotate(x, *angles(torch.tensor([p]), 16)) for x, p in ((q, m), (k, n)))
        a, b = turned
        return float((a * b).sum())

    assert math.isclose(score(3, 1), score(53, 51), abs_tol=1e-4)
    assert not math.isclose(score(3, 1), score(3, 2), abs_tol=1e-4)


def test_sinusoids_are_the_papers_formula() -> None:
    table = sinusoidal(torch.arange(30), 8)
    for place in (0, 3, 29):
        for i in range(4):
            angle = place / 10_000 ** (2 * i / 8)
            assert math.isclose(table[place, 2 * i], math.sin(angle), abs_tol=1e-5)
            assert math.isclose(table[place, 2 * i + 1], math.cos(angle), abs_tol=1e-5)


def test_two_sinusoids_compare_by_their_distance_alone() -> None:
    table = sinusoidal(torch.arange(100), 16)
    torch.testing.assert_close(table[3] @ table[8], table[70] @ table[75], atol=1e-4, rtol=0)


def test_linear_scaling_reads_twice_as_far_with_the_same_angles() -> None:
    scaled = inverse_frequencies(8, 10_000.0, RopeScaling("linear", 2.0))
    torch.testing.assert_close(
        rotary_angles(torch.tensor([10]), scaled), angles(torch.tensor([5]), 8), atol=1e-6, rtol=0
    )


def test_llama3_scaling_leaves_fast_angles_and_slows_the_slow_ones() -> None:
    plain = inverse_frequencies(64, 500_000.0)
    scaled = inverse_frequencies(64, 500_000.0, RopeScaling("llama3", 8.0, 1.0, 4.0, 8192))
    torch.testing.assert_close(scaled[:10], plain[:10])
    torch.testing.assert_close(scaled[-6:], plain[-6:] / 8)
    assert bool((scaled[1:] < scaled[:-1]).all())


def test_positions_restart_with_each_document_of_a_packed_row() -> None:
    tokens, segments = torch.zeros(1, 6, dtype=torch.long), torch.tensor([[0, 0, 1, 1, 1, 2]])
    assert counted(tokens, 0, segments).tolist() == [[0, 1, 0, 1, 2, 0]]
    assert counted(tokens, 4, None).tolist() == [4, 5, 6, 7, 8, 9]
