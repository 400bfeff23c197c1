"""The Transformer, written from scratch, to be read as a course in the article's order.

1. ``attention``: masks, the formula (article 4.1.2) and multi-head attention (4.1.3).
2. ``positions`` (2.3.3) and ``feedforward`` with the norms: the other parts of a block.
3. ``config``, ``causal_lm``: what changed since, as choices of one model that is GPT-2, Llama, Mistral,
   Qwen2, Qwen3 or Gemma 3 (3.2). The article's own model (section 5) is ``course.article_lm``; bidirectional
   models and fine-tuning (3.3, 3.4) are in ``course``, too.
4. ``cache``, ``sampling``, ``decoding``: generation, token by token (3.2.3).
5. ``observe``: looking inside. ``tokenizer``, ``hf_config``, ``weights``, ``checkpoint``, ``gguf``: files.
"""

from aigc_tui.process.environment import share_the_cores

share_the_cores()
