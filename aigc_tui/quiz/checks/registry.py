"""All checks of one item, in the order in which they are shown.

Why it exists: one list decides what is run, what is hard, and which line of the catalogue says it to people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aigc_tui.quiz.checks import (
    cloze,
    cues,
    distractors,
    form,
    grounding,
    leaks,
    numbers,
    options,
    questions,
    true_false,
    wholeness,
    wording,
)
from aigc_tui.quiz.checks.records import Check


@dataclass(frozen=True, slots=True)
class Entry:
    """One check.

    Args:
        name: As in the quiz file's `checks`; never changes.
        check: The function.
        hard: Whether a failure keeps an item out of a made quiz.
        label: The catalogue's key of its one line, worded as what a good item does.
    """

    name: str
    check: Check
    hard: bool
    label: str


ENTRIES: tuple[Entry, ...] = (
    Entry("answer_form", form.answer_form, True, "checks.answer_form"),
    Entry("empty_text", form.empty_text, True, "checks.empty_text"),
    Entry("grounded", grounding.grounded, True, "checks.grounded"),
    Entry("answer_in_source", grounding.answer_in_source, True, "checks.answer_in_source"),
    Entry("key_in_source", grounding.key_in_source, False, "checks.key_in_source"),
    Entry("parts_in_source", grounding.parts_in_source, False, "checks.parts_in_source"),
    Entry("stem_leak", leaks.stem_leak, True, "checks.stem_leak"),
    Entry("match_giveaway", leaks.match_giveaway, True, "checks.match_giveaway"),
    Entry("order_giveaway", leaks.order_giveaway, True, "checks.order_giveaway"),
    Entry("shuffled", form.shuffled, True, "checks.shuffled"),
    Entry("several_blanks", cloze.several_blanks, True, "checks.several_blanks"),
    Entry("blank_on_function_word", cloze.blank_on_function_word, True, "checks.blank_on_function_word"),
    Entry("blank_at_start", cloze.blank_at_start, False, "checks.blank_at_start"),
    Entry("thin_cloze", cloze.thin_cloze, False, "checks.thin_cloze"),
    Entry("cloze_restores", cloze.cloze_restores, False, "checks.cloze_restores"),
    Entry("false_in_source", true_false.false_in_source, True, "checks.false_in_source"),
    Entry("true_in_source", true_false.true_in_source, False, "checks.true_in_source"),
    Entry("two_claims", true_false.two_claims, False, "checks.two_claims"),
    Entry("negative_stem", wording.negative_stem, False, "checks.negative_stem"),
    Entry("double_negative", wording.double_negative, False, "checks.double_negative"),
    Entry("unfocused_stem", wording.unfocused_stem, False, "checks.unfocused_stem"),
    Entry("dangling_reference", wording.dangling_reference, False, "checks.dangling_reference"),
    Entry("remnants", wording.remnants, False, "checks.remnants"),
    Entry("one_question", questions.one_question, True, "checks.one_question"),
    Entry("a_statement", questions.a_statement, False, "checks.a_statement"),
    Entry("whole_words", wholeness.whole_words, False, "checks.whole_words"),
    Entry("long_stem", wording.long_stem, False, "checks.long_stem"),
    Entry("duplicate_options", options.duplicate_options, True, "checks.duplicate_options"),
    Entry("few_options", options.few_options, False, "checks.few_options"),
    Entry("nested_options", options.nested_options, False, "checks.nested_options"),
    Entry("all_of_the_above", options.all_of_the_above, False, "checks.all_of_the_above"),
    Entry("k_type", options.k_type, False, "checks.k_type"),
    Entry("absolute_terms", options.absolute_terms, False, "checks.absolute_terms"),
    Entry("vague_terms", options.vague_terms, False, "checks.vague_terms"),
    Entry("longest_key", options.longest_key, False, "checks.longest_key"),
    Entry("word_repeat", cues.word_repeat, False, "checks.word_repeat"),
    Entry("convergence", cues.convergence, False, "checks.convergence"),
    Entry("grammar_cue", cues.grammar_cue, False, "checks.grammar_cue"),
    Entry("unsorted_numbers", numbers.unsorted_numbers, False, "checks.unsorted_numbers"),
    Entry("overlapping_ranges", numbers.overlapping_ranges, False, "checks.overlapping_ranges"),
    Entry("same_type", distractors.same_type, False, "checks.same_type"),
    Entry("length_band", distractors.length_band, False, "checks.length_band"),
    Entry("distractor_in_source", distractors.distractor_in_source, True, "checks.distractor_in_source"),
    Entry("alias_distractor", distractors.alias_distractor, True, "checks.alias_distractor"),
)
REGISTRY: Mapping[str, Entry] = MappingProxyType({entry.name: entry for entry in ENTRIES})
