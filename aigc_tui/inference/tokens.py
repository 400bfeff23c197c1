"""A model's tokenizer with the one distinction that keeps a chat safe: control tokens or plain text.

`<|im_start|>` typed by a user must stay seven harmless pieces of text, while the same characters from the
chat template must become the role token (engine-safety A9, fact 16). So there are two ways in: `encode` for
the template's own text, and `encode_plain`, in which no added token is matched. Both share one model, as a
second one of a large vocabulary would take seconds to make; where that model knows a control token as a word
and says so, the text goes through a copy that does not know it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Encoding, Tokenizer

from aigc_tui.inference.source import BrokenModelError, read_json, read_limited

_SPACES = " \t\n\r\N{LOWER ONE EIGHTH BLOCK}"
_SHORT = 200
"""Characters up to which the template's text is remembered: the few pieces between messages."""
_REMEMBERED = 1024
"""Messages whose tokens are remembered."""
_NAMED = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")


class Tokens:
    """Text to token ids and back.

    Args:
        tokenizer: The fast tokenizer as the folder holds it.
        named: The special tokens by name (`bos_token`, ...), as chat templates ask for them.
    """

    def __init__(self, tokenizer: Tokenizer, named: Mapping[str, str]) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.named = dict(named)
        self._marked = tokenizer
        added = tokenizer.get_added_tokens_decoder()
        # Tokens of white space only are layout, and part of ordinary text in some families (Gemma's "\n\n").
        spoken = {t.content for t in added.values() if t.content.strip(_SPACES)}
        # The token for unknown letters comes out of ordinary text, and opens no role.
        roles = {text for name, text in named.items() if text and name != "unk_token"}
        self.control_texts = frozenset((spoken - {named.get("unk_token")}) | roles)
        ids = (tokenizer.token_to_id(text) for text in self.control_texts)
        self.control = frozenset(id_ for id_ in ids if id_ is not None)
        self._plain = _unmarked(tokenizer, self.control_texts)
        # Every turn sends the whole chat again; what was tokenised for the last one need not be anew.
        self._encoded = lru_cache(_REMEMBERED)(self._encode)
        self._encoded_plain = lru_cache(_REMEMBERED)(self._encode_plain)
        self._holding = lru_cache(1)(self._find_holding)
        self._suspicion = lru_cache(_REMEMBERED)(self._spells_control)
        self._unknowing = lru_cache(1)(lambda: _renamed(tokenizer, self.control_texts))

    def encode(self, text: str) -> list[int]:
        """Tokenise the template's own text; added tokens in it are what they say."""
        return list(self._encoded(text) if len(text) <= _SHORT else self._encode(text))

    def encode_plain(self, text: str) -> list[int]:
        """Tokenise text of anyone's; whatever it spells, no control token comes out."""
        return list(self._encoded_plain(text))

    def encode_once(self, text: str) -> list[int]:
        """Do as `encode_plain` without remembering the text: for the records of a corpus."""
        return list(self._encode_plain(text))

    def encode_spans(self, text: str, offset: int = 0, plain: bool = False) -> list[tuple[int, int, int]]:
        """Tokenise text and tell where each token stands in it.

        Args:
            text: The text.
            offset: Where it begins; added to each place.
            plain: As `encode_plain`, else as `encode`.

        Returns:
            For each token its id, begin and end.
        """
        coded = self._encoded_as_text(text) if plain else _tokenised(self._marked, text)
        spans = zip(coded.ids, coded.offsets, strict=True)
        return [(i, b + offset, e + offset) for i, (b, e) in spans if not plain or i not in self.control]

    def _encode(self, text: str) -> tuple[int, ...]:
        return tuple(_tokenised(self._marked, text).ids)

    def is_suspect(self, text: str) -> bool:
        """Tell whether a text spells a control token, so that it must not be tokenised as the template's."""
        return self._suspicion(text)

    def _encode_plain(self, text: str) -> tuple[int, ...]:
        # One could still come out where it doubles as the token for unknown letters.
        return tuple(id_ for id_ in self._encoded_as_text(text).ids if id_ not in self.control)

    def _encoded_as_text(self, text: str) -> Encoding:
        coded = _tokenised(self._plain, text)
        # The model itself may know a control token as a word, and find it in the text.
        return coded if self.control.isdisjoint(coded.ids) else _tokenised(self._unknowing(), text)

    def _spells_control(self, text: str) -> bool:
        spelled = any(token in text for token in self.control_texts)
        return spelled or not self.control.isdisjoint(self.encode(text))

    def decode(self, ids: Iterable[int]) -> str:
        return str(self._marked.decode(list(ids), skip_special_tokens=True))

    def holding(self, marks: str) -> frozenset[int]:
        """Find the tokens whose text holds one of these characters."""
        return self._holding(marks)

    def _find_holding(self, marks: str) -> frozenset[int]:
        texts = self._marked.decode_batch([[id_] for id_ in range(self.size)], skip_special_tokens=True)
        wanted = frozenset(marks)
        return frozenset(id_ for id_, text in enumerate(texts) if not wanted.isdisjoint(text))

    def id_of(self, token: str) -> int | None:
        found: int | None = self._marked.token_to_id(token)
        return found

    def require(self, token: str) -> int:
        """Return the id of a token by its exact text.

        Raises:
            BrokenModelError: There is none.
        """
        return special_id(self._marked, token)

    def has(self, id_: int) -> bool:
        return self._marked.id_to_token(id_) is not None

    def spelling(self) -> str:
        """Describe the tokenizer in JSON, for readers that spell tokens out.

        Every control token is marked special, as some folders forget, and has a name that nobody can guess:
        a text that spells `<|im_end|>` is letters to the reader, too.
        The older way to write a SentencePiece decoder becomes the newer one, which more readers know.
        """
        names = _secret_names(self.control_texts)
        body = _renamed_body(self._marked, names)
        if (body["decoder"] or {}).get("type") == "Metaspace":
            body["decoder"] = _sentencepiece(body["decoder"]["replacement"])
        secret = set(names.values())
        for token in body["added_tokens"]:
            token["special"] = token["special"] or token["content"] in secret
        return json.dumps(body)

    def shown(self, id_: int) -> str:
        """Word one token for people: its text, or its name where it has none. As hostile as any text."""
        return self.decode([id_]) or str(self._marked.id_to_token(id_) or "")

    def same_vocabulary(self, other: Tokens) -> bool:
        """Tell whether two tokenizers give the same numbers to the same pieces."""
        return bool(self._marked.get_vocab() == other._marked.get_vocab())

    @property
    def base_size(self) -> int:
        """How many rows of embeddings the vocabulary needs, added tokens aside."""
        size, model = int(self._marked.get_vocab_size(with_added_tokens=False)), self._marked.model
        # So many pieces that have the numbers below have no others; a list of all of them takes longer.
        if None not in map(model.id_to_token, range(size)):
            return size
        return max(self._marked.get_vocab(with_added_tokens=False).values(), default=-1) + 1

    @property
    def opening(self) -> list[int]:
        """The tokens that the tokenizer puts in front of every plain text (a `<s>`, or nothing)."""
        opener = self.id_of(self.named.get("bos_token", ""))
        return [id_ for id_ in self._marked.encode("").ids if id_ == opener]

    @property
    def size(self) -> int:
        """How many ids there are, added tokens included."""
        return int(self._marked.get_vocab_size(with_added_tokens=True))


