"""What students write in lab07_gpt_model: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab07_gpt_model.py; its sentence stands under
its id in gptlab/checks/causes/. The right answers stand in lab07_gpt_model_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab07_gpt_model_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_EPS = "self.eps = 1e-5"
_SCALE = "self.scale = nn.Parameter(torch.ones(emb_dim))"
_SHIFT = "self.shift = nn.Parameter(torch.zeros(emb_dim))"
_MEAN = "mean = x.mean(dim=-1, keepdim=True)"
_VAR = "var = x.var(dim=-1, keepdim=True, unbiased=False)"
_NORM = "norm = (x - mean) / torch.sqrt(var + self.eps)"
_AFFINE = "return self.scale * norm + self.shift"
_ROOT = "root = (2 / torch.pi) ** 0.5"
_GELU = "return 0.5 * x * (1 + torch.tanh(root * (x + 0.044715 * x**3)))"
_UP = '            nn.Linear(cfg["emb_dim"], 4 * cfg["emb_dim"]),\n'
_BEND = "            GELU(),\n"
_DOWN = '            nn.Linear(4 * cfg["emb_dim"], cfg["emb_dim"]),\n'
_LAYERS = "return self.layers(x)"
_SIZES = 'd_in=cfg["emb_dim"], d_out=cfg["emb_dim"]'
_CONTEXT = 'context_length=cfg["context_length"], dropout=cfg["drop_rate"]'
_HEADS = 'num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"]'
_NORM2 = 'self.norm2 = LayerNorm(cfg["emb_dim"])'
_FF = "self.ff = FeedForward(cfg)"
_DROP = 'self.drop_shortcut = nn.Dropout(cfg["drop_rate"])'
_TALK = "x = x + self.drop_shortcut(self.att(self.norm1(x)))"
_THINK = "return x + self.drop_shortcut(self.ff(self.norm2(x)))"
_BOTH = f"{_TALK}\n        {_THINK}"
_TOKENS = 'self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])'
_PLACES = 'self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])'
_DROP_EMB = 'self.drop_emb = nn.Dropout(cfg["drop_rate"])'
_STACK = (
    "self.trf_blocks = nn.Sequential(\n"
    '            *[TransformerBlock(cfg) for _ in range(cfg["n_layers"])]\n        )'
)
_FINAL = 'self.final_norm = LayerNorm(cfg["emb_dim"])'
_HEAD = (
    "self.out_head = nn.Linear(\n"
    '            cfg["emb_dim"], cfg["vocab_size"], bias=False\n        )'
)
_NUMBERED = "positions = torch.arange(T, device=in_idx.device)"
_ADDED = "x = self.tok_emb(in_idx) + self.pos_emb(positions)  # (B, T, emb_dim)"
_THROUGH = "x = self.trf_blocks(self.drop_emb(x))"
_SCORES = "return self.out_head(self.final_norm(x))"
_MADE = "model = GPTModel(cfg)\n"
_LOADED = "model.load_state_dict(state)"
_READY = "return model.eval()"
_ATT = "attention = 3 * C * C + C * C + C  # queries, keys, values; out_proj"
_QKV = 'if cfg["qkv_bias"]:\n        attention += 3 * C'
_WIDE = "feed_forward = C * 4 * C + 4 * C + 4 * C * C + C"
_NORMS = "norms = 2 * 2 * C"
_TABLES = 'tables = V * C + cfg["context_length"] * C'
_ONCE = "head = 0 if tied else V * C"
_SUM = 'return tables + cfg["n_layers"] * block + 2 * C + head'
_REST = f"block = attention + feed_forward + norms\n    {_TABLES}\n    {_ONCE}\n    {_SUM}"
_LOOP = "for _ in range(max_new_tokens):\n        with"
_WATCH = "        with torch.no_grad():\n            logits = model("
_CROP = "logits = model(idx[:, -context_size:])  # (B, T', V)"
_BEST = "best = logits[:, -1, :].argmax(dim=-1, keepdim=True)  # (B, 1)"
_CAT = "idx = torch.cat((idx, best), dim=1)"
_BACK = f"{_CAT}\n    return idx"

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "layer_norm": {
        "layernorm_unbiased": (_VAR, "var = x.var(dim=-1, keepdim=True)"),
        "layernorm_eps_outside": (_NORM, "norm = (x - mean) / (torch.sqrt(var) + self.eps)"),
        "layernorm_eps_last": (_NORM, "norm = (x - mean) / torch.sqrt(var) + self.eps"),
        "layernorm_eps_small": (_EPS, "self.eps = 1e-6"),
        "layernorm_no_eps": (_NORM, "norm = (x - mean) / torch.sqrt(var)"),
        "layernorm_not_divided": (_NORM, "norm = x - mean"),
        "layernorm_brackets": (_NORM, "norm = x - mean / torch.sqrt(var + self.eps)"),
        "layernorm_axis_counted": (
            f"{_MEAN}\n        {_VAR}",
            "mean = x.mean(dim=2, keepdim=True)\n"
            "        var = x.var(dim=2, keepdim=True, unbiased=False)",
        ),
        "layernorm_no_root": (_NORM, "norm = (x - mean) / (var + self.eps)"),
        "layernorm_over_time": (
            f"{_MEAN}\n        {_VAR}",
            "mean = x.mean(dim=1, keepdim=True)\n"
            "        var = x.var(dim=1, keepdim=True, unbiased=False)",
        ),
        "layernorm_over_batch": (
            f"{_MEAN}\n        {_VAR}",
            "mean = x.mean(dim=0, keepdim=True)\n"
            "        var = x.var(dim=0, keepdim=True, unbiased=False)",
        ),
        "layernorm_over_all": (
            f"{_MEAN}\n        {_VAR}",
            "mean, var = x.mean(), x.var(unbiased=False)",
        ),
        "layernorm_mean_over_time": (_MEAN, "mean = x.mean(dim=1, keepdim=True)"),
        "layernorm_no_keepdim": (
            f"{_MEAN}\n        {_VAR}",
            "mean = x.mean(dim=-1)\n        var = x.var(dim=-1, unbiased=False)",
        ),
        "layernorm_no_mean": (_NORM, "norm = x / torch.sqrt(var + self.eps)"),
        "layernorm_root_mean_square": (
            f"{_VAR}\n        {_NORM}",
            "norm = x / torch.sqrt((x * x).mean(dim=-1, keepdim=True) + self.eps)",
        ),
        "layernorm_squares_of_x": (_VAR, "var = (x**2).mean(dim=-1, keepdim=True)"),
        "layernorm_no_affine": (_AFFINE, "return norm"),
        "layernorm_no_shift": (_AFFINE, "return self.scale * norm"),
        "layernorm_no_scale": (_AFFINE, "return norm + self.shift"),
        "layernorm_swapped": (_AFFINE, "return self.shift * norm + self.scale"),
        "layernorm_shift_first": (_AFFINE, "return self.scale * (norm + self.shift)"),
        "layernorm_not_a_parameter": (
            f"{_SCALE}\n        {_SHIFT}",
            "self.scale = torch.ones(emb_dim)\n        self.shift = torch.zeros(emb_dim)",
        ),
        "layernorm_buffers": (
            f"{_SCALE}\n        {_SHIFT}",
            'self.register_buffer("scale", torch.ones(emb_dim))\n'
            '        self.register_buffer("shift", torch.zeros(emb_dim))',
        ),
        "layernorm_scale_zeros": (_SCALE, "self.scale = nn.Parameter(torch.zeros(emb_dim))"),
        "layernorm_one_number": (
            f"{_SCALE}\n        {_SHIFT}",
            "self.scale = nn.Parameter(torch.ones(1))\n"
            "        self.shift = nn.Parameter(torch.zeros(1))",
        ),
        "layernorm_eps_not_used": (_NORM, _NORM.replace("self.eps", "1e-5")),
        "layernorm_size": (_SCALE, "self.scale = nn.Parameter(torch.ones(768))"),
        "layernorm_in_place": (_NORM, "x -= mean\n        norm = x / torch.sqrt(var + self.eps)"),
        "layernorm_detached": (
            _VAR,
            f"{_VAR.replace('x.var', 'x.detach().var')}\n        mean = mean.detach()",
        ),
    },
    "gelu": {
        "gelu_erf": (_GELU, "return 0.5 * x * (1 + torch.erf(x / 2**0.5))"),
        "gelu_sigmoid": (_GELU, "return x * torch.sigmoid(1.702 * x)"),
        "gelu_silu": (_GELU, "return x * torch.sigmoid(x)"),
        "gelu_relu": (_GELU, "return torch.relu(x)"),
        "gelu_tanh_alone": (_GELU, "return torch.tanh(root * (x + 0.044715 * x**3))"),
        "gelu_zero_lost": (_GELU, _GELU.replace("0.044715", "0.44715")),
        "gelu_number_rounded": (_ROOT, "root = 0.7979"),
        "gelu_factor_rounded": (_GELU, _GELU.replace("0.044715", "0.0447")),
        "gelu_minus": (_GELU, _GELU.replace("1 + ", "1 - ")),
        "gelu_root_of_a_number": (_ROOT, "root = torch.sqrt(2 / torch.pi)"),
        "gelu_cube_is_square": (_GELU, _GELU.replace("x**3", "x**2")),
        "gelu_no_cube": (_GELU, "return 0.5 * x * (1 + torch.tanh(root * x))"),
        "gelu_cube_not_scaled": (_GELU, _GELU.replace("0.044715 * ", "")),
        "gelu_of_a_number": (
            f"{_ROOT}\n        {_GELU}",
            f"import math\n\n        {_ROOT}\n        {_GELU.replace('torch.tanh', 'math.tanh')}",
        ),
        "gelu_root_of_pi": (_ROOT, "root = (torch.pi / 2) ** 0.5"),
        "gelu_root_missing": (_ROOT, "root = 2 / torch.pi"),
        "gelu_no_root": (_GELU, _GELU.replace("root * ", "")),
        "gelu_no_half": (_GELU, _GELU.replace("0.5 * ", "")),
        "gelu_no_tanh": (_GELU, _GELU.replace("torch.tanh", "")),
        "gelu_no_one": (_GELU, _GELU.replace("1 + ", "")),
        "gelu_no_x": (_GELU, _GELU.replace("* x * (1", "* (1")),
        "gelu_root_on_x_only": (
            _GELU,
            _GELU.replace("root * (x + 0.044715 * x**3)", "root * x + 0.044715 * x**3"),
        ),
        "gelu_bracket_of_half": (
            _GELU,
            "return 0.5 * x * 1 + torch.tanh(root * (x + 0.044715 * x**3))",
        ),
        "gelu_factor_cubed": (_GELU, _GELU.replace("0.044715 * x**3", "(0.044715 * x) ** 3")),
        "gelu_exp_overflow": (
            _GELU,
            "z = torch.exp(2 * root * (x + 0.044715 * x**3))\n"
            "        return 0.5 * x * (1 + (z - 1) / (z + 1))",
        ),
        "gelu_slope_lost": (
            _GELU,
            "inner = torch.tensor(root * (x + 0.044715 * x**3))\n"
            "        return 0.5 * x * (1 + torch.tanh(inner))",
        ),
        "gelu_writes_into_x": (
            _GELU,
            "half = 0.5 * x\n        x += 0.044715 * x**3\n"
            "        return half * (1 + torch.tanh(root * x))",
        ),
    },
    "feed_forward": {
        "ff_twice_as_wide": (
            f"{_UP}{_BEND}{_DOWN}",
            f"{_UP}{_BEND}{_DOWN}".replace("4 *", "2 *"),
        ),
        "ff_not_wider": (f"{_UP}{_BEND}{_DOWN}", f"{_UP}{_BEND}{_DOWN}".replace("4 * ", "")),
        "ff_width_fixed": (
            f"{_UP}{_BEND}{_DOWN}",
            f"{_UP}{_BEND}{_DOWN}".replace('4 * cfg["emb_dim"]', "4"),
        ),
        "ff_writes_into_x": (_LAYERS, "x[:] = self.layers(x)\n        return x"),
        "ff_no_bend": (f"{_UP}{_BEND}{_DOWN}", f"{_UP}            nn.Identity(),\n{_DOWN}"),
        "ff_two_layers": (f"{_UP}{_BEND}{_DOWN}", f"{_UP}{_DOWN}"),
        "ff_bend_first": (f"{_UP}{_BEND}{_DOWN}", f"{_BEND}{_UP}{_DOWN}"),
        "ff_bend_last": (f"{_UP}{_BEND}{_DOWN}", f"{_UP}{_DOWN}{_BEND}"),
        "ff_bend_twice": (f"{_UP}{_BEND}{_DOWN}", f"{_UP}{_BEND}{_DOWN}{_BEND}"),
        "ff_other_relu": (f"{_UP}{_BEND}{_DOWN}", f"{_UP}            nn.ReLU(),\n{_DOWN}"),
        "ff_other_sigmoid": (f"{_UP}{_BEND}{_DOWN}", f"{_UP}            nn.SiLU(),\n{_DOWN}"),
        "ff_other_erf": (f"{_UP}{_BEND}{_DOWN}", f"{_UP}            nn.GELU(),\n{_DOWN}"),
        "ff_no_bias": (
            f"{_UP}{_BEND}{_DOWN}",
            f"{_UP}{_BEND}{_DOWN}".replace('"]),', '"], bias=False),'),
        ),
        "ff_no_bias_up": (_UP, _UP.replace("),\n", ", bias=False),\n")),
        "ff_no_bias_down": (_DOWN, _DOWN.replace("),\n", ", bias=False),\n")),
        "ff_dropout": (f"{_DOWN}", f'{_DOWN}            nn.Dropout(cfg["drop_rate"]),\n'),
        "ff_adds_x": (_LAYERS, "return x + self.layers(x)"),
        "ff_one_layer": (_LAYERS, "return self.layers[0](x)"),
        "ff_bend_skipped": (_LAYERS, "return self.layers[2](self.layers[0](x))"),
        "ff_plain_list": (
            f"self.layers = nn.Sequential(\n{_UP}{_BEND}{_DOWN}        )",
            f"self.layers = [\n{_UP}{_BEND}{_DOWN}        ]",
        ),
        "ff_gelu_not_made": (f"{_UP}{_BEND}{_DOWN}", f"{_UP}            GELU,\n{_DOWN}"),
    },
    "block": {
        "norm_after": (
            _BOTH,
            "x = self.norm1(x + self.drop_shortcut(self.att(x)))\n"
            "        return self.norm2(x + self.drop_shortcut(self.ff(x)))",
        ),
        "norms_of_outputs": (
            _BOTH,
            "x = x + self.drop_shortcut(self.norm1(self.att(x)))\n"
            "        return x + self.drop_shortcut(self.norm2(self.ff(x)))",
        ),
        "norm1_twice": (_THINK, _THINK.replace("norm2", "norm1")),
        "norm2_twice": (_TALK, _TALK.replace("norm1", "norm2")),
        "norms_unused": (
            _BOTH,
            "x = x + self.drop_shortcut(self.att(x))\n"
            "        return x + self.drop_shortcut(self.ff(x))",
        ),
        "block_one_norm": (_NORM2, "self.norm2 = self.norm1"),
        "norm1_and_norm2_swapped": (
            _BOTH,
            f"{_TALK.replace('norm1', 'norm2')}\n        {_THINK.replace('norm2', 'norm1')}",
        ),
        "no_norm1": (_TALK, "x = x + self.drop_shortcut(self.att(x))"),
        "no_norm2": (_THINK, "return x + self.drop_shortcut(self.ff(x))"),
        "residual_of_normed": (
            _TALK,
            "x = self.norm1(x)\n        x = x + self.drop_shortcut(self.att(x))",
        ),
        "residual_of_normed_feed_forward": (
            _THINK,
            "x = self.norm2(x)\n        return x + self.drop_shortcut(self.ff(x))",
        ),
        "residual_of_normed_both": (
            _BOTH,
            "x = self.norm1(x)\n        x = x + self.drop_shortcut(self.att(x))\n"
            "        x = self.norm2(x)\n        return x + self.drop_shortcut(self.ff(x))",
        ),
        "residual_missing_attention": (_TALK, "x = self.drop_shortcut(self.att(self.norm1(x)))"),
        "residual_missing_feed_forward": (
            _THINK,
            "return self.drop_shortcut(self.ff(self.norm2(x)))",
        ),
        "residual_missing_both": (
            _BOTH,
            "x = self.drop_shortcut(self.att(self.norm1(x)))\n"
            "        return self.drop_shortcut(self.ff(self.norm2(x)))",
        ),
        "second_from_x": (
            _BOTH,
            "shortcut = x\n        x = x + self.drop_shortcut(self.att(self.norm1(x)))\n"
            "        return shortcut + self.drop_shortcut(self.ff(self.norm2(x)))",
        ),
        "block_in_parallel": (
            _BOTH,
            "talked = x + self.drop_shortcut(self.att(self.norm1(x)))\n"
            "        return talked + self.drop_shortcut(self.ff(self.norm2(x)))",
        ),
        "ffwd_first": (
            _BOTH,
            "x = x + self.drop_shortcut(self.ff(self.norm2(x)))\n"
            "        return x + self.drop_shortcut(self.att(self.norm1(x)))",
        ),
        "no_drop_shortcut": (
            _BOTH,
            "x = x + self.att(self.norm1(x))\n        return x + self.ff(self.norm2(x))",
        ),
        "no_drop_shortcut_att": (_TALK, "x = x + self.att(self.norm1(x))"),
        "no_drop_shortcut_ff": (_THINK, "return x + self.ff(self.norm2(x))"),
        "block_norm_made_anew": (
            _TALK,
            _TALK.replace("self.norm1(x)", "LayerNorm(x.shape[-1])(x)"),
        ),
        "block_no_gradient": (
            _TALK,
            "with torch.no_grad():\n            heard = self.att(self.norm1(x))\n"
            "        x = x + self.drop_shortcut(heard)",
        ),
        "drop_before_parts": (
            _BOTH,
            "x = x + self.att(self.drop_shortcut(self.norm1(x)))\n"
            "        return x + self.ff(self.drop_shortcut(self.norm2(x)))",
        ),
        "drop_on_stream": (
            _BOTH,
            "x = self.drop_shortcut(x + self.att(self.norm1(x)))\n"
            "        return self.drop_shortcut(x + self.ff(self.norm2(x)))",
        ),
        "drop_rate_fixed": (_DROP, "self.drop_shortcut = nn.Dropout(0.1)"),
        "drop_rate_not_set": (_DROP, "self.drop_shortcut = nn.Dropout()"),
        "dropout_in_evaluation": (
            _THINK,
            "return x + nn.functional.dropout(self.ff(self.norm2(x)), self.drop_shortcut.p)",
        ),
        "att_layers_and_heads": (_HEADS, _HEADS.replace("n_heads", "n_layers")),
        "att_number_fixed": (_HEADS, 'num_heads=2, qkv_bias=cfg["qkv_bias"]'),
        "att_no_qkv_bias": (_HEADS, 'num_heads=cfg["n_heads"]'),
        "att_qkv_bias_always": (_HEADS, 'num_heads=cfg["n_heads"], qkv_bias=True'),
        "att_dropout_rate": (
            _CONTEXT,
            'context_length=cfg["context_length"], dropout=0.0',
        ),
        "att_context": (
            _CONTEXT,
            _CONTEXT.replace('cfg["context_length"]', 'cfg["emb_dim"]'),
        ),
        "att_width_of_a_head": (
            _SIZES,
            'd_in=cfg["emb_dim"], d_out=cfg["emb_dim"] // cfg["n_heads"]',
        ),
        "block_norm_of_torch": (_NORM2, 'self.norm2 = nn.LayerNorm(cfg["emb_dim"])'),
        "block_in_place": (_TALK, "x += self.drop_shortcut(self.att(self.norm1(x)))"),
        "block_returns_nothing": (_THINK, "x = x + self.drop_shortcut(self.ff(self.norm2(x)))"),
    },
    "gpt_model": {
        "blocks_shared": (
            _STACK,
            'self.trf_blocks = nn.Sequential(*[TransformerBlock(cfg)] * cfg["n_layers"])',
        ),
        "gpt_blocks_plain_list": (
            _STACK,
            'self.trf_blocks = [TransformerBlock(cfg) for _ in range(cfg["n_layers"])]',
        ),
        "blocks_module_list": (
            _STACK,
            _STACK.replace("nn.Sequential(\n            *[", "nn.ModuleList(\n            ["),
        ),
        "gpt_blocks_not_unpacked": (_STACK, _STACK.replace("*[", "[")),
        "gpt_one_block": (_STACK, "self.trf_blocks = nn.Sequential(TransformerBlock(cfg))"),
        "gpt_blocks_count": (_STACK, _STACK.replace('cfg["n_layers"]', 'cfg["n_layers"] - 1')),
        "gpt_layers_and_heads": (_STACK, _STACK.replace("n_layers", "n_heads")),
        "blocks_not_used": (_THROUGH, "self.trf_blocks(self.drop_emb(x))"),
        "blocks_not_once": (_THROUGH, "x = self.trf_blocks[0](self.drop_emb(x))"),
        "blocks_order": (
            _THROUGH,
            "x = self.drop_emb(x)\n        for block in reversed(self.trf_blocks):\n"
            "            x = block(x)",
        ),
        "blocks_each_from_the_start": (
            _THROUGH,
            "h = self.drop_emb(x)\n        for block in self.trf_blocks:\n            x = block(h)",
        ),
        "gpt_block_adds": (
            _THROUGH,
            "x = self.drop_emb(x)\n        for block in self.trf_blocks:\n"
            "            x = x + block(x)",
        ),
        "gpt_norm_in_each": (
            f"{_THROUGH}\n        {_SCORES}",
            "x = self.drop_emb(x)\n        for block in self.trf_blocks:\n"
            "            x = self.final_norm(block(x))\n        return self.out_head(x)",
        ),
        "gpt_positions_backwards": (
            _NUMBERED,
            "positions = torch.arange(T - 1, -1, -1, device=in_idx.device)",
        ),
        "gpt_rows_scaled": (
            _ADDED,
            "x = self.tok_emb(in_idx) * self.pos_emb.embedding_dim**0.5 + self.pos_emb(positions)",
        ),
        "gpt_no_positions": (_ADDED, "x = self.tok_emb(in_idx)"),
        "gpt_positions_constant": (
            _NUMBERED,
            "positions = torch.zeros(T, dtype=torch.long, device=in_idx.device)",
        ),
        "gpt_positions_from_one": (
            _NUMBERED,
            "positions = torch.arange(1, T + 1, device=in_idx.device)",
        ),
        "gpt_positions_of_ids": (_ADDED, "x = self.tok_emb(in_idx) + self.pos_emb(in_idx)"),
        "gpt_positions_per_text": (_NUMBERED, "positions = torch.arange(B, device=in_idx.device)"),
        "gpt_positions_all": (_ADDED, "x = self.tok_emb(in_idx) + self.pos_emb.weight"),
        "positions_on_cpu": (_NUMBERED, "positions = torch.arange(T)"),
        "gpt_positions_scale": (_ADDED, "x = self.tok_emb(in_idx) * self.pos_emb(positions)"),
        "gpt_no_tokens": (_ADDED, "x = self.pos_emb(positions).expand(B, T, -1)"),
        "gpt_places_as_tokens": (_PLACES, _PLACES.replace("context_length", "vocab_size")),
        "gpt_tables_swapped": (
            f"{_TOKENS}\n        {_PLACES}",
            'self.tok_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])\n'
            '        self.pos_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])',
        ),
        "gpt_no_drop_emb": (_THROUGH, "x = self.trf_blocks(x)"),
        "gpt_drop_on_tokens": (
            f"{_ADDED}\n        {_THROUGH}",
            "x = self.drop_emb(self.tok_emb(in_idx)) + self.pos_emb(positions)\n"
            "        x = self.trf_blocks(x)",
        ),
        "gpt_drop_each": (
            f"{_ADDED}\n        {_THROUGH}",
            "x = self.drop_emb(self.tok_emb(in_idx)) + self.drop_emb(self.pos_emb(positions))\n"
            "        x = self.trf_blocks(x)",
        ),
        "gpt_drop_twice": (_SCORES, "return self.out_head(self.drop_emb(self.final_norm(x)))"),
        "gpt_drop_after_blocks": (_THROUGH, "x = self.drop_emb(self.trf_blocks(x))"),
        "gpt_drop_fixed": (_DROP_EMB, "self.drop_emb = nn.Dropout(0.1)"),
        "gpt_no_final_norm": (_SCORES, "return self.out_head(x)"),
        "gpt_norm_before_blocks": (
            f"{_THROUGH}\n        {_SCORES}",
            "x = self.trf_blocks(self.final_norm(self.drop_emb(x)))\n        return self.out_head(x)",
        ),
        "gpt_head_bias": (
            _HEAD,
            'self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"])',
        ),
        "head_tied": (_HEAD, f"{_HEAD}\n        self.out_head.weight = self.tok_emb.weight"),
        "gpt_head_sizes": (_HEAD, _HEAD.replace("vocab_size", "context_length")),
        "gpt_no_head": (_SCORES, "return self.final_norm(x)"),
        "logits_are_probabilities": (
            _SCORES,
            "return torch.softmax(self.out_head(self.final_norm(x)), dim=-1)",
        ),
        "gpt_last_only": (_SCORES, "return self.out_head(self.final_norm(x[:, -1]))"),
    },
    "whole": {
        "whole_not_eval": (_READY, "return model"),
        "whole_eval_not_called": (_READY, "model.eval\n    return model"),
        "whole_not_loaded": (f"    {_LOADED}\n", ""),
        "whole_not_strict": (_LOADED, "model.load_state_dict(state, strict=False)"),
        "whole_returns_keys": (f"{_LOADED}\n    {_READY}", f"model.eval()\n    return {_LOADED}"),
        "whole_returns_state": (_READY, "return model.eval().state_dict()"),
        "whole_other_settings": (_MADE, "model = GPTModel(GPT_CONFIG_124M)\n"),
        "whole_loaded_into_another": (_LOADED, "GPTModel(cfg).load_state_dict(state)"),
        "whole_changes_settings": (_MADE, 'cfg["drop_rate"] = 0.0\n    model = GPTModel(cfg)\n'),
        "whole_changes_state": (
            _LOADED,
            "for name in model.state_dict():\n"
            "        model.load_state_dict({name: state.pop(name)}, strict=False)",
        ),
        "whole_unpacked": (_MADE, "model = GPTModel(**cfg)\n"),
        "whole_eval_in_part": (_READY, "model.drop_emb.eval()\n    return model"),
        "whole_frozen": (_READY, "return model.requires_grad_(False)"),
    },
    "count": {
        "count_no_qkv_bias": (f"    {_QKV}\n", ""),
        "count_qkv_bias_always": (_QKV, "attention += 3 * C"),
        "count_qkv_bias_once": (_QKV, _QKV.replace("3 * C", "C")),
        "count_qkv_bias_turned": (
            _QKV,
            _QKV.replace('if cfg["qkv_bias"]', 'if not cfg["qkv_bias"]'),
        ),
        "count_projection_no_bias": (_ATT, "attention = 3 * C * C + C * C"),
        "count_no_projection": (_ATT, "attention = 3 * C * C"),
        "count_one_of_three": (_ATT, "attention = C * C + C * C + C"),
        "count_per_head": (_ATT, 'attention = 3 * C * C * cfg["n_heads"] + C * C + C'),
        "count_no_final_norm": (_SUM, 'return tables + cfg["n_layers"] * block + head'),
        "count_final_norm_half": (_SUM, 'return tables + cfg["n_layers"] * block + C + head'),
        "count_final_norm_each": (_SUM, 'return tables + cfg["n_layers"] * (block + 2 * C) + head'),
        "count_norms_half": (_NORMS, "norms = 2 * C"),
        "count_all_norms_half": (
            f"{_NORMS}\n    {_REST}",
            f"norms = 2 * C\n    {_REST.replace('2 * C', 'C')}",
        ),
        "count_no_block_norms": (_NORMS, "norms = 0"),
        "count_no_positions": (_TABLES, "tables = V * C"),
        "count_positions_not_wide": (_TABLES, 'tables = V * C + cfg["context_length"]'),
        "count_no_tokens": (_TABLES, 'tables = cfg["context_length"] * C'),
        "count_tied_ignored": (_ONCE, "head = V * C"),
        "count_tied_always": (_ONCE, "head = 0"),
        "count_tied_turned": (_ONCE, "head = V * C if tied else 0"),
        "count_head_bias": (_ONCE, "head = 0 if tied else V * C + V"),
        "count_ff_no_bias": (_WIDE, "feed_forward = C * 4 * C + 4 * C * C"),
        "count_ff_bias_narrow": (_WIDE, "feed_forward = C * 4 * C + C + 4 * C * C + C"),
        "count_ff_one_layer": (_WIDE, "feed_forward = C * 4 * C + 4 * C"),
        "count_ff_narrow": (_WIDE, "feed_forward = C * C + C + C * C + C"),
        "count_one_block": (_SUM, "return tables + block + 2 * C + head"),
        "count_blocks_are_heads": (_SUM, _SUM.replace("n_layers", "n_heads")),
        "count_brackets": (
            f"{_SUM}",
            'return tables + cfg["n_layers"] * attention + feed_forward + norms + 2 * C + head',
        ),
        "count_layers_fixed": (_SUM, _SUM.replace('cfg["n_layers"]', "12")),
        "count_by_model": (
            _SUM,
            "return sum(p.numel() for p in GPTModel(cfg).parameters()) - V * C + head",
        ),
        "count_bytes": (_SUM, 'return 4 * (tables + cfg["n_layers"] * block + 2 * C + head)'),
    },
    "generate": {
        "greedy_mean_of_places": (_BEST, "best = logits.mean(dim=1).argmax(dim=-1, keepdim=True)"),
        "greedy_all_places": (_CAT, "idx = torch.cat((idx, logits.argmax(dim=-1)), dim=1)"),
        "greedy_first_place": (_BEST, "best = logits[:, 0, :].argmax(dim=-1, keepdim=True)"),
        "greedy_place_before": (_BEST, "best = logits[:, -2, :].argmax(dim=-1, keepdim=True)"),
        "greedy_of_the_batch": (
            _BEST,
            "best = logits[:, -1, :].argmax(dim=0, keepdim=True)[:, : len(idx)].T",
        ),
        "greedy_samples": (_BEST, "best = torch.multinomial(logits[:, -1, :].softmax(-1), 1)"),
        "greedy_least": (_BEST, "best = logits[:, -1, :].argmin(dim=-1, keepdim=True)"),
        "greedy_score": (
            _BEST,
            "best = logits[:, -1, :].max(dim=-1, keepdim=True).values.long()",
        ),
        "greedy_scores_axis": (_BEST, "best = logits[:, :, -1].argmax(dim=-1, keepdim=True)"),
        "greedy_floats": (_BEST, "best = logits[:, -1, :].max(dim=-1, keepdim=True).values"),
        "greedy_no_keepdim": (_BEST, "best = logits[:, -1, :].argmax(dim=-1)"),
        "greedy_wrong_axis": (_CAT, "idx = torch.cat((idx, best), dim=0)"),
        "greedy_only_new": (_BACK, f"{_CAT}\n    return idx[:, -max_new_tokens:]"),
        "greedy_only_last": (_CAT, "idx = best"),
        "greedy_prepends": (_CAT, "idx = torch.cat((best, idx), dim=1)"),
        "greedy_overwrites": (_CAT, "idx[:, -1:] = best"),
        "generate_changes_idx": (
            _CAT,
            "grown = torch.cat((idx, best), dim=1)\n        idx[:, -1:] = best\n        idx = grown",
        ),
        "greedy_not_kept": (_CAT, "torch.cat((idx, best), dim=1)"),
        "greedy_one_too_many": (_LOOP, _LOOP.replace("max_new_tokens", "max_new_tokens + 1")),
        "greedy_one_too_few": (_LOOP, _LOOP.replace("max_new_tokens", "max_new_tokens - 1")),
        "greedy_stopped": (_BACK, f"{_CAT}\n        return idx"),
        "greedy_not_cropped": (_CROP, "logits = model(idx)"),
        "greedy_cropped_first": (_CROP, "logits = model(idx[:, :context_size])"),
        "greedy_cropped_rows": (_CROP, "logits = model(idx[-context_size:])"),
        "greedy_cropped_one_more": (_CROP, "logits = model(idx[:, -context_size - 1 :])"),
        "greedy_cropped_last_lost": (_CROP, "logits = model(idx[:, -context_size - 1 : -1])"),
        "greedy_cropped_less": (_CROP, "logits = model(idx[:, 1 - context_size :])"),
        "greedy_last_token_only": (_CROP, "logits = model(idx[:, -1:])"),
        "context_lost": (
            _CROP,
            "idx = idx[:, -context_size:]\n            logits = model(idx)",
        ),
        "greedy_cropped_once": (
            f"    for _ in range(max_new_tokens):\n{_WATCH}idx[:, -context_size:])",
            "    seen = idx[:, -context_size:]\n    for _ in range(max_new_tokens):\n"
            f"{_WATCH}seen)",
        ),
        "greedy_context_fixed": (
            _CROP,
            "logits = model(idx[:, -GPT_CONFIG_124M['context_length'] :])",
        ),
        "greedy_gradients_off": (
            f"    for _ in range(max_new_tokens):\n{_WATCH}idx",
            "    torch.set_grad_enabled(False)\n    for _ in range(max_new_tokens):\n"
            f"{_WATCH}idx",
        ),
        "greedy_with_gradients": (
            f"{_WATCH}idx",
            "        if True:\n            logits = model(idx",
        ),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    8: ("logits_are_probabilities",),
    10: ("greedy_mean_of_places", "greedy_all_places"),
    41: ("norm_after", "norms_of_outputs"),
    42: (
        "residual_missing_attention",
        "residual_missing_feed_forward",
        "residual_missing_both",
        "second_from_x",
    ),
    43: ("residual_of_normed", "residual_of_normed_feed_forward", "residual_of_normed_both"),
    44: ("norm1_twice", "block_one_norm"),
    45: ("gpt_no_final_norm", "gpt_norm_before_blocks", "count_no_final_norm"),
    46: ("layernorm_unbiased",),
    47: ("layernorm_eps_outside", "layernorm_eps_last"),
    48: ("layernorm_eps_small", "layernorm_no_eps"),
    49: (
        "layernorm_over_time",
        "layernorm_over_batch",
        "layernorm_over_all",
        "layernorm_mean_over_time",
    ),
    50: (
        "layernorm_no_affine",
        "layernorm_no_shift",
        "layernorm_no_scale",
        "layernorm_not_a_parameter",
    ),
    51: ("gelu_erf", "ff_other_erf"),
    52: ("gelu_sigmoid", "gelu_silu"),
    53: ("gelu_relu", "ff_other_relu"),
    54: ("ff_twice_as_wide", "ff_not_wider", "count_ff_narrow"),
    55: (
        "gpt_no_positions",
        "gpt_positions_constant",
        "gpt_positions_from_one",
    ),
    56: ("positions_on_cpu",),
    57: ("blocks_shared",),
    58: ("head_tied",),
    60: ("dropout_in_evaluation", "whole_not_eval", "whole_eval_not_called"),
    61: (
        "ff_no_bias",
        "ff_no_bias_up",
        "ff_no_bias_down",
        "att_no_qkv_bias",
        "gpt_head_bias",
        "count_no_qkv_bias",
    ),
    90: ("greedy_not_cropped", "greedy_cropped_first", "greedy_context_fixed"),
    92: ("greedy_overwrites", "generate_changes_idx"),
    98: ("whole_not_loaded", "whole_loaded_into_another"),
    99: ("att_no_qkv_bias",),
    100: ("whole_not_eval",),
    102: ("whole_not_strict",),
}

# Two ways to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "layernorm_eps_small": "layernorm_eps",
    "layernorm_buffers": "layernorm_not_a_parameter",
    "layernorm_scale_zeros": "layernorm_start",
    "layernorm_in_place": "changes_its_input",
    "gelu_writes_into_x": "changes_its_input",
    "gelu_factor_rounded": "gelu_number_rounded",
    "ff_width_fixed": "ff_width",
    "ff_writes_into_x": "changes_its_input",
    "block_no_gradient": "no_gradient",
    "ff_twice_as_wide": "ff_width",
    "ff_not_wider": "ff_width",
    "ff_two_layers": "ff_no_bend",
    "ff_bend_skipped": "ff_no_bend",
    "ff_no_bias_up": "ff_no_bias",
    "ff_no_bias_down": "ff_no_bias",
    "no_drop_shortcut_att": "no_drop_shortcut",
    "no_drop_shortcut_ff": "no_drop_shortcut",
    "drop_rate_not_set": "drop_rate_fixed",
    "block_norm_of_torch": "norm_of_torch",
    "block_returns_nothing": "forward_returns_nothing",
    "gpt_places_as_tokens": "gpt_table_size",
    "logits_are_probabilities": "gpt_softmax",
    "gpt_drop_fixed": "drop_rate_fixed",
    "whole_eval_not_called": "whole_not_eval",
    "whole_frozen": "whole_not_eval",
    "greedy_only_last": "greedy_only_new",
    "greedy_one_too_many": "greedy_count",
    "greedy_one_too_few": "greedy_count",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {
    "layernorm_unbiased",
    "residual_of_normed",
    "positions_on_cpu",
    "whole_not_strict",
    "greedy_not_cropped",
}

# What `whole` puts together: a mistake in one of these may show there too.
PARTS = {"layer_norm", "gelu", "feed_forward", "block", "gpt_model"}

MISTAKES = catalogue.mistakes(
    WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS, parts=PARTS
)

_PASS = "pass"

# item -> the input, zeros, a constant, a part of it: answers without thought.
_NO_THOUGHT = {
    "layer_norm": (
        (_PASS, "return x"),
        (_PASS, "return torch.zeros_like(x)"),
        (f"{_EPS}\n{_SCALE}\n{_SHIFT}", "return x"),
        (f"{_SCALE}\n{_SHIFT}", "return self.scale * x + self.shift"),
    ),
    "gelu": ("return x", "return 0 * x", "return torch.ones(x.shape)", "return x.clamp(min=0)"),
    "feed_forward": (
        (_PASS, "return x"),
        (_PASS, "return 0 * x"),
        ('self.layers = nn.Linear(cfg["emb_dim"], cfg["emb_dim"])', _LAYERS),
    ),
    "block": (
        (_PASS, "return x"),
        (_PASS, "return torch.zeros(x.shape)"),
        (
            'self.ff = FeedForward(cfg)\nself.norm1 = LayerNorm(cfg["emb_dim"])',
            "return self.ff(x)",
        ),
    ),
    "gpt_model": (
        (_PASS, "return in_idx"),
        ("self.V = cfg['vocab_size']", "return torch.zeros(*in_idx.shape, self.V)"),
        (
            "self.tok_emb = nn.Embedding(cfg['vocab_size'], cfg['vocab_size'])",
            "return self.tok_emb(in_idx)",
        ),
    ),
    "whole": ("return cfg", "return 0", "return nn.Identity()", "return GPTModel(cfg)"),
    "count": ("return cfg", "return 0", "return 124_412_160", "return V * C"),
    "generate": (
        "return idx",
        "return torch.zeros(len(idx), idx.shape[1] + max_new_tokens, dtype=torch.long)",
        "return torch.cat((idx, idx.new_ones(len(idx), max_new_tokens)), dim=1)",
        "return torch.cat((idx, model(idx)[:, -1:].argmax(-1)), dim=1)",
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
