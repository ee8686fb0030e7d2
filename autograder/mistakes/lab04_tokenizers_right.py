"""Right answers of lab04_tokenizers in another form than the solution's."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "loops",
    {
        "chars": (
            """
        ids = []
        for c in text:
            if c in self.stoi:
                ids.append(self.stoi[c])
            else:
                ids.append(0)
        return ids
    """,
            """
        text = ""
        for i in ids:
            text += self.itos[i]
        return text
    """,
        ),
        "simple": (
            """
        ids = []
        for byte in bytes(text, "utf-8"):
            ids.append(byte)
        return ids
    """,
            """
        raw = bytearray()
        for i in ids:
            raw.append(i)
        return str(raw, "utf-8", "replace")
    """,
        ),
        "get_stats": """
        for i in range(len(ids) - 1):
            pair = (ids[i], ids[i + 1])
            if pair not in counts:
                counts[pair] = 0
            counts[pair] += 1
        return counts
    """,
        "merge": """
        result = []
        skip = False
        for i in range(len(ids)):
            if skip:
                skip = False
                continue
            if i + 1 < len(ids) and ids[i] == pair[0] and ids[i + 1] == pair[1]:
                result.append(idx)
                skip = True
            else:
                result.append(ids[i])
        return result
    """,
        "train": """
        ids = list(bytes(text, "utf8"))
        learnt = []
        while len(learnt) < vocab_size - 256:
            stats = get_stats(ids)
            best, most = None, 0
            for pair in sorted(stats):
                if stats[pair] > most:
                    best, most = pair, stats[pair]
            if best is None:
                break
            ids = merge(ids, best, 256 + len(learnt))
            learnt.append(best)
        self.set_merges(learnt)
    """,
        "decode": """
        raw = b""
        for i in ids:
            raw = raw + self.vocab[i]
        return str(raw, encoding="utf-8", errors="replace")
    """,
        "encode": """
        while True:
            best = None
            for i in range(len(ids) - 1):
                idx = self.merges.get((ids[i], ids[i + 1]))
                if idx is not None and (best is None or idx < best):
                    best, pair = idx, (ids[i], ids[i + 1])
            if best is None:
                return ids
            ids = merge(ids, pair, best)
    """,
        "regex": (
            """
        lists = []
        for word in words:
            lists.append(list(word.encode("utf-8")))
        learnt = []
        while 256 + len(learnt) < vocab_size:
            counts = {}
            for ids in lists:
                counts = get_stats(ids, counts)
            if len(counts) == 0:
                break
            most = max(counts.values())
            pair = min(p for p in counts if counts[p] == most)
            for n in range(len(lists)):
                lists[n] = merge(lists[n], pair, 256 + len(learnt))
            learnt.append(pair)
        self.set_merges(learnt)
    """,
            """
        found = []
        for match in regex.finditer(self.pattern, text):
            found.extend(BasicTokenizer.encode(self, match.group()))
        return found
    """,
        ),
        "special": """
        for token in self.special:
            if token not in allowed_special and text.find(token) >= 0:
                raise ValueError("special token that is not allowed")
        ids, rest = [], text
        while True:
            first, at = None, len(rest)
            for token in allowed_special:
                place = rest.find(token)
                if 0 <= place < at:
                    first, at = token, place
            ids.extend(self.encode_ordinary(rest[:at]))
            if first is None:
                return ids
            ids.append(self.special[first])
            rest = rest[at + len(first) :]
    """,
        "gpt2": """
        byte_ids = []
        for b in range(256):
            byte_ids.append(ids[written[b]])
        pairs = []
        for n in range(1, len(lines)):
            left, space, right = lines[n].partition(" ")
            if space:
                pairs.append([ids[left], ids[right]])
        return [pairs, byte_ids]
    """,
        "shrink": """
        again = True
        while again:
            again = False
            for i in range(len(text)):
                if fails(text[:i] + text[i + 1 :]):
                    text = text[:i] + text[i + 1 :]
                    again = True
                    break
        return text
    """,
    },
)

LIBRARY = Right(
    "library",
    {
        "chars": (
            "return list(map(lambda c: self.stoi[c] if c in self.stoi else 0, text))",
            'return "".join(map(self.itos.__getitem__, ids))',
        ),
        "simple": (
            'return [*bytearray(text, encoding="utf-8")]',
            'return b"".join(i.to_bytes(1, "big") for i in ids).decode(errors="replace")',
        ),
        "get_stats": """
        from collections import Counter
        from itertools import pairwise

        for pair, count in Counter(pairwise(ids)).items():
            counts[pair] = counts.setdefault(pair, 0) + count
        return Counter(counts)
    """,
        "merge": """
        rest, left = [], list(ids)[::-1]
        while left:
            first = left.pop()
            if left and [first, left[-1]] == list(pair):
                left.pop()
                first = idx
            rest.append(first)
        return rest
    """,
        "train": """
        ids = [*text.encode()]
        order = {}
        for n in range(max(0, vocab_size - 256)):
            stats = sorted(get_stats(ids).items(), key=lambda item: (-item[1], item[0]))
            if not stats:
                break
            order[stats[0][0]] = 256 + n
            ids = merge(ids, stats[0][0], 256 + n)
        self.set_merges(order)
    """,
        "decode": """
        return b"".join(map(self.vocab.get, ids)).decode(errors="replace")
    """,
        "encode": """
        for pair, idx in self.merges.items():
            if pair[0] in ids and pair[1] in ids:
                ids = merge(ids, pair, idx)
        return ids
    """,
        "regex": (
            """
        from collections import Counter

        often = Counter(words)
        spelled = {word: list(word.encode()) for word in often}
        pairs = []
        while len(pairs) < vocab_size - 256:
            counts = Counter()
            for word, n in often.items():
                for pair, k in get_stats(spelled[word]).items():
                    counts[pair] += n * k
            if not counts:
                break
            pair = max(counts, key=lambda p: (counts[p], -p[0], -p[1]))
            spelled = {w: merge(s, pair, 256 + len(pairs)) for w, s in spelled.items()}
            pairs.append(pair)
        self.set_merges(pairs)
    """,
            """
        encode = super().encode
        return [i for word in regex.findall(self.pattern, text) for i in encode(word)]
    """,
        ),
        "special": """
        refused = [token for token in self.special if token not in allowed_special]
        if any(token in text for token in refused):
            raise ValueError(f"not allowed: {refused}")
        allowed = sorted(set(self.special) - set(refused), key=len, reverse=True)
        if not allowed:
            return self.encode_ordinary(text)
        ids, at = [], 0
        for found in regex.finditer("|".join(map(regex.escape, allowed)), text):
            ids += self.encode_ordinary(text[at : found.start()]) + [self.special[found[0]]]
            at = found.end()
        return ids + self.encode_ordinary(text[at:])
    """,
        "gpt2": """
        merges = [tuple(line.split()) for line in filter(None, lines[1:])]
        return [(ids[a], ids[b]) for a, b in merges], list(map(ids.get, written))
    """,
        "shrink": """
        for i in range(len(text)):
            shorter = text[:i] + text[i + 1 :]
            if fails(shorter):
                return shrink(shorter, fails)
        return text
    """,
    },
)

IN_PLACE = Right(
    "in place",
    {
        "get_stats": """
        from collections import defaultdict

        found = defaultdict(int)
        left = None
        for n, right in enumerate(ids):
            if n > 0:
                found[left, right] += 1
            left = right
        for pair in found:
            counts[pair] = counts.get(pair, 0) + found[pair]
        return counts
    """,
        "merge": """
        new = list(ids)
        i = 0
        while i < len(new) - 1:
            if (new[i], new[i + 1]) == (pair[0], pair[1]):
                new[i : i + 2] = [idx]
            i += 1
        return new
    """,
        "train": """
        ids = list(text.encode("utf-8"))
        self.set_merges([])
        while len(self.vocab) < vocab_size and len(ids) > 1:
            stats = get_stats(ids)
            pair = sorted(stats, key=lambda p: (stats[p], (-p[0], -p[1])))[-1]
            idx = 256 + len(self.merges)
            ids = merge(ids, pair, idx)
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]
    """,
        "decode": """
        def spelled(i):
            return self.vocab[i]

        raw = bytearray()
        for i in ids:
            raw += spelled(i)
        return raw.decode("utf-8", "replace")
    """,
        "encode": """
        known = [p for p in zip(ids, ids[1:]) if p in self.merges]
        while known:
            pair = min(known, key=self.merges.__getitem__)
            at = next(i for i in range(len(ids)) if tuple(ids[i : i + 2]) == pair)
            ids = ids[:at] + [self.merges[pair]] + ids[at + 2 :]
            known = [p for p in zip(ids, ids[1:]) if p in self.merges]
        return ids
    """,
        "regex": (
            """
        lists = [list(word.encode()) for word in words]
        pairs = []
        for new in range(256, vocab_size):
            counts = {}
            for ids in lists:
                for pair in zip(ids, ids[1:]):
                    counts[pair] = counts.get(pair, 0) + 1
            best = sorted(counts, key=lambda p: (-counts[p], p))[:1]
            if not best:
                break
            for ids in lists:
                ids[:] = merge(ids, best[0], new)
            pairs += best
        self.set_merges(pairs)
    """,
            """
        known, ids = {}, []
        for word in regex.findall(self.pattern, text):
            if word not in known:
                known[word] = super().encode(word)
            ids.extend(known[word])
        return ids
    """,
        ),
        "special": """
        allowed = set(allowed_special)
        for token in set(self.special) - allowed:
            if token in text:
                raise ValueError(token)
        parts = [text]
        for token in allowed:
            cut = []
            for part in parts:
                if isinstance(part, int):
                    cut.append(part)
                    continue
                for n, piece in enumerate(part.split(token)):
                    if n:
                        cut.append(self.special[token])
                    cut.append(piece)
            parts = cut
        ids = []
        for part in parts:
            ids += [part] if isinstance(part, int) else self.encode_ordinary(part)
        return ids
    """,
        "shrink": """
        i = len(text) - 1
        while i >= 0:
            shorter = text[:i] + text[i + 1 :]
            if fails(shorter):
                text = shorter
                i = len(text)
            i -= 1
        return text
    """,
    },
)

BY_HAND = Right(
    "without the earlier answers",
    {
        "train": """
        ids, pairs = list(text.encode("utf-8")), []
        while 256 + len(pairs) < vocab_size and len(ids) >= 2:
            counts = {}
            for a, b in zip(ids[:-1], ids[1:]):
                counts[a, b] = counts.get((a, b), 0) + 1
            top = max(counts.values())
            pair = min([p for p, n in counts.items() if n == top])
            new, i = [], 0
            while i < len(ids):
                if ids[i : i + 2] == list(pair):
                    new.append(256 + len(pairs))
                    i += 1
                else:
                    new.append(ids[i])
                i += 1
            ids = new
            pairs.append(pair)
        self.set_merges(pairs)
    """,
        "encode": """
        while len(ids) >= 2:
            ranks = [self.merges.get(pair, 10**9) for pair in zip(ids, ids[1:])]
            at = ranks.index(min(ranks))
            if ranks[at] == 10**9:
                break
            ids[at : at + 2] = [ranks[at]]
        return ids
    """,
        "regex": (
            """
        ids, pairs = [], []
        for word in words:
            ids += [*word.encode("utf-8"), None]
        for new in range(256, vocab_size):
            counts = {}
            for pair in zip(ids, ids[1:]):
                if None not in pair:
                    counts[pair] = counts.get(pair, 0) + 1
            if not counts:
                break
            pair = min(counts, key=lambda p: (-counts[p], p[0], p[1]))
            ids = merge(ids, pair, new)
            pairs.append(pair)
        self.set_merges(pairs)
    """,
            """
        whole = []
        for word in regex.findall(self.pattern, text):
            ids = [self.byte_ids[b] for b in word.encode("utf-8")]
            while found := [p for p in zip(ids, ids[1:]) if p in self.merges]:
                pair = min(found, key=self.merges.get)
                ids = merge(ids, pair, self.merges[pair])
            whole += ids
        return whole
    """,
        ),
        "special": """
        for token, number in self.special.items():
            if token in allowed_special and token in text:
                left, _, right = text.partition(token)
                return [
                    *self.encode(left, allowed_special),
                    number,
                    *self.encode(right, allowed_special),
                ]
            if token in text:
                raise ValueError(f"{token} is not allowed")
        return super().encode_ordinary(text)
    """,
    },
)

RIGHT = [LOOPS, LIBRARY, IN_PLACE, BY_HAND]
