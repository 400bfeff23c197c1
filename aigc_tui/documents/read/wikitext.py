"""Wikitext to text or blocks: no templates, tables, notes, files, categories or markup.

Half of a dump's bytes is markup. Most of it is removed by one linear scan or by exact regular expressions,
innermost first; only paragraphs that still hold markup go to mwparserfromhell, which is right about the rest
and a hundred times slower. Call it in a sandboxed process: hostile wikitext can keep any parser busy for
hours. Chinese Wikipedia writes a page in both scripts at once, ``-{zh-hans:软件;zh-hant:軟體}-``, and
converts it for each reader (https://zh.wikipedia.org/wiki/Help:高级字词转换语法); a dump holds the markup.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from aigc_tui.documents.blocks import Content, DocumentError, needs_package
from aigc_tui.documents.read.markdown import read_markdown

SIMPLIFIED = ("zh-hans", "zh-cn", "zh-sg", "zh-my", "zh")
TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh")

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_EMPTY_NOTE = re.compile(r"<ref\b[^<>]*/>", re.IGNORECASE)
_DROPPED_TAG = re.compile(
    r"<(ref|gallery|timeline|math|chem|score|imagemap|syntaxhighlight|source|table|references|templatestyles"
    r"|graph|mapframe|hiero|inputbox)\b[^<>]*>(?:(?!<\1\b).)*?</\1\s*>",
    re.IGNORECASE | re.DOTALL,
)
_SAID = re.compile(
    r"\{\{\s*(?:lang|nowrap|nobr|transl|transliteration|translit|big|small|abbr|tsl|link-[a-z]+|le|ill)\s*"
    r"\|(?:[a-z]{2,3}(?:-[A-Za-z]+)*\|)?([^{}|]{1,300})(?:\|[^{}]*)?\}\}",
    re.IGNORECASE,
)
_CONVERTED = re.compile(
    r"\{\{\s*(?:convert|cvt)\s*\|\s*([\d.,]+)\s*\|\s*([^{}|]{1,20})[^{}]*\}\}", re.IGNORECASE
)
_PARAMETER = re.compile(r"\{\{\{[^{}]*\}\}\}")
_BRACES = re.compile(r"\{\{|\}\}|^[ \t:]*\{\||^[ \t]*\|\}(?!\})", re.MULTILINE)
_LINK = re.compile(r"\[\[\s*:?([^\[\]|{}<>]{1,300})(?:\|([^\[\]{}]{0,2000}))?\]\]")
_HIDDEN_LINK = re.compile(
    r"^\s*(?:file|image|media|category|文件|檔案|档案|图像|圖像|媒体|媒體|分类|分類"
    # A language's code, in small letters and without a space: [[CSI: Miami]] is an article.
    r"|(?-i:[a-z]{2,3}(?:-[a-z]{2,8})*)(?=:\S))\s*:",
    re.IGNORECASE,
)
_OUTER_LINK = re.compile(r"\[(?:https?:|ftp:)?//[^\s\[\]<>]{1,2000}(?:\s+([^\[\]\n]{0,1000}))?\]")
_QUOTES = re.compile(r"'{2,5}")
_HEADING = re.compile(r"^(={1,6})[ \t]*(.+?)[ \t]*\1[ \t]*$", re.MULTILINE)
_PLAIN_TAG = re.compile(
    r"</?(?:ref|b|i|u|s|em|strong|small|big|sub|sup|span|div|p|center|font|nowiki|poem|blockquote|abbr|code|cite|var"
    r"|onlyinclude|includeonly|noinclude|section|ins|del|tt|q|kbd|samp)\b[^<>\n]*>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<(?:br|hr)\s*/?>", re.IGNORECASE)
_MAGIC = re.compile(r"__[A-Z]{3,20}__")
_LEFT_OVER = re.compile(r"\[\[|\]\]|\{\{|\}\}|\{\||<[a-zA-Z/]|''|\[https?:")
_BULLET = re.compile(r"^[*#:;]+[ \t]*", re.MULTILINE)
_DANGLING = re.compile(r"(?<=[(（])[ ,;，；、]{1,9}|[ ,;，；、]{1,9}(?=[)）])")
_EMPTY_BRACKETS = re.compile(r" ?[(（][ ,;，；、:：]{0,9}[)）]")
_BEFORE_MARK = re.compile(r" ([,.;:!?)，。；：！？）])")
_INDENT = re.compile(r"^ | $", re.MULTILINE)
_BLANK = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[ \t\xa0]+")
_APPENDIX = frozenset(
    (
        *("references", "external links", "see also", "further reading", "notes", "bibliography", "sources"),
        *("citations", "footnotes", "gallery", "参考文献", "參考文獻", "参考资料", "參考資料", "外部链接"),
        *("外部連結", "参见", "參見", "注释", "註釋", "扩展阅读", "延伸阅读", "延伸閱讀", "相关条目", "脚注"),
    )
)
_RULE = re.compile(r"-\{((?:[^{}-]|-(?!\{)|\{(?!-)|\}(?!-))*?)\}-")
_FLAGS = re.compile(r"^\s*([A-Z-](?:;[A-Z-])*|zh[a-z-]*(?:;zh[a-z-]*)*)\s*\|(.*)$", re.DOTALL)
_CHOICE = re.compile(r"(?:^|;)\s*(?:[^;:]{1,40}=>)?\s*(zh(?:-[a-z]+)?)\s*:\s*([^;]*)")
_HIDDEN = frozenset("HT-D")
_RULE_DEPTH = 4
"""Rules nest in practice no deeper than this; innermost ones are chosen first."""
_HEADING_LINE = re.compile(r"^(={1,6})[ \t]*([^=\n][^\n]{0,200}?)[ \t]*\1[ \t]*$", re.MULTILINE)
_BOLD = re.compile(r"'''([^'\n]{1,200})'''")
_ITALIC = re.compile(r"''([^'\n]{1,200})''")
_BULLETED = re.compile(r"^\*+[ \t]*", re.MULTILINE)
_NUMBERED = re.compile(r"^#+[ \t]*", re.MULTILINE)
_NESTING = 6
_MOST_BRACES = 200_000
_MOST_LEFT_OVER = 60
"""A paragraph with more broken marks than this is not worth a parser's backtracking."""


