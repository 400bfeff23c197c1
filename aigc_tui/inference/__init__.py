"""A loaded model: its folder, tokenizer, chat template, prefix cache and decode loop."""

from aigc_tui.process.environment import share_the_cores

share_the_cores()
