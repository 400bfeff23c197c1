"""Taking quizzes and practising: questions answered by keyboard or mouse, graded, explained, repeated.

Why it exists: making a quiz and answering one are different moods. The screens here never show a key before
an answer, and everything that was answered is in the store before the next question is on show.

    question.py   one question with the fitting way to answer it (choices.py, typed.py, rows.py)
    feedback.py   what is said after an answer: verdict, key, explanation, source
    suggestion.py what a model says of a typed answer, when it is asked
    take.py       a run through a quiz, and results.py what came of it
    screen.py     practice by FSRS, and queue.py which cards and in what order
    progress.py   the days ahead, what was remembered; statistics.py what attempts say of items
"""
