"""Who may see whom: the mask of a forward pass, made once and used by every layer.

A causal model may not look ahead; a sliding window forbids looking far back, too (Mistral 7B,
arXiv:2310.06825, section 2); documents packed into one row must not see each other at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class View:
    """What the queries of one forward pass may see.

    Args:
        mask: True where a query may look, broadcastable to (B, H, T, ``keys``); None: no table needed.
        causal: With no table: whether a query sees only itself and what is before it, else it sees all.
        keys: How many of the last keys count; those before are out of every query's sight.
        total: How many keys there are in all.
    """

    mask: Tensor | None
    causal: bool
    keys: int
    total: int


def causal_mask(queries: int, keys: int, device: torch.device | None = None) -> Tensor:
    """Return the (queries, keys) table of who may see whom, True for yes.

    The last query stands at the last key; with a cache there are more keys than queries.
    """
    table = torch.ones(queries, keys, dtype=torch.bool, device=device)
    return table.tril(diagonal=keys - queries)


def window_mask(queries: int, keys: int, window: int, device: torch.device | None = None) -> Tensor:
    """Return the causal table in which a query sees at most ``window`` keys, itself included."""
    return causal_mask(queries, keys, device).triu(diagonal=keys - queries - window + 1)


def causal_view(
    length: int,
    start: int = 0,
    window: int | None = None,
    segments: Tensor | None = None,
    device: torch.device | None = None,
) -> View:
    """Return what ``length`` new tokens see behind ``start`` earlier ones.

    No table is made where none is needed, since the fused kernels are faster without one: a prompt read
    from the beginning is plainly causal, and a single new token sees everything that is left.

    Args:
        length: New tokens (T).
        start: Earlier tokens, kept in a cache.
        window: Keys that a query sees at most; None: all.
        segments: Document number of each token (B, T) of a packed row; only with ``start`` 0.
        device: Where the table is needed.
    """
    total = start + length
    keys = total if window is None else min(total, window + length - 1)
    narrow = window is not None and total > window
    if segments is not None:
        same = segments[:, None, :, None] == segments[:, None, None, :]
        return View(same & _table(length, keys, window, segments.device), False, keys, total)
    if length == 1:
        return View(None, False, keys, total)
    if start == 0 and not narrow:
        return View(None, True, keys, total)
    return View(_table(length, keys, window if narrow else None, device), False, keys, total)


def open_view(keys: int, mask: Tensor | None = None) -> View:
    """Return the view of a model that reads in both directions, such as BERT.

    Args:
        keys: Keys there are (S).
        mask: True at real tokens, False at padding, (B, S); None: all are real.
    """
    return View(None if mask is None else mask[:, None, None, :].bool(), False, keys, keys)


def _table(queries: int, keys: int, window: int | None, device: torch.device | None) -> Tensor:
    if window is None:
        return causal_mask(queries, keys, device)
    return window_mask(queries, keys, window, device)
