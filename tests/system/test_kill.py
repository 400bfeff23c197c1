"""SIGKILL at random moments while a reply streams: nothing older than 250 ms is lost, and Continue works.

`AIGC_KILLS=50` runs as many as the promise was first proved with; the default keeps the suite quick.
"""

from __future__ import annotations

import asyncio
import os
import random
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from aigc_tui.chat import ChatService
from aigc_tui.config import Paths, load_settings
from aigc_tui.engine.client import EngineSwitch
from aigc_tui.engine.models import ModelCatalogue
from aigc_tui.personas import PersonaLibrary
from aigc_tui.store import Store
from aigc_tui.store.checks import check_store
from aigc_tui.store.records import Message, Status
from tests.system.conftest import settle

KILLS = int(os.environ.get("AIGC_KILLS", "6"))
PROMISED_SECONDS = 0.25
VICTIMS = ("interface", "engine", "both")


@dataclass(frozen=True)
class Seen:
    """What a person had read: all words, and those that had been there for the promised time."""

    everything: str
    kept: str


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def kill(process: subprocess.Popen[bytes], victim: str) -> None:
    """SIGKILL the interface, the engine, or both."""
    engines = children(process.pid)
    if victim in ("interface", "both"):
        process.kill()
    if victim in ("engine", "both"):
        for pid in engines:
            os.kill(pid, signal.SIGKILL)


def stream_then_kill(home: Path, victim: str, delay: float, seed: int) -> Seen:
    """Read a streaming reply for `delay` seconds after its first words, then kill."""
    command = [sys.executable, "-m", "aigc_tui", "chat", "--seed", str(seed), "tell me everything"]
    environment = {**os.environ, "AIGC_TUI_HOME": str(home)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    assert process.stdout is not None
    pieces: list[tuple[float, bytes]] = []
    deadline = time.monotonic() + 120
    while time.monotonic() < (pieces[0][0] + delay if pieces else deadline):
        if select.select([process.stdout], [], [], 0.005)[0]:
            data = os.read(process.stdout.fileno(), 65536)
            assert data, "the reply ended before the kill"
            pieces.append((time.monotonic(), data))
    killed = time.monotonic()
    kill(process, victim)
    process.stdout.read()  # to the end, since a reader who leaves would be a reason of its own to stop
    process.stdout.close()
    process.wait(timeout=20)
    kept = b"".join(data for at, data in pieces if at < killed - PROMISED_SECONDS)
    everything = b"".join(data for _, data in pieces)
    return Seen(everything.decode(errors="ignore"), kept.decode(errors="ignore"))


def reply_of(store: Store) -> Message:
    """The reply that was cut."""
    talk = store.conversations.latest("chat")
    assert talk is not None
    return store.messages.path(talk.id)[-1]


def continue_reply(paths: Paths, store: Store, reply: Message) -> Message:
    """Press Continue, with a real engine."""

    async def scenario() -> Message:
        settings = load_settings(paths)
        engine = EngineSwitch(paths, settings)
        models = ModelCatalogue(paths, settings)
        chat = ChatService(store, engine, PersonaLibrary(paths), models, settings, "en")
        turn = chat.resume(reply.id)
        async for _ in turn.events():
            if len(turn.text) > len(reply.content) + 20:
                await turn.stop()
        await engine.close()
        return await turn.final_message()

    return asyncio.run(scenario())


@pytest.mark.parametrize("attempt", range(KILLS))
def test_a_kill_loses_at_most_the_last_250_ms_of_words(home: Path, endless_model: Path, attempt: int) -> None:
    dice = random.Random(attempt)
    victim = VICTIMS[attempt % len(VICTIMS)]
    paths = settle(home, model=str(endless_model), max_tokens=8000)
    seen = stream_then_kill(home, victim, dice.uniform(0.02, 1.5), attempt)
    with Store.open(paths.store, backups=paths.backups) as store:
        store.recover()
        assert [check for check in check_store(store) if not check.ok] == []
        reply = reply_of(store)
        assert reply.status == (Status.FAILED if victim == "engine" else Status.INTERRUPTED)
        assert reply.content.startswith(seen.kept.rstrip("\n"))
        if victim == "engine":
            assert reply.content.startswith(seen.everything.rstrip("\n"))
        if attempt < len(VICTIMS):
            longer = continue_reply(paths, store, reply)
            assert longer.content.startswith(reply.content)
            assert longer.status == Status.STOPPED
            assert len(longer.content) > len(reply.content)
