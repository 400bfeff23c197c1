"""Validators: `check_item`, `check_quiz`. Each check is a named pure function; see `records.py`."""
