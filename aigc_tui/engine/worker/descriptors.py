"""Keep the pipe clean: what libraries print goes to a log file, capped and private.

Why it exists: one stray line on standard output would break the protocol, and one library that warns in a
loop would fill the disk. The log never holds a prompt or a reply (engine-safety E8).
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

MAX_LOG = 2**20
"""Bytes of the log of one worker; one older log is kept."""
_PIECE = 2**16


def claim_stdout(log: Path) -> int:
    """Move standard output elsewhere and point descriptors 1 and 2 at the log.

    Args:
        log: The log file; its folder exists.

    Returns:
        The descriptor of the pipe that was standard output.
    """
    protocol = os.dup(1)
    os.set_inheritable(protocol, False)
    reading, writing = os.pipe()
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    os.close(writing)
    target = _open_log(log)
    threading.Thread(target=_copy, args=(reading, target), name="log", daemon=True).start()
    return protocol


def _open_log(log: Path) -> int:
    """Open a fresh log for its owner only, and keep the last one beside it."""
    try:
        if log.exists():
            log.replace(log.with_suffix(".old.log"))
        return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError:
        # A full or read-only disk must not keep anybody from chatting.
        return os.open(os.devnull, os.O_WRONLY)


def _copy(source: int, target: int) -> None:
    written = 0
    while piece := os.read(source, _PIECE):
        allowed = piece[: max(MAX_LOG - written, 0)]
        written += len(allowed)
        try:
            os.write(target, allowed)
        except OSError:
            written = MAX_LOG
