"""Persona files: what one holds (`schema`) and how it is read and written (`parse`).

Below both `personas` and `corpora`: training practises with the very prompts that the application shows.
Importing this package does not import PyYAML.
"""
