"""Training: corpora, packing, the loop, checkpoints, evaluation. Only ``jobs`` is for the rest of the package."""
