"""Taking quizzes and practising: questions answered by keyboard or mouse, graded, explained, repeated.

question.py   one question with a way to answer it (answers.py, arrangement.py)
feedback.py   what follows an answer: verdict, answer, explanation, source
suggestion.py a model's opinion on a typed answer
take.py       taking a quiz; results.py its score and the statistics of its items
screen.py     practice by FSRS; queue.py which cards in which order; mistakes.py, progress.py
"""
