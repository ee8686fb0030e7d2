"""Right answers of lab03_toy_gpt in another form than the solution's: with loops, and by slices."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "loops",
    {
        "multi_head": (
            """
        made = []
        for number in range(num_heads):
            made.append(Head(head_size))
        self.dropout = nn.Dropout(p=dropout)
        self.proj = nn.Linear(head_size * num_heads, n_embd, bias=True)
        self.heads = nn.ModuleList(made)
    """,
            """
        outputs = self.heads[0](x)
        for head in self.heads[1:]:
            outputs = torch.cat((outputs, head(x)), 2)
        outputs = self.proj(outputs)
        outputs = self.dropout(outputs)
        return outputs
    """,
        ),
        "feed_forward": (
            """
        inner = n_embd * 4
        layers = [nn.Linear(n_embd, inner), nn.ReLU(inplace=True)]
        layers += [nn.Linear(inner, n_embd), nn.Dropout(p=dropout)]
        self.net = nn.Sequential(*layers)
    """,
            """
        for layer in self.net:
            x = layer(x)
        return x
    """,
        ),
        "block": (
            """
        if n_embd % n_head:
            raise ValueError("n_embd cannot be shared by so many heads")
        size = int(n_embd / n_head)
        self.ln1, self.ln2 = nn.LayerNorm([n_embd]), nn.LayerNorm([n_embd])
        self.ffwd = FeedForward(n_embd)
        self.sa = MultiHeadAttention(num_heads=n_head, head_size=size)
    """,
            """
        around = x
        x = self.ln1(x)
        x = self.sa(x)
        x = around + x
        around = x
        x = self.ln2(x)
        x = self.ffwd(x)
        x += around
        return x
    """,
        ),
        "generate": """
        B = idx.shape[0]
        for step in range(max_new_tokens):
            seen = idx if idx.size(1) <= block_size else idx[:, idx.size(1) - block_size :]
            logits = model(seen)[0]
            rows = []
            for b in range(B):
                chances = logits[b, -1].softmax(0)
                rows.append(torch.multinomial(chances, 1))
            idx = torch.cat([idx, torch.stack(rows)], 1)
        return idx
    """,
        "model": (
            """
        self.blocks = nn.Sequential()
        for layer in range(n_layer):
            self.blocks.append(Block(n_embd, n_head=n_head))
        self.lm_head = nn.Linear(n_embd, vocab_size)
        self.ln_f = nn.LayerNorm(n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
    """,
            """
        B, T = idx.shape
        x = self.token_embedding_table(idx)
        pos = self.position_embedding_table(torch.arange(T, device=device))
        x = x + pos
        for block in self.blocks:
            x = block(x)
        x = self.ln_f(x)
        logits = self.lm_head(x)
    """,
        ),
        "shapes": """
        logits_shape = [4, 8, vocab_size]
        logits_shape_training = [batch_size * block_size, vocab_size]
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
                x, y = x.to(device), y.to(device)
                logits, loss = model(x, y)
                totals[split] += loss.item()
        for split in totals:
            totals[split] = totals[split] / eval_iters
        model.train()
        return totals
    """,
        "context_text": "context_text = itos[0]",
        "own_text": """
        letters = sorted(set(text))
        vocab_size = len(letters)
        numbers = []
        for letter in text:
            numbers.append(letters.index(letter))
        n = int(0.9 * len(numbers))
        train_data, val_data = torch.tensor(numbers[:n]), torch.tensor(numbers[n:])
        net = ToyLanguageModel()
        net = net.to(device)
        descent = torch.optim.AdamW(net.parameters(), learning_rate)
        step = 0
        while step < n_steps:
            x, y = get_batch("train")
            logits, loss = net(x.to(device), y.to(device))
            descent.zero_grad()
            loss.backward()
            descent.step()
            step += 1
        found = estimate_loss(net, eval_iters=10)
        return [found["train"], found["val"]]
    """,
        "whole": """
        gpt = ToyLanguageModel()
        gpt.to(device)
        gpt.train()
        return [gpt, torch.optim.AdamW(list(gpt.parameters()), learning_rate)]
    """,
    },
)

SLICES = Right(
    "slices",
    {
        "multi_head": (
            """
        sizes = n_embd, head_size, block_size, dropout
        self.heads = nn.ModuleList(attention.Head(*sizes) for _ in range(num_heads))
        self.proj, self.dropout = nn.LazyLinear(n_embd), nn.Dropout(dropout)
        self.proj(torch.zeros(1, num_heads * head_size))
    """,
            """
        B, T, _ = x.shape
        out = torch.stack([head(x) for head in self.heads], dim=2).reshape(B, T, -1)
        out = out @ self.proj.weight.T + self.proj.bias
        return F.dropout(out, self.dropout.p, self.training)
    """,
        ),
        "feed_forward": (
            """
        from collections import OrderedDict

        wider, back = nn.Linear(n_embd, 4 * n_embd), nn.Linear(4 * n_embd, n_embd)
        parts = {"wider": wider, "relu": nn.ReLU(), "back": back, "drop": nn.Dropout(dropout)}
        self.net = nn.Sequential(OrderedDict(parts))
    """,
            """
        B, T, C = x.shape
        return self.net(x.reshape(B * T, C)).view(B, T, C)
    """,
        ),
        "block": (
            """
        head_size, rest = divmod(n_embd, n_head)
        assert not rest
        self.ln1 = nn.LayerNorm(n_embd)
        self.sa = MultiHeadAttention(n_head, head_size)
        self.ln2 = nn.LayerNorm(n_embd)
        self.ffwd = FeedForward(n_embd)
    """,
            """
        talked = self.sa(self.ln1(x)).add(x)
        return talked + self.ffwd(self.ln2(talked))
    """,
        ),
        "generate": """
        out = torch.empty(len(idx), idx.shape[1] + max_new_tokens, dtype=idx.dtype)
        out[:, : idx.shape[1]] = idx
        for t in range(idx.shape[1], out.shape[1]):
            logits, loss = model(out[:, max(0, t - block_size) : t])
            out[:, t] = torch.distributions.Categorical(logits=logits[:, -1]).sample()
        return out
    """,
        "model": (
            """
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(*(Block(n_embd, n_head) for _ in range(n_layer)))
        self.ln_f = nn.LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)
    """,
            """
        places = self.position_embedding_table.weight[: idx.size(1)]
        x = self.token_embedding_table.weight[idx] + places
        logits = nn.Sequential(self.blocks, self.ln_f, self.lm_head)(x)
    """,
        ),
        "shapes": """
        logits_shape = torch.Size([4, 8, 65])
        logits_shape_training = torch.Size((16 * 32, 65))
    """,
        "train_step": """
        model.train()
        optimizer.zero_grad()
        logits, _ = model(xb)
        loss = F.cross_entropy(logits.flatten(0, 1), yb.flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.detach().cpu().numpy().item()
    """,
        "estimate_loss": """
        was_training, means = model.training, {}
        model.train(False)
        where = next(model.parameters()).device
        with torch.inference_mode():
            for name in ("val", "train"):
                batches = [get_batch(name) for _ in range(eval_iters)]
                losses = [model(*(part.to(where) for part in pair))[1] for pair in batches]
                means[name] = torch.stack(losses).mean()
        model.train(was_training)
        return means
    """,
        "context_text": 'context_text = "".join(chars[i] for i in context.flatten())',
        "own_text": """
        vocabulary, number_of = bigram.build_vocabulary(text)
        vocab_size = len(vocabulary)
        data = torch.as_tensor(bigram.encode(text, number_of))
        train_data, val_data = data.split([len(data) * 9 // 10, len(data) - len(data) * 9 // 10])
        gpt = ToyLanguageModel().to(device)
        optimizer = torch.optim.AdamW(gpt.parameters(), lr=learning_rate)
        for pair in (get_batch("train") for _ in range(n_steps)):
            train_step(gpt, optimizer, *(part.to(device) for part in pair))
        return tuple(map(estimate_loss(gpt, 10).get, ("train", "val")))
    """,
        "whole": """
        with torch.device(device):
            new = ToyLanguageModel()
        return new, torch.optim.AdamW(new.parameters(), lr=learning_rate)
    """,
    },
)

EXPLICIT = Right(
    "a generator of its own",
    {
        "generate": """
        import numpy as np

        dice = torch.Generator().manual_seed(int(torch.randint(2**31, (1,))))
        for _ in range(max_new_tokens):
            width = min(block_size, idx.shape[-1])
            last = model(idx.narrow(1, idx.shape[1] - width, width))[0].select(1, -1)
            p = np.exp(last.double().numpy() - last.double().numpy().max(1, keepdims=True))
            drawn = torch.multinomial(torch.from_numpy(p), 1, generator=dice)
            idx = torch.hstack([idx, drawn])
        return idx
    """,
        "shapes": "logits_shape, logits_shape_training = (4, 8, 65), (4 * 128, 65)",
        "context_text": 'context_text = "\\n"',
        "estimate_loss": """
        import numpy as np

        out = {}
        model.eval()
        for split in "train", "val":
            losses = []
            while len(losses) < eval_iters:
                X, Y = get_batch(split)
                losses.append(float(model(X.to(device), Y.to(device))[1]))
            out[split] = np.mean(losses)
        model.train()
        return out
    """,
    },
)

RIGHT = [LOOPS, SLICES, EXPLICIT]
