"""BERT from scratch, its data, and its two objectives: hidden words and next sentences."""
