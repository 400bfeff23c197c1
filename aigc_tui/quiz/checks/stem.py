"""Checks of stems: wording, what a question asks for, where the blank of a cloze item is.

Rules: Haladyna, Downing & Rodriguez (2002), stem and content guidelines; quiz.md 3.4. Negative stems stand
in 3-18 % of the human sets (quiz.md 3.1), so they are pointed out, never refused.
"""

from __future__ import annotations

import re

from aigc_tui.message import message
from aigc_tui.quiz.checks.records import Context, Verdict, hard, shortly, soft
from aigc_tui.quiz.normal import QUESTION_WORDS, contains, is_function, pieces, simplified
from aigc_tui.quiz.records import BLANK, Item, ItemType, before_blank, blanks, key_of, without_blank

FEWEST_PIECES = 5
LONGEST_STEM = {"en": 80, "zh": 160}
"""Pieces (words, Chinese characters) of a stem that is read without losing the thread."""

_NEGATIVE = re.compile(
    r"\b(?:not|except|never|cannot|neither|nor|isn['’]t|aren['’]t|wasn['’]t|weren['’]t|doesn['’]t|don['’]t|"
    r"didn['’]t|can['’]t|won['’]t|hasn['’]t|haven['’]t|least likely|incorrect|false)\b"
    r"|不(?!同|断|久|仅|但|只|过|少|管|论|可或缺|得不|丹|动产|锈|列颠|足|良|安|幸|满|便|料|惜|变|等|定)"
    r"|除了|除.{1,8}外|没有|未(?!来|央)|并非|错误|有误",
    re.I,
)
_EMPHASISED = re.compile(
    r"\b(?:NOT|EXCEPT|NEVER|CANNOT|NEITHER|INCORRECT|FALSE|LEAST)\b"
    r"|(?:\*\*|__|<b>|<u>|<strong>|<em>)\s*(?:not|except|never|incorrect|不|除了|没有|未|错误)",
)
_OPENS_WITH_REFERENCE = re.compile(
    r"^\W*(?:it|its|this|these|they|them|their|he|him|his|she|her|such|those|that|both"
    r"|the (?:same|latter|former)|in the same|at the same time|then|thus|therefore|however"
    r"|hence|afterwards|meanwhile|but)\b"
    r"(?!\s*[?])(?! (?:of|and|\w+ and)\b)"
    r"|^\W*(?:它|他|她|其(?!他|它|余|实|中)|该|此(?!外|后|前|时)|这(?!里|样)|那(?!么|里)|前者|后者|上述|如前"
    r"|同年|当时|后来|此后|随后|然后|接着|因此|所以|于是|但|而(?!言)|才能|两者|二者)",
    re.I,
)
_POINTS_BACK = re.compile(
    r"\b(?<!of )(?:this|these|those)\s+(?:[a-z]+\s+)?([a-z]+)|^[^，,。？?]*?(这[种些个两几座条位名])", re.I
)
"""Further inside: "the dough that makes this network strong" with no network before."""
_ASKS_BY_THIS = re.compile(r"\b(?<!of )(?:this|these) ", re.I)
"""A question without a question word: "This animal can clean its own ears." What is meant is the answer."""
_FRAME = re.compile(r"什么(?:时候|地方|人)?|哪一?[年月日天个位种里些]?|多少|谁|何时|何地|几|年起|[？?起]")
"""A question's own words, which say nothing of what it is about."""
_REMNANTS = re.compile(
    r"\[\d{1,3}\]|\[(?:edit|citation needed|来源请求|编辑)\]|https?://|www\.|\ufffd"
    r"|</?[a-z][^>]{0,40}>|&[a-z]{2,6};"
    r"|^\s*[,;:)\]，。；：）】、]|\*\*|==|~~|\}\}|\{\{",
    re.I,
)
_FORMULA = re.compile(r"\$[^$]+\$|\\[a-zA-Z]+[{ (]")
"""LaTeX has brackets of its own."""
_LIST_MARK = re.compile(r"(?:^|\s)(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})$")
_INCHES = re.compile(r'\d"')
_OPENING = {")": "(", "]": "[", "）": "（", "】": "【", "》": "《", "」": "「", "』": "『", "”": "“"}


_KNOWN = frozenset({"question", "questions", "following", "one", "two", "three"})


