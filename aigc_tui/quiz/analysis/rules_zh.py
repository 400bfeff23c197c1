"""The Chinese rules: terms, names, definitions (是指, 称为, 叫作 ...) and numbers of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from aigc_tui.quiz.analysis import aliases, names_zh, numbers_zh, phrases_zh, worth_zh
from aigc_tui.quiz.analysis.names_zh import ChineseNames
from aigc_tui.quiz.analysis.records import Defined, SentenceFinds, TermKind, span
from aigc_tui.quiz.analysis.words_zh import rarity, segmenter

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


_LONGEST = 9
"""Characters of a name; longer runs of nouns mostly hold a verb."""


class ChineseRules:
    """Reads Chinese lessons."""

    def __init__(self) -> None:
        self._names = ChineseNames()
        self._segmenter = segmenter()
        self._rarities: dict[str, float] = {}

    def learn(self, sentences: Sequence[str]) -> None:
        """Find out who is a person and which phrases come back."""
        self._names = ChineseNames()
        for text in sentences:
            words = self._segmenter.words(text)
            names_zh.learn_persons(text, words, self._names)
            phrases_zh.count_phrases(words, self._names)

    def read(self, text: str) -> SentenceFinds:
        """Find what stands in one sentence."""
        words = self._segmenter.words(text)
        names = names_zh.find_names(text, words, self._names, phrases_zh.NOUNS)
        fixed = phrases_zh.are_whole(words, (*numbers_zh.find_numbers(text), *names))
        chunks = [
            each
            for each in phrases_zh.chunks(words, self._names)
            if phrases_zh.is_whole(words, *each, TermKind.TERM) and not self._runs_on(text[slice(*each)])
        ]
        runs = [*chunks, *phrases_zh.quoted(text)]
        return SentenceFinds(
            fixed, tuple(each for each in runs if not phrases_zh.is_generic(text[slice(*each)]))
        )

    def _runs_on(self, phrase: str) -> bool:
        """Whether a phrase swallowed a verb: a person with one character before (召康义诚), or too much."""
        if len(phrase) > _LONGEST and not any(char.isascii() for char in phrase):
            return True
        return any(len(name) == len(phrase) - 1 and name in phrase for name in self._names.persons)

    def fault(self, text: str, listed: bool) -> str:
        """Why a sentence cannot carry an item; empty: it can."""
        return worth_zh.fault(text, listed)

    def definitions(self, text: str, listed: bool) -> Iterable[Defined]:
        """What a sentence defines."""
        return find_definitions(text, listed)

    def aliases(self, text: str) -> Iterable[aliases.Pair]:
        """Which names a sentence introduces as meaning the same."""
        return aliases.chinese_aliases(text)

    def is_term(self, words: str) -> bool:
        """Whether words that the author set off can be an answer."""
        return (
            bool(re.fullmatch(r"[\w·\- ]{2,16}|[A-Za-z][A-Za-z0-9 '’\-]{2,60}", words))
            and not re.search(
                r"[的了是]|^\d|^(?:不|别|要|请|再|先|成|可以|必须)|[\u4e00-\u9fff]{2}[和与及][\u4e00-\u9fff]{2}",
                words,
            )
            and not phrases_zh.is_generic(words)
        )

    def key(self, phrase: str) -> str:
        """The phrase itself, Latin letters small."""
        return phrase.lower()

    def rarity(self, key: str) -> float:
        """How seldom other texts hold a phrase, 0 to 9."""
        if key not in self._rarities:
            self._rarities[key] = self._rarity(key)
        return self._rarities[key]

    def _rarity(self, key: str) -> float:
        words = [word.text for word in self._segmenter.words(key)]
        if not words:
            return 0.0
        rare = [rarity(word) if len(word) > 1 else 4.0 for word in words]
        return 0.6 * max(rare) + 0.4 * sum(rare) / len(rare)
