"""One settings file: defaults, errors that name the line, and edits that keep what the user wrote."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aigc_tui.config import (
    SCHEMA,
    ConfigError,
    ModelEntry,
    Paths,
    Settings,
    load_or_default,
    load_settings,
    save_setting,
)
from aigc_tui.text import one_line


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.find(tmp_path / "home")


def write(paths: Paths, text: str | bytes) -> None:
    paths.make(paths.home)
    paths.settings.write_bytes(text.encode() if isinstance(text, str) else text)


def test_without_a_file_everything_has_its_default(paths: Paths) -> None:
    assert load_settings(paths) == Settings()


def test_an_empty_file_or_one_of_comments_gives_the_defaults(paths: Paths) -> None:
    write(paths, "# nothing yet\n")
    assert load_settings(paths) == Settings()


def test_every_field_is_in_the_schema_and_every_default_passes_its_own_check(paths: Paths) -> None:
    bookkeeping = {"given", "extra", "warnings"}
    assert {item.key for item in SCHEMA} == {item.name for item in fields(Settings)} - bookkeeping
    for item in SCHEMA:
        save_setting(paths, item.key, item.default)
    assert load_settings(paths) == Settings()


def test_values_are_read(paths: Paths) -> None:
    write(
        paths,
        "language: zh\ntemperature: 1\nkeys: {chat.stop: ctrl+x}\nmodels:\n"
        "- {name: big, path: /m/big}\n"
        "- {name: srv, kind: openai, base_url: 'http://127.0.0.1:1/v1', model: q}\n",
    )
    settings = load_settings(paths)
    assert settings.language == "zh"
    assert settings.temperature == 1.0
    assert settings.keys == {"chat.stop": "ctrl+x"}
    assert settings.models == (
        ModelEntry("big", path="/m/big"),
        ModelEntry("srv", "openai", base_url="http://127.0.0.1:1/v1", model="q"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: 1\n\ntemperature: 9\n",
            "settings.yaml:3: temperature: 9 is not valid; use a number between 0 and 2",
        ),
        ("temperature: warm\n", "settings.yaml:1: temperature: 'warm' is not valid; use a number"),
        (
            "temperature: .nan\n",
            "settings.yaml:1: temperature: nan is not valid; use a number between 0 and 2",
        ),
        ("top_k: 1.5\n", "settings.yaml:1: top_k: 1.5 is not valid; use a whole number"),
        ("top_k: true\n", "settings.yaml:1: top_k: true is not valid; use a whole number"),
        (
            "max_tokens: 0\n",
            "settings.yaml:1: max_tokens: 0 is not valid; use a whole number between 1 and 1000000",
        ),
        ("sidebar: 1\n", "settings.yaml:1: sidebar: 1 is not valid; use true or false"),
        ("language: fr\n", "settings.yaml:1: language: 'fr' is not valid; use auto, en or zh"),
        ("persona: [a]\n", "settings.yaml:1: persona: a list is not valid; use a text"),
        ("keys:\n  a: b\n  c: 3\n", "settings.yaml:3: keys: c: 3 is not valid; use the name of a key"),
        (
            "models:\n- name: x\n  path: /x\n- path: /y\n",
            "settings.yaml:4: models: every model needs a name",
        ),
        (
            "models:\n- name: x\n  key: secret\n",
            "settings.yaml:3: models: 'key' is not valid; use name, kind",
        ),
        (
            "models:\n- name: x\n  kind: gguf\n",
            "settings.yaml:3: models: kind: 'gguf' is not valid; use local or openai",
        ),
        ("models:\n- name: x\n", "settings.yaml:2: models: the local model 'x' needs a path"),
        (
            "models:\n- {name: x, path: /x}\n- {name: x, path: /y}\n",
            "settings.yaml:3: models: two models are named 'x'",
        ),
        ("- a\n- b\n", "settings.yaml:1: settings must be written as `name: value` lines"),
        ("language: zh\nlanguage: en\n", "settings.yaml:2: 'language' is already given on line 1"),
        ("a: &x 1\nb: *x\n", "settings.yaml:2: aliases (*name) are not allowed"),
        ("a: !!python/object:os.system x\n", "settings.yaml:1: not valid YAML"),
        ("language: zh\n  temperature: 1\n", "settings.yaml:2: not valid YAML"),
        ("a: " + "[" * 5000, "settings.yaml:1: nested more than 24 levels deep"),
        ("seed: " + "9" * 5000, "settings.yaml: holds a value that cannot be read"),
        (
            "seed: 0x" + "f" * 5000,
            "settings.yaml:1: seed: a far too large number is not valid; use a whole number",
        ),
        (b"language: \xff\n", "settings.yaml:1: not UTF-8 text; save it as UTF-8"),
        (b"a: " + b"x" * (1 << 20), "settings.yaml: larger than 1024 KiB; make it smaller"),
    ],
)
def test_a_mistake_is_one_line_with_its_place_and_what_would_be_right(
    paths: Paths, text: str | bytes, message: str
) -> None:
    write(paths, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(paths)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_unknown_keys_are_kept_and_warned_of(paths: Paths) -> None:
    write(paths, "language: zh\nfuture: {a: 1}\n")
    settings = load_settings(paths)
    assert settings.extra == {"future": {"a": 1}}
    assert tuple(map(str, settings.warnings)) == (
        "settings.yaml:2: future is not a known setting; it is kept but has no effect",
    )


def test_a_wrong_value_costs_only_itself(paths: Paths) -> None:
    write(paths, "language: zh\ntemperature: 9\n")
    settings, error = load_or_default(paths)
    assert settings == Settings(language="zh")
    assert str(error) == "settings.yaml:2: temperature: 9 is not valid; use a number between 0 and 2"


def test_a_folder_in_the_files_place_does_not_stop_the_program(paths: Paths) -> None:
    paths.settings.mkdir(parents=True)
    settings, error = load_or_default(paths)
    assert settings == Settings()
    assert "settings.yaml" in str(error)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_in_the_file_the_program_starts(paths: Paths, data: bytes) -> None:
    write(paths, data)
    settings, _ = load_or_default(paths)
    assert isinstance(settings, Settings)


COMMENTED = """\
# my settings
language: zh   # I live there

