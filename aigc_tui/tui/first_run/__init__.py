"""What a new user sees once: language, what the model can do, a persona."""
