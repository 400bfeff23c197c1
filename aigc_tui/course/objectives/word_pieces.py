"""A WordPiece tokenizer, as BERT uses it, trained on our texts and written as an ordinary folder.

Text is lowercased and cut at spaces, punctuation and around every Chinese character; rare words become pieces
("walk" + "##ing"). So a Chinese token is one character, and its words have to be found for masking.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.objectives.masking import MaskRule
from aigc_tui.course.objectives.sentence_pairs import Encoded
from aigc_tui.course.objectives.words import group_words
from aigc_tui.inference.rendering import special_id

PAD, UNKNOWN, CLS, SEP, MASK = SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def train_word_pieces(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """Learn a WordPiece vocabulary (Wu et al., arXiv:1609.08144, section 4.1).

    Args:
        texts: Sample texts.
        vocab_size: Number of ids wanted, special tokens included.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, handle_chinese_chars=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size, special_tokens=list(SPECIAL_TOKENS), limit_alphabet=3000, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    cls, sep = ((token, special_id(tokenizer, token)) for token in (CLS, SEP))
    tokenizer.post_processor = processors.BertProcessing(sep, cls)
    return tokenizer


def save_word_pieces(tokenizer: Tokenizer, folder: Path, max_positions: int) -> None:
    """Write tokenizer.json and tokenizer_config.json, which transformers loads as a BERT tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    names = {"pad": PAD, "unk": UNKNOWN, "cls": CLS, "sep": SEP, "mask": MASK}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_positions,
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
        **{f"{role}_token": token for role, token in names.items()},
    }
    text = json.dumps(config, ensure_ascii=False, indent=2) + "\n"
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")


def load_word_pieces(folder: Path) -> Tokenizer:
    """Load the tokenizer of a BERT folder.

    Raises:
        CorpusError: It is missing, damaged, or lacks the special tokens of BERT.
    """
    path = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises a bare Exception for anything
        raise CorpusError(f"{path} cannot be used: {error}") from None
    if lacking := [token for token in SPECIAL_TOKENS if tokenizer.token_to_id(token) is None]:
        raise CorpusError(f"{path} lacks {', '.join(lacking)}: is it a BERT tokenizer?")
    return tokenizer


def mask_rule(tokenizer: Tokenizer) -> MaskRule:
    """Make the masking rule of a tokenizer: its [MASK], and random tokens that are not special."""
    special = {special_id(tokenizer, token) for token in SPECIAL_TOKENS}
    ordinary = [token for token in range(tokenizer.get_vocab_size()) if token not in special]
    return MaskRule(special_id(tokenizer, MASK), ordinary)


def encode_sentences(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Encoded]:
    """Encode sentences with their words; what has no tokens is left out.

    The names of special tokens in a text are text: "[MASK]" in a corpus must not become one.
    """
    tokenizer.encode_special_tokens = True
    encoded = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [
        Encoded(tuple(found.ids), group_words(text, found.offsets))
        for text, found in zip(texts, encoded, strict=True)
        if found.ids
    ]
