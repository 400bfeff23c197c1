"""A classifier beats the most frequent label, is written as transformers reads it, and is read again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from aigc_tui.course.classification.classifier import LAST, MEAN, is_classifier, load_causal_classifier, pool
from aigc_tui.course.classification.labelled import Example, majority_accuracy, split
from aigc_tui.course.classification.text_classifier import (
    Tuning,
    accuracy,
    collate,
    fresh_classifier,
    label_rows,
    load_text_classifier,
    save_text_classifier,
    tune,
)
from aigc_tui.course.masked_lm.bert import BertConfig, MaskedLM, initialise_bert
from aigc_tui.course.masked_lm.checkpoint import save_bert
from aigc_tui.course.masked_lm.data import save_word_pieces, train_word_pieces
from aigc_tui.training.metrics import MetricsWriter
from aigc_tui.transformer.weights import CheckpointError, read_json, write_json
from tests.course.conftest import examples

PARTS = split(examples(), share=0.2)


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT with its tokenizer."""
    folder = tmp_path_factory.mktemp("tiny-bert")
    tokenizer = train_word_pieces([e.text for e in examples()], 200)
    save_word_pieces(tokenizer, folder, 48)
    model = MaskedLM(BertConfig(tokenizer.get_vocab_size(), 32, 2, 2, 64, 48, dropout=0.0))
    initialise_bert(model, 0)
    save_bert(model, folder)
    return folder


@pytest.mark.parametrize("kind", ["tiny_lm", "tiny_bert"])
def test_it_beats_the_majority_and_is_the_same_when_read_again(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    base = request.getfixturevalue(kind)
    tuning = Tuning(steps=40, learning_rate=5e-3)
    classifier = fresh_classifier(base, PARTS.labels, tuning)
    tune(classifier, PARTS.train, tuning, MetricsWriter())
    found = classifier.accuracy(PARTS.held_out)
    assert found > majority_accuracy(PARTS) + 0.3
    save_text_classifier(classifier, base, tmp_path)
    assert is_classifier(tmp_path)
    again = load_text_classifier(tmp_path)
    text = PARTS.held_out[0].text
    assert again.labels == PARTS.labels
    assert again.probabilities(text) == pytest.approx(classifier.probabilities(text), abs=1e-6)
    assert sum(again.probabilities(text)) == pytest.approx(1)
    assert sum(again.probabilities("")) == pytest.approx(1)


def test_logits_of_the_last_token_equal_transformers(tiny_lm: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    classifier = fresh_classifier(tiny_lm, ("a", "b", "c"), Tuning(pooling=LAST))
    with torch.no_grad():
        classifier.model.classifier.weight.normal_(generator=torch.Generator().manual_seed(0))
    save_text_classifier(classifier, tiny_lm, tmp_path)
    theirs, report = AutoModelForSequenceClassification.from_pretrained(
        tmp_path, local_files_only=True, output_loading_info=True
    )
    assert not report["missing_keys"]
    assert theirs.config.id2label == {0: "a", 1: "b", 2: "c"}
    rows = classifier.rows([Example("I saw a cat in town", "a"), Example("a saw", "b")])
    batch = collate(rows, classifier.pad)
    with torch.no_grad():
        expected = theirs.eval()(input_ids=batch.tokens, attention_mask=batch.real.long()).logits
        torch.testing.assert_close(
            classifier.model.eval()(batch.tokens, batch.real), expected, atol=1e-4, rtol=0
        )


def test_the_head_alone_can_be_trained(tiny_lm: Path) -> None:
    tuning = Tuning(steps=5, learning_rate=1e-2, head_only=True)
    classifier = fresh_classifier(tiny_lm, PARTS.labels, tuning)
    before = {n: w.clone() for n, w in classifier.model.state_dict().items()}
    tune(classifier, PARTS.train, tuning, MetricsWriter())
    moved = {n for n, w in classifier.model.state_dict().items() if not torch.equal(w, before[n])}
    assert moved == {"classifier.weight"}


@pytest.mark.parametrize("pooling", [LAST, MEAN])
def test_padding_changes_no_score(tiny_lm: Path, pooling: str) -> None:
    classifier = fresh_classifier(tiny_lm, ("a", "b"), Tuning(pooling=pooling))
    with torch.no_grad():
        classifier.model.classifier.weight.normal_()
    rows = classifier.rows([Example("a cat", "a"), Example("number 5 I saw a cat in town 35", "b")])
    one, other = (collate([row], classifier.pad) for row in rows)
    both = collate(rows, classifier.pad)
    with torch.no_grad():
        together = classifier.model.eval()(both.tokens, both.real)
        apart = torch.cat([classifier.model(each.tokens, each.real) for each in (one, other)])
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=1e-5)


def test_pooling_takes_the_last_real_token_or_the_mean_of_all() -> None:
    hidden = torch.arange(12.0).view(1, 4, 3)
    real = torch.tensor([[True, True, False, False]])
    assert pool(hidden, real, LAST).tolist() == [[3.0, 4.0, 5.0]]
    assert pool(hidden, real, MEAN).tolist() == [[1.5, 2.5, 3.5]]


def test_a_folder_that_is_no_classifier_is_one_line(tiny_lm: Path, tmp_path: Path) -> None:
    assert not is_classifier(tiny_lm)
    with pytest.raises(CheckpointError, match="labels"):
        load_causal_classifier(tiny_lm)
    shutil.copytree(tiny_lm, tmp_path, dirs_exist_ok=True)
    raw = read_json(tmp_path / "config.json")
    write_json(tmp_path / "config.json", {**raw, "id2label": {"0": "a", "1": "b"}})
    with pytest.raises(CheckpointError, match=r"lacks the weight 'score\.weight'"):
        load_causal_classifier(tmp_path)
    write_json(tmp_path / "config.json", {**raw, "id2label": {"0": "a"}, "aigc_tui_pooling": "max"})
    with pytest.raises(CheckpointError, match="pooling"):
        load_causal_classifier(tmp_path)


def test_accuracy_counts_right_rows() -> None:
    class Always(torch.nn.Module):
        def forward(self, tokens: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
            return torch.tensor([[0.0, 1.0]]).expand(len(tokens), 2)

    rows = label_rows([Example("x", "a"), Example("y", "b"), Example("z", "b")], ("a", "b"), lambda _: [1])
    assert accuracy(Always(), rows, 0) == pytest.approx(2 / 3)
