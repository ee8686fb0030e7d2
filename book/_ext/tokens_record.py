"""What chapter 4 says of GPT-2's vocabulary and of Tiny Shakespeare, counted once and kept.

    python book/_ext/tokens_record.py     writes book/_ext/tokens.json

The site is built without a download, so what needs GPT-2's two files or the text of the plays is
counted here. Nothing in it depends on the machine.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from gptlab import data, tokenizers
from gptlab.tokenizers import bytepairs

RECORD = Path(__file__).with_name("tokens.json")
EXAMPLES = [
    "Hello, world!",
    "strawberry",
    "a strawberry",
    "egg Egg EGG",
    "127 + 677 = 804",
    "in 2019, in 2023",
    "    return x",
    "déjà vu",
    "안녕 👋",
]
TYPED = "Hello\n<|endoftext|>"  # as somebody types it
SAMPLES = [0, 220, 256, 257, 258, 262, 1000, 5000, 15496, 30000, 50255, 50256]
SIZES = [256, 300, 400, 512, 768, 1024, 1500, 2048, 3000, 4096, 6000, 8000]
# The first article of the Universal Declaration of Human Rights, its first sentence.
LANGUAGES = {
    "English": "All human beings are born free and equal in dignity and rights.",
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "Spanish": "Todos los seres humanos nacen libres e iguales en dignidad y derechos.",
    "Russian": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "Chinese": "人人生而自由,在尊严和权利上一律平等。",
    "Korean": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "Hindi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
}


def raw_of(tokenizer: tokenizers.RegexTokenizer, token: int) -> str:
    """The bytes of a token in hexadecimal, since some are no text."""
    special = {number: text.encode() for text, number in tokenizer.special_tokens.items()}
    return (tokenizer.vocab | special)[token].hex()


def of_gpt2() -> dict[str, Any]:
    """Texts cut by GPT-2, some of its tokens, and one sentence in several languages."""
    made = tokenizers.gpt2()
    tokens = {text: [[token, raw_of(made, token)] for token in made.encode(text)]
              for text in EXAMPLES}  # fmt: skip
    return {
        "size": made.vocab_size,
        "examples": tokens,
        "typed": [[token, raw_of(made, token)] for token in made.encode_ordinary(TYPED)],
        "samples": [[token, raw_of(made, token)] for token in SAMPLES],
        "languages": [
            {"name": name, "text": text, "characters": len(text), "bytes": len(text.encode()),
             "tokens": len(made.encode(text))}
            for name, text in LANGUAGES.items()
        ],
    }  # fmt: skip


def of_the_plays() -> dict[str, Any]:
    """A vocabulary of 8,000 trained on nine tenths of Tiny Shakespeare, and smaller ones of it."""
    corpus = data.tiny_shakespeare()
    cut = len(corpus.text) * 9 // 10
    parts = {"training": corpus.text[:cut], "held out": corpus.text[cut:]}
    made = tokenizers.RegexTokenizer(tokenizers.GPT2_PATTERN)
    words = {name: Counter(made.find_words(text)) for name, text in parts.items()}
    looked_at = watched_training(made, parts["training"])
    merges = list(made.merges.items())
    lengths = {name: tokens_by_size(merges, counted) for name, counted in words.items()}
    gpt2 = tokenizers.gpt2()
    return {
        "text": corpus.name,
        "characters": {name: len(text) for name, text in parts.items()},
        "words": sum(words["training"].values()),
        "different words": len(words["training"]),
        "held out words": sum(words["held out"].values()),
        "unseen words": sum(often for word, often in words["held out"].items()
                            if word not in words["training"]),
        "tokens": {name: dict(zip(map(str, SIZES), found, strict=True))
                   for name, found in lengths.items()},
        "gpt2 tokens": {name: len(gpt2.encode(text)) for name, text in parts.items()},
        "first": [made.vocab[256 + i].decode() for i in range(12)],
        "last": [made.vocab[made.vocab_size - 1 - i].decode() for i in range(6)],
        "looked at": looked_at,
    }  # fmt: skip


def tokens_by_size(merges: list, words: Counter) -> list[int]:
    """How many tokens the words are with the first merges only, for each of SIZES."""
    found = []
    for size in SIZES:
        known = dict(merges[: size - 256])
        found.append(sum(often * len(bytepairs.merge(word.encode(), known))
                         for word, often in words.items()))  # fmt: skip
    return found


def watched_training(made: tokenizers.RegexTokenizer, text: str) -> dict[str, int]:
    """Train; gives how many ids were looked at, and how many the textbook would look at."""
    textbook = kept = length = len(text.encode())
    merge_in = bytepairs._merge_in

    def watched(ids: list[int], often: int, *rest: Any) -> None:
        nonlocal kept, length
        kept += len(ids)
        before = len(ids)
        merge_in(ids, often, *rest)
        length -= often * (before - len(ids))
        if rest[1] > len(lengths) + 255:  # a new merge has begun
            lengths.append(0)
        lengths[-1] = length

    lengths: list[int] = []
    bytepairs._merge_in = watched
    try:
        made.train(text, SIZES[-1])
    finally:
        bytepairs._merge_in = merge_in
    textbook += sum(lengths[:-1])
    return {"textbook": textbook, "counts kept": kept}


def read() -> dict[str, Any]:
    """The record as it was written last."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def made() -> dict[str, Any]:
    """The record as it would be written now. Needs GPT-2's two files and Tiny Shakespeare."""
    return {"gpt2": of_gpt2(), "plays": of_the_plays()}


def main() -> None:
    """Write it."""
    whole = json.dumps(made(), ensure_ascii=False, indent=1)
    RECORD.write_text(whole + "\n", encoding="utf-8")
    print(f"wrote {RECORD.name}")


if __name__ == "__main__":
    main()
