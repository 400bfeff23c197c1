"""Text to search terms, for the index and for queries alike.

FTS5's tokenizers take a run of Han characters for one word, and its trigrams miss the one- and
two-character words that most Chinese queries are. So Python spells such runs out before FTS5 sees them:

- `words` column: everything, with each run of Chinese, Japanese or Korean characters as overlapping pairs
  (光合作用 -> 光合 合作 作用), a lone character as itself. Other text stays, to be stemmed by FTS5 (porter).
- `chars` column: every such character by itself, for queries of one character.

A longer query is a phrase of pairs, hence an exact substring match. A change here changes what is indexed: it
needs a migration that rebuilds the index.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from aigc_tui.text import clean

_CJK = "々〆〇ぁ-ゖァ-ヺー㐀-䶿一-鿿가-힣豈-﫿\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_CJK}]+")
_TERM = re.compile(f"[{_CJK}]+|[^\\W{_CJK}]+")
_QUERY_CHARACTERS = 300
_QUERY_TERMS = 12
_SHORTEST_TYPED = 3


@dataclass(frozen=True, slots=True)
class Query:
    """A user's query, ready for FTS5."""

    match: str
    """The MATCH expression; empty: nothing to look for."""
    typed: str
    """The same for a last word still being typed; its hits must be checked. Empty: no such reading."""
    terms: tuple[str, ...]
    """What to look for when a snippet is cut, folded."""


def fold(text: str) -> str:
    """Compatibility forms and case away: Ｆｕｌｌ -> full."""
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> str:
    """The `words` column of a text."""
    return _RUN.sub(_pairs, fold(text))


def chars(text: str) -> str:
    """The `chars` column of a text."""
    return " ".join("".join(_RUN.findall(fold(text))))


def parse_query(text: str) -> Query:
    """Read what a user typed; any string is a query. All words must occur, "quoted words" side by side."""
    folded = fold(clean(text))[:_QUERY_CHARACTERS]
    phrases: list[str] = []
    terms: list[str] = []
    for place, part in enumerate(folded.split('"')):
        found = _TERM.findall(part)
        terms += found
        phrases += [_phrase(part)] if place % 2 and _is_whole(found) else [_phrase(term) for term in found]
    phrases, terms = phrases[:_QUERY_TERMS], terms[:_QUERY_TERMS]
    return Query(" AND ".join(phrases), _as_typed(phrases, terms, folded), tuple(terms))


def _pairs(match: re.Match[str]) -> str:
    run = match[0]
    if len(run) == 1:
        return f" {run} "
    return f" {' '.join(map(''.join, pairwise(run)))} "


def _phrase(text: str) -> str:
    if len(text) == 1 and _RUN.match(text):
        return f'chars : "{text}"'
    spelt = words(text).replace('"', " ").strip()
    return f'words : "{spelt}"'


def _is_whole(terms: list[str]) -> bool:
    """Whether quoted terms can be one phrase: a lone character may stand inside a longer run of the text."""
    return bool(terms) and not any(len(term) == 1 and _RUN.match(term) for term in terms)


def _as_typed(phrases: list[str], terms: list[str], folded: str) -> str:
    """The last word as the beginning of a longer one, whose stem may be shorter: runn -> running -> run."""
    typing = bool(terms) and folded.endswith(terms[-1]) and '"' not in folded
    if not typing or len(terms[-1]) < _SHORTEST_TYPED or _RUN.match(terms[-1]):
        return ""
    shorter = [_phrase(terms[-1][:-cut]) for cut in (1, 2, 3) if len(terms[-1]) - cut >= _SHORTEST_TYPED]
    # The stemmer also bends beginnings (photosy -> photosi), hence one letter less as a beginning too.
    readings = " OR ".join([f"{each} *" for each in (phrases[-1], *shorter[:1])] + shorter)
    return " AND ".join([*phrases[:-1], f"({readings})"])
