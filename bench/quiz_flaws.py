"""Flaws planted in good questions, one for each check.

Each function spoils an item in the way that its check should notice, or returns None if that is
impossible.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from aigc_tui.quiz.records import BLANK, Item, ItemType, Source, key_of, pairs, steps
from bench import quiz_option_flaws as options
from bench.quiz_option_flaws import is_chinese

Spoil = Callable[[Item, int], Item | None]
"""An item and a number to vary by; the spoilt item, or None."""


def offsets_off(item: Item, number: int) -> Item | None:
    """The source's offsets are one off, or a letter of the quote is changed."""
    source = item.source
    if source is None or len(source.quote) < 4:
        return None
    if number % 2:
        moved = Source(source.section, source.start + 1, source.end + 1, source.quote)
    else:
        middle = len(source.quote) // 2
        quote = source.quote[:middle] + "¤" + source.quote[middle + 1 :]
        moved = Source(source.section, source.start, source.end, quote)
    return dataclasses.replace(item, source=moved)


def answer_invented(item: Item, number: int) -> Item | None:
    """An answer that the sentence does not give."""
    if item.source is None or not isinstance(item.answer, str):
        return None
    return dataclasses.replace(item, answer="图灵机" if is_chinese(item) else "Turing machine")


def leak(item: Item, number: int) -> Item | None:
    """The key in the stem."""
    key = key_of(item)
    if not key or len(key) < 2:
        return None
    stem = f"关于{key}，{item.stem}" if is_chinese(item) else f"Of {key}: {item.stem}"
    return dataclasses.replace(item, stem=stem)


def pair_shows(item: Item, number: int) -> Item | None:
    """A definition that names its term."""
    found = pairs(item)
    if not found:
        return None
    left, right = found[0]
    return dataclasses.replace(item, answer=((left, f"{left}: {right}"), *found[1:]), options=())


def numbered_steps(item: Item, number: int) -> Item | None:
    """Steps that carry their numbers."""
    found = tuple(f"{place}. {step}" for place, step in enumerate(steps(item), 1))
    return dataclasses.replace(item, answer=found, options=found[::-1]) if found else None


def in_order(item: Item, number: int) -> Item | None:
    """Shown in the right order."""
    right = tuple(side for _, side in pairs(item)) or steps(item)
    return dataclasses.replace(item, options=right) if right else None


def second_blank(item: Item, number: int) -> Item | None:
    """A cloze item with two gaps."""
    if item.type is not ItemType.CLOZE:
        return None
    return dataclasses.replace(item, stem=f"{item.stem} {BLANK}")


def function_word(item: Item, number: int) -> Item | None:
    """A gap for a word without content."""
    if item.type is not ItemType.CLOZE:
        return None
    return dataclasses.replace(item, answer=("of", "the", "的", "在")[number % 4])


def negated(item: Item, number: int) -> Item | None:
    """A negation that is easily overlooked."""
    if item.type not in (ItemType.MC, ItemType.SHORT):
        return None
    stem = (
        f"下列哪一项不属于：{item.stem}" if is_chinese(item) else f"Which of these is not right? {item.stem}"
    )
    return dataclasses.replace(item, stem=stem)


def dangling(item: Item, number: int) -> Item | None:
    """A stem that points at something said before."""
    if item.type in (ItemType.MATCH, ItemType.ORDER):
        return None
    return dataclasses.replace(item, stem=f"它{item.stem}" if is_chinese(item) else f"It {item.stem}")


def markup(item: Item, number: int) -> Item | None:
    """A footnote mark, a lone bracket, an address."""
    left = ("[12]", " (", " https://example.org", " “")[number % 4]
    return dataclasses.replace(item, stem=item.stem + left)


def second_in_source(item: Item, number: int) -> Item | None:
    """A choice made of a short question, with a word of the cited sentence as a distractor."""
    if item.source is None or not isinstance(item.answer, str):
        return None
    rest = item.source.quote.replace(item.answer, " ")
    words = [word for word in rest.split() if len(word.strip(".,;()")) > 4 and word.isalpha()]
    part = rest.strip()[:4] if is_chinese(item) else (words[number % len(words)] if words else "")
    if not part.strip() or part in item.answer:
        return None
    options = (item.answer, part, "alpha", "beta")
    return dataclasses.replace(item, type=ItemType.MC, options=options, answer=0)


def other_name(item: Item, number: int) -> Item | None:
    """A choice whose distractor the sentence gives as another name of the key."""
    if item.source is None or not isinstance(item.answer, str) or item.answer not in item.source.quote:
        return None
    other = "阿尔法" if is_chinese(item) else "alphanym"
    ways = (
        (f"（又称{other}）", f"（{other}）")
        if is_chinese(item)
        else (f", also known as {other},", f" ({other})")
    )
    quote = item.source.quote.replace(item.answer, item.answer + ways[number % 2])
    source = dataclasses.replace(item.source, quote=quote)
    options = (item.answer, other, "beta", "gamma")
    return dataclasses.replace(item, type=ItemType.MC, options=options, answer=0, source=source)


def statement(item: Item, number: int, answer: bool) -> Item | None:
    """A statement to be judged, made of the cited sentence."""
    if item.source is None or not isinstance(item.answer, str):
        return None
    return dataclasses.replace(item, type=ItemType.TF, stem=item.source.quote, answer=answer)


def said_but_false(item: Item, number: int) -> Item | None:
    """The sentence itself, with the key false."""
    return statement(item, number, False)


