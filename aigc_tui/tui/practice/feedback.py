"""What is shown after an answer: the verdict and who gave it, the answer, why, and the source."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from aigc_tui.locale import Translate
from aigc_tui.quiz.grading.records import Response, worded
from aigc_tui.quiz.records import Item, ItemType, letter, pairs, steps
from aigc_tui.quiz.teaching.explain import key_line
from aigc_tui.tui.markdown.document import EMPTY, Line
from aigc_tui.tui.widgets.text import plain, plain_line, quoted

BLANK_LINE = Line(EMPTY)
_SIGNS = {
    "correct": ("✓ ", "$text-success bold", "practice.right"),
    "partial": ("◐ ", "$text-warning bold", "practice.partly"),
    "incorrect": ("✗ ", "$text-error bold", "practice.wrong"),
    "": ("– ", "$text-muted bold", "practice.passed_over"),
}


def sign_of(verdict: str) -> Content:
    """The mark of a verdict, for lists."""
    sign, style, _ = _SIGNS.get(verdict, _SIGNS[""])
    return plain(sign, style)


def words_of(verdict: str, t: Translate) -> str:
    """A verdict in a word or two."""
    return t(_SIGNS.get(verdict, _SIGNS[""])[2])


def said_of(
    item: Item,
    response: Response,
    verdict: str | None,
    t: Translate,
    *,
    by: str = "",
    note: str = "",
    spelled: bool = False,
) -> Iterator[Line]:
    """The lines below an answered question.

    Args:
        item: The item.
        response: What was answered.
        verdict: `correct`, `partial`, `incorrect`, empty when it was passed over, or None for the key alone.
        t: The catalogue.
        by: Who judged; a model's word (`taken`: the user agreed) and the user's own are told apart from the
            rules'.
        note: What the grader adds.
        spelled: Whether pairs and steps are written out, where no options with letters are on show.
    """
    yield BLANK_LINE
    if verdict is not None:
        yield Line(_verdict(verdict, by, t))
    if note and verdict != "correct":
        yield Line(plain_line(worded(note, t), 300, "$text-muted"))
    if spelled and item.type in (ItemType.MATCH, ItemType.ORDER):
        yield from _spelled(item, t)
    elif verdict != "correct":
        yield _labelled(t("practice.key"), key_line(item, t))
    if item.explanation:
        yield _labelled(t("practice.explanation"), item.explanation)
    if against := _against(item, response):
        yield Line(plain(against))
    if item.source:
        yield BLANK_LINE
        # Explanations of ours quote the sentence; nobody wants to read it twice.
        if item.source.quote not in item.explanation:
            yield Line(plain(quoted(item.source.quote), "$accent italic"), plain(" "))
        if item.source.section:
            yield Line(plain_line(f"— {item.source.section}", style="$text-muted"))


def _spelled(item: Item, t: Translate) -> Iterator[Line]:
    """The key in words, a pair or a step on each line."""
    yield Line(plain(t("practice.key"), "bold"))
    for number, (left, right) in enumerate(pairs(item), 1):
        yield Line(plain(f"{number}. {left} = {right}"))
    for number, step in enumerate(steps(item), 1):
        yield Line(plain(f"{number}. {step}"))


def _verdict(verdict: str, by: str, t: Translate) -> Content:
    sign, style, words = _SIGNS.get(verdict, _SIGNS[""])
    whose = {
        "model": t("practice.by_model"),
        "taken": t("practice.by_taken"),
        "user": t("practice.by_user"),
    }.get(by, "")
    said = plain(sign + t(words), style)
    return Content.assemble(said, plain(f"  {whose}", "$text-muted")) if whose else said


def _against(item: Item, response: Response) -> str:
    """Why the chosen option fails."""
    chosen = response if isinstance(response, int) and not isinstance(response, bool) else -1
    known = item.type is ItemType.MC and 0 <= chosen < len(item.feedback) and chosen != item.answer
    return f"{letter(chosen)}. {item.feedback[chosen]}" if known and item.feedback[chosen] else ""


def _labelled(label: str, words: str) -> Line:
    return Line(Content.assemble(plain(label, "bold"), plain(words)))


def answer_line(item: Item, response: Response, t: Translate) -> str:
    """An answer in words, as lists of results show it."""
    if response is None:
        return t("practice.passed_over")
    if isinstance(response, bool):
        return t("practice.true") if response else t("practice.false")
    if isinstance(response, int):
        return item.options[response] if 0 <= response < len(item.options) else ""
    if isinstance(response, str):
        return response
    return "; ".join(part if isinstance(part, str) else " = ".join(part) for part in response)


def question_about(item: Item, t: Translate) -> str:
    """What is put into the prompt: the question, its options, the key and the lesson's sentence.

    Args:
        item: The item.
        t: The catalogue of the interface.
    """
    lines = [t("practice.tutor_stem", stem=item.stem)]
    lines += [f"{letter(index)}. {option}" for index, option in enumerate(item.options)]
    lines.append(t("practice.tutor_key", key=key_line(item, t)))
    if item.source:
        lines.append(t("practice.tutor_source", quote=item.source.quote))
    return "\n".join([*lines, t("practice.tutor_ask")]) + " "
