"""From a lesson to a quiz that can be trusted: items cite their sentence, pass checks, and are practised.

Why it exists: a quiz generator is only as good as what it refuses to make. The way of a lesson, one folder a
station::

    lesson/     a file becomes normalised text with sections, sentences and offsets
    analysis/   which sentences are worth asking about, and what in them can be an answer
    making/     the plan (slots by section, type and Bloom level) and the rule-made items that fill it
    proposing/  a model words stems and distractors for a planned slot, under a grammar
    checks/     named validators, each with its reason; imported questions go through the same ones
    grading/    an answer judged by rules first
    practice/   spaced repetition, the mistakes bank, statistics
    formats/    one file a format, both ways where it goes both ways
    teaching/   the lesson plan (教案), the worksheet (习题) and the explanations (解析)

`records.py` holds what passes between them, `parts.py` an item's parts as people see them; `codec.py` is the
quiz as JSON (design section 6). `service.py` is what both front ends call: `bank.py` keeps, `editing.py`
changes, `workshop.py` makes. `guarding.py` lets strangers' files be parsed in a child.
"""
