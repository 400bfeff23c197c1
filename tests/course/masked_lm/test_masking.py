"""What is hidden: as much as the paper says, in its three ways, whole words, never a special token."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from aigc_tui.course.masked_lm.data import MaskRule, choose_words, mask_row
from aigc_tui.training.data_loader import IGNORED

_MASK, _CLS, _SEP = 1, 2, 3
RULE = MaskRule(_MASK, range(10, 1000))


def long_row(words: int) -> tuple[list[int], list[tuple[int, ...]]]:
    """[CLS], words of one to three tokens with an id below those that a random token may be, [SEP]."""
    ids, groups = [_CLS], []
    for number in range(words):
        size = 1 + number % 3
        groups.append(tuple(range(len(ids), len(ids) + size)))
        ids += [5] * size
    return [*ids, _SEP], groups


def test_fifteen_in_a_hundred_are_hidden_eighty_ten_ten() -> None:
    ids, groups = long_row(20_000)
    row = mask_row(ids, groups, RULE, Random(0))
    hidden = [at for at, target in enumerate(row.targets) if target != IGNORED]
    assert len(hidden) / (len(ids) - 2) == pytest.approx(0.15, abs=0.001)
    kinds = Counter(
        "masked" if row.ids[at] == _MASK else "kept" if row.ids[at] == ids[at] else "random" for at in hidden
    )
    assert kinds["masked"] / len(hidden) == pytest.approx(0.8, abs=0.015)
    assert kinds["random"] / len(hidden) == pytest.approx(0.1, abs=0.015)
    assert kinds["kept"] / len(hidden) == pytest.approx(0.1, abs=0.015)


def test_what_is_not_hidden_is_shown_as_it_was_and_not_asked_for() -> None:
    ids, groups = long_row(200)
    row = mask_row(ids, groups, RULE, Random(1))
    assert all(
        shown == before if target == IGNORED else target == before
        for shown, before, target in zip(row.ids, ids, row.targets, strict=True)
    )


@pytest.mark.parametrize("seed", range(20))
def test_words_are_hidden_whole_and_special_tokens_never(seed: int) -> None:
    ids, groups = long_row(30)
    row = mask_row(ids, groups, RULE, Random(seed))
    hidden = {at for at, target in enumerate(row.targets) if target != IGNORED}
    assert hidden
    assert all(hidden.issuperset(group) or hidden.isdisjoint(group) for group in groups)
    assert hidden.isdisjoint({0, len(ids) - 1})


def test_a_row_without_words_stays_as_it_is() -> None:
    row = mask_row([_CLS, _SEP], [], RULE, Random(0))
    assert row.ids == [_CLS, _SEP]
    assert row.targets == [IGNORED, IGNORED]


def test_a_short_row_still_asks_for_one_word() -> None:
    assert len(choose_words([(1,), (2,)], 0.15, Random(0))) == 1


def test_a_random_token_is_never_a_special_one() -> None:
    ids, groups = long_row(3000)
    row = mask_row(ids, groups, MaskRule(_MASK, range(10, 1000), masked=0.0, random=1.0), Random(0))
    shown = {row.ids[at] for at, target in enumerate(row.targets) if target != IGNORED}
    assert min(shown) >= 10


def test_the_same_seed_hides_the_same() -> None:
    ids, groups = long_row(50)
    one, same, other = (mask_row(ids, groups, RULE, Random(seed)) for seed in (3, 3, 4))
    assert one == same
    assert one != other
