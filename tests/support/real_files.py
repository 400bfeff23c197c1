"""Real models and real text, for the tests that want them: folders named by the environment, absent in CI.

AIGC_TEST_MODELS holds the GGUF files named below, AIGC_TEST_CORPUS files of JSON lines (.jsonl.xz).
AIGC_TEST_PREPARED is where folders made of the files are kept: without it, each run makes them anew, which
takes a minute or two for half a billion parameters.
"""

from __future__ import annotations

import json
import lzma
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_tui.inference.source import PREPARED

GGUF_FILES = (
    "SmolLM2-135M-Instruct.Q4_1.gguf",
    "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    "gemma-3-270m-q4_k_m.gguf",
)


def real_gguf(name: str) -> Path:
    """Return the path of a real file, or skip the test."""
    path = Path(os.environ.get("AIGC_TEST_MODELS", "nowhere")) / name
    if not path.is_file():
        pytest.skip(f"AIGC_TEST_MODELS has no {name}")
    return path


def prepared_gguf(name: str, otherwise: Path) -> Path:
    """Return the model folder made of a real file, or skip the test.

    Args:
        name: The file's.
        otherwise: Where to make it, if nothing is kept.
    """
    from aigc_tui.inference.prepare import prepare_gguf

    source = real_gguf(name)
    folder = Path(os.environ.get("AIGC_TEST_PREPARED", otherwise)) / source.stem
    # Written last, so the folder is whole.
    if not (folder / PREPARED).is_file():
        prepare_gguf(source, folder, lambda done, total: None)
    return folder


def real_lines(counts: dict[str, int]) -> list[str]:
    """Return so many lines of each file of the corpus, or skip the test."""
    folder = Path(os.environ.get("AIGC_TEST_CORPUS", "nowhere"))
    if not folder.is_dir():
        pytest.skip("AIGC_TEST_CORPUS names no folder")
    found: list[str] = []
    for name, count in counts.items():
        with lzma.open(folder / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
            lines = (line for record in file for line in _lines(json.loads(record)))
            found += [line for line, _ in zip(lines, range(count), strict=False)]
    return found


def _lines(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from (line for line in value.split("\n") if line.strip())
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _lines(each)
