"""The shape of a causal language model: which parts it is made of.

The families differ in few choices, side by side in :data:`FAMILIES`: the history of the Transformer from 2019
to 2025. ``hf_config`` reads and writes Hugging Face's files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from aigc_tui.message import AppError
from aigc_tui.transformer.feedforward import ACTIVATIONS, GATED
from aigc_tui.transformer.positions import RopeScaling

_MOST_LAYERS = 1024


class ModelConfigError(AppError, ValueError):
    """A configuration names something that this Transformer does not implement."""


_LLAMA = {"norm": "rms", "positions": "rotary", "activation": "swiglu", "sandwich": False}
FAMILIES: dict[str, dict[str, Any]] = {
    "gpt2": {"norm": "layer", "positions": "learned", "qk_norm": False, "sandwich": False},
    "llama": {**_LLAMA, "qk_norm": False},
    "mistral": {**_LLAMA, "qk_norm": False},
    "qwen2": {**_LLAMA, "qk_norm": False},
    "qwen3": {**_LLAMA, "qk_norm": True},
    "gemma3_text": {
        "norm": "rms_offset",
        "positions": "rotary",
        "activation": "geglu",
        "sandwich": True,
        "qk_norm": True,
    },
}
"""What every model of a family has in common."""
_BIASES: dict[str, tuple[tuple[bool, bool, bool], ...]] = {
    "gpt2": ((True, True, True),),
    "llama": (
        (False, False, False),
        (True, True, False),
        (False, False, True),
        (True, True, True),
    ),
    "mistral": ((False, False, False),),
    "qwen2": ((True, False, False),),
    "qwen3": ((False, False, False), (True, True, False)),
    "gemma3_text": ((False, False, False),),
}
"""The choices of (qkv_bias, o_bias, ffn_bias) that a family's files can express."""
_WINDOWED = ("mistral", "qwen2", "qwen3", "gemma3_text")
_SIZES = (
    "vocab_size",
    "hidden_size",
    "layers",
    "heads",
    "kv_heads",
    "head_dim",
    "ffn_size",
    "max_positions",
)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Shape of a causal language model; the defaults are those of Llama.

    Args:
        vocab_size: Number of token ids (V).
        hidden_size: Width of the residual stream (C).
        layers: Number of blocks.
        heads: Query heads (H).
        kv_heads: Key and value heads; ``heads`` must be a multiple (grouped-query attention).
        head_dim: Width of one head (D).
        ffn_size: Inner width of the feed-forward layer.
        max_positions: Longest sequence that the model was made for, in tokens.
        rope_theta: Base of the rotary angles (RoFormer, arXiv:2104.09864, section 3.4).
        norm_eps: Epsilon of the norms.
        tied: Whether the output matrix is the embedding matrix.
        bos_id: Id of the token that starts a text, or None.
        eos_ids: Ids that end a text.
        pad_id: Id of the padding token, or None.
        family: A key of :data:`FAMILIES`: whose files it reads and writes.
        norm: ``rms``, ``rms_offset`` (Gemma's, by 1 + weight) or ``layer``.
        positions: ``rotary`` or ``learned``.
        activation: ``swiglu`` or ``geglu``, or that of a plain feed-forward layer, such as ``gelu_new``.
        qkv_bias: Whether queries, keys and values have a bias.
        o_bias: Whether the attention's output has.
        ffn_bias: Whether the feed-forward layer has.
        qk_norm: Whether queries and keys are normed before they are turned.
        rope_scaling: How rotary positions are stretched, or None.
        window: Keys that a query sees at most, itself included; None: all.
        full_layers: Blocks (from 0) that see everything in spite of ``window``.
        sandwich: Gemma's block: norms behind each layer, too, and embeddings times sqrt(C).
        local_theta: Gemma: base of the rotary angles in blocks with a window, which are never stretched.
        query_scale: Gemma: attention divides by the root of this, in place of that of ``head_dim``.
    """

    vocab_size: int
    hidden_size: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn_size: int
    max_positions: int
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5
    tied: bool = True
    bos_id: int | None = None
    eos_ids: tuple[int, ...] = ()
    pad_id: int | None = None
    family: str = "llama"
    norm: str = "rms"
    positions: str = "rotary"
    activation: str = "swiglu"
    qkv_bias: bool = False
    o_bias: bool = False
    ffn_bias: bool = False
    qk_norm: bool = False
    rope_scaling: RopeScaling | None = None
    window: int | None = None
    full_layers: tuple[int, ...] = ()
    sandwich: bool = False
    local_theta: float | None = None
    query_scale: float | None = None

    def __post_init__(self) -> None:
        for name in _SIZES:
            _require_size(name, getattr(self, name))
        if self.layers > _MOST_LAYERS:
            raise ModelConfigError(
                "layers must be at most {limit}, not {value}", limit=_MOST_LAYERS, value=self.layers
            )
        if not (0 < self.rope_theta < math.inf and 0 < self.norm_eps < 1):
            raise ModelConfigError(
                "rope_theta ({theta}) or norm_eps ({eps}) is out of range",
                theta=self.rope_theta,
                eps=self.norm_eps,
            )
        if self.heads % self.kv_heads:
            raise ModelConfigError(
                "heads ({heads}) must be a multiple of kv_heads ({kv_heads})",
                heads=self.heads,
                kv_heads=self.kv_heads,
            )
        if self.positions == "rotary" and self.head_dim % 2:
            raise ModelConfigError(
                "head_dim must be even for rotary positions, not {value}", value=self.head_dim
            )
        if self.window is not None:
            _require_size("window", self.window)
        self._require_family()

    def _require_family(self) -> None:
        """Refuse what the family's files cannot say: a saved model would come back as another one."""
        if self.family not in FAMILIES:
            raise ModelConfigError(
                "family must be one of {known}, not {family!r}", known=tuple(FAMILIES), family=self.family
            )
        for name, value in FAMILIES[self.family].items():
            if getattr(self, name) != value:
                raise ModelConfigError(
                    "{name} must be {wanted!r} in family {family}, not {value!r}",
                    name=name,
                    wanted=value,
                    family=self.family,
                    value=getattr(self, name),
                )
        biases = (self.qkv_bias, self.o_bias, self.ffn_bias)
        if biases not in _BIASES[self.family]:
            raise ModelConfigError(
                "family {family} has no (qkv_bias, o_bias, ffn_bias) of {biases}",
                family=self.family,
                biases=str(biases),
            )
        if self.window is not None and self.family not in _WINDOWED:
            raise ModelConfigError("family {family} has no sliding window", family=self.family)
        if self.family == "gpt2":
            self._require_gpt2()
        for name in ("local_theta", "query_scale"):
            value = getattr(self, name)
            if (value is not None) != (self.family == "gemma3_text"):
                raise ModelConfigError("{name} belongs to family gemma3_text, and only there", name=name)
            if value is not None and not 0 < value < math.inf:
                raise ModelConfigError("{name} must be above 0, not {value}", name=name, value=value)

    def _require_gpt2(self) -> None:
        if self.kv_heads != self.heads or self.heads * self.head_dim != self.hidden_size:
            raise ModelConfigError(
                "in family gpt2 heads * head_dim must be hidden_size, and kv_heads be heads"
            )
        if self.activation not in ACTIVATIONS:
            raise ModelConfigError(
                "activation must be one of {known} in family gpt2, not {value!r}",
                known=tuple(ACTIVATIONS),
                value=self.activation,
            )

    def window_of(self, layer: int) -> int | None:
        """Return the size of block ``layer``'s attention window in keys; None: unlimited."""
        return None if layer in self.full_layers else self.window

    @property
    def parameters(self) -> int:
        """Count the parameters; a tied matrix counts once."""
        norm = self.hidden_size * (2 if self.norm == "layer" else 1)
        tables = (1 if self.tied else 2) * self.vocab_size * self.hidden_size
        if self.positions == "learned":
            tables += self.max_positions * self.hidden_size
        norms = (4 if self.sandwich else 2) * norm
        return self.layers * (self._attention() + self._feedforward() + norms) + tables + norm

    def _attention(self) -> int:
        read, shared = self.heads * self.head_dim, self.kv_heads * self.head_dim
        matrices = 2 * self.hidden_size * (read + shared)
        biases = self.qkv_bias * (read + 2 * shared) + self.o_bias * self.hidden_size
        return matrices + biases + self.qk_norm * 2 * self.head_dim

    def _feedforward(self) -> int:
        wide = 2 if self.activation in GATED else 1
        biases = self.ffn_bias * (wide * self.ffn_size + self.hidden_size)
        return (wide + 1) * self.hidden_size * self.ffn_size + biases


def _require_size(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**24:
        raise ModelConfigError(
            "{name} must be a whole number from 1 to 16777215, not {value!r}", name=name, value=value
        )
