"""gift-pegjs under node: a GIFT reader of other people's, for tests on machines that have node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_PARSER = Path(__file__).parent.parent / "vendor" / "gift-pegjs" / "pegjs-gift.js"
_SCRIPT = """
const parser = require(process.argv[1]);
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const read = (text) => { try { return parser.parse(text); } catch (error) { return String(error); } };
process.stdout.write(JSON.stringify(texts.map(read)));
"""


def node() -> str | None:
    """Where node is, if it is here."""
    return shutil.which("node")


def parse(texts: Sequence[str]) -> list[Any]:
    """Parse files in one process: for each the list of its questions, or the error as a text."""
    command = [node() or "node", "-e", _SCRIPT, str(_PARSER)]
    done = subprocess.run(
        command, input=json.dumps(texts).encode(), capture_output=True, check=True, timeout=120
    )
    read = json.loads(done.stdout)
    assert isinstance(read, list)
    return read
