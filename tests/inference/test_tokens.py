"""Two ways from text to tokens: the template's, in which control tokens count, and everybody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from aigc_tui.inference.source import MAX_JSON, BrokenModelError, ModelError
from aigc_tui.inference.tokens import Tokens, load_tokens
from tests.support.model_fixtures import ModelMaker
from tests.support.models import SPECIAL, make_tokenizer

NAMED = {"bos_token": "<|endoftext|>", "eos_token": "<|im_end|>"}
TOKENS = Tokens(make_tokenizer(), NAMED)


@given(st.lists(st.sampled_from(SPECIAL) | st.text(max_size=5), max_size=8).map("".join))
def test_plain_text_never_becomes_a_control_token_and_loses_nothing(text: str) -> None:
    ids = TOKENS.encode_plain(text)
    assert TOKENS.control.isdisjoint(ids)
    assert TOKENS.decode(ids) == text


def test_the_templates_text_does() -> None:
    assert TOKENS.encode("<|im_start|>") == [TOKENS.id_of("<|im_start|>")]
    assert TOKENS.control >= set(TOKENS.encode("<|im_start|>x<|im_end|>")[::2])


def test_lone_surrogates_and_nul_are_text() -> None:
    assert TOKENS.decode(TOKENS.encode_plain("a\ud800b\x00")) == "a?b\x00"


def test_tokens_added_without_being_special_are_control_tokens_too() -> None:
    tokenizer = make_tokenizer()
    tokenizer.add_tokens(["<think>", "\n\n"])
    tokens = Tokens(tokenizer, NAMED)
    assert tokens.is_suspect("<think>")
    assert tokens.id_of("<think>") not in tokens.encode_plain("<think>")
    assert tokens.encode_plain("a\n\nb") == tokens.encode("a\n\nb")


def test_a_token_that_is_matched_in_any_spelling_is_split_too() -> None:
    tokenizer = Tokenizer.from_str(make_tokenizer().to_str())
    body = json.loads(tokenizer.to_str())
    body["normalizer"] = {"type": "Lowercase"}
    tokenizer = Tokenizer.from_str(json.dumps(body))
    tokenizer.add_special_tokens([AddedToken("<role>", normalized=True)])
    tokens = Tokens(tokenizer, NAMED)
    assert tokens.id_of("<role>") in tokens.encode("<ROLE>")
    assert tokens.is_suspect("<ROLE>")
    assert tokens.control.isdisjoint(tokens.encode_plain("<ROLE>"))


def test_a_vocabulary_that_holds_a_control_token_as_a_word_does_not_let_it_out() -> None:
    vocabulary = [("<unk>", 0.0), ("<s>", -1.0), *((letter, -9.0) for letter in "<s>ab/")]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0))
    tokenizer.add_special_tokens(["<s>"])
    tokens = Tokens(tokenizer, {"bos_token": "<s>", "unk_token": "<unk>"})
    assert tokens.control.isdisjoint(tokens.encode_plain("a<s>b"))
    assert tokens.decode(tokens.encode_plain("a<s>b")).replace(" ", "") == "a<s>b"


@pytest.mark.parametrize("whole", [True, False])
def test_merges_that_make_a_control_token_do_not_let_it_out(whole: bool) -> None:
    pieces = [*"<>sab/", "<s", "<s>", "ab"]
    merges = [("<", "s"), ("<s", ">"), ("a", "b")]
    vocabulary = {piece: id_ for id_, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=whole))
    tokenizer.add_special_tokens(["<s>"])
    tokens = Tokens(tokenizer, {"bos_token": "<s>"})
    assert tokens.encode("ab<s>") == [vocabulary["ab"], vocabulary["<s>"]]
    assert tokens.encode_plain("ab") == [vocabulary["ab"]]
    for text in ("<s>", "ab<s>", "<s>ab</s><s><s>"):
        ids = tokens.encode_plain(text)
        assert tokens.control.isdisjoint(ids)
        assert "".join(pieces[id_] for id_ in ids) == text
        assert [id_ for id_, _, _ in tokens.encode_spans(text, plain=True)] == ids


def test_layout_keeps_its_ids_where_the_vocabulary_leaves_numbers_out() -> None:
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "a": 1, "<s>": 9}, unk_token="<unk>"))
    tokenizer.add_special_tokens(["<s>", "<t>"])
    tokenizer.add_tokens(["\n\n"])
    tokens = Tokens(Tokenizer.from_str(tokenizer.to_str()), {"bos_token": "<s>", "unk_token": "<unk>"})
    assert tokens.encode("a\n\n<t>") == [1, 4, 3]
    assert tokens.encode_plain("a\n\n<s>") == tokens.encode_plain("a\n\n<t>") == [1, 4, 0]
    assert tokens.base_size == 10


def test_unknown_letters_are_no_control_token() -> None:
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "a": 1}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["<unk>"])
    tokens = Tokens(tokenizer, {"unk_token": "<unk>"})
    assert tokens.encode_plain("a b") == [1, 0]
    assert not tokens.is_suspect("a b")


def test_a_folders_tokenizer_is_loaded_with_its_named_tokens(tiny: ModelMaker) -> None:
    tokens = load_tokens(tiny("llama"))
    assert tokens.named["eos_token"] == "<|im_end|>"
    assert tokens.size == TOKENS.size


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("tokenizer.json", "{}", "broken tokenizer.json"),
        ("tokenizer.json", "[", "not valid JSON"),
        ("tokenizer.json", "[]", "must hold a JSON object"),
        ("tokenizer.json", '{"model":' * 100_000, "not valid JSON"),
        ("tokenizer.json", '{"model":' * 500 + "1" + "}" * 500, "broken tokenizer.json"),
        ("tokenizer_config.json", "[]", "must hold a JSON object"),
        ("readme.md", "", "has no tokenizer.json"),
    ],
)
def test_a_broken_tokenizer_is_one_clear_line(
    tmp_path: Path, name: str, content: str, complaint: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ModelError, match=complaint) as caught:
        load_tokens(tmp_path)
    assert caught.type is BrokenModelError
    assert "\n" not in str(caught.value)


def test_a_tokenizer_beyond_the_largest_size_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "tokenizer.json").open("wb") as file:
        file.truncate(MAX_JSON + 1)
    with pytest.raises(BrokenModelError, match="larger than 64 MB"):
        load_tokens(tmp_path)


def test_older_tokenizer_files_are_converted(tmp_path: Path) -> None:
    letters = {letter: place for place, letter in enumerate(["<|endoftext|>", *"helo", "he", "Ġ"])}
    (tmp_path / "vocab.json").write_text(json.dumps(letters))
    (tmp_path / "merges.txt").write_text("#version: 0.2\nh e\n")
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "GPT2Tokenizer"}')
    tokens = load_tokens(tmp_path)
    assert tokens.decode(tokens.encode_plain("hello")) == "hello"
