"""Which items of a quiz ask the same, and which answer one another.

Items are compared only when they share key and sentence, or a rare piece of their stems: comparing all pairs
would take hours for a bank of thousands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence

from aigc_tui.quiz.normal import contains, normal, pieces, simplified
from aigc_tui.quiz.records import WORDED, Item, ItemType, key_of, without_blank

ALIKE = 0.7
"""Jaccard index of the stems' 3-grams from which two items with one key ask the same."""
VERY_ALIKE = 0.9
"""The same, whatever the keys are."""
_BUCKET = 24
"""Items that each is compared with at most, for each mark: a bank of one stem must not cost a square."""
_RAREST = 6
"""3-grams of a stem by which its likes are looked for."""


def grams(text: str) -> frozenset[tuple[str, ...]]:
    """The 3-grams of a text's pieces (words, Chinese characters); of a shorter text the text itself."""
    parts = pieces(simplified(without_blank(text)))
    if len(parts) < 3:
        return frozenset({parts})
    return frozenset(zip(parts, parts[1:], parts[2:], strict=False))


def jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """The share of the 3-grams that two texts have in common."""
    return len(one & other) / max(len(one | other), 1)


def duplicates(items: Sequence[Item]) -> list[tuple[int, int]]:
    """Pairs of items that ask the same: the earlier first, each later item at most once.

    Two items are one when they have the same key and cite the same sentence, or the same key and much the
    same stem, or nearly the same stem whatever the key (two keys for one question: worse).
    """
    shingles = [grams(item.stem if item.type in WORDED else _whole(item)) for item in items]
    wholes = [grams(_whole(item)) for item in items]
    keys = [_key(item) for item in items]
    found: dict[int, int] = {}
    for earlier, later in _candidates(items, keys, shingles):
        if later in found:
            continue
        one_key = keys[earlier] == keys[later]
        same_place = one_key and _same_sentence(items[earlier], items[later])
        alike = one_key and jaccard(shingles[earlier], shingles[later]) >= ALIKE
        if same_place or alike or jaccard(wholes[earlier], wholes[later]) >= VERY_ALIKE:
            found[later] = earlier
    return sorted((earlier, later) for later, earlier in found.items())


def answered_elsewhere(items: Sequence[Item]) -> list[tuple[int, int]]:
    """Pairs (asked, told): the stem of the second, from the same sentence, says the key of the first."""
    found = []
    by_sentence = _buckets(items, lambda at: _sentence(items[at]))
    for places in by_sentence:
        for asked in places[:_BUCKET]:
            key = key_of(items[asked]) if items[asked].type in WORDED else ""
            told = [at for at in places[:_BUCKET] if at != asked and key and _tells(items[at], key)]
            found += [(asked, at) for at in told[:1]]
    return found


def _tells(item: Item, key: str) -> bool:
    # A false statement tells nothing, and what is matched or ordered is not told either.
    if item.type is ItemType.TF and item.answer is False:
        return False
    return contains(simplified(without_blank(item.stem)), simplified(key))


def _candidates(
    items: Sequence[Item], keys: list[Hashable], shingles: list[frozenset[tuple[str, ...]]]
) -> Iterator[tuple[int, int]]:
    common: dict[tuple[str, ...], int] = defaultdict(int)
    for bag in shingles:
        for gram in bag:
            common[gram] += 1
    rare = [sorted(bag, key=lambda gram: (common[gram], gram))[:_RAREST] for bag in shingles]
    places: dict[Hashable, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        seen = set()
        for mark in [("key", keys[at], _sentence(item)), ("stem", keys[at], _opening(item)), *rare[at]]:
            # The nearest before it: of many that are all alike each still meets one of its likes.
            seen.update(places[mark][-_BUCKET:])
            places[mark].append(at)
        yield from ((earlier, at) for earlier in sorted(seen))


def _buckets(items: Sequence[Item], mark: Callable[[int], Hashable]) -> list[list[int]]:
    found: dict[Hashable, list[int]] = defaultdict(list)
    for at in range(len(items)):
        if mark(at) is not None:
            found[mark(at)].append(at)
    return [places for places in found.values() if len(places) > 1]


def _whole(item: Item) -> str:
    """What is asked, and of what: "Put in order" may be asked often, of different things."""
    if item.type in (ItemType.MATCH, ItemType.ORDER):
        return f"{item.stem} {item.key}"
    return " ".join((item.stem, *sorted(item.options)))


def _key(item: Item) -> Hashable:
    return (item.type is ItemType.TF, normal(simplified(item.key)))


def _sentence(item: Item) -> Hashable:
    source = item.source
    return None if source is None else (source.start, source.end, source.quote)


def _same_sentence(one: Item, other: Item) -> bool:
    # True or false: the key says nothing of what is asked; two statements from one sentence may both be good.
    return _sentence(one) is not None and _sentence(one) == _sentence(other) and one.type is not ItemType.TF


def _opening(item: Item) -> Hashable:
    return pieces(simplified(item.stem))[:3]
