"""Labelled texts: openings of dialogues with their topics, and generated messages with their intents."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from aigc_tui.corpora.grammar.dialogues import load_grammars
from aigc_tui.corpora.grammar.rules import GENERAL, Exchange, Grammar, UnboundError, expand
from aigc_tui.corpora.records import CorpusError, to_record
from aigc_tui.course.classification.labelled import Example
from aigc_tui.text import clean

_WHOLE_FILE = {"smile": "feelings", "taskmaster": "coffee", "howtocook": "cooking"}
_TOPIC_FILES = ("sgd", "kdconv")
_RENAMED = {"RentalCars": "cars", "北京旅游": "travel"}
_LONGEST = 100
_FEWEST, _MOST = 150, 600


def topics(corpus: Path) -> list[Example]:
    """Read the openings of dialogues with their topic: topics that occur often, none of them too often.

    Args:
        corpus: Folder with the files of shared/corpus.

    Raises:
        CorpusError: A file is missing or broken.
    """
    found = [
        Example(text, label)
        for name in (*_TOPIC_FILES, *_WHOLE_FILE)
        for raw in _objects(corpus / f"{name}.jsonl.xz")
        if (label := _label(name, raw)) and (text := _opening(raw, name))
    ]
    grouped: dict[str, list[Example]] = {}
    for example in found:
        grouped.setdefault(example.label, []).append(example)
    return [e for group in grouped.values() if len(group) >= _FEWEST for e in group[:_MOST]]


def intents(count: int, seed: int, kinds: int = 8) -> list[Example]:
    """Make messages with what they want (greeting, telling a name, ...) from the grammars of talk.

    Args:
        count: How many; some may be alike.
        seed: The same seed gives the same messages.
        kinds: How many intents: those that weigh most in both languages.
    """
    grammars, random = load_grammars(), Random(seed)
    tables = {name: {e.name: e for e in g.roles[GENERAL].exchanges} for name, g in grammars.items()}
    shared = set.intersection(*map(set, tables.values()))
    weight = {name: sum(table[name].weight for table in tables.values()) for name in shared}
    chosen = sorted(shared, key=lambda name: (-weight[name], name))[:kinds]
    made: list[Example] = []
    while len(made) < count:
        language, name = random.choice(sorted(grammars)), random.choice(chosen)
        if text := _said(tables[language][name], grammars[language], random):
            made.append(Example(text, name.replace("_", " ")))
    return made


def _said(exchange: Exchange, grammar: Grammar, random: Random) -> str:
    """Say an exchange's first turn; nothing where it needs something said before."""
    try:
        return expand(random.choice(exchange.turns[0]), grammar, {}, random).strip()
    except UnboundError:
        return ""


def _label(name: str, raw: dict[str, Any]) -> str:
    """Return the topic; none where a dialogue has several, since its opening shows one of them at most."""
    topic = _WHOLE_FILE.get(name) or str(raw.get("topic", ""))
    return "" if "," in topic else _RENAMED.get(topic, topic).lower()


def _opening(raw: dict[str, Any], where: str) -> str:
    """Return what the user says first, or the beginning of a text."""
    record = to_record(raw, where)
    said = next((message.content for message in record.messages if message.role == "user"), record.text)
    return clean(said).strip()[:_LONGEST]


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                raw = json.loads(line)
                if not isinstance(raw, dict):
                    raise CorpusError(
                        "{name} line {number}: a record must be a JSON object", name=path.name, number=number
                    )
                yield raw
    except (OSError, lzma.LZMAError, UnicodeDecodeError, json.JSONDecodeError, EOFError) as error:
        raise CorpusError("cannot read {path}: {problem}", path=path, problem=error) from error
