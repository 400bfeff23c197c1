"""Practice: attempts at a quiz, spaced repetition by FSRS, the mistakes bank, statistics.

No module here reads a clock: the time is passed in, so that a test can live through a year in a second.
"""
