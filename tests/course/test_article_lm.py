"""The article's model: its own sample with the mask put in, causal, learnable, for any length."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.course.article_lm import PositionalEncoding, TransformerLM

SIZES = {"vocab_size": 31, "embed_dim": 16, "num_heads": 4, "ff_dim": 24, "num_layers": 2}


class ArticleBlock(nn.Module):
    """The article's block as printed, with the mask and the batch axis named."""

    def __init__(self, embed_dim: int, num_heads: int, ff_dim: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
        self.ff = nn.Sequential(nn.Linear(embed_dim, ff_dim), nn.ReLU(), nn.Linear(ff_dim, embed_dim))
        self.norm1 = nn.LayerNorm(embed_dim)
        self.norm2 = nn.LayerNorm(embed_dim)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        residual = x
        x = self.norm1(x)
        x, _ = self.attention(x, x, x, attn_mask=mask)
        x = residual + x
        residual = x
        x = self.norm2(x)
        x = self.ff(x)
        return residual + x


def printed_logits(model: TransformerLM, tokens: Tensor) -> Tensor:
    """Run the printed blocks with the weights of ours."""
    later = torch.triu(torch.ones(tokens.shape[1], tokens.shape[1], dtype=torch.bool), diagonal=1)
    x = model.pos_embed(model.embed(tokens))
    for layer in model.layers:
        block = ArticleBlock(16, 4, 24)
        block.load_state_dict(dict(printed_names(layer)))
        x = block(x, later)
    return model.pred(model.norm(x))  # type: ignore[no-any-return]


def printed_names(layer: nn.Module) -> Iterator[tuple[str, Tensor]]:
    own = layer.state_dict()
    for kind in ("weight", "bias"):
        parts = [own.pop(f"attention.{name}_proj.{kind}") for name in "qkv"]
        yield f"attention.in_proj_{kind}", torch.cat(parts)
        yield f"attention.out_proj.{kind}", own.pop(f"attention.o_proj.{kind}")
    yield from own.items()


def made(seed: int = 0, dropout: float = 0.0) -> TransformerLM:
    torch.manual_seed(seed)
    return TransformerLM(**SIZES, dropout=dropout)


def tokens_of(rows: int = 2, length: int = 12) -> Tensor:
    return torch.randint(0, 31, (rows, length), generator=torch.Generator().manual_seed(1))


def test_it_computes_what_the_articles_sample_computes_with_a_causal_mask() -> None:
    model, tokens = made(), tokens_of()
    with torch.no_grad():
        torch.testing.assert_close(model(tokens), printed_logits(model, tokens), atol=1e-5, rtol=1e-5)


def test_a_token_never_changes_logits_before_it_nor_those_of_another_row() -> None:
    model, tokens = made().eval(), tokens_of()
    changed = tokens.clone()
    changed[0, 7] = (changed[0, 7] + 1) % 31
    with torch.no_grad():
        before, after = model(tokens), model(changed)
    assert torch.equal(before[0, :7], after[0, :7])
    assert torch.equal(before[1], after[1])
    assert not torch.allclose(before[0, 7:], after[0, 7:])


def test_the_articles_training_loop_learns_a_batch_by_heart() -> None:
    model, tokens = made(dropout=0.1), tokens_of()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    criterion = nn.CrossEntropyLoss()
    for _ in range(80):
        loss = criterion(model(tokens[:, :-1]).view(-1, 31), tokens[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        learned = model.eval()(tokens[:, :-1])
    assert float(functional.cross_entropy(learned.flatten(0, 1), tokens[:, 1:].flatten())) < 0.1


def test_two_runs_of_one_seed_are_equal_to_the_last_bit() -> None:
    outcomes = []
    for _ in range(2):
        model = made(seed=3, dropout=0.1)
        loss = functional.cross_entropy(model(tokens_of()).flatten(0, 1), tokens_of().flatten())
        loss.backward()  # type: ignore[no-untyped-call]
        outcomes.append((loss.detach(), model.embed.weight.grad))
    (one, one_grad), (two, two_grad) = outcomes
    assert torch.equal(one, two)
    assert one_grad is not None
    assert two_grad is not None
    assert torch.equal(one_grad, two_grad)


def test_dropout_rests_in_evaluation_mode() -> None:
    model, tokens = made(dropout=0.5), tokens_of()
    assert not torch.equal(model(tokens), model(tokens))
    model.eval()
    assert torch.equal(model(tokens), model(tokens))


@pytest.mark.parametrize("width", [15, 16])
def test_positions_are_added_for_any_length_and_width(width: int) -> None:
    encoded = PositionalEncoding(width, dropout=0.0)(torch.zeros(1, 6000, width))
    assert encoded.shape == (1, 6000, width)
    assert encoded[0, 0, :4].tolist() == [0.0, 1.0, 0.0, 1.0]


def test_a_width_that_the_heads_cannot_share_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of the number of heads"):
        TransformerLM(31, 15, 4, 24, 1)
