"""Which escape sequences a Textual application writes by itself, and which bytes are therefore foreign.

The list was taken from Textual 8.2's Linux driver; whatever is not on it came from somebody's text.
"""

from __future__ import annotations

import re

OWN = re.compile(
    rb"\x1b\[[0-9;:]*m"  # SGR: colours and styles
    rb"|\x1b\[\d*;?\d*H"  # cursor position
    rb"|\x1b\[\??[\d;]*[hl]"  # modes: alternate screen, mouse, paste, focus, synchronised output
    rb"|\x1b\[\?[\d;]*\$p"  # mode requests
    rb"|\x1b\[[<>=]?[\d;]*u"  # kitty keyboard
    rb"|\x1b\[\d*[ABCDGJK]"  # cursor moves and erases
    rb"|\x1b\[[\d;]*t"  # window size requests
    rb"|\x1b\[c"
    rb"|\x1b\[\d* q"
    rb"|\x1b[78]"
    rb"|\x1b\]22;[a-z-]*\x07"  # the mouse pointer's shape
    rb"|\x1bP\+q[0-9a-fA-F;]*\x1b\\"
)
C0_ALLOWED = {0x07, 0x09, 0x0A, 0x0D}
"""BEL is Textual's own bell; it carries nothing."""
FORBIDDEN_CHARACTERS = re.compile("[\x80-\x9f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


def foreign(output: bytes) -> list[str]:
    """Everything in a terminal's input that a Textual application would not write by itself.

    Args:
        output: All bytes that the application wrote.

    Returns:
        One description a finding, with the bytes around it; empty when all is well.
    """
    rest = OWN.sub(b"", output)
    found = [
        f"byte {byte:#04x} in {rest[max(0, i - 30) : i + 30]!r}"
        for i, byte in enumerate(rest)
        if (byte < 0x20 and byte not in C0_ALLOWED) or byte == 0x7F
    ]
    text = rest.decode("utf-8", errors="replace")
    found += [f"character {match.group()!r}" for match in FORBIDDEN_CHARACTERS.finditer(text)]
    return found
