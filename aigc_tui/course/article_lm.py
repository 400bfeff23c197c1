"""The article's language model (section 5), as its text means it.

The article's sample code differs from its text in two places, and both are put right here. It attends
without a mask, so every position sees the very token that it is asked to predict, the loss falls to
nothing, and the model cannot write: section 3.2.1 says causal. And ``nn.MultiheadAttention`` takes (T, B, C)
unless told otherwise, while the sample feeds it (B, T, C), so rows of the batch would attend to each other:
here the batch comes first throughout. Everything else, names included, is the article's. What later models
do otherwise (rotary positions, RMSNorm, SwiGLU, grouped heads, no biases) is in ``causal_lm``.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from aigc_tui.transformer.attention import MultiHeadAttention, View, causal_view
from aigc_tui.transformer.feedforward import LayerNorm
from aigc_tui.transformer.positions import sinusoidal


class PositionalEncoding(nn.Module):
    """Adds a token's place to its embedding, as waves (article section 2.3.3; arXiv:1706.03762, 3.5)."""

    def __init__(self, embed_dim: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.embed_dim = embed_dim
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C), for a text of any length."""
        places = torch.arange(x.shape[1], device=x.device)
        return self.dropout(x + sinusoidal(places, self.embed_dim).to(x.dtype))  # type: ignore[no-any-return]


class TransformerBlock(nn.Module):
    """A pre-norm block: x + dropout(attention(norm1(x))), then x + dropout(ff(norm2(x)))."""

    def __init__(self, embed_dim: int, num_heads: int, ff_dim: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(embed_dim, num_heads, dropout)
        self.ff = nn.Sequential(nn.Linear(embed_dim, ff_dim), nn.ReLU(), nn.Linear(ff_dim, embed_dim))
        self.norm1 = LayerNorm(embed_dim)
        self.norm2 = LayerNorm(embed_dim)
        self.dropout1 = nn.Dropout(dropout)
        self.dropout2 = nn.Dropout(dropout)

    def forward(self, x: Tensor, view: View) -> Tensor:
        """(B, T, C) -> (B, T, C); ``view`` says which positions each may see."""
        x = x + self.dropout1(self.attention(self.norm1(x), view))
        return x + self.dropout2(self.ff(self.norm2(x)))  # type: ignore[no-any-return]


class TransformerLM(nn.Module):
    """The article's causal language model: embed, add positions, run the blocks, score the next token.

    Weights start as torch makes them, as in the article.
    """

    def __init__(
        self,
        vocab_size: int,
        embed_dim: int,
        num_heads: int,
        ff_dim: int,
        num_layers: int,
        dropout: float = 0.1,
    ) -> None:
        """Make the model.

        Args:
            vocab_size: Number of token ids (V).
            embed_dim: Width of the residual stream (C).
            num_heads: Attention heads; must divide ``embed_dim``.
            ff_dim: Inner width of the feed-forward layers.
            num_layers: Number of blocks.
            dropout: Chance of each number to be dropped while training.
        """
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.pos_embed = PositionalEncoding(embed_dim, dropout)
        self.layers = nn.ModuleList(
            TransformerBlock(embed_dim, num_heads, ff_dim, dropout) for _ in range(num_layers)
        )
        self.norm = LayerNorm(embed_dim)
        self.pred = nn.Linear(embed_dim, vocab_size)

    def forward(self, x: Tensor) -> Tensor:
        """Score the next token at each position: token ids (B, T) -> logits (B, T, V)."""
        view = causal_view(x.shape[1], device=x.device)
        x = self.pos_embed(self.embed(x))
        for layer in self.layers:
            x = layer(x, view)
        return self.pred(self.norm(x))  # type: ignore[no-any-return]

    def spine(self) -> tuple[Sequence[nn.Module], nn.Module]:
        """Return the blocks, bottom to top, and the module that makes the last hidden states."""
        return list(self.layers), self.norm
