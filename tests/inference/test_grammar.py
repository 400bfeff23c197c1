"""A reply under a grammar has its form: with random weights, so that the grammar does all of the work."""

from __future__ import annotations

import builtins
import json
import re
import sys
from dataclasses import replace
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from aigc_tui.engine.protocol import Delta, FinishReason, Grammar, GrammarKind, Sampling
from aigc_tui.inference.grammar import GrammarError, Grammars
from aigc_tui.inference.tokens import Tokens
from tests.support.desk import GREEDY, Desk
from tests.support.model_fixtures import ModelMaker
from tests.support.models import assistant, user

FREE = Sampling(temperature=1.0, top_p=1.0, repetition_penalty=1.0, max_tokens=160)
ENGLISH = {
    "type": "object",
    "properties": {
        "stem": {"type": "string", "minLength": 4, "maxLength": 12},
        "wrong": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 5},
            "minItems": 3,
            "maxItems": 3,
        },
        "key": {"type": "integer", "minimum": 0, "maximum": 3},
    },
    "required": ["stem", "wrong", "key"],
    "additionalProperties": False,
}
CHINESE = {
    "type": "object",
    "properties": {
        "来源": {"enum": ["第一句", "第二句"]},
        "题干": {"type": "string", "pattern": "^[\u4e00-\u9fff]{4,8}？$"},
    },
    "required": ["来源", "题干"],
    "additionalProperties": False,
}


def schema(value: dict[str, Any]) -> Grammar:
    return Grammar(GrammarKind.JSON_SCHEMA, json.dumps(value, ensure_ascii=False))


@pytest.fixture(scope="module", params=["llama", "gemma"])
def desk(request: pytest.FixtureRequest, tiny: ModelMaker) -> Desk:
    """One model of our own Transformer, one of transformers' AutoModel."""
    return Desk(tiny(request.param))


@pytest.mark.parametrize("seed", range(4))
def test_random_weights_write_valid_english_json(desk: Desk, seed: int) -> None:
    reply = desk.ask(user("Ask"), sampling=replace(FREE, seed=seed), grammar=schema(ENGLISH))
    assert reply.reason is FinishReason.STOP
    value = json.loads(reply.text)
    assert list(value) == ["stem", "wrong", "key"]
    assert 4 <= len(value["stem"]) <= 12
    assert len(value["wrong"]) == 3
    assert value["key"] in range(4)
    assert "\n" not in reply.text


@pytest.mark.parametrize("seed", range(4))
def test_chinese_characters_are_never_split(desk: Desk, seed: int) -> None:
    reply = desk.ask(user("问"), sampling=replace(FREE, seed=seed), grammar=schema(CHINESE))
    value = json.loads(reply.text)
    assert value["来源"] in ("第一句", "第二句")
    assert re.fullmatch("[\u4e00-\u9fff]{4,8}？", value["题干"])
    deltas = [event.text for event in reply.events if isinstance(event, Delta)]
    assert not any("\N{REPLACEMENT CHARACTER}" in text for text in deltas)


def test_a_regex_and_a_lark_grammar_hold_too(desk: Desk) -> None:
    regex = desk.ask(user("a"), grammar=Grammar(GrammarKind.REGEX, "(yes|no), (19|20)[0-9]{2}"))
    assert re.fullmatch("(yes|no), (19|20)[0-9]{2}", regex.text)
    lark = desk.ask(user("a"), grammar=Grammar(GrammarKind.LARK, 'start: "A" | "B" WORD\nWORD: /[a-z]{3}/'))
    assert re.fullmatch("A|B[a-z]{3}", lark.text)


def test_a_form_that_spells_control_tokens_is_written_as_text(desk: Desk) -> None:
    words = "a<|im_end|> <|im_start|>system<end_of_turn>"
    for form in (Grammar(GrammarKind.REGEX, re.escape(words)), schema({"const": words})):
        reply = desk.ask(user("a"), sampling=replace(FREE, max_tokens=200), grammar=form)
        found = reply.text if form.kind is GrammarKind.REGEX else json.loads(reply.text)
        assert found == words
        assert reply.reason is FinishReason.STOP


def test_the_end_comes_only_where_the_form_accepts_it(desk: Desk) -> None:
    for seed in range(6):
        reply = desk.ask(
            user("a"), sampling=replace(FREE, seed=seed), grammar=Grammar(GrammarKind.REGEX, "[ab]{5,9}")
        )
        assert re.fullmatch("[ab]{5,9}", reply.text)


def test_a_form_cut_at_the_limit_says_so(desk: Desk) -> None:
    reply = desk.ask(user("a"), sampling=replace(GREEDY, max_tokens=5), grammar=schema(ENGLISH))
    assert reply.reason is FinishReason.LENGTH
    assert reply.new == 5


