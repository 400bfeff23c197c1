"""Turn an English statement into a question, where a safe pattern fits; and the verb forms that this takes.

The answer is the subject and nothing moves; a date stands at either end of a simple past clause; a passive
names its agent; or a person did something. Everything else, and a verb that is not listed, stays a blank: a
malformed question is worse than one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from aigc_tui.quiz.analysis.lexicon import english_words, read_data, word_list
from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.analysis.words_en import idf
from aigc_tui.quiz.planning.wording import Cut
from aigc_tui.quiz.planning.words import singular

AUXILIARIES = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "has",
        "had",
        "have",
        "can",
        "could",
        "may",
        "might",
        "must",
        "will",
        "would",
        "shall",
        "should",
        "did",
        "does",
        "do",
    ]
)
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Verbs:
    """Forms to forms, all in lower case.

    Attributes:
        base_of_past: "invented" -> "invent".
        third: "invents" and the like, each to its base.
        past_of_participle: "written" -> "wrote".
    """

    base_of_past: Mapping[str, str]
    third: Mapping[str, str]
    past_of_participle: Mapping[str, str]

    def is_finite(self, word: str) -> bool:
        """Tell whether a word can be the verb after a singular subject."""
        low = word.casefold()
        return low in self.third or low in self.base_of_past or low in AUXILIARIES


@lru_cache(maxsize=1)
def english_verbs() -> Verbs:
    """Read the list that comes with the program, once a process."""
    past: dict[str, str] = {}
    third: dict[str, str] = {}
    participles: dict[str, str] = {}
    text = read_data("english_verbs.txt")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        base, *irregular = line.split()
        simple, participle = irregular if irregular else (_with_ed(base), _with_ed(base))
        if base != "be":
            past.setdefault(simple, base)
            third.setdefault(_with_s(base), base)
            participles.setdefault(participle, simple)
    return Verbs(past, third, participles)


def _with_s(base: str) -> str:
    if base.endswith(("s", "x", "ch", "sh", "z", "o")):
        return base + "es"
    if base.endswith("y") and base[-2] not in _VOWELS:
        return base[:-1] + "ies"
    return base + "s"


def _with_ed(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in _VOWELS:
        return base[:-1] + "ied"
    doubles = base in {"transfer", "refer", "occur", "control", "transmit", "emit", "stop", "plan", "ship"}
    if doubles or base == "patrol":
        return base + base[-1] + "ed"
    return base + "ed"


_VERB = re.compile(
    r"^ (?P<adverbs>(?:\w+ly |never |then |also |at once |at last |soon |once |again )*)(?P<v>[a-z]+)\b"
)
_NEXT = re.compile(
    r"(?:;|:|—| –|, (?:and|but|so|for|nor|yet|though|although|while|because|since) "
    r"(?=(?:the|an?|he|she|it|they|his|her|its|their|there|this|that|these|in|at|on|when|then|as|if|[A-Z]\w+)\b)"
    r"|, (?:which|where|whom|he|she|it|they)\b"
    r"|, (?:his|her|its|their|the) (?:\w+ ){1,2}(?:was|were|is|had|being)\b).*$"
)
"""Where another clause begins, which the question does not need."""
_JOINED = re.compile(r",? (?:and|but|so|while|whereas|or) ")
_CLAUSE_ENDS = frozenset([",", ";", "that", "which", "who", "whose", "where", "when", "of", "by"])
_SUBJECT_WORDS = 6
_FINITE = frozenset(["is", "was", "has", "had", "did", "are", "were", "have"])
_LEANING = re.compile(
    r"\b(?:it|them|him|this|these|those|there|her(?= (?:to|and|with|in|at|on|by|from|up|out|for)\b|[,.]|$))\b"
)
_NAMED = re.compile(r"\b(?:the|an?|his|her|their|some|\w+[’']s|two|three) [a-z]+|\b[A-Z][a-z]+")
"""Something that a pronoun behind it can mean."""
_NEGATIVE = re.compile(r"^ \w+ (?:not|never)\b")
"""What somebody did not do, most others did not do either."""
_SHORTEST, _LONGEST = 16, 26
"""Characters and words."""


def who_question(after: str) -> str:
    """Turn what follows a person, from the space before the verb, into a question; "": not safe."""
    found = _VERB.match(after)
    if not found or not _is_past(found["v"]):
        return ""
    rest = _NEXT.sub("", after).rstrip(" .,!")
    if has_second_clause(rest):
        return ""
    leaning = _LEANING.search(rest)
    if leaning and not _NAMED.search(rest[: leaning.start()]):
        return ""
    words = rest.split()
    sized = len(words) <= _LONGEST and len(rest) >= _SHORTEST
    return f"Who{rest}?" if sized and not _NEGATIVE.match(rest) else ""


def has_second_clause(after: str) -> bool:
    """Whether a clause with a subject of its own follows: "... and Alexander became captain"."""
    verbs = english_verbs()
    for found in _JOINED.finditer(after):
        words = re.findall(r"[\w'’-]+|[,;]", after[found.end() :])[:_SUBJECT_WORDS]
        low = [word.casefold() for word in words]
        ends = [at for at, word in enumerate(low) if word in _CLAUSE_ENDS]
        low = low[: ends[0]] if ends else low
        if low and not verbs.is_finite(low[0]) and any(word in _FINITE for word in low[1:]):
            return True
        opens = words[:1] and (words[0][:1].isupper() or low[:1][0:1] in (["the"], ["a"], ["an"]))
        if opens and any(word in verbs.third or word in verbs.base_of_past for word in low[1:]):
            return True
    return False


def _is_past(word: str) -> bool:
    if english_verbs().is_finite(word) or word in word_list("english_lists.txt", "irregular"):
        return word not in {"taken", "given", "known", "done", "seen", "born", "made", "set", "like"}
    entry = english_words().get(word)
    return word.endswith("ed") and (entry is None or "d" in entry.tags or "v" in entry.tags)


_LONGEST_SUBJECT = 8
_SHORTEST_DATED = 8
_NO_SUBJECT = re.compile(r"[,;:()]|\b(?:that|which|who|when|where|whose|if|because|and he|and she)\b")
_PRONOUNS = frozenset(
    [
        "it",
        "he",
        "she",
        "they",
        "this",
        "these",
        "those",
        "we",
        "you",
        "i",
        "there",
        "that",
        "its",
        "his",
        "her",
        "their",
    ]
)
_BEFORE_NOUN = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "to",
        "and",
        "or",
        "its",
        "his",
        "her",
        "their",
        "very",
        "more",
        "most",
        "some",
        "many",
    ]
)
_SUBJECT_WH = {
    TermKind.PERSON: "Who",
    TermKind.TERM: "What",
    TermKind.PLACE: "Which place",
    TermKind.WORK: "Which work",
}
_SECOND_SUBJECT = re.compile(r"(?:,|;) (?:and|but|so) (?:it|he|she|they|this|the)\b|;")
_LEANS = re.compile(r"^\W*\w+(?: \w+){0,4} (?:it|them|him|her)\b|\band (?:much|many|most|some|all) of\b")
"""A pronoun soon after the verb means something that the question does not name."""
_SOMEBODY = re.compile(r"\b(?:he|she|him)\b")
"""Behind a thing as the subject these mean a person that the question does not name."""
_REDUCED = re.compile(r"\s+\w+ (?:by|in|from|as|with|to|at|of|for|on|during|through)\b")
"""Before these a past form may be a participle: "hormones produced by the gland" has no verb yet."""
_IS_A = re.compile(r"\s+(?:is|was)\s+(?:\w+ly |just |only |not |also )?(?:an?|one|any|some\w+)\b")
"""What a thing is: asked for as a definition, since "What is a place where ...?" has many answers."""
_DATE_WH = {"year": "In which year", "century": "In which century", "decade": "In which decade"}
_ANOTHER_CLAUSE = re.compile(r"\b(?:who|which|that|when|where|after|before|until|and|but|as|since)\b|[,;:]")
"""Before a date at the end, these leave open which clause it dates."""
_NOT_DATED = frozenset(["can", "may", "might", "must", "will", "should", "shall", "do", "does"])
"""What can or should be is not the event that a date belongs to."""
_UNCOMMON = 6.0
"""Rarity from which a single word behind "the" is a thing of its own ("the nucleus")."""
_AT = re.compile(r"(?:^|[\s,])(?:in|on|during)\s+(?:the\s+)?(?:year\s+)?$", re.IGNORECASE)


def ask(cut: Cut, answer: Mention) -> str:
    """Ask for the answer, with a question word for its kind; "" where no pattern is safe."""
    who = answer.kind is TermKind.PERSON and cut.before.strip() in {"", "The", "A", "An"}
    if (
        (_SECOND_SUBJECT.search(cut.after) and not who)
        or (has_second_clause(cut.after) and not who)
        or not cut.after.strip()
        or cut.after.count(".") > 1
        or "?" in cut.rest
        or "“" in cut.rest
    ):
        return ""
    if answer.kind is TermKind.DATE:
        return _when(cut, answer)
    return _subject(cut, answer) or (_doer(cut) if answer.kind is TermKind.PERSON else "")


def _subject(cut: Cut, answer: Mention) -> str:
    """The answer is the subject: a question word takes its place."""
    wh = _SUBJECT_WH.get(answer.kind)
    if cut.before.strip().casefold() not in {"", "the", "a", "an"} or not wh:
        return ""
    first = _first_word(cut.after)
    last = cut.key.split()[-1]
    if not cut.after.startswith(" ") or singular(last.casefold()) != last.casefold():
        return ""
    if answer.kind is TermKind.PERSON:
        return who_question(cut.after)
    if _REDUCED.match(cut.after) and first in english_verbs().past_of_participle:
        return ""
    if (
        _LEANS.search(cut.after)
        or _SOMEBODY.search(cut.after)
        or _is_mentioned_before(cut)
        or first in {"are", "were", "have", "do", "does", "did"}
        or _IS_A.match(cut.after)
        or not english_verbs().is_finite(first)
    ):
        return ""
    return _close(f"{wh}{cut.after}")


def _is_mentioned_before(cut: Cut) -> bool:
    """Whether "the territory" or "the apparatus" opens the sentence: a common word for what came before."""
    plain = cut.key.islower() and " " not in cut.key and "-" not in cut.key
    return plain and cut.before.strip() == "The" and idf(cut.key) < _UNCOMMON


def _when(cut: Cut, answer: Mention) -> str:
    """A date before or after a simple clause: the clause is inverted behind the question word."""
    wh = _DATE_WH.get(answer.unit, "When" if answer.unit == "day" else "")
    found = _AT.search(cut.before)
    if not wh or not found or " and " in cut.key:
        return ""
    before = cut.before[: found.start()].strip().rstrip(",")
    after = cut.after.strip().rstrip(".").strip()
    if before and after and not re.match(r"^(?:by|in|at|to|from|for|with|as|on)\b", after):
        return ""
    if (before and _ANOTHER_CLAUSE.search(before)) or (not before and cut.after[:1] not in {",", " "}):
        return ""
    if ":" in after:
        return ""
    asked = _inverted(wh, f"{before} {after.lstrip(', ')}".strip())
    return asked if len(asked.split()) >= _SHORTEST_DATED else ""


def _inverted(wh: str, clause: str) -> str:
    """Put the verb before the subject: "Who was ...", "did ... invent"; "" when the clause is not simple."""
    words = clause.split()
    at = _verb_at(words)
    if not at:
        return ""
    if words[at].casefold() in _NOT_DATED:
        return ""
    subject, verb, rest = " ".join(words[:at]), words[at].casefold(), " ".join(words[at + 1 :])
    if verb in AUXILIARIES:
        return _close(f"{wh} {verb} {_inner(subject)} {rest}")
    base = english_verbs().base_of_past.get(verb)
    if any(
        word in english_verbs().base_of_past
        for word in re.findall(r"(?:and|but|then|,) (?:\w+ly )?(\w+)", rest)
    ):
        return ""
    return _close(f"{wh} did {_inner(subject)} {base} {rest}") if base else ""


def _verb_at(words: list[str]) -> int:
    """Where the main verb stands; 0 when the subject is not plainly a short noun phrase."""
    verbs = english_verbs()
    for at, word in enumerate(words[: _LONGEST_SUBJECT + 1]):
        low = word.casefold()
        is_verb = low in AUXILIARIES or low in verbs.base_of_past
        if at and is_verb and words[at - 1].casefold() not in _BEFORE_NOUN:
            plain = words[0].casefold() not in _PRONOUNS and not _NO_SUBJECT.search(" ".join(words[:at]))
            return at if plain else 0
    return 0


def _doer(cut: Cut) -> str:
    """Turn "X was discovered by A in 1800." into "Who discovered X in 1800?"."""
    match = re.fullmatch(r"(?P<subject>.+?) (?:was|were) (?P<verb>[a-z]+) by ", cut.before)
    if not match or _NO_SUBJECT.search(match["subject"]) or _first_word(cut.before) in _PRONOUNS:
        return ""
    if len(match["subject"].split()) > _LONGEST_SUBJECT or re.match(r"\s*(?:and|,|')", cut.after):
        return ""
    past = english_verbs().past_of_participle.get(match["verb"])
    return _close(f"Who {past} {_inner(match['subject'])}{cut.after}") if past else ""


def _inner(subject: str) -> str:
    """A sentence's subject inside a question: an article or a plural's capital goes."""
    first, _, rest = subject.partition(" ")
    small = first.casefold() in {"the", "a", "an", "many", "some", "most", "early", "modern", "both", "two"}
    return f"{first.lower()} {rest}".strip() if small else subject


def _first_word(text: str) -> str:
    words = re.findall(r"[A-Za-z]+", text)
    return words[0].casefold() if words else ""


def _close(stem: str) -> str:
    return " ".join(stem.split()).rstrip(" .!") + "?"
