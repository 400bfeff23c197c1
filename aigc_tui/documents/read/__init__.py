"""Read documents of every kind into blocks."""
