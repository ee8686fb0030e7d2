"""Right answers of lab10_gpt2_weights in another form than the solution's."""

from __future__ import annotations

from autograder.catalogue import Right

LOOPS = Right(
    "step by step",
    {
        "params": """
        params = {}
        params["blocks"] = []
        for i in range(n_layers):
            params["blocks"].append({})
        for name in variables:
            array = variables[name]
            array = array.reshape([size for size in array.shape if size != 1])
            parts = name.split("/")
            if parts[1] in ("wte", "wpe"):
                params[parts[1]] = array
            elif parts[1] == "ln_f":
                params[parts[2]] = array
            else:
                block = params["blocks"][int(parts[1].replace("h", ""))]
                if len(parts) == 4:
                    norm = block.get(parts[2], {})
                    norm[parts[3]] = array
                    block[parts[2]] = norm
                else:
                    if parts[2] not in block:
                        block[parts[2]] = {}
                    if parts[3] not in block[parts[2]]:
                        block[parts[2]][parts[3]] = {}
                    block[parts[2]][parts[3]][parts[4]] = array
        return params
    """,
        "config": """
        cfg = {}
        cfg["vocab_size"] = settings["n_vocab"]
        cfg["context_length"] = settings["n_ctx"]
        cfg["emb_dim"] = settings["n_embd"]
        cfg["n_heads"] = settings["n_head"]
        cfg["n_layers"] = settings["n_layer"]
        cfg["drop_rate"] = 0
        cfg["qkv_bias"] = True
        return cfg
    """,
        "assign": """
        if tuple(left.shape) != tuple(right.shape):
            sides = f"Left: {left.shape}, Right: {right.shape}"
            raise ValueError("Shape mismatch. " + sides)
        if isinstance(right, torch.Tensor):
            new = right.detach().clone().to(torch.float32)
        else:
            new = torch.tensor(right, dtype=torch.float32)
        return torch.nn.Parameter(new.to(left.device))
    """,
        "split_qkv": """
        w, b = c_attn["w"], c_attn["b"]
        C = w.shape[0]
        q = (w[:, :C].T, b[:C])
        k = (w[:, C : 2 * C].T, b[C : 2 * C])
        v = (w[:, 2 * C :].T, b[2 * C :])
        return q, k, v
    """,
        "load_block": """
        (q_w, q_b), (k_w, k_b), (v_w, v_b) = split_qkv(weights["attn"]["c_attn"])
        block.att.W_query.weight = assign(block.att.W_query.weight, q_w)
        block.att.W_query.bias = assign(block.att.W_query.bias, q_b)
        block.att.W_key.weight = assign(block.att.W_key.weight, k_w)
        block.att.W_key.bias = assign(block.att.W_key.bias, k_b)
        block.att.W_value.weight = assign(block.att.W_value.weight, v_w)
        block.att.W_value.bias = assign(block.att.W_value.bias, v_b)
        c_proj = weights["attn"]["c_proj"]
        block.att.out_proj.weight = assign(block.att.out_proj.weight, c_proj["w"].T)
        block.att.out_proj.bias = assign(block.att.out_proj.bias, c_proj["b"])
        first, last = block.ff.layers[0], block.ff.layers[2]
        first.weight = assign(first.weight, weights["mlp"]["c_fc"]["w"].T)
        first.bias = assign(first.bias, weights["mlp"]["c_fc"]["b"])
        last.weight = assign(last.weight, weights["mlp"]["c_proj"]["w"].T)
        last.bias = assign(last.bias, weights["mlp"]["c_proj"]["b"])
        block.norm1.scale = assign(block.norm1.scale, weights["ln_1"]["g"])
        block.norm1.shift = assign(block.norm1.shift, weights["ln_1"]["b"])
        block.norm2.scale = assign(block.norm2.scale, weights["ln_2"]["g"])
        block.norm2.shift = assign(block.norm2.shift, weights["ln_2"]["b"])
    """,
        "load_weights_into_gpt": """
        gpt.pos_emb.weight = assign(gpt.pos_emb.weight, params["wpe"])
        gpt.tok_emb.weight = assign(gpt.tok_emb.weight, params["wte"])
        for b in range(len(params["blocks"])):
            load_block(gpt.trf_blocks[b], params["blocks"][b])
        gpt.final_norm.scale = assign(gpt.final_norm.scale, params["g"])
        gpt.final_norm.shift = assign(gpt.final_norm.shift, params["b"])
        gpt.out_head.weight = assign(gpt.out_head.weight, gpt.tok_emb.weight)
        gpt.eval()
        return gpt
    """,
        "tie": """
        table = gpt.tok_emb.weight
        setattr(gpt.out_head, "weight", table)
        return gpt
    """,
        "largest_difference": """
        if tuple(ours.shape) != tuple(theirs.shape):
            raise ValueError(f"{tuple(ours.shape)} is not {tuple(theirs.shape)}")
        worst = 0.0
        for x, y in zip(np.ravel(ours).tolist(), np.ravel(theirs).tolist()):
            difference = abs(x - y)
            if difference > worst or difference != difference:
                worst = difference
            if worst != worst:
                break
        return worst
    """,
        "first_difference": """
        names = list(ours)
        i = 0
        while i < len(names):
            far = largest_difference(ours[names[i]], theirs[names[i]])
            if np.isnan(far) or far > tolerance:
                return names[i]
            i += 1
    """,
        "culprits": """
        culprits = {}
        culprits["one"], culprits["two"] = "H", "A"
        culprits["three"], culprits["four"] = "C", "F"
    """,
    },
)

