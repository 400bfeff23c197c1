"""Names and noun phrases in tagged English sentences.

The longest run of words that belong together is found first, then whether it names a person, a place or
another proper thing, or is a term of the lesson.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from aigc_tui.quiz.analysis.lexicon import english_names, english_places, english_words, word_list
from aigc_tui.quiz.analysis.records import Found, TermKind
from aigc_tui.quiz.analysis.words_en import Token, is_compared, tokenise

_LIST = "english_lists.txt"
_JOINERS = {"of", "the", "de", "da", "van", "von", "der", "la", "du", "del", "and", "for", "bin", "ibn", "al"}
_LIFE = re.compile(
    r"\s?\((?:[^()]*[;,] ?)?(?:born |b\. |c\. ?|circa |ca\. |r\. )?(?:[A-Z][a-z]+ \d{1,2}, )?\d{3,4}"
)
_OPENED = re.compile(r"(?:^|[\"“‘:.;?!] ?|\n)$")
_SURE_PLACE = re.compile(
    r"\b(?:city|town|village|port|capital|island|province|kingdom|region|county) (?:of|called|named) $", re.I
)
_SPEAKS = re.compile(
    r"^,? (?:said|says|asked|replied|answered|cried|thought|smiled|laughed|whispered|shouted|"
    r"told|wondered|nodded|wrote|argued|believed|discovered|invented|proposed|published|married|"
    r"died|was born)\b"
)
_CALLED = re.compile(r"\b(?:named|called|name was|said|asked|replied|cried) $")
LONGEST = 5
"""Words of a name or term."""


def _listed(section: str) -> frozenset[str]:
    return word_list(_LIST, section)


@dataclass(slots=True)
class EnglishNames:
    """What the whole lesson tells about its names: filled in one pass before names are read."""

    proper: frozenset[str] = frozenset()
    """Words that are capitalised inside sentences, and (almost) never written small."""
    persons: set[str] = field(default_factory=set)
    """Last names of persons met by their full name."""
    fixed: frozenset[str] = frozenset()
    """Pairs of a commonplace adjective and a noun that the lesson repeats ("small intestine"): one term."""


def learn_names(sentences: Iterable[str]) -> EnglishNames:
    """Find out which capitalised words of a lesson are names.

    A capital at the start of a sentence says nothing; a word is a name if it has one elsewhere, too, and
    is not written small as often. Known names of persons and places need no such proof.
    """
    inside: Counter[str] = Counter()
    small: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    plain = _listed("plainadjective")
    starts: set[str] = set()
    for text in sentences:
        for first, second in pairwise(re.findall(r"[a-z]+(?=[ ,.;])", text)):
            if first in plain:
                pairs[f"{first} {second}"] += 1
        for match in re.finditer(r"[A-Za-zÀ-ɏ][\w-]*", text):
            word = match.group()
            before = text[max(0, match.start() - 3) : match.start()]
            if not match.start() or (word[0].isupper() and _OPENED.search(before)):
                starts.add(word)
            elif word[0].isupper():
                inside[word] += 1
            else:
                small[word] += 1
    table = english_words()
    known = {word for word in starts if word in english_names() or word in english_places()}
    known = {word for word in known if word.lower() not in table or inside[word]}
    proper = {word for word, count in inside.items() if count > small[word.lower()]}
    repeated = frozenset(pair for pair, count in pairs.items() if count > 1)
    return EnglishNames(frozenset(proper | known), fixed=repeated)


def _is_part(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    return token.tag == "P" or (token.text in _listed("title") and token.text[0].isupper())


def _runs(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(tokens):
        if not _is_part(tokens, at):
            at += 1
            continue
        end = at + 1
        while end < len(tokens):
            if _is_part(tokens, end) or (
                tokens[end].tag == "M" and tokens[end].text in {"I", "II", "III", "IV", "V"}
            ):
                end += 1
                continue
            step = 1
            while (
                end + step < len(tokens)
                and step < 2
                and tokens[end + step].lower in _JOINERS - {"and", "for"}
            ):
                step += 1
            joined = tokens[end].lower in _JOINERS - {"and", "for", "the"} and end + step < len(tokens)
            if not joined or not _is_part(tokens, end + step):
                break
            end += step + 1
        yield at, end
        at = end


def _kind(words: list[str], names: EnglishNames) -> TermKind:
    whole = " ".join(words)
    first, last = words[0], words[-1]
    if whole in english_places() or whole.removeprefix("the ") in english_places():
        return TermKind.PLACE
    if first in {"St.", "Saint"}:
        return TermKind.NAME  # a saint, or a town called after one: the words around tell
    if first in _listed("title") and len(words) > 1:
        return TermKind.PERSON
    if last in _listed("groupword") or any(word in _listed("groupword") for word in words[:1]):
        return TermKind.NAME
    if (last in _listed("placeword") or first in _listed("placestart")) and len(words) > 1:
        return TermKind.PLACE
    if len(words) > 1 and first in english_names() and words[1].lower() not in {"of", "river"}:
        return TermKind.PERSON
    if len(words) > 1 and re.fullmatch(r"[A-Z]\.", first):
        return TermKind.PERSON
    if whole in names.persons or (len(words) == 1 and whole in english_names()):
        return TermKind.PERSON
    return TermKind.NAME


def _apposed(text: str, tokens: Sequence[Token], start: int, end: int) -> bool:
    before = tokens[start - 1].lower if start else ""
    if before in _listed("occupation") and end - start <= 4:
        return True
    if _LIFE.match(text[tokens[end - 1].end :]):
        return 2 <= end - start <= 4
    after = [token.lower for token in tokens[end : end + 7]]
    if (
        after[:1] == [","]
        and any(word in _listed("occupation") for word in after[1:6])
        and {"a", "an", "the"} & set(after[1:3])
    ):
        return 2 <= end - start <= 4
    return False


def _by_company(text: str, tokens: Sequence[Token], start: int, end: int) -> TermKind:
    before, after = text[: tokens[start].start], text[tokens[end - 1].end :]
    words = [token.text for token in tokens[start:end]]
    if _apposed(text, tokens, start, end) or (
        len(words) <= 3 and (_SPEAKS.match(after) or _CALLED.search(before))
    ):
        return TermKind.PERSON
    if _SURE_PLACE.search(before):
        return TermKind.PLACE
    plain = not any(word in _listed("groupword") for word in words) and not words[-1].isupper()
    abstract = words[-1].endswith(("ism", "ity", "tion", "ment", "ics", "ology", "ian", "ese", "ans", "Arts"))
    placed = re.search(r"\b(?:in|at|near) $", before) and re.match(
        r"(?:[,.;)]|$| and\b| in\b| was\b| where\b)", after
    )
    return TermKind.PLACE if placed and plain and not abstract and len(words) <= 2 else TermKind.NAME


def find_names(text: str, tokens: Sequence[Token], names: EnglishNames) -> list[Found]:
    """Find the proper names of a tagged sentence, persons, places and others.

    Last names of persons met here are added to `names`.
    """
    found: list[Found] = []
    skip = _listed("calendar") | _listed("nationality")
    for start, end in _runs(tokens):
        while end - start > 1 and tokens[start].text in _listed("calendar"):
            start += 1  # "On Sunday Rufus ate nothing"
        words = [token.text for token in tokens[start:end]]
        after = tokens[end] if end < len(tokens) else None
        if len(words) > LONGEST + 1 or (len(words) == 1 and (words[0] in skip or len(words[0]) < 2)):
            continue
        if len(words) == 1 and (words[0] in _listed("title") or words[0].lower() in _listed("conjunction")):
            continue
        if after is not None and after.tag in "NA" and text[tokens[end - 1].end : after.start] in {" ", "-"}:
            continue  # "Krebs cycle": a part of a longer phrase
        kind = _kind(words, names)
        if kind is TermKind.NAME:
            kind = _by_company(text, tokens, start, end)
        if kind is TermKind.PERSON and len(words) > 1:
            names.persons.add(words[-1])
        if kind is TermKind.NAME and len(words) == 1 and words[0].isupper():
            kind = TermKind.TERM
        found.append(Found(tokens[start].start, tokens[end - 1].end, kind))
    return found


def _is_plain(token: Token, plain: frozenset[str]) -> bool:
    """Whether an adjective only compares or points: it is no part of a term ("denser", "large")."""
    return token.lower in plain or (token.tag == "A" and is_compared(token.lower))


def _trimmed(tokens: list[Token], names: EnglishNames) -> list[Token]:
    plain = _listed("plainadjective")
    while (
        tokens
        and " ".join(token.lower for token in tokens[:2]) not in names.fixed
        and (_is_plain(tokens[0], plain) or tokens[0].tag == "M" or tokens[0].text in "-–")
    ):
        tokens = tokens[1:]
    return tokens


def _chunk_at(tokens: Sequence[Token], at: int) -> int:
    """Where the noun phrase that begins at a token ends; `at` itself: there is none."""
    end = at
    last = at
    while end < len(tokens):
        token = tokens[end]
        if token.tag == "P" and end > at and _is_new_name(tokens[end - 1], token):
            break
        if token.tag in "NP":
            last = end + 1
        elif token.tag == "S" and end > at and tokens[end - 1].tag == "P" and _law_follows(tokens, end):
            pass
        elif not (token.tag == "A" or (token.tag == "M" and end > at and tokens[end - 1].tag == "S")):
            break
        end += 1
    return last


def _is_new_name(before: Token, token: Token) -> bool:
    """Whether a name begins after a common noun ("the physicist Isaac Newton"; not "vitamin D")."""
    return before.tag == "N" and before.text[0].islower() and len(token.text) > 1 and not token.text.isupper()


def _law_follows(tokens: Sequence[Token], at: int) -> bool:
    for token in tokens[at + 1 : at + 5]:
        if token.lower in _listed("lawword"):
            return True
        if token.tag not in "NAM":
            return False
    return False


def chunks(tokens: Sequence[Token], names: EnglishNames) -> Iterator[tuple[int, int]]:
    """Noun phrases without article and leading commonplace adjectives: (start, end) in characters."""
    at = 0
    while at < len(tokens):
        end = _chunk_at(tokens, at) if tokens[at].tag in "NAP" else at
        if end == at:
            at += 1
            continue
        words = _trimmed(list(tokens[at:end]), names)
        at = end
        if words and len(words) <= LONGEST and words[-1].tag in "NP" and len(words[-1].text) > 1:
            yield words[0].start, words[-1].end


def is_generic(phrase: str) -> bool:
    """Whether an English phrase says too little to be an answer ("example", "large part", "two")."""
    words = re.findall(r"[\w'’-]+", phrase.lower())
    generic = _listed("generic") | _listed("plainadjective") | _listed("numberword") | _listed("determiner")
    short = "/" in phrase and phrase.islower()  # "m/s" is a unit
    short = short or phrase[1:2] == " "  # "m freestyle", cut from "100 m freestyle"
    if not words or all(word in generic for word in words) or len(phrase) < 3 or short:
        return True
    return phrase in _listed("nationality") or phrase in _listed("calendar")


def read_sentence(text: str, names: EnglishNames) -> list[Token]:
    """The tokens of a sentence, names kept."""
    return tokenise(text, names.proper)
