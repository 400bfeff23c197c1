"""Tiny models made once a session."""

from __future__ import annotations

from tests.support.model_fixtures import ModelMaker, tiny
from tests.support.tiny_recipe import tiny_yaml, tokenizer

__all__ = ["ModelMaker", "tiny", "tiny_yaml", "tokenizer"]
