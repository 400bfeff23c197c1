"""The shape of a BERT, read from and written to a Hugging Face ``config.json``.

A record of its own beside ModelConfig: an encoder has token types, learned positions and labels, and none
of a decoder's rotary bases, grouped heads and end tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aigc_tui.transformer.config import ConfigError

_SIZES = ("vocab_size", "hidden_size", "layers", "heads", "ffn_size", "max_positions", "token_types")
_LARGEST = 2**24
_MOST_LAYERS = 1024
_MOST_LABELS = 10_000
_NAMES = {
    "vocab_size": "vocab_size",
    "hidden_size": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "ffn_size": "intermediate_size",
    "max_positions": "max_position_embeddings",
    "token_types": "type_vocab_size",
}


@dataclass(frozen=True, slots=True)
class BertConfig:
    """Shape of a BERT encoder (Devlin et al., arXiv:1810.04805, section 3).

    Args:
        vocab_size: Number of token ids (V).
        hidden_size: Width of the residual stream (C).
        layers: Number of blocks.
        heads: Attention heads (H); each is C / H wide.
        ffn_size: Inner width of the feed-forward layer.
        max_positions: Longest sequence, in tokens: positions are learned, there are no more of them.
        token_types: Number of segment ids (2: first and second sentence).
        norm_eps: Epsilon of LayerNorm.
        dropout: Share of numbers that are dropped in training, after embeddings and branches.
        attention_dropout: The same for attention weights.
        classifier_dropout: The same before a classifier; None: as ``dropout``.
        pad_id: Id of the padding token.
        labels: Names of the classes, for a classifier.
    """

    vocab_size: int
    hidden_size: int
    layers: int
    heads: int
    ffn_size: int
    max_positions: int
    token_types: int = 2
    norm_eps: float = 1e-12
    dropout: float = 0.1
    attention_dropout: float = 0.1
    classifier_dropout: float | None = None
    pad_id: int = 0
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse sizes with which no forward pass is possible."""
        for name in _SIZES:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LARGEST:
                raise ConfigError(f"{name} must be a whole number from 1 to {_LARGEST - 1}, not {value!r}")
        if self.layers > _MOST_LAYERS or len(self.labels) > _MOST_LABELS:
            raise ConfigError(f"at most {_MOST_LAYERS} layers and {_MOST_LABELS} labels")
        if self.hidden_size % self.heads:
            raise ConfigError(f"hidden_size ({self.hidden_size}) must be a multiple of heads ({self.heads})")
        for name in ("dropout", "attention_dropout", "norm_eps"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 0 and below 1, not {getattr(self, name)!r}")

    @property
    def parameters(self) -> int:
        """Count the encoder's weights, heads and pooler not included."""
        rows = self.vocab_size + self.max_positions + self.token_types
        matrices = 4 * self.hidden_size**2 + 2 * self.hidden_size * self.ffn_size
        vectors = 9 * self.hidden_size + self.ffn_size
        return rows * self.hidden_size + self.layers * (matrices + vectors) + 2 * self.hidden_size

    def to_hf(self, architecture: str) -> dict[str, Any]:
        """Return the content of a ``config.json`` that transformers loads as this architecture."""
        classes = {
            "id2label": dict(enumerate(self.labels)),
            "label2id": {name: number for number, name in enumerate(self.labels)},
        }
        return {
            "architectures": [architecture],
            "model_type": "bert",
            **{theirs: getattr(self, ours) for ours, theirs in _NAMES.items()},
            "hidden_act": "gelu",
            "layer_norm_eps": self.norm_eps,
            "hidden_dropout_prob": self.dropout,
            "attention_probs_dropout_prob": self.attention_dropout,
            "classifier_dropout": self.classifier_dropout,
            "pad_token_id": self.pad_id,
            "tie_word_embeddings": True,
            "initializer_range": 0.02,
            "dtype": "float32",
            **(
                {"label2id": {name: i for i, name in enumerate(self.labels)}, **classes}
                if self.labels
                else {}
            ),
        }


def bert_from_hf(raw: Mapping[str, Any]) -> BertConfig:
    """Read a ``config.json`` of model type bert.

    Raises:
        ConfigError: It asks for a feature that is not implemented, or a size is missing or wrong.
    """
    if reason := bert_unsupported_reason(raw):
        raise ConfigError(reason)
    try:
        return BertConfig(
            **{
                ours: raw[theirs] for ours, theirs in _NAMES.items() if theirs in raw or ours != "token_types"
            },
            norm_eps=float(raw.get("layer_norm_eps", 1e-12)),
            dropout=float(raw.get("hidden_dropout_prob", 0.1)),
            attention_dropout=float(raw.get("attention_probs_dropout_prob", 0.1)),
            classifier_dropout=raw.get("classifier_dropout"),
            pad_id=int(raw.get("pad_token_id") or 0),
            labels=labels_of(raw),
        )
    except KeyError as error:
        raise ConfigError(f"config.json lacks {error.args[0]!r}") from None
    except (TypeError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"config.json holds a value of the wrong type ({error})") from None


def bert_unsupported_reason(raw: Mapping[str, Any]) -> str | None:
    """Say in a few words why a ``config.json`` is not for this BERT, or None if it is."""
    wanted = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
    for key, value in wanted.items():
        if raw.get(key, value if key != "model_type" else None) != value:
            return f"{key} is {raw.get(key)!r}, not {value!r}"
    for key in ("is_decoder", "add_cross_attention"):
        if raw.get(key):
            return f"{key} is set"
    return "the weights are quantised" if raw.get("quantization_config") is not None else None


def labels_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the class names of a ``config.json`` in order of their ids; empty if it names none.

    Raises:
        ConfigError: The ids are not 0, 1, 2, ...
    """
    named = raw.get("id2label")
    if named is None:
        return ()
    try:
        numbered = {int(number): str(name) for number, name in named.items()}
    except (AttributeError, ValueError):
        raise ConfigError("id2label in config.json must map numbers to names") from None
    if sorted(numbered) != list(range(len(numbered))) or len(numbered) > _MOST_LABELS:
        raise ConfigError("id2label in config.json must number its labels from 0 on")
    return tuple(numbered[number] for number in range(len(numbered)))
