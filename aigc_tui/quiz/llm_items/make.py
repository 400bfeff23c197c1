"""Make a quiz with a model: rules fill every slot, then the model rewords the items that it can.

Each slot keeps its rule-made item until a better one has passed every check, so making can be stopped at
any time and a dead engine costs nothing. Notes in the result say what share the model has in it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import cast

from aigc_tui.engine.protocol import Engine, ModelSpec, Sampling
from aigc_tui.message import Message
from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.generation.job import run_making
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.llm_items.asking import Asker, Declined, ModelFailedError, Proposal, Proposed
from aigc_tui.quiz.llm_items.propose import Proposer, can_word
from aigc_tui.quiz.llm_items.reading import (
    FEW_TRIED,
    LEAST_TRIED,
    MOST_TRIED,
    PassageReader,
    Proof,
    Ranker,
    can_rank,
)
from aigc_tui.quiz.planning.records import (
    Filled,
    Finished,
    GenerationNote,
    GenerationStep,
    Made,
    MakingEvent,
    Refused,
)
from aigc_tui.quiz.records import Item, ItemType, Quiz, QuizRequest, Rejection

Run = Callable[[Lesson, QuizRequest, Collection[Item]], AsyncIterator[MakingEvent]]
PATIENCE = 6
"""Slots without one usable question after which a model is not asked any more: on a slow machine each costs
minutes, and a model that failed three times at each of six will fail at the rest."""
_PER_SLOT = 16
"""Seeds set apart for each slot, so that one more attempt does not change the next slot's words."""


@dataclass(slots=True)
class _Work:
    made: list[Filled] = field(default_factory=list)
    finished: Finished | None = None
    replaced: dict[str, Item] = field(default_factory=dict)
    """Items of the model's, by the id of the rule-made item in whose place they stand."""
    kept: dict[str, Item] = field(default_factory=dict)
    """Rule-made items that stayed, ranked anew."""
    refused: Counter[str] = field(default_factory=Counter)
    notes: list[GenerationNote] = field(default_factory=list)
    done: int = 0
    """Slots that have their last item."""
    asked: int = 0
    """Slots that the model was asked to word."""


@dataclass(frozen=True, slots=True)
class _Helpers:
    """What the model may do: word items, and rank distractors if it was proved for that."""

    proposer: Proposer
    ranker: Ranker | None


async def make_with_model(
    lesson: Lesson,
    request: QuizRequest,
    engine: Engine,
    model: ModelSpec,
    *,
    sampling: Sampling | None = None,
    exclude: Collection[Item] = (),
    stop: asyncio.Event | None = None,
    run: Run = run_making,
) -> AsyncGenerator[MakingEvent, None]:
    """Make a quiz with a model's words where they pass, and rule-made items everywhere else.

    Once `stop` is set, no further slot is proposed; the rest stays rule-made and `Finished` follows.

    Yields:
        The rules' steps and refusals, then for each slot the model's refusals and one `Made`; `Finished`
        last. `Finished.notes` says what the model did, and whether its reading was believed.

    Raises:
        QuizError: The rules failed; the message says why.
    """
    work = _Work()
    async with aclosing(_by_rules(run(lesson, request, exclude), work)) as events:
        async for event in events:
            yield event
    assert work.finished is not None
    stopped = stop or asyncio.Event()
    asker = Asker(engine, model, sampling or Sampling())
    try:
        async with aclosing(_by_model(lesson, request, asker, exclude, work, stopped, run)) as events:
            async for event in events:
                yield event
    except ModelFailedError as error:
        work.notes.append(failed_note(error.message))
    for filled in work.made[work.done :]:
        yield Made(filled)
    yield _finish(work, model)


async def _by_rules(events: AsyncIterator[MakingEvent], work: _Work) -> AsyncGenerator[MakingEvent, None]:
    async with aclosing(cast("AsyncGenerator[MakingEvent, None]", events)) as running:
        async for event in running:
            if isinstance(event, Made):
                work.made.append(event.filled)
            elif isinstance(event, Finished):
                work.finished = event
            else:
                yield event


async def _by_model(
    lesson: Lesson,
    request: QuizRequest,
    asker: Asker,
    exclude: Collection[Item],
    work: _Work,
    stopped: asyncio.Event,
    run: Run,
) -> AsyncGenerator[MakingEvent, None]:
    if not any(can_word(each) or can_rank(each) for each in work.made):
        work.notes.append(NOTHING_TO_DO)
        return
    yield GenerationStep("propose", 0, len(work.made))
    helpers = await _helpers(lesson, request, asker, work, run)
    for filled in tuple(work.made):
        if stopped.is_set():
            work.notes.append(STOPPED)
            return
        proposal = await _ask(filled, request, exclude, helpers, work)
        for reason in proposal.refused:
            work.refused[reason] += 1
            yield Refused(reason)
        own = filled.item.id
        if isinstance(proposal, Proposed):
            filled = proposal.filled
            work.replaced[own] = filled.item
        elif helpers.ranker is not None:
            filled = await helpers.ranker.rank(filled)
            work.kept[own] = filled.item
        work.done += 1
        yield Made(filled)
        yield GenerationStep("propose", work.done, len(work.made))


