"""Run the application in a terminal, and leave it cleanly and soon, whatever happens.

Why it exists: a terminal must be usable again after every end (quit, crash, SIGTERM, a closed window), and
the end may not wait for a thread that is still searching or for a widget that does not answer.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from aigc_tui.config import Paths
from aigc_tui.tui.app import AigcApp
from aigc_tui.tui.guard import Guard

TEARDOWN_SECONDS = 0.2
"""How long the orderly end of all widgets is waited for once leaving was asked for."""
TIMING = "AIGC_TUI_TIMING"
"""Set to 1, this environment variable makes the program report its time to the first frame."""


def drive(home: str | None) -> None:
    """Run until the user leaves, then end the process with the application's exit code.

    The process ends here instead of returning, because the interpreter would wait for every thread that is
    still busy with a query. All that must be closed is closed before.
    """
    app = AigcApp(Paths.find(Path(home) if home else None))
    asyncio.new_event_loop().run_until_complete(_run_until_left(app))
    if os.environ.get(TIMING) == "1" and app.first_frame is not None:
        sys.stderr.write(f"first frame after {app.first_frame * 1000:.0f} ms\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(app.return_code or 0)


async def _run_until_left(app: AigcApp) -> None:
    loop = asyncio.get_running_loop()

    def leave(code: int) -> None:
        loop.call_soon_threadsafe(app.leave, code)

    guard = Guard(leave)
    guard.start()
    running = asyncio.ensure_future(app.run_async())
    leaving = asyncio.ensure_future(app.leaving.wait())
    await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
    app.leaving.set()
    guard.hurry(app.return_code or 0)
    await asyncio.wait({running}, timeout=TEARDOWN_SECONDS)
    if not running.done():
        app.restore_terminal()
    await app.close_services()
    guard.ended()
