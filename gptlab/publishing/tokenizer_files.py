"""Our tokenizer as the file that the library `tokenizers` reads, and back; and the chat template.

tokenizer.json has all of it: each token's id, the merges in their order, how a text is cut into
words, and which tokens are special. It is plain JSON, so the library itself is not needed. Bytes
are written as in GPT-2's own files: see `gptlab.tokenizers.openai`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gptlab.conversations.roles import END, SPECIAL
from gptlab.publishing import HubError, damaged
from gptlab.tokenizers import GPT2_PATTERN, GPT4_PATTERN, RegexTokenizer
from gptlab.tokenizers.openai import assembled, written

__all__ = ["CHAT_TEMPLATE", "end_id", "is_chat", "read_json", "read_tokenizer", "settings",
           "tokenizer_json"]  # fmt: skip

END_TOKENS = (END, "<|endoftext|>")  # what ends an answer: ours, GPT-2's
SHOWN = 60  # characters of what is wrong

# gptlab.conversations.prompt in Jinja's words. There a text is encoded apart from the roles, here
# all of it at once: so a text that spells out a role is refused, not taken for one.
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] != ['user', 'assistant'][loop.index0 % 2] -%}"
    "{{- raise_exception('user and assistant speak in turns, and the user begins') -}}"
    "{%- endif -%}"
    "{%- for token in ['<|user|>', '<|assistant|>', '<|end|>'] -%}"
    "{%- if token in message['content'] -%}"
    "{{- raise_exception('a message holds ' + token + ', which would be read as that token: "
    "encode its text apart, with split_special_tokens=True') -}}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{{- '<|' + message['role'] + '|>' + message['content'] + '<|end|>' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}"
)

# The same patterns as the regular expressions of `tokenizers` have them: there {1,3}+ is no
# possessive count, and nothing follows the digits that could make it give some back.
_PATTERNS = {GPT4_PATTERN: GPT4_PATTERN.replace(r"\p{N}{1,3}+", r"\p{N}{1,3}")}
_SPECIAL = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": True}  # fmt: skip
_BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True}
# What would give other ids, where it is anything else.
_PLAIN = {"dropout": None, "unk_token": None, "continuing_subword_prefix": None,
          "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
          "ignore_merges": False}  # fmt: skip


def tokenizer_json(tokenizer: RegexTokenizer) -> dict[str, Any]:
    """What stands in tokenizer.json. Raises HubError for a tokenizer that has no such form."""
    text = {token: "".join(written()[byte] for byte in raw)
            for token, raw in tokenizer.vocab.items()}  # fmt: skip
    special = sorted(tokenizer.special_tokens.items(), key=lambda pair: pair[1])
    vocab = {text[token]: token for token in sorted(text)} | dict(special)
    if len(vocab) != tokenizer.vocab_size:
        raise HubError(
            f"the tokenizer has {tokenizer.vocab_size:,} ids and only {len(vocab):,} texts: two of "
            "its tokens are written alike. Train it with another vocab_size"
        )
    # the earliest merge is the one with the smallest id; there, the first in the list
    merges = [[text[a], text[b]] for (a, b), _ in sorted(tokenizer.merges.items(), key=_new)]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": number, "content": token, **_SPECIAL} for token, number in special],
        "normalizer": None,
        "pre_tokenizer": _cutting(tokenizer.pattern),
        "post_processor": None,
        "decoder": _BYTES,
        "model": {"type": "BPE", **_PLAIN, "vocab": vocab, "merges": merges},
    }


def _new(merge: tuple[tuple[int, int], int]) -> int:
    return merge[1]


def _cutting(pattern: str) -> dict[str, Any]:
    """How a text is cut into words: GPT-2's way has a name there."""
    if pattern == GPT2_PATTERN:
        return _BYTES
    if pattern not in _PATTERNS:
        raise HubError(
            f"the tokenizer cuts words by {pattern!r}; expected GPT2_PATTERN or GPT4_PATTERN of "
            "gptlab.tokenizers, which transformers cuts alike"
        )
    cut = {"type": "Split", "pattern": {"Regex": _PATTERNS[pattern]}, "behavior": "Isolated",
           "invert": False}  # fmt: skip
    return {"type": "Sequence", "pretokenizers": [cut, _BYTES | {"use_regex": False}]}


def end_id(tokenizer: RegexTokenizer) -> int | None:
    """The id that ends an answer, if there is one."""
    special = tokenizer.special_tokens
    return next((special[token] for token in END_TOKENS if token in special), None)


def is_chat(tokenizer: RegexTokenizer) -> bool:
    """Has it the tokens of a conversation?"""
    return set(SPECIAL) <= set(tokenizer.special_tokens)


