"""Measure language models: one file a measure, with its formula (docs/evaluation.md)."""
