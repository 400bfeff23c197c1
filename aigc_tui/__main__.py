"""The entry point: no arguments opens the application at once, anything else goes to the command line.

Why the split: the command line's parser and its commands need not be imported before the first frame.
"""

from __future__ import annotations

import gc
import sys
from typing import Literal


def main() -> int:
    """Run `aigc-tui`.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrong usage.
    """
    if len(sys.argv) == 1 and sys.stdin.isatty() and sys.stdout.isatty():
        # Collecting garbage among the modules being loaded takes a fifth of the start (bench/first_frame.py);
        # the application switches it on again after its first frame.
        gc.disable()
        if not _plain():
            return _launch()
        gc.enable()
    try:
        from aigc_tui.cli import main as command_line
    except KeyboardInterrupt:
        # Loading takes a moment, and ctrl-c in it is no error of ours.
        return 130

    return command_line(launch=_launch)


def _launch(home: str | None = None, language: Literal["en", "zh"] | None = None) -> int:
    """Open the application; neither front end imports the other."""
    from aigc_tui.tui.run import run

    return run(home, language)


def _plain() -> bool:
    """Whether the user's settings ask for plain lines instead of the application."""
    from aigc_tui.config import Paths, load_or_default

    return load_or_default(Paths.find())[0].plain


if __name__ == "__main__":
    sys.exit(main())
