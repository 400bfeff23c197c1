"""The lesson laid out for the makers, with indexes that keep making linear in the lesson's length."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from aigc_tui.quiz.analysis.lexicon import english_places
from aigc_tui.quiz.analysis.records import Analysis, Definition, Mention, Sequence, TermKind
from aigc_tui.quiz.analysis.rules_en import tells_a_story
from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.lesson.records import Lesson, Sentence
from aigc_tui.quiz.planning.questions_zh import CHINESE
from aigc_tui.quiz.planning.wording import Cut, Wording, cut_out, flat
from aigc_tui.quiz.planning.wording_en import ENGLISH
from aigc_tui.quiz.planning.words import name_of
from aigc_tui.quiz.records import Source

_T = TypeVar("_T")
_SAID = re.compile(r"[说道问喊叫答]：[“「]|[”」]\w{1,4}[说道问]")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")
_FACTS = frozenset({TermKind.DATE, TermKind.QUANTITY})
_SPEECH = 0.06
"""Verbs of speech a sentence, above which a text tells of people who talk."""
_EDGES = " ,.;:!?—–“”\"'()，。；：、！？（）"
_FACTUAL = 0.15


@dataclass(frozen=True, slots=True)
class Material:
    """A lesson's analysis with its indexes.

    Attributes:
        mentions: Per sentence, what can be an answer there.
        definitions: Per sentence, what it defines.
        sequences: Per section, what stands in an order there.
        rivals: Per kind, one mention of each different name, in the lesson's order.
        places: Per name (`words.name_of`), the sentences that it stands in.
        others: Per name, the names that mean the same.
        shown: Per name, how it is written within a sentence (not with a sentence's first capital).
        story: Whether it tells a story, so that stems must say which.
    """

    analysis: Analysis
    wording: Wording
    mentions: Mapping[int, tuple[Mention, ...]]
    definitions: Mapping[int, tuple[Definition, ...]]
    sequences: Mapping[int, tuple[Sequence, ...]]
    rivals: Mapping[TermKind, tuple[Mention, ...]]
    places: Mapping[str, tuple[int, ...]]
    others: Mapping[str, frozenset[str]]
    shown: Mapping[str, str]
    story: bool
    context: Context

    @property
    def lesson(self) -> Lesson:
        """The lesson itself."""
        return self.analysis.lesson

    def sentence(self, index: int) -> Sentence:
        """One sentence."""
        return self.lesson.sentences[index]

    def sentence_at(self, offset: int) -> int:
        """The index of the sentence that holds an offset, or of the first one after it."""
        sentences = self.lesson.sentences
        at = bisect_right(sentences, offset, key=lambda each: each.start) - 1
        return max(0, at)

    def sentences_in(self, start: int, end: int) -> range:
        """The indices of the sentences that begin in a stretch of the text."""
        sentences = self.lesson.sentences
        first = bisect_left(sentences, start, key=lambda each: each.start)
        return range(first, bisect_left(sentences, end, key=lambda each: each.start))

    def words(self, index: int) -> str:
        """One sentence's words on one line."""
        return flat(self.lesson.quote(self.sentence(index)))

    def statement(self, index: int) -> str:
        """One sentence without words that only tie it to the one before."""
        words = self.words(index)
        found = self.wording.opening.match(words)
        return _opened(words[found.end() :]) if found else words

    def cut(self, answer: Mention) -> Cut:
        """The answer's sentence, as a statement, with the answer cut out."""
        cut = cut_out(self.lesson, self.sentence(answer.sentence), answer)
        found = self.wording.opening.match(cut.before)
        return replace(cut, before=_opened(cut.before[found.end() :])) if found else cut

    def source(self, sentence: Sentence) -> Source:
        """The citation of a sentence."""
        return self.span(sentence.start, sentence.end, sentence.section)

    def span(self, start: int, end: int, section: int) -> Source:
        """The citation of a stretch of the text."""
        return Source(self.lesson.sections[section].title, start, end, self.lesson.text[start:end])

    def same(self, first: str, second: str) -> bool:
        """Whether two names mean the same: equal, or introduced as aliases by the lesson."""
        one, two = name_of(first), name_of(second)
        return one == two or two in self.others.get(one, frozenset())

    def aliases(self, name: str) -> frozenset[str]:
        """The other names of a thing, in normal form."""
        return self.others.get(name_of(name), frozenset())

    def show(self, mention: Mention) -> str:
        """The mention as it is written inside a sentence."""
        return self.shown.get(name_of(mention.text), flat(mention.text))


def lay_out(analysis: Analysis) -> Material:
    """Build the indexes of a lesson's analysis."""
    analysis = replace(analysis, mentions=tuple(filter(None, map(_trimmed, analysis.mentions))))
    mentions: dict[int, list[Mention]] = defaultdict(list)
    places: dict[str, list[int]] = defaultdict(list)
    rivals: dict[TermKind, dict[str, Mention]] = defaultdict(dict)
    for mention in analysis.mentions:
        mentions[mention.sentence].append(mention)
        name = name_of(mention.text)
        if not places[name] or places[name][-1] != mention.sentence:
            places[name].append(mention.sentence)
        known = rivals[mention.kind].get(name)
        if known is None or (mention.weight, -mention.start) > (known.weight, -known.start):
            rivals[mention.kind][name] = mention
    others = _others(analysis)
    return Material(
        analysis,
        CHINESE if analysis.lesson.language == "zh" else ENGLISH,
        {index: tuple(found) for index, found in mentions.items()},
        _grouped(analysis.definitions, lambda each: each.sentence),
        _grouped(analysis.sequences, lambda each: _section_at(analysis.lesson, each.start)),
        {kind: tuple(sorted(found.values(), key=_start)) for kind, found in rivals.items()},
        {name: tuple(found) for name, found in places.items()},
        others,
        _shown(analysis),
        is_story(analysis),
        context_of(analysis),
    )


def _trimmed(mention: Mention) -> Mention | None:
    """A mention without punctuation at its ends: "conductor." is no answer."""
    left = len(mention.text) - len(mention.text.lstrip(_EDGES))
    text = mention.text.strip(_EDGES)
    start = mention.start + left
    return replace(mention, start=start, end=start + len(text), text=text) if text else None


def context_of(analysis: Analysis) -> Context:
    """What the checks may know of the lesson beside the item."""
    pairs = tuple((alias.first, alias.second) for alias in analysis.aliases)
    return Context(analysis.lesson.language, analysis.lesson, pairs)


def is_story(analysis: Analysis) -> bool:
    """Tell a story from a lesson: people speak in it, and hardly anything is dated, counted or defined."""
    lesson = analysis.lesson
    sentences = len(lesson.sentences) or 1
    facts = sum(mention.kind in _FACTS for mention in analysis.mentions) + len(analysis.definitions)
    if lesson.language == "zh":
        told = len(_SAID.findall(lesson.text)) > _SPEECH * sentences
    else:
        told = tells_a_story(lesson.text, sentences)
    return told and facts / sentences < _FACTUAL


def is_naming(mention: Mention, material: Material) -> bool:
    """Tell whether its sentence is there to name this thing: it defines it, or calls something so."""
    if any(each.term.start == mention.start for each in material.definitions.get(mention.sentence, ())):
        return True
    return bool(material.wording.naming.search(material.cut(mention).before))


def near(rivals: tuple[Mention, ...], answer: Mention, most: int) -> tuple[Mention, ...]:
    """The rivals around an answer's place in the lesson, at most `most` on each side: cost does not grow."""
    at = bisect_left(rivals, answer.start, key=_start)
    return rivals[max(0, at - most) : at + most]


def _opened(words: str) -> str:
    return words[:1].upper() + words[1:]


def _grouped(things: Iterable[_T], key: Callable[[_T], int]) -> Mapping[int, tuple[_T, ...]]:
    found: dict[int, list[_T]] = defaultdict(list)
    for thing in things:
        found[key(thing)].append(thing)
    return {at: tuple(each) for at, each in found.items()}


def _section_at(lesson: Lesson, offset: int) -> int:
    return max(0, bisect_right(lesson.sections, offset, key=lambda each: each.start) - 1)


def _others(analysis: Analysis) -> Mapping[str, frozenset[str]]:
    """Close the aliases: all names of one thing know each other."""
    groups: dict[str, set[str]] = {}
    for alias in analysis.aliases:
        one, two = name_of(alias.first), name_of(alias.second)
        merged = groups.get(one, {one}) | groups.get(two, {two})
        for name in merged:
            groups[name] = merged
    return {name: frozenset(group - {name}) for name, group in groups.items()}


def _shown(analysis: Analysis) -> Mapping[str, str]:
    """How names are written inside a sentence: a sentence's first word has a capital that is not its own."""
    text = analysis.lesson.text
    proper = set(_CAPITAL_INSIDE.findall(text))
    inside: dict[str, str] = {}
    opening: dict[str, str] = {}
    for mention in analysis.mentions:
        if mention.start > analysis.lesson.sentences[mention.sentence].start:
            inside.setdefault(name_of(mention.text), flat(mention.text))
        elif mention.kind is TermKind.TERM:
            opening.setdefault(name_of(mention.text), _without_capital(flat(mention.text), proper))
    return opening | inside


def _without_capital(name: str, proper: set[str]) -> str:
    """A term from a sentence's start in small letters, unless its capital is its own."""
    first = re.match(r"[A-Z][a-z]+", name)
    if not first or first[0] in proper or first[0] in english_places() or name[1:] != name[1:].lower():
        return name
    return name[:1].lower() + name[1:]


def _start(mention: Mention) -> int:
    return mention.start
