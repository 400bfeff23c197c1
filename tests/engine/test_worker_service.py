"""What goes wrong in a request becomes one `Failed` with the code that the front ends know."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from aigc_tui.engine.protocol import Done, EngineOptions, Failed, FailureCode, GenerateRequest, Sampling
from aigc_tui.engine.worker_channel import Channel
from aigc_tui.engine.worker_service import Service
from tests.support.model_fixtures import ModelMaker
from tests.support.models import spec_of, user


def end_of(folder: Path, sampling: Sampling) -> object:
    """Serve one request; give the last thing that was sent for it."""
    sent: list[object] = []
    request = GenerateRequest("r", spec_of(folder), (user("Hello"),), sampling)
    Service(EngineOptions(cache_mb=1, threads=1, memory_reserve_mb=0)).serve(Channel(request, sent.append))
    return sent[-1]


@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_weights_that_are_no_numbers_fail_as_a_broken_model(
    tiny: ModelMaker, tmp_path: Path, temperature: float
) -> None:
    folder = Path(shutil.copytree(tiny("gemma"), tmp_path / "damaged"))
    weights = {name: tensor * math.nan for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    end = end_of(folder, Sampling(temperature=temperature, max_tokens=3))
    assert isinstance(end, Failed)
    assert end.code is FailureCode.MODEL_BROKEN
    assert (
        str(end.message) == "damaged: the model's logits are not finite numbers; copy or pull the model again"
    )


def test_a_temperature_next_to_nothing_answers(tiny: ModelMaker) -> None:
    assert isinstance(end_of(tiny("gpt2"), Sampling(temperature=1e-40, max_tokens=3)), Done)


def test_a_device_that_is_not_there_is_named(tiny: ModelMaker) -> None:
    sent: list[object] = []
    request = GenerateRequest("r", spec_of(tiny("gpt2")), (user("Hello"),), Sampling(max_tokens=1))
    options = EngineOptions(cache_mb=1, threads=1, memory_reserve_mb=0, device="cuda:77")
    Service(options).serve(Channel(request, sent.append))
    end = sent[-1]
    assert isinstance(end, Failed)
    assert str(end.message) == "device 'cuda:77' is not available on this machine; use auto or cpu"
