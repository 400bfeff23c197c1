"""config.json to ModelConfig and back, and what is refused."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.transformer.config import ModelConfig, ModelConfigError
from aigc_tui.transformer.hf_config import from_hf, to_hf, unsupported_reason
from tests.transformer.conftest import (
    GEMMA3,
    GEMMA3_LARGE,
    GPT2,
    GROUPED,
    LLAMA3,
    QWEN2_MIXED,
    SHAPES,
    UNTIED,
    make_model,
)


@SHAPES
def test_a_config_survives_the_way_to_json_and_back(config: ModelConfig) -> None:
    assert from_hf(to_hf(config)) == config


def test_old_files_without_head_counts_get_llamas_defaults() -> None:
    raw = to_hf(UNTIED)
    del raw["num_key_value_heads"], raw["head_dim"], raw["rope_parameters"]
    assert from_hf(raw) == UNTIED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_type": "mamba"}, "mamba"),
        ({"model_type": ["llama"]}, "llama"),
        ({"auto_map": {"AutoModelForCausalLM": "code.Model"}}, "auto_map"),
        ({"model_type": "mistral", "attention_bias": True}, "attention_bias"),
        ({"model_type": "qwen3", "mlp_bias": True}, "mlp_bias"),
        ({"hidden_act": "gelu"}, "gelu"),
        ({"quantization_config": {"quant_method": "bnb"}}, "quantised"),
        ({"rope_parameters": {"rope_type": "yarn", "factor": 8.0}}, "yarn"),
        ({"rope_parameters": None, "rope_scaling": {"type": "dynamic"}}, "dynamic"),
        ({"rope_parameters": {"full_attention": {"rope_theta": 1.0}}}, "by kind of layer"),
        ({"partial_rotary_factor": 0.5}, "partial"),
        ({"layer_types": ["linear_attention"]}, "layer_types"),
        ({"rope_parameters": [1]}, "unreadable"),
    ],
)
def test_a_feature_that_is_not_implemented_is_named(change: dict[str, Any], reason: str) -> None:
    found = unsupported_reason(to_hf(GROUPED) | change)
    assert found is not None
    assert reason in str(found)


@pytest.mark.parametrize(
    "change",
    [
        {"vocab_size": 0},
        {"num_hidden_layers": 10_000_000},
        {"rms_norm_eps": 0.0},
        {"vocab_size": "many"},
        {"num_hidden_layers": 2.5},
        {"num_attention_heads": 3},
        {"head_dim": 7},
        {"eos_token_id": ["x"]},
        {"intermediate_size": True},
        {"rope_theta": "x", "rope_parameters": None},
    ],
)
def test_impossible_sizes_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ModelConfigError):
        from_hf(to_hf(GROUPED) | change)


ROPE_KEYS = [
    "rope_type",
    "type",
    "factor",
    "rope_theta",
    "low_freq_factor",
    "high_freq_factor",
    "original_max_position_embeddings",
]
STRANGE = st.none() | st.integers() | st.text() | st.floats() | st.lists(st.none())


@pytest.mark.parametrize(
    "config", [GROUPED, LLAMA3, QWEN2_MIXED, GPT2, GEMMA3], ids=lambda config: config.family
)
@given(st.data())
def test_a_strangers_values_give_a_config_or_our_error(config: ModelConfig, data: st.DataObject) -> None:
    raw = to_hf(config)
    change = data.draw(st.dictionaries(st.sampled_from(sorted(raw)), STRANGE))
    rope = data.draw(st.dictionaries(st.sampled_from(ROPE_KEYS), STRANGE))
    with contextlib.suppress(ModelConfigError):
        from_hf(raw | change | {"rope_parameters": {**raw.get("rope_parameters", {}), **rope}})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"family": "bloom"}, "family must be one of gpt2, llama"),
        ({"qk_norm": True}, "qk_norm must be False in family llama"),
        ({"norm": "layer"}, "norm must be 'rms'"),
        ({"qkv_bias": True}, "no .qkv_bias, o_bias, ffn_bias. of"),
        ({"window": 8}, "family llama has no sliding window"),
        ({"family": "mistral", "window": 0}, "window must be a whole number"),
        ({"family": "qwen3"}, "qk_norm must be True"),
        ({"family": "gpt2", "norm": "layer", "positions": "learned"}, "no .qkv_bias"),
        ({"local_theta": 10_000.0}, "local_theta belongs to family gemma3_text"),
        ({"sandwich": True}, "sandwich must be False in family llama"),
    ],
)
def test_parts_that_a_familys_files_cannot_say_are_refused(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ModelConfigError, match=complaint):
        replace(GROUPED, **change)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kv_heads": 2}, "kv_heads be heads"),
        ({"head_dim": 16}, "heads . head_dim must be hidden_size"),
        ({"activation": "swiglu"}, "activation must be one of relu"),
    ],
)
def test_gpt2_has_neither_shared_nor_wide_heads(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ModelConfigError, match=complaint):
        replace(GPT2, **change)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"factor": 0.5}, "at least 1"),
        ({"factor": float("nan")}, "at least 1"),
        ({"low_freq_factor": 9.0}, "must be below"),
        ({"original_max_position_embeddings": None}, "wrong type"),
    ],
)
def test_impossible_scalings_of_positions_are_refused(change: dict[str, Any], complaint: str) -> None:
    raw = to_hf(LLAMA3)
    with pytest.raises(ModelConfigError, match=complaint):
        from_hf(raw | {"rope_parameters": raw["rope_parameters"] | change})


def test_what_a_file_leaves_unsaid_is_what_transformers_takes() -> None:
    small = {"vocab_size": 9, "hidden_size": 4096, "num_hidden_layers": 30, "intermediate_size": 8}
    mistral = from_hf({"model_type": "mistral", "num_attention_heads": 32, **small})
    assert (mistral.kv_heads, mistral.window, mistral.tied) == (8, 4096, False)
    qwen = from_hf({"model_type": "qwen2", "use_sliding_window": True, "num_attention_heads": 32, **small})
    assert (qwen.window, qwen.window_of(27), qwen.window_of(28)) == (4096, None, 4096)
    assert from_hf({"model_type": "qwen3", "num_attention_heads": 32, **small}).head_dim == 128
    assert from_hf({"model_type": "gpt2"}).parameters == 124_439_808


@SHAPES
def test_the_count_of_weights_is_that_of_the_model(config: ModelConfig) -> None:
    assert config.parameters == sum(weight.numel() for weight in make_model(config).parameters())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hidden_activation": "relu"}, "hidden_activation is 'relu'"),
        ({"final_logit_softcapping": 30.0}, "final_logit_softcapping is set"),
        ({"use_bidirectional_attention": True}, "use_bidirectional_attention is set"),
        ({"rope_scaling": {"rope_type": "yarn", "factor": 8.0}}, "yarn"),
        ({"rope_parameters": {"sliding_attention": {"rope_type": "linear", "factor": 2.0}}}, "linear"),
        ({"rope_parameters": {"full_attention": [1]}}, "unreadable"),
        ({"layer_types": ["linear_attention"]}, "layer_types"),
    ],
)
def test_what_gemma_3_never_does_is_named(change: dict[str, Any], reason: str) -> None:
    assert reason in str(unsupported_reason(to_hf(GEMMA3) | change))


def test_gemma_3_files_before_2026_say_the_same_in_other_words() -> None:
    raw = to_hf(GEMMA3_LARGE)
    del raw["rope_parameters"], raw["layer_types"]
    raw |= {"rope_theta": 1_000_000.0, "rope_local_base_freq": 10_000.0, "sliding_window_pattern": 3}
    assert from_hf(raw | {"rope_scaling": {"rope_type": "linear", "factor": 8.0}}) == GEMMA3_LARGE


def test_what_a_gemma_3_file_leaves_unsaid_is_what_transformers_takes() -> None:
    from transformers import Gemma3TextConfig

    raw = {
        "model_type": "gemma3_text",
        "vocab_size": 9,
        "hidden_size": 64,
        "num_hidden_layers": 7,
        "num_attention_heads": 4,
        "intermediate_size": 8,
    }
    ours = from_hf(raw)
    assert ours == from_hf(
        Gemma3TextConfig(**raw).to_dict() | {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
    )
    assert (ours.head_dim, ours.window, ours.full_layers, ours.tied) == (256, 4096, (5,), True)
