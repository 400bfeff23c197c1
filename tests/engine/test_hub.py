"""Pulling a model from a hub: pinned, resumed, checked, and nothing that it should not bring."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_tui.config import Paths
from aigc_tui.engine import transfer
from aigc_tui.engine.hub import HubError, pull
from aigc_tui.engine.models import RECORD, describe
from tests.support.hub_server import COMMIT, Hub, hub_server
from tests.support.model_fixtures import ModelMaker


@pytest.fixture
def hub(tiny: ModelMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    files = {path.name: path.read_bytes() for path in tiny("llama").iterdir()}
    extras = {"pytorch_model.bin": b"pickle", "modeling_evil.py": b"import os", "README.md": b"# tiny"}
    monkeypatch.setattr(transfer, "_FIRST_PAUSE", 0.0)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with hub_server({**files, **extras}) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


def downloads(hub: Hub) -> list[tuple[str, str]]:
    return [(path.rpartition("/")[2], span) for path, span in hub.requests if "/resolve/" in path]


def test_a_model_comes_whole_pinned_and_without_what_it_does_not_need(hub: Hub, paths: Paths) -> None:
    steps: list[tuple[int, int, str]] = []
    pulled = pull("owner/tiny", paths, progress=lambda *step: steps.append(step))
    assert pulled.revision == COMMIT
    assert pulled.path == paths.models / "owner--tiny"
    names = {path.name for path in pulled.path.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", RECORD, "README.md"} <= names
    assert not {"pytorch_model.bin", "modeling_evil.py"} & names
    assert describe(pulled.path).architecture == "LlamaForCausalLM"
    record = json.loads((pulled.path / RECORD).read_text())
    assert (record["repo"], record["revision"]) == ("owner/tiny", COMMIT)
    assert steps[-1][0] == steps[-1][1] == sum(len(hub.files[name]) for name in names - {RECORD})
    assert [done for done, _, _ in steps] == sorted(done for done, _, _ in steps)


def test_pulling_again_downloads_nothing(hub: Hub, paths: Paths) -> None:
    pull("owner/tiny", paths)
    hub.requests.clear()
    pull("owner/tiny", paths)
    assert downloads(hub) == []


def test_a_new_commit_replaces_the_old_files(hub: Hub, paths: Paths) -> None:
    pull("owner/tiny", paths)
    hub.commit = "f" * 40
    hub.files["README.md"] = b"# new"
    pulled = pull("owner/tiny", paths)
    assert pulled.revision == "f" * 40
    assert (pulled.path / "README.md").read_bytes() == b"# new"
    assert [path.name for path in paths.models.iterdir()] == ["owner--tiny"]


@pytest.mark.parametrize("ignore_ranges", [False, True])
def test_a_broken_download_goes_on_where_it_stopped(hub: Hub, paths: Paths, ignore_ranges: bool) -> None:
    size = len(hub.files["model.safetensors"])
    hub.break_after = size // 3
    hub.ignore_ranges = ignore_ranges
    if ignore_ranges:
        with pytest.raises(HubError, match="pull again to go on"):
            pull("owner/tiny", paths)
        hub.break_after = None
    pulled = pull("owner/tiny", paths)
    assert (pulled.path / "model.safetensors").read_bytes() == hub.files["model.safetensors"]
    asked = [span for name, span in downloads(hub) if name == "model.safetensors"]
    assert f"bytes={size // 3}-" in asked


def test_what_was_fetched_before_a_failure_is_not_fetched_again(hub: Hub, paths: Paths) -> None:
    weights = hub.files["model.safetensors"]
    hub.files["model.safetensors"] = b""
    hub.corrupt = False
    with pytest.raises(HubError):
        pull("owner/tiny", paths)
    assert not (paths.models / "owner--tiny").exists()
    hub.files["model.safetensors"] = weights
    hub.requests.clear()
    pull("owner/tiny", paths)
    assert [name for name, _ in downloads(hub)] == ["model.safetensors"]


def test_a_flipped_bit_is_found_and_the_file_is_not_kept(hub: Hub, paths: Paths) -> None:
    hub.corrupt = True
    with pytest.raises(HubError, match="wrong checksum"):
        pull("owner/tiny", paths)
    assert not (paths.models / "owner--tiny").exists()
    hub.corrupt = False
    pull("owner/tiny", paths)


def test_a_configuration_that_names_code_is_refused_before_the_weights_come(hub: Hub, paths: Paths) -> None:
    config = json.loads(hub.files["config.json"])
    hub.files["config.json"] = json.dumps({**config, "auto_map": {"AutoModel": "evil.Evil"}}).encode()
    with pytest.raises(HubError, match="auto_map"):
        pull("owner/tiny", paths)
    assert "model.safetensors" not in [name for name, _ in downloads(hub)]


@pytest.mark.parametrize(
    "name", ["../evil.json", "sub/evil.json", ".hidden.json", "a b.json", "-rf.json", "x\x1b[2J.json"]
)
def test_a_hostile_file_name_is_left_out(hub: Hub, paths: Paths, name: str) -> None:
    hub.files[name] = b"{}"
    pulled = pull("owner/tiny", paths)
    assert not [path for path in paths.home.rglob("*") if "evil" in path.name or "\x1b" in path.name]
    assert pulled.path.is_dir()


@pytest.mark.parametrize("missing", ["model.safetensors", "config.json"])
def test_a_repository_without_a_safetensors_model_is_refused(hub: Hub, paths: Paths, missing: str) -> None:
    del hub.files[missing]
    with pytest.raises(HubError, match="holds no model in safetensors form"):
        pull("owner/tiny", paths)


def test_a_repository_that_is_not_there_is_one_line(hub: Hub, paths: Paths) -> None:
    with pytest.raises(HubError, match="cannot pull owner/other from") as caught:
        pull("owner/other", paths)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("repo", ["tiny", "../../etc", "a/b/c", "owner/..", "https://x/y", "owner/ti ny", ""])
def test_a_name_that_is_none_asks_nobody(hub: Hub, paths: Paths, repo: str) -> None:
    with pytest.raises(HubError, match="is named owner/name"):
        pull(repo, paths)
    assert hub.requests == []


def test_a_hub_that_is_away_is_one_line(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match=r"cannot pull owner/tiny from http://127.0.0.1:9"):
        pull("owner/tiny", paths)
