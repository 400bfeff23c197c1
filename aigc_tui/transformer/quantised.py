"""Linear layers for inference: float, and on the CPU int4 in groups of 32, and int8 by row.

Writing a token reads every weight once, so its speed is the memory's bandwidth over the bytes of a weight:
int4 has 0.625 of them. Reading a prompt multiplies many rows at once and is bound by arithmetic, where the
kernel for few rows is up to nine times slower than a float product; so weights are unpacked into a scratch
buffer, a slab at a time. torch's int4 and int8 products are plain aten operators whose signatures changed
before: they are called here only, and where one is missing the slabs serve few rows, too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional

GROUP = 32
"""Weights that share a scale and a minimum in int4; the same as in GGUF's Q4_0, Q4_1 and Q4_K."""
_SLAB = 4 * 2**20
"""Bytes of the scratch buffer that weights are unpacked into: it should stay in the processor's cache."""
_CANDIDATES = 5
"""Ranges tried per group in the search for the least error."""
_INT8_BLOCK = 32
"""Rows and columns of which the int8 kernel wants a multiple."""
_PACKED_ROWS = 8192
_REFINED = 128
"""Tokens whose logits `RefinedHead` computes again: more than a sampler has to choose from."""
_REFINED_ROWS = 4
_TRIAL = 16
"""Rows that `tune` tries both ways."""
_TRIED_ROWS = 16384
_MOST_FEW = 96


