"""Moving about: tab walks the panes, an unused conversation is not left lying, confirmations hide nothing."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.tui.chat.conversation_list import ConversationList
from aigc_tui.tui.sidebar import SearchBox
from tests.support.fake_engine import FakeEngine
from tests.support.frames import frame
from tests.tui.chat.desk import Desk, play


def test_tab_walks_from_writing_to_reading_to_looking_up(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        screen = desk.screen
        panes = [
            screen.prompt,
            screen.transcript,
            screen.query_one(ConversationList),
            screen.query_one(SearchBox),
        ]
        for pane in [*panes, panes[0]]:
            assert screen.focused is pane
            await desk.pilot.press("tab")

    play(tmp_path, scene)


def test_a_conversation_nobody_spoke_in_is_gone_once_another_is_opened(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        spoken = desk.screen.conversation.id
        await desk.pilot.press("ctrl+n")
        await desk.settle()
        assert len(desk.screen.sidebar.rows) == 2
        desk.screen.open_conversation(spoken)
        await desk.settle()
        assert [row.id for row in desk.screen.sidebar.rows] == [spoken]

    play(tmp_path, scene)


def test_one_with_a_draft_in_it_stays(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        spoken = desk.screen.conversation.id
        await desk.pilot.press("ctrl+n")
        await desk.settle()
        await desk.type("half a thou")
        desk.screen.open_conversation(spoken)
        await desk.settle()
        assert len(desk.screen.sidebar.rows) == 2

    play(tmp_path, scene)


def test_a_confirmation_stands_above_the_prompt_until_the_next_step(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        desk.screen.transcript.focus()
        await desk.pilot.press("y")
        await desk.settle()
        assert "Copied 12 characters." in frame(desk.app)
        await desk.say("more")
        assert "Copied" not in frame(desk.app)

    play(tmp_path, scene)


def test_a_reply_that_is_continued_reads_as_being_written(tmp_path: Path) -> None:
    engine = FakeEngine(["one ", "two"], hold=True)

    async def scene(desk: Desk) -> None:
        await desk.send("Count")
        await desk.until(lambda: bool(engine.requests))
        engine.release(1)
        await desk.until(lambda: desk.screen.turns.active is not None and bool(desk.screen.turns.active.text))
        await desk.pilot.press("escape")
        await desk.settle()
        assert desk.shown[-1].status.value == "stopped"
        await desk.send("/continue")
        await desk.until(lambda: len(engine.requests) == 2 and desk.screen.turns.active is not None)
        assert desk.shown[-1].status.value == "streaming"
        engine.release(2)
        await desk.settle()
        assert desk.said[-1] == "one one two"

    play(tmp_path, scene, engine=engine)


def test_the_language_changes_on_everything_in_sight(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        desk.app.change("language", "zh")
        await desk.settle()
        shown = frame(desk.app)
        assert not [
            word
            for word in ("Conversations", "Message ", "ready", "Search", "You", "tokens")
            if word in shown
        ]

    play(tmp_path, scene)
