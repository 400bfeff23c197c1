"""Benchmarks: each module is one, run by `aigc-tui bench NAME` or `python -m bench.NAME`.

Every figure is a ratio to something measured in the same run (a bare app, LIKE, no cache), with its
spread.
"""
