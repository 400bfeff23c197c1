"""A model on a server: scored by the echo of the prompt; one clear line where it tells nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from aigc_tui.corpora.records import DialogueMessage, Record
from aigc_tui.evaluation.model import Draw, EvaluationError, NoProbabilitiesError
from aigc_tui.evaluation.remote import RemoteModel
from tests.support.openai_server import openai_server

HALF = -math.log(2)
TALK = Record(messages=(DialogueMessage("user", "Hello"), DialogueMessage("assistant", "你好 Hi")))


def letters(prompt: str) -> Sequence[tuple[str, float]]:
    """One token a character, one bit each."""
    return [(letter, HALF) for letter in prompt]


def pairs(prompt: str) -> Sequence[tuple[str, float]]:
    """Tokens of two characters, one bit each; the first one swallows the first letter of the text."""
    return [(prompt[at : at + 2], HALF) for at in range(0, len(prompt), 2)]


def test_a_text_costs_what_its_tokens_cost() -> None:
    with openai_server([], scores=letters) as server:
        found = RemoteModel(server.base_url, "m").score(Record(text="abc 好"))
    assert (found.tokens, found.bytes) == (5, 7)
    assert found.bits_per_byte == pytest.approx(5 / 7)
    assert server.requests[0]["model"] == "m"


def test_a_letter_in_the_first_token_is_neither_scored_nor_counted() -> None:
    with openai_server([], scores=pairs) as server:
        found = RemoteModel(server.base_url, "m").score(Record(text="abcde"))
    assert (found.tokens, found.bytes) == (2, 4)


def test_a_long_text_is_scored_once_in_pieces_that_see_what_stood_before() -> None:
    text = "".join(chr(97 + i % 26) for i in range(4000))
    with openai_server([], scores=letters) as server:
        found = RemoteModel(server.base_url, "m").score(Record(text=text))
    assert (found.tokens, found.bytes) == (4000, 4000)
    assert [len(request["prompt"]) for request in server.requests] == [1501, 2001, 1501]


def test_of_a_dialogue_the_words_are_scored() -> None:
    with openai_server([], scores=letters) as server:
        found = RemoteModel(server.base_url, "m").score(TALK)
    assert server.requests[0]["prompt"] == "\nuser: Hello\nassistant: 你好 Hi\n"
    assert (found.tokens, found.bytes) == (10, 14)


def test_replies_are_scored_after_the_dialogue() -> None:
    with openai_server([], scores=letters) as server:
        short, long = RemoteModel(server.base_url, "m").score_replies(TALK.messages[:1], ["Yes", "Yes, I do"])
    assert (short.tokens, long.tokens) == (3, 9)


def test_a_server_without_log_probabilities_is_one_line_and_still_answers() -> None:
    with openai_server(["Two ", "words"]) as server:
        model = RemoteModel(server.base_url, "m")
        for ask in (lambda: model.score(TALK), lambda: model.score_replies(TALK.messages, ["a"])):
            with pytest.raises(NoProbabilitiesError, match="chat replies cannot score a text") as caught:
                ask()
            assert "\n" not in str(caught.value)
        assert (
            model.reply(TALK.messages[:1], Draw(8, {"temperature": 0.5, "top_k": 4, "max_tokens": 99}, 3))
            == "Two words"
        )
        asked = server.requests[-1]
    assert (asked["max_tokens"], asked["temperature"], asked["seed"]) == (8, 0.5, 3)


@pytest.mark.parametrize(
    "told",
    [
        lambda prompt: [],
        lambda prompt: [("x", math.nan)] * 3,
        lambda prompt: [(prompt, None)],
    ],
)
def test_nonsense_from_a_server_is_no_score(told: Any) -> None:
    with openai_server([], scores=told) as server, pytest.raises(NoProbabilitiesError):
        RemoteModel(server.base_url, "m").score(Record(text="abc"))


def test_hostile_words_of_a_reply_are_cleaned() -> None:
    with openai_server(["\x1b[31mred\x1b[0m"]) as server:
        assert "\x1b" not in RemoteModel(server.base_url, "m").reply(TALK.messages[:1], Draw(4))


@pytest.mark.parametrize("address", ["ftp://here/v1", "nowhere", "http://"])
def test_what_is_no_address_is_one_line(address: str) -> None:
    with pytest.raises(EvaluationError, match="base_url must be like"):
        RemoteModel(address, "m")


def test_a_server_that_is_not_there_is_one_line() -> None:
    with openai_server([]) as server:
        address = server.base_url
    with pytest.raises(EvaluationError, match=r"cannot reach 127\.0\.0\.1") as caught:
        RemoteModel(address, "m").reply(TALK.messages[:1], Draw(4))
    assert "\n" not in str(caught.value)
