"""The sidebar of the quiz pane: lessons, each with its quizzes below it, and what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual import events
from textual.content import Content
from textual.message import Message

from aigc_tui.locale import Translate
from aigc_tui.quiz.practice.records import DueCounts
from aigc_tui.store.records import LessonRow, QuizRow
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.quiz.names import LANGUAGES, worded
from aigc_tui.tui.shell import shell
from aigc_tui.tui.sidebar import SearchBox, Sidebar, SidebarList, SidebarRow, marked
from aigc_tui.tui.widgets.text import plain, plain_line

if TYPE_CHECKING:
    from aigc_tui.tui.pane import Pane

PATH_STARTS = ("/", "~/", "'/", '"/', "file://")
"""What is pasted by a terminal on which a file was dropped begins so."""
TITLE_LIMIT = 80
Kind = Literal["lesson", "quiz"]
NONE_DUE = DueCounts()


class LibraryList(SidebarList):
    """Lessons and quizzes, with the keys that act on the highlighted one."""

    BINDINGS: ClassVar = bindings("shelf")


class LibrarySearch(SearchBox):
    """The search field; a file dropped on it is no search."""

    @dataclass
    class Dropped(Message):
        """A file was dropped on the field."""

        text: str

    def _on_paste(self, event: events.Paste) -> None:
        if event.text.strip().startswith(PATH_STARTS):
            event.stop()
            event.prevent_default()
            self.post_message(self.Dropped(event.text))
            return
        super()._on_paste(event)


class LibrarySidebar(Sidebar):
    """Lessons and quizzes."""

    LIST = LibraryList
    SEARCH = LibrarySearch
    SEARCH_KEY = "quiz.shelf_search"
    TITLE_KEY = "quiz.shelf_title"
    FOUND_KEY = "quiz.found"
    NOTHING_KEY = "quiz.found_nothing"

    _source: LibrarySource | None

    @property
    def rows(self) -> Sequence[LibraryRow]:
        return cast("Sequence[LibraryRow]", super().rows)

    def subtitle(self) -> str:
        due = self._source.contents.due_in_all if self._source is not None else 0
        return shell(self).t("quiz.due", count=due) if due else ""


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """A lesson or a quiz. All its texts are treated as untrusted."""

    kind: Kind
    id: str
    title: str
    note: str
    """The second line: what is in it."""
    due: str = ""
    """Lessons: how many cards are due, in words."""
    lesson: str = ""
    """Quizzes: the lesson that it stands below; empty: none."""
    part: str = ""

    def draw(self, query: str, *, current: bool) -> Content:
        """Two lines; quizzes stand indented below their lesson."""
        indent = "  " if self.lesson else ""
        mark, style = ("▤ ", "bold") if self.kind == "lesson" else ("▸ ", "")
        title = plain_line(self.title, TITLE_LIMIT, f"{style} $text-accent" if current else style)
        due = plain(self.due, "$text-warning") if self.due else Content("")
        note = plain_line(self.note, 120, "$text-muted")
        return Content.assemble(
            indent, (mark, "$primary"), marked(title, query), "\n",
            indent, "  ", due, " · " if self.due else "", note,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LibraryContents:
    """All lessons and quizzes, as the store has them."""

    lessons: tuple[LessonRow, ...] = ()
    quizzes: tuple[QuizRow, ...] = ()
    due: Mapping[str, DueCounts] = field(default_factory=dict)
    """By lesson id; `*` is all of them."""

    @property
    def due_in_all(self) -> int:
        """Cards to practise now."""
        return self.due.get("*", NONE_DUE).total


class LibrarySource:
    """Makes rows of what was read from the store last; searches titles, and the store for words in texts.

    Args:
        pane: Whose store and catalogue it uses.

    Attributes:
        contents: What was read last.
    """

    def __init__(self, pane: Pane[None]) -> None:
        self.contents = LibraryContents()
        self._pane = pane

    def read(self) -> None:
        """Read everything anew; call it in a thread."""
        service = self._pane.services.quiz
        due = service.reviews.counts(self._pane.now())
        self.contents = LibraryContents(
            tuple(service.repository.lessons()), tuple(service.repository.quizzes()), due
        )

    def page(self, *, after: SidebarRow | None, count: int) -> Sequence[LibraryRow]:
        """All rows at once: a bookcase of lessons is short."""
        del count
        return [] if after else library_rows(self.contents, self._pane.t)

    def search(self, query: str) -> Sequence[LibraryRow]:
        """Titles that hold every word, and lessons and quizzes with the words in their texts."""
        inside = [hit.conversation for hit in self._pane.services.quiz.repository.search(query)]
        return found_rows(library_rows(self.contents, self._pane.t), query, inside)


def library_rows(contents: LibraryContents, t: Translate) -> list[LibraryRow]:
    """Every lesson followed by its quizzes; then the quizzes without a lesson."""
    below: dict[str, list[QuizRow]] = {}
    for quiz in contents.quizzes:
        below.setdefault(quiz.lesson, []).append(quiz)
    rows: list[LibraryRow] = []
    for lesson in contents.lessons:
        rows.append(_lesson(lesson, contents.due.get(lesson.id, NONE_DUE).total, t))
        rows.extend(_quiz(quiz, t) for quiz in below.pop(lesson.id, []))
    rows.extend(_quiz(quiz, t, alone=True) for quizzes in below.values() for quiz in quizzes)
    return rows


def found_rows(rows: Sequence[LibraryRow], query: str, ids: Iterable[str] = ()) -> list[LibraryRow]:
    """The rows whose title holds every word, or that the store found words in; a quiz brings its lesson."""
    words, inside = query.casefold().split(), set(ids)
    hits = {row.id for row in rows if row.id in inside or all(word in row.title.casefold() for word in words)}
    parents = {row.lesson for row in rows if row.id in hits}
    return [row for row in rows if row.id in hits or row.id in parents]


def _lesson(lesson: LessonRow, due: int, t: Translate) -> LibraryRow:
    parts = [worded(LANGUAGES, lesson.language, t), t("quiz.sentences", count=lesson.sentences)]
    if lesson.pages:
        parts.insert(1, t("quiz.pages", count=lesson.pages))
    words = t("quiz.due", count=due) if due else ""
    return LibraryRow("lesson", lesson.id, lesson.title or t("quiz.untitled"), " · ".join(parts), words)


def _quiz(quiz: QuizRow, t: Translate, *, alone: bool = False) -> LibraryRow:
    note = t("quiz.items", count=quiz.items)
    if quiz.accepted:
        note += " · " + t("quiz.accepted_of", accepted=quiz.accepted)
    lesson = "" if alone else quiz.lesson
    return LibraryRow("quiz", quiz.id, quiz.title or t("quiz.untitled"), note, lesson=lesson)
