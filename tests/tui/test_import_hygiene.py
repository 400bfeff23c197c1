"""What may be imported before the first frame: the guard of the promise on starting up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BEFORE_FRAME = """
import json, sys
import aigc_tui.tui.app
from aigc_tui.config import Paths
from pathlib import Path
aigc_tui.tui.app.AigcApp(Paths.find(Path(sys.argv[1])))
print(json.dumps(sorted(sys.modules)))
"""
HEAVY = {
    "torch", "transformers", "tokenizers", "peft", "numpy", "safetensors", "huggingface_hub", "sqlite_utils",
    "sqlite3", "yaml", "httpx", "httpx2", "click", "jinja2", "markdown_it", "pygments",
    "aigc_tui.store.connection", "aigc_tui.engine.client", "aigc_tui.personas.library", "aigc_tui.cli",
    "aigc_tui.tui.settings.screen", "aigc_tui.tui.help.screen", "aigc_tui.tui.first_run.screen",
    "aigc_tui.tui.models", "aigc_tui.tui.models.screen", "aigc_tui.engine.install",
    "aigc_tui.tui.quiz", "aigc_tui.tui.quiz.screen", "aigc_tui.tui.practice", "aigc_tui.quiz.service",
}  # fmt: skip
"""None of these is needed to paint the first frame of a home without a settings file."""
NEVER = {"torch", "transformers", "tokenizers", "peft", "sqlite_utils"}


def modules_after(code: str, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True, timeout=120
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_nothing_heavy_is_imported_before_the_first_frame(tmp_path: Path) -> None:
    assert HEAVY & modules_after(BEFORE_FRAME, str(tmp_path)) == set()


def test_a_settings_file_costs_yaml_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("language: zh\nfirst_run_done: true\n", encoding="utf-8")
    assert HEAVY & modules_after(BEFORE_FRAME, str(tmp_path)) == {"yaml"}


def test_the_entry_point_imports_no_command_line_parser() -> None:
    code = "import json, sys, aigc_tui.__main__; print(json.dumps(sorted(sys.modules)))"
    assert {"click", "textual", "aigc_tui.cli", *NEVER} & modules_after(code) == set()
