"""The timed steps of a lesson plan: minutes shared out by the length of sections, adding up exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from aigc_tui.locale import Translate
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.teaching.records import Step
from aigc_tui.quiz.teaching.topics import Topic
from aigc_tui.text import one_line


def share(total: int, weights: Sequence[float]) -> list[int]:
    """Split whole minutes by positive weights, at least one each, by largest remainders.

    Raises:
        ValueError: There are fewer minutes than parts.
    """
    if total < len(weights):
        raise ValueError(f"{total} minutes cannot be shared by {len(weights)} steps")
    free = total - len(weights)
    whole = sum(weights)
    wanted = [free * weight / whole for weight in weights]
    minutes = [int(part) for part in wanted]
    by_remainder = sorted(range(len(weights)), key=lambda index: minutes[index] - wanted[index])
    for index in by_remainder[: free - sum(minutes)]:
        minutes[index] += 1
    return [part + 1 for part in minutes]


LEAST_MINUTES, MOST_MINUTES = 10, 300
_OPENING, _NEW, _PRACTICE, _SUMMARY, _HOMEWORK = 5.0, 22.0, 12.0, 4.0, 2.0
"""Shares of a 45-minute class."""
_MINUTES_A_SECTION = 3
"""A section that got less would be a title read aloud."""


def steps_of(
    lesson: Lesson, topics: Sequence[Topic], practice: Sequence[int], minutes: int, t: Translate
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Share a class out: steps whose minutes add up, and notes on what had to be put together."""
    frame = share(minutes, (_OPENING, _NEW, _PRACTICE, _SUMMARY, _HOMEWORK))
    groups = _grouped(topics, max(frame[1] // _MINUTES_A_SECTION, 1))
    inner = share(frame[1], [sum(topic.characters for topic in group) for group in groups])
    numbers = t("teaching.list_separator").join(map(str, practice))
    new = [_new(group, part, t) for group, part in zip(groups, inner, strict=True)]
    # With too few questions for a practice of their own, its time goes to the summary.
    worked = [_practice(frame[2], numbers, t)] if practice else []
    closing = frame[3] + (0 if practice else frame[2])
    steps = (_opening(lesson, frame[0], t), *new, *worked, _closing(closing, t), _homework(frame[4], t))
    shared = [t("teaching.note_short", sections=_titles(group, t)) for group in groups if len(group) > 1]
    return steps, tuple(shared)


def _grouped(topics: Sequence[Topic], most: int) -> list[Sequence[Topic]]:
    """Neighbouring topics in at most `most` groups of about the same number."""
    count = min(most, len(topics))
    edges = [round(index * len(topics) / count) for index in range(count + 1)]
    return [topics[start:end] for start, end in pairwise(edges)]


def _new(group: Sequence[Topic], minutes: int, t: Translate) -> Step:
    asked = [question for topic in group for question in topic.questions]
    # An order item quotes all of its steps, too much to be read out before it is asked.
    quotes = [each.item.source.quote for each in asked if each.item.source]
    sentence = min(quotes[:2], key=len, default="")
    title = t("teaching.step_section", section=_titles(group, t))
    teacher = _teacher(one_line(sentence), asked[0].number if asked else 0, t)
    return Step(title, minutes, teacher, t("teaching.step_section_pupils"))


def _teacher(sentence: str, number: int, t: Translate) -> str:
    if number:
        return t("teaching.step_section_question", sentence=sentence, number=number)
    return t("teaching.step_section_plain")


def _titles(group: Sequence[Topic], t: Translate) -> str:
    return t("teaching.list_separator").join(_distinct(one_line(topic.title) for topic in group))


def _distinct(titles: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(titles))


def _opening(lesson: Lesson, minutes: int, t: Translate) -> Step:
    teacher = t("teaching.step_open_teacher", title=lesson.title)
    return Step(t("teaching.step_open"), minutes, teacher, t("teaching.step_open_pupils"))


def _practice(minutes: int, numbers: str, t: Translate) -> Step:
    pupils = t("teaching.step_practice_pupils", numbers=numbers)
    return Step(t("teaching.step_practice"), minutes, t("teaching.step_practice_teacher"), pupils)


def _closing(minutes: int, t: Translate) -> Step:
    teacher, pupils = t("teaching.step_close_teacher"), t("teaching.step_close_pupils")
    return Step(t("teaching.step_close"), minutes, teacher, pupils)


def _homework(minutes: int, t: Translate) -> Step:
    teacher, pupils = t("teaching.step_homework_teacher"), t("teaching.step_homework_pupils")
    return Step(t("teaching.step_homework"), minutes, teacher, pupils)