theme: nord
future: keep me
keys:
  # mine
  chat.stop: ctrl+x
# the end
"""


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("language", "en", COMMENTED.replace("language: zh ", "language: en ")),
        ("theme", "a: b #c", COMMENTED.replace("theme: nord", "theme: 'a: b #c'")),
        ("seed", 7, COMMENTED + "seed: 7\n"),
        ("theme", None, COMMENTED.replace("theme: nord", "theme: null")),
        (
            "keys",
            {"chat.stop": "f3"},
            COMMENTED.replace("  # mine\n  chat.stop: ctrl+x", "  chat.stop: f3"),
        ),
    ],
)
def test_one_setting_changes_and_the_rest_of_the_file_stays(
    paths: Paths, key: str, value: object, expected: str
) -> None:
    write(paths, COMMENTED)
    save_setting(paths, key, value)
    assert paths.settings.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    "text",
    [
        "{language: zh, future: 1}",
        "language:\nfuture: 1",
        "language: |\n  zh\nfuture: 1\n",
        "---\nfuture: 1\n...\n",
    ],
)
def test_unusual_shapes_survive_a_change(paths: Paths, text: str) -> None:
    write(paths, text)
    save_setting(paths, "language", "en")
    settings = load_settings(paths)
    assert settings.language == "en"
    assert settings.extra == {"future": 1}


def test_a_file_that_must_be_dumped_anew_is_kept_beside(paths: Paths) -> None:
    write(paths, "{future: 1}  # one line\n")
    save_setting(paths, "language", "en")
    assert (paths.home / "settings.yaml.bak").read_text(encoding="utf-8") == "{future: 1}  # one line\n"


def test_saving_into_a_broken_file_changes_nothing(paths: Paths) -> None:
    write(paths, "language: [zh\n")
    with pytest.raises(ConfigError, match="nothing was saved"):
        save_setting(paths, "language", "en")
    assert paths.settings.read_text(encoding="utf-8") == "language: [zh\n"


def test_a_wrong_value_or_name_is_refused_before_the_file_is_touched(paths: Paths) -> None:
    with pytest.raises(ConfigError, match="temperature: 3 is not valid; use a number between 0 and 2"):
        save_setting(paths, "temperature", 3)
    with pytest.raises(ConfigError, match="no setting named 'tempreature'"):
        save_setting(paths, "tempreature", 1)
    assert not paths.settings.exists()


def test_models_are_saved_as_a_list_and_read_back(paths: Paths) -> None:
    entries = (ModelEntry("srv", "openai", base_url="http://h/v1", model="q", key_env="KEY"),)
    save_setting(paths, "models", entries)
    save_setting(paths, "language", "zh")
    assert load_settings(paths) == Settings(language="zh", models=entries)


@given(
    st.lists(
        st.tuples(st.sampled_from(["theme", "persona", "model"]), st.text(min_size=1, max_size=30)),
        max_size=6,
    )
)
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
def test_any_text_that_is_accepted_is_read_back(paths: Paths, edits: list[tuple[str, str]]) -> None:
    write(paths, COMMENTED)
    for key, value in edits:
        if one_line(value):
            saved = save_setting(paths, key, value)
            assert getattr(saved, key) == one_line(value)
            assert load_settings(paths) == saved
            assert saved.extra == {"future": "keep me"}


def test_starting_without_a_file_loads_neither_yaml_nor_platformdirs(
    tmp_path: Path,
) -> None:
    code = (
        "import sys, pathlib; from aigc_tui.config import Paths, load_settings;"
        "load_settings(Paths.find(pathlib.Path(sys.argv[1])));"
        "print([name for name in ('yaml', 'platformdirs', 'textual', 'torch') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "device"),
    [("auto", "auto"), ("cpu", "cpu"), ("cuda", "cuda"), ("cuda:0", "cuda:0"), ("'cuda:15'", "cuda:15"),
     ("mps", "mps"), ("xpu", "xpu")],
)  # fmt: skip
def test_a_device_may_be_one_of_several_gpus(paths: Paths, text: str, device: str) -> None:
    write(paths, f"device: {text}\n")
    assert load_settings(paths).device == device


@pytest.mark.parametrize(
    "text", ["gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:1", "cuda:1 ", "cuda:١", "CUDA", "0"]
)
def test_another_device_is_refused_with_what_would_be_right(paths: Paths, text: str) -> None:
    write(paths, f"theme: ink\ndevice: {text!r}\n")
    with pytest.raises(
        ConfigError, match=r"settings\.yaml:2: device: .* use auto, cpu, cuda, cuda:N, mps or xpu"
    ):
        load_settings(paths)


def test_quantisation_that_is_off_may_be_written_without_quotes(paths: Paths) -> None:
    write(paths, "quantize: off\n")
    assert load_settings(paths).quantize == "off"
    assert save_setting(paths, "quantize", "int8").quantize == "int8"
    assert save_setting(paths, "quantize", "off").quantize == "off"
    assert load_settings(paths).quantize == "off"


@pytest.mark.parametrize("text", ["on", "int2", "fp8", "true", "4"])
def test_another_quantisation_is_refused(paths: Paths, text: str) -> None:
    write(paths, f"quantize: {text}\n")
    with pytest.raises(ConfigError, match="use auto, int4, int8 or off"):
        load_settings(paths)
