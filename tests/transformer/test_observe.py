"""What is seen inside equals what transformers reports, and looking changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from aigc_tui.course.article_lm import TransformerLM
from aigc_tui.course.masked_lm.checkpoint import load_masked_lm
from aigc_tui.transformer.attention import attend, head_contributions
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.causal_lm import Block, GroupedAttention
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.observe import observe
from tests.transformer.conftest import GROUPED, MISTRAL, SHAPES, make_model, make_tokens, reference_of


@SHAPES
def test_maps_and_hidden_states_equal_those_of_transformers(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config)
    reference = reference_of(model)
    reference.set_attn_implementation("eager")
    with torch.no_grad(), observe(model) as seen:
        logits = model(tokens)
        told = reference(tokens, output_attentions=True, output_hidden_states=True)
    torch.testing.assert_close(logits, told.logits, atol=1e-4, rtol=0)
    assert len(seen.attention) == len(seen.heads) == config.layers
    assert len(seen.hidden) == config.layers + 1
    for own, other in zip(
        (*seen.attention, *seen.hidden), (*told.attentions, *told.hidden_states), strict=True
    ):
        torch.testing.assert_close(own, other, atol=1e-4, rtol=1e-4)


@SHAPES
def test_what_the_heads_write_adds_up_to_what_attention_adds(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config)
    block = model.model.layers[0]
    assert isinstance(block, Block)
    output = block.self_attn.o_proj
    with torch.no_grad(), observe(model) as seen:
        model(tokens)
        written = head_contributions(seen.heads[0], output).sum(dim=1)
        expected = output(seen.heads[0].transpose(1, 2).flatten(2))
    if output.bias is not None:
        written = written + output.bias
    torch.testing.assert_close(written, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("config", [GROUPED, MISTRAL], ids=["full", "window"])
def test_a_token_read_behind_a_cache_shows_the_last_row_of_the_map(config: ModelConfig) -> None:
    model, tokens, cache = make_model(config), make_tokens(config, 1), KVCache.for_model(config)
    with torch.no_grad(), observe(model) as seen:
        model(tokens)
        whole = [table.clone() for table in seen.attention]
        model(tokens[:, :-1], cache)
        model(tokens[:, -1:], cache)
    assert [table.shape for table in seen.attention] == [(1, 4, 1, 20)] * 2
    for row, table in zip(seen.attention, whole, strict=True):
        torch.testing.assert_close(row, table[:, :, -1:], atol=1e-4, rtol=1e-4)


def test_the_articles_model_can_be_observed_while_it_trains() -> None:
    torch.manual_seed(0)
    model = TransformerLM(31, 16, 4, 24, 2, dropout=0.1)
    with observe(model) as seen:
        model(torch.randint(0, 31, (2, 9))).sum().backward()
    assert [table.shape for table in seen.attention] == [(2, 4, 9, 9)] * 2
    torch.testing.assert_close(seen.attention[1].sum(-1), torch.ones(2, 4, 9))


def test_after_looking_the_model_is_as_before_even_if_the_pass_failed() -> None:
    model, tokens = make_model(GROUPED), make_tokens(GROUPED)
    before = model(tokens)
    with pytest.raises(IndexError), observe(model):
        model(tokens + GROUPED.vocab_size)
    with observe(model) as seen:
        model(tokens)
    count = len(seen.hidden)
    assert torch.equal(model(tokens), before)
    assert len(seen.hidden) == count
    layers = [part for part in model.modules() if isinstance(part, GroupedAttention)]
    assert [layer.attend for layer in layers] == [attend] * GROUPED.layers


def test_bert_shows_what_transformers_reports_padding_included(tmp_path: Path) -> None:
    from transformers import BertConfig, BertForMaskedLM

    torch.manual_seed(0)
    shape = {"vocab_size": 50, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 24}
    config = BertConfig(**shape, num_hidden_layers=2, attn_implementation="eager")
    reference = BertForMaskedLM(config).eval()
    reference.save_pretrained(tmp_path)
    bert = load_masked_lm(tmp_path).bert
    tokens, real = torch.randint(0, 50, (2, 9)), torch.ones(2, 9, dtype=torch.bool)
    real[1, 6:] = False
    with torch.no_grad(), observe(bert) as seen:
        bert(tokens, real=real)
        told = reference(
            tokens, attention_mask=real.long(), output_attentions=True, output_hidden_states=True
        )
    expected = (*told.attentions, *told.hidden_states)
    for own, other in zip((*seen.attention, *seen.hidden), expected, strict=True):
        torch.testing.assert_close(own, other, atol=1e-4, rtol=1e-4)
