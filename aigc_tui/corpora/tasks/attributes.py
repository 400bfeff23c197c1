"""Write a sentence from attributes, and find an attribute in a sentence: the E2E restaurants.

The corpus (arXiv:1706.09254) knows a few dozen restaurant names, which a model learns by heart instead of
copying them. So names are exchanged for made-up ones wherever the sentence says them word for word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from aigc_tui.corpora.grammar.rules import english_name
from aigc_tui.corpora.tasks.asking import Asked, Row, cased, closed, several

_PAIR = re.compile(r"([\w ]+)\[([^\]]*)\]")
_FORMS = (
    "Write one sentence from these attributes:\n{list}",
    "Describe this place in a sentence. {line}",
    "Turn this into a sentence: {line}",
    "Use all of this in a short description:\n{list}",
    "{list}\n\nWrite a sentence with these facts.",
)
_QUESTIONS = {
    "name": ("What is the place called?", "What is the name of the place?", "Which place is this about?"),
    "food": ("What kind of food do they serve?", "Which food is it?", "What can you eat there?"),
    "near": ("What is it near?", "What is it close to?"),
    "eatType": ("Is it a pub, a restaurant or a coffee shop?", "What kind of place is it?"),
}


def make(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make a writing and often a finding exchange of each record.

    Args:
        rows: Records with ``mr`` (attributes) and ``ref`` (the sentence).
        random: Source of choices.
    """
    for row in several(rows, random):
        source, sentence = str(row["mr"]), " ".join(str(row["ref"]).split())
        values = {key.strip(): value for key, value in _PAIR.findall(source)}
        values, sentence = _renamed(values, sentence, random)
        listed = [f"{_label(key)}: {value}" for key, value in values.items()]
        form = random.choice(_FORMS).format(list="\n".join(listed), line="; ".join(listed))
        yield Asked("en", (cased(form, random), closed(sentence)), source)
        found = [key for key in _QUESTIONS if key in values and values[key] in sentence]
        if found:
            key = random.choice(found)
            question = random.choice(_QUESTIONS[key])
            yield Asked("en", (f"{closed(sentence)}\n\n{question}", closed(values[key])), source)


def _renamed(values: dict[str, str], sentence: str, random: Random) -> tuple[dict[str, str], str]:
    """Exchange names that the sentence says as they are."""
    changed = dict(values)
    for key in ("name", "near"):
        old = values.get(key, "")
        if old and old in sentence and random.random() < 0.8:
            changed[key] = random.choice(("", "The ", "Café ", "")) + english_name(random)
            sentence = sentence.replace(old, changed[key]).replace("The The", "The").replace("the The", "The")
    return changed, sentence


def _label(key: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda large: " " + large[1].lower(), key)
