"""Packed files: what is written is what is mapped, and what it stands for is close to the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.gguf import open_gguf, weights_of
from aigc_tui.transformer.packed import BF16, INT4, INT8, Scheme, WeightReader, load_packed, write_packed
from aigc_tui.transformer.weights import CheckpointError
from tests.support.gguf import write_gguf
from tests.transformer.conftest import GEMMA3, GROUPED, QWEN2, QWEN3, UNTIED, make_model, make_tokens

SHAPES = pytest.mark.parametrize(
    "config", [GROUPED, UNTIED, QWEN2, QWEN3, GEMMA3], ids=lambda c: f"{c.family}-{c.hidden_size}"
)


def pack(config: ModelConfig, folder: Path, scheme: Scheme) -> list[tuple[int, int]]:
    reader = WeightReader(config, make_model(config).state_dict())
    told: list[tuple[int, int]] = []
    with torch.inference_mode():
        write_packed(folder, reader, scheme, lambda done, total: told.append((done, total)))
    return told


def distance(config: ModelConfig, folder: Path) -> float:
    model, tokens = make_model(config), make_tokens(config)
    packed = load_packed(folder, config, torch.bfloat16)
    with torch.inference_mode():
        wanted = model(tokens)
        return float((packed(tokens).float() - wanted).norm() / wanted.norm())


@SHAPES
@pytest.mark.parametrize(
    ("blocks", "head", "most"), [(BF16, BF16, 0.02), (INT8, INT8, 0.03), (INT4, INT8, 0.25)]
)
def test_logits_are_as_close_as_the_type_allows(
    config: ModelConfig, blocks: str, head: str, most: float, tmp_path: Path
) -> None:
    told = pack(config, tmp_path, Scheme(blocks, head))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert distance(config, tmp_path) < most


def test_a_gguf_file_of_four_bits_is_packed_without_loss(tmp_path: Path) -> None:
    config = replace(GROUPED, ffn_size=64)
    path = write_gguf(tmp_path / "m.gguf", make_model(config), "Q4_1")
    file = open_gguf(path)
    with torch.inference_mode():
        reader = WeightReader(config, weights_of(file, config), file)
        write_packed(tmp_path, reader, Scheme(), lambda done, total: None)
        packed = load_packed(tmp_path, config, torch.bfloat16)
        found = packed.layers[0].down.dequantised()  # type: ignore[operator]
        wanted = weights_of(file, config)["model.layers.0.mlp.down_proj.weight"].dequantised(file)
        torch.testing.assert_close(found, wanted, atol=2e-3 * float(wanted.abs().max()), rtol=0)


def test_sensitive_matrices_keep_eight_bits_and_odd_widths_too(tmp_path: Path) -> None:
    pack(GROUPED, tmp_path, Scheme(sensitive=("down",)))
    names = load_file(tmp_path / "packed-00001.safetensors").keys()
    assert {"layers.0.qkv.packed", "layers.0.down.codes", "head.codes"} <= set(names)
    assert "layers.1.down.packed" not in names


def test_decoding_behind_a_cache_equals_reading_at_once(tmp_path: Path) -> None:
    pack(QWEN2, tmp_path, Scheme())
    model, tokens = load_packed(tmp_path, QWEN2, torch.bfloat16), make_tokens(QWEN2)[:1]
    cache = KVCache(QWEN2.layers)
    with torch.inference_mode():
        found = torch.cat([model(tokens[:, i : i + 1], cache) for i in range(tokens.shape[1])], dim=1)
        wanted = model(tokens)
        assert float((found.float() - wanted.float()).norm() / wanted.float().norm()) < 0.03


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda t: t.pop("layers.0.qkv.packed"), "layers.0.qkv"),
        (
            lambda t: t.update({"layers.0.qkv.packed": t["layers.0.qkv.packed"][:, :8].contiguous()}),
            "qkv.packed",
        ),
        (lambda t: t.update({"head.codes": t["head.codes"][:5].contiguous()}), "head.codes"),
        (lambda t: t.update({"head.scale": t["head.scale"][:5].contiguous()}), "head.scale"),
        (
            lambda t: t.update({"layers.0.qkv.scales": t["layers.0.qkv.scales"][:, :32].contiguous()}),
            "qkv.scales",
        ),
        (lambda t: t.update({"layers.0.out.scales": t["layers.0.out.scales"].half()}), "out.scales"),
        (lambda t: t.update({"vector.layers.0.norm": t["vector.layers.0.norm"][:4].contiguous()}), "0.norm"),
        (lambda t: t.pop("vector.norm"), "norm"),
    ],
)
def test_files_of_another_model_are_refused_by_name(change, complaint: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pack(GROUPED, tmp_path, Scheme())
    path = tmp_path / "packed-00001.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, {"format": "1", "block": "64"})
    with pytest.raises(CheckpointError, match=complaint) as caught:
        load_packed(tmp_path, GROUPED, torch.bfloat16)
    assert "\n" not in str(caught.value)


def test_files_of_another_version_say_so(tmp_path: Path) -> None:
    pack(GROUPED, tmp_path, Scheme())
    path = tmp_path / "packed-00001.safetensors"
    save_file(load_file(path), path, {"format": "99", "block": "64"})
    with pytest.raises(CheckpointError, match="another version; add the model again"):
        load_packed(tmp_path, GROUPED, torch.bfloat16)


def test_a_file_that_was_cut_is_damaged(tmp_path: Path) -> None:
    pack(GROUPED, tmp_path, Scheme())
    path = tmp_path / "packed-00001.safetensors"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CheckpointError, match="damaged"):
        load_packed(tmp_path, GROUPED, torch.bfloat16)


def test_a_configuration_of_fewer_layers_is_refused(tmp_path: Path) -> None:
    pack(GROUPED, tmp_path, Scheme())
    with pytest.raises(CheckpointError, match=r"does not know layers\.1"):
        load_packed(tmp_path, replace(GROUPED, layers=GROUPED.layers - 1), torch.float32)
