"""config.json to ModelConfig and back, and what is refused."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.transformer.config import ConfigError, ModelConfig
from aigc_tui.transformer.hf_config import from_hf, to_hf, unsupported_reason
from tests.transformer.conftest import GROUPED, SHAPES, UNTIED, make_model


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
    assert reason in found


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
    with pytest.raises(ConfigError):
        from_hf(to_hf(GROUPED) | change)


STRANGE = st.none() | st.integers() | st.text() | st.floats() | st.lists(st.none())


@given(st.dictionaries(st.sampled_from(sorted(to_hf(GROUPED))), STRANGE))
def test_a_strangers_values_give_a_config_or_our_error(change: dict[str, Any]) -> None:
    with contextlib.suppress(ConfigError):
        from_hf(to_hf(GROUPED) | change)


@SHAPES
def test_the_count_of_weights_is_that_of_the_model(config: ModelConfig) -> None:
    assert config.parameters == sum(weight.numel() for weight in make_model(config).parameters())
