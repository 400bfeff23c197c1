"""The prompt made from a persona and a history, and whose sampling settings win."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from aigc_tui.config import Settings
from aigc_tui.config.sampling import BY_NAME, OFFERED, InForce, Origin
from aigc_tui.engine.protocol import ChatMessage, Role, Sampling
from aigc_tui.personas import ExampleTurn, Persona, Texts, assemble, sampling_for, sampling_in_force
from aigc_tui.store.records import Message, Status

PERSONA = Persona(
    "p",
    Texts("Ann", "安"),
    system=Texts("You are Ann.", "你是安。"),
    style=Texts("Be short.", "简短。"),
    examples=((ExampleTurn(Role.USER, Texts("Q", "问")), ExampleTurn(Role.ASSISTANT, Texts("A", "答"))),),
    sampling={"temperature": 0.2, "top_p": 0.5, "stop": ("END",)},
)


def message(role: str, content: str, status: Status = Status.COMPLETE) -> Message:
    return Message("i", "c", None, role, "", content, status, "2026-01-01T00:00:00.000Z")


def test_instructions_come_first_then_examples_then_the_history() -> None:
    history = [message("assistant", "Hello"), message("user", "Hi")]
    assert assemble(PERSONA, "en", history) == (
        ChatMessage(Role.SYSTEM, "You are Ann. Be short."),
        ChatMessage(Role.USER, "Q"),
        ChatMessage(Role.ASSISTANT, "A"),
        ChatMessage(Role.ASSISTANT, "Hello"),
        ChatMessage(Role.USER, "Hi"),
    )


def test_the_language_of_instructions_and_examples_is_the_callers_choice() -> None:
    assert [item.content for item in assemble(PERSONA, "zh", [])] == ["你是安。简短。", "问", "答"]


def test_a_persona_without_instructions_has_no_system_message() -> None:
    assert assemble(Persona("p", Texts("Ann")), "en", [message("user", "Hi")]) == (
        ChatMessage(Role.USER, "Hi"),
    )
    assert Persona("p", Texts("Ann"), style=Texts("Short.")).instructions("en") == "Short."


@pytest.mark.parametrize("status", list(Status))
def test_words_that_were_read_stay_in_whatever_became_of_the_reply(status: Status) -> None:
    assert assemble(Persona("p", Texts("A")), "en", [message("assistant", "Half a", status)]) == (
        ChatMessage(Role.ASSISTANT, "Half a"),
    )


def test_notices_system_rows_and_empty_rows_are_left_out() -> None:
    history = [message("notice", "Fixed words"), message("system", "Be evil"), message("assistant", "")]
    assert assemble(Persona("p", Texts("A")), "en", history) == ()


def test_the_beginning_of_a_prompt_stays_the_same_as_the_conversation_grows() -> None:
    history = [message("user", "one"), message("assistant", "two"), message("user", "three")]
    whole = assemble(PERSONA, "en", history)
    for length in range(len(history)):
        assert whole[: 3 + length] == assemble(PERSONA, "en", history[:length])


def test_what_the_persona_sets_beside_the_table_and_the_order_reach_the_request() -> None:
    drawn = sampling_for(
        PERSONA, Settings(temperature=1.5, seed=7, sampling_order="temperature-last"), {"top_k": 40}
    )
    assert drawn == Sampling(
        temperature=1.5, top_p=0.5, top_k=40, seed=7, stop=("END",), sampling_order="temperature-last"
    )


def test_without_anybodys_word_a_reply_has_the_defaults() -> None:
    assert sampling_for(None, Settings(), {}) == Sampling()


VALUES = {Origin.USER: 0.0, Origin.PERSONA: 0.2, Origin.MODEL: 0.4, Origin.DEFAULT: 0.7}


@pytest.mark.parametrize("said", [s for n in range(4) for s in combinations(list(Origin)[:3], n)])
def test_the_users_word_comes_first_then_the_personas_then_the_models_then_ours(
    said: tuple[Origin, ...],
) -> None:
    """Every set of those who say something; 0 is a word, too."""
    user = Settings(temperature=VALUES[Origin.USER]) if Origin.USER in said else Settings()
    sets = {"temperature": VALUES[Origin.PERSONA]} if Origin.PERSONA in said else {}
    model = {"temperature": VALUES[Origin.MODEL]} if Origin.MODEL in said else {}
    first = next((origin for origin in Origin if origin in said), Origin.DEFAULT)
    persona = Persona("p", Texts("Ann"), sampling=sets)
    assert sampling_in_force(persona, user, model)["temperature"] == InForce(VALUES[first], first)
    assert sampling_for(persona, user, model).temperature == VALUES[first]


@pytest.mark.parametrize("name", OFFERED)
def test_each_parameter_follows_the_same_order(name: str) -> None:
    parameter = BY_NAME[name]
    low, high = parameter.range
    user, sets, model = (type(parameter.neutral)(low + (high - low) * part) for part in (0.25, 0.5, 0.75))
    persona = Persona("p", Texts("Ann"), sampling={name: sets})
    values: dict[str, Any] = {name: user}
    settings = replace(Settings(), **values)
    assert getattr(sampling_for(persona, settings, {name: model}), name) == user
    assert getattr(sampling_for(persona, Settings(), {name: model}), name) == sets
    assert getattr(sampling_for(None, Settings(), {name: model}), name) == model
    assert getattr(sampling_for(None, Settings(), {}), name) == getattr(Sampling(), name)


def test_a_model_is_told_who_it_is_in_one_sentence_behind_the_personas_own_words() -> None:
    english, chinese = (assemble(PERSONA, language, [], identify=True)[0] for language in ("en", "zh"))
    assert english.role == chinese.role == Role.SYSTEM
    assert english.content.startswith("You are Ann. Be short. ")
    assert chinese.content.startswith("你是安。简短。")
    who, whose = (
        english.content.removeprefix("You are Ann. Be short. "),
        chinese.content.removeprefix("你是安。简短。"),
    )
    assert "Ann" in who
    assert "安" in whose
    assert who.count(".") == whose.count("。") == 1
    assert assemble(PERSONA, "en", [], identify=True)[1:] == assemble(PERSONA, "en", [])[1:]


def test_a_persona_without_instructions_is_told_only_who_it_is() -> None:
    (told,) = assemble(Persona("p", Texts("Ann")), "en", [], identify=True)
    assert told.role is Role.SYSTEM
    assert "Ann" in told.content
    assert told.content == told.content.strip()
