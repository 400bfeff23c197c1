"""Cloze and short-answer items, and the other wordings of an answer that count as right."""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.generation.distractors import find_distractors
from aigc_tui.quiz.generation.item import in_context, write_item
from aigc_tui.quiz.generation.randomness import Randomness
from aigc_tui.quiz.normal import HAN_DIGITS, NUMBER_WORDS
from aigc_tui.quiz.planning.material import Material
from aigc_tui.quiz.planning.records import Filled, Form, Refused, Slot
from aigc_tui.quiz.planning.words import name_of, occurrences
from aigc_tui.quiz.records import BLANK

_ENGLISH = NUMBER_WORDS[:13]
"""Zero to twelve: from thirteen on people write digits."""
_CHINESE = f"{HAN_DIGITS}十"
_UNITS = (
    ("km", "kilometres", "kilometers", "公里", "千米"),
    ("m", "metres", "meters", "米"),
    ("cm", "centimetres", "centimeters", "厘米"),
    ("mm", "millimetres", "millimeters", "毫米"),
    ("kg", "kilograms", "千克", "公斤"),
    ("g", "grams", "克"),
    ("%", "per cent", "percent", "％"),
    ("°C", "degrees Celsius", "℃", "摄氏度"),
)
_SIGN = 2
"""Letters of a unit's sign at most: km, °C."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)


def accepted_answers(answer: Mention, material: Material) -> tuple[str, ...]:
    """Find what else counts as right for a blank or a short answer, the lesson's aliases among it."""
    key = " ".join(answer.text.split())
    found = [_ARTICLE.sub("", key), _THOUSANDS.sub("", key)]
    if answer.kind in (TermKind.NUMBER, TermKind.QUANTITY):
        found += _numbers(key)
        found += _units(key, answer.unit, material.wording.language)
    if answer.kind is TermKind.DATE and key.endswith("年"):
        found.append(key.removesuffix("年"))
    if answer.kind is TermKind.PERSON and key.isascii():
        found += key.split()[-1:]
    found += _spelled_aliases(key, material)
    return tuple(other for other in dict.fromkeys(map(str.strip, found)) if other and other != key)


def _spelled_aliases(key: str, material: Material) -> list[str]:
    names = material.aliases(key)
    spelled = [name for alias in material.analysis.aliases for name in (alias.first, alias.second)]
    return [" ".join(name.split()) for name in spelled if name_of(name) in names]


def _numbers(key: str) -> list[str]:
    found = []
    for value, word in enumerate(_ENGLISH):
        found += [re.sub(rf"\b{word}\b", str(value), key, flags=re.IGNORECASE)]
        found += [re.sub(rf"(?<![\d.,]){value}(?![\d.,])", word, key)] if key.isascii() else []
    for value, char in enumerate(_CHINESE):
        if re.search(rf"(?<![{_CHINESE}百千万亿]){char}(?![{_CHINESE}百千万亿])", key):
            found.append(key.replace(char, str(value)))
    return found


def _units(key: str, unit: str, language: str) -> list[str]:
    """The same amount with its unit written in another way: signs always, words in the lesson's language."""
    for group in _UNITS:
        if unit in group:
            known = [other for other in group if len(other) <= _SIGN or other.isascii() == (language == "en")]
            return [key.replace(unit, other) for other in known]
    return []


_FEWEST_WORDS, _FEWEST_HAN = 6, 10


def make_cloze(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    """Blank the slot's answer in its sentence."""
    answer = slot.answer
    assert answer is not None
    cut = material.cut(answer)
    if gives_away(cut.key, cut.rest, material):
        return Refused("answer stands in the stem")
    if says_little(cut.rest):
        return Refused("says too little")
    stem = material.wording.join(cut, BLANK)
    accepted = accepted_answers(answer, material)
    item = write_item(slot, stem, cut.key, material, draw, accepted=accepted)
    return Filled(slot, item, find_distractors(answer, material, draw.of(slot)))


def says_little(rest: str) -> bool:
    """Tell whether so little is left around a blank that many things could stand there."""
    words = rest.split()
    return len(words) < _FEWEST_WORDS if rest.isascii() else len(rest) < _FEWEST_HAN


def gives_away(key: str, rest: str, material: Material) -> bool:
    """Tell whether the rest of a sentence holds the key, another name of it, or its initials in capitals."""
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", key)).upper()
    if len(initials) > 1 and re.search(rf"\b{initials}s?\b", rest):
        return True
    return any(occurrences(name, rest) for name in (key, *material.aliases(key)))


def make_short(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    """Ask for the slot's answer in a full question."""
    answer = slot.answer
    assert answer is not None
    stem = term_question(slot, material) if slot.form is Form.TERM else _question(slot, material)
    if not stem:
        return Refused("no safe question")
    if gives_away(answer.text, stem, material):
        return Refused("answer stands in the stem")
    accepted = accepted_answers(answer, material)
    key = material.show(answer)
    if slot.form is Form.SENTENCE:
        stem = in_context(stem, material, answer.text)
    item = write_item(slot, stem, key, material, draw, accepted=accepted)
    return Filled(slot, item, find_distractors(answer, material, draw.of(slot)))


def term_question(slot: Slot, material: Material) -> str:
    """Give the definition, ask for the term."""
    if slot.definition is None:
        return ""
    term, words = slot.definition.term, material.wording
    return words.ask_term(words.meaning(slot.definition.text), term.kind, material.cut(term))


def _question(slot: Slot, material: Material) -> str:
    assert slot.answer is not None
    return material.wording.ask(material.cut(slot.answer), slot.answer)
