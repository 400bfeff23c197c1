"""Child processes: one way to start, feed, limit and stop them."""
