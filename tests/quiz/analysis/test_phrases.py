"""Noun phrases of both languages, and the edges of Chinese ones."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.analysis.phrases_zh import is_whole
from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.analysis.words_zh import segmenter
from tests.quiz.analysis.lessons import chinese, english, kinds


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("In the evening Lake Baikal was covered with ice.", "Lake Baikal", TermKind.PLACE),
        ("The treaty was signed by King Harold of Norway.", "King Harold of Norway", TermKind.PERSON),
        ("The law was found by the chemist Dorothy Hodgkin.", "Dorothy Hodgkin", TermKind.PERSON),
        ("The city of Mainz lies on the Rhine.", "Mainz", TermKind.PLACE),
        ("It ended with the Treaty of Versailles in that year.", "Treaty of Versailles", TermKind.NAME),
        ("Energy is released by the Krebs cycle in every cell.", "Krebs cycle", TermKind.TERM),
        ("The data moves by TCP/IP between the hosts.", "TCP/IP", TermKind.TERM),
    ],
)
def test_english_names(text: str, words: str, kind: TermKind) -> None:
    assert kinds(english(text))[words] is kind


def test_a_word_at_the_start_of_a_sentence_is_no_name_for_its_capital() -> None:
    found = kinds(english("Sugar is sweet. People like sugar. Mice eat sugar as well."))
    assert not any(kind in {TermKind.NAME, TermKind.PERSON} for kind in found.values())


def test_english_terms_have_no_article_and_no_commonplace_words_before() -> None:
    found = kinds(english("The many different chloroplasts capture the light of the sun."))
    assert "chloroplasts" in found


def test_a_commonplace_word_that_always_comes_along_stays() -> None:
    text = "Food enters the small intestine. The small intestine is long. A wall lines the small intestine."
    assert "small intestine" in kinds(english(text))


def test_generic_words_are_no_answers() -> None:
    found = kinds(
        english("This is an important part of the process, and it takes a long time for most people.")
    )
    assert found == {}


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("化学家约瑟夫·普利斯特利发现了氧气。", "约瑟夫·普利斯特利", TermKind.PERSON),
        ("英国化学家普利斯特利于1771年发现了氧气。", "普利斯特利", TermKind.PERSON),
        ("诗人李白出生于碎叶城。", "李白", TermKind.PERSON),
        ("纪念馆位于湖南省衡阳县。", "湖南省衡阳县", TermKind.PLACE),
        ("曹雪芹写了《红楼梦》。", "《红楼梦》", TermKind.WORK),
        ("叶绿体是进行光合作用的场所。", "叶绿体", TermKind.TERM),
        ("计算机使用TCP/IP协议交换数据。", "TCP/IP协议", TermKind.TERM),
    ],
)
def test_chinese_names_and_terms(text: str, words: str, kind: TermKind) -> None:
    assert kinds(chinese(text))[words] is kind


def test_chinese_terms_do_not_begin_or_end_with_verbs_or_small_words() -> None:
    found = kinds(chinese("影响光合作用的因素很多，向天帝报告以后，绿色植物利用光能制造有机物。"))
    assert "光合作用" in found
    assert not any(
        words.startswith(("影响", "利用", "的")) or words.endswith(("报告", "的")) for words in found
    )


def test_a_term_set_off_once_is_found_everywhere() -> None:
    analysis = chinese("**剂子**是指从面团上分下来的小块面。把剂子擀成圆片，再把剂子压平。")
    assert [mention.text for mention in analysis.mentions].count("剂子") == 3


def test_a_story_asks_about_common_things() -> None:
    story = (
        '"Come in," said Rufus.\nThe fox poured the soup into a flat dish.\n"I like soup," said the crane.\n'
    )
    found = kinds(english(story * 3))
    assert {"fox", "soup"} <= set(found)
    assert found["Rufus"] is TermKind.PERSON


@pytest.mark.parametrize(
    ("text", "name", "kind", "whole"),
    [
        ("弗朗西斯进入巴哈马，直接经过海岛。", "巴哈马", TermKind.PLACE, True),
        ("风暴在大巴哈马上空减弱。", "巴哈马", TermKind.PLACE, False),
        ("叶绿体是进行光合作用的场所。", "叶绿体", TermKind.TERM, True),
        ("全程由克努特六世统治。", "克努特", TermKind.PERSON, False),
        ("化学家拉瓦锡发现了氧气。", "氧气", TermKind.TERM, True),
    ],
)
def test_a_name_ends_where_its_words_end(text: str, name: str, kind: TermKind, whole: bool) -> None:
    start = text.index(name)
    assert is_whole(segmenter().words(text), start, start + len(name), kind) is whole
