"""The Transformer, written from scratch: see ``causal_lm`` for the whole and the other modules for its parts."""
