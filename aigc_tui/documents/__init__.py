"""Files of other people in, files for other people out."""
