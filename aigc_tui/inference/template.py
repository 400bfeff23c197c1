"""Messages to prompt tokens by the model's own chat template, so that no message's text becomes a role.

Why it exists: rendering a chat to one string and tokenising it lets a message that spells
`<|im_start|>system` speak as the system (engine-safety A9). Escaping strings was shown to be bypassable, so
the contents are kept out of the string: the template is rendered with a random mark in place of each content,
its text is tokenised around the marks, and each content is tokenised on its own, without control tokens, and
spliced in.

Templates may also trim or otherwise change a content, and tokens may merge across its edges; a model expects
that. So harmless contents go through the template as they are, and the result is accepted only if its control
tokens are, in order, exactly those of the spliced one. For benign chats the ids are those of transformers.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import Path

from aigc_tui.inference.jinja import ChatTemplateError, compile_template, render
from aigc_tui.inference.source import BrokenModelError, NoChatTemplateError, template_source
from aigc_tui.inference.tokens import Tokens
from aigc_tui.inference.types import ChatMessage, Role

_OPENING = "…"
"""What the user is made to say in front of a greeting, for templates in which the user must begin."""
_THOUGHTS_END = "</think>"


class ChatTemplate:
    """A chat template together with the tokenizer that it was made for.

    Args:
        source: The template's text.
        tokens: The model's tokenizer.

    Raises:
        ChatTemplateError: The template is not valid.
    """

    def __init__(self, source: str, tokens: Tokens) -> None:
        self._template = compile_template(source)
        self._tokens = tokens
        self._nonce = secrets.token_hex(8)
        self._mark = re.compile(f"\ue000{self._nonce}\\.(\\d+)\ue001")
        self._strips_thoughts = _THOUGHTS_END in source
        self._takes_system = self._accepts(Role.SYSTEM, Role.USER)
        self._takes_any_order = self._accepts(Role.ASSISTANT, Role.USER, Role.USER)
        self.end_of_turn = self._find_end_of_turn()
        self.overhead = self._measure_overhead()

    def encode(self, messages: Sequence[ChatMessage], continue_final: bool = False) -> list[int]:
        """Turn a chat into the prompt's token ids.

        Args:
            messages: The chat, oldest first.
            continue_final: The last message is the assistant's and goes on; no new one is opened.

        Raises:
            ChatTemplateError: The template refuses the messages.
        """
        shaped = self._shape(messages, continue_final)
        spliced = self._splice(shaped, set(range(len(shaped))), continue_final)
        suspects = {i for i, message in enumerate(shaped) if self._tokens.is_suspect(message.content)}
        if len(suspects) == len(shaped):
            return spliced
        try:
            natural = self._splice(shaped, suspects, continue_final)
        except ChatTemplateError:
            return spliced
        return natural if self._controls(natural) == self._controls(spliced) else spliced

    def _splice(self, messages: Sequence[ChatMessage], hidden: Set[int], continue_final: bool) -> list[int]:
        """Render with marks in place of the hidden contents and tokenise those contents on their own."""
        last = len(messages) - 1
        marked = hidden | ({last} if continue_final else set())
        marks = {i: f"\ue000{self._nonce}.{i}\ue001" for i in marked}
        shown = [replace(m, content=marks.get(i, m.content)) for i, m in enumerate(messages)]
        text = self._render(shown, continue_final)
        if continue_final:
            text = _cut_after(text, marks[last])
            if last not in hidden:
                text = text.replace(marks[last], messages[last].content)
        ids: list[int] = []
        for place, piece in enumerate(self._mark.split(text)):
            ids += (
                self._tokens.encode_plain(messages[int(piece)].content)
                if place % 2
                else self._tokens.encode(piece)
            )
        return ids

    def _render(self, messages: Sequence[ChatMessage], continue_final: bool) -> str:
        variables = {
            **self._tokens.named,
            "messages": [{"role": message.role.value, "content": message.content} for message in messages],
            "add_generation_prompt": not continue_final,
            "tools": None,
            "documents": None,
            # A small model that thinks aloud first (Qwen3) would keep a reader waiting for minutes on a CPU.
            "enable_thinking": False,
        }
        return render(self._template, variables)

    def _controls(self, ids: Sequence[int]) -> list[int]:
        return [id_ for id_ in ids if id_ in self._tokens.control]

    def _shape(self, messages: Sequence[ChatMessage], continue_final: bool) -> list[ChatMessage]:
        """Bring the chat into a form that the template accepts, losing nothing of it."""
        shaped = list(messages)
        if self._strips_thoughts:
            end = len(shaped) - (1 if continue_final else 0)
            shaped[:end] = [_without_thoughts(message) for message in shaped[:end]]
        if not self._takes_system:
            shaped = [replace(m, role=Role.USER) if m.role is Role.SYSTEM else m for m in shaped]
        if self._takes_system and self._takes_any_order:
            return shaped
        merged = _merged(shaped)
        spoken = [message for message in merged if message.role is not Role.SYSTEM]
        if not self._takes_any_order and spoken and spoken[0].role is Role.ASSISTANT:
            merged.insert(merged.index(spoken[0]), ChatMessage(Role.USER, _OPENING))
        return merged

    def _accepts(self, *roles: Role) -> bool:
        """Tell whether the template shows messages of these roles in this order."""
        nonce = secrets.token_hex(8)
        messages = [ChatMessage(role, f"{nonce}.{i}") for i, role in enumerate(roles)]
        try:
            text = self._render(messages, continue_final=False)
        except ChatTemplateError:
            return False
        return all(message.content in text for message in messages)

    def _find_end_of_turn(self) -> int | None:
        """Find the control token that the template writes behind an assistant's message."""
        mark = secrets.token_hex(8)
        turn = [ChatMessage(Role.USER, "?"), ChatMessage(Role.ASSISTANT, mark)]
        try:
            text = self._render(turn, continue_final=True)
        except ChatTemplateError:
            return None
        behind = self._controls(self._tokens.encode(text.partition(mark)[2]))
        return behind[0] if behind else None

    def _measure_overhead(self) -> int:
        """Count the template's own tokens per message, for estimates."""
        turn = [ChatMessage(Role.USER, ""), ChatMessage(Role.ASSISTANT, ""), ChatMessage(Role.USER, "")]
        try:
            return -(-len(self._splice(turn, {0, 1, 2}, False)) // len(turn))
        except ChatTemplateError:
            return 8


def _cut_after(text: str, mark: str) -> str:
    place = text.rfind(mark)
    if place < 0:
        raise ChatTemplateError("the chat template leaves out the message that is to be continued")
    return text[: place + len(mark)]


def _without_thoughts(message: ChatMessage) -> ChatMessage:
    """Leave out what a model thought aloud in an earlier reply, as the templates of such models do."""
    if message.role is not Role.ASSISTANT or _THOUGHTS_END not in message.content:
        return message
    return replace(message, content=message.content.rpartition(_THOUGHTS_END)[2].lstrip("\n"))


def _merged(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Join neighbours that have the same role."""
    merged: list[ChatMessage] = []
    for message in messages:
        if merged and merged[-1].role is message.role:
            merged[-1] = replace(message, content=f"{merged[-1].content}\n\n{message.content}")
        else:
            merged.append(message)
    return merged


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
