"""Constrained decoding: a grammar masks the logits, so that a reply always has the form asked for.

The automaton is llguidance's (MIT, no dependencies): it compiles a schema in milliseconds and costs some
microseconds a token. Its helper for torch compiles kernels at run time (seconds on a CPU), so its bit masks
are unpacked with numpy here. The end of the reply is part of the form: an end token is allowed only where the
grammar accepts.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from aigc_tui.inference.tokens import Tokens
from aigc_tui.inference.types import Grammar, GrammarKind
from aigc_tui.message import AppError, Message, message
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer

_COMPACT = {"whitespace_flexible": False, "json_allowed_escapes": '"\\'}
"""No blanks between the parts of JSON, and no escapes but the two that text needs: left free, weak models
spend all of their tokens on blanks, line ends and `\\u0020`. A schema's own `x-guidance` goes before this."""


_NOT_COMPILED = message("the grammar cannot be compiled")


class GrammarError(AppError):
    """A grammar cannot be compiled, or its automaton gave up."""


class Grammars:
    """Compiles grammars for one tokenizer.

    Args:
        tokens: The model's tokenizer.
        ends: Tokens that end a reply.
    """

    def __init__(self, tokens: Tokens, ends: frozenset[int]) -> None:
        self._tokens = tokens
        self._ends = ends
        self._lexicon: LLTokenizer | None = None
        self._tried = False

    def guide(self, grammar: Grammar) -> Guide | None:
        """Begin a reply of this form.

        Returns:
            None where nothing can guide it: llguidance is not installed or does not know the kind of
            tokenizer. The reply is then free, and its reader must be strict.

        Raises:
            GrammarError: The grammar cannot be compiled.
        """
        lexicon = self._prepared()
        if lexicon is None:
            return None
        from llguidance import LLMatcher

        return Guide(LLMatcher(lexicon, _source(grammar), log_level=0))

    def _prepared(self) -> LLTokenizer | None:
        """Sort the vocabulary into a tree of bytes, once: up to a second for the largest ones."""
        if not self._tried:
            self._tried = True
            try:
                from llguidance import LLTokenizer

                ends = sorted(id_ for id_ in self._ends if self._tokens.has(id_))
                self._lexicon = LLTokenizer(self._tokens.spelling(), eos_token=ends)
            except (ImportError, ValueError, TypeError) as error:
                print(f"grammars are off: {one_line(str(error), 200)}", file=sys.stderr, flush=True)
        return self._lexicon


class Guide:
    """The grammar's place in one reply.

    Args:
        matcher: llguidance's automaton; it is this reply's alone.

    Raises:
        GrammarError: The grammar could not be compiled.
    """

    def __init__(self, matcher: LLMatcher) -> None:
        self._matcher = matcher
        self._check(_NOT_COMPILED)

    @property
    def over(self) -> bool:
        """Whether the form is complete, so that only the end may follow."""
        return bool(self._matcher.is_stopped())

    def masked(self, logits: Tensor) -> Tensor:
        """Rule out the tokens that the form does not allow next.

        Args:
            logits: Shape (V,). V may exceed the vocabulary (padded weights); the rest is ruled out, too.

        Raises:
            GrammarError: The automaton gave up, or no token may come.
        """
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        self._check(message("the grammar's automaton gave up"))
        known = np.unpackbits(bits, bitorder="little")[: logits.shape[-1]]
        if not known.any():
            raise GrammarError("the grammar allows no token of this model's vocabulary")
        banned = torch.ones(logits.shape[-1], dtype=torch.bool)
        banned[: len(known)] = torch.from_numpy(known == 0)
        return logits.masked_fill(banned, float("-inf"))

    def take(self, token: int) -> None:
        """Go on behind the token that was drawn.

        Raises:
            GrammarError: The form does not allow it.
        """
        self._matcher.consume_token(token)
        self._check(message("the reply left its grammar"))

    def forced(self) -> list[int]:
        """Take the tokens that can only come next (names of fields, brackets): nobody needs to draw them."""
        tokens: list[int] = self._matcher.compute_ff_tokens()
        for token in tokens:
            self.take(token)
        return tokens

    def _check(self, what: Message) -> None:
        if self._matcher.is_error():
            reason = one_line(str(self._matcher.get_error()), 300)
            raise GrammarError("{what}: {reason}", what=what, reason=reason)


def _source(grammar: Grammar) -> str:
    from llguidance import LLMatcher

    try:
        if grammar.kind is GrammarKind.LARK:
            return str(LLMatcher.grammar_from_lark(grammar.text))
        if grammar.kind is GrammarKind.REGEX:
            return str(LLMatcher.grammar_from_regex(grammar.text))
        return str(LLMatcher.grammar_from_json_schema(_schema(grammar.text), defaults=_COMPACT))
    except ValueError as error:
        reason = one_line(str(error), 300)
        raise GrammarError("{what}: {reason}", what=_NOT_COMPILED, reason=reason) from error


def _schema(text: str) -> dict[str, Any]:
    schema = json.loads(text)
    if not isinstance(schema, dict):
        raise ValueError("a JSON schema must be an object")
    return schema
