"""The chat pane: the conversation list, the transcript, the prompt, and what wires them to the core."""
