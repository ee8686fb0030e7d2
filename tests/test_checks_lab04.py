"""The checks of lab04: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""

import pytest
import regex
from check_trials import Trial

from gptlab.checks import core
from gptlab.checks import lab04_tokenizers as check
from gptlab.checks.causes import CAUSES
from gptlab.checks.lab04_files import letters
from gptlab.tokenizers import openai

NAMES = {
    "chars": "CharTokenizer",
    "simple": "SimpleTokenizer",
    "get_stats": "get_stats",
    "merge": "merge",
    "train": "Trains",
    "decode": "Decodes",
    "encode": "Encodes",
    "regex": "Words",
    "special": "Special",
    "gpt2": "read_gpt2",
    "shrink": "shrink",
}
CLASSES = {
    "chars": "encode",
    "simple": "encode",
    "train": "train",
    "decode": "decode",
    "encode": "encode",
    "regex": "train",
    "special": "encode",
}
RIGHT = """
class CharTokenizer:
    def __init__(self, text):
        self.itos = ["\\ufffd"] + sorted(set(text))
        self.stoi = {c: i for i, c in enumerate(self.itos)}

    def encode(self, text):
        return [self.stoi[c] if c in self.stoi else 0 for c in text]

    def decode(self, ids):
        chars = [self.itos[i] for i in ids]
        return "".join(chars)

class SimpleTokenizer:
    def encode(self, text):
        return [b for b in text.encode()]

    def decode(self, ids):
        return bytes(ids).decode("utf8", "replace")

def get_stats(ids, counts=None):
    counts = {} if counts is None else counts
    for left, right in zip(ids[:-1], ids[1:]):
        counts[left, right] = counts.get((left, right), 0) + 1
    return counts

