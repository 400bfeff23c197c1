"""Jobs run as processes: their answer comes back, their error is one line, and torch stays outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.evaluation import job as evaluation_job
from aigc_tui.process import runner
from aigc_tui.process.messages import JobError
from aigc_tui.training import jobs


def evaluate(folder: Path, text: Path) -> dict[str, Any]:
    return evaluation_job.run(
        evaluation_job.Plan((evaluation_job.Subject(folder.name, str(folder)),), (text,))
    )


def test_a_tokenizer_a_model_and_its_evaluation(tiny_yaml: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = tiny_yaml.with_name("text.txt")
    text.write_text("Hello, how are you? 你好。", encoding="utf-8")
    assert jobs.train_tokenizer(tiny_yaml) == 0
    assert jobs.pretrain(tiny_yaml, resume=False) == 0
    shown = capfd.readouterr()
    answer = json.loads(shown.out)
    assert answer["finished"] is True
    assert "reading step" in shown.err
    report = evaluate(Path(answer["folder"]), text)
    assert report["bytes"] == len(text.read_bytes())
    assert 0 < report["bits_per_byte"] < 16
    assert set(evaluation_job.SUMMARY) <= set(report)


@pytest.mark.parametrize("job", [lambda p: jobs.pretrain(p, False), jobs.train_tokenizer])
def test_a_failed_job_raises_its_one_line(job: object, tmp_path: Path) -> None:
    assert callable(job)
    with pytest.raises(JobError, match=r"cannot read recipe .*no\.yaml") as caught:
        job(tmp_path / "no.yaml")
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_model_raises_its_one_line(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="is not a model folder"):
        evaluate(tmp_path, tmp_path / "a.txt")


def test_importing_jobs_imports_no_torch() -> None:
    check = (
        "import sys, aigc_tui.evaluation.job; print({'torch', 'transformers', 'numpy'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", check], text=True).strip() == "set()"


def test_files_of_the_current_folder_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("numpy.py", "random.py", "torch.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(JobError, match="is not a model folder"):
        evaluate(tmp_path, tmp_path / "a.txt")
    assert not (tmp_path / "ran").exists()


def test_bytes_of_a_job_that_are_no_text_end_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "import os; os.write(2, b'\\xff loading\\nerror: bad \\xff\\n'); raise SystemExit(1)"
    monkeypatch.setattr(runner, "command", lambda *_: [sys.executable, "-c", code])
    with pytest.raises(JobError, match="bad \N{REPLACEMENT CHARACTER}"):
        jobs.train_tokenizer(Path("recipe.yaml"))
    assert "\N{REPLACEMENT CHARACTER} loading" in capfd.readouterr().err
