"""Training: corpora, packing, the loop, checkpoints, evaluation. Others import only ``jobs``."""

from aigc_tui.process.environment import share_the_cores

share_the_cores()
