"""The child of `jobs`: one request, and answers as they come."""

from __future__ import annotations

import sys

from aigc_tui.course.textgen.handlers import HANDLERS
from aigc_tui.message import AppError
from aigc_tui.process.child import caller
from aigc_tui.process.messages import is_ours


def main() -> int:
    """Serve the request; returns the exit code."""
    parent = caller()
    request = parent.request() or {}
    handler = HANDLERS.get(request.pop("do", None))
    if handler is None:
        return parent.fail(AppError("there is no such work"))
    try:
        handler(parent.answer, **request)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not isinstance(error, OSError) and not is_ours(error):
            raise
        return parent.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
