"""Real GGUF files give the logits that transformers computes from them."""

from __future__ import annotations

import pytest
import torch

from aigc_tui.transformer.gguf import load_gguf
from tests.support.real_files import GGUF_FILES, real_gguf


@pytest.mark.parametrize("name", GGUF_FILES)
def test_logits_equal_those_of_transformers(name: str) -> None:
    from transformers import AutoModelForCausalLM

    path, tokens = (
        real_gguf(name),
        torch.randint(20, 30_000, (1, 12), generator=torch.Generator().manual_seed(0)),
    )
    with torch.no_grad():
        # One model at a time: the largest takes 2.5 GB.
        other = AutoModelForCausalLM.from_pretrained(
            str(path.parent), gguf_file=path.name, dtype=torch.float32
        )
        wanted = other(tokens).logits
        del other
        found = load_gguf(path)(tokens)
    assert float((found - wanted).abs().max()) < 1e-3
    assert float(wanted.std()) > 0.5
