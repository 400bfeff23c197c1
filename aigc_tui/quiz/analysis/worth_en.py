"""Which English sentences stand alone.

A sentence that hangs on the one before ("It also ..."), points elsewhere ("as shown above") or speaks to the
reader makes a question nobody can answer. Faults have names, so that a report can say why a lesson yields
little.
"""

from __future__ import annotations

import re
from itertools import pairwise

from aigc_tui.quiz.analysis.lexicon import english_words
from aigc_tui.quiz.analysis.words_en import Token, tokenise

SHORTEST, LONGEST = 6, 45
"""Words. Below, a sentence says too little to ask about; above, a stem cannot be read in one breath."""

_PRONOUN = re.compile(
    r"^[\W_]*(?:It|Its|They|Their|Theirs|Them|He|His|Him|She|Her|Hers|These|Those|This|That|"
    r"Such|Both|Neither|Either|"
    r"One such|Another|Others?|The other|The others|The (?:latter|former|same|following|above|"
    r"second|third|next|last|first"
    r"|result|process|effect|reason|answer|event|resulting|remaining|rest)|Each|All of (?:these|"
    r"them|this)|Some of (?:these|them)|Many of (?:these|them)|"
    r"Most of (?:these|them)|None of (?:these|them)|One of (?:these|them)|Several of (?:these|"
    r"them)|Here|There|Then|Some|Most|Many|Few|Several|"
    r"Who|Whom|Whose|Which|What|When asked)\b(?!['’]s? (?:name|day))"
)
_PLAIN_QUANTIFIER = re.compile(
    r"^(?:Each|Some|Most|Many|Several|Few|Both|Such|There|Either|Another|Other|All)\s(?!of "
    r"(?:these|them|this)|were\b|was\b|are\b|is\b|have\b|had\b|also\b|do\b|did\b|can\b|will\b|"
    r"would\b)\w+"
)
_THERE = re.compile(r"^There (?:is|are|was|were) (?:\w+ ){1,}")
_WHEN = re.compile(r"^(?:When|What|Which|Who) ")
_CONNECTIVE = re.compile(
    r"^(?:However|Therefore|Thus|Hence|Moreover|Furthermore|Nevertheless|Nonetheless|"
    r"Consequently|Accordingly|Instead|"
    r"Otherwise|Besides|Also|Still|Yet|But|And|Or|So|Nor|Similarly|Likewise|Conversely|"
    r"Meanwhile|Afterwards?|Later|Soon|Next|"
    r"Finally|Eventually|Subsequently|Then|First(?:ly)?|Second(?:ly)?|Third(?:ly)?|Lastly|"
    r"Indeed|Rather|Again|Too|Or else|"
    r"In (?:addition|contrast|particular|turn|fact|other words|this (?:way|case|manner|sense|"
    r"context|process|situation|example|type|form|approach|view|period|stage|step|phase)"
    r"|these cases|such cases|that case|both cases|general|short|conclusion|summary|response|"
    r"the same way|doing so|reality|the meantime|the process|the end)|"
    r"On the (?:other hand|contrary|one hand)|"
    r"As a result|As such|As (?:mentioned|noted|discussed|described|we)|For (?:example|instance|"
    r"this reason|these reasons|that reason)|"
    r"By (?:contrast|comparison|this (?:time|point)|then|doing so)|At (?:this|that) (?:time|"
    r"point|stage)|At the same time|After (?:this|that|these)|"
    r"Because of (?:this|these|that|its|their|his|her)|Due to (?:this|these)|From (?:this|there|"
    r"here)|With (?:this|these|that)|Through this|Like (?:this|these)|Unlike (?:this|these)|"
    r"Despite (?:this|these|that)|Since then|Until then|Even so|More(?: importantly| "
    r"specifically)?|Specifically|"
    r"Overall|That is|i\.e\.|e\.g\.|Alternatively|Additionally|Importantly|Interestingly|"
    r"Unfortunately|Fortunately|"
    r"Apart from (?:this|that)|To (?:do this|this end)|Of (?:these|those|course)|Among (?:these|"
    r"them)|Under (?:these|this))\b,?\s*"
)
_HARMLESS = re.compile(
    r"^(?:However|Moreover|Furthermore|Nevertheless|Nonetheless|Meanwhile|Also|Eventually|"
    r"Finally|Later|Soon|In (?:addition|fact|general|particular|reality)|"
    r"Additionally|Importantly|Interestingly|Indeed|But|And|For (?:example|instance)|Similarly|"
    r"Likewise|Overall|Of course|"
    r"Unfortunately|Fortunately|In (?:short|summary|other words)|On the other hand|Subsequently|"
    r"At the same time)\b,?\s+"
)
_DEICTIC = re.compile(
    r"\b(?:(?:shown|seen|illustrated|depicted|described|mentioned|discussed|listed|noted|given|"
    r"explained|introduced|defined)"
    r" (?:above|below|earlier|previously|here|later)|as (?:shown|seen|illustrated|depicted|"
    r"noted|mentioned|discussed|described) in|"
    r"(?:this|the (?:next|previous|following|preceding)|an? (?:earlier|later)) (?:chapter|"
    r"section|module|lesson|figure|table|article|book|page|unit|"
    r"example|paragraph|feature|video|activity|exercise|diagram|image|map|chart|graph|link|"
    r"website|text|course)|in (?:Figure|Table|Chapter|Section|Unit|Module)|"
    r"(?:Figure|Table|Fig\.) \d|see (?:above|below|also|page|Figure|Table|Chapter|the)|the "
    r"above|above-mentioned|aforementioned|"
    r"the (?:image|picture|diagram|figure|table|graph|chart|photo|photograph|map|equation|"
    r"formula) (?:above|below|shows?|on)|"
    r"\bthe following\b|as follows|recall that|we have seen|learning objectives?|by the end of this)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:I|I'm|I’m|I've|I’ve|I'll|me|My|my|mine|myself|we|We|we're|we’re|we've|we’ve|we'll|us|"
    r"our|Our|ours|ourselves|"
    r"you|You|you're|you’re|you've|your|Your|yours|yourself|let's|Let's|"
    r"Let us|Let’s)\b"
)
_SPEECH = re.compile(
    r"[\"“][^\"”]*[a-z][,.!?…—-]+[\"”]|[\"“][^\"”]{25,}|^['‘][^'’]{20,}|\b(?:said|replied|cried|"
    r"asked|answered|exclaimed|shouted|whispered)\b[^.]*[\"“]|"
    r"\b(?:said|replied|cried|asked|answered|exclaimed|shouted|whispered) (?:he|she|they|the)\b|"
    r"[,.!?][\"”]"
)
_DEBRIS = re.compile(
    r"[{}\\|<>=^~_]{2,}|\$|\\[a-z]+|[=^_{}\\]|https?://|www\.|\b\w+\.(?:com|org|net)\b|\bdoi\b|�|\[\s*\]|\(\s*[,;.)]|"
    r"\s[,;]\s|\b\w+\(\)|[A-Za-z0-9]/[A-Za-z0-9]+/|␀|\s=\s"
)
_MISSING = re.compile(
    r"\(\s*\)|\b(?:in|of|the|is|as|to|by|with|and|see) [.;]|\b(?:in|see|by|from|to|of) ,|\s\.$|\bthe the\b"
)
_IMPERATIVE = re.compile(
    r"^(?:Note|Notice|Consider|Recall|Remember|Imagine|Think|See|Look|Watch|Visit|Read|Try|"
    r"Suppose|Assume|Click|Choose|Write|"
    r"Explain|Describe|Discuss|List|Identify|Compare|Define|Draw|Use|Let|Find|Observe|Go|Keep|"
    r"Don't|Do|Take|Make|Check|Ask|Study|Summarize|Distinguish|Name|Outline|Calculate|State|"
    r"Examine|Analyze|Evaluate|Source|Credit|Photo|Image|Figure|Table|Question|Answer|Exercise|"
    r"Key (?:terms|words|points)|Copyright|Warning|Tip|Hint)\b"
)
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"))
_WORDS = re.compile(r"[A-Za-z0-9][\w'’.-]*")


