"""No words are lost, whichever way a reply ends."""

from __future__ import annotations

import asyncio

import pytest

from aigc_tui.chat.turn import Turn
from aigc_tui.engine.protocol import Delta, Failed, FailureCode
from aigc_tui.store import StoreError
from aigc_tui.store.records import Message, Status
from tests.chat.conftest import Bench
from tests.support.fake_engine import FakeEngine


def begin(bench: Bench, engine: FakeEngine) -> Turn:
    bench.chat.engine = engine
    conversation = bench.chat.start("assistant")
    return bench.chat.send(conversation.id, "Hi")


def stored(bench: Bench, turn: Turn) -> Message:
    assert turn.reply is not None
    return bench.store.messages.get(turn.reply.id)


def test_stop_keeps_the_words_and_marks_the_reply_stopped(bench: Bench) -> None:
    engine = FakeEngine(["one ", "two ", "three "], hold=True)

    async def scenario() -> Turn:
        turn = begin(bench, engine)
        engine.release()
        async for event in turn.events():
            if isinstance(event, Delta):
                await turn.stop()
        return turn

    message = stored(bench, asyncio.run(scenario()))
    assert (message.content, message.status) == ("one ", Status.STOPPED)


def test_a_dying_engine_leaves_the_words_it_had_said(bench: Bench) -> None:
    async def scenario() -> Turn:
        engine = FakeEngine(["one ", "two ", "three "])
        engine.fail_after = 2
        turn = begin(bench, engine)
        async for _ in turn.events():
            pass
        return turn

    turn = asyncio.run(scenario())
    assert isinstance(turn.done, Failed)
    assert turn.done.code == FailureCode.CRASHED
    assert (stored(bench, turn).content, stored(bench, turn).status) == ("one two ", Status.FAILED)


def test_a_front_end_that_walks_away_leaves_an_interrupted_reply(bench: Bench) -> None:
    async def scenario() -> Turn:
        turn = begin(bench, FakeEngine(["one ", "two "]))
        events = turn.events()
        async for event in events:
            if isinstance(event, Delta):
                break
        await events.aclose()
        return turn

    message = stored(bench, asyncio.run(scenario()))
    assert (message.content, message.status) == ("one ", Status.INTERRUPTED)


def test_words_reach_the_store_while_the_engine_is_still_silent_after_them(bench: Bench) -> None:
    engine = FakeEngine(["one ", "two "], hold=True)

    async def scenario() -> str:
        turn = begin(bench, engine)
        engine.release()
        events = turn.events()
        async for event in events:
            if isinstance(event, Delta):
                break
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 10
        while not (content := stored(bench, turn).content) and loop.time() < deadline:
            await asyncio.sleep(0.01)
        await events.aclose()
        return content

    assert asyncio.run(scenario()) == "one "


def test_tokens_are_counted_once_when_a_continued_reply_is_left(bench: Bench) -> None:
    async def scenario() -> Turn:
        first = begin(bench, FakeEngine(["one ", "two "]))
        async for _ in first.events():
            pass
        assert first.reply is not None
        bench.chat.engine = FakeEngine(["three ", "four "])
        again = bench.chat.resume(first.reply.id)
        events = again.events()
        async for event in events:
            if isinstance(event, Delta):
                break
        await events.aclose()
        return again

    message = stored(bench, asyncio.run(scenario()))
    assert (message.content, message.new_tokens) == ("one two three ", 3)


def test_a_store_that_is_busy_for_a_moment_gets_the_words_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine(["one ", "two "], hold=True)
    flush = bench.store.messages.flush
    refusals = iter([StoreError("busy")])

    def busy_once(message: str, content: str, tokens: int) -> None:
        if (refusal := next(refusals, None)) is not None:
            raise refusal
        flush(message, content, tokens)

    monkeypatch.setattr(bench.store.messages, "flush", busy_once)

    async def scenario() -> str:
        turn = begin(bench, engine)
        engine.release()
        events = turn.events()
        await anext(events)
        await anext(events)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 10
        while not (content := stored(bench, turn).content) and loop.time() < deadline:
            await asyncio.sleep(0.01)
        await events.aclose()
        return content

    assert asyncio.run(scenario()) == "one "
