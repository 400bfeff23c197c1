"""Grade one answer to one item by rules.

What a rule can decide does not depend on a model, and every grade names the rule that decided it (quiz.md
3.6). Chinese answers are compared by the longest common stretch of characters, as CMRC 2018 does
(cmrc2018_evaluate.py in ymcui/cmrc2018); English ones by shared words, as SQuAD does.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from aigc_tui.quiz.grading.canonical import LONGEST, UNITS, canonical, names_unit
from aigc_tui.quiz.grading.records import (
    MISSING,
    NEGATION,
    NOTHING,
    NUMBER,
    SPELLING,
    By,
    Grade,
    Judgement,
    Response,
    note_of,
)
from aigc_tui.quiz.normal import FUNCTION_WORDS, HAN, normal, same, simplified
from aigc_tui.quiz.records import Item, ItemType, Pair, key_of, pairs, steps

_TRUE = ("true", "t", "yes", "y", "right", "correct", "对", "是", "正确", "真", "√", "✓", "✔")
_FALSE = (
    "false",
    "f",
    "no",
    "n",
    "wrong",
    "incorrect",
    "错",
    "否",
    "不对",
    "不是",
    "错误",
    "假",
    "×",
    "✗",
    "✘",
    "x",
)
_LETTER = re.compile(r"^[(\[]?\s*([a-z])\s*[)\].、:]?$", re.I)


def chosen(item: Item, response: Response) -> int | None:
    """The index of the option that was meant; None: none of them.

    The options' own words go first: an option may itself be the letter "B".
    """
    if isinstance(response, bool) or response is None:
        return None
    if isinstance(response, int):
        return response if 0 <= response < len(item.options) else None
    if not isinstance(response, str):
        return None
    named = [at for at, text in enumerate(item.options) if text == response]
    named = named or [at for at, text in enumerate(item.options) if same(text, response)]
    if named:
        return named[0] if len(named) == 1 else None
    letter = _LETTER.match(unicodedata.normalize("NFKC", response).strip())
    at = ord(letter[1].upper()) - ord("A") if letter else -1
    return at if 0 <= at < len(item.options) else None


def judged(response: Response) -> bool | None:
    """The truth value that was meant; None: neither."""
    if isinstance(response, bool):
        return response
    if not isinstance(response, str):
        return None
    said = normal(response).replace(" ", "") or response.strip()
    return True if said in _TRUE else False if said in _FALSE else None


MOST_STEPS = 500
"""Steps that are compared; nobody orders more."""
LEAST_ORDER = 0.5
"""The share of an order from which it counts as partly right; any two steps are in order half of the time."""


def grade_pairs(right: Sequence[Pair], response: Response) -> Grade:
    """Grade a matching item: the share of the pairs that are right, in any order of the pairs."""
    given = [part for part in response if isinstance(part, tuple)] if isinstance(response, tuple) else []
    said = {_form(part[0]): _form(part[1]) for part in given if len(part) == 2}
    hits = sum(said.get(_form(left)) == _form(side) for left, side in right)
    # Sides that differ by marks alone have one form; whoever repeats the key is right in any case.
    score = 1.0 if tuple(given) == tuple(right) else hits / max(len(right), 1)
    return _shared(score, f"{hits} / {len(right)}", 0.0)


def grade_order(right: Sequence[str], response: Response) -> Grade:
    """Grade an order: the longest run of steps, gaps allowed, that stand in the right order.

    One step alone is always in order, so the score counts from there: reversed scores 0.
    """
    said = [_form(part) for part in response if isinstance(part, str)] if isinstance(response, tuple) else []
    wanted = [_form(part) for part in right]
    run = longest_common(wanted, said)
    whole = said == wanted and bool(wanted)
    score = 1.0 if whole else min((run - 1) / max(len(wanted) - 1, 1), 0.99) if run else 0.0
    return _shared(max(score, 0.0), f"{run} / {len(wanted)}", LEAST_ORDER)


def longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence, in O(len(one) * len(other))."""
    one, other = one[:MOST_STEPS], other[:MOST_STEPS]
    row = [0] * (len(other) + 1)
    for part in one:
        before = 0
        for at, each in enumerate(other, 1):
            before, row[at] = row[at], before + 1 if part == each else max(row[at], row[at - 1])
    return row[-1]


def _shared(score: float, told: str, least: float) -> Grade:
    if score >= 1.0:
        return Grade(Judgement.CORRECT, By.EXACT, 1.0)
    partly = score > 0 and score >= least
    return Grade(Judgement.PARTIAL if partly else Judgement.INCORRECT, By.OVERLAP, score, told)


def _form(text: object) -> str:
    return normal(simplified(text)) if isinstance(text, str) else ""


_HAN = re.compile(rf"[{HAN}]")
_NEGATIONS = ("not", "no", "never", "none", "without", "neither", "nor")
_ORDINAL = ("第", "First", "Second", "first", "second")
_HAN_NEGATION = re.compile(r"[不没未无非勿]")
_COMPARED = 400
"""Pieces of an answer that are compared; nobody is asked for more."""


def f1(key: Sequence[str], answer: Sequence[str]) -> float:
    """The harmonic mean of the shares of the key in the answer and of the answer in the key, by pieces."""
    key, answer = tuple(key)[:_COMPARED], tuple(answer)[:_COMPARED]
    if any(_HAN.fullmatch(part) for part in key):
        shared = _longest_stretch(key, answer)
    else:
        key, answer = _content(key), _content(answer)
        shared = sum((Counter(key) & Counter(answer)).values())
    return 2 * shared / (len(key) + len(answer)) if shared else 0.0


