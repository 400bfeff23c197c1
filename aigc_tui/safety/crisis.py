"""Tell words of a person in danger from idioms, games, code and stories, and hold the fixed answer.

Why it exists: on such words the persona pauses and human-written text leads (reference persona-writing
6.3). It needs no model, works offline, and grades no risk. It knows phrases, so it misses what is only
hinted at; tests/safety prints how much it finds and how often it is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from aigc_tui.safety.rules import CrisisKind, Pattern, Person, Rules, Scope, load_rules

__all__ = ["Crisis", "CrisisKind", "check", "response"]

MAX_LENGTH = 20_000
"""Characters looked at from each end of a longer text; such a text is a document, not a cry for help."""
_SENTENCE = re.compile(r"[^.!?。!?\n;…]+")
_CLAUSE_BREAK = re.compile(r"[,，、:]")
_HAN_GAP = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_QUOTES = (("“", "”"), ("「", "」"), ("『", "』"), ("《", "》"), ("‘", "’"))
_APOSTROPHES = str.maketrans("’ʼ`´", "''''")


@dataclass(frozen=True, slots=True)
class Crisis:
    """What was found: of which kind, in which language's phrases, and where (offsets into the text)."""

    kind: CrisisKind
    language: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Normal:
    """A normalised text and, for each of its characters, the place in the original."""

    text: str
    places: tuple[int, ...]


def check(text: str) -> Crisis | None:
    """Look for words of self-harm, of harm to others, or of abuse, in English and Chinese.

    Args:
        text: The user's words.

    Returns:
        The first find that nothing explains away, or None.
    """
    if len(text) > 2 * MAX_LENGTH:
        return check(text[:MAX_LENGTH]) or _shifted(check(text[-MAX_LENGTH:]), len(text) - MAX_LENGTH)
    rules = load_rules()
    normal = _normalise(text, rules)
    for sentence in _SENTENCE.finditer(normal.text):
        for pattern in rules.patterns:
            for found in pattern.phrase.finditer(normal.text, sentence.start(), sentence.end()):
                if _counts(normal.text, sentence, found, pattern, rules):
                    start, end = normal.places[found.start()], normal.places[found.end() - 1] + 1
                    return Crisis(pattern.kind, pattern.language, start, end)
    return None


def response(language: str) -> str:
    """Return the fixed words for a language ("en" or "zh"; any other gets English)."""
    texts = load_rules().responses
    return texts.get(language, texts["en"])


def _shifted(crisis: Crisis | None, by: int) -> Crisis | None:
    return crisis and Crisis(crisis.kind, crisis.language, crisis.start + by, crisis.end + by)


def _normalise(text: str, rules: Rules) -> _Normal:
    """Fold width, case, variants and spaces, remembering where each character came from."""
    chars: list[str] = []
    places: list[int] = []
    for place, raw in enumerate(text):
        for char in _folded(raw, rules):
            if char == " " and chars and chars[-1] == " ":
                continue
            chars.append(char)
            places.append(place)
    joined = "".join(chars)
    gaps = {gap.start() for gap in _HAN_GAP.finditer(joined)}
    kept = [index for index in range(len(joined)) if index not in gaps]
    return _Normal("".join(joined[index] for index in kept), tuple(places[index] for index in kept))


def _folded(char: str, rules: Rules) -> Iterator[str]:
    if char == "\n":
        yield char
    elif unicodedata.category(char) not in {"Cf", "Mn"}:
        folded = unicodedata.normalize("NFKC", char.translate(_APOSTROPHES)).casefold()
        yield from " " if folded.isspace() else folded.translate(rules.variants)


def _counts(text: str, sentence: re.Match[str], found: re.Match[str], pattern: Pattern, rules: Rules) -> bool:
    before = _CLAUSE_BREAK.split(text[sentence.start() : found.start()])[-1]
    if rules.negations[pattern.language].search(before):
        return False
    if not _is_about_the_writer(before, found, pattern, rules):
        return False
    return not _is_explained(text, sentence, found, pattern, rules)


def _is_about_the_writer(before: str, found: re.Match[str], pattern: Pattern, rules: Rules) -> bool:
    """Take the last person named in the clause before the find for its subject."""
    if pattern.person is Person.NONE:
        return True
    subjects = list(rules.subjects[pattern.language].finditer(before))
    if subjects:
        return subjects[-1].group("first") is not None
    own = rules.subjects[pattern.language].match(found.group())
    return pattern.person is Person.ANY or (own is not None and own.group("first") is not None)


def _is_explained(
    text: str, sentence: re.Match[str], found: re.Match[str], pattern: Pattern, rules: Rules
) -> bool:
    for context in rules.contexts:
        if pattern.kind not in context.kinds:
            continue
        if context.scope is Scope.QUOTED and not _is_quoted(text, found.start()):
            continue
        around = text if context.scope is Scope.TEXT else sentence.group()
        if context.words.search(around):
            return True
    return False


def _is_quoted(text: str, place: int) -> bool:
    """Tell whether a place stands inside quotation marks that were opened in the same paragraph."""
    before = text[text.rfind("\n", 0, place) + 1 : place]
    return before.count('"') % 2 == 1 or any(before.rfind(a) > before.rfind(b) for a, b in _QUOTES)
