"""Who may see whom, and when no table is needed to say it."""

from __future__ import annotations

import pytest
import torch

from aigc_tui.transformer.attention import View, causal_mask, causal_view, open_view, window_mask


def test_the_mask_lets_a_query_see_itself_and_the_past() -> None:
    assert causal_mask(2, 2).tolist() == [[True, False], [True, True]]


def test_with_cached_keys_the_last_query_stands_at_the_last_key() -> None:
    assert causal_mask(2, 4).tolist() == [[True, True, True, False], [True, True, True, True]]


def test_a_window_of_two_sees_itself_and_the_one_before() -> None:
    assert window_mask(2, 4, 2).int().tolist() == [[0, 1, 1, 0], [0, 0, 1, 1]]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (causal_view(5), View(None, True, 5, 5)),
        (causal_view(1, start=7), View(None, False, 8, 8)),
        (causal_view(1, start=7, window=3), View(None, False, 3, 8)),
        (causal_view(4, window=4), View(None, True, 4, 4)),
        (open_view(3), View(None, False, 3, 3)),
    ],
    ids=["prompt", "next token", "next token in a window", "window not yet full", "both directions"],
)
def test_the_usual_cases_need_no_table(view: View, expected: View) -> None:
    assert view == expected


def test_keys_out_of_every_querys_sight_are_left_out_of_the_table() -> None:
    view = causal_view(2, start=6, window=3)
    assert (view.keys, view.total) == (4, 8)
    assert view.mask is not None
    assert view.mask.int().tolist() == [[1, 1, 1, 0], [0, 1, 1, 1]]


def test_packed_documents_are_cut_apart_and_windowed() -> None:
    segments = torch.tensor([[0, 0, 0, 1]])
    view = causal_view(4, window=2, segments=segments)
    assert view.mask is not None
    assert view.mask[0, 0].int().tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]]


def test_padding_is_seen_by_nobody() -> None:
    view = open_view(3, torch.tensor([[1, 1, 0]]))
    assert view.mask is not None
    assert view.mask.tolist() == [[[[True, True, False]]]]
