"""From a folder's path to a model that can answer: check, count the memory, load, and keep it.

Why it exists: everything that can be wrong with a stranger's folder becomes one line here, and the rest of
the worker deals with a `LoadedModel` only. One model is held at a time; a folder whose files changed is
loaded anew.
"""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from aigc_tui.inference import memory
from aigc_tui.inference.backend import Backend, load_backend, require_known
from aigc_tui.inference.grammar import Grammars
from aigc_tui.inference.source import MissingModelError, ModelError, ModelSource, inspect_source, read_json
from aigc_tui.inference.template import ChatTemplate, load_template
from aigc_tui.inference.tokens import Tokens, load_tokens
from aigc_tui.inference.types import ChatMessage

DEFAULT_CONTEXT = 2048
"""Tokens, for a model that does not say how many it reads."""
SMALL = 200_000_000
"""Parameters up to which float32 is taken in any case: exact, and small enough."""
_PIECE = 8 * 2**20
_DTYPES = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}

Report = Callable[[int, int], None]
"""Is told the bytes read and the bytes in all."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory, with all that a reply needs."""

    backend: Backend
    tokens: Tokens
    template: ChatTemplate
    count: Callable[[ChatMessage], int]
    """Counts a message's tokens, the template's share included."""
    fingerprint: str
    dtype: str
    context: int
    chunk: int
    """Prompt tokens read between two looks at the stop flag."""
    threads: int
    """Threads that are worth their while."""
    ends: frozenset[int]
    """Tokens that end the reply."""
    grammars: Grammars
    """Compiles grammars for this tokenizer."""


class Loader:
    """Holds the model that was asked for last.

    Args:
        reserve: Bytes of memory that must stay free after loading.
    """

    def __init__(self, reserve: int) -> None:
        self._reserve = reserve
        self._held: LoadedModel | None = None

    def load(self, path: Path, name: str, report: Report) -> LoadedModel:
        """Bring a model into memory, or find it there.

        Args:
            path: Its folder.
            name: What to call it in messages.
            report: Told of the progress in bytes.

        Raises:
            ModelError: The folder cannot be used, or the model does not fit.
        """
        mark = fingerprint(path)
        if self._held is None or self._held.fingerprint != mark:
            # Let go of the old one first: the two together may not fit.
            self._held = None
            gc.collect()
            self._held = self._load(inspect_source(path), mark, name, report)
        return self._held

    def _load(self, folder: ModelSource, mark: str, name: str, report: Report) -> LoadedModel:
        require_known(folder)
        tokens = load_tokens(folder.path)
        template = load_template(folder.path, tokens)
        chunk = chunk_size(folder.parameters)
        dtype = choose_dtype(folder)
        memory.require(memory.estimate(folder, dtype.itemsize, chunk), self._reserve, name)
        _read_ahead(folder, report)
        backend = load_backend(folder, dtype)
        ends = ends_of(folder, tokens, template)
        return LoadedModel(
            backend=backend,
            tokens=tokens,
            template=template,
            count=lambda message: template.overhead + len(tokens.encode_plain(message.content)),
            fingerprint=mark,
            dtype=str(dtype),
            context=folder.context or DEFAULT_CONTEXT,
            chunk=chunk,
            threads=thread_count(folder.parameters, os.cpu_count() or 1),
            ends=ends,
            grammars=Grammars(tokens, ends),
        )


def fingerprint(path: Path) -> str:
    """Identify the content of a folder by its files' names, sizes and times of change.

    Hashing gigabytes before the first word would cost seconds; a file that is written anew has a new time.
    """
    mark = hashlib.sha256(str(path).encode("utf-8", errors="surrogateescape"))
    for file in sorted(path.glob("*")) if path.is_dir() else ():
        if file.suffix in {".json", ".safetensors", ".jinja", ".model", ".txt"}:
            state = file.stat()
            mark.update(f"{file.name!r} {state.st_size} {state.st_mtime_ns} {state.st_ino};".encode())
    return mark.hexdigest()


def choose_dtype(folder: ModelSource) -> torch.dtype:
    """Choose the type of the weights in memory.

    float32 is exact and fast on every CPU. A big checkpoint in bfloat16 keeps it where the CPU computes in
    it, and half-precision checkpoints keep theirs when float32 would take more than half of the free memory.
    """
    kinds = [tensor.dtype for tensor in folder.tensors]
    stored = _DTYPES.get(max(set(kinds), key=kinds.count), torch.float32) if kinds else torch.float32
    if stored is torch.float32 or folder.parameters <= SMALL:
        return torch.float32
    free = memory.available_bytes()
    tight = free is not None and 4 * folder.parameters > free // 2
    native = stored is torch.bfloat16 and bool(torch.cpu._is_avx512_bf16_supported())
    return stored if tight or native else torch.float32


def chunk_size(parameters: int) -> int:
    """Choose how many prompt tokens are read at a time: about a fifth of a second on two laptop cores.

    A power of two from 16 to 256, from 2 * parameters operations a token at some 30 billion a second.
    """
    wanted = 3e9 / max(parameters, 1)
    size = 16
    while size < 256 and size * 2 <= wanted:
        size *= 2
    return size


def thread_count(parameters: int, cores: int) -> int:
    """Choose how many threads a model of a size deserves.

    Sharing a small matrix costs more than computing it, and a core left alone keeps the interface smooth: the
    starter (6 million parameters) is a third slower per token with two threads than with one (measured).
    """
    return min(cores, 1 + parameters // 20_000_000)


def _read_ahead(folder: ModelSource, report: Report) -> None:
    """Read the weight files once, so that the progress is true and loading itself finds them in memory."""
    total, done = folder.size_bytes, 0
    report(0, total)
    for path in folder.weights:
        with path.open("rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                done += len(piece)
                report(done, total)


def ends_of(folder: ModelSource, tokens: Tokens, template: ChatTemplate | None) -> frozenset[int]:
    """Collect the tokens that end a reply: the configurations', the tokenizer's, and the template's own."""
    turn = template.end_of_turn if template else None
    found: set[Any] = {turn, tokens.id_of(tokens.named.get("eos_token", ""))}
    generation = folder.path / "generation_config.json"
    for source in (folder.text_config, folder.config, read_json(generation) if generation.is_file() else {}):
        value = source.get("eos_token_id")
        found |= set(value) if isinstance(value, list) else {value}
    return frozenset(id_ for id_ in found if isinstance(id_, int))


def missing_adapter(name: str) -> ModelError:
    """Word the refusal of a request for an adapter that is not there."""
    return MissingModelError("there is no adapter {name} for this model", name=name[:16])
