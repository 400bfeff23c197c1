"""The parts of the quiz package that front ends call, each made when it is first asked for.

Nothing heavy (checks, formats, FSRS, jieba) is imported before a part is used.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import Engine
    from aigc_tui.quiz.editor import QuizEditor
    from aigc_tui.quiz.llm_items.asking import SamplingOf
    from aigc_tui.quiz.practice.attempts import Attempts
    from aigc_tui.quiz.practice.reviews import Reviews
    from aigc_tui.quiz.repository import QuizRepository
    from aigc_tui.quiz.workshop import Workshop
    from aigc_tui.store import Store


class QuizService:
    """Everything about lessons, quizzes and practice, over one store.

    Args:
        store: Where all of it is.
        engine: Serves models that word items or suggest grades; None: rules only.
        sampling: How such a model is sampled; default: as when nobody says anything.
        fuzz: Whether FSRS spreads reviews over neighbouring days, so that cards do not come in lumps.
        new_a_day: How many new cards a day brings at most.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine | None = None,
        sampling: SamplingOf | None = None,
        *,
        fuzz: bool = True,
        new_a_day: int = 20,
    ) -> None:
        self._store = store
        self._engine = engine
        self._sampling = sampling
        self._fuzz = fuzz
        self._new_a_day = new_a_day

    @cached_property
    def repository(self) -> QuizRepository:
        """Lessons and quizzes: import, list, read, delete, restore, export, search."""
        from aigc_tui.quiz.repository import QuizRepository

        return QuizRepository(self._store)

    @cached_property
    def editor(self) -> QuizEditor:
        """Edits of a stored quiz, with undo and redo."""
        from aigc_tui.quiz.editor import QuizEditor

        return QuizEditor(self._store, self.repository)

    @cached_property
    def workshop(self) -> Workshop:
        """Make a quiz, an item or a distractor."""
        from aigc_tui.quiz.workshop import Workshop

        return Workshop(self.repository, self.editor, self._engine, self._sampling)

    @cached_property
    def attempts(self) -> Attempts:
        """Take a quiz, grade answers, read results and statistics."""
        from aigc_tui.quiz.practice.attempts import Attempts

        return Attempts(self._store, self.repository, self._engine, self._sampling)

    @cached_property
    def reviews(self) -> Reviews:
        """Spaced repetition: due cards, ratings, mistakes, forecast."""
        from aigc_tui.quiz.practice.reviews import Reviews

        return Reviews(self._store, fuzz=self._fuzz, new_a_day=self._new_a_day)
