"""Messages are worded from the catalogues, and no mistake in them ends the program."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from aigc_tui.config import Settings
from aigc_tui.locale import Catalogue, Entry, language_for


def catalogue(**entries: Entry) -> Catalogue:
    return Catalogue("en", MappingProxyType({f"a.{name}": entry for name, entry in entries.items()}))


def test_the_same_key_gives_each_languages_text() -> None:
    assert Catalogue.load("en").text("settings.title") == "Settings"
    assert Catalogue.load("zh").text("settings.title") == "设置"


def test_placeholders_are_filled() -> None:
    assert catalogue(x="Saved: {name}").text("a.x", name="theme") == "Saved: theme"


def test_a_missing_key_shows_itself() -> None:
    assert catalogue().text("a.nothing", name="x") == "a.nothing"


def test_a_missing_or_broken_placeholder_stays_visible() -> None:
    assert catalogue(x="{other} {").text("a.x", name="y") == "{other} {"
    assert catalogue(x="{other}").text("a.x") == "{other}"


def test_one_and_many_are_told_apart_by_count() -> None:
    some = catalogue(x={"one": "{count} message", "other": "{count} messages"})
    assert [some.text("a.x", count=number) for number in (0, 1, 2)] == [
        "0 messages",
        "1 message",
        "2 messages",
    ]


def test_values_are_cleaned_and_never_taken_for_templates() -> None:
    assert catalogue(x="{name}").text("a.x", name="\x1b[2J{0.__class__}") == "␛[2J{0.__class__}"


def test_a_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        Catalogue.load("en").entries["settings.title"] = "x"  # type: ignore[index]


@pytest.mark.parametrize(
    ("setting", "environ", "language"),
    [
        ("auto", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("auto", {"LANG": "zh_TW.UTF-8", "LC_ALL": "C"}, "en"),
        ("auto", {"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"),
        ("auto", {"LANG": "", "LC_ALL": ""}, "en"),
        ("auto", {}, "en"),
        ("zh", {"LANG": "en_US.UTF-8"}, "zh"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_the_setting_decides_the_language_and_auto_follows_the_locale(
    setting: str, environ: dict[str, str], language: str
) -> None:
    assert language_for(Settings(language=setting), environ) == language
