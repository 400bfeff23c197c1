"""A GGUF file becomes a ready model folder: configuration, tokenizer, chat template and packed weights.

It is done once. What costs seconds (unpacking GGUF's blocks, searching for scales, building a tokenizer from
a list of tokens) is not repeated at every start; the folder is mapped into memory as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from aigc_tui.files import write_text
from aigc_tui.inference.gguf_tokenizer import tokenizer_files
from aigc_tui.inference.source import PREPARED, BrokenModelError, ModelError
from aigc_tui.transformer.checkpoint import CheckpointError, save_model
from aigc_tui.transformer.config import ModelConfigError
from aigc_tui.transformer.fused_weights import supports_fused
from aigc_tui.transformer.gguf import load_gguf, weights_of
from aigc_tui.transformer.gguf_config import config_of
from aigc_tui.transformer.gguf_reader import GgufError, GgufFile, open_gguf
from aigc_tui.transformer.hf_config import to_hf
from aigc_tui.transformer.packed import Scheme, WeightReader, write_packed

_PIECE = 8 * 2**20
_HASHING = 0.1
"""The share of the time that reading the file for its checksum takes."""


def prepare_gguf(
    source: Path, target: Path, report: Callable[[int, int], None], scheme: Scheme | None = None
) -> None:
    """Make a model folder from a GGUF file.

    Args:
        source: The file.
        target: The folder; made, if it is not there.
        report: Told the bytes of the file that are done, and all.
        scheme: How to quantise; default: int4 with an int8 head.

    Raises:
        ModelError: The file is damaged, or of a kind that cannot be run; one line says which.
    """
    scheme = scheme or Scheme()
    try:
        file = open_gguf(source)
        config = config_of(file)
        tokenizer = tokenizer_files(file)
    except (GgufError, ModelConfigError) as error:
        raise BrokenModelError(error.message) from error
    size = source.stat().st_size

    def tell(share: float) -> None:
        report(int(share * size), size)

    checksum = _sha256(source, lambda done: tell(_HASHING * done / size))
    target.mkdir(parents=True, exist_ok=True)
    try:
        if supports_fused(config):
            reader = WeightReader(config, weights_of(file, config), file)
            with torch.inference_mode():
                write_packed(target, reader, scheme, lambda done, all_: tell(_HASHING + 0.9 * done / all_))
            write_text(target / "config.json", json.dumps(to_hf(config), indent=1) + "\n")
        else:
            # GPT-2 has no fused form; its models are small.
            save_model(load_gguf(source), target, dtype=torch.float16)
    except (GgufError, CheckpointError) as error:
        raise BrokenModelError(error.message) from error
    for name, text in tokenizer.items():
        write_text(target / name, text)
    record = {**_provenance(source, file, checksum), "parameters": config.parameters, "scheme": str(scheme)}
    write_text(target / PREPARED, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    tell(1.0)


def _sha256(source: Path, done: Callable[[int], None]) -> str:
    digest, read = hashlib.sha256(), 0
    try:
        with source.open("rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                read += len(piece)
                done(read)
    except OSError as error:
        raise ModelError("cannot read {path}: {reason}", path=source, reason=error.strerror) from error
    return digest.hexdigest()


def _provenance(source: Path, file: GgufFile, checksum: str) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    for tensor in file.tensors.values():
        kinds[tensor.kind] = kinds.get(tensor.kind, 0) + 1
    return {"source": source.name, "bytes": source.stat().st_size, "sha256": checksum, "tensors": kinds}
