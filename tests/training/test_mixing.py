"""Drawing rows: shares, every row once an epoch, and exact resumption."""

from __future__ import annotations

import json

import numpy as np
import torch

from aigc_tui.training.data_loader import MixedLoader, TokenFile
from aigc_tui.training.recipe import Stage

STAGE = Stage("s", {"a": 3, "b": 1}, steps=1, seq_len=8)


def file_of(value: int, documents: int) -> TokenFile:
    ids = np.full(documents * 8, value, np.uint16)
    return TokenFile(ids, np.ones(len(ids), np.bool_), np.arange(0, len(ids) + 1, 8))


def counting_file(documents: int) -> TokenFile:
    ids = np.repeat(np.arange(documents), 8).astype(np.uint16)
    return TokenFile(ids, np.ones(len(ids), np.bool_), np.arange(0, len(ids) + 1, 8))


def mixer(seed: int = 1) -> MixedLoader:
    return MixedLoader(STAGE, {"a": file_of(1, 50), "b": file_of(2, 50)}, pad=0, seed=seed)


def test_sources_come_in_their_shares() -> None:
    batch = mixer().batch(800)
    share = (batch.tokens[:, 0] == 1).float().mean()
    assert 0.70 < float(share) < 0.80


def test_an_epoch_reads_every_row_once_and_the_next_in_another_order() -> None:
    only = MixedLoader(Stage("s", {"a": 1}, steps=1, seq_len=8), {"a": counting_file(30)}, pad=0, seed=1)
    first, second = (only.batch(30).tokens[:, 0].tolist() for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(30))
    assert first != second


def test_a_restored_mixer_goes_on_with_the_very_next_row() -> None:
    going, restored = mixer(), mixer()
    going.batch(77)
    restored.restore(json.loads(json.dumps(going.state())))
    for _ in range(3):
        assert torch.equal(going.batch(40).tokens, restored.batch(40).tokens)


def test_an_empty_source_is_left_out() -> None:
    empty = TokenFile(np.zeros(0, np.uint16), np.zeros(0, np.bool_), np.zeros(1, np.int64))
    batch = MixedLoader(STAGE, {"a": empty, "b": file_of(2, 5)}, pad=0, seed=1).batch(20)
    assert set(batch.tokens[:, 0].tolist()) == {2}
