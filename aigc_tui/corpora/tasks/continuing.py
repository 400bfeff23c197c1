"""Go on with a story, or begin one under a title: children's books and fairy tales."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from aigc_tui.corpora.tasks.asking import Asked, Row, sentences, several

_GO_ON = (
    "Continue this story:\n\n{text}",
    "{text}\n\nWhat happens next?",
    "Go on with this story. {text}",
    "Write the next lines of this story:\n\n{text}",
)
_BEGIN = (
    'Write a short story with the title "{title}".',
    'Tell me the story "{title}".',
    "Begin a story called {title}.",
)
_GIVEN, _TOLD, _LONGEST = 3, 4, 700


def make(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make exchanges of texts whose first line is a title.

    Args:
        rows: Records with ``text``.
        random: Source of choices.
    """
    for row in several(rows, random):
        key = str(row["text"])
        title, _, body = key.partition("\n")
        parts = [re.sub(r"\s+", " ", part) for part in sentences(re.sub(r"\n+", " ", body))]
        title = title.strip(" *#").title() if title.isupper() else title.strip()
        beginning = _told(parts, 0)
        if 3 <= len(title) <= 50 and beginning:
            yield Asked("en", (random.choice(_BEGIN).format(title=title), beginning), key)
        for at in range(0, min(len(parts) - _GIVEN - 1, 40), _GIVEN + _TOLD):
            given, told = " ".join(parts[at : at + _GIVEN]), _told(parts, at + _GIVEN)
            if told and len(given) <= _LONGEST:
                yield Asked("en", (random.choice(_GO_ON).format(text=given), told), key)


def _told(parts: list[str], at: int) -> str:
    told = " ".join(parts[at : at + _TOLD])
    return told if 20 <= len(told) <= _LONGEST else ""
