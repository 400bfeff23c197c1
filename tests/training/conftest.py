"""What the tests of training share: one thread, and a tiny recipe."""

from __future__ import annotations

import pytest
import torch

from tests.support.tiny_recipe import tiny, tiny_yaml, tokenizer

__all__ = ["tiny", "tiny_yaml", "tokenizer"]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
