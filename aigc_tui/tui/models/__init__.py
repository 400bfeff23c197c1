"""The models screen: what is installed and what can be had, and downloads in the background."""
