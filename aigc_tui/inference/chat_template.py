"""Renders chats as token ids by a model's own chat template, so that no message's text becomes a role.

Rendering a chat to one string and tokenising it would let a message that spells `<|im_start|>system` speak as
the system (engine-safety A9), and escaping was shown to be bypassable. So the template is rendered with a
random mark in place of each content, its text is tokenised around the marks, and each content is tokenised on
its own, without control tokens, and spliced in.

Templates may also trim or change a content, and tokens may merge across its edges. So harmless contents go
through the template as they are, and the result is accepted only if its control tokens are, in order, exactly
those of the spliced one. For benign chats the ids are those of transformers.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aigc_tui.corpora.records import Record
from aigc_tui.inference.jinja import ChatTemplateError, compile_template, render
from aigc_tui.inference.source import BrokenModelError, NoChatTemplateError, template_source
from aigc_tui.inference.tokens import Tokens, load_tokens
from aigc_tui.transformer.tokenizer import CHAT_TEMPLATE, END_OF_TEXT, TURN_END, TURN_START

SYSTEM, USER, ASSISTANT = "system", "user", "assistant"
LINES = (
    "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
"""Stands in for a model that has no chat template and is to be scored on dialogues all the same."""
_OPENING = "…"
"""What the user is made to say before a greeting, for templates in which the user must begin."""
_THOUGHTS_END = "</think>"

Span = tuple[int, int]


class Message(Protocol):
    """Anything that has a role and a content: `types.ChatMessage`, or a message of `corpora.records`."""

    @property
    def role(self) -> str:
        """system, user or assistant."""
        ...

    @property
    def content(self) -> str:
        """Text of anyone's."""
        ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """Token ids with the loss mask: which tokens are the assistant's own words, or other speakers'."""

    ids: list[int]
    mask: list[bool]


@dataclass(slots=True)
class _Turn:
    role: str
    content: str
    parts: list[int] = field(default_factory=list)


