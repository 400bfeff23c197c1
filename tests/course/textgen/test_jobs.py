"""The child behind the command line: torch stays in it, its failure is one line, it ends when nobody asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aigc_tui.course.textgen import jobs
from aigc_tui.process import runner
from aigc_tui.process.messages import JobError


def test_importing_the_jobs_imports_no_torch() -> None:
    check = "import sys, aigc_tui.course.textgen.jobs; print({'torch', 'numpy'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", check], text=True).strip() == "set()"


def test_a_session_is_asked_and_its_child_is_gone_afterwards(folder: Path) -> None:
    with jobs.conversation({"do": "interactive", "model": str(folder), "prefix": "the"}) as talk:
        first = next(talk.answers())
        assert [set(choice) for choice in first["choices"]] == [{"text", "probability", "ends"}] * 3
        picked = talk.ask({"pick": 1})
        assert picked["text"] == "the" + first["choices"][0]["text"]
        assert talk.ask({"pick": 50})["problem"] == "number"
    assert not talk.running


def test_a_child_that_fails_raises_its_one_line(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="there is no such work"):
        list(jobs.events({"do": "dance"}))
    with pytest.raises(JobError, match="is missing"):
        list(jobs.events({"do": "generate", "model": str(tmp_path), "n": 1}))


def test_a_child_that_breaks_down_says_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; print('half', file=sys.stderr); sys.exit('no memory \\x1b[2J left')"
    monkeypatch.setattr(runner, "command", lambda *_: [sys.executable, "-c", code])
    with pytest.raises(JobError, match="no memory") as caught:
        list(jobs.events({"do": "generate"}))
    assert "\x1b" not in str(caught.value)


def test_an_answer_that_is_no_json_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "command", lambda *_: [sys.executable, "-c", "print('hello')"])
    with pytest.raises(JobError, match="not a line of JSON"):
        list(jobs.events({"do": "generate"}))
