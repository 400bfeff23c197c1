"""The two engines behind one small face: our Transformer, and transformers' AutoModelForCausalLM.

Why it exists: ``--engine scratch`` and ``--engine transformers`` must differ in nothing but who multiplies
the matrices, so everything above this file (tokens, windows, spans, sampling) is shared.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import torch
from torch import Tensor

from aigc_tui.evaluation.model import EvaluationError
from aigc_tui.text import one_line
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.checkpoint import load_model, supports

SCRATCH, TRANSFORMERS = "scratch", "transformers"
LARGEST_WINDOW = 1024
"""Most tokens in one forward pass; longer contexts would only make the same comparison slower."""


class Session(Protocol):
    """A text that a network reads piece by piece, and can take back."""

    @property
    def length(self) -> int:
        """Tokens read so far."""
        ...

    def read(self, ids: Sequence[int]) -> Tensor:
        """Read on; return the logits (T, V) of what follows each of the T new tokens."""
        ...

    def crop(self, length: int) -> None:
        """Forget everything from position ``length`` on."""
        ...


class Network(Protocol):
    """Weights ready to compute."""

    @property
    def engine(self) -> str:
        """Who computes."""
        ...

    @property
    def window(self) -> int:
        """Most tokens in one forward pass."""
        ...

    @property
    def vocab_size(self) -> int:
        """Tokens that it knows."""
        ...

    def logits(self, ids: Tensor) -> Tensor:
        """Map ids (1, T) to logits (1, T, V)."""
        ...

    def open(self) -> Session:
        """Begin an empty text."""
        ...


class ScratchNetwork:
    """Our own Transformer."""

    engine = SCRATCH

    def __init__(self, folder: Path) -> None:
        self._model = load_model(folder)
        config = self._model.config
        self.window = min(LARGEST_WINDOW, config.max_positions)
        self.vocab_size = config.vocab_size

    def logits(self, ids: Tensor) -> Tensor:
        """Map ids (1, T) to logits (1, T, V)."""
        return self._model(ids)  # type: ignore[no-any-return]

    def open(self) -> Session:
        """Begin an empty text."""
        return _ScratchSession(self._model)


class _ScratchSession:
    def __init__(self, model: Any) -> None:
        self._model = model
        self._cache = KVCache.for_model(model.config)

    @property
    def length(self) -> int:
        return int(self._cache.length)

    def read(self, ids: Sequence[int]) -> Tensor:
        return self._model(torch.tensor([list(ids)]), self._cache)[0].float()  # type: ignore[no-any-return]

    def crop(self, length: int) -> None:
        self._cache.crop(length)


class TransformersNetwork:
    """Whatever transformers' AutoModelForCausalLM makes of a folder."""

    engine = TRANSFORMERS

    def __init__(self, folder: Path) -> None:
        # Slow to import, and of no use to whoever runs our own Transformer.
        from transformers import AutoModelForCausalLM

        model, report = AutoModelForCausalLM.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
        _require_whole(report["missing_keys"], folder)
        self._model = model.eval()
        window = getattr(model.config, "max_position_embeddings", None) or LARGEST_WINDOW
        self.window = min(LARGEST_WINDOW, int(window))
        self.vocab_size = int(model.config.vocab_size)

    def logits(self, ids: Tensor) -> Tensor:
        """Map ids (1, T) to logits (1, T, V)."""
        return self._model(input_ids=ids, use_cache=False).logits  # type: ignore[no-any-return]

    def open(self) -> Session:
        """Begin an empty text."""
        return _TransformersSession(self._model)


class _TransformersSession:
    """Keeps every token, so that a family whose cache cannot be cropped is read anew instead."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._ids: list[int] = []
        self._cache: Any = None

    @property
    def length(self) -> int:
        return len(self._ids)

    def read(self, ids: Sequence[int]) -> Tensor:
        self._ids += ids
        fresh = ids if self._cache is not None else self._ids
        answer = self._model(input_ids=torch.tensor([list(fresh)]), cache=self._cache, use_cache=True)
        self._cache = answer.cache
        return answer.logits[0, -len(ids) :].float()  # type: ignore[no-any-return]

    def crop(self, length: int) -> None:
        del self._ids[length:]
        try:
            # A sliding window has thrown away what it would need; state-space models have no such method.
            self._cache.crop(length)
        except (AttributeError, NotImplementedError, ValueError, RuntimeError):
            self._cache = None


def load_network(folder: Path, engine: str = "") -> Network:
    """Load the weights of a folder.

    Args:
        folder: Any Hugging Face causal LM folder.
        engine: ``scratch``, ``transformers``, or empty: our own wherever it knows the family.

    Raises:
        EvaluationError: The folder holds no usable model, or not for that engine.
    """
    require_folder(folder)
    ours = supports(folder)
    if engine == SCRATCH and not ours:
        raise EvaluationError(
            f"{folder}: our Transformer does not know this family; use --engine transformers"
        )
    try:
        return ScratchNetwork(folder) if ours and engine != TRANSFORMERS else TransformersNetwork(folder)
    except EvaluationError:
        raise
    except Exception as error:  # safetensors, transformers and torch each have their own
        raise EvaluationError(f"{folder}: no usable model ({first_line(error)})") from None


def require_folder(folder: Path) -> None:
    """Refuse at once what cannot be a model.

    Raises:
        EvaluationError: It has no configuration.
    """
    if not (folder / "config.json").is_file():
        raise EvaluationError(f"{folder} is not a model folder: it has no config.json")


def first_line(error: Exception) -> str:
    """Whatever went wrong inside a library, in one line for the user."""
    return one_line(str(error).strip().split("\n")[0] or type(error).__name__, 300)


def _require_whole(missing: Iterable[str], folder: Path) -> None:
    """Refuse weights that lack tensors: transformers fills those with noise, and noise has a score too."""
    if names := sorted(missing):
        raise EvaluationError(
            f"the weights in {folder} lack {one_line(names[0])} and {len(names) - 1} more tensors; "
            "is this the right config.json?"
        )
