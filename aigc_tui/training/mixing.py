"""Draw rows from several sources in given shares, in an order that a checkpoint can resume exactly.

Every process of a team draws the same rows in the same order and reads only its own from disk, so the batch
does not depend on how many processes there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from aigc_tui.training.packing import IGNORED, Row, Span, TokenFile, pack, read_row
from aigc_tui.training.recipe import Stage


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Some rows as tensors of shape (B, T); without ``segments`` packed documents see each other."""

    tokens: Tensor
    targets: Tensor
    segments: Tensor | None

    @property
    def tensors(self) -> tuple[Tensor | None, ...]:
        """What :func:`~aigc_tui.training.causal_loss.causal_loss` takes after the model."""
        return self.tokens, self.targets, self.segments

    @property
    def counted(self) -> int:
        """Tokens to be predicted."""
        return int((self.targets != IGNORED).sum())


@dataclass(slots=True)
class _Cursor:
    """Where a source's reading stands; ``rows`` belongs to (epoch, stage) and is computed again."""

    epoch: int = 0
    row: int = 0
    rows: list[list[Span]] = field(default_factory=list)


class Mixer:
    """An endless stream of rows for one stage."""

    def __init__(self, stage: Stage, files: dict[str, TokenFile], pad: int, seed: int) -> None:
        """Start at the first row; :meth:`restore` goes elsewhere."""
        self._stage, self._files, self._pad, self._seed = stage, files, pad, seed
        self._names = sorted(name for name, share in stage.mix.items() if share > 0 and len(files[name].ids))
        shares = np.array([float(stage.mix[name]) for name in self._names])
        self._shares = shares / shares.sum()
        self._random = np.random.default_rng([seed, _number(stage.name)])
        self._cursors = {name: _Cursor() for name in self._names}

    def batch(self, rows: int, mine: slice = slice(None)) -> TokenBatch:
        """Draw the next ``rows`` rows and read those of ``mine``."""
        picked = self._random.choice(len(self._names), size=rows, p=self._shares)
        drawn = [(self._names[i], self._next(self._names[i])) for i in picked]
        return to_batch([self._read(name, spans) for name, spans in drawn[mine]], self._stage.isolate)

    def state(self) -> dict[str, Any]:
        """Everything :meth:`restore` needs, as plain JSON values."""
        cursors = {name: [c.epoch, c.row] for name, c in self._cursors.items()}
        return {"random": self._random.bit_generator.state, "cursors": cursors}

    def restore(self, state: dict[str, Any]) -> None:
        """Go to where :meth:`state` was taken; sources that are new since then start at their first row."""
        self._random.bit_generator.state = state["random"]
        for name, (epoch, row) in state["cursors"].items():
            if name in self._cursors:
                self._cursors[name] = _Cursor(epoch, row)

    def _next(self, name: str) -> list[Span]:
        """Where the next row of a source is, in its present epoch or the next."""
        cursor = self._cursors[name]
        if not cursor.rows:
            cursor.rows = self._epoch_rows(name, cursor.epoch)
        if cursor.row >= len(cursor.rows):
            cursor.epoch, cursor.row = cursor.epoch + 1, 0
            cursor.rows = self._epoch_rows(name, cursor.epoch)
        cursor.row += 1
        return cursor.rows[cursor.row - 1]

    def _read(self, name: str, spans: list[Span]) -> Row:
        stage = self._stage
        return read_row(self._files[name], spans, stage.seq_len, self._pad, stage.assistant_only)

    def _epoch_rows(self, name: str, epoch: int) -> list[list[Span]]:
        starts = self._files[name].starts
        random = np.random.default_rng([self._seed, _number(name), epoch])
        order = random.permutation(len(starts) - 1)
        return pack(starts, order.tolist(), self._stage.seq_len, whole=self._stage.assistant_only)


def to_batch(rows: list[Row], isolate: bool) -> TokenBatch:
    """Stack rows; with ``isolate`` documents of a row are hidden from each other."""
    return TokenBatch(
        torch.from_numpy(np.stack([row.tokens for row in rows])),
        torch.from_numpy(np.stack([row.targets for row in rows])),
        torch.from_numpy(np.stack([row.segments for row in rows])) if isolate else None,
    )


def _number(name: str) -> int:
    """A stable number for a name; Python's own hash differs from run to run."""
    return int.from_bytes(name.encode("utf-8")[:16].ljust(16, b"\0"), "little") % 2**63
