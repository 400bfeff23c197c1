"""From a model folder to a `LoadedModel`: inspect, check the memory, load; the one loader of local models.

Everything that can be wrong with a stranger's folder becomes a `ModelError` of one line here. The chat, the
evaluation, `model sample` and the course load through `load_model`; the engine's worker keeps one model at a
time in a `Loader`.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from aigc_tui.inference import memory
from aigc_tui.inference.chat_template import ChatTemplate, load_template
from aigc_tui.inference.grammar import Grammars
from aigc_tui.inference.models import (
    TRANSFORMERS,
    load_causal_model,
    load_packed_model,
    placed,
    quantised_model,
    require_known,
)
from aigc_tui.inference.prefix_cache import CacheKey
from aigc_tui.inference.source import (
    BrokenModelError,
    ModelError,
    ModelSource,
    inspect_source,
    read_json,
    template_source,
)
from aigc_tui.inference.tokens import Tokens, load_tokens
from aigc_tui.inference.types import ChatMessage
from aigc_tui.process.environment import thread_count
from aigc_tui.transformer.cache import Cache
from aigc_tui.transformer.decoding import CachedModel, CausalModel
from aigc_tui.transformer.decoding.model import OwnModel
from aigc_tui.transformer.fused import cache_dtype
from aigc_tui.transformer.fused_weights import supports_fused
from aigc_tui.transformer.packed import INT8

DEFAULT_CONTEXT = 2048
"""Tokens, for a model that does not say how many it reads."""
SMALL = 200_000_000
"""Parameters up to which float32 is taken in any case: exact, and small enough."""
PACKED = "packed"
"""In place of a type, for weights that are quantised in several types."""
_PIECE = 8 * 2**20
_DTYPES = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}

Report = Callable[[int, int], None]
"""Is told the bytes read and the bytes in all."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory with its tokenizer, its chat template and how it is best run.

    Args:
        model: The weights behind `CausalModel`.
        tokens: The tokenizer.
        template: The chat template; None: it has none, or none was asked for.
        fingerprint: Identifies the files, for caches.
        dtype: Type of the weights in memory, such as ``torch.float32``.
        context: The longest sequence in tokens: what the model reads, or less where memory is short.
        chunk: Prompt tokens read between two looks at the stop flag.
        threads: Threads that pay off.
        eos_ids: Tokens that end a reply, or a text.
        grammars: Compiles grammars for this tokenizer.
    """

    model: CausalModel
    tokens: Tokens
    template: ChatTemplate | None
    fingerprint: str
    dtype: str
    context: int
    chunk: int
    threads: int
    eos_ids: frozenset[int]
    grammars: Grammars

    @property
    def chat(self) -> ChatTemplate:
        assert self.template is not None
        return self.template

    def cache_key(self, adapter: str) -> CacheKey:
        """Say what the prefix cache's keys and values depend on.

        Args:
            adapter: Content hash of the active adapter; empty: none.
        """
        rounds = self.dtype != str(torch.float32) and self.model.new_cache().can_crop
        return CacheKey(self.fingerprint, adapter, self.dtype, self.chunk if rounds else 1)

    def open(self, cache: Cache | None = None) -> CachedModel:
        """Begin a sequence, or go on behind what a cache holds."""
        return CachedModel(self.model, cache)

    def count(self, message: ChatMessage) -> int:
        """Count a message's tokens, the template's share included."""
        return self.chat.overhead + len(self.tokens.encode_plain(message.content))

    def plain(self, text: str) -> list[int]:
        """Tokenise plain text as the model was trained to see it begin."""
        return [*self.tokens.opening, *self.tokens.encode_plain(text)]


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load a model.

    Args:
        template: ``required``: fail without a chat template; ``optional``; ``none``: do not look for one.
        implementation: `models.OWN`, `models.TRANSFORMERS`, or empty: our own wherever it knows the family.
        dtype: Type of the weights in memory; None: chosen by size and machine.
        reserve: Bytes of memory that must stay free after loading; None: memory is not checked.
        device: ``cpu``, ``cuda`` (or ``cuda:N``), ``mps``, ``xpu``, or ``auto``: the first GPU, else the CPU.
        quantize: What a folder's weights are quantised to on the CPU: ``off``, ``int8``, ``int4``, or
            ``auto``: int8 for models whose float weights the CPU reads too slowly.
    """

    template: str = "required"
    implementation: str = ""
    dtype: torch.dtype | None = None
    reserve: int | None = None
    device: str = "cpu"
    quantize: str = "off"


