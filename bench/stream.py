"""Lag of the UI's event loop, and time from a key to the screen, while a reply streams in.

The promise: at most 50 ms at the 99th percentile, with 200 tokens a second arriving in a conversation of
5,000 messages. Textual's own Markdown stream runs in turns with it, in the same terminal.

    python -m bench.stream --seconds 5 --rounds 3
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from aigc_tui.store import Store
from bench.corpus import Corpus
from bench.report import Ratio, percentile, write_json
from bench.stream_app import READY, SIZE

TARGET_SECONDS = 0.050
RATES = (40, 200, 1000)
KINDS = ("paragraphs", "code", "lists")
MESSAGES = 5_000
KEY_EVERY = 0.15
_REPLY = "\n\nFirst **this**:\n\n- one\n- two\n\n```python\nprint('{n}')\n```\n"
_READ = 65536


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one subject. Seconds."""

    lags: Sequence[float]
    keys: Sequence[float] = field(default=())
    cut_off: bool = False
    """It did not end in time; the lag is then at least the overtime."""


@dataclass(frozen=True, slots=True)
class Case:
    """What came out for one kind of text at one rate, over all rounds. Seconds."""

    kind: str
    rate: int
    where: str
    p50: float
    p99: float
    worst: float
    p99_rounds: tuple[float, ...]
    key_p50: float | None
    key_p95: float | None
    key_p99: float | None
    peer_p50: float
    peer_p99: float
    peer_key_p99: float | None
    peer_cut_off: int
    ratio: Ratio
    """How many times later the peer's loop was at the 99th percentile."""


def fill(path: Path, messages: int = MESSAGES) -> None:
    """Make a store with one long conversation, questions and answers by turns."""
    corpus = Corpus()
    with Store.open(path) as store, store.database.write():
        conversation = store.conversations.create(title="A long talk")
        parent = None
        for number, text in enumerate(corpus.messages(messages)):
            role = "assistant" if number % 2 else "user"
            content = text + _REPLY.format(n=number) if number % 2 else text
            parent = store.messages.add(
                conversation=conversation.id, parent=parent, role=role, content=content
            ).id


