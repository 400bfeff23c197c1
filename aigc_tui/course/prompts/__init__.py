"""Prompt learning: ask a language model for a label in words, or behind trained vectors."""
