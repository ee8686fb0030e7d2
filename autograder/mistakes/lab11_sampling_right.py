"""Right answers of lab11_sampling in another form than the solution's."""

from __future__ import annotations

from autograder.catalogue import Right

STEPS = Right(
    "step by step",
    {
        "c_attn": """
        width = config.n_embd
        self.c_attn = nn.Linear(width, width * 3, config.bias)
    """,
        "heads": """
        nh, hs = self.n_head, C // self.n_head
        q = q.reshape(B, T, nh, hs)
        k = k.reshape(B, T, nh, hs)
        v = v.reshape(B, T, nh, hs)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
    """,
        "scores": """
        att = torch.matmul(q, k.mT)
        att = att / hs**0.5
    """,
        "mask": """
        later = self.bias[0, 0, :T, :T] < 0.5
        att = att.masked_fill(later, -torch.inf)
    """,
        "weights": """
        att = torch.softmax(att, -1)
        att = self.attn_dropout(att)
    """,
        "out": """
        y = self.c_proj(y)
        y = self.resid_dropout(y)
    """,
        "mlp_init": """
        inner = config.n_embd * 4
        self.c_proj = nn.Linear(inner, config.n_embd, bias=config.bias)
        self.c_fc = nn.Linear(config.n_embd, inner, bias=config.bias)
    """,
        "mlp": "x = self.dropout(self.c_proj(self.gelu(self.c_fc(x))))",
        "block": """
        heard = self.attn(self.ln_1(x))
        x = heard + x
        thought = self.mlp(self.ln_2(x))
        x = thought + x
    """,
        "embed": """
        x = tok_emb + pos_emb.unsqueeze(0)
        x = self.transformer.drop(x)
    """,
        "blocks": """
        for i in range(self.config.n_layer):
            x = self.transformer["h"][i](x)
    """,
        "last": """
        x = x[:, -1:, :]
        logits = self.lm_head(x)
    """,
        "layer_norm": """
        C = input.shape[-1]
        centred = input - input.sum(dim=-1, keepdim=True) / C
        variance = (centred**2).sum(dim=-1, keepdim=True) / C
        out = centred * (variance + 0.00001) ** -0.5
        out = self.weight * out
        if self.bias is not None:
            out = out + self.bias
        return out
    """,
        "write": """
        for step in range(max_new_tokens):
            seen = idx
            if seen.size(1) > model.config.block_size:
                seen = seen[:, -model.config.block_size :]
            scores = model(seen).squeeze(1)
            if temperature == 0:
                new = scores.argmax(-1).unsqueeze(-1)
            else:
                scores = scores / temperature
                if top_k is not None:
                    edge = torch.topk(scores, min(top_k, scores.size(-1)))[0][:, [-1]]
                    scores[scores < edge] = -float("Inf")
                odds = torch.softmax(scores, dim=-1)
                new = torch.multinomial(odds, num_samples=1, generator=generator)
            idx = torch.cat([idx, new], dim=-1)
        return idx
    """,
        "letter": """
        letter = dict(
            prompt="FILE:prompt.txt",
            settings={"temperature": 1, "top_k": None, "seed": 3, "max_new_tokens": 80},
            letter="My love is like a fever.",
            agree=True,
            name="Ada",
        )
    """,
    },
)