class Child:
    """A subject in a pseudo-terminal."""

    def __init__(self, command: Sequence[str]) -> None:
        self._master, slave = pty.openpty()
        columns, rows = SIZE
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True
        )
        os.close(slave)
        self.seen = b""

    def send(self, key: str) -> None:
        """Press a key."""
        os.write(self._master, key.encode())

    def pump(self, seconds: float) -> bool:
        """Take in what it draws; False once it has closed the terminal."""
        ready, _, _ = select.select([self._master], [], [], max(seconds, 0))
        if ready:
            with suppress(OSError):
                data = os.read(self._master, _READ)
                self.seen = self.seen[-_READ:] + data
                return bool(data)
            return False
        return True

    def close(self) -> None:
        """End it, whatever it does."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)


def measure(subject: str, kind: str, rate: int, seconds: float, store: Path, *, typing: bool) -> Run:
    """Run a subject once."""
    with tempfile.TemporaryDirectory(prefix="aigc-tui-bench-") as folder:
        result = Path(folder) / "result.json"
        task = [subject, kind, str(rate), str(seconds), str(store), str(result)]
        command = [sys.executable, "-m", "bench.stream_app", *task]
        limit = 4 * seconds + 30
        if typing:
            keys, overtime = _in_terminal(command, limit)
        else:
            keys, overtime = [], _headless([*command, "headless"], limit)
        if not result.exists():
            return Run([overtime], keys, cut_off=True)
        return Run(json.loads(result.read_text(encoding="utf-8"))["lags"], keys)


def _headless(command: Sequence[str], limit: float) -> float:
    try:
        subprocess.run(command, timeout=limit, check=True, capture_output=True)
    except subprocess.TimeoutExpired:
        return limit
    return 0.0


def _in_terminal(command: Sequence[str], limit: float) -> tuple[list[float], float]:
    """Run in a terminal and type into it while it streams; return key-to-screen times and the time taken."""
    child = Child(command)
    begun = time.perf_counter()
    keys: list[float] = []
    try:
        while time.perf_counter() - begun < limit and READY.encode() not in child.seen:
            if not child.pump(0.1):
                raise RuntimeError(f"{' '.join(command)} ended: {child.seen[-2000:]!r}")
        number = 0
        _press(child, "#", begun + limit)  # The first key ever imports what typing needs.
        while time.perf_counter() - begun < limit:
            number += 1
            taken = _press(child, chr(0x4E00 + number), begun + limit)
            if taken is None:
                break
            keys.append(taken)
            until = time.perf_counter() + KEY_EVERY
            while (left := until - time.perf_counter()) > 0:
                if not child.pump(left):
                    return keys, time.perf_counter() - begun
        return keys, time.perf_counter() - begun
    finally:
        child.close()


def _press(child: Child, key: str, deadline: float) -> float | None:
    """Press a key never pressed before and wait for it on the screen; None once the program has ended."""
    child.seen = b""
    pressed = time.perf_counter()
    with suppress(OSError):
        child.send(key)
        while time.perf_counter() < deadline:
            if not child.pump(0.05):
                return None
            if key.encode() in child.seen:
                return time.perf_counter() - pressed
    return None


def case(kind: str, rate: int, args: argparse.Namespace, store: Path, *, typing: bool) -> Case:
    """Measure both subjects by turns."""
    ours, peer = [], []
    for _ in range(args.rounds):
        ours.append(measure("ours", kind, rate, args.seconds, store, typing=typing))
        peer.append(measure("peer", kind, rate, args.seconds, store, typing=typing))
    lags = [lag for run in ours for lag in run.lags]
    theirs = [lag for run in peer for lag in run.lags]
    p99s = [percentile(run.lags, 99) for run in ours]
    keys = [key for run in ours for key in run.keys]
    peer_keys = [key for run in peer for key in run.keys]
    return Case(
        kind=kind, rate=rate, where="terminal" if typing else "headless",
        p50=statistics.median(lags), p99=statistics.median(p99s), worst=max(lags), p99_rounds=tuple(p99s),
        key_p50=percentile(keys, 50) if keys else None, key_p95=percentile(keys, 95) if keys else None,
        key_p99=percentile(keys, 99) if keys else None,
        peer_p50=statistics.median(theirs), peer_p99=statistics.median(percentile(r.lags, 99) for r in peer),
        peer_key_p99=percentile(peer_keys, 99) if peer_keys else None,
        peer_cut_off=sum(run.cut_off for run in peer),
        ratio=Ratio.of("peer p99 / ours", [percentile(run.lags, 99) for run in peer], p99s),
    )  # fmt: skip


def describe(case: Case) -> str:
    """One line for the screen, in milliseconds."""

    def ms(value: float | None) -> str:
        return "-" if value is None else f"{value * 1000:.1f}"

    verdict = "ok " if case.p99 < TARGET_SECONDS else "LATE"
    return (
        f"{verdict} {case.where:8} {case.kind:10} {case.rate:5}/s  lag p50 {ms(case.p50)} p99 {ms(case.p99)}"
        f" max {ms(case.worst)}  key p50 {ms(case.key_p50)} p95 {ms(case.key_p95)} p99 {ms(case.key_p99)} ms"
        f" | peer lag p99 {ms(case.peer_p99)} key p99 {ms(case.peer_key_p99)} ms | {case.ratio}"
        + (f"  (peer cut off {case.peer_cut_off}x)" if case.peer_cut_off else "")
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every kind at every rate; 1 if 200 tokens a second miss the target anywhere."""
    parser = argparse.ArgumentParser(prog="python -m bench.stream", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rates", type=int, nargs="+", default=list(RATES))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--headless", action="store_true", help="also measure without a terminal")
    parser.add_argument("-o", "--out", type=Path)
    args = parser.parse_args(arguments)
    cases: list[Case] = []
    with tempfile.TemporaryDirectory(prefix="aigc-tui-bench-") as folder:
        store = Path(folder) / "store.db"
        fill(store)
        for typing in (True, False) if args.headless else (True,):
            cases.append(case("idle", 0, args, store, typing=typing))
            print(describe(cases[-1]), flush=True)
            for kind in args.kinds:
                for rate in args.rates:
                    cases.append(case(kind, rate, args, store, typing=typing))
                    print(describe(cases[-1]), flush=True)
    print(
        write_json(
            "stream", {"target_seconds": TARGET_SECONDS, "messages": MESSAGES, "cases": cases}, args.out
        )
    )
    # "idle" is what the machine itself costs, with nothing streaming.
    return 1 if any(case.rate == 200 and case.p99 >= TARGET_SECONDS for case in cases) else 0


if __name__ == "__main__":
    sys.exit(main())
