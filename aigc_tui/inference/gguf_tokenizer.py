"""Writes a Hugging Face tokenizer from the metadata of a GGUF file.

A GGUF file holds pieces, merges or scores, and the name of a way to split text; everything else about a
tokenizer is convention, which stands here as llama.cpp (src/llama-vocab.cpp) and the models' own
tokenizer.json have it. A kind or a split that is not known is refused by name: a wrong one would give a
model that is a little worse, and no error.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenizers import Tokenizer

from aigc_tui.inference.gguf_splits import WAYS, Json, Way, byte_level
from aigc_tui.message import message
from aigc_tui.transformer.gguf import CONTROL, GgufError, GgufFile, end_ids, token_id

_NORMAL, _UNKNOWN, _USER_DEFINED, _BYTE = 1, 2, 4, 6
"""Token types, besides CONTROL; 5 are unused ids."""
_SPACE = "▁"
_MOST_SPLITS = 2**24
"""Characters of all pieces, each of which is a place where two pieces may join; Gemma's have 2 million."""
_ROLE = re.compile(r"<\|[\w .:/-]{1,64}\|>")
"""Spelled like a control token. Splits never leave such a piece whole, so no text teaches one."""
_LONGEST_PIECE = 256
"""Characters of the longest piece that merges are looked for; SentencePiece makes none beyond 48."""
_SAMPLING = {
    "temp": ("temperature", 100.0),
    "top_k": ("top_k", 2.0**31),
    "top_p": ("top_p", 1.0),
    "min_p": ("min_p", 1.0),
    "penalty_repeat": ("repetition_penalty", 100.0),
}
"""Keys after ``general.sampling.`` to those of generation_config.json, with the largest value."""


def tokenizer_files(file: GgufFile) -> dict[str, str]:
    """Return the tokenizer's files of a Hugging Face folder, by name.

    Returns:
        tokenizer.json, tokenizer_config.json, generation_config.json; chat_template.jinja if there is one.

    Raises:
        GgufError: The tokenizer is of a kind that is not supported (named), or is damaged.
    """
    vocabulary = _Vocabulary(file)
    body = json.dumps(vocabulary.body(), ensure_ascii=False)
    try:
        built = Tokenizer.from_str(body)
    except Exception as error:  # tokenizers raises plain Exception for whatever does not fit
        raise GgufError("{path}: the tokenizer is damaged ({reason})", path=file.path, reason=error) from None
    if built.get_vocab_size() != len(vocabulary.tokens):
        reason = message("it has other tokens than the file")
        raise GgufError("{path}: the tokenizer is damaged ({reason})", path=file.path, reason=reason)
    files = {
        "tokenizer.json": body,
        "tokenizer_config.json": _written(vocabulary.settings()),
        "generation_config.json": _written(_generation(file)),
    }
    template = file.metadata.get("tokenizer.chat_template")
    if isinstance(template, str) and template.strip():
        files["chat_template.jinja"] = template
    return files


