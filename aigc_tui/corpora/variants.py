"""Chinese Wikipedia's markup for readers of both scripts: ``-{zh-hans:软件;zh-hant:軟體}-``.

A page is written in both scripts at once and converted for each reader; a dump holds the markup. Rules:
https://zh.wikipedia.org/wiki/Help:高级字词转换语法. Flags before a bar say what a rule is for: ``H``, ``T``,
``D`` and ``-`` hide it, ``A`` and ``R`` show it.
"""

from __future__ import annotations

import re

SIMPLIFIED = ("zh-hans", "zh-cn", "zh-sg", "zh-my", "zh")
TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh")

_RULE = re.compile(r"-\{((?:[^{}-]|-(?!\{)|\{(?!-)|\}(?!-))*?)\}-")
_FLAGS = re.compile(r"^\s*([A-Z-](?:;[A-Z-])*|zh[a-z-]*(?:;zh[a-z-]*)*)\s*\|(.*)$", re.DOTALL)
_CHOICE = re.compile(r"(?:^|;)\s*(?:[^;:]{1,40}=>)?\s*(zh(?:-[a-z]+)?)\s*:\s*([^;]*)")
_HIDDEN = frozenset("HT-D")
_DEPTH = 4
"""Rules nest in practice no deeper than this; innermost ones are chosen first."""


def choose(text: str, order: tuple[str, ...] = SIMPLIFIED) -> str:
    """Replace every rule by the wording for one script.

    Args:
        text: Wikitext.
        order: Variant codes, the best first.
    """
    for _ in range(_DEPTH):
        if "-{" not in text:
            break
        text = _RULE.sub(lambda match: _wording(match[1], order), text)
    return text


def _wording(rule: str, order: tuple[str, ...]) -> str:
    flagged = _FLAGS.match(rule)
    if flagged:
        flags, rule = set(flagged[1].split(";")), flagged[2]
        if flags & _HIDDEN:
            return ""
    choices: dict[str, str] = dict(_CHOICE.findall(rule))
    if not choices:
        return rule
    best = next((choices[code] for code in order if code in choices), None)
    return (best if best is not None else next(iter(choices.values()))).strip()
