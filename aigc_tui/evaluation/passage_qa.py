"""How much of a right answer an answer holds: F1 of SQuAD for English and of CMRC for Chinese.

SQuAD (Rajpurkar et al., arXiv:1606.05250, section 4.2): both answers as bags of words, without case,
punctuation and articles; F1 = 2PR / (P + R) with P, R the shared words as a share of the given and of the
right answer. CMRC 2018 (Cui et al., arXiv:1810.07366, section 4.1): units are Chinese characters and Latin
words, and what is shared is the longest run that both answers have in common, because order carries meaning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aigc_tui.corpora.records import DialogueMessage
from aigc_tui.evaluation.model import Draw, EvaluatedModel, NoProbabilitiesError

_ARTICLES = {"a", "an", "the"}
_NO_WORD = re.compile(r"[^\w\s]|_")
_UNITS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[a-z0-9]+|\w")


def english_f1(given: str, right: str) -> float:
    """Share of words as SQuAD counts it, 0 to 1."""
    ours, theirs = _words(given), _words(right)
    return _f1(sum((Counter(ours) & Counter(theirs)).values()), len(ours), len(theirs))


def chinese_f1(given: str, right: str) -> float:
    """Share of characters in one run as CMRC counts it, 0 to 1."""
    ours, theirs = _units(given), _units(right)
    return _f1(_longest_common_run(ours, theirs), len(ours), len(theirs))


def answer_f1(given: str, right: str, language: str) -> float:
    """F1 by the custom of a language (``en`` or ``zh``)."""
    return chinese_f1(given, right) if language == "zh" else english_f1(given, right)


def _f1(shared: int, ours: int, theirs: int) -> float:
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * shared / (ours + theirs)


def _words(text: str) -> list[str]:
    return [word for word in _NO_WORD.sub("", text.lower()).split() if word not in _ARTICLES]


def _units(text: str) -> list[str]:
    return _UNITS.findall(_NO_WORD.sub(" ", text.lower()))


def _longest_common_run(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common substring, row by row: row[j] is the run that ends at a[i] and b[j]."""
    longest, row = 0, [0] * (len(b) + 1)
    for unit in a:
        row = [0, *(row[j] + 1 if unit == other else 0 for j, other in enumerate(b))]
        longest = max(longest, *row)
    return longest


LONGEST_WORDS, LONGEST_CHARACTERS = 10, 20
_SENTENCE = re.compile(r"[^。！？；!?;\n.]+(?:\.(?=\S)[^。！？；!?;\n.]*)*")
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNIT = re.compile(rf"[{_WIDE}]|[^\W{_WIDE}]+(?:['’.,-][^\W{_WIDE}]+)*")


@dataclass(frozen=True, slots=True)
class Start:
    """A place where answers may begin: the longest answer from there, and the lengths that it may have."""

    text: str
    ends: frozenset[int]


def starts(passage: str) -> Iterator[Start]:
    """List where in a passage an answer may begin and, of each place, where it may end."""
    for sentence in _SENTENCE.finditer(passage):
        units = [match.span() for match in _UNIT.finditer(passage, *sentence.span())]
        for first, (begin, _) in enumerate(units):
            ends = _ends(passage, begin, [end for _, end in units[first:]])
            yield Start(passage[begin : begin + max(ends)], frozenset(ends))


def _ends(passage: str, begin: int, ends: list[int]) -> list[int]:
    kept = [end - begin for end in ends[:LONGEST_CHARACTERS]]
    if not re.match(f"[{_WIDE}]", passage[begin]):
        kept = kept[:LONGEST_WORDS]
    return kept


_ANSWER_TOKENS = 40
_FORMS = {
    "en": "Read the passage and answer the question in a few words.\n\n"
    "Passage: {context}\n\nQuestion: {question}",
    "zh": "请读短文，用几个字回答问题。\n\n短文：{context}\n\n问题：{question}",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer is a span of its passage."""

    context: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Sums of F1 over questions; ``pointed`` counts those that the model could be asked to point at."""

    items: int = 0
    generation: float = 0.0
    pointed: int = 0
    extraction: float = 0.0

    def __add__(self, other: Answered) -> Answered:
        return Answered(
            self.items + other.items,
            self.generation + other.generation,
            self.pointed + other.pointed,
            self.extraction + other.extraction,
        )

    @property
    def generation_f1(self) -> float:
        return self.generation / self.items if self.items else 0.0

    @property
    def extraction_f1(self) -> float | None:
        """Mean F1 of extracted answers; None: the model offers no probabilities."""
        return self.extraction / self.pointed if self.pointed else None


def measure(
    model: EvaluatedModel, questions: Sequence[Question], language: str, tell: Callable[[], None]
) -> Answered:
    """Let a model answer.

    Args:
        model: The model.
        questions: What to answer.
        language: ``en`` or ``zh``: the words of the task, and how F1 counts.
        tell: Called after each question.
    """
    total = Answered()
    for question in questions:
        asked = (DialogueMessage("user", prompt(question, language)),)
        said = model.reply(asked, Draw(_ANSWER_TOKENS))
        total += Answered(1, answer_f1(said, question.answer, language))
        try:
            span = model.best_span(asked, question.context)
            total += Answered(0, 0.0, 1, answer_f1(span, question.answer, language))
        except NoProbabilitiesError:
            pass
        tell()
    return total


def prompt(question: Question, language: str) -> str:
    """Word the task."""
    return _FORMS[language].format(context=question.context, question=question.question)
