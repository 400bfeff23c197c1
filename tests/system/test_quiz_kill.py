"""SIGKILL while a quiz is made or taken, a store that others hold open, and no socket: what was kept stays.

`AIGC_KILLS=50` kills more often than the default, which keeps the suite quick.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store
from aigc_tui.store.checks import check_store
from tests.quiz.shelf import stocked
from tests.support.lessons import sample
from tests.support.quiz_process import environment, quiz
from tests.system.test_offline import GUARD, noted

KILLS = int(os.environ.get("AIGC_KILLS", "3"))
STORE = "aigc-tui.db"


@pytest.fixture
def kept(home: Path) -> str:
    """A quiz that is in the store before anything happens."""
    with Store.open(home / STORE) as store:
        return stocked(store)


def start(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a quiz command in a process group of its own."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-m", "aigc_tui", "quiz", *arguments],
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        env=environment(home),
        start_new_session=True,
    )


def group_is_empty(group: int) -> bool:
    """Whether no process of a group is left that still runs."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, in_group = status.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(in_group) == group and state != "Z":
            return False
    return True


def make_then_kill(home: Path, delay: float) -> None:
    """Kill the command alone, some time after it has begun; its child must find out by itself."""
    lesson = str(sample("en-plate-tectonics"))
    with start(home, "make", lesson, "-n", "12") as child:
        time.sleep(delay)  # not a condition that is waited for: the moment of the kill is the case
        child.kill()
    deadline = time.monotonic() + 20
    while not group_is_empty(child.pid):
        assert time.monotonic() < deadline, "the maker goes on without its parent"
        time.sleep(0.05)


def test_a_kill_while_a_quiz_is_made_loses_nothing_that_was_kept(home: Path, kept: str) -> None:
    before = quiz(home, "show", kept, "--json").json
    rng = random.Random(8)
    for _ in range(KILLS):
        make_then_kill(home, rng.uniform(0.05, 1.2))
    with Store.open(home / STORE) as store:
        assert [check for check in check_store(store) if not check.ok] == []
        service = QuizService(store)
        for row in service.repository.quizzes():  # whole, or not there at all
            assert row.items == len(service.repository.entries(row.id)) > 0
    assert quiz(home, "show", kept, "--json").json == before
    assert quiz(home, "make", sample("en-plate-tectonics"), "-n", 2, "--json").json["items"]


@pytest.mark.parametrize("answered", range(1, 4))
def test_a_kill_while_a_quiz_is_taken_keeps_every_answer_that_was_judged(
    home: Path, kept: str, answered: int
) -> None:
    answers = [b"b\n", b"t\n", b"1665\n", b"x\n"]
    with start(home, "take", kept) as child:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.write(b"".join(answers[:answered]))
        child.stdin.flush()
        # The next question is asked: what came before it has been judged.
        while not child.stderr.readline().startswith(b"%d. " % (answered + 1)):
            pass
        child.send_signal(signal.SIGKILL)
    with Store.open(home / STORE) as store:
        assert [check for check in check_store(store) if not check.ok] == []
        attempt = QuizService(store).attempts.unfinished(kept)
        assert attempt is not None
        assert len(attempt.answered) == answered
    rest = quiz(home, "take", kept, "--json", answers=b"".join(answers[answered:]))
    assert f"{answered} of 4" in rest.err
    assert rest.json["correct"] >= 3


def test_commands_work_while_another_process_holds_the_store_open(home: Path, kept: str) -> None:
    with Store.open(home / STORE) as store:
        service = QuizService(store)
        entries = service.repository.entries(kept)
        made = quiz(home, "make", sample("en-photosynthesis"), "-n", 3, "--json")
        assert made.code == 0, made
        assert made.json["id"] in [row.id for row in service.repository.quizzes()]
        service.editor.set_locked(kept, entries[0].item.id, True)
        assert quiz(home, "delete", kept).code == 0
        assert kept not in [row.id for row in service.repository.quizzes()]
        assert [check for check in check_store(store) if not check.ok] == []


def test_no_quiz_command_opens_a_socket(home: Path, kept: str, tmp_path: Path) -> None:
    guard = {"PYTHONPATH": str(GUARD), "AIGC_SOCKET_LOG": str(tmp_path / "sockets.log")}
    commands: list[tuple[object, ...]] = [
        ("import", sample("en-photosynthesis")),
        ("make", sample("en-photosynthesis"), "-n", 2, "-o", tmp_path / "made.json"),
        ("check", tmp_path / "made.json"),
        ("export", kept, "-o", tmp_path / "cards.apkg"),
        ("take", kept),
        ("practice",),
        ("plan", "last", "-o", tmp_path / "plan.docx"),
    ]
    for command in commands:
        said = quiz(home, *command, answers=b"b\n/stop\n", more=guard)
        assert said.code == 0, said
    assert noted(guard) == ""
