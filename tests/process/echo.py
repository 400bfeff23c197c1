"""A child process for tests: does what its request says."""

from __future__ import annotations

import os
import sys
import time

from aigc_tui.message import AppError, message
from aigc_tui.process.child import caller


def main() -> int:
    """Serve requests until the parent hangs up."""
    parent = caller()
    for request in parent.requests():
        match request:
            case {"echo": value}:
                parent.note(message("echoing {value}", value=value))
                parent.progress(message("echo"), 1, 2)
                parent.answer(value)
            case {"noise": count}:
                print("from a library", flush=True)
                sys.stderr.write("x" * 1000 * count + "\n")
                parent.answer("done")
            case {"fail": why}:
                return parent.fail(AppError("{why} is wrong", why=message("the thing {name}", name=why)))
            case {"sleep": _}:
                parent.answer(os.getpid())
                time.sleep(600)
            case {"break": _}:
                raise ValueError("no \x1b[31mmemory")
            case {"die": code}:
                sys.stdout.flush()
                os.kill(os.getpid(), code)
            case {"environment": name}:
                parent.answer(os.environ.get(name))
            case {"end": _}:
                return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
