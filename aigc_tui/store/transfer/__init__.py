"""Conversations out to files and back: md, json, jsonl and html out; our own, ChatGPT's and Markdown in.

Every file that comes in is untrusted until it has passed the caps and `clean`.
"""

from __future__ import annotations

from aigc_tui.store.transfer.export import export_html, export_json, export_jsonl, export_md
from aigc_tui.store.transfer.importer import ImportReport, import_file

__all__ = ["ImportReport", "export_html", "export_json", "export_jsonl", "export_md", "import_file"]
