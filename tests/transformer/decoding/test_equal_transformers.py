"""The strategies write what transformers' generate writes with the same weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from aigc_tui.transformer.decoding import BeamSettings, Limits, beam_search
from aigc_tui.transformer.sampling import SamplingSettings
from tests.transformer.decoding.models import END, VOCABULARY, cached, greedy, sample, tiny, twin

LIMITS = Limits(12, frozenset({END}))
OURS = tiny()


@pytest.fixture(scope="module")
def theirs() -> Any:
    return twin(OURS)


def prompts(seed: int, rows: int = 3) -> Tensor:
    ids = torch.randint(8, VOCABULARY, (rows, 5), generator=torch.Generator().manual_seed(seed))
    ids[:, 0] = 0
    return ids


def generated(model: Any, prompt: Tensor, **options: Any) -> list[list[int]]:
    """Let transformers write; what follows the end is padding."""
    made = model.generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=LIMITS.new, pad_token_id=0, **options
    )
    rows = made[:, prompt.shape[1] :].tolist()
    return [row[: row.index(END)] if END in row else row for row in rows]


@pytest.mark.parametrize("seed", range(4))
def test_greedy_search(theirs: Any, seed: int) -> None:
    prompt = prompts(seed)
    assert greedy(cached(OURS), prompt, LIMITS) == generated(theirs, prompt, do_sample=False)


@pytest.mark.parametrize("seed", range(4))
def test_sampling_draws_the_same_tokens_from_the_same_seed(theirs: Any, seed: int) -> None:
    prompt = prompts(seed)
    settings = SamplingSettings(
        temperature=0.9, top_k=20, top_p=0.95, repetition_penalty=1.2, no_repeat_ngram=0
    )
    options = {"do_sample": True, "temperature": 0.9, "top_k": 20, "top_p": 0.95, "repetition_penalty": 1.2}
    for row in prompt:
        mine = sample(cached(OURS), row[None], settings, LIMITS, torch.Generator().manual_seed(seed))
        torch.manual_seed(seed)
        assert mine == generated(theirs, row[None], **options)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("length_penalty", [1.0, 0.0, 2.0, -0.5])
def test_beam_search(theirs: Any, seed: int, length_penalty: float) -> None:
    prompt = prompts(seed)
    found = beam_search(cached(OURS), prompt, LIMITS, BeamSettings(4, length_penalty))
    mine = [list(one.tokens) for row in found for one in row]
    yours = generated(
        theirs, prompt, do_sample=False, num_beams=4, num_return_sequences=4, length_penalty=length_penalty
    )
    assert mine == yours


def test_beam_scores_are_transformers(theirs: Any) -> None:
    prompt = prompts(1)
    made = theirs.generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=LIMITS.new, pad_token_id=0,
        num_beams=3, num_return_sequences=3, do_sample=False, return_dict_in_generate=True,
        output_scores=True,
    )  # fmt: skip
    found = beam_search(cached(OURS), prompt, LIMITS, BeamSettings(3))
    mine = torch.tensor([one.score for row in found for one in row])
    torch.testing.assert_close(mine, made.sequences_scores, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("scale", [1.5, 3.0])
def test_guided_decoding(theirs: Any, scale: float) -> None:
    prompt, negative = prompts(2), prompts(3)
    mine = sample(
        cached(OURS),
        prompt,
        SamplingSettings(temperature=0.0, guidance_scale=scale),
        LIMITS,
        torch.Generator(),
        guide=(cached(OURS), negative),
    )
    yours = generated(
        theirs,
        prompt,
        do_sample=False,
        guidance_scale=scale,
        negative_prompt_ids=negative,
        negative_prompt_attention_mask=torch.ones_like(negative),
    )
    assert mine == yours
