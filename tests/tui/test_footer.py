"""The footer: what it leaves out first, what it calls a key, and that it never leaves out the way to stop."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.content import Content

from aigc_tui.tui.footer import fit
from tests.support.fake_engine import FakeEngine
from tests.support.frames import frame
from tests.tui.chat.desk import Desk, play

STOP, BACK = {"en": "esc Stop", "zh": "esc 停止"}, {"en": "esc Back", "zh": "esc 返回"}
LIST, SEARCH = {"en": "^b List", "zh": "^b 列表"}, {"en": "^f Search", "zh": "^f 搜索"}
both = pytest.mark.parametrize("language", ["en", "zh"])


def keys(desk: Desk) -> str:
    return frame(desk.app).rstrip("\n").split("\n")[-1]


def test_what_can_be_spared_most_goes_first_and_of_equals_the_last() -> None:
    parts = [(0, Content("one")), (5, Content("two")), (0, Content("three")), (-1, Content("four"))]
    assert [part.plain for part in fit(parts, 100)] == ["one", "two", "three", "four"]
    assert [part.plain for part in fit(parts, 16)] == ["one", "three", "four"]
    assert [part.plain for part in fit(parts, 9)] == ["one", "four"]
    assert [part.plain for part in fit(parts, 4)] == ["four"]


@both
def test_at_80_columns_list_and_search_are_named_and_escape_stops_only_a_reply(
    tmp_path: Path, language: str
) -> None:
    engine = FakeEngine(["one ", "two"], hold=True)

    async def scene(desk: Desk) -> None:
        assert LIST[language] in keys(desk)
        assert SEARCH[language] in keys(desk)
        await desk.send("hello")
        await desk.until(lambda: bool(engine.requests))
        await desk.pilot.pause()
        assert STOP[language] in keys(desk)
        await desk.pilot.press("tab")
        await desk.pilot.pause()
        assert STOP[language] in keys(desk)
        await desk.pilot.press("escape")
        await desk.settle()
        desk.screen.transcript.focus()
        await desk.pilot.pause()
        assert BACK[language] in keys(desk)
        assert STOP[language] not in keys(desk)

    play(tmp_path, scene, language=language, size=(80, 24), engine=engine)


def test_keys_of_one_kind_share_a_word(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.say("hello")
        await desk.screen.run_action("regenerate")
        await desk.settle()
        desk.screen.transcript.focus()
        await desk.until(lambda: "[ ] Versions" in keys(desk), "the two keys with one word")
        assert keys(desk).count("Version") == 1

    play(tmp_path, scene)
