"""Editing forks, regenerating adds a version, and every version can be walked to, rated and copied."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.tui.chat.messages import EditDialog
from aigc_tui.tui.chat.prompt import Prompt
from tests.support.fake_engine import FakeEngine
from tests.support.frames import frame
from tests.tui.chat.desk import Desk, play


async def edit(desk: Desk, text: str) -> None:
    """Press e, replace the text, save."""
    await desk.pilot.press("e")
    await desk.until(lambda: isinstance(desk.app.screen, EditDialog) and desk.app.screen.is_mounted)
    await desk.pilot.pause()
    desk.app.screen.query_one(Prompt).text = text
    await desk.pilot.press("enter")
    await desk.until(lambda: desk.app.screen is desk.screen)
    await desk.settle()


def test_editing_a_question_forks_and_asks_again(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("first")
        await desk.say("second")
        desk.screen.transcript.focus()
        await desk.pilot.press("k", "k", "k", "k")
        selected = desk.screen.transcript.selected
        assert selected is not None
        assert selected.content == "first"
        await edit(desk, "other")
        assert desk.said[1:] == ["other", "Hello there."]
        assert [message.content for message in desk.shown] == desk.said
        assert len(desk.store.messages.tree(desk.screen.conversation.id)) == 7

    play(tmp_path, scene)


def test_brackets_walk_to_the_other_branch_and_back(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("first")
        await desk.say("second")
        desk.screen.transcript.focus()
        await desk.pilot.press("k", "k", "k", "k")
        await edit(desk, "other")
        desk.screen.transcript.focus()
        await desk.pilot.press("left_square_bracket")
        await desk.settle()
        assert desk.said[1:] == ["first", "Hello there.", "second", "Hello there."]
        await desk.pilot.press("right_square_bracket")
        await desk.settle()
        assert desk.said[1:] == ["other", "Hello there."]
        await desk.pilot.press("right_square_bracket")
        await desk.settle()
        assert "no more versions" in frame(desk.app)

    play(tmp_path, scene)


def test_editing_a_reply_keeps_both_wordings_and_asks_nothing(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("first")
        desk.screen.transcript.focus()
        await desk.pilot.press("k")
        await edit(desk, "My own words")
        assert desk.said[-1] == "My own words"
        assert (desk.shown[-1].siblings, len(desk.engine.requests)) == (2, 1)
        assert desk.screen.prompt.text == ""

    play(tmp_path, scene)


def test_an_edit_that_changes_nothing_does_nothing(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("first")
        desk.screen.transcript.focus()
        await edit(desk, "first")
        assert len(desk.engine.requests) == 1

    play(tmp_path, scene)


def test_regenerating_adds_a_version_beside_the_old_one(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("first")
        desk.engine.reply = ["Another", " one."]
        desk.screen.transcript.focus()
        await desk.pilot.press("r")
        await desk.settle()
        assert desk.said[-1] == "Another one."
        assert (desk.shown[-1].siblings, desk.shown[-1].sibling_index) == (2, 1)
        assert len(desk.shown) == 3

    play(tmp_path, scene)


def test_the_greeting_cannot_be_regenerated_and_says_why(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.screen.transcript.focus()
        await desk.pilot.press("r")
        await desk.settle()
        assert "no question to answer" in frame(desk.app)
        assert desk.engine.requests == []

    play(tmp_path, scene)


def test_the_tree_is_left_alone_while_a_reply_is_written(tmp_path: Path) -> None:
    engine = FakeEngine(["yes"], hold=True)

    async def scene(desk: Desk) -> None:
        await desk.send("first")
        await desk.until(lambda: bool(engine.requests))
        desk.screen.transcript.focus()
        await desk.pilot.press("r")
        await desk.until(lambda: "A reply is being generated" in frame(desk.app))
        engine.release(1)
        await desk.settle()
        assert len(engine.requests) == 1

    play(tmp_path, scene, engine=engine)


def test_a_rating_is_given_and_taken_back(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("first")
        desk.screen.transcript.focus()
        for key, rating in (("plus", 1), ("minus", -1), ("minus", 0)):
            await desk.pilot.press(key)
            await desk.settle()
            assert desk.shown[-1].rating == rating
            assert desk.store.messages.get(desk.shown[-1].id).rating == rating

    play(tmp_path, scene)


def test_a_message_and_a_code_block_are_copied_as_they_were_written(tmp_path: Path) -> None:
    reply = "Look:\n\n```python\nprint('a line that has to wrap in a window of sixty columns')\n```\n"
    engine = FakeEngine([reply])

    async def scene(desk: Desk) -> None:
        await desk.say("Code?")
        desk.screen.transcript.focus()
        await desk.pilot.press("y")
        await desk.settle()
        assert desk.app.clipboard == reply
        await desk.pilot.press("1")
        await desk.settle()
        assert desk.app.clipboard.strip() == reply.split("\n")[3]
        await desk.pilot.press("7")
        await desk.settle()
        assert "no code block 7" in frame(desk.app)

    play(tmp_path, scene, engine=engine, size=(60, 24))
