"""The rules of the crisis check as they stand in data/safety/crisis.yaml, compiled once.

Why it exists: the phrases, the look-alikes and the fixed words are data that a careful person edits, not
code; reading and checking them is kept apart from applying them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from aigc_tui.config import shipped
from aigc_tui.message import AppError


class CrisisKind(StrEnum):
    """What a text speaks of."""

    SELF_HARM = "self_harm"
    HARM_OTHERS = "harm_others"
    ABUSE = "abuse"


class Person(StrEnum):
    """Whose danger a pattern may be about."""

    FIRST = "first"
    """Only the writer's."""
    ANY = "any"
    """The writer's, or nobody's by name."""
    NONE = "none"
    """The pattern names the writer itself."""


class Scope(StrEnum):
    """How far around a find a context counts."""

    TEXT = "text"
    SENTENCE = "sentence"
    QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One phrase."""

    kind: CrisisKind
    language: str
    person: Person
    phrase: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Context:
    """Words that explain a phrase away."""

    name: str
    scope: Scope
    kinds: tuple[CrisisKind, ...]
    words: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything in the file. `subjects` finds both persons; the group `first` tells which it was."""

    responses: Mapping[str, str]
    variants: Mapping[int, int]
    patterns: tuple[Pattern, ...]
    negations: Mapping[str, re.Pattern[str]]
    subjects: Mapping[str, re.Pattern[str]]
    contexts: tuple[Context, ...]


class RulesError(AppError):
    """The rules file is damaged; the message is one line that names it."""


@cache
def load_rules(path: Path | None = None) -> Rules:
    """Read and compile the rules; later calls get the same object.

    Args:
        path: The file; default: the shipped one.

    Raises:
        RulesError: It is missing or damaged.
    """
    from aigc_tui.config.yaml_file import YamlError, read_yaml

    file = path or shipped("data") / "safety" / "crisis.yaml"
    try:
        raw: Any = read_yaml(file).value
        return _rules(raw, _expanded(raw["words"]))
    except YamlError as error:
        raise RulesError(error.message) from error
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise RulesError(
            "{path}: not a file of crisis rules: {problem}", path=file.name, problem=repr(error)
        ) from error


def _rules(raw: Any, words: Mapping[str, str]) -> Rules:
    first, other = raw["subjects"]["first"], raw["subjects"]["other"]
    subjects = {
        language: _regex(f"(?P<first>{first[language]})|(?:{other[language]})", words) for language in first
    }
    return Rules(
        responses={str(language): str(text) for language, text in raw["responses"].items()},
        variants=str.maketrans(raw["variants"]["from"], raw["variants"]["to"]),
        patterns=tuple(pattern for group in raw["patterns"] for pattern in _patterns(group, words)),
        negations={language: _regex(text, words) for language, text in raw["negations"].items()},
        subjects=subjects,
        contexts=tuple(_context(item, words) for item in raw["contexts"]),
    )


def _patterns(group: Any, words: Mapping[str, str]) -> Iterator[Pattern]:
    kind, person = CrisisKind(group["kind"]), Person(group["person"])
    for phrase in group["match"]:
        yield Pattern(kind, group["language"], person, _regex(phrase, words))


def _context(item: Any, words: Mapping[str, str]) -> Context:
    kinds = tuple(CrisisKind(kind) for kind in item["kinds"])
    return Context(item["name"], Scope(item["scope"]), kinds, _regex(f"{item['en']}|{item['zh']}", words))


def _expanded(words: Mapping[str, str]) -> dict[str, str]:
    """Fill words into later words, in the file's order."""
    done: dict[str, str] = {}
    for name, text in words.items():
        done[name] = _fill(text, done)
    return done


def _fill(text: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(f"<{name}>", f"(?:{value})")
    return text


def _regex(text: str, words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_fill(text, words))
