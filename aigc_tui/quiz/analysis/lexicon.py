"""The word lists that the rules read, from the small files in `data/`; each is read once a process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

RARE = 9.0
"""The weight of a word that the table does not know: it is likely a technical one."""


@dataclass(frozen=True, slots=True)
class WordEntry:
    """What is known of an English word form.

    Args:
        idf: Natural logarithm of (documents / documents with the word) in an encyclopedia and textbooks.
        tags: `n` noun, `N` plural, `v` verb, `a` adjective, `r` adverb, `d` past form, `g` -ing form.
        nounness: 0 to 9: how often it stands where a noun stands rather than a verb.
        headness: 0 to 9: how often, after an article or preposition, no further noun follows it.
    """

    idf: float
    tags: str
    nounness: int
    headness: int


def read_data(name: str) -> str:
    """The text of one data file."""
    return files("aigc_tui.quiz.analysis").joinpath("data", name).read_text("utf-8")


def _lines(name: str) -> list[str]:
    return [line for line in read_data(name).splitlines() if line and not line.startswith("#")]


@cache
def english_words() -> dict[str, WordEntry]:
    """English word forms (lower case) with what is known of them."""
    table: dict[str, WordEntry] = {}
    for line in _lines("english_words.tsv"):
        word, idf, tags, places = line.split("\t")
        table[word] = WordEntry(float(idf), "" if tags == "-" else tags, int(places[0]), int(places[1]))
    return table


@cache
def english_places() -> frozenset[str]:
    """Names of well-known places."""
    return frozenset(name.strip() for line in _lines("english_places.txt") for name in line.split(";"))


@cache
def english_names() -> frozenset[str]:
    """First names, and the single names of the famous."""
    return frozenset(name for line in _lines("english_names.txt") for name in line.split())


@cache
def word_list(name: str, section: str) -> frozenset[str]:
    """One section of a word list: the words between the line `[section]` and the next such line."""
    words: list[str] = []
    inside = False
    for line in _lines(name):
        if line.startswith("["):
            inside = line == f"[{section}]"
        elif inside:
            words += line.split(";") if ";" in line else line.split()
    return frozenset(word.strip() for word in words if word.strip())
