"""Lessons, items and file names that attack the terminal or the widgets are shown as harmless text."""

from __future__ import annotations

from pathlib import Path

from textual import events

from aigc_tui.quiz.records import Item, ItemType, LessonRef, Quiz, Rejection
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.store import Store
from aigc_tui.tui.quiz.exporting import ExportDialog
from aigc_tui.tui.quiz.item_dialog import ItemDialog
from tests.support.hostile import EVERYTHING, MARKUP
from tests.tui.quiz.bench import Bench, play

BAD = EVERYTHING.replace("\ud83d", "")
"""The store takes no lone surrogates; readers clean them out before."""


def fill(store: Store) -> None:
    items = (
        Item("1", ItemType.MC, BAD, 0, (MARKUP, BAD, "c"), BAD, accepted=(BAD,), feedback=(BAD, BAD, BAD)),
        Item("2", ItemType.MATCH, BAD, ((BAD, MARKUP), ("b", "c")), (MARKUP, "c")),
        Item("3", ItemType.ORDER, MARKUP, (BAD, "b"), ("b", BAD)),
        Item("4", ItemType.SHORT, MARKUP, BAD, accepted=(MARKUP,)),
    )
    rejected = (Rejection(BAD, 1), Rejection(MARKUP, 2))
    QuizRepository(store).keep(Quiz("quiz", BAD, LessonRef(BAD, "", "en"), 4, items, rejected))


def harmless(bench: Bench) -> None:
    shown = bench.shown
    assert "\x1b" not in shown
    assert not any(ord(char) < 32 and char != "\n" for char in shown)
    assert not any(0x80 <= ord(char) < 0xA0 or char in "\u202e\u2066\u2069" for char in shown)


def test_hostile_items_are_text_everywhere(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        bench.screen.work(bench.screen.library.open(bench.screen.sidebar.rows[0]))
        await bench.until(lambda: bench.screen.review.quiz is not None, "the quiz")
        await bench.settle()
        for _ in range(4):
            harmless(bench)
            await bench.press("down")
        assert "@click" in bench.shown
        await bench.pilot.press("e")
        await bench.until(lambda: isinstance(bench.app.screen, ItemDialog) and bench.app.screen.is_mounted)
        await bench.pilot.pause()
        harmless(bench)
        await bench.press("escape")
        await bench.pilot.press("x")
        await bench.until(lambda: isinstance(bench.app.screen, ExportDialog) and bench.app.screen.is_mounted)
        await bench.pilot.pause()
        harmless(bench)
        await bench.press("escape")
        assert not bench.app.leaving.is_set()

    play(tmp_path, scene, prepare=fill)


def test_a_hostile_file_name_is_one_harmless_line(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;PWNED\x07[bold]b.pdf"
    path.write_bytes(b"%PDF-nothing")

    async def scene(bench: Bench) -> None:
        bench.screen.post_message(events.Paste(f'"{path}"'))
        await bench.until_shown("[bold]b.pdf")
        await bench.settle()
        harmless(bench)

    play(tmp_path / "home", scene)
