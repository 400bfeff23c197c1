"""The store of lessons and quizzes.

Everything that makes, edits, takes or practises a quiz reads and stores it here, so that ids never clash,
verdicts are those of the item as it stands, and an export is written whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from aigc_tui.files import write_bytes
from aigc_tui.ids import uuid7
from aigc_tui.message import message
from aigc_tui.quiz.checks.quiz import Report, check_quiz
from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.checks.registry import check_item, with_checks
from aigc_tui.quiz.codec import item_from_json, item_to_json, quiz_from_json
from aigc_tui.quiz.formats.records import Options, Read, Written
from aigc_tui.quiz.lesson.records import Lesson, LessonError
from aigc_tui.quiz.records import Item, LessonRef, Quiz, QuizError, Rejection
from aigc_tui.quiz.rows import (
    Entry,
    ItemState,
    entry_of,
    head_of,
    item_of,
    lesson_of,
    quiz_of,
    rejected_json,
    rest_of,
    row_of,
    section_rows,
    sentence_rows,
)
from aigc_tui.store.records import LessonRow, QuizHead, QuizRow, SearchHit, Status
from aigc_tui.store.store import Store
from aigc_tui.text import guess_language, one_line

_SPOKEN = ("user", "assistant")


class QuizRepository:
    """What is kept of lessons and quizzes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: tuple[str, Lesson] | None = None

    def import_lesson(self, path: Path, tell: Callable[[int, int], None] | None = None) -> LessonRow:
        """Read a file and keep it as a lesson; `tell` gets how much is done, of how much."""
        from aigc_tui.quiz.lesson.reading import read_lesson

        return self.add_lesson(read_lesson(path, tell=tell))

    def lessons(self) -> list[LessonRow]:
        """The lessons that are not in the bin, newest first."""
        return self._store.lessons.page()

    def delete_lesson(self, lesson_id: str) -> None:
        """Put a lesson and its quizzes into the bin; `restore_lesson` brings them back."""
        self._store.lessons.trash(lesson_id)

    def restore_lesson(self, lesson_id: str) -> None:
        """Undo `delete_lesson`."""
        self._store.lessons.untrash(lesson_id)

    def add_lesson(self, lesson: Lesson) -> LessonRow:
        """Keep a lesson; the same text again is the same row."""
        return self._store.lessons.add(
            sha256=lesson.sha256,
            title=lesson.title,
            language=lesson.language,
            source=lesson.source,
            pages=len(lesson.pages),
            rest=rest_of(lesson),
            sections=section_rows(lesson),
            sentences=sentence_rows(lesson),
        )

    def import_conversation(self, conversation_id: str) -> LessonRow:
        """Keep what was said in a conversation, on the path on show, as a lesson."""
        from aigc_tui.quiz.lesson.reading import lesson_from_text

        conversation = self._store.conversations.get(conversation_id)
        said = [
            each.content
            for each in self._store.messages.path(conversation.id)
            if each.role in _SPOKEN and each.status is Status.COMPLETE and each.content.strip()
        ]
        if not said:
            raise LessonError("nothing was said in this conversation yet")
        lesson = lesson_from_text("\n\n".join(said), title=conversation.title)
        return self.add_lesson(replace(lesson, source=lesson.source or conversation.title))

    def lesson(self, lesson_id: str) -> Lesson:
        """A lesson, whole. The last one read stays at hand: every edit asks for it, and it never changes."""
        last = self._last
        if last is None or last[0] != lesson_id:
            row = self._store.lessons.get(lesson_id)
            last = self._last = lesson_id, lesson_of(row, *self._store.lessons.parts(lesson_id))
        return last[1]

    def lesson_of_quiz(self, quiz_id: str) -> Lesson | None:
        """The lesson that a quiz is about; None: none that is kept."""
        row = self._store.quizzes.get(quiz_id)
        return self.lesson(row.lesson) if row.lesson else None

    def keep(
        self,
        quiz: Quiz,
        *,
        spares: Mapping[str, tuple[str, ...]] | None = None,
        aliases: Sequence[tuple[str, str]] = (),
    ) -> Quiz:
        """Keep a quiz, judged; linked to its lesson where that is kept.

        Args:
            quiz: An id that is taken already, of it or of an item, becomes a new one.
            spares: Distractors left over, by item id.
            aliases: Names that the lesson uses for the same thing.
        """
        row = self._store.lessons.by_sha256(quiz.lesson.sha256) if quiz.lesson.sha256 else None
        lesson = self.lesson(row.id) if row else None
        context = Context(quiz.lesson.language, lesson, tuple(aliases))
        names = self._free_names([item.id for item in quiz.items])
        entries = [
            Entry(item=replace(item, id=name), spares=(spares or {}).get(item.id, ()))
            for item, name in zip(quiz.items, names, strict=True)
        ]
        rows = [row_of(judged(entry, context), quiz.id, at, lesson) for at, entry in enumerate(entries)]
        kept = self._store.quizzes.add(head_of(quiz, aliases), row.id if row else "", rows, quiz.id)
        return self.quiz(kept.id)

    def import_questions(self, path: Path) -> tuple[QuizRow, Read]:
        """Keep the questions of a file, ours or another program's; QuizError: none can be read."""
        quiz, read = read_quiz(path)
        if not quiz.items:
            if not read.problems:
                raise QuizError("{name}: no question in it could be read", name=path.name)
            first = read.problems[0]
            raise QuizError(
                "{name}: no question in it could be read; {where}: {reason}",
                name=path.name,
                where=first.where,
                reason=first.reason,
            )
        return self._store.quizzes.get(self.keep(quiz).id), read

    def quizzes(self, lesson_id: str | None = None) -> list[QuizRow]:
        """The quizzes that are not in the bin, of one lesson or of all, newest first."""
        return self._store.quizzes.page(lesson_id)

    def rename_quiz(self, quiz_id: str, title: str) -> None:
        """Give a quiz another title."""
        self._store.quizzes.rename(quiz_id, title)

    def delete_quiz(self, quiz_id: str) -> None:
        """Put a quiz into the bin; `restore_quiz` brings it back."""
        self._store.quizzes.trash(quiz_id)

    def restore_quiz(self, quiz_id: str) -> None:
        """Undo `delete_quiz`."""
        self._store.quizzes.untrash(quiz_id)

    def search(self, query: str, limit: int = 50) -> list[SearchHit]:
        """Find words in items and lessons: hits of the kinds `item` and `lesson`, items first."""
        found = self._store.search(query, kind="item", limit=limit)
        return [*found, *self._store.search(query, kind="lesson", limit=limit)][:limit]

    def quiz(self, quiz_id: str) -> Quiz:
        """A quiz without its deleted items."""
        head = self._store.quizzes.head(quiz_id)
        entries = self.entries(quiz_id)
        return quiz_of(quiz_id, head, (e.item for e in entries if e.state is not ItemState.DELETED))

    def entries(self, quiz_id: str) -> list[Entry]:
        """Every item of a quiz with what was said of it, in order, deleted ones included."""
        self._store.quizzes.get(quiz_id)
        return [entry_of(row) for row in self._store.quizzes.items(quiz_id)]

    def entry(self, quiz_id: str, item_id: str) -> Entry:
        """One of them; QuizError: it is of another quiz."""
        row = self._store.quizzes.item(item_id)
        if row.quiz != quiz_id:
            raise QuizError("that item belongs to another quiz")
        return entry_of(row)

    def item(self, item_id: str) -> Item:
        """A question by its id, of whatever quiz."""
        return item_of(self._store.quizzes.item(item_id).payload, item_id)

    def context(self, quiz_id: str) -> Context:
        """What the checks look at beside an item of this quiz."""
        head = self._store.quizzes.head(quiz_id)
        return Context(head.language, self.lesson_of_quiz(quiz_id), _aliases(head))

    def set_yield(self, quiz_id: str, requested: int, rejected: Sequence[Rejection]) -> None:
        """Note what was asked for, and what could not be made, when a quiz was made anew."""
        self._store.quizzes.set_yield(quiz_id, requested, rejected_json(rejected))

    def verdicts(self, quiz: Quiz) -> Report:
        """What the validators say of a quiz, with its lesson where that is kept."""
        row = self._store.lessons.by_sha256(quiz.lesson.sha256) if quiz.lesson.sha256 else None
        return check_quiz(quiz, self.lesson(row.id) if row else None)

    def export(self, quiz_id: str, format_name: str, path: Path, options: Options | None = None) -> Written:
        """Write a quiz to a file; see `write_quiz`. What the format cannot hold is in `left_out`."""
        return write_quiz(self.quiz(quiz_id), format_name, path, options or Options())

    def _free_names(self, ids: Sequence[str]) -> list[str]:
        """The ids, with a new one for each that is taken, or used twice."""
        taken = self._store.quizzes.taken(ids)
        names: list[str] = []
        for name in ids:
            names.append(uuid7() if name in taken else name)
            taken.add(name)
        return names


