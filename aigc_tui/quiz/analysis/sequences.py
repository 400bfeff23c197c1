"""Things whose order the lesson itself gives: numbered lists, steps in running text, dated events."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Sequence as List
from itertools import groupby

from aigc_tui.quiz.analysis import worth_en, worth_zh
from aigc_tui.quiz.analysis.records import Mention, Sequence, TermKind
from aigc_tui.quiz.lesson.records import Lesson, Sentence, SentenceKind

LEAST, MOST = 3, 8
"""Steps of a sequence."""
LONGEST_CITATION = 1500
"""Characters between the first and the last of some dated events."""
_LONGEST = {"en": 140, "zh": 60}
_FIRST = {
    "en": re.compile(r"^(?:First(?:ly)?|The first (?:step|stage|phase))\b", re.I),
    "zh": re.compile(r"^(?:首先|第一步|第一，|第一，|第一、|先是|起初)"),
}
_NEXT = {
    "en": re.compile(
        r"^(?:Second(?:ly)?|Third(?:ly)?|Fourth(?:ly)?|Next|Then|After (?:this|that)|Finally|Lastly|"
        r"The (?:second|third|fourth|final|last|next) (?:step|stage|phase))\b[, ]*",
        re.I,
    ),
    "zh": re.compile(
        r"^(?:其次|然后|接着|接下来|随后|之后|再次|最后|第[二三四五六七]步|"
        r"第[二三四五六七][，、])[，,：:]?"
    ),
}
_STEPWISE = re.compile(
    r"\bhow\b|step|stage|phase|procedure|process|order|method|cycle|instruction|步骤|过程|流程|阶段|操作|"
    r"顺序|方法|程序|做法|周期",
    re.I,
)


def _step(lesson: Lesson, sentence: Sentence, cut: int = 0) -> tuple[str, int] | None:
    start = sentence.start + cut
    words = lesson.text[start : sentence.end].rstrip("。.；; ")
    title = re.match(r"([^：:，,。]{2,40})[：:]", words)
    if title and len(words) > _LONGEST[_language(lesson)] // 2:
        words = title.group(1)
    fits = 2 <= len(words) <= _LONGEST[_language(lesson)] and "\n" not in words
    return (words, start) if fits else None


def _language(lesson: Lesson) -> str:
    return "zh" if lesson.language == "zh" else "en"


def _sequence(lesson: Lesson, steps: List[tuple[str, int]], end: int, dated: bool = False) -> Sequence | None:
    words = tuple(text for text, _ in steps)
    if not LEAST <= len(steps) <= MOST or len(set(words)) < len(words):
        return None
    return Sequence(words, tuple(start for _, start in steps), steps[0][1], end, dated)


def _tells_to_do(lesson: Lesson, items: List[Sentence]) -> bool:
    """Whether every item tells the reader to do something: such a list is a procedure whatever its title."""
    fault = worth_zh.fault if _language(lesson) == "zh" else worth_en.fault
    return all(fault(lesson.quote(item), True) == "speaks to the reader" for item in items)


def _lists(lesson: Lesson) -> Iterator[Sequence]:
    """Numbered lists whose heading or lead-in says that they are steps."""
    for _, group in groupby(enumerate(lesson.sentences), key=lambda pair: pair[1].paragraph):
        numbered = list(group)
        items = [
            sentence for _, sentence in numbered if sentence.kind is SentenceKind.LIST and sentence.number
        ]
        firsts = [item for at, item in enumerate(items) if not at or item.number != items[at - 1].number]
        if [item.number for item in firsts] != list(range(1, len(firsts) + 1)) or not items:
            continue
        before = lesson.quote(lesson.sentences[numbered[0][0] - 1]) if numbered[0][0] else ""
        title = lesson.sections[firsts[0].section].title
        if not _STEPWISE.search(f"{title} {before}") and not _tells_to_do(lesson, firsts):
            continue
        steps = [_step(lesson, item) for item in firsts]
        whole = _sequence(lesson, [step for step in steps if step], items[-1].end) if all(steps) else None
        if whole:
            yield whole


def _told(lesson: Lesson) -> Iterator[Sequence]:
    """Steps in running text: "First ... Then ... Finally ..." within one paragraph."""
    first, then = _FIRST[_language(lesson)], _NEXT[_language(lesson)]
    for _, group in groupby(lesson.sentences, key=lambda sentence: sentence.paragraph):
        steps: list[tuple[str, int]] = []
        last = 0
        for sentence in group:
            text = lesson.quote(sentence)
            start = first.match(text) if not steps else then.match(text)
            if start is None and steps:
                break
            cut = len(text) - len(text[start.end() :].lstrip(" ,，：:")) if start else 0
            step = _step(lesson, sentence, cut) if start else None
            if step:
                steps.append(step)
                last = sentence.end
        whole = _sequence(lesson, steps, last) if steps else None
        if whole:
            yield whole


_UNDATED = {
    "en": re.compile(r"^(?:In|On|By|During|Around) $"),
    "zh": re.compile(r"^(?:在|于|自|至|到)?$"),
}


def _event(lesson: Lesson, mention: Mention) -> tuple[str, int] | None:
    sentence = lesson.sentences[mention.sentence]
    lead = lesson.text[sentence.start : mention.start]
    if not _UNDATED[_language(lesson)].match(lead):
        return None
    rest = lesson.text[mention.end : sentence.end]
    words = rest.lstrip(" ,，").rstrip("。.；; ")
    start = mention.end + len(rest) - len(rest.lstrip(" ,，"))
    if rest[:1] not in {",", "，"} or re.search(
        r"\d{3,4}|世纪|centur|^(?:他|她|它|其|he |she |it |they |this )", words, re.I
    ):
        return None
    return (words, start) if 6 <= len(words) <= _LONGEST[_language(lesson)] else None


def _near(
    events: List[tuple[float, tuple[str, int], int]],
) -> Iterator[List[tuple[float, tuple[str, int], int]]]:
    """Neighbouring events that one can look up together: a citation of pages cites nothing."""
    group: list[tuple[float, tuple[str, int], int]] = []
    for event in sorted(events, key=lambda each: each[1][1]):
        if group and event[2] - group[0][1][1] > LONGEST_CITATION:
            yield group
            group = []
        group.append(event)
    yield group


def _dated(lesson: Lesson, mentions: List[Mention]) -> Iterator[Sequence]:
    """Events of one section with different years, each told in a sentence that begins with its date."""
    sections: dict[int, list[tuple[float, tuple[str, int], int]]] = defaultdict(list)
    for mention in mentions:
        if mention.kind is not TermKind.DATE or mention.value is None:
            continue
        event = _event(lesson, mention)
        if event:
            sentence = lesson.sentences[mention.sentence]
            sections[sentence.section].append((mention.value, event, sentence.end))
    for events in (near for told in sections.values() for near in _near(told)):
        chosen = sorted({value: (value, event, end) for value, event, end in reversed(events)}.values())[:6]
        steps = [event for _, event, _ in chosen]
        if len(steps) >= LEAST:
            first, last = min(start for _, start in steps), max(end for _, _, end in chosen)
            words = tuple(text for text, _ in steps)
            yield Sequence(words, tuple(start for _, start in steps), first, last, dated=True)


def find_sequences(lesson: Lesson, mentions: List[Mention]) -> Iterator[Sequence]:
    """Find what stands in an order in a lesson; `mentions` tell its dates."""
    yield from _lists(lesson)
    yield from _told(lesson)
    yield from _dated(lesson, mentions)
