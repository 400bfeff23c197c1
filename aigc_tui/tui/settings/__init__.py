"""The settings screen: one form made from the schema."""