def judged(entry: Entry, context: Context) -> Entry:
    """An entry with its item cleaned, held to its type (QuizError), and judged as it stands now."""
    item = item_from_json(item_to_json(entry.item), message("the item"))
    verdicts = check_item(item, context)
    return replace(entry, item=with_checks(item, verdicts), verdicts=verdicts)


def read_quiz(path: Path) -> tuple[Quiz, Read]:
    """Read a question file of any program. Our own keeps its lesson; of others, words tell the language."""
    from aigc_tui.quiz.formats.registry import question_bytes, read_questions

    try:
        if path.suffix.lower() == ".json":
            quiz = quiz_from_json(question_bytes(path))
            return quiz, Read(quiz.title, quiz.items)
        read = read_questions(path)
    except QuizError as error:
        raise QuizError("{name}: {error}", name=one_line(path.name, 120), error=error) from None
    language = guess_language("\n".join(item.stem for item in read.items[:200]))
    title = read.title or one_line(path.stem)
    quiz = Quiz(uuid7(), title, LessonRef(language=language), len(read.items), read.items)
    return quiz, read


def write_quiz(quiz: Quiz, format_name: str, path: Path, options: Options) -> Written:
    """Write a quiz to a file, atomically.

    Raises:
        QuizError: No such format, or no item of the quiz fits it: no file is made then.
        OSError: The file cannot be written.
    """
    from aigc_tui.quiz.formats.registry import format_for

    written = format_for(path, format_name).write(quiz, options)
    if not quiz.items or len(written.left_out) >= len(quiz.items):
        if not written.left_out:
            raise QuizError("the quiz has no items; no file was written")
        reason = written.left_out[0].reason
        raise QuizError(
            "nothing of this quiz fits the format {format} ({reason}); no file was written",
            format=format_name,
            reason=reason,
        )
    write_bytes(path, written.data)
    return written


def _aliases(head: QuizHead) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first, second in json.loads(head.aliases))
