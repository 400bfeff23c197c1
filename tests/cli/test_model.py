from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from aigc_tui.config import Paths, load_settings
from tests.cli.conftest import Run, settings_with
from tests.support.known_model import install_known
from tests.support.models import CONTEXT, make_model
from tests.support.openai_server import openai_server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random Llama folder."""
    return make_model(tmp_path_factory.mktemp("models") / "tiny", "llama")


def test_info_of_any_folder_has_the_documented_shape(run: Run, folder: Path) -> None:
    shown = run("model", "info", folder, "--json").json
    assert list(shown) == ["name", "path", "architecture", "parameters", "context", "size_bytes"]
    assert (shown["name"], shown["path"]) == ("tiny", str(folder))
    assert (shown["architecture"], shown["context"]) == ("LlamaForCausalLM", CONTEXT)
    assert shown["parameters"] > 10_000


def test_a_folder_of_the_current_one_needs_no_path(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    assert run("model", "info", "tiny", "--json").json["path"] == str(folder)


@pytest.mark.parametrize("copy", [False, True])
def test_an_added_folder_is_listed_and_can_be_chosen(run: Run, folder: Path, home: Path, copy: bool) -> None:
    assert run("model", "add", folder, "--name", "mine", *(["--copy"] if copy else [])).code == 0
    row = next(row for row in run("model", "list", "--json").json if row["name"] == "mine")
    assert (row["architecture"], row["problem"]) == ("LlamaForCausalLM", "")
    assert row["path"].startswith(str(home)) is copy
    assert run("model", "use", "mine").code == 0
    assert load_settings(Paths.find(home)).model == "mine"
    marked = [line for line in run("model", "list").out.splitlines() if line.startswith("*")]
    assert [line.split()[1] for line in marked] == ["mine"]


def test_the_starter_comes_first(run: Run) -> None:
    assert run("model", "list", "--json").json[0]["name"] == "starter"


def test_without_a_choice_the_best_installed_model_answers(run: Run, folder: Path, home: Path) -> None:
    install_known(home, folder, "good")
    ask = ("chat", "--json", "--max-tokens", "2", "hello")
    assert run(*ask).json["model"] == "good"
    marked = [line for line in run("model", "list").out.splitlines() if line.startswith("*")]
    assert [line.split()[1] for line in marked] == ["good"]
    assert "the model of the settings: good" in run("doctor").out
    assert run("model", "use", "starter").code == 0
    assert run(*ask).json["model"] == "starter"
    assert run("model", "remove", "--yes", "good").code == 0
    assert run("chat", "--json", "-m", folder, "--max-tokens", "2", "hello").json["model"] == str(folder)


@pytest.mark.parametrize("command", ["info", "use", "add"])
def test_what_is_no_model_is_one_line(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("nothing", str(tmp_path / "missing")):
        result = run("model", command, name)
        assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    if command != "use":
        assert run("model", command, tmp_path / "empty").code == 1


def test_evaluate_has_the_documented_shape(run: Run, folder: Path, tmp_path: Path) -> None:
    text = tmp_path / "lesson.txt"
    text.write_text("A leaf makes sugar from light. 叶子用光制造糖。\n", encoding="utf-8")
    shown = run("model", "evaluate", folder, "--text", text, "--json").json
    assert list(shown) == ["bits_per_byte", "bytes", "tokens", "loss"]
    assert shown["bytes"] >= len(text.read_bytes()) - 1
    assert shown["bits_per_byte"] > 0


SUMMARY = ["bits_per_byte", "bytes", "tokens", "loss"]
REPORT = [*SUMMARY, "name", "engine", "seconds", "languages", "sources", "skipped", "sampling"]


def test_evaluate_on_a_suite_has_the_documented_shape_and_writes_the_table(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "prose.jsonl").write_text('{"text": "A leaf makes sugar from light."}\n')
    (suite / "prose_zh.jsonl").write_text('{"text": "叶子用光制造糖。"}\n', encoding="utf-8")
    table = tmp_path / "table.md"
    result = run(
        "model", "evaluate", folder, "--suite", suite, "--quick", "--against", folder, "--engine",
        "transformers", "--baselines", "-o", table, "--json",
    )  # fmt: skip
    shown = result.json
    assert list(shown) == [*REPORT, "suite", "seed", "quick", "compared"]
    assert (shown["engine"], shown["quick"], shown["suite"]) == ("transformers", True, str(suite))
    assert [one["name"] for one in shown["compared"]] == ["tiny", "character 5-gram", "xz"]
    assert all(list(one) == REPORT for one in shown["compared"])
    assert shown["compared"][0]["bits_per_byte"] == shown["bits_per_byte"]
    assert [(one["name"], one["language"]) for one in shown["sources"]] == [
        ("prose", "en"),
        ("prose_zh", "zh"),
    ]
    assert all(0 <= one["format_obedience"] <= 1 for one in shown["languages"].values())
    assert table.read_text(encoding="utf-8").startswith("| measure | tiny, English | tiny, Chinese |")


def test_evaluate_scores_a_server_that_tells_and_says_so_of_one_that_does_not(
    run: Run, home: Path, tmp_path: Path
) -> None:
    text = tmp_path / "a.txt"
    text.write_text("Hello there.")
    with openai_server([], scores=lambda prompt: [(letter, -1.0) for letter in prompt]) as server:
        settings_with(home, server.base_url)
        shown = run("model", "evaluate", "near", "--text", text, "--json").json
    assert (shown["bytes"], shown["tokens"], shown["loss"]) == (12, 12, 1.0)
    with openai_server([]) as server:
        settings_with(home, server.base_url)
        result = run("model", "evaluate", "near", "--text", text)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "no log-probabilities of given text" in result.err


def test_a_suite_is_made_from_a_corpus(run: Run, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    lines = [json.dumps({"text": f"Text number {i}."}) + "\n" for i in range(400)]
    (tmp_path / "corpus" / "prose.jsonl").write_text("".join(lines))
    shown = run("model", "evaluate", "--make-suite", tmp_path / "corpus", tmp_path / "made", "--json").json
    assert shown == {"suite": str(tmp_path / "made"), "sources": ["prose"]}
    assert set((tmp_path / "made" / "prose.jsonl").read_text().splitlines(True)) < set(lines)
    assert run("model", "evaluate").code == 2


def test_evaluate_says_in_one_line_what_is_wrong(run: Run, folder: Path, tmp_path: Path) -> None:
    result = run("model", "evaluate", folder, "--text", tmp_path / "missing.txt")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)


def test_evaluate_refuses_a_configuration_that_names_code(run: Run, folder: Path, tmp_path: Path) -> None:
    hostile = Path(shutil.copytree(folder, tmp_path / "hostile"))
    config = json.loads((hostile / "config.json").read_text())
    (hostile / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "x.py"}}))
    text = tmp_path / "a.txt"
    text.write_text("Hello.")
    result = run("model", "evaluate", hostile, "--text", text)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "auto_map" in result.err


@pytest.mark.parametrize("command", ["pretrain", "tokenizer"])
def test_a_recipe_that_is_none_is_one_line(run: Run, tmp_path: Path, command: str) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("corpus: here\n")
    result = run("model", command, recipe)
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "recipe.yaml" in result.err


def test_a_tiny_local_model_answers_a_seeded_turn_the_same_twice(run: Run, folder: Path) -> None:
    turns = [
        run("chat", "-m", folder, "--seed", 3, "--max-tokens", 8, "--json", "Hello").json for _ in range(2)
    ]
    first, second = turns
    assert first["text"] == second["text"]
    assert first["status"] == "complete"
    assert 0 < first["usage"]["new_tokens"] <= 8
    assert json.dumps(first["sampling"]) == json.dumps(second["sampling"])


def mute(folder: Path, target: Path) -> Path:
    """A copy of a model folder without its chat template."""
    shutil.copytree(folder, target)
    settings = json.loads((target / "tokenizer_config.json").read_text())
    settings.pop("chat_template")
    (target / "tokenizer_config.json").write_text(json.dumps(settings))
    return target


def test_use_takes_no_folder_that_is_no_model(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("model", "use", tmp_path / "empty")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "config.json" in result.err
    assert load_settings(Paths.find(home)).model == "starter"


def test_of_a_model_that_cannot_chat_use_and_add_warn(run: Run, folder: Path, tmp_path: Path) -> None:
    silent = mute(folder, tmp_path / "silent")
    for command in ("use", "add"):
        result = run("model", command, silent)
        assert (result.code, result.out, result.err.count("\n")) == (0, "", 2)
        assert "has no chat template" in result.err.splitlines()[1]
        assert "template" not in run("model", command, folder).err


def test_doctor_looks_at_the_chosen_model(run: Run, folder: Path, tmp_path: Path) -> None:
    def chosen() -> dict[str, object]:
        rows = run("doctor", "--json").json["checks"]
        (found,) = [row for row in rows if row["name"] == "model"]
        return dict(found)

    gone = Path(shutil.copytree(folder, tmp_path / "gone"))
    run("model", "use", gone)
    assert chosen()["ok"] is True
    (gone / "config.json").unlink()
    assert chosen()["ok"] is False
    assert "has no config.json" in str(chosen()["detail"])
    run("model", "use", mute(folder, tmp_path / "silent"))
    assert "no chat template" in str(chosen()["detail"])


def test_the_hint_of_add_can_be_pasted_into_a_shell(run: Run, folder: Path, home: Path) -> None:
    hint = run("model", "add", folder, "--name", "a b").err.split("`")[1]
    assert hint == "aigc-tui model use 'a b'"
    assert run(*shlex.split(hint)[1:]).code == 0
    assert load_settings(Paths.find(home)).model == "a b"
