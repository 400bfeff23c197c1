"""What counts as a command, and that the table, the catalogue and the methods agree."""

from __future__ import annotations

import pytest

from aigc_tui.locale import LANGUAGES, Catalogue
from aigc_tui.tui.action_list import ACTIONS
from aigc_tui.tui.chat.commands import Commands
from aigc_tui.tui.chat.slash import Call, Unknown, matching, read, unescape
from aigc_tui.tui.keys import COMMANDS, command_of


def names(text: str) -> list[str]:
    return [command.slash for command in matching(text)]


def test_a_lone_slash_may_become_any_command() -> None:
    assert len(matching("/")) == len(COMMANDS)


def test_the_menu_narrows_while_one_types_and_closes_at_the_space() -> None:
    assert names("/re") == ["regenerate", "rename"]
    assert names("/rename") == ["rename"]
    assert names("/rename ") == []
    assert names("/nothing") == []


def test_a_command_is_read_with_the_rest_of_its_line() -> None:
    call = read("/rename  A better title ")
    assert isinstance(call, Call)
    assert (call.command.slash, call.rest) == ("rename", "A better title")


@pytest.mark.parametrize(
    "text", ["/etc/hosts is what?", "hello /new", "/new\nand more", "//new", "/", "/ new", "/新"]
)
def test_what_only_looks_like_a_command_is_a_message(text: str) -> None:
    assert read(text) is None


def test_a_misspelt_command_is_not_sent_to_the_model() -> None:
    assert read("/exprot md") == Unknown("exprot")


def test_two_slashes_send_one() -> None:
    assert unescape("//new is a command") == "/new is a command"
    assert unescape("//nothing here") == "/nothing here"
    assert unescape("//// rule") == "//// rule"
    assert unescape("/etc/hosts") == "/etc/hosts"


def test_every_row_has_a_method_and_words_in_both_languages() -> None:
    assert len({command.slash for command in COMMANDS}) == len(COMMANDS)
    assert {action.slash for action in ACTIONS if action.slash} == {command.slash for command in COMMANDS}
    for command in COMMANDS:
        assert callable(getattr(Commands, f"do_{command.slash}"))
        assert command_of(command.slash) is command
        for language in LANGUAGES:
            entries = Catalogue.load(language).entries
            assert command.help in entries
            assert not command.args or command.args in entries