async def _ask(
    filled: Filled, request: QuizRequest, exclude: Collection[Item], helpers: _Helpers, work: _Work
) -> Proposal:
    """Let the model word a slot, unless there is nothing to word or it has shown that it cannot."""
    if not can_word(filled) or (work.asked >= PATIENCE and not work.replaced):
        return Declined()
    work.asked += 1
    others = [work.replaced.get(each.item.id, each.item) for each in work.made if each is not filled]
    taken = [item.stem for item in (*others, *exclude)]
    return await helpers.proposer.propose(filled, taken, request.seed + filled.slot.number * _PER_SLOT)


async def _helpers(lesson: Lesson, request: QuizRequest, asker: Asker, work: _Work, run: Run) -> _Helpers:
    """Prove the model on known items, of this quiz or, if they are few, of another one of the lesson."""
    assert work.finished is not None
    aliases = tuple((alias.first, alias.second) for alias in work.finished.aliases)
    context = Context(lesson.language, lesson, aliases)
    reader, ranker = PassageReader(asker, lesson), Ranker(asker, lesson, context)
    known, most = work.made, MOST_TRIED if len(work.made) > FEW_TRIED else FEW_TRIED
    reads = await reader.prove(known, most)
    if reads.offered and reads.tried < LEAST_TRIED:
        more = _Work()
        wanted = QuizRequest(most, (ItemType.MC,), request.seed)
        async for _ in _by_rules(run(lesson, wanted, ()), more):
            pass
        known = more.made
        reads = await reader.prove(known, most)
    ranks = await ranker.prove(known, most)
    work.notes += [reading_note(reads), ranking_note(ranks)]
    # A server's model cannot be proved, but is seldom the smallest: its distractors are taken if they pass.
    trusts = asker.model.kind != "local"
    proposer = Proposer(asker, lesson, context, reader if reads.can_read else None, trusts)
    return _Helpers(proposer, ranker if ranks.can_read else None)


def _finish(work: _Work, model: ModelSpec) -> Finished:
    assert work.finished is not None
    quiz = work.finished.quiz
    stand = work.kept | work.replaced
    items = tuple(stand.get(item.id, item) for item in quiz.items)
    said = [share_note(len(work.replaced), len(items), work.asked, model.name), *work.notes]
    if not work.replaced and PATIENCE <= work.asked < sum(map(can_word, work.made)):
        said.append(GAVE_UP)
    counts = Counter({each.reason: each.count for each in quiz.rejected}) + work.refused
    rejected = tuple(Rejection(reason, count) for reason, count in counts.items())
    named = replace(quiz, id=_quiz_id(quiz, work.replaced), items=items, rejected=rejected)
    return replace(work.finished, quiz=named, notes=tuple(said))


def _quiz_id(quiz: Quiz, replaced: Mapping[str, Item]) -> str:
    if not replaced:
        return quiz.id
    name = "|".join((quiz.id, *(item.id for item in replaced.values())))
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


_READING = {
    "on": "quiz_models.reader_on",
    "off": "quiz_models.reader_off",
    "few": "quiz_models.reader_few",
    "none": "quiz_models.reader_none",
}
_RANKING = {
    "on": "quiz_models.ranking_on",
    "off": "quiz_models.ranking_off",
    "few": "quiz_models.ranking_few",
    "none": "quiz_models.ranking_none",
}
NOTHING_TO_DO = GenerationNote("quiz_models.nothing_to_do")
STOPPED = GenerationNote("quiz_models.stopped")
GAVE_UP = GenerationNote("quiz_models.gave_up")


def share_note(worded: int, items: int, asked: int, model: str) -> GenerationNote:
    """How many items the model worded."""
    values = (("worded", worded), ("items", items), ("asked", asked), ("model", model))
    return GenerationNote("quiz_models.share", values)


def failed_note(message: Message) -> GenerationNote:
    """Why the model could not be asked any more."""
    return GenerationNote("quiz_models.failed", (("message", message),))


def reading_note(proof: Proof) -> GenerationNote:
    """Whether the model's reading is believed."""
    return _proved(proof, _READING)


def ranking_note(proof: Proof) -> GenerationNote:
    """Whether its ranking of distractors is."""
    return _proved(proof, _RANKING)


def _proved(proof: Proof, keys: dict[str, str]) -> GenerationNote:
    if not proof.offered:
        return GenerationNote(keys["none"])
    if proof.tried < LEAST_TRIED:
        return GenerationNote(keys["few"])
    state = "on" if proof.can_read else "off"
    values = (("hits", proof.hits), ("tried", proof.tried), ("chance", f"{proof.expected:.1f}"))
    return GenerationNote(keys[state], values)
