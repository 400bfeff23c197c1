"""Messages from a file in an order in which they can be stored: every parent before its children.

Why it exists: files name parents by ids of their own, in any order, sometimes wrongly, sometimes in a circle.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aigc_tui.store.transfer.draft import DraftMessage


@dataclass(frozen=True, slots=True)
class Node:
    """A message with the file's own ids. A parent that no node bears makes it a root."""

    id: str
    parent: str
    order: int
    message: DraftMessage


def in_order(nodes: Sequence[Node]) -> list[Node]:
    """Sort nodes by their order, but none before its parent; those in a circle are left out.

    Of the nodes whose parents have been placed, the one of smallest order comes next (Kahn's algorithm).
    """
    known = {node.id for node in nodes}
    waiting: dict[str, list[int]] = {}
    ready: list[tuple[int, int]] = []
    for place, node in enumerate(nodes):
        if node.parent in known:
            waiting.setdefault(node.parent, []).append(place)
        else:
            ready.append((node.order, place))
    heapq.heapify(ready)
    ordered: list[Node] = []
    while ready:
        node = nodes[heapq.heappop(ready)[1]]
        ordered.append(node)
        for place in waiting.pop(node.id, ()):
            heapq.heappush(ready, (nodes[place].order, place))
    return ordered


def as_messages(nodes: Sequence[Node]) -> list[DraftMessage]:
    """Turn ordered nodes into messages that name their parents by place."""
    places: dict[str, int] = {}
    messages: list[DraftMessage] = []
    for node in nodes:
        messages.append(replace(node.message, parent=places.get(node.parent)))
        places[node.id] = len(messages) - 1
    return messages


def place_of(nodes: Sequence[Node], node_id: str) -> int | None:
    """Where a node stands, or None."""
    return next((place for place, node in enumerate(nodes) if node.id == node_id), None)
