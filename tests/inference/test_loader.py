"""From folder to model: every broken one is a line, and transformers is imported only where it is needed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from aigc_tui.inference import memory
from aigc_tui.inference.loader import Loader, choose_dtype, chunk_size, fingerprint
from aigc_tui.inference.models import TransformersModel
from aigc_tui.inference.source import (
    BrokenModelError,
    MissingModelError,
    ModelError,
    NoChatTemplateError,
    inspect_source,
)
from aigc_tui.transformer.decoding import CachedModel, OwnModel
from tests.support.model_fixtures import ModelMaker
from tests.support.models import FAMILIES, OWN, TOKEN_IDS, make_model


def load(folder: Path) -> Loader:
    loader = Loader(0)
    loader.load(folder, "m", lambda done, total: None)
    return loader


@pytest.fixture
def copied(tiny: ModelMaker, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny("llama"), tmp_path / "model"))


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_runs_on_the_implementation_that_knows_it(tiny: ModelMaker, family: str) -> None:
    loaded = Loader(0).load(tiny(family), "m", lambda done, total: None)
    assert isinstance(loaded.model, OwnModel if family in OWN else TransformersModel)
    end = "<end_of_turn>" if family == "gemma" else "<|im_end|>"
    assert TOKEN_IDS[end] in loaded.eos_ids
    assert loaded.context == 256


@pytest.mark.parametrize("family", OWN)
def test_both_implementations_give_the_same_logits(tiny: ModelMaker, family: str) -> None:
    from transformers import AutoModelForCausalLM

    folder = tiny(family)
    own = Loader(0).load(folder, "m", lambda done, total: None).model
    foreign = TransformersModel(AutoModelForCausalLM.from_pretrained(folder).eval())
    tokens = torch.arange(40)[None]
    torch.testing.assert_close(
        CachedModel(own).forward(tokens),
        CachedModel(foreign).forward(tokens),
        atol=1e-4,
        rtol=1e-4,
    )


def test_our_own_models_load_without_importing_transformers(tiny: ModelMaker) -> None:
    code = (
        "import sys; from aigc_tui.inference.loader import Loader; "
        "from pathlib import Path; "
        f"Loader(0).load(Path({str(tiny('llama'))!r}), 'm', lambda d, t: None); "
        "print([name for name in ('transformers', 'torch._dynamo', 'sympy') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_progress_of_loading_is_told_in_bytes(tiny: ModelMaker) -> None:
    steps: list[tuple[int, int]] = []
    Loader(0).load(tiny("llama"), "m", lambda done, total: steps.append((done, total)))
    size = (tiny("llama") / "model.safetensors").stat().st_size
    assert steps[0] == (0, size)
    assert steps[-1] == (size, size)


def test_a_model_is_loaded_once_and_again_when_its_files_change(copied: Path) -> None:
    loader = load(copied)
    first = loader.load(copied, "m", lambda done, total: None)
    assert loader.load(copied, "m", lambda done, total: None) is first
    mark = fingerprint(copied)
    (copied / "chat_template.jinja").write_text("{% for m in messages %}{{ m.content }}{% endfor %}")
    assert fingerprint(copied) != mark
    assert loader.load(copied, "m", lambda done, total: None) is not first


def breaks_config(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **values}))


def cuts_weights(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def drops_template(folder: Path) -> None:
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    del settings["chat_template"]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def grows_vocabulary(folder: Path, by: int = 500) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary |= {f"word{number}": len(vocabulary) + number for number in range(by)}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def test_an_added_token_beyond_the_embeddings_is_let_be(copied: Path) -> None:
    # Gemma 3's tokenizer has one for images, which the text models lack.
    tokenizer = json.loads((copied / "tokenizer.json").read_text())
    added = {**tokenizer["added_tokens"][0], "id": len(tokenizer["model"]["vocab"]), "content": "<image>"}
    tokenizer["added_tokens"].append(added)
    (copied / "tokenizer.json").write_text(json.dumps(tokenizer))
    load(copied)


@pytest.mark.parametrize(
    ("harm", "code", "complaint"),
    [
        (grows_vocabulary, BrokenModelError, "do not belong together"),
        (
            lambda f: breaks_config(f, rope_parameters=None, rope_scaling={"type": "ntk", "factor": 2.0}),
            BrokenModelError,
            "ntk",
        ),
        (shutil.rmtree, MissingModelError, "there is no model folder at"),
        (lambda f: (f / "config.json").unlink(), BrokenModelError, "has no config.json"),
        (lambda f: breaks_config(f, auto_map={}), BrokenModelError, "auto_map"),
        (lambda f: (f / "model.safetensors").unlink(), BrokenModelError, "no model.safetensors"),
        (cuts_weights, BrokenModelError, "is cut short by"),
        (lambda f: (f / "tokenizer.json").unlink(), BrokenModelError, "has no tokenizer.json"),
        (drops_template, NoChatTemplateError, "chat or instruct version"),
        (lambda f: breaks_config(f, num_hidden_layers=3), BrokenModelError, "layers.2"),
        (lambda f: breaks_config(f, hidden_size=64), BrokenModelError, "shape|size"),
        (
            lambda f: breaks_config(f, model_type="qwen2", num_hidden_layers=3),
            BrokenModelError,
            "lack",
        ),
        (lambda f: breaks_config(f, model_type="nonsense"), BrokenModelError, "does not know"),
    ],
)
def test_a_broken_folder_is_one_clear_line(
    copied: Path, harm: object, code: type[ModelError], complaint: str
) -> None:
    harm(copied)  # type: ignore[operator]
    with pytest.raises(ModelError, match=complaint) as caught:
        load(copied)
    assert caught.type is code
    assert "\n" not in str(caught.value)


def test_a_model_that_does_not_fit_is_not_loaded(tiny: ModelMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 1000)
    with pytest.raises(ModelError) as caught:
        load(tiny("llama"))
    assert caught.type is memory.InsufficientMemoryError


def test_where_memory_is_short_a_long_context_becomes_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_model(tmp_path / "long", "llama", context=8192)
    assert load(folder).load(folder, "m", lambda done, total: None).context == 8192
    needed = memory.estimate(inspect_source(folder), 4, 256, 8192)
    monkeypatch.setattr(memory, "available_bytes", lambda: needed.total(2000))
    assert load(folder).load(folder, "m", lambda done, total: None).context == 2000


def test_small_models_compute_in_float32(tiny: ModelMaker) -> None:
    assert choose_dtype(inspect_source(tiny("llama"))) is torch.float32


@pytest.mark.parametrize(
    ("parameters", "tokens"),
    [(100, 256), (6_000_000, 256), (30_000_000, 64), (600_000_000, 16), (10**11, 16)],
)
def test_a_chunk_takes_about_as_long_for_every_size_of_model(parameters: int, tokens: int) -> None:
    assert chunk_size(parameters) == tokens


def test_an_unknown_kind_of_model_is_named_even_when_it_has_no_template_either(copied: Path) -> None:
    breaks_config(copied, model_type="novel\x1b[31m")
    (copied / "tokenizer_config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"of type 'novel.*does not know") as caught:
        load(copied)
    assert caught.type is BrokenModelError
    assert "\x1b" not in str(caught.value)
