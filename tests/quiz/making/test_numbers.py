"""Other numbers in the same format."""

from __future__ import annotations

import random

import pytest

from aigc_tui.quiz.making.numbers import shape, variants


@pytest.mark.parametrize(
    "text", ["1905", "1687年", "12 km", "0.04 %", "1,250", "74 kg", "9.8 m/s²", "300 000人"]
)
def test_variants_differ_and_keep_the_look(text: str) -> None:
    made = variants(text, random.Random(1), 4)
    assert len(set(made)) == len(made)
    assert text not in made
    assert all(shape(other) == shape(text) for other in made)


def test_a_text_with_two_numbers_or_an_ordinal_has_none() -> None:
    assert variants("20 to 30", random.Random(1), 4) == []
    assert variants("21st century", random.Random(1), 4) == []


def test_a_share_stays_below_a_hundred_per_cent() -> None:
    for seed in range(20):
        for other in variants("78%", random.Random(seed), 5):
            assert float(other.rstrip("%")) <= 100


def test_years_do_not_lie_in_the_future() -> None:
    for seed in range(20):
        assert all(int(year) <= 2026 for year in variants("2019", random.Random(seed), 6))


def test_other_decades_are_decades() -> None:
    made = variants("early 1860s", random.Random(3), 4)
    assert made
    assert all(one.startswith("early ") and one.endswith("0s") for one in made)
