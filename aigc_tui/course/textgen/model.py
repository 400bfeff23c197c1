"""A text generator: a causal model, its tokenizer and a few notes; made new, loaded, saved, reset.

The folder is an ordinary one (safetensors, config.json, tokenizer.json) with one more file, `textgen.json`:
the level, the labels, how much it was trained. It is written beside its place and then renamed into it, so a
crash leaves the old model or the new one; a folder that is not a text generator is never replaced.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from aigc_tui.course.textgen.texts import Texts
from aigc_tui.course.textgen.vocabulary import learn, prepared
from aigc_tui.inference.tokens import special_id
from aigc_tui.message import AppError
from aigc_tui.text import one_line
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import load_model, read_json, save_model, write_json
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.tokenizer import END_OF_TEXT, PAD

NOTES = "textgen.json"
TOKENIZER = "tokenizer.json"
_KEPT_FILES = ("tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja")
_LARGEST_TOKENIZER = 64_000_000
_LARGE = 50_000_000
_MOST_LABELS = 10_000


class TextModelError(AppError, ValueError):
    """A text generator cannot be made, loaded or saved; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of a new model; the defaults learn something from a few hundred lines on one core.

    Args:
        layers: Blocks (textgenrnn: rnn_layers).
        width: Width of the residual stream (textgenrnn: rnn_size and dim_embeddings).
        heads: Attention heads.
        context: Tokens that the model looks back (textgenrnn: max_length).
    """

    layers: int = 4
    width: int = 128
    heads: int = 4
    context: int = 256


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known of a generator besides its weights.

    Args:
        level: ``char``, ``word``, or ``subword`` for a model with another tokenizer.
        labels: Labels that it was trained with, and the share of the texts under each.
        single: Whether it was trained on one large text, and so never ends by itself.
        epochs: Epochs trained in all.
        loss: Mean nats per token in the last epoch, or None.
        held_out: The same on texts set aside, or None.
    """

    level: str = "subword"
    labels: dict[str, float] = field(default_factory=dict)
    single: bool = False
    epochs: int = 0
    loss: float | None = None
    held_out: float | None = None


@dataclass(slots=True)
class TextModel:
    """A generator in memory."""

    model: CausalLM
    tokenizer: Tokenizer
    notes: Notes = field(default_factory=Notes)
    source: Path | None = None

    @property
    def start(self) -> int:
        """The token that stands before a text."""
        config = self.model.config
        return config.bos_id if config.bos_id is not None else config.eos_ids[0]

    @property
    def ends(self) -> tuple[int, ...]:
        """Tokens that end a text."""
        return self.model.config.eos_ids

    @property
    def end(self) -> int:
        """The one of them that training writes: the start token if it ends texts too, as ours does."""
        return self.start if self.start in self.ends else self.ends[0]

    @property
    def device(self) -> torch.device:
        return self.model.lm_head.weight.device

    def opening(self, label: str) -> list[int]:
        """Return what stands before a text: START, or START label START."""
        return [self.start, *self.encode(label), self.start] if label else [self.start]

    def encode(self, text: str) -> list[int]:
        """Turn text into token ids; names of special tokens in it stay text."""
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: list[int]) -> str:
        """Turn token ids into text, without special tokens."""
        return str(self.tokenizer.decode(ids, skip_special_tokens=True))


def new(
    texts: Texts, level: str, shape: Shape | None = None, max_words: int = 10_000, seed: int = 0
) -> TextModel:
    """Make a new model with a vocabulary learnt from texts; its weights are random.

    Args:
        texts: What it will be trained on.
        level: ``char`` or ``word``.
        shape: Its size.
        max_words: Largest vocabulary (words, or characters).
        seed: Of the weights.

    Raises:
        VocabularyError: No vocabulary can be learnt.
        ModelConfigError: The shape is impossible.
    """
    tokenizer = learn((sample.text for sample in texts.samples), level, max_words)
    model = CausalLM(_config(tokenizer, shape or Shape()))
    initialise(model, seed)
    return TextModel(model.eval(), tokenizer, Notes(level=level))


def load(folder: Path, device: str = "cpu") -> TextModel:
    """Load a generator, or any causal model that this project's Transformer runs, such as the starter.

    Args:
        folder: A model folder with a tokenizer.json.
        device: Where to put it.

    Raises:
        CheckpointError: Configuration or weights are missing or damaged.
        TextModelError: The tokenizer is, or the model names no token that ends a text.
    """
    model = load_model(folder, device=device)
    if not isinstance(model, CausalLM):
        raise TextModelError(
            "{folder} holds a model that does not write texts from left to right", folder=folder
        )
    tokenizer = _load_tokenizer(folder)
    if tokenizer.get_vocab_size() > model.config.vocab_size:
        raise TextModelError(
            "{folder}: the tokenizer has {tokens} tokens, the model knows {known}; are both of one model?",
            folder=folder,
            tokens=tokenizer.get_vocab_size(),
            known=model.config.vocab_size,
        )
    if not model.config.eos_ids:
        raise TextModelError(
            "{path} names no eos_token_id, so no text could end", path=folder / "config.json"
        )
    return TextModel(model, tokenizer, _load_notes(folder), folder)


