"""A trace shows what happened: which filter ran, what it cut, and which token came."""

from __future__ import annotations

import pytest
import torch

from aigc_tui.transformer.decoding import Limits
from aigc_tui.transformer.decoding.trace import Trace, replay, stage
from aigc_tui.transformer.sampling import Context, SamplingSettings
from aigc_tui.transformer.sampling.filters import top_k
from tests.transformer.decoding.models import VOCABULARY, cached, sample, tiny

SETTINGS = SamplingSettings(temperature=0.7, top_k=6, min_p=0.05)
PROMPT = torch.tensor([[0, 9, 12]])


def traced(settings: SamplingSettings, limit: int) -> tuple[list[int], Trace]:
    trace = Trace(limit, top=5)
    generator = torch.Generator().manual_seed(3)
    made = sample(cached(tiny()), PROMPT, settings, Limits(6), generator, watcher=trace)
    return made[0], trace


def test_each_step_shows_the_filters_in_their_order_and_the_token_that_came() -> None:
    made, trace = traced(SETTINGS, 4)
    assert [step.token for step in trace.steps] == made[:4]
    for step in trace.steps:
        assert [one.name for one in step.stages] == ["model", "temperature", "top_k", "min_p"]
        assert [one.kept for one in step.stages[:3]] == [VOCABULARY, VOCABULARY, 6]
        assert dict(step.stages[-1].best).get(step.token, step.probability) == pytest.approx(step.probability)


def test_looking_on_changes_nothing() -> None:
    settings = SamplingSettings(xtc_probability=0.5, mirostat=2, mirostat_tau=2.0)
    seen, _ = traced(settings, 6)
    unseen = sample(cached(tiny()), PROMPT, settings, Limits(6), torch.Generator().manual_seed(3))
    assert seen == unseen[0]


def test_what_a_filter_cut_is_listed_with_its_probability_before() -> None:
    scores = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    shown = stage("top_k", top_k(scores, 2), scores, top=1)
    assert shown.kept == 2
    [(cut, chance)] = shown.removed
    assert cut == 2
    assert chance == pytest.approx(0.15)
    assert shown.removed_mass == pytest.approx(0.2)
    [(best, chance)] = shown.best
    assert best == 0
    assert chance == pytest.approx(0.625)
    assert stage("model", torch.zeros(8), None, 3).bits == pytest.approx(3.0)


def test_a_replay_shows_what_the_trace_of_the_drawing_showed() -> None:
    made, trace = traced(SETTINGS, 6)
    again = Trace(6, 5)
    replay(cached(tiny()), PROMPT[0].tolist(), made, SETTINGS, Context(), again)
    assert [step.token for step in again.steps] == [step.token for step in trace.steps]
    for mine, yours in zip(again.steps, trace.steps, strict=True):
        assert mine.probability == pytest.approx(yours.probability, abs=1e-5)
        assert [one.kept for one in mine.stages] == [one.kept for one in yours.stages]
