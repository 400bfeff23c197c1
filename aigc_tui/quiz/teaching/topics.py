"""What each section of a lesson contributes to its plan: questions, terms, share of the text, objectives.

An objective that no question tests is a wish: each one is made from the questions that test it,
worded with a verb that can be observed (Bloom's taxonomy).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aigc_tui.locale import Translate
from aigc_tui.quiz.lesson.records import Lesson, Section
from aigc_tui.quiz.records import Bloom, Item, ItemType, Quiz, pairs
from aigc_tui.quiz.teaching.records import Objective
from aigc_tui.text import one_line

_LONGEST_TERM = 40


@dataclass(frozen=True, slots=True)
class Question:
    """An item with its number in the quiz, from 1."""

    number: int
    item: Item


@dataclass(frozen=True, slots=True)
class Topic:
    """One section with what belongs to it.

    Args:
        title: The section's title, or the lesson's where it has none.
        characters: How long its text is.
        questions: The items whose source lies in it.
    """

    title: str
    characters: int
    questions: tuple[Question, ...]


def topics_of(lesson: Lesson, quiz: Quiz) -> tuple[Topic, ...]:
    """Go through the sections in order; a heading with no text of its own is no topic."""
    questions = [Question(number, item) for number, item in enumerate(quiz.items, 1)]
    return tuple(
        _topic(section, lesson, questions) for section in lesson.sections if _body(section, lesson) > 0
    )


def terms_of(questions: Sequence[Question]) -> tuple[str, ...]:
    """The short things that a group of questions asks for, each once, in order."""
    found: dict[str, None] = {}
    for question in questions:
        item = question.item
        if item.type is ItemType.MATCH:
            found.update(dict.fromkeys(left for left, _ in pairs(item)))
        elif item.type in (ItemType.MC, ItemType.CLOZE, ItemType.SHORT):
            found[item.key] = None
    return tuple(one_line(term) for term in found if 0 < len(term) <= _LONGEST_TERM)


def _topic(section: Section, lesson: Lesson, questions: Sequence[Question]) -> Topic:
    mine = tuple(each for each in questions if _inside(each.item, section))
    return Topic(section.title or lesson.title, _body(section, lesson), mine)


def _inside(item: Item, section: Section) -> bool:
    return item.source is not None and section.start <= item.source.start < section.end


def _body(section: Section, lesson: Lesson) -> int:
    text = lesson.text[section.start : section.end].strip()
    return len(text.removeprefix(section.title).strip())


_MOST_TERMS = 5


def objectives_of(topic: Topic, t: Translate) -> Iterator[Objective]:
    """Make a topic's objectives; every question of the topic is in exactly one."""
    groups: dict[str, list[Question]] = {}
    for question in topic.questions:
        groups.setdefault(_group(question.item), []).append(question)
    for name, questions in groups.items():
        numbers = tuple(question.number for question in questions)
        yield Objective(_worded(name, topic, questions, t), numbers)


def _group(item: Item) -> str:
    by_type = {ItemType.TF: "judge", ItemType.MATCH: "match", ItemType.ORDER: "order"}
    if item.type in by_type:
        return by_type[item.type]
    if item.bloom in (Bloom.APPLY, Bloom.ANALYZE, Bloom.EVALUATE, Bloom.CREATE):
        return "apply"
    if any(letter.isdigit() for letter in item.key):
        return "date"
    return "define" if item.bloom is Bloom.UNDERSTAND else "name"


def _worded(name: str, topic: Topic, questions: Sequence[Question], t: Translate) -> str:
    terms = terms_of(questions)[:_MOST_TERMS]
    values = {"topic": topic.title, "terms": t("teaching.list_separator").join(terms)}
    if name == "match":
        return t("teaching.objective_match", **values)
    if name == "order":
        return t("teaching.objective_order", **values)
    if name == "judge" or not terms:
        return t("teaching.objective_judge", **values)
    if name == "apply":
        return t("teaching.objective_apply", **values)
    if name == "date":
        return t("teaching.objective_date", **values)
    if name == "define":
        return t("teaching.objective_define", **values)
    return t("teaching.objective_name", **values)
