"""Definitions in English sentences, by the words that authors define with.

"X is a Y that ..." gives the best items there are: the term asked from its meaning, the
meaning from its term, and matching. A pattern counts only if both sides can stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aigc_tui.quiz.analysis.rules import Defined, span

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
