"""Training: corpora, packing, the loop, checkpoints, evaluation. Others import only ``jobs``."""
