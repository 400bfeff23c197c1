"""Safety without a model: what must lead before any model token.

Why it exists: a small language model must not answer a person in danger, so fixed, human-written words do.
"""
