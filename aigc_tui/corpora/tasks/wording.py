"""The wordings and small tables of formats.yaml, read into typed records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import yaml

_FILE = Path(__file__).with_name("formats.yaml")


@dataclass(frozen=True, slots=True)
class Wording:
    """How forms are asked for; every table has the languages ``en`` and ``zh`` unless it says otherwise.

    Args:
        requests: Form -> language -> phrasings with slots; a form may exist in one language only.
        kinds: Things that can be listed: rule of the talk's grammar, and what to call it.
        sayings: Sentences about a person, to be turned into JSON.
        bilingual: Questions with their answers in both languages: language -> (question, answer).
        facts: Questions with the shortest answer: language -> (question, answer).
    """

    requests: Mapping[str, Mapping[str, tuple[str, ...]]]
    kinds: Mapping[str, tuple[tuple[str, str], ...]]
    sayings: Mapping[str, tuple[str, ...]]
    bilingual: tuple[Mapping[str, tuple[str, str]], ...]
    facts: Mapping[str, tuple[tuple[str, str], ...]]

    def say(self, form: str, language: str, random: Random, **values: object) -> str:
        """Fill one of the phrasings of a form."""
        return random.choice(self.requests[form][language]).format(**values)


@cache
def load_wording() -> Wording:
    """Read the file, once."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Wording(
        requests={
            form: {language: tuple(lines) for language, lines in by_language.items()}
            for form, by_language in raw["wording"].items()
        },
        kinds={
            language: tuple((rule, label) for rule, label in rows) for language, rows in raw["kinds"].items()
        },
        sayings={language: tuple(lines) for language, lines in raw["sayings"].items()},
        bilingual=tuple(
            {language: (row[0], row[1]) for language, row in pair.items()} for pair in raw["bilingual"]
        ),
        facts={
            language: tuple((asked, told) for asked, told in rows) for language, rows in raw["facts"].items()
        },
    )
