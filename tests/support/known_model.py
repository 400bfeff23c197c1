"""A model in a home folder that the home's own catalogue knows, as if it had been pulled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml

from aigc_tui.engine.models import RECORD

DIGEST = "ab" * 32


def install_known(home: Path, folder: Path, name: str) -> Path:
    """Copy a model folder into a home, with a catalogue of this one model. Returns the copy."""
    entry = {
        "id": name,
        "name": name,
        "repository": "owner/repository",
        "revision": "c" * 40,
        "file": "model.gguf",
        "size": 1000,
        "sha256": DIGEST,
        "known_by": "the test",
        "parameters": 1000,
        "licence": "MIT",
        "languages": ["en", "zh"],
        "context": 64,
        "sources": ["hub"],
    }
    target = home / "models" / name
    shutil.copytree(folder, target)
    (target / RECORD).write_text(json.dumps({"sha256": DIGEST}), encoding="utf-8")
    (home / "catalogue.yaml").write_text(yaml.safe_dump({"models": [entry]}), encoding="utf-8")
    return target
