"""The planner and the rule-made items: `make_quiz(lesson, request)`. See `records.py`."""
