"""One table of bindings: complete, translated, without clashes, and open to the user's own keys."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from aigc_tui.locale import LANGUAGES, Catalogue, Language
from aigc_tui.text import width
from aigc_tui.tui.action_list import ACTIONS
from aigc_tui.tui.actions import SCOPES
from aigc_tui.tui.keys import action_of, bindings, clashes, keys_of, unknown


def test_every_binding_has_an_id_of_its_own_and_a_known_context() -> None:
    ids = [found.id for found in ACTIONS]
    assert len(set(ids)) == len(ids)
    assert {found.scope for found in ACTIONS} <= set(SCOPES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_and_explanation_is_in_the_catalogue(language: Language) -> None:
    catalogue = Catalogue.load(language)
    for found in ACTIONS:
        assert not found.keys or found.label in catalogue.entries
        assert found.help in catalogue.entries
    assert all(info.title in catalogue.entries for info in SCOPES.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_are_short_enough_for_the_footer(language: Language) -> None:
    catalogue = Catalogue.load(language)
    assert max(width(catalogue.text(found.label)) for found in ACTIONS if found.keys) <= 9


def test_the_default_keys_do_not_clash() -> None:
    assert clashes({}) == []


def test_a_key_given_twice_in_one_pane_clashes() -> None:
    (clash,) = clashes({"transcript.edit": "r"})
    assert (clash.key, clash.first.id, clash.second.id) == ("r", "transcript.edit", "transcript.regenerate")


def test_a_pane_s_key_clashes_with_one_that_takes_precedence_everywhere() -> None:
    (clash,) = clashes({"transcript.copy": "ctrl+p"})
    assert {clash.first.id, clash.second.id} == {"app.palette", "transcript.copy"}


def test_panes_may_share_a_key_since_only_one_has_the_focus() -> None:
    assert clashes({"transcript.edit": "t", "list.rename": "t"}) == []


def test_a_key_moved_away_makes_room_for_another() -> None:
    assert clashes({"transcript.edit": "r", "transcript.regenerate": "x"}) == []


def test_own_keys_replace_the_default_ones() -> None:
    found = action_of("transcript.next")
    assert found is not None
    assert keys_of(found, {}) == ("j", "down")
    assert keys_of(found, {"transcript.next": "n, ctrl+n"}) == ("n", "ctrl+n")


def test_an_id_that_no_binding_has_is_named() -> None:
    assert unknown({"chat.new": "ctrl+t", "chat.nwe": "ctrl+t"}) == ["chat.nwe"]
    assert unknown({"chat.model": "f9"}) == ["chat.model"]


def test_textual_accepts_every_row() -> None:
    made = list(Binding.make_bindings(bindings(*SCOPES)))
    assert len(made) == sum(len(keys_of(found, {})) for found in ACTIONS)
    assert all(binding.id for binding in made)
