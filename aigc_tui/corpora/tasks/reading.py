"""Tasks on a text in the request: passages, articles, simpler sentences, and stories to continue.

Passages come from two corpora of people's questions, FairytaleQA (arXiv:2203.13947) in English, CMRC 2018
(arXiv:1810.07366) and DRCD (arXiv:1806.00920) in Chinese, cut around the answer so that a small window holds
it. Titles of an encyclopedia are an open list of names, so the model has to copy them from its prompt.
OneStopEnglish (Vajjala and Lucic 2018) holds articles at two levels; sentences are paired when they share
enough words to mean the same and differ enough to teach something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from aigc_tui.corpora.records import Record, record_key
from aigc_tui.corpora.tasks.asking import (
    Asked,
    Row,
    around,
    cased,
    closed,
    joined,
    language_of,
    sentences,
    several,
)

_PASSAGE_LIMITS = {"en": (260, 620), "zh": (70, 170)}
_NOT_THERE = 0.08

_ANSWER = {
    "en": (
        "Read this passage and answer the question.\n\n{text}\n\nQuestion: {question}",
        "{text}\n\n{question}",
        "Text: {text}\nQuestion: {question}\nAnswer:",
        "{question} Answer from this text:\n{text}",
        "Answer from the passage in a few words.\n\nPassage: {text}\n\nQuestion: {question}",
        "{text}\n\nUsing only this text: {question}",
    ),
    "zh": (
        "阅读下面的文字，回答问题。\n\n{text}\n\n问题：{question}",
        "{text}\n\n{question}",
        "文章：{text}\n问题：{question}\n答案：",
        "{question}请根据这段文字回答：\n{text}",
        "根据短文，用几个字回答。\n\n短文：{text}\n\n问题：{question}",
        "{text}\n\n只根据这段文字：{question}",
    ),
}
_ASK = {
    "en": (
        "Ask a question about this passage.\n\n{text}",
        "Write one question that this text answers:\n\n{text}",
        "{text}\n\nAsk me a question about this.",
        "Make a reading question for this passage: {text}",
    ),
    "zh": (
        "根据这段文字提一个问题。\n\n{text}",
        "请为下面的短文出一道阅读题：\n\n{text}",
        "{text}\n\n就这段话问我一个问题。",
        "给这段文字写一个能从中找到答案的问题：{text}",
    ),
}
_THEN = {
    "en": ("And the answer?", "What is the answer?", "Please answer it yourself."),
    "zh": ("答案是什么？", "那答案呢？", "请你自己回答。"),
}
_NOWHERE = {
    "en": ("The text does not say.", "This passage does not tell us that.", "That is not in the text."),
    "zh": ("文中没有提到。", "这段文字里没有说。", "从这段文字里看不出来。"),
}


def make_passages(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make exchanges of rows with ``context``, ``question`` and an ``answer`` that stands in the context."""
    last = dict.fromkeys(_PASSAGE_LIMITS, "")
    for row in several(rows, random):
        context, question, answer = (str(row[key]).strip() for key in ("context", "question", "answer"))
        language = language_of(context)
        text = around(context, answer, random.randint(*_PASSAGE_LIMITS[language]))
        if not text:
            continue
        yield _answered(language, text, question, answer, context, random)
        if random.random() < 0.4:
            yield _questioned(language, text, question, answer, context, random)
        if last[language] and random.random() < _NOT_THERE:
            form = random.choice(_ANSWER[language]).format(text=last[language], question=question)
            yield Asked(language, (cased(form, random), random.choice(_NOWHERE[language])), context)
        last[language] = text


def _answered(language: str, text: str, question: str, answer: str, key: str, random: Random) -> Asked:
    form = random.choice(_ANSWER[language]).format(text=text, question=question)
    return Asked(language, (cased(form, random), closed(answer)), key)


def _questioned(language: str, text: str, question: str, answer: str, key: str, random: Random) -> Asked:
    turns: tuple[str, ...] = (random.choice(_ASK[language]).format(text=text), closed(question))
    if random.random() < 0.3:
        turns += (random.choice(_THEN[language]), closed(answer))
    return Asked(language, turns, key)


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
_OPENING_LIMITS = {"en": 420, "zh": 130}


def make_articles(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make exchanges of titles (the first line of ``text``, named in its opening) and of first years."""
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
    kept: list[str] = []
    for sentence in sentences(body)[:6]:
        if sum(map(len, kept)) + len(sentence) > _OPENING_LIMITS[language_of(body)]:
            break
        kept.append(sentence)
    return joined(kept)


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


def make_simplify(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make exchanges of paired sentences of rows with ``text``, ``level`` and ``name`` of the article."""
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


def make_continuing(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make exchanges of rows whose ``text`` has a title in its first line."""
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
