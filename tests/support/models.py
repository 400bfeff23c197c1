"""Tiny random models of several families as ordinary Hugging Face folders, made in a second."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from aigc_tui.engine.protocol import ChatMessage, ModelSpec, Role

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
GEMMA = (
    "{{ bos_token }}"
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}"
    "{% endif %}"
    "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}"
    "{% else %}{% set role = message['role'] %}{% endif %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<bos>", "<start_of_turn>", "<end_of_turn>")
SENTENCES = (
    "Hello there, how are you today? I am well, thank you, and the shop is open.",
    "The quick brown fox jumps over the lazy dog near the river bank.",
    "你好，今天天气很好，我们去公园散步吧。谢谢你的帮助，再见！",
    "She asked a question and he gave an answer; system user assistant model.",
)
TOKEN_IDS = {text: place for place, text in enumerate(SPECIAL)}
FAMILIES = ("llama", "mistral", "qwen2", "qwen3", "gpt2", "gemma")
OWN = FAMILIES[:-1]
"""Those that our own Transformer runs."""
CONTEXT = 256


def make_tokenizer() -> Tokenizer:
    """Train a small byte-level BPE tokenizer on a few sentences."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=[AddedToken(text, special=True, normalized=False) for text in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def _config(family: str, vocabulary: int, context: int, end: int) -> Any:
    import transformers

    shape = {
        "vocab_size": vocabulary,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": context,
        "bos_token_id": 0,
        "eos_token_id": end,
        "pad_token_id": 0,
        "tie_word_embeddings": True,
    }
    if family == "llama":
        return transformers.LlamaConfig(**shape)
    if family == "mistral":
        return transformers.MistralConfig(**shape, sliding_window=16)
    if family == "qwen2":
        return transformers.Qwen2Config(**shape)
    if family == "qwen3":
        return transformers.Qwen3Config(**shape, head_dim=8)
    if family == "gemma":
        return transformers.GemmaConfig(**shape, head_dim=8)
    return transformers.GPT2Config(
        vocab_size=vocabulary,
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=context,
        bos_token_id=0,
        eos_token_id=end,
    )


def make_model(folder: Path, family: str, context: int = CONTEXT, seed: int = 0) -> Path:
    """Write a random model of a family (see `FAMILIES`) with tokenizer and chat template.

    Weights are wide (std 0.3) so that the scores differ clearly and a wrong cache shows.
    """
    from transformers import AutoModelForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer()
    end = "<end_of_turn>" if family == "gemma" else "<|im_end|>"
    config = _config(family, tokenizer.get_vocab_size(), context, TOKEN_IDS[end])
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(0.0, 0.3)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<bos>" if family == "gemma" else "<|endoftext|>",
        "eos_token": end,
        "chat_template": GEMMA if family == "gemma" else CHATML,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def spec_of(folder: Path) -> ModelSpec:
    """Name a folder as a request does."""
    return ModelSpec(folder.name, path=str(folder))


def system(content: str) -> ChatMessage:
    """A system message."""
    return ChatMessage(Role.SYSTEM, content)


def user(content: str) -> ChatMessage:
    """A user's message."""
    return ChatMessage(Role.USER, content)


def assistant(content: str) -> ChatMessage:
    """An assistant's message."""
    return ChatMessage(Role.ASSISTANT, content)
