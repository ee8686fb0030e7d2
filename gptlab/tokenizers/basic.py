"""Three tokenizers without a pattern: bytes, characters, and byte pairs over a whole text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gptlab.tokenizers import bytepairs
from gptlab.tokenizers.bytepairs import Pair

__all__ = ["BasicTokenizer", "CharTokenizer", "SimpleTokenizer", "decoded"]


def decoded(vocab: Mapping[int, bytes], ids: Iterable[int]) -> str:
    """The text of these ids; bytes that are no UTF-8 become U+FFFD. ValueError names an odd id."""
    try:
        return b"".join([vocab[token] for token in ids]).decode("utf-8", errors="replace")
    except KeyError as error:
        raise ValueError(
            f"{error.args[0]!r}: not an id of this tokenizer, which has {len(vocab):,} of them"
        ) from None


class SimpleTokenizer:
    """Each byte of UTF-8 is an id: 256 of them, any text, nothing to train.

    >>> SimpleTokenizer().encode("Hello world")
    [72, 101, 108, 108, 111, 32, 119, 111, 114, 108, 100]
    """

    vocab = {byte: bytes([byte]) for byte in range(256)}
    vocab_size = len(vocab)

    def encode(self, text: str) -> list[int]:
        """The bytes of the text, as numbers."""
        return list(text.encode("utf-8"))

    def decode(self, ids: Iterable[int]) -> str:
        """The text of these bytes; those that are no UTF-8 become U+FFFD."""
        return decoded(self.vocab, ids)


class CharTokenizer:
    """Each character of a text is an id; id 0 is any other.

    text: what the characters are taken from. unknown: how id 0 is written when decoded.
    """

    def __init__(self, text: str, unknown: str = "\ufffd") -> None:
        self.itos = [unknown, *sorted(set(text) - {unknown})]
        self.stoi = {character: token for token, character in enumerate(self.itos)}
        self.vocab_size = len(self.itos)

    def encode(self, text: str) -> list[int]:
        """An id for each character, 0 for one that was not in the text."""
        return [self.stoi.get(character, 0) for character in text]

    def decode(self, ids: Iterable[int]) -> str:
        """The characters with these ids."""
        return decoded({i: character.encode() for i, character in enumerate(self.itos)}, ids)


class BasicTokenizer:
    """Byte-pair encoding over the bytes of a text, whatever they mean.

    `merges`: pair -> new id, in the order in which they were learnt; `vocab`: id -> its bytes.
    """

    def __init__(self) -> None:
        self.merges: dict[Pair, int] = {}
        self.vocab = {byte: bytes([byte]) for byte in range(256)}

    @property
    def vocab_size(self) -> int:
        """How many ids there are."""
        return len(self.vocab)

    def train(self, text: str, vocab_size: int) -> None:
        """Learn merges until there are `vocab_size` ids, or no pair is left.

        At each step the most frequent pair is merged, among equals the smallest.
        """
        count = checked_size(vocab_size)
        self._learnt(bytepairs.learn([(text.encode("utf-8"), 1)], count))

    def _learnt(self, merges: dict[Pair, int]) -> None:
        self.merges = merges
        self.vocab = {byte: bytes([byte]) for byte in range(256)}
        for (left, right), new in merges.items():
            self.vocab[new] = self.vocab[left] + self.vocab[right]

    def encode(self, text: str) -> list[int]:
        """The ids of the text, merged as in training."""
        return bytepairs.merge(text.encode("utf-8"), self.merges)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of these ids; what is no UTF-8, such as half a character, becomes U+FFFD."""
        return decoded(self.vocab, ids)


def checked_size(vocab_size: int) -> int:
    """How many merges that many ids need."""
    if vocab_size < 256:
        raise ValueError(f"vocab_size={vocab_size}: the bytes alone are 256 ids")
    return vocab_size - 256
