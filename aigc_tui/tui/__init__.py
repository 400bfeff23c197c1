"""The Textual front end: one folder a pane, and the few widgets that panes share."""
