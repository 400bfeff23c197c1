"""From a lesson to a quiz whose items cite their sentence, pass checks, and can be practised.

A lesson goes through these packages, in this order::

    lesson/      a file becomes normalised text with sections, sentences and offsets
    analysis/    which sentences are worth asking about, and what in them can be an answer
    planning/    slots by section, type and Bloom level, and how a question about each is worded
    generation/  rule-made items for the slots
    llm_items/   a model rewords items of the same slots, under a grammar
    checks/      named validators, each with its reason; imported questions go through the same ones
    grading/     judge an answer, by rules first
    practice/    spaced repetition, the mistakes bank, statistics
    formats/     one file a format, both ways where it goes both ways
    teaching/    the lesson plan, the worksheet and the explanations

`records.py` holds what passes between them, `codec.py` the quiz as JSON (design section 6). `service.py`
gives both front ends the parts that they call: `repository.py` stores, `editor.py` changes, `workshop.py`
makes.
"""
