"""Whole replies of tiny models: reuse equals a cold start, stop is prompt, and the turn after it is right."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from aigc_tui.engine.protocol import (
    ChatMessage,
    Delta,
    FinishReason,
    Fitted,
    GenerateRequest,
    Progress,
    Sampling,
    Stage,
)
from aigc_tui.engine.worker_channel import Channel
from aigc_tui.engine.worker_service import answer
from aigc_tui.inference.fitting import PromptTooLongError
from aigc_tui.inference.prefix_cache import PrefixCache
from aigc_tui.text import clean
from aigc_tui.transformer.cache import Cache
from tests.support.desk import GREEDY, SEEDED, Desk, while_reading, while_writing
from tests.support.model_fixtures import ModelMaker
from tests.support.models import FAMILIES, assistant, spec_of, system, user

KIND, STERN = system("Be kind to them."), system("Be stern with everybody here.")
LONG = user("The quick brown fox jumps over the lazy dog near the river bank. " * 2)


@pytest.fixture(scope="module", params=FAMILIES)
def desk(request: pytest.FixtureRequest, tiny: ModelMaker) -> Desk:
    return Desk(tiny(request.param))


@pytest.fixture(scope="module")
def llama(tiny: ModelMaker) -> Desk:
    return Desk(tiny("llama"))


def same_as_cold(desk: Desk, *messages: ChatMessage, sampling: Sampling = GREEDY) -> int:
    """Check that a reply with the cache is the reply without; return how much was reused."""
    warm = desk.ask(*messages, sampling=sampling)
    cold = desk.cold(*messages, sampling=sampling)
    assert (warm.text, warm.new, warm.prompt) == (cold.text, cold.new, cold.prompt)
    assert cold.reused == 0
    assert warm.text
    return warm.reused


@pytest.mark.parametrize("sampling", [GREEDY, SEEDED], ids=["greedy", "seeded"])
def test_every_way_on_from_a_conversation_equals_a_cold_start(desk: Desk, sampling: Sampling) -> None:
    desk.caches.clear()
    first = desk.ask(KIND, user("Hello there"), sampling=sampling)
    history = (KIND, user("Hello there"), assistant(first.text))
    read = first.prompt

    assert same_as_cold(desk, *history, user("And you?"), sampling=sampling) >= read, "a new turn"
    assert same_as_cold(desk, KIND, user("Hello there"), sampling=sampling) == read - 1, "regenerated"
    edited = same_as_cold(desk, KIND, user("Hello here"), sampling=sampling)
    assert 0 < edited < read, "the question was edited"
    switched = same_as_cold(desk, STERN, *history[1:], user("And you?"), sampling=sampling)
    assert switched < 10, "the persona was switched"
    assert same_as_cold(desk, *history, user("And you?"), sampling=sampling) > read, "and switched back"


def test_every_family_runs_and_says_how_it_went(desk: Desk) -> None:
    reply = desk.ask(KIND, user("你好"))
    kinds = [type(event) for event in reply.events if not isinstance(event, Delta)]
    assert kinds[:2] == [Fitted, Progress]
    assert reply.reason in (FinishReason.LENGTH, FinishReason.STOP)
    assert reply.text == clean(reply.text)


def test_a_stop_inside_the_prompt_keeps_what_was_read_and_the_next_turn_is_right(llama: Desk) -> None:
    desk = Desk(llama.folder)
    desk.loaded = replace(desk.loaded, chunk=16)
    stopped = desk.ask(LONG, stop_at=while_reading)
    assert (stopped.reason, stopped.text, stopped.new) == (FinishReason.CANCELLED, "", 0)
    read = [event.done for event in stopped.events if isinstance(event, Progress)]
    assert read == [0, 16]
    again = desk.ask(LONG)
    assert again.reused == 16
    assert again.text == desk.cold(LONG).text


def test_a_stop_inside_the_reply_keeps_the_words_and_the_next_turn_is_right(desk: Desk) -> None:
    desk.caches.clear()
    stopped = desk.ask(KIND, user("Hello"), stop_at=while_writing)
    assert stopped.reason is FinishReason.CANCELLED
    assert len([event for event in stopped.events if isinstance(event, Delta)]) == 1
    assert desk.cold(KIND, user("Hello")).text.startswith(stopped.text)
    same_as_cold(desk, KIND, user("Hello"), assistant(stopped.text), user("Go on"))


def test_a_stopped_reply_is_continued_where_it_broke_off(llama: Desk) -> None:
    whole = llama.cold(user("Tell me"), sampling=replace(GREEDY, max_tokens=12))
    begun = whole.text[: len(whole.text) // 2]
    continued = llama.ask(user("Tell me"), assistant(begun), sampling=GREEDY, continue_final=True)
    cold = llama.cold(user("Tell me"), assistant(begun), sampling=GREEDY, continue_final=True)
    assert continued.text == cold.text
    assert continued.prompt > whole.prompt


def test_the_same_seed_gives_the_same_reply_and_no_seed_gives_others(llama: Desk) -> None:
    asked = (user("Hello"),)
    free = replace(SEEDED, seed=None)
    assert llama.ask(*asked, sampling=SEEDED).text == llama.ask(*asked, sampling=SEEDED).text
    assert len({llama.ask(*asked, sampling=free).text for _ in range(4)}) > 1


def test_a_stop_string_ends_the_reply_and_is_never_shown(llama: Desk) -> None:
    whole = llama.ask(user("Hello")).text
    (stop,) = re.findall("[A-Za-z]{2}", whole)[1:2]
    reply = llama.ask(user("Hello"), sampling=replace(GREEDY, stop=(stop,)))
    assert reply.reason is FinishReason.STOP
    assert reply.text == whole[: whole.index(stop)]


def test_a_reply_ends_at_its_limit_or_at_the_end_of_the_context(llama: Desk) -> None:
    short = llama.ask(user("Hello"), sampling=replace(GREEDY, max_tokens=5))
    assert (short.new, short.reason) == (5, FinishReason.LENGTH)
    endless = llama.ask(LONG, sampling=replace(GREEDY, max_tokens=10_000))
    assert endless.prompt + endless.new == llama.loaded.context
    assert endless.reason is FinishReason.LENGTH


def test_a_token_that_ends_the_turn_ends_the_reply(llama: Desk) -> None:
    first = llama.loaded.chat.encode([user("Hello")])
    logits = llama.loaded.open().forward(torch.tensor([first]))
    desk = Desk(llama.folder)
    desk.loaded = replace(desk.loaded, eos_ids=frozenset({int(logits.argmax())}))
    reply = desk.ask(user("Hello"))
    assert (reply.text, reply.new, reply.reason) == ("", 0, FinishReason.STOP)


def test_the_oldest_turns_are_dropped_and_the_sliding_prompt_still_equals_a_cold_one(llama: Desk) -> None:
    desk = Desk(llama.folder)
    history: list[ChatMessage] = [KIND]
    dropped: list[int] = []
    read = 1
    for turn in range(12):
        history.append(user(f"question {turn} by the river"))
        reply = desk.ask(*history, sampling=GREEDY)
        assert reply.text == desk.cold(*history, sampling=GREEDY).text
        if reply.dropped == (dropped or [0])[-1]:
            assert reply.reused >= read - 1, "nothing slid, so all that was read is read no more"
        read = reply.prompt
        dropped.append(reply.dropped)
        history.append(assistant(reply.text))
    assert dropped[0] == 0
    assert dropped == sorted(dropped)
    assert dropped[-1] > 0
    slides = sum(a != b for a, b in pairwise(dropped))
    assert slides < len([count for count in dropped if count])


def test_a_message_longer_than_the_context_is_refused(llama: Desk) -> None:
    with pytest.raises(PromptTooLongError, match="reads only 256"):
        llama.ask(user("你好 " * 400))


def test_a_failure_in_the_model_leaves_nothing_wrong_behind(llama: Desk) -> None:
    class Failing:
        def __init__(self, good: int) -> None:
            self.good = good

        def new_cache(self) -> object:
            return llama.loaded.model.new_cache()

        def forward(self, tokens: torch.Tensor, cache: Cache, last: int) -> torch.Tensor:
            self.good -= 1
            if self.good < 0:
                raise RuntimeError("broken")
            return llama.loaded.model.forward(tokens, cache, last)

    desk = Desk(llama.folder)
    desk.ask(KIND, user("Hello"))
    desk.loaded = replace(desk.loaded, model=Failing(2))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="broken"):
        desk.ask(KIND, user("Hello there"))
    desk.loaded = llama.loaded
    same_as_cold(desk, KIND, user("Hello there"))


def test_two_adapters_never_share_what_was_read(llama: Desk) -> None:
    caches = PrefixCache(2**24)
    for adapter in ("", "a" * 64, "b" * 64):
        events: list[object] = []
        request = GenerateRequest("r", spec_of(llama.folder), (user("Hello"),), GREEDY, adapter)
        answer(llama.loaded, caches, Channel(request, events.append), 0.0)
        (fitted,) = [event for event in events if isinstance(event, Fitted)]
        assert fitted.reused_tokens == 0


def test_progress_through_the_prompt_is_reported_to_its_end(llama: Desk) -> None:
    steps = [event for event in llama.cold(LONG).events if isinstance(event, Progress)]
    assert all(step.stage is Stage.PREFILL for step in steps)
    assert steps[-1].done == steps[-1].total
