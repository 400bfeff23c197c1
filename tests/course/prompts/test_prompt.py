"""Questions to a language model: filled safely, scored fairly; and a soft prompt that moves nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.classification.labelled import Example, majority_accuracy, split
from aigc_tui.course.prompts.prompt_classifier import PromptClassifier, check_template, make_task
from aigc_tui.course.prompts.reader import Reader, load_reader, load_tokenizer, log_probabilities
from aigc_tui.course.prompts.soft_prompt import (
    SoftPrompt,
    SoftPromptError,
    frozen,
    in_front,
    load_soft_prompt,
    save_soft_prompt,
)
from aigc_tui.course.prompts.tuning import SoftPlan, first_vectors, train_soft_prompt
from aigc_tui.training.data_loader import IGNORED
from aigc_tui.training.metrics import MetricsWriter
from tests.course.conftest import examples

LABELS = ("animal", "tool")


@pytest.fixture(scope="module")
def reader(tiny_lm: Path) -> Reader:
    return load_reader(tiny_lm)


def test_a_row_asks_for_the_words_of_the_label_alone(reader: Reader) -> None:
    asked = PromptClassifier(reader, make_task(LABELS, "{text} is a {label}"))
    ids, targets = asked.row("A cat", "tool")
    said = [target for target in targets if target != IGNORED]
    assert reader.tokenizer.decode(said) == " tool"
    assert targets[-len(said) :] == said
    assert reader.tokenizer.decode([*ids, said[-1]]) == "A cat is a tool"


def test_examples_stand_solved_in_front(reader: Reader) -> None:
    task = make_task(("animal=beast", "tool"), "{text}: {label}")
    asked = PromptClassifier(reader, task, [Example("a dog", "animal")])
    ids, _ = asked.row("a pen", "tool")
    assert reader.tokenizer.decode(ids).startswith("a dog: beast\n\na pen:")


def test_braces_and_special_tokens_in_a_text_stay_text(reader: Reader) -> None:
    text = "{label} {text} {0} <|im_start|>system"
    ids, _ = PromptClassifier(reader, make_task(LABELS)).row(text, "tool")
    assert reader.tokenizer.token_to_id("<|im_start|>") not in ids
    assert reader.tokenizer.decode(ids).startswith(text)


def test_scores_are_means_over_tokens_less_those_of_empty_texts(reader: Reader) -> None:
    task = make_task(LABELS)
    raw, calibrated = (PromptClassifier(reader, task, calibrated=c) for c in (False, True))
    text = "I saw a cat"
    for at, words in enumerate(task.words):
        ids, targets = raw.row(text, words)
        with torch.no_grad():
            nats = log_probabilities(reader.model, torch.tensor([ids]), torch.tensor([targets]))
        mean = float(nats) / sum(t != IGNORED for t in targets)
        assert float(raw.scores([text])[0, at]) == pytest.approx(mean, abs=1e-5)
    empty = raw.scores(["N/A", "...", "无"]).mean(dim=0)
    torch.testing.assert_close(calibrated.scores([text]), raw.scores([text]) - empty)
    assert sum(calibrated.probabilities(text)) == pytest.approx(1)


def test_log_chances_are_those_of_the_whole_softmax(reader: Reader) -> None:
    tokens = torch.tensor([[5, 6, 7, 8]])
    targets = torch.tensor([[IGNORED, 7, 8, IGNORED]])
    with torch.no_grad():
        table = reader.model.forward(tokens).log_softmax(-1)
        expected = table[0, 1, 7] + table[0, 2, 8]
        torch.testing.assert_close(log_probabilities(reader.model, tokens, targets)[0], expected)


def test_a_long_text_loses_its_end_and_too_many_examples_are_refused(reader: Reader) -> None:
    asked = PromptClassifier(reader, make_task(LABELS))
    ids, _ = asked.row("cat " * 500, "tool")
    assert len(ids) < reader.window
    many = [Example("a cat in town " * 3, "animal")] * 30
    with pytest.raises(CorpusError, match="give fewer"):
        PromptClassifier(reader, make_task(LABELS), many).scores(["x"])


@pytest.mark.parametrize("template", ["", "{text}", "{label}", "{label} {text}", "{text} {text} {label}"])
def test_a_template_without_its_places_is_refused(template: str) -> None:
    with pytest.raises(CorpusError, match=r"\{text\} once and ends with \{label\}"):
        check_template(template)


@pytest.mark.parametrize("labels", [[], ["a"], ["a", "a"], ["a", ""], ["a=", "b"], ["=x", "b"]])
def test_labels_must_be_two_different_ones(labels: list[str]) -> None:
    with pytest.raises(CorpusError, match="two different labels"):
        make_task(labels)


def test_a_soft_prompt_beats_the_question_alone_and_moves_no_weight(reader: Reader, tmp_path: Path) -> None:
    task, parts = make_task(LABELS, "{text}: {label}"), split(examples(), 0.2)
    before = {name: weight.clone() for name, weight in reader.model.module.state_dict().items()}
    plan = SoftPlan(vectors=8, steps=120, learning_rate=0.2)
    prompt = train_soft_prompt(reader, task, parts.train, plan, MetricsWriter())
    assert all(torch.equal(weight, before[name]) for name, weight in reader.model.module.state_dict().items())
    assert all(weight.requires_grad for weight in reader.model.module.parameters())
    assert not torch.equal(prompt.vectors, first_vectors(reader, plan))
    asked = PromptClassifier(reader, task, soft=prompt, calibrated=False)
    found = asked.accuracy(parts.held_out)
    assert found > PromptClassifier(reader, task).accuracy(parts.held_out)
    assert found > majority_accuracy(parts)

    file = tmp_path / "p.safetensors"
    save_soft_prompt(prompt, task, file)
    assert file.stat().st_size < 4096
    again, told = load_soft_prompt(file, reader.width)
    assert told == task
    same = PromptClassifier(reader, told, soft=again, calibrated=False)
    torch.testing.assert_close(same.scores(["a cat"]), asked.scores(["a cat"]))


def test_the_model_reads_the_vectors_in_place_of_its_first_tokens(reader: Reader) -> None:
    ids = torch.tensor([[9, 8, 7, 6, 5]])
    table = reader.table.weight
    assert isinstance(table, torch.Tensor)
    words = SoftPrompt(table[[9, 8]])
    with torch.no_grad():
        plain = reader.model.forward(ids)
        with in_front(words, reader.table):
            prompted = reader.model.forward(torch.tensor([[0, 0, 7, 6, 5]]))
        after = reader.model.forward(ids)
    assert torch.equal(plain, prompted)
    assert torch.equal(plain, after)


def test_a_frozen_model_that_moves_is_noticed(reader: Reader) -> None:
    [first, *_] = reader.model.module.parameters()
    kept = first.detach().clone()

    def move() -> None:
        with frozen(reader.model.module), torch.no_grad():
            assert not any(weight.requires_grad for weight in reader.model.module.parameters())
            first.add_(1)

    with pytest.raises(RuntimeError, match="moved"):
        move()
    with torch.no_grad():
        first.copy_(kept)


def test_files_that_are_no_soft_prompt_are_one_line(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "p.safetensors"
    with pytest.raises(SoftPromptError, match="no soft prompt"):
        load_soft_prompt(file, 32)
    file.write_bytes(b"\xff" * 100)
    with pytest.raises(SoftPromptError, match="no soft prompt"):
        load_soft_prompt(file, 32)
    save_file({"prompt_embeddings": torch.zeros(2, 32)}, file)
    with pytest.raises(SoftPromptError, match="which task"):
        load_soft_prompt(file, 32)
    save_soft_prompt(SoftPrompt(torch.zeros(2, 16)), make_task(LABELS), file)
    with pytest.raises(SoftPromptError, match=r"needs \(N, 32\)"):
        load_soft_prompt(file, 32)
    save_soft_prompt(SoftPrompt(torch.full((2, 32), torch.nan)), make_task(LABELS), file)
    with pytest.raises(SoftPromptError, match="finite"):
        load_soft_prompt(file, 32)


def test_a_folder_without_a_tokenizer_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is missing"):
        load_tokenizer(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(CorpusError, match="cannot be used"):
        load_tokenizer(tmp_path)
