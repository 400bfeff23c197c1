"""Runs a chat template, which is a stranger's program, in a sandbox with limits.

transformers' renderer would do, but importing transformers costs seconds before the first word. This one has
the same meaning (tests compare them) and adds a deadline and a memory cap: a sandbox stops a template from
reaching out, not from looping for ever (engine-safety A9).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Any

from jinja2 import Template, TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from aigc_tui.message import AppError
from aigc_tui.text import one_line

MAX_SOURCE = 2**18
"""Characters of the longest template accepted; the longest in use have some 20,000."""
MAX_OUTPUT = 2**24
MAX_SECONDS = 5.0
MAX_MEMORY = 2**29
"""Bytes that rendering may add to the process."""


class ChatTemplateError(AppError):
    """A chat template cannot be compiled, refuses messages, changes their words, or exceeds its limits."""


class _Generation(Extension):
    """`{% generation %} ... {% endgeneration %}` marks what to train on; it renders as is."""

    tags = {"generation"}  # noqa: RUF012  (jinja2 reads a class attribute of this type)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Sandbox(ImmutableSandboxedEnvironment):
    """jinja's sandbox without powers: 9**(9**9) is one operation, which no deadline can interrupt."""

    intercepted_binops = frozenset({"**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        raise TemplateError(f"{operator} is not allowed in a chat template")


def _tojson(value: Any, ensure_ascii: bool = False, indent: int | None = None, **options: Any) -> str:
    """As transformers': without jinja's escaping of HTML."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, **options)


def _raise(message: str) -> str:
    raise TemplateError(message)


def _now(form: str) -> str:
    return datetime.now().strftime(form)


def compile_template(source: str) -> Template:
    """Compile a chat template in the sandbox, with the semantics of transformers.

    Raises:
        ChatTemplateError: It is too long or not valid.
    """
    if len(source) > MAX_SOURCE:
        raise ChatTemplateError("the chat template is longer than {limit:,} characters", limit=MAX_SOURCE)
    environment = _Sandbox(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_Generation, loopcontrols],
        # Constants are not computed while compiling, where neither time nor memory is limited: 9**(9**9).
        optimized=False,
    )
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = _now
    try:
        return environment.from_string(source)
    except (TemplateError, RecursionError) as error:
        raise ChatTemplateError(
            "the chat template is not valid: {reason}", reason=one_line(str(error))
        ) from error


def render(template: Template, variables: Mapping[str, Any]) -> str:
    """Render under limits of time, memory and size.

    Raises:
        ChatTemplateError: The template refuses the messages (`raise_exception`), fails, or exceeds a limit.
    """
    try:
        with _deadline(MAX_SECONDS), _memory_cap(MAX_MEMORY):
            return _join(template.generate(**variables))
    except ChatTemplateError:
        raise
    except MemoryError:
        raise ChatTemplateError("the chat template takes too much memory") from None
    except Exception as error:  # a template can fail in any way that Python can
        reason = one_line(str(error) or type(error).__name__)
        raise ChatTemplateError("the chat template refuses the messages: {reason}", reason=reason) from error


def _join(chunks: Iterator[str]) -> str:
    parts, length = [], 0
    for chunk in chunks:
        length += len(chunk)
        if length > MAX_OUTPUT:
            raise ChatTemplateError(
                "the chat template writes more than {limit:,} characters", limit=MAX_OUTPUT
            )
        parts.append(chunk)
    return "".join(parts)


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Interrupt this thread's Python code after a while.

    A trace function sees every line that the template runs, even in a loop that writes nothing; a signal
    would reach only the main thread, and an exception sent from another thread may come too late.
    """
    end = time.monotonic() + seconds

    def check(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > end:
            raise ChatTemplateError(
                "the chat template runs for longer than {seconds:g} seconds", seconds=seconds
            )
        return check

    previous = sys.gettrace()
    sys.settrace(check)
    try:
        yield
    finally:
        sys.settrace(previous)


@contextmanager
def _memory_cap(extra: int) -> Iterator[None]:
    """Let the process grow by so many bytes only, where the system can say so (Linux)."""
    try:
        import resource

        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = used + extra if hard == resource.RLIM_INFINITY else min(used + extra, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
