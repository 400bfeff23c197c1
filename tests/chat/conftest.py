from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aigc_tui.chat import ChatService
from aigc_tui.config import Paths, Settings
from aigc_tui.engine.protocol import ModelSpec
from aigc_tui.personas import PersonaLibrary
from aigc_tui.store import Store
from tests.support.fake_engine import FakeEngine


class OneModel:
    """A catalogue that knows one model, since the chat core only needs its name."""

    def resolve(self, name: str) -> ModelSpec:
        return ModelSpec(name)

    def defaults(self, spec: ModelSpec) -> dict[str, float]:
        return {"max_tokens": 64}


@dataclass(frozen=True)
class Bench:
    """A chat service over a real store file and a scripted engine."""

    store: Store
    engine: FakeEngine
    chat: ChatService


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    paths = Paths.find(tmp_path)
    engine = FakeEngine()
    with Store.open(paths.store, backups=paths.backups) as store:
        chat = ChatService(store, engine, PersonaLibrary(paths), OneModel(), Settings(), "en")
        yield Bench(store, engine, chat)
