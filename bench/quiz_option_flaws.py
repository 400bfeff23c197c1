"""Flaws planted in the options of good multiple-choice questions (see bench/quiz_flaws.py)."""

from __future__ import annotations

import dataclasses

from aigc_tui.quiz.records import BLANK, Item, ItemType, distractors, key_of
from aigc_tui.text import guess_language


def is_chinese(item: Item) -> bool:
    """Whether an item asks in Chinese."""
    return guess_language(item.stem) == "zh"


def _option(item: Item, at: int, text: str) -> Item:
    options = list(item.options)
    options[at % len(options)] = text
    return dataclasses.replace(item, options=tuple(options))


def _wrong_place(item: Item, number: int) -> int | None:
    wrong = [at for at in range(len(item.options)) if at != item.answer]
    return wrong[number % len(wrong)] if item.type is ItemType.MC and wrong else None


def key_away(item: Item, number: int) -> Item | None:
    """The key points behind the last option."""
    if item.type is not ItemType.MC:
        return None
    return dataclasses.replace(item, answer=len(item.options))


def empty_option(item: Item, number: int) -> Item | None:
    """A distractor of nothing but a space."""
    at = _wrong_place(item, number)
    return None if at is None else _option(item, at, " ")


def duplicated(item: Item, number: int) -> Item | None:
    """A distractor that is the key in other letters and marks."""
    at, key = _wrong_place(item, number), key_of(item)
    if at is None or len(key) < 4:
        return None
    return _option(item, at, f"“{key.upper()}”" if number % 2 else f" {key}. ")


def above(item: Item, number: int) -> Item | None:
    """An option about the others."""
    at = _wrong_place(item, number)
    english = ("All of the above", "None of the above", "Both A and B", "none of these")
    chinese = ("以上都对", "以上都不对", "A和B", "以上都是")
    return None if at is None else _option(item, at, (chinese if is_chinese(item) else english)[number % 4])


def absolute(item: Item, number: int) -> Item | None:
    """A distractor with an absolute word."""
    at = _wrong_place(item, number)
    if at is None:
        return None
    text = item.options[at]
    return _option(item, at, f"一定是{text}" if is_chinese(item) else f"always {text}")


def vague(item: Item, number: int) -> Item | None:
    """A distractor with a vague word."""
    at = _wrong_place(item, number)
    if at is None:
        return None
    text = item.options[at]
    return _option(item, at, f"有时是{text}" if is_chinese(item) else f"sometimes {text}")


def nested(item: Item, number: int) -> Item | None:
    """A distractor that holds the key."""
    at, key = _wrong_place(item, number), key_of(item)
    if at is None or not key:
        return None
    return _option(item, at, f"{key}和其他" if is_chinese(item) else f"{key} and others")


def long_key(item: Item, number: int) -> Item | None:
    """A key that is explained where the distractors are not."""
    if not distractors(item) or not isinstance(item.answer, int):
        return None
    more = (
        "，这一点在课文里有详细的说明和论证"
        if is_chinese(item)
        else ", as is explained at length in the lesson itself"
    )
    longest = max(distractors(item), key=len)
    return _option(item, item.answer, key_of(item) + more + longest)


def other_kind(item: Item, number: int) -> Item | None:
    """A distractor of another kind: a name among numbers, a number among names."""
    at, key = _wrong_place(item, number), key_of(item)
    if at is None:
        return None
    named = any(char.isalpha() for char in key) and not any(char.isdigit() for char in key)
    return _option(item, at, "42 %" if named else "the moon") if key else None


def repeats_stem(item: Item, number: int) -> Item | None:
    """A rare word of the stem in the key alone."""
    if not distractors(item) or not isinstance(item.answer, int):
        return None
    word = "量子纠缠" if is_chinese(item) else "photosynthesis"
    stem = f"{item.stem}（{word}）" if is_chinese(item) else f"In {word}: {item.stem}"
    changed = _option(item, item.answer, f"{key_of(item)} {word}")
    return dataclasses.replace(changed, stem=stem)


def article(item: Item, number: int) -> Item | None:
    """An article that fits the key alone."""
    if item.type is not ItemType.MC or is_chinese(item):
        return None
    options = ("apple", "pear", "plum", "grape") if number % 2 else ("pear", "apple", "orange", "egg")
    stem = f"He ate {'an' if number % 2 else 'a'} {BLANK}"
    return dataclasses.replace(item, stem=stem, options=options, answer=0)


def mixed_numbers(item: Item, number: int) -> Item | None:
    """Numbers in no order."""
    if item.type is not ItemType.MC:
        return None
    return dataclasses.replace(item, options=("30 km", f"{number % 20 + 1} km", "250 km", "100 km"), answer=0)


def overlapping(item: Item, number: int) -> Item | None:
    """Ranges that overlap."""
    if item.type is not ItemType.MC:
        return None
    return dataclasses.replace(item, options=("10-20", f"{11 + number % 9}-30", "30-40", "40-50"), answer=0)


def numbered_statements(item: Item, number: int) -> Item | None:
    """Options that combine numbered statements."""
    if item.type is not ItemType.MC:
        return None
    english, chinese = ("I only", "II only", "I and II", "I and III"), ("①②", "①③", "②③", "②④")
    stem = f"{item.stem} I. one II. two ①一 ②二"
    options = chinese if is_chinese(item) else english
    return dataclasses.replace(item, stem=stem, options=options, answer=0)


def converging(item: Item, number: int) -> Item | None:
    """A key made of what the distractors have in common."""
    if item.type is not ItemType.MC:
        return None
    options = ("red square", "red circle", "blue square", "green triangle")
    return dataclasses.replace(item, options=options, answer=0)


def two_left(item: Item, number: int) -> Item | None:
    """Two options."""
    if item.type is not ItemType.MC:
        return None
    return dataclasses.replace(item, options=(key_of(item), "other"), answer=0)


def stretched(item: Item, number: int) -> Item | None:
    """A distractor many times as long as the key."""
    at = _wrong_place(item, number)
    return None if at is None else _option(item, at, "very " * 8 + key_of(item) * 3)
