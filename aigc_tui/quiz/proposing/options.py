"""Which wrong answers a multiple-choice item ends up with: the rules', the spare ones, and the model's.

Why it exists: over-generating and choosing is what makes weak proposals usable (quiz.md 4.1, "Generate, then
validate"). Every candidate is tried alone beside the key by the checks of `quiz.checks`; where a reader is
there, it throws out what it finds as likely as the key, and ranks the rest by how much somebody would believe
them who does not have the lesson.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aigc_tui.quiz.checks.item import check_item
from aigc_tui.quiz.checks.normal import normal
from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.making.chinese import CHINESE
from aigc_tui.quiz.making.english import ENGLISH
from aigc_tui.quiz.proposing.reader import Reading
from aigc_tui.quiz.records import Item

WRONG = 3
LEAST_WRONG = 2
_OPTION_CHECKS = frozenset(
    {
        "answer_form",
        "empty_text",
        "remnants",
        "duplicate_options",
        "nested_options",
        "all_of_the_above",
        "k_type",
        "absolute_terms",
        "vague_terms",
        "same_type",
        "length_band",
        "distractor_in_source",
        "alias_distractor",
    }
)


def usable(item: Item, candidates: Sequence[str], context: Context) -> tuple[str, ...]:
    """Keep the candidates that could stand beside the key, each once, in order."""
    kept: dict[str, str] = {}
    for candidate in candidates:
        trial = replace(item, options=(item.key, candidate), answer=0, feedback=())
        failed = {v.check for v in check_item(trial, context) if not v.passed}
        if normal(candidate) != normal(item.key) and not failed & _OPTION_CHECKS:
            kept.setdefault(normal(candidate), candidate)
    return tuple(kept.values())


def believed(candidates: Sequence[str], reading: Reading) -> tuple[str, ...]:
    """Rank candidates by a reader: none that the passage makes as likely as the key, believable ones first.

    Args:
        candidates: As they were read, the key left out.
        reading: The reader's scores, the key's first.
    """
    key, *told = reading.with_passage
    wrong = [at for at, score in enumerate(told) if score < key]
    return tuple(candidates[at] for at in sorted(wrong, key=lambda at: -reading.without[at + 1]))


def with_wrong(item: Item, chosen: Sequence[str], language: str) -> Item:
    """Put distractors into an item: the key keeps its place, and those that stay keep theirs."""
    wanted = list(chosen[: max(WRONG, len(item.options) - 1)])
    old = [option for option in item.options if option != item.key]
    stay = [option for option in old if option in wanted]
    fresh = iter([option for option in wanted if option not in stay])
    placed = [option if option in stay else next(fresh, "") for option in old] + list(fresh)
    others = [option for option in placed if option]
    place = min(int(item.answer), len(others)) if not isinstance(item.answer, str | tuple) else 0
    options = (*others[:place], item.key, *others[place:])
    said = dict(zip(item.options, item.feedback, strict=False))
    words = CHINESE if language == "zh" else ENGLISH
    instead = words.instead.format(key=item.key)
    feedback = tuple(said.get(option) or instead for option in options)
    return replace(item, options=options, answer=place, feedback=feedback)
