"""The prompt made from a persona and a history, and whose sampling settings win."""

from __future__ import annotations

import pytest

from aigc_tui.config import Settings
from aigc_tui.engine.protocol import ChatMessage, Role, Sampling
from aigc_tui.personas import ExampleTurn, Persona, Texts, assemble, sampling_for
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


def test_the_users_settings_win_over_the_persona_and_the_persona_over_the_model() -> None:
    model = Sampling(temperature=0.9, top_p=0.8, top_k=40)
    drawn = sampling_for(PERSONA, Settings(temperature=1.5, seed=7), model)
    assert drawn == Sampling(temperature=1.5, top_p=0.5, top_k=40, seed=7, stop=("END",))


def test_a_setting_of_zero_counts_as_chosen() -> None:
    assert sampling_for(PERSONA, Settings(temperature=0.0), Sampling()).temperature == 0.0
