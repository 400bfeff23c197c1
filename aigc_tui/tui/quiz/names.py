"""Catalogue keys for names in the data: types, levels, stages, formats.

The keys are spelled out so that a test can tell which texts are used and which are missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aigc_tui.locale import Translate

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "mc": "quiz.type_mc",
        "cloze": "quiz.type_cloze",
        "tf": "quiz.type_tf",
        "short": "quiz.type_short",
        "match": "quiz.type_match",
        "order": "quiz.type_order",
    }
)
"""Kinds of items."""
BLOOMS: Mapping[str, str] = MappingProxyType(
    {
        "remember": "quiz.bloom_remember",
        "understand": "quiz.bloom_understand",
        "apply": "quiz.bloom_apply",
        "analyze": "quiz.bloom_analyze",
        "evaluate": "quiz.bloom_evaluate",
        "create": "quiz.bloom_create",
    }
)
"""Levels of thinking."""
ORIGINS: Mapping[str, str] = MappingProxyType(
    {
        "rule": "quiz.origin_rule",
        "model": "quiz.origin_model",
        "human": "quiz.origin_human",
    }
)
"""Who made an item."""
FILTERS: Mapping[str, str] = MappingProxyType(
    {
        "all": "quiz.filter_all",
        "new": "quiz.filter_new",
        "accepted": "quiz.filter_accepted",
        "flawed": "quiz.filter_flawed",
    }
)
"""What the review may be narrowed to."""
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": "quiz.language_en",
        "zh": "quiz.language_zh",
    }
)
"""Languages of lessons."""
STEPS: Mapping[str, str] = MappingProxyType(
    {
        "accept": "quiz.did_accept",
        "delete": "quiz.did_delete",
        "restore": "quiz.did_restore",
        "edit": "quiz.did_edit",
        "add": "quiz.did_add",
        "lock": "quiz.did_lock",
        "unlock": "quiz.did_unlock",
        "move": "quiz.did_move",
        "regenerate": "quiz.did_regenerate",
        "swap": "quiz.did_swap",
        "remake": "quiz.did_remake",
    }
)
"""Steps that can be undone."""
FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "gift": "quiz.format_gift",
        "aiken": "quiz.format_aiken",
        "moodle-xml": "quiz.format_moodle-xml",
        "qti": "quiz.format_qti",
        "anki": "quiz.format_anki",
        "anki-text": "quiz.format_anki-text",
        "quizlet": "quiz.format_quizlet",
        "kahoot": "quiz.format_kahoot",
        "csv": "quiz.format_csv",
        "json": "quiz.format_json",
        "markdown": "quiz.format_markdown",
        "docx": "quiz.format_docx",
        "html": "quiz.format_html",
    }
)
"""Formats of export."""
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "explanation": "quiz.part_explanation",
        "feedback": "quiz.part_feedback",
        "accepted": "quiz.part_accepted",
        "source": "quiz.part_source",
        "tags": "quiz.part_tags",
    }
)
"""Parts of an item that a format may have no room for."""
ANSWERS: Mapping[str, str] = MappingProxyType(
    {
        "mc": "quiz.form_answers_mc",
        "cloze": "quiz.form_answers_cloze",
        "short": "quiz.form_answers_short",
        "tf": "quiz.form_answers_tf",
        "match": "quiz.form_answers_match",
        "order": "quiz.form_answers_order",
    }
)
"""What the lines of the form's answers mean, by the item's type."""


def worded(table: Mapping[str, str], name: str, t: Translate) -> str:
    """A name in the interface's language, or as it is where no words are known for it."""
    key = table.get(name)
    return name if key is None else t(key)
