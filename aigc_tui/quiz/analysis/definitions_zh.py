"""Definitions in Chinese sentences, by the words that authors define with.

See `definitions_english`; Chinese authors define by 是指, 称为, 叫作 ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aigc_tui.quiz.analysis.rules import Defined, span

_NAME = r"[\w·\-+/ ]{2,16}?"
_ALIAS = (
    r"(?:[（(](?P<a>[^（()）]{1,50})[)）])?(?:，?(?:又称|也叫|也称|亦称|简称|俗称|又叫)(?:为|"
    r"作)?[“\"]?[^，。是]{1,20}[”\"]?，?)?"
)
_PATTERNS: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        re.compile(
            rf"^(?:所谓的?)?[“\"《]?(?P<t>{_NAME})[”\"》]?{_ALIAS}，?(?:是指|"
            rf"指的是|就是指|即指|通常指|一般指|泛指|特指|被定义为|定义为|的定义是|"
            rf"就是)(?:的是)?，?(?P<m>[^。；]{{6,110}})[。；]?$"
        ),
        1.0,
    ),
    (
        re.compile(
            rf"^[“\"]?(?P<t>{_NAME})[”\"]?{_ALIAS}，?是(?P<m>(?:(?:世界|中国|我国|国际|生物|人类|计算机|自然|数学|物理|"
            rf"化学)[^，。；]{{0,12}})?一(?:种|类|门|个|项|套|组|系列)[^。；]{{6,100}})[。；]?$"
        ),
        0.7,
    ),
    (
        re.compile(
            r"^(?:[^。；，]{0,20}(?:把|将))?(?P<m>[^。；]{6,80}?)，?(?:被?称为|称作|被?称之为|叫做|叫作|称|叫)(?:做|"
            r"作)?[“\"]?(?P<t>[\w·\-]{2,12})[”\"]?(?:[（(][^（）()]*[)）])?[。；]?$"
        ),
        0.9,
    ),
)
_GLOSSARY = re.compile(
    r"^[*•\-\s]*[“\"]?(?P<t>[\w·\-（）()/ ]{2,16}?|[A-Za-z][A-Za-z0-9 ,'’\-]{2,60}?)[”\"]?"
    r"\s?[：:]\s?(?P<m>[^：:]{6,120}?)[。；]?$"
)
_BAD_TERM = re.compile(
    r"^(?:尽管|虽然|即使|它|他|她|这|那|该|此|其|我|你|本|以上|上述|所以|因此|但|而|如果|由于|"
    r"因为|通过|为了|对于|关于|根据|当|在|从|用|把|将|使|不|没|也|还|就|只|都|又|"
    r"再|一|两|三|"
    r"目的|原因|方法|问题|例如|比如|注意|其中|说明|结果|特点|意义|作用|答案|第)|"
    r"(?:的|了|是|在|和|与|及|或|可以|不|就|都|也|被)$|[，。、；：]|是|的是|包括|分为|有[一二两三四五]|如下|"
    r"可以|能够|如果|[这那此其该]$|.[将把](?![军领士帅相])"
)
_CALLED = _PATTERNS[-1][0]
_NOUN_PHRASE = re.compile(r"的[^的，]{1,10}$|^(?:[一二两三四五六七八九十]|每)")
_CALLS = tuple("堪号自宣声职俗")
"""Before 称 these make another verb of it: 堪称, 号称."""
_LEAD = re.compile(
    r"^(?:因|若|当|由于|可以|能够|能|用来|用于|使|让|提供|支持|我们|人们|科学家|通常|一般|常|因此|所以|这种|此类|它|这|其|该|上述|以上|他|她|并|也|又|后|被)+"
)


def find_definitions(text: str, listed: bool = False) -> Iterator[Defined]:
    """Find what a Chinese sentence defines, at most one thing; of a list's item also 渗透：…."""
    patterns = ((_GLOSSARY, 0.9),) if listed else ()
    for pattern, sure in (*_PATTERNS, *patterns):
        match = pattern.match(text)
        if match is None or _BAD_TERM.search(match.group("t").strip()):
            continue
        term, meaning = match.group("t").strip(), match.group("m")
        if (
            term in meaning
            or meaning.endswith(_CALLS)
            or _LEAD.match(meaning)
            or (pattern is _CALLED and not _NOUN_PHRASE.search(meaning))
        ):
            continue
        yield Defined(span(match, "t"), span(match, "m"), sure)
        return
