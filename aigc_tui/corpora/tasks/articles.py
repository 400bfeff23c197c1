"""What a text is about: title, subject and first year of encyclopedia articles; all of them are copies.

Titles of an encyclopedia are an open list of names in both languages, which is what a model needs that
shall learn to look into its prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from aigc_tui.corpora.records import Record, record_key
from aigc_tui.corpora.tasks.asking import Asked, Row, cased, joined, language_of, sentences, several

_TITLE = {
    "en": (
        "What is this text about?\n\n{text}",
        "Give this text a title:\n\n{text}",
        "{text}\n\nWho or what is described here?",
        "Which title fits this text? {text}",
    ),
    "zh": (
        "这段文字讲的是什么？\n\n{text}",
        "给下面的文字起个标题：\n\n{text}",
        "{text}\n\n这里介绍的是谁或什么？",
        "这段话的题目可以是什么？{text}",
    ),
}
_REPLY = {
    "en": ("{title}.", "It is about {title}.", "{title}"),
    "zh": ("{title}。", "讲的是{title}。", "{title}"),
}
_YEAR = {
    "en": ("Which year is named first in this text?\n\n{text}", "{text}\n\nFind the first year in the text."),
    "zh": ("这段文字里最先出现的年份是哪一年？\n\n{text}", "{text}\n\n找出文中的第一个年份。"),
}
_FIRST_YEAR = re.compile(r"(?<!\d)1[0-9]{3}(?!\d)|(?<!\d)20[0-2][0-9](?!\d)")
_LIMITS = {"en": 420, "zh": 130}


def make(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make a title exchange of each article whose opening names its title, and one of its first year.

    Args:
        rows: Records with ``text``: the title in the first line, then paragraphs.
        random: Source of choices.
    """
    for row in several(rows, random):
        title, _, body = str(row["text"]).partition("\n")
        title = re.sub(r"\s*[(（].*", "", title).strip()
        language, text = language_of(str(row["text"])), _opening(body)
        key = record_key(Record(text=str(row["text"])))  # as the article itself, when it is read as prose
        if not text or not 2 <= len(title) <= 40 or title not in text:
            continue
        form = random.choice(_TITLE[language]).format(text=text)
        yield Asked(language, (cased(form, random), random.choice(_REPLY[language]).format(title=title)), key)
        year = _FIRST_YEAR.search(text)
        if year and random.random() < 0.4:
            reply = f"{year[0]}年。" if language == "zh" else f"{year[0]}."
            yield Asked(language, (random.choice(_YEAR[language]).format(text=text), reply), key)


def _opening(body: str) -> str:
    """The first sentences, up to the limit of their language."""
    kept: list[str] = []
    for sentence in sentences(body)[:6]:
        if sum(map(len, kept)) + len(sentence) > _LIMITS[language_of(body)]:
            break
        kept.append(sentence)
    return joined(kept)
