from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.tui.markdown.splitter import BlockSplitter


def split(text: str) -> tuple[list[str], str]:
    splitter = BlockSplitter()
    closed = [block.source for block in splitter.feed(text)]
    return closed, "\n".join([*splitter.open_lines, splitter.partial])


def test_a_paragraph_closes_at_a_blank_line() -> None:
    assert split("one\ntwo\n\nthree") == (["one\ntwo\n"], "three")


def test_a_fence_stays_open_over_blank_lines_until_its_end() -> None:
    assert split("```py\na\n\nb\n") == ([], "```py\na\n\nb\n")
    assert split("```py\na\n\nb\n```\nx") == (["```py\na\n\nb\n```\n"], "x")


def test_a_shorter_fence_inside_does_not_close_it() -> None:
    assert split("````\n```\n````\n")[0] == ["````\n```\n````\n"]


def test_every_item_of_a_list_closes_by_itself_and_is_joined_to_the_one_before() -> None:
    splitter = BlockSplitter()
    blocks = splitter.feed("- a\n- b\n  - nested\n\n  more\n- c\n\nafter\n")
    assert [(block.source.rstrip("\n"), block.joined) for block in blocks] == [
        ("- a", False),
        ("- b\n  - nested\n\n  more", True),
        ("- c", True),
    ]
    assert splitter.open_lines == ["after"]


def test_a_fence_inside_an_item_belongs_to_it() -> None:
    assert split("1. do\n   ```\n   - x\n\n   ```\n2. next")[0] == []
    assert split("1. do\n   ```\n   - x\n\n   ```\n2. next\n")[0] == ["1. do\n   ```\n   - x\n\n   ```\n"]


def test_a_heading_is_a_block_of_its_own() -> None:
    assert split("text\n# Head\nmore") == (["text\n", "# Head\n"], "more")


@given(st.lists(st.text(st.sampled_from("ab \n-1.`~#>|*"), max_size=12), max_size=20))
def test_no_cut_of_the_stream_loses_or_changes_a_word(pieces: list[str]) -> None:
    splitter, whole = BlockSplitter(), BlockSplitter()
    closed = [block for piece in pieces for block in splitter.feed(piece)]
    assert closed == whole.feed("".join(pieces))
    assert (splitter.open_lines, splitter.partial) == (whole.open_lines, whole.partial)
    shown = "".join(block.source for block in closed) + "\n".join([*splitter.open_lines, splitter.partial])
    assert shown.split() == "".join(pieces).split()
