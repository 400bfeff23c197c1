"""How an item lies in the six HTML fields of an Anki note, both ways.

An item read back comes from what the person sees and may have edited, not from a hidden copy. The type is
told by the shape of the answer: a lettered key, a truth, a table of pairs, a list of steps, or words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from aigc_tui.quiz.formats.building import UnreadableError, human
from aigc_tui.quiz.formats.holding import (
    UnfitError,
    accepted_of,
    key_of,
    rights_and_extras,
    truths_in,
    words_of,
)
from aigc_tui.quiz.formats.hypertext import cannot_hold, from_html, to_html
from aigc_tui.quiz.records import BLANK, Item, ItemType, Source, letter, pairs, steps

FIELDS = ("Question", "Options", "Answer", "Explanation", "Source", "ItemId")

_MOST_OPTIONS = 26
_SEPARATOR = "\x1f"
_COMMAND = re.compile(r"\[(?=sound:|anki:|latex\]|\$)")
"""What Anki takes for a sound, a script or LaTeX to be run."""
# Each stops at the next tag of its kind, so that a field of unclosed tags is still read in one pass.
_LI = re.compile(r"<li[^<>]*>((?:(?!</?li\b).)*)</li>", re.DOTALL)
_CELL = r"<td[^<>]*>((?:(?!<t[rd]\b|</td>).)*)</td>"
_ROW = re.compile(rf"<tr[^<>]*>{_CELL}{_CELL}</tr>", re.DOTALL)
_LIST = re.compile(r"<(ol|ul) class=\"?(\w+)\"?[^<>]*>((?:(?!</?[ou]l\b).)*)</\1>", re.DOTALL)
_KEY = re.compile(r"^\s*<b class=\"?key\"?[^<>]*>([A-Z])</b>", re.DOTALL)
_TRUTH = re.compile(r"^\s*<b class=\"?(true|false)\"?[^<>]*>")
_CITED = re.compile(
    r"<cite>((?:(?!</?cite>).)*)</cite>\s{0,9}<q data-at=\"?(\d{1,11})-(\d{1,11})\"?>((?:(?!</?q\b).)*)</q>",
    re.DOTALL,
)
CLOZE = re.compile(r"\{\{c(\d{1,3})::((?:(?!\{\{|\}\}).)*)\}\}", re.DOTALL)
"""One gap of a cloze note: its number, and the hidden words, perhaps with `::` and a hint behind them."""


def fields_of(item: Item, language: str) -> list[str]:
    """Lay a sound item into `FIELDS`; the language is that of the words for true and false.

    Raises:
        UnfitError: Anki cannot hold it.
    """
    if len(item.options) > _MOST_OPTIONS:
        raise UnfitError("it has more than {most} options; they are lettered A to Z", most=_MOST_OPTIONS)
    question, options, answer = _LAYERS[item.type](item, language)
    why = _list("why", item.feedback) if any(item.feedback) else ""
    explanation = _text(item.explanation) + why
    fields = [question, options, answer, explanation, _source(item.source), _text(item.id)]
    if any(_SEPARATOR in each or "\x00" in each for each in fields):
        raise UnfitError("it holds a control character that Anki separates fields with")
    return fields


def item_of(fields: Sequence[str], **tagged: Any) -> Item:
    """Read `FIELDS` of a note of ours back; `tagged` is what the note's tags say.

    Raises:
        UnreadableError: An edit left no question.
    """
    question, options, answer, explanation, source, name = fields
    lists = {found[2]: _parts(found[3]) for found in _LIST.finditer(options + explanation)}
    more: dict[str, Any] = {
        **tagged,
        "id": plain(name),
        "explanation": plain(_LIST.sub("", explanation)),
        "feedback": lists.get("why", ()),
        "source": _cited(source),
    }
    offered = lists.get("options", [])
    if found := _KEY.match(answer):
        return human(ItemType.MC, plain(question), ord(found[1]) - ord("A"), options=offered, **more)
    if found := _TRUTH.match(answer):
        return human(ItemType.TF, plain(question), found[1] == "true", **more)
    if rows := _ROW.findall(answer):
        sides = [(plain(left), plain(right)) for left, right in rows]
        stem = plain(_LIST.sub("", question))
        return human(ItemType.MATCH, stem, tuple(sides), options=offered, **more)
    if (found := _LIST.search(answer)) and found[2] == "steps":
        right = _parts(found[3])
        stem = plain(question)
        return human(ItemType.ORDER, stem, tuple(right), options=offered, **more)
    return _worded(question, answer, more)


def plain(field: str) -> str:
    """Read a field as text.

    Raises:
        UnreadableError: It needs a picture or a sound.
    """
    text, lost = from_html(field)
    if "[sound:" in field:
        lost |= {"a sound"}
    if lost:
        raise UnreadableError(cannot_hold(lost))
    return text


def hidden(gap: re.Match[str]) -> str:
    """The words that a gap of a cloze note hides, without the hint."""
    return plain(gap[2].partition("::")[0])


def _worded(question: str, answer: str, more: dict[str, Any]) -> Item:
    found = _LIST.search(answer)
    accepted = _parts(found[3]) if found else []
    if gap := CLOZE.search(question):
        before, after = plain(question[: gap.start()] + _MARK), plain(_MARK + question[gap.end() :])
        stem = before.replace(_MARK, "") + BLANK + after.replace(_MARK, "")
        return human(ItemType.CLOZE, stem, hidden(gap), accepted=accepted, **more)
    words = plain(_LIST.sub("", answer))
    return human(ItemType.SHORT, plain(question), words, accepted=accepted, **more)


_MARK = "\ufdd0"
"""Keeps the white space next to the gap from being stripped; no character of any text (a noncharacter)."""


def _mc(item: Item, language: str) -> tuple[str, str, str]:
    key = key_of(item)
    answer = f'<b class="key">{letter(key)}</b> {_text(item.options[key])}'
    return _text(item.stem), _list("options", item.options), answer


def _tf(item: Item, language: str) -> tuple[str, str, str]:
    truths = truths_in(language)
    word = truths[0] if item.answer else truths[1]
    answer = f'<b class="{"true" if item.answer else "false"}">{word}</b>'
    return _text(item.stem), " / ".join(truths), answer


def _cloze(item: Item, language: str) -> tuple[str, str, str]:
    before, _, after = item.stem.strip().partition(BLANK)
    hidden = _in_cloze(words_of(item)).replace(":", "&#58;")
    return f"{_in_cloze(before)}{{{{c1::{hidden}}}}}{_in_cloze(after)}", "", _also(item)


def _short(item: Item, language: str) -> tuple[str, str, str]:
    return _text(item.stem), "", _text(words_of(item)) + _also(item)


def _match(item: Item, language: str) -> tuple[str, str, str]:
    rights, _ = rights_and_extras(item)
    sides = pairs(item)
    rows = "".join(f"<tr><td>{_text(left)}</td><td>{_text(right)}</td></tr>" for left, right in sides)
    lefts = _list("lefts", [left for left, _ in sides])
    return _text(item.stem) + lefts, _list("options", item.options or rights), f"<table>{rows}</table>"


def _order(item: Item, language: str) -> tuple[str, str, str]:
    right = steps(item)
    return _text(item.stem), _list("options", item.options or sorted(right)), _list("steps", right)


def _also(item: Item) -> str:
    others = accepted_of(item)[1:]
    return _list("also", others) if others else ""


_TYPES = {"options": "A", "steps": "1", "why": "A"}


def _list(name: str, parts: Sequence[str]) -> str:
    tag, kind = ("ol", f' type="{_TYPES[name]}"') if name in _TYPES else ("ul", "")
    return f'<{tag} class="{name}"{kind}>{"".join(f"<li>{_text(part)}</li>" for part in parts)}</{tag}>'


def _parts(inner: str) -> list[str]:
    return [plain(part) for part in _LI.findall(inner)]


def _source(source: Source | None) -> str:
    if source is None:
        return ""
    quote = f'<q data-at="{source.start}-{source.end}">{_text(source.quote)}</q>'
    return f"<cite>{_text(source.section)}</cite> {quote}"


def _cited(field: str) -> Source | None:
    if not (found := _CITED.search(field)):
        return None
    return Source(plain(found[1]), int(found[2]), int(found[3]), plain(found[4]))


def _text(text: str) -> str:
    return _COMMAND.sub("&#91;", to_html(text.strip()))


def _in_cloze(text: str) -> str:
    """A text in which Anki must not find a gap of its own."""
    markup = _COMMAND.sub("&#91;", html.escape(text, quote=False))
    markup = markup.replace("{", "&#123;").replace("}", "&#125;")
    return markup.replace("\n", "<br>").replace("\t", "&#9;")


_LAYERS = {
    ItemType.MC: _mc,
    ItemType.TF: _tf,
    ItemType.CLOZE: _cloze,
    ItemType.SHORT: _short,
    ItemType.MATCH: _match,
    ItemType.ORDER: _order,
}
