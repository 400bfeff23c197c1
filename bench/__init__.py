"""What measures speed: each module is one benchmark, run by `aigc-tui bench NAME` or `python -m bench.NAME`.

Why it exists: the promises on speed are compared with something (a bare app, LIKE, no cache), on the machine
at hand, with their spread, so that a reader can judge them and a later change can be held against them.
"""
