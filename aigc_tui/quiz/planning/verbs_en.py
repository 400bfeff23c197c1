"""English verb forms: what turning a statement into a question needs to know.

"Bell invented the telephone in 1876" becomes "In which year did Bell invent ...?": that takes
the base of a past form, and knowing a verb at sight. Verbs outside the list make no question, never a wrong
one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from aigc_tui.quiz.analysis.lexicon import read_data

AUXILIARIES = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "has",
        "had",
        "have",
        "can",
        "could",
        "may",
        "might",
        "must",
        "will",
        "would",
        "shall",
        "should",
        "did",
        "does",
        "do",
    ]
)
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Verbs:
    """Forms to forms, all in lower case.

    Attributes:
        base_of_past: "invented" -> "invent".
        third: "invents" and the like, each to its base.
        past_of_participle: "written" -> "wrote".
    """

    base_of_past: Mapping[str, str]
    third: Mapping[str, str]
    past_of_participle: Mapping[str, str]

    def is_finite(self, word: str) -> bool:
        """Tell whether a word can be the verb after a singular subject."""
        low = word.casefold()
        return low in self.third or low in self.base_of_past or low in AUXILIARIES


@lru_cache(maxsize=1)
def english_verbs() -> Verbs:
    """Read the list that comes with the program, once a process."""
    past: dict[str, str] = {}
    third: dict[str, str] = {}
    participles: dict[str, str] = {}
    text = read_data("english_verbs.txt")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        base, *irregular = line.split()
        simple, participle = irregular if irregular else (_with_ed(base), _with_ed(base))
        if base != "be":
            past.setdefault(simple, base)
            third.setdefault(_with_s(base), base)
            participles.setdefault(participle, simple)
    return Verbs(past, third, participles)


def _with_s(base: str) -> str:
    if base.endswith(("s", "x", "ch", "sh", "z", "o")):
        return base + "es"
    if base.endswith("y") and base[-2] not in _VOWELS:
        return base[:-1] + "ies"
    return base + "s"


def _with_ed(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in _VOWELS:
        return base[:-1] + "ied"
    doubles = base in {"transfer", "refer", "occur", "control", "transmit", "emit", "stop", "plan", "ship"}
    if doubles or base == "patrol":
        return base + base[-1] + "ed"
    return base + "ed"