def settings(tokenizer: RegexTokenizer, block_size: int) -> dict[str, Any]:
    """What stands in tokenizer_config.json."""
    told = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": block_size,
        "clean_up_tokenization_spaces": False,
        "split_special_tokens": False,
    }
    if end := next((token for token in END_TOKENS if token in tokenizer.special_tokens), None):
        told |= {"eos_token": end, "pad_token": end}
    if is_chat(tokenizer):
        told["chat_template"] = CHAT_TEMPLATE
    return told


def read_json(path: Path) -> dict[str, Any]:
    """An object of JSON. Raises HubError."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise damaged(path, f"it cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"no JSON ({error})") from error
    if not isinstance(told, dict):
        raise damaged(path, f"expected an object of JSON, found a {type(told).__name__}")
    return told


def read_tokenizer(path: Path) -> RegexTokenizer:
    """The tokenizer of a tokenizer.json that is one of ours or of GPT-2. Raises HubError."""
    told = read_json(path)
    try:
        pattern, model = _pattern(told), _part(told, "model", dict)
        ids = {text: _id(number) for text, number in _part(model, "vocab", dict).items()}
        special = _special(_part(told, "added_tokens", list))
        for token, number in special.items():
            if ids.pop(token, number) != number:
                raise ValueError(f"{token!r} has two ids")
        pairs = [_pair(one) for one in _part(model, "merges", list)]
        made, left = assembled(ids, pairs, pattern)
        if left:
            raise ValueError(f"no merge makes {next(iter(left))!r}, and it is not special")
        made.register_special_tokens(special)
        _in_order(made)
    except (KeyError, ValueError) as error:
        raise damaged(path, f"no byte-pair tokenizer as GPT-2 has it ({_said(error)})") from error
    return made


def _part(told: dict[str, Any], name: str, kind: type) -> Any:
    """What stands under a name, if it is of this kind. KeyError, ValueError."""
    if not isinstance(told[name], kind):
        expected = {dict: "an object of JSON", list: "a list"}[kind]
        raise ValueError(f"its {name} is {_short(told[name])}, expected {expected}")
    return told[name]


def _short(found: Any) -> str:
    said = repr(found)
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}..."


def _special(added: list[Any]) -> dict[str, int]:
    """The special tokens and their ids."""
    for one in added:
        if not isinstance(one, dict) or not isinstance(one.get("content"), str):
            raise ValueError(f"found {_short(one)} in its added_tokens, expected an object of JSON "
                             "with content, a text, and an id")  # fmt: skip
    return {one["content"]: _id(one["id"]) for one in added}


def _pair(merge: Any) -> tuple[str, str]:
    """The two that are merged: a list of them, or one text with a space between them."""
    found = merge.split(" ") if isinstance(merge, str) else merge
    if not isinstance(found, list) or len(found) != 2 or not all(isinstance(s, str) for s in found):
        raise ValueError(f"found {_short(merge)} in its merges, expected two texts")
    return found[0], found[1]


def _id(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"{number!r} is no id")
    return number


def _said(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)


def _pattern(told: dict[str, Any]) -> str:
    """How it cuts words. ValueError where it does anything that ours does not."""
    model, cutting = _part(told, "model", dict), _part(told, "pre_tokenizer", dict)
    if model.get("type", "BPE") != "BPE":
        raise ValueError(f"its model is a {model['type']}, expected BPE")
    for name, plain in _PLAIN.items():
        if model.get(name) not in (plain, None, ""):
            raise ValueError(f"{name} is {model[name]!r}, expected {plain!r}")
    if told.get("normalizer") is not None:
        raise ValueError("it has a normalizer, expected none")
    after = told.get("post_processor") or _BYTES
    if not isinstance(after, dict) or after.get("type") != "ByteLevel":
        raise ValueError(f"its post_processor is {_short(after)}, expected none that adds tokens")
    if cutting.get("type") == "ByteLevel":
        if cutting.get("add_prefix_space") or not cutting.get("use_regex", True):
            raise ValueError(f"its pre_tokenizer is not GPT-2's: found {_short(cutting)}, expected "
                             "add_prefix_space false and use_regex true")  # fmt: skip
        return GPT2_PATTERN
    for pattern in _PATTERNS:
        if cutting == _cutting(pattern):
            return pattern
    raise ValueError(f"its pre_tokenizer is neither GPT-2's nor GPT-4's: found {_short(cutting)}, "
                     "expected one of the type ByteLevel")  # fmt: skip


def _in_order(tokenizer: RegexTokenizer) -> None:
    """Ours merges the smallest new id first, theirs the first of the list."""
    new = list(tokenizer.merges.values())
    if new != sorted(new):
        raise ValueError("its merges are not in the order of their ids")
