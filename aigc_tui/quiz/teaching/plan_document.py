"""A lesson plan laid out for print, in the order in which schools expect it, with its questions in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aigc_tui.documents.write.printable import (
    Heading,
    Listing,
    Note,
    Paragraph,
    PrintBlock,
    PrintDocument,
    Table,
)
from aigc_tui.locale import Translate
from aigc_tui.quiz.formats.worksheet import origin_line, question_blocks
from aigc_tui.quiz.records import Quiz
from aigc_tui.quiz.teaching.explain import explain, words
from aigc_tui.quiz.teaching.records import BoardLine, Objective, Plan


def plan_document(plan: Plan, quiz: Quiz) -> PrintDocument:
    """Lay out a plan and the questions of its quiz that its numbers name."""
    t = words(plan.language)
    return PrintDocument(t("teaching.plan", title=plan.title), plan.language, tuple(_blocks(plan, quiz, t)))


def _blocks(plan: Plan, quiz: Quiz, t: Translate) -> Iterator[PrintBlock]:
    yield Note(t("teaching.plan_facts", minutes=plan.minutes, title=plan.title))
    yield from _listed(t("teaching.objectives"), [_objective(each, t) for each in plan.objectives])
    yield from _key_points(plan, t)
    yield Heading(2, t("teaching.hard_points"))
    hard = tuple(f"{point.text} — {point.why}" for point in plan.hard_points)
    yield Listing(hard, tuple(f"{point.question})" for point in plan.hard_points))
    yield from _listed(t("teaching.materials"), plan.materials)
    yield Heading(2, t("teaching.steps"))
    header = (t("teaching.step"), t("teaching.minutes"), t("teaching.teacher"), t("teaching.pupils"))
    yield Table(header, tuple((s.title, str(s.minutes), s.teacher, s.pupils) for s in plan.steps))
    yield from _questions(t("teaching.in_class"), plan.in_class, quiz, t, with_keys=True)
    yield from _questions(t("teaching.homework"), plan.homework, quiz, t, with_keys=False)
    if not plan.homework:
        yield Paragraph(t("teaching.homework_none"))
    yield from _listed(t("teaching.board"), [_board_line(line) for line in plan.board])
    if plan.notes:
        yield from _listed(t("teaching.notes"), plan.notes)
    yield Note(origin_line(quiz, t))


def _listed(title: str, items: Sequence[str]) -> Iterator[PrintBlock]:
    yield Heading(2, title)
    yield Listing(tuple(items))


def _objective(objective: Objective, t: Translate) -> str:
    numbers = t("teaching.list_separator").join(map(str, objective.questions))
    return f"{objective.text} ({t('teaching.objective_tested', numbers=numbers)})"


def _key_points(plan: Plan, t: Translate) -> Iterator[PrintBlock]:
    yield Heading(2, t("teaching.key_points"))
    for point in plan.key_points:
        yield Paragraph(point.sentence, point.term)


def _questions(
    title: str, numbers: Sequence[int], quiz: Quiz, t: Translate, *, with_keys: bool
) -> Iterator[PrintBlock]:
    yield Heading(2, title)
    for number in numbers:
        item = quiz.items[number - 1]
        yield from question_blocks(number, item, t)
        if with_keys:
            yield Paragraph(explain(item, t).key, t("teaching.answer"))


def _board_line(line: BoardLine) -> str:
    return f"{'　　' * line.level}{line.text}"
