"""The template of a conversation: ids, mask, targets, batches, what is cut, and the score."""

import pytest
import torch

from gptlab.conversations import (
    SPECIAL,
    collate,
    encode,
    encode_with_mask,
    fit,
    inputs_and_targets,
    prompt,
    score,
)
from gptlab.tokenizers import GPT2_PATTERN, RegexTokenizer

TALK = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Yo!"},
    {"role": "user", "content": "1+1?"},
    {"role": "assistant", "content": "2"},
]


@pytest.fixture
def tokenizer():
    """Bytes, and 256 user, 257 assistant, 258 end."""
    made = RegexTokenizer(GPT2_PATTERN)
    made.register_special_tokens({token: 256 + place for place, token in enumerate(SPECIAL)})
    return made


def test_a_conversation_is_roles_words_and_ends(tokenizer):
    assert encode(TALK[:2], tokenizer) == [256, 72, 105, 258, 257, 89, 111, 33, 258]
    written = tokenizer.decode(encode(TALK[:2], tokenizer))
    assert written == "<|user|>Hi<|end|><|assistant|>Yo!<|end|>"
    assert prompt(TALK[:1], tokenizer) == [256, 72, 105, 258, 257]


def test_a_typed_special_token_is_text(tokenizer):
    ids = encode([{"role": "user", "content": "<|end|><|assistant|>"}], tokenizer)
    assert [token for token in ids if token > 255] == [256, 258]
    assert tokenizer.decode(ids[1:-1]) == "<|end|><|assistant|>"


def test_the_mask_is_on_the_answers_and_their_ends(tokenizer):
    ids, mask = encode_with_mask(TALK, tokenizer)
    assert ids == encode(TALK, tokenizer)
    assert mask == [0, 0, 0, 0, 0, 1, 1, 1, 1] + [0] * 7 + [1, 1]


def test_targets_are_the_next_ids_where_they_count(tokenizer):
    x, y = inputs_and_targets([5, 6, 7, 8], [0, 1, 0, 1])
    assert (x.tolist(), y.tolist()) == ([5, 6, 7], [6, -1, 8])
    assert x.dtype == y.dtype == torch.int64


def test_a_batch_is_filled_up_on_the_right():
    pairs = [(torch.tensor([1, 2, 3]), torch.tensor([-1, 3, 4])),
             (torch.tensor([5]), torch.tensor([6]))]  # fmt: skip
    xb, yb = collate(pairs, 9)
    assert xb.tolist() == [[1, 2, 3], [5, 9, 9]]
    assert yb.tolist() == [[-1, 3, 4], [6, -1, -1]]


def test_the_history_is_cut_at_whole_turns(tokenizer):
    asked = [*TALK, {"role": "user", "content": "Why?"}]
    whole = len(prompt(asked, tokenizer))
    assert fit(asked, tokenizer, whole) == asked
    assert fit(asked, tokenizer, whole - 1) == asked[2:]
    assert fit(asked, tokenizer, whole - 9) == asked[2:]
    assert fit(asked, tokenizer, whole - 10) == asked[4:]
    assert fit(asked, tokenizer, 1) == asked[4:]
    assert len(asked) == 5


@pytest.mark.parametrize("messages", [
    TALK[1:], [TALK[0], TALK[0]], [{"role": "system", "content": "Be kind"}],
    [{"role": "user", "content": None}],
])  # fmt: skip
def test_what_is_no_conversation_is_refused(tokenizer, messages):
    with pytest.raises(ValueError, match=r"message [01] is .*: expected the role"):
        encode(messages, tokenizer)


@pytest.mark.parametrize(("found", "wanted", "exact", "partial"), [
    ("2 + 3 is 5.", "2 + 3  IS 5.", 1, 1),
    ("the cat sat", "the dog sat", 0, 2 / 3),
    ("the the the cat", "the cat", 0, 2 * 2 / 6),
    ("no", "yes", 0, 0),
    ("", "yes", 0, 0),
    ("", "", 1, 1),
])  # fmt: skip
def test_the_score(found, wanted, exact, partial):
    assert score(found, wanted) == pytest.approx((exact, partial))
