"""Right answers of lab07_gpt_model in another form than the solution's."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "step by step",
    {
        "layer_norm": (
            """
        self.shift = nn.Parameter(torch.zeros(emb_dim))
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.eps = 0.00001
    """,
            """
        n = x.shape[-1]
        centred = x - x.sum(-1, keepdim=True) / n
        variance = (centred * centred).sum(-1, keepdim=True) / n
        return centred / (variance + self.eps) ** 0.5 * self.scale + self.shift
    """,
        ),
        "gelu": """
        inner = x + 0.044715 * torch.pow(x, 3)
        inner = inner * torch.sqrt(torch.tensor(2.0 / torch.pi))
        share = 0.5 * (1.0 + torch.tanh(inner))
        return x * share
    """,
        "feed_forward": (
            """
        width = cfg["emb_dim"]
        layers = [nn.Linear(width, width * 4)]
        layers.append(GELU())
        layers.append(nn.Linear(width * 4, width))
        self.layers = nn.Sequential(*layers)
    """,
            """
        for layer in self.layers:
            x = layer(x)
        return x
    """,
        ),
        "block": (
            """
        C = cfg["emb_dim"]
        self.norm1, self.norm2 = LayerNorm(C), LayerNorm(C)
        self.ff = FeedForward(cfg)
        self.att = MultiHeadAttention(
            C, C, cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"]
        )
        self.drop_shortcut = nn.Dropout(p=cfg["drop_rate"])
    """,
            """
        shortcut = x
        x = self.norm1(x)
        x = self.att(x)
        x = self.drop_shortcut(x)
        x = x + shortcut
        shortcut = x
        x = self.norm2(x)
        x = self.ff(x)
        x = self.drop_shortcut(x)
        x += shortcut
        return x
    """,
        ),
        "gpt_model": (
            """
        V, C, context = (cfg[key] for key in ("vocab_size", "emb_dim", "context_length"))
        self.trf_blocks = nn.Sequential()
        for layer in range(cfg["n_layers"]):
            self.trf_blocks.append(TransformerBlock(cfg))
        self.out_head = nn.Linear(C, V, bias=False)
        self.final_norm = LayerNorm(C)
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.pos_emb = nn.Embedding(context, C)
        self.tok_emb = nn.Embedding(V, C)
    """,
            """
        tokens = self.tok_emb(in_idx)
        places = torch.arange(in_idx.size(1)).to(in_idx.device)
        x = tokens + self.pos_emb(places).unsqueeze(0)
        x = self.drop_emb(x)
        for block in self.trf_blocks:
            x = block(x)
        x = self.final_norm(x)
        logits = self.out_head(x)
        return logits
    """,
        ),
        "whole": """
        gpt = GPTModel(cfg=cfg)
        gpt.eval()
        with torch.no_grad():
            gpt.load_state_dict(state_dict=state, strict=True)
        return gpt
    """,
        "count": """
        total = V * C
        total += cfg["context_length"] * C
        for _ in range(cfg["n_layers"]):
            for _ in ("query", "key", "value"):
                total += C * C
                if cfg["qkv_bias"]:
                    total += C
            total += C * C + C
            total += C * (4 * C) + (4 * C)
            total += (4 * C) * C + C
            total += C + C
            total += C + C
        total += C
        total += C
        if not tied:
            total += C * V
        return total
    """,
        "generate": """
        out = idx.clone()
        for step in range(max_new_tokens):
            length = out.shape[1]
            start = length - context_size
            if start < 0:
                start = 0
            with torch.no_grad():
                logits = model(out[:, start:length])
            probabilities = torch.softmax(logits[:, -1], dim=-1)
            best = torch.argmax(probabilities, dim=-1)
            out = torch.cat([out, best.unsqueeze(1)], dim=-1)
        return out
    """,
    },
)

SHORT = Right(
    "in few words",
    {
        "layer_norm": (
            """
        self.eps = 1e-5
        self.register_parameter("scale", nn.Parameter(torch.ones(emb_dim)))
        self.register_parameter("shift", nn.Parameter(torch.zeros(emb_dim)))
    """,
            """
        return nn.functional.layer_norm(x, x.shape[-1:], self.scale, self.shift, self.eps)
    """,
        ),
        "gelu": 'return nn.functional.gelu(x, approximate="tanh")',
        "feed_forward": (
            """
        C = cfg["emb_dim"]
        self.layers = nn.Sequential(
            nn.Linear(C, 4 * C), nn.GELU(approximate="tanh"), nn.Linear(4 * C, C)
        )
    """,
            """
        B, T, C = x.shape
        return self.layers(x.reshape(B * T, C)).view(B, T, C)
    """,
        ),
        "block": (
            """
        C, p = cfg["emb_dim"], cfg["drop_rate"]
        self.norm1 = LayerNorm(C)
        self.att = MultiHeadAttention(
            C, C, num_heads=cfg["n_heads"], dropout=p, qkv_bias=cfg["qkv_bias"],
            context_length=cfg["context_length"],
        )
        self.norm2 = LayerNorm(C)
        self.ff = FeedForward(cfg)
        self.drop_shortcut = nn.Dropout(p)
    """,
            """
        for norm, part in (self.norm1, self.att), (self.norm2, self.ff):
            x = self.drop_shortcut(part(norm(x))).add(x)
        return x
    """,
        ),
        "gpt_model": (
            """
        C = cfg["emb_dim"]
        self.tok_emb = nn.Embedding(cfg["vocab_size"], C)
        self.pos_emb = nn.Embedding(cfg["context_length"], C)
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.Sequential(*(TransformerBlock(cfg) for _ in range(cfg["n_layers"])))
        self.final_norm = LayerNorm(C)
        self.out_head = nn.Linear(C, cfg["vocab_size"], bias=False)
    """,
            """
        x = self.tok_emb.weight[in_idx] + self.pos_emb.weight[: in_idx.size(1)]
        x = nn.functional.dropout(x, self.drop_emb.p, self.training)
        x = nn.Sequential(self.trf_blocks, self.final_norm)(x)
        return x @ self.out_head.weight.T
    """,
        ),
        "whole": """
        model = GPTModel({**cfg, "drop_rate": 0.0})
        with torch.no_grad():
            missing = set(model.state_dict()) ^ set(state)
            if missing:
                raise KeyError(f"does not fit: {missing}")
            for name, value in model.state_dict().items():
                value.copy_(state[name])
        return model
    """,
        "count": """
        n, bias = cfg["n_layers"], bool(cfg["qkv_bias"])
        a_block = 12 * C**2 + 10 * C + 3 * C * bias
        return n * a_block + C * (V * (2 - tied) + cfg["context_length"] + 2)
    """,
        "generate": """
        with torch.inference_mode():
            while max_new_tokens > 0:
                scores = model(idx.narrow(1, max(idx.size(1) - context_size, 0),
                                          min(idx.size(1), context_size)))
                idx = torch.hstack((idx, scores[:, [-1]].max(-1).indices))
                max_new_tokens -= 1
        return idx
    """,
    },
)

FROM_SHAPES = Right(
    "from shapes",
    {
        "layer_norm": (
            """
        self.scale = nn.Parameter(torch.ones(emb_dim, dtype=torch.float32))
        self.shift = nn.Parameter(self.scale.detach() * 0)
        self.eps = float("1e-5")
    """,
            """
        var, mean = torch.var_mean(x, dim=x.ndim - 1, keepdim=True, correction=0)
        return torch.addcmul(self.shift, self.scale, (x - mean) * torch.rsqrt(var + self.eps))
    """,
        ),
        "gelu": """
        z = (8 / torch.pi) ** 0.5 * (x + 0.044715 * x.pow(3))
        return x * torch.sigmoid(z)
    """,
        "count": """
        def linear(into, out, bias=True):
            return into * out + out * bias

        talk = 3 * linear(C, C, cfg["qkv_bias"]) + linear(C, C)
        think = linear(C, 4 * C) + linear(4 * C, C)
        rows = 2 * (1 + 2 * cfg["n_layers"]) + cfg["context_length"] + V
        return rows * C + cfg["n_layers"] * (talk + think) + linear(C, V, False) * (not tied)
    """,
        "generate": """
        B, T = idx.shape
        whole = torch.cat((idx, idx.new_zeros(B, max_new_tokens)), dim=1)
        for t in range(T, T + max_new_tokens):
            seen = whole[:, max(0, t - context_size) : t]
            with torch.no_grad():
                whole[:, t] = model(seen)[:, -1].topk(1).indices[:, 0]
        return whole
    """,
    },
)

NUMPY = Right(
    "rows and matrices",
    {
        "layer_norm": (
            """
        self.eps, size = 1e-5, (emb_dim,)
        self.scale, self.shift = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size))
    """,
            """
        mean = torch.mean(x, -1, True)
        var = torch.square(x - mean).mean(-1, keepdim=True)
        return (x - mean).div(var.add(self.eps).sqrt()).mul(self.scale).add(self.shift)
    """,
        ),
        "feed_forward": (
            """
        C = int(cfg["emb_dim"])
        self.layers = nn.Sequential(nn.Linear(C, 4 * C), GELU(), nn.Linear(C * 4, C))
    """,
            """
        up, bend, down = self.layers
        return bend(x @ up.weight.mT + up.bias) @ down.weight.mT + down.bias
    """,
        ),
        "count": """
        import numpy as np

        shapes = [(V, C), (cfg["context_length"], C), (C,), (C,)] + [(V, C)] * (not tied)
        for _ in range(cfg["n_layers"]):
            shapes += [(C, C)] * 4 + [(C,)] + [(C,)] * (3 if cfg["qkv_bias"] else 0)
            shapes += [(4 * C, C), (4 * C,), (C, 4 * C), (C,)] + [(C,)] * 4
        return np.sum([np.prod(shape) for shape in shapes])
    """,
        "whole": """
        import copy

        model = GPTModel(copy.deepcopy(cfg))
        model.load_state_dict(state, assign=True)
        for module in model.modules():
            module.training = False
        return model
    """,
        "generate": """
        rows = []
        for row in idx:
            ids = row.tolist()
            for _ in range(max_new_tokens):
                with torch.no_grad():
                    scores = model(torch.tensor([ids[-context_size:]]))[0, -1]
                ids.append(int(scores.argmax()))
            rows.append(ids)
        return torch.tensor(rows)
    """,
    },
)

RIGHT = [LOOPS, SHORT, FROM_SHAPES, NUMPY]
