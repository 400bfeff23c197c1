"""All checks of an item in the order in which they are asked, run on one item."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aigc_tui.quiz.checks import cues, form, grounding, options, stem
from aigc_tui.quiz.checks.records import Check, Context, Verdict
from aigc_tui.quiz.records import Item


@dataclass(frozen=True, slots=True)
class NamedCheck:
    """One check: its name in quiz files (which never changes), and the catalogue's key of its one line."""

    name: str
    check: Check
    hard: bool
    label: str


ENTRIES: tuple[NamedCheck, ...] = (
    NamedCheck("answer_form", form.answer_form, True, "checks.answer_form"),
    NamedCheck("empty_text", form.empty_text, True, "checks.empty_text"),
    NamedCheck("grounded", grounding.grounded, True, "checks.grounded"),
    NamedCheck("answer_in_source", grounding.answer_in_source, True, "checks.answer_in_source"),
    NamedCheck("key_in_source", grounding.key_in_source, False, "checks.key_in_source"),
    NamedCheck("parts_in_source", grounding.parts_in_source, False, "checks.parts_in_source"),
    NamedCheck("stem_leak", cues.stem_leak, True, "checks.stem_leak"),
    NamedCheck("match_giveaway", cues.match_giveaway, True, "checks.match_giveaway"),
    NamedCheck("order_giveaway", cues.order_giveaway, True, "checks.order_giveaway"),
    NamedCheck("shuffled", form.shuffled, True, "checks.shuffled"),
    NamedCheck("several_blanks", stem.several_blanks, True, "checks.several_blanks"),
    NamedCheck("blank_on_function_word", stem.blank_on_function_word, True, "checks.blank_on_function_word"),
    NamedCheck("blank_at_start", stem.blank_at_start, False, "checks.blank_at_start"),
    NamedCheck("thin_cloze", stem.thin_cloze, False, "checks.thin_cloze"),
    NamedCheck("cloze_restores", stem.cloze_restores, False, "checks.cloze_restores"),
    NamedCheck("false_in_source", grounding.false_in_source, True, "checks.false_in_source"),
    NamedCheck("true_in_source", grounding.true_in_source, False, "checks.true_in_source"),
    NamedCheck("two_claims", grounding.two_claims, False, "checks.two_claims"),
    NamedCheck("negative_stem", stem.negative_stem, False, "checks.negative_stem"),
    NamedCheck("double_negative", stem.double_negative, False, "checks.double_negative"),
    NamedCheck("unfocused_stem", stem.unfocused_stem, False, "checks.unfocused_stem"),
    NamedCheck("dangling_reference", stem.dangling_reference, False, "checks.dangling_reference"),
    NamedCheck("remnants", stem.remnants, False, "checks.remnants"),
    NamedCheck("one_question", stem.one_question, True, "checks.one_question"),
    NamedCheck("a_statement", stem.a_statement, False, "checks.a_statement"),
    NamedCheck("whole_words", grounding.whole_words, False, "checks.whole_words"),
    NamedCheck("long_stem", stem.long_stem, False, "checks.long_stem"),
    NamedCheck("duplicate_options", options.duplicate_options, True, "checks.duplicate_options"),
    NamedCheck("few_options", options.few_options, False, "checks.few_options"),
    NamedCheck("nested_options", options.nested_options, False, "checks.nested_options"),
    NamedCheck("all_of_the_above", options.all_of_the_above, False, "checks.all_of_the_above"),
    NamedCheck("k_type", options.k_type, False, "checks.k_type"),
    NamedCheck("absolute_terms", options.absolute_terms, False, "checks.absolute_terms"),
    NamedCheck("vague_terms", options.vague_terms, False, "checks.vague_terms"),
    NamedCheck("longest_key", options.longest_key, False, "checks.longest_key"),
    NamedCheck("word_repeat", cues.word_repeat, False, "checks.word_repeat"),
    NamedCheck("convergence", cues.convergence, False, "checks.convergence"),
    NamedCheck("grammar_cue", cues.grammar_cue, False, "checks.grammar_cue"),
    NamedCheck("unsorted_numbers", options.unsorted_numbers, False, "checks.unsorted_numbers"),
    NamedCheck("overlapping_ranges", options.overlapping_ranges, False, "checks.overlapping_ranges"),
    NamedCheck("same_type", options.same_type, False, "checks.same_type"),
    NamedCheck("length_band", options.length_band, False, "checks.length_band"),
    NamedCheck("distractor_in_source", options.distractor_in_source, True, "checks.distractor_in_source"),
    NamedCheck("alias_distractor", options.alias_distractor, True, "checks.alias_distractor"),
)
REGISTRY: Mapping[str, NamedCheck] = MappingProxyType({entry.name: entry for entry in ENTRIES})


def check_item(item: Item, context: Context) -> tuple[Verdict, ...]:
    """Run every check that has something to say of the item, in the registry's order.

    Of an item whose form is broken only that is said: others would speak of a key that is not there.
    """
    verdicts: list[Verdict] = []
    for entry in ENTRIES:
        verdict = entry.check(item, context)
        if verdict is not None:
            verdicts.append(verdict)
            if entry.name == "answer_form" and not verdict.passed:
                break
    return tuple(verdicts)


def hard_flaws(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts that keep an item out."""
    return tuple(verdict for verdict in verdicts if verdict.hard and not verdict.passed)


def with_checks(item: Item, verdicts: Iterable[Verdict]) -> Item:
    """The item with what the checks said, as the quiz file keeps it."""
    return dataclasses.replace(item, checks=tuple((each.check, each.passed) for each in verdicts))
