"""Multiple-choice, matching and ordering items.

The options of a choice must be alike in all but being right; their order must say nothing (quiz.md 3.4).
"""

from __future__ import annotations

from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.generation.distractors import NUMERIC, find_characters, find_distractors, odd_one_out
from aigc_tui.quiz.generation.item import feedback_for, from_section, in_context, shortly, write_item
from aigc_tui.quiz.generation.randomness import Randomness, arrange, shuffled
from aigc_tui.quiz.generation.written import gives_away, says_little, term_question
from aigc_tui.quiz.planning.candidates import other_meanings
from aigc_tui.quiz.planning.material import Material
from aigc_tui.quiz.planning.questions_zh import are_alike
from aigc_tui.quiz.planning.records import FEWEST, MOST, Filled, Form, Refused, Slot
from aigc_tui.quiz.planning.words import name_of, occurrences
from aigc_tui.quiz.records import Pair

FEWEST_WRONG = 2
MOST_WRONG = 3


def make_choice(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    """Make the multiple-choice item that the slot's form asks for."""
    if slot.form is Form.MEANING:
        return _meaning(slot, material, draw)
    if slot.form is Form.TERM:
        return _term(slot, material, draw)
    return _from_sentence(slot, material, draw)


def _term(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    answer = slot.answer
    assert answer is not None
    stem = term_question(slot, material)
    if not stem or gives_away(answer.text, stem, material):
        return Refused("answer stands in the stem")
    return _with_options(slot, stem, answer, material, draw)


def _meaning(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    """The term is given; other terms' meanings are the wrong options."""
    definition = slot.definition
    assert definition is not None
    source, words = draw.of(slot), material.wording
    rivals = other_meanings(definition, material, source)
    if len(rivals) < FEWEST_WRONG:
        return Refused("too few distractors")
    key = words.meaning(definition.text)
    terms = {words.meaning(other.text): material.show(other.term) for other in rivals}
    options, place = arrange(key, tuple(terms), False, draw, source)
    quote = shortly(material.words(slot.sentence))
    feedback = tuple(
        words.means.format(term=terms[option]) if option in terms else words.key_feedback.format(quote=quote)
        for option in options
    )
    stem = words.ask_meaning(material.cut(definition.term), definition.term.kind)
    chosen = tuple(option for option in options if option != key)
    item = write_item(
        slot, stem, place, material, draw, options=options, feedback=feedback, distractors=chosen
    )
    return Filled(slot, item, tuple(text for text in terms if text not in chosen))


def _from_sentence(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    answer = slot.answer
    assert answer is not None
    cut = material.cut(answer)
    if gives_away(cut.key, cut.rest, material):
        return Refused("answer stands in the stem")
    words = material.wording
    if says_little(cut.rest):
        return Refused("says too little")
    asked = words.ask(cut, answer)
    stem = in_context(asked, material, answer.text) if asked else words.join(cut, words.gap)
    who = bool(asked) and material.story and answer.kind is TermKind.PERSON
    return _with_options(slot, stem, answer, material, draw, who)


def _with_options(
    slot: Slot, stem: str, answer: Mention, material: Material, draw: Randomness, who: bool = False
) -> Filled | Refused:
    """`who`: the question asks for a character of a story, in whose place no words have to fit."""
    source = draw.of(slot)
    wrong = (find_characters if who else find_distractors)(answer, material, source)
    if len(wrong) < FEWEST_WRONG:
        return Refused("too few distractors")
    key = material.show(answer)
    key = f"the {key}" if who and key[:1].islower() else key
    concept = answer.kind is TermKind.TERM and slot.form is Form.SENTENCE and not key.isascii()
    if odd_one_out(key, wrong[:MOST_WRONG]) or (concept and not are_alike(wrong[:MOST_WRONG], key)):
        return Refused("odd one out")
    options, place = arrange(key, wrong, answer.kind in NUMERIC, draw, source)
    chosen = tuple(option for option in options if option != key)
    item = write_item(
        slot,
        stem,
        place,
        material,
        draw,
        options=options,
        feedback=feedback_for(options, place, slot, material),
        distractors=chosen,
    )
    return Filled(slot, item, tuple(other for other in wrong if other not in chosen))


def make_match(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    """Pair the slot's terms with their meanings; the right sides are shuffled."""
    meaning = material.wording.meaning
    pairs = [(material.show(each.term), meaning(each.text)) for each in slot.definitions]
    if not FEWEST <= len(pairs) <= MOST:
        return Refused("too few definitions")
    if any(_tells(pairs, at) for at in range(len(pairs))):
        return Refused("a meaning names a term")
    order = shuffled([right for _, right in pairs], draw.of(slot))
    first, last = slot.definitions[0].sentence, slot.definitions[-1].sentence
    source = material.span(material.sentence(first).start, material.sentence(last).end, slot.section)
    said = "; ".join(f"{left} = {right}" for left, right in pairs)
    item = write_item(
        slot,
        from_section(material.wording.match_stem, slot, material),
        tuple(pairs),
        material,
        draw,
        options=order,
        source=source,
        explanation=said,
    )
    return Filled(slot, item)


def _tells(pairs: list[Pair], at: int) -> bool:
    left = pairs[at][0]
    return any(occurrences(left, right) for _, right in pairs)


def make_order(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    """Shuffle the slot's steps."""
    sequence = slot.sequence
    assert sequence is not None
    steps = tuple(" ".join(step.split()).rstrip(";；,，") for step in sequence.steps)
    if not FEWEST <= len(steps) <= MOST:
        return Refused("too few or too many steps")
    if len({name_of(step) for step in steps}) < len(steps):
        return Refused("two steps are alike")
    words = material.wording
    stem = words.order_events_stem if sequence.dated else words.order_stem
    item = write_item(
        slot,
        from_section(stem, slot, material),
        steps,
        material,
        draw,
        options=shuffled(steps, draw.of(slot)),
        source=material.span(sequence.start, sequence.end, slot.section),
    )
    return Filled(slot, item)
