"""A BERT encoder from scratch, with the heads that the course trains on it."""
