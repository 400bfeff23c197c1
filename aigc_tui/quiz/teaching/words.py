"""The fixed words of worksheets and plans, in the language of the sheet rather than of the interface."""

from __future__ import annotations

from aigc_tui.locale import Catalogue, Translate


def words(language: str) -> Translate:
    """The catalogue of a sheet's language; anything but Chinese is English."""
    return Catalogue.load("zh" if language == "zh" else "en").text
