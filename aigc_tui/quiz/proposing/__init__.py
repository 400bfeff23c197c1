"""Model-made items: the model words a planned slot under a grammar; the application writes all else."""
