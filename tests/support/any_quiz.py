"""Quizzes for the formats' tests: any text that a format could trip over, and what counts as the same item.

Why it exists: six formats go both ways, and each must give back what it took. The texts are made of the
pieces that real parsers were seen to trip over (reference quiz.md 2), among plain words of both languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from aigc_tui.quiz.formats.records import Read
from aigc_tui.quiz.records import (
    BLANK,
    Bloom,
    Item,
    ItemType,
    LessonRef,
    Origin,
    Quiz,
    QuizError,
    Source,
)
from aigc_tui.text import clean

TRAPS = (
    r"->¦%50%¦%-100%¦%¦[html]¦[plain]¦[¦]¦//¦]]>¦\¦\n¦\\¦{¦}¦{}¦=¦~¦#¦####¦:¦::¦*¦\*¦&¦&amp;¦&lt;¦&&058;¦&&010"
    r"¦<¦>¦<br>¦<b>¦{{¦}}¦{{c1::¦c1::¦'¦'=¦''¦+¦-¦@¦=1+1¦|¦,¦;¦T¦TRUE¦F¦A)¦B.¦A、¦ANSWER: B¦$CATEGORY: x"
    r"¦::name::¦$x$¦\frac{1}{2}¦\(x^2\)¦[sound:a.mp3]¦[$]x[/$]¦＝¦～¦｛¦｝¦：¦＃¦　¦ ¦  ¦_¦___¦1."
    r"¦ANSWER：¦-1¦0¦1e5¦1..5¦光合作用¦叶绿体¦能量¦true¦False¦对¦word¦the cell¦é¦𝄞¦👩‍🔬"
)
_PIECES = st.one_of(
    st.sampled_from([*TRAPS.split("¦"), "\ufffe", "\t", "\n", "\n\n", '"']), st.text(max_size=8)
)
TEXTS = (
    st.lists(_PIECES, min_size=1, max_size=6).map(lambda parts: clean("".join(parts)).strip()).filter(bool)
)
"""Cleaned and stripped, as every text in the application is."""
_FREE = TEXTS.filter(
    lambda text: not re.search(r"_{2,}", text) and not text.startswith("_") and text[-1] != "_"
)
"""Without anything that a cloze reader could take for a gap."""


@st.composite
def items(draw: st.DrawFn, kinds: tuple[ItemType, ...] = tuple(ItemType)) -> Item:
    """Draw a sound item of one of these types."""
    kind = draw(st.sampled_from(kinds))
    item = Item(
        id=draw(st.uuids()).hex,
        type=kind,
        stem=draw(_FREE),
        answer=True,
        explanation=draw(st.one_of(st.just(""), TEXTS)),
        source=draw(st.one_of(st.none(), _sources())),
        bloom=draw(st.sampled_from(Bloom)),
        origin=draw(st.sampled_from(Origin)),
        tags=tuple(
            draw(st.lists(st.sampled_from(("unit-3", "期中", "a b", "x]y", "x:y")), max_size=2, unique=True))
        ),
    )
    return replace(item, **draw(_parts(kind)))


def quizzes(kinds: tuple[ItemType, ...] = tuple(ItemType)) -> st.SearchStrategy[Quiz]:
    """Draw a quiz of one to three items with different ids."""
    many = st.lists(items(kinds), min_size=1, max_size=3, unique_by=lambda item: item.id)
    return st.builds(lambda some, title: quiz_of(*some, title=title), many, st.one_of(st.just(""), TEXTS))


def quiz_of(*some: Item, title: str = "光合作用 / unit 3", language: str = "zh") -> Quiz:
    """Put items into a quiz."""
    return Quiz("quiz-1", title, LessonRef("光合作用", "", language), len(some), some)


def one_of_each() -> Quiz:
    """A quiz with one item of each type, in Chinese and English, with everything that an item can have."""
    source = Source("光反应", 12, 30, "光合作用发生在叶绿体中，释放氧气。")
    said = "见原文：“光合作用发生在叶绿体中”。"
    gases = ("Nitrogen", "Oxygen", "Helium")
    why = ("It is not made.", "Water is split.", "It is inert.")
    pairs = (("leaf", "makes sugar"), ("root", "takes up water"))
    steps = ("吸收光能", "分解水", "合成糖")
    plain = (
        Item("id-mc", ItemType.MC, "Which gas does photosynthesis release?", 1, gases, feedback=why),
        Item("id-cloze", ItemType.CLOZE, f"光合作用发生在{BLANK}中。", "叶绿体", accepted=("葉綠體",)),
        Item("id-tf", ItemType.TF, "光合作用吸收氧气。", False),
        Item("id-short", ItemType.SHORT, "Where does photosynthesis happen?", "chloroplast"),
        Item("id-match", ItemType.MATCH, "Match.", pairs, ("takes up water", "makes sugar")),
        Item("id-order", ItemType.ORDER, "排序。", steps, ("合成糖", "吸收光能", "分解水")),
    )
    return quiz_of(
        *(replace(item, source=source, explanation=said, bloom=Bloom.UNDERSTAND) for item in plain)
    )


def reads_or_complains(read: Callable[[bytes], Read], data: bytes) -> Read | None:
    """Read hostile bytes: items and problems, or one clear line; anything else is an error of the test."""
    try:
        found = read(data)
    except QuizError as error:
        message = str(error)
    else:
        assert all(
            str(problem.reason) and "\n" not in f"{problem.reason}{problem.where}"
            for problem in found.problems
        )
        return found
    assert message
    assert "\n" not in message
    return None


def canonical(item: Item, parts: frozenset[str]) -> tuple[object, ...]:
    """What must come back of an item from a format that carries these parts.

    Not compared: the order in which match and order items show their options, which a format shuffles itself;
    and what only our own files carry (difficulty, checks, seed, model; docs/quiz-formats.md).
    """
    options = item.options
    if item.type in (ItemType.MATCH, ItemType.ORDER):
        options = tuple(sorted(options))
    carried = [
        item.explanation if "explanation" in parts else "",
        item.feedback if "feedback" in parts and any(item.feedback) else (),
        tuple(dict.fromkeys(each for each in item.accepted if each != item.answer))
        if "accepted" in parts
        else (),
        item.source if "source" in parts else None,
        (item.bloom, sorted(own_tags(item))) if "tags" in parts else (),
    ]
    return (item.type, item.stem, item.answer, options, *carried)


def own_tags(item: Item) -> set[str]:
    """An item's tags without the one that names its section, with a space as Anki writes it."""
    return {re.sub(r"\s+", "_", tag) for tag in item.tags if not tag.startswith("section:")}


