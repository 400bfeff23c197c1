"""What in a lesson can be asked, in English and Chinese: `analyse(lesson) -> Analysis`. See `records.py`."""
