"""Between two conversations: what is typed while one is opened is neither lost nor put into the other."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

from aigc_tui.chat import ChatService
from aigc_tui.config import Paths, Settings, save_setting
from aigc_tui.personas import PersonaLibrary
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store
from aigc_tui.tui.app import AigcApp
from aigc_tui.tui.services import Services
from tests.support.fake_engine import FakeEngine
from tests.support.frames import frame
from tests.tui.chat.desk import Desk, TwoModels, play


def test_words_typed_right_after_a_new_conversation_belong_to_it(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        first = desk.screen.conversation.id
        await desk.type("half a thou")
        await desk.pilot.press("ctrl+n", *"hi", "enter", *"more")
        await desk.settle()
        second = desk.screen.conversation.id
        assert second != first
        assert desk.said[-2:] == ["hi", "Hello there."]
        assert desk.screen.prompt.text == "more"
        desk.screen.open_conversation(first)
        await desk.settle()
        assert desk.screen.prompt.text == "half a thou"
        desk.screen.open_conversation(second)
        await desk.settle()
        assert desk.screen.prompt.text == "more"

    play(tmp_path, scene)


def test_of_two_conversations_opened_at_once_the_last_one_stays_and_is_written_to(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        first = desk.screen.conversation.id
        await desk.say("one")
        await desk.pilot.press("ctrl+n")
        await desk.settle()
        await desk.say("two")
        second = desk.screen.conversation.id
        desk.screen.open_conversation(first)
        desk.screen.open_conversation(second)
        desk.screen.open_conversation(first)
        desk.screen.prompt.insert("to the first")
        desk.screen.line.post(desk.screen.prompt.text)
        await desk.settle()
        assert desk.screen.conversation.id == first
        assert desk.said[-4:] == ["one", "Hello there.", "to the first", "Hello there."]

    play(tmp_path, scene)


def test_a_conversation_that_cannot_be_opened_gives_everything_back(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("spoken")
        await desk.type("half")
        desk.screen.open_conversation("nowhere")
        desk.screen.prompt.insert("sent")
        desk.screen.line.post(desk.screen.prompt.text)
        await desk.settle()
        assert desk.said[-2:] == ["spoken", "Hello there."]
        assert desk.screen.prompt.text == "sent\nhalf"

    play(tmp_path, scene)


def app_whose_store_waits(home: Path, gate: threading.Event) -> AigcApp:
    """The application with a store that is opened when the gate is."""
    paths = Paths.find(home)
    save_setting(paths, "first_run_done", True)

    def opener(paths: Paths, settings: Settings, language: str) -> Services:
        assert gate.wait(60)
        store = Store.open(paths.store, backups=paths.backups)
        engine, models, personas = FakeEngine(), TwoModels(), PersonaLibrary(paths)
        chat = ChatService(store, engine, personas, models, replace(settings), language)
        quiz = QuizService(store, engine)
        return Services(paths, store, engine, personas, models, chat, quiz, 0)  # type: ignore[arg-type]

    return AigcApp(paths, opener=opener, environ={})


def test_what_is_sent_before_the_store_is_open_is_sent_when_it_is(tmp_path: Path) -> None:
    gate = threading.Event()

    async def scene() -> None:
        app = app_whose_store_waits(tmp_path, gate)
        async with app.run_test(size=(80, 24)) as pilot:
            desk = Desk(app, pilot, FakeEngine())
            await pilot.press(*"hello", "enter", *"more")
            assert "still being opened" in frame(app)
            gate.set()
            await desk.until(lambda: bool(app.chat.conversation.id), "the first conversation")
            await desk.settle()
            assert desk.said[-2:] == ["hello", "Hello there."]
            assert app.chat.prompt.text == "more"

    asyncio.run(scene())


def test_a_store_that_cannot_be_opened_gives_the_words_back_and_says_what_works(tmp_path: Path) -> None:
    with Store.open(tmp_path / "aigc-tui.db", backups=None):
        pass
    connection = sqlite3.connect(tmp_path / "aigc-tui.db")
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    gate = threading.Event()

    async def scene() -> None:
        app = app_whose_store_waits(tmp_path, gate)
        async with app.run_test(size=(80, 24)) as pilot:
            desk = Desk(app, pilot, FakeEngine())
            await pilot.press(*"hello", "enter")
            gate.set()
            await desk.until(lambda: bool(app.chat.unopened), "the failure")
            assert app.chat.prompt.text == "hello"
            await pilot.press("enter")
            await pilot.pause()
            shown = frame(app)
            assert "aigc-tui restore" in shown, shown
            assert "ctrl+q" in shown
            assert "still being opened" not in shown
            assert app.chat.prompt.text == "hello"

    asyncio.run(scene())
