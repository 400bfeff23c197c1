"""The families of tasks and their way into a recipe: ``task:NAME``.

A family is made from corpus files, from a grammar of its own in this folder (``NAME.en.txt`` and
``NAME.zh.txt``, see grammar/rules.py), or by arithmetic. Each exchange gets an opening as the application
writes it: often a persona's system prompt, examples and greeting.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from aigc_tui.corpora.grammar.dialogues import LANGUAGES, Openings, grammar_lines
from aigc_tui.corpora.grammar.dialogues import fingerprint as talk_fingerprint
from aigc_tui.corpora.grammar.rules import Exchange, Grammar, expand, parse
from aigc_tui.corpora.records import DialogueMessage, Record, read_rows, record_key
from aigc_tui.corpora.tasks import formats, knowledge, reading
from aigc_tui.corpora.tasks.asking import Asked, Row, cased

FAMILIES = ("rewriting", "extraction", "unknowable", "promotion", "telling")
_HOME = Path(__file__).parent
_ROLE = "task"


def maker(name: str) -> Callable[[Sequence[Row], Random], Iterator[Asked]]:
    """Return the function that makes exchanges of one family, without end."""

    def make(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
        grammars = {language: load(name, language) for language in LANGUAGES}
        while True:
            language = random.choice(LANGUAGES)
            exchanges = grammars[language].roles[_ROLE].exchanges
            chosen = random.choices(exchanges, weights=[exchange.weight for exchange in exchanges])[0]
            yield Asked(language, said(chosen, grammars[language], random))

    return make


def load(name: str, language: str) -> Grammar:
    """Read a family's grammar on top of the talk's."""
    own = (_HOME / f"{name}.{language}.txt").read_text(encoding="utf-8").splitlines()
    return parse([*grammar_lines(language), "", f"% {_ROLE}", *own])


def said(exchange: Exchange, grammar: Grammar, random: Random) -> tuple[str, ...]:
    """Expand all turns of an exchange.

    Raises:
        UnboundError: The grammar names a rule or value that is not there.
    """
    known: dict[str, tuple[str, ...]] = {}
    turns = [expand(random.choice(turn), grammar, known, random) for turn in exchange.turns]
    return tuple(
        text[:1].upper() + text[1:] if i % 2 else cased(text, random) for i, text in enumerate(turns)
    )


_ROWS = 40_000
_STRUNG = (1, 1, 1, 2, 3, 4)

Maker = Callable[[Sequence[Row], Random], Iterator[Asked]]


@dataclass(frozen=True, slots=True)
class Task:
    """One family: corpus files to read (none for a made-up one), and what makes exchanges of them."""

    make: Maker
    files: tuple[str, ...] = ()


TASKS: Mapping[str, Task] = {
    "passages": Task(reading.make_passages, ("fairytale_qa", "squadlike")),
    "simplify": Task(reading.make_simplify, ("onestop",)),
    "attributes": Task(knowledge.make_attributes, ("e2e",)),
    "definitions": Task(knowledge.make_definitions, ("wordnet",)),
    "trivia": Task(knowledge.make_trivia, ("trivia",)),
    "riddles": Task(knowledge.make_riddles, ("xiehouyu",)),
    "articles": Task(reading.make_articles, ("enwiki", "zhwiki")),
    "continuing": Task(reading.make_continuing, ("storybook", "fairytale")),
    "cooking": Task(knowledge.make_cooking, ("howtocook",)),
    "formats": Task(formats.make),
    **{name: Task(maker(name)) for name in FAMILIES},
}


def task_records(
    name: str, corpus: Path, personas: Path | None, seed: int, files: Mapping[str, Path] | None = None
) -> Iterator[tuple[str, Record]]:
    """Stream the dialogues of a family, each with the text that decides whether it is held out.

    Args:
        name: One of ``TASKS``.
        corpus: Folder of the corpus files.
        personas: Folder of persona files whose prompts stand before some of them, or None.
        seed: The same seed gives the same dialogues.
        files: Corpus file of a name that is not ``NAME.jsonl.xz`` in the folder.

    Raises:
        CorpusError: A corpus file cannot be read.
    """
    task, random = TASKS[name], Random(f"{seed}-{name}")
    given = files or {}
    paths = [given.get(file, corpus / f"{file}.jsonl.xz") for file in task.files]
    rows = [row for path in paths for row in itertools.islice(read_rows(path), _ROWS)]
    openings = Openings(personas)
    made = task.make(rows, random)
    for asked in made if task.files else _strung(made, random):
        record = _dialogue(asked, openings, random)
        yield asked.key or record_key(record), record


def fingerprint(name: str, corpus: Path, personas: Path | None) -> str:
    """Name the state of everything that a family's dialogues depend on, to notice a change."""
    code = b"".join(path.read_bytes() for path in sorted(_HOME.glob("*.*")))
    sizes = [
        path.stat().st_size for file in TASKS[name].files if (path := corpus / f"{file}.jsonl.xz").exists()
    ]
    return f"{hashlib.sha256(code).hexdigest()}|{talk_fingerprint(personas)}|{sizes}"


def _strung(made: Iterator[Asked], random: Random) -> Iterator[Asked]:
    """String some short exchanges of one language together, as a conversation wanders."""
    waiting: dict[str, list[Asked]] = {language: [] for language in LANGUAGES}
    wanted = dict.fromkeys(LANGUAGES, 1)
    for asked in made:
        group = waiting[asked.language]
        group.append(asked)
        if len(group) >= wanted[asked.language]:
            yield Asked(asked.language, tuple(turn for one in group for turn in one.turns))
            group.clear()
            wanted[asked.language] = random.choice(_STRUNG)


def _dialogue(asked: Asked, openings: Openings, random: Random) -> Record:
    roles = itertools.cycle(("user", "assistant"))
    turns = tuple(DialogueMessage(role, text) for role, text in zip(roles, asked.turns, strict=False))
    assert asked.language in LANGUAGES
    return Record(messages=openings.general(asked.language, random) + turns)
