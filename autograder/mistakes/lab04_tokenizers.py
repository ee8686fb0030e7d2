"""What students write in lab04_tokenizers: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab04_tokenizers.py; its sentence stands under
its id in gptlab/checks/causes/. The right answers stand in lab04_tokenizers_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab04_tokenizers_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_CHAR_IDS = "return [self.stoi.get(c, 0) for c in text]"
_CHARS = 'return "".join(self.itos[i] for i in ids)'
_BYTES = 'return list(text.encode("utf-8"))'
_FROM_BYTES = 'return bytes(ids).decode("utf-8", errors="replace")'
_EACH_PAIR = "    for pair in zip(ids, ids[1:]):\n"
_ADD = "        counts[pair] = counts.get(pair, 0) + 1\n"
_STATS = f"{_EACH_PAIR}{_ADD}    return counts"
_HERE = "if tuple(ids[i : i + 2]) == tuple(pair):"
_MERGE = f"""    new, i = [], 0
    while i < len(ids):
        {_HERE}
            new.append(idx)
            i += 2
        else:
            new.append(ids[i])
            i += 1
    return new"""
_BEST = "pair = min(counts, key=lambda p: (-counts[p], p))"
_STOP = "            if not counts:\n                break\n"
_TRAIN = f"""        ids, pairs = list(text.encode("utf-8")), []
        for new in range(256, vocab_size):
            counts = get_stats(ids)
{_STOP}            {_BEST}
            ids = merge(ids, pair, new)
            pairs.append(pair)
        self.set_merges(pairs)"""
_RAW = 'raw = b"".join(self.vocab[i] for i in ids)'
_DECODED = 'return raw.decode("utf-8", errors="replace")'
_DECODE = f"{_RAW}\n        {_DECODED}"
_WHILE = "while len(ids) > 1:"
_FIRST = 'pair = min(pairs, key=lambda p: self.merges.get(p, float("inf")))'
_UNKNOWN = "            if pair not in self.merges:\n                break\n"
_ENCODE = f"""        {_WHILE}
            pairs = get_stats(ids)
            {_FIRST}
{_UNKNOWN}            ids = merge(ids, pair, self.merges[pair])
        return ids"""
_CHUNKS = 'chunks, pairs = [list(word.encode("utf-8")) for word in words], []'
_COUNTS = """            counts = {}
            for ids in chunks:
                get_stats(ids, counts)
"""
_MERGED = "chunks = [merge(ids, pair, new) for ids in chunks]"
_REGEX_TRAIN = f"""        {_CHUNKS}
        for new in range(256, vocab_size):
{_COUNTS}{_STOP}            {_BEST}
            {_MERGED}
            pairs.append(pair)
        self.set_merges(pairs)"""
_EACH_WORD = "for word in regex.findall(self.pattern, text):"
_WORD = "ids += super().encode(word)"
_ORDINARY = f"""        ids = []
        {_EACH_WORD}
            {_WORD}
        return ids"""
_NOT_ALLOWED = "if token in text and token not in allowed_special:"
_RAISE = 'raise ValueError(f"{token!r} is in the text and not allowed")'
_REFUSE = f"""        for token in self.special:
            {_NOT_ALLOWED}
                {_RAISE}
"""
_NONE = """        if not allowed_special:
            return self.encode_ordinary(text)
"""
_EITHER = 'either = "|".join(regex.escape(token) for token in allowed_special)'
_PARTS = 'for part in regex.split(f"({either})", text):'
_TOKEN = "ids.append(self.special[part])"
_REST = "ids += self.encode_ordinary(part)"
_SPECIAL = f"""{_REFUSE}{_NONE}        {_EITHER}
        ids = []
        {_PARTS}
            if part in allowed_special:
                {_TOKEN}
            else:
                {_REST}
        return ids"""
_LINES = "for line in lines[1:]:"
_IDS = "pairs.append((ids[left], ids[right]))"
_BYTE_IDS = "[ids[written[b]] for b in range(256)]"
_LINE = f"""        if line:
            left, right = line.split(" ")
            {_IDS}
