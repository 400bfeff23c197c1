"""Golden text frames: what a screen shows, as lines of text kept under tests/frames.

Text instead of pictures: readable in a diff, small, and indifferent to a changed shade of grey.
`AIGC_UPDATE_FRAMES=1 pytest ...` rewrites the files.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot

FRAMES = Path(__file__).parent.parent / "frames"
DEADLINE_TURNS = 400


def frame(app: App[Any]) -> str:
    """The screen's characters, one line a row, without trailing blanks.

    The compositor's strips are private API of Textual; this is the only place that touches it.
    """
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips).rstrip() + "\n"


def check_frame(name: str, text: str) -> None:
    """Compare with the golden frame `name`, or write it when asked to."""
    path = FRAMES / f"{name}.txt"
    if os.environ.get("AIGC_UPDATE_FRAMES"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"no golden frame {path}; run with AIGC_UPDATE_FRAMES=1 and look at it"
    assert text == path.read_text(encoding="utf-8"), f"the screen differs from {path}:\n{text}"


async def wait_until(pilot: Pilot[Any], condition: Callable[[], bool], what: str = "the condition") -> None:
    """Let the application work until a condition holds; fails after a few hundred turns of the loop."""
    for _ in range(DEADLINE_TURNS):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{what} did not come true")


Check = Callable[[Pilot[Any]], Awaitable[None]]
