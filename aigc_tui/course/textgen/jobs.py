"""Start a text generator's work as a process of its own; never imports torch.

Samples appear as they are written; the interactive mode goes on asking the same child.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aigc_tui.message import message
from aigc_tui.process.runner import GRACE_SECONDS, Child

Answer = dict[str, Any]
_SAVING_SECONDS = 60.0
"""How long a training that is told to end may take to keep what it has learnt."""


def events(request: Mapping[str, Any]) -> Iterator[Answer]:
    """Run a request and yield what the child tells, as it tells it.

    Args:
        request: ``do`` names the work; see `__main__.py` for the rest.

    Raises:
        JobError: It failed; the message is one line that says why.
    """
    with conversation(request) as child:
        yield from child.answers()


@contextmanager
def conversation(request: Mapping[str, Any]) -> Iterator[Child]:
    """Start a child with its first request; it is gone when the block is left."""
    trains = request.get("do") == "train"
    with Child(
        "course.textgen",
        name=message("the text generator"),
        ctrl_c=trains,
        grace=_SAVING_SECONDS if trains else GRACE_SECONDS,
    ) as child:
        child.send(dict(request))
        yield child
