"""What the shelf shows: lessons, each with its quizzes below it, as lines, computed without any widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from textual.content import Content

from aigc_tui.locale import Translate
from aigc_tui.quiz.practice.records import DueCounts
from aigc_tui.store.records import LessonRow, QuizRow
from aigc_tui.tui.chat.rows import marked
from aigc_tui.tui.quiz.names import LANGUAGES, worded
from aigc_tui.tui.widgets.text import plain, plain_line

TITLE_LIMIT = 80
Kind = Literal["lesson", "quiz"]
NONE_DUE = DueCounts()


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """One entry of the shelf. All its texts are treated as untrusted."""

    kind: Kind
    id: str
    title: str
    note: str
    """The second line: what is in it."""
    due: int = 0
    """Lessons: cards to practise now."""
    lesson: str = ""
    """Quizzes: the lesson that it stands below; empty: none."""


@dataclass(frozen=True, slots=True)
class ShelfContents:
    """Everything on the shelf, as the store has it."""

    lessons: tuple[LessonRow, ...] = ()
    quizzes: tuple[QuizRow, ...] = ()
    due: Mapping[str, DueCounts] | None = None
    """By lesson id; `*` is all of them."""

    @property
    def due_in_all(self) -> int:
        """Cards to practise now."""
        return _due(self.due or {}, "*")


def shelf_rows(contents: ShelfContents, t: Translate) -> list[ShelfRow]:
    """Every lesson followed by its quizzes; then the quizzes that no lesson backs."""
    below: dict[str, list[QuizRow]] = {}
    for quiz in contents.quizzes:
        below.setdefault(quiz.lesson, []).append(quiz)
    rows: list[ShelfRow] = []
    for lesson in contents.lessons:
        rows.append(_lesson(lesson, _due(contents.due or {}, lesson.id), t))
        rows.extend(_quiz(quiz, t) for quiz in below.pop(lesson.id, []))
    rows.extend(_quiz(quiz, t, alone=True) for quizzes in below.values() for quiz in quizzes)
    return rows


def found_rows(rows: Sequence[ShelfRow], query: str, ids: Iterable[str] = ()) -> list[ShelfRow]:
    """The rows whose title holds every word, or that the store found words in; a quiz brings its lesson."""
    words, inside = query.casefold().split(), set(ids)
    hits = {row.id for row in rows if row.id in inside or all(word in row.title.casefold() for word in words)}
    parents = {row.lesson for row in rows if row.id in hits}
    return [row for row in rows if row.id in hits or row.id in parents]


def _due(due: Mapping[str, DueCounts], lesson: str) -> int:
    return due.get(lesson, NONE_DUE).total


def _lesson(lesson: LessonRow, due: int, t: Translate) -> ShelfRow:
    parts = [worded(LANGUAGES, lesson.language, t), t("quiz.sentences", count=lesson.sentences)]
    if lesson.pages:
        parts.insert(1, t("quiz.pages", count=lesson.pages))
    return ShelfRow("lesson", lesson.id, lesson.title or t("quiz.untitled"), " · ".join(parts), due)


def _quiz(quiz: QuizRow, t: Translate, *, alone: bool = False) -> ShelfRow:
    note = t("quiz.items", count=quiz.items)
    if quiz.accepted:
        note += " · " + t("quiz.accepted_of", accepted=quiz.accepted)
    lesson = "" if alone else quiz.lesson
    return ShelfRow("quiz", quiz.id, quiz.title or t("quiz.untitled"), note, lesson=lesson)


def draw(row: ShelfRow, query: str, t: Translate, *, current: bool) -> Content:
    """A row as two lines; quizzes stand indented below their lesson.

    Args:
        row: What to show.
        query: The searched words; empty when nothing is searched.
        t: The catalogue in use.
        current: Whether it is what the pane shows.
    """
    indent = "  " if row.lesson else ""
    mark, style = ("▤ ", "bold") if row.kind == "lesson" else ("▸ ", "")
    title = plain_line(row.title, TITLE_LIMIT, f"{style} $text-accent" if current else style)
    due = plain(t("quiz.due", count=row.due), "$text-warning") if row.due else Content("")
    between = " · " if row.due else ""
    note = plain_line(row.note, 120, "$text-muted")
    return Content.assemble(
        indent, (mark, "$primary"), marked(title, query), "\n", indent, "  ", due, between, note
    )
