"""Lesson import: a file in, a `Lesson` of text with offsets out. See `records.py` and `reading.py`."""
