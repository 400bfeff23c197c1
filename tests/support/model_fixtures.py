"""Fixtures: tiny models made once a session."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

from tests.support.models import make_model

# Threads that wait for each other crawl when the machine does anything else.
torch.set_num_threads(1)

ModelMaker = Callable[[str], Path]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> ModelMaker:
    """Give the folder of a family's tiny model (see `tests.support.models.FAMILIES`)."""
    root = tmp_path_factory.mktemp("models")

    def get(family: str) -> Path:
        folder = root / family
        return folder if folder.is_dir() else make_model(folder, family)

    return get
