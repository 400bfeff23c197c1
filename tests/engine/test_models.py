"""The catalogue of models: named, described without torch, added by path or copy."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aigc_tui.config import ModelEntry, Paths, Settings, load_settings, save_setting
from aigc_tui.engine import models
from aigc_tui.engine.models import (
    RECORD,
    ModelCatalogue,
    converses,
    describe,
    needs_identity,
    provenance,
    suggested_sampling,
    with_default,
)
from aigc_tui.engine.protocol import ModelSpec, Sampling
from aigc_tui.engine.transfer import DownloadError, lock_of, only_one
from aigc_tui.inference.source import MAX_TEMPLATE, ModelError
from tests.support.model_fixtures import ModelMaker


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "home")


def catalogue(paths: Paths) -> ModelCatalogue:
    return ModelCatalogue(paths, load_settings(paths))


def test_the_starter_is_first_and_the_others_follow_by_name(paths: Paths, tiny: ModelMaker) -> None:
    shutil.copytree(tiny("llama"), paths.make(paths.models) / "zeta")
    shutil.copytree(tiny("gpt2"), paths.models / "alpha")
    (paths.models / ".partial").mkdir()
    server = ModelEntry("mid", "openai", base_url="http://127.0.0.1:1/v1", model="big", key_env="K")
    found = ModelCatalogue(paths, Settings(models=(server,))).list()
    assert [info.name for info in found] == ["starter", "alpha", "mid", "zeta"]
    assert [info.kind for info in found] == ["local", "local", "openai", "local"]
    assert found[1].architecture == "GPT2LMHeadModel"
    assert found[3].context == 256


def test_a_name_resolves_to_what_a_request_needs(paths: Paths) -> None:
    entry = ModelEntry("big", "openai", base_url="http://x/v1", model="m", key_env="K")
    spec = ModelCatalogue(paths, Settings(models=(entry,))).resolve("big")
    assert (spec.kind, spec.base_url, spec.model, spec.key_env) == ("openai", "http://x/v1", "m", "K")


def test_a_path_resolves_too_and_an_unknown_name_is_one_line(paths: Paths, tiny: ModelMaker) -> None:
    assert catalogue(paths).resolve(str(tiny("llama"))).path == str(tiny("llama"))
    with pytest.raises(ModelError, match="there is no model 'nope'; known: starter"):
        catalogue(paths).resolve("nope")


def test_a_folder_is_added_by_its_path(paths: Paths, tiny: ModelMaker) -> None:
    added = catalogue(paths).add(tiny("llama"), "mine")
    assert added.parameters > 0
    assert catalogue(paths).resolve("mine").path == str(tiny("llama"))
    assert "mine" in paths.settings.read_text()


def test_a_folder_is_copied_without_what_a_model_does_not_need(
    paths: Paths, tiny: ModelMaker, tmp_path: Path
) -> None:
    source = Path(shutil.copytree(tiny("llama"), tmp_path / "source"))
    (source / "evil.py").write_text("import os")
    (source / "pytorch_model.bin").write_bytes(b"x")
    catalogue(paths).add(source, "mine", copy=True)
    shutil.rmtree(source)
    assert catalogue(paths).info("mine").context == 256
    names = {path.name for path in (paths.models / "mine").iterdir()}
    assert not {"evil.py", "pytorch_model.bin"} & names
    assert [path.name for path in paths.models.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("name", "complaint"), [("starter", "already"), ("../x", "cannot be"), (".x", "cannot be")]
)
def test_a_name_that_is_taken_or_none_is_refused(
    paths: Paths, tiny: ModelMaker, name: str, complaint: str
) -> None:
    with pytest.raises(ModelError, match=complaint):
        catalogue(paths).add(tiny("llama"), name)


def test_a_broken_folder_is_not_added_but_listed_with_its_problem(paths: Paths, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no config\.json"):
        catalogue(paths).add(tmp_path, "mine")
    (paths.make(paths.models) / "broken").mkdir()
    (found,) = [info for info in catalogue(paths).list() if info.name == "broken"]
    assert "has no config.json" in found.problem
    with pytest.raises(ModelError, match=r"has no config\.json"):
        catalogue(paths).info("broken")


def test_hostile_names_are_clean_when_shown(paths: Paths, tiny: ModelMaker) -> None:
    shutil.copytree(tiny("llama"), paths.make(paths.models) / "a\x1b[31m\nb")
    config = json.loads((paths.models / "a\x1b[31m\nb" / "config.json").read_text())
    (paths.models / "a\x1b[31m\nb" / "config.json").write_text(
        json.dumps({**config, "architectures": ["\x1b]52;"]})
    )
    (found,) = [info for info in catalogue(paths).list() if info.name.startswith("a")]
    assert "\x1b" not in found.name + found.architecture
    assert "\n" not in found.name


def test_how_the_makers_sample_is_a_suggestion_within_bounds(tmp_path: Path) -> None:
    file = tmp_path / "generation_config.json"
    file.write_text(
        '{"temperature": 0.6, "top_k": 20, "top_p": "much", "min_p": true, "repetition_penalty": -1}'
    )
    found = suggested_sampling(tmp_path)
    assert (found.temperature, found.top_k, found.top_p, found.repetition_penalty) == (0.6, 20, 0.9, 1.1)
    file.write_text("[")
    assert suggested_sampling(tmp_path).temperature == 0.7


def test_the_catalogue_never_imports_torch(tiny: ModelMaker) -> None:
    code = (
        "import sys; from pathlib import Path; from aigc_tui.engine.models import describe; "
        "import aigc_tui.engine.client, aigc_tui.engine.client, aigc_tui.engine.remote, aigc_tui.engine.hub; "
        f"describe(Path({str(tiny('llama'))!r})); "
        "print([n for n in ('torch', 'transformers', 'tokenizers', 'httpx2', 'numpy') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_description_counts_parameters_from_the_headers(tiny: ModelMaker) -> None:
    described = describe(tiny("llama"), "x")
    assert described.name == "x"
    assert described.size_bytes > 4 * described.parameters


@pytest.mark.parametrize(
    "nonsense",
    [
        '"temperature": 2.5',
        '"temperature": -1',
        '"temperature": NaN',
        '"top_p": 0',
        '"top_p": 1e-40',
        '"top_p": 1.5',
        '"typical_p": 0.0',
        '"top_k": -3',
        '"top_k": 1e300',
        '"min_p": 2',
        '"repetition_penalty": 0',
        '"repetition_penalty": 1e-40',
        '"repetition_penalty": Infinity',
    ],
)
def test_a_suggestion_that_makes_no_sense_is_ignored_and_the_others_hold(
    tmp_path: Path, nonsense: str
) -> None:
    other = '"min_p": 0.05' if "top_k" in nonsense else '"top_k": 20'
    (tmp_path / "generation_config.json").write_text("{" + nonsense + ", " + other + "}")
    (field,) = json.loads("{" + other + "}").items()
    assert suggested_sampling(tmp_path) == replace(Sampling(), **dict([field]))


def test_a_model_without_a_chat_template_is_told_from_one_that_has_it(
    tiny: ModelMaker, tmp_path: Path
) -> None:
    assert converses(tiny("llama"))
    folder = Path(shutil.copytree(tiny("llama"), tmp_path / "mute"))
    (folder / "tokenizer_config.json").write_text("{}")
    assert not converses(folder)
    (folder / "chat_template.jinja").write_text("x" * (MAX_TEMPLATE + 1))
    with pytest.raises(ModelError, match=r"chat_template\.jinja is larger than 1 MB"):
        converses(folder)


def test_a_name_that_reads_as_an_option_is_refused(paths: Paths, tiny: ModelMaker) -> None:
    with pytest.raises(ModelError, match="cannot be"):
        catalogue(paths).add(tiny("llama"), "--help")


# ---- removing


def here(paths: Paths, tiny: ModelMaker, name: str = "mine") -> Path:
    """A model in the home's folder."""
    return Path(shutil.copytree(tiny("llama"), paths.make(paths.models) / name))


