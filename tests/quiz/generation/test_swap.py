"""Another distractor in an item."""

from __future__ import annotations

from aigc_tui.quiz.generation.swap import swap_distractor
from aigc_tui.quiz.records import Item, ItemType, QuizRequest
from tests.quiz.planning.material import cells, quiz_of


def _choice_by_year() -> Item:
    items = quiz_of(cells(), QuizRequest(count=30, types=(ItemType.MC,))).items
    return next(item for item in items if item.key.isdigit())


def test_a_swapped_distractor_is_new_and_the_key_stays() -> None:
    item = _choice_by_year()
    wrong = next(at for at in range(len(item.options)) if at != item.answer)
    other = swap_distractor(cells(), item, wrong)
    assert other is not None
    assert other.key == item.key
    assert len(other.options) == len(item.options)
    assert item.options[wrong] not in other.options
    assert list(other.options) == sorted(other.options)
    assert len(other.feedback) == len(other.options)


def test_the_key_cannot_be_swapped_out() -> None:
    item = _choice_by_year()
    assert isinstance(item.answer, int)
    assert swap_distractor(cells(), item, item.answer) is None
