"""gptlab.tokenizers, against the textbook's algorithm and tiktoken."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import shutil

import pytest
import tiktoken

from gptlab import data
from gptlab import tokenizers as tk
from gptlab.tokenizers import bytepairs
from gptlab.tokenizers.openai import END_OF_TEXT, written

TEXTS = [
    "", "a", "aaaa aaa aa", "Hello, world!", "  two  spaces\n\n\tand a tab ", "it's 12345 o'clock",
    "naïve café — “quoted” …", "안녕하세요 세계", "👩\u200d👩\u200d👧 👍🏽 🇬🇧", "\x00\x7f\u2028",
    "def f(x):\n        return x\n",
]  # fmt: skip


def textbook_learn(words, count):
    """Every pair counted again at every merge."""
    words, merges = [(list(ids), often) for ids, often in words], {}
    while len(merges) < count:
        counts = {}
        for ids, often in words:
            for pair in itertools.pairwise(ids):
                counts[pair] = counts.get(pair, 0) + often
        if not counts:
            break
        pair = min(counts, key=lambda pair: (-counts[pair], pair))
        merges[pair] = new = 256 + len(merges)
        words = [(textbook_replace(ids, pair, new), often) for ids, often in words]
    return merges


def textbook_replace(ids, pair, new):
    out, at = [], 0
    while at < len(ids):
        if tuple(ids[at : at + 2]) == pair:
            out.append(new)
            at += 2
        else:
            out.append(ids[at])
            at += 1
    return out


def textbook_merge(ids, merges):
    for pair, new in merges.items():
        ids = textbook_replace(ids, pair, new)
    return list(ids)


@pytest.mark.parametrize("seed", range(30))
def test_learning_and_merging_are_the_textbooks(seed):
    chance = random.Random(seed)
    letters = chance.choice([2, 3, 5])
    words = [
        ([chance.randrange(letters) for _ in range(chance.randrange(12))], chance.randrange(1, 4))
        for _ in range(8)
    ]
    merges = bytepairs.learn(words, 12)
    assert list(merges.items()) == list(textbook_learn(words, 12).items())
    for _ in range(10):
        ids = [chance.randrange(letters) for _ in range(chance.randrange(40))]
        assert bytepairs.merge(ids, merges) == textbook_merge(ids, merges)


def test_learning_by_hand():
    # "abab": ab twice, ba once; then nothing but (256, 256) is left
    assert bytepairs.learn([(b"abab", 1)], 5) == {(97, 98): 256, (256, 256): 257}
    # "aaa" holds the pair twice, and merges it once, from the left
    assert bytepairs.merge(b"aaa", {(97, 97): 256}) == [256, 97]
    # ab and bc occur once each: the smaller pair first
    assert list(bytepairs.learn([(b"abc", 1)], 1)) == [(97, 98)]


def test_a_tokenizer_of_bytes():
    tokenizer = tk.SimpleTokenizer()
    hello = [72, 101, 108, 108, 111, 32, 119, 111, 114, 108, 100]
    assert tokenizer.encode("Hello world") == hello
    for text in TEXTS:
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.decode([0xED, 0x95]) == "\ufffd"  # two of three bytes of 한
    with pytest.raises(ValueError, match="256: not an id of this tokenizer, which has 256"):
        tokenizer.decode([256])


def test_a_tokenizer_of_characters_writes_the_others_as_unknown():
    tokenizer = tk.CharTokenizer("banana")
    assert tokenizer.encode("band") == [2, 1, 3, 0]
    assert tokenizer.decode([2, 1, 3, 0]) == "ban\ufffd"
    assert tokenizer.vocab_size == 4


@pytest.mark.parametrize("make", [tk.BasicTokenizer, tk.RegexTokenizer, tk.GPT2LikeTokenizer])
def test_every_text_comes_back(make):
    tokenizer = make()
    tokenizer.train("the cat sat on the mat, the cat's mat. " * 3 + "안녕 안녕", 290)
    for text in TEXTS:
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(tokenizer.encode("the cat")) < 7
    with pytest.raises(ValueError, match=r"vocab_size=\d+: the bytes alone are 256 ids"):
        tokenizer.train("abc", 200)


def test_training_reaches_over_words_only_without_a_pattern():
    text = "a b " * 50
    basic, words = tk.BasicTokenizer(), tk.RegexTokenizer()
    basic.train(text, 260)
    words.train(text, 260)
    assert any(b" " in raw[1:] for raw in basic.vocab.values())
    assert not any(b" " in raw[1:] for raw in words.vocab.values())
    assert words.vocab_size < 260  # no pair was left


def test_the_fast_one_gives_the_ids_of_the_plain_one():
    text = data.tiny_shakespeare().text[:60_000]
    plain, fast = tk.RegexTokenizer(tk.GPT2_PATTERN), tk.GPT2LikeTokenizer(900)
    plain.train(text, 899)
    fast.train(text)
    assert fast.vocab_size == 900 and fast.special_tokens == {END_OF_TEXT: 899}
    for some in [text, *TEXTS]:
        assert fast.encode(some) == plain.encode(some)
    ids = fast.encode(f"The end.{END_OF_TEXT}To be", allowed_special="all")
    assert ids.count(899) == 1 and fast.decode(ids) == f"The end.{END_OF_TEXT}To be"
    fast.train(text[:20_000], 300)  # the compiled form follows
    assert max(fast.encode(text)) < 300


SPECIAL = {"<|a|>": 300, "<|b|>": 301}
RULES = [
    {}, {"allowed_special": "all"}, {"allowed_special": {"<|a|>"}}, {"disallowed_special": ()},
    {"allowed_special": {"<|a|>"}, "disallowed_special": ()}, {"disallowed_special": {"<|a|>"}},
    {"allowed_special": "all", "disallowed_special": {"<|a|>"}},
]  # fmt: skip


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("text", ["plain", "x<|a|>y", "<|a|><|b|>", "<|a|><|a|> <|b|>", "<|a"])
def test_special_tokens_have_the_rules_of_tiktoken(text, rules):
    ours = tk.RegexTokenizer()
    ours.register_special_tokens(SPECIAL)
    ranks = {bytes([byte]): byte for byte in range(256)}
    theirs = tiktoken.Encoding(
        "t", pat_str=tk.GPT4_PATTERN, mergeable_ranks=ranks, special_tokens=SPECIAL
    )
    kind = {key: value if value == "all" else set(value) for key, value in rules.items()}
    try:
        expected = theirs.encode(text, **kind)
    except ValueError:
        with pytest.raises(ValueError, match=r"holds the special token '<\|[ab]\|>"):
            ours.encode(text, **rules)
    else:
        assert ours.encode(text, **rules) == expected


def test_of_two_special_tokens_the_longer_one_counts():
    tokenizer = tk.RegexTokenizer()
    tokenizer.register_special_tokens({"<|a|>": 300, "<|a|>!": 301})
    assert tokenizer.encode("<|a|>!<|a|>?", allowed_special="all") == [301, 300, 63]


def test_a_special_token_may_not_take_an_id():
    tokenizer = tk.RegexTokenizer()
    with pytest.raises(ValueError, match="'<x>': the id 7 is taken; 256 is free"):
        tokenizer.register_special_tokens({"<x>": 7})
    with pytest.raises(ValueError, match="the id 300 is taken"):
        tokenizer.register_special_tokens({"<x>": 300, "<y>": 300})


def test_saving_keeps_all_of_it(tmp_path):
    tokenizer = tk.GPT2LikeTokenizer(280)
    tokenizer.train("the cat sat on the mat " * 9)
    tokenizer.save(tmp_path / "t.json")
    again = tk.RegexTokenizer.load(tmp_path / "t.json")
    assert again.vocab == tokenizer.vocab and again.special_tokens == tokenizer.special_tokens
    for text in TEXTS:
        assert again.encode(text) == tokenizer.encode(text)
    (tmp_path / "other.json").write_text(json.dumps({"format": "x"}))
    with pytest.raises(ValueError, match=r"other\.json is no tokenizer that save\(\) wrote"):
        tk.RegexTokenizer.load(tmp_path / "other.json")


def test_openais_files_hold_all_of_it(tmp_path):
    tokenizer = tk.GPT2LikeTokenizer(300)
    tokenizer.train("naïve café, the cat sat on the mat\n" * 9)
    tk.write_openai(tokenizer, tmp_path)
    again = tk.read_openai(tmp_path / "vocab.bpe", tmp_path / "encoder.json")
    assert again.vocab == tokenizer.vocab and again.merges == tokenizer.merges
    assert again.special_tokens == tokenizer.special_tokens
    assert len(set(written())) == 256
    assert not any(character.isspace() for character in written())
    (tmp_path / "vocab.bpe").write_text("#version: 0.2\nq q\n", encoding="utf-8")
    with pytest.raises(ValueError, match="do not belong together: 'qq' is in one only"):
        tk.read_openai(tmp_path / "vocab.bpe", tmp_path / "encoder.json")


@pytest.fixture(scope="module")
def gpt2():
    try:
        return tk.gpt2()
    except data.DataError as error:
        pytest.skip(f"GPT-2's vocabulary is not here: {error}")


@pytest.fixture(scope="module")
def theirs(gpt2, tmp_path_factory):
    """tiktoken's own GPT-2, from OpenAI's files where it looks for them without a network."""
    folder = tmp_path_factory.mktemp("tiktoken")
    for key in ("gpt2_merges", "gpt2_ids"):
        name = hashlib.sha1(data.TEXTS[key].urls[0].encode()).hexdigest()
        shutil.copy(data.find(key), folder / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        return tiktoken.get_encoding("gpt2")


def test_gpt2_is_tiktokens_id_by_id(gpt2, theirs):
    assert gpt2.vocab_size == 50257 and gpt2.special_tokens == {END_OF_TEXT: 50256}
    assert gpt2.encode("Hello, world") == [15496, 11, 995]
    for corpus in (data.tiny_shakespeare(), data.the_verdict()):
        ids = gpt2.encode(corpus.text)
        assert ids == theirs.encode(corpus.text)
        assert gpt2.decode(ids) == corpus.text
        if corpus.name.startswith("The Verdict"):
            assert len(ids) == 5145


def test_gpt2_is_tiktokens_on_any_string(gpt2, theirs):
    chance = random.Random(0)
    alphabet = "ab eE\n\t'12.,!<|>éß한글👍\u200d\u0301\u00a0\x00" + "".join(
        map(chr, chance.sample([*range(0x20, 0xD800), *range(0xE000, 0x11000)], 300))
    )
    for _ in range(20_000):
        text = "".join(chance.choices(alphabet, k=chance.randrange(20)))
        assert gpt2.encode(text, disallowed_special=()) == theirs.encode_ordinary(text), ascii(text)
