"""aigc-tui: persona chat in the terminal, run by a local Transformer that the user can open up and train."""

from __future__ import annotations

__version__ = "0.1.0"
