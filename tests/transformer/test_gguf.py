"""GGUF files of every architecture: written as llama.cpp does, read as the model that they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, RopeScalingType
from gguf.quants import dequantize, quantize

from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.checkpoint import stored
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.gguf import GgufError, config_of, load_gguf, open_gguf, shapes_of, weights_of
from aigc_tui.transformer.positions import RopeScaling
from tests.support.gguf import Change, write_gguf
from tests.transformer.conftest import (
    FAMILIES,
    GEMMA3,
    GPT2,
    GROUPED,
    QWEN2,
    QWEN3,
    SHAPES,
    UNTIED,
    make_model,
    make_tokens,
)

# Windows of Qwen and Mistral, and GPT-2's other activations, have no place in a GGUF file.
WRITTEN = {
    name: config
    for name, config in FAMILIES.items()
    if name not in ("mistral", "qwen2-mixed", "gpt2-untied", "gemma3-large")
} | {
    "gpt2-untied": replace(GPT2, tied=False),
    "gemma3-stretched": replace(GEMMA3, rope_scaling=RopeScaling("linear", 8.0)),
    "gemma3-all-sliding-but-two": replace(GEMMA3, layers=5, full_layers=(0, 3)),
}
ALL = pytest.mark.parametrize("config", WRITTEN.values(), ids=list(WRITTEN))
KINDS = ("F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0")


@SHAPES
def test_the_table_of_shapes_is_that_of_the_model(config: ModelConfig) -> None:
    model = make_model(config)
    assert dict(shapes_of(config)) == {name: tuple(w.shape) for name, w in stored(model).items()}
    assert sum(np.prod(shape) for _, shape in shapes_of(config)) == config.parameters


@ALL
def test_a_file_is_the_model_that_it_was_made_of(config: ModelConfig, tmp_path: Path) -> None:
    model, tokens = make_model(config), make_tokens(config)
    path = write_gguf(tmp_path / "m.gguf", model)
    assert config_of(open_gguf(path)) == config
    loaded = load_gguf(path)
    for name, weight in stored(loaded).items():
        torch.testing.assert_close(weight, model.state_dict()[name], atol=1e-6, rtol=0, msg=name)
    with torch.no_grad():
        torch.testing.assert_close(loaded(tokens), model(tokens), atol=1e-4, rtol=0)
    assert not loaded.training


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("config", [GROUPED, QWEN2, QWEN3, GEMMA3, GPT2], ids=lambda config: config.family)
def test_quantised_rows_are_those_of_the_package(config: ModelConfig, kind: str, tmp_path: Path) -> None:
    model = make_model(config)
    file = open_gguf(write_gguf(tmp_path / "m.gguf", model, kind))
    sources = weights_of(file, config)
    quantised = 0
    for name, weight in stored(model).items():
        source, plain = sources[name], weight.detach().numpy()
        found = source.dequantised(file)
        if source.tensor.kind == "F32":
            torch.testing.assert_close(found, weight.detach(), atol=1e-6, rtol=0)
            continue
        quantised += 1
        type_ = GGMLQuantizationType[kind]
        assert source.tensor.kind == kind
        packed = quantize(plain, type_)
        # Rows are quantised one by one, so the rows of q and k can be put in order as bytes.
        assert np.array_equal(source.raw(file), packed.view(np.uint8))
        assert torch.equal(found, torch.from_numpy(dequantize(packed, type_)).float())
    assert quantised > 4 * config.layers


# transformers takes some values of the published models, whatever the file says: heads of 128 and 256, the
# pattern of sliding layers, 1,024 positions. It drops scaled ones.
@pytest.mark.parametrize(
    "config",
    [
        *(GROUPED, UNTIED, QWEN2),
        replace(GPT2, ffn_size=128, max_positions=1024),
        replace(QWEN3, head_dim=128),
        replace(GEMMA3, head_dim=256, layers=6, full_layers=(5,), query_scale=256.0),
    ],
    ids=["grouped", "untied", "qwen2", "gpt2", "qwen3", "gemma3"],
)
def test_transformers_reads_the_same_model(config: ModelConfig, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    path, tokens = write_gguf(tmp_path / "m.gguf", make_model(config), "Q8_0"), make_tokens(config)
    other = AutoModelForCausalLM.from_pretrained(str(tmp_path), gguf_file="m.gguf", dtype=torch.float32)
    with torch.no_grad():
        torch.testing.assert_close(load_gguf(path)(tokens), other(tokens).logits, atol=1e-4, rtol=0)


def test_some_rows_of_a_matrix_can_be_read_alone(tmp_path: Path) -> None:
    file = open_gguf(write_gguf(tmp_path / "m.gguf", make_model(GROUPED), "Q4_1"))
    table = file.tensors["token_embd.weight"]
    assert table.shape == (97, 32)
    assert file.raw(table).shape == (97, 20)
    assert torch.equal(file.dequantised(table, slice(5, 9)), file.dequantised(table)[5:9])


def test_weights_can_be_held_in_bfloat16(tmp_path: Path) -> None:
    model = load_gguf(write_gguf(tmp_path / "m.gguf", make_model(GROUPED)), torch.bfloat16)
    assert {weight.dtype for weight in model.parameters()} == {torch.bfloat16}
    assert model.lm_head.weight is model.model.embed_tokens.weight


def refused(path: Path, complaint: str) -> None:
    with pytest.raises(GgufError, match=complaint) as caught:
        load_gguf(path)
    assert "\n" not in str(caught.value)
    assert "m.gguf" in str(caught.value)


def array(*shape: int) -> np.ndarray[Any, Any]:
    return np.zeros(shape, np.float32)


@pytest.mark.parametrize(
    ("tensors", "complaint"),
    [
        ({"blk.1.ffn_up.weight": None}, r"lacks the tensor 'blk.1.ffn_up.weight' \(1 missing\)"),
        ({"blk.0.attn_q.weight": None, "output_norm.weight": None}, r"'blk.0.attn_q.weight' \(2 missing\)"),
        ({"token_embd.weight": None}, "lacks the tensor 'token_embd.weight'"),
        ({"blk.2.ffn_up.weight": array(48, 32)}, "holds an unknown tensor 'blk.2.ffn_up.weight'"),
        (
            {"output_norm.weight": array(31)},
            r"output_norm.weight has shape \(31,\), .* \(32,\)",
        ),
        ({"blk.0.attn_k.weight": array(32, 32)}, r"attn_k.weight has shape \(32, 32\).*\(16, 32\)"),
        ({"blk.0.attn_q.bias": array(32)}, "no .qkv_bias, o_bias, ffn_bias. of"),
        ({"output_norm.weight": np.full(32, np.nan)}, "output_norm.weight holds values that are not finite"),
        ({"rope_freqs.weight": np.full(3, 8.0)}, "the factors in rope_freqs.weight are wrong"),
        ({"rope_freqs.weight": np.full(4, np.inf)}, "the factors in rope_freqs.weight are wrong"),
        ({"rope_freqs.weight": np.array([1, 2, 3, 9])}, "rotary positions are scaled by 'rope_freqs.weight'"),
    ],
)
def test_tensors_that_do_not_fit_are_named(
    tensors: Mapping[str, np.ndarray[Any, Any] | None], complaint: str, tmp_path: Path
) -> None:
    refused(write_gguf(tmp_path / "m.gguf", make_model(GROUPED), tensors=tensors), complaint)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda w: w.add_rope_scaling_type(RopeScalingType.YARN), "scaled by 'yarn'"),
        (lambda w: w.add_rope_scaling_factor(0.5), "at least 1, not 0.5"),
        (lambda w: w.add_expert_count(8), "mixtures of experts are not supported"),
        (
            lambda w: w.add_rope_dimension_count(4),
            "rope.dimension_count is '4', which is not supported",
        ),
        (lambda w: w.add_uint64("llama.vocab_size", 2**63), None),
        (lambda w: w.add_array("tokenizer.ggml.merges", [f"{i}" for i in range(98)]), None),
        (lambda w: w.add_uint32("tokenizer.ggml.eos_token_id", 2**32 - 1), None),
    ],
)
def test_features_that_are_not_supported_are_named(
    change: Change, complaint: str | None, tmp_path: Path
) -> None:
    path = write_gguf(tmp_path / "m.gguf", make_model(GROUPED), change=change)
    if complaint is None:
        assert config_of(open_gguf(path)) == GROUPED
    else:
        refused(path, complaint)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        (
            "general.architecture",
            "mamba",
            "architecture 'mamba' is not supported; supported are llama",
        ),
        ("general.architecture", 3, "general.architecture is '3'"),
        ("general.architecture", None, "lacks general.architecture"),
        ("llama.block_count", None, "lacks llama.block_count"),
        ("llama.block_count", 2**31, "layers must be a whole number"),
        ("llama.block_count", 1023, "lacks the tensor 'blk.10.attn_k.weight'"),
        ("llama.attention.head_count", 0, "heads must be a whole number"),
        ("llama.attention.head_count_kv", [2, 1], "head_count_kv is '.2, 1.', which is not supported"),
        ("llama.attention.head_count_kv", True, "head_count_kv is 'True'"),
        ("llama.attention.layer_norm_rms_epsilon", float("nan"), "norm_eps"),
        ("llama.rope.freq_base", 1e300, "rope_theta"),
        ("llama.embedding_length", -1, "hidden_size must be a whole number"),
        ("tokenizer.ggml.tokens", ["x"] * 98, "names 98 tokens, its embeddings are for 97"),
    ],
)
def test_metadata_that_does_not_fit_is_named(key: str, value: object, complaint: str, tmp_path: Path) -> None:
    file = open_gguf(write_gguf(tmp_path / "m.gguf", make_model(GROUPED)))
    metadata = {k: v for k, v in file.metadata.items() if k != key}
    changed = replace(file, metadata=metadata if value is None else metadata | {key: value})
    with pytest.raises(GgufError, match=complaint) as caught:
        weights_of(changed, config_of(changed))
    assert "\n" not in str(caught.value)


def test_one_number_for_each_block_is_taken_where_all_are_the_same(tmp_path: Path) -> None:
    file = open_gguf(write_gguf(tmp_path / "m.gguf", make_model(GROUPED)))
    counts = {"llama.attention.head_count_kv": [2, 2], "llama.feed_forward_length": [48, 48]}
    assert config_of(replace(file, metadata={**file.metadata, **counts})) == GROUPED


def test_tokens_that_end_a_turn_are_found_by_id_and_by_name(tmp_path: Path) -> None:
    names = [*(f"t{i}" for i in range(93)), "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "</s>"]
    kinds = [1] * 93 + [3, 1, 1, 3]  # <end_of_turn> is an ordinary piece here, and ends nothing
    tokenizer = {"model": "gpt2", "tokens": names, "token_type": kinds, "eos_token_id": 96, "bos_token_id": 5}
    file = open_gguf(write_gguf(tmp_path / "m.gguf", make_model(GROUPED), tokenizer=tokenizer))
    assert config_of(file).eos_ids == (96, 93, 94)
    assert config_of(file).bos_id == 5


def test_the_largest_gemma_divides_by_another_number(tmp_path: Path) -> None:
    wide = replace(GEMMA3, heads=2, kv_heads=1, layers=62, full_layers=(), query_scale=16.0)
    file = open_gguf(write_gguf(tmp_path / "m.gguf", CausalLM(wide)))
    metadata = {k: v for k, v in file.metadata.items() if "pattern" not in k}
    found = config_of(replace(file, metadata=metadata))
    assert found.query_scale == 32 / 2
    assert found.full_layers == tuple(range(5, 62, 6))
