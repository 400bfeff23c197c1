"""Wikitext becomes what the page shows, in both scripts."""

from __future__ import annotations

import pytest

from aigc_tui.documents.read.wikitext import SIMPLIFIED, TRADITIONAL, choose_script, to_text


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("'''Bold''' and ''slanted''", "Bold and slanted"),
        ("[[Paris (Texas)|]] in [[Texas]], [[a|the b]]", "Paris in Texas, the b"),
        ("[[File:A.jpg|thumb|A [[house]] by ''X'' [https://a.b c]]] Text", "Text"),
        ("[[文件:A.jpg|缩略图|说明]]正文[[分类:村]]", "正文"),
        ("[[CSI: Miami]] [[fr:Moulin]][[zh-min-nan:Chúi-chhia]]", "CSI: Miami"),
        ("[[:Category:Mills]]", "Category:Mills"),
        ("[https://a.b The page] and [https://a.b]", "The page and"),
        ("A{{Infobox|x={{y|{{{1|z}}}}}}}B", "AB"),
        ("{{lang|zh|磨坊}} is {{convert|5|km|mi}} away", "磨坊 is 5 km away"),
        ("Mill ({{IPA|x}}; {{lang|fr|moulin}}) and ({{x}})", "Mill (moulin) and"),
        ("{| class=x\n! a\n|-\n| {{b}}\n{|\n| nested\n|}\n|}\nAfter", "After"),
        ("x<ref>n {{cite}}</ref><ref name=a /><!-- c -->y", "xy"),
        ("<math>x^2</math> and H<sub>2</sub>O<br/>next", "and H2O\nnext"),
        ("* one\n** two\n# three\n: four", "one\ntwo\nthree\nfour"),
        ("5 &lt; 6 &amp;nbsp; __TOC__", "5 < 6 &nbsp;"),
        ("unclosed {{template here", "unclosed template here"),
        ("<foo>strange</foo> tag", "strange tag"),
    ],
)
def test_markup_goes_and_words_stay(wikitext: str, text: str) -> None:
    assert to_text(wikitext) == text


def test_headings_stay_where_words_follow_and_appendices_go() -> None:
    page = "Top\n== A ==\n=== B ===\nwords\n== C ==\n== See also ==\n* x\n=== deep ===\ny\n"
    page += "== D ==\nend\n== 参考文献 ==\nz"
    assert to_text(page) == "Top\n\nA\n\nB\n\nwords\n\nD\n\nend"


@pytest.mark.parametrize(
    ("rule", "simplified", "traditional"),
    [
        ("-{zh-hans:软件;zh-hant:軟體}-", "软件", "軟體"),
        ("-{zh-cn:出租车; zh-tw:計程車; zh-hk:的士;}-", "出租车", "計程車"),
        ("-{仅此}-", "仅此", "仅此"),
        ("-{H|zh-cn:甲;zh-tw:乙}-", "", ""),
        ("-{T|zh-cn:甲;zh-tw:乙}-", "", ""),
        ("-{A|zh-cn:甲;zh-tw:乙}-", "甲", "乙"),
        ("-{zh-hans:-{内}-层;zh-hant:-{內}-層}-", "内层", "內層"),
        ("-{zh-tw:只有}-", "只有", "只有"),
        ("a -{ unclosed", "a -{ unclosed", "a -{ unclosed"),
    ],
)
def test_the_wording_of_a_script_is_chosen(rule: str, simplified: str, traditional: str) -> None:
    assert choose_script(rule, SIMPLIFIED) == simplified
    assert choose_script(rule, TRADITIONAL) == traditional
