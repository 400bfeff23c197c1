"""Which elements of a web page are the page's furniture, and which of a saved Wikipedia article.

Why it exists: lists of names belong in one place; the walk over the page (`html.py`) stays readable.
"""

from __future__ import annotations

DROPPED = frozenset(
    (
        *("script", "style", "noscript", "template", "nav", "footer", "form", "button", "select", "option"),
        *(
            "textarea",
            "iframe",
            "object",
            "svg",
            "canvas",
            "head",
            "menu",
            "dialog",
            "input",
            "audio",
            "video",
        ),
        *("aside", "map", "link", "meta"),
    )
)
BLOCKS = frozenset(
    (
        *(
            "p",
            "div",
            "li",
            "ul",
            "ol",
            "dl",
            "dt",
            "dd",
            "section",
            "article",
            "main",
            "header",
            "hr",
            "body",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "figure", "figcaption", "center", "address"),
        *(
            "body",
            "details",
            "summary",
            "html",
            "hgroup",
            "fieldset",
            "tr",
            "td",
            "th",
            "tbody",
            "thead",
            "table",
        ),
    )
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BOLD = frozenset(("b", "strong", "dfn"))
ITALIC = frozenset(("i", "em", "cite"))
DROPPED_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "complementary", "note"))
DROPPED_CLASSES = frozenset(
    (
        # Wikipedia
        *("mw-editsection", "reference", "reflist", "references", "navbox", "infobox", "toc", "metadata"),
        *("ambox", "hatnote", "noprint", "mw-jump-link", "catlinks", "sistersitebox", "mw-empty-elt"),
        *("printfooter", "sidebar", "vertical-navbox", "shortdescription", "mw-cite-backlink", "portal"),
        *("portalbox", "authority-control", "mw-references-wrap", "refbegin", "navbox-styles", "side-box"),
        *("mbox-small", "stub", "dablink", "navigation-not-searchable", "mw-indicators", "vector-toc"),
        *("mw-kartographer-container", "ext-phonos", "error", "mw-hidden", "gallery", "mw-file-description"),
        # everywhere else
        *("advertisement", "breadcrumb", "breadcrumbs", "cookie", "share", "social", "comments", "sr-only"),
        *("related-posts", "pagination", "skip-link", "visually-hidden", "headerlink", "site-footer"),
    )
)
DROPPED_IDS = frozenset(
    ("toc", "siteSub", "contentSub", "jump-to-nav", "mw-navigation", "footer", "catlinks", "p-lang-btn")
)
CAPTIONS = frozenset(("figcaption", "caption"))
CAPTION_CLASSES = frozenset(("thumbcaption",))
"""Old Wikipedia pages wrote a picture's caption as a `div`."""
SITE_NAMES = (" - Wikipedia", " – Wikipedia", " - 维基百科，自由的百科全书", " - 維基百科，自由的百科全書")