def to_text(wikitext: str, script: str = "simplified") -> str:
    """Turn a page's wikitext into paragraphs; headings stay as lines; `script`: simplified or traditional.

    Raises:
        DocumentError: It is built to waste time.
    """
    # Runs of spaces go first: patterns that end in spaces would otherwise try every one of them.
    text = _COMMENT.sub("", _SPACES.sub(" ", wikitext))
    text = _EMPTY_NOTE.sub("", text)
    for _ in range(_NESTING):
        text, changed = _DROPPED_TAG.subn("", text)
        if not changed:
            break
    text = choose_script(text, TRADITIONAL if script == "traditional" else SIMPLIFIED)
    text = _CONVERTED.sub(r"\1 \2", _SAID.sub(r"\1", text))
    text = _links(_without_braces(_PARAMETER.sub("", text)))
    text = _MAGIC.sub("", _BREAK.sub("\n", _PLAIN_TAG.sub("", _QUOTES.sub("", text))))
    blocks = (_parsed(block) for block in _sections(text).split("\n\n"))
    return _tidy(html.unescape("\n\n".join(blocks)))


def read_wikitext(text: str) -> Content:
    """Read a page's source into blocks, by way of Markdown: without templates both hold the same.

    Raises:
        DocumentError: It is built to waste time, or mwparserfromhell is missing and needed.
    """
    pieces = _HEADING_LINE.split(text.replace("\r\n", "\n"))
    parts = [_as_markdown(pieces[0])]
    for mark, title, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        parts += [f"{'#' * len(mark)} {_as_markdown(title)}", _as_markdown(body)]
    return read_markdown("\n\n".join(filter(None, parts)))


def _as_markdown(wikitext: str) -> str:
    marked = _ITALIC.sub(r"_\1_", _BOLD.sub(r"__\1__", wikitext))
    return to_text(_NUMBERED.sub("1. ", _BULLETED.sub("- ", marked)))


