"""Which test files of the formats are for this machine."""

from __future__ import annotations

from tests.support.gift_pegjs import node

collect_ignore = [] if node() else ["test_gift_pegjs.py"]
