"""Draw the README's pictures: the real application, with what a home folder holds, as SVG.

`AIGC_TUI_HOME=DIR python docs/images/make.py chat en docs/images/chat-en.svg`
`AIGC_TUI_HOME=DIR python docs/images/make.py quiz en docs/images/quiz-en.svg`
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from aigc_tui.config import Paths
from aigc_tui.tui.app import AigcApp

SIZE = (112, 34)


async def draw(pane: str, language: str, target: Path) -> None:
    """Open the newest conversation, or the newest quiz, and save what the screen shows."""
    locale = "zh_CN.UTF-8" if language == "zh" else "C.UTF-8"
    app = AigcApp(Paths.find(None), environ={**os.environ, "LC_ALL": locale})
    async with app.run_test(size=SIZE) as pilot:
        while app.services is None or (pane == "chat" and not app.chat.conversation.id):
            await pilot.pause(0.05)
        if pane == "quiz":
            await pilot.press("f4")
            await pilot.pause(1.0)
            await pilot.press("down", "enter")
        await pilot.pause(1.0)  # a picture, not a test: let the last frame settle
        target.write_text(app.export_screenshot(simplify=True), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(draw(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
