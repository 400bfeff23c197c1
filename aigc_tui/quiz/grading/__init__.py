"""Is an answer right? Rules first; a model only suggests (quiz.md 3.6)."""
