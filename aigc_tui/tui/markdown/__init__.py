"""Markdown to styled Content: what the transcript and the help pages are drawn from."""

from __future__ import annotations

from aigc_tui.tui.markdown.document import CodeBlock, Document, Flow, Line
from aigc_tui.tui.markdown.render import MarkdownRenderer, literal

__all__ = ["CodeBlock", "Document", "Flow", "Line", "MarkdownRenderer", "literal"]
