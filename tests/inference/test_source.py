"""What is wrong with a model folder, told in one line before anything is loaded."""

from __future__ import annotations

import contextlib
import json
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.inference.source import BrokenModelError, ModelError, check_config, inspect_source, read_header
from tests.support.model_fixtures import ModelMaker
from tests.support.models import FAMILIES


@pytest.fixture
def folder(tiny: ModelMaker, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny("llama"), tmp_path / "model"))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_folder_is_described_from_its_small_parts(tiny: ModelMaker, family: str) -> None:
    from safetensors import safe_open

    found = inspect_source(tiny(family))
    with safe_open(str(tiny(family) / "model.safetensors"), "pt") as file:
        count = sum(file.get_tensor(name).numel() for name in file.keys())  # noqa: SIM118
    assert found.parameters == count
    assert found.context == 256
    assert found.architecture.lower().startswith(family)
    assert found.size_bytes == (tiny(family) / "model.safetensors").stat().st_size


def config(folder: Path, value: Any) -> None:
    (folder / "config.json").write_text(value if isinstance(value, str) else json.dumps(value))


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("{", "config.json is not valid JSON"),
        ("[]", "config.json must hold a JSON object"),
        ("[" * 100_000, "config.json is not valid JSON"),
        (" " * 2**20 + "{}", "config.json is larger than 1 MB"),
        ({"auto_map": {}}, "sets auto_map"),
        ({"_attn_implementation_internal": "evil/repo"}, "sets _attn_implementation_internal"),
        ({"text_config": {"_experts_implementation_internal": "x"}}, "sets _experts_implementation_internal"),
    ],
)
def test_a_bad_configuration_is_refused(folder: Path, value: Any, complaint: str) -> None:
    config(folder, value)
    with pytest.raises(ModelError, match=complaint) as caught:
        check_config(folder)
    assert caught.type is BrokenModelError
    assert "\n" not in str(caught.value)


def test_pickled_weights_are_refused_with_the_reason(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"only pickled weights .* can run code"):
        inspect_source(folder)


def test_an_adapter_is_told_from_a_model(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match="is a LoRA adapter"):
        inspect_source(folder)


def test_shards_are_found_through_their_index_and_a_missing_one_is_named(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match=r"lacks model-00002-of-00002\.safetensors"):
        inspect_source(folder)
    shutil.copy(folder / "model-00001-of-00002.safetensors", folder / "model-00002-of-00002.safetensors")
    assert len(inspect_source(folder).weights) == 2


def test_shards_without_their_index_are_told_from_no_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    with pytest.raises(BrokenModelError, match=r"no model\.safetensors\.index\.json"):
        inspect_source(folder)


@pytest.mark.parametrize("name", ["../x.safetensors", "/etc/passwd", ".x.safetensors", "x.bin"])
def test_an_index_that_points_elsewhere_is_refused(folder: Path, name: str) -> None:
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(ModelError, match="which is no safetensors file of the folder"):
        inspect_source(folder)


@pytest.mark.parametrize("keep", [0, 5, 8, 100, -1])
def test_a_weight_file_that_was_cut_is_refused(folder: Path, keep: int) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(ModelError, match="copy or pull the model again"):
        inspect_source(folder)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_header_or_one_line(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.safetensors"
    for content in (data, struct.pack("<Q", len(data)) + data):
        file.write_bytes(content)
        with contextlib.suppress(ModelError):
            read_header(file)


@pytest.mark.parametrize(
    "header",
    [
        {"a": {"dtype": "F32", "shape": [2**80], "data_offsets": [0, 2**90]}},
        {"a": {"dtype": "F32", "shape": "x", "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}},
        {"a": []},
        {"a": None},
        {},
        [1],
    ],
)
def test_a_header_that_lies_is_one_line(tmp_path: Path, header: Any) -> None:
    data = json.dumps(header).encode()
    file = tmp_path / "model.safetensors"
    file.write_bytes(struct.pack("<Q", len(data)) + data)
    with pytest.raises(ModelError):
        read_header(file)
