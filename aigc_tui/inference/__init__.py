"""A loaded model: its folder, tokenizer, chat template, prefix cache and decode loop."""
