"""Hostile text in every place where it can enter: no foreign byte reaches the terminal, and nothing crashes.

The whole application runs in a real pseudo-terminal; the model is a loopback server that says hostile things.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from aigc_tui.store import Store
from tests.support import hostile
from tests.support.escapes import foreign
from tests.support.openai_server import openai_server
from tests.support.terminal import ENTER, ESCAPE, Terminal
from tests.system.conftest import settle

END = "the very end"
F1, F2 = "\x1bOP", "\x1bOQ"
CTRL = {letter: chr(ord(letter) - 96) for letter in "bfnopq"}


def fill_store(path: Path) -> None:
    """A conversation whose title, author, model and words are hostile."""
    with Store.open(path) as store:
        talk = store.conversations.create(title=f"title {hostile.EVERYTHING}", persona="evil", model="near")
        parent = None
        for role in ("user", "assistant"):
            message = store.messages.add(
                conversation=talk.id,
                parent=parent,
                role=role,
                content=f"# {hostile.EVERYTHING}\n\n- {hostile.EVERYTHING}\n\n```{hostile.MARKUP}\n"
                f"{hostile.EVERYTHING}\n```\n\n| a | {hostile.EVERYTHING} |\n|---|---|\n| 1 | 2 |\n\n"
                f"[{hostile.MARKUP}](javascript:{hostile.OSC_52}) needle",
                author=hostile.EVERYTHING,
                model=hostile.EVERYTHING,
            )
            parent = message.id


def write_persona(folder: Path) -> None:
    """A persona whose every text is hostile."""
    folder.mkdir(parents=True, exist_ok=True)
    # A lone surrogate is no YAML; the loader refuses the file in one line, which tests/personas holds.
    words = hostile.EVERYTHING.replace(hostile.SURROGATE, "")
    fields = ("name", "greeting", "description", "style", "system")
    persona: dict[str, object] = {field: {"en": words, "zh": words} for field in fields}
    (folder / "evil.yaml").write_text(yaml.safe_dump(persona | {"safety": "general"}), encoding="utf-8")


@pytest.fixture
def hostile_home(home: Path) -> Iterator[Path]:
    pieces = [*(piece + " " for piece in hostile.EVERYTHING.split(" ")), *hostile.EVERYTHING, END]
    with openai_server(pieces) as server:
        entry = {"name": "near", "kind": "openai", "base_url": server.base_url, "model": hostile.MARKUP}
        paths = settle(home, model="near", persona="assistant", models=[entry])
        fill_store(paths.store)
        write_persona(paths.personas)
        yield home


def test_hostile_text_everywhere_writes_no_foreign_byte(hostile_home: Path) -> None:
    with Terminal(hostile_home) as terminal:
        terminal.wait_for("needle")  # the newest conversation, with hostile history
        terminal.send("hello " + "[/x]" + ENTER)
        terminal.wait_for(END)
        terminal.send(CTRL["o"])  # personas, the hostile one among them
        terminal.wait_for("esc cancel")
        leave(terminal, "esc cancel")
        terminal.send(CTRL["f"] + "needle")
        terminal.wait_for("2 results")
        leave(terminal, "2 results")
        for key, sign in ((F1, "Help ─"), (F2, "Settings ─"), (CTRL["p"], "Commands ─")):
            terminal.send(key)
            terminal.wait_for(sign)
            leave(terminal, sign)
        terminal.send(CTRL["n"])
        terminal.send("still alive" + ENTER)
        terminal.wait_for(END)
        terminal.send(CTRL["q"])
        assert terminal.wait_for_exit() == 0
    assert foreign(bytes(terminal.received)) == []


def leave(terminal: Terminal, sign: str) -> None:
    """Press escape, alone so that it is not read as alt, and wait until the sign is gone."""
    terminal.send(ESCAPE)
    terminal.wait_for(lambda text: sign not in text)
