"""What a teacher carries into class: the lesson plan (教案), the worksheet (习题), the explanations (解析).

Why it exists: a quiz is one part of a lesson. Everything here is put together from the lesson and its quiz
(`plan.py`, `worksheet.py`) as a :class:`~aigc_tui.documents.write.printable.Document`, which `render/` turns
into Markdown, HTML for print, or Word. No word is generated: sentences are the lesson's, fixed words come
from the catalogues.
"""