@dataclass(frozen=True, slots=True)
class Int4Groups:
    """A matrix as whole numbers 0..15 with a scale and a minimum per group: w = codes * scale + minimum.

    Args:
        codes: uint8 (N, K).
        scale: float32 (N, K / 32).
        minimum: float32 (N, K / 32).
    """

    codes: Tensor
    scale: Tensor
    minimum: Tensor

    def dequantised(self) -> Tensor:
        """The matrix in float32 (N, K)."""
        rows, columns = self.codes.shape
        grouped = self.codes.view(rows, columns // GROUP, GROUP).float()
        return (grouped * self.scale[..., None] + self.minimum[..., None]).view(rows, columns)


def quantise_int4(weight: Tensor, candidates: int = _CANDIDATES) -> Int4Groups:
    """Choose codes, scale and minimum per group so that the weighted squared error is least.

    Several ranges are tried for each group. For each, the scale and the minimum that fit its codes best
    follow in closed form (least squares), as llama.cpp's ``make_qkx2_quants`` does; larger weights count
    more, because the activations that they meet are unknown and outputs come mostly from large weights.

    Args:
        weight: Float32 (N, K); K is a multiple of 32.
        candidates: How many ranges to try.
    """
    rows, columns = weight.shape
    # Groups stand in columns (32, G), where sums over a group are sums of rows: five times faster.
    x = weight.float().reshape(-1, GROUP).T.contiguous()
    low, high = x.amin(0).clamp_(max=0), x.amax(0).clamp_(min=0)
    span = (high - low).clamp_(min=1e-12)
    importance = x.abs()
    importance += x.square().mean(0).sqrt_()
    wx = importance * x
    total, sum_x = importance.sum(0), wx.sum(0)
    best_error = torch.full_like(low, math.inf)
    best_scale, best_low = span / 15, low.clone()
    codes, wq = torch.empty_like(x), torch.empty_like(x)
    for i in range(candidates):
        # From a range that cuts the outermost weights off to one a little too wide.
        steps = 15.9 - 2.4 * (1 - i / max(candidates - 1, 1))
        torch.sub(x, low, out=codes).mul_(steps / span).round_().clamp_(0, 15)
        sum_q = torch.mul(importance, codes, out=wq).sum(0)
        sum_qq = wq.mul_(codes).sum(0)
        sum_qx = torch.mul(wx, codes, out=wq).sum(0)
        determinant = total * sum_qq - sum_q * sum_q
        scale = torch.where(determinant > 0, (total * sum_qx - sum_q * sum_x) / determinant, span / 15)
        minimum = torch.where(determinant > 0, (sum_qq * sum_x - sum_q * sum_qx) / determinant, low)
        scale, minimum = _stored(scale, minimum)
        # The squared error without the sum of x^2, which is the same for all candidates.
        error = scale * scale * sum_qq + minimum * minimum * total
        error += 2 * (scale * minimum * sum_q - scale * sum_qx - minimum * sum_x)
        better = error < best_error
        best_error = torch.where(better, error, best_error)
        best_scale, best_low = torch.where(better, scale, best_scale), torch.where(better, minimum, best_low)
    divisor = best_scale.where(best_scale != 0, torch.ones_like(best_scale))
    torch.sub(x, best_low, out=codes).div_(divisor).round_().clamp_(0, 15)
    shape = (rows, columns // GROUP)
    return Int4Groups(
        codes.T.to(torch.uint8).reshape(rows, columns), best_scale.view(shape), best_low.view(shape)
    )


def _stored(scale: Tensor, minimum: Tensor) -> tuple[Tensor, Tensor]:
    """Round as the kernel stores them, so that the error which is compared is the one that remains."""
    scale = scale.bfloat16().float()
    return scale, (minimum + 8 * scale).bfloat16().float() - 8 * scale


@cache
def block_rows() -> int:
    """Rows of a matrix that this machine's int4 kernel packs together; 0: the kernel cannot be used here.

    64 with AVX-512 and 32 with AVX2: the first half of them in the low nibbles, the other half in the high
    ones. It depends on the processor and on torch's version, so it is found by packing a matrix and unpacking
    it again.
    """
    generator = torch.Generator().manual_seed(0)
    codes = torch.randint(0, 16, (2 * 64, 4 * GROUP), generator=generator, dtype=torch.uint8)
    try:
        packed = _pack_codes(codes)
    except (AttributeError, RuntimeError):
        return 0
    for block in (64, 32, 16):
        if torch.equal(_unpack_codes(packed.view(-1, codes.shape[1], block // 2)), codes):
            return block
    return 0


def _pack_codes(codes: Tensor) -> Tensor:
    # The operator wants 32 bits a code: a part of the rows at a time, or a head would take half a gigabyte.
    parts = torch.split(codes, _PACKED_ROWS)
    convert = torch.ops.aten._convert_weight_to_int4pack_for_cpu
    return torch.cat([convert(part.int(), 1).view(torch.uint8).flatten() for part in parts])


def _unpack_codes(packed: Tensor) -> Tensor:
    """(N / block, K, block / 2) packed bytes to (N, K) codes."""
    blocks, columns, half = packed.shape
    codes = torch.cat((packed & 15, packed >> 4), dim=2)
    return codes.transpose(1, 2).reshape(blocks * 2 * half, columns)


class Linear(nn.Module):
    """A linear layer for inference: (..., K) of any float type -> (..., N)."""

    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(x)  # type: ignore[no-any-return]

    def row(self, x: Tensor) -> Tensor:
        """(1, K) -> (1, N): `forward` without a module's detours, for the token after token of decoding."""
        return self.forward(x)  # type: ignore[no-any-return]


class FloatLinear(Linear):
    """x W^T + b with weights as they are.

    Args:
        weight: Of any float type (N, K).
        bias: Of the same type (N,), or None.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x.to(self.weight.dtype), self.weight, self.bias)


class Int4Linear(Linear):
    """x W^T + b with a weight of int4 groups, as the kernel of this machine packs them.

    Args:
        packed: uint8 (N' / block, K, block / 2), where N' is N rounded up to whole blocks.
        scales: bfloat16 (K / 32, N', 2): per group its scale, and what code 8 stands for.
        rows: N.
        bias: Float32 (N,), or None.
        few: Rows of x up to which the kernel for few rows is faster.
        many: Type in which many rows are multiplied.
    """

    packed: Tensor
    scales: Tensor
    bias: Tensor | None

    def __init__(
        self,
        packed: Tensor,
        scales: Tensor,
        rows: int,
        bias: Tensor | None = None,
        few: int = 8,
        many: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.register_buffer("packed", packed)
        self.register_buffer("scales", scales)
        self.register_buffer("bias", bias)
        self.rows, self.columns, self.few, self.many = rows, packed.shape[1], few, many
        self._block = 2 * packed.shape[2]
        # The operator wants the packed bytes shaped as (N', K / 2).
        self._operand = packed.view(-1, packed.shape[1] // 2)
        self._padded = rows != self._operand.shape[0]
        # Without the detour that a module's buffers take.
        self._scales, self._bias = scales, bias

    @classmethod
    def pack(cls, groups: Int4Groups, bias: Tensor | None = None) -> Int4Linear:
        """Pack a matrix for this machine."""
        packed, scales = pack_int4(groups)
        return cls(packed, scales, groups.codes.shape[0], bias)

    def forward(self, x: Tensor) -> Tensor:
        """(..., K) -> (..., N): bfloat16, or float32 where there is a bias.

        Many rows are rounded as few rows are: a history that was read at once and one that was written token
        by token must give the same next words.
        """
        flat = x.reshape(-1, self.columns)
        y = self._few(flat) if flat.shape[0] <= self.few else self._many(flat)
        if y.shape[1] != self.rows:
            y = y[:, : self.rows]
        if self.bias is not None:
            y = y + self.bias
        return y.view(*x.shape[:-1], self.rows)

    def row(self, x: Tensor) -> Tensor:
        """(1, K) -> (1, N); see `Linear.row`."""
        if not self.few:
            return self.forward(x)
        y = self._few(x)
        if self._padded:
            y = y[:, : self.rows]
        return y if self._bias is None else y + self._bias

    def _few(self, x: Tensor) -> Tensor:
        y: Tensor = torch._weight_int4pack_mm_for_cpu(x.bfloat16(), self._operand, GROUP, self._scales)
        return y

    def _many(self, x: Tensor) -> Tensor:
        """Unpack some blocks of rows at a time into a scratch buffer and multiply with those."""
        (blocks, columns, half), block = self.packed.shape, self._block
        x = x.bfloat16().to(self.many)
        y = x.new_empty(x.shape[0], blocks, block)
        step = max(1, _SLAB // (columns * block * x.element_size()))
        scratch = x.new_empty(step, columns, block)
        nibbles = self.packed.new_empty(step, columns, half)
        for first in range(0, blocks, step):
            count = min(step, blocks - first)
            slab, low = scratch[:count], nibbles[:count]
            packed = self.packed[first : first + count]
            slab[..., :half].copy_(torch.bitwise_and(packed, 15, out=low))
            slab[..., half:].copy_(torch.bitwise_right_shift(packed, 4, out=low))
            scale, minimum = self._affine(first, count, x.dtype)
            grouped = slab.view(count, columns // GROUP, GROUP, block)
            torch.addcmul(minimum, grouped, scale, out=grouped)
            # Each block is a (K, block) matrix as it lies: (T, K) x (count, K, block) -> (count, T, block).
            y[:, first : first + count] = torch.matmul(x, slab).transpose(0, 1)
        return y.view(x.shape[0], blocks * block).bfloat16()

    def _affine(self, first: int, count: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Scale and minimum of some blocks, (count, K / 32, 1, block) each."""
        block = self._block
        pairs = self.scales[:, first * block : (first + count) * block].to(dtype)
        scale, middle = pairs.view(-1, count, 1, block, 2).transpose(0, 1).unbind(-1)
        scale = scale.contiguous()
        return scale, torch.sub(middle, scale, alpha=8)

    def dequantised(self) -> Tensor:
        """The weight in float32 (N, K)."""
        codes = _unpack_codes(self.packed).float()
        scale, middle = self.scales.float().permute(1, 0, 2).repeat_interleave(GROUP, dim=1).unbind(-1)
        return ((codes - 8) * scale + middle)[: self.rows]


def int4_groups(kind: str, raw: Tensor) -> Int4Groups | None:
    """Read GGUF blocks whose weights are whole numbers of four bits in groups of 32; None: they are not.

    The codes are taken over as they are. Layouts: ggml's ``block_q4_0``, ``block_q4_1`` and ``block_q4_K``.

    Args:
        kind: GGUF's name of the type.
        raw: uint8 (N, bytes of a row).
    """
    rows = raw.shape[0]
    if kind in ("Q4_0", "Q4_1"):
        size = 18 if kind == "Q4_0" else 20
        block = raw.view(rows, -1, size)
        heads = block[..., : size - 16].contiguous().view(torch.float16).float()
        scale = heads[..., 0]
        minimum = -8 * scale if kind == "Q4_0" else heads[..., 1]
        quants = block[..., size - 16 :]
        codes = torch.cat((quants & 15, quants >> 4), dim=-1)
        return Int4Groups(codes.view(rows, -1), scale, minimum)
    if kind == "Q4_K":
        block = raw.view(rows, -1, 144)
        heads = block[..., :4].contiguous().view(torch.float16).float()
        packed = block[..., 4:16]
        first, second, third = packed[..., :4], packed[..., 4:8], packed[..., 8:]
        # Six bits each: the upper two of the last four scales and minimums stand in those of the first.
        scales = torch.cat((first & 63, (third & 15) | ((first >> 6) << 4)), dim=-1).float()
        minimums = torch.cat((second & 63, (third >> 4) | ((second >> 6) << 4)), dim=-1).float()
        quants = block[..., 16:].reshape(rows, -1, 4, 32)
        codes = torch.stack((quants & 15, quants >> 4), dim=-2)
        scale, minimum = heads[..., :1] * scales, -heads[..., 1:] * minimums
        return Int4Groups(codes.reshape(rows, -1), scale.view(rows, -1), minimum.view(rows, -1))
    return None


def pack_int4(groups: Int4Groups) -> tuple[Tensor, Tensor]:
    """Pack a matrix for this machine's kernel.

    Returns:
        `packed` and `scales` as `Int4Linear` takes them.
    """
    block = block_rows()
    assert block, "ask block_rows() first"
    rows, columns = groups.codes.shape
    missing = -rows % block
    codes = functional.pad(groups.codes, (0, 0, 0, missing))
    packed = _pack_codes(codes).view(-1, columns, block // 2)
    scale = functional.pad(groups.scale, (0, 0, 0, missing))
    middle = functional.pad(groups.minimum + 8 * groups.scale, (0, 0, 0, missing))
    scales = torch.stack((scale.T, middle.T), dim=-1).bfloat16().contiguous()
    return packed, scales


def repack_int4(packed: Tensor, scales: Tensor, rows: int) -> tuple[Tensor, Tensor]:
    """Bring what another machine's kernel packed into the form of this one's.

    Args:
        packed: As `Int4Linear` takes it, in blocks of any size.
        scales: The same.
        rows: N.
    """
    missing = -rows % block_rows()
    codes = functional.pad(_unpack_codes(packed)[:rows], (0, 0, 0, missing))
    scales = functional.pad(scales[:, :rows], (0, 0, 0, missing))
    return _pack_codes(codes).view(-1, packed.shape[1], block_rows() // 2), scales


@dataclass(frozen=True, slots=True)
class Int8Rows:
    """A matrix as whole numbers -127..127 with a scale per row: int8 (N, K) and float32 (N,)."""

    codes: Tensor
    scale: Tensor

    def dequantised(self) -> Tensor:
        """The matrix in float32 (N, K)."""
        return self.codes.float() * self.scale[:, None]


def quantise_int8(weight: Tensor) -> Int8Rows:
    """Round a float32 matrix (N, K) to 255 steps between the largest magnitudes of each row."""
    scale = (weight.abs().amax(1) / 127).bfloat16().float()
    steps = weight / scale.where(scale > 0, torch.ones_like(scale))[:, None]
    return Int8Rows(steps.round_().clamp_(-127, 127).to(torch.int8), scale)


class Int8Linear(Linear):
    """x W^T + b with a weight of whole numbers -127..127 and a scale per row.

    Args:
        codes: int8 (N, K).
        scale: bfloat16 (N,).
        bias: Float32 (N,), or None.
        few: Rows of x up to which the kernel for few rows is faster.
        many: Type in which many rows are multiplied.
    """

    codes: Tensor
    scale: Tensor
    bias: Tensor | None

    def __init__(
        self,
        codes: Tensor,
        scale: Tensor,
        bias: Tensor | None = None,
        few: int = 8,
        many: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.register_buffer("codes", codes)
        self.register_buffer("scale", scale)
        self.register_buffer("bias", bias)
        self.rows, self.columns = codes.shape
        self.few, self.many = few, many
        # The kernel works in blocks of rows and columns, and reads past the end of a matrix that has parts of
        # one: wrong numbers, or a crash where the memory ends. The rows left over are multiplied by slabs.
        # It crashes, too, where the weight does not begin at a multiple of 16 bytes.
        assert codes.data_ptr() % 16 == 0 or codes.device.type != "cpu"
        self._whole = 0 if self.columns % _INT8_BLOCK else self.rows - self.rows % _INT8_BLOCK
        if not self._whole:
            self.few = 0

    def forward(self, x: Tensor) -> Tensor:
        """(..., K) -> (..., N): bfloat16, or float32 where there is a bias; see `Int4Linear.forward`."""
        flat = x.reshape(-1, self.columns)
        y = self._few(flat) if flat.shape[0] <= self.few else self._many(flat)
        if self.bias is not None:
            y = y + self.bias
        return y.view(*x.shape[:-1], self.rows)

    def _few(self, x: Tensor) -> Tensor:
        whole = self._whole
        y: Tensor = torch._weight_int8pack_mm(x.bfloat16(), self.codes[:whole], self.scale[:whole])
        if whole == self.rows:
            return y
        return torch.cat((y, self._many(x, whole)), dim=1)

    def _many(self, x: Tensor, start: int = 0) -> Tensor:
        """Multiply with the rows of the weight from `start` on, by way of a float scratch buffer."""
        x = x.bfloat16().to(self.many)
        y = x.new_empty(x.shape[0], self.rows - start)
        step = max(1, _SLAB // (self.columns * x.element_size()))
        scratch = x.new_empty(min(step, self.rows - start), self.columns)
        for first in range(start, self.rows, step):
            codes = self.codes[first : first + step]
            slab = scratch[: codes.shape[0]].copy_(codes)
            torch.mm(x, slab.T, out=y[:, first - start : first - start + step])
        return y.mul_(self.scale[start:]).bfloat16()

    def rows_of(self, ids: Tensor) -> Tensor:
        """Rows of the dequantised weight in float32, (..., K): an embedding table is looked up so."""
        return self.codes[ids].float() * self.scale[ids].float()[..., None]

    def dequantised(self) -> Tensor:
        """The weight in float32 (N, K)."""
        return self.rows_of(torch.arange(self.rows))


class RefinedHead(Linear):
    """The output matrix twice: all logits by int4, and the best of them again by int8.

    The int8 kernel takes more than twice the time of the int4 one for a matrix that is a quarter of a small
    model. What is sampled are the first few tokens of a hundred thousand: only their logits must be precise.

    Args:
        rough: The matrix in int4.
        precise: The same in int8.
    """

    def __init__(self, rough: Int4Linear, precise: Int8Linear) -> None:
        super().__init__()
        self.rough, self.precise = rough, precise

    def forward(self, x: Tensor) -> Tensor:
        """(..., K) -> (..., N) logits; of many rows all are precise."""
        flat = x.reshape(-1, self.precise.columns)
        if flat.shape[0] > _REFINED_ROWS or not self.rough.few:
            return self.precise(x)
        logits = self.rough(flat).float()
        best = logits.topk(min(_REFINED, logits.shape[1]), dim=-1, sorted=False).indices
        rows = self.precise.rows_of(best)  # (T, 128, K)
        logits.scatter_(1, best, torch.matmul(rows, flat.float()[..., None]).squeeze(-1))
        return logits.view(*x.shape[:-1], -1)


def tune(linears: Iterable[Int4Linear | Int8Linear]) -> None:
    """Choose, by trying, up to how many rows the kernel for few rows serves, and the other product's type.

    It depends on the processor (AMX, AVX-512 with or without bfloat16, AVX2, ARM), on torch's version and on
    the threads: the crossing lies between 4 and about 80 rows. It takes some hundredths of a second.

    Args:
        linears: Layers of a model; the largest of each class is tried.
    """
    by_class: dict[type[nn.Module], list[Int4Linear | Int8Linear]] = {}
    for linear in linears:
        by_class.setdefault(type(linear), []).append(linear)
    for group in by_class.values():
        tried = max(group, key=lambda linear: min(linear.rows, _TRIED_ROWS) * linear.columns)
        few, many = _crossing(tried)
        for linear in group:
            linear.many, linear.few = many, few if linear.few else 0


def computes_bfloat16() -> bool:
    """Say whether the processor multiplies in bfloat16, and does not convert each number first."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _crossing(linear: Int4Linear | Int8Linear) -> tuple[int, torch.dtype]:
    x = torch.ones(_TRIAL, linear.columns)
    linear.many = torch.float32
    with torch.inference_mode():
        many = _seconds(lambda: linear._many(x))
        if computes_bfloat16():
            linear.many = torch.bfloat16
            if (brain := _seconds(lambda: linear._many(x))) < many:
                many = brain
            else:
                linear.many = torch.float32
        if not linear.few:
            return 0, linear.many
        row = _seconds(lambda: linear._few(x)) / _TRIAL
    return max(1, min(int(many / row), _MOST_FEW)), linear.many


def _seconds(work: Callable[[], object]) -> float:
    """Take the best of three, since other programs want the processor, too."""
    best = math.inf
    for _ in range(3):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best
