"""Sort texts: a trained classifier on an encoder or a causal LM; `jobs` runs it, and prompts, in a child."""
