"""Corpora: read what people have (dumps, crawls, chats, documents) into one stream of clean documents.

Documents have one shape, :class:`~aigc_tui.corpora.document.Document`, written as JSON lines that training
reads. The way of a document::

    unpack.py     magic numbers, decompression under caps
    recognise.py  which reader speaks that format          wikipedia.py, common_crawl.py, chats.py ...
    filters.py    language and quality, with a reason      dedupe.py  exact and near duplicates
    output.py     one compressed member a checkpoint       build.py   the loop that can be killed and goes on

Memory is flat: nothing here keeps more of a source than one record, and every table has a fixed size. Nothing
here imports torch, and packages beyond the standard library and numpy are imported where they are needed.
"""
