from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from aigc_tui.config import Paths
from tests.support.models import SPECIAL, make_model


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama with room for long replies."""
    return make_model(tmp_path_factory.mktemp("models") / "tiny", "llama", context=2048)


@pytest.fixture(scope="session")
def endless_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama that never ends its turn, so that a reply is still running when a test interferes.

    Every embedding has a large first component, which the residual stream carries to the output; there it
    counts against the special tokens (the first rows of the vocabulary) and for nothing else.
    """
    folder = make_model(tmp_path_factory.mktemp("models") / "endless", "llama", context=8192)
    weights = load_file(folder / "model.safetensors")
    embedding = weights["model.embed_tokens.weight"]
    head = embedding.clone()
    embedding[:, 0], head[:, 0] = 10.0, 0.0
    head[: len(SPECIAL)] = 0.0
    head[: len(SPECIAL), 0] = -10.0
    save_file({**weights, "lm_head.weight": head}, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": False}), encoding="utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def settle(home: Path, **settings: object) -> Paths:
    """Write settings as after a first run, so that the application opens on the chat screen."""
    written = {"first_run_done": True, "language": "en", **settings}
    # JSON is YAML, and quotes paths safely.
    (home / "settings.yaml").write_text(json.dumps(written), encoding="utf-8")
    return Paths.find(home)
