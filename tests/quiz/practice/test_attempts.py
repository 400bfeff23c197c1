"""Taking a quiz: answers are kept at once, what broke off goes on, and results say what to read again."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aigc_tui.quiz.grading.grade import chosen
from aigc_tui.quiz.grading.records import Grade, Response
from aigc_tui.quiz.practice.records import response_from_json, response_to_json
from aigc_tui.quiz.records import QuizError
from aigc_tui.quiz.rows import ItemState
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store, StoreError
from tests.quiz.llm_items.scripted import LOCAL, Scripted
from tests.quiz.shelf import MORNING, items
from tests.store.processes import child_environment

MINUTE = timedelta(minutes=1)
TAKER = """
import pathlib, sys, time
from datetime import UTC, datetime
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store
from tests.quiz.llm_items.scripted import LOCAL, Scripted
from tests.quiz.shelf import stocked
with Store.open(pathlib.Path(sys.argv[1])) as store:
    bench, quiz = QuizService(store), stocked(store)
    attempt = bench.attempts.begin(quiz, datetime.now(UTC))
    for name, answer in (("mc", 1), ("tf", False), ("cloze", "1665")):
        bench.attempts.answer(attempt.id, name, answer, datetime.now(UTC))
        print(name, flush=True)
    sys.stdin.read()