def contradiction(key: str, answer: str, given: str) -> str:
    """Why an answer that shares words with the key is wrong all the same; empty: it is not.

    Numbers of the stem (`given`) may be repeated.
    """
    known = {*_numbers(key), *_numbers(given)}
    wrong = [part for part in _numbers(answer) if part not in known]
    # A key without any number may be told more exactly: 第一次世界大战 for 世界大战.
    if wrong and (_numbers(key) or not any(mark in answer for mark in _ORDINAL)):
        return note_of(NUMBER, wrong[0])
    if negations(key) % 2 != negations(answer) % 2:
        return note_of(NEGATION)
    return ""


def _numbers(text: str) -> list[str]:
    return [part for part in canonical(text) if part[:1].isdigit()]


def negations(text: str) -> int:
    """How many negations a text holds."""
    parts = canonical(text)
    return sum(part in _NEGATIONS for part in parts) + len(_HAN_NEGATION.findall("".join(parts)))


def one_slip(key: Sequence[str], answer: Sequence[str]) -> bool:
    """Whether an answer is the key with one letter wrong, missing, doubled or swapped in a longer word."""
    if len(key) != len(answer):
        return False
    differing = [(one, other) for one, other in zip(key, answer, strict=True) if one != other]
    if len(differing) != 1:
        return False
    one, other = differing[0]
    letters = one.isascii() and one.isalpha() and other.isalpha() and min(len(one), len(other)) >= 6
    return letters and abs(len(one) - len(other)) <= 1 and _near(one, other)


def _near(one: str, other: str) -> bool:
    start = next(
        (at for at in range(min(len(one), len(other))) if one[at] != other[at]), min(len(one), len(other))
    )
    rest, others = one[start:], other[start:]
    swapped = rest[:2] == others[1::-1] and rest[2:] == others[2:]
    return rest[1:] == others[1:] or rest[1:] == others or rest == others[1:] or swapped


def _longest_stretch(key: Sequence[str], answer: Sequence[str]) -> int:
    matcher = SequenceMatcher(None, key, answer, autojunk=False)
    return matcher.find_longest_match().size


def _content(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for part in parts if part not in FUNCTION_WORDS) or tuple(parts)


ENOUGH = 0.8
"""F1 from which an answer in other words counts as right."""
SOME = 0.45
"""F1 from which it counts as partly right. Both chosen on the training part of SemEval-2013 task 7 (docs)."""
_SLIP = 0.9


def grade(item: Item, response: Response) -> Grade:
    """Grade an answer by rules alone; giving the key itself is always correct.

    The response has the shape of `item.answer`; an option may also be named by letter or by its words, and a
    truth value in words. None: nothing was answered.
    """
    if item.type is ItemType.MC:
        return _exact(chosen(item, response) == item.answer and not isinstance(item.answer, bool))
    if item.type is ItemType.TF:
        return _exact(judged(response) is item.answer)
    if item.type is ItemType.MATCH:
        return grade_pairs(pairs(item), response)
    if item.type is ItemType.ORDER:
        return grade_order(steps(item), response)
    return grade_text(item, response if isinstance(response, str) else "")


def grade_text(item: Item, response: str) -> Grade:
    """Grade a written answer: equal, equal but written otherwise, or by how much it shares with the key."""
    key, response = key_of(item), response[:LONGEST]
    if response == key[:LONGEST] or (normal(response) and normal(response) == normal(key)):
        return _exact(True)
    if not response.strip():
        return Grade(Judgement.INCORRECT, By.EXACT, 0.0, note_of(NOTHING))
    wanted, said = [canonical(text) for text in (key, *item.accepted)], canonical(response)
    if said in wanted or any(_unit_given(item, one, said) for one in wanted):
        return Grade(Judgement.CORRECT, By.ACCEPTED, 1.0)
    return max(
        (_by_overlap(item, text, response) for text in (key, *item.accepted)), key=lambda grade: grade.score
    )


def _by_overlap(item: Item, key: str, response: str) -> Grade:
    wanted, said = canonical(key), canonical(response)
    if one_slip(wanted, said):
        return Grade(Judgement.PARTIAL, By.OVERLAP, _SLIP, note_of(SPELLING, key))
    score = f1(wanted, said)
    wrong = contradiction(key, response, item.stem) if score >= SOME else ""
    if wrong:
        return Grade(Judgement.INCORRECT, By.OVERLAP, 0.0, wrong)
    verdict = (
        Judgement.CORRECT if score >= ENOUGH else Judgement.PARTIAL if score >= SOME else Judgement.INCORRECT
    )
    return Grade(verdict, By.OVERLAP, round(score, 3), _lacking(wanted, said) if score >= SOME else "")


def _unit_given(item: Item, wanted: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether two answers differ by a unit alone that the stem itself names ("How many metres ...?")."""
    longer, shorter = (wanted, said) if len(wanted) > len(said) else (said, wanted)
    alone = len(longer) == 2 and longer[:1] == shorter and longer[1] in UNITS
    return alone and names_unit(item.stem, longer[1])


def _lacking(wanted: tuple[str, ...], said: tuple[str, ...]) -> str:
    missing = [part for part in wanted if part not in said]
    return note_of(MISSING, " ".join(missing[:8])) if missing else ""


def _exact(right: bool) -> Grade:
    return Grade(Judgement.CORRECT if right else Judgement.INCORRECT, By.EXACT, float(right))
