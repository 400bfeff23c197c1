"""The planner: which section, which type and which candidate comes next.

Why it exists: a quiz that was left to chance asks three times about the first page. Seats go to sections as
they go to parties in Sainte-Laguë's method: first one to each that can carry an item, then by size; within
a section the type used least so far is tried first. Every candidate is tried once, so the cost is linear in
the lesson.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from aigc_tui.quiz.making.candidates import candidates
from aigc_tui.quiz.making.material import Material
from aigc_tui.quiz.making.records import Slot
from aigc_tui.quiz.making.words import name_of
from aigc_tui.quiz.records import Item, ItemType, QuizRequest

ENOUGH = 3
"""Usable sentences from which a section should carry at least one item."""
MOST_BY_ITSELF = 40
_WORDS_AN_ITEM = 70
_CHARACTERS_AN_ITEM = 130


def carries(material: Material) -> int:
    """How many items a lesson carries well: about one for each 70 words, or 130 Chinese characters."""
    usable = [i for i, worth in enumerate(material.analysis.worth) if worth.usable]
    if material.lesson.language == "zh":
        size = sum(len(material.words(i)) for i in usable) / _CHARACTERS_AN_ITEM
    else:
        size = sum(len(material.words(i).split()) for i in usable) / _WORDS_AN_ITEM
    return max(1, min(MOST_BY_ITSELF, round(size), len(usable)))


@dataclass
class Plan:
    """The state of planning one quiz.

    Attributes:
        waiting: A heap of (turn, section) of the sections that still have candidates.
        usable: Per section, its usable sentences.
        offered: Per section and type, the candidates not tried yet, best last (so that taking one is cheap).
        made: Items kept, by type.
    """

    material: Material
    request: QuizRequest
    wanted: int
    waiting: list[tuple[float, int]] = field(default_factory=list)
    usable: Mapping[int, list[int]] = field(default_factory=dict)
    offered: dict[int, dict[ItemType, list[Slot]]] = field(default_factory=dict)
    seats: Counter[int] = field(default_factory=Counter)
    made: Counter[ItemType] = field(default_factory=Counter)
    failed: Counter[tuple[int, ItemType]] = field(default_factory=Counter)
    used_keys: set[str] = field(default_factory=set)
    used_sentences: set[int] = field(default_factory=set)

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
            inside = (i for i, s in enumerate(self.material.lesson.sentences) if s.start >= source.start)
            index = next(inside, None)
            if index is not None and self.material.sentence(index).start < source.end:
                self.used_sentences.add(index)
                self.seats[self.material.sentence(index).section] += 1

    def _from(self, section: int) -> Slot | None:
        """The best fresh candidate of a section, of the type that is most behind."""
        if section not in self.offered:
            self.offered[section] = self._offer(section)
        offered = self.offered[section]
        for kind in sorted(offered, key=lambda each: (self.made[each], self.request.types.index(each))):
            while offered[kind]:
                slot = offered[kind].pop()
                if self._is_fresh(slot):
                    return slot
        return None

    def _offer(self, section: int) -> dict[ItemType, list[Slot]]:
        source = random.Random(f"{self.request.seed}|{self.material.lesson.sha256}|{section}")
        found = candidates(section, self.usable[section], self.material, self.request.types, source)
        return {kind: list(reversed(slots)) for kind, slots in found.items()}

    def _is_fresh(self, slot: Slot) -> bool:
        if slot.sentence in self.used_sentences:
            return False
        return not any(self._is_used(name) for name in _asked(slot))

    def _is_used(self, name: str) -> bool:
        return name_of(name) in self.used_keys

    def _use(self, slot: Slot) -> None:
        self.used_sentences.add(slot.sentence)
        self.used_sentences.update(each.sentence for each in slot.definitions)
        for name in _asked(slot):
            self._use_key(name)

    def _use_key(self, name: str) -> None:
        self.used_keys.add(name_of(name))
        self.used_keys.update(self.material.aliases(name))

    def _turn(self, section: int) -> float:
        """When a section is served next (Sainte-Laguë's divisors 1, 3, 5 ...); smaller comes first."""
        size = len(self.usable[section])
        return (2 * self.seats[section] + 1) / max(size, 1) + (1.0 if self.seats[section] else 0.0)


def make_plan(material: Material, request: QuizRequest) -> Plan:
    """Lay out the sections and who is served first.

    Args:
        material: The lesson laid out.
        request: What is wanted; `count` 0 means what the lesson carries.
    """
    usable: dict[int, list[int]] = defaultdict(list)
    for index, worth in enumerate(material.analysis.worth):
        section = material.sentence(index).section
        if worth.usable and _is_wanted(material, section, request):
            usable[section].append(index)
    plan = Plan(material, request, request.count or carries(material))
    plan.usable = dict(usable)
    plan.waiting = [(plan._turn(section), section) for section in usable]
    heapq.heapify(plan.waiting)
    return plan


def _is_wanted(material: Material, section: int, request: QuizRequest) -> bool:
    return not request.sections or material.lesson.sections[section].title in request.sections


def _asked(slot: Slot) -> list[str]:
    """The names that a slot makes learners recall."""
    names = [each.term.text for each in slot.definitions]
    return [*names, slot.answer.text] if slot.answer else names


def _keys_of(item: Item) -> list[str]:
    if isinstance(item.answer, bool):
        return []
    if isinstance(item.answer, tuple):
        return [part if isinstance(part, str) else part[0] for part in item.answer]
    return [item.key]
