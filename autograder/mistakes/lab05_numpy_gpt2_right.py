"""Right answers of lab05_numpy_gpt2 in another form: loops, einsum, float64 all through, in place."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "loops over rows and heads",
    {
        "gelu": """
    out = np.zeros(x.shape)
    for place in np.ndindex(*x.shape[:-1]):
        n = np.asarray(x[place], float)
        out[place] = n / 2 * (1 + np.tanh((2 / np.pi) ** 0.5 * (n + 0.044715 * n * n * n)))
    return out
    """,
        "softmax": """
    if x.ndim > 1:
        return np.stack([softmax(row) for row in x])
    largest = max(x)
    powers = [np.exp(n - largest) for n in x]
    return np.array(powers) / sum(powers)
    """,
        "layer_norm": """
    rows = []
    for row in x:
        mean = sum(row) / len(row)
        variance = sum((row - mean) ** 2) / len(row)
        rows.append(g * (row - mean) / (variance + eps) ** 0.5 + b)
    return np.array(rows)
    """,
        "linear": """
    out = np.zeros((len(x), w.shape[1]))
    for t in range(len(x)):
        out[t] = np.dot(w.T, x[t])
        out[t] = out[t] + b
    return out
    """,
        "attention": """
    heads = []
    for h in range(len(q)):
        scores = np.dot(q[h], k[h].T) / q.shape[2] ** 0.5
        heads.append(softmax(scores + mask).dot(v[h]))
    return np.array(heads)
    """,
        "mha": """
    T, C = x.shape
    size = C // n_head
    mask = np.zeros((T, T))
    for t in range(T):
        mask[t, t + 1 :] = -np.inf
    qkv = linear(x, c_attn["w"], c_attn["b"])
    outs = []
    for h in range(n_head):
        a, z = h * size, (h + 1) * size
        q, k, v = qkv[:, a:z], qkv[:, C + a : C + z], qkv[:, 2 * C + a : 2 * C + z]
        outs.append(attention(q[None], k[None], v[None], mask)[0])
    return linear(np.hstack(outs), c_proj["w"], c_proj["b"])
    """,
        "feed_forward": """
    hidden = linear(x, c_fc["w"], c_fc["b"])
    hidden = gelu(hidden)
    return linear(hidden, c_proj["w"], c_proj["b"])
    """,
        "transformer_block": """
    normed = layer_norm(x, ln_1["g"], ln_1["b"])
    talked = mha(normed, attn["c_attn"], attn["c_proj"], n_head)
    x = x + talked
    normed = layer_norm(x, ln_2["g"], ln_2["b"])
    thought = feed_forward(normed, mlp["c_fc"], mlp["c_proj"])
    x = x + thought
    return x
    """,
        "gpt2": """
    rows = []
    for place, token in enumerate(inputs):
        rows.append(wte[token] + wpe[place])
    x = np.stack(rows)
    for i in range(len(blocks)):
        b = blocks[i]
        x = transformer_block(x, b["mlp"], b["attn"], b["ln_1"], b["ln_2"], n_head)
    x = layer_norm(x, ln_f["g"], ln_f["b"])
    return np.array([np.dot(wte, row) for row in x])
    """,
        "convert": """
    params = {"wte": state["wte.weight"], "wpe": state["wpe.weight"], "blocks": []}
    for i in range(n_layer):
        block = {"attn": {}, "mlp": {}}
        for name in ("ln_1", "ln_2"):
            block[name] = {}
            block[name]["g"] = state["h." + str(i) + "." + name + ".weight"]
            block[name]["b"] = state["h." + str(i) + "." + name + ".bias"]
        for part, name in (("attn", "c_attn"), ("attn", "c_proj"),
                           ("mlp", "c_fc"), ("mlp", "c_proj")):
            block[part][name] = {
                "w": state["h.%d.%s.%s.weight" % (i, part, name)],
                "b": state["h.%d.%s.%s.bias" % (i, part, name)],
            }
        params["blocks"].append(block)
    params["ln_f"] = {"g": state["ln_f.weight"], "b": state["ln_f.bias"]}
    return params
    """,
        "whole": """
    params = convert(state, n_layer)
    return gpt2(ids, params["wte"], params["wpe"], params["blocks"], params["ln_f"], n_head)
    """,
        "generate": """
    text = []
    for i in inputs:
        text.append(i)
    n_ctx = params["wpe"].shape[0]
    while len(text) < len(inputs) + n_tokens_to_generate:
        seen = text[max(0, len(text) - n_ctx) :]
        scores = gpt2(seen, params["wte"], params["wpe"], params["blocks"], params["ln_f"], n_head)
        last = scores[len(seen) - 1]
        best = 0
        for i in range(len(last)):
            if last[i] > last[best]:
                best = i
        text.append(best)
    return text
    """,
        "float32": (
            """
    x2 = np.square(x)
    inner = np.float32(np.sqrt(2 / np.pi)) * x * (1 + np.float32(0.044715) * x2)
    return x / 2 + x / 2 * np.tanh(inner)
    """,
            """
    kT = np.transpose(k, (0, 2, 1))
    return np.matmul(softmax(np.matmul(q, kT) * (1 / math.sqrt(k.shape[2])) + mask), v).astype("f")
    """,
            """
    mask = np.zeros((T, S), dtype=np.float32)
    for t in range(T):
        for s in range(S):
            if s > S - T + t:
                mask[t, s] = -1e9
    return mask
    """,
        ),
        "mha_cached": """
    T, C = x.shape
    size = C // n_head
    qkv = linear(x, c_attn["w"], c_attn["b"])
    keys, values, outs = [], [], []
    for h in range(n_head):
        a, z = h * size, (h + 1) * size
        q, k, v = qkv[:, a:z], qkv[:, C + a : C + z], qkv[:, 2 * C + a : 2 * C + z]
        if past is not None:
            k, v = np.vstack([past[0][h], k]), np.vstack([past[1][h], v])
        mask = causal_mask(T, len(k))
        outs.append(attention(q[None], k[None], v[None], mask)[0])
        keys.append(k)
        values.append(v)
    return linear(np.hstack(outs), **c_proj), (np.array(keys), np.array(values))
    """,
    },
)

EINSUM = Right(
    "einsum, and all of it float64",
    {
        "gelu": """
    x = np.asarray(x, dtype=np.float64)
    u = np.sqrt(8 / np.pi) * (x + 0.044715 * np.power(x, 3))
    with np.errstate(over="ignore"):
        return x / (1 + np.exp(-u))
    """,
        "softmax": """
    x = x.astype(np.float64)
    x = np.exp(x - np.max(x, axis=x.ndim - 1)[..., np.newaxis])
    return np.divide(x, np.sum(x, axis=-1, keepdims=True))
    """,
        "layer_norm": """
    x = np.array(x, np.float64)
    x -= np.mean(x, axis=1)[:, None]
    x /= np.sqrt(np.einsum("tc,tc->t", x, x) / x.shape[1] + eps)[:, None]
    x *= g
    x += b
    return x
    """,
        "linear": 'return np.einsum("ti,io->to", x, w, dtype=np.float64) + b[None, :]',
        "attention": """
    q = q.astype(np.float64) * q.shape[2] ** -0.5
    scores = np.einsum("htd,hsd->hts", q, k) + mask[None]
    return np.einsum("hts,hsd->htd", softmax(scores), v)
    """,
        "mha": """
    T, C = x.shape
    qkv = x @ c_attn["w"] + c_attn["b"]
    q, k, v = np.moveaxis(qkv.reshape(T, 3, n_head, -1), 0, 2)
    later = np.arange(T)[:, None] < np.arange(T)
    out = attention(q, k, v, np.where(later, -1e9, 0.0))
    w = c_proj["w"].reshape(n_head, C // n_head, C)
    return np.einsum("htd,hdc->tc", out, w) + c_proj["b"]
    """,
        "feed_forward": 'return gelu(x @ c_fc["w"] + c_fc["b"]) @ c_proj["w"] + c_proj["b"]',
        "transformer_block": """
    x = x.astype(np.float64)
    x += mha(layer_norm(x, **ln_1), n_head=n_head, **attn)
    x += feed_forward(layer_norm(x, **ln_2), **mlp)
    return x
    """,
        "gpt2": """
    from functools import reduce

    T = len(inputs)
    x = np.take(wte, inputs, axis=0)
    x += wpe[:T]
    x = reduce(lambda x, block: transformer_block(x, n_head=n_head, **block), blocks, x)
    return np.einsum("tc,vc->tv", layer_norm(x, **ln_f), wte)
    """,
        "convert": """
    short = {"weight": "w", "bias": "b"}
    tree = {"blocks": [{"attn": {}, "mlp": {}} for _ in range(n_layer)], "ln_f": {}}
    for name, value in state.items():
        path = name.split(".")
        last = path.pop()
        if path[0] in ("wte", "wpe"):
            tree[path[0]] = np.array(value)
            continue
        at = tree["blocks"][int(path[1])] if path[0] == "h" else tree
        for part in path[2:] if path[0] == "h" else path:
            at = at.setdefault(part, {})
        norm = path[-1].startswith("ln")
        at["g" if norm and last == "weight" else short[last]] = np.array(value)
    return tree
    """,
        "whole": """
    tree = convert(state, n_layer)
    tree["n_head"] = n_head
    return gpt2(np.array(ids).tolist(), **tree)
    """,
        "generate": """
    ids = np.array(inputs)
    for _ in range(n_tokens_to_generate):
        window = [int(i) for i in ids][-params["wpe"].shape[0] :]
        ids = np.append(ids, gpt2(window, n_head=n_head, **params).argmax(-1)[-1])
    return ids.tolist()
    """,
        "float32": (
            """
    c = np.float32(np.sqrt(2 / np.pi))
    half = np.float32(0.5)
    cube = np.float32(0.044715) * x * x * x
    return half * x * (np.float32(1) + np.tanh(c * (x + cube)))
    """,
            """
    import math

    scores = np.matmul(q, np.transpose(k, (0, 2, 1))) / math.sqrt(q.shape[-1]) + mask
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return np.matmul(e / e.sum(-1, keepdims=True), v)
    """,
            """
    return np.triu(np.full((T, S), -np.inf, dtype=np.float32), k=S - T + 1)
    """,
        ),
        "mha_cached": """
    T, C = x.shape
    qkv = (x @ c_attn["w"] + c_attn["b"]).reshape(T, 3, n_head, -1)
    q, new = qkv[:, 0].swapaxes(0, 1), qkv[:, 1:].transpose(1, 2, 0, 3)
    kept = new if past is None else np.concatenate([np.stack(past), new], axis=2)
    out = attention32(q, *kept, causal_mask(T, kept.shape[2]))
    return linear(np.concatenate(out, axis=1), **c_proj), kept
    """,
    },
)

PICO = Right(
    "as short as it goes",
    {
        "gelu": "return x * 0.5 * (np.tanh((x**3 * 0.044715 + x) * np.sqrt(2 / np.pi)) + 1)",
        "softmax": """
    exp_x = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return exp_x / np.sum(exp_x, axis=-1, keepdims=True)
    """,
        "layer_norm": """
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.var(x, axis=-1, keepdims=True)
    x = (x - mean) / np.sqrt(variance + eps)
    return g * x + b
    """,
        "linear": "return np.dot(x, w) + b",
        "attention": """
    return softmax(q @ k.transpose(0, 2, 1) / np.sqrt(k.shape[-1]) + mask) @ v
    """,
        "mha": """
    x = linear(x, **c_attn)
    qkv = np.split(x, 3, axis=-1)
    q, k, v = (np.array(np.split(part, n_head, axis=-1)) for part in qkv)
    mask = np.triu(np.ones((len(x), len(x))), 1) * np.finfo(np.float32).min
    return linear(np.hstack(list(attention(q, k, v, mask))), **c_proj)
    """,
        "feed_forward": """
    a = gelu(linear(x, **c_fc))
    x = linear(a, **c_proj)
    return x
    """,
        "transformer_block": """
    a = x + mha(layer_norm(x, **ln_1), n_head=n_head, **attn)
    return feed_forward(layer_norm(a, **ln_2), **mlp) + a
    """,
        "gpt2": """
    x = wte[np.array(inputs)] + wpe[np.arange(len(inputs))]
    for block in blocks:
        x = transformer_block(x, **block, n_head=n_head)
    x = layer_norm(x, **ln_f)
    return x @ wte.transpose()
    """,
        "convert": """
    def pair(path, first):
        return {first: state[f"{path}.weight"], "b": state[f"{path}.bias"]}

    blocks = []
    for h in [f"h.{i}" for i in range(n_layer)]:
        attn = {c: pair(f"{h}.attn.{c}", "w") for c in ("c_attn", "c_proj")}
        mlp = {c: pair(f"{h}.mlp.{c}", "w") for c in ("c_fc", "c_proj")}
        norms = {n: pair(f"{h}.{n}", "g") for n in ("ln_1", "ln_2")}
        blocks.append(dict(attn=attn, mlp=mlp, **norms))
    wte, wpe = (state[f"{n}.weight"] for n in ("wte", "wpe"))
    return dict(wte=wte, wpe=wpe, blocks=blocks, ln_f=pair("ln_f", "g"))
    """,
        "whole": """
    tree = convert(n_layer=n_layer, state=state)
    return gpt2(inputs=ids, n_head=n_head, **tree)
    """,
        "generate": """
    new = []
    for _ in range(n_tokens_to_generate):
        logits = gpt2((inputs + new)[-len(params["wpe"]) :], **params, n_head=n_head)
        new.append(logits[-1].argmax())
    return inputs + new
    """,
        "float32": (
            """
    import math

    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    """,
            """
    q = q * np.float32(q.shape[-1] ** -0.5)
    return softmax(q @ k.swapaxes(1, 2) + mask) @ v
    """,
            """
    rows, columns = np.arange(S - T, S)[:, None], np.arange(S)[None]
    return np.where(columns <= rows, 0, -1e10).astype(np.float32)
    """,
        ),
        "mha_cached": """
    qkv = np.split(linear(x, **c_attn), 3, axis=1)
    q, k, v = (np.stack(np.split(part, n_head, axis=1)) for part in qkv)
    if past:
        k, v = (np.hstack(pair) for pair in zip(past, (k, v)))
    S, T = k.shape[1], len(x)
    out = attention32(q, k, v, causal_mask(S, S)[S - T :])
    return linear(np.hstack(list(out)), **c_proj), [k, v]
    """,
    },
)

OWN = Right(
    "nothing but one's own lines",
    {
        "softmax": """
    shape = x.shape
    flat = x.reshape(-1, shape[-1])
    top = np.amax(flat, axis=1)
    log_sum = top + np.log(np.exp(flat - top[:, None]).sum(axis=1))
    return np.exp(flat - log_sum[:, None]).reshape(shape)
    """,
        "attention": """
    n_head, T, hs = q.shape
    out = np.zeros((n_head, T, hs))
    for h in range(n_head):
        for t in range(T):
            scores = (k[h] * q[h, t]).sum(axis=1) / np.sqrt(hs) + mask[t]
            shares = np.exp(scores - scores.max())
            out[h, t] = (shares[:, None] * v[h]).sum(axis=0) / shares.sum()
    return out
    """,
        "mha": """
    T, C = x.shape
    hs = C // n_head
    qkv = x @ c_attn["w"] + c_attn["b"]
    out = np.zeros((T, C), x.dtype)
    for h in range(n_head):
        q, k, v = (qkv[:, i * C + h * hs : i * C + (h + 1) * hs] for i in range(3))
        for t in range(T):
            scores = k[: t + 1] @ q[t] / np.sqrt(hs)
            p = np.exp(scores - scores.max())
            out[t, h * hs : (h + 1) * hs] = p / p.sum() @ v[: t + 1]
    return out @ c_proj["w"] + c_proj["b"]
    """,
        "mha_cached": """
    T, C = x.shape
    k_old, v_old = past if past is not None else (np.zeros((n_head, 0, C // n_head), "f"),) * 2
    q, k, v = linear(x, **c_attn).reshape(T, 3, n_head, -1).transpose(1, 2, 0, 3)
    k, v = np.append(k_old, k, axis=1), np.append(v_old, v, axis=1)
    P = k_old.shape[1]
    rows = []
    for t in range(T):
        seen = np.zeros((1, P + t + 1), np.float32)
        rows.append(attention32(q[:, t : t + 1], k[:, : P + t + 1], v[:, : P + t + 1], seen))
    out = np.concatenate(rows, axis=1).swapaxes(0, 1).reshape(T, C)
    return linear(out, **c_proj), (k, v)
    """,
        "generate": """
    window = len(params["wpe"])
    out = [int(i) for i in inputs]
    for step in range(n_tokens_to_generate):
        scores = gpt2(out[-window:], n_head=n_head, **params)
        out += [int(scores[-1].argsort()[-1])]
    return out
    """,
        "float32": (
            """
    old, x = x, np.float64(x)
    x = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return x.astype(old.dtype)
    """,
            """
    weights = [softmax(a @ b.T / np.sqrt(a.shape[1]) + mask) for a, b in zip(q, k)]
    return np.float32(np.array(weights) @ v)
    """,
            """
    full = (1 - np.tri(S)) * -1e10
    return full[S - T :].astype(np.float32)
    """,
        ),
    },
)

RIGHT = [LOOPS, EINSUM, PICO, OWN]
