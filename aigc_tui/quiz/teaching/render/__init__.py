"""A document as Markdown, as HTML for print, and as Word: one file each."""
