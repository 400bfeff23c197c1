"""Say it more simply: sentences of an article at its advanced level, beside those at its elementary level.

The corpus holds whole articles twice (OneStopEnglish, Vajjala and Lucic 2018). Sentences are paired when they
share enough words to mean the same and differ enough to teach something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from aigc_tui.corpora.tasks.asking import Asked, Row, sentences

_FORMS = (
    "Say this in simpler words: {text}",
    "Simplify this sentence: {text}",
    "Make this easier to read:\n\n{text}",
    "Rewrite this for someone who is learning English: {text}",
    "{text}\n\nCan you say that more simply?",
    "Please rewrite this in plain English: {text}",
)
_LEAST_SHARED, _MOST_SHARED = 0.4, 0.9
_WORDS = range(6, 41)


def make(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make an exchange of each pair of sentences.

    Args:
        rows: Records with ``text``, ``level`` (elementary or advanced) and ``name`` of the article.
        random: Source of choices.
    """
    for name, levels in sorted(_by_article(rows).items()):
        if len(levels) < 2:
            continue
        for hard, easy in pairs(levels["advanced"], levels["elementary"]):
            for form in random.sample(_FORMS, 2):
                yield Asked("en", (form.format(text=hard), easy), name)


def pairs(advanced: str, elementary: str) -> list[tuple[str, str]]:
    """Pair each advanced sentence with the elementary one that is most like it, if it is like enough."""
    easy = [(sentence, _words(sentence)) for sentence in sentences(elementary)]
    found = []
    for hard in sentences(advanced):
        words = _words(hard)
        best, alike = max(
            ((s, _alike(words, w)) for s, w in easy), key=lambda item: item[1], default=("", 0.0)
        )
        short = len(hard.split()) in _WORDS and len(best.split()) in _WORDS
        if short and _LEAST_SHARED <= alike <= _MOST_SHARED:
            found.append((hard, best))
    return found


def _by_article(rows: Sequence[Row]) -> Mapping[str, dict[str, str]]:
    articles: dict[str, dict[str, str]] = {}
    for row in rows:
        articles.setdefault(str(row["name"]), {})[str(row["level"])] = str(row["text"])
    return articles


def _words(sentence: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z']+", sentence.lower()))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity: shared words over all words."""
    return len(one & other) / max(1, len(one | other))
