"""The Transformer, written from scratch: ``causal_lm`` is the whole, the others its parts."""
