"""Questions about a passage: answer one, ask one, and say when the passage does not hold the answer.

Two corpora of people's questions: FairytaleQA (arXiv:2203.13947) in English, CMRC 2018 (arXiv:1810.07366) and
DRCD (arXiv:1806.00920) in Chinese. The passage is cut around the answer, so that a small window holds it; an
answer that is to be found is always a part of the cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from aigc_tui.corpora.tasks.asking import Asked, Row, around, cased, closed, language_of, several

_LIMITS = {"en": (260, 620), "zh": (70, 170)}
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


def make(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make one or two exchanges of each question whose answer stands in its passage word for word.

    Args:
        rows: Records with ``context``, ``question`` and ``answer``.
        random: Source of choices.
    """
    last = dict.fromkeys(_LIMITS, "")
    for row in several(rows, random):
        context, question, answer = (str(row[key]).strip() for key in ("context", "question", "answer"))
        language = language_of(context)
        text = around(context, answer, random.randint(*_LIMITS[language]))
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
