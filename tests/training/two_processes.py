"""Started twice by test_accelerated.py: trains recipes one after the other as one of two processes."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from aigc_tui.training.pretrain import pretrain
from aigc_tui.training.recipe import load_recipe

if __name__ == "__main__":
    for path in sys.argv[1:]:
        assert pretrain(load_recipe(Path(path)), resume=False, stop=threading.Event())
