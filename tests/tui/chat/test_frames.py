"""What the chat pane looks like in both languages and sizes; the pictures are text under tests/frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aigc_tui.store import Store
from aigc_tui.tui.sidebar import SearchBox
from aigc_tui.tui.widgets.picker import Picker
from tests.support.fake_engine import FakeEngine
from tests.support.frames import check_frame, frame
from tests.tui.chat.desk import Desk, play

MOMENT = "2026-03-01T09:30:00.000Z"
QUESTION = {"en": "How does a leaf make sugar out of light?", "zh": "叶子怎样用光来制造糖？"}
ANSWER = {
    "en": "In two steps:\n\n1. **Light** splits water and charges the cell's batteries.\n"
    "2. The *Calvin cycle* spends that charge to build sugar from CO₂.\n\n"
    "```python\nsugar = calvin(co2, charge=light(water))\n```\n",
    "zh": "分两步：\n\n1. **光**把水分解，给细胞的“电池”充电。\n"
    "2. *卡尔文循环*用这些能量把二氧化碳变成糖。\n\n"
    "```python\nsugar = calvin(co2, charge=light(water))\n```\n",
}
TITLES = {
    "en": ["Ideas for a farewell speech", "Why the sky is blue", "A letter to the landlord"],
    "zh": ["告别致辞的点子", "天空为什么是蓝的", "写给房东的信"],
}
SEARCHED = {"en": "letter", "zh": "写给"}
SIZES = [(80, 24), (120, 40)]
both = pytest.mark.parametrize("language", ["en", "zh"])
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture(autouse=True)
def fixed_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aigc_tui.store.conversations.utc_now", lambda: MOMENT)
    monkeypatch.setattr("aigc_tui.store.messages.utc_now", lambda: MOMENT)


def name(what: str, language: str, size: tuple[int, int]) -> str:
    return f"chat_{what}_{language}_{size[0]}x{size[1]}"


def talks(language: str) -> Callable[[Store], None]:
    """Three conversations of an earlier time, each with one question."""

    def fill(store: Store) -> None:
        for title in TITLES[language]:
            conversation = store.conversations.create(persona="assistant", title=title)
            store.messages.add(conversation=conversation.id, parent=None, role="user", content=title)

    return fill


@both
@sizes
def test_the_first_conversation(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(desk: Desk) -> None:
        check_frame(name("empty", language, size), frame(desk.app))

    play(tmp_path, scene, language=language, size=size)


@both
@sizes
def test_a_conversation(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+n")
        await desk.settle()
        await desk.say(QUESTION[language])
        await desk.settle()
        check_frame(name("conversation", language, size), frame(desk.app))

    play(
        tmp_path,
        scene,
        language=language,
        size=size,
        engine=FakeEngine([ANSWER[language]]),
        prepare=talks(language),
    )


@both
@sizes
def test_a_reply_being_written(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    words = ANSWER[language].split("\n")
    engine = FakeEngine([f"{words[0]}\n\n", f"{words[2]}\n", words[3]], hold=True)

    async def scene(desk: Desk) -> None:
        await desk.send(QUESTION[language])
        await desk.until(lambda: bool(engine.requests))
        engine.release(2)
        await desk.until(lambda: words[2][:8].strip("1. *") in frame(desk.app).replace("*", ""))
        await desk.pilot.press(*"next")
        await desk.pilot.pause()
        check_frame(name("streaming", language, size), frame(desk.app))
        await desk.screen.turns.stop()
        await desk.settle()

    play(tmp_path, scene, language=language, size=size, engine=engine)


@both
@sizes
def test_a_search(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+f")
        desk.screen.query_one(SearchBox).value = SEARCHED[language]
        await desk.settle()
        check_frame(name("search", language, size), frame(desk.app))

    play(tmp_path, scene, language=language, size=size, prepare=talks(language))


@both
@sizes
def test_the_personas(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+o")
        await desk.until(lambda: isinstance(desk.app.screen, Picker) and desk.app.screen.is_mounted)
        await desk.pilot.press("down")
        await desk.pilot.pause()
        check_frame(name("personas", language, size), frame(desk.app))

    play(tmp_path, scene, language=language, size=size)


@both
@sizes
def test_the_commands(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press(*"/re")
        await desk.pilot.pause()
        check_frame(name("commands", language, size), frame(desk.app))

    play(tmp_path, scene, language=language, size=size)
