"""Train a masked LM from a recipe: ``python -m aigc_tui.course.masked_lm RECIPE.yaml [--resume]``.

With ``--tokenizer`` it only trains the recipe's WordPiece tokenizer. The rest is `training.pretrain`.
"""

from __future__ import annotations

import sys

from aigc_tui.course.masked_lm.pretraining import MaskedObjective
from aigc_tui.training import pretrain, tokenizer_job
from aigc_tui.training.recipe import MASKED_LM


def main(arguments: list[str]) -> int:
    """Run; returns the exit code."""
    if "--tokenizer" in arguments:
        return tokenizer_job.main(
            [a for a in arguments if a != "--tokenizer"], MaskedObjective.make_tokenizer
        )
    return pretrain.main(arguments, MASKED_LM, MaskedObjective)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
