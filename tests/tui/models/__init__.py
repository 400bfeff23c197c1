"""The models screen and downloads in the background."""
