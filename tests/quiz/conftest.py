"""What most tests of kept quizzes begin with: an open store, the service on it, a quiz in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store
from tests.quiz.shelf import stocked


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store, closed at the end."""
    with Store.open(tmp_path / "store.db") as opened:
        yield opened


@pytest.fixture
def bench(store: Store) -> QuizService:
    """The service that both front ends call, without an engine."""
    return QuizService(store)


@pytest.fixture
def quiz(store: Store) -> str:
    """The id of a kept quiz: `tests.quiz.shelf.items` about `tests.quiz.shelf.lesson`."""
    return stocked(store)
