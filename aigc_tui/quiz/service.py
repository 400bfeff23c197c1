"""`QuizService`: everything that a front end may ask of the quiz bench, in one place.

Why it exists: the panes and the command line do the same things with the same words. Each method hands over
to the part that does it (`bank`, `editing`, `workshop`, `practice/`); the parts are made on first use, so
that naming the service costs nothing before the first frame. Synchronous methods are short and safe from any
thread; a clock is always passed in.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_tui.quiz.formats.records import Options, Read, Written
from aigc_tui.quiz.planning.records import MakingEvent
from aigc_tui.quiz.practice.records import (
    Attempt,
    DayLoad,
    DayRetention,
    DueCard,
    DueCounts,
    Mistake,
    QuizStatistics,
    Response,
    Result,
    Scheduled,
    Undone,
)
from aigc_tui.quiz.records import Item, Quiz, QuizRequest
from aigc_tui.quiz.rows import Entry, ItemState
from aigc_tui.store.records import LessonRow, QuizRow, SearchHit

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import Engine, ModelSpec
    from aigc_tui.quiz.checks.quiz import Report
    from aigc_tui.quiz.editor import Editing
    from aigc_tui.quiz.grading.records import Grade
    from aigc_tui.quiz.lesson.records import Lesson
    from aigc_tui.quiz.practice.attempts import Attempts
    from aigc_tui.quiz.practice.reviews import Reviewing
    from aigc_tui.quiz.repository import Bank
    from aigc_tui.quiz.workshop import Workshop
    from aigc_tui.store import Store


class QuizService:
    """The quiz bench.

    Args:
        store: Where lessons, quizzes and practice are kept.
        engine: Serves the models that may word items; None: rules only.
        fuzz: Spread the days on which cards fall due a little, so that they do not come in lumps.
        new_a_day: How many new cards a day brings at most.
    """

    def __init__(
        self, store: Store, engine: Engine | None = None, *, fuzz: bool = True, new_a_day: int = 20
    ) -> None:
        self._store = store
        self._engine = engine
        self._fuzz = fuzz
        self._new_a_day = new_a_day

    @cached_property
    def _bank(self) -> Bank:
        from aigc_tui.quiz.repository import Bank

        return Bank(self._store)

    @cached_property
    def _editing(self) -> Editing:
        from aigc_tui.quiz.editor import Editing

        return Editing(self._store, self._bank)

    @cached_property
    def _workshop(self) -> Workshop:
        from aigc_tui.quiz.workshop import Workshop

        return Workshop(self._bank, self._editing, self._engine)

    @cached_property
    def _attempts(self) -> Attempts:
        from aigc_tui.quiz.practice.attempts import Attempts

        return Attempts(self._store, self._bank)

    @cached_property
    def _reviewing(self) -> Reviewing:
        from aigc_tui.quiz.practice.reviews import Reviewing

        return Reviewing(self._store, fuzz=self._fuzz, new_a_day=self._new_a_day)

    # Lessons

    def import_lesson(self, path: Path, tell: Callable[[int, int], None] | None = None) -> LessonRow:
        """Read a file and keep it as a lesson; the same text again is the same row.

        Args:
            path: Any kind of file that `lesson.reading` reads.
            tell: Told how much is done, of how much.

        Raises:
            LessonError: The file cannot be read as a lesson.
        """
        from aigc_tui.quiz.lesson.reading import read_lesson

        return self._bank.add_lesson(read_lesson(path, tell=tell))

    def import_conversation(self, conversation_id: str) -> LessonRow:
        """Keep what was said in a conversation (the path on show) as a lesson.

        Raises:
            LessonError: There is too little in it.
        """
        return self._bank.add_conversation(conversation_id)

    def lessons(self) -> list[LessonRow]:
        """The lessons on the shelf, newest first."""
        return self._store.lessons.page()

    def lesson(self, lesson_id: str) -> Lesson:
        """A lesson, whole."""
        return self._bank.lesson(lesson_id)

    def delete_lesson(self, lesson_id: str) -> None:
        """Put a lesson and its quizzes into the bin; `restore_lesson` brings them back."""
        self._store.lessons.trash(lesson_id)

    def restore_lesson(self, lesson_id: str) -> None:
        """Undo `delete_lesson`."""
        self._store.lessons.untrash(lesson_id)

    # Quizzes

    def make(
        self, lesson_id: str, request: QuizRequest, model: ModelSpec | None = None
    ) -> AsyncGenerator[MakingEvent]:
        """Make a quiz in a child process and keep it: the last event is `Finished`, with the kept quiz.

        Args:
            lesson_id: What to ask about.
            request: How many, of which types.
            model: Words the items where it can; None: rules only.

        Raises:
            QuizError, LessonError: Nothing can be made; the message says why.
        """
        return self._workshop.make(lesson_id, request, model)

    def remake(
        self, quiz_id: str, request: QuizRequest, model: ModelSpec | None = None
    ) -> AsyncGenerator[MakingEvent]:
        """Make a quiz anew in place: locked items stay where they are; one step for `undo`."""
        return self._workshop.remake(quiz_id, request, model)

    def keep(self, quiz: Quiz, spares: Mapping[str, tuple[str, ...]] | None = None) -> Quiz:
        """Keep a quiz that was made elsewhere, or what there was of one when its making was stopped.

        Args:
            quiz: The quiz; its lesson is found by `lesson.sha256`.
            spares: Distractors left over, by item id.

        Returns:
            The quiz as it is kept: an id that was taken already has become a new one.
        """
        return self._bank.keep(quiz, spares=spares)

    def import_questions(self, path: Path) -> tuple[QuizRow, Read]:
        """Keep the questions of a file that any program wrote, and say what could not be read.

        Raises:
            QuizError: No question could be read.
        """
        return self._bank.import_questions(path)

    def quizzes(self, lesson_id: str | None = None) -> list[QuizRow]:
        """The quizzes on the shelf, of one lesson or all, newest first."""
        return self._store.quizzes.page(lesson_id)

    def quiz(self, quiz_id: str) -> Quiz:
        """A quiz without its deleted items."""
        return self._bank.quiz(quiz_id)

    def entries(self, quiz_id: str) -> list[Entry]:
        """Every item of a quiz with what was said of it, deleted ones included, in order."""
        return self._bank.entries(quiz_id)

    def rename_quiz(self, quiz_id: str, title: str) -> None:
        """Give a quiz another title."""
        self._store.quizzes.rename(quiz_id, title)

    def delete_quiz(self, quiz_id: str) -> None:
        """Put a quiz into the bin; `restore_quiz` brings it back."""
        self._store.quizzes.trash(quiz_id)

    def restore_quiz(self, quiz_id: str) -> None:
        """Undo `delete_quiz`."""
        self._store.quizzes.untrash(quiz_id)

    def save_item(self, quiz_id: str, item: Item) -> Entry:
        """Keep an edited item, or add a new one at the end; the checks are asked again."""
        return self._editing.save_item(quiz_id, item)

    def set_state(self, quiz_id: str, item_id: str, state: ItemState) -> None:
        """Accept an item, delete it, or make it new again."""
        self._editing.set_state(quiz_id, item_id, state)

    def set_locked(self, quiz_id: str, item_id: str, locked: bool) -> None:
        """Keep an item from being made anew, or let it."""
        self._editing.set_locked(quiz_id, item_id, locked)

    def move_item(self, quiz_id: str, item_id: str, position: int) -> None:
        """Put an item at a position (from 0) among those that are not deleted."""
        self._editing.move_item(quiz_id, item_id, position)

    async def regenerate(self, quiz_id: str, item_id: str, model: ModelSpec | None = None) -> Item | None:
        """Put another item in the place of one; None: nothing else can be asked there.

        Raises:
            QuizError: It is locked, or no lesson backs it.
        """
        return await self._workshop.regenerate(quiz_id, item_id, model)

    def swap_distractor(self, quiz_id: str, item_id: str, index: int) -> Item | None:
        """Put another distractor in the place of the option at `index`; None: there is no other.

        Raises:
            QuizError: It is locked, it is no choice, or `index` is the key.
        """
        return self._workshop.swap_distractor(quiz_id, item_id, index)

    def undo(self, quiz_id: str) -> str | None:
        """Take the last change of a quiz back.

        Returns:
            What was undone, as the end of a catalogue key (`accept`, `delete`, `restore`, `edit`, `add`,
            `lock`, `unlock`, `move`, `regenerate`, `swap`, `remake`); None: there is nothing to undo.
        """
        return self._editing.undo(quiz_id)

    def redo(self, quiz_id: str) -> str | None:
        """Do again what `undo` took back last; returns what, or None."""
        return self._editing.redo(quiz_id)

    def verdicts(self, quiz: Quiz) -> Report:
        """What the validators say of every item and of the quiz as a whole, asked now."""
        return self._bank.verdicts(quiz)

    def export(self, quiz_id: str, format_name: str, path: Path, options: Options | None = None) -> Written:
        """Write a quiz to a file, atomically; what the format cannot hold is named in `left_out`.

        Raises:
            QuizError: No such format, or nothing of the quiz fits it; no file is written then.
        """
        return self._bank.export(quiz_id, format_name, path, options or Options())

    def search(self, query: str, limit: int = 50) -> list[SearchHit]:
        """Find words in lessons and items: hits of the kinds `lesson` and `item`, items first."""
        found = self._store.search(query, kind="item", limit=limit)
        return [*found, *self._store.search(query, kind="lesson", limit=limit)][:limit]

    # Taking a quiz

    def begin_attempt(self, quiz_id: str, now: datetime) -> Attempt:
        """Begin a run through a quiz: its items that are not deleted, in order."""
        return self._attempts.begin(quiz_id, now)

    def open_attempt(self, quiz_id: str) -> Attempt | None:
        """The attempt at a quiz that was broken off, to go on with; None: there is none."""
        return self._attempts.unfinished(quiz_id)

    def answer(self, attempt_id: str, item_id: str, response: Response, now: datetime) -> Grade:
        """Grade one answer by rules and keep it; it is on disk when this returns. The last answer counts."""
        return self._attempts.answer(attempt_id, item_id, response, now)

    async def suggest(self, attempt_id: str, item_id: str, model: ModelSpec) -> Grade | None:
        """Let a model suggest a verdict that rules left open; kept, marked so. None: it has none.

        Raises:
            ModelFailedError, QuizError: The model cannot be asked; the rules' verdict stands.
        """
        if self._engine is None:
            return None
        return await self._attempts.suggest(attempt_id, item_id, self._engine, model)

    def override(self, attempt_id: str, item_id: str, verdict: str) -> None:
        """Say that the grader was wrong: `correct`, `partial` or `incorrect` from now on."""
        self._attempts.override(attempt_id, item_id, verdict)

    def finish(self, attempt_id: str, now: datetime) -> Result:
        """End an attempt: the score, and what to read again. Ending it twice changes nothing."""
        return self._attempts.finish(attempt_id, now)

    def results(self, quiz_id: str) -> list[Result]:
        """The finished attempts at a quiz, newest first."""
        return self._attempts.results(quiz_id)

    # Practice

    def due(self, now: datetime, lesson_id: str | None = None, limit: int | None = None) -> list[DueCard]:
        """The cards to practise now, or the first few: learning, then reviews, then the day's new ones."""
        return self._reviewing.due(now, lesson_id, limit)

    def due_counts(self, now: datetime) -> dict[str, DueCounts]:
        """How many cards wait, by lesson id. `""` holds questions of no kept lesson, `"*"` all of them."""
        return self._reviewing.counts(now)

    def review(self, item_id: str, rating: int, now: datetime) -> Scheduled:
        """Rate a card from 1 (again) to 4 (easy) and schedule it anew."""
        return self._reviewing.review(item_id, rating, now)

    def undo_review(self) -> Undone | None:
        """Take the last review back, card and log; None: there is none."""
        return self._reviewing.undo()

    def mistakes(self, lesson_id: str | None = None) -> list[Mistake]:
        """What went wrong last and was not right on two different days since; most recent first."""
        return self._reviewing.mistakes(lesson_id)

    def retention(self, now: datetime) -> list[DayRetention]:
        """Day by day, how many reviews of known cards were remembered; days without any left out."""
        return self._reviewing.retention(now)

    def forecast(self, now: datetime, days: int) -> list[DayLoad]:
        """How many cards fall due today and on each of the days after; overdue ones count today."""
        return self._reviewing.forecast(now, days)

    def quiz_statistics(self, quiz_id: str) -> QuizStatistics:
        """What the attempts say of the quiz and its items, honest about how few they are."""
        from aigc_tui.quiz.practice.statistics import statistics_of

        return statistics_of(self._store, self._bank, quiz_id)
