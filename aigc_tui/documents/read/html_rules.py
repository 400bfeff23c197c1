"""Which parts of a web page are not its content: by element, role and class, or by their share of links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


DROPPED = _names("""
    script style noscript template nav footer form button select option textarea iframe object svg canvas head
    menu dialog input audio video aside map link meta
""")
BLOCKS = _names("""
    p div li ul ol dl dt dd section article main header hr body h1 h2 h3 h4 h5 h6 blockquote figure figcaption
    center address details summary html hgroup fieldset tr td th tbody thead table
""")
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BOLD = _names("b strong dfn")
ITALIC = _names("i em cite")
DROPPED_ROLES = _names("navigation banner contentinfo search complementary note")
DROPPED_CLASSES = _names(
    # Wikipedia
    """
    mw-editsection reference reflist references navbox infobox toc metadata ambox hatnote noprint mw-jump-link
    catlinks sistersitebox mw-empty-elt printfooter sidebar vertical-navbox shortdescription mw-cite-backlink
    portal portalbox authority-control mw-references-wrap refbegin navbox-styles side-box mbox-small stub
    dablink navigation-not-searchable mw-indicators vector-toc mw-kartographer-container ext-phonos error
    mw-hidden gallery mw-file-description
    """
    # everywhere else
    """
    advertisement breadcrumb breadcrumbs cookie share social comments sr-only related-posts pagination
    skip-link visually-hidden headerlink site-footer
    """
)
DROPPED_IDS = _names("toc siteSub contentSub jump-to-nav mw-navigation footer catlinks p-lang-btn")
CAPTIONS = _names("figcaption caption")
CAPTION_CLASSES = _names("thumbcaption")
"""Old Wikipedia pages wrote a picture's caption as a `div`."""
SITE_NAMES = (" - Wikipedia", " – Wikipedia", " - 维基百科，自由的百科全书", " - 維基百科，自由的百科全書")

PROSE_DROPPED = DROPPED | {"header", "math"}
"""Of a crawled page the header goes, too: more often a menu than a title."""
PROSE_BLOCKS = BLOCKS | {"pre", "br"}
_WORDS = re.compile(r"[^\W_]+")
_HAN = re.compile("[\u3400-\u9fff]")
_LONG, _SHORT = 15, 6
_MOST_LINKED = 0.33


@dataclass(frozen=True, slots=True)
class Passage:
    """The text between two tags that break lines, for `prose`.

    Args:
        text: Its words, spaces collapsed.
        linked: Words of it inside links.
        level: A heading's level; 0: it is none.
    """

    text: str
    linked: float
    level: int


def count_words(text: str) -> float:
    """Count words; a Han character is half of one."""
    han = len(_HAN.findall(text))
    return len(_WORDS.findall(_HAN.sub(" ", text))) + han / 2


def prose(passages: list[Passage]) -> Iterator[Passage]:
    """Keep passages of prose, short ones only next to them, and headings only in front of them.

    Prose is long and hardly linked, navigation the reverse (Kohlschütter, Fankhauser and Nejdl 2010,
    "Boilerplate detection using shallow text features").
    """
    good = [_is_prose(each, _LONG) for each in passages]
    for place, each in enumerate(passages):
        near = any(good[max(0, place - 1) : place + 2])
        follows = place + 1 < len(passages) and (good[place + 1] or _is_prose(passages[place + 1], _SHORT))
        if good[place] or (each.level and follows) or (near and _is_prose(each, _SHORT)):
            yield each


def _is_prose(passage: Passage, least: float) -> bool:
    words = count_words(passage.text)
    return words >= least and passage.linked <= _MOST_LINKED * words