def _without_braces(text: str) -> str:
    """Take out ``{{...}}`` and ``{|...|}`` with what is nested in them, in one pass.

    An opening without an end stays (and goes to the parser), so one typo costs one paragraph at the most.
    """
    kept: list[str] = []
    stack: list[tuple[int, int, str]] = []
    spans: list[tuple[int, int]] = []
    for count, match in enumerate(_BRACES.finditer(text)):
        if count > _MOST_BRACES:
            raise DocumentError("the wikitext has more than {most} braces", most=_MOST_BRACES)
        mark = match[0].strip().lstrip(":")
        if mark in ("{|",) or mark.startswith("{{"):
            stack.append((match.start(), len(kept), "|" if mark == "{|" else "{"))
            continue
        kind = "|" if mark == "|}" else "{"
        if stack and stack[-1][2] == kind:
            start = stack.pop()[0]
            while spans and spans[-1][0] >= start:
                spans.pop()
            spans.append((start, match.end()))
    at = 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


def _links(text: str) -> str:
    """Replace links by their labels, innermost first, so that a picture's caption goes with the picture."""
    for _ in range(_NESTING):
        text, outer = _OUTER_LINK.subn(lambda match: match[1] or "", text)
        text, changed = _LINK.subn(_label, text)
        if not changed + outer:
            break
    return text


def _label(match: re.Match[str]) -> str:
    target, label = match[1], match[2]
    if _HIDDEN_LINK.match(target) and not match[0].lstrip("[ ").startswith(":"):
        return ""
    if label is None:
        return target.strip()
    # [[Paris (Texas)|]]: an empty label means the title without its brackets.
    return label.strip() or re.sub(r"\s*[(（,，].*$", "", target).strip()


def _parsed(block: str) -> str:
    marks = len(_LEFT_OVER.findall(block))
    if not marks:
        return block
    if marks > _MOST_LEFT_OVER:
        return _LEFT_OVER.sub("", block)
    try:
        import mwparserfromhell
    except ImportError:
        raise DocumentError(needs_package("Wikitext", "mwparserfromhell")) from None
    code = mwparserfromhell.parse(block)
    # What the parser cannot read either is no text: its marks would teach a model nonsense.
    return _LEFT_OVER.sub("", str(code.strip_code(normalize=True, collapse=True)))


def _sections(text: str) -> str:
    """Keep headings that have words under them, without their marks; drop appendices whole."""
    return "\n\n".join(_kept_sections(text))


def _kept_sections(text: str) -> Iterator[str]:
    pieces = _HEADING.split(text)
    yield pieces[0].strip()
    waiting: list[tuple[int, str]] = []
    hidden_below = 0
    for mark, title, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        level = len(mark)
        if hidden_below and level > hidden_below:
            continue
        hidden_below = level if title.strip().lower() in _APPENDIX else 0
        waiting = [(above, name) for above, name in waiting if above < level]
        if hidden_below:
            continue
        waiting.append((level, title.strip()))
        if body.strip():
            yield from (name for _, name in waiting)
            yield body.strip()
            waiting = []


def _tidy(text: str) -> str:
    text = _EMPTY_BRACKETS.sub("", _DANGLING.sub("", _BULLET.sub("", text)))
    text = _BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text))
    return _BLANK.sub("\n\n", _INDENT.sub("", text)).strip()


def choose_script(text: str, order: tuple[str, ...] = SIMPLIFIED) -> str:
    """Replace every rule by the wording for one script; `order`: variant codes, the best first."""
    for _ in range(_RULE_DEPTH):
        if "-{" not in text:
            break
        text = _RULE.sub(lambda match: _wording(match[1], order), text)
    return text


def _wording(rule: str, order: tuple[str, ...]) -> str:
    # Flags before a bar say what a rule is for: H, T, D and - hide it, A and R show it.
    flagged = _FLAGS.match(rule)
    if flagged:
        flags, rule = set(flagged[1].split(";")), flagged[2]
        if flags & _HIDDEN:
            return ""
    choices: dict[str, str] = dict(_CHOICE.findall(rule))
    if not choices:
        return rule
    best = next((choices[code] for code in order if code in choices), None)
    return (best if best is not None else next(iter(choices.values()))).strip()
