"""Right answers of lab06_attention_classes, written in other ways: they must get full marks."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "loops",
    {
        "simple_attention": """
        T = len(inputs)
        weights, context = torch.zeros(T, T), torch.zeros(inputs.shape)
        for t in range(T):
            scores = torch.tensor([float(inputs[t] @ inputs[s]) for s in range(T)])
            weights[t] = torch.exp(scores) / torch.exp(scores).sum()
            for s in range(T):
                context[t] += weights[t, s] * inputs[s]
        return weights, context
    """,
        "v1": (
            """
        for name in ("W_query", "W_key", "W_value"):
            matrix = torch.rand(d_in, d_out)
            self.register_parameter(name, nn.Parameter(matrix))
        self.scale = math.sqrt(d_out)
    """,
            """
        keys, values = x @ self.W_key, x @ self.W_value
        rows = []
        for word in x:
            scores = keys @ (word @ self.W_query) / self.scale
            rows.append(scores.softmax(dim=0) @ values)
        return torch.stack(rows)
    """,
        ),
        "v2": (
            """
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, qkv_bias))
    """,
            """
        keys, values, rows = self.W_key(x), self.W_value(x), []
        for query in self.W_query(x):
            scores = (keys * query).sum(dim=1) / math.sqrt(len(query))
            rows.append((scores.softmax(0)[:, None] * values).sum(dim=0))
        return torch.stack(rows)
    """,
        ),
        "transfer": """
        for name in ("W_query", "W_key", "W_value"):
            matrix = getattr(v2, name).weight.detach().T.clone()
            setattr(v1, name, nn.Parameter(matrix))
    """,
        "causal": (
            """
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))
        self.dropout = nn.Dropout(p=dropout)
        mask = torch.zeros(context_length, context_length)
        for t in range(context_length):
            mask[t, t + 1 :] = 1
        self.register_buffer("mask", mask, persistent=False)
    """,
            """
        queries, keys, values = self.W_query(x), self.W_key(x), self.W_value(x)
        rows = []
        for t in range(x.shape[1]):
            seen = slice(0, t + 1)
            scores = (keys[:, seen] * queries[:, t, None]).sum(dim=-1)  # (B, t + 1)
            weights = self.dropout(torch.softmax(scores / keys.shape[-1] ** 0.5, dim=-1))
            rows.append((weights[..., None] * values[:, seen]).sum(dim=1))
        return torch.stack(rows, dim=1)
    """,
        ),
        "wrapper": (
            """
        self.heads = nn.ModuleList()
        for _ in range(num_heads):
            self.heads.append(CausalAttention(
                d_in, d_out, context_length=context_length, dropout=dropout,
                qkv_bias=qkv_bias))
    """,
            """
        outs = []
        for head in self.heads:
            outs.append(head(x))
        return torch.cat(outs, dim=2)
    """,
        ),
        "multi_head": (
            """
        if d_out % num_heads != 0:
            raise ValueError(f"{num_heads} heads cannot share {d_out} numbers")
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))
        self.out_proj = nn.Linear(d_out, d_out)
        self.size = d_out // num_heads
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.triu(
            torch.ones(context_length, context_length), 1))
    """,
            """
        T = x.shape[1]
        queries, keys, values = self.W_query(x), self.W_key(x), self.W_value(x)
        outs = []
        for q, k, v in zip(queries.split(self.size, -1), keys.split(self.size, -1),
                           values.split(self.size, -1)):
            scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(self.size)
            scores = scores.masked_fill(self.mask[:T, :T] == 1, float("-inf"))
            outs.append(self.dropout(scores.softmax(dim=-1)) @ v)
        return self.out_proj(torch.cat(outs, dim=-1))
    """,
        ),
    },
)

FUSED = Right(
    "fused",
    {
        "simple_attention": """
        weights = (inputs @ inputs.mT).softmax(-1)
        return [weights, torch.matmul(weights, inputs)]
    """,
        "v1": (
            """
        self.W_query, self.W_key, self.W_value = (
            nn.Parameter(torch.rand(d_in, d_out)) for _ in range(3))
    """,
            """
        q, k, v = ((x @ W)[None] for W in (self.W_query, self.W_key, self.W_value))
        return F.scaled_dot_product_attention(q, k, v)[0]
    """,
        ),
        "v2": (
            """
        self.W_query, self.W_key, self.W_value = (
            nn.Linear(d_in, d_out, bias=qkv_bias) for _ in range(3))
    """,
            """
        return F.scaled_dot_product_attention(
            self.W_query(x)[None], self.W_key(x)[None], self.W_value(x)[None])[0]
    """,
        ),
        "transfer": """
        v1.load_state_dict({
            name.removesuffix(".weight"): weight.T
            for name, weight in v2.state_dict().items()
        })
    """,
        "causal": (
            """
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        place = torch.arange(context_length)
        self.register_buffer("mask", place[:, None] < place)
    """,
            """
        share = self.dropout.p if self.training else 0.0
        return F.scaled_dot_product_attention(
            self.W_query(x), self.W_key(x), self.W_value(x), dropout_p=share, is_causal=True)
    """,
        ),
        "wrapper": (
            """
        arguments = d_in, d_out, context_length, dropout, qkv_bias
        self.heads = nn.ModuleList(CausalAttention(*arguments) for _ in range(num_heads))
    """,
            "return torch.hstack([head(x).mT for head in self.heads]).mT",
        ),
        "multi_head": (
            """
        assert not d_out % num_heads
        self.num_heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        place = torch.arange(context_length)
        self.register_buffer("mask", place[:, None] < place)
    """,
            """
        q, k, v = (
            layer(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
            for layer in (self.W_query, self.W_key, self.W_value))
        share = self.dropout.p if self.training else 0.0
        out = F.scaled_dot_product_attention(q, k, v, dropout_p=share, is_causal=True)
        return self.out_proj(out.transpose(1, 2).flatten(2))
    """,
        ),
    },
)

EINSUM = Right(
    "einsum",
    {
        "simple_attention": """
        scores = torch.einsum("td,sd->ts", inputs, inputs)
        e = torch.exp(scores - scores.max(dim=1, keepdim=True).values)
        weights = e / e.sum(dim=1, keepdim=True)
        return weights, torch.einsum("ts,sd->td", weights, inputs)
    """,
        "v1": (
            """
        self.W_query = torch.nn.Parameter(torch.rand((d_in, d_out)))
        self.W_key = torch.nn.Parameter(torch.rand((d_in, d_out)))
        self.W_value = torch.nn.Parameter(torch.rand((d_in, d_out)))
    """,
            """
        scores = torch.einsum("ti,io,so->ts", x, self.W_query, x @ self.W_key)
        weights = F.softmax(scores * self.W_key.shape[1] ** -0.5, dim=1)
        return torch.einsum("ts,si,io->to", weights, x, self.W_value)
    """,
        ),
        "v2": (
            """
        make = lambda: nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value, self.W_key, self.W_query = make(), make(), make()
    """,
            """
        scores = torch.einsum("to,so->ts", self.W_query(x), self.W_key(x))
        weights = (scores / self.W_key.out_features ** 0.5).softmax(dim=1)
        return torch.einsum("ts,so->to", weights, self.W_value(x))
    """,
        ),
        "transfer": """
        v1.W_query.data = v2.W_query.weight.data.T
        v1.W_key.data = v2.W_key.weight.data.T
        v1.W_value.data = v2.W_value.weight.data.T
        return v1
    """,
        "causal": (
            """
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        ones = torch.ones(context_length, context_length, dtype=torch.bool)
        self.register_buffer("mask", ones.triu(1))
    """,
            """
        b, num_tokens, d_in = x.shape
        scores = torch.einsum("bto,bso->bts", self.W_query(x), self.W_key(x))
        scores.masked_fill_(self.mask[:num_tokens, :num_tokens], -1e9)
        weights = F.dropout((scores / self.W_key.out_features ** 0.5).softmax(2),
                            self.dropout.p, self.training)
        return torch.bmm(weights, self.W_value(x))
    """,
        ),
        "wrapper": (
            """
        heads = [CausalAttention(d_in, d_out, context_length, dropout, qkv_bias)
                 for _ in range(num_heads)]
        self.heads = nn.ModuleList(heads)
    """,
            "return torch.stack([head(x) for head in self.heads], dim=2).flatten(2)",
        ),
        "multi_head": (
            """
        assert d_out % num_heads == 0
        self.H, self.head_dim = num_heads, d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        ones = torch.ones(context_length, context_length, dtype=torch.bool)
        self.register_buffer("mask", ones.triu(1))
    """,
            """
        B, T, _ = x.shape
        q = self.W_query(x).view(B, T, self.H, self.head_dim)
        k = self.W_key(x).view(B, T, self.H, self.head_dim)
        v = self.W_value(x).view(B, T, self.H, self.head_dim)
        scores = torch.einsum("bthd,bshd->bhts", q, k) * self.head_dim ** -0.5
        scores = torch.where(self.mask[:T, :T], -torch.inf, scores)
        weights = self.dropout(F.softmax(scores, dim=3))
        out = torch.einsum("bhts,bshd->bthd", weights, v)
        return self.out_proj(out.reshape(B, T, -1))
    """,
        ),
    },
)

# The mask written the other way round, or as what is added to the scores.
OTHER_MASKS = Right(
    "other masks",
    {
        "v1": (
            """
        self.W_query = nn.Parameter(torch.randn(d_in, d_out))
        self.W_key = nn.Parameter(torch.randn(d_in, d_out))
        self.W_value = nn.Parameter(torch.randn(d_in, d_out))
    """,
            """
        keys = torch.matmul(x, self.W_key)
        queries = torch.matmul(x, self.W_query) / math.sqrt(keys.size(-1))
        return torch.matmul(F.softmax(queries @ keys.transpose(0, 1), 1),
                            x @ self.W_value)
    """,
        ),
        "transfer": """
        with torch.no_grad():
            for matrix, layer in ((v1.W_query, v2.W_query), (v1.W_key, v2.W_key),
                                  (v1.W_value, v2.W_value)):
                matrix[:] = torch.transpose(layer.weight, 0, 1)
    """,
        "causal": (
            """
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(dropout)
        full = torch.full((context_length, context_length), float("-inf"))
        self.register_buffer("mask", torch.triu(full, diagonal=1))
    """,
            """
        B, T, C = x.shape
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = q @ k.mT / k.size(-1) ** 0.5 + self.mask[:T, :T]
        return self.dropout(F.softmax(scores, dim=-1)) @ v
    """,
        ),
        "multi_head": (
            """
        assert d_out % num_heads == 0
        self.num_heads, self.d_out = num_heads, d_out
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.ones(
            context_length, context_length, dtype=torch.bool).tril())
    """,
            """
        B, T, _ = x.shape
        size = self.d_out // self.num_heads
        def split(y):
            return y.reshape(B, T, self.num_heads, size).permute(0, 2, 1, 3)
        q, k, v = split(self.W_query(x)), split(self.W_key(x)), split(self.W_value(x))
        scores = (q @ k.transpose(-1, -2)).masked_fill(~self.mask[:T, :T], -math.inf)
        weights = self.dropout(torch.softmax(scores / math.sqrt(size), -1))
        out = (weights @ v).permute(0, 2, 1, 3).contiguous().view(B, T, self.d_out)
        return self.out_proj(out)
    """,
        ),
    },
)

RIGHT = [LOOPS, FUSED, EINSUM, OTHER_MASKS]