def _sentencepiece(space: str) -> dict[str, Any]:
    """What the Metaspace decoder does, spelled out as the folders of Llama and Gemma have it."""
    steps: list[dict[str, Any]] = [
        {"type": "Replace", "pattern": {"String": space}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ]
    return {"type": "Sequence", "decoders": steps}


def _encodable(text: str) -> str:
    """Lone surrogates cannot cross into the tokenizer; they become U+FFFD."""
    return text.encode("utf-8", errors="replace").decode("utf-8") if not text.isascii() else text


def _tokenised(tokenizer: Tokenizer, text: str) -> Encoding:
    return tokenizer.encode(_encodable(text), add_special_tokens=False)


def _unmarked(tokenizer: Tokenizer, texts: Iterable[str]) -> Tokenizer:
    """Make a tokenizer with the same model, which does not match these added tokens in a text.

    The other added tokens keep their ids: where these lie behind the model's, tokens with names that nobody
    can guess stand in for those between.
    """
    names, model = _secret_names(texts), tokenizer.model
    unmarked = Tokenizer(model)
    unmarked.normalizer, unmarked.pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer
    added = sorted(tokenizer.get_added_tokens_decoder().items())
    kept = {token.content: id_ for id_, token in added if token.content not in names}
    behind = (
        token for _, token in added if token.content in kept or model.token_to_id(token.content) is None
    )
    unmarked.add_tokens(
        [t if t.content in kept else AddedToken(names[t.content], normalized=False) for t in behind]
    )
    if any(unmarked.token_to_id(text) != id_ for text, id_ in kept.items()):
        # The file numbers its tokens in a way of its own.
        return _renamed(tokenizer, names)
    return unmarked


def _secret_names(texts: Iterable[str]) -> dict[str, str]:
    nonce = secrets.token_hex(16)
    return {text: f"\ue000{nonce}{place}" for place, text in enumerate(sorted(texts))}


def _renamed(tokenizer: Tokenizer, texts: Iterable[str]) -> Tokenizer:
    """Copy a tokenizer in which these tokens have names that nobody can guess, and their old ids.

    They are renamed, not removed, because removing shifts the ids of tokens behind them; and in the model's
    vocabulary too, because some models (Unigram, `ignore_merges`) find whole words there.
    """
    return Tokenizer.from_str(json.dumps(_renamed_body(tokenizer, _secret_names(texts))))


def _renamed_body(tokenizer: Tokenizer, names: Mapping[str, str]) -> dict[str, Any]:
    """The JSON of a tokenizer with other names for some tokens, added ones and the model's own."""
    body = json.loads(tokenizer.to_str())
    for token in body["added_tokens"]:
        token["content"] = names.get(token["content"], token["content"])
    model = body["model"]
    model["vocab"] = _renamed_vocabulary(model["vocab"], names)
    if "merges" in model:
        model["merges"] = [merge for merge in model["merges"] if names.keys().isdisjoint(_parts(merge))]
    model["unk_token"] = names.get(model.get("unk_token"), model.get("unk_token"))
    body["post_processor"] = None
    return {**body, "model": {k: v for k, v in model.items() if v is not None}}


def _renamed_vocabulary(vocabulary: Any, names: Mapping[str, str]) -> Any:
    if isinstance(vocabulary, dict):
        return {names.get(piece, piece): id_ for piece, id_ in vocabulary.items()}
    return [[names.get(piece, piece), score] for piece, score in vocabulary]


def _parts(merge: Any) -> tuple[str, str, str]:
    """The two pieces of a merge (written as a pair, or before 2024 as one text) and what they become."""
    left, right = merge.split(" ", 1) if isinstance(merge, str) else merge
    return left, right, left + right


def load_tokens(path: Path) -> Tokens:
    """Load the tokenizer of a model folder.

    Raises:
        BrokenModelError: With what is missing.
    """
    settings = _optional(path / "tokenizer_config.json")
    named = {**_named(_optional(path / "special_tokens_map.json")), **_named(settings)}
    if (path / "tokenizer.json").is_file():
        return Tokens(_fast(path), named)
    return Tokens(_converted(path), named)


def _optional(path: Path) -> dict[str, Any]:
    return read_json(path) if path.is_file() else {}


def _named(settings: Mapping[str, Any]) -> dict[str, str]:
    values = {name: settings.get(name) for name in _NAMED}
    texts = {
        name: value.get("content") if isinstance(value, dict) else value for name, value in values.items()
    }
    return {name: text for name, text in texts.items() if isinstance(text, str)}


def _fast(path: Path) -> Tokenizer:
    file = path / "tokenizer.json"
    data = read_limited(file)
    try:
        return Tokenizer.from_str(data.decode())
    except Exception as error:  # tokenizers raises plain Exception for whatever it does not understand
        # Most faults are ones of every JSON file; to look for them first would take half as long as loading.
        read_json(file)
        raise BrokenModelError(
            "{path} has a broken tokenizer.json ({reason})", path=path, reason=error
        ) from error


def _converted(path: Path) -> Tokenizer:
    """Let transformers build the tokenizer from older files (vocab.json and merges.txt, sentencepiece)."""
    if not any(
        (path / name).is_file() for name in ("vocab.json", "tokenizer.model", "vocab.txt", "spiece.model")
    ):
        raise BrokenModelError("{path} has no tokenizer.json; copy or pull the model again", path=path)
    from transformers import AutoTokenizer

    try:
        loaded = AutoTokenizer.from_pretrained(path, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # whatever goes wrong inside, the user needs one line about the folder
        raise BrokenModelError(
            "the tokenizer of {path} cannot be loaded ({reason})", path=path, reason=error
        ) from error
    backend = getattr(loaded, "_tokenizer", None)
    if not isinstance(backend, Tokenizer):
        raise BrokenModelError("{path} has no fast tokenizer (tokenizer.json is needed)", path=path)
    return backend


def byte_lengths(tokenizer: Tokenizer) -> list[int]:
    """Bytes of text that each token of a byte-level tokenizer stands for; special tokens stand for none."""
    special = {id_ for id_, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    size = tokenizer.get_vocab_size()
    return [0 if i in special else len(tokenizer.id_to_token(i) or "") for i in range(size)]


def special_id(tokenizer: Tokenizer, token: str) -> int:
    """Return the id of a special token.

    Raises:
        BrokenModelError: The tokenizer does not have it.
    """
    found = tokenizer.token_to_id(token)
    if found is None:
        raise BrokenModelError("the tokenizer has no token {token!r}, which is needed here", token=token)
    return int(found)
