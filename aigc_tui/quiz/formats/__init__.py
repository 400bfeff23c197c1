"""One file a format; `FORMATS` in registry.py names them."""