def merge(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == tuple(pair):
            out.append(idx)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out

class Merges:
    def __init__(self):
        self.set_merges([])

    def set_merges(self, pairs, byte_ids=range(256)):
        self.byte_ids = list(byte_ids)
        self.merges = {tuple(pair): 256 + n for n, pair in enumerate(pairs)}
        self.vocab = {i: bytes([b]) for b, i in enumerate(self.byte_ids)}
        for (left, right), new in self.merges.items():
            self.vocab[new] = self.vocab[left] + self.vocab[right]

class Trains(Merges):
    def train(self, text, vocab_size):
        tokens = list(text.encode("utf-8"))
        learnt = []
        while len(learnt) < vocab_size - 256:
            stats = get_stats(tokens)
            if len(stats) == 0:
                break
            most = max(stats.values())
            best = min(p for p, n in stats.items() if n == most)
            tokens = merge(tokens, best, 256 + len(learnt))
            learnt.append(best)
        self.set_merges(learnt)

class Decodes(Trains):
    def decode(self, ids):
        data = b""
        for i in ids:
            data += self.vocab[i]
        return data.decode("utf-8", errors="replace")

class Encodes(Decodes):
    def encode(self, text):
        ids = [self.byte_ids[b] for b in text.encode("utf-8")]
        while True:
            known = [p for p in get_stats(ids) if p in self.merges]
            if not known:
                return ids
            first = min(known, key=self.merges.get)
            ids = merge(ids, first, self.merges[first])

class Words(Encodes):
    def __init__(self, pattern=GPT2_PATTERN):
        super().__init__()
        self.pattern = pattern
        self.special = {}

    def train(self, text, vocab_size):
        words = regex.findall(self.pattern, text)
        lists = [list(w.encode()) for w in words]
        learnt = []
        while len(learnt) < vocab_size - 256:
            stats = {}
            for ids in lists:
                stats = get_stats(ids, stats)
            if not stats:
                break
            best = min(stats, key=lambda p: (-stats[p], p[0], p[1]))
            lists = [merge(ids, best, 256 + len(learnt)) for ids in lists]
            learnt.append(best)
        self.set_merges(learnt)

    def encode_ordinary(self, text):
        out = []
        for word in regex.findall(self.pattern, text):
            out.extend(Encodes.encode(self, word))
        return out

class Special(Words):
    def encode(self, text, allowed_special=()):
        for token in self.special:
            if token in text and token not in allowed_special:
                raise ValueError(token)
        found = [(text.find(t), t) for t in allowed_special if t in text]
        if not found:
            return self.encode_ordinary(text)
        at, token = min(found)
        before = self.encode_ordinary(text[:at])
        after = self.encode(text[at + len(token):], allowed_special)
        return before + [self.special[token]] + after

def read_gpt2(lines, ids):
    pairs = []
    for line in lines[1:]:
        if line.strip():
            halves = line.split()
            pairs.append((ids[halves[0]], ids[halves[1]]))
    byte_ids = [ids[letter] for letter in written]
    return pairs, byte_ids

def shrink(text, fails):
    again = True
    while again:
        again = False
        for i in range(len(text)):
            less = text[:i] + text[i + 1:]
            if fails(less):
                text, again = less, True
                break
    return text
"""
WRONG = [
    ("chars", "chars_unknown_crashes", "self.stoi[c] if c in self.stoi else 0 for",
     "self.stoi[c] for"),
    ("chars", "chars_unknown_dropped", "self.stoi[c] if c in self.stoi else 0 for c in text",
     "self.stoi[c] for c in text if c in self.stoi"),
    ("chars", "chars_unknown_minus_one", "else 0", "else -1"),
    ("chars", "decode_list", 'return "".join(chars)', "return chars"),
    ("simple", "code_points", "[b for b in text.encode()]", "[ord(c) for c in text]"),
    ("simple", "bytes_object", "[b for b in text.encode()]", "text.encode()"),
    ("simple", "partial_bytes_crash", 'decode("utf8", "replace")', 'decode("utf8")'),
    ("simple", "partial_bytes_ignored", '"utf8", "replace"', '"utf8", "ignore"'),
    ("chars", "chars_unknown_none", "self.stoi[c] if c in self.stoi else 0", "self.stoi.get(c)"),
    ("chars", "chars_lowered", "else 0 for c in text", "else 0 for c in text.lower()"),
    ("chars", "chars_unknown_sign_lost", "for i in ids]", "for i in ids if i]"),
    ("simple", "bytes_as_characters", 'bytes(ids).decode("utf8", "replace")',
     '"".join(map(chr, ids))'),
    ("simple", "bytes_as_characters", 'decode("utf8", "replace")', 'decode("latin-1")'),
    ("simple", "partial_bytes_crash", '        return bytes(ids).decode("utf8", "replace")', """
        try:
            return bytes(ids).decode()
        except UnicodeDecodeError:
            return bytes(ids[:-1]).decode() + "\\ufffd"
"""),
    ("get_stats", "stats_empty_dict", "{} if counts is None else counts", "counts or {}"),
    ("get_stats", "stats_copy", "{} if counts is None else counts", "dict(counts or {})"),
    ("get_stats", "stats_kept", "counts=None):", "counts={}):"),
    ("get_stats", "stats_key_missing", "counts[left, right] = counts.get((left, right), 0) + 1",
     "counts[left, right] += 1"),
    ("simple", "decoded_one_by_one", 'bytes(ids).decode("utf8", "replace")',
     '"".join(bytes([i]).decode("utf8", "replace") for i in ids)'),
    ("get_stats", "stats_new_dict", "{} if counts is None else counts", "{}"),
    ("get_stats", "stats_not_added", "counts.get((left, right), 0) + 1", "1"),
    ("get_stats", "stats_jumps", "zip(ids[:-1], ids[1:])", "zip(ids[:-1:2], ids[1::2])"),
    ("get_stats", "stats_last_lost", "zip(ids[:-1], ids[1:])", "zip(ids[:-2], ids[1:])"),
    ("get_stats", "stats_wraps", "zip(ids[:-1], ids[1:])",
     "zip(ids, ids[1:] + (ids[:1] if len(ids) > 1 else []))"),
    ("get_stats", "stats_order_lost", "for left, right in zip(ids[:-1], ids[1:]):",
     "for left, right in map(sorted, zip(ids[:-1], ids[1:])):"),
    ("merge", "merge_overlap", "    out, i = [], 0\n", """
        here = [(a, b) == tuple(pair) for a, b in zip(ids, ids[1:])] + [False]
        gone = [False] + [a and not b for a, b in zip(here, here[1:])]
        return [idx if h else i for i, h, g in zip(ids, here, gone) if not g]
    out, i = [], 0
""".replace("\n        ", "\n    ")),
    ("merge", "merge_keeps_right", "            i += 2", "            i += 1"),
    ("merge", "merge_last_lost", "while i < len(ids):\n        if i + 1 < len(ids) and",
     "while i + 1 < len(ids):\n        if"),
    ("merge", "merge_past_end", "if i + 1 < len(ids) and (ids", "if (ids"),
    ("merge", "merge_past_end", "if i + 1 < len(ids) and (ids[i], ids[i + 1]) == tuple(pair)",
     "if ids[i] == pair[0] and ids[i + 1] == pair[1]"),
    ("merge", "merge_slice", "i + 1 < len(ids) and (ids[i], ids[i + 1]) == tuple(pair)",
     "ids[i:i + 2] == pair"),
    ("merge", "merge_by_twos", "            out.append(ids[i])\n            i += 1",
     "            out.append(ids[i])\n            i += 2"),
    ("merge", "merge_same_list", "    out, i = [], 0",
     "    if tuple(pair) not in zip(ids, ids[1:]):\n        return ids\n    out, i = [], 0"),
    ("merge", "merge_digits", "    out, i = [], 0", """\
    text = " ".join(map(str, ids)).replace(f"{pair[0]} {pair[1]}", str(idx))
    return [int(number) for number in text.split()]
    out, i = [], 0"""),
    ("merge", "merge_changes_list", "    return out\n\nclass Merges",
     "    ids[:] = out\n    return ids\n\nclass Merges"),
    ("merge", "merge_left_only", "(ids[i], ids[i + 1]) == tuple(pair)", "ids[i] == pair[0]"),
    ("train", "ties_first_met", "best = min(p for", "best = next(p for"),
    ("train", "ties_largest", "best = min(p for", "best = max(p for"),
    ("train", "train_rarest", "most = max(", "most = min("),
    ("train", "code_points", 'list(text.encode("utf-8"))', "list(map(ord, text))"),
    ("train", "ids_not_from_256", "best, 256 + len(learnt))\n            learnt.append(best)\n"
     "        self.set_merges(learnt)\n\nclass Decodes", "best, len(learnt))\n"
     "            learnt.append(best)\n        self.set_merges(learnt)\n\nclass Decodes"),
    ("train", "train_one_too_many", "while len(learnt) < vocab_size - 256",
     "while len(learnt) <= vocab_size - 256"),
    ("train", "train_one_too_few", "vocab_size - 256", "vocab_size - 257"),
    ("train", "train_too_many", "vocab_size - 256", "vocab_size"),
    ("train", "train_no_pair_left", "if len(stats) == 0", "if False"),
    ("train", "train_not_stored", "self.set_merges(learnt)", "pass"),
    ("train", "train_result_dropped", "tokens = merge(", "merge("),
    ("train", "train_counts_kept",
     "        learnt = []\n        while len(learnt) < vocab_size - 256:\n"
     "            stats = get_stats(tokens)", "        learnt, stats = [], {}\n        while len("
     "learnt) < vocab_size - 256:\n            stats = get_stats(tokens, stats)"),
    ("train", "train_not_recounted", "        while len(learnt) < vocab_size - 256:\n"
     "            stats = get_stats(tokens)", "        stats = get_stats(tokens)\n"
     "        while len(learnt) < vocab_size - 256:"),
    ("train", "train_stops_early", "if len(stats) == 0", "if max([0, *stats.values()]) < 2"),
    ("train", "train_returns_early", "if len(stats) == 0:\n                break",
     "if len(stats) == 0:\n                return"),
    ("train", "train_vocab_missing", "self.set_merges(learnt)",
     "self.merges = {p: 256 + n for n, p in enumerate(learnt)}"),
    ("train", "train_goes_on", "        learnt = []\n        while len(learnt) < vocab_size - 256:"
     "\n            stats = get_stats(tokens)", "        learnt = list(self.merges)\n"
     "        for _ in range(256, vocab_size):\n            stats = get_stats(tokens)"),
    ("train", "ties_by_left", "best = min(p for p, n in stats.items() if n == most)",
     "best = min((p for p, n in stats.items() if n == most), key=lambda p: p[0])"),
    ("train", "ties_by_bytes", "            best = min(p for p, n in stats.items() if n == most)",
     "            self.set_merges(learnt)\n            best = min("
     "(p for p, n in stats.items() if n == most), "
     "key=lambda p: self.vocab[p[0]] + self.vocab[p[1]])"),
    ("decode", "decode_own_order", "data += self.vocab[i]",
     "data += self.vocab[i] if i > 255 else bytes([i])"),
    ("decode", "stats_changes_list", "for i in ids:\n            data += self.vocab[i]",
     "while ids:\n            data += self.vocab[ids.pop(0)]"),
    ("decode", "decode_ids_as_bytes", "        data = b\"\"", "        return bytes(ids).decode()"),
    ("decode", "decode_joins_as_text", "        data = b\"\"",
     '        return "".join(self.vocab[i] for i in ids)'),
    ("decode", "bytes_as_characters", 'data.decode("utf-8", errors="replace")',
     'data.decode("latin-1")'),
    ("decode", "partial_bytes_crash", 'data.decode("utf-8", errors="replace")', "data.decode()"),
    ("decode", "partial_bytes_ignored", 'errors="replace"', 'errors="ignore"'),
    ("decode", "decoded_one_by_one", 'data += self.vocab[i]\n        return data.decode("utf-8", '
     'errors="replace")', 'data += self.vocab[i].decode(errors="replace").encode()\n'
     "        return data.decode()"),
    ("encode", "encode_last_learnt", "first = min(known", "first = max(known"),
    ("encode", "encode_by_count", "first = min(known, key=self.merges.get)",
     "first = max(known, key=get_stats(ids).get)"),
    ("encode", "encode_left_to_right", "first = min(known, key=self.merges.get)",
     "first = known[0]"),
    ("encode", "encode_one_round", "ids = merge(ids, first, self.merges[first])",
     "return merge(ids, first, self.merges[first])"),
    ("encode", "encode_not_merged", "if not known", "if True"),
    ("encode", "encode_smallest_pair", "min(known, key=self.merges.get)", "min(known)"),
    ("encode", "encode_unknown_first", "            if not known:\n                return ids\n"
     "            first = min(known, key=self.merges.get)\n", """\
            first = min(get_stats(ids) or [()], key=lambda p: self.merges.get(p, 0))
            if first not in self.merges:
                return ids
"""),
    ("encode", "encode_two_ids", "if not known", "if len(ids) < 3 or not known"),
    ("encode", "encode_byte_order", "[self.byte_ids[b] for b in text.encode(\"utf-8\")]",
     "list(text.encode())"),
    ("encode", "class_begun_anew", "    def encode(self, text):\n        ids = [self",
     "    def encodes(self, text):\n        ids = [self"),
    ("encode", "encode_short_text", "            if not known:\n                return ids\n"
     "            first = min(known, key=self.merges.get)\n", """\
            first = min(get_stats(ids), key=lambda p: self.merges.get(p, 9999))
            if first not in self.merges:
                return ids
"""),
    ("encode", "encode_longest_match", "        while True:", """
        out, at, raw = [], 0, bytes(ids)
        while at < len(raw):
            size, i = max((len(b), i) for i, b in self.vocab.items() if raw.startswith(b, at))
            out.append(i)
            at += size
        return out
        while True:"""),
    ("regex", "regex_across_words", "words = regex.findall(self.pattern, text)",
     "words = [text]"),
    ("regex", "regex_last_word_only", "get_stats(ids, stats)", "get_stats(ids)"),
    ("regex", "regex_distinct_words", "for w in words]", "for w in dict.fromkeys(words)]"),
    ("regex", "regex_encode_whole", "for word in regex.findall(self.pattern, text)",
     "for word in [text]"),
    ("regex", "regex_words_nested", "out.extend(Encodes", "out.append(Encodes"),
    ("regex", "spaces_lost", "for word in regex.findall(self.pattern, text)",
     "for word in regex.findall(self.pattern, text.replace(' ', ''))"),
    ("regex", "regex_lab_pattern", "for word in regex.findall(self.pattern, text)",
     "for word in regex.findall(GPT2_PATTERN, text)"),
    ("regex", "regex_lab_pattern", "words = regex.findall(self.pattern, text)",
     "words = regex.findall(GPT2_PATTERN, text)"),
    ("regex", "ties_first_met", "min(stats, key=lambda p: (-stats[p], p[0], p[1]))",
     "max(stats, key=stats.get)"),
    ("regex", "train_stops_early", "if not stats:", "if max([0, *stats.values()]) < 2:"),
    ("regex", "train_returns_early", "if not stats:\n                break",
     "if not stats:\n                return"),
    ("regex", "train_result_dropped", "lists = [merge(", "[merge("),
    ("regex", "train_counts_kept", "        while len(learnt) < vocab_size - 256:\n"
     "            stats = {}", "        stats = {}\n        while len(learnt) < vocab_size - 256:"),
    ("regex", "regex_calls_encode", "Encodes.encode(self, word)", "self.encode(word)"),
    ("regex", "regex_super",
     "        out = []\n        for word in regex.findall(self.pattern, text):",
     "        return sum((super().encode(w) for w in regex.findall(self.pattern, text)), [])\n"
     "        for word in ():"),
    ("special", "special_no_guard", "        if not found:", """\
        if not found:
            return [i for part in regex.split("()", text) for i in self.encode_ordinary(part)]
        if not found:"""),
    ("special", "special_across_words", "return self.encode_ordinary(text)",
     "return super().encode(text)"),
    ("special", "special_across_words", "self.encode_ordinary(text[:at])",
     "super().encode(text[:at])"),
    ("special", "special_spaces_lost", "        after = self", "        text = text.rstrip()[:at + "
     "len(token)] + text[at + len(token):].strip()\n        after = self"),
    ("special", "special_error_returned", "raise ValueError(token)", "return ValueError(token)"),
    ("special", "special_error_returned", "raise ValueError(token)", "return ValueError"),
    ("special", "special_other_error", "raise ValueError(token)", "raise Exception(token)"),
    ("special", "special_other_error", "raise ValueError(token)", "assert False"),
    ("special", "class_begun_anew", "def encode(self, text, allowed_special=()):",
     "def gone(self, text, allowed_special=()):"),
    ("special", "special_encoded_as_text", "                raise ValueError(token)",
     "                pass"),
    ("special", "special_allowed_by_default",
     "                raise ValueError(token)\n"
     "        found = [(text.find(t), t) for t in allowed_special if",
     "                pass\n        found = [(text.find(t), t) for t in self.special if"),
    ("special", "special_always_refused", "and token not in allowed_special:", "and True:"),
    ("special", "special_allowed_as_text", "if not found:", "if True:"),
    ("special", "special_token_lost", "before + [self.special[token]] + after", "before + after"),
    ("special", "special_rest_lost", "before + [self.special[token]] + after",
     "[self.special[token]]"),
    ("special", "special_rest_merged", "before + [self.special[token]] + after",
     "before + after + [self.special[token]]"),
    ("special", "special_not_escaped", "        found = [", """
        either = "|".join(allowed_special) or "(?!)"
        out = []
        for part in regex.split(f"({either})", text):
            part_is = part in allowed_special
            out += [self.special[part]] if part_is else self.encode_ordinary(part)
        return out
        found = ["""),
    ("special", "special_only_first", "self.encode(text[at + len(token):], allowed_special)",
     "self.encode_ordinary(text[at + len(token):])"),
    ("gpt2", "gpt2_comment", "lines[1:]", "lines"),
    ("gpt2", "gpt2_empty_lines", "if line.strip():", "if True:"),
    ("gpt2", "gpt2_hash_lines", "if line.strip():", "if line and not line.startswith('#'):"),
    ("gpt2", "gpt2_texts", "(ids[halves[0]], ids[halves[1]])", "tuple(halves)"),
    ("gpt2", "gpt2_byte_order", "[ids[letter] for letter in written]", "list(range(256))"),
    ("gpt2", "gpt2_plain_letters", "[ids[letter] for letter in written]",
     "[ids[chr(b)] for b in range(256)]"),
    ("gpt2", "gpt2_swapped", "return pairs, byte_ids", "return byte_ids, pairs"),
    ("shrink", "shrink_one_pass", "    again = True\n    while again:", """
    i = 0
    while i < len(text):
        less = text[:i] + text[i + 1:]
        text, i = (less, i) if fails(less) else (text, i + 1)
    return text
    while again:"""),
    ("shrink", "shrink_one_pass", "    again = True\n    while again:", """
    for i in reversed(range(len(text))):
        less = text[:i] + text[i + 1:]
        text = less if fails(less) else text
    return text
    again = True
    while again:"""),
    ("shrink", "shrink_one_pass", "    again = True\n    while again:", """
    for _ in range(2):
        i = 0
        while i < len(text):
            less = text[:i] + text[i + 1:]
            text, i = (less, i) if fails(less) else (text, i + 1)
    return text
    again = True
    while again:"""),
    ("shrink", "shrink_one_left", "if fails(less)", "if less and fails(less)"),
    ("shrink", "shrink_not_shortened", "                break\n    return text",
     "                return text\n    return text"),
    ("shrink", "shrink_not_failing", "if fails(less)", "if less"),
    ("shrink", "shrink_original", "if fails(less)", "if False"),
]  # fmt: skip

PATTERN = openai.GPT2_PATTERN
TRIAL = Trial(check, RIGHT, NAMES, {"regex": regex, "GPT2_PATTERN": PATTERN, "written": letters()})
notebook, failure = TRIAL.notebook, TRIAL.failure


@pytest.mark.parametrize("item", NAMES)
def test_a_right_answer_passes_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), WRONG, ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG)]
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


def broken(item, body):
    """The notebook with a body of its own in one function or method."""
    name = NAMES[item]
    if item not in CLASSES:
        return notebook(f"def {name}(*a, **k):\n    {body}")[name]
    more = f"class Broken({name}):\n    def {CLASSES[item]}(self, *a, **k):\n        {body}"
    return notebook(f"{RIGHT}\n{more}")["Broken"]


@pytest.mark.parametrize("item", NAMES)
def test_not_attempted_is_told_apart(item):
    assert isinstance(failure(item, None), core.NotAttempted)
    error = failure(item, broken(item, "raise NotImplementedError"))
    assert isinstance(error, core.NotAttempted)
    assert str(error).startswith(f"{item}: not attempted yet")


@pytest.mark.parametrize("item", NAMES)
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], {}])
def test_a_wrong_type_says_what_was_found(item, value):
    error = failure(item, broken(item, f"return {value!r}"))
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("item", NAMES)
def test_a_value_in_place_of_the_answer_is_refused(item):
    assert "without brackets" in failure(item, [0, 1]).likely


def test_checks_leave_the_notebook_as_it_was():
    space = notebook()
    before = dict(space)
    classes = {name: dict(vars(value)) for name, value in space.items() if isinstance(value, type)}
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    assert space == before
    after = {name: dict(vars(value)) for name, value in space.items() if isinstance(value, type)}
    assert after == classes


def test_each_answer_is_judged_alone():
    """With everything before it missing, an answer passes all the same."""
    space = notebook()
    missing = notebook("def gone(*a, **k):\n    raise NotImplementedError")["gone"]
    space["get_stats"] = space["merge"] = missing
    for name, method in (("Encodes", "encode"), ("Words", "encode_ordinary"), ("Words", "train")):
        setattr(space[name], method, missing)
    check.special(space["Special"])
    for item in ("train", "decode"):
        check.__dict__[item](space[NAMES[item]])


def test_letters_are_those_of_the_library():
    assert tuple(letters()) == openai.written()


def test_every_cause_that_a_check_names_has_a_sentence():
    for _, cause, _, _ in WRONG:
        assert cause in CAUSES
