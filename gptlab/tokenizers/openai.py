"""GPT-2's own tokenizer, read from OpenAI's two files; and any of ours written as such files.

`vocab.bpe` has a merge a line, `encoder.json` an id for each token. In both a byte is written as a
printable character, so that no space or line break stands in them: Radford et al. 2019, encoder.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from gptlab import data
from gptlab.tokenizers.pattern import GPT2_PATTERN, RegexTokenizer

__all__ = ["END_OF_TEXT", "gpt2", "read_openai", "write_openai"]

END_OF_TEXT = "<|endoftext|>"


@cache
def written() -> tuple[str, ...]:
    """The character for each byte: itself where it can be seen, else one from 256 on."""
    seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), 256)]
    hidden = [byte for byte in range(256) if byte not in seen]
    return tuple(chr(256 + hidden.index(byte) if byte in hidden else byte) for byte in range(256))


def read_openai(vocab_bpe: Path | str, encoder_json: Path | str) -> RegexTokenizer:
    """The tokenizer of these two files. ValueError where they do not agree.

    The ids are those of encoder.json; tokens that no merge makes are special.
    """
    ids: dict[str, int] = json.loads(Path(encoder_json).read_text(encoding="utf-8"))
    lines = Path(vocab_bpe).read_text(encoding="utf-8").split("\n")
    pairs = [tuple(line.split()) for line in lines if line and not line.startswith("#version")]
    try:
        made, special = assembled(ids, pairs)
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"{vocab_bpe} and {encoder_json} do not belong together: {error} is in one only"
        ) from error
    made.register_special_tokens(special)
    return made


def assembled(
    ids: Mapping[str, int], pairs: Iterable[tuple[str, str]], pattern: str = GPT2_PATTERN
) -> tuple[RegexTokenizer, dict[str, int]]:
    """The tokenizer of tokens as they are written, merged in this order, and the ids left over.

    KeyError where a byte, a half of a pair or what a pair makes has no id; ValueError for a pair
    that is none.
    """
    left = dict(ids)
    byte_ids = [left.pop(character) for character in written()]
    known = dict(zip(written(), byte_ids, strict=True))
    merges = {}
    for first, second in pairs:
        token = first + second
        merges[known[first], known[second]] = known[token] = left.pop(token)
    made = RegexTokenizer(pattern)
    made._set(merges, byte_ids)
    return made, left


def write_openai(tokenizer: RegexTokenizer, folder: Path | str) -> None:
    """Write vocab.bpe and encoder.json, from which `read_openai` makes the same tokenizer."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    text = {
        token: "".join(written()[byte] for byte in raw) for token, raw in tokenizer.vocab.items()
    }
    lines = [f"{text[left]} {text[right]}" for left, right in tokenizer.merges]
    whole = "\n".join(["#version: 0.2", *lines, ""])
    (folder / "vocab.bpe").write_text(whole, encoding="utf-8", newline="\n")
    ids = {text[token]: token for token in sorted(text)} | tokenizer.special_tokens
    (folder / "encoder.json").write_text(json.dumps(ids), encoding="utf-8")


def gpt2() -> RegexTokenizer:
    """GPT-2's tokenizer: 50,257 ids. DataError where its two files cannot be had."""
    return read_openai(data.find("gpt2_merges"), data.find("gpt2_ids"))
