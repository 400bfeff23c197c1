"""The English rules: terms, names, definitions and numbers of a sentence; and the characters of a story.

Definitions are found by the words that authors define with ("X is a Y that ..."); a pattern counts only if
term and meaning can stand alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from aigc_tui.quiz.analysis import aliases, numbers_en, phrases_en, worth_en
from aigc_tui.quiz.analysis.lexicon import english_words, word_list
from aigc_tui.quiz.analysis.records import Defined, Found, SentenceFinds, TermKind, span
from aigc_tui.quiz.analysis.words_en import Token, idf, tokenise

_TERM = r"(?P<t>[A-Z]?[\w'’/-]+(?: (?:of (?:the )?)?[\w'’-]+){0,4}?)"
_ALIAS = (
    r"(?:\s?\((?P<a>[^()]{2,40})\)|, (?:or|also (?:known as|called)|commonly known as|sometimes "
    r"called|known as) [^,]{2,40},)?"
)
_MEANING = r"(?P<m>(?:an?|the|any|one of the|when|how|what|where|those|all|to|\w+ing|\w+s)\b[^;]{12,220}?)"
_END = r"(?=[.;]\s*$|; )"
_PATTERNS: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        re.compile(
            rf"^(?:The term |The word |The |An? |In [\w ]{{3,25}}, (?:an? |the "
            rf")?)?[\"“]?{_TERM}[\"”]?{_ALIAS} (?:is|are) (?:formally |commonly |usually |often "
            rf")?(?:defined as|described as) {_MEANING}{_END}"
        ),
        1.0,
    ),
    (
        re.compile(
            rf"^(?:The term |The word |The |An? |In [\w ]{{3,25}}, (?:an? |the "
            rf")?)?[\"“]?{_TERM}[\"”]?{_ALIAS} (?:refers? to|means|denotes|is the (?:name|term) (?:for|"
            rf"given to)) {_MEANING}{_END}"
        ),
        1.0,
    ),
    (
        re.compile(
            rf"^(?:The |An? )?(?P<t>[A-Z]?[\w'’/-]+(?: [\w'’-]+){{0,3}}?){_ALIAS} (?:is|are) "
            rf"(?P<m>(?:an?|the|any|one of the) [^;]{{12,220}}?){_END}"
        ),
        0.6,
    ),
    (
        re.compile(
            r"^(?P<m>(?:An?|The) [^,;:]{15,160}?) (?:is|are) (?:called|termed|known as|referred to as|"
            r"named) (?:an? |the )?[\"“]?(?P<t>[\w'’/-]+(?: [\w'’-]+){0,3})[\"”]?(?=[.;,]|\s*$)"
        ),
        1.0,
    ),
)
_GLOSSARY = re.compile(
    r"^[*•\-\s]*(?P<t>[\w'’()/-]+(?: [\w'’()/-]+){0,5})\s?(?:[:：]|"
    r"\s[—–-])\s(?P<m>[a-zA-Z][^:]{12,240}?)(?=[.;]?\s*$)"
)
_FURTHER = re.compile(
    r", (?:and|so) (?:the|so|its?|they|he|she|this|these|an?|most|many|there|not|if|when|in)\b|"
    r",? (?:but|while|whereas|although|though) | \([ ,a-z]*\)|;"
)
"""Where a second statement begins, which does not belong to the definition."""
_ANAPHORIC = re.compile(
    r"\bof (?:the )?(?:two|three|four|five|both|these|those|them)\b|\b(?:this|these|above|below|"
    r"such|same|it|they)\b(?! (?:is|are|can|may|has|have|was|were)\b)(?<!that it)",
    re.I,
)
_CLAUSE = re.compile(r"^(?:an?|the|any) (?:[\w-]+ ){1,3}(?:is|are|was|were|has|have|can|will|does)\b", re.I)
"""A whole statement is no meaning of a term."""
_SHORTEST = 12
_LISTING = re.compile(r"\([^)]*\).*\(|,[^,]*,.*\band\b")
"""Things told one after the other say which they are, not what they are: "the distal bones are the ..."."""
_BAD_TERM = re.compile(
    r"^(?:it|this|that|these|those|there|he|she|they|we|you|i|one|some|many|most|such|another|"
    r"what|which|who|here|each|all|both|"
    r"example|result|reason|purpose|goal|problem|question|answer|figure|table|note|other|first|"
    r"second|next|last|way|part|time|"
    r"key|main|following|author|authors|idea|point|difference|advantage|step|aim|process|effect|"
    r"number|rest)\b|\b(?:results?|outcomes?)$|"
    r"\b(?:is|are|was|were|and|or|that|which|because|if|when|while|but|than|can|may|will|also|"
    r"not|has|have|had|do|does|to|for|in|on|at|by|with|from|as)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"^(?:the (?:same|only|first|last|second|third|result|reason|case|most|best|largest|main|"
    r"key|following|one|ones|basis|subject|right|idea|focus|product|former|latter|opposite|"
    r"cause|source|key|way)|"
    r"one of|an? (?:good|great|bad|important|common|classic|key|major|matter|number|lot|result|"
    r"part|function|example|simple|very|more|useful|member|few|bit|little|serious|famous|"
    r"significant|popular|valuable|crucial|critical|perfect|big|small|well|much|different|"
    r"similar)\b)",
    re.IGNORECASE,
)


def find_definitions(text: str, listed: bool = False) -> Iterator[Defined]:
    """Find what an English sentence defines, at most one thing; of a list's item also "**osmosis**: ..."."""
    patterns = ((_GLOSSARY, 0.9),) if listed else ()
    for pattern, sure in (*_PATTERNS, *patterns):
        match = pattern.match(text)
        if match is None or _BAD_TERM.search(match.group("t")):
            continue
        term, meaning = match.group("t"), match.group("m")
        cut = _FURTHER.search(meaning)
        meaning = meaning[: cut.start()] if cut else meaning
        if sure < 1 and _LISTING.search(meaning):
            continue
        if (sure < 1 and _VAGUE.match(meaning)) or _ANAPHORIC.search(meaning) or len(meaning) < _SHORTEST:
            continue
        if re.search(rf"\b{re.escape(term)}\b", meaning, re.IGNORECASE) or re.match(
            r"(?:it|they)\b", meaning
        ):
            continue
        if _CLAUSE.match(meaning) or not term[-1:].isalnum():
            continue
        start, _ = span(match, "m")
        yield Defined(span(match, "t"), (start, start + len(meaning.rstrip(" ,"))), sure)
        return


