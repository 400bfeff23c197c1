"""The engine's child process: it holds the weights and the caches, and answers requests read from a pipe."""
