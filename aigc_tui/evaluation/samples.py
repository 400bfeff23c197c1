"""Samples of fixed prompts (data/evaluation/prompts.yaml): how many run in circles, how varied they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import yaml

from aigc_tui.corpora.records import Message
from aigc_tui.evaluation.formats import shipped_folder
from aigc_tui.evaluation.loops import distinct, ends_in_loop
from aigc_tui.evaluation.model import Draw, EvaluatedModel
from aigc_tui.evaluation.report import Sampled
from aigc_tui.text import clean

TEMPERATURE = 0.7


def load_prompts(language: str) -> list[str]:
    """Read the shipped prompts of a language."""
    raw = yaml.safe_load((shipped_folder() / "prompts.yaml").read_text(encoding="utf-8"))
    return [str(one) for one in raw[language]]


def measure(
    model: EvaluatedModel, prompts: Sequence[str], tokens: int, seed: int, tell: Callable[[], None]
) -> Sampled:
    """Sample one reply to each prompt.

    Args:
        model: The model.
        prompts: What is said to it.
        tokens: Longest reply.
        seed: Of the first sample; each further one has the next.
        tell: Called after each sample.
    """
    texts = []
    for place, prompt in enumerate(prompts):
        draw = Draw(tokens, TEMPERATURE, seed + place)
        texts.append(clean(model.reply((Message("user", prompt),), draw)))
        tell()
    loops = sum(map(ends_in_loop, texts))
    varied = (distinct(texts, 1), distinct(texts, 2), distinct(texts, 3))
    return Sampled(len(texts), loops / len(texts) if texts else 0.0, varied, tuple(texts))
