"""Jobs run as processes: their answer comes back, their error is one line, and torch stays outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aigc_tui.training import jobs


def test_a_tokenizer_a_model_and_its_evaluation(tiny_yaml: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = tiny_yaml.with_name("text.txt")
    text.write_text("Hello, how are you? 你好。", encoding="utf-8")
    assert jobs.train_tokenizer(tiny_yaml) == 0
    assert jobs.pretrain(tiny_yaml, resume=False) == 0
    shown = capfd.readouterr()
    answer = json.loads(shown.out)
    assert answer["finished"] is True
    assert "reading step" in shown.err
    report = jobs.evaluate(Path(answer["folder"]), text)
    assert report.bytes == len(text.read_bytes())
    assert 0 < report.bits_per_byte < 16
    assert json.loads(report.to_json()) == {
        "bits_per_byte": report.bits_per_byte,
        "bytes": report.bytes,
        "tokens": report.tokens,
        "loss": report.loss,
    }


@pytest.mark.parametrize("job", [lambda p: jobs.pretrain(p, False), jobs.train_tokenizer])
def test_a_failed_job_raises_its_one_line(job: object, tmp_path: Path) -> None:
    assert callable(job)
    with pytest.raises(jobs.JobError, match=r"cannot read recipe .*no\.yaml") as caught:
        job(tmp_path / "no.yaml")
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_model_raises_its_one_line(tmp_path: Path) -> None:
    with pytest.raises(jobs.JobError, match="is not a model folder"):
        jobs.evaluate(tmp_path, tmp_path / "a.txt")


def test_importing_jobs_imports_no_torch() -> None:
    check = "import sys, aigc_tui.training.jobs; print({'torch', 'transformers', 'numpy'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", check], text=True).strip() == "set()"
