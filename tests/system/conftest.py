from __future__ import annotations

import json
from pathlib import Path

import pytest

from aigc_tui.config import Paths
from tests.support.models import make_model


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama that never ends a turn soon, with room for long replies."""
    return make_model(tmp_path_factory.mktemp("models") / "tiny", "llama", context=2048)


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