def test_a_model_of_the_home_is_removed_with_what_was_downloaded_of_it(
    paths: Paths, tiny: ModelMaker
) -> None:
    folder = here(paths, tiny)
    here(paths, tiny, "mine-too")
    (paths.models / ".mine.0123.partial").mkdir()
    (paths.models / ".mine.0123.partial" / "x.part").write_bytes(b"x" * 100)
    (paths.models / ".mine-too.0123.partial").mkdir()
    size = sum(file.stat().st_size for file in folder.iterdir())
    removed = catalogue(paths).remove("mine")
    assert (removed.folder, removed.forgotten, removed.freed_bytes) == (folder, False, size + 100)
    assert sorted(path.name for path in paths.models.iterdir()) == [".mine-too.0123.partial", "mine-too"]


def test_an_unfinished_download_alone_can_be_removed(paths: Paths) -> None:
    (paths.make(paths.models) / ".mine.0123.partial").mkdir()
    assert catalogue(paths).remove("mine").folder == paths.models / "mine"
    assert list(paths.models.iterdir()) == []


def test_a_folder_elsewhere_is_only_forgotten(paths: Paths, tiny: ModelMaker) -> None:
    catalogue(paths).add(tiny("llama"), "mine")
    catalogue(paths).add(tiny("gpt2"), "other")
    removed = catalogue(paths).remove("mine")
    assert (removed.folder, removed.forgotten, removed.freed_bytes) == (None, True, 0)
    assert (tiny("llama") / "config.json").is_file()
    assert [entry.name for entry in load_settings(paths).models] == ["other"]


