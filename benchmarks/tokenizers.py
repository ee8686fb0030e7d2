"""Byte-pair encoding of Tiny Shakespeare: the textbook, gptlab and the compiled peers.

Training: the textbook counts every pair again at every merge, over all words of the text. All of
its merges would take hours, so some are timed, evenly spread over a finished training, and their
mean is taken for all. Encoding: the textbook goes, word by word, through the merges that are left.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

os.environ["RAYON_NUM_THREADS"] = "1"  # one thread for Hugging Face's, before it is loaded

import tiktoken
import tokenizers as hugging_face

from benchmarks.timing import in_turn, table
from gptlab import data
from gptlab.tokenizers import GPT2_PATTERN, RegexTokenizer, bytepairs

SIZE = 8000
SAMPLED = 16  # merges of the textbook that are timed


def replaced(ids: list[int], pair: bytepairs.Pair, new: int) -> list[int]:
    """Every `pair` in ids as `new`."""
    out, at = [], 0
    while at < len(ids):
        if at + 1 < len(ids) and (ids[at], ids[at + 1]) == pair:
            out.append(new)
            at += 2
        else:
            out.append(ids[at])
            at += 1
    return out


def textbook_merge(words: list[list[int]], new: int) -> list[list[int]]:
    """One merge of the textbook: count every pair of every word, replace the most frequent."""
    counts: dict[bytepairs.Pair, int] = {}
    for ids in words:
        for pair in zip(ids, ids[1:]):  # noqa: B905, RUF007  (as it is written everywhere)
            counts[pair] = counts.get(pair, 0) + 1
    best = max(counts, key=lambda pair: counts[pair])
    return [replaced(ids, best, new) for ids in words]


def textbook_encode(text: str, tokenizer: RegexTokenizer) -> list[int]:
    """Word by word: the pair that was learnt first is replaced, until none is left."""
    found = []
    for word in tokenizer.find_words(text):
        ids = list(word.encode())
        while len(ids) > 1:
            pairs = set(zip(ids, ids[1:]))  # noqa: B905, RUF007
            best = min(pairs, key=lambda pair: tokenizer.merges.get(pair, float("inf")))
            if best not in tokenizer.merges:
                break
            ids = replaced(ids, best, tokenizer.merges[best])
        found += ids
    return found


def textbook_training(text: str, trained: RegexTokenizer) -> float:
    """CPU-seconds of all merges, from those that are timed."""
    merges = list(trained.merges.items())
    spent = []
    for number in range(SAMPLED):
        done = number * len(merges) // SAMPLED
        before = dict(merges[:done])
        known = {word: bytepairs.merge(word.encode(), before)
                 for word in set(trained.find_words(text))}  # fmt: skip
        words = [known[word] for word in trained.find_words(text)]
        started = time.process_time()
        textbook_merge(words, 256 + done)
        spent.append(time.process_time() - started)
    return sum(spent) / len(spent) * len(merges)


def hugging_face_training(text: str) -> hugging_face.Tokenizer:
    """Their byte-level BPE with the same pattern; they keep counts up to date as well."""
    made = hugging_face.Tokenizer(hugging_face.models.BPE())
    cut = hugging_face.Regex(GPT2_PATTERN)
    pre = hugging_face.pre_tokenizers
    made.pre_tokenizer = pre.Sequence([
        pre.Split(cut, "isolated"), pre.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    trainer = hugging_face.trainers.BpeTrainer(
        vocab_size=SIZE, show_progress=False, initial_alphabet=pre.ByteLevel.alphabet()
    )
    made.train_from_iterator([text], trainer)
    return made


def main() -> None:
    """Print both tables. The ids agree, and so does the number of tokens with their training."""
    corpus = data.tiny_shakespeare()
    text = corpus.text
    ours = RegexTokenizer(GPT2_PATTERN)

    def train() -> None:
        ours.train(text, SIZE)

    theirs = hugging_face_training(text)
    seconds = in_turn({"Hugging Face": lambda: hugging_face_training(text), "gptlab": train}, 5)
    textbook = textbook_training(text, ours)
    name = f"the textbook, from {SAMPLED} of its {len(ours.merges):,} merges"
    print(f"  training {SIZE:,} ids on {corpus.name}; CPU-seconds")
    table({name: textbook, **seconds})
    compiled = tiktoken.Encoding(
        "gptlab", pat_str=GPT2_PATTERN, special_tokens={},
        mergeable_ranks={raw: token for token, raw in ours.vocab.items()},
    )  # fmt: skip

    def encode() -> list[int]:
        ours._known.clear()  # nothing is left of an earlier round
        return ours.encode(text)

    ways: dict[str, Callable[[], list[int]]] = {
        "the textbook": lambda: textbook_encode(text, ours),
        "tiktoken, with our merges": lambda: compiled.encode_ordinary(text),
        "Hugging Face, with their own": lambda: theirs.encode(text).ids,
        "gptlab": encode,
    }
    print("  encoding all of it")
    table(in_turn(ways, 3))
    found = encode()
    if not found == textbook_encode(text, ours) == compiled.encode_ordinary(text):
        raise AssertionError("the ids differ")
    print(f"  {len(text) / len(found):.2f} characters a token; the ids of the first, second and "
          f"last are equal, Hugging Face's training gives {len(theirs.encode(text).ids):,} tokens, "
          f"ours {len(found):,}")  # fmt: skip
