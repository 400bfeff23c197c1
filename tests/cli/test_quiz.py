"""`aigc-tui quiz`: the contracts of design section 6, from an imported lesson to the result of a quiz."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.cli.quiz import FORMATS
from aigc_tui.cli.quiz_lines import NoAnswerError, how_to, question_lines, read_answer
from aigc_tui.locale import Catalogue
from aigc_tui.quiz.codec import quiz_to_json
from aigc_tui.quiz.formats.registry import FORMATS as REGISTRY
from aigc_tui.quiz.planning.records import Made, MakingEvent
from aigc_tui.quiz.records import Item, ItemType
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.quiz.workshop import Workshop
from aigc_tui.store import Store
from tests.cli.conftest import Result, Run
from tests.quiz.shelf import items, lesson, lesson_file, quiz_of, stocked

SAMPLE = Path(__file__).parents[2] / "data" / "lessons" / "en-photosynthesis.md"
LESSON = ["lesson", "title", "language", "sha256", "text", "sections", "source", "pages", "notes"]
MATCH = Item(
    "m",
    ItemType.MATCH,
    "Match them.",
    (("leaf", "green"), ("root", "brown")),
    options=("brown", "green"),
)
ORDER = Item("o", ItemType.ORDER, "Order them.", ("first", "second", "third"), ("third", "first", "second"))


@pytest.fixture
def quiz(home: Path) -> str:
    """A kept quiz of four items about a kept lesson."""
    home.mkdir()
    with Store.open(home / "aigc-tui.db") as store:
        return stocked(store)


def written(folder: Path, quiz: Any) -> Path:
    file = folder / "quiz.json"
    file.write_text(json.dumps(quiz_to_json(quiz)), encoding="utf-8")
    return file


def one_line(result: Result, *, code: int = 1) -> str:
    """The one line that a failed command says."""
    assert result.code == code
    lines = [line for line in result.err.splitlines() if line.startswith("aigc-tui: ")]
    assert len(lines) == 1, result.err
    return lines[0]


def test_import_prints_the_documented_shape_and_offsets_count_in_its_text(run: Run, tmp_path: Path) -> None:
    shape = run("quiz", "import", lesson_file(tmp_path), "--json").json
    assert list(shape) == LESSON
    assert [section["title"] for section in shape["sections"]] == ["Cells", "Plants"]
    for section in shape["sections"]:
        assert shape["text"][section["start"] : section["end"]].startswith(section["title"])
    again = run("quiz", "import", lesson_file(tmp_path))
    assert again.out.strip() == shape["lesson"]
    [row] = run("quiz", "list", "--lessons", "--json").json
    assert (row["id"], row["sections"], row["quizzes"], row["due"]) == (shape["lesson"], 2, 0, 0)


def test_a_conversation_is_imported_as_a_lesson(run: Run, home: Path) -> None:
    home.mkdir()
    with Store.open(home / "aigc-tui.db") as store:
        talk = store.conversations.create(title="Of light")
        store.messages.add(conversation=talk.id, parent=None, role="user", content="Leaves make sugar.")
    shape = run("quiz", "import", "last", "--conversation", "--json").json
    assert (shape["title"], shape["text"]) == ("Of light", "Leaves make sugar.")


def test_a_made_quiz_is_the_documented_json_grounded_in_the_printed_text(run: Run, tmp_path: Path) -> None:
    shape = run("quiz", "import", SAMPLE, "--json").json
    file = tmp_path / "made.json"
    result = run("quiz", "make", "last", "-n", 8, "--seed", 2, "-o", file)
    assert result.code == 0, result
    assert "8 of 8 questions made." in result.err
    value = json.loads(file.read_text())
    assert {"version", "lesson", "requested", "items", "rejected"} <= set(value)
    assert value["lesson"] == {key: shape[key] for key in ("title", "sha256", "language")}
    for item in value["items"]:
        source = item["source"]
        assert shape["text"][source["start"] : source["end"]] == source["quote"]
    same = run("quiz", "make", SAMPLE, "-n", 8, "--seed", 2, "--json").json
    assert [item["stem"] for item in same["items"]] == [item["stem"] for item in value["items"]]
    assert run("quiz", "check", file).code == 0


def test_ctrl_c_keeps_what_was_made(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Workshop.make

    async def pressed(*arguments: Any) -> AsyncIterator[MakingEvent]:
        async with aclosing(whole(*arguments)) as events:
            async for event in events:
                yield event
                if isinstance(event, Made) and event.filled.slot.number >= 2:
                    os.kill(os.getpid(), signal.SIGINT)
                    await asyncio.sleep(60)

    monkeypatch.setattr(Workshop, "make", pressed)
    result = run("quiz", "make", SAMPLE, "-n", 8, "--json")
    assert result.code == 0
    assert "Stopped; 3 questions were saved." in result.err
    [row] = run("quiz", "list", "--json").json
    assert 0 < row["items"] < 8
    assert row["id"] == result.json["id"]


def test_what_cannot_be_made_is_said_and_an_empty_quiz_is_not_kept(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "numbers.md"
    file.write_text("1 2 3\n\n4 5 6\n")
    result = run("quiz", "make", file, "-n", 5)
    assert "no reliable item could be made" in one_line(result)
    assert "0 of 5 questions made. 5 could not be made" in result.err
    assert run("quiz", "list", "--json").json == []
    result = run("quiz", "make", SAMPLE, "-n", 500)
    assert result.code == 0
    assert "could not be made: too little in the lesson" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["make", "gone.md"], 1, "gone.md: no such file"),
        (["make", "zzzz"], 1, "quiz list --lessons"),
        (["make", "x", "--types", "mc,essay"], 2, "'essay' is not a question type"),
        (["make", "x", "-n", "-1"], 2, "-n"),
        (["import", "gone.md"], 1, "gone.md"),
        (["take", "zzzz"], 1, "quiz list"),
        (["take", "gone.json"], 1, "no such file"),
        (["export", "zzzz", "-o", "x.nonsense"], 1, "suffix"),
        (["export", "zzzz", "--format", "pdf", "-o", "x.pdf"], 2, "pdf"),
        (["plan", "zzzz", "-o", "x.pdf"], 1, "a lesson plan can be written as"),
        (["check", "gone.json"], 1, "no such file"),
        (["delete", "zzzz"], 1, "quiz list"),
        (["undelete", "zzzz"], 1, "no quiz"),
        (["practice", "zzzz"], 1, "no lesson matches"),
    ],
)
def test_wrong_input_is_one_clear_line(
    run: Run,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in one_line(run("quiz", *arguments), code=code)
    assert not list(tmp_path.glob("x.*"))


def test_check_says_what_is_wrong_with_any_file_and_exits_1_for_a_hard_flaw(run: Run, tmp_path: Path) -> None:
    lesson_file(tmp_path)
    broken = Item("x", ItemType.MC, "What is it?", 0, ("a leaf", "a leaf", "a root"))
    file = written(tmp_path, quiz_of([*items(), broken], lesson()))
    result = run("quiz", "check", file, "--lesson", tmp_path / "cells.md", "--json")
    assert result.code == 1
    assert list(result.json) == ["items", "quiz", "measures", "hard_failures", "soft_failures"]
    [last] = result.json["items"][4:]
    assert {"check": "duplicate_options", "passed": False, "hard": True}.items() <= next(
        verdict.items() for verdict in last["checks"] if verdict["check"] == "duplicate_options"
    )
    told = run("quiz", "check", file)
    assert told.code == 1
    assert "5. What is it?" in told.out
    assert "✗ No two options are equal" in told.out
    assert "✗ 没有重复的选项" in run("--language", "zh", "quiz", "check", file).out
    assert "✓ " not in told.out
    assert "✓ " in run("quiz", "check", file, "--all").out
    gift = tmp_path / "class.gift"
    gift.write_text("Who named cells in 1665? {=Robert Hooke ~Isaac Newton ~Marie Curie ~Alan Turing}\n")
    assert run("quiz", "check", gift).code == 0


def test_the_formats_named_in_help_are_those_of_the_registry() -> None:
    assert set(REGISTRY) <= set(FORMATS)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_quiz_is_exported_in_every_format(run: Run, quiz: str, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"out{REGISTRY[name].suffix}"
    result = run("quiz", "export", quiz, "--format", name, "-o", file, "--json")
    assert result.code == 0, result.err
    assert list(result.json) == ["file", "format", "items", "left_out", "lost"]
    assert result.json["items"] + len(result.json["left_out"]) == 4
    for each in result.json["left_out"]:
        assert each["stem"] in result.err or each["stem"][:50] in result.err
    assert file.stat().st_size > 0
    assert "--force overwrites it" in one_line(run("quiz", "export", quiz, "--format", name, "-o", file))


def test_a_quiz_file_is_exported_without_being_kept(run: Run, home: Path, tmp_path: Path) -> None:
    file = written(tmp_path, quiz_of(items()))
    assert run("quiz", "export", file, "-o", tmp_path / "out.csv").code == 0
    assert run("quiz", "list", "--json").json == []


def test_a_quiz_is_taken_through_a_pipe(run: Run, quiz: str) -> None:
    answers = "b\nmaybe\nf\n\nnothing of the kind\n/right\n"
    result = run("quiz", "take", quiz, "--json", stdin=answers)
    assert result.code == 0
    shape = result.json
    assert list(shape) == [
        *("attempt", "quiz", "score", "correct", "partial", "incorrect", "unanswered", "seconds"),
        *("items", "reread"),
    ]
    assert [item["verdict"] for item in shape["items"]] == ["correct", "incorrect", "", "incorrect"]
    assert [item["response"] for item in shape["items"]] == [1, False, None, "nothing of the kind"]
    assert [each["quote"] for each in shape["reread"]] == [
        "Robert Hooke named cells in 1665.",
        "Chloroplasts capture light.",
        "Chlorophyll is green.",
    ]
    assert "Type t (true) or f (false)." in result.err


def test_a_verdict_is_overruled_and_the_score_says_so(run: Run, quiz: str) -> None:
    result = run("quiz", "take", quiz, stdin="b\nt\nsixteen hundred and so\n/right\nlight\n")
    assert result.out.splitlines()[0] == "4 of 4 correct (100%)"


def test_an_attempt_that_was_left_goes_on(run: Run, quiz: str) -> None:
    left = run("quiz", "take", quiz, stdin="b\n/stop\n")
    assert (left.code, left.out) == (0, "")
    assert "continues this attempt" in left.err
    again = run("quiz", "take", quiz, stdin="t\n1665\nlight\n")
    assert "1 of 4 questions answered" in again.err
    assert again.out.startswith("4 of 4 correct")
    assert run("quiz", "take", quiz, "--new", stdin="").out.startswith("0 of 4 correct")


def test_a_seed_draws_the_order(run: Run, quiz: str) -> None:
    def asked(seed: int) -> str:
        return run("quiz", "take", quiz, "--seed", seed, "--new", stdin="").err.split("\n")[1]

    assert asked(1) == asked(1)
    assert len({asked(seed) for seed in range(8)}) > 1


def test_the_real_process_loses_no_answer_when_it_is_killed(home: Path, quiz: str) -> None:
    command = [sys.executable, "-m", "aigc_tui", "quiz", "take", quiz]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "AIGC_TUI_HOME": str(home)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as child:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.write(b"b\n")
        child.stdin.flush()
        # The second question is on the screen: the first answer must be on the disk.
        while not child.stderr.readline().startswith(b"2. "):
            pass
        child.send_signal(signal.SIGKILL)
    with Store.open(home / "aigc-tui.db") as store:
        [attempt] = store.practice.attempts(quiz, finished=False)
        [kept] = store.practice.responses(attempt.id)
        assert (kept.item, kept.verdict) == ("mc", "correct")


def test_practice_goes_through_the_due_cards_and_comes_back_the_next_day(
    run: Run, quiz: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    monkeypatch.setattr("aigc_tui.cli.quiz_session.clock", lambda: now)
    answers = "b\n4\nf\n2\n/undo\nf\n\n/stop\n"
    first = run("quiz", "practice", "--json", stdin=answers)
    assert first.json == {"reviewed": 2, "again": 1, "due": 3}
    assert "undone" in first.err
    assert "Due again in 1 min." in first.err
    now += timedelta(days=30)
    second = run("quiz", "practice", "--limit", 1, stdin="t\n\n")
    assert second.out.startswith("1 card reviewed, 0 to repeat")
    assert run("quiz", "practice", "--json", stdin="").json == {"reviewed": 0, "again": 0, "due": 4}


@pytest.mark.parametrize("suffix", [".md", ".docx", ".html"])
def test_a_plan_is_written_in_the_kind_of_its_file(run: Run, quiz: str, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"plan{suffix}"
    assert run("quiz", "plan", "last", "-o", file).code == 0
    assert file.read_bytes()[:2] in (b"# ", b"PK", b"<!")
    printed = run("quiz", "plan", "last")
    assert printed.out.startswith("# Lesson plan: Cells")


def test_show_search_delete_and_undelete(run: Run, quiz: str) -> None:
    assert run("quiz", "show", quiz, "--json").json["id"] == quiz
    assert "Answer" not in run("quiz", "show", quiz).out
    assert "Answer: b  The nucleus" in run("quiz", "show", quiz, "--answers").out
    kinds = {hit["kind"] for hit in run("quiz", "search", "nucleus", "--json").json}
    assert kinds == {"item", "lesson"}
    assert run("quiz", "delete", quiz, "--json").json == {"deleted": quiz, "forever": False}
    assert run("quiz", "list", "--json").json == []
    assert [row["id"] for row in run("quiz", "list", "--deleted", "--json").json] == [quiz]
    assert run("quiz", "undelete", quiz).code == 0
    lesson_id = run("quiz", "list", "--json").json[0]["lesson"]
    run("quiz", "delete", "last", "--lesson")
    assert run("quiz", "list", "--json").json == run("quiz", "list", "--lessons", "--json").json == []
    assert run("quiz", "undelete", lesson_id).code == 0
    assert run("quiz", "delete", quiz, "--forever", "--json").json == {"deleted": quiz, "forever": True}
    assert run("quiz", "list", "--deleted", "--json").json == []


def test_question_files_are_kept_and_what_cannot_be_read_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "class.gift"
    file.write_text("Good? {=yes ~no ~perhaps}\n\nBroken {=\n")
    result = run("quiz", "import", "--questions", file, "--json")
    assert result.json["items"] == 1
    assert [list(problem) for problem in result.json["problems"]] == [["where", "reason"]]
    assert "Not imported: " in result.err


def test_hostile_words_never_reach_the_terminal(run: Run, home: Path) -> None:
    home.mkdir()
    bad = "\x1b]52;c;aGk=\x07\u202e[red]"
    with Store.open(home / "aigc-tui.db") as store:
        name = QuizRepository(store).keep(quiz_of([Item("h", ItemType.SHORT, f"What {bad}?", f"x{bad}")])).id
    for result in (
        run("quiz", "show", name, "--answers"),
        run("quiz", "take", name, stdin=f"{bad}\n"),
        run("quiz", "list"),
        run("quiz", "check", name),
    ):
        assert not set(result.out + result.err) & {"\x1b", "\x07", "\u202e"}


@pytest.mark.parametrize(
    ("item", "line", "response"),
    [
        (items()[0], "B", 1),
        (items()[0], "2", 1),
        (items()[0], "b)", 1),
        (items()[0], "the nucleus", 1),
        (items()[1], "对", True),
        (items()[1], "F", False),
        (MATCH, "1b 2a", (("leaf", "green"), ("root", "brown"))),
        (MATCH, "2a,1B", (("leaf", "green"), ("root", "brown"))),
        (ORDER, "2 3 1", ("first", "second", "third")),
        (ORDER, "231", ("first", "second", "third")),
        (items()[3], " light ", "light"),
    ],
)
def test_a_typed_line_is_read_as_an_answer(item: Item, line: str, response: object) -> None:
    assert read_answer(item, line) == response


@given(line=st.text(max_size=40))
def test_any_line_is_an_answer_or_is_told_how_to_answer(line: str) -> None:
    words = Catalogue.load("en")
    for item in (*items(), MATCH, ORDER):
        assert question_lines(item, 1)
        with contextlib.suppress(NoAnswerError):
            assert read_answer(item, line) is not None
        assert words.text(how_to(item)) != how_to(item)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_command_speaks_the_users_language(run: Run, quiz: str, language: str) -> None:
    result = run("--language", language, "quiz", "take", quiz, stdin="b\n")
    assert ("正确" in result.err) == (language == "zh")
    assert ("correct" in result.out) == (language == "en")


def test_more_options_than_letters_are_numbered_and_a_number_that_is_none_is_no_answer() -> None:
    many = Item("n", ItemType.MC, "Which?", 29, tuple(f"option {place}" for place in range(30)))
    assert question_lines(many, 1)[-1] == "   30  option 29"
    assert read_answer(many, "30") == 29
    for typed in ("31", "0", "9" * 9_000):
        with pytest.raises(NoAnswerError):
            read_answer(many, typed)


def test_a_folder_without_a_name_is_named_in_the_refusal(run: Run) -> None:
    assert run("quiz", "import", ".").err == "aigc-tui: .: it is a folder, not a file\n"
