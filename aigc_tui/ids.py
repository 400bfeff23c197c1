"""Identifiers and times of the store: UUIDv7 strings and UTC ISO-8601 with milliseconds.

Why it exists: rows are sorted by id and by time in several places, so both must be made in one way.
"""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime

_FRACTION_BITS = 12


def utc_now() -> str:
    """Return the time now as ``2026-11-23T18:56:11.042Z``; such strings sort as times do."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def uuid7() -> str:
    """Make a UUIDv7 string: sorted by time, unique by 62 random bits.

    The 12 bits after the milliseconds hold the fraction of the millisecond, so that ids made one after the
    other sort in that order without any shared counter (RFC 9562, section 6.2, method 3).
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << _FRACTION_BITS) // 1_000_000
    noise = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    value = (milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | noise
    return str(uuid.UUID(int=value))
