"""English words that end in a full stop without ending a sentence, and words that begin one.

Why it exists: a full stop is the only mark of English that means two things (Grefenstette and Tapanainen
1994, "What is a word, what is a sentence?"): most of a splitter's errors are gone with a few short lists.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words("""
    mr mrs ms dr prof rev hon gen col maj capt cmdr lt sgt gov sen rep pres st mt ft messrs mme mlle
    brig gens fr bro
    e.g i.e cf viz vs resp approx ca incl esp
""")
"""A name or more words follow: never the end."""

BEFORE_NUMBERS = _words("""
    no nos ch chap sec sect art par para tab ref refs app ex op
    jan feb mar apr jun jul aug sep sept oct nov dec
""")
"""Not the end when a number follows."""

LABELS = _words("fig figs eq eqs pp p vol vols eds")
"""Labels of things with numbers or letters: never the end."""

EITHER = _words("""
    etc al inc ltd co corp bros jr sr ph.d m.d b.a m.a b.sc m.sc d.c u.s u.k u.n u.s.a u.s.s.r e.u
    a.m p.m b.c a.d b.c.e c.e ave blvd rd dept univ est min max hrs sq lvl
""")
"""May end a sentence: judged by the next word."""

STARTERS = _words("""
    the a an this that these those it its he she they we you i his her their our my there here in on at by
    for from with without as if when while after before during since until because although though but and or
    so yet however therefore thus hence then also moreover most many some few several each every all both no
    not what why how who where which to under over between among through today later soon once unlike like one
    two another other such instead finally first second third next meanwhile only even now according despite
""")
"""Words that, written large in the middle of a text, nearly always begin a sentence."""

SPEECH = _words("""
    said says asked asks cried cries replied replies answered answers shouted whispered exclaimed thought
    wondered called explained added told wrote declared demanded begged laughed
""")
"""After a quotation that ends in ? or ! these go on with its sentence."""
