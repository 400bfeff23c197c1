"""A hub on the loopback with one tiny model, which the catalogue of the test's home names."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from aigc_tui.engine import preparing, transfer
from tests.support.hub_server import COMMIT, Hub, hub_server
from tests.support.model_fixtures import ModelMaker

DATA = b"GGUF" + random.Random(5).randbytes(1_500_000)
NAME = "tiny.Q4_K_M.gguf"
ENTRY = {
    "id": "tiny-chat",
    "name": "Tiny Chat",
    "repository": "owner/tiny",
    "revision": COMMIT,
    "file": NAME,
    "size": len(DATA),
    "sha256": hashlib.sha256(DATA).hexdigest(),
    "known_by": "the file",
    "parameters": 1000,
    "licence": "MIT",
    "languages": ["en", "zh"],
    "context": 64,
    "sources": ["hub"],
}


@pytest.fixture
def hub(tmp_path: Path, tiny: ModelMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with a tiny model that the user's own catalogue names; preparing it copies a ready folder."""
    ready = tiny("llama")
    (tmp_path / "catalogue.yaml").write_text(yaml.safe_dump({"models": [ENTRY]}), encoding="utf-8")
    monkeypatch.setattr(transfer, "_FIRST_PAUSE", 0.0)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(
        preparing, "prepare", lambda source, target, *more, **how: shutil.copytree(ready, target)
    )
    monkeypatch.setattr(preparing, "try_model", lambda *more, **how: None)
    with hub_server({NAME: DATA}) as found:
        monkeypatch.setenv("HF_ENDPOINT", found.address)
        yield found
        found.released.set()
