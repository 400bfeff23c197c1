"""Look at the file that `-o` names before any work is done for it."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.cli.errors import CommandError


def check_target(output: Path, *, force: bool) -> None:
    """See that a file can be made, and that nothing of the user's is overwritten unasked.

    Raises:
        CommandError: The file exists and nobody said that it may go, or its folder does not exist.
    """
    if output.exists() and not force:
        raise CommandError("{path} exists; --force overwrites it", path=output)
    if not output.parent.is_dir():
        raise CommandError("{path}: no such folder", path=output.parent)
