"""Objectives out of a section's questions: what is asked is what is to be learnt.

Why it exists: an objective that no question tests is a wish. Here each one is made from the questions that
test it, worded with a verb that can be observed (Bloom's taxonomy), so that it cannot be without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aigc_tui.locale import Translate
from aigc_tui.quiz.records import Bloom, Item, ItemType
from aigc_tui.quiz.teaching.records import Objective
from aigc_tui.quiz.teaching.topics import Question, Topic, terms_of

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