def load_model(
    path: Path, name: str = "", options: LoadOptions | None = None, report: Report = lambda done, total: None
) -> LoadedModel:
    """Load a model.

    Args:
        path: Its folder.
        name: What to call it in messages; default: the folder's name.
        options: How.
        report: Told of the progress in bytes.

    Raises:
        ModelError: The folder cannot be used, or the model does not fit.
    """
    options, mark, source = options or LoadOptions(), fingerprint(path), inspect_source(path)
    device = choose_device(options.device)
    require_known(source)
    tokens = load_tokens(path)
    _require_fit(source, tokens)
    wanted = options.template == "required" or (options.template == "optional" and template_source(path))
    template = load_template(path, tokens) if wanted else None
    chunk, dtype = chunk_size(source.parameters, source.is_packed), options.dtype or choose_dtype(source)
    if device.type != "cpu":
        dtype = options.dtype or torch.bfloat16
    packed = source.is_packed
    if packed and options.implementation == TRANSFORMERS:
        raise BrokenModelError(
            "{path} is packed for our own Transformer; transformers cannot run it", path=path
        )
    context = source.context or DEFAULT_CONTEXT
    if options.reserve is not None:
        needed = memory.estimate(source, dtype.itemsize, chunk, context)
        fitting = memory.require(needed, options.reserve, name or path.name)
        # Keys and values on a GPU are in its own memory.
        context = fitting if device.type == "cpu" else context
    _read_ahead(source, report)
    eos_ids = _eos_ids(source, tokens, template)
    model = load_packed_model(path) if packed else load_causal_model(path, dtype, options.implementation)
    kind = "" if packed or device.type != "cpu" else _quantisation(options.quantize, source)
    if kind and isinstance(model, OwnModel) and supports_fused(model.module.config):
        model = quantised_model(model, kind)
        packed = True
    return LoadedModel(
        model=model if device.type == "cpu" else placed(model, device),
        tokens=tokens,
        template=template,
        fingerprint=mark,
        dtype=PACKED if packed else str(dtype),
        context=context,
        chunk=chunk,
        threads=thread_count(source.parameters),
        eos_ids=eos_ids,
        grammars=Grammars(tokens, eos_ids),
    )


def choose_device(wanted: str) -> torch.device:
    """Choose where a model computes.

    Args:
        wanted: See `LoadOptions`.

    Raises:
        ModelError: There is no such device here.
    """
    if wanted == "auto":
        gpu = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        return gpu or torch.device("cpu")
    try:
        # A tensor of its own shows best whether a device is there and works.
        return torch.empty(0, device=wanted).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ModelError(
            "device {device!r} is not available on this machine; use auto or cpu", device=wanted
        ) from error


def _quantisation(wanted: str, source: ModelSource) -> str:
    if wanted == "auto":
        return INT8 if source.parameters > SMALL else ""
    return "" if wanted == "off" else wanted


class Loader:
    """Holds the model that was asked for last; loads it anew when its files changed.

    Args:
        reserve: Bytes of memory that must stay free after loading.
        device: See `LoadOptions`.
        quantize: See `LoadOptions`.
    """

    def __init__(self, reserve: int, device: str = "auto", quantize: str = "auto") -> None:
        self._options = LoadOptions(reserve=reserve, device=device, quantize=quantize)
        self._held: LoadedModel | None = None

    def load(self, path: Path, name: str, report: Report) -> LoadedModel:
        """Bring a model into memory, or find it there; see `load_model`."""
        if self._held is None or self._held.fingerprint != fingerprint(path):
            # Let go of the old one first: the two together may not fit.
            self._held = None
            gc.collect()
            self._held = load_model(path, name, self._options, report)
        return self._held


def use_threads(count: int) -> None:
    """Let torch compute with so many threads from now on."""
    torch.set_num_threads(count)


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
    if folder.is_packed:
        return cache_dtype()
    kinds = [tensor.dtype for tensor in folder.tensors]
    stored = _DTYPES.get(max(set(kinds), key=kinds.count), torch.float32) if kinds else torch.float32
    if stored is torch.float32 or folder.parameters <= SMALL:
        return torch.float32
    free = memory.available_bytes()
    tight = free is not None and 4 * folder.parameters > free // 2
    native = stored is torch.bfloat16 and bool(torch.cpu._is_avx512_bf16_supported())
    return stored if tight or native else torch.float32


def chunk_size(parameters: int, packed: bool = False) -> int:
    """Choose how many prompt tokens are read at a time: about a fifth of a second on two laptop cores.

    A power of two from 16 to 256, from 2 * parameters operations a token at some 30 billion a second. Packed
    weights are unpacked into bfloat16 for a chunk where the processor computes in it: with AMX some 900
    billion operations a second, of which chunks of 16 would leave most unused.
    """
    if packed and torch.cpu._is_amx_tile_supported():
        return 256
    wanted = (6e10 if packed and torch.cpu._is_avx512_bf16_supported() else 3e9) / max(parameters, 1)
    size = 16
    while size < 256 and size * 2 <= wanted:
        size *= 2
    return size


def _require_fit(source: ModelSource, tokens: Tokens) -> None:
    """Refuse a tokenizer that gives numbers for which the model has no embeddings.

    Added tokens may lie beyond the matrix (Gemma 3 has one for images, which its text models do not know).
    """
    rows = source.text_config.get("vocab_size")
    if isinstance(rows, int) and tokens.base_size > rows:
        raise BrokenModelError(
            "the tokenizer in {path} has {tokens} tokens, and the model {rows}; they do not belong together",
            path=source.path,
            tokens=tokens.base_size,
            rows=rows,
        )


def _read_ahead(folder: ModelSource, report: Report) -> None:
    total, done = folder.size_bytes, 0
    report(0, total)
    for path in folder.weights:
        with path.open("rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                done += len(piece)
                report(done, total)


def _eos_ids(source: ModelSource, tokens: Tokens, template: ChatTemplate | None) -> frozenset[int]:
    """Collect the tokens that end a reply: the configurations', the tokenizer's, and the template's own."""
    turn = template.end_of_turn if template else None
    found: set[Any] = {turn, tokens.id_of(tokens.named.get("eos_token", ""))}
    generation = source.path / "generation_config.json"
    for config in (source.text_config, source.config, read_json(generation) if generation.is_file() else {}):
        value = config.get("eos_token_id")
        found |= {id_ for id_ in (value if isinstance(value, list) else [value]) if isinstance(id_, int)}
    return frozenset(id_ for id_ in found if isinstance(id_, int))