FUNCTIONS = Right(
    "by other functions",
    {
        "c_attn": "self.c_attn = nn.Linear(config.n_embd, 3 * config.n_head * (config.n_embd // config.n_head), bias=config.bias)",
        "heads": """
        q, k, v = (
            t.unflatten(-1, (self.n_head, -1)).permute(0, 2, 1, 3) for t in (q, k, v)
        )
    """,
        "scores": """
        att = torch.einsum("bhtd,bhsd->bhts", q * q.shape[-1] ** -0.5, k)
    """,
        "mask": """
        sees = torch.tril(torch.ones(T, T, dtype=torch.bool, device=x.device))
        att = att.masked_fill(~sees, torch.finfo(att.dtype).min)
    """,
        "weights": """
        att = (att - att.amax(dim=-1, keepdim=True)).exp()
        att = att / att.sum(dim=-1, keepdim=True)
        att = F.dropout(att, p=self.dropout, training=self.training)
    """,
        "out": """
        y = F.linear(y, self.c_proj.weight, self.c_proj.bias)
        y = F.dropout(y, self.resid_dropout.p, self.training)
    """,
        "mlp_init": """
        for name, sizes in (("c_fc", (1, 4)), ("c_proj", (4, 1))):
            a, b = (n * config.n_embd for n in sizes)
            setattr(self, name, nn.Linear(a, b, bias=config.bias))
    """,
        "mlp": """
        h = F.gelu(self.c_fc(x), approximate="tanh")
        x = F.dropout(self.c_proj(h), self.dropout.p, training=self.training)
    """,
        "block": """
        for norm, part in ((self.ln_1, self.attn), (self.ln_2, self.mlp)):
            x = x + part(norm(x))
    """,
        "embed": """
        x = torch.add(pos_emb, tok_emb)
        x = F.dropout(x, self.config.dropout, self.training)
    """,
        "blocks": "x = nn.Sequential(*self.transformer.h)(x)",
        "last": "logits = F.linear(x[:, T - 1].unsqueeze(1), self.transformer.wte.weight)",
        "layer_norm": """
        var, mean = torch.var_mean(input, dim=-1, correction=0, keepdim=True)
        out = (input - mean) * torch.rsqrt(var + 1e-5)
        return torch.addcmul(
            torch.zeros_like(self.weight) if self.bias is None else self.bias,
            out,
            self.weight,
        )
    """,
        "write": """
        out = torch.empty(len(idx), idx.size(1) + max_new_tokens, dtype=idx.dtype)
        out[:, : idx.size(1)] = idx
        for t in range(idx.size(1), out.size(1)):
            first = max(0, t - model.config.block_size)
            scores = model(out[:, first:t].clone())[:, 0]
            out[:, t] = choose(
                scores, temperature=temperature, top_k=top_k, generator=generator
            )[:, 0]
        return out
    """,
        "letter": """
        letter = {
            "prompt": "My heart",
            "settings": {"seed": 12, "top_k": 40, "temperature": 0, "init_from": "gpt2"},
            "letter": "My heart is a potato. Will you be my spoon?",
            "agree": False,
            "name": "",
        }
    """,
    },
)

RETURNS = Right(
    "with return in the place, and in place",
    {
        "heads": """
        q = torch.stack(q.split(C // self.n_head, dim=2), dim=1)
        k = torch.stack(k.chunk(self.n_head, dim=2), dim=1)
        v = torch.stack(v.tensor_split(self.n_head, dim=2), dim=1)
    """,
        "scores": """
        att = q @ k.transpose(2, 3)
        att *= 1.0 / math.sqrt(C // self.n_head)
    """,
        "mask": """
        hidden = self.bias[:, :, :T, :T].logical_not()
        att.masked_fill_(hidden, float("-inf"))
    """,
        "weights": "att = self.attn_dropout(att.softmax(dim=3))",
        "out": "return self.resid_dropout(self.c_proj(y))",
        "mlp": """
        hidden = self.gelu(self.c_fc(x))
        return self.dropout(self.c_proj(hidden))
    """,
        "block": """
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))
    """,
        "embed": """
        tok_emb += pos_emb
        x = self.transformer.drop(tok_emb)
    """,
        "blocks": """
        blocks = iter(self.transformer.h)
        while (block := next(blocks, None)) is not None:
            x = block(x)
    """,
        "last": "return self.lm_head(x[:, -1][:, None])",
        "layer_norm": """
        C = input.size(-1)
        mean = input @ torch.full((C, 1), 1 / C)
        out = (input - mean) / torch.sqrt(((input - mean) ** 2).mean(-1, True) + 1e-5)
        out = out * self.weight
        return out + (0 if self.bias is None else self.bias)
    """,
    },
)

RIGHT = [STEPS, FUNCTIONS, RETURNS]
