"""One thread, and a tiny language model on a vocabulary of words, as an ordinary folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from aigc_tui.course.classification.labelled import Example
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import save_model
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.tokenizer import save_tokenizer, train_tokenizer

ANIMALS, TOOLS = ("cat", "dog", "fox", "owl", "cow"), ("saw", "axe", "hoe", "pen", "nail")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def examples(count: int = 160) -> list[Example]:
    """Texts that name one thing, alive or not, among other words."""
    made = []
    for n in range(count):
        alive = n % 2 == 0
        thing = (ANIMALS if alive else TOOLS)[n % 5]
        made.append(Example(f"number {n} I saw a {thing} in town {n * 7}", "animal" if alive else "tool"))
    return made


@pytest.fixture(scope="session")
def tiny_lm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random causal LM with its tokenizer."""
    folder = tmp_path_factory.mktemp("tiny-lm")
    tokenizer = train_tokenizer([e.text + " animal tool" for e in examples()], 400)
    save_tokenizer(tokenizer, folder, 64)
    config = ModelConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        layers=2,
        heads=2,
        kv_heads=1,
        head_dim=16,
        ffn_size=48,
        max_positions=64,
        pad_id=3,
    )
    model = CausalLM(config)
    initialise(model, 0)
    save_model(model, folder, dtype=torch.float32)
    return folder
