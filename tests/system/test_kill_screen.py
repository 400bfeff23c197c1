"""SIGKILL of the full-screen application while words stream onto the screen: what was read is in the store.

The words are numbered and come from a loopback server, so that the screen itself says how far one had read.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from pathlib import Path

import pytest

from aigc_tui.store import Store
from aigc_tui.store.checks import check_store
from aigc_tui.store.records import Status
from tests.support.openai_server import openai_server
from tests.support.terminal import ENTER, Terminal
from tests.system.conftest import settle

KILLS = int(os.environ.get("AIGC_KILLS", "2"))
PROMISED_SECONDS = 0.25
WORDS = [f"w{number:04d} " for number in range(3000)]
WORDS_PER_SECOND = 100
WORD = re.compile(r"w(\d{4})")


def pour(gate: threading.Semaphore, ended: threading.Event) -> None:
    """Let words out at a steady rate until told to end."""
    while not ended.wait(1 / WORDS_PER_SECOND):
        gate.release()


def read_then_kill(terminal: Terminal, seconds: float) -> int:
    """Read for a while after the first word, kill, and tell the last word read 250 ms before."""
    # Any word: on a busy machine the first frame that is seen whole may already have scrolled past the first.
    terminal.wait_for(lambda text: WORD.search(text) is not None)
    read: list[tuple[float, int]] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.pump(0.01)
        read.append((time.monotonic(), max(map(int, WORD.findall(terminal.text)), default=-1)))
    killed = time.monotonic()
    terminal.kill()
    return max((number for at, number in read if at < killed - PROMISED_SECONDS), default=-1)


@pytest.mark.parametrize("attempt", range(KILLS))
def test_words_on_the_screen_are_in_the_store_after_a_kill(home: Path, attempt: int) -> None:
    gate, ended = threading.Semaphore(0), threading.Event()
    with openai_server(WORDS, gate=gate) as server:
        entry = {"name": "near", "kind": "openai", "base_url": server.base_url, "model": "m"}
        paths = settle(home, model="near", models=[entry])
        threading.Thread(target=pour, args=(gate, ended), daemon=True).start()
        with Terminal(home) as terminal:
            terminal.wait_for("Message Sage")
            terminal.send("count" + ENTER)
            last = read_then_kill(terminal, random.Random(attempt).uniform(0.3, 3.0))
        ended.set()
        gate.release(len(WORDS))
    with Store.open(paths.store, backups=paths.backups) as store:
        assert store.recover() == 1
        assert [check for check in check_store(store) if not check.ok] == []
        talk = store.conversations.latest("chat")
        assert talk is not None
        reply = store.messages.path(talk.id)[-1]
    assert reply.status == Status.INTERRUPTED
    assert reply.content.split()[: last + 1] == [word.strip() for word in WORDS[: last + 1]]
