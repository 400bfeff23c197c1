"""The article's section 5 as a program: its model, its loop, on a text that ships here, against a baseline.

`python -m aigc_tui.course` runs it; `docs/course.md` explains it line by line.
"""

from aigc_tui.process.environment import share_the_cores

share_the_cores()
