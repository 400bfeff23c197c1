"""Model folders: what is written can be read by us and by transformers; what is damaged is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from aigc_tui.transformer.checkpoint import CheckpointError, load_model, save_model, supports
from aigc_tui.transformer.config import ModelConfig
from tests.transformer.conftest import GPT2, GROUPED, SHAPES, make_model, make_tokens, reference_of


def saved(folder: Path, config: ModelConfig = GROUPED, shard_bytes: int = 8_000) -> Path:
    save_model(make_model(config), folder, shard_bytes, dtype=torch.float32)
    return folder


@SHAPES
def test_a_saved_model_comes_back_as_it_was(config: ModelConfig, tmp_path: Path) -> None:
    model, tokens = make_model(config), make_tokens(config)
    loaded = load_model(saved(tmp_path, config))
    assert torch.equal(model(tokens), loaded(tokens))
    assert not loaded.training


@SHAPES
def test_transformers_loads_the_folder_and_agrees(config: ModelConfig, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    tokens = make_tokens(config)
    other = AutoModelForCausalLM.from_pretrained(str(saved(tmp_path, config)), dtype=torch.float32)
    with torch.no_grad():
        torch.testing.assert_close(load_model(tmp_path)(tokens), other(tokens).logits, atol=1e-4, rtol=0)


@SHAPES
def test_we_load_what_transformers_saves(config: ModelConfig, tmp_path: Path) -> None:
    other = reference_of(make_model(config))
    other.save_pretrained(tmp_path)
    tokens = make_tokens(config)
    assert supports(tmp_path)
    with torch.no_grad():
        torch.testing.assert_close(load_model(tmp_path)(tokens), other(tokens).logits, atol=1e-4, rtol=0)


def test_the_first_published_gpt2_files_are_read(tmp_path: Path) -> None:
    model = make_model(GPT2)
    save_model(model, tmp_path, 10_000_000, dtype=torch.float32)
    path = next(tmp_path.glob("*.safetensors"))
    old = {name.removeprefix("transformer."): weight for name, weight in load_file(path).items()}
    masks = {"h.0.attn.bias": torch.ones(1, 1, 64, 64), "h.1.attn.masked_bias": torch.tensor(-1e4)}
    (tmp_path / "model.safetensors.index.json").unlink()
    path.unlink()
    save_file(old | masks, tmp_path / "model.safetensors")
    tokens = make_tokens(GPT2)
    assert torch.equal(load_model(tmp_path)(tokens), model(tokens))


def test_a_fused_matrix_of_another_shape_is_refused(tmp_path: Path) -> None:
    save_model(make_model(GPT2), tmp_path, 10_000_000)
    path = next(tmp_path.glob("*.safetensors"))
    name = "transformer.h.0.attn.c_attn.weight"
    save_file(load_file(path) | {name: torch.zeros(96, 32)}, path)
    with pytest.raises(CheckpointError, match=r"c_attn.weight has shape \(96, 32\).*says \(32, 96\)"):
        load_model(tmp_path)


def test_shards_stay_below_the_limit_and_the_index_names_them_all(tmp_path: Path) -> None:
    saved(tmp_path, shard_bytes=16_000)
    shards = sorted(tmp_path.glob("model-*.safetensors"))
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text())
    assert len(shards) > 2
    assert {path.name for path in shards} == set(index["weight_map"].values())
    assert all(sum(t.nbytes for t in load_file(path).values()) <= 16_000 for path in shards)


def test_saving_again_leaves_no_old_shards(tmp_path: Path) -> None:
    saved(tmp_path, shard_bytes=4_000)
    saved(tmp_path, shard_bytes=10_000_000)
    assert [path.name for path in tmp_path.glob("*.safetensors")] == ["model-00001-of-00001.safetensors"]


def test_tied_weights_are_stored_once_and_stay_tied(tmp_path: Path) -> None:
    model = load_model(saved(tmp_path))
    assert model.lm_head.weight is model.model.embed_tokens.weight
    names = {name for path in tmp_path.glob("*.safetensors") for name in load_file(path)}
    assert "lm_head.weight" not in names


def add_head(folder: Path, config: ModelConfig, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """Put a head of its own beside the embeddings that the configuration ties it to."""
    name = "transformer.wte.weight" if config.family == "gpt2" else "model.embed_tokens.weight"
    weights = {key: value for path in folder.glob("*.safetensors") for key, value in load_file(path).items()}
    for path in [*folder.glob("*.safetensors"), folder / "model.safetensors.index.json"]:
        path.unlink()
    head = change(weights[name]).contiguous()
    save_file({**weights, "lm_head.weight": head}, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("config", [GROUPED, GPT2], ids=["llama", "gpt2"])
def test_a_tied_configuration_with_a_head_of_its_own_is_run_with_it_as_transformers_does(
    config: ModelConfig, tmp_path: Path
) -> None:
    from transformers import AutoModelForCausalLM

    tokens = make_tokens(config)
    tied = load_model(saved(tmp_path, config))(tokens)
    add_head(tmp_path, config, lambda embeddings: embeddings.flip(0))
    model = load_model(tmp_path)
    assert not torch.allclose(model(tokens), tied)
    other = AutoModelForCausalLM.from_pretrained(str(tmp_path), dtype=torch.float32)
    with torch.no_grad():
        torch.testing.assert_close(model(tokens), other(tokens).logits, atol=1e-4, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_head_that_is_a_mere_copy_stays_tied(tmp_path: Path, dtype: torch.dtype) -> None:
    saved(tmp_path)
    add_head(tmp_path, GROUPED, lambda embeddings: embeddings.to(dtype).clone())
    model = load_model(tmp_path)
    same = dtype is torch.float32
    assert (model.lm_head.weight is model.model.embed_tokens.weight) is same


def test_a_head_of_another_shape_is_one_clear_line(tmp_path: Path) -> None:
    saved(tmp_path)
    add_head(tmp_path, GROUPED, lambda embeddings: embeddings[:-1].clone())
    with pytest.raises(CheckpointError, match=r"lm_head\.weight has shape"):
        load_model(tmp_path)


def test_a_byte_order_mark_in_the_configuration_is_passed_over(tmp_path: Path) -> None:
    file = saved(tmp_path) / "config.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert supports(tmp_path)
    load_model(tmp_path)


def test_weights_can_be_held_in_bfloat16(tmp_path: Path) -> None:
    model = load_model(saved(tmp_path), dtype=torch.bfloat16)
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
    assert model.lm_head.weight is model.model.embed_tokens.weight


def change_weight(folder: Path, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    path = next(p for p in folder.glob("*.safetensors") if "model.norm.weight" in load_file(p))
    weights = load_file(path)
    weights["model.norm.weight"] = change(weights["model.norm.weight"])
    save_file(weights, path)


def drop_shard(folder: Path) -> None:
    min(folder.glob("*.safetensors")).unlink()


def truncate(folder: Path) -> None:
    path = min(folder.glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-10])


def edit_index(folder: Path, text: str) -> None:
    (folder / "model.safetensors.index.json").write_text(text)


def edit_config(folder: Path, **change: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (drop_shard, "missing"),
        (truncate, "damaged"),
        (lambda f: change_weight(f, lambda w: w[:-1].clone()), "shape"),
        (lambda f: change_weight(f, lambda w: w * float("nan")), "finite"),
        (lambda f: change_weight(f, lambda w: w.to(torch.int32)), "finite"),
        (lambda f: edit_index(f, "{"), "cannot read"),
        (lambda f: edit_index(f, "[" * 100_000), "cannot read"),
        (lambda f: edit_index(f, '{"weight_map": 3}'), "weight_map"),
        (lambda f: edit_index(f, '{"weight_map": {"a": "../../x.safetensors"}}'), "outside"),
        (lambda f: edit_index(f, '{"weight_map": {"a": "x.bin"}}'), "outside"),
        (lambda f: edit_index(f, '{"weight_map": {}}'), "asks for"),
        (lambda f: (f / "config.json").unlink(), "missing"),
        (lambda f: edit_config(f, vocab_size=16_000_000), "asks for"),
        (lambda f: edit_config(f, hidden_size=16), "shape"),
        (lambda f: edit_config(f, auto_map={"AutoModelForCausalLM": "x.Y"}), "auto_map names foreign code"),
        (lambda f: edit_config(f, model_type="mamba"), "model_type is 'mamba', not one of gpt2, llama"),
        (
            lambda f: edit_config(f, model_type="qwen2"),
            "lacks the weight 'model.layers.0.self_attn.k_proj.bias'",
        ),
        (lambda f: (f / "config.json").write_text("[]"), "not a JSON object"),
        (lambda f: (f / "model.safetensors.index.json").unlink(), "holds no"),
    ],
)
def test_a_damaged_folder_gives_one_clear_line(
    damage: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    saved(tmp_path)
    damage(tmp_path)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_model(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_weight_of_another_model_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, shard_bytes=10_000_000)
    path = next(tmp_path.glob("*.safetensors"))
    save_file(load_file(path) | {"model.extra.weight": torch.zeros(2)}, path)
    with pytest.raises(CheckpointError, match="unknown weight"):
        load_model(tmp_path)


def test_a_missing_weight_is_named(tmp_path: Path) -> None:
    saved(tmp_path, shard_bytes=10_000_000)
    path = next(tmp_path.glob("*.safetensors"))
    weights = load_file(path)
    del weights["model.norm.weight"]
    save_file(weights, path)
    with pytest.raises(CheckpointError, match=r"lacks the weight 'model\.norm\.weight'"):
        load_model(tmp_path)


def test_supported_is_what_the_config_says(tmp_path: Path) -> None:
    saved(tmp_path)
    assert supports(tmp_path)
    edit_config(tmp_path, model_type="mamba")
    assert not supports(tmp_path)
    assert not supports(tmp_path / "nowhere")
