"""What a word means: short definitions of common words from Open English WordNet.

A model of a few million weights cannot hold a dictionary. What it can learn is the form of a definition, and
to find a word that the request itself contains; so half of the exchanges carry the definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from aigc_tui.corpora.tasks.asking import Asked, Row, cased, closed, several

_ASK = (
    "What does {word} mean?",
    "Define {word}.",
    "What is the meaning of {word}?",
    'Explain the word "{word}".',
)
_WHICH = (
    'Which of these words means "{definition}": {options}?',
    "{options}. Which of them fits? Meaning: {definition}",
)
_SENTENCE = ('Use the word "{word}" in a sentence.', "Give me an example sentence with {word}.")
_WORD = re.compile(r"[a-z]{3,8}")
_LONGEST = 70


def make(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make exchanges of the words that look common: short, one word, with an example of their use.

    Args:
        rows: Records with ``members``, ``pos``, ``definition`` and ``examples``.
        random: Source of choices.
    """
    known = [row for row in rows if _plain(row)]
    words = [str(row["members"][0]) for row in known]
    for row in several(known, random):
        word, definition = str(row["members"][0]), str(row["definition"])
        examples = [str(example) for example in row["examples"] if word in str(example)]
        kind = random.random()
        if kind < 0.4:
            reply = closed(f"{_article(word, str(row['pos']))}: {definition}")
            yield Asked("en", (cased(random.choice(_ASK).format(word=word), random), reply), word)
        elif kind < 0.8 or not examples:
            options = [*random.sample([w for w in random.sample(words, 6) if w != word], 2), word]
            random.shuffle(options)
            form = random.choice(_WHICH).format(definition=definition, options=", ".join(options))
            yield Asked("en", (form, closed(word)), word)
        else:
            yield Asked("en", (random.choice(_SENTENCE).format(word=word), closed(examples[0])), word)


def _plain(row: Row) -> bool:
    members = row["members"]
    return bool(row["examples"]) and bool(_WORD.fullmatch(members[0])) and len(row["definition"]) <= _LONGEST


def _article(word: str, pos: str) -> str:
    return f"to {word}" if pos == "v" else word