"""


def test_an_attempt_from_the_first_question_to_what_to_read_again(bench: QuizService, quiz: str) -> None:
    attempt = bench.attempts.begin(quiz, MORNING)
    assert [item.id for item in attempt.items] == ["mc", "tf", "cloze", "short"]
    assert bench.attempts.answer(attempt.id, "mc", 1, MORNING).verdict == "correct"
    assert bench.attempts.answer(attempt.id, "tf", False, MORNING).verdict == "incorrect"
    assert bench.attempts.answer(attempt.id, "cloze", " 1665 ", MORNING).verdict == "correct"
    result = bench.attempts.finish(attempt.id, MORNING + 2 * MINUTE)
    assert (result.correct, result.incorrect, result.unanswered, result.score) == (2, 1, 1, 0.5)
    assert result.seconds == 120
    text = bench.repository.lesson(bench.repository.lessons()[0].id)
    assert [(each.items, each.quote) for each in result.reread] == [
        (("short",), "Chloroplasts capture light."),
        (("tf",), "Chlorophyll is green."),
    ]
    assert all(text.text[each.start : each.end] == each.quote for each in result.reread)
    assert bench.attempts.finish(attempt.id, MORNING + 9 * MINUTE) == result
    assert bench.attempts.results(quiz) == [result]


def test_an_attempt_goes_on_where_it_broke_off(store: Store, quiz: str) -> None:
    first = QuizService(store)
    assert first.attempts.unfinished(quiz) is None
    attempt = first.attempts.begin(quiz, MORNING)
    first.attempts.answer(attempt.id, "mc", 0, MORNING)
    found = QuizService(store).attempts.unfinished(quiz)
    assert found == replace(attempt, answered=("mc",))
    first.attempts.finish(attempt.id, MORNING)
    assert first.attempts.unfinished(quiz) is None


def test_a_killed_program_loses_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    command = [sys.executable, "-c", TAKER, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=child_environment()
    ) as child:
        assert child.stdout is not None
        assert [child.stdout.readline() for _ in range(3)] == [b"mc\n", b"tf\n", b"cloze\n"]
        child.send_signal(signal.SIGKILL)
    with Store.open(path) as store:
        bench = QuizService(store)
        attempt = bench.attempts.unfinished(bench.repository.quizzes()[0].id)
        assert attempt is not None
        assert attempt.answered == ("mc", "tf", "cloze")
        result = bench.attempts.finish(attempt.id, MORNING)
        assert [each.verdict for each in result.outcomes] == ["correct", "incorrect", "correct", ""]


def test_a_verdict_is_overruled_by_a_person_only(bench: QuizService, quiz: str) -> None:
    attempt = bench.attempts.begin(quiz, MORNING)
    bench.attempts.answer(attempt.id, "short", "sunshine, more or less", MORNING)
    bench.attempts.override(attempt.id, "short", "correct")
    result = bench.attempts.finish(attempt.id, MORNING)
    (short,) = [each for each in result.outcomes if each.item.id == "short"]
    assert (short.verdict, short.by, short.response) == ("correct", "user", "sunshine, more or less")
    with pytest.raises(QuizError, match="a verdict must be one of"):
        bench.attempts.override(attempt.id, "short", "perfect")


def test_a_model_only_suggests_and_a_person_overrules_it(store: Store, quiz: str) -> None:
    engine = Scripted(lambda request: {"verdict": "correct"})
    bench = QuizService(store, engine)
    attempt = bench.attempts.begin(quiz, MORNING)

    def suggested(item: str, said: str) -> Grade | None:
        bench.attempts.answer(attempt.id, item, said, MORNING)
        return asyncio.run(bench.attempts.suggest(attempt.id, item, LOCAL))

    told = suggested("short", "the light of the sun that falls on them")
    assert told is not None
    assert (told.verdict, told.by) == ("correct", "model")
    assert suggested("cloze", "1665") is None
    assert len(engine.asked) == 1
    with pytest.raises(QuizError, match="not been answered"):
        asyncio.run(bench.attempts.suggest(attempt.id, "mc", LOCAL))
    bench.attempts.override(attempt.id, "short", "incorrect")
    assert asyncio.run(bench.attempts.suggest(attempt.id, "short", LOCAL)) is None
    result = bench.attempts.finish(attempt.id, MORNING)
    short = next(each for each in result.outcomes if each.item.id == "short")
    assert (short.verdict, short.by, short.suggested) == ("incorrect", "user", False)


def test_an_edit_afterwards_does_not_change_what_was_asked(bench: QuizService, quiz: str) -> None:
    attempt = bench.attempts.begin(quiz, MORNING)
    bench.attempts.answer(attempt.id, "mc", 1, MORNING)
    before = items()[0]
    bench.editor.save_item(quiz, replace(before, options=tuple(reversed(before.options)), answer=2))
    result = bench.attempts.finish(attempt.id, MORNING)
    assert result.outcomes[0].item.options == before.options
    assert result.outcomes[0].item.options[1] == "The nucleus"


def test_what_cannot_be_taken_is_refused(bench: QuizService, quiz: str) -> None:
    attempt = bench.attempts.begin(quiz, MORNING)
    with pytest.raises(QuizError, match="does not belong to this attempt"):
        bench.attempts.answer(attempt.id, "other", 1, MORNING)
    with pytest.raises(StoreError, match="no attempt"):
        bench.attempts.answer("nowhere", "mc", 1, MORNING)
    bench.attempts.finish(attempt.id, MORNING)
    with pytest.raises(StoreError, match="has ended"):
        bench.attempts.answer(attempt.id, "mc", 1, MORNING)
    for item in items():
        bench.editor.set_state(quiz, item.id, ItemState.DELETED)
    with pytest.raises(QuizError, match="no items"):
        bench.attempts.begin(quiz, MORNING)


@pytest.mark.parametrize("response", [None, True, 3, "光", ("a", "b"), (("a", "b"), ("c", "d")), ()])
def test_every_answer_comes_back_as_it_was(response: Response) -> None:
    assert response_from_json(response_to_json(response)) == response


@pytest.mark.parametrize(
    ("response", "option"),
    [(1, 1), (True, None), (9, None), ("b", 1), ("B", 1), ("the nucleus", 1), ("z", None), ("", None)],
)
def test_an_option_is_named_by_index_letter_or_words(response: Response, option: int | None) -> None:
    assert chosen(items()[0], response) == option
