"""Measure language models: one file a measure, with its formula (docs/evaluation.md)."""

from aigc_tui.process.environment import share_the_cores

share_the_cores()