_WORD = re.compile(r"[\w'’-]+")


def singular(word: str) -> str:
    """The singular of a regular English plural; other words stay."""
    if word.endswith(("ss", "us", "is")) or len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    table = english_words()
    if word.endswith("es") and word[:-2] in table and word[:-1] not in table:
        return word[:-2]
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]


class EnglishRules:
    """Reads English lessons."""

    def __init__(self) -> None:
        self._names = phrases_en.EnglishNames()
        self._characters: frozenset[str] = frozenset()

    def learn(self, sentences: Sequence[str]) -> None:
        """Find out which capitalised words are names, and whose last names are persons'."""
        self._names = phrases_en.learn_names(sentences)
        whole = " \n".join(sentences)
        if tells_a_story(whole, len(sentences)):
            self._characters = find_characters(whole)
        for text in sentences:
            if re.search(r"[a-z,.] [A-Z]|^[A-Z]\w+ [A-Z]", text):
                phrases_en.find_names(text, self._tokens(text), self._names)

    def _tokens(self, text: str) -> list[Token]:
        return phrases_en.read_sentence(text, self._names)

    def read(self, text: str) -> SentenceFinds:
        """Find what stands in one sentence."""
        tokens = self._tokens(text)
        names = phrases_en.find_names(text, tokens, self._names)
        phrases = [
            each
            for each in phrases_en.chunks(tokens, self._names)
            if not phrases_en.is_generic(text[slice(*each)])
        ]
        persons = mark_characters(tokens, self._characters) if self._characters else ()
        return SentenceFinds(
            (*numbers_en.find_numbers(text), *names, *persons),
            tuple(phrases),
            tuple((token.start, token.end) for token in tokens),
        )

    def fault(self, text: str, listed: bool) -> str:
        """Why a sentence cannot carry an item; empty: it can."""
        return worth_en.fault(text, listed)

    def definitions(self, text: str, listed: bool) -> Iterable[Defined]:
        """What a sentence defines."""
        return find_definitions(text, listed)

    def aliases(self, text: str) -> Iterable[aliases.Pair]:
        """Which names a sentence introduces as meaning the same."""
        yield from aliases.english_aliases(text)
        for match in NAMED.finditer(text) if self._characters else ():
            if match["n"] in self._characters:
                yield match["k"].split()[-1], match["n"]

    def is_term(self, words: str) -> bool:
        """Whether words that the author set off can be an answer."""
        return (
            bool(re.fullmatch(r"[A-Za-z][\w'’ -]{2,40}", words))
            and words.count(" ") < 5
            and not self._odd(words)
        )

    def _odd(self, words: str) -> bool:
        tags = [token.tag for token in tokenise(f"the {words}", self._names.proper)][1:]
        return phrases_en.is_generic(words) or tags[-1] not in "NPV" or tags[0] in "DOF"

    def key(self, phrase: str) -> str:
        """The phrase in small letters, its last word in the singular."""
        words = _WORD.findall(phrase.lower())
        return " ".join([*words[:-1], singular(words[-1])]) if words else ""

    def rarity(self, key: str) -> float:
        """How seldom other texts hold a phrase, 0 to 9."""
        rare = [idf(word) for word in key.split()]
        if not rare:
            return 0.0
        # Words that are common alone seldom stand together: each further word makes a phrase rarer.
        return min(9.0, 0.6 * max(rare) + 0.4 * sum(rare) / len(rare) + 0.6 * (len(rare) - 1))


