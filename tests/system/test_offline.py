"""A session that was not asked to use the network opens no internet socket, in any of its processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aigc_tui.store import Store
from aigc_tui.store.records import Status
from tests.support.terminal import ENTER, Terminal
from tests.system.conftest import settle

GUARD = Path(__file__).parents[1] / "support" / "socket_guard"


@pytest.fixture
def guarded(tmp_path: Path) -> dict[str, str]:
    """Environment in which every Python process notes the sockets that it opens."""
    return {"PYTHONPATH": str(GUARD), "AIGC_SOCKET_LOG": str(tmp_path / "sockets.log")}


def noted(environment: dict[str, str]) -> str:
    log = Path(environment["AIGC_SOCKET_LOG"])
    return log.read_text(encoding="utf-8") if log.exists() else ""


def test_the_guard_itself_notices_a_socket(guarded: dict[str, str]) -> None:
    code = "import socket; socket.socket(socket.AF_INET).close()"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **guarded}, check=True)
    assert "socket.__new__" in noted(guarded)


def test_a_reply_on_the_command_line_opens_no_socket(
    home: Path, tiny_model: Path, guarded: dict[str, str]
) -> None:
    environment = {**os.environ, **guarded, "AIGC_TUI_HOME": str(home)}
    command = [sys.executable, "-m", "aigc_tui", "chat", "-m", str(tiny_model), "--max-tokens", "8", "hello"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip()
    assert noted(guarded) == ""


def test_a_session_on_the_screen_opens_no_socket(
    home: Path, tiny_model: Path, guarded: dict[str, str]
) -> None:
    paths = settle(home, model=str(tiny_model), max_tokens=8)
    with Terminal(home, environment=guarded) as terminal:
        terminal.wait_for("Message Sage")
        terminal.send("hello" + ENTER)
        terminal.wait_for(lambda _: any_reply_complete(paths.store), seconds=60)
        terminal.send("\x11")
        assert terminal.wait_for_exit() == 0
    assert noted(guarded) == ""


def any_reply_complete(store_path: Path) -> bool:
    """Whether the newest conversation ends in a whole reply to a question."""
    if not store_path.exists():
        return False
    with Store.open(store_path) as store:
        talk = store.conversations.latest("chat")
        path = store.messages.path(talk.id) if talk else []
    return len(path) >= 3 and path[-1].role == "assistant" and path[-1].status == Status.COMPLETE