def save(made: TextModel, folder: Path, replace_old: bool = False) -> None:
    """Write a model folder at once or not at all.

    Args:
        made: What to write.
        folder: Where; its parent must exist.
        replace_old: Whether a text generator that is there may go.

    Raises:
        TextModelError: Something is there already.
        OSError: The place cannot be written.
    """
    check_place(folder, replace_old)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name[:80]}.", dir=folder.parent))
    try:
        _write(made, part)
        part.chmod(0o755)
        _put(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def check_place(folder: Path, replace_old: bool = False) -> None:
    """Refuse a place that holds something else, before an hour of training and not after it.

    Raises:
        TextModelError: The parent is missing, or something is there that may not be replaced.
    """
    if not folder.parent.is_dir():
        raise TextModelError("{parent} is not a folder", parent=folder.parent)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / NOTES).is_file():
        raise TextModelError("{folder} exists and is no text generator; name another folder", folder=folder)
    if not replace_old:
        raise TextModelError("{folder} holds a text generator already; --force replaces it", folder=folder)


def reset(made: TextModel, seed: int = 0) -> TextModel:
    """Return a generator of the same shape and vocabulary that has learnt nothing."""
    model = CausalLM(made.model.config).to(made.device)
    initialise(model, seed)
    notes = replace(made.notes, labels={}, single=False, epochs=0, loss=None, held_out=None)
    return TextModel(model.eval(), made.tokenizer, notes, made.source)


def _config(tokenizer: Tokenizer, shape: Shape) -> ModelConfig:
    end = special_id(tokenizer, END_OF_TEXT)
    return ModelConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=shape.width,
        layers=shape.layers,
        heads=shape.heads,
        kv_heads=shape.heads,
        head_dim=max(1, shape.width // max(1, shape.heads)),
        ffn_size=max(8, 8 * round(shape.width / 3)),
        max_positions=shape.context,
        bos_id=end,
        eos_ids=(end,),
        pad_id=special_id(tokenizer, PAD),
    )


def _load_tokenizer(folder: Path) -> Tokenizer:
    path = folder / TOKENIZER
    try:
        if path.stat().st_size > _LARGEST_TOKENIZER:
            raise TextModelError(
                "{path} is larger than {largest_tokenizer} bytes",
                path=path,
                largest_tokenizer=_LARGEST_TOKENIZER,
            )
        return prepared(Tokenizer.from_file(str(path)))
    except OSError as error:
        raise TextModelError("cannot read {path}: {reason}", path=path, reason=error.strerror) from None
    except TextModelError:
        raise
    except Exception as error:  # the library raises bare Exception for whatever is wrong in the file
        raise TextModelError(
            "{path} is no tokenizer ({problem})", path=path, problem=one_line(str(error), 120)
        ) from None


def _load_notes(folder: Path) -> Notes:
    """Read textgen.json; a model folder of another make has none, and that is fine."""
    if not (folder / NOTES).exists():
        return Notes()
    raw = read_json(folder / NOTES)
    try:
        return _notes(raw)
    except (TypeError, ValueError, AttributeError):
        raise TextModelError("{path} is not as this program wrote it", path=folder / NOTES) from None


def _notes(raw: dict[str, Any]) -> Notes:
    labels = {one_line(str(name)): float(share) for name, share in raw.get("labels", {}).items()}
    if len(labels) > _MOST_LABELS or not all(0 < share <= 1 for share in labels.values()):
        raise ValueError("labels")
    losses = [None if raw.get(name) is None else float(raw[name]) for name in ("loss", "held_out")]
    level = one_line(str(raw.get("level", "subword")), 20)
    return Notes(level, labels, bool(raw.get("single")), int(raw.get("epochs", 0)), losses[0], losses[1])


def _write(made: TextModel, folder: Path) -> None:
    """Write all files; small models keep every bit, large ones the usual half of them."""
    large = made.model.config.parameters > _LARGE
    save_model(made.model, folder, dtype=torch.bfloat16 if large else torch.float32)
    made.tokenizer.save(str(folder / TOKENIZER), pretty=False)
    if made.source is not None:
        for name in _KEPT_FILES:
            if (made.source / name).is_file():
                shutil.copyfile(made.source / name, folder / name)
    if not (folder / _KEPT_FILES[0]).exists():
        write_json(folder / _KEPT_FILES[0], _tokenizer_config(made.model.config))
    write_json(folder / NOTES, asdict(made.notes))


def _tokenizer_config(config: ModelConfig) -> dict[str, Any]:
    """Describe the tokenizer to transformers. No chat template: such a model cannot chat."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": config.max_positions,
        "clean_up_tokenization_spaces": False,
        "add_bos_token": False,
        "bos_token": END_OF_TEXT,
        "eos_token": END_OF_TEXT,
        "pad_token": PAD,
    }


def _put(part: Path, folder: Path) -> None:
    """Rename into place; an old folder steps aside first and goes only when the new one is there."""
    old = folder.with_name(f".{folder.name[:80]}.old-{os.getpid()}")
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
