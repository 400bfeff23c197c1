"""A model whose words and judgements a test writes, and slots of two small lessons."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from typing import Any

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Event,
    Failed,
    FailureCode,
    FinishReason,
    GenerateRequest,
    ModelSpec,
    Score,
    Scored,
    ScoreRequest,
    Stage,
    Timing,
    Usage,
)
from aigc_tui.message import message
from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.checks.registry import check_item, with_checks
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.planning.records import Filled, Finished, GenerationStep, Made, MakingEvent, Refused, Slot
from aigc_tui.quiz.records import Item, ItemType, LessonRef, Quiz, QuizRequest, Rejection, Source

LOCAL = ModelSpec("small", path="/models/small")
SERVER = ModelSpec("big", kind="openai", base_url="http://127.0.0.1:1/v1", model="org/big")
ENGLISH = lesson_from_text(
    "# The sea\n\n"
    "## Tides\n\n"
    "The tides are caused mainly by the gravity of the Moon. The Sun adds about half as much. "
    "In 1687 Isaac Newton explained the tides in his book on gravity.\n\n"
    "## Waves\n\n"
    "Most waves are raised by the wind that blows over the open water. "
    "A very long wave raised by an earthquake is called a tsunami.\n",
    title="The sea",
)
CHINESE = lesson_from_text(
    "# 海洋\n\n## 潮汐\n\n潮汐主要由月球的引力引起。太阳的引力大约只有它的一半。"
    "牛顿在1687年解释了潮汐的成因。\n\n"
    "## 波浪\n\n大多数波浪由吹过开阔水面的风引起。由海底地震引起的巨浪叫做海啸。\n",
    title="海洋",
)

Answer = str | dict[str, Any] | FailureCode


class Scripted:
    """An engine that answers what `say` says and likes words as `like` does.

    Args:
        say: From a request to the reply (an object becomes JSON), or to a failure.
        like: From a prompt and a continuation to its log-probability a token; None: scores are not offered.
    """

    def __init__(
        self,
        say: Callable[[GenerateRequest], Answer],
        like: Callable[[str, str], float] | None = None,
    ) -> None:
        self.say, self.like = say, like
        self.asked: list[GenerateRequest] = []
        self.read: list[ScoreRequest] = []

    @property
    def stage(self) -> Stage:
        return Stage.READY

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        self.asked.append(request)
        answer = self.say(request)
        if isinstance(answer, FailureCode):
            yield Failed(request.id, answer, message("it says no"))
            return
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        for char in text:
            yield Delta(request.id, char)
        yield Done(request.id, FinishReason.STOP, Usage(), Timing())

    async def score(self, request: ScoreRequest) -> Scored:
        if self.like is None:
            failure = Failed(request.id, FailureCode.NOT_OFFERED, message("servers do not score"))
            return Scored(request.id, failure=failure)
        self.read.append(request)
        prompt = request.messages[0].content if request.messages else request.text
        scores = tuple(Score(self.like(prompt, each), 1) for each in request.continuations)
        return Scored(request.id, scores)

    async def stop(self, request_id: str) -> None:
        """Nothing runs on."""

    async def close(self) -> None:
        """Nothing is held."""


def prompt_of(request: GenerateRequest) -> str:
    return request.messages[-1].content


def wants_stem(request: GenerateRequest) -> bool:
    """Whether it is the first of the two calls."""
    assert request.grammar is not None
    return "stem" in json.loads(request.grammar.text)["properties"]


def filled(
    lesson: Lesson,
    sentence: str,
    key: str,
    *,
    kind: TermKind = TermKind.TERM,
    wrong: Sequence[str] = (),
    spares: Sequence[str] = (),
    number: int = 0,
) -> Filled:
    """A slot about `key` in the sentence that begins so, with its rule-made item: a gap and options."""
    at = next(i for i, s in enumerate(lesson.sentences) if lesson.quote(s).startswith(sentence))
    place = lesson.sentences[at]
    quote = lesson.quote(place)
    start = place.start + quote.index(key)
    type_ = ItemType.MC if wrong else ItemType.SHORT
    slot = Slot(number, type_, place.section, at, Mention(start, start + len(key), at, kind, key))
    item = Item(
        f"rule-{number}",
        type_,
        quote.replace(key, "____", 1),
        1 if wrong else key,
        options=(wrong[0], key, *wrong[1:]) if wrong else (),
        explanation=f"[{quote}]",
        source=Source(lesson.sections[place.section].title, place.start, place.end, quote),
        feedback=tuple(f"about {each}" for each in (wrong[0], key, *wrong[1:])) if wrong else (),
    )
    context = Context(lesson.language, lesson)
    return Filled(slot, with_checks(item, check_item(item, context)), tuple(spares))


def moon(number: int = 0) -> Filled:
    """What causes the tides?"""
    return filled(
        ENGLISH,
        "The tides",
        "gravity of the Moon",
        wrong=("wind over the water", "heat of the Sun", "weight of the air"),
        number=number,
    )


def tsunami(number: int = 0) -> Filled:
    """The name of a wave, as a short answer."""
    return filled(ENGLISH, "A very long", "tsunami", spares=("tide", "current"), number=number)


def newton(number: int = 0) -> Filled:
    """A year."""
    return filled(
        ENGLISH, "In 1687", "1687", kind=TermKind.DATE, wrong=("1587", "1787", "1867"), number=number
    )


def yueqiu(number: int = 0) -> Filled:
    """The same in Chinese."""
    return filled(
        CHINESE, "潮汐主要", "月球的引力", wrong=("海底的地震", "水面的风力", "太阳的热量"), number=number
    )


def quiz_of(slots: Sequence[Filled], lesson: Lesson) -> Quiz:
    about = LessonRef(lesson.title, lesson.sha256, lesson.language)
    items = tuple(each.item for each in slots)
    return Quiz("quiz", lesson.title, about, len(items) + 1, items, (Rejection("duplicate", 1),), 3)


class Rules:
    """A rule-made quiz that a test wrote; `asked` keeps the requests."""

    def __init__(self, *slots: Filled) -> None:
        self.slots = slots
        self.asked: list[QuizRequest] = []

    async def __call__(
        self, lesson: Lesson, request: QuizRequest, exclude: Collection[Item] = ()
    ) -> AsyncIterator[MakingEvent]:
        self.asked.append(request)
        seen = {item.id for item in exclude}
        slots = [each for each in self.slots if each.item.id not in seen]
        yield GenerationStep("make", 0, len(slots))
        yield Refused("duplicate")
        for each in slots:
            yield Made(each)
        yield Finished(quiz_of(slots, lesson))
