"""Tell words of a person in danger from idioms, games, code and stories, and hold the fixed answer.

On such words the persona pauses and human-written text leads (reference persona-writing 6.3). It needs no
model and grades no risk. The phrases and the answers are in data/safety/crisis.yaml; what is only hinted at
is missed: tests/safety prints how much is found and how often it is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from aigc_tui.config import shipped
from aigc_tui.message import AppError

MAX_LENGTH = 20_000
"""Characters looked at from each end of a longer text; such a text is a document, not a cry for help."""
_SENTENCE = re.compile(r"[^.!?。!?\n;…]+")
_CLAUSE_BREAK = re.compile(r"[,，、:]")
_HAN_GAP = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_QUOTES = (("“", "”"), ("「", "」"), ("『", "』"), ("《", "》"), ("‘", "’"))
_APOSTROPHES = str.maketrans("’ʼ`´", "''''")


class CrisisKind(StrEnum):
    """What a text speaks of."""

    SELF_HARM = "self_harm"
    HARM_OTHERS = "harm_others"
    ABUSE = "abuse"


class Person(StrEnum):
    """Whose danger a pattern may be about."""

    FIRST = "first"
    """Only the writer's."""
    ANY = "any"
    """The writer's, or nobody's by name."""
    NONE = "none"
    """The pattern names the writer itself."""


class Scope(StrEnum):
    """How far around a find a context counts."""

    TEXT = "text"
    SENTENCE = "sentence"
    QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One phrase."""

    kind: CrisisKind
    language: str
    person: Person
    phrase: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Context:
    """Words that explain a phrase away."""

    name: str
    scope: Scope
    kinds: tuple[CrisisKind, ...]
    words: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything in the file. `subjects` finds both persons; the group `first` tells which it was."""

    responses: Mapping[str, str]
    variants: Mapping[int, int]
    patterns: tuple[Pattern, ...]
    negations: Mapping[str, re.Pattern[str]]
    subjects: Mapping[str, re.Pattern[str]]
    contexts: tuple[Context, ...]


class RulesError(AppError):
    """The rules file is damaged; the message is one line that names it."""


@cache
def load_rules(path: Path | None = None) -> Rules:
    """Read and compile the rules (default: the shipped ones); later calls get the same object.

    Raises:
        RulesError: The file is missing or damaged.
    """
    from aigc_tui.config.yaml_file import YamlError, read_yaml

    file = path or shipped("data") / "safety" / "crisis.yaml"
    try:
        raw: Any = read_yaml(file).value
        return _rules(raw, _expanded(raw["words"]))
    except YamlError as error:
        raise RulesError(error.message) from error
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise RulesError(
            "{path}: not a file of crisis rules: {problem}", path=file.name, problem=repr(error)
        ) from error


def _rules(raw: Any, words: Mapping[str, str]) -> Rules:
    first, other = raw["subjects"]["first"], raw["subjects"]["other"]
    subjects = {
        language: _regex(f"(?P<first>{first[language]})|(?:{other[language]})", words) for language in first
    }
    return Rules(
        responses={str(language): str(text) for language, text in raw["responses"].items()},
        variants=str.maketrans(raw["variants"]["from"], raw["variants"]["to"]),
        patterns=tuple(pattern for group in raw["patterns"] for pattern in _patterns(group, words)),
        negations={language: _regex(text, words) for language, text in raw["negations"].items()},
        subjects=subjects,
        contexts=tuple(_context(item, words) for item in raw["contexts"]),
    )


def _patterns(group: Any, words: Mapping[str, str]) -> Iterator[Pattern]:
    kind, person = CrisisKind(group["kind"]), Person(group["person"])
    for phrase in group["match"]:
        yield Pattern(kind, group["language"], person, _regex(phrase, words))


def _context(item: Any, words: Mapping[str, str]) -> Context:
    kinds = tuple(CrisisKind(kind) for kind in item["kinds"])
    return Context(item["name"], Scope(item["scope"]), kinds, _regex(f"{item['en']}|{item['zh']}", words))


def _expanded(words: Mapping[str, str]) -> dict[str, str]:
    """Fill words into later words, in the file's order."""
    done: dict[str, str] = {}
    for name, text in words.items():
        done[name] = _fill(text, done)
    return done


def _fill(text: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(f"<{name}>", f"(?:{value})")
    return text


def _regex(text: str, words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_fill(text, words))


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