_LIST = "english_lists.txt"
_SPOKE = r"(?:said|asked|cried|answered|replied|shouted|whispered|exclaimed|called out|laughed|wept|thought)"
SAID = re.compile(r"\b(?:said|asked|cried|answered|replied|shouted|whispered|exclaimed)\b")
_PERSONS = re.compile(r"\b(?:he|she|him|her|his)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:1\d{3}|20\d{2})\b")
_TOLD, _ACTED, _DATED = 0.05, 0.35, 0.04
"""A sentence: verbs of speech or pronouns of persons, above which a text tells a story, and years, above
which it is a biography or history after all."""
_SPEAKER = re.compile(
    rf"\b{_SPOKE} (?:the|his|her|an?) (?P<a>(?:[a-z]+ ){{0,2}}[a-z]+)(?=[,.;:!?]| to | and |$)"
    rf"|\b(?:[Tt]he|[Hh]is|[Hh]er) (?P<b>(?:[a-z]+ ){{0,2}}[a-z]+),? {_SPOKE}\b"
)
_ACTS = re.compile(
    r"(?<![a-z] )(?<!\w’)\b(?P<n>[A-Z][a-z]+) (?:\w+ly )?(?:was|had|did|[a-z]{2,}ed|(?P<v>[a-z]+))\b"
)
NAMED = re.compile(
    r"\b[Aa]n? (?P<k>(?:[a-z]+ ){0,2}[a-z]+) (?:called|named|whose name was|by the name of) "
    r"(?P<n>[A-Z][a-z]+)\b"
)
"""How a story brings in a character: both names mean the same."""
_WHERE = re.compile(r"\b(?:in|at|near|from|of) (?P<n>[A-Z][a-z]+)\b")
_FEWEST = 2
"""A name that acts only once may be a month or a place as well."""


def tells_a_story(text: str, sentences: int) -> bool:
    """Tell a story from a lesson: people speak and act in it all the time, and no year is named."""
    number = max(1, sentences)
    lively = len(SAID.findall(text)) > _TOLD * number or len(_PERSONS.findall(text)) > _ACTED * number
    return lively and len(_YEAR.findall(text)) < _DATED * number


def find_characters(text: str) -> frozenset[str]:
    """The head nouns (in small letters) and names of those who speak and act in a story."""
    heads = {(match["a"] or match["b"]).split()[-1] for match in _SPEAKER.finditer(text)}
    names = _names(text)
    heads |= {match["k"].split()[-1] for match in NAMED.finditer(text) if match["n"] in names}
    roles = word_list(_LIST, "role") | word_list(_LIST, "occupation")
    return frozenset((heads - word_list(_LIST, "norole")) | roles | names)


def _names(text: str) -> set[str]:
    """Capitalised words that do things, and are hardly ever where things are done."""
    past = word_list(_LIST, "irregular")
    acting = Counter(m["n"] for m in _ACTS.finditer(text) if not m["v"] or m["v"] in past)
    places = Counter(match["n"] for match in _WHERE.finditer(text))
    closed = ("pronoun", "determiner", "conjunction", "preposition", "numberword")
    skipped = {word.capitalize() for kind in closed for word in word_list(_LIST, kind)}
    skipped |= word_list(_LIST, "calendar") | word_list(_LIST, "nationality")
    return {
        name
        for name, count in acting.items()
        if count >= _FEWEST and count > places[name] and name not in skipped
    }


def mark_characters(tokens: Sequence[Token], characters: frozenset[str]) -> Iterator[Found]:
    """Find the characters in one sentence, with the adjectives that go with them ("old woman")."""
    for at, token in enumerate(tokens):
        after = tokens[at + 1].tag if at + 1 < len(tokens) else "X"
        if not _is_character(token, characters) or after in "NP":
            continue
        start = at
        while start and _describes(tokens[start - 1], token):
            start -= 1
        before = tokens[start - 1] if start else None
        named = before is not None and (_is_joined(before) or before.lower == "to")
        if not named:
            yield Found(tokens[start].start, token.end, TermKind.PERSON, firm=True)


def _is_joined(before: Token) -> bool:
    """Whether the word before makes a longer phrase of it; a day does not ("On Sunday Rufus ...")."""
    return before.tag in "NP" and before.text not in word_list(_LIST, "calendar")


def _is_character(token: Token, characters: frozenset[str]) -> bool:
    if token.text in characters:
        return token.text[0].isupper() or token.tag == "N"
    return token.tag == "P" and token.lower in characters


def _describes(before: Token, token: Token) -> bool:
    """Whether a word belongs to the character after it: an adjective, or a name's first part."""
    if token.text[0].isupper():
        return before.tag == "P" and before.text not in word_list(_LIST, "calendar")
    return before.tag == "A" or before.lower in word_list(_LIST, "ofpersons")
