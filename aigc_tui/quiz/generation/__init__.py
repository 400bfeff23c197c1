"""Rule-made items for the slots of a plan: `make_quiz(lesson, request)`."""
