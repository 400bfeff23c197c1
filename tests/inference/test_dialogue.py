"""Dialogues for scoring: only the speakers' words are counted, by whatever template they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from transformers import AutoTokenizer

from aigc_tui.corpora.records import Message, Record
from aigc_tui.inference.dialogue import DialogueError, encode_dialogue, render_dialogue
from tests.support.models import CHATML, GEMMA, make_model

Said = Sequence[tuple[str, str]]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tokenizer of a tiny model, whose template each test sets."""
    folder = make_model(tmp_path_factory.mktemp("models") / "tiny", "gpt2")
    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def rendered(tokenizer: Any, template: str, said: Said) -> tuple[str, list[tuple[int, int]]]:
    tokenizer.chat_template = template
    return render_dialogue(Record(messages=tuple(Message(*one) for one in said)), tokenizer)


@pytest.mark.parametrize("template", [CHATML, ""])
def test_short_words_are_not_mistaken_for_the_templates_own(tokenizer: Any, template: str) -> None:
    said = [("user", "e"), ("assistant", "user"), ("user", "assistant"), ("assistant", "s")]
    text, spans = rendered(tokenizer, template, said)
    assert [text[begin:end] for begin, end in spans] == [words for _, words in said]
    lead = "<|im_start|>user\n" if template else "user: "
    assert spans[0][0] == len(lead)


def test_a_template_without_a_system_role_gets_it_in_the_users_first_words(tokenizer: Any) -> None:
    said = [("system", "Be kind."), ("user", "Hi"), ("user", "there"), ("assistant", "Hello")]
    text, spans = rendered(tokenizer, GEMMA, said)
    assert "user\nBe kind.\n\nHi\n\nthere<end_of_turn>" in text
    assert [text[begin:end] for begin, end in spans] == ["Be kind.", "Hi", "there", "Hello"]


def test_a_greeting_is_scored_where_the_user_must_begin_but_not_what_stands_in_front(tokenizer: Any) -> None:
    text, spans = rendered(tokenizer, GEMMA, [("assistant", "Welcome"), ("user", "Hi")])
    assert [text[begin:end] for begin, end in spans] == ["Welcome", "Hi"]
    assert "user\n…<end_of_turn>" in text


def test_only_the_words_count_as_bytes(tokenizer: Any) -> None:
    tokenizer.chat_template = GEMMA
    talk = Record(messages=(Message("system", "Be kind."), Message("user", "你好"), Message("assistant", "")))
    encoded = encode_dialogue(talk, tokenizer)
    assert encoded.bytes == len("Be kind.你好".encode())
    assert 0 < sum(encoded.counted) < len(encoded.ids)


def test_a_template_that_looks_at_the_words_falls_back_to_finding_them(tokenizer: Any) -> None:
    template = "{% for m in messages %}[{{ m.content | length }}] {{ m.content }}\n{% endfor %}"
    text, spans = rendered(tokenizer, template, [("user", "Hello there"), ("assistant", "Well")])
    assert [text[begin:end] for begin, end in spans] == ["Hello there", "Well"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('not\nfor you') }}",
        "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
        "{{ messages[9].content.x }}",
        "{% for %}",
    ],
)
def test_a_template_that_will_not_do_is_one_line(tokenizer: Any, template: str) -> None:
    with pytest.raises(DialogueError) as caught:
        rendered(tokenizer, template, [("user", "Hello")])
    assert "\n" not in str(caught.value)
