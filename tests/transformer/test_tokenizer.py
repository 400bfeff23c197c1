"""The tokenizer: any text survives, languages are cut apart, and the folder is an ordinary one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from aigc_tui.transformer.tokenizer import SPECIAL_TOKENS, save_tokenizer, train_tokenizer

TEXTS = [
    "The cat sat on the mat. It's the cat's mat, isn't it?",
    "今天天气很好，今天我们去公园。",
    "1234 5678",
] * 20
TRAINED = train_tokenizer(TEXTS, 400)


def pieces(text: str) -> list[str]:
    encoded = TRAINED.encode(text)
    return [text[begin:end] for begin, end in encoded.offsets]


@given(st.text())
def test_any_text_comes_back_as_it_was(text: str) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    splitting = Tokenizer.from_str(TRAINED.to_str())
    splitting.encode_special_tokens = True
    assert splitting.decode(splitting.encode(text).ids, skip_special_tokens=False) == text


def test_special_tokens_come_first_and_are_one_id_each() -> None:
    assert [TRAINED.token_to_id(token) for token in SPECIAL_TOKENS] == [0, 1, 2, 3]
    assert TRAINED.encode("<|im_end|>").ids == [2]


def test_frequent_words_of_both_languages_become_one_token() -> None:
    assert " cat" in pieces("the cat")
    assert "今天" in pieces("今天")


def test_no_token_crosses_from_chinese_to_latin_letters_or_takes_two_digits() -> None:
    mixed = pieces("12今天the")
    assert mixed[:2] == ["1", "2"]
    assert not any("天" in piece and "t" in piece for piece in mixed)


@pytest.fixture(scope="module")
def reloaded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoTokenizer

    folder: Path = tmp_path_factory.mktemp("tokenizer")
    save_tokenizer(TRAINED, folder, max_positions=128)
    return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)


def test_transformers_reads_the_folder_with_its_special_tokens(reloaded: Any) -> None:
    assert (reloaded.eos_token, reloaded.pad_token) == ("<|im_end|>", "<|pad|>")
    assert set(reloaded.all_special_tokens) == set(SPECIAL_TOKENS)
    assert reloaded("The cat")["input_ids"] == TRAINED.encode("The cat").ids


def test_the_template_writes_chatml_and_opens_the_reply(reloaded: Any) -> None:
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]
    rendered = reloaded.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert rendered == (
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_last_message_can_be_left_open_to_be_continued(reloaded: Any) -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "I am"}]
    rendered = reloaded.apply_chat_template(messages, tokenize=False, continue_final_message=True)
    assert rendered.endswith("<|im_start|>assistant\nI am")
