from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.store.segment import chars, parse_query, words


def test_a_run_of_han_becomes_overlapping_pairs() -> None:
    assert words("光合作用").split() == ["光合", "合作", "作用"]


def test_a_lone_character_stays_itself() -> None:
    assert words("A 和 B").split() == ["a", "和", "b"]


def test_a_mixed_text_is_cut_where_the_script_changes() -> None:
    assert words("用Python编程序3次").split() == ["用", "python", "编程", "程序", "3", "次"]


def test_full_width_letters_and_case_do_not_matter() -> None:
    assert words("ＡＩ Écrit") == words("ai écrit")


def test_every_character_of_a_run_can_be_found_by_itself() -> None:
    assert chars("光合 and 作用") == "光 合 作 用"


def test_japanese_and_korean_are_spelt_out_too() -> None:
    assert words("こんに 한국어").split() == ["こん", "んに", "한국", "국어"]


def test_words_are_required_all_and_quoted_words_side_by_side() -> None:
    assert parse_query("red fox").match == 'words : "red" AND words : "fox"'
    assert parse_query('"red fox"').match == 'words : "red fox"'


def test_one_character_asks_the_characters_and_more_ask_the_pairs() -> None:
    assert parse_query("光").match == 'chars : "光"'
    assert parse_query("光合作").match == 'words : "光合 合作"'


def test_a_word_being_typed_is_also_read_as_a_beginning() -> None:
    assert '"runn" *' in parse_query("runn").typed
    assert parse_query("runn ").typed == ""
    assert parse_query("光合").typed == ""


def test_a_query_of_signs_only_asks_nothing() -> None:
    for query in ("", "  ", "%", "!?", '""', "😀"):
        assert parse_query(query).match == ""


def test_a_long_paste_is_cut_to_a_few_terms() -> None:
    assert parse_query("word " * 5000).match.count("AND") < 12


@given(st.text())
def test_any_text_gives_a_match_expression_that_fts5_accepts(text: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5 (words, chars)")
    query = parse_query(text)
    for expression in filter(None, (query.match, query.typed)):
        connection.execute("SELECT * FROM t WHERE t MATCH ?", (expression,)).fetchall()
    connection.close()
