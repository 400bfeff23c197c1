"""What the quiz pane looks like in both languages and sizes; the pictures are text under tests/frames."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from aigc_tui.message import message
from aigc_tui.quiz.checks.records import Verdict
from aigc_tui.tui.quiz.exporting import ExportDialog
from aigc_tui.tui.quiz.item_dialog import ItemDialog
from aigc_tui.tui.quiz.make_dialog import MakeDialog
from tests.support.frames import check_frame
from tests.tui.quiz.bench import Bench, play
from tests.tui.quiz.samples import with_quiz

SIZES = [(80, 24), (120, 40)]
both = pytest.mark.parametrize("language", ["en", "zh"])
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
VERDICTS = (
    Verdict("grounded", True, True),
    Verdict("stem_leak", True, True),
    Verdict("duplicate_options", False, False, message("options 1 and 3 say the same")),
)


@pytest.fixture(autouse=True)
def fixed_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new check must not change what the pane looks like."""
    monkeypatch.setattr("aigc_tui.quiz.repository.check_item", lambda item, context: VERDICTS)
    monkeypatch.setattr("aigc_tui.quiz.checks.registry.check_item", lambda item, context: VERDICTS)


def name(what: str, language: str, size: tuple[int, int]) -> str:
    return f"quiz_{what}_{language}_{size[0]}x{size[1]}"


async def open_quiz(bench: Bench) -> None:
    """Open the quiz below the lesson."""
    row = next(row for row in bench.screen.sidebar.rows if row.kind == "quiz")
    bench.screen.work(bench.screen.library.open(row))
    await bench.until(lambda: bench.screen.review.quiz is not None, "the quiz")
    await bench.settle()


async def dialog(bench: Bench, key: str, kind: type) -> None:
    """Open a dialog by its key and wait for it."""
    await bench.pilot.press(key)
    await bench.until(
        lambda: isinstance(bench.app.screen, kind) and bench.app.screen.is_mounted, kind.__name__
    )
    await bench.pilot.pause()


@both
@sizes
def test_an_empty_shelf(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(bench: Bench) -> None:
        check_frame(name("empty", language, size), bench.shown)

    play(tmp_path, scene, language=language, size=size)


@both
@sizes
def test_a_lesson_and_its_quiz(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(bench: Bench) -> None:
        check_frame(name("lesson", language, size), bench.shown)
        await dialog(bench, "ctrl+n", MakeDialog)
        check_frame(name("make", language, size), bench.shown)

    play(tmp_path, scene, language=language, size=size, prepare=with_quiz(language))


@both
@sizes
def test_a_review(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(bench: Bench) -> None:
        await open_quiz(bench)
        check_frame(name("review", language, size), bench.shown)
        await dialog(bench, "e", ItemDialog)
        await bench.until_shown("!")
        check_frame(name("edit", language, size), bench.shown)

    play(tmp_path, scene, language=language, size=size, prepare=with_quiz(language))


@both
@sizes
def test_an_export(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(bench: Bench) -> None:
        await open_quiz(bench)
        await dialog(bench, "x", ExportDialog)
        await bench.press("down")
        words = {"en": "fit this format", "zh": "适用此格式"}
        await bench.until_shown(words[language])
        bench.app.screen.query_one("#path", Input).value = "/exports/quiz.txt"
        await bench.settle()
        check_frame(name("export", language, size), bench.shown)

    play(tmp_path, scene, language=language, size=size, prepare=with_quiz(language))
