"""A random model with the starter's shape, for measuring speed where the starter is missing."""

from __future__ import annotations

from pathlib import Path

import torch

from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import save_model
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.tokenizer import TURN_END, save_tokenizer, train_tokenizer
from bench.corpus import Corpus

VOCABULARY = 8192
CONTEXT = 1024


def make_starter_shape(folder: Path) -> Path:
    """Write a random model with tokenizer and chat template into a new folder and return it."""
    tokenizer = train_tokenizer(Corpus(seed=2).messages(4000), VOCABULARY)
    end = tokenizer.encode(TURN_END).ids[0]
    config = ModelConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=256,
        layers=6,
        heads=4,
        kv_heads=2,
        head_dim=64,
        ffn_size=704,
        max_positions=CONTEXT,
        eos_ids=(end,),
    )
    model = CausalLM(config)
    initialise(model, seed=0)
    save_model(model, folder, dtype=torch.float32)
    save_tokenizer(tokenizer, folder, CONTEXT)
    return folder
