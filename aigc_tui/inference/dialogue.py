"""Turn a dialogue into tokens by a model's own chat template, knowing which of them are the speakers' words.

Why it exists: only words are scored, never the marks that a template puts around them. Where the words stand
is found by rendering a second time with a unique mark in place of each message, since a short message
("user", "e") also occurs in the template's own text. Templates that refuse a system message or two
neighbours of one role get the dialogue folded, as the engine folds it for a reply.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from aigc_tui.corpora.records import Message, Record
from aigc_tui.evaluation.scoring import Text
from aigc_tui.text import one_line

_OPENING = "…"
"""What the user is made to say in front of a greeting, for templates in which the user must begin."""

Span = tuple[int, int]


class DialogueError(ValueError):
    """A chat template refuses a dialogue, or does not show its words."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one role says: the places of the messages joined in it; none: the opening that we add."""

    role: str
    parts: tuple[int, ...]


def encode_dialogue(record: Record, tokenizer: Any) -> Text:
    """Encode a dialogue by the model's chat template and count only what was said.

    Args:
        record: The dialogue.
        tokenizer: A fast tokenizer of transformers; without a template, lines of "role: words" are used.

    Raises:
        DialogueError: The template refuses the dialogue or changes its words.
    """
    shown, spans = render_dialogue(record, tokenizer)
    encoded = tokenizer(shown, add_special_tokens=False, return_offsets_mapping=True)
    counted = [any(b < end and e > begin for begin, end in spans) for b, e in encoded["offset_mapping"]]
    size = sum(len(shown[b:e].encode("utf-8", "replace")) for b, e in spans)
    return Text(encoded["input_ids"], counted, size)


def render_dialogue(record: Record, tokenizer: Any) -> tuple[str, list[Span]]:
    """Return the dialogue as one string, and where in it each message's words stand (empty ones nowhere).

    Raises:
        DialogueError: The template refuses the dialogue or changes its words.
    """
    words = [message.content.strip() for message in record.messages]
    turns = [_Turn(message.role, (place,)) for place, message in enumerate(record.messages)]
    try:
        shown = _show(turns, words, tokenizer)
    except DialogueError:
        turns = _folded(turns)
        shown = _show(turns, words, tokenizer)
    spans = _marked_spans(turns, words, shown, tokenizer) or _found_spans(words, shown)
    return shown, [(begin, end) for begin, end in spans if begin < end]


def render_prompt(messages: Sequence[Message], tokenizer: Any) -> str:
    """Return a conversation as one string that ends where the assistant's next words begin.

    Raises:
        DialogueError: The template refuses the conversation.
    """
    words = [message.content.strip() for message in messages]
    turns = [_Turn(message.role, (place,)) for place, message in enumerate(messages)]
    try:
        return _show(turns, words, tokenizer, answer=True)
    except DialogueError:
        return _show(_folded(turns), words, tokenizer, answer=True)


def _show(turns: Sequence[_Turn], words: Sequence[str], tokenizer: Any, answer: bool = False) -> str:
    """Render turns with these words in the places of the messages, and an opened turn of the assistant's."""
    said = ["\n\n".join(words[place] for place in turn.parts) if turn.parts else _OPENING for turn in turns]
    messages = [{"role": turn.role, "content": text} for turn, text in zip(turns, said, strict=True)]
    if not tokenizer.chat_template:
        lines = [f"{message['role']}: {message['content']}\n" for message in messages]
        return "".join([*lines, "assistant:"] if answer else lines)
    try:
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=answer))
    except Exception as error:  # a template is a stranger's program and can fail in any way
        reason = one_line(str(error) or type(error).__name__, 200)
        raise DialogueError(f"the model's chat template refuses a dialogue ({reason})") from None


def _folded(turns: Sequence[_Turn]) -> list[_Turn]:
    """Let the user say what the system says, join neighbours of one role, and let the user begin."""
    folded: list[_Turn] = []
    for turn in turns:
        role = "user" if turn.role == "system" else turn.role
        if folded and folded[-1].role == role:
            folded[-1] = replace(folded[-1], parts=folded[-1].parts + turn.parts)
        else:
            folded.append(_Turn(role, turn.parts))
    return folded if folded and folded[0].role == "user" else [_Turn("user", ()), *folded]


def _marked_spans(
    turns: Sequence[_Turn], words: Sequence[str], shown: str, tokenizer: Any
) -> list[Span] | None:
    """Find the words by marks; None: the template works on contents, so that marks tell nothing."""
    nonce = secrets.token_hex(8)
    try:
        marked = _show(turns, [f"\ue000{nonce}.{place}\ue001" for place in range(len(words))], tokenizer)
    except DialogueError:
        return None
    text, spans = "", dict[int, Span]()
    for number, piece in enumerate(re.split(f"\ue000{nonce}\\.(\\d+)\ue001", marked)):
        if number % 2:
            spans[int(piece)] = (len(text), len(text) + len(words[int(piece)]))
        text += words[int(piece)] if number % 2 else piece
    return [spans[place] for place in sorted(spans)] if text == shown and len(spans) == len(words) else None


def _found_spans(words: Sequence[str], shown: str) -> list[Span]:
    """Find the words one after the other, where a template changes something of them or beside them."""
    spans, at = list[Span](), 0
    for text in words:
        begin = shown.find(text, at)
        if begin < 0:
            raise DialogueError("the model's chat template changes the words of a message")
        at = begin + len(text)
        spans.append((begin, at))
    return spans
