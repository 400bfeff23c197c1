"""Lesson plans (教案) and explanations (解析), made of a lesson and its quiz; no word is generated."""
