"""The child of `jobs`: one request as JSON on the first line of stdin, answers as JSON lines on stdout."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from aigc_tui.course.textgen.handlers import HANDLERS


def tell(answer: dict[str, Any]) -> None:
    """Write one answer."""
    print(json.dumps(answer), flush=True)


def main() -> int:
    """Serve the request; returns the exit code."""
    request = json.loads(sys.stdin.readline() or "{}")
    handler = HANDLERS.get(request.pop("do", None))
    if handler is None:
        tell({"error": "there is no such work"})
        return 1
    try:
        handler(tell, **request)
    except BrokenPipeError:
        os._exit(0)  # whoever asked has left, and Python's own flush at exit would complain of that
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        tell({"error": f"{error.filename}: {error.strerror}" if error.filename else str(error)})
        return 1
    except Exception as error:
        if not _is_ours(error):
            raise
        tell({"error": str(error)})
        return 1
    return 0


def _is_ours(error: Exception) -> bool:
    """Our own exceptions carry one line for the user; told by module, so that none must be imported here."""
    return type(error).__module__.partition(".")[0] == "aigc_tui"


if __name__ == "__main__":
    sys.exit(main())
