"""The maker as a process of its own: a request on stdin, events on stdout, one JSON value a line.

Why it exists: analysing a long lesson takes seconds and Chinese needs a large dictionary; the screen must
stay free and light meanwhile. Run as `python -m aigc_tui.quiz.generation.child`; see `job.py`.
"""

from __future__ import annotations

import json
import sys

from aigc_tui.quiz.generation.make import make_quiz
from aigc_tui.quiz.generation.wire import event_to_json, request_from_json
from aigc_tui.text import one_line


def main() -> int:
    """Read one request, write its events; 1 and one line on stderr when it cannot be done."""
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        lesson, request, exclude = request_from_json(json.loads(sys.stdin.read()))
        for event in make_quiz(lesson, request, exclude=exclude):
            print(json.dumps(event_to_json(event), ensure_ascii=False), flush=True)
    except BrokenPipeError:
        return 1
    except Exception as error:  # the parent must get a line, whatever went wrong
        print(f"error: {one_line(str(error) or type(error).__name__)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
