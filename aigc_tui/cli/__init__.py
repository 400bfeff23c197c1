"""The command line: one thin function a command, for scripts, pipes and people who like it plain.

Data goes to stdout, narration to stderr; exit codes are 0 done, 1 failed, 2 wrong usage (docs/cli.md). No
command imports torch, and none imports more than it needs.
"""

from __future__ import annotations

from aigc_tui.cli.program import main

__all__ = ["main"]
