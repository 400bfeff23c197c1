"""The help screen: made from the tables of bindings and slash commands."""