def _written(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


@dataclass(slots=True)
class _Vocabulary:
    """What the metadata says of the tokenizer, checked."""

    file: GgufFile
    tokens: list[str] = field(init=False)
    kinds: list[int] = field(init=False)
    byte_level: bool = field(init=False)
    way: Way = field(init=False)

    def __post_init__(self) -> None:
        kind = self._get("model", str, "")
        if kind not in ("gpt2", "llama"):
            raise GgufError(
                "{path}: tokenizer kind {kind!r} is not supported; supported are gpt2 and llama",
                path=self.file.path,
                kind=kind,
            )
        self.byte_level = kind == "gpt2"
        # SentencePiece has one way only, and begins with bos where the file does not say.
        self.way = Way((), bos=True)
        if self.byte_level:
            pre = self._get("pre", str, "default")
            if pre not in WAYS:
                raise GgufError(
                    "{path}: tokenizer split {kind!r} is not supported; supported are {known}",
                    path=self.file.path,
                    kind=pre,
                    known=tuple(WAYS),
                )
            self.way = WAYS[pre]
        tokens = self._list("tokens", str)
        self.tokens = _distinct(tokens if self.byte_level else map(_with_marks, tokens))
        self.kinds = self._list("token_type", int) or [_NORMAL] * len(self.tokens)
        if not self.tokens or len(self.kinds) != len(self.tokens):
            raise GgufError(
                "{path}: there are {tokens} tokens and {types} token types",
                path=self.file.path,
                tokens=len(self.tokens),
                types=len(self.kinds),
            )

    def _get(self, key: str, kind: type, default: Any) -> Any:
        value = self.file.metadata.get(f"tokenizer.ggml.{key}", default)
        if not isinstance(value, kind):
            raise self._unsupported(key, value)
        return value

    def _list(self, key: str, kind: type) -> list[Any]:
        found = self._get(key, list, [])
        for value in found:
            if not isinstance(value, kind):
                raise self._unsupported(key, value)
        return list(found)

    def _unsupported(self, key: str, value: object) -> GgufError:
        return GgufError(
            "{path}: {key} is {value!r}, which is not supported",
            path=self.file.path,
            key=f"tokenizer.ggml.{key}",
            value=str(value)[:80],
        )

    def body(self) -> Json:
        """Return the content of tokenizer.json."""
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [self._added(id_, special) for id_, special in self._marked().items()],
            "normalizer": self._normalizer(),
            "pre_tokenizer": self._splitter(),
            "post_processor": self._framed(),
            "decoder": self._decoder(),
            "model": self._model(),
        }

    def _added(self, id_: int, special: bool) -> Json:
        flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
        return {"id": id_, "content": self.tokens[id_], **flags, "special": special}

    def _marked(self) -> dict[int, bool]:
        """Find the tokens that are matched in text as a whole; True: special, so that decoding leaves it out.

        What ends or opens a turn must be among them even where its type says otherwise, as in some files.
        User-defined ones are words of the text, such as a run of newlines.
        """
        found = {
            id_: kind != _USER_DEFINED
            for id_, kind in enumerate(self.kinds)
            if kind in (CONTROL, _UNKNOWN)
            or (kind == _USER_DEFINED and not self._is_spaces(id_))
            or (kind == _NORMAL and _ROLE.fullmatch(self.tokens[id_]))
        }
        roles = (token_id(self.file, name) for name in ("bos", "eos", "eot", "eom"))
        found |= {id_: True for id_ in (*roles, *end_ids(self.file)) if id_ is not None}
        return {id_: found[id_] for id_ in sorted(found)}

    def _is_spaces(self, id_: int) -> bool:
        """Whether a SentencePiece token is spaces only, which merges make of the marks that spaces become."""
        return not self.byte_level and not self.tokens[id_].strip(_SPACE)

    def _normalizer(self) -> Json | None:
        if self.byte_level:
            return {"type": "NFC"} if self.way.composed else None
        marked = {"type": "Replace", "pattern": {"String": " "}, "content": _SPACE}
        if not self._prefixed():
            return marked
        # As in Llama's own file; the newer Metaspace would make the same of " a" and "a".
        return {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": _SPACE}, marked]}

    def _splitter(self) -> Json | None:
        """SentencePiece reads a text as one piece."""
        return {"type": "Sequence", "pretokenizers": list(self.way.steps)} if self.byte_level else None

    def _prefixed(self) -> bool:
        return bool(self._get("add_space_prefix", bool, True))

    def _decoder(self) -> Json:
        if self.byte_level:
            return byte_level(regex=True)
        steps: list[Json] = [
            {"type": "Replace", "pattern": {"String": _SPACE}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
        ]
        if self._prefixed():
            steps.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
        return {"type": "Sequence", "decoders": steps}

    def _framed(self) -> Json | None:
        """Put bos before and eos behind a text, where the file wants it."""
        wanted = (("bos", self.way.bos), ("eos", False))
        asked = [name for name, usual in wanted if self._get(f"add_{name}_token", bool, usual)]
        ids = {name: id_ for name in asked if (id_ := token_id(self.file, name)) is not None}
        if not ids:
            return None
        names = {name: self.tokens[id_] for name, id_ in ids.items()}
        steps = {name: [{"SpecialToken": {"id": text, "type_id": 0}}] for name, text in names.items()}
        before, behind = steps.get("bos", []), steps.get("eos", [])
        used = {text: {"id": text, "ids": [ids[name]], "tokens": [text]} for name, text in names.items()}
        text, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
        return {
            "type": "TemplateProcessing",
            "single": [*before, text, *behind],
            "pair": [*before, text, *behind, *before, second, *behind],
            "special_tokens": used,
        }

    def _model(self) -> Json:
        unknown = next((t for t, kind in zip(self.tokens, self.kinds, strict=True) if kind == _UNKNOWN), None)
        named = token_id(self.file, "unknown")
        if unknown is None and named is not None and not self.byte_level:
            unknown = self.tokens[named]
        return {
            "type": "BPE",
            "dropout": None,
            "unk_token": unknown,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": not self.byte_level,
            "byte_fallback": _BYTE in self.kinds,
            "ignore_merges": self.way.whole,
            "vocab": {text: id_ for id_, text in enumerate(self.tokens)},
            "merges": self._merges(),
        }

    def _merges(self) -> list[tuple[str, str]]:
        written = self._list("merges", str)
        if not written and not self.byte_level:
            return list(self._implied_merges())
        return [self._merge(text) for text in written]

    def _merge(self, text: str) -> tuple[str, str]:
        left, space, right = text.partition(" ")
        if not (left and space and right) or " " in right:
            raise GgufError(
                "{path}: merge {text!r} is not two pieces with a space between",
                path=self.file.path,
                text=text[:80],
            )
        return left, right

    def _implied_merges(self) -> Iterator[tuple[str, str]]:
        """Find the merges that SentencePiece's scores imply.

        It joins the two neighbours that make the piece of the best score. So pieces come by score, each with
        all pairs that make it. Control tokens, bytes and unused ids neither come out of text nor are parts.
        """
        usable = {
            text
            for text, kind in zip(self.tokens, self.kinds, strict=True)
            if kind == _NORMAL or (kind == _USER_DEFINED and not text.strip(_SPACE))
        }
        longer = [text for text in self.tokens if text in usable and 1 < len(text) <= _LONGEST_PIECE]
        if sum(map(len, longer)) > _MOST_SPLITS:
            raise GgufError("{path}: the vocabulary is too large", path=self.file.path)
        for text in self._by_score(longer):
            for place in range(len(text) - 1, 0, -1):
                left, right = text[:place], text[place:]
                if left in usable and right in usable:
                    yield left, right

    def _by_score(self, wanted: list[str]) -> list[str]:
        # Gemma's scores do not follow the order in which its pieces were made; their ids do.
        if self.file.metadata.get("general.architecture") == "gemma3":
            return wanted
        scores = self._list("scores", float)
        if len(scores) != len(self.tokens):
            raise GgufError(
                "{path}: there are {tokens} tokens and {scores} scores",
                path=self.file.path,
                tokens=len(self.tokens),
                scores=len(scores),
            )
        finite = (score if math.isfinite(score) else -math.inf for score in scores)
        rank = dict(zip(self.tokens, finite, strict=True))
        return sorted(wanted, key=lambda text: -rank[text])

    def settings(self) -> Json:
        """Return the content of tokenizer_config.json."""
        ids = {name: token_id(self.file, key) for name, key in _NAMED.items()}
        named = {
            name: self.tokens[id_]
            for name, id_ in ids.items()
            if id_ is not None and self._may_name(name, id_)
        }
        context = self.file.metadata.get(f"{self.file.metadata.get('general.architecture')}.context_length")
        return {
            "tokenizer_class": "PreTrainedTokenizerFast",
            **({"model_max_length": context} if isinstance(context, int) else {}),
            "clean_up_tokenization_spaces": False,
            "add_bos_token": self._get("add_bos_token", bool, self.way.bos),
            "add_eos_token": self._get("add_eos_token", bool, False),
            **named,
        }

    def _may_name(self, name: str, id_: int) -> bool:
        """Some files pad with an ordinary word, which must go on being one.

        Bytes leave no letter unknown; files that call their end of text so would let users write it.
        """
        if name == "unk_token" and self.byte_level:
            return False
        return name in ("bos_token", "eos_token") or self.kinds[id_] != _NORMAL


_NAMED: Mapping[str, str] = {
    "bos_token": "bos",
    "eos_token": "eos",
    "unk_token": "unknown",
    "pad_token": "padding",
}


def _generation(file: GgufFile) -> Json:
    """Return the content of generation_config.json; sampling only where the file recommends it."""
    found: Json = {
        "bos_token_id": token_id(file, "bos"),
        "eos_token_id": list(end_ids(file)) or None,
        "pad_token_id": token_id(file, "padding"),
    }
    sampling: Json = {}
    for key, (name, most) in _SAMPLING.items():
        value = file.metadata.get(f"general.sampling.{key}")
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
            sampling[name] = value
    return found | ({"do_sample": True, **sampling} if sampling else {})


def _with_marks(token: str) -> str:
    """Converters write runs of spaces as such; SentencePiece knows them by its own mark."""
    return token if token.strip(" ") else token.replace(" ", _SPACE)


def _distinct(tokens: Iterable[str]) -> list[str]:
    """Give every id a text of its own: a second one of the same text cannot come out of text anyway."""
    taken: set[str] = {""}
    found = []
    for id_, text in enumerate(tokens):
        found.append(f"[unused {id_}]" if text in taken else text)
        taken.add(text)
    return found
