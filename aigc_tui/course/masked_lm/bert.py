"""The shape of a BERT, read from and written to a Hugging Face ``config.json``.

A record of its own beside ModelConfig: an encoder has token types, learned positions and labels, and none
of a decoder's rotary bases, grouped heads and end tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.message import Message, message
from aigc_tui.transformer.attention import MultiHeadAttention, View, open_view
from aigc_tui.transformer.config import ModelConfigError
from aigc_tui.transformer.feedforward import FeedForward, LayerNorm, gelu

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
        for name in _SIZES:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LARGEST:
                raise ModelConfigError(
                    "{name} must be a whole number from 1 to {most}, not {value!r}",
                    name=name,
                    most=_LARGEST - 1,
                    value=value,
                )
        if self.layers > _MOST_LAYERS or len(self.labels) > _MOST_LABELS:
            raise ModelConfigError(
                "at most {layers} layers and {labels} labels", layers=_MOST_LAYERS, labels=_MOST_LABELS
            )
        if self.hidden_size % self.heads:
            raise ModelConfigError(
                "hidden_size ({hidden_size}) must be a multiple of heads ({heads})",
                hidden_size=self.hidden_size,
                heads=self.heads,
            )
        for name in ("dropout", "attention_dropout", "norm_eps"):
            if not 0 <= (value := getattr(self, name)) < 1:
                raise ModelConfigError(
                    "{name} must be at least 0 and below 1, not {value!r}", name=name, value=value
                )

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
            **(classes if self.labels else {}),
        }


def bert_from_hf(raw: Mapping[str, Any]) -> BertConfig:
    """Read a ``config.json`` of model type bert.

    Raises:
        ModelConfigError: It asks for a feature that is not implemented, or a size is missing or wrong.
    """
    if reason := bert_unsupported_reason(raw):
        raise ModelConfigError(reason)
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
        raise ModelConfigError("config.json lacks {key!r}", key=error.args[0]) from None
    except (TypeError, ValueError) as error:
        if isinstance(error, ModelConfigError):
            raise
        raise ModelConfigError(
            "config.json holds a value of the wrong type ({problem})", problem=str(error)
        ) from None


def bert_unsupported_reason(raw: Mapping[str, Any]) -> Message | None:
    """Say in a few words why a ``config.json`` is not for this BERT, or None if it is."""
    wanted = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
    for key, value in wanted.items():
        if raw.get(key, value if key != "model_type" else None) != value:
            return message("{key} is {value!r}, not {wanted!r}", key=key, value=raw.get(key), wanted=value)
    for key in ("is_decoder", "add_cross_attention"):
        if raw.get(key):
            return message("{key} is set", key=key)
    return message("the weights are quantised") if raw.get("quantization_config") is not None else None


def labels_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the class names of a ``config.json`` in order of their ids; empty if it names none.

    Raises:
        ModelConfigError: The ids are not 0, 1, 2, ...
    """
    named = raw.get("id2label")
    if named is None:
        return ()
    try:
        numbered = {int(number): str(name) for number, name in named.items()}
    except (AttributeError, ValueError):
        raise ModelConfigError("id2label in config.json must map numbers to names") from None
    if sorted(numbered) != list(range(len(numbered))) or len(numbered) > _MOST_LABELS:
        raise ModelConfigError("id2label in config.json must number its labels from 0 on")
    return tuple(numbered[number] for number in range(len(numbered)))


class BertEmbeddings(nn.Module):
    """Token + position + token type, normalised: the sum is the input of the first block."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.positions = nn.Embedding(config.max_positions, config.hidden_size)
        self.types = nn.Embedding(config.token_types, config.hidden_size)
        self.norm = LayerNorm(config.hidden_size, config.norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, tokens: Tensor, types: Tensor) -> Tensor:
        """(B, T) token ids and (B, T) type ids -> (B, T, C)."""
        places = torch.arange(tokens.shape[1], device=tokens.device)
        return self.dropout(self.norm(self.tokens(tokens) + self.positions(places) + self.types(types)))  # type: ignore[no-any-return]


class BertBlock(nn.Module):
    """One post-norm block: norm(x + attention(x)), then norm(x + feedforward(x)).

    The norm sits on the road itself, so deep stacks need a warm-up; the pre-norm block of the causal LM
    was the answer to that.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.attention = MultiHeadAttention(width, config.heads, config.attention_dropout)
        self.attention_norm = LayerNorm(width, config.norm_eps)
        self.mlp = FeedForward(width, config.ffn_size, "gelu")
        self.mlp_norm = LayerNorm(width, config.norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, view: View) -> Tensor:
        """(B, T, C) -> (B, T, C), every token looking where ``view`` lets it."""
        x = self.attention_norm(x + self.dropout(self.attention(x, view)))
        return self.mlp_norm(x + self.dropout(self.mlp(x)))  # type: ignore[no-any-return]


