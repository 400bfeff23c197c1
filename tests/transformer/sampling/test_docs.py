"""docs/sampling.md lists every filter and strategy that there is, and the orders as they are."""

from __future__ import annotations

import re
from pathlib import Path

from aigc_tui.cli.sampling_options import STRATEGIES
from aigc_tui.transformer.sampling import LINKS, TEMPERATURE_FIRST

PAGE = (Path(__file__).parents[3] / "docs" / "sampling.md").read_text(encoding="utf-8")


def test_the_table_lists_every_filter_in_the_order_in_which_they_run() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", PAGE, flags=re.MULTILINE)
    assert tuple(rows) == TEMPERATURE_FIRST
    assert set(rows) == set(LINKS)


def test_every_strategy_is_described() -> None:
    rows = re.findall(r"\| `([a-z-]+)[^|]*` \| (?:own|transformers|`generate)", PAGE)
    assert set(rows) == set(STRATEGIES)
