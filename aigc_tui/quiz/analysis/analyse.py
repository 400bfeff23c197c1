"""Find everything in a lesson that can be asked, by rules alone.

Reads one sentence after the other, so the time grows linearly with the lesson. The rest of the quiz code
sees only the resulting `Analysis`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aigc_tui.quiz.analysis.records import (
    Alias,
    Analysis,
    Definition,
    Found,
    LanguageRules,
    Mention,
    SentenceFinds,
    TermKind,
    Worth,
    settle,
)
from aigc_tui.quiz.analysis.rules_en import tells_a_story
from aigc_tui.quiz.analysis.sequences import find_sequences
from aigc_tui.quiz.lesson.records import Lesson, SentenceKind

_NEIGHBOURS = 4


def rank_phrases(
    sentences: Sequence[Sequence[str]],
    rarity: Callable[[str], float],
    marked: Iterable[str] = (),
    titles: Iterable[str] = (),
) -> Mapping[str, float]:
    """Weigh the phrases of a lesson from 0 to 1, comparable within it.

    Args:
        sentences: Per sentence its phrases in order, in normal form.
        rarity: How rare a phrase is in other texts, from 0.
        marked: Phrases that the author defined or set off.
        titles: Phrases of headings.
    """
    counts: Counter[str] = Counter()
    company: dict[str, set[str]] = defaultdict(set)
    for phrases in sentences:
        counts.update(phrases)
        for at, phrase in enumerate(phrases):
            company[phrase].update(phrases[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1])
    strong, headed = set(marked), set(titles)
    scores = {
        phrase: (1 + math.log(count)) * rarity(phrase) * (1 + 0.25 * math.log(len(company[phrase])))
        for phrase, count in counts.items()
    }
    most = max(scores.values(), default=1.0) or 1.0
    return {
        phrase: min(1.0, score / most + 0.3 * (phrase in strong) + 0.15 * (phrase in headed))
        for phrase, score in scores.items()
    }


ASKABLE = (SentenceKind.PROSE, SentenceKind.LIST)
_HANDY = {"en": (60, 180), "zh": (15, 50)}
"""Characters of a sentence that reads well as a stem."""


def _score(text: str, language: str, best: float, defines: bool, opens: bool, headed: bool) -> float:
    low, high = _HANDY.get(language, _HANDY["en"])
    score = 0.25 + 0.35 * best
    score += 0.2 * defines + 0.1 * headed + 0.05 * opens
    return round(min(1.0, score + 0.05 * (low <= len(text) <= high)), 4)


def judge(
    lesson: Lesson, reader: LanguageRules, mentions: Sequence[Mention], definitions: Sequence[Definition]
) -> tuple[Worth, ...]:
    """Judge every sentence of a lesson; one worth a sentence, in order."""
    best: dict[int, float] = defaultdict(float)
    for mention in mentions:
        best[mention.sentence] = max(best[mention.sentence], mention.weight)
    defining = {definition.sentence for definition in definitions}
    opened: set[int] = set()
    worth: list[Worth] = []
    for index, sentence in enumerate(lesson.sentences):
        if sentence.kind not in ASKABLE:
            worth.append(Worth(False, 0.0, sentence.kind.value))
            continue
        text = lesson.quote(sentence)
        fault = reader.fault(text, sentence.kind is SentenceKind.LIST)
        opens = sentence.section not in opened
        opened.add(sentence.section)
        title = lesson.sections[sentence.section].title.lower()
        headed = bool(title) and any(
            word in text.lower() for word in (title, *title.split()) if len(word) > 3
        )
        score = _score(text, lesson.language, best[index], index in defining, opens, headed)
        worth.append(Worth(not fault, 0.0 if fault else score, fault))
    return tuple(worth)


Tell = Callable[[int, int], None]

_FIXED = {TermKind.DATE: 0.55, TermKind.QUANTITY: 0.5, TermKind.NUMBER: 0.25, TermKind.WORK: 0.5}
_COMMON, _TWICE = 5.2, 4.2
"""A phrase is a term of the lesson above the first rarity; above the second if the lesson says it twice."""


_WORD, _SAID_AGAIN, _COMMON_WORD, _AGAIN, _UNHEARD = 2, 2, 7.0, 1.5, 8.2
"""A Chinese phrase of two characters is one word: said once or twice, it must be rarer to be a
term, yet said once not unheard of: that is mostly two words cut wrongly."""
_STORY, _SPOKEN = 2.2, 0.15
"""A story (so many quotation marks a sentence) tells of common things: its terms may be less rare by that."""
_WORDS = 6
"""The longest term that is looked for all over the lesson."""


@dataclass(frozen=True, slots=True)
class _Read:
    index: int
    at: int
    text: str
    reading: SentenceFinds
    defined: Definition | None
    marked: tuple[tuple[int, int], ...]
    """What the author set off, by offsets into the text of the lesson."""


def reader_for(language: str) -> LanguageRules:
    """The rules for `en` or `zh`; anything else is read as English. Chinese loads its dictionary now."""
    if language == "zh":
        from aigc_tui.quiz.analysis.rules_zh import ChineseRules

        return ChineseRules()
    from aigc_tui.quiz.analysis.rules_en import EnglishRules

    return EnglishRules()


def _emphasised(lesson: Lesson, reader: LanguageRules) -> Mapping[int, tuple[tuple[int, int], ...]]:
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    at = 0
    for emphasis in sorted(lesson.emphases, key=lambda one: one.start):
        while at < len(lesson.sentences) and lesson.sentences[at].end < emphasis.end:
            at += 1
        inside = at < len(lesson.sentences) and lesson.sentences[at].start <= emphasis.start
        if inside and reader.is_term(lesson.text[emphasis.start : emphasis.end]):
            found[at] = (*found.get(at, ()), (emphasis.start, emphasis.end))
    return found


def _definition(lesson: Lesson, index: int, reader: LanguageRules) -> Definition | None:
    sentence = lesson.sentences[index]
    for defined in reader.definitions(lesson.quote(sentence), sentence.kind is SentenceKind.LIST):
        start, end = (sentence.start + at for at in defined.term)
        left, right = (sentence.start + at for at in defined.meaning)
        if not reader.is_term(lesson.text[start:end]):
            continue
        term = Mention(start, end, index, TermKind.TERM, lesson.text[start:end], 0.7 + 0.3 * defined.sure)
        return Definition(term, left, right, index, lesson.text[left:right])
    return None


def _read(lesson: Lesson, reader: LanguageRules, tell: Tell | None) -> list[_Read]:
    marked = _emphasised(lesson, reader)
    asked = [index for index, sentence in enumerate(lesson.sentences) if sentence.kind in ASKABLE]
    reader.learn([lesson.quote(lesson.sentences[index]) for index in asked])
    found: list[_Read] = []
    for done, index in enumerate(asked):
        if tell is not None and done % 200 == 0:
            tell(done, len(asked))
        text = lesson.quote(lesson.sentences[index])
        start = lesson.sentences[index].start
        found.append(
            _Read(
                index,
                start,
                text,
                reader.read(text),
                _definition(lesson, index, reader),
                marked.get(index, ()),
            )
        )
    return found


def _titles(lesson: Lesson, reader: LanguageRules) -> list[str]:
    return [reader.key(part) for section in lesson.sections for part in _title_parts(section.title, reader)]


def _title_parts(title: str, reader: LanguageRules) -> list[str]:
    phrases = reader.read(title).phrases
    return [title, *(title[start:end] for start, end in phrases)]


def _rank(lesson: Lesson, reads: list[_Read], reader: LanguageRules) -> Mapping[str, float]:
    phrases: list[list[str]] = []
    marked: list[str] = []
    for read in reads:
        names = [read.text[one.start : one.end] for one in read.reading.fixed if one.kind not in _FIXED]
        runs = [read.text[start:end] for start, end in read.reading.phrases]
        own = [lesson.text[start:end] for start, end in read.marked]
        own += [read.defined.term.text] if read.defined else []
        phrases.append([reader.key(each) for each in (*runs, *names, *own)])
        marked += [reader.key(each) for each in own]
    return rank_phrases(phrases, reader.rarity, marked, _titles(lesson, reader))


def _kinds(reads: list[_Read], reader: LanguageRules) -> Mapping[str, TermKind]:
    """The kind of each name, the same all over the lesson: where two were found, the more telling one."""
    kinds: dict[str, TermKind] = {}
    for read in reads:
        for one in read.reading.fixed:
            if one.kind in {TermKind.PERSON, TermKind.PLACE, TermKind.NAME}:
                key = reader.key(read.text[one.start : one.end])
                if kinds.get(key, TermKind.NAME) is TermKind.NAME:
                    kinds[key] = one.kind
    return kinds


class _Terms:
    def __init__(self, lesson: Lesson, reads: list[_Read], reader: LanguageRules) -> None:
        self._reader = reader
        self._weights = _rank(lesson, reads, reader)
        self._kinds = _kinds(reads, reader)
        counts: dict[str, int] = {}
        for read in reads:
            for start, end in read.reading.phrases:
                key = reader.key(read.text[start:end])
                counts[key] = counts.get(key, 0) + 1
        self._counts = counts
        quotes = sum(lesson.text.count(mark) for mark in '“"「')
        spoken = quotes > _SPOKEN * len(lesson.sentences)
        self._story = spoken and lesson.language == "en" and tells_a_story(lesson.text, len(lesson.sentences))
        self._chinese = lesson.language == "zh"
        self._sure = {reader.key(lesson.text[start:end]) for read in reads for start, end in read.marked}
        self._sure |= {reader.key(read.defined.term.text) for read in reads if read.defined}
        self._firsts = {key.split(" ")[0][:1] for key in self._sure}

    def known(self, read: _Read) -> list[tuple[int, int]]:
        """Where a sentence names what the author set off or defined elsewhere; whole words only."""
        words = read.reading.words
        found: list[tuple[int, int]] = []
        at = 0
        while at < len(words):
            end = self._longest(read.text, words, at)
            if end > at:
                found.append((words[at][0], words[end - 1][1]))
            at = max(end, at + 1)
        return found

    def _longest(self, text: str, words: tuple[tuple[int, int], ...], at: int) -> int:
        start = words[at][0]
        if text[start].lower() not in self._firsts:
            return at
        ends = [
            end for end in range(min(len(words), at + _WORDS), at, -1) if text[words[end - 1][0]].isalnum()
        ]
        return next(
            (end for end in ends if self._reader.key(text[start : words[end - 1][1]]) in self._sure), at
        )

    def holds(self, phrase: str) -> bool:
        key = self._reader.key(phrase)
        if key in self._sure:
            return True
        rare = self._reader.rarity(key)
        if self._chinese and len(key) == _WORD and self._counts.get(key, 0) <= _SAID_AGAIN:
            once = self._counts.get(key, 0) < _SAID_AGAIN
            return _COMMON_WORD - _AGAIN * (not once) <= rare and not (once and rare >= _UNHEARD)
        ease = _STORY if self._story else 0.0
        return rare >= _COMMON - ease or (rare >= _TWICE - ease and self._counts.get(key, 0) > 1)

    def kind(self, found: TermKind, words: str) -> TermKind:
        """The kind of a mention, by what the whole lesson shows; words written small are no name."""
        if found not in {TermKind.NAME, TermKind.TERM} or words.islower():
            return TermKind.TERM if words.islower() and found is TermKind.NAME else found
        return self._kinds.get(self._reader.key(words), found)

    def weight(self, phrase: str, kind: TermKind) -> float:
        return round(self._weights.get(self._reader.key(phrase), _FIXED.get(kind, 0.3)), 4)


def _mentions(read: _Read, terms: _Terms, reader: LanguageRules, text: str) -> list[Mention]:
    found = [one.moved(read.at) for one in read.reading.fixed]
    found += [Found(start, end, TermKind.TERM, firm=True) for start, end in read.marked]
    if read.defined:
        found.append(Found(read.defined.term.start, read.defined.term.end, TermKind.TERM, firm=True))
    for start, end in (*read.reading.phrases, *terms.known(read)):
        inside = any(
            left <= start and end <= right and right - left > end - start
            for left, right in read.reading.phrases
        )
        if not inside and terms.holds(read.text[start:end]):
            found.append(Found(read.at + start, read.at + end, TermKind.TERM))
    mentions: list[Mention] = []
    for one in settle(found):
        words = text[one.start : one.end]
        kind = terms.kind(one.kind, words)
        weight = _FIXED[kind] if kind in _FIXED else terms.weight(words, kind)
        mentions.append(Mention(one.start, one.end, read.index, kind, words, weight, one.unit, one.value))
    return mentions


def analyse(lesson: Lesson, tell: Tell | None = None) -> Analysis:
    """Find what can be asked in a lesson. The same lesson always gives the same.

    Args:
        lesson: Its language decides the rules.
        tell: Called now and then with sentences done and sentences in all.
    """
    reader = reader_for(lesson.language)
    reads = _read(lesson, reader, tell)
    terms = _Terms(lesson, reads, reader)
    mentions = [mention for read in reads for mention in _mentions(read, terms, reader, lesson.text)]
    definitions = tuple(read.defined for read in reads if read.defined)
    aliases = [Alias(*pair, read.index) for read in reads for pair in reader.aliases(read.text)]
    worth = judge(lesson, reader, mentions, definitions)
    if tell is not None:
        tell(len(lesson.sentences), len(lesson.sentences))
    sequences = tuple(find_sequences(lesson, mentions))
    return Analysis(lesson, worth, tuple(mentions), definitions, tuple(dict.fromkeys(aliases)), sequences)
