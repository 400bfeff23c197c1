"""What a model is asked: prompts in both languages, the passage, JSON schemas of the replies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.lesson.records import Lesson, SentenceKind
from aigc_tui.quiz.llm_items.asking import (
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
class PromptWording:
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


ENGLISH = PromptWording(
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
CHINESE = PromptWording(
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
WORDINGS: Mapping[str, PromptWording] = {"en": ENGLISH, "zh": CHINESE}


def reason_of(refusal: str, wording: PromptWording) -> str:
    """What to tell the model about a refusal."""
    return wording.reasons.get(refusal, wording.other)


MOST = {"en": 700, "zh": 260}
"""Characters: about 200 tokens in either language."""
_TOLD = frozenset({SentenceKind.PROSE, SentenceKind.LIST, SentenceKind.VERSE})


def passage_of(lesson: Lesson, index: int) -> str:
    """The sentence with as many of its neighbours in the section as there is room for, those before first."""
    first = last = index
    room = MOST["zh" if lesson.language == "zh" else "en"] - _size(lesson, index)
    for _ in range(len(lesson.sentences)):
        before = first > 0 and _belongs(lesson, first - 1, index) and _size(lesson, first - 1) <= room
        if before:
            first -= 1
            room -= _size(lesson, first)
        after = last + 1 < len(lesson.sentences) and _belongs(lesson, last + 1, index)
        after = after and _size(lesson, last + 1) <= room
        if after:
            last += 1
            room -= _size(lesson, last)
        if not before and not after:
            break
    words = lesson.text[lesson.sentences[first].start : lesson.sentences[last].end]
    return " ".join(words.split())


def titles_of(lesson: Lesson, index: int) -> str:
    """The headings above a sentence: words that a question may use though the passage lacks them."""
    section = lesson.sections[lesson.sentences[index].section]
    titles = (lesson.title, *section.path, section.title)
    return " / ".join(dict.fromkeys(title for title in titles if title))


def _size(lesson: Lesson, index: int) -> int:
    sentence = lesson.sentences[index]
    return sentence.end - sentence.start + 1


def _belongs(lesson: Lesson, other: int, index: int) -> bool:
    sentence = lesson.sentences[other]
    return sentence.section == lesson.sentences[index].section and sentence.kind in _TOLD


_ENGLISH = {
    TermKind.PERSON: ("Who", "Which", "What"),
    TermKind.PLACE: ("Where", "Which", "What"),
    TermKind.DATE: ("When", "In which year", "In what year", "What year", "Which year", "How long"),
    TermKind.QUANTITY: ("How", "What"),
    TermKind.NUMBER: ("How many", "How much", "What", "Which"),
    TermKind.NAME: ("Who", "What", "Which"),
    TermKind.WORK: ("What", "Which"),
    TermKind.TERM: ("What", "Which", "Where"),
}
"""Not "In what" or "By which": weak models go on with a verb ("In what is the plain loaf?")."""
_CHINESE = {
    TermKind.PERSON: ("谁", "哪位", "哪个人", "哪一位", "什么人"),
    TermKind.PLACE: ("哪里", "哪儿", "什么地方", "哪个", "哪座", "哪条", "何处", "什么"),
    TermKind.DATE: ("哪一年", "哪年", "什么时候", "何时", "哪个世纪", "几月", "哪一天", "多少年", "什么时期",
                    "哪个朝代"),
    TermKind.QUANTITY: ("多少", "几", "多大", "多长", "多高", "多重", "多远", "多久"),
    TermKind.NUMBER: ("多少", "几", "哪个数"),
    TermKind.NAME: ("谁", "什么", "哪"),
    TermKind.WORK: ("什么", "哪部", "哪本", "哪首", "哪"),
    TermKind.TERM: ("什么", "哪"),
}  # fmt: skip
ASKING = {"en": _ENGLISH, "zh": _CHINESE}
"""How a question about each kind of thing asks: English ones begin so, Chinese ones hold one of these."""
STEM_LENGTH = {"en": (15, 150), "zh": (6, 60)}
"""Characters of a stem, question mark included."""
WHY_LENGTH = {"en": (20, 220), "zh": (8, 90)}
_LATIN = r"""[^?？"\\.!;:{}\[\]\u0000-\u001f\u3000-\u9fff\uff00-\uffef]"""
_HAN = r"""[^?？"\\。！；：.!;:{}\[\]\u0000-\u001f]"""
"""What a stem consists of: no marks that end a sentence, since one question is one sentence."""
_MOST_WRONG = 5


def stem_form(language: str, kind: TermKind) -> dict[str, Any]:
    """The form of a question about a thing of a kind."""
    return _object({"stem": {"type": "string", "pattern": stem_pattern(language, kind)}})


def stem_pattern(language: str, kind: TermKind) -> str:
    """The pattern of such a question; it holds the length, too."""
    words = "|".join(re.escape(word).replace(r"\ ", " ") for word in ASKING[language][kind])
    _, most = STEM_LENGTH[language]
    if language == "zh":
        return f"^{_HAN}{{0,{most - 24}}}({words}){_HAN}{{0,18}}？$"
    return f"^({words}) {_LATIN}{{6,{most - 12}}}\\?$"


def rest_form(language: str, key: str, with_wrong: bool) -> dict[str, Any]:
    """The form of an explanation and, if wanted, of wrong answers, which are about as long as the key."""
    shortest, longest = WHY_LENGTH[language]
    fields: dict[str, Any] = {}
    if with_wrong:
        size = len(key)
        fields["wrong"] = {
            "type": "array",
            "minItems": _MOST_WRONG - 1,
            "maxItems": _MOST_WRONG,
            "items": {"type": "string", "minLength": max(1, size // 2), "maxLength": size * 2 + 2},
        }
    fields["why"] = {"type": "string", "minLength": shortest, "maxLength": longest}
    return _object(fields)


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
        "x-guidance": {"whitespace_flexible": False},
    }
