"""Task data for chat tuning: corpus records and small grammars become requests with their replies.

A chat model that only ever saw talk cannot follow an instruction. Each module here is one family of
instructions; ``registry`` lists them under the names that a recipe uses (``task:passages``).
"""
