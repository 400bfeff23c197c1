"""A GGUF file becomes a folder that the engine loads, and a damaged one is refused in one line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from gguf import GGUFWriter

from aigc_tui.inference.decode import ReplyRequest, ReplySession
from aigc_tui.inference.loader import LoadOptions, load_model
from aigc_tui.inference.models import TRANSFORMERS
from aigc_tui.inference.prefix_cache import PrefixCache
from aigc_tui.inference.prepare import prepare_gguf
from aigc_tui.inference.source import BrokenModelError, inspect_source
from aigc_tui.inference.types import ChatMessage, Role
from aigc_tui.transformer.sampling import SamplingSettings
from tests.inference.test_gguf_tokenizer import metadata_of, trained
from tests.support.gguf import write_gguf
from tests.transformer.conftest import GPT2, QWEN2, make_model

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="module", params=["qwen2", "gpt2"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tokenizer = metadata_of(trained("qwen2"), "qwen2")
    shape = QWEN2 if request.param == "qwen2" else GPT2
    config = replace(shape, vocab_size=len(tokenizer["tokens"]))

    def add(writer: GGUFWriter) -> None:
        writer.add_chat_template(TEMPLATE)

    folder = tmp_path_factory.mktemp(request.param)
    return write_gguf(folder / "m.gguf", make_model(config), "Q8_0", tokenizer=tokenizer, change=add)


def test_the_folder_is_an_ordinary_model_that_answers(source: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    prepare_gguf(source, tmp_path / "made", lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (source.stat().st_size, source.stat().st_size)
    found = inspect_source(tmp_path / "made")
    assert found.parameters == found.prepared["parameters"]  # type: ignore[index]
    loaded = load_model(tmp_path / "made")
    settings = SamplingSettings(temperature=0.0)
    request = ReplyRequest([ChatMessage(Role.USER, "bonjour")], settings, seed=1, max_tokens=5)

    def reply(caches: PrefixCache) -> str:
        session = ReplySession(loaded, caches, request, lambda: False)
        list(session.prefill())
        return "".join(piece.text for piece in session.write())

    caches = PrefixCache(10**8)
    assert reply(caches) == reply(caches) == reply(PrefixCache(0))


def test_where_it_came_from_is_written_down(source: Path, tmp_path: Path) -> None:
    prepare_gguf(source, tmp_path / "made", lambda done, total: None)
    record = json.loads((tmp_path / "made" / "prepared.json").read_text("utf-8"))
    assert record["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert record["source"] == "m.gguf"
    assert record["tensors"]["Q8_0"] > 0


def test_a_packed_folder_is_not_for_transformers(tmp_path: Path) -> None:
    tokenizer = metadata_of(trained("qwen2"), "qwen2")
    config = replace(QWEN2, vocab_size=len(tokenizer["tokens"]))
    path = write_gguf(tmp_path / "m.gguf", make_model(config), tokenizer=tokenizer)
    prepare_gguf(path, tmp_path / "made", lambda done, total: None)
    with pytest.raises(BrokenModelError, match="packed for our own Transformer"):
        load_model(tmp_path / "made", options=LoadOptions(template="none", implementation=TRANSFORMERS))


@pytest.mark.parametrize("size", [0, 3, 100, 5000])
def test_a_file_that_was_cut_is_one_clear_line(source: Path, size: int, tmp_path: Path) -> None:
    (tmp_path / "cut.gguf").write_bytes(source.read_bytes()[:size])
    with pytest.raises(BrokenModelError) as caught:
        prepare_gguf(tmp_path / "cut.gguf", tmp_path / "made", lambda done, total: None)
    assert "\n" not in str(caught.value)
    assert "cut.gguf" in str(caught.value)
    assert not (tmp_path / "made").exists()


def test_a_record_without_its_numbers_is_refused(source: Path, tmp_path: Path) -> None:
    prepare_gguf(source, tmp_path / "made", lambda done, total: None)
    (tmp_path / "made" / "prepared.json").write_text('{"parameters": "many"}')
    with pytest.raises(BrokenModelError, match=r"prepared\.json"):
        inspect_source(tmp_path / "made")
