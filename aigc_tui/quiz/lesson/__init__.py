"""Lesson import: a file in, a `Lesson` of normalised text with offsets out. See `records.py` and `reading.py`."""
