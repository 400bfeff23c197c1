"""Start the worker: `python -m aigc_tui.engine.worker --log FILE [--cache-mb N] [--threads N] ...`.

Why it exists: the client starts this module as its child. It is of no use on a terminal.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import sys
from collections.abc import Sequence
from pathlib import Path

from aigc_tui.engine.options import EngineOptions
from aigc_tui.engine.worker.channel import Outbox
from aigc_tui.engine.worker.descriptors import claim_stdout
from aigc_tui.engine.worker.server import Server


def main(arguments: Sequence[str]) -> None:
    """Serve the client at the other end of standard input and output."""
    parser = argparse.ArgumentParser(prog="aigc_tui.engine.worker")
    usual = EngineOptions()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--cache-mb", type=int, default=usual.cache_mb)
    parser.add_argument("--threads", type=int, default=usual.threads)
    parser.add_argument("--reserve-mb", type=int, default=usual.memory_reserve_mb)
    given = parser.parse_args(arguments)
    outbox = Outbox(claim_stdout(given.log))
    faulthandler.enable()
    _offer_to_the_oom_killer()
    Server(outbox, EngineOptions(given.cache_mb, given.threads, given.reserve_mb)).run(sys.stdin.buffer)


def _offer_to_the_oom_killer() -> None:
    """When memory runs out, this process goes, and the user's interface and store stay (engine-safety E6)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
