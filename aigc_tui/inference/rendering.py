"""Turn a record into token ids, and mark which of them a chat model should learn to say.

Content is encoded with special tokens split, so that no text of the corpus becomes a role or an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from aigc_tui.corpora.records import Message, Record
from aigc_tui.transformer.tokenizer import END_OF_TEXT, TURN_END, TURN_START


@dataclass(frozen=True, slots=True)
class Rendered:
    """Token ids of one record; ``spoken[i]`` says whether token i is the assistant's own."""

    ids: list[int]
    spoken: list[bool]


class Renderer:
    """Renders records in the form of our chat template (tested to be the same ids)."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Take over ``tokenizer``: from here on it splits special tokens found in text."""
        tokenizer.encode_special_tokens = True
        self._tokenizer = tokenizer
        self.end_of_text, self.turn_start, self.turn_end = (
            special_id(tokenizer, token) for token in (END_OF_TEXT, TURN_START, TURN_END)
        )
        self._newline = self._encode("\n")

    def render(self, record: Record) -> Rendered:
        """Render a text, or a dialogue, closed by the end-of-text token."""
        if not record.messages:
            ids = [*self._encode(record.text), self.end_of_text]
            return Rendered(ids, [True] * len(ids))
        return self.render_messages(record.messages)

    def render_messages(self, messages: Sequence[Message]) -> Rendered:
        """Render a dialogue; spoken are the assistant's words and the end of each of its turns."""
        ids: list[int] = []
        spoken: list[bool] = []
        for message in messages:
            head = [self.turn_start, *self._encode(message.role + "\n")]
            body = [*self._encode(message.content.strip()), self.turn_end]
            ids += head + body + self._newline
            own = message.role == "assistant"
            spoken += [False] * len(head) + [own] * len(body) + [False] * len(self._newline)
        return Rendered([*ids, self.end_of_text], [*spoken, False])

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids


def byte_lengths(tokenizer: Tokenizer) -> list[int]:
    """Bytes of text that each token stands for; special tokens stand for none."""
    special = {id_ for id_, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    size = tokenizer.get_vocab_size()
    return [0 if i in special else len(tokenizer.id_to_token(i) or "") for i in range(size)]


def special_id(tokenizer: Tokenizer, token: str) -> int:
    """Return the id of a special token.

    Raises:
        ValueError: The tokenizer does not have it.
    """
    found = tokenizer.token_to_id(token)
    if found is None:
        raise ValueError(f"the tokenizer has no {token!r}")
    return int(found)