def negative_stem(item: Item, context: Context) -> Verdict | None:
    """A negation in the question is written so that nobody overlooks it (NOT, **不**)."""
    if item.type not in (ItemType.MC, ItemType.SHORT, ItemType.TF):
        return None
    found = _NEGATIVE.search(item.stem)
    if found is None or _EMPHASISED.search(item.stem):
        return soft("negative_stem")
    return soft(
        "negative_stem", message("a negation that is easy to overlook: {word}", word=found[0]), found[0]
    )


def double_negative(item: Item, context: Context) -> Verdict | None:
    """The stem negates once at most, and a negative question has no negative options."""
    if item.type not in (ItemType.MC, ItemType.SHORT, ItemType.TF):
        return None
    found = [match[0] for match in _NEGATIVE.finditer(item.stem)]
    if found and item.type is ItemType.MC:
        found += [match[0] for text in item.options if (match := _NEGATIVE.search(text))]
    twice = len(found) > 1
    return soft(
        "double_negative",
        message("two negations: {word}, {word2}", word=found[0], word2=found[1]) if twice else None,
        ", ".join(found[:2]),
    )


def unfocused_stem(item: Item, context: Context) -> Verdict | None:
    """The stem asks something: it has a question word or a blank, or is long enough to be completed."""
    if item.type in (ItemType.TF, ItemType.CLOZE):
        return None
    asks = blanks(item.stem) or QUESTION_WORDS.search(item.stem) or len(pieces(item.stem)) >= FEWEST_PIECES
    about = blanks(item.stem) or not is_function(pieces(_FRAME.sub(" ", item.stem)))
    told = (
        None
        if asks and about
        else message("the stem asks nothing")
        if about
        else message("the stem names nothing to ask about")
    )
    return soft("unfocused_stem", told, item.stem)


def dangling_reference(item: Item, context: Context) -> Verdict | None:
    """The stem does not open with a word that points at something said before ("It", 该)."""
    if item.type in (ItemType.MATCH, ItemType.ORDER):
        return None
    asks = _asks_by_this(item)
    found = None if asks else _OPENS_WITH_REFERENCE.search(item.stem)
    word = found[0].strip() if found else _points_back(item)
    return soft(
        "dangling_reference",
        message('"{word}" refers to something outside the stem', word=word) if word else None,
        word,
    )


def remnants(item: Item, context: Context) -> Verdict | None:
    """No bits of markup, footnote marks or addresses; every bracket and quotation mark has its partner."""
    for text in (item.stem, *item.options):
        if _FORMULA.search(text):
            continue
        found = _REMNANTS.search(text)
        if found is not None:
            return soft(
                "remnants",
                message("a remnant of the source's markup: {word}", word=found[0].strip()),
                found[0].strip(),
            )
        lone = _unbalanced(text)
        if lone:
            return soft("remnants", message("{lone} has no counterpart", lone=lone), lone)
    return soft("remnants")


def long_stem(item: Item, context: Context) -> Verdict | None:
    """The stem is not a page long."""
    size = len(pieces(item.stem))
    limit = LONGEST_STEM["zh" if context.language == "zh" else "en"]
    return soft(
        "long_stem",
        message("the stem has {size} words or characters, above {limit}", size=size, limit=limit)
        if size > limit
        else None,
    )


def _unbalanced(text: str) -> str:
    """A lone ")" behind a number or a letter that stands alone is a list mark: "1)", "a)"."""
    waiting: list[str] = []
    for at, char in enumerate(text):
        if char in _OPENING.values():
            waiting.append(char)
        elif char in _OPENING:
            if waiting and waiting[-1] == _OPENING[char]:
                waiting.pop()
            elif not (char in ")）" and _LIST_MARK.search(text[:at])):
                return char
    lone = text.count('"') % 2 and not _INCHES.search(text)
    return waiting[0] if waiting else '"' if lone else ""


def _points_back(item: Item) -> str:
    """A word further inside that points at something the stem has not named; empty: none does."""
    if _asks_by_this(item):
        return ""
    found = _POINTS_BACK.search(item.stem)
    if found is None:
        return ""
    noun, before = (found[1] or "").casefold(), item.stem[: found.start()].casefold()
    named = noun and noun.removesuffix("s") in before
    return "" if named or "," in before or noun in _KNOWN else found[0].strip()


def _asks_by_this(item: Item) -> bool:
    asks = item.type in (ItemType.MC, ItemType.SHORT) and not blanks(item.stem)
    return asks and not re.search("[?？]", item.stem) and _ASKS_BY_THIS.search(item.stem) is not None


