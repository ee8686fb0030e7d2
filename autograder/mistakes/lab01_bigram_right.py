"""Right answers of lab01_bigram, written in other ways: they must all get full marks."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "loops",
    {
        "preview": """
        shown = ""
        for character in text:
            if len(shown) == n:
                break
            shown += character
        return shown
    """,
        "vocabulary": """
        chars = []
        for character in text:
            if character not in chars:
                chars.append(character)
        chars.sort()
        stoi = {}
        for character in chars:
            stoi[character] = len(stoi)
        print("found", len(chars))
        return chars, stoi
    """,
        "lookup": """
        index_of_k = chars.index("k")
        for character_12, place in stoi.items():
            if place == 12:
                break
    """,
        "encode": """
        found = []
        for character in s:
            found.append(stoi[character])
        return found
    """,
        "decode": """
        text = ""
        for i in range(len(ids)):
            text = text + itos[ids[i]]
        return text
    """,
        "split": """
        first, second = [], []
        for place, token in enumerate(data.tolist()):
            (first if place < int(len(data) * fraction) else second).append(token)
        return torch.tensor(first), torch.tensor(second)
    """,
        "windows": """
        pairs, context = [], []
        for seen, following in zip(x, y):
            context = context + [int(seen)]
            pairs.append([context, int(following)])
        return pairs
    """,
        "get_batch": """
        if split == "train":
            source = train_data
        else:
            source = val_data
        x = torch.zeros(batch_size, block_size, dtype=torch.long)
        y = torch.zeros(batch_size, block_size, dtype=torch.long)
        for row in range(batch_size):
            start = torch.randint(0, len(source) - block_size, (1,)).item()
            for t in range(block_size):
                x[row, t] = source[start + t]
                y[row, t] = source[start + t + 1]
        return x, y
    """,
        "batch_text": """
        rows = []
        for b in range(yb.shape[0]):
            rows.append("".join(itos[yb[b, t]] for t in range(yb.shape[1])))
        return rows
    """,
        "count_pairs": """
        for t in range(1, len(ids)):
            row = counts[ids[t - 1]]
            row[ids[t]] = row[ids[t]] + 1
    """,
        "probabilities": """
        table = torch.zeros(counts.shape)
        for a in range(len(counts)):
            total = counts[a].sum() + len(counts)
            for b in range(len(counts)):
                table[a, b] = (counts[a, b] + 1) / total
        return table
    """,
        "counted_loss": """
        total = 0.0
        for t in range(len(ids) - 1):
            total -= math.log(probs[ids[t], ids[t + 1]])
        return total / (len(ids) - 1)
    """,
        "model": """
        B, T = idx.shape
        rows = [self.token_embedding_table(idx[b]) for b in range(B)]
        logits = torch.stack(rows)
        loss = None
        if targets is not None:
            logits = logits.reshape(B * T, -1)
            per_place = [F.cross_entropy(logits[i], targets.reshape(-1)[i]) for i in range(B * T)]
            loss = sum(per_place) / (B * T)
        return logits, loss
    """,
        "shapes": """
        logits_shape = [batch_size, block_size, vocab_size]
        logits_shape_training = [batch_size * block_size, vocab_size]
    """,
        "generate": """
        logits = model(idx)[0]
        rows = []
        for b in range(len(idx)):
            p = torch.softmax(logits[b, -1], dim=0)
            rows.append(torch.multinomial(p, 1))
        idx = torch.cat([idx, torch.stack(rows)], dim=-1)
    """,
        "train_step": """
        for parameter in model.parameters():
            parameter.grad = None
        _, loss = model(xb, yb)
        before = float(loss)
        loss.backward()
        optimizer.step()
        return before
    """,
        "estimate_loss": """
        model.eval()
        totals = {"train": 0.0, "val": 0.0}
        for _ in range(eval_iters):
            for split in totals:
                x, y = get_batch(split)
                logits, loss = model(x, y)
                totals[split] += loss
        for split in totals:
            out[split] = totals[split] / eval_iters
        model.train()
    """,
        "coverage": """
        chance = 1.0
        for _ in range(n_windows):
            chance *= (n_characters - 2 * block_size) / (n_characters - block_size)
        return chance
    """,
        "whole": """
        chars, own = build_vocabulary(text)
        numbers = []
        for character in text:
            numbers.append(own[character])
        first, second = split_data(torch.tensor(numbers), 0.9)
        table = pair_probabilities(count_pairs(first, len(own)))
        losses = []
        for part in (first, second):
            losses.append(bigram_loss(table, part))
        return losses
    """,
    },
)

VECTORISED = Right(
    "vectorised",
    {
        "preview": "return text[0 : min(n, len(text))]",
        "vocabulary": """
        chars = list(sorted({*text}))
        return chars, dict(zip(chars, range(len(chars))))
    """,
        "lookup": 'index_of_k, character_12 = stoi["k"], chars[12]',
        "encode": "return list(map(stoi.get, s))",
        "decode": """
        names = dict(enumerate(itos))
        return "".join(map(names.__getitem__, ids))
    """,
        "split": "return torch.tensor_split(data, [int(fraction * data.numel())])",
        "windows": "return [(x.tolist()[: t + 1], target) for t, target in enumerate(y.tolist())]",
        "get_batch": """
        source = {"train": train_data}.get(split, val_data)
        start = torch.randint(0, source.shape[0] - block_size, (batch_size, 1))
        place = start + torch.arange(block_size)
        return source[place], source[place + 1]
    """,
        "batch_text": "return list(map(decode, yb.tolist()))",
        "count_pairs": """
        ids = torch.tensor(ids)
        flat = torch.bincount(ids[:-1] * vocab_size + ids[1:], minlength=vocab_size**2)
        counts = flat.view(vocab_size, vocab_size).tolist()
    """,
        "probabilities": """
        V = counts.shape[1]
        return (counts + 1.0) / (counts.sum(1) + V)[:, None]
    """,
        "counted_loss": "return F.nll_loss(probs.log()[ids[:-1]], ids[1:])",
        "model": """
        logits = self.token_embedding_table.weight[idx]
        if targets is None:
            return logits, None
        loss = F.cross_entropy(logits.permute(0, 2, 1), targets)
        return logits.flatten(0, 1), loss
    """,
        "shapes": """
        logits_shape = torch.Size([4, 8, 65])
        logits_shape_training = torch.Size((4 * 8, 65))
    """,
        "generate": """
        with torch.no_grad():
            last = model(idx[:, -1:])[0].squeeze(1)
            idx = torch.hstack([idx, torch.distributions.Categorical(logits=last).sample()[:, None]])
    """,
        "train_step": """
        model.train()
        optimizer.zero_grad()
        logits, _ = model(xb)
        loss = F.cross_entropy(logits.flatten(0, 1), yb.flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.detach().numpy().item()
    """,
        "estimate_loss": """
        was_training = model.training
        model.train(False)
        with torch.inference_mode():
            for name in ("val", "train"):
                batches = [get_batch(name) for _ in range(eval_iters)]
                out[name] = torch.stack([model(*pair)[1] for pair in batches]).mean()
        model.train(was_training)
    """,
        "coverage": """
        starts = n_characters - block_size
        return math.exp(n_windows * math.log1p(-block_size / starts))
    """,
        "whole": """
        vocabulary, lookup = build_vocabulary(text)
        data = torch.as_tensor([lookup[c] for c in text])
        parts = split_data(data)
        P = pair_probabilities(count_pairs(parts[0], len(vocabulary)))
        return tuple(float(bigram_loss(P, part)) for part in parts)
    """,
    },
)

NUMPY = Right(
    "numpy",
    {
        "vocabulary": """
        import numpy as np

        chars = np.unique(list(text)).tolist()
        return chars, {char: chars.index(char) for char in chars}
    """,
        "encode": "return [*(stoi.__getitem__(c) for c in s)]",
        "decode": """
        def one(i):
            return itos[i]

        return "".join([one(i) for i in ids])
    """,
        "split": """
        sizes = [int(len(data) * fraction)]
        sizes.append(len(data) - sizes[0])
        return list(torch.split(data, sizes))
    """,
        "windows": """
        def task(t):
            return x[0 : t + 1].numpy().tolist(), int(y[t])

        return [task(t) for t in range(x.numel())]
    """,
        "get_batch": """
        import random

        text = val_data if split != "train" else train_data
        starts = [random.randrange(len(text) - block_size) for _ in range(batch_size)]
        both = torch.stack([text[s : s + block_size + 1] for s in starts])
        return both[:, :-1], both[:, 1:]
    """,
        "count_pairs": """
        import numpy as np

        ids, counts = np.array(ids), np.array(counts)
        np.add.at(counts, (ids[:-1], ids[1:]), 1)
    """,
        "probabilities": """
        import numpy as np

        table = counts.numpy() + np.ones(counts.shape)
        return torch.from_numpy(table / table.sum(axis=1, keepdims=True))
    """,
        "counted_loss": """
        import numpy as np

        p, i = probs.numpy().astype(np.float64), ids.numpy()
        return np.mean(-np.log(p[i[:-1], i[1:]]))
    """,
        "model": """
        one_hot = F.one_hot(idx, self.token_embedding_table.num_embeddings).float()
        logits = one_hot @ self.token_embedding_table.weight
        if targets is not None:
            logits = logits.reshape(-1, logits.shape[-1])
            log_p = logits.log_softmax(dim=1)
            return logits, -log_p.gather(1, targets.reshape(-1, 1)).mean()
        return logits, None
    """,
        "generate": """
        import numpy as np

        p = F.softmax(model(idx)[0][:, -1].double(), dim=1).detach().numpy()
        drawn = [np.random.choice(len(row), p=row / row.sum()) for row in p]
        idx = torch.cat((idx, torch.tensor(drawn).view(-1, 1)), 1)
    """,
        "estimate_loss": """
        import numpy as np

        model.eval()
        for split in "train", "val":
            losses = []
            while len(losses) < eval_iters:
                X, Y = get_batch(split)
                losses.append(float(model(X, Y)[1]))
            out[split] = np.mean(losses)
        model.train()
    """,
        "coverage": """
        import numpy as np

        hit = block_size / (n_characters - block_size)
        return np.power(1 - hit, n_windows)
    """,
    },
)

RIGHT = [LOOPS, VECTORISED, NUMPY]
