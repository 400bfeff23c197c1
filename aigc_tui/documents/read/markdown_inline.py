"""The inside of a Markdown paragraph: emphasis, links, code and formulas, in one pass.

CommonMark's full rules for emphasis need look-ahead that hostile text turns into hours; these take the first
opener that fits (CommonMark 0.31, 6.2, simplified), and every pattern is bounded.
"""

from __future__ import annotations

import html
import re

from aigc_tui.documents.blocks import Mark, Rich

_TOKEN = re.compile(
    r"""(?P<escape>\\[!-/:-@\[-`{-~])
    |(?P<code>`{1,2}[^`\n]{1,500}`{1,2})
    |(?P<image>!\[[^\[\]\n]{0,300}\]\([^()\n]{0,800}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\))
    |(?P<note>\[\^[^\[\]\n]{1,40}\])
    |(?P<link>\[(?P<label>[^\[\]]{1,400})\](?:\([^()\n]{0,800}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)|\[[^\[\]\n]{0,80}\]))
    |(?P<auto><(?P<address>(?:https?://|mailto:)[^<>\s]{1,500})>)
    |(?P<tag></?[a-zA-Z][^<>]{0,500}>)
    |(?P<math>\$(?P<formula>[^\s$](?:[^$\n]{0,200}[^\s$\\])?)\$(?!\d))
    |(?P<entity>&(?:[a-zA-Z]{2,20}|\#\d{1,6}|\#[xX][0-9a-fA-F]{1,6});)
    |(?P<run>\*{1,3}|_{1,3})""",
    re.VERBOSE,
)
_BREAK_TAG = re.compile(r"<br\b", re.IGNORECASE)
_BOLD_TAG = re.compile(r"<(/?)(?:b|strong)\s*>", re.IGNORECASE)
_ITALIC_TAG = re.compile(r"<(/?)(?:i|em)\s*>", re.IGNORECASE)
_TEX = re.compile(r"\\(?:mathrm|text|mathbf|vec|operatorname)\s?\{([^{}]{1,60})\}")
_WORD_OF_TEX = {
    r"\times": "×",
    r"\cdot": "·",
    r"\rho": "ρ",
    r"\Delta": "Δ",
    r"\pi": "π",
    r"\le": "≤",
    r"\ge": "≥",
}


class _Inline:
    """What was read so far: pieces of text, and which of them are emphasised."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.spans: list[tuple[int, int, bool]] = []
        self.openers: dict[str, int] = {}

    def toggle(self, run: str, can_open: bool, can_close: bool) -> None:
        """An emphasis mark: closes the one that is open, or opens, or is just a character."""
        opened = self.openers.get(run)
        if can_close and opened is not None:
            self.close(run)
        elif can_open:
            self.openers[run] = len(self.pieces)
            self.pieces.append(run)
        else:
            self.pieces.append(run)

    def close(self, run: str) -> None:
        opened = self.openers.pop(run)
        self.pieces[opened] = ""
        self.spans.append((opened, len(self.pieces), len(run) >= 2))


def inline(text: str) -> tuple[str, tuple[Mark, ...]]:
    """Read a paragraph's marks: give its text without them, tidied, and its emphases."""
    state, at = _Inline(), 0
    for match in _TOKEN.finditer(text):
        state.pieces.append(text[at : match.start()])
        _token(state, match, text)
        at = match.end()
    state.pieces.append(text[at:])
    return _emphasised(state)


def _token(state: _Inline, match: re.Match[str], text: str) -> None:
    match match.lastgroup:
        case "run":
            _run(state, match, text)
        case "tag":
            _tag(state, match[0])
        case "link":
            _link(state, match["label"])
        case "image" | "note":
            pass
        case _:
            state.pieces.append(_plain(match))


def _plain(match: re.Match[str]) -> str:
    if match["escape"]:
        return match[0][1:]
    if match["code"]:
        return match[0].strip("`")
    if match["auto"]:
        return match["address"]
    if match["math"]:
        return plain_formula(match["formula"])
    return html.unescape(match[0]) if match["entity"] else match[0]


def plain_formula(formula: str) -> str:
    """A short formula inside a sentence, as near to plain text as its TeX allows."""
    text = _TEX.sub(r"\1", formula)
    for tex, sign in _WORD_OF_TEX.items():
        text = re.sub(re.escape(tex) + r"(?![a-zA-Z])", sign, text)
    return text.strip()


def _link(state: _Inline, label: str) -> None:
    """A link's words stay; emphasis inside them counts."""
    for part in re.split(r"(\*{1,3}|__)", label):
        if part and not part.strip("*_"):
            state.toggle(part, can_open=True, can_close=True)
        else:
            state.pieces.append(part)


def _tag(state: _Inline, tag: str) -> None:
    if _BREAK_TAG.match(tag):
        state.pieces.append("\n")
    for pattern, run in ((_BOLD_TAG, "<b>"), (_ITALIC_TAG, "<")):
        if (found := pattern.match(tag)) is None:
            continue
        if found[1] and run in state.openers:
            state.close(run)
        elif not found[1]:
            state.openers[run] = len(state.pieces)
            state.pieces.append("")


def _run(state: _Inline, match: re.Match[str], text: str) -> None:
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    can_open = bool(after.strip())
    can_close = bool(before.strip())
    if match[0][0] == "_":
        # snake_case is no emphasis.
        can_open = can_open and not before.isalnum()
        can_close = can_close and not after.isalnum()
    state.toggle(match[0], can_open, can_close)


def _emphasised(state: _Inline) -> tuple[str, tuple[Mark, ...]]:
    """Put the pieces together; where emphases overlap, bold wins."""
    bold, italic = [0] * (len(state.pieces) + 1), [0] * (len(state.pieces) + 1)
    for start, end, strong in state.spans:
        depth = bold if strong else italic
        depth[start] += 1
        depth[end] -= 1
    rich, strong_now, slanted_now = Rich(), 0, 0
    for place, piece in enumerate(state.pieces):
        strong_now += bold[place]
        slanted_now += italic[place]
        rich.add(piece, bold=strong_now > 0, italic=slanted_now > 0)
    return rich.done()
