"""Writing: newlines, history, pastes, growth, and the command menu."""

from __future__ import annotations

from pathlib import Path

from textual import events

from tests.support.frames import frame
from tests.tui.chat.desk import Desk, play


def test_ctrl_j_breaks_the_line_and_enter_sends_both(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("a", "ctrl+j", "b")
        assert desk.screen.prompt.text == "a\nb"
        await desk.pilot.press("enter")
        await desk.settle()
        assert "a\nb" in desk.said

    play(tmp_path, scene)


def test_a_blank_message_is_not_sent(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.send("  \n ")
        await desk.settle()
        assert desk.engine.requests == []

    play(tmp_path, scene)


def test_up_brings_back_what_was_sent_also_after_a_restart(tmp_path: Path) -> None:
    async def first(desk: Desk) -> None:
        await desk.say("one")
        await desk.say("two")

    async def second(desk: Desk) -> None:
        await desk.type("draft")
        seen = []
        for key in ("up", "up", "up", "down", "down"):
            await desk.pilot.press(key)
            seen.append(desk.screen.prompt.text)
        assert seen == ["two", "one", "one", "two", "draft"]

    play(tmp_path, first)
    play(tmp_path, second)


def test_up_moves_the_cursor_while_there_is_a_line_above(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("sent")
        await desk.type("first\nsecond")
        await desk.pilot.press("up")
        assert desk.screen.prompt.text == "first\nsecond"
        assert desk.screen.prompt.cursor_location[0] == 0
        await desk.pilot.press("up")
        assert desk.screen.prompt.text == "sent"

    play(tmp_path, scene)


def test_a_paste_keeps_its_lines_and_loses_its_control_codes(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.screen.prompt.post_message(events.Paste("one\r\ntwo\rthree\x1b[31m\x00"))
        await desk.until(lambda: bool(desk.screen.prompt.text))
        assert desk.screen.prompt.text.split("\n")[:2] == ["one", "two"]
        assert "\x1b" not in desk.screen.prompt.text

    play(tmp_path, scene)


def test_a_long_paste_is_counted_scrolls_and_leaves_the_transcript_in_sight(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        text = "\n".join(f"line {number}" for number in range(120))
        desk.screen.prompt.post_message(events.Paste(text))
        await desk.until(lambda: bool(desk.screen.prompt.text))
        await desk.pilot.pause()
        assert "120 lines · 969 characters" in frame(desk.app)
        assert desk.screen.prompt.size.height == 10
        assert desk.screen.transcript.size.height >= 5
        await desk.pilot.press("enter")
        await desk.settle()
        assert text in desk.said

    play(tmp_path, scene, size=(80, 24))


def test_a_line_end_at_the_end_of_a_paste_is_no_line_of_its_own(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        for text, counted in (("x" * 300 + "\n", "1 line · 301 characters"), ("a\nb\n", "2 lines · 4 ")):
            desk.screen.prompt.clear()
            desk.screen.prompt.post_message(events.Paste(text))
            await desk.until(lambda text=text: desk.screen.prompt.text == text)  # type: ignore[misc]
            await desk.pilot.pause()
            assert counted in frame(desk.app)

    play(tmp_path, scene)


def test_in_a_narrow_terminal_the_invitation_is_short_enough(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        assert "│ Message Sage  " in frame(desk.app)
        await desk.pilot.resize_terminal(80, 24)
        await desk.settle()
        assert "Message Sage (/ for commands)" in frame(desk.app)

    play(tmp_path, scene, size=(32, 12))


def test_a_paste_that_is_too_long_to_edit_is_refused_whole_and_says_so(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.type("kept")
        desk.screen.prompt.post_message(events.Paste("x" * 100_001))
        await desk.until(lambda: "the limit is 100,000" in frame(desk.app))
        assert desk.screen.prompt.text == "kept"

    play(tmp_path, scene)


def test_the_menu_offers_fills_and_runs_commands(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press(*"/re")
        assert "/regenerate" in frame(desk.app)
        await desk.pilot.press("down", "tab")
        assert desk.screen.prompt.text == "/rename "
        await desk.pilot.press(*"Mine", "enter")
        await desk.settle()
        assert desk.store.conversations.get(desk.screen.conversation.id).title == "Mine"
        assert desk.screen.prompt.text == ""

    play(tmp_path, scene)


def test_a_lone_slash_and_enter_runs_nothing(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        before = desk.screen.conversation.id
        await desk.say("spoken")
        await desk.pilot.press("slash", "enter")
        await desk.settle()
        assert desk.screen.conversation.id == before
        assert desk.screen.prompt.text == "/"

    play(tmp_path, scene)


def test_escape_closes_the_menu_and_keeps_the_text(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press(*"/re", "escape")
        assert "/regenerate" not in frame(desk.app)
        assert desk.screen.prompt.text == "/re"

    play(tmp_path, scene)


def test_an_unknown_command_is_not_sent_and_stays_to_be_mended(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.send("/exprot md")
        await desk.settle()
        assert "Unknown command /exprot" in frame(desk.app)
        assert desk.screen.prompt.text == "/exprot md"
        assert desk.engine.requests == []

    play(tmp_path, scene)


def test_a_text_with_two_slashes_is_sent_with_one(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("//new")
        assert "/new" in desk.said

    play(tmp_path, scene)


def test_a_draft_stays_with_its_conversation(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        first = desk.screen.conversation.id
        await desk.type("half a thou")
        await desk.pilot.press("ctrl+n")
        await desk.settle()
        assert desk.screen.prompt.text == ""
        desk.screen.open_conversation(first)
        await desk.settle()
        assert desk.screen.prompt.text == "half a thou"

    play(tmp_path, scene)
