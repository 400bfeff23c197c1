"""Slash commands and pickers do what the keys do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aigc_tui.tui.chat import slash
from aigc_tui.tui.chat.choices import named
from aigc_tui.tui.services import free_name
from aigc_tui.tui.widgets.picker import Picker
from tests.support.frames import frame
from tests.tui.chat.desk import Desk, play


async def picker(desk: Desk) -> None:
    """Wait for a picker to be on the screen."""
    await desk.until(lambda: isinstance(desk.app.screen, Picker) and desk.app.screen.is_mounted, "a picker")
    await desk.pilot.pause()


async def closed(desk: Desk) -> None:
    await desk.until(lambda: desk.app.screen is desk.screen, "the picker to close")
    await desk.settle()


def test_ctrl_o_begins_a_conversation_with_the_persona_chosen(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        first = desk.screen.conversation.id
        await desk.pilot.press("ctrl+o")
        await picker(desk)
        await desk.pilot.press(*"lin", "enter")
        await closed(desk)
        conversation = desk.screen.conversation.record
        assert conversation is not None
        assert (conversation.persona, conversation.id == first) == ("tutor", False)
        assert desk.said == [desk.screen.services.personas.get("tutor").text("greeting", "en")]

    play(tmp_path, scene)


def test_the_picker_explains_the_row_that_is_pointed_at(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+o")
        await picker(desk)
        await desk.pilot.press(*"support")
        await desk.pilot.pause()
        shown = frame(desk.app)
        assert "Willow" in shown
        assert "Ms. Lin" not in shown
        assert "Not a substitute" in shown
        await desk.pilot.press("escape")
        await closed(desk)

    play(tmp_path, scene)


def test_a_conversation_nobody_spoke_in_is_replaced_and_not_left_lying_about(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.type("half a thou")
        await desk.screen.run_action("new_chat")
        await desk.settle()
        call = slash.read("/new tutor")
        assert isinstance(call, slash.Call)
        desk.screen.commands.run(call.command, call.rest)
        await desk.settle()
        assert len(desk.screen.sidebar.rows) == 1
        assert desk.screen.prompt.text == "half a thou"

    play(tmp_path, scene)


def test_another_persona_can_take_over_a_conversation(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        here = desk.screen.conversation.id
        await desk.send("/persona editor")
        await desk.settle()
        assert desk.screen.conversation.id == here
        assert "Graves" in frame(desk.app).split("\n")[0]
        await desk.say("Your view?")
        assert desk.shown[-1].author == "Graves the Editor"

    play(tmp_path, scene)


def test_a_persona_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        await desk.send("/persona nobody")
        await desk.settle()
        assert "Unknown persona “nobody”" in frame(desk.app)
        assert "Ms. Lin" in frame(desk.app)
        assert desk.screen.prompt.text == "/persona nobody"

    play(tmp_path, scene)


@pytest.mark.parametrize("name", ["tutor", "Ms. Lin", "ms. l", "林老师", "林"])
def test_a_persona_is_named_by_id_or_by_what_it_is_called_in_either_language(
    tmp_path: Path, name: str
) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        await desk.send(f"/persona {name}")
        await desk.settle()
        assert desk.screen.conversation.record is not None
        assert desk.screen.conversation.record.persona == "tutor"

    play(tmp_path, scene)


def test_the_menu_completes_the_persona_and_the_model(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.type("/persona gra")
        await desk.until(lambda: "/persona editor" in frame(desk.app), "the persona that is meant")
        await desk.pilot.press("tab")
        assert desk.screen.prompt.text == "/persona editor "
        desk.screen.prompt.clear()
        await desk.type("/model ser")
        await desk.until(lambda: "/model server" in frame(desk.app), "the model that is meant")
        await desk.pilot.press("enter")
        await desk.settle()
        assert desk.app.settings.model == "server"

    play(tmp_path, scene)


def test_a_name_that_two_could_have_means_neither() -> None:
    table = {"a": ("Anna", "安娜"), "b": ("Annika", "安"), "c": ("Carl", "")}
    assert named("ann", table) is None
    assert named("安", table) == "b"
    assert named("CARL", table) == "c"
    assert named("", table) is None


def test_a_model_that_does_not_exist_is_one_line_and_the_command_stays(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.send("/model nothing")
        await desk.settle()
        assert "Available: starter, server" in frame(desk.app)
        assert desk.screen.prompt.text == "/model nothing"

    play(tmp_path, scene)


def test_in_a_low_terminal_the_menu_leaves_the_prompt_on_the_screen(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("slash")
        await desk.pilot.pause()
        shown = frame(desk.app)
        assert "│ /  " in shown
        assert "/new" in shown
        assert desk.screen.prompt.region.bottom < 12

    play(tmp_path, scene, size=(40, 12))


def test_a_model_is_chosen_from_a_list_for_here_and_for_new_conversations(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.send("/model")
        await picker(desk)
        assert "6.0M parameters" in frame(desk.app)
        await desk.pilot.press("down", "enter")
        await closed(desk)
        conversation = desk.screen.conversation.record
        assert conversation is not None
        assert (conversation.model, desk.app.settings.model) == ("server", "server")
        await desk.say("Hello?")
        assert desk.engine.requests[-1].model.name == "server"

    play(tmp_path, scene)


def test_language_and_theme_change_at_once(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.send("/language zh")
        await desk.settle()
        assert "对话" in frame(desk.app)
        assert "给小知发消息" in frame(desk.app)
        await desk.send("/theme")
        await picker(desk)
        await desk.pilot.press(*"paper", "enter")
        await closed(desk)
        assert desk.app.theme == "paper"
        await desk.send("/theme no-such-theme")
        await desk.settle()

    play(tmp_path, scene)


def test_export_writes_a_file_of_its_own_and_says_where(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("What is light?")
        for _ in range(2):
            await desk.send("/export json")
            await desk.settle()
        files = sorted(desk.app.paths.exports.iterdir())
        assert [file.name for file in files] == ["What-is-light-2.json", "What-is-light.json"]
        assert "What-is-light-2.json" in "".join(frame(desk.app).split())
        messages = json.loads(files[0].read_text(encoding="utf-8"))["messages"]
        assert [message["content"] for message in messages][-2:] == ["What is light?", "Hello there."]
        await desk.send("/export docx")
        await desk.settle()
        assert "md, html, json, jsonl" in frame(desk.app)

    play(tmp_path, scene, size=(80, 24))


def test_a_title_cannot_lead_an_export_out_of_its_folder(tmp_path: Path) -> None:
    for title in ("../../etc/passwd", "/abs", "..", "a\x1b[31mb", "", "。。"):
        path = free_name(tmp_path, title, "md")
        assert path.parent == tmp_path
        assert "\x1b" not in path.name
        assert path.name.endswith(".md")
        assert not path.name.startswith(".")


def test_help_settings_and_quit_are_the_application_s(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        for command in ("/help", "/settings"):
            await desk.send(command)
            await desk.until(lambda: desk.app.screen is not desk.screen)
            await desk.pilot.press("escape")
            await closed(desk)
        await desk.send("/quit")
        await desk.until(lambda: desk.app.leaving.is_set())

    play(tmp_path, scene)