@st.composite
def _sources(draw: st.DrawFn) -> Source:
    start = draw(st.integers(0, 10_000))
    return Source(draw(TEXTS), start, start + draw(st.integers(1, 200)), draw(TEXTS))


@st.composite
def _parts(draw: st.DrawFn, kind: ItemType) -> dict[str, Any]:
    if kind is ItemType.MC:
        options = draw(st.lists(TEXTS, min_size=2, max_size=5))
        feedback = draw(st.one_of(st.just(()), st.tuples(*[st.one_of(st.just(""), TEXTS) for _ in options])))
        return {
            "options": tuple(options),
            "answer": draw(st.integers(0, len(options) - 1)),
            "feedback": feedback,
        }
    if kind is ItemType.TF:
        return {"answer": draw(st.booleans())}
    if kind is ItemType.SHORT:
        return {"answer": draw(TEXTS), "accepted": tuple(draw(st.lists(TEXTS, max_size=2)))}
    if kind is ItemType.CLOZE:
        stem = draw(_FREE) + BLANK + draw(st.one_of(st.just(""), _FREE))
        return {"stem": stem, "answer": draw(TEXTS), "accepted": tuple(draw(st.lists(TEXTS, max_size=2)))}
    if kind is ItemType.MATCH:
        pairs = tuple(draw(st.lists(st.tuples(TEXTS, TEXTS), min_size=2, max_size=4)))
        extras = draw(st.lists(TEXTS, max_size=1))
        return {
            "answer": pairs,
            "options": tuple(draw(st.permutations([right for _, right in pairs] + extras))),
        }
    steps = tuple(draw(st.lists(TEXTS, min_size=2, max_size=4)))
    return {"answer": steps, "options": tuple(draw(st.permutations(steps)))}
