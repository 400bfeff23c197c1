from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aigc_tui import __version__
from aigc_tui.cli.output import data
from aigc_tui.cli.program import COMMANDS
from aigc_tui.store import Store
from tests.cli.conftest import Run

HEAVY = (
    "torch",
    "transformers",
    "textual",
    "tokenizers",
    "sqlite_utils",
    "huggingface_hub",
    "httpx2",
)
LIGHT = (["--help"], ["chat", "--help"], ["model", "--help"], ["persona", "list"], ["history", "search", "x"])
WRONG = (
    ["nonsense"],
    ["history"],
    ["history", "nonsense"],
    ["chat", "--nonsense"],
    ["history", "show"],
    ["--language", "xx"],
)
PLACES = (["--home", "{}", "history", "list"], ["history", "list", "--home", "{}"])


def test_the_version_is_printed(run: Run) -> None:
    result = run("--version")
    assert (result.code, result.out) == (0, f"aigc-tui {__version__}\n")


def test_help_lists_every_command(run: Run) -> None:
    result = run("--help")
    assert result.code == 0
    assert all(f"  {name} " in result.out for name in COMMANDS)


@pytest.mark.parametrize("arguments", LIGHT)
def test_nothing_heavy_is_imported_to_answer(arguments: list[str], home: Path) -> None:
    code = (
        "import sys; from aigc_tui.cli import main; main(sys.argv[2:]);"
        "print(*sorted(set(sys.argv[1].split(',')) & set(sys.modules)), file=sys.stderr)"
    )
    Store.open(home / "aigc-tui.db").close()
    command = [sys.executable, "-c", code, ",".join(HEAVY), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_usage_ends_with_two_and_says_so_on_stderr_only(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert result.err


def test_wrong_usage_is_one_line_that_names_the_help(run: Run) -> None:
    result = run("history", "show")
    assert result.err.count("\n") == 1
    assert "aigc-tui history show --help" in result.err


def test_without_a_terminal_the_application_does_not_open(run: Run) -> None:
    result = run(stdin="")
    assert result.code == 2
    assert "--plain" in result.err


@pytest.mark.parametrize(
    "arguments", [["--home", "{}", "history", "list"], ["history", "list", "--home", "{}"]]
)
def test_the_home_may_be_named_before_or_after_the_command(
    run: Run, tmp_path: Path, arguments: list[str]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert run(*(argument.format(elsewhere) for argument in arguments)).code == 0
    assert (elsewhere / "aigc-tui.db").exists()


def test_the_language_of_narration_can_be_chosen(run: Run) -> None:
    english, chinese = (run("persona", "list", "--language", language).out for language in ("en", "zh"))
    assert english != chinese


def test_a_failure_of_ours_is_one_line_and_exit_code_one(run: Run) -> None:
    result = run("history", "show", "0000")
    assert result.code == 1
    assert result.out == ""
    assert result.err.count("\n") == 1


def test_broken_settings_are_named_with_their_line(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "settings.yaml").write_text("theme: nord\ntemperature: 9\n")
    result = run("model", "list")
    assert result.code == 1
    assert "settings.yaml:2" in result.err


def test_an_unexpected_failure_is_one_line_and_its_traceback_goes_to_a_log(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError("the ground gave way")

    monkeypatch.setattr("aigc_tui.store.Store.open", explode)
    result = run("history", "list")
    assert result.code == 1
    assert result.err.count("\n") == 1
    logs = list((home / "logs").iterdir())
    assert str(logs[0]) in result.err
    assert "the ground gave way" in logs[0].read_text()


def test_hostile_text_never_reaches_the_terminal_raw(capsys: pytest.CaptureFixture[str]) -> None:
    data("\x1b]52;c;aGk=\x07 \u202e")
    assert not {"\x1b", "\x07", "\u202e"} & set(capsys.readouterr().out)


def test_a_reader_who_leaves_early_causes_no_complaint(home: Path) -> None:
    command = [sys.executable, "-m", "aigc_tui", "persona", "list", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        complaint = process.stderr.read()
        assert process.wait(timeout=60) == 0
    assert complaint == b""


@pytest.mark.parametrize("redirection", [">&-", "<&-", ">&- 2>&-"])
def test_a_stream_that_the_shell_closed_is_no_failure(redirection: str, home: Path) -> None:
    command = f"exec {sys.executable} -m aigc_tui persona list {redirection}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (home / "logs").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_to_a_full_disk_fails_with_one_line(home: Path) -> None:
    command = [sys.executable, "-m", "aigc_tui", "persona", "list"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "aigc-tui: the output cannot be written: No space left on device\n"
    assert not (home / "logs").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["chat", "hi", "--temperature", "nan"],
        ["chat", "hi", "--top-p", "nan"],
        ["model", "sample", "starter", "--prompt", "a", "--presence-penalty", "nan"],
        ["corpus", "build", "x", "-o", "y.jsonl", "--dev", "nan"],
    ],
)
def test_nan_is_wrong_usage(run: Run, command: list[str], home: Path) -> None:
    result = run(*command)
    assert result.code == 2
    assert "'nan' is not a number" in result.err
    assert not home.exists()
