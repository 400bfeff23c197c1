"""What of a chat the model reads when not all of it fits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aigc_tui.engine.protocol import ChatMessage, Role
from aigc_tui.inference.fitting import Measures, PromptTooLongError, fit
from tests.support.models import assistant, system, user


def encode(messages: Sequence[ChatMessage]) -> list[int]:
    """One token for a role and one a letter; a token tells what it is of."""
    return [ord(char) for message in messages for char in message.role.value[0] + message.content]


def measures(context: int) -> Measures:
    return Measures(encode, lambda message: len(message.content) + 1, context)


def read(messages: Sequence[ChatMessage], context: int, max_tokens: int = 10) -> tuple[str, int]:
    found = fit(messages, measures(context), max_tokens)
    return "".join(map(chr, found.tokens)), found.dropped


def chat(turns: int) -> list[ChatMessage]:
    """A system prompt, then turns of ten tokens with a question left open."""
    said = [message for n in range(turns) for message in (user(f"{n:04}"), assistant(f"{n:04}"))]
    return [system("rules"), *said, user("new")]


def test_a_chat_that_fits_is_read_whole() -> None:
    assert read(chat(1), 100) == ("srulesu0000a0000unew", 0)


def test_the_oldest_turns_go_whole_and_the_system_prompt_stays() -> None:
    text, dropped = read(chat(8), 60)
    assert text.startswith("srulesu0")
    assert text.endswith("unew")
    assert dropped == 2 * (8 - text.count("a"))
    assert dropped > 0


def test_a_greeting_before_the_first_question_is_a_turn_of_its_own() -> None:
    text, dropped = read([system("s"), assistant("x" * 40), user("hi")], 40)
    assert (text, dropped) == ("ssuhi", 1)


def test_what_is_cut_stays_cut_for_several_turns_so_that_the_cache_fits() -> None:
    texts = [read(chat(turns), 100)[0] for turns in range(40)]
    starts = [text[6:11] for text in texts]
    changes = sum(a != b for a, b in pairwise(starts))
    assert 0 < changes <= 20
    kept = [len(text) for text in texts]
    assert max(kept) <= 90


def test_room_is_left_for_the_reply_but_at_most_half_of_the_context() -> None:
    assert len(read(chat(30), 200, max_tokens=50)[0]) <= 150
    assert len(read(chat(30), 200, max_tokens=10_000)[0]) <= 100


def test_the_last_turn_may_use_the_room_of_the_reply() -> None:
    text, dropped = read([user("old"), assistant("old"), user("x" * 80)], 100, max_tokens=50)
    assert text == "u" + "x" * 80
    assert dropped == 2


def test_a_last_message_longer_than_the_context_is_refused_with_the_numbers() -> None:
    with pytest.raises(PromptTooLongError, match="take 207 tokens, but the model reads only 100"):
        read([system("rules"), user("x" * 200)], 100)


MESSAGES = st.lists(
    st.builds(ChatMessage, st.sampled_from([Role.USER, Role.ASSISTANT]), st.text("x", max_size=30)),
    min_size=1,
    max_size=30,
)


@example([user("x" * 8)] * 5, 60, 1)
@given(MESSAGES, st.integers(60, 300), st.integers(1, 400))
def test_what_is_read_is_always_an_end_of_the_chat_beginning_with_a_turn(
    messages: list[ChatMessage], context: int, max_tokens: int
) -> None:
    found = fit(messages, measures(context), max_tokens)
    kept = messages[found.dropped :]
    assert list(found.tokens) == encode(kept)
    # The reply's own length is kept free where that is less than what the last turn alone must leave.
    assert len(found.tokens) <= context - min(16, max_tokens, context // 2)
    assert found.dropped == 0 or kept[0].role is Role.USER