def test_the_cache_behind_a_grammar_is_as_good_as_any(desk: Desk) -> None:
    desk.caches.clear()
    cold = desk.ask(user("Ask"), grammar=schema(ENGLISH))
    warm = desk.ask(user("Ask"), grammar=schema(ENGLISH))
    assert (warm.text, warm.reused) == (cold.text, cold.prompt - 1)
    history = (user("Ask"), assistant(cold.text), user("More"))
    assert desk.ask(*history).text == desk.cold(*history).text


@pytest.mark.parametrize(
    "grammar",
    [
        Grammar(GrammarKind.JSON_SCHEMA, "{nope"),
        Grammar(GrammarKind.JSON_SCHEMA, "[1]"),
        Grammar(GrammarKind.JSON_SCHEMA, '{"type": "nope"}'),
        Grammar(GrammarKind.REGEX, "a("),
        Grammar(GrammarKind.LARK, "start: x y"),
    ],
)
def test_a_grammar_that_cannot_be_compiled_is_one_clear_line(desk: Desk, grammar: Grammar) -> None:
    with pytest.raises(GrammarError, match=r"^the grammar cannot be compiled: .+") as failure:
        desk.ask(user("a"), grammar=grammar)
    assert "\n" not in str(failure.value)


def test_a_control_token_is_no_text_even_if_its_folder_forgot_to_mark_it(desk: Desk) -> None:
    tokens = desk.loaded.tokens
    assert all(token["special"] for token in json.loads(tokens.spelling())["added_tokens"])
    guide = Grammars(tokens, desk.loaded.eos_ids).guide(Grammar(GrammarKind.REGEX, "(?s:.*)"))
    assert guide is not None
    allowed = guide.masked(torch.zeros(tokens.size)) == 0.0
    assert {id_ for id_ in tokens.control if allowed[id_]} <= desk.loaded.eos_ids


def test_weights_wider_than_the_vocabulary_get_no_say(desk: Desk) -> None:
    guide = desk.loaded.grammars.guide(Grammar(GrammarKind.REGEX, "[ab]+"))
    assert guide is not None
    assert guide.masked(torch.zeros(desk.loaded.tokens.size + 64))[-64:].max() == float("-inf")


def test_without_llguidance_the_reply_is_free(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = desk.ask(user("a")).text
    loaded = replace(desk.loaded, grammars=Grammars(desk.loaded.tokens, desk.loaded.eos_ids))
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("llguidance"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "llguidance", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr(desk, "loaded", loaded)
    assert desk.ask(user("a"), grammar=schema(ENGLISH)).text == plain


def sentencepiece(model: Any, decoder: Any) -> Tokens:
    """A tokenizer in the way of Llama 2 and Gemma (bytes for what it lacks), or of T5 (Unigram)."""
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoder
    tokenizer.add_special_tokens(["<unk>", "</s>"])
    return Tokens(tokenizer, {"eos_token": "</s>", "unk_token": "<unk>"})


LETTERS = "▁abcdefghijklmnopqrstuvwxyz"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
KINDS = {
    "bytes": lambda: sentencepiece(
        models.BPE(
            {piece: id_ for id_, piece in enumerate(["<unk>", "</s>", *BYTES, *LETTERS])},
            [],
            byte_fallback=True,
            fuse_unk=True,
        ),
        decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        ),
    ),
    "unigram": lambda: sentencepiece(
        models.Unigram([(piece, -1.0) for piece in ("<unk>", "</s>", *LETTERS, "好", "你好")], 0),
        decoders.Metaspace(),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_tokenizers_of_the_sentencepiece_kind_are_guided_too(kind: str) -> None:
    tokens = KINDS[kind]()
    end = tokens.id_of("</s>")
    assert end is not None
    guide = Grammars(tokens, frozenset({end})).guide(Grammar(GrammarKind.REGEX, "[a-z]{3,5} 你好"))
    assert guide is not None
    torch.manual_seed(1)
    said: list[int] = []
    while not guide.over:
        token = int(guide.masked(torch.randn(tokens.size)).argmax())
        guide.take(token)
        said.append(token)
    assert re.fullmatch("[a-z]{3,5} 你好", tokens.decode(said))


def test_a_tokenizer_that_cannot_be_spelled_out_leaves_the_reply_free() -> None:
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    tokenizer.decoder = decoders.WordPiece()
    tokens = Tokens(tokenizer, {"unk_token": "[UNK]"})
    assert Grammars(tokens, frozenset()).guide(Grammar(GrammarKind.REGEX, "a+")) is None


def test_nothing_is_prepared_before_a_grammar_is_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Tokens] = []

    def spelling(tokens: Tokens) -> str:
        asked.append(tokens)
        return "{}"

    monkeypatch.setattr(Tokens, "spelling", spelling)
    grammars = Grammars(desk.loaded.tokens, desk.loaded.eos_ids)
    assert asked == []
    grammars.guide(Grammar(GrammarKind.REGEX, "a"))
    assert asked == [desk.loaded.tokens]
