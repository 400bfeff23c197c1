"""What a Transformer can be trained for besides the next token: hidden words, pairs, labels, prompts."""