"""
_GPT2 = f"""    pairs = []
    {_LINES}
{_LINE}    return pairs, {_BYTE_IDS}"""
_SHORTER = "text, i = shorter, 0"
_SHRINK = f"""    i = 0
    while i < len(text):
        shorter = text[:i] + text[i + 1 :]
        if fails(shorter):
            {_SHORTER}
        else:
            i += 1
    return text"""


def _in(whole: str, *changes: tuple[str, str]) -> tuple[str, str]:
    """A piece of the solution, and the same with these changes."""
    changed = whole
    for old, new in changes:
        if changed.count(old) != 1:
            raise ValueError(f"{old!r} stands {changed.count(old)} times in {whole!r}")
        changed = changed.replace(old, new)
    return whole, changed


_FIRST_MET = "pair = max(counts, key=counts.get)"
_POINTS = "[ord(c) for c in text]"
_ENDLESS = "for new in range(256, 256 + vocab_size):"
_UNTIL_FULL = "for new in range(256, vocab_size):"

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "chars": {
        "chars_unknown_crashes": (_CHAR_IDS, "return [self.stoi[c] for c in text]"),
        "chars_unknown_dropped": (
            _CHAR_IDS,
            "return [self.stoi[c] for c in text if c in self.stoi]",
        ),
        "chars_unknown_minus_one": (_CHAR_IDS, "return [self.stoi.get(c, -1) for c in text]"),
        "chars_unknown_none": (_CHAR_IDS, "return [self.stoi.get(c) for c in text]"),
        "chars_unknown_new_id": (
            _CHAR_IDS,
            "return [self.stoi.get(c, len(self.itos)) for c in text]",
        ),
        "chars_learns_unknown": (
            _CHAR_IDS,
            "for c in text:\n"
            "            if c not in self.stoi:\n"
            "                self.stoi[c] = len(self.itos)\n"
            "                self.itos.append(c)\n"
            "        return [self.stoi[c] for c in text]",
        ),
        "chars_lowered": (_CHAR_IDS, "return [self.stoi.get(c, 0) for c in text.lower()]"),
        "chars_from_0": (_CHAR_IDS, "return [self.stoi.get(c, 1) - 1 for c in text]"),
        "chars_ord": (_CHAR_IDS, f"return {_POINTS}"),
        "chars_own_vocabulary": (
            _CHAR_IDS,
            "chars = sorted(set(text))\n        return [1 + chars.index(c) for c in text]",
        ),
        "chars_decode_list": (_CHARS, "return [self.itos[i] for i in ids]"),
        "chars_decode_spaces": (_CHARS, 'return " ".join(self.itos[i] for i in ids)'),
        "chars_decode_chr": (_CHARS, 'return "".join(chr(i) for i in ids)'),
        "chars_decode_one_late": (_CHARS, 'return "".join(self.itos[i - 1] for i in ids)'),
        "chars_unknown_sign_lost": (_CHARS, 'return "".join(self.itos[i] for i in ids if i)'),
        "chars_unknown_question": (
            _CHARS,
            'return "".join(self.itos[i] if i else "?" for i in ids)',
        ),
    },
    "simple": {
        "simple_code_points": (_BYTES, f"return {_POINTS}"),
        "bytes_object": (_BYTES, 'return text.encode("utf-8")'),
        "simple_ascii": (_BYTES, 'return list(text.encode("ascii", errors="ignore"))'),
        "simple_latin1": (_BYTES, 'return list(text.encode("latin-1", errors="replace"))'),
        "simple_utf16": (_BYTES, 'return list(text.encode("utf-16"))'),
        "simple_bits": (_BYTES, 'return [format(b, "08b") for b in text.encode("utf-8")]'),
        "simple_decode_crash": (_FROM_BYTES, 'return bytes(ids).decode("utf-8")'),
        "simple_decode_ignored": (
            _FROM_BYTES,
            'return bytes(ids).decode("utf-8", errors="ignore")',
        ),
        "simple_last_byte": (
            _FROM_BYTES,
            "try:\n"
            '            return bytes(ids).decode("utf-8")\n'
            "        except UnicodeDecodeError:\n"
            '            return bytes(ids[:-1]).decode("utf-8") + "\\ufffd"',
        ),
        "simple_decode_backslash": (
            _FROM_BYTES,
            'return bytes(ids).decode("utf-8", errors="backslashreplace")',
        ),
        "bytes_as_characters": (_FROM_BYTES, 'return "".join(chr(b) for b in ids)'),
        "simple_decode_latin1": (_FROM_BYTES, 'return bytes(ids).decode("latin-1")'),
        "decoded_one_by_one": (
            _FROM_BYTES,
            'return "".join(bytes([b]).decode("utf-8", errors="replace") for b in ids)',
        ),
        "bytes_of_zeros": (
            _FROM_BYTES,
            'return b"".join(bytes(b) for b in ids).decode("utf-8", errors="replace")',
        ),
        "bytes_shown": (_FROM_BYTES, "return str(bytes(ids))"),
    },
    "get_stats": {
        "stats_new_dict": _in(_STATS, (_EACH_PAIR, f"    counts = {{}}\n{_EACH_PAIR}")),
        "stats_copy": _in(_STATS, (_EACH_PAIR, f"    counts = dict(counts)\n{_EACH_PAIR}")),
        "stats_empty_dict": _in(_STATS, (_EACH_PAIR, f"    counts = counts or {{}}\n{_EACH_PAIR}")),
        "stats_not_added": _in(_STATS, ("counts.get(pair, 0) + 1", "1")),
        "stats_from_two": _in(_STATS, ("counts.get(pair, 0) + 1", "counts.get(pair, 1) + 1")),
        "stats_over_set": _in(_STATS, ("zip(ids, ids[1:])", "set(zip(ids, ids[1:]))")),
        "stats_no_overlap": _in(
            _STATS,
            (_EACH_PAIR, f"    before = None\n{_EACH_PAIR}"),
            (
                _ADD,
                "        if pair == before:\n"
                "            before = None\n"
                "            continue\n"
                f"        before = pair\n{_ADD}",
            ),
        ),
        "stats_jumps": _in(_STATS, ("zip(ids, ids[1:])", "zip(ids[::2], ids[1::2])")),
        "stats_last_lost": _in(_STATS, ("zip(ids, ids[1:])", "zip(ids, ids[1:-1])")),
        "stats_past_end": _in(
            _STATS,
            (
                _EACH_PAIR,
                "    for i in range(len(ids)):\n        pair = (ids[i], ids[i + 1])\n",
            ),
        ),
        "stats_list_key": _in(_STATS, (_ADD, f"        pair = list(pair)\n{_ADD}")),
        "stats_text_key": _in(_STATS, (_ADD, f"        pair = str(pair)\n{_ADD}")),
        "stats_key_missing": _in(
            _STATS, ("counts[pair] = counts.get(pair, 0) + 1", "counts[pair] += 1")
        ),
        "stats_single_ids": _in(_STATS, ("pair in zip(ids, ids[1:])", "pair in ids")),
        "stats_nothing_returned": _in(_STATS, ("    return counts", "    counts")),
        "stats_return_in_loop": _in(_STATS, ("    return counts", "        return counts")),
        "stats_as_list": _in(_STATS, ("return counts", "return sorted(counts.items())")),
        "stats_frequent_only": _in(
            _STATS, ("return counts", "return {p: n for p, n in counts.items() if n > 1}")
        ),
        "stats_changes_list": (
            _STATS,
            "    while len(ids) > 1:\n"
            "        pair = (ids.pop(0), ids[0])\n"
            f"{_ADD}    return counts",
        ),
    },
    "merge": {
        "merge_overlap": (
            _MERGE,
            "    new = []\n"
            "    for i, right in enumerate(ids):\n"
            "        if i and (ids[i - 1], right) == tuple(pair):\n"
            "            new[-1] = idx\n"
            "        else:\n"
            "            new.append(right)\n"
            "    return new",
        ),
        "merge_last_lost": _in(_MERGE, ("while i < len(ids):", "while i < len(ids) - 1:")),
        "merge_past_end": _in(_MERGE, (_HERE, "if ids[i] == pair[0] and ids[i + 1] == pair[1]:")),
        "merge_slice": _in(_MERGE, (_HERE, "if ids[i : i + 2] == pair:")),
        "merge_first_only": _in(
            _MERGE,
            (
                "            new.append(idx)\n            i += 2\n",
                "            return [*new, idx, *ids[i + 2 :]]\n",
            ),
        ),
        "merge_keeps_right": _in(_MERGE, ("i += 2", "i += 1")),
        "merge_skips_nothing": (
            _MERGE,
            "    new = []\n"
            "    for i in range(len(ids)):\n"
            f"        {_HERE}\n"
            "            new.append(idx)\n"
            "            i += 2\n"
            "        else:\n"
            "            new.append(ids[i])\n"
            "    return new",
        ),
        "merge_keeps_left": _in(_MERGE, ("new.append(idx)", "new += [ids[i], idx]")),
        "merge_pair_gone": _in(_MERGE, ("            new.append(idx)\n", "")),
        "merge_changes_list": (
            _MERGE,
            "    i = 0\n"
            "    while i < len(ids):\n"
            f"        {_HERE}\n"
            "            ids[i : i + 2] = [idx]\n"
            "        i += 1\n"
            "    return ids",
        ),
        "merge_empties_list": (
            _MERGE,
            "    new = []\n"
            "    while ids:\n"
            "        new.append(ids.pop(0))\n"
            "        if ids and (new[-1], ids[0]) == tuple(pair):\n"
            "            ids.pop(0)\n"
            "            new[-1] = idx\n"
            "    return new",
        ),
        "merge_same_list": _in(
            _MERGE,
            (
                "    new, i = [], 0\n",
                "    if tuple(pair) not in zip(ids, ids[1:]):\n        return ids\n    new, i = [], 0\n",
            ),
        ),
        "merge_left_only": _in(_MERGE, (_HERE, "if ids[i] == pair[0]:")),
        "merge_any_order": _in(_MERGE, (_HERE, "if sorted(ids[i : i + 2]) == sorted(pair):")),
        "merge_either_id": _in(
            _MERGE, (_HERE, "if i + 1 < len(ids) and (ids[i] == pair[0] or ids[i + 1] == pair[1]):")
        ),
        "merge_is": _in(
            _MERGE,
            (_HERE, "if i + 1 < len(ids) and ids[i] is pair[0] and ids[i + 1] is pair[1]:"),
        ),
        "merge_from_right": (
            _MERGE,
            "    new, i = [], len(ids) - 1\n"
            "    while i >= 0:\n"
            "        if i and (ids[i - 1], ids[i]) == tuple(pair):\n"
            "            new.insert(0, idx)\n"
            "            i -= 2\n"
            "        else:\n"
            "            new.insert(0, ids[i])\n"
            "            i -= 1\n"
            "    return new",
        ),
        "merge_steps_of_two": _in(_MERGE, ("i += 1", "i += 2")),
        "merge_digits": (
            _MERGE,
            '    text = " ".join(map(str, ids))\n'
            '    text = text.replace(f"{pair[0]} {pair[1]}", str(idx))\n'
            "    return [int(number) for number in text.split()]",
        ),
    },
    "train": {
        "ties_first_met": _in(_TRAIN, (_BEST, _FIRST_MET)),
        "ties_largest": _in(_TRAIN, (_BEST, "pair = max(counts, key=lambda p: (counts[p], p))")),
        "ties_last_met": _in(_TRAIN, (_BEST, "pair = sorted(counts, key=counts.get)[-1]")),
        "ties_by_left": _in(_TRAIN, ("(-counts[p], p)", "(-counts[p], p[0])")),
        "ties_by_bytes": _in(
            _TRAIN,
            (
                _BEST,
                "self.set_merges(pairs)\n"
                "            raw = lambda p: self.vocab[p[0]] + self.vocab[p[1]]\n"
                "            pair = min(counts, key=lambda p: (-counts[p], raw(p)))",
            ),
        ),
        "train_rarest": _in(_TRAIN, (_BEST, "pair = min(counts, key=lambda p: (counts[p], p))")),
        "train_smallest_pair": _in(_TRAIN, (_BEST, "pair = min(counts)")),
        "ids_not_from_256": _in(_TRAIN, ("pair, new)", "pair, new - 1)")),
        "ids_from_257": _in(_TRAIN, ("pair, new)", "pair, new + 1)")),
        "ids_from_0": _in(_TRAIN, ("pair, new)", "pair, len(pairs))")),
        "ids_from_distinct": _in(_TRAIN, ("pair, new)", "pair, len(set(text)) + len(pairs))")),
        "train_one_too_many": _in(_TRAIN, ("256, vocab_size", "256, vocab_size + 1")),
        "train_one_too_few": _in(_TRAIN, ("256, vocab_size", "256, vocab_size - 1")),
        "train_too_many": _in(_TRAIN, (_UNTIL_FULL, _ENDLESS)),
        "train_not_recounted": _in(
            _TRAIN,
            (
                _UNTIL_FULL + "\n            counts = get_stats(ids)\n",
                f"counts = get_stats(ids)\n        {_UNTIL_FULL}\n",
            ),
            (
                "            pairs.append(pair)\n",
                "            pairs.append(pair)\n            del counts[pair]\n",
            ),
        ),
        "train_counts_kept": _in(
            _TRAIN,
            (
                _UNTIL_FULL + "\n            counts = get_stats(ids)\n",
                f"counts = {{}}\n        {_UNTIL_FULL}\n            get_stats(ids, counts)\n",
            ),
        ),
        "train_result_dropped": _in(_TRAIN, ("ids = merge(ids", "merge(ids")),
        "train_no_pair_left": _in(_TRAIN, (_STOP, "")),
        "train_stops_early": _in(
            _TRAIN, ("if not counts:", "if not counts or max(counts.values()) < 2:")
        ),
        "train_returns_early": _in(_TRAIN, ("break", "return")),
        "train_not_stored": _in(_TRAIN, ("        self.set_merges(pairs)", "        return pairs")),
        "train_vocab_missing": _in(
            _TRAIN,
            ("self.set_merges(pairs)", "self.merges = {p: 256 + n for n, p in enumerate(pairs)}"),
        ),
        "train_last_lost": _in(_TRAIN, ("set_merges(pairs)", "set_merges(pairs[:-1])")),
        "train_sorted": _in(_TRAIN, ("set_merges(pairs)", "set_merges(sorted(pairs))")),
        "train_goes_on": _in(
            _TRAIN, ('(text.encode("utf-8")), []', '(text.encode("utf-8")), list(self.merges)')
        ),
        "train_code_points": _in(_TRAIN, ('list(text.encode("utf-8"))', _POINTS)),
        "train_ascii": _in(
            _TRAIN, ('text.encode("utf-8")', 'text.encode("ascii", errors="ignore")')
        ),
    },
    "decode": {
        "decode_crash": (_DECODED, 'return raw.decode("utf-8")'),
        "decode_ignored": (_DECODED, 'return raw.decode("utf-8", errors="ignore")'),
        "decode_latin1": (_DECODED, 'return raw.decode("latin-1")'),
        "decode_ascii": (_DECODED, 'return raw.decode("ascii", errors="replace")'),
        "decode_one_by_one": (
            _DECODE,
            'return "".join(self.vocab[i].decode("utf-8", errors="replace") for i in ids)',
        ),
        "decode_ids_as_bytes": (_RAW, "raw = bytes(ids)"),
        "decode_ids_as_characters": (_DECODE, 'return "".join(chr(i) for i in ids)'),
        "decode_new_ids_lost": (_RAW, 'raw = b"".join(self.vocab[i] for i in ids if i < 256)'),
        "decode_own_order": (
            _RAW,
            'raw = b"".join(bytes([i]) if i < 256 else self.vocab[i] for i in ids)',
        ),
        "decode_one_step": (
            _RAW,
            "back = {idx: pair for pair, idx in self.merges.items()}\n"
            "        flat = [j for i in ids for j in back.get(i, (i,))]\n"
            '        raw = b"".join(self.vocab[j] for j in flat if j < 256)',
        ),
        "decode_empties_list": (
            _RAW,
            'raw = b""\n        while ids:\n            raw += self.vocab[ids.pop(0)]',
        ),
        "decode_joins_as_text": (_DECODE, 'return "".join(self.vocab[i] for i in ids)'),
        "decode_gives_bytes": (_DECODED, "return raw"),
        "decode_shown": (_DECODED, "return str(raw)"),
        "decode_list_of_pieces": (_DECODE, "return [self.vocab[i] for i in ids]"),
        "decode_with_spaces": (_RAW, 'raw = b" ".join(self.vocab[i] for i in ids)'),
    },
    "encode": {
        "encode_by_count": _in(
            _ENCODE,
            (_FIRST, "pairs = {p: n for p, n in pairs.items() if p in self.merges}"),
            ("if pair not in self.merges:", "if not pairs:"),
            (
                "            ids = merge(",
                "            pair = max(pairs, key=pairs.get)\n            ids = merge(",
            ),
        ),
        "encode_longest_match": (
            _ENCODE,
            "        number = {raw: i for i, raw in self.vocab.items()}\n"
            '        raw, ids = text.encode("utf-8"), []\n'
            "        while raw:\n"
            "            end = len(raw)\n"
            "            while raw[:end] not in number:\n"
            "                end -= 1\n"
            "            ids.append(number[raw[:end]])\n"
            "            raw = raw[end:]\n"
            "        return ids",
        ),
        "encode_longest_pair": _in(
            _ENCODE,
            (
                _FIRST,
                "size = lambda p: len(self.vocab[self.merges[p]]) if p in self.merges else 0\n"
                "            pair = max(pairs, key=size)",
            ),
        ),
        "encode_left_to_right": _in(
            _ENCODE, (_FIRST, "pair = next((p for p in pairs if p in self.merges), None)")
        ),
        "encode_last_learnt": _in(
            _ENCODE, (_FIRST, "pair = max(pairs, key=lambda p: self.merges.get(p, -1))")
        ),
        "encode_smallest_pair": _in(
            _ENCODE, (_FIRST, "pair = min(pairs, key=lambda p: (p not in self.merges, p))")
        ),
        "encode_unknown_first": _in(_ENCODE, ('float("inf")', "0")),
        "encode_one_round": _in(
            _ENCODE,
            (_WHILE, "if len(ids) > 1:"),
            (
                "if pair not in self.merges:\n                break",
                "if pair not in self.merges:\n                return ids",
            ),
        ),
        "encode_single_pass": (
            _ENCODE,
            "        for pair in get_stats(ids):\n"
            "            if pair in self.merges:\n"
            "                ids = merge(ids, pair, self.merges[pair])\n"
            "        return ids",
        ),
        "encode_not_merged": (_ENCODE, '        return list(text.encode("utf-8"))'),
        "encode_short_text": _in(_ENCODE, (_WHILE, "while True:")),
        "encode_two_ids": _in(_ENCODE, ("len(ids) > 1", "len(ids) > 2")),
        "encode_no_stop": _in(_ENCODE, (_UNKNOWN, "")),
        "encode_code_points": _in(
            _ENCODE, (f"        {_WHILE}", f"        ids = {_POINTS}\n        {_WHILE}")
        ),
        "encode_byte_order": _in(
            _ENCODE,
            (f"        {_WHILE}", f'        ids = list(text.encode("utf-8"))\n        {_WHILE}'),
        ),
        "encode_ranks": _in(
            _ENCODE, ("pair, self.merges[pair])", "pair, list(self.merges).index(pair))")
        ),
        "encode_pieces": _in(_ENCODE, ("return ids", "return [self.vocab[i] for i in ids]")),
        "encode_result_dropped": _in(
            _ENCODE,
            (
                "            ids = merge(ids, pair, self.merges[pair])",
                "            merge(ids, pair, self.merges[pair])\n            break",
            ),
        ),
        "encode_retrains": _in(
            _ENCODE,
            (
                f"        {_WHILE}",
                f"        self.train(text, 256 + len(self.merges))\n        {_WHILE}",
            ),
        ),
    },
    "regex": {
        "regex_across_words": _in(
            _REGEX_TRAIN, (_CHUNKS, 'chunks, pairs = [list(text.encode("utf-8"))], []')
        ),
        "regex_train_whole": (_REGEX_TRAIN, "        super().train(text, vocab_size)"),
        "regex_counts_across": _in(
            _REGEX_TRAIN, (_COUNTS, "            counts = get_stats(sum(chunks, []))\n")
        ),
        "regex_last_word_only": _in(
            _REGEX_TRAIN,
            ("                get_stats(ids, counts)", "                counts = get_stats(ids)"),
        ),
        "regex_distinct_words": _in(
            _REGEX_TRAIN, ("for word in words]", "for word in set(words)]")
        ),
        "regex_trains_each_word": (
            _REGEX_TRAIN,
            "        for word in words:\n            super().train(word, vocab_size)",
        ),
        "regex_train_split": _in(_REGEX_TRAIN, ("for word in words]", "for word in text.split()]")),
        "regex_train_code_points": _in(
            _REGEX_TRAIN, ('list(word.encode("utf-8"))', "[ord(c) for c in word]")
        ),
        "regex_no_pair_left": _in(_REGEX_TRAIN, (_STOP, "")),
        "regex_stops_early": _in(
            _REGEX_TRAIN, ("if not counts:", "if not counts or max(counts.values()) < 2:")
        ),
        "regex_returns_early": _in(_REGEX_TRAIN, ("break", "return")),
        "regex_train_lab_pattern": _in(
            _REGEX_TRAIN, ("for word in words]", "for word in regex.findall(GPT2_PATTERN, text)]")
        ),
        "regex_ties_first_met": _in(_REGEX_TRAIN, (_BEST, _FIRST_MET)),
        "regex_ties_largest": _in(
            _REGEX_TRAIN, (_BEST, "pair = max(counts, key=lambda p: (counts[p], p))")
        ),
        "regex_one_too_many": _in(_REGEX_TRAIN, ("256, vocab_size", "256, vocab_size + 1")),
        "regex_counts_kept": _in(
            _REGEX_TRAIN,
            (
                f"{_UNTIL_FULL}\n            counts = {{}}\n",
                f"counts = {{}}\n        {_UNTIL_FULL}\n",
            ),
        ),
        "regex_result_dropped": _in(_REGEX_TRAIN, (_MERGED, f"[{_MERGED.split('[')[1]}")),
        "regex_not_stored": _in(
            _REGEX_TRAIN, ("        self.set_merges(pairs)", "        return pairs")
        ),
        "regex_encode_whole": (_ORDINARY, "        return super().encode(text)"),
        "regex_words_nested": _in(_ORDINARY, (_WORD, "ids.append(super().encode(word))")),
        "spaces_lost": _in(_ORDINARY, (_EACH_WORD, "for word in text.split():")),
        "regex_split_at_spaces": _in(_ORDINARY, (_EACH_WORD, 'for word in text.split(" "):')),
        "regex_words_stripped": _in(_ORDINARY, ("encode(word)", "encode(word.strip())")),
        "regex_between_words": _in(_ORDINARY, ("regex.findall", "regex.split")),
        "regex_first_word_only": _in(_ORDINARY, ("        return ids", "            return ids")),
        "regex_last_ids_only": _in(_ORDINARY, ("ids += super()", "ids = super()")),
        "regex_lab_pattern": _in(_ORDINARY, ("self.pattern", "GPT2_PATTERN")),
        "regex_re_module": _in(
            _ORDINARY,
            ("        ids = []", "        import re\n\n        ids = []"),
            ("regex.findall", "re.findall"),
        ),
        "regex_not_merged": _in(_ORDINARY, ("super().encode(word)", 'list(word.encode("utf-8"))')),
        "regex_calls_encode": _in(_ORDINARY, ("super().encode", "self.encode")),
    },
    "special": {
        "special_allowed_by_default": (
            f"{_REFUSE}{_NONE}",
            "        allowed_special = self.special\n" + _NONE,
        ),
        "special_all_unless_told": (
            f"{_REFUSE}{_NONE}",
            "        allowed_special = allowed_special or set(self.special)\n" + _REFUSE + _NONE,
        ),
        "special_encoded_as_text": (f"{_REFUSE}{_NONE}", _NONE),
        "special_unchecked_with_allowed": (
            f"{_REFUSE}{_NONE}",
            "        if not allowed_special:\n"
            "            for token in self.special:\n"
            "                if token in text:\n"
            f"                    {_RAISE}\n"
            "            return self.encode_ordinary(text)\n",
        ),
        "special_allowed_as_text": _in(
            _SPECIAL, (_NONE, "        return self.encode_ordinary(text)\n")
        ),
        "special_always_refused": _in(_SPECIAL, (_NOT_ALLOWED, "if token in text:")),
        "special_refused_though_absent": _in(
            _SPECIAL, (_NOT_ALLOWED, "if token not in allowed_special:")
        ),
        "special_other_error": _in(
            _SPECIAL, (_RAISE, 'raise KeyError(f"{token!r} is not allowed")')
        ),
        "special_asserted": _in(
            _SPECIAL,
            (
                f"{_NOT_ALLOWED}\n                {_RAISE}",
                "assert token not in text or token in allowed_special",
            ),
        ),
        "special_error_returned": _in(_SPECIAL, ("raise ValueError", "return ValueError")),
        "special_no_guard": _in(_SPECIAL, (_NONE, "")),
        "special_across_words": _in(_SPECIAL, (_REST, "ids += super().encode(part)")),
        "special_printed": _in(_SPECIAL, (_RAISE, 'print(f"{token!r} is not allowed")')),
        "special_token_lost": _in(_SPECIAL, ('f"({either})"', "either")),
        "special_rest_lost": _in(_SPECIAL, (f"            else:\n                {_REST}\n", "")),
        "special_rest_merged": _in(
            _SPECIAL,
            (
                f"        ids = []\n        {_PARTS}\n            if part in allowed_special:\n"
                f"                {_TOKEN}\n            else:\n                {_REST}\n",
                '        ids = self.encode_ordinary(regex.sub(either, "", text))\n'
                "        ids += [self.special[token] for token in regex.findall(either, text)]\n",
            ),
        ),
        "special_not_escaped": _in(_SPECIAL, (_EITHER, 'either = "|".join(allowed_special)')),
        "special_only_first": _in(
            _SPECIAL, ('f"({either})", text)', 'f"({either})", text, maxsplit=1)')
        ),
        "special_one_kind": _in(
            _SPECIAL, (_EITHER, "either = regex.escape(list(allowed_special)[0])")
        ),
        "special_only_at_end": _in(_SPECIAL, ('f"({either})"', 'f"({either})$"')),
        "special_other_id": _in(_SPECIAL, ("self.special[part]", "len(self.vocab)")),
        "special_text_in_ids": _in(_SPECIAL, ("self.special[part]", "part")),
        "special_nested": _in(_SPECIAL, (_REST, "ids.append(self.encode_ordinary(part))")),
        "special_spaces_lost": _in(_SPECIAL, ("ordinary(part)", "ordinary(part.strip())")),
    },
    "gpt2": {
        "gpt2_comment": _in(_GPT2, ("lines[1:]", "lines")),
        "gpt2_hash_lines": _in(_GPT2, ("if line:", 'if line and not line.startswith("#"):')),
        "gpt2_first_merge_lost": _in(_GPT2, ("lines[1:]", "lines[2:]")),
        "gpt2_last_line_lost": _in(_GPT2, ("lines[1:]", "lines[1:-1]")),
        "gpt2_empty_lines": _in(
            _GPT2, (_LINE, '        left, right = line.split(" ")\n        ' + _IDS + "\n")
        ),
        "gpt2_stops_at_empty": _in(
            _GPT2,
            ("        if line:\n", "        if not line:\n            break\n        if line:\n"),
        ),
        "gpt2_texts": _in(_GPT2, ("(ids[left], ids[right])", "(left, right)")),
        "gpt2_one_letter": _in(_GPT2, ('line.split(" ")', "line[0], line[-1]")),
        "gpt2_spaces": _in(_GPT2, ("ids[left]", 'ids[left.replace("Ġ", " ")]')),
        "gpt2_merged_ids": _in(_GPT2, ("(ids[left], ids[right])", "ids[left + right]")),
        "gpt2_ids_by_line": _in(
            _GPT2,
            (
                "    pairs = []\n",
                "    pairs, own = [], {letter: b for b, letter in enumerate(written)}\n",
            ),
            (
                _IDS,
                "pairs.append((own[left], own[right]))\n            own[left + right] = 255 + len(pairs)",
            ),
            (_BYTE_IDS, "list(range(256))"),
        ),
        "gpt2_byte_order": _in(_GPT2, (_BYTE_IDS, "list(range(256))")),
        "gpt2_first_256": _in(_GPT2, (_BYTE_IDS, "list(ids.values())[:256]")),
        "gpt2_sorted_ids": _in(_GPT2, (_BYTE_IDS, "sorted(ids[letter] for letter in written)")),
        "gpt2_plain_letters": _in(_GPT2, ("ids[written[b]]", "ids[chr(b)]")),
        "gpt2_letters": _in(_GPT2, (_BYTE_IDS, "[written[b] for b in range(256)]")),
        "gpt2_seen_only": _in(_GPT2, (_BYTE_IDS, "[ids[written[b]] for b in seen]")),
        "gpt2_swapped": _in(_GPT2, (f"pairs, {_BYTE_IDS}", f"{_BYTE_IDS}, pairs")),
        "gpt2_pairs_only": _in(_GPT2, (f"pairs, {_BYTE_IDS}", "pairs")),
        "gpt2_changes_lines": _in(_GPT2, (_LINES, "lines.pop(0)\n    for line in lines:")),
    },
    "shrink": {
        "shrink_one_pass": _in(_SHRINK, (_SHORTER, "text = shorter")),
        "shrink_skips": (
            _SHRINK,
            "    for i in range(len(text)):\n"
            "        shorter = text[:i] + text[i + 1 :]\n"
            "        if fails(shorter):\n"
            "            text = shorter\n"
            "    return text",
        ),
        "shrink_from_right": (
            _SHRINK,
            "    for i in reversed(range(len(text))):\n"
            "        shorter = text[:i] + text[i + 1 :]\n"
            "        if fails(shorter):\n"
            "            text = shorter\n"
            "    return text",
        ),
        "shrink_two_passes": (
            _SHRINK,
            "    for _ in range(2):\n"
            "        i = 0\n"
            "        while i < len(text):\n"
            "            shorter = text[:i] + text[i + 1 :]\n"
            "            if fails(shorter):\n"
            "                text = shorter\n"
            "            else:\n"
            "                i += 1\n"
            "    return text",
        ),
        "shrink_not_failing": _in(_SHRINK, ("if fails(shorter)", "if not fails(shorter)")),
        "shrink_until_it_passes": (
            _SHRINK,
            "    while text and fails(text):\n        text = text[:-1]\n    return text",
        ),
        "shrink_not_shortened": _in(_SHRINK, (_SHORTER, "return shorter")),
        "shrink_end_only": (
            _SHRINK,
            "    while text and fails(text[:-1]):\n        text = text[:-1]\n    return text",
        ),
        "shrink_start_only": _in(_SHRINK, ("            i += 1", "            break")),
        "shrink_ends_only": (
            _SHRINK,
            "    while text and fails(text[1:]):\n"
            "        text = text[1:]\n"
            "    while text and fails(text[:-1]):\n"
            "        text = text[:-1]\n"
            "    return text",
        ),
        "shrink_halves": (
            _SHRINK,
            "    while True:\n"
            "        half = len(text) // 2\n"
            "        if half and fails(text[:half]):\n"
            "            text = text[:half]\n"
            "        elif half and fails(text[half:]):\n"
            "            text = text[half:]\n"
            "        else:\n"
            "            return text",
        ),
        "shrink_original": (
            _SHRINK,
            "    rest, i = text, 0\n"
            + _SHRINK.split("\n", 1)[1]
            .replace("text, i = shorter", "rest, i = shorter")
            .replace("len(text)", "len(rest)")
            .replace("text[:i] + text[", "rest[:i] + rest["),
        ),
        "shrink_never_ends": _in(_SHRINK, ("        else:\n            i += 1\n", "")),
        "shrink_all_alike": (
            _SHRINK,
            "    for c in text:\n"
            '        if fails(text.replace(c, "")):\n'
            '            text = text.replace(c, "")\n'
            "    return text",
        ),
        "shrink_one_left": _in(_SHRINK, ("i < len(text)", "i < len(text) and len(text) > 1")),
        "shrink_last_kept": _in(_SHRINK, ("i < len(text)", "i < len(text) - 1")),
        "shrink_distinct": _in(
            _SHRINK, ("    i = 0\n", '    text, i = "".join(dict.fromkeys(text)), 0\n')
        ),
        "shrink_sorted": _in(_SHRINK, ("    i = 0\n", '    text, i = "".join(sorted(text)), 0\n')),
        "shrink_nothing_returned": _in(_SHRINK, ("    return text", "    text")),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    62: ("encode_by_count",),
    63: ("stats_no_overlap", "merge_overlap", "merge_from_right"),
    64: (
        "simple_code_points", "train_code_points", "encode_code_points", "regex_train_code_points",
    ),
    65: (
        "simple_decode_crash", "decoded_one_by_one", "decode_crash", "decode_one_by_one",
    ),
    66: (
        "ties_first_met", "ties_largest", "ties_last_met", "regex_ties_first_met",
        "regex_ties_largest",
    ),
    67: (
        "spaces_lost", "regex_split_at_spaces", "regex_words_stripped", "regex_train_split",
        "special_spaces_lost",
    ),
    68: (
        "special_allowed_by_default", "special_all_unless_told", "special_encoded_as_text",
        "special_unchecked_with_allowed",
    ),
    69: ("merge_changes_list", "merge_empties_list", "stats_changes_list"),
    70: ("ids_not_from_256", "ids_from_257", "ids_from_0", "ids_from_distinct", "encode_ranks"),
    71: ("encode_longest_match", "encode_longest_pair"),
    72: ("regex_across_words", "regex_encode_whole"),
}  # fmt: skip

# Two ways to the same thing to say, or a sentence of lab01: id -> key of the sentence.
SAME_CAUSE = {
    "chars_decode_list": "decode_list",
    "chars_decode_spaces": "decode_spaces",
    "chars_decode_chr": "decode_chr",
    "simple_code_points": "code_points",
    "simple_decode_crash": "partial_bytes_crash",
    "simple_decode_ignored": "partial_bytes_ignored",
    "simple_decode_latin1": "bytes_as_characters",
    "merge_skips_nothing": "merge_keeps_right",
    "merge_steps_of_two": "merge_by_twos",
    "ids_from_257": "ids_not_from_256",
    "ids_from_0": "ids_not_from_256",
    "ids_from_distinct": "ids_not_from_256",
    "train_code_points": "code_points",
    "train_ascii": "simple_ascii",
    "decode_crash": "partial_bytes_crash",
    "decode_ignored": "partial_bytes_ignored",
    "decode_latin1": "bytes_as_characters",
    "decode_one_by_one": "decoded_one_by_one",
    "decode_shown": "bytes_shown",
    "decode_empties_list": "stats_changes_list",
    "encode_single_pass": "encode_one_round",
    "encode_code_points": "code_points",
    "regex_train_whole": "regex_across_words",
    "regex_counts_across": "regex_across_words",
    "regex_trains_each_word": "regex_last_word_only",
    "regex_train_split": "spaces_lost",
    "regex_split_at_spaces": "spaces_lost",
    "regex_train_code_points": "code_points",
    "regex_no_pair_left": "train_no_pair_left",
    "regex_stops_early": "train_stops_early",
    "regex_returns_early": "train_returns_early",
    "regex_train_lab_pattern": "regex_lab_pattern",
    "regex_ties_first_met": "ties_first_met",
    "regex_ties_largest": "ties_largest",
    "regex_one_too_many": "train_one_too_many",
    "regex_counts_kept": "train_counts_kept",
    "regex_result_dropped": "train_result_dropped",
    "regex_not_stored": "train_not_stored",
    "special_all_unless_told": "special_allowed_by_default",
    "special_asserted": "special_other_error",
    "special_printed": "special_encoded_as_text",
    "shrink_from_right": "shrink_one_pass",
    "shrink_two_passes": "shrink_one_pass",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {  # objects, strings by chance, a pattern, text that is none
    "merge_is",
    "train_goes_on",
    "encode_by_count",
    "regex_lab_pattern",
    "special_not_escaped",
    "shrink_one_pass",
}

MISTAKES = catalogue.mistakes(WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS)

# item -> the input, zeros, a constant, a part: answers without thought, a body for each hole.
_NO_THOUGHT = {
    "chars": (
        ("return text", "return ids"),
        ("return [0] * len(text)", 'return ""'),
        ("return [1, 2, 3]", 'return "hello"'),
        ("return [self.stoi.get(c, 0) for c in text]", "return self.itos"),
    ),
    "simple": (
        ("return text", "return ids"),
        ("return [0] * len(text)", 'return ""'),
        ("return [72, 101, 108, 108, 111]", 'return "Hello"'),
    ),
    "get_stats": ("return ids", "return counts", "return {(1, 2): 1}"),
    "merge": ("return ids", "return [0] * len(ids)", "return [idx]"),
    "train": (
        "return text",
        "self.set_merges([])",
        "self.set_merges([(97, 98)])",
        "self.set_merges(get_stats(list(text.encode())))",
    ),
    "decode": ("return ids", 'return ""', 'return "hello"'),
    "encode": ("return text", "return [0] * len(ids)", "return [256]", "return ids"),
    "regex": (
        ("return words", "return text"),
        ("self.set_merges([])", "return []"),
        ("self.set_merges([(97, 98)])", "return [256]"),
        ("super().train(text, vocab_size)", "return super().encode(text)"),
    ),
    "special": (
        "return text",
        "return []",
        "return list(self.special.values())",
        "return self.encode_ordinary(text)",
    ),
    "gpt2": ("return lines, ids", "return [], [0] * 256", "return [(0, 1)], list(range(256))"),
    "shrink": ("return text", 'return ""', 'return "a"', "return text[:1]"),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
