"""Generated talk: the grammar language, and what every made-up dialogue promises."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from random import Random

import pytest

from aigc_tui.corpora.grammar.dialogues import LANGUAGES, fingerprint, generate, load_grammars
from aigc_tui.corpora.grammar.rules import (
    Grammar,
    GrammarError,
    Row,
    UnboundError,
    chinese_name,
    english_name,
    english_surname,
    expand,
    parse,
)
from aigc_tui.corpora.records import CorpusError, Record

PERSONAS = Path(__file__).parents[2] / "personas"
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{3,}")
SMALL = parse(
    """
= animal
cat / dog

= country
France | Paris

@ pet 2
U I have a {p:animal}
A A {p}! {p!} is nice.
U it is a {p}
A I see.
A Good.
@ who 1
N
U who are you?
A I'm {name}.
% tutor
S You are {name:animal}.
G Hello, I'm {name}.
V file=tutor; name=Lin
@ lesson 1
U teach me
A Gladly.
""".splitlines()
)


def say(template: str, known: dict[str, Row] | None = None) -> str:
    return expand(template, SMALL, {} if known is None else known, Random(0))


def test_a_kept_choice_is_said_again() -> None:
    first, second = say("{p:animal} {p}").split()
    assert first == second


def test_columns_belong_together() -> None:
    assert say("{c:country.0}: {c.1}") == "France: Paris"


def test_an_exclamation_mark_makes_the_first_letter_large() -> None:
    assert say("{p:animal!}") in {"Cat", "Dog"}


def test_a_slot_without_rule_or_value_does_not_fit() -> None:
    with pytest.raises(UnboundError):
        say("{name}")


def test_turns_alternate_and_lines_of_one_speaker_are_alternatives() -> None:
    pet, who = SMALL.roles["general"].exchanges
    assert [len(turn) for turn in pet.turns] == [1, 1, 1, 2]
    assert (pet.weight, pet.needs_name, who.needs_name) == (2.0, False, True)


def test_roles_have_prompts_greetings_and_shipped_values() -> None:
    tutor = SMALL.roles["tutor"]
    assert tutor.systems == ["You are {name:animal}."]
    assert tutor.shipped == {"tutor": {"name": "Lin"}}
    assert [exchange.name for exchange in tutor.exchanges] == ["lesson"]


def test_a_line_with_an_unknown_mark_is_named() -> None:
    with pytest.raises(GrammarError, match="line 1"):
        parse(["X hello"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_exchange_alternates_from_user_to_assistant_and_can_be_said(language: str) -> None:
    grammar, random = load_grammars()[language], Random(0)
    for name, role in grammar.roles.items():
        for exchange in role.exchanges:
            assert exchange.turns, (name, exchange.name)
            assert len(exchange.turns) % 2 == 0, (name, exchange.name)
            assert any(can_say(turns, grammar, role.shipped, random) for turns in [exchange.turns] * 30)


def can_say(
    turns: list[list[str]], grammar: Grammar, shipped: dict[str, dict[str, str]], random: Random
) -> bool:
    values = {k: v for one in shipped.values() for k, v in one.items()} | {"name": "X"}
    known: dict[str, Row] = {key: (value,) for key, value in values.items()}
    try:
        for turn in turns:
            expand(random.choice(turn), grammar, known, random)
    except UnboundError:
        return False
    return True


def some(language: str, count: int = 400, personas: Path | None = PERSONAS) -> list[Record]:
    return list(itertools.islice(generate(language, 7, personas), count))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dialogue_ends_with_the_assistant_and_leaves_no_slot(language: str) -> None:
    for record in some(language):
        assert record.messages[-1].role == "assistant"
        assert not any(re.search(r"\{\w", message.content) for message in record.messages)
        assert all(message.content for message in record.messages)


def test_a_reply_is_in_the_users_language() -> None:
    asks_for_other = re.compile(r"Chinese|英语|英文|mean|什么意思")
    wrong = 0
    for record in [*some("en"), *some("zh")]:
        user, reply = record.messages[-2:]
        if user.role == "user" and not asks_for_other.search(user.content):
            chinese = bool(HAN.search(user.content))
            if HAN.search(user.content) or LATIN.search(user.content):
                wrong += chinese != bool(HAN.search(reply.content))
    assert wrong <= 0.03 * 800


def test_the_assistant_never_claims_to_be_human() -> None:
    claims = re.compile(r"I am (a )?human|I'm (a )?human|I'm a (real )?person|我是(真)?人(?!工)")
    said = (m.content for r in [*some("en"), *some("zh")] for m in r.messages if m.role == "assistant")
    assert not [text for text in said if claims.search(text)]


def test_a_shipped_persona_is_prompted_as_the_app_does_it() -> None:
    prompts = {r.messages[0].content for r in some("en") if r.messages[0].role == "system"}
    assert any(
        prompt.startswith("You are Sage, a helpful and honest assistant. Answer in") for prompt in prompts
    )


def test_the_same_seed_gives_the_same_talk_and_most_dialogues_are_different() -> None:
    assert some("zh", 50) == some("zh", 50)
    assert len(set(some("en", 400))) > 300


def test_it_works_without_personas_and_notices_their_change(tmp_path: Path) -> None:
    assert some("en", 20, None)
    before = fingerprint(tmp_path)
    (tmp_path / "new.yaml").write_text("name: x", encoding="utf-8")
    assert fingerprint(tmp_path) != before


def test_a_persona_whose_texts_are_plain_strings_is_practised_with(tmp_path: Path) -> None:
    (tmp_path / "mole.yaml").write_text(
        "name: Mole\nsystem: You are Mole, who digs.\ngreeting: Mind the hill!\n"
        "examples: [[{user: Where?}, {assistant: Below.}]]\n",
        encoding="utf-8",
    )
    prompted = [
        r.messages for r in some("en", 400, tmp_path) if r.messages[0].content.startswith("You are Mole")
    ]
    assert prompted
    assert any(
        [m.content for m in messages[1:4]] == ["Where?", "Below.", "Mind the hill!"] for messages in prompted
    )


def test_a_persona_that_cannot_be_read_is_named_and_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("name: x\ngreeting: [1]\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"broken\.yaml:2"):
        next(generate("en", 0, tmp_path))


def test_whoever_has_a_name_in_its_prompt_says_no_other_when_asked_for_it() -> None:
    asks = re.compile(r"(?i)(hello,? |hi,? )*what'?s? (is )?your name\??")
    for record in itertools.islice(generate("en", 8, None), 1500):
        system = record.messages[0].content if record.messages[0].role == "system" else ""
        named = re.match(r"(?:You are|Your name is) ([A-Z]\w+)", system)
        for asked, told in itertools.pairwise(record.messages):
            if asked.role == "user" and asks.fullmatch(asked.content):
                assert named is None or named[1] in told.content


def test_a_greeting_before_a_question_does_not_change_its_answer() -> None:
    answers = {question.lower(): answer for question, answer in load_grammars()["en"].rules["fact"]}
    greeted = 0
    for record in itertools.islice(generate("en", 9, None), 4000):
        for asked, told in itertools.pairwise(record.messages):
            question = re.sub(r"^(Hello|Hi)[!,] ", "", asked.content)
            if question != asked.content and question.lower() in answers:
                greeted += 1
                assert told.content == answers[question.lower()]
    assert greeted


def test_names_have_no_end_and_are_the_same_by_the_same_seed() -> None:
    for make in (english_name, english_surname, chinese_name):
        names = [make(Random(seed)) for seed in range(400)]
        assert names == [make(Random(seed)) for seed in range(400)]
        assert len(set(names)) > 200
    assert all(1 < len(chinese_name(Random(seed))) < 5 for seed in range(100))
    assert all(english_name(Random(seed)).isalpha() for seed in range(100))
