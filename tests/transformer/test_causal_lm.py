"""The whole model, for each family: equal to transformers', causal, the same with and without a cache."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.positions import inverse_frequencies
from tests.transformer.conftest import (
    GEMMA3,
    GPT2,
    GROUPED,
    MISTRAL,
    QWEN3,
    SHAPES,
    make_model,
    make_tokens,
    reference_of,
    theirs,
)


@SHAPES
def test_logits_equal_those_of_transformers(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config)
    with torch.no_grad():
        torch.testing.assert_close(model(tokens), reference_of(model)(tokens).logits, atol=1e-4, rtol=0)


@SHAPES
def test_gradients_of_a_training_step_equal_those_of_transformers(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config)
    reference = reference_of(model)
    functional.cross_entropy(model(tokens)[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()).backward()  # type: ignore[no-untyped-call]
    reference(tokens, labels=tokens).loss.backward()
    expected = {name: weight.grad for name, weight in reference.named_parameters()}
    found = theirs(model, {n: w.grad for n, w in model.named_parameters() if w.grad is not None})
    assert found.keys() == expected.keys()
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, expected[name], atol=1e-4, rtol=1e-3, msg=name)


@SHAPES
def test_decoding_token_by_token_equals_one_pass(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config)
    cache = KVCache.for_model(config)
    with torch.no_grad():
        whole = model(tokens)
        steps = [model(tokens[:, t : t + 1], cache) for t in range(tokens.shape[1])]
    torch.testing.assert_close(torch.cat(steps, dim=1), whole, atol=1e-4, rtol=1e-4)
    assert cache.length == tokens.shape[1]


@SHAPES
def test_a_prompt_may_be_read_in_chunks(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config)
    cache = KVCache.for_model(config)
    with torch.no_grad():
        whole = model(tokens)
        chunks = [model(tokens[:, a:b], cache) for a, b in ((0, 7), (7, 12), (12, 20))]
    torch.testing.assert_close(torch.cat(chunks, dim=1), whole, atol=1e-4, rtol=1e-4)


def test_a_cropped_cache_goes_on_as_if_the_rest_had_never_been_read() -> None:
    model, tokens = make_model(GROUPED), make_tokens(GROUPED)
    other = make_tokens(GROUPED, seed=5)
    mixed = torch.cat((tokens[:, :9], other[:, 9:]), dim=1)
    cache = KVCache.for_model(GROUPED)
    with torch.no_grad():
        model(tokens, cache)
        cache.crop(9)
        resumed = model(mixed[:, 9:], cache)
        torch.testing.assert_close(resumed, model(mixed)[:, 9:], atol=1e-4, rtol=1e-4)


def test_the_last_position_alone_is_the_last_row_of_all() -> None:
    model, tokens = make_model(GROUPED), make_tokens(GROUPED)
    with torch.no_grad():
        torch.testing.assert_close(model(tokens, last_only=True), model(tokens)[:, -1:])


@SHAPES
def test_a_token_never_changes_logits_before_it(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config)
    changed = tokens.clone()
    changed[:, 11] = (changed[:, 11] + 1) % config.vocab_size
    with torch.no_grad():
        before, after = model(tokens), model(changed)
    assert torch.equal(before[:, :11], after[:, :11])
    assert not torch.allclose(before[:, 11:], after[:, 11:])


@SHAPES
def test_packed_documents_do_not_see_each_other(config: ModelConfig) -> None:
    model = make_model(config)
    first, second = make_tokens(config, 1, 8, seed=1), make_tokens(config, 1, 12, seed=2)
    packed = torch.cat((first, second), dim=1)
    segments = torch.tensor([[0] * 8 + [1] * 12])
    with torch.no_grad():
        together = model(packed, segments=segments)
        apart = torch.cat((model(first), model(second)), dim=1)
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("config", [GROUPED, MISTRAL, QWEN3, GPT2, GEMMA3], ids=lambda config: config.family)
def test_one_batch_can_be_learned_by_heart(config: ModelConfig) -> None:
    model = CausalLM(config)
    initialise(model, 0)
    tokens = make_tokens(config, 2, 12)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(60):
        loss = functional.cross_entropy(model(tokens)[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
    assert loss.item() < 0.1


def test_fresh_weights_depend_on_the_seed_alone() -> None:
    models = [CausalLM(GROUPED) for _ in range(3)]
    for model, seed in zip(models, (7, 7, 8), strict=True):
        initialise(model, seed)
    one, same, other = (model.model.embed_tokens.weight for model in models)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("length", [1, 5])
def test_fresh_weights_predict_about_uniformly(length: int) -> None:
    model = CausalLM(GROUPED)
    initialise(model, 0)
    with torch.no_grad():
        chances = model(make_tokens(GROUPED, 1, length)).softmax(-1)
    assert float(chances.max()) < 3 / GROUPED.vocab_size


def test_two_training_runs_of_one_seed_are_equal_to_the_last_bit() -> None:
    outcomes = []
    for _ in range(2):
        model = CausalLM(GROUPED)
        initialise(model, 5)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
        tokens = make_tokens(GROUPED)
        for _ in range(3):
            functional.cross_entropy(model(tokens)[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()
        outcomes.append(torch.cat([weight.detach().flatten() for weight in model.parameters()]))
    assert torch.equal(*outcomes)


def test_a_text_longer_than_a_table_of_positions_is_refused_in_one_line() -> None:
    model, cache = make_model(GPT2), KVCache.for_model(GPT2)
    model(make_tokens(GPT2, 1, 60), cache)
    with pytest.raises(ValueError, match="at most 64 tokens, not 65"):
        model(make_tokens(GPT2, 1, 5), cache)


@pytest.mark.parametrize("config", [GROUPED, GEMMA3], ids=lambda config: config.family)
def test_a_cast_model_keeps_its_angles_exact(config: ModelConfig) -> None:
    model = make_model(config)
    exact = model.model.frequencies.clone(), model.model.local_frequencies.clone()
    model.bfloat16()
    for kept, before in zip((model.model.frequencies, model.model.local_frequencies), exact, strict=True):
        assert kept.dtype == torch.float32
        assert torch.equal(kept, before)


def test_gemma_turns_faster_in_blocks_with_a_window() -> None:
    decoder = make_model(GEMMA3).model
    assert torch.equal(decoder.frequencies, inverse_frequencies(16, 1_000_000.0))
    assert torch.equal(decoder.local_frequencies, inverse_frequencies(16, 10_000.0))


def test_gemma_in_bfloat16_rounds_as_transformers_does() -> None:
    model, tokens = make_model(GEMMA3), make_tokens(GEMMA3)
    reference = reference_of(model).bfloat16()
    with torch.no_grad():
        found, wanted = model.bfloat16()(tokens), reference(tokens).logits
    assert float((found - wanted).abs().max()) < 0.02 * float(wanted.abs().max())
