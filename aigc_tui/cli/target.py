"""Look at the file that `-o` names before any work is done for it."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.cli.errors import CommandFailed


def check_target(output: Path, *, force: bool) -> None:
    """See that a file can be made, and that nothing of the user's is overwritten unasked.

    Raises:
        CommandFailed: The file exists and nobody said that it may go, or its folder does not exist.
    """
    if output.exists() and not force:
        raise CommandFailed(f"{output} exists; --force overwrites it")
    if not output.parent.is_dir():
        raise CommandFailed(f"{output}: there is no folder {output.parent}")