def test_an_entry_that_hides_a_folder_of_the_home_takes_nothing_of_it_away(
    paths: Paths, tiny: ModelMaker
) -> None:
    catalogue(paths).add(tiny("llama"), "mine")
    folder = here(paths, tiny)
    catalogue(paths).remove("mine")
    assert folder.is_dir()
    assert catalogue(paths).resolve("mine").path == str(folder)


def test_an_entry_of_a_folder_in_the_home_goes_with_it(paths: Paths, tiny: ModelMaker) -> None:
    folder = here(paths, tiny, "real")
    catalogue(paths).add(folder, "alias")
    removed = catalogue(paths).remove("alias")
    assert (removed.folder, removed.forgotten) == (folder, True)
    assert not folder.exists()


def test_a_link_in_the_home_is_removed_and_not_what_it_leads_to(paths: Paths, tiny: ModelMaker) -> None:
    (paths.make(paths.models) / "mine").symlink_to(tiny("llama"))
    catalogue(paths).remove("mine")
    assert (tiny("llama") / "config.json").is_file()
    assert list(paths.models.iterdir()) == []


def test_the_chosen_model_gives_way_to_the_starter(paths: Paths, tiny: ModelMaker) -> None:
    here(paths, tiny)
    save_setting(paths, "model", "mine")
    catalogue(paths).remove("mine")
    assert load_settings(paths).model == "starter"


def test_the_starter_stays(paths: Paths) -> None:
    with pytest.raises(ModelError, match="cannot be removed"):
        catalogue(paths).remove("starter")


@pytest.mark.parametrize(
    "name", ["nope", "..", ".", "", "../home", "/etc", "*", "a/../mine", ".mine.0123.partial"]
)
def test_a_name_of_nothing_removes_nothing(paths: Paths, tiny: ModelMaker, name: str) -> None:
    folder = here(paths, tiny)
    (paths.models / ".mine.0123.partial").mkdir()
    with pytest.raises(ModelError, match="there is no model"):
        catalogue(paths).remove(name)
    assert folder.is_dir()
    assert (paths.models / ".mine.0123.partial").is_dir()


def test_a_model_that_is_being_pulled_is_not_removed(paths: Paths, tiny: ModelMaker) -> None:
    folder = here(paths, tiny)
    with only_one(lock_of(folder), "mine"), pytest.raises(DownloadError, match="being pulled"):
        catalogue(paths).remove("mine")
    assert folder.is_dir()


def test_where_a_model_came_from_is_told_clean_and_in_bounds(tmp_path: Path) -> None:
    assert provenance(tmp_path) == {}
    (tmp_path / RECORD).write_text("[")
    assert provenance(tmp_path) == {}
    body = {
        "repo": "o/n\x1b[2J",
        "revision": "abc",
        "size": 5,
        "sha256": True,
        "languages": ["en\n", 3],
        "evil": "x",
    }
    (tmp_path / RECORD).write_text(json.dumps(body))
    known = provenance(tmp_path)
    assert list(known) == ["source", "revision", "size", "languages"]
    assert "\x1b" not in known["source"]
    assert known["languages"] == ["en", "3"]


ENTRY = """models:
- id: m
  name: M
  repository: a/b
  revision: "{revision}"
  file: m.gguf
  size: 9
  sha256: "{digest}"
  known_by: the file itself
  parameters: 1
  licence: MIT
  languages: [en]
  context: 9
  sampling: {{temperature: 0.2, top_k: 30, presence_penalty: 1.5, max_tokens: 9}}
  sources: [hub]
"""
DIGEST = "ab" * 32


def made_of(paths: Paths, digest: str, config: str = "{}") -> ModelSpec:
    """A model made of a file of this digest, and a catalogue that knows one of `DIGEST`."""
    paths.make(paths.home)
    (paths.home / "catalogue.yaml").write_text(ENTRY.format(revision="c" * 40, digest=DIGEST))
    folder = paths.make(paths.models) / "m"
    folder.mkdir(exist_ok=True)
    (folder / RECORD).write_text(json.dumps({"sha256": digest}))
    (folder / "generation_config.json").write_text(config)
    return catalogue(paths).resolve("m")


def test_the_catalogue_recommends_for_the_very_file_however_it_came_here(paths: Paths) -> None:
    spec = made_of(paths, DIGEST)
    # The length of a reply is not the makers' to say.
    assert catalogue(paths).defaults(spec) == {"temperature": 0.2, "top_k": 30, "presence_penalty": 1.5}
    assert catalogue(paths).defaults(made_of(paths, "cd" * 32)) == {}