class Bert(nn.Module):
    """The encoder below every head."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = BertEmbeddings(config)
        self.layers = nn.ModuleList(BertBlock(config) for _ in range(config.layers))

    def forward(self, tokens: Tensor, types: Tensor | None = None, real: Tensor | None = None) -> Tensor:
        """Read whole texts.

        Args:
            tokens: Token ids (B, T).
            types: 0 for the first sentence, 1 for the second (B, T); None: all first.
            real: False for padding (B, T); None: no padding.

        Returns:
            Hidden states (B, T, C).
        """
        types = torch.zeros_like(tokens) if types is None else types
        view = open_view(tokens.shape[1], real)
        x = self.embed(tokens, types)
        for block in self.layers:
            x = block(x, view)
        return x  # type: ignore[no-any-return]

    def spine(self) -> tuple[Sequence[nn.Module], nn.Module]:
        """Return the blocks, bottom to top, and the module that makes the last hidden states."""
        return list(self.layers), self.layers[-1]


class Pooler(nn.Module):
    """tanh(W h_[CLS] + b): the first token's state, made ready to stand for the whole text."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, T, C) -> (B, C)."""
        return self.dense(hidden[:, 0]).tanh()  # type: ignore[no-any-return]


@torch.no_grad()
def initialise_bert(model: nn.Module, seed: int) -> None:
    """Give fresh weights as the paper did: normal, 0.02 wide; biases zero, norms one."""
    generator = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if weight.ndim > 1:
            weight.normal_(0.0, 0.02, generator=generator)
        else:
            weight.fill_(float(name.endswith("norm.weight")))


class WordHead(nn.Module):
    """Score the vocabulary for each position: logits = E gelu-norm(W h) + b, with E the embedding table.

    The table is shared with the input, so what a word means when read is what it scores when guessed.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm = LayerNorm(config.hidden_size, config.norm_eps)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, hidden: Tensor, table: Tensor) -> Tensor:
        """(..., C) and the table (V, C) -> (..., V)."""
        return functional.linear(self.norm(gelu(self.dense(hidden))), table, self.bias)


class PairScores(NamedTuple):
    """Logits: ``words`` (B, T, V); ``next`` (B, 2), "follows" first, or None without that head."""

    words: Tensor
    next: Tensor | None


class MaskedLM(nn.Module):
    """BERT with its word head and, if wanted, the pooler and the next-sentence head."""

    def __init__(self, config: BertConfig, next_sentence: bool = True) -> None:
        super().__init__()
        self.config = config
        self.bert = Bert(config)
        self.head = WordHead(config)
        self.pooler = Pooler(config) if next_sentence else None
        self.classifier = nn.Linear(config.hidden_size, 2) if next_sentence else None

    def forward(self, tokens: Tensor, types: Tensor | None = None, real: Tensor | None = None) -> PairScores:
        hidden = self.bert(tokens, types, real)
        return PairScores(self.score_words(hidden), self.score_next(hidden))

    def score_words(self, hidden: Tensor) -> Tensor:
        """Score the vocabulary for hidden states: (..., C) -> (..., V).

        Training calls it with the hidden positions alone (N, C): six in seven are not asked for, and
        scoring them, too, would cost most of the time.
        """
        return self.head(hidden, self.bert.embed.tokens.weight)  # type: ignore[no-any-return]

    def score_next(self, hidden: Tensor) -> Tensor | None:
        """(B, T, C) -> (B, 2): does the second sentence follow?"""
        if self.pooler is None or self.classifier is None:
            return None
        return self.classifier(self.pooler(hidden))  # type: ignore[no-any-return]
