"""The quiz pane: lessons on a shelf, quizzes made from them and reviewed; imported when it is opened."""
