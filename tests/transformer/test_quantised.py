"""Quantised weights: what they stand for, what they cost in accuracy, and the products with them."""

from __future__ import annotations

import pytest
import torch
from gguf import GGMLQuantizationType
from gguf.quants import dequantize
from torch import Tensor

from aigc_tui.transformer import quantised
from aigc_tui.transformer.quantised import (
    GROUP,
    Int4Groups,
    Int4Linear,
    Int8Linear,
    RefinedHead,
    int4_groups,
    quantise_int4,
    quantise_int8,
    repack_int4,
)

ROWS = [1, 5, 8, 9, 40]


def weight_of(rows: int = 70, columns: int = 4 * GROUP, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.02 * torch.randn(rows, columns, generator=generator)


def error_of(found: Tensor, wanted: Tensor) -> float:
    return float((found - wanted).norm() / wanted.norm())


def test_the_search_beats_the_plain_range_and_stays_within_four_bits() -> None:
    weight = weight_of()
    groups = quantise_int4(weight)
    assert groups.codes.dtype is torch.uint8
    assert int(groups.codes.max()) <= 15
    low, high = weight.view(-1, GROUP).amin(1), weight.view(-1, GROUP).amax(1)
    step = ((high - low) / 15)[:, None]
    plain = ((weight.view(-1, GROUP) - low[:, None]) / step).round() * step + low[:, None]
    assert error_of(groups.dequantised(), weight) < 0.95 * error_of(plain.view_as(weight), weight)


def test_what_four_bits_can_hold_comes_back_but_for_the_rounding_of_the_scale() -> None:
    codes = torch.randint(0, 16, (6, GROUP), generator=torch.Generator().manual_seed(1)).float()
    codes[:, :2] = torch.tensor([0.0, 15.0])
    weight = codes * 0.5 - 4.0
    torch.testing.assert_close(quantise_int4(weight).dequantised(), weight, atol=1e-5, rtol=0)


@pytest.mark.parametrize("value", [0.0, 0.3, -0.3])
def test_a_constant_group_stays_constant(value: float) -> None:
    weight = torch.full((2, GROUP), value)
    found = quantise_int4(weight).dequantised()
    assert bool(found.isfinite().all())
    torch.testing.assert_close(found, weight, atol=2e-3, rtol=0)


def test_int8_keeps_the_rows_to_half_a_step() -> None:
    weight = weight_of()
    rows = quantise_int8(weight)
    assert bool(
        ((rows.dequantised() - weight).abs() <= 0.51 * rows.scale[:, None] + 1e-3 * weight.abs()).all()
    )
    zero = quantise_int8(torch.zeros(3, 8))
    assert float(zero.dequantised().abs().max()) == 0.0


@pytest.mark.parametrize("kind", ["Q4_0", "Q4_1", "Q4_K"])
def test_gguf_blocks_of_four_bits_are_taken_over_without_loss(kind: str) -> None:
    generator = torch.Generator().manual_seed(2)
    size = {"Q4_0": 18, "Q4_1": 20, "Q4_K": 144}[kind]
    blocks = torch.randint(0, 256, (5, 3, size), generator=generator, dtype=torch.uint8)
    heads = 1 if kind == "Q4_0" else 2
    scales = torch.rand(5, 3, heads, generator=generator).half() * 0.1
    blocks[..., : 2 * heads] = scales.view(torch.uint8)
    raw = blocks.view(5, -1)
    groups = int4_groups(kind, raw)
    assert groups is not None
    wanted = torch.from_numpy(dequantize(raw.numpy(), GGMLQuantizationType[kind]))
    torch.testing.assert_close(groups.dequantised(), wanted, atol=1e-4, rtol=1e-5)


def test_other_gguf_types_are_not_groups_of_four_bits() -> None:
    assert int4_groups("Q5_0", torch.zeros(1, 22, dtype=torch.uint8)) is None


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("bias", [False, True])
def test_products_are_those_with_the_dequantised_weight(rows: int, bias: bool) -> None:
    weight, x = weight_of(), weight_of(rows, seed=3) * 50
    shift = torch.randn(70, generator=torch.Generator().manual_seed(4)) if bias else None
    int4 = Int4Linear.pack(quantise_int4(weight), shift)
    int8 = quantise_int8(weight)
    for linear in (int4, Int8Linear(int8.codes, int8.scale.bfloat16(), shift)):
        wanted = torch.nn.functional.linear(x, linear.dequantised(), shift)
        found = linear(x)
        assert found.shape == (rows, 70)
        # bfloat16 has eight bits: of the input, of the result, and of few rows' sums.
        assert error_of(found.float(), wanted) < (0.01 if rows <= linear.few else 0.004)


@pytest.mark.parametrize("shape", [(32, 32), (33, 64), (97, 32), (130, 96), (64, 48), (31, 32)])
@pytest.mark.parametrize("rows", [1, 3, 8])
def test_int8_rows_and_columns_need_not_come_in_blocks(shape: tuple[int, int], rows: int) -> None:
    int8 = quantise_int8(weight_of(*shape))
    linear = Int8Linear(int8.codes, int8.scale.bfloat16())
    x = weight_of(rows, shape[1], seed=3) * 50
    assert error_of(linear(x).float(), torch.nn.functional.linear(x, linear.dequantised())) < 0.01


def test_batches_keep_their_shape() -> None:
    linear = Int4Linear.pack(quantise_int4(weight_of()))
    x = torch.randn(2, 3, 4 * GROUP, generator=torch.Generator().manual_seed(5))
    torch.testing.assert_close(linear(x)[1, 2], linear(x[1:, 2:])[0, 0])


def test_the_dequantised_weight_is_that_of_the_groups() -> None:
    groups = quantise_int4(weight_of())
    torch.testing.assert_close(Int4Linear.pack(groups).dequantised(), groups.dequantised(), atol=1e-6, rtol=0)


def test_without_the_kernel_the_slabs_serve_few_rows() -> None:
    linear = Int4Linear.pack(quantise_int4(weight_of()))
    linear.few = 0
    x = torch.randn(1, 4 * GROUP, generator=torch.Generator().manual_seed(6))
    assert error_of(linear(x).float(), x @ linear.dequantised().T) < 0.004


@pytest.mark.parametrize("block", [16, 32, 64])
def test_what_another_machine_packed_is_repacked(block: int) -> None:
    if not quantised.block_rows():
        pytest.skip("this machine has no int4 kernel")
    groups = quantise_int4(weight_of(rows=128))
    theirs = foreign(groups, block)
    mine = Int4Linear.pack(groups)
    packed, scales = repack_int4(theirs, mine.scales[:, :128], 128)
    assert torch.equal(packed, mine.packed)
    assert torch.equal(scales, mine.scales)


def foreign(groups: Int4Groups, block: int) -> Tensor:
    """Pack as a kernel with blocks of so many rows does: the first half of the rows in the low nibbles."""
    codes = groups.codes.view(-1, block, groups.codes.shape[1]).transpose(1, 2)
    return (codes[..., : block // 2] | codes[..., block // 2 :] << 4).contiguous()


@pytest.mark.parametrize("rows", [1, 3, 6])
def test_a_refined_head_has_the_best_logits_of_the_precise_one(rows: int) -> None:
    weight = weight_of(rows=640)
    int8 = quantise_int8(weight)
    precise = Int8Linear(int8.codes, int8.scale.bfloat16())
    head = RefinedHead(Int4Linear.pack(quantise_int4(weight)), precise)
    x = 50 * weight_of(rows, seed=7)
    found, wanted = head(x[None])[0], x @ precise.dequantised().T
    best = wanted.topk(20).indices
    assert torch.equal(found.argmax(-1), wanted.argmax(-1))
    torch.testing.assert_close(found.gather(1, best).float(), wanted.gather(1, best), atol=0.05, rtol=0.01)
    assert error_of(found.float(), wanted) < 0.1


def test_embeddings_are_rows_of_the_weight() -> None:
    int8 = quantise_int8(weight_of())
    linear = Int8Linear(int8.codes, int8.scale.bfloat16())
    ids = torch.tensor([[3, 1], [69, 0]])
    torch.testing.assert_close(linear.rows_of(ids), linear.dequantised()[ids])
