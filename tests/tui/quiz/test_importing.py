"""Importing: the picker, dropped files, questions of other programs, what cannot be read, stopping."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events

from aigc_tui.store.records import LessonRow
from aigc_tui.tui.quiz.importing import ImportDialog, PathInput
from tests.tui.quiz.bench import Bench, play

LESSON = (
    "# Bees\n\nA bee is an insect. Bees make honey from nectar. The queen bee lays the eggs of the hive.\n"
)
GIFT = "::Q1:: What do bees make? {=honey ~milk ~wax paper}\n\n::Q2:: Bees are insects. {T}\n"


async def picker(bench: Bench) -> ImportDialog:
    """Open the import dialog."""
    await bench.pilot.press("ctrl+o")
    await bench.until(lambda: isinstance(bench.app.screen, ImportDialog) and bench.app.screen.is_mounted)
    await bench.pilot.pause()
    dialog = bench.app.screen
    assert isinstance(dialog, ImportDialog)
    return dialog


def test_a_path_is_completed_and_its_lesson_opened(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "bees and wasps.md").write_text(LESSON, encoding="utf-8")
    (folder / ".hidden.md").write_text(LESSON, encoding="utf-8")
    (folder / "picture.png").write_bytes(b"x")

    async def scene(bench: Bench) -> None:
        dialog = await picker(bench)
        dialog.query_one(PathInput).value = f"{folder}/"
        await bench.until_shown("bees and wasps.md")
        assert "hidden" not in bench.shown
        assert "picture" not in bench.shown
        await bench.pilot.press("tab")
        await bench.until(lambda: dialog.query_one(PathInput).value.endswith("bees and wasps.md"))
        await bench.pilot.press("enter")
        await bench.until_shown("4 sentences")
        assert "Bees" in bench.shown

    play(tmp_path / "home", scene)


def test_a_dropped_file_is_imported_wherever_the_focus_is(tmp_path: Path) -> None:
    path = tmp_path / "it's bees.md"
    path.write_text(LESSON, encoding="utf-8")

    async def scene(bench: Bench) -> None:
        bench.screen.post_message(events.Paste(f"'{tmp_path}/it'\\''s bees.md' "))
        await bench.until(lambda: bool(bench.screen.sidebar.rows), "the lesson")
        await bench.press("ctrl+f")
        assert bench.app.focused is not None
        bench.app.focused.post_message(events.Paste(path.as_uri()))
        await bench.until_shown("already imported")
        assert not bench.screen.sidebar.query_text

    play(tmp_path / "home", scene)


def test_other_programs_questions_come_with_their_verdicts(tmp_path: Path) -> None:
    path = tmp_path / "bees.txt"
    path.write_text(GIFT, encoding="utf-8")

    async def scene(bench: Bench) -> None:
        bench.screen.post_message(events.Paste(str(path)))
        await bench.until_shown("2 questions read")
        assert "What do bees make?" in bench.shown
        await bench.until_shown("Checks:")
        assert "This question cites no lesson." in bench.shown

    play(tmp_path / "home", scene)


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\nnothing")

    async def scene(bench: Bench) -> None:
        bench.screen.post_message(events.Paste(str(path)))
        await bench.until_shown("broken.pdf")
        await bench.until(lambda: not bench.screen.importing.busy)
        await bench.settle()
        assert "Traceback" not in bench.shown
        assert not bench.screen.sidebar.rows

    play(tmp_path / "home", scene)


def test_reading_is_shown_and_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "long.md"
    path.write_text(LESSON, encoding="utf-8")

    async def scene(bench: Bench) -> None:
        go_on = threading.Event()

        def slowly(path: Path, tell: Callable[[int, int], None]) -> LessonRow:
            tell(30, 100)
            assert go_on.wait(30)
            tell(60, 100)
            raise AssertionError("it was not stopped")

        monkeypatch.setattr(bench.service.repository, "import_lesson", slowly)
        bench.screen.post_message(events.Paste(str(path)))
        await bench.until_shown("30%")
        await bench.pilot.press("escape")
        go_on.set()
        await bench.until_shown("Nothing was imported")

    play(tmp_path / "home", scene)


def test_the_conversation_of_the_chat_becomes_a_lesson(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await bench.press("f3")
        bench.app.chat.prompt.insert("Bees make honey from nectar. The queen lays the eggs of the hive.")
        await bench.pilot.press("enter")
        await bench.until(
            lambda: not bench.app.chat.turns.busy and len(bench.app.chat.transcript.messages) > 2
        )
        await bench.settle()
        await bench.press("f4")
        await picker(bench)
        await bench.until_shown("The open conversation")
        await bench.pilot.press("down", "enter")
        await bench.until(lambda: bool(bench.screen.sidebar.rows), "the lesson")

    play(tmp_path, scene)
