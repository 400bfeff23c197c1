"""BERT: an encoder that reads a whole text at once, each token seeing those before and after it.

What differs from the causal LM: no causal mask (only padding is hidden), learned positions, token types that
tell the first sentence from the second, post-norm blocks, GELU (Devlin et al., arXiv:1810.04805; Vaswani et
al., arXiv:1706.03762, section 5.4 for the place of norm and dropout). Biases everywhere, as in the original.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from aigc_tui.course.bert.config import BertConfig
from aigc_tui.transformer.attention import MultiHeadAttention
from aigc_tui.transformer.feedforward import FeedForward
from aigc_tui.transformer.norms import LayerNorm
from aigc_tui.transformer.view import View, open_view


class BertEmbeddings(nn.Module):
    """Token + position + token type, normalised: the sum is the input of the first block."""

    def __init__(self, config: BertConfig) -> None:
        """Make the three tables."""
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
        """Make the two branches and their norms."""
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
        """Make embeddings and blocks; weights are torch's default until loaded or initialised."""
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
        """Make the matrix."""
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
