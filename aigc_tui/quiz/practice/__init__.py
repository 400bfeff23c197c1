"""Practice: attempts at a quiz, spaced repetition by FSRS, the mistakes bank, statistics.

A quiz is worth as much as what is still known a month later. No module here reads a clock: the
time is passed in, so that a test can live through a year in a second.
"""
