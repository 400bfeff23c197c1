"""What the model is told, in the lesson's language: short, since the starter reads 1,024 tokens.

Why it exists: small models follow what stands last and what is shown to them; a long list of rules is lost on
them. Each prompt is the matter, one task, and the form of the answer. What was wrong with the last attempt is
named in words that say what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aigc_tui.quiz.proposing.refusals import (
    INVENTED,
    LEAK,
    NOT_A_QUESTION,
    OFF_THE_SENTENCE,
    REPEATS,
    TOO_SHORT,
    TWO_KEYS,
    WRONG_KIND,
    WRONG_LANGUAGE,
)


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. Braced names are filled in.

    Attributes:
        stem: Asks for a question: `{passage}`, `{quote}`, `{key}`.
        again: Put behind it when an attempt failed: `{last}`, `{reason}`.
        wrong: Asks for wrong answers and a reason: `{passage}`, `{stem}`, `{key}`.
        why: Asks for a reason alone.
        read: Puts a question with its passage: `{passage}`, `{stem}`.
        guess: Puts it without.
        reasons: What to do about each refusal, by its name; others are said by `other`.
    """

    stem: str
    again: str
    wrong: str
    why: str
    read: str
    guess: str
    reasons: Mapping[str, str]
    other: str


ENGLISH = Wording(
    stem=(
        "Text: {passage}\n\nSentence: {quote}\nAnswer: {key}\n\n"
        "Write one short question about the sentence. The answer to it must be: {key}. "
        "Do not write the answer in the question. Use the words of the sentence. "
        'Reply with JSON: {{"stem": "...?"}}'
    ),
    again='\n\nYour last question was: "{last}"\nIt was refused: {reason} Write another question.',
    wrong=(
        "Text: {passage}\n\nQuestion: {stem}\nRight answer: {key}\n\n"
        "Write wrong answers of the same kind as the right answer that a student could believe, "
        "and one sentence that says why the right answer is right. "
        'Reply with JSON: {{"wrong": ["..."], "why": "..."}}'
    ),
    why=(
        "Text: {passage}\n\nQuestion: {stem}\nRight answer: {key}\n\n"
        "Write one sentence that says why this answer is right. "
        'Reply with JSON: {{"why": "..."}}'
    ),
    read="{passage}\n\nQuestion: {stem}\nAnswer with the fewest words.",
    guess="Question: {stem}\nAnswer with the fewest words.",
    reasons={
        LEAK: "it holds the answer.",
        NOT_A_QUESTION: "it is not a question.",
        WRONG_KIND: "it asks for something other than the answer.",
        WRONG_LANGUAGE: "it is not in English.",
        OFF_THE_SENTENCE: "it is not about the sentence.",
        INVENTED: "it says things that the text does not say.",
        REPEATS: "it repeats itself or another question.",
        TOO_SHORT: "it is too short.",
        TWO_KEYS: "the text gives it another answer as well.",
        "dangling_reference": "it begins with a word that points to something not named.",
    },
    other="it is not clear.",
)
CHINESE = Wording(
    stem=(
        "课文：{passage}\n\n句子：{quote}\n答案：{key}\n\n"
        "请就这个句子提一个简短的问题，问题的答案必须是“{key}”。"
        "问题里不要出现答案，要用句子里的词。"
        '用 JSON 回答：{{"stem": "……？"}}'
    ),
    again="\n\n你上一个问题是：“{last}”\n没有通过：{reason}请换一个问题。",
    wrong=(
        "课文：{passage}\n\n问题：{stem}\n正确答案：{key}\n\n"
        "请写几个与正确答案同类、学生可能会相信的错误答案，再用一句话说明正确答案为什么对。"
        '用 JSON 回答：{{"wrong": ["……"], "why": "……"}}'
    ),
    why=(
        "课文：{passage}\n\n问题：{stem}\n正确答案：{key}\n\n"
        '请用一句话说明这个答案为什么对。用 JSON 回答：{{"why": "……"}}'
    ),
    read="{passage}\n\n问题：{stem}\n请用最少的字回答。",
    guess="问题：{stem}\n请用最少的字回答。",
    reasons={
        LEAK: "问题里出现了答案。",
        NOT_A_QUESTION: "这不是一个问句。",
        WRONG_KIND: "问的不是答案所指的东西。",
        WRONG_LANGUAGE: "没有用中文。",
        OFF_THE_SENTENCE: "问题与句子无关。",
        INVENTED: "问题里有课文没有说的内容。",
        REPEATS: "问题自身重复，或与别的问题重复。",
        TOO_SHORT: "问题太短。",
        TWO_KEYS: "按课文，这个问题还有别的答案。",
        "dangling_reference": "问题开头的词指代不明。",
    },
    other="问题不清楚。",
)
WORDINGS: Mapping[str, Wording] = {"en": ENGLISH, "zh": CHINESE}


def reason_of(refusal: str, wording: Wording) -> str:
    """What to tell the model about a refusal."""
    return wording.reasons.get(refusal, wording.other)
