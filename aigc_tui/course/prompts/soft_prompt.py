"""Soft prompts: a few trainable vectors in front of a text, read by a language model whose weights stay.

A written prompt is a row of embeddings that happen to belong to words. Without that restriction the row can
be found by gradient descent (Lester et al., arXiv:2104.08691): some thousand numbers adapt a model of
millions, and one model in memory serves any number of tasks. The file is ordinary safetensors with the tensor
name of PEFT's prompt tuning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from aigc_tui.files import write_bytes
from aigc_tui.message import AppError

_TENSOR = "prompt_embeddings"
_FORMAT = "aigc-tui soft prompt 1"
_LARGEST = 64_000_000


class SoftPromptError(AppError, ValueError):
    """A soft prompt's file cannot be used; the message names the file and what is wrong."""


class SoftPrompt(nn.Module):
    """The vectors (N, C)."""

    def __init__(self, vectors: Tensor) -> None:
        """Start from given vectors (N, C): embeddings of words learn faster than noise (section 3.2)."""
        super().__init__()
        self.vectors = nn.Parameter(vectors.detach().clone())

    def forward(self, embedded: Tensor) -> Tensor:
        """Replace the first N positions of (B, T, C), which hold placeholders."""
        rows = self.vectors.to(embedded.dtype).expand(len(embedded), -1, -1)
        return torch.cat((rows, embedded[:, len(self.vectors) :]), dim=1)

    def __len__(self) -> int:
        return len(self.vectors)


@contextmanager
def in_front(prompt: SoftPrompt, table: nn.Module) -> Iterator[None]:
    """Let a model read the prompt instead of its first N tokens, by a hook on its embedding table.

    The model itself is not changed, so this works for every model that looks its tokens up in a table.
    """
    hook = table.register_forward_hook(lambda _module, _given, embedded: prompt(embedded))
    try:
        yield
    finally:
        hook.remove()


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Let no weight of a model learn, and check that none did.

    Raises:
        RuntimeError: A weight moved all the same.
    """
    learned = [weight for weight in model.parameters() if weight.requires_grad]
    before = [weight.detach().clone() for weight in model.parameters()]
    for weight in learned:
        weight.requires_grad_(False)
    try:
        yield
        if not all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True)):
            raise RuntimeError("a weight of the frozen model moved")
    finally:
        for weight in learned:
            weight.requires_grad_(True)


@dataclass(frozen=True, slots=True)
class PromptTask:
    """What a soft prompt was trained for, kept in its file.

    Args:
        template: How a text is asked about (see `prompt_classifier`).
        labels: Names of the classes.
        words: What the model says for each label.
    """

    template: str
    labels: tuple[str, ...]
    words: tuple[str, ...]


def save_soft_prompt(prompt: SoftPrompt, task: PromptTask, path: Path) -> None:
    """Write vectors and task into one small file."""
    about = {"template": task.template, "labels": list(task.labels), "words": list(task.words)}
    metadata = {"format": _FORMAT, "task": json.dumps(about, ensure_ascii=False)}
    write_bytes(path, save({_TENSOR: prompt.vectors.detach().contiguous().cpu()}, metadata), 0o644)


def load_soft_prompt(path: Path, width: int) -> tuple[SoftPrompt, PromptTask]:
    """Read a file that :func:`save_soft_prompt` wrote.

    Args:
        path: The file.
        width: Width of the model's embeddings.

    Raises:
        SoftPromptError: It is missing, damaged, or made for a model of another width.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise SoftPromptError(
                "{path} is larger than {largest} bytes: no soft prompt is", path=path, largest=_LARGEST
            )
        with safe_open(str(path), framework="pt") as file:
            task = _task(file.metadata() or {}, path)
            vectors = file.get_tensor(_TENSOR)
    except (OSError, SafetensorError) as error:
        raise SoftPromptError("{path} is no soft prompt: {problem}", path=path, problem=error) from None
    if vectors.ndim != 2 or vectors.shape[1] != width:
        raise SoftPromptError(
            "{path} has vectors of shape {shape}, the model needs (N, {width})",
            path=path,
            shape=tuple(vectors.shape),
            width=width,
        )
    if not vectors.is_floating_point() or not bool(torch.isfinite(vectors).all()):
        raise SoftPromptError("{path} holds values that are no finite numbers", path=path)
    return SoftPrompt(vectors.float()), task


def _task(metadata: dict[str, str], path: Path) -> PromptTask:
    try:
        if metadata["format"] != _FORMAT:
            raise KeyError("format")
        about: Any = json.loads(metadata["task"])
        labels, words = (tuple(map(str, about[key])) for key in ("labels", "words"))
        if len(labels) != len(words) or len(labels) < 2:
            raise KeyError("labels")
        return PromptTask(str(about["template"]), labels, words)
    except (KeyError, TypeError, ValueError, RecursionError):
        raise SoftPromptError(
            "{path} does not say which task it is for: was it written by this program?", path=path
        ) from None
