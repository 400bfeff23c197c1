"""Time from starting the process to the first complete screen.

Compared with a bare three-tab Textual app; the promise is at most 1.5 times its time. Both are started in
turns in a pseudo-terminal, which is read until their content has arrived.

    python -m bench.first_frame --rounds 20
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.bare_app import MARK
from bench.report import Ratio, write_json

TARGET = 1.5
ROUNDS = 12
PATIENCE_SECONDS = 60.0
ROWS, COLUMNS = 40, 120
READ_BYTES = 65536
SETTINGS = "language: en\nfirst_run_done: true\n"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program, and what its first frame must show to count as painted."""

    name: str
    command: Sequence[str]
    mark: str


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds to the first frame over all rounds."""

    name: str
    median: float
    smallest: float
    largest: float
    all: Sequence[float]


def run(rounds: int = ROUNDS, out: Path | None = None) -> dict[str, object]:
    """Start all contestants by turns, print and write what came out.

    Args:
        rounds: How often each is started; one more round before warms the file cache.
        out: The JSON file; None: bench/results/first-frame.json.

    Returns:
        What was written.
    """
    with tempfile.TemporaryDirectory() as home:
        Path(home, "settings.yaml").write_text(SETTINGS, encoding="utf-8")
        taken = _race(contestants(), rounds, home)
    bare = taken["bare"]
    ratios = [Ratio.of(f"{name} / bare", times, bare) for name, times in taken.items() if name != "bare"]
    for ratio in ratios:
        print(ratio)
    times = [_times(name, values) for name, values in taken.items()]
    result: dict[str, object] = {"target": TARGET, "rounds": rounds, "ratios": ratios, "seconds": times}
    print(f"written to {write_json('first-frame', result, out)}", file=sys.stderr)
    return result


def contestants() -> list[Contestant]:
    """The bare app, ours, and Elia where it is installed."""
    found = [
        Contestant("bare", (sys.executable, "-m", "bench.bare_app"), MARK),
        Contestant("aigc-tui", (sys.executable, "-m", "aigc_tui"), "Quit"),
    ]
    elia = shutil.which("elia", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if elia is not None:
        found.append(Contestant("elia", (elia,), "Elia"))
    return found


def _race(runners: Sequence[Contestant], rounds: int, home: str) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {runner.name: [] for runner in runners}
    for number in range(rounds + 1):
        for runner in runners:
            seconds = first_frame(runner, home)
            if number:
                taken[runner.name].append(seconds)
    return taken


def first_frame(runner: Contestant, home: str) -> float:
    """Start a program in a pseudo-terminal and wait for its content.

    Returns:
        Seconds from the start of the process to the frame.

    Raises:
        RuntimeError: It ended, or showed nothing of the kind in time.
    """
    with _terminal() as (master, slave):
        start = time.perf_counter()
        process = subprocess.Popen(
            runner.command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env=os.environ | {"AIGC_TUI_HOME": home, "TERM": "xterm-256color"},
        )  # fmt: skip
        try:
            return _wait_for(master, runner, start)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(master: int, runner: Contestant, start: float) -> float:
    seen = b""
    while time.perf_counter() < start + PATIENCE_SECONDS:
        if select.select([master], [], [], 0.5)[0]:
            seen += os.read(master, READ_BYTES)
            if runner.mark.encode() in seen:
                return time.perf_counter() - start
    raise RuntimeError(f"{runner.name} showed no {runner.mark!r}: {seen[-500:]!r}")


@contextmanager
def _terminal() -> Iterator[tuple[int, int]]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    try:
        yield master, slave
    finally:
        os.close(master)
        os.close(slave)


def _times(name: str, values: Sequence[float]) -> Times:
    return Times(name, statistics.median(values), min(values), max(values), values)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    run(options.rounds, options.out)


if __name__ == "__main__":
    main()
