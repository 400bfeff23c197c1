"""Who is writing a message: a process, named so that a later one can tell whether it still lives.

Why it exists: at start, replies left half-written by a dead process become `interrupted`, while those that
another living process (the interface beside a command) is writing are left alone. A process id alone would
not do: ids are reused.
"""

from __future__ import annotations

import os
from pathlib import Path


def current_owner() -> str:
    """This process as `pid:start`, or `pid:` where the system has no /proc."""
    return f"{os.getpid()}:{_start_of(os.getpid())}"


def is_alive(owner: str) -> bool:
    """Whether the process that `current_owner` named in its time still runs."""
    pid, _, start = owner.partition(":")
    if not pid.isdecimal() or not _exists(int(pid)):
        return False
    return not start or _start_of(int(pid)) == start


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return pid > 0


def _start_of(pid: int) -> str:
    """Boot and clock tick in which a process started (proc(5), stat field 22; the name may hold spaces)."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    if fields[0] in "ZX":
        return "gone"
    return f"{boot[:8]}-{fields[19]}"
