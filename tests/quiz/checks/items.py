"""Items for the tests of the checks, in both languages, short to write."""

from __future__ import annotations

import hashlib

from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.registry import REGISTRY
from aigc_tui.quiz.lesson.records import Lesson, Section, Sentence
from aigc_tui.quiz.lesson.sentences import split_sentences
from aigc_tui.quiz.records import Item, ItemType, Origin, Quiz, Source
from aigc_tui.quiz.records import LessonRef as Ref
from aigc_tui.text import guess_language

ENGLISH = "Photosynthesis takes place in the chloroplast. Joseph Priestley found oxygen in 1774."
CHINESE = "光合作用在叶绿体中进行。普利斯特利于1774年发现了氧气。"


def lesson(text: str) -> Lesson:
    """A lesson of one section."""
    language = guess_language(text)
    sentences = tuple(Sentence(start, end, 0, 0) for start, end in split_sentences(text, language))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Lesson("", language, text, digest, (Section("", 1, 0, len(text)),), sentences)


def cite(text: str, quote: str) -> Source:
    """The source of a quote."""
    start = text.index(quote)
    return Source("", start, start + len(quote), quote)


def quoting(quote: str) -> Source:
    """A source without a lesson."""
    return Source("", 0, len(quote), quote)


def mc(stem: str, *options: str, key: int = 0, quote: str = "") -> Item:
    """A choice."""
    return Item(
        "1", ItemType.MC, stem, key, options, source=quoting(quote) if quote else None, origin=Origin.HUMAN
    )


def short(stem: str, key: str, quote: str = "", accepted: tuple[str, ...] = ()) -> Item:
    """A question with a written answer."""
    source = quoting(quote) if quote else None
    return Item("1", ItemType.SHORT, stem, key, source=source, accepted=accepted, origin=Origin.HUMAN)


def cloze(stem: str, key: str, quote: str = "") -> Item:
    """A sentence with a gap."""
    source = quoting(quote) if quote else None
    return Item("1", ItemType.CLOZE, stem, key, source=source, origin=Origin.HUMAN)


def tf(stem: str, answer: bool, quote: str = "") -> Item:
    """A statement."""
    source = quoting(quote) if quote else None
    return Item("1", ItemType.TF, stem, answer, source=source, origin=Origin.HUMAN)


def match(*pairs: tuple[str, str], options: tuple[str, ...] = ()) -> Item:
    """Pairs."""
    shown = options or tuple(right for _, right in (*pairs[1:], *pairs[:1]))
    return Item("1", ItemType.MATCH, "Match.", pairs, shown, origin=Origin.HUMAN)


def order(*steps: str, options: tuple[str, ...] = ()) -> Item:
    """Steps."""
    return Item("1", ItemType.ORDER, "Put in order.", steps, options or steps[::-1], origin=Origin.HUMAN)


def verdict(name: str, item: Item, context: Context | None = None) -> Verdict | None:
    """What one check says, by its name in the registry."""
    language = guess_language(item.stem)
    return REGISTRY[name].check(item, context or Context(language))


def passes(name: str, item: Item, context: Context | None = None) -> bool:
    """Whether a check that has something to say is satisfied."""
    found = verdict(name, item, context)
    assert found is not None, f"{name} says nothing of {item.stem}"
    assert found.check == name
    assert found.hard is REGISTRY[name].hard
    assert found.passed == (not found.reason)
    return found.passed


def quiz(*items: Item, language: str = "en", requested: int = 0) -> Quiz:
    """Items as a quiz."""
    return Quiz("q", "t", Ref("t", "", language), requested or len(items), items)
