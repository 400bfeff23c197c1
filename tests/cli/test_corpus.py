"""`corpus build` writes training text, says what it dropped, and fails in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support import corpora


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "talk.jsonl"
    path.write_text(json.dumps({"id": "a", "text": corpora.PROSE}) + "\n{broken\n")
    return path


def test_the_table_says_what_became_of_every_record(run: Run, source: Path, tmp_path: Path) -> None:
    result = run("corpus", "build", source, "-o", tmp_path / "o.jsonl.gz")
    assert result.code == 0
    rows = [line.split(maxsplit=3) for line in result.out.splitlines()[1:]]
    assert rows == [["talk.jsonl", "chats", "1", "kept"], ["talk.jsonl", "chats", "1", "not JSON"]]
    assert "1 text" in result.err


def test_json_is_the_report_in_the_file_beside_the_output(run: Run, source: Path, tmp_path: Path) -> None:
    result = run("corpus", "build", source, "-o", tmp_path / "o.jsonl", "--max-bytes", "2M", "--json")
    assert result.json == json.loads((tmp_path / "o.jsonl.report.json").read_text())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["missing", "-o", "o.jsonl"], 1, "No such file"),
        (["talk.jsonl", "-o", "o.json"], 1, ".jsonl.zst"),
        (["talk.jsonl"], 2, "--output"),
        (["talk.jsonl", "-o", "o.jsonl", "--max-bytes", "many"], 2, "20M"),
        (["talk.jsonl", "-o", "none/o.jsonl"], 1, "none"),
    ],
)
def test_a_mistake_is_one_line(
    run: Run,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(source.parent)
    result = run("corpus", "build", *arguments)
    assert result.code == code
    assert said in result.err
    assert len(result.err.splitlines()) == 1
    assert not (source.parent / "o.json.partial").exists()


def test_building_a_corpus_needs_no_torch() -> None:
    said = "import sys, aigc_tui.cli.corpus, aigc_tui.corpora.build; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
