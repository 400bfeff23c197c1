"""Scores of given words are those of the plain forward pass, whatever the cache held before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from aigc_tui.engine.protocol import ChatMessage, Done, FinishReason, PipeMessage, Score, Scored, ScoreRequest
from aigc_tui.engine.worker_channel import Channel
from aigc_tui.engine.worker_service import answer_scores, continuations_of
from aigc_tui.inference.fitting import PromptTooLongError
from aigc_tui.inference.scoring import tokenise
from tests.support.desk import Desk
from tests.support.model_fixtures import ModelMaker
from tests.support.models import spec_of, user

WORDS = ("the river bank", "the shop", "公园散步")


@pytest.fixture(scope="module", params=["llama", "gemma"])
def desk(request: pytest.FixtureRequest, tiny: ModelMaker) -> Desk:
    return Desk(tiny(request.param))


def request_of(
    desk: Desk, *messages: ChatMessage, words: Sequence[str] = WORDS, text: str = ""
) -> ScoreRequest:
    return ScoreRequest("s", spec_of(desk.folder), messages, tuple(words), text)


def scores_of(desk: Desk, request: ScoreRequest) -> tuple[Score, ...]:
    sent: list[PipeMessage] = []
    channel = Channel(request, sent.append)
    assert channel.begin()
    answer_scores(desk.loaded, desk.caches, channel)
    assert isinstance(sent[-1], Scored)
    return sent[-1].scores


def by_hand(desk: Desk, request: ScoreRequest) -> list[float]:
    """Read each text from its beginning without any cache, and add up."""
    texts, start = tokenise(desk.loaded, continuations_of(request))
    sums = []
    for ids in texts:
        scores = desk.loaded.open().forward(torch.tensor([ids]), last=0)[0]
        chances = scores.log_softmax(-1)
        sums.append(sum(float(chances[place - 1, ids[place]]) for place in range(start, len(ids))))
    return sums


@pytest.mark.parametrize("text", ["", "They went to "])
@pytest.mark.parametrize("chat", [True, False])
def test_scores_are_those_of_the_plain_forward_pass(desk: Desk, chat: bool, text: str) -> None:
    request = request_of(desk, *([user("Where did they go?")] if chat else []), text=text)
    for _ in ("cold", "warm"):
        found = scores_of(desk, request)
        assert [one.logprob for one in found] == pytest.approx(by_hand(desk, request), abs=1e-3)
    assert all(one.tokens >= 1 and one.mean == one.logprob / one.tokens for one in found)


def test_one_letter_after_another_sums_to_probability_one(desk: Desk) -> None:
    """Over all single tokens the probabilities behind a prompt must add up to one."""
    texts, start = tokenise(desk.loaded, continuations_of(request_of(desk, user("Hi"), words=("a",))))
    behind = desk.loaded.open().forward(torch.tensor([texts[0][:start]]))[0, -1]
    token = texts[0][start]
    (found,) = scores_of(desk, request_of(desk, user("Hi"), words=("a",)))
    assert found.logprob == pytest.approx(float(behind.log_softmax(-1)[token]), abs=1e-4)
    assert float(behind.softmax(-1).sum()) == pytest.approx(1.0)


def test_the_prompt_is_read_once_and_a_chat_goes_on_behind_it(desk: Desk) -> None:
    desk.caches.clear()
    question = user("Hello there")
    scores_of(desk, request_of(desk, question))
    reply = desk.ask(question)
    assert reply.reused > 0
    assert reply.text == desk.cold(question).text


def test_an_empty_continuation_is_certain_and_none_is_no_work(desk: Desk) -> None:
    found = scores_of(desk, request_of(desk, user("Hi"), words=("", "a")))
    assert found[0] == Score(0.0, 0)
    assert scores_of(desk, request_of(desk, user("Hi"), words=())) == ()


def test_too_long_a_prompt_is_refused_with_the_numbers(desk: Desk) -> None:
    with pytest.raises(PromptTooLongError, match="the model reads only 256"):
        scores_of(desk, request_of(desk, text="river " * 400))


def test_a_stop_ends_the_scoring(desk: Desk) -> None:
    sent: list[PipeMessage] = []
    channel = Channel(request_of(desk, user("Hi")), sent.append)
    assert channel.begin()
    channel.stop()
    answer_scores(desk.loaded, desk.caches, channel)
    assert isinstance(sent[-1], Done)
    assert sent[-1].reason is FinishReason.CANCELLED


def test_likely_words_score_higher_than_unlikely_ones(desk: Desk) -> None:
    """The model's own greedy words beat other ones."""
    greedy = desk.ask(user("Hello")).text
    own, other = scores_of(desk, request_of(desk, user("Hello"), words=(greedy, "0123456789")))
    assert own.mean > other.mean
