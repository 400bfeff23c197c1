"""The planner: which section, which type and which candidate comes next.

Sections get items as parties get seats by Sainte-Laguë's method: first one to each that can carry an item,
then by size; within a section the type used least so far is tried first. Every candidate is tried once.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.lesson.records import SentenceKind
from aigc_tui.quiz.normal import normal
from aigc_tui.quiz.planning.candidates import candidates
from aigc_tui.quiz.planning.material import Material
from aigc_tui.quiz.planning.records import Slot
from aigc_tui.quiz.planning.words import name_of
from aigc_tui.quiz.records import Item, ItemType, QuizRequest

ENOUGH = 3
"""Usable sentences from which a section should carry at least one item."""
MOST_BY_ITSELF = 40
_SCARCE = frozenset({ItemType.MATCH, ItemType.ORDER})
_SCARCE_SHARE = 8
_MOST_SHARE: Mapping[TermKind | None, float] = {
    TermKind.NUMBER: 0.15,
    TermKind.QUANTITY: 0.3,
    TermKind.DATE: 0.4,
}
_WORDS_AN_ITEM = 70
_CHARACTERS_AN_ITEM = 110


def carries(material: Material) -> int:
    """How many items a lesson carries well: about one for each 70 words, or 110 Chinese characters."""
    chinese = material.lesson.language == "zh"
    usable: Counter[int] = Counter()
    size = 0
    for index, worth in enumerate(material.analysis.worth):
        if material.sentence(index).kind in (SentenceKind.PROSE, SentenceKind.LIST):
            size += len(material.words(index)) if chinese else len(material.words(index).split())
            usable[material.sentence(index).section] += worth.usable
    rich = sum(count >= ENOUGH for count in usable.values())
    wanted = max(rich, round(size / (_CHARACTERS_AN_ITEM if chinese else _WORDS_AN_ITEM)))
    return max(1, min(MOST_BY_ITSELF, wanted, usable.total()))


_ACTS = 2
"""Times that a quiz may ask for one character of a story."""


@dataclass
class QuizPlan:
    """The state of planning one quiz.

    Attributes:
        waiting: A heap of (turn, section) of the sections that still have candidates.
        usable: Per section, its usable sentences.
        offered: Per section and type, the candidates not tried yet, best last (so that taking one is cheap).
        made: Items kept, by type.
        used_words: What the sentences of kept items say: a text may say a thing twice.
        kinds: Items kept, by what sort of thing they ask for.
    """

    material: Material
    request: QuizRequest
    wanted: int
    waiting: list[tuple[float, int]] = field(default_factory=list)
    usable: Mapping[int, list[int]] = field(default_factory=dict)
    offered: dict[int, dict[ItemType, list[Slot]]] = field(default_factory=dict)
    seats: Counter[int] = field(default_factory=Counter)
    made: Counter[ItemType] = field(default_factory=Counter)
    kinds: Counter[TermKind | None] = field(default_factory=Counter)
    used_keys: Counter[str] = field(default_factory=Counter)
    used_sentences: set[int] = field(default_factory=set)
    used_words: set[str] = field(default_factory=set)

    def take(self) -> Slot | None:
        """Take the next candidate; None when nothing is left. Its number is the place it would have."""
        while self.waiting:
            _, section = self.waiting[0]
            slot = self._from(section)
            if slot is not None:
                return replace(slot, number=sum(self.made.values()))
            heapq.heappop(self.waiting)
        return None

    def keep(self, slot: Slot) -> None:
        """Note that a slot's item was kept: its section moves back in the queue."""
        self.made[slot.type] += 1
        self.kinds[slot.answer.kind if slot.answer else None] += 1
        self.seats[slot.section] += 1
        self._use(slot)
        if self.waiting and self.waiting[0][1] == slot.section:
            heapq.heapreplace(self.waiting, (self._turn(slot.section), slot.section))

    def leave_out(self, item: Item) -> None:
        """Ask nothing that an item outside this plan asks already."""
        for name in _keys_of(item):
            self._use_key(name)
        source = item.source
        if source is not None:
            covered = self.material.sentences_in(source.start, source.end)
            self.used_sentences.update(covered)
            self.used_words.update(normal(self.material.words(index)) for index in covered)
            self.seats.update({self.material.sentence(index).section for index in covered})

    def _from(self, section: int) -> Slot | None:
        if section not in self.offered:
            self.offered[section] = self._offer(section)
        offered = self.offered[section]
        for kind in sorted(offered, key=self._haste):
            while offered[kind] and self.made[kind] < self._most(kind):
                slot = offered[kind].pop()
                if self._is_fresh(slot):
                    return slot
        return None

    def _haste(self, kind: ItemType) -> tuple[int, bool, int]:
        """Which type is tried first: the one most behind; between equals one that few sentences can fill."""
        eager = kind in _SCARCE and self.wanted >= len(self.request.types)
        return self.made[kind], not eager, self.request.types.index(kind)

    def _most(self, kind: ItemType) -> int:
        """Matching uses up several definitions at once, and orderings tire: a share of them is enough."""
        others = any(each not in _SCARCE for each in self.request.types)
        return max(1, self.wanted // _SCARCE_SHARE) if kind in _SCARCE and others else self.wanted

    def _offer(self, section: int) -> dict[ItemType, list[Slot]]:
        source = random.Random(f"{self.request.seed}|{self.material.lesson.sha256}|{section}")
        found = candidates(section, self.usable[section], self.material, self.request.types, source)
        return {kind: list(reversed(slots)) for kind, slots in found.items()}

    def _is_fresh(self, slot: Slot) -> bool:
        if slot.sentence in self.used_sentences or not self._is_wanted(slot):
            return False
        if normal(self.material.words(slot.sentence)) in self.used_words:
            return False
        most = _ACTS if self._is_character(slot) else 1
        return all(self.used_keys[name_of(name)] < most for name in _asked(slot))

    def _is_character(self, slot: Slot) -> bool:
        """A story has few characters, who do many things: each may be asked for more than once."""
        return self.material.story and slot.answer is not None and slot.answer.kind is TermKind.PERSON

    def _is_wanted(self, slot: Slot) -> bool:
        """The levels asked for; and not too many bare figures, which are learned by rote."""
        if self.request.bloom and slot.bloom not in self.request.bloom:
            return False
        kind = slot.answer.kind if slot.answer else None
        return kind not in _MOST_SHARE or self.kinds[kind] < max(1, self.wanted * _MOST_SHARE[kind])

    def _use(self, slot: Slot) -> None:
        self.used_sentences.add(slot.sentence)
        self.used_words.add(normal(self.material.words(slot.sentence)))
        self.used_sentences.update(each.sentence for each in slot.definitions)
        if slot.sequence:
            covered = self.material.sentences_in(slot.sequence.start, slot.sequence.end)
            self.used_sentences.update(covered)
        for name in _asked(slot):
            self._use_key(name)

    def _use_key(self, name: str) -> None:
        self.used_keys.update({name_of(name), *self.material.aliases(name)})

    def _turn(self, section: int) -> float:
        """When a section is served next (Sainte-Laguë's divisors 1, 3, 5 ...); smaller comes first."""
        size = self._size(section)
        later = self.seats[section] > 0 or size < ENOUGH
        return (2 * self.seats[section] + 1) / max(size, 1) + (2.0 if later else 0.0)

    def _size(self, section: int) -> int:
        """How much there is to ask about: its usable sentences, or the steps of what is done in it."""
        steps = (len(each.steps) for each in self.material.sequences.get(section, ()))
        return max(len(self.usable[section]), *steps, 0)


def make_plan(material: Material, request: QuizRequest) -> QuizPlan:
    """Lay out the sections and who is served first; `count` 0 means what the lesson carries."""
    usable: dict[int, list[int]] = defaultdict(list)
    for index, worth in enumerate(material.analysis.worth):
        section = material.sentence(index).section
        if worth.usable and _is_wanted(material, section, request):
            usable[section].append(index)
    for section in material.sequences:
        if ItemType.ORDER in request.types and _is_wanted(material, section, request):
            # Orders to the reader carry no item each; together they are a procedure.
            usable.setdefault(section, [])
    plan = QuizPlan(material, request, request.count or carries(material))
    plan.usable = dict(usable)
    plan.waiting = [(plan._turn(section), section) for section in usable]
    heapq.heapify(plan.waiting)
    return plan


def _is_wanted(material: Material, section: int, request: QuizRequest) -> bool:
    return not request.sections or material.lesson.sections[section].title in request.sections


def _asked(slot: Slot) -> list[str]:
    names = [each.term.text for each in slot.definitions]
    return [*names, slot.answer.text] if slot.answer else names


def _keys_of(item: Item) -> list[str]:
    if isinstance(item.answer, bool):
        return []
    if isinstance(item.answer, tuple):
        return [part if isinstance(part, str) else part[0] for part in item.answer]
    return [item.key]
