"""Dialogues made from grammars: ``dialogues.generate`` is the way in, ``rules`` explains the files."""
