"""教案: a lesson plan put together from a lesson and its quiz.

Nothing in it is generated: objectives, key sentences and steps come from the questions and their sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aigc_tui.locale import Translate
from aigc_tui.quiz.lesson.records import AsideKind, Lesson
from aigc_tui.quiz.records import Item, ItemType, Quiz, QuizError
from aigc_tui.quiz.teaching.explain import words
from aigc_tui.quiz.teaching.records import BoardLine, HardPoint, KeyPoint, Plan
from aigc_tui.quiz.teaching.steps import LEAST_MINUTES, MOST_MINUTES, steps_of
from aigc_tui.quiz.teaching.topics import Question, Topic, objectives_of, terms_of, topics_of
from aigc_tui.text import one_line

_MOST_KEY_POINTS, _MOST_HARD_POINTS, _MOST_ON_BOARD = 6, 3, 4
_HOMEWORK_SHARE = 3


def make_plan(lesson: Lesson, quiz: Quiz, minutes: int = 45, language: str = "") -> Plan:
    """Plan one lesson by a quiz in the worksheet's order; an empty `language` is the lesson's.

    Raises:
        QuizError: The quiz is empty or about another lesson, or the class is too short or too long.
    """
    _must_fit(lesson, quiz, minutes)
    t = words(language or lesson.language)
    topics = topics_of(lesson, quiz)
    in_class = tuple(topic.questions[0].number for topic in topics if topic.questions)
    homework = _homework(quiz, in_class)
    practice = [n for n in range(1, len(quiz.items) + 1) if n not in in_class and n not in homework]
    steps, notes = steps_of(lesson, topics, practice, minutes, t)
    return Plan(
        title=lesson.title,
        language=language or lesson.language,
        minutes=minutes,
        objectives=tuple(objective for topic in topics for objective in objectives_of(topic, t)),
        key_points=tuple(_key_points(topics)),
        hard_points=tuple(_hard_points(quiz, t)),
        materials=tuple(_materials(lesson, quiz, t)),
        steps=steps,
        in_class=in_class,
        homework=homework,
        board=tuple(_board(topics)),
        notes=(*notes, *_untested(topics, t)),
    )


def _must_fit(lesson: Lesson, quiz: Quiz, minutes: int) -> None:
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise QuizError(
            "a plan needs {least} to {most} minutes, not {minutes}",
            least=LEAST_MINUTES,
            most=MOST_MINUTES,
            minutes=minutes,
        )
    if not any(item.source for item in quiz.items):
        raise QuizError("a plan needs at least one question that cites the lesson; make a quiz of it first")
    if quiz.lesson.sha256 != lesson.sha256:
        raise QuizError("the quiz is about another lesson: {title}", title=one_line(quiz.lesson.title, 60))


def _homework(quiz: Quiz, in_class: Sequence[int]) -> tuple[int, ...]:
    """The last third of what was not asked in class: at home there is time for the harder ones."""
    rest = [number for number in range(1, len(quiz.items) + 1) if number not in in_class]
    hardest = sorted(rest, key=lambda number: -quiz.items[number - 1].difficulty)
    return tuple(sorted(hardest[: len(rest) // _HOMEWORK_SHARE]))


def _key_points(topics: Sequence[Topic]) -> Iterator[KeyPoint]:
    """The cited sentence of the first question of each topic, then of the second, and so on."""
    ranked = [
        (place, order, question)
        for order, topic in enumerate(topics)
        for place, question in enumerate(_with_term(topic))
    ]
    seen: set[str] = set()
    for _, _, question in sorted(ranked, key=lambda each: each[:2]):
        source = question.item.source
        if source and source.quote not in seen and len(seen) < _MOST_KEY_POINTS:
            seen.add(source.quote)
            yield KeyPoint(terms_of([question])[0], source.quote)


def _with_term(topic: Topic) -> list[Question]:
    asks = (ItemType.MC, ItemType.CLOZE, ItemType.SHORT)
    return [each for each in topic.questions if each.item.type in asks and terms_of([each])]


def _hard_points(quiz: Quiz, t: Translate) -> Iterator[HardPoint]:
    numbered = sorted(enumerate(quiz.items, 1), key=lambda each: (-each[1].difficulty, each[0]))
    for number, item in [each for each in numbered if each[1].source][:_MOST_HARD_POINTS]:
        yield HardPoint(one_line(item.stem), _why_hard(item, t), number)


def _why_hard(item: Item, t: Translate) -> str:
    if item.type is ItemType.ORDER:
        return t("teaching.hard_because_order")
    if item.type is ItemType.MATCH:
        return t("teaching.hard_because_match")
    others = [option for index, option in enumerate(item.options) if index != item.answer]
    if item.type is ItemType.MC and others:
        return t("teaching.hard_because_options", others=t("teaching.list_separator").join(others))
    return t("teaching.hard_because_estimate")


def _materials(lesson: Lesson, quiz: Quiz, t: Translate) -> Iterator[str]:
    if lesson.pages:
        yield t("teaching.material_pages", title=lesson.title, count=len(lesson.pages))
    else:
        yield t("teaching.material_lesson", title=lesson.title)
    yield t("teaching.material_sheet", count=len(quiz.items))
    counts = {kind: sum(aside.kind is kind for aside in lesson.asides) for kind in AsideKind}
    if counts[AsideKind.TABLE]:
        yield t("teaching.material_table", count=counts[AsideKind.TABLE])
    if counts[AsideKind.CODE]:
        yield t("teaching.material_code", count=counts[AsideKind.CODE])
    if counts[AsideKind.FORMULA]:
        yield t("teaching.material_formula", count=counts[AsideKind.FORMULA])
    if counts[AsideKind.FIGURE]:
        yield t("teaching.material_figure", count=counts[AsideKind.FIGURE])


def _board(topics: Sequence[Topic]) -> Iterator[BoardLine]:
    for topic in topics:
        terms = terms_of(topic.questions)
        if terms:
            yield BoardLine(0, one_line(topic.title))
            yield from (BoardLine(1, term) for term in terms[:_MOST_ON_BOARD])


def _untested(topics: Sequence[Topic], t: Translate) -> Iterator[str]:
    for topic in topics:
        if not topic.questions:
            yield t("teaching.note_untested", section=one_line(topic.title))
