"""The list: newest first, paged, searched as one types; and what can be done with a row."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.store import Store
from aigc_tui.tui.chat.conversation_list import ConversationList
from aigc_tui.tui.sidebar import SearchBox
from aigc_tui.tui.widgets.dialogs import LineDialog
from tests.support.frames import frame
from tests.tui.chat.desk import Desk, play


def fill(store: Store, count: int = 3) -> None:
    """So many conversations, each with a question and an answer."""
    for number in range(count):
        conversation = store.conversations.create(persona="assistant", title=f"Talk {number}")
        question = store.messages.add(
            conversation=conversation.id,
            parent=None,
            role="user",
            content=f"question {number} about 光合作用",
        )
        store.messages.add(
            conversation=conversation.id,
            parent=question.id,
            role="assistant",
            content=f"answer {number} chlorophyll",
        )


def titles(desk: Desk) -> list[str]:
    return [row.title for row in desk.screen.sidebar.rows]


def test_the_newest_stands_first_and_the_last_one_is_open(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        assert titles(desk) == ["Talk 2", "Talk 1", "Talk 0"]
        assert desk.said[0].startswith("question 2")

    play(tmp_path, scene, prepare=fill)


def test_more_pages_come_while_one_walks_down(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        assert len(titles(desk)) == 50
        desk.screen.query_one(ConversationList).focus()
        await desk.pilot.press("end")
        await desk.settle()
        await desk.pilot.press("end")
        await desk.settle()
        assert titles(desk) == [f"Talk {number}" for number in reversed(range(120))]

    play(tmp_path, scene, prepare=lambda store: fill(store, 120))


def test_typing_searches_every_word_ever_said_and_opens_the_place(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+f", *"chlorophyll")
        await desk.settle()
        assert "3 results" in frame(desk.app)
        await desk.pilot.press("enter", "end", "enter")
        await desk.settle()
        selected = desk.screen.transcript.selected
        assert selected is not None
        assert selected.content == desk.said[-1]
        assert "chlorophyll" in selected.content

    play(tmp_path, scene, prepare=fill)


def test_a_chinese_word_of_two_characters_is_found(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+f")
        desk.screen.query_one(SearchBox).value = "光合"
        await desk.settle()
        assert len(titles(desk)) == 3

    play(tmp_path, scene, prepare=fill)


def test_only_the_answer_to_the_latest_search_is_shown(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        box = desk.screen.query_one(SearchBox)
        for text in ("answer", "question 1", "answer 0", "question 2"):
            box.value = text
            await desk.pilot.pause()
        await desk.settle()
        assert titles(desk) == ["Talk 2"]

    play(tmp_path, scene, prepare=fill)


def test_escape_clears_the_search_and_goes_back_to_the_prompt(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+f", *"answer", "escape")
        await desk.settle()
        assert desk.screen.focused is desk.screen.prompt
        assert titles(desk) == ["Talk 2", "Talk 1", "Talk 0"]

    play(tmp_path, scene, prepare=fill)


def test_rename_asks_with_the_old_title_in_the_field(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.screen.query_one(ConversationList).focus()
        await desk.pilot.press("r")
        await desk.until(lambda: isinstance(desk.app.screen, LineDialog))
        await desk.pilot.pause()
        await desk.pilot.press("end", "!", "enter")
        await desk.settle()
        assert titles(desk)[0] == "Talk 2!"

    play(tmp_path, scene, prepare=fill)


def test_delete_and_archive_can_each_be_undone(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.screen.query_one(ConversationList).focus()
        await desk.pilot.press("d")
        await desk.settle()
        assert titles(desk) == ["Talk 1", "Talk 0"]
        assert desk.said[0].startswith("question 1")
        await desk.pilot.press("a")
        await desk.settle()
        assert titles(desk) == ["Talk 0"]
        await desk.pilot.press("d")
        await desk.settle()
        assert [row.id for row in desk.screen.sidebar.rows] == [desk.screen.conversation.id]
        assert isinstance(desk.screen.focused, ConversationList)
        for _ in range(3):
            await desk.pilot.press("u")
            await desk.settle()
        assert titles(desk) == ["Talk 2", "Talk 1", "Talk 0"]

    play(tmp_path, scene, prepare=fill)


def test_deleting_the_last_conversation_begins_a_new_one(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.send("/delete")
        await desk.settle()
        assert len(desk.said) == 1
        await desk.send("/undo")
        await desk.settle()
        assert desk.said[0].startswith("question 0")

    play(tmp_path, scene, prepare=lambda store: fill(store, 1))


def test_deleting_a_conversation_nobody_spoke_in_shows_a_new_one_in_list_and_pane(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        unused = desk.screen.conversation.id
        desk.screen.query_one(ConversationList).focus()
        await desk.pilot.press("d")
        await desk.settle()
        assert desk.screen.conversation.id != unused
        assert [row.id for row in desk.screen.sidebar.rows] == [desk.screen.conversation.id]
        assert isinstance(desk.screen.focused, ConversationList)

    play(tmp_path, scene)


def test_where_nothing_was_said_there_is_nothing_to_archive(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        unused = desk.screen.conversation.id
        await desk.send("/archive")
        await desk.settle()
        assert "Nothing to archive" in frame(desk.app)
        assert (desk.screen.conversation.id, titles(desk)) == (unused, ["New conversation"])

    play(tmp_path, scene)


def test_escape_leads_back_from_the_archive(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.send("/archived")
        await desk.settle()
        assert "esc or /archived goes back to the list" in frame(desk.app)
        await desk.pilot.press("escape")
        await desk.settle()
        assert len(titles(desk)) == 3

    play(tmp_path, scene, prepare=fill)


def test_the_archive_is_shown_on_demand_and_gives_back(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.send("/archive")
        await desk.settle()
        await desk.send("/archived")
        await desk.settle()
        assert titles(desk) == ["Talk 2"]
        assert "Archive" in frame(desk.app)
        desk.screen.query_one(ConversationList).focus()
        await desk.pilot.press("a")
        await desk.settle()
        await desk.send("/archived")
        await desk.settle()
        assert titles(desk) == ["Talk 2", "Talk 1", "Talk 0"]

    play(tmp_path, scene, prepare=fill)


def test_a_click_opens_a_conversation(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.click(ConversationList, offset=(5, 4))
        await desk.settle()
        assert desk.said[0].startswith("question 0")

    play(tmp_path, scene, prepare=fill)


def test_on_a_narrow_screen_the_list_is_an_overlay(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        assert not desk.screen.sidebar.display
        await desk.pilot.press("ctrl+b")
        await desk.pilot.pause()
        assert "Talk 1" in frame(desk.app)
        await desk.pilot.press("end", "enter")
        await desk.settle()
        assert desk.said[0].startswith("question 0")
        assert "Talk 1" not in frame(desk.app)
        assert desk.screen.focused is desk.screen.prompt

    play(tmp_path, scene, prepare=fill, size=(80, 24))


def test_the_overlay_goes_with_escape_with_the_focus_and_with_a_click_outside(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+b")
        await desk.pilot.pause()
        assert desk.screen.sidebar.display
        await desk.pilot.press("tab", "tab")
        await desk.pilot.pause()
        assert not desk.screen.sidebar.display
        await desk.pilot.press("ctrl+b")
        await desk.pilot.pause()
        await desk.pilot.click("#status", offset=(60, 0))
        await desk.pilot.pause()
        assert not desk.screen.sidebar.display
        assert desk.screen.focused is desk.screen.prompt
        desk.screen.show_sidebar()
        await desk.pilot.pause()
        assert desk.screen.sidebar.display
        await desk.pilot.press("escape")
        await desk.pilot.pause()
        assert not desk.screen.sidebar.display

    play(tmp_path, scene, prepare=fill, size=(80, 24))


def test_on_a_wide_screen_hiding_the_list_is_remembered(tmp_path: Path) -> None:
    async def hide(desk: Desk) -> None:
        await desk.pilot.press("ctrl+b")
        await desk.pilot.pause()
        assert "Talk 1" not in frame(desk.app)

    async def look(desk: Desk) -> None:
        assert "Talk 1" not in frame(desk.app)

    play(tmp_path, hide, prepare=fill)
    play(tmp_path, look)
