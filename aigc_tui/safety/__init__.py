"""Safety without a model: fixed, human-written words answer a person in danger before any model token."""