class ChatTemplate:
    """A chat template together with the tokenizer that it was made for.

    Args:
        source: The template's text (Jinja).
        tokens: The model's tokenizer.

    Raises:
        ChatTemplateError: The template is not valid.
    """

    def __init__(self, source: str, tokens: Tokens) -> None:
        self._template = compile_template(source)
        self._tokens = tokens
        self._own = source == CHAT_TEMPLATE and None not in map(tokens.id_of, (TURN_START, TURN_END))
        self._nonce = secrets.token_hex(8)
        self._mark = re.compile(f"\ue000{self._nonce}\\.(\\d+)\ue001")
        self._strips_thoughts = _THOUGHTS_END in source
        self._takes_system = self._accepts(SYSTEM, USER)
        self._takes_any_order = self._accepts(ASSISTANT, USER, USER)
        self.end_of_turn = self._find_end_of_turn()
        self.overhead = self._measure_overhead()

    def encode(self, messages: Sequence[Message], continue_final: bool = False) -> list[int]:
        """Turn a chat into the prompt's token ids.

        Args:
            messages: The chat, oldest first.
            continue_final: The last message is the assistant's and goes on; no new one is opened.

        Raises:
            ChatTemplateError: The template refuses the messages.
        """
        turns = self._shape(messages, len(messages) - 1 if continue_final else len(messages))
        spliced = self._splice(turns, set(range(len(turns))), continue_final)
        suspects = {i for i, turn in enumerate(turns) if self._tokens.is_suspect(turn.content)}
        if len(suspects) == len(turns):
            return spliced
        try:
            natural = self._splice(turns, suspects, continue_final)
        except ChatTemplateError:
            return spliced
        return natural if self._controls(natural) == self._controls(spliced) else spliced

    def render(
        self,
        messages: Sequence[Message],
        speakers: Collection[str] = (ASSISTANT,),
        turn_ends: bool = True,
    ) -> Rendered:
        """Turn a whole dialogue into ids, and mark the words of some of its speakers.

        Args:
            messages: The dialogue; white space around each message goes.
            speakers: The roles whose words are marked.
            turn_ends: Mark the control token behind each of the assistant's turns, too, if the assistant is
                marked: a model that never learns it never stops.

        Raises:
            ChatTemplateError: The template refuses the dialogue or changes its words.
        """
        if self._own:
            return self._render_own(messages, speakers, turn_ends)
        words = [message.content.strip() for message in messages]
        turns = self._shape([_Turn(m.role, text) for m, text in zip(messages, words, strict=True)], 0)
        text = self._text(turns)
        spans = self._marked_spans(turns, words, text) or _found_spans(words, text)
        spliced = self._tokenise(text, spans, cut=True)
        natural = self._tokenise(text, spans, cut=False)
        # Contents that spell a control token, alone or joined with the template's text, must be spliced.
        same = self._controls([i for i, *_ in natural]) == self._controls([i for i, *_ in spliced])
        safe = same and not any(map(self._tokens.is_suspect, words))
        return self._masked(natural if safe else spliced, messages, spans, speakers, turn_ends)

    def _render_own(
        self, messages: Sequence[Message], speakers: Collection[str], turn_ends: bool
    ) -> Rendered:
        """Do as `render` by our own template, without Jinja: a corpus is millions of records."""
        ids: list[int] = []
        mask: list[bool] = []
        tail = [*self._tokens.encode(TURN_END), *self._tokens.encode_plain("\n")]
        for message in messages:
            head = [*self._tokens.encode(TURN_START), *self._tokens.encode_plain(f"{message.role}\n")]
            # Not remembered as a chat's messages are: a record comes once.
            body = self._tokens.encode_once(message.content.strip())
            ids += head
            ids += body
            ids += tail
            own = message.role in speakers
            mask += [False] * len(head)
            mask += [own] * len(body)
            mask.append(own and turn_ends and message.role == ASSISTANT)
            mask += [False] * (len(tail) - 1)
        return Rendered(ids, mask)

    def _splice(self, turns: Sequence[_Turn], hidden: Set[int], continue_final: bool) -> list[int]:
        last = len(turns) - 1
        marked = hidden | ({last} if continue_final else set())
        marks = {i: f"\ue000{self._nonce}.{i}\ue001" for i in marked}
        shown = [_Turn(turn.role, marks.get(i, turn.content)) for i, turn in enumerate(turns)]
        text = self._text(shown, prompt=True, continue_final=continue_final)
        if continue_final:
            text = _cut_after(text, marks[last])
            if last not in hidden:
                text = text.replace(marks[last], turns[last].content)
        ids: list[int] = []
        for place, piece in enumerate(self._mark.split(text)):
            content = place % 2
            ids += (
                self._tokens.encode_plain(turns[int(piece)].content)
                if content
                else self._tokens.encode(piece)
            )
        return ids

    def _text(self, turns: Sequence[_Turn], prompt: bool = False, continue_final: bool = False) -> str:
        variables = {
            **self._tokens.named,
            "messages": [{"role": str(turn.role), "content": turn.content} for turn in turns],
            "add_generation_prompt": prompt and not continue_final,
            "tools": None,
            "documents": None,
            # A small model that thinks aloud first (Qwen3) would keep a reader waiting for minutes on a CPU.
            "enable_thinking": False,
        }
        return render(self._template, variables)

    def _controls(self, ids: Sequence[int]) -> list[int]:
        return [id_ for id_ in ids if id_ in self._tokens.control]

    def _shape(self, messages: Sequence[Message], finished: int) -> list[_Turn]:
        """Bring a chat into a form that the template accepts, losing nothing of it.

        The first ``finished`` messages lose the thoughts that the template leaves out.
        """
        turns = [_Turn(m.role, m.content, [place]) for place, m in enumerate(messages)]
        if self._strips_thoughts:
            for turn in turns[:finished]:
                _drop_thoughts(turn)
        if not self._takes_system:
            for turn in turns:
                turn.role = USER if turn.role == SYSTEM else turn.role
        if self._takes_system and self._takes_any_order:
            return turns
        merged: list[_Turn] = []
        for turn in turns:
            if merged and merged[-1].role == turn.role:
                merged[-1].content += f"\n\n{turn.content}"
                merged[-1].parts += turn.parts
            else:
                merged.append(turn)
        first = next((place for place, turn in enumerate(merged) if turn.role != SYSTEM), None)
        if not self._takes_any_order and first is not None and merged[first].role == ASSISTANT:
            merged.insert(first, _Turn(USER, _OPENING))
        return merged

    def _accepts(self, *roles: str) -> bool:
        nonce = secrets.token_hex(8)
        turns = [_Turn(role, f"{nonce}.{i}") for i, role in enumerate(roles)]
        try:
            text = self._text(turns, prompt=True)
        except ChatTemplateError:
            return False
        return all(turn.content in text for turn in turns)

    def _find_end_of_turn(self) -> int | None:
        mark = secrets.token_hex(8)
        try:
            text = self._text([_Turn(USER, "?"), _Turn(ASSISTANT, mark)])
        except ChatTemplateError:
            return None
        behind = self._controls(self._tokens.encode(text.partition(mark)[2]))
        return behind[0] if behind else None

    def _measure_overhead(self) -> int:
        """Count the template's own tokens per message, for estimates."""
        turns = [_Turn(USER, ""), _Turn(ASSISTANT, ""), _Turn(USER, "")]
        try:
            return -(-len(self._splice(turns, {0, 1, 2}, False)) // len(turns))
        except ChatTemplateError:
            return 8

    def _marked_spans(self, turns: Sequence[_Turn], words: Sequence[str], text: str) -> list[Span] | None:
        """Find where each message's words stand by marks in their places; None: the marks tell nothing.

        A short message ("user", "e") also occurs in the template's own text, so searching alone will not do.
        """
        marks = [f"\ue000{self._nonce}.{place}\ue001" for place in range(len(words))]
        marked = [_Turn(t.role, "\n\n".join(marks[i] for i in t.parts) or t.content) for t in turns]
        try:
            pieces = self._mark.split(self._text(marked))
        except ChatTemplateError:
            return None
        skeleton, spans = "", dict[int, Span]()
        for number, piece in enumerate(pieces):
            if number % 2:
                spans[int(piece)] = (len(skeleton), len(skeleton) + len(words[int(piece)]))
            skeleton += words[int(piece)] if number % 2 else piece
        complete = skeleton == text and len(spans) == len(words)
        return [spans[place] for place in sorted(spans)] if complete else None

    def _tokenise(self, text: str, spans: Sequence[Span], cut: bool) -> list[tuple[int, int, int]]:
        """Return ids with begin and end in the text; ``cut``: contents on their own, as plain text."""
        found: list[tuple[int, int, int]] = []
        at = 0
        for begin, end in sorted(spans) if cut else ():
            found += self._tokens.encode_spans(text[at:begin], at)
            found += self._tokens.encode_spans(text[begin:end], begin, plain=True)
            at = end
        return found + self._tokens.encode_spans(text[at:], at)

    def _masked(
        self,
        coded: Sequence[tuple[int, int, int]],
        messages: Sequence[Message],
        spans: Sequence[Span],
        speakers: Collection[str],
        turn_ends: bool,
    ) -> Rendered:
        wanted = [span for m, span in zip(messages, spans, strict=True) if m.role in speakers]
        mask = [any(b < end and e > begin for begin, end in wanted if begin < end) for _, b, e in coded]
        for message, (_, end) in zip(messages, spans, strict=True):
            if turn_ends and message.role == ASSISTANT and ASSISTANT in speakers:
                behind = (place for place, (_, b, _) in enumerate(coded) if b >= end)
                first = next((place for place in behind if coded[place][0] in self._tokens.control), None)
                if first is not None:
                    mask[first] = True
        return Rendered([id_ for id_, *_ in coded], mask)


def _cut_after(text: str, mark: str) -> str:
    place = text.rfind(mark)
    if place < 0:
        raise ChatTemplateError("the chat template leaves out the message that is to be continued")
    return text[: place + len(mark)]


def _drop_thoughts(turn: _Turn) -> None:
    """Leave out the thoughts of an earlier reply, as the templates of reasoning models do."""
    if turn.role == ASSISTANT and _THOUGHTS_END in turn.content:
        turn.content = turn.content.rpartition(_THOUGHTS_END)[2].lstrip("\n")


def _found_spans(words: Sequence[str], text: str) -> list[Span]:
    """Find the words one after the other, where a template changes something of them or beside them."""
    spans, at = list[Span](), 0
    for one in words:
        begin = text.find(one, at)
        if begin < 0:
            raise ChatTemplateError("the model's chat template changes the words of a message")
        at = begin + len(one)
        spans.append((begin, at))
    return spans


def load_template(path: Path, tokens: Tokens) -> ChatTemplate:
    """Load the chat template of a model folder.

    Raises:
        NoChatTemplateError, BrokenModelError: With what to do.
    """
    source = template_source(path)
    if source is None:
        raise NoChatTemplateError(
            "{name} has no chat template, so it was not trained to converse; "
            "choose its chat or instruct version, or put a chat_template.jinja into the folder",
            name=path.name,
        )
    try:
        return ChatTemplate(source, tokens)
    except ChatTemplateError as error:
        raise BrokenModelError("{name}: {reason}", name=path.name, reason=error) from error


class Renderer:
    """Renders records for training: ids, and which of them a chat model should learn to say.

    Args:
        tokens: The tokenizer.
        source: Its chat template; default: our own. None: there is none, and dialogues are refused.

    Raises:
        BrokenModelError: The tokenizer lacks a token that our template or the end of a text needs.
        ChatTemplateError: The template is not valid.
    """

    def __init__(self, tokens: Tokens, source: str | None = CHAT_TEMPLATE) -> None:
        self._tokens = tokens
        for token in (TURN_START, TURN_END) if source == CHAT_TEMPLATE else ():
            tokens.require(token)
        has_own = tokens.id_of(END_OF_TEXT) is not None
        self.end_of_text = tokens.require(
            END_OF_TEXT if has_own else tokens.named.get("eos_token", END_OF_TEXT)
        )
        self._template = None if source is None else ChatTemplate(source, tokens)

    @classmethod
    def of_folder(cls, path: Path) -> Renderer:
        """Make the renderer of a model folder, with its own template if it has one.

        Raises:
            ModelError: The folder has no usable tokenizer or template.
        """
        try:
            tokens, source = load_tokens(path), template_source(path)
            ours = None not in map(tokens.id_of, (TURN_START, TURN_END))
            return cls(tokens, source or (CHAT_TEMPLATE if ours else None))
        except ChatTemplateError as error:
            raise BrokenModelError("{name}: {reason}", name=path.name, reason=error) from error

    @property
    def template(self) -> ChatTemplate:
        """The chat template.

        Raises:
            NoChatTemplateError: There is none.
        """
        if self._template is None:
            raise NoChatTemplateError(
                "this tokenizer has neither a chat template nor the tokens {start} and {end}, so dialogues "
                "cannot be trained on; train on plain text, or put a chat_template.jinja beside it",
                start=TURN_START,
                end=TURN_END,
            )
        return self._template

    @property
    def end_ids(self) -> frozenset[int]:
        """Tokens that end a reply or a text."""
        turn = self._template.end_of_turn if self._template else None
        return frozenset({self.end_of_text} if turn is None else {self.end_of_text, turn})

    def render(self, record: Record) -> Rendered:
        """Render a text, or a dialogue, closed by the end-of-text token."""
        if record.messages:
            return self.render_messages(record.messages)
        ids = [*self._tokens.encode_once(record.text), self.end_of_text]
        return Rendered(ids, [True] * len(ids))

    def render_messages(self, messages: Sequence[Message]) -> Rendered:
        """Render a dialogue; the mask has the assistant's words and the end of each of its turns."""
        found = self.template.render(messages)
        return Rendered([*found.ids, self.end_of_text], [*found.mask, False])
