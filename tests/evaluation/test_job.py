"""The evaluation's child: its progress is passed on, its noise is not, and keys are no arguments."""

from __future__ import annotations

import sys

import pytest

from aigc_tui.evaluation import job as evaluation_job
from aigc_tui.evaluation.job import KEYS, Plan, Subject
from aigc_tui.message import Message, message
from aigc_tui.process import runner
from aigc_tui.process.messages import JobError

PLAN = Plan((Subject("near", "http://127.0.0.1:1/v1", "m", key="secret-1"), Subject("-x", "folder", key="")))


def child(monkeypatch: pytest.MonkeyPatch, code: str) -> list[str]:
    """Let this code run instead of the evaluation; returns the arguments that it would have got."""
    given: list[str] = []

    def command(module: str, *arguments: str) -> list[str]:
        given.extend(arguments)
        begin = "import os, sys\nfrom aigc_tui.process.child import caller\nparent = caller()\n"
        return [sys.executable, "-c", begin + code]

    monkeypatch.setattr(runner, "command", command)
    return given


def test_progress_is_passed_on_and_noise_is_not(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    said = "parent.progress('smile: \x1b[31mnext reply', 1, 4)\nprint('Warning: noise')\n"
    child(monkeypatch, said + "sys.stderr.write('noise')\nparent.answer({})")
    told: list[tuple[Message, int, int]] = []
    assert evaluation_job.run(PLAN, lambda *step: told.append(step)) == {}
    assert told == [(message("{text}", text="smile: ␛[31mnext reply"), 1, 4)]
    assert capfd.readouterr().err == ""


def test_a_key_is_in_the_childs_environment_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    given = child(monkeypatch, f"parent.answer({{'key': os.environ.get({KEYS[0]!r})}})")
    assert evaluation_job.run(PLAN, lambda *_: None) == {"key": "secret-1"}
    assert not any("secret" in each for each in given)
    assert given[-3:] == ["--", "http://127.0.0.1:1/v1", "folder"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sys.stderr.write('error: no model\\nnoise\\n'); sys.exit(1)", "no model"),
        ("sys.exit(3)", "ended with code 3"),
        ("os.write(parent._pipe, b'no json\\n')", "sent a broken answer"),
        ("parent.answer(7)", "gave no report"),
    ],
)
def test_a_failed_child_is_one_line(monkeypatch: pytest.MonkeyPatch, code: str, message: str) -> None:
    child(monkeypatch, code)
    with pytest.raises(JobError, match=message) as caught:
        evaluation_job.run(PLAN, lambda *_: None)
    assert "\n" not in str(caught.value)
