"""What every format that a spreadsheet opens shares: cells that must not run.

Why it exists: a question that begins with `=HYPERLINK(...)` is a text, and a spreadsheet must take it for one
(CSV injection, CWE-1236). The mark is the spreadsheets' own: a leading apostrophe.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"'*\s*[=+\-@＝＋－＠|]")
"""What a spreadsheet may run, apostrophes before it included: those must survive a round trip, too."""


def marked(cell: str) -> str:
    """Mark a cell that a spreadsheet would run as text; `unmarked(marked(cell)) == cell` for every text."""
    return "'" + cell if _RUNS.match(cell) else cell


def unmarked(cell: str) -> str:
    """Take the mark off again."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell
