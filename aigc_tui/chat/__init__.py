"""The conversation core that both front ends drive: what sending, editing, regenerating and continuing mean.

It knows the store, the engine protocol and personas, and nothing of Textual or of the command line.
"""

from __future__ import annotations

from aigc_tui.chat.service import ChatService
from aigc_tui.chat.turn import Turn

__all__ = ["ChatService", "Turn"]
