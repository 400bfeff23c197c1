"""The two themes of the house: `ink` for dark rooms and `paper` for bright ones.

Why they exist: Textual's own themes stay available, but the first look should be calm and legible: one
warm accent, greys that keep their distance, and text contrast above 7:1 in both.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

INK = Theme(
    name="ink",
    primary="#7aa5c9",
    secondary="#8f9db0",
    accent="#d9a566",
    warning="#d9b366",
    error="#d97a72",
    success="#86b386",
    foreground="#dcdfe4",
    background="#14171c",
    surface="#1a1e25",
    panel="#232933",
    dark=True,
    variables={
        "border": "#4f6b82",
        "border-blurred": "#2c343f",
        "footer-background": "#14171c",
        "footer-foreground": "#8f9db0",
        "footer-key-foreground": "#d9a566",
        "block-cursor-background": "#2f4a5f",
        "block-cursor-foreground": "#f2f4f7",
        "block-cursor-text-style": "none",
        "input-selection-background": "#3d5a73 60%",
        "scrollbar": "#2c343f",
        "scrollbar-hover": "#3a4552",
        "scrollbar-active": "#4f6b82",
        "scrollbar-background": "#14171c",
    },
)
PAPER = Theme(
    name="paper",
    primary="#2f5f86",
    secondary="#5c6773",
    accent="#8f5518",
    warning="#7d5a00",
    error="#a8322a",
    success="#2f6b35",
    foreground="#24282d",
    background="#faf8f3",
    surface="#f3f0e8",
    panel="#e8e3d7",
    dark=False,
    variables={
        "border": "#7d96a8",
        "border-blurred": "#d5cfc0",
        "footer-background": "#faf8f3",
        "footer-foreground": "#5c6773",
        "footer-key-foreground": "#8f5518",
        "block-cursor-background": "#cfdde8",
        "block-cursor-foreground": "#1a1d21",
        "block-cursor-text-style": "none",
        "input-selection-background": "#a9c4d9 60%",
        "scrollbar": "#d5cfc0",
        "scrollbar-hover": "#c2bba9",
        "scrollbar-active": "#7d96a8",
        "scrollbar-background": "#faf8f3",
    },
)
OWN: tuple[Theme, ...] = (INK, PAPER)
DEFAULT = INK.name
"""What is shown when the settings name no theme that exists."""


def solid(variables: Mapping[str, str]) -> dict[str, str]:
    """Give muted text a colour of its own.

    Textual's `auto 60%` loses its share inside styled content and comes out as bright as can be, so that what
    should step back would shout.

    Args:
        variables: The theme's CSS variables.

    Returns:
        All of them, with the muted ones as shares of the theme's foreground.
    """
    foreground = variables["foreground"]
    return {**variables, "text-muted": f"{foreground} 70%", "text-disabled": f"{foreground} 45%"}
