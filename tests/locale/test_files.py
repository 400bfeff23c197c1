"""The two languages say the same things, everything they say is used, and everything used is there."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import aigc_tui
from aigc_tui.config import SCHEMA, SECTIONS
from aigc_tui.locale import LANGUAGES, Catalogue, Entry

PACKAGE = Path(aigc_tui.__file__).parent
FOLDER = PACKAGE / "locale"
CALLS = {"t", "text", "translate"}
FORMS = {"one", "other"}


def entries(language: str) -> Mapping[str, Entry]:
    """The named strings; messages whose English template is their key are checked in test_messages."""
    templates = {
        key
        for file in (FOLDER / language / "messages").glob("*.json")
        for key in json.loads(file.read_text(encoding="utf-8"))
    }
    found = Catalogue.load("zh" if language == "zh" else "en").entries
    return {key: entry for key, entry in found.items() if key not in templates}


def areas() -> set[str]:
    return {file.stem for language in LANGUAGES for file in (FOLDER / language).glob("*.json")}


def placeholders(entry: Entry) -> set[str]:
    texts = [entry] if isinstance(entry, str) else entry.values()
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def from_the_schema() -> set[str]:
    labels = {key for item in SCHEMA for key in (item.label_key, item.help_key)}
    return labels | {f"settings.section_{name}" for name in SECTIONS}


def literals() -> set[str]:
    return {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def called_keys() -> Iterator[tuple[str, str]]:
    """Find the literal first argument of every call of t(...), x.t(...), x.text(...), translate(...)."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            key = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
            if name in CALLS and "." in key and key.split(".")[0] in areas():
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", key


def test_both_languages_have_the_same_keys() -> None:
    english, chinese = entries("en"), entries("zh")
    assert sorted(english.keys() ^ chinese.keys()) == []


def test_both_languages_have_the_same_placeholders() -> None:
    english, chinese = entries("en"), entries("zh")
    shared = english.keys() & chinese.keys()
    differing = [key for key in shared if placeholders(english[key]) != placeholders(chinese[key])]
    assert differing == []


def test_every_key_is_used_somewhere() -> None:
    used = literals() | from_the_schema()
    assert sorted(key for key in entries("en") if key not in used) == []


def test_every_key_that_is_asked_for_exists() -> None:
    known = entries("en")
    assert [f"{where}: {key}" for where, key in called_keys() if key not in known] == []
    assert sorted(from_the_schema() - known.keys()) == []


def test_the_scan_sees_the_calls_it_is_meant_to_see() -> None:
    # A scan that finds nothing would pass for ever.
    assert len(list(called_keys())) > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_are_flat_sorted_out_and_without_empty_texts(language: str) -> None:
    for file in (FOLDER / language).glob("*.json"):
        pairs = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list)
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), f"{file.name} gives a name twice"
        for name, value in json.loads(file.read_text(encoding="utf-8")).items():
            texts = [value] if isinstance(value, str) else list(value.values())
            assert isinstance(value, str) or set(value) == FORMS, f"{file.name}: {name}"
            full = all(isinstance(text, str) and text.strip() for text in texts)
            assert full, f"{file.name}: {name} is empty"


def test_chinese_texts_are_chinese() -> None:
    # Names of settings such as Top-k are the same in both languages; a sentence is not.
    english, chinese = entries("en"), entries("zh")
    untranslated = [
        key
        for key, text in english.items()
        if isinstance(text, str) and text.isascii() and text.count(" ") >= 2 and chinese.get(key) == text
    ]
    assert untranslated == []
