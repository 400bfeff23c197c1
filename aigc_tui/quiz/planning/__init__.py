"""Decide what each item asks: slots by section, type and Bloom level. See `records.py`, `plan.py`."""
