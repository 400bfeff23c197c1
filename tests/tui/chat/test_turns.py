"""Sending, stopping, queueing, failing and going on: no word is lost and the input stays usable."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.engine.protocol import Stage
from aigc_tui.store import Store
from aigc_tui.store.records import Status
from tests.support.fake_engine import FakeEngine
from tests.support.frames import frame
from tests.tui.chat.desk import Desk, play


def test_a_message_is_answered_and_both_are_stored(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("Hello?")
        assert desk.said[-2:] == ["Hello?", "Hello there."]
        assert [message.content for message in desk.shown] == desk.said
        assert desk.screen.status.status.stage is Stage.READY

    play(tmp_path, scene)


def test_stop_keeps_the_words(tmp_path: Path) -> None:
    engine = FakeEngine(["one ", "two ", "three"], hold=True)

    async def scene(desk: Desk) -> None:
        await desk.send("Count")
        await desk.until(lambda: bool(engine.requests))
        engine.release(2)
        await desk.until(
            lambda: desk.screen.turns.active is not None and desk.screen.turns.active.text == "one two "
        )
        await desk.pilot.press("escape")
        await desk.settle()
        assert (desk.shown[-1].content, desk.shown[-1].status) == ("one two ", Status.STOPPED)

    play(tmp_path, scene, engine=engine)


def test_stop_pressed_before_the_reply_began_stops_it_at_once(tmp_path: Path) -> None:
    engine = FakeEngine(["one ", "two"], hold=True)

    async def scene(desk: Desk) -> None:
        await desk.type("Count")
        desk.screen.prompt.action_send()
        await desk.until(lambda: desk.screen.turns.busy)
        await desk.screen.turns.stop()
        await desk.settle()
        assert desk.shown[-1].status is Status.STOPPED

    play(tmp_path, scene, engine=engine)


def test_what_is_sent_while_a_reply_is_written_waits_for_its_end(tmp_path: Path) -> None:
    engine = FakeEngine(["yes"], hold=True)

    async def scene(desk: Desk) -> None:
        await desk.send("first")
        await desk.until(lambda: bool(engine.requests))
        await desk.send("second")
        assert desk.screen.status.status.queued == 1
        assert desk.screen.prompt.text == ""
        engine.release(1)
        await desk.until(lambda: len(engine.requests) == 2)
        engine.release(1)
        await desk.settle()
        assert desk.said[-4:] == ["first", "yes", "second", "yes"]
        assert desk.screen.status.status.queued == 0

    play(tmp_path, scene, engine=engine)


def test_what_waited_comes_back_to_the_prompt_when_the_reply_is_stopped(tmp_path: Path) -> None:
    engine = FakeEngine(["yes"], hold=True)

    async def scene(desk: Desk) -> None:
        await desk.send("first")
        await desk.until(lambda: bool(engine.requests))
        await desk.send("second")
        await desk.send("third")
        await desk.type("half a thou")
        await desk.pilot.press("escape")
        await desk.settle()
        assert desk.screen.prompt.text == "second\nthird\nhalf a thou"
        assert "second" not in desk.said

    play(tmp_path, scene, engine=engine)


def test_typing_goes_on_while_words_come(tmp_path: Path) -> None:
    engine = FakeEngine(["one ", "two"], hold=True)

    async def scene(desk: Desk) -> None:
        await desk.send("Count")
        await desk.until(lambda: bool(engine.requests))
        await desk.pilot.press(*"next")
        engine.release(2)
        await desk.settle()
        assert desk.screen.prompt.text == "next"
        assert desk.said[-1] == "one two"

    play(tmp_path, scene, engine=engine)


def test_a_failure_is_one_line_in_the_transcript_and_r_tries_again(tmp_path: Path) -> None:
    engine = FakeEngine(["half ", "whole"])
    engine.fail_after = 1

    async def scene(desk: Desk) -> None:
        await desk.say("Hello?")
        assert (desk.shown[-1].content, desk.shown[-1].status) == ("half ", Status.FAILED)
        assert "model process stopped · " in frame(desk.app)
        assert "The model process stopped unexpectedly" in frame(desk.app)
        engine.fail_after = None
        desk.screen.transcript.focus()
        await desk.pilot.press("r")
        await desk.settle()
        assert desk.said[-2:] == ["Hello?", "half whole"]
        assert desk.shown[-1].siblings == 2
        await desk.say("And now?")
        assert desk.said[-1] == "half whole"

    play(tmp_path, scene, engine=engine)


def test_a_model_that_is_gone_keeps_the_message_and_says_so(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.store.conversations.set_model(desk.screen.conversation.id, "lost")
        await desk.say("Hello?")
        assert "Hello?" in desk.said
        assert desk.screen.prompt.text == ""
        shown = frame(desk.app)
        assert "The model was not found. Choose another one with /model. · there is no model 'lost'" in shown
        assert "model not found · " in shown
        await desk.send("/model starter")
        await desk.settle()
        await desk.say("Again")
        assert desk.said[-1] == "Hello there."

    play(tmp_path, scene)


def test_a_persona_that_is_gone_gives_the_words_back_and_says_so(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.store.conversations.set_persona(desk.screen.conversation.id, "nobody")
        await desk.send("Hello?")
        await desk.settle()
        assert desk.screen.prompt.text == "Hello?"
        shown = frame(desk.app)
        assert "Choose another one with /persona." in shown
        assert "no persona is named" in shown

    play(tmp_path, scene)


def test_a_failed_reply_stays_in_sight_with_its_reason_when_a_long_note_takes_room(tmp_path: Path) -> None:
    engine = FakeEngine(["\n\n".join(f"line {number}" for number in range(40)), " more"])
    engine.fail_after = 1

    async def scene(desk: Desk) -> None:
        await desk.say("Hello?")
        shown = frame(desk.app)
        assert "line 39" in shown
        assert "model process stopped · " in shown
        desk.screen.note("a long note " * 18)
        await desk.settle()
        shown = frame(desk.app)
        assert "line 39" in shown
        assert "model process stopped · " in shown

    play(tmp_path, scene, engine=engine, size=(80, 24))


def test_new_words_below_what_one_reads_are_told_of_until_one_is_there(tmp_path: Path) -> None:
    lines = [f"line {number}\n\n" for number in range(40)]
    engine = FakeEngine(["".join(lines), "more ", "words"], hold=True)

    async def scene(desk: Desk) -> None:
        await desk.send("Count")
        await desk.until(lambda: bool(engine.requests))
        engine.release(1)
        await desk.until(lambda: "line 39" in frame(desk.app))
        assert "New text" not in frame(desk.app)
        desk.screen.transcript.focus()
        await desk.pilot.press("pageup", "pageup")
        engine.release(1)
        await desk.until(lambda: "▼ New text below (end)" in frame(desk.app))
        await desk.pilot.press("end")
        await desk.until(lambda: "New text" not in frame(desk.app))
        engine.release(1)
        await desk.settle()

    play(tmp_path, scene, engine=engine, size=(80, 24))


def test_continuing_a_reply_that_has_nothing_more_to_say_says_so(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("Hello?")
        desk.engine.reply = []
        desk.screen.transcript.focus()
        await desk.pilot.press("c")
        await desk.settle()
        assert desk.said[-1] == "Hello there."
        assert "already complete" in frame(desk.app)

    play(tmp_path, scene)


def test_the_meter_is_of_the_conversation_on_show(tmp_path: Path) -> None:
    engine = FakeEngine(["one ", "two"], hold=True)

    async def scene(desk: Desk) -> None:
        first = desk.screen.conversation.id
        await desk.send("Count")
        await desk.until(lambda: bool(engine.requests))
        engine.release(1)
        await desk.until(lambda: desk.screen.status.status.tokens > 0)
        await desk.pilot.press("ctrl+n")
        await desk.until(lambda: desk.screen.conversation.id != first)
        assert "/1,024" not in frame(desk.app)
        engine.release(1)
        await desk.settle()
        assert desk.screen.status.status.used == 0
        desk.screen.open_conversation(first)
        await desk.settle()
        assert desk.screen.status.status.tokens == 2
        assert desk.screen.status.status.used > 2

    play(tmp_path, scene, engine=engine)


def test_a_message_that_could_not_be_stored_comes_back_to_the_prompt(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        conversation = desk.screen.conversation.record
        assert conversation is not None
        desk.store.conversations.purge(conversation.id)
        await desk.send("Do not lose me")
        await desk.settle()
        assert desk.screen.prompt.text == "Do not lose me"

    play(tmp_path, scene)


def test_a_crisis_is_answered_by_a_fixed_notice_and_no_model(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("I want to kill myself")
        assert desk.shown[-1].role == "notice"
        assert desk.engine.requests == []
        assert not desk.screen.turns.busy

    play(tmp_path, scene)


def test_a_reply_goes_on_while_another_conversation_is_on_show(tmp_path: Path) -> None:
    engine = FakeEngine(["one ", "two"], hold=True)

    async def scene(desk: Desk) -> None:
        first = desk.screen.conversation.id
        await desk.send("Count")
        await desk.until(lambda: bool(engine.requests))
        engine.release(1)
        await desk.until(lambda: desk.screen.turns.active is not None and bool(desk.screen.turns.active.text))
        await desk.pilot.press("ctrl+n")
        await desk.until(lambda: desk.screen.conversation.id != first)
        assert all("one" not in message.content for message in desk.shown)
        desk.screen.open_conversation(first)
        await desk.until(lambda: desk.screen.conversation.id == first)
        engine.release(1)
        await desk.settle()
        assert desk.shown[-1].content == "one two"

    play(tmp_path, scene, engine=engine)


def test_an_interrupted_reply_offers_continue_at_the_start(tmp_path: Path) -> None:
    def prepare(store: Store) -> None:
        conversation = store.conversations.create(persona="assistant", title="Cut off")
        question = store.messages.add(
            conversation=conversation.id, parent=None, role="user", content="Tell me"
        )
        reply = store.messages.add(
            conversation=conversation.id, parent=question.id, role="assistant", content="Once upon"
        )
        store.messages.finish(reply.id, "Once upon", Status.INTERRUPTED)

    engine = FakeEngine([" a time"])

    async def scene(desk: Desk) -> None:
        assert "continue" in frame(desk.app)
        desk.screen.transcript.focus()
        await desk.pilot.press("c")
        await desk.settle()
        assert desk.said == ["Tell me", "Once upon a time"]
        assert engine.requests[0].continue_final
        assert desk.shown[-1].status is Status.COMPLETE

    play(tmp_path, scene, engine=engine, prepare=prepare)
