"""Dialogues for scoring: only the speakers' words are counted, by whatever template they are shown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aigc_tui.corpora.records import DialogueMessage
from aigc_tui.inference.chat_template import LINES, ChatTemplate
from aigc_tui.inference.jinja import ChatTemplateError
from aigc_tui.inference.tokens import Tokens, load_tokens
from tests.support.models import CHATML, GEMMA, make_model

Said = Sequence[tuple[str, str]]


ALL = ("system", "user", "assistant")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    return load_tokens(make_model(tmp_path_factory.mktemp("models") / "tiny", "gpt2"))


def rendered(tokens: Tokens, source: str, said: Said) -> tuple[str, list[str]]:
    """Show a dialogue, and the runs of tokens that are marked as its words."""
    found = ChatTemplate(source, tokens).render([DialogueMessage(*one) for one in said], ALL, turn_ends=False)
    runs: list[list[int]] = []
    for place, (id_, counts) in enumerate(zip(found.ids, found.mask, strict=True)):
        if counts and (place == 0 or not found.mask[place - 1]):
            runs.append([])
        if counts:
            runs[-1].append(id_)
    return tokens.decode(found.ids), [tokens.decode(run) for run in runs]


@pytest.mark.parametrize("template", [CHATML, LINES])
def test_short_words_are_not_mistaken_for_the_templates_own(tokens: Tokens, template: str) -> None:
    said = [("user", "e"), ("assistant", "user"), ("user", "assistant"), ("assistant", "s")]
    _, words = rendered(tokens, template, said)
    assert [word.strip() for word in words] == [words for _, words in said]


def test_a_template_without_a_system_role_gets_it_in_the_users_first_words(tokens: Tokens) -> None:
    said = [("system", "Be kind."), ("user", "Hi"), ("user", "there"), ("assistant", "Hello")]
    text, words = rendered(tokens, GEMMA, said)
    assert "user\nBe kind.\n\nHi\n\nthere\n" in text
    assert words == ["Be kind.", "Hi", "there", "Hello"]


def test_a_greeting_is_scored_where_the_user_must_begin_but_not_what_stands_in_front(tokens: Tokens) -> None:
    text, words = rendered(tokens, GEMMA, [("assistant", "Welcome"), ("user", "Hi")])
    assert words == ["Welcome", "Hi"]
    assert "user\n…\n" in text


def test_a_template_that_looks_at_the_words_falls_back_to_finding_them(tokens: Tokens) -> None:
    template = "{% for m in messages %}[{{ m.content | length }}] {{ m.content }}\n{% endfor %}"
    _, words = rendered(tokens, template, [("user", "Hello there"), ("assistant", "Well")])
    assert [word.strip() for word in words] == ["Hello there", "Well"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ raise_exception('not\nfor you') }}",
        "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
        "{{ messages[9].content.x }}",
        "{% for %}",
    ],
)
def test_a_template_that_will_not_do_is_one_line(tokens: Tokens, template: str) -> None:
    with pytest.raises(ChatTemplateError) as caught:
        rendered(tokens, template, [("user", "Hello")])
    assert "\n" not in str(caught.value)
