"""BERT equals transformers': logits of all three kinds, gradients of a training step, folders both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from aigc_tui.course.masked_lm.bert import MaskedLM
from aigc_tui.course.masked_lm.checkpoint import (
    classifier_from_bert,
    is_bert,
    load_bert_classifier,
    load_masked_lm,
    save_bert,
)
from aigc_tui.transformer.checkpoint import CheckpointError, read_json, write_json

_V, _LABELS = 67, ("no", "yes", "perhaps")
_SHAPE = {
    "vocab_size": _V,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, Path]]:
    """Models of transformers with wide random weights, and the folders that it wrote of them."""
    import transformers

    config = transformers.BertConfig(**_SHAPE, num_labels=len(_LABELS), id2label=dict(enumerate(_LABELS)))
    made = {}
    for kind in ("BertForPreTraining", "BertForMaskedLM", "BertForSequenceClassification"):
        torch.manual_seed(0)
        model = getattr(transformers, kind)(config)
        with torch.no_grad():
            for weight in model.parameters():
                weight.add_(torch.randn_like(weight) * 0.2)
        folder = tmp_path_factory.mktemp(kind)
        model.eval().save_pretrained(folder)
        made[kind] = model, folder
    return made


def rows() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Two rows of two sentences, the second row padded: tokens, types, real."""
    tokens = torch.randint(5, _V, (2, 18), generator=torch.Generator().manual_seed(1))
    types = torch.tensor([[0] * 9 + [1] * 9] * 2)
    real = torch.ones(2, 18, dtype=torch.bool)
    real[1, 13:] = False
    return tokens, types, real


def theirs(tokens: torch.Tensor, types: torch.Tensor, real: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"input_ids": tokens, "token_type_ids": types, "attention_mask": real.long()}


def test_both_pretraining_heads_equal_transformers(reference: dict[str, tuple[Any, Path]]) -> None:
    other, folder = reference["BertForPreTraining"]
    tokens, types, real = rows()
    with torch.no_grad():
        mine, expected = load_masked_lm(folder)(tokens, types, real), other(**theirs(tokens, types, real))
    torch.testing.assert_close(mine.words[real], expected.prediction_logits[real], atol=1e-4, rtol=0)
    torch.testing.assert_close(mine.next, expected.seq_relationship_logits, atol=1e-4, rtol=0)


def test_gradients_of_a_step_equal_those_of_transformers(reference: dict[str, tuple[Any, Path]]) -> None:
    other, folder = reference["BertForPreTraining"]
    tokens, types, real = rows()
    hidden = torch.zeros_like(real)
    hidden[:, 3:6] = True
    targets = tokens.where(hidden, torch.tensor(-100))
    follows = torch.tensor([0, 1])
    model = load_masked_lm(folder)
    scores = model(tokens, types, real)
    assert scores.next is not None
    loss = functional.cross_entropy(scores.words[hidden], targets[hidden])
    (loss + functional.cross_entropy(scores.next, follows)).backward()  # type: ignore[no-untyped-call]
    other.zero_grad()
    other(**theirs(tokens, types, real), labels=targets, next_sentence_label=follows).loss.backward()
    expected = dict(other.named_parameters())
    torch.testing.assert_close(
        model.bert.embed.tokens.weight.grad,
        expected["bert.embeddings.word_embeddings.weight"].grad,
        atol=1e-4,
        rtol=1e-3,
    )
    weights = dict(model.named_parameters())
    for mine, name in (
        ("bert.layers.0.attention.q_proj.weight", "bert.encoder.layer.0.attention.self.query.weight"),
        ("bert.layers.1.mlp.down_proj.bias", "bert.encoder.layer.1.output.dense.bias"),
        ("head.norm.weight", "cls.predictions.transform.LayerNorm.weight"),
        ("head.bias", "cls.predictions.bias"),
        ("pooler.dense.weight", "bert.pooler.dense.weight"),
    ):
        torch.testing.assert_close(weights[mine].grad, expected[name].grad, atol=1e-4, rtol=1e-3, msg=name)


def test_a_masked_lm_without_the_second_head_equals_transformers(
    reference: dict[str, tuple[Any, Path]],
) -> None:
    other, folder = reference["BertForMaskedLM"]
    tokens, types, real = rows()
    with torch.no_grad():
        mine, expected = load_masked_lm(folder)(tokens, types, real), other(**theirs(tokens, types, real))
    assert mine.next is None
    torch.testing.assert_close(mine.words[real], expected.logits[real], atol=1e-4, rtol=0)


def test_a_classifier_equals_transformers(reference: dict[str, tuple[Any, Path]]) -> None:
    other, folder = reference["BertForSequenceClassification"]
    tokens, types, real = rows()
    mine = load_bert_classifier(folder)
    assert mine.config.labels == _LABELS
    with torch.no_grad():
        torch.testing.assert_close(
            mine(tokens, real, types), other(**theirs(tokens, types, real)).logits, atol=1e-4, rtol=0
        )