def test_what_stands_in_the_folder_comes_before_the_catalogue(paths: Paths) -> None:
    spec = made_of(paths, DIGEST, '{"temperature": 0.9, "min_p": 0.1}')
    found = catalogue(paths).defaults(spec)
    assert found == {"temperature": 0.9, "top_k": 30, "presence_penalty": 1.5, "min_p": 0.1}


def test_a_broken_catalogue_of_the_users_does_not_stop_a_chat(paths: Paths) -> None:
    spec = made_of(paths, DIGEST, '{"top_k": 7}')
    (paths.home / "catalogue.yaml").write_text("models: [")
    assert catalogue(paths).defaults(spec) == {"top_k": 7}


def test_a_servers_model_has_no_recommendation(paths: Paths) -> None:
    assert catalogue(paths).defaults(ModelSpec("s", "openai")) == {}


# ---- the default

KNOWN = {"small": ("aa", 135, "[en]"), "middle": ("bb", 490, "[zh, en]"), "large": ("cc", 1700, "[en]")}
"""What the catalogue of these tests knows: beginning of the SHA-256, parameters, languages."""


@pytest.fixture
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "available_bytes", lambda: 2**40)


def install(paths: Paths, tiny: ModelMaker, *names: str) -> None:
    """Bring models of the catalogue into the home; the file of one is as big as it has parameters."""
    entries = ["models:\n"]
    for name, (digest, parameters, languages) in KNOWN.items():
        entry = ENTRY.format(revision="c" * 40, digest=digest * 32).removeprefix("models:\n")
        for old, new in (
            ("id: m\n", f"id: {name}\n"),
            ("parameters: 1\n", f"parameters: {parameters}\n"),
            ("size: 9\n", f"size: {parameters * 10**6}\n"),
            ("languages: [en]", f"languages: {languages}"),
        ):
            assert old in entry
            entry = entry.replace(old, new)
        entries.append(entry)
    paths.make(paths.home)
    (paths.home / "catalogue.yaml").write_text("".join(entries))
    for name in names:
        folder = here(paths, tiny, name)
        (folder / RECORD).write_text(json.dumps({"sha256": KNOWN[name][0] * 32}))


def test_without_other_models_the_starter_is_the_default(paths: Paths) -> None:
    assert catalogue(paths).default("en") == "starter"


@pytest.mark.usefixtures("plenty")
def test_the_default_is_the_largest_model_that_speaks_the_language(paths: Paths, tiny: ModelMaker) -> None:
    install(paths, tiny, *KNOWN)
    assert catalogue(paths).default("en") == "large"
    assert catalogue(paths).default("zh") == "middle"
    catalogue(paths).remove("middle")
    assert catalogue(paths).default("zh") == "large"


def test_a_model_too_big_for_the_free_memory_is_not_the_default(
    paths: Paths, tiny: ModelMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(paths, tiny, *KNOWN)
    for free, best in ((10**10, "large"), (2 * 10**9, "middle"), (10**9, "small"), (10**8, "starter")):
        monkeypatch.setattr(models, "available_bytes", lambda free=free: free)
        assert catalogue(paths).default("en") == best
    monkeypatch.setattr(models, "available_bytes", lambda: None)
    assert catalogue(paths).default("en") == "large"


@pytest.mark.usefixtures("plenty")
def test_a_model_that_cannot_answer_or_that_nobody_knows_is_not_the_default(
    paths: Paths, tiny: ModelMaker
) -> None:
    install(paths, tiny, *KNOWN)
    (paths.models / "large" / "config.json").unlink()
    (paths.models / "middle" / "tokenizer_config.json").write_text("{}")
    here(paths, tiny, "unknown")
    assert catalogue(paths).default("en") == "small"
    (paths.home / "catalogue.yaml").write_text("models: [")
    assert catalogue(paths).default("en") == "starter"


@pytest.mark.usefixtures("plenty")
def test_the_users_choice_is_the_default_even_if_it_is_the_starter(paths: Paths, tiny: ModelMaker) -> None:
    install(paths, tiny, *KNOWN)
    for name in ("small", "starter", "gone"):
        save_setting(paths, "model", name)
        assert catalogue(paths).default("en") == name
    save_setting(paths, "model", None)
    assert with_default(paths, load_settings(paths), "en") == replace(load_settings(paths), model="large")


def test_every_model_but_the_starter_is_told_who_it_is(paths: Paths, tiny: ModelMaker) -> None:
    assert not needs_identity(Path(catalogue(paths).resolve("starter").path))
    assert needs_identity(tiny("llama"))
    assert needs_identity(None)