def unsaid_but_true(item: Item, number: int) -> Item | None:
    """A sentence with something else in the answer's place, with the key true."""
    found = statement(item, number, True)
    if found is None or not isinstance(item.answer, str) or item.answer not in found.stem:
        return None
    return dataclasses.replace(
        found, stem=found.stem.replace(item.answer, "图灵机" if is_chinese(item) else "Turing")
    )


def two_statements(item: Item, number: int) -> Item | None:
    """Two claims in one statement."""
    found = statement(item, number, True)
    more = "，而且地球绕着太阳转" if is_chinese(item) else ", and the earth goes round the sun"
    return found and dataclasses.replace(found, stem=found.stem.rstrip(".。") + more)


def other_sentence(item: Item, number: int) -> Item | None:
    """A cloze whose sentence is not the quote's."""
    if item.source is None or not isinstance(item.answer, str) or item.answer not in item.source.quote:
        return None
    stem = item.source.quote.replace(item.answer, BLANK, 1)
    more = "大约" if is_chinese(item) else "perhaps "
    return dataclasses.replace(item, type=ItemType.CLOZE, stem=more + stem)


def first_blank(item: Item, number: int) -> Item | None:
    """A sentence that opens with its gap."""
    if item.type is not ItemType.CLOZE:
        return None
    return dataclasses.replace(item, stem=f"{BLANK} {item.stem.replace(BLANK, 'it')}")


def little_left(item: Item, number: int) -> Item | None:
    """A gap with hardly a word around it."""
    return dataclasses.replace(item, stem=f"It is {BLANK}.") if item.type is ItemType.CLOZE else None


def twice_negated(item: Item, number: int) -> Item | None:
    """Two negations in the stem."""
    if item.type not in (ItemType.MC, ItemType.SHORT):
        return None
    stem = (
        f"下列哪项不是没有道理的？{item.stem}"
        if is_chinese(item)
        else f"Which is not never true? {item.stem}"
    )
    return dataclasses.replace(item, stem=stem)


def label_only(item: Item, number: int) -> Item | None:
    """A stem that is a label."""
    if item.type not in (ItemType.MC, ItemType.SHORT):
        return None
    return dataclasses.replace(item, stem="关于课文：" if is_chinese(item) else "The lesson:")


def page_long(item: Item, number: int) -> Item | None:
    """A stem of a page."""
    more = (
        "这一段背景文字与问题无关。" * 20
        if is_chinese(item)
        else "This has nothing to do with the question. " * 20
    )
    return dataclasses.replace(item, stem=more + item.stem)


def foreign_key(item: Item, number: int) -> Item | None:
    """A choice whose key is not in the cited sentence."""
    if item.source is None or not isinstance(item.answer, str):
        return None
    options = ("Turing machine", "alpha", "beta", "gamma")
    return dataclasses.replace(item, type=ItemType.MC, options=options, answer=0)


def cut_badly(item: Item, number: int) -> Item | None:
    """A key that is cut behind a joining word."""
    key = key_of(item)
    if item.type not in (ItemType.CLOZE, ItemType.SHORT) or not 2 <= len(key) <= 12 or len(key.split()) > 3:
        return None
    return dataclasses.replace(item, answer=f"{key}的" if is_chinese(item) else f"{key} of the")


def left_over(item: Item, number: int) -> Item | None:
    """A question with the other half of its sentence."""
    if item.type is not ItemType.SHORT:
        return None
    stem = (
        "什么，人们就会离开？"
        if is_chinese(item)
        else "What contains citric acid, and vinegar contains acetic acid?"
    )
    return dataclasses.replace(item, stem=stem)


def instruction(item: Item, number: int) -> Item | None:
    """An instruction to be judged."""
    found = statement(item, number, True)
    stems = ("请打开盖子。", "Cover the bowl with a cloth.")
    return found and dataclasses.replace(found, stem=stems[0] if is_chinese(item) else stems[1])


FLAWS: Mapping[str, Spoil] = {
    "whole_words": cut_badly,
    "one_question": left_over,
    "a_statement": instruction,
    "key_in_source": foreign_key,
    "blank_at_start": first_blank,
    "thin_cloze": little_left,
    "cloze_restores": other_sentence,
    "false_in_source": said_but_false,
    "true_in_source": unsaid_but_true,
    "two_claims": two_statements,
    "double_negative": twice_negated,
    "unfocused_stem": label_only,
    "long_stem": page_long,
    "few_options": options.two_left,
    "k_type": options.numbered_statements,
    "convergence": options.converging,
    "grammar_cue": options.article,
    "unsorted_numbers": options.mixed_numbers,
    "overlapping_ranges": options.overlapping,
    "length_band": options.stretched,
    "alias_distractor": other_name,
    "answer_form": options.key_away,
    "empty_text": options.empty_option,
    "grounded": offsets_off,
    "answer_in_source": answer_invented,
    "stem_leak": leak,
    "match_giveaway": pair_shows,
    "order_giveaway": numbered_steps,
    "shuffled": in_order,
    "several_blanks": second_blank,
    "blank_on_function_word": function_word,
    "negative_stem": negated,
    "dangling_reference": dangling,
    "remnants": markup,
    "duplicate_options": options.duplicated,
    "nested_options": options.nested,
    "all_of_the_above": options.above,
    "absolute_terms": options.absolute,
    "vague_terms": options.vague,
    "longest_key": options.long_key,
    "word_repeat": options.repeats_stem,
    "same_type": options.other_kind,
    "distractor_in_source": second_in_source,
}