@pytest.mark.parametrize("kind", ["BertForPreTraining", "BertForMaskedLM", "BertForSequenceClassification"])
def test_what_is_written_is_read_by_transformers(
    reference: dict[str, tuple[Any, Path]], kind: str, tmp_path: Path
) -> None:
    other, folder = reference[kind]
    model = load_bert_classifier(folder) if "Sequence" in kind else load_masked_lm(folder)
    save_bert(model, tmp_path)
    again, report = type(other).from_pretrained(tmp_path, output_loading_info=True, local_files_only=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    for name, weight in other.named_parameters():
        assert torch.equal(weight, dict(again.named_parameters())[name]), name
    assert again.config.id2label == other.config.id2label or "Sequence" not in kind


def test_a_pretrained_encoder_gets_a_new_head(reference: dict[str, tuple[Any, Path]]) -> None:
    _, folder = reference["BertForPreTraining"]
    model = classifier_from_bert(folder, ("a", "b"), seed=0)
    base = load_masked_lm(folder)
    assert torch.equal(model.bert.embed.tokens.weight, base.bert.embed.tokens.weight)
    assert base.pooler is not None
    assert torch.equal(model.pooler.dense.weight, base.pooler.dense.weight)
    assert model.classifier.weight.shape == (2, 32)


def test_an_encoder_saved_without_any_head_gets_one_too(
    reference: dict[str, tuple[Any, Path]], tmp_path: Path
) -> None:
    other, folder = reference["BertForPreTraining"]
    other.bert.save_pretrained(tmp_path)
    one, same = (classifier_from_bert(each, ("a", "b"), seed=0).state_dict() for each in (tmp_path, folder))
    assert all(torch.equal(weight, same[name]) for name, weight in one.items())


def test_padding_is_not_seen(reference: dict[str, tuple[Any, Path]]) -> None:
    model: MaskedLM = load_masked_lm(reference["BertForMaskedLM"][1])
    tokens, types, real = rows()
    changed = tokens.clone()
    changed[1, 13:] = 7
    with torch.no_grad():
        one, other = model(tokens, types, real).words, model(changed, types, real).words
    assert torch.equal(one[real], other[real])


def test_a_token_changes_what_is_said_before_and_after_it(reference: dict[str, tuple[Any, Path]]) -> None:
    model = load_masked_lm(reference["BertForMaskedLM"][1])
    tokens, _, _ = rows()
    changed = tokens.clone()
    changed[:, 9] = (changed[:, 9] + 1) % _V
    with torch.no_grad():
        one, other = model(tokens).words, model(changed).words
    assert not torch.allclose(one[:, 2], other[:, 2])
    assert not torch.allclose(one[:, 15], other[:, 15])


def test_old_names_of_norms_are_understood(reference: dict[str, tuple[Any, Path]], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    _, folder = reference["BertForMaskedLM"]
    weights = load_file(folder / "model.safetensors")
    old = {
        n.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): w
        for n, w in weights.items()
    }
    assert old.keys() != weights.keys()
    save_file(old, tmp_path / "model.safetensors")
    write_json(tmp_path / "config.json", read_json(folder / "config.json"))
    tokens, types, real = rows()
    with torch.no_grad():
        mine, expected = (load_masked_lm(f)(tokens, types, real).words for f in (tmp_path, folder))
    assert torch.equal(mine, expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 2**40}, "hidden_size"),
        ({"vocab_size": 2**23}, "more than the files hold"),
        ({"num_attention_heads": 5}, "multiple of heads"),
        ({"hidden_act": "relu"}, "hidden_act"),
        ({"is_decoder": True}, "is_decoder"),
        ({"intermediate_size": 40}, "has shape"),
        ({"num_hidden_layers": None}, "layers"),
        ({"layer_norm_eps": "x"}, "wrong type"),
        ({"id2label": {"7": "a"}}, "id2label"),
        ({"id2label": ["a"]}, "id2label"),
        ({"model_type": "gpt2"}, "model_type"),
    ],
)
def test_a_config_that_does_not_fit_is_one_clear_line(
    reference: dict[str, tuple[Any, Path]], tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    _, folder = reference["BertForMaskedLM"]
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    write_json(tmp_path / "config.json", {**read_json(folder / "config.json"), **change})
    with pytest.raises(CheckpointError, match=message) as caught:
        load_masked_lm(tmp_path)
    assert "\n" not in str(caught.value)


def test_damaged_and_missing_weights_are_one_clear_line(
    reference: dict[str, tuple[Any, Path]], tmp_path: Path
) -> None:
    _, folder = reference["BertForSequenceClassification"]
    assert is_bert(folder)
    assert not is_bert(tmp_path)
    with pytest.raises(CheckpointError, match=r"lacks the weight 'cls\.predictions"):
        load_masked_lm(folder)
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 400_000)
    with pytest.raises(CheckpointError, match="damaged"):
        load_bert_classifier(tmp_path)
