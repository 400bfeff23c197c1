"""Make a quiz without a model: plan, word, check, keep or take the next candidate.

This always works (quiz.md 4.2), and fills every slot where a model fails. What cannot be made is reported;
nothing is padded.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.analysis.records import Analysis
from aigc_tui.quiz.checks.records import Verdict
from aigc_tui.quiz.checks.registry import check_item, with_checks
from aigc_tui.quiz.generation.choice import make_choice, make_match, make_order
from aigc_tui.quiz.generation.randomness import Randomness, note
from aigc_tui.quiz.generation.true_false import make_true_false
from aigc_tui.quiz.generation.written import make_cloze, make_short
from aigc_tui.quiz.generation.yields import UNFILLED
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.normal import normal
from aigc_tui.quiz.planning.material import Material, lay_out
from aigc_tui.quiz.planning.plan import QuizPlan, make_plan
from aigc_tui.quiz.planning.records import Filled, Finished, GenerationStep, Made, MakingEvent, Refused, Slot
from aigc_tui.quiz.planning.words import content, overlap
from aigc_tui.quiz.records import Item, ItemType, LessonRef, Quiz, QuizRequest, Rejection, place_of

Maker = Callable[[Slot, Material, Randomness], Filled | Refused]
Tell = Callable[[int, int], None]

MAKERS: Mapping[ItemType, Maker] = {
    ItemType.MC: make_choice,
    ItemType.CLOZE: make_cloze,
    ItemType.TF: make_true_false,
    ItemType.SHORT: make_short,
    ItemType.MATCH: make_match,
    ItemType.ORDER: make_order,
}
BEARABLE = frozenset({"negative_stem", "longest_key", "word_repeat", "vague_terms", "parts_in_source"})
"""Soft checks that a rule-made item may fail: good questions of people fail them as well."""
_SAME_STEM = frozenset({ItemType.MATCH, ItemType.ORDER})
"""Types whose stem says only what is to be done."""
_ALIKE = 0.75


def make_quiz(
    lesson: Lesson, request: QuizRequest, tell: Tell | None = None, exclude: Collection[Item] = ()
) -> Iterator[MakingEvent]:
    """Make a quiz about a lesson; the same arguments make the same quiz.

    Args:
        lesson: The lesson.
        request: How many items of which types; `count` 0: as many as the lesson carries well.
        tell: Told the analysis's progress (done, of all), beside the `Step` events.
        exclude: Items that stay or were seen, not counted by the request: nothing is asked that they ask.
    """
    yield GenerationStep("analyse", 0, 1)
    analysis = analyse(lesson, tell)
    yield GenerationStep("analyse", 1, 1)
    yield from make_from(analysis, request, exclude)


def make_from(
    analysis: Analysis, request: QuizRequest, exclude: Collection[Item] = ()
) -> Iterator[MakingEvent]:
    """Make a quiz from a finished analysis; see `make_quiz`."""
    material = lay_out(analysis)
    plan = make_plan(material, request)
    for item in exclude:
        plan.leave_out(item)
    draw = Randomness(request.seed, analysis.lesson.sha256)
    seen = {normal(item.stem) for item in exclude if item.type not in _SAME_STEM}
    made: list[Filled] = []
    refused: Counter[str] = Counter()
    yield GenerationStep("make", 0, plan.wanted)
    while len(made) < plan.wanted and (slot := plan.take()) is not None:
        filled = fill(slot, material, draw)
        if isinstance(filled, Filled) and _repeats(filled.item, made, seen):
            filled = Refused("duplicate")
        if isinstance(filled, Refused):
            refused[filled.reason] += 1
            yield filled
            continue
        made.append(filled)
        if slot.type not in _SAME_STEM:
            seen.add(normal(filled.item.stem))
        _note(filled, plan, draw)
        yield Made(filled)
        yield GenerationStep("make", len(made), plan.wanted)
    yield Finished(_quiz(analysis.lesson, request, made, refused), analysis.aliases)


def fill(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    """Word a slot and let the checks judge it; a failed hard check refuses it."""
    filled = MAKERS[slot.type](slot, material, draw)
    if isinstance(filled, Refused):
        return filled
    if _shows_key(filled.item):
        return Refused("answer stands in the stem")
    verdicts = check_item(filled.item, material.context)
    failed = next((one for one in verdicts if _refuses(one)), None)
    if failed is not None:
        return Refused(failed.check)
    return Filled(slot, with_checks(filled.item, verdicts), filled.spares)


def _shows_key(item: Item) -> bool:
    """Whether the letters of the key stand in the stem anyhow: 100 MB in "100 Mbit/s" is as good as told."""
    if not isinstance(item.answer, str) and item.type is not ItemType.MC:
        return False
    key, stem = (normal(words).replace(" ", "") for words in (item.key, item.stem))
    return bool(key) and key in stem


def _refuses(verdict: Verdict) -> bool:
    return not verdict.passed and (verdict.hard or verdict.check not in BEARABLE)


def _repeats(item: Item, made: Sequence[Filled], seen: Collection[str]) -> bool:
    """Tell whether an item asks in nearly the words of one that is there: lessons say things twice."""
    if normal(item.stem) in seen:
        return True
    words = content(item.stem)
    others = (content(other.item.stem) for other in made if other.item.type not in _SAME_STEM)
    return item.type not in _SAME_STEM and any(
        min(overlap(words, other), overlap(other, words)) > _ALIKE for other in others
    )


def _note(filled: Filled, plan: QuizPlan, draw: Randomness) -> None:
    plan.keep(filled.slot)
    answer = filled.item.answer
    if isinstance(answer, bool):
        draw.truths[answer] += 1
    elif isinstance(answer, int):
        note(filled.item.options, answer, draw)


def _quiz(lesson: Lesson, request: QuizRequest, made: Sequence[Filled], refused: Counter[str]) -> Quiz:
    items = sorted((filled.item for filled in made), key=place_of)
    requested = request.count or len(items)
    missing = Counter({UNFILLED: requested - len(items)})
    counts = [Rejection(reason, count) for reason, count in (missing + refused).items()]
    about = LessonRef(lesson.title, lesson.sha256, lesson.language)
    name = hashlib.sha256("|".join((lesson.sha256, repr(request), *(i.id for i in items))).encode())
    digest = name.hexdigest()
    number = f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
    return Quiz(number, lesson.title, about, requested, tuple(items), tuple(counts), request.seed)
