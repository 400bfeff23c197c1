"""Tiny models made once a session."""

from __future__ import annotations

from tests.support.model_fixtures import ModelMaker, tiny

__all__ = ["ModelMaker", "tiny"]
