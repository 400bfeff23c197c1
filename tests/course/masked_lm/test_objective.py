"""Rows of hidden words and pairs, and a tiny BERT that learns from them more than counting gives."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import torch
from tokenizers import Tokenizer

from aigc_tui.corpora.records import CorpusError, Record
from aigc_tui.course.masked_lm.bert import BertConfig, MaskedLM, initialise_bert
from aigc_tui.course.masked_lm.data import (
    MASK,
    SPECIAL_TOKENS,
    Encoded,
    encode_sentences,
    load_word_pieces,
    save_word_pieces,
    split_sentences,
    train_word_pieces,
)
from aigc_tui.course.masked_lm.objective import PairRows, masked_loss, measure, most_frequent_token
from aigc_tui.training.data_loader import IGNORED
from aigc_tui.training.loop import Run, train_stage
from aigc_tui.training.optim import adamw
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import FLOAT32, LossModule

_PLACES = ("park", "school", "market", "station", "museum", "garden")
_ZH = ("公园", "学校", "市场", "车站", "博物馆", "花园")


def texts(count: int = 60) -> list[str]:
    """Documents that keep to one place, so that words and partners can be guessed from it."""
    random = Random(0)
    made = []
    for n in range(count):
        at = n % len(_PLACES)
        english = [f"We met at the {_PLACES[at]} on day {random.randint(1, 9)}." for _ in range(4)]
        chinese = [f"我们在{_ZH[at]}见面了。" for _ in range(3)]
        made.append(" ".join(english + chinese))
    return made


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_word_pieces(texts(), 200)


@pytest.fixture(scope="module")
def documents(tokenizer: Tokenizer) -> list[list[Encoded]]:
    return [encode_sentences(tokenizer, split_sentences(Record(text=text))) for text in texts()]


def test_rows_are_two_marked_sentences_with_hidden_words(
    tokenizer: Tokenizer, documents: list[list[Encoded]]
) -> None:
    rows = PairRows(tokenizer)
    batch = rows.source(documents, 40, seed=0).batch(8)
    special = {rows.cls, rows.sep, rows.pad}
    for tokens, types, real, targets in zip(
        batch.tokens, batch.types, batch.real, batch.targets, strict=True
    ):
        ids = tokens[real].tolist()
        assert ids[0] == rows.cls
        assert ids[-1] == rows.sep
        assert ids.count(rows.sep) == 2
        assert types[real].tolist() == sorted(types[real].tolist())
        assert types[real].sum() == len(ids) - 1 - ids.index(rows.sep)
        assert not special & set(targets.tolist())
        assert (targets != IGNORED).any()
    assert batch.counted == int((batch.targets != IGNORED).sum())
    assert float(batch.weights.sum()) == pytest.approx(batch.counted)


def test_words_in_both_languages_are_hidden_whole(
    tokenizer: Tokenizer, documents: list[list[Encoded]]
) -> None:
    rows = PairRows(tokenizer)
    batch = rows.source(documents, 40, seed=1).batch(200)
    museum = tokenizer.encode("博物馆", add_special_tokens=False).ids
    assert len(museum) == 3
    seen = 0
    for targets in batch.targets.tolist():
        for at, token in enumerate(targets):
            if token == museum[0]:
                seen += 1
                assert targets[at : at + 3] == museum
    assert seen


def test_a_stream_goes_on_exactly_where_its_state_was_taken(
    tokenizer: Tokenizer, documents: list[list[Encoded]]
) -> None:
    rows = PairRows(tokenizer)
    one, other = (rows.source(documents, 40, seed=3) for _ in range(2))
    for _ in range(9):
        one.batch(16)
    other.restore(one.state())
    for _ in range(3):
        first, second = one.batch(16), other.batch(16)
        assert all(torch.equal(a, b) for a, b in zip(first.tensors, second.tensors, strict=True))


def test_the_name_of_a_special_token_in_a_text_is_text(tokenizer: Tokenizer) -> None:
    [sentence] = encode_sentences(tokenizer, [f"We met {MASK} at the park"])
    assert tokenizer.token_to_id(MASK) not in sentence.ids


def test_the_loss_weighs_words_and_pairs_alike(tokenizer: Tokenizer, documents: list[list[Encoded]]) -> None:
    model = small(tokenizer)
    batch = PairRows(tokenizer).source(documents, 40, seed=0).batch(8)
    with torch.no_grad():
        scores = model(batch.tokens, batch.types, batch.real)
        chosen = batch.targets != IGNORED
        words = torch.nn.functional.cross_entropy(scores.words[chosen], batch.targets[chosen])
        assert scores.next is not None
        pairs = torch.nn.functional.cross_entropy(scores.next, batch.follows)
        loss = masked_loss(model, *batch.tensors) / batch.counted
    assert float(loss) == pytest.approx(float(words + pairs), abs=1e-4)


def small(tokenizer: Tokenizer) -> MaskedLM:
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        layers=2,
        heads=2,
        ffn_size=64,
        max_positions=64,
        dropout=0.0,
        attention_dropout=0.0,
    )
    model = MaskedLM(config)
    initialise_bert(model, 0)
    return model


def test_a_tiny_bert_learns_more_than_counting_gives(
    tokenizer: Tokenizer, documents: list[list[Encoded]]
) -> None:
    rows, model = PairRows(tokenizer), small(tokenizer)
    train, held_out = documents[:48], documents[48:]
    run = Run(LossModule(model, masked_loss, FLOAT32), adamw(model, 3e-3), warmup=10)
    stage = Stage("masked", {}, steps=120, seq_len=40, rows=16, micro_rows=16, end=0.1)
    train_stage(run, stage, rows.source(train, 40, seed=0))
    judged = rows.source(held_out, 40, seed=9)
    report = measure(model.eval(), [judged.batch(32) for _ in range(4)], most_frequent_token(train))
    assert report.word_accuracy > report.unigram_accuracy + 0.3
    assert 0 <= report.next_accuracy <= 1
    assert report.pairs == 128


def test_the_tokenizer_is_written_as_transformers_reads_it(tokenizer: Tokenizer, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    save_word_pieces(tokenizer, tmp_path, 64)
    theirs = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    assert theirs.mask_token == MASK
    pair = theirs("We met", "at the park")
    assert theirs.convert_ids_to_tokens(pair["input_ids"]).count("[SEP]") == 2
    assert sum(pair["token_type_ids"]) > 0
    assert load_word_pieces(tmp_path).get_vocab_size() == tokenizer.get_vocab_size()


def test_a_tokenizer_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be used"):
        load_word_pieces(tmp_path)
    from aigc_tui.transformer.tokenizer import save_tokenizer, train_tokenizer

    save_tokenizer(train_tokenizer(texts(), 300), tmp_path, 64)
    with pytest.raises(CorpusError, match="is it a BERT tokenizer"):
        load_word_pieces(tmp_path)
    assert len(SPECIAL_TOKENS) == 5
