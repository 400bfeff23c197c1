"""Checks whether a model fits into memory, before a byte of it is loaded.

On Linux a process that takes too much memory is killed without a word, often after minutes of swapping
(engine-safety E6); a refusal with numbers is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aigc_tui.inference.source import ModelError, ModelSource

MEGABYTE = 2**20
LEAST_CONTEXT = 1024
"""Tokens of context without which a chat is of no use; a model that has no memory for them is refused."""
_CGROUP = Path("/sys/fs/cgroup")


class InsufficientMemoryError(ModelError):
    """A model does not fit into the free memory."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a model will take, in bytes.

    Args:
        weights: Of the weights.
        chunk: Of the activations of one chunk of a prompt.
        token: Of each token of the context: its keys and values, and its column of a chunk's attention.
        context: The longest sequence that the model reads, in tokens.
    """

    weights: int
    chunk: int
    token: int
    context: int

    def total(self, context: int) -> int:
        """Bytes with so many tokens of context."""
        return self.weights + self.chunk + self.token * context


def available_bytes() -> int | None:
    """How much memory a process can still take without swapping; None where the system does not say."""
    free = [value for value in (_system(), _container()) if value is not None]
    return min(free) if free else None


def _system() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _container() -> int | None:
    """What the control group leaves (cgroup v2)."""
    try:
        limit = (_CGROUP / "memory.max").read_text("ascii").strip()
        used = (_CGROUP / "memory.current").read_text("ascii").strip()
    except OSError:
        return None
    return None if limit == "max" else max(int(limit) - int(used), 0)


def estimate(folder: ModelSource, width: int, chunk: int, context: int) -> Estimate:
    """Estimate the memory for weights, keys and values, and one chunk's activations.

    Args:
        folder: The inspected folder.
        width: Bytes of one weight after loading, and of one number of the keys and values.
        chunk: Tokens read at a time.
        context: The longest sequence that the model reads, in tokens.
    """
    config = folder.text_config
    number = {key: value for key, value in config.items() if isinstance(value, int)}
    layers = number.get("num_hidden_layers", number.get("n_layer", 0))
    hidden = number.get("hidden_size", number.get("n_embd", 0))
    heads = number.get("num_attention_heads", number.get("n_head", 1)) or 1
    head = number.get("head_dim", hidden // heads)
    token = 2 * layers * number.get("num_key_value_heads", heads) * head * width + 4 * chunk * heads
    inner = number.get("intermediate_size", 4 * hidden)
    activations = 4 * (chunk * (8 * hidden + 3 * inner) + number.get("vocab_size", 0))
    weights = folder.size_bytes if folder.is_packed else folder.parameters * width
    return Estimate(weights, activations, token, context)


def require(needed: Estimate, reserve: int, name: str) -> int:
    """Refuse a model that does not fit, and tell how long a context does.

    Args:
        needed: What it takes.
        reserve: Bytes that must stay free.
        name: The model, for the message.

    Returns:
        Tokens of context for which there is memory: all that the model reads, or fewer, but at least
        `LEAST_CONTEXT`.

    Raises:
        InsufficientMemoryError: With the numbers.
    """
    free, least = available_bytes(), min(needed.context, LEAST_CONTEXT)
    if free is None:
        return needed.context
    if (left := free - reserve - needed.total(least)) >= 0:
        return min(needed.context, least + left // max(needed.token, 1))
    raise InsufficientMemoryError(
        "{name} needs {total:,} MB ({weights:,} MB weights, {working:,} MB working memory) and "
        "{reserve:,} MB must stay free, but only {free:,} MB are available; "
        "close programs or choose a smaller model",
        name=name,
        total=_megabytes(needed.total(least)),
        weights=_megabytes(needed.weights),
        working=_megabytes(needed.total(least) - needed.weights),
        reserve=_megabytes(reserve),
        free=_megabytes(free),
    )


def _megabytes(count: int) -> int:
    return -(-count // MEGABYTE)
