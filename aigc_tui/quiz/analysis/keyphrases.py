"""Which phrases a lesson is about.

Why it exists: of all noun phrases only those are worth asking that the lesson returns to and that ordinary
texts seldom hold. Frequency times rarity (TF-IDF, Sparck Jones 1972) finds them, and company (a phrase that
stands beside many other phrases, after TextRank, Mihalcea and Tarau 2004) settles the order; both are linear.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

_NEIGHBOURS = 4


def rank_phrases(
    sentences: Sequence[Sequence[str]],
    rarity: Callable[[str], float],
    marked: Iterable[str] = (),
    titles: Iterable[str] = (),
) -> Mapping[str, float]:
    """Score the phrases of a lesson.

    Args:
        sentences: Per sentence its phrases in order, in normal form.
        rarity: How rare a phrase is in other texts, from 0.
        marked: Phrases that the author defined or set off.
        titles: Phrases of headings.

    Returns:
        A weight from 0 to 1 for every phrase; comparable within the lesson.
    """
    counts: Counter[str] = Counter()
    company: dict[str, set[str]] = defaultdict(set)
    for phrases in sentences:
        counts.update(phrases)
        for at, phrase in enumerate(phrases):
            company[phrase].update(phrases[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1])
    strong, headed = set(marked), set(titles)
    scores = {
        phrase: (1 + math.log(count)) * rarity(phrase) * (1 + 0.25 * math.log(len(company[phrase])))
        for phrase, count in counts.items()
    }
    most = max(scores.values(), default=1.0) or 1.0
    return {
        phrase: min(1.0, score / most + 0.3 * (phrase in strong) + 0.15 * (phrase in headed))
        for phrase, score in scores.items()
    }