SHORT = Right(
    "in few words",
    {
        "params": """
        params = {"blocks": [dict() for _ in range(n_layers)]}
        for name, value in sorted(variables.items()):
            _, where, *path = name.split("/")
            if where[0] == "h":
                path = ["blocks", int(where[1:]), *path]
            elif where != "ln_f":
                path = [where]
            at = params
            for key in path[:-1]:
                if isinstance(at, dict) and key not in at:
                    at[key] = {}
                at = at[key]
            at[path[-1]] = np.asarray(value).squeeze()
        return params
    """,
        "config": """
        names = {"n_vocab": "vocab_size", "n_ctx": "context_length", "n_embd": "emb_dim",
                 "n_head": "n_heads", "n_layer": "n_layers"}
        sizes = {ours: settings[theirs] for theirs, ours in names.items()}
        return dict(drop_rate=0.0, qkv_bias=True, **sizes)
    """,
        "assign": """
        if left.shape == right.shape:
            new = torch.as_tensor(right, dtype=torch.float32, device=left.device)
            return torch.nn.Parameter(new.clone().contiguous())
        raise ValueError(f"{list(left.shape)} != {list(right.shape)}")
    """,
        "split_qkv": """
        C = len(c_attn["b"]) // 3
        w, b = torch.tensor(c_attn["w"]).T, torch.tensor(c_attn["b"])
        return zip(w.split(C), b.split(C))
    """,
        "load_block": """
        state, attn, mlp = {}, weights["attn"], weights["mlp"]
        for name, (w, b) in zip(("query", "key", "value"), split_qkv(attn["c_attn"])):
            state[f"att.W_{name}.weight"], state[f"att.W_{name}.bias"] = w, b
        for name, each in (("att.out_proj", attn["c_proj"]), ("ff.layers.0", mlp["c_fc"]),
                           ("ff.layers.2", mlp["c_proj"])):
            state[f"{name}.weight"], state[f"{name}.bias"] = each["w"].transpose(), each["b"]
        for i in (1, 2):
            state[f"norm{i}.scale"] = weights[f"ln_{i}"]["g"]
            state[f"norm{i}.shift"] = weights[f"ln_{i}"]["b"]
        old = block.state_dict()
        block.load_state_dict({name: assign(old[name], state[name]) for name in old}, strict=True)
    """,
        "load_weights_into_gpt": """
        for table, name in ((gpt.tok_emb, "wte"), (gpt.pos_emb, "wpe"), (gpt.out_head, "wte")):
            table.weight = assign(table.weight, params[name])
        norm = gpt.final_norm
        norm.scale, norm.shift = assign(norm.scale, params["g"]), assign(norm.shift, params["b"])
        for i, block in enumerate(gpt.trf_blocks):
            load_block(block, params["blocks"][i])
    """,
        "tie": """
        gpt.out_head.register_parameter("weight", gpt.tok_emb.weight)
        return gpt
    """,
        "largest_difference": """
        ours, theirs = torch.as_tensor(ours), torch.as_tensor(theirs)
        if ours.shape != theirs.shape:
            raise ValueError(f"{list(ours.shape)} is not {list(theirs.shape)}")
        return (ours - theirs).abs().max().item()
    """,
        "first_difference": """
        apart = (name for name in ours
                 if not largest_difference(theirs[name], ours[name]) <= tolerance)
        return next(apart, None)
    """,
        "culprits": 'culprits = dict(one="h", two="a", three="c", four="f")',
    },
)

