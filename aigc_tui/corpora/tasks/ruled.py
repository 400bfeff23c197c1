"""Families that are grammars: ``NAME.en.txt`` and ``NAME.zh.txt`` beside this file; see grammar/rules.py.

They may use every rule of the talk's grammars (names, animals, cities) and their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from aigc_tui.corpora.grammar.dialogues import LANGUAGES, grammar_lines
from aigc_tui.corpora.grammar.rules import Exchange, Grammar, expand, parse
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
