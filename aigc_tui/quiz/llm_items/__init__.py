"""Items that a language model words, in slots that the planner chose: `make_with_model`. See `propose.py`."""
