"""Right answers of lab02_attention, written in other ways: they must all get full marks."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "loops",
    {
        "xbow_loop": """
        for b in range(B):
            total = torch.zeros(C)
            for t in range(T):
                total = total + x[b, t]
                xbow[b, t] = total / (t + 1)
    """,
        "xbow_matmul": """
        wei = torch.zeros(T, T)
        for t in range(T):
            for s in range(t + 1):
                wei[t, s] = 1 / (t + 1)
        return torch.stack([wei @ sequence for sequence in x])
    """,
        "xbow_softmax": """
        rows = []
        for t in range(T):
            row = torch.tensor([0.0] * (t + 1) + [-math.inf] * (T - t - 1))
            rows.append(row.exp() / row.exp().sum())
        return torch.stack(rows) @ x
    """,
        "raw_scores": """
        B, T, _ = q.shape
        scores = torch.zeros(B, T, T)
        for b in range(B):
            for t in range(T):
                scores[b, t] = k[b] @ q[b, t]
        return scores
    """,
        "scaled_scores": """
        B, T, size = q.shape
        scores = raw_scores(q, k)
        scores /= math.sqrt(size)
        return scores
    """,
        "causal_mask": """
        hidden = scores.clone()
        for t in range(scores.shape[1]):
            hidden[:, t, t + 1 :] = -math.inf
        return hidden
    """,
        "attention_weights": """
        scores = causal_mask(scaled_scores(q, k))
        top = scores.max(dim=-1, keepdim=True).values
        e = torch.exp(scores - top)
        return e / e.sum(dim=-1, keepdim=True)
    """,
        "paper": "token2_output = (4, 12)",
        "attend": """
        weights = attention_weights(q, k)
        out = torch.zeros_like(v)
        for t in range(v.shape[1]):
            for s in range(t + 1):
                out[:, t] += weights[:, t, s, None] * v[:, s]
        return out
    """,
        "head": (
            """
        for name in ("query", "key", "value"):
            layer = nn.Linear(n_embd, head_size, bias=False)
            setattr(self, name, layer)
        mask = torch.zeros(block_size, block_size)
        for t in range(block_size):
            mask[t, : t + 1] = 1
        self.register_buffer("tril", mask, persistent=False)
        self.dropout = nn.Dropout(p=dropout)
        self.head_size = head_size
    """,
            """
        T = x.shape[1]
        scores = torch.einsum("bth,bsh->bts", self.query(x), self.key(x))
        scores = scores / math.sqrt(self.head_size)
        for t in range(T - 1):
            scores[:, t, t + 1 :] = -math.inf
        e = torch.exp(scores - scores.amax(dim=2, keepdim=True))
        weights = self.dropout(e / e.sum(dim=2, keepdim=True))
        return torch.einsum("bts,bsh->bth", weights, self.value(x))
    """,
        ),
        "one_head_model": """
        T = idx.shape[1]
        x = self.token_embedding_table(idx)
        x = x + self.position_embedding_table.weight[:T]
        logits = self.lm_head(self.sa_head(x))
    """,
        "crop": """
        if idx.shape[1] > block_size:
            idx = idx[:, idx.shape[1] - block_size :]
        return idx
    """,
        "whole": """
        T, size = x.shape[1], W_key.shape[1]
        rows = []
        for t in range(T):
            seen = x[:, : t + 1]
            scores = ((x[:, t : t + 1] @ W_query) * (seen @ W_key)).sum(dim=2) / size**0.5
            weights = scores.softmax(dim=1)
            rows.append((weights[..., None] * (seen @ W_value)).sum(dim=1))
        return torch.stack(rows, dim=1)
    """,
    },
)

FUSED = Right(
    "fused",
    {
        "xbow_loop": """
        for t in range(T):
            xbow[:, t] = torch.mean(x[:, 0 : t + 1], 1)
    """,
        "xbow_matmul": "return x.cumsum(dim=1) / torch.arange(1, T + 1).view(T, 1)",
        "xbow_softmax": """
        place = torch.arange(T)
        wei = torch.where(place[:, None] >= place[None, :], 0.0, float("-inf"))
        return torch.einsum("ts,bsc->btc", wei.softmax(1), x)
    """,
        "raw_scores": 'return torch.einsum("bth,bsh->bts", q, k)',
        "scaled_scores": "return raw_scores(q / math.sqrt(q.size(-1)), k)",
        "causal_mask": """
        B, T, _ = scores.shape
        future = torch.ones(T, T).triu(diagonal=1).bool()
        return torch.where(future, float("-inf"), scores)
    """,
        "attention_weights": """
        return F.scaled_dot_product_attention(
            q, k, torch.eye(q.shape[1]).expand(len(q), -1, -1), is_causal=True
        )
    """,
        "paper": "token2_output = torch.tensor([4.0, 12.0])",
        "attend": "return F.scaled_dot_product_attention(q, k, v, is_causal=True)",
        "head": (
            """
        self.key, self.query, self.value = (
            nn.Linear(n_embd, head_size, bias=False) for _ in range(3)
        )
        place = torch.arange(block_size)
        self.register_buffer("tril", place[:, None] >= place)
        self.dropout = nn.Dropout(dropout)
    """,
            """
        share = self.dropout.p if self.training else 0.0
        return F.scaled_dot_product_attention(
            self.query(x), self.key(x), self.value(x), dropout_p=share, is_causal=True
        )
    """,
        ),
        "one_head_model": """
        places = torch.arange(idx.size(1), device=idx.device)
        x = self.token_embedding_table(idx) + self.position_embedding_table(places)[None]
        logits = F.linear(self.sa_head(x), self.lm_head.weight, self.lm_head.bias)
    """,
        "crop": """
        T = idx.shape[1]
        return idx[:, max(0, T - block_size) : T]
    """,
        "whole": """
        q, k, v = (x @ W for W in (W_query, W_key, W_value))
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    """,
    },
)

BY_HAND = Right(
    "by hand",
    {
        "xbow_loop": """
        for b, sequence in enumerate(x):
            for t, row in enumerate(sequence):
                before = xbow[b, t - 1] * t if t else 0
                xbow[b, t] = (before + row) / (t + 1)
    """,
        "xbow_matmul": """
        below = torch.tril(torch.ones((T, T)))
        return (below @ x) / below.sum(1, keepdim=True)
    """,
        "xbow_softmax": """
        wei = torch.full((T, T), float("-inf")).triu(1)
        return torch.softmax(wei, dim=1) @ x
    """,
        "raw_scores": "return torch.bmm(q, k.permute(0, 2, 1))",
        "scaled_scores": """
        scores = torch.matmul(q, k.mT)
        return scores * (1.0 / q.shape[2] ** 0.5)
    """,
        "causal_mask": """
        T = scores.size(1)
        return scores + torch.full((T, T), -torch.inf).triu(1)
    """,
        "attention_weights": """
        scores = scaled_scores(q, k)
        e = torch.tril(scores.exp())
        return e / e.sum(-1, keepdim=True)
    """,
        "paper": """
        weights, values = [1 / 5, 1 / 5, 3 / 5], [[5, 5], [0, 10], [5, 15]]
        token2_output = [sum(w * v[i] for w, v in zip(weights, values)) for i in (0, 1)]
    """,
        "attend": 'return torch.einsum("bts,bsc->btc", attention_weights(q, k), v)',
        "head": (
            """
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.ones(block_size, block_size).tril())
        self.dropout = nn.Dropout(dropout)
    """,
            """
        T = x.size(1)
        scores = torch.matmul(self.query(x), self.key(x).mT) / self.query.out_features**0.5
        below = torch.tril(torch.ones(T, T, device=x.device))
        scores = scores.masked_fill(below == 0, torch.finfo(scores.dtype).min)
        weights = F.dropout(scores.softmax(-1), self.dropout.p, self.training)
        return torch.bmm(weights, self.value(x))
    """,
        ),
        "one_head_model": """
        B, T = idx.shape
        pos = torch.arange(T, device=idx.device).expand(B, T)
        tok_emb = self.token_embedding_table(idx)
        x = tok_emb + self.position_embedding_table(pos)
        logits = self.lm_head(self.sa_head(x))
    """,
        "crop": """
        start = max(idx.shape[1] - block_size, 0)
        return idx.narrow(1, start, idx.shape[1] - start)
    """,
        "whole": """
        q, k, v = x @ W_query, x @ W_key, x @ W_value
        wei = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5
        wei = wei.masked_fill(torch.ones_like(wei).triu(1) > 0, -math.inf)
        return wei.softmax(dim=-1) @ v
    """,
    },
)

RIGHT = [LOOPS, FUSED, BY_HAND]
