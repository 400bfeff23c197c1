"""Reviewing a quiz: accept, delete, move, lock, swap, regenerate, edit, undo, filters, the key, export."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.quiz.rows import ItemState
from aigc_tui.tui.quiz.exporting import ExportDialog
from aigc_tui.tui.quiz.item_dialog import Area, ItemDialog
from aigc_tui.tui.widgets.dialogs import ConfirmDialog
from aigc_tui.tui.widgets.picker import Picker
from tests.tui.quiz.bench import Bench, play
from tests.tui.quiz.test_making import sample_quiz


async def dialog(bench: Bench, kind: type) -> None:
    """Wait for a dialog."""
    await bench.until(
        lambda: isinstance(bench.app.screen, kind) and bench.app.screen.is_mounted, kind.__name__
    )
    await bench.pilot.pause()


def ids(bench: Bench) -> list[str]:
    return [entry.item.id for entry in bench.screen.items.entries]


def test_every_step_is_kept_and_can_be_taken_back(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await sample_quiz(bench)
        first, second, *_ = before = ids(bench)
        await bench.press("a")
        assert bench.screen.items.entries[0].state is ItemState.ACCEPTED
        assert bench.screen.items.pointed == 1
        await bench.press("d")
        assert second not in ids(bench)
        await bench.press("u")
        assert ids(bench) == before
        await bench.press("U")
        assert second not in ids(bench)
        await bench.press("u")
        await bench.press("home", "J")
        assert ids(bench)[:2] == [second, first]
        await bench.press("l")
        assert bench.screen.items.entries[1].locked
        await bench.press("r")
        assert "locked" in bench.shown
        assert ids(bench)[1] == first
        await bench.press("l", "r")
        await bench.until(lambda: ids(bench)[1] != first, "another question")
        await bench.settle()
        await bench.press("u")
        assert ids(bench)[1] == first

    play(tmp_path, scene)


def test_filters_show_a_part_and_the_key_can_be_hidden(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await sample_quiz(bench)
        await bench.press("a", "f", "f")
        assert bench.screen.review.filter == "accepted"
        assert len(ids(bench)) == 1
        assert "✓" in bench.shown
        await bench.press("v")
        assert "Explanation" not in bench.shown

    play(tmp_path, scene)


def test_a_distractor_is_swapped_for_another(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await sample_quiz(bench)
        items = bench.screen.items
        items.pointed = next(at for at, entry in enumerate(items.entries) if entry.spares)
        await bench.settle()
        before = items.entry
        assert before is not None
        await bench.pilot.press("s")
        await dialog(bench, Picker)
        await bench.pilot.press("enter")
        await bench.until(lambda: bench.screen.items.entry != before, "another distractor")
        after = bench.screen.items.entry
        assert after is not None
        assert len(set(after.item.options) - set(before.item.options)) == 1

    play(tmp_path, scene)


def test_an_edit_with_a_hard_flaw_is_asked_about_once(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await sample_quiz(bench)
        await bench.pilot.press("e")
        await dialog(bench, ItemDialog)
        box = bench.app.screen
        box.query_one("#stem", Area).text = ""
        await bench.until_shown("✗")
        await bench.pilot.press("ctrl+s")
        await bench.until_shown("save anyway")
        assert bench.app.screen is box
        await bench.pilot.press("ctrl+s")
        await bench.until(lambda: bench.app.screen is bench.screen, "the end of the dialog")
        await bench.settle()
        entry = bench.screen.items.entry
        assert entry is not None
        assert entry.item.stem == ""
        assert "!" in bench.shown
        await bench.press("u")
        assert bench.screen.items.entry is not None
        assert bench.screen.items.entry.item.stem

    play(tmp_path, scene)


def test_an_export_says_what_it_leaves_out_and_asks_before_overwriting(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await sample_quiz(bench)
        await bench.pilot.press("x")
        await dialog(bench, ExportDialog)
        await bench.until_shown("fit this format")
        target = tmp_path / "mine.gift"
        bench.app.screen.query_one("#path").value = str(target)  # type: ignore[attr-defined]
        await bench.pilot.click("#yes")
        await bench.until(target.exists, "the file")
        await bench.until_shown("exported to")
        await bench.pilot.press("x")
        await dialog(bench, ExportDialog)
        bench.app.screen.query_one("#path").value = str(target)  # type: ignore[attr-defined]
        await bench.pilot.click("#yes")
        await dialog(bench, ConfirmDialog)
        await bench.pilot.press("enter")
        await bench.until(lambda: bench.app.screen is bench.screen, "the end of the dialog")

    play(tmp_path, scene)


def test_the_tutor_is_asked_with_the_question_in_the_prompt(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await sample_quiz(bench)
        entry = bench.screen.items.entry
        assert entry is not None
        await bench.pilot.press("question_mark")
        await bench.until(lambda: entry.item.stem in bench.app.chat.prompt.text, "the question in the prompt")
        assert bench.app.current_mode == "chat"
        assert bench.app.chat.conversation.record is not None
        assert bench.app.chat.conversation.record.persona == "tutor"

    play(tmp_path, scene)