BOOK = Right(
    "as the book has it",
    {
        "params": """
        params = {"blocks": [{} for _ in range(n_layers)]}
        for name in variables:
            variable_array = np.squeeze(variables[name])
            variable_name_parts = name.split("/")[1:]
            target_dict = params
            if variable_name_parts[0].startswith("h"):
                layer_number = int(variable_name_parts[0][1:])
                target_dict = params["blocks"][layer_number]
            for key in variable_name_parts[1:-1]:
                target_dict = target_dict.setdefault(key, {})
            last_key = variable_name_parts[-1]
            target_dict[last_key] = variable_array
        return params
    """,
        "config": """
        NEW_CONFIG = {
            "emb_dim": settings["n_embd"], "n_layers": settings["n_layer"],
            "n_heads": settings["n_head"],
        }
        NEW_CONFIG.update({"context_length": settings["n_ctx"], "qkv_bias": True})
        NEW_CONFIG.update({"vocab_size": settings["n_vocab"], "drop_rate": 0.0})
        return NEW_CONFIG
    """,
        "assign": """
        if left.shape != right.shape:
            raise ValueError(f"Shape mismatch. Left: {left.shape}, Right: {right.shape}")
        if not torch.is_tensor(right):
            right = torch.tensor(right)
        return torch.nn.Parameter(right.clone().detach().float().to(left.device))
    """,
        "split_qkv": """
        q_w, k_w, v_w = np.split(c_attn["w"], 3, axis=-1)
        q_b, k_b, v_b = np.split(c_attn["b"], 3, axis=-1)
        return [(np.ascontiguousarray(q_w.T), q_b.copy()), (k_w.T, k_b), [v_w.T, v_b]]
    """,
        "load_block": """
        q, k, v = split_qkv(weights["attn"]["c_attn"])
        with torch.no_grad():
            for layer, (w, b) in (
                (block.att.W_query, q), (block.att.W_key, k), (block.att.W_value, v),
                (block.att.out_proj, [weights["attn"]["c_proj"][x] for x in "wb"]),
                (block.ff.layers[0], [weights["mlp"]["c_fc"][x] for x in "wb"]),
                (block.ff.layers[2], [weights["mlp"]["c_proj"][x] for x in "wb"]),
            ):
                if layer in (block.att.out_proj, block.ff.layers[0], block.ff.layers[-1]):
                    w = np.transpose(w)
                layer.weight = assign(layer.weight, w)
                layer.bias = assign(layer.bias, b)
            for norm, ln in zip((block.norm1, block.norm2), (weights["ln_1"], weights["ln_2"])):
                norm.scale = assign(norm.scale, ln["g"])
                norm.shift = assign(norm.shift, ln["b"])
    """,
        "first_difference": """
        for name in ours.keys():
            if not np.allclose(
                np.abs(np.asarray(ours[name]) - np.asarray(theirs[name])), 0, 0, tolerance
            ):
                return name
        return None
    """,
    },
)

RIGHT = [LOOPS, SHORT, BOOK]