def lead_in(text: str) -> int:
    """The length of "However, " and the like before a clause that could stand alone; else 0."""
    found = _HARMLESS.match(text)
    return found.end() if found else 0


def _unbalanced(text: str) -> bool:
    return any(text.count(left) != text.count(right) for left, right in _PAIRS) or text.count('"') % 2 == 1


def _has_verb(tokens: list[Token]) -> bool:
    table = english_words()
    doubtful = (token for before, token in pairwise(tokens) if before.tag in "NP" and token.tag == "N")
    return any(token.tag in "VB" for token in tokens) or any(
        "v" in table[token.lower].tags for token in doubtful if token.lower in table
    )


def _hangs(text: str) -> str:
    if _PRONOUN.match(text) and not _PLAIN_QUANTIFIER.match(text) and not _THERE.match(text):
        return "pronoun-led"
    return "connective-led" if _CONNECTIVE.match(text) else ""


def fault(text: str, listed: bool = False) -> str:
    """Say why an English sentence cannot carry an item, in a short fixed phrase; empty: it can.

    An item of a list (`listed`) may do without a full stop.
    """
    words = len(_WORDS.findall(text))
    if words < SHORTEST or words > LONGEST:
        return "too short" if words < SHORTEST else "too long"
    if text.rstrip("\"”’')] ")[-1:] in {"?", "!", ":", "…", ";", ","} or "?" in text:
        return "question" if "?" in text else "no statement"
    if not listed and text.rstrip("\"”’')] ")[-1:] != ".":
        return "fragment"
    if _SPEECH.search(text):
        return "direct speech"
    if _unbalanced(text) or _DEBRIS.search(text) or _MISSING.search(text):
        return "debris"
    if _DEICTIC.search(text):
        return "points elsewhere"
    if _PERSON.search(text) or _IMPERATIVE.match(text):
        return "speaks to the reader"
    clause = text[lead_in(text) :]
    hangs = _hangs(clause[:1].upper() + clause[1:])
    if hangs:
        return hangs
    if not text[:1].isupper() and not text[:1].isdigit() and not listed:
        return "fragment"
    return "" if _has_verb(tokenise(clause)) else "fragment"
