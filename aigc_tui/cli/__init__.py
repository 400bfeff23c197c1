"""The command line: one thin function a command, for scripts, pipes and people who like it plain.

Why it exists: everything that the application keeps can be reached without it, under a fixed contract:
data on stdout, narration on stderr, exit code 0 done, 1 failed, 2 wrong usage (docs/cli.md). No command
imports torch, and none imports more than it needs: the parser must be there at once.
"""

from __future__ import annotations

from aigc_tui.cli.program import main

__all__ = ["main"]
