"""Who is asked next: sections, types, shares."""

from __future__ import annotations

from collections import Counter

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.planning.material import lay_out
from aigc_tui.quiz.planning.plan import QuizPlan, make_plan
from aigc_tui.quiz.planning.records import Slot
from aigc_tui.quiz.records import Bloom, ItemType, QuizRequest
from tests.quiz.planning.material import cells

MADE = (ItemType.CLOZE, ItemType.TF)


def _book(chapters: int, facts: int) -> QuizPlan:
    """Chapters of different facts, so that no answer or sentence comes twice."""
    parts = []
    for chapter in range(chapters):
        years = (1000 + chapter * facts + fact for fact in range(facts))
        lines = [
            f"In {year} the town council of the district opened school number {year * 7}." for year in years
        ]
        parts.append(f"# Chapter {chapter}\n\n" + "\n".join(lines))
    lesson = lesson_from_text("\n\n".join(parts), "Towns", "en")
    return make_plan(lay_out(analyse(lesson)), QuizRequest(count=chapters, types=MADE))


def _all(plan: QuizPlan) -> list[Slot]:
    kept: list[Slot] = []
    while len(kept) < plan.wanted and (slot := plan.take()) is not None:
        plan.keep(slot)
        kept.append(slot)
    return kept


def test_each_chapter_gets_its_first_item_before_any_gets_a_second() -> None:
    slots = _all(_book(6, 4))
    # Dates have a largest share of a quiz: what is left is still spread.
    assert len({slot.section for slot in slots}) == len(slots)


def test_a_refused_candidate_is_followed_by_another_and_none_comes_twice() -> None:
    plan = _book(2, 5)
    seen = []
    while (slot := plan.take()) is not None:
        seen.append((slot.type, slot.sentence, slot.answer))
    assert len(set(seen)) == len(seen) > 5


def test_types_are_shared_evenly_where_the_lesson_allows() -> None:
    plan = make_plan(lay_out(analyse(cells())), QuizRequest(count=6, types=MADE))
    made = Counter(slot.type for slot in _all(plan))
    assert abs(made[ItemType.CLOZE] - made[ItemType.TF]) <= 1


def test_only_the_levels_asked_for_are_planned() -> None:
    request = QuizRequest(count=6, bloom=(Bloom.UNDERSTAND,))
    slots = _all(make_plan(lay_out(analyse(cells())), request))
    assert slots
    assert {slot.bloom for slot in slots} == {Bloom.UNDERSTAND}