_CUT = re.compile(
    r"^\W*(?:什么|谁|哪里)\s*[，,；;]|(?:什么|谁|哪里)\s*[；;](?!.*(?:什么|谁|哪|几|多少|何|吗))"
    r"|^\W*(?:what|who|which|when|where)\s*[,;]",
    re.I,
)
_SECOND = re.compile(
    r"^(?:what|who|which \w+)\b[^,;?]*[,;] (?:and|but|while|whereas|so) (?:(?:the|a|an|its?|their) )?"
    r"[\w-]+(?: [\w-]+)? (?:is|are|was|were|has|have|had|\w+s|\w+ed|means?) [^,?]*\?\s*$",
    re.I,
)
_WH = re.compile(r"\b(?:what|who|which|when|where|why|how)\b", re.I)
_INSTRUCTS = re.compile(
    r"^\W*(?:please|let|add|measure|put|take|place|release|mix|stir|repeat|close|cover|wash|bake|heat|cut|pour|"
    r"fill|rinse|draw|write|choose|keep|make sure|remove|connect|record|compare|calculate|warm|cool|leave|"
    r"press|roll|knead|set|shake|weigh|attach|observe|turn off|turn on)\b"
    r"(?! (?:is|are|was|were|means|has|have)\b)"
    r"|^\W*(?:请|把.{1,12}(?:放|倒|加|切|移|装|写|涂|洗)|用.{1,12}(?:测出|量出|洗|搅|勾|描|收集|涂)"
    r"|先把|再把|然后把|比较.{2,20}与)",
    re.I,
)


def one_question(item: Item, context: Context) -> Verdict | None:
    """A question asks one thing, with nothing left over of the sentence that it was made from."""
    if item.type not in (ItemType.SHORT, ItemType.MC) or blanks(item.stem):
        return None
    found = _CUT.search(item.stem) or (
        _SECOND.search(item.stem) if len(_WH.findall(item.stem)) == 1 else None
    )
    if found is None:
        return hard("one_question")
    return hard("one_question", message("the stem is not exactly one question"), found[0])


def a_statement(item: Item, context: Context) -> Verdict | None:
    """What is to be judged is a statement: no question, no instruction."""
    if item.type is not ItemType.TF:
        return None
    if item.stem.rstrip().endswith(("?", "？")) and not item.stem.strip().casefold().startswith(
        "true or false"
    ):
        return soft("a_statement", message("a question is neither true nor false"), item.stem[-12:])
    found = _INSTRUCTS.search(item.stem)
    return soft(
        "a_statement",
        message("an instruction is neither true nor false") if found else None,
        found[0] if found else "",
    )


FEWEST_AROUND = {"en": 5, "zh": 7}
"""Words or Chinese characters left around a blank."""


def several_blanks(item: Item, context: Context) -> Verdict | None:
    """A cloze item has one blank: a single key cannot fill two."""
    if item.type is not ItemType.CLOZE:
        return None
    count = blanks(item.stem)
    return hard(
        "several_blanks", message("{count} blanks for one answer", count=count) if count > 1 else None
    )


def blank_at_start(item: Item, context: Context) -> Verdict | None:
    """The blank does not open the sentence."""
    before = before_blank(item.stem) if item.type is ItemType.CLOZE else None
    if before is None:
        return None
    opens = not before.strip() or before.rstrip()[-1] in ".!?。！？"
    return soft("blank_at_start", message("the sentence begins with its blank") if opens else None)


def blank_on_function_word(item: Item, context: Context) -> Verdict | None:
    """What is missing has content: no `of`, no 的."""
    if item.type is not ItemType.CLOZE:
        return None
    key = key_of(item)
    empty = is_function(pieces(key))
    return hard(
        "blank_on_function_word",
        message('the blank stands for "{text}"', text=shortly(key)) if empty else None,
        key,
    )


def thin_cloze(item: Item, context: Context) -> Verdict | None:
    """Enough of the sentence is left to tell what is missing."""
    if item.type is not ItemType.CLOZE:
        return None
    around = len(pieces(without_blank(item.stem))) - blanks(item.stem)
    least = FEWEST_AROUND["zh" if context.language == "zh" else "en"]
    return soft(
        "thin_cloze",
        message("only {around} words or characters around the blank", around=around)
        if around < least
        else None,
    )


def cloze_restores(item: Item, context: Context) -> Verdict | None:
    """With its answer filled in, the stem is what the quote says."""
    if item.type is not ItemType.CLOZE or item.source is None or BLANK not in item.stem:
        return None
    filled = item.stem.replace(BLANK, key_of(item), 1)
    says = contains(simplified(item.source.quote), simplified(filled))
    return soft("cloze_restores", None if says else message("filled in, the sentence differs from the quote"))
