"""What students write in lab11_sampling: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab11_sampling.py, or of its model.py; its
sentence stands under its id in gptlab/checks/causes/. What all items of model.py make together is
looked at in one test of `last`, which a mistake in any of them may fail too. The right answers
stand in lab11_sampling_right.py.
"""

from __future__ import annotations

from dataclasses import replace

from autograder import catalogue
from autograder.mistakes.lab11_sampling_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_BIAS = "bias=config.bias"
_C_ATTN = (
    f"self.c_attn = nn.Linear(\n            config.n_embd, 3 * config.n_embd, {_BIAS}\n        )"
)
_K, _Q, _V = (
    f"{name} = {name}.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)" for name in "kqv"
)
_THREE = f"{_K}\n        {_Q}\n        {_V}"
_CUT = "{0} = {0}.view(B, T, self.n_head, C // self.n_head)"
_SCORES = "att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))"
_MASK = 'att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))'
_SOFTMAX = "att = F.softmax(att, dim=-1)"
_DROP = "att = self.attn_dropout(att)"
_SHARES = f"{_SOFTMAX}\n            {_DROP}"
_OUT = "y = self.resid_dropout(self.c_proj(y))"
_FC = f"self.c_fc = nn.Linear(\n            config.n_embd, 4 * config.n_embd, {_BIAS}\n        )"
_BACK = (
    f"self.c_proj = nn.Linear(\n            4 * config.n_embd, config.n_embd, {_BIAS}\n        )"
)
_LAYERS = f"{_FC}\n        {_BACK}"
_UP, _BEND, _DOWN, _DROPPED = (
    f"x = self.{name}(x)" for name in ("c_fc", "gelu", "c_proj", "dropout")
)
_FOUR = "\n        ".join((_UP, _BEND, _DOWN, _DROPPED))
_ATTEND = "x = x + self.attn(self.ln_1(x))"
_THINK = "x = x + self.mlp(self.ln_2(x))"
_BLOCK = f"{_ATTEND}\n        {_THINK}"
_EMBED = "x = self.transformer.drop(tok_emb + pos_emb)"
_LOOP = "for block in self.transformer.h:\n            x = block(x)"
_LAST = "logits = self.lm_head(x[:, [-1], :])"
_MEAN = "mean = input.mean(-1, keepdim=True)"
_VAR = "var = input.var(-1, keepdim=True, unbiased=False)"
_NORM = "out = (input - mean) / torch.sqrt(var + 1e-5) * self.weight"
_PLUS = "return out if self.bias is None else out + self.bias"
_SIZE = "block_size = model.config.block_size"
_STEPS = "for _ in range(max_new_tokens):"
_SEEN = "logits = model(idx[:, -block_size:])[:, -1, :]  # (B, V)"
_NEW = "new = choose(logits, temperature, top_k, generator=generator)"
_CAT = "idx = torch.cat((idx, new), dim=1)"
_WRITTEN = f"{_CAT}\n    return idx"
_PROMPT = '"prompt": "Good morrow, my"'
_TEXT = '''"""Good morrow, my queen,
I'll to be, and play'd with him. He drums are
By sighs mark off with"""'''
_SETTINGS = '"settings": {"temperature": 0.8, "top_k": 40, "seed": 3}'
_AGREE = f'{_TEXT},\n    "agree": False'
_FOLDED = f"{_NORM}\n        {_PLUS}"


def _linear(name: str, *sizes: str, bias: str = f", {_BIAS}") -> str:
    return f"self.{name} = nn.Linear({', '.join(sizes)}{bias})"


def _each(form: str) -> str:
    """The same for k, q and v."""
    return "\n        ".join(form.format(name) for name in "kqv")


def _four(*lines: str) -> tuple[str, str]:
    """These lines in the place of the four of MLP.forward."""
    return _FOUR, "\n        ".join(lines)


def _norm(mean: str = _MEAN, var: str = _VAR, out: str = _NORM) -> tuple[str, str]:
    return f"{_MEAN}\n        {_VAR}\n        {_NORM}", f"{mean}\n        {var}\n        {out}"


_C, _4C = "config.n_embd", "4 * config.n_embd"
_ONE_HEAD = "config.n_embd // config.n_head"

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "c_attn": {
        "smp_c_attn_one": (_C_ATTN, _linear("c_attn", _C, _C)),
        "smp_c_attn_of_a_head": (_C_ATTN, _linear("c_attn", _C, f"3 * ({_ONE_HEAD})")),
        "smp_c_attn_of_a_head_once": (_C_ATTN, _linear("c_attn", _C, _ONE_HEAD)),
        "smp_c_attn_from_a_head": (_C_ATTN, _linear("c_attn", _ONE_HEAD, f"3 * ({_ONE_HEAD})")),
        "smp_c_attn_swapped": (_C_ATTN, _linear("c_attn", f"3 * {_C}", _C)),
        "smp_c_attn_float": (
            _C_ATTN,
            _linear("c_attn", _C, f"3 * {_C} / config.n_head * config.n_head"),
        ),
        "smp_c_attn_768": (_C_ATTN, _linear("c_attn", "768", "3 * 768")),
        "smp_c_attn_bias_always": (_C_ATTN, _linear("c_attn", _C, f"3 * {_C}", bias="")),
        "smp_c_attn_no_bias": (_C_ATTN, _linear("c_attn", _C, f"3 * {_C}", bias=", bias=False")),
        "smp_c_attn_local": (_C_ATTN, _linear("c_attn", _C, f"3 * {_C}").replace("self.", "")),
        "smp_c_attn_three_layers": (
            _C_ATTN,
            "\n        ".join(_linear(name, _C, _C) for name in ("q_attn", "k_attn", "v_attn")),
        ),
        "smp_c_attn_self": (_C_ATTN, _linear("c_attn", "self.n_embd", "3 * self.n_embd")),
        "smp_c_attn_bare_name": (_C_ATTN, _linear("c_attn", "n_embd", "3 * n_embd")),
        "smp_c_attn_matrix": (
            _C_ATTN,
            f"self.c_attn = nn.Parameter(torch.randn({_C}, 3 * {_C}))",
        ),
        "smp_c_attn_plain_list": (
            _C_ATTN,
            "self.c_attn = [\n"
            f"            nn.Linear({_C}, 3 * ({_ONE_HEAD}), {_BIAS})\n"
            "            for _ in range(config.n_head)\n        ]",
        ),
        "smp_c_attn_one_object": (
            _C_ATTN,
            "self.c_attn = nn.ModuleList(\n"
            f"            [nn.Linear({_C}, 3 * ({_ONE_HEAD}), {_BIAS})] * config.n_head\n        )",
        ),
    },
    "heads": {
        "smp_heads_not_moved": (_THREE, _each(_CUT)),
        "smp_heads_viewed": (
            _THREE,
            _each("{0} = {0}.reshape(B, self.n_head, T, C // self.n_head)"),
        ),
        "smp_heads_viewed_strictly": (
            _THREE,
            _each("{0} = {0}.view(B, self.n_head, T, C // self.n_head)"),
        ),
        "smp_heads_contiguous": (
            _THREE,
            _each("{0} = {0}.transpose(1, 2).view(B, self.n_head, T, C // self.n_head)"),
        ),
        "smp_heads_axes": (_THREE, _each(f"{_CUT}.transpose(1, 3)")),
        "smp_heads_last_two": (_THREE, _each(f"{_CUT}.permute(0, 2, 3, 1)")),
        "smp_heads_hs_in_front": (
            _THREE,
            _each("{0} = {0}.view(B, T, C // self.n_head, self.n_head).transpose(1, 2)"),
        ),
        "smp_heads_interleaved": (
            _THREE,
            _each("{0} = {0}.view(B, T, C // self.n_head, self.n_head).permute(0, 3, 1, 2)"),
        ),
        "smp_heads_split_size": (
            _THREE,
            _each("{0} = torch.stack({0}.split(self.n_head, dim=2), dim=1)"),
        ),
        "smp_heads_not_shared": (
            _THREE,
            _each("{0} = {0}.unsqueeze(1).expand(B, self.n_head, T, C)"),
        ),
        "smp_heads_size": (_THREE, _each("{0} = {0}.view(B, T, self.n_head, C).transpose(1, 2)")),
        "smp_heads_float": (_THREE, _each(f"{_CUT}.transpose(1, 2)".replace("//", "/"))),
        "smp_heads_12": (_THREE, _each("{0} = {0}.view(B, T, 12, C // 12).transpose(1, 2)")),
        "smp_heads_not_kept": (_THREE, _each(f"{_CUT}.transpose(1, 2)".replace("{0} = ", ""))),
        "smp_heads_left_v": (_THREE, f"{_K}\n        {_Q}"),
        "smp_heads_copied": (_V, _V.replace("v.view", "k.view")),
        "smp_heads_q_and_k": (
            _THREE,
            "k, q, v = (\n"
            "            t.view(B, T, self.n_head, -1).transpose(1, 2) for t in (q, k, v)\n"
            "        )",
        ),
        "smp_heads_k_turned": (_K, _K.replace("transpose(1, 2)", "permute(0, 2, 3, 1)")),
        "smp_heads_tuple": (_THREE, _each("{0} = {0}.split(C // self.n_head, dim=2)")),
        "smp_heads_config": (_THREE, _THREE.replace("self.n_head", "config.n_head")),
        "smp_heads_scaled": (_Q, f"{_Q} / math.sqrt(C // self.n_head)"),
    },
    "scores": {
        "smp_scores_not_transposed": (_SCORES, "att = (q @ k) * (1.0 / math.sqrt(k.size(-1)))"),
        "smp_scores_other_axes": (_SCORES, _SCORES.replace("(-2, -1)", "(1, 2)")),
        "smp_scores_dot_T": (_SCORES, _SCORES.replace("k.transpose(-2, -1)", "k.T")),
        "smp_scores_not_scaled": (_SCORES, "att = q @ k.transpose(-2, -1)"),
        "smp_scores_by_size": (_SCORES, "att = q @ k.transpose(-2, -1) / k.size(-1)"),
        "smp_scores_multiplied": (
            _SCORES,
            "att = q @ k.transpose(-2, -1) * math.sqrt(k.size(-1))",
        ),
        "smp_scores_by_width": (_SCORES, _SCORES.replace("k.size(-1)", "C")),
        "smp_scores_by_T": (_SCORES, _SCORES.replace("k.size(-1)", "k.size(-2)")),
        "smp_scores_by_heads": (_SCORES, _SCORES.replace("k.size(-1)", "self.n_head")),
        "smp_scores_fixed": (_SCORES, "att = (q @ k.transpose(-2, -1)) / 8"),
        "smp_scores_turned": (_SCORES, _SCORES.replace("q @ k", "k @ q")),
        "smp_scores_q_only": (_SCORES, _SCORES.replace("q @ k", "q @ q")),
        "smp_scores_elementwise": (_SCORES, "att = (q * k) * (1.0 / math.sqrt(k.size(-1)))"),
        "smp_scores_all_sizes": (_SCORES, _SCORES.replace("k.size(-1)", "k.size()")),
        "smp_scores_root": (_SCORES, _SCORES.replace("math.sqrt", "torch.sqrt")),
        "smp_scores_softmax": (_SCORES, f"{_SCORES}\n            att = F.softmax(att, dim=-1)"),
    },
    "mask": {
        "smp_mask_not_kept": (_MASK, _MASK.replace("att = ", "")),
        "smp_mask_not_cut": (_MASK, _MASK.replace("[:, :, :T, :T]", "")),
        "smp_mask_cut_in_front": (_MASK, _MASK.replace("[:, :, :T, :T]", "[:T, :T]")),
        "smp_mask_not_bool": (_MASK, _MASK.replace(" == 0", "")),
        "smp_mask_inverted": (_MASK, _MASK.replace("== 0", "== 1")),
        "smp_mask_turned": (_MASK, _MASK.replace(":T] == 0", ":T].mT == 0")),
        "smp_mask_diagonal": (
            _MASK,
            _MASK.replace("self.bias[:, :, :T, :T]", "self.bias[0, 0, :T, :T].tril(-1)"),
        ),
        "smp_mask_one_ahead": (
            _MASK,
            "later = torch.ones(T, T, device=x.device).triu(2).bool()\n"
            '            att = att.masked_fill(later, float("-inf"))',
        ),
        "smp_mask_with_0": (_MASK, _MASK.replace('float("-inf")', "0")),
        "smp_mask_times": (_MASK, "att = att * self.bias[:, :, :T, :T]"),
        "smp_mask_tril_of_scores": (_MASK, "att = torch.tril(att)"),
        "smp_mask_of_scores": (
            _MASK,
            _MASK.replace("self.bias[:, :, :T, :T]", "torch.tril(att)"),
        ),
        "smp_mask_number": (_MASK, _MASK.replace('float("-inf")', "-10")),
        "smp_mask_nan": (
            _MASK,
            'att = att + (1 - self.bias[:, :, :T, :T]) * float("-inf")',
        ),
        "smp_mask_text": (_MASK, _MASK.replace('float("-inf")', '"-inf"')),
        "smp_mask_after_softmax": (_MASK, f"att = F.softmax(att, dim=-1)\n            {_MASK}"),
        "smp_mask_on_cpu": (
            _MASK,
            "sees = torch.tril(torch.ones(T, T))\n"
            '            att = att.masked_fill(sees == 0, float("-inf"))',
        ),
    },
    "weights": {
        "smp_weights_over_queries": (_SOFTMAX, _SOFTMAX.replace("-1", "-2")),
        "smp_weights_over_heads": (_SOFTMAX, _SOFTMAX.replace("-1", "1")),
        "smp_weights_over_texts": (_SOFTMAX, _SOFTMAX.replace("-1", "0")),
        "smp_weights_no_axis": (_SOFTMAX, "att = F.softmax(att)"),
        "smp_weights_axis": (_SOFTMAX, "att = torch.softmax(att)"),
        "smp_weights_raw": (_SHARES, _DROP),
        "smp_weights_not_kept": (_SOFTMAX, "F.softmax(att, dim=-1)"),
        "smp_weights_mixed": (_DROP, f"{_DROP}\n            att = att @ v"),
        "smp_weights_class": (_SOFTMAX, "att = nn.Softmax(att, dim=-1)"),
        "smp_weights_log": (_SOFTMAX, _SOFTMAX.replace("softmax", "log_softmax")),
        "smp_weights_overflow": (
            _SOFTMAX,
            "att = torch.exp(att)\n            att = att / att.sum(dim=-1, keepdim=True)",
        ),
        "smp_weights_no_dropout": (_SHARES, _SOFTMAX),
        "smp_weights_dropout_lost": (_DROP, "self.attn_dropout(att)"),
        "smp_weights_resid_dropout": (_DROP, "att = self.resid_dropout(att)"),
        "smp_weights_dropout_first": (_SHARES, f"{_DROP}\n            {_SOFTMAX}"),
        "smp_weights_dropout_alive": (_DROP, "att = F.dropout(att, self.dropout)"),
        "smp_weights_dropout_number": (_DROP, "att = self.dropout(att)"),
        "smp_weights_renormalised": (
            _DROP,
            f"{_DROP}\n            att = att / att.sum(dim=-1, keepdim=True)",
        ),
    },
    "out": {
        "smp_out_not_projected": (_OUT, "y = self.resid_dropout(y)"),
        "smp_out_twice": (_OUT, "y = self.resid_dropout(self.c_proj(self.c_proj(y)))"),
        "smp_out_no_bias": (_OUT, "y = self.resid_dropout(F.linear(y, self.c_proj.weight))"),
        "smp_out_residual": (_OUT, "y = y + self.resid_dropout(self.c_proj(y))"),
        "smp_out_adds_x": (_OUT, "y = x + self.resid_dropout(self.c_proj(y))"),
        "smp_out_c_attn": (_OUT, "y = self.resid_dropout(self.c_attn(y))"),
        "smp_out_no_dropout": (_OUT, "y = self.c_proj(y)"),
        "smp_out_other_dropout": (_OUT, "y = self.attn_dropout(self.c_proj(y))"),
        "smp_out_dropout_first": (_OUT, "y = self.c_proj(self.resid_dropout(y))"),
        "smp_out_dropout_alive": (_OUT, "y = F.dropout(self.c_proj(y), self.dropout)"),
        "smp_out_dropout_number": (_OUT, "y = self.dropout(self.c_proj(y))"),
        "smp_out_from_x": (_OUT, _OUT.replace("c_proj(y)", "c_proj(x)")),
        "smp_out_not_kept": (_OUT, "self.resid_dropout(self.c_proj(y))"),
    },
    "mlp_init": {
        "smp_mlp_not_wider": (_LAYERS, _LAYERS.replace("4 * ", "")),
        "smp_mlp_twice_as_wide": (_LAYERS, _LAYERS.replace("4 * ", "2 * ")),
        "smp_mlp_swapped": (
            _LAYERS,
            f"{_linear('c_fc', _4C, _C)}\n        {_linear('c_proj', _C, _4C)}",
        ),
        "smp_mlp_c_proj_not_back": (_BACK, _linear("c_proj", _4C, _4C)),
        "smp_mlp_bias_always": (_LAYERS, _LAYERS.replace(f", {_BIAS}", "")),
        "smp_mlp_bias_always_c_proj": (_BACK, _BACK.replace(f", {_BIAS}", "")),
        "smp_mlp_no_bias": (_LAYERS, _LAYERS.replace(_BIAS, "bias=False")),
        "smp_mlp_768": (_LAYERS, _LAYERS.replace(_4C, "3072").replace(_C, "768")),
        "smp_mlp_c_proj_missing": (_LAYERS, _FC),
        "smp_mlp_local": (_LAYERS, _LAYERS.replace("self.c_", "c_")),
        "smp_mlp_bare_name": (_LAYERS, _LAYERS.replace("config.n_embd", "n_embd")),
        "smp_mlp_sequential": (
            _FC,
            "self.c_fc = nn.Sequential(\n"
            f"            nn.Linear({_C}, {_4C}, {_BIAS}), nn.GELU()\n        )",
        ),
    },
    "mlp": {
        "smp_mlp_no_gelu": _four(_UP, _DOWN, _DROPPED),
        "smp_mlp_gelu_last": _four(_UP, _DOWN, _BEND, _DROPPED),
        "smp_mlp_gelu_first": _four(_BEND, _UP, _DOWN, _DROPPED),
        "smp_mlp_gelu_class": _four(_UP, "x = nn.GELU(x)", _DOWN, _DROPPED),
        "smp_mlp_relu": _four(_UP, "x = F.relu(x)", _DOWN, _DROPPED),
        "smp_mlp_silu": _four(_UP, "x = F.silu(x)", _DOWN, _DROPPED),
        "smp_mlp_quick_gelu": _four(_UP, "x = x * torch.sigmoid(1.702 * x)", _DOWN, _DROPPED),
        "smp_mlp_not_back": _four(_UP, _BEND, _DROPPED),
        "smp_mlp_order": _four(_DOWN, _BEND, _UP, _DROPPED),
        "smp_mlp_not_kept": _four(
            *(line.removeprefix("x = ") for line in (_UP, _BEND, _DOWN, _DROPPED))
        ),
        "smp_mlp_residual": _four(
            "x = x + self.dropout(self.c_proj(self.gelu(self.c_fc(x))))",
        ),
        "smp_mlp_no_dropout": _four(_UP, _BEND, _DOWN),
        "smp_mlp_dropout_lost": _four(_UP, _BEND, _DOWN, "self.dropout(x)"),
        "smp_mlp_dropout_not_last": _four(_UP, _BEND, _DROPPED, _DOWN),
        "smp_mlp_dropout_alive": _four(_UP, _BEND, _DOWN, "x = F.dropout(x, self.dropout.p)"),
    },
    "block": {
        "smp_norm_after": (
            _BLOCK,
            "x = self.ln_1(x + self.attn(x))\n        x = self.ln_2(x + self.mlp(x))",
        ),
        "smp_norms_of_outputs": (
            _BLOCK,
            "x = x + self.ln_1(self.attn(x))\n        x = x + self.ln_2(self.mlp(x))",
        ),
        "smp_no_residual_attention": (_ATTEND, "x = self.attn(self.ln_1(x))"),
        "smp_no_residual_mlp": (_THINK, "x = self.mlp(self.ln_2(x))"),
        "smp_no_residuals": (
            _BLOCK,
            "x = self.attn(self.ln_1(x))\n        x = self.mlp(self.ln_2(x))",
        ),
        "smp_residual_of_normed": (_ATTEND, "x = self.ln_1(x)\n        x = x + self.attn(x)"),
        "smp_residual_of_normed_mlp": (_THINK, "x = self.ln_2(x)\n        x = x + self.mlp(x)"),
        "smp_residual_of_normed_both": (
            _BLOCK,
            "x = self.ln_1(x)\n        x = x + self.attn(x)\n"
            "        x = self.ln_2(x)\n        x = x + self.mlp(x)",
        ),
        "smp_no_ln_1": (_ATTEND, "x = x + self.attn(x)"),
        "smp_no_ln_2": (_THINK, "x = x + self.mlp(x)"),
        "smp_no_norms": (_BLOCK, "x = x + self.attn(x)\n        x = x + self.mlp(x)"),
        "smp_ln_1_twice": (_THINK, _THINK.replace("ln_2", "ln_1")),
        "smp_ln_2_twice": (_ATTEND, _ATTEND.replace("ln_1", "ln_2")),
        "smp_block_in_parallel": (
            _BLOCK,
            "x = x + self.attn(self.ln_1(x)) + self.mlp(self.ln_2(x))",
        ),
        "smp_second_from_x": (
            _BLOCK,
            "y = x + self.attn(self.ln_1(x))\n        x = x + self.mlp(self.ln_2(y))",
        ),
        "smp_block_sum_lost": (
            _BLOCK,
            "y = x + self.attn(self.ln_1(x))\n        x = y + self.mlp(self.ln_2(x))",
        ),
        "smp_block_no_mlp": (_BLOCK, _ATTEND),
        "smp_block_attention_twice": (_THINK, "x = x + self.attn(self.ln_2(x))"),
        "smp_block_not_kept": (
            _BLOCK,
            "self.attn(self.ln_1(x))\n        self.mlp(self.ln_2(x))",
        ),
        "smp_block_in_place": (_BLOCK, _BLOCK.replace("x = x +", "x +=")),
        "smp_block_other_names": (_BLOCK, _BLOCK.replace("ln_", "norm")),
    },
    "embed": {
        "smp_embed_no_places": (_EMBED, "x = self.transformer.drop(tok_emb)"),
        "smp_embed_no_tokens": (_EMBED, "x = self.transformer.drop(pos_emb.repeat(B, 1, 1))"),
        "smp_embed_places_constant": (_EMBED, _EMBED.replace("pos_emb", "pos_emb[0]")),
        "smp_embed_places_from_1": (
            _EMBED,
            _EMBED.replace("pos_emb", "self.transformer.wpe(pos + 1)"),
        ),
        "smp_embed_place_numbers": (_EMBED, _EMBED.replace("pos_emb", "pos")),
        "smp_embed_product": (_EMBED, _EMBED.replace("+", "*")),
        "smp_embed_joined": (
            _EMBED,
            "both = (tok_emb, pos_emb.expand(B, -1, -1))\n"
            "        x = self.transformer.drop(torch.cat(both, dim=-1))",
        ),
        "smp_embed_scaled": (
            _EMBED,
            _EMBED.replace("tok_emb", "tok_emb * math.sqrt(self.config.n_embd)"),
        ),
        "smp_embed_no_dropout": (_EMBED, "x = tok_emb + pos_emb"),
        "smp_embed_dropout_each": (
            _EMBED,
            "x = self.transformer.drop(tok_emb) + self.transformer.drop(pos_emb)",
        ),
        "smp_embed_dropout_tokens": (_EMBED, "x = self.transformer.drop(tok_emb) + pos_emb"),
        "smp_embed_dropout_alive": (
            _EMBED,
            "x = F.dropout(tok_emb + pos_emb, self.config.dropout)",
        ),
        "smp_embed_other_name": (_EMBED, _EMBED.replace("self.transformer.drop", "self.drop")),
        "smp_embed_normed": (_EMBED, f"{_EMBED}\n        x = self.transformer.ln_f(x)"),
        "smp_embed_not_kept": (_EMBED, _EMBED.replace("x = ", "")),
    },
    "blocks": {
        "smp_blocks_not_kept": (_LOOP, _LOOP.replace("x = block", "block")),
        "smp_blocks_first": (_LOOP, "x = self.transformer.h[0](x)"),
        "smp_blocks_each_from_start": (
            _LOOP,
            "for block in self.transformer.h:\n            y = block(x)\n        x = y",
        ),
        "smp_blocks_backwards": (
            _LOOP,
            _LOOP.replace("self.transformer.h", "reversed(self.transformer.h)"),
        ),
        "smp_blocks_last_missing": (_LOOP, _LOOP.replace("transformer.h", "transformer.h[:-1]")),
        "smp_blocks_one_for_all": (
            _LOOP,
            "for _ in range(self.config.n_layer):\n            x = self.transformer.h[0](x)",
        ),
        "smp_blocks_12": (
            _LOOP,
            "for i in range(12):\n            x = self.transformer.h[i](x)",
        ),
        "smp_blocks_residual": (_LOOP, _LOOP.replace("x = block", "x = x + block")),
        "smp_blocks_summed": (_LOOP, "x = sum(block(x) for block in self.transformer.h)"),
        "smp_blocks_returned": (_LOOP, _LOOP.replace("x = block", "return block")),
        "smp_blocks_list_called": (_LOOP, "x = self.transformer.h(x)"),
        "smp_blocks_normed_each": (
            _LOOP,
            _LOOP.replace("block(x)", "self.transformer.ln_f(block(x))"),
        ),
        "smp_blocks_normed": (_LOOP, f"{_LOOP}\n        x = self.transformer.ln_f(x)"),
    },
    "last": {
        "smp_last_all": (_LAST, "logits = self.lm_head(x)"),
        "smp_last_no_axis": (_LAST, "logits = self.lm_head(x[:, -1, :])"),
        "smp_last_head_of_all": (_LAST, "logits = self.lm_head(x)[:, [-1], :]"),
        "smp_last_first": (_LAST, _LAST.replace("-1", "0")),
        "smp_last_before": (_LAST, "logits = self.lm_head(x[:, -2:-1, :])"),
        "smp_last_past_the_end": (_LAST, _LAST.replace("[-1]", "[T]")),
        "smp_last_text": (_LAST, "logits = self.lm_head(x[[-1], :, :])"),
        "smp_last_no_head": (_LAST, "logits = x[:, [-1], :]"),
        "smp_last_softmax": (_LAST, "logits = F.softmax(self.lm_head(x[:, [-1], :]), dim=-1)"),
        "smp_last_axis_moved": (_LAST, "logits = self.lm_head(x[:, -1, :]).unsqueeze(0)"),
        "smp_last_mean": (_LAST, "logits = self.lm_head(x.mean(1, keepdim=True))"),
        "smp_last_ids": (_LAST, f"{_LAST}.argmax(-1)"),
        "smp_last_places_lost": (_LAST, _LAST.replace("[-1]", ":-1")),
        "smp_last_wte": (_LAST, _LAST.replace("self.lm_head", "self.transformer.wte")),
        "smp_last_normed_twice": (
            _LAST,
            "x = self.transformer.ln_f(x)\n        logits = self.lm_head(x[:, [-1], :])",
        ),
    },
    "layer_norm": {
        "layernorm_unbiased": (_VAR, "var = input.var(-1, keepdim=True)"),
        "layernorm_eps_outside": (
            _NORM,
            _NORM.replace("sqrt(var + 1e-5)", "sqrt(var)").replace(
                " / torch.sqrt(var)", " / (torch.sqrt(var) + 1e-5)"
            ),
        ),
        "layernorm_eps_small": (_NORM, _NORM.replace("1e-5", "1e-6")),
        "layernorm_no_eps": (_NORM, _NORM.replace(" + 1e-5", "")),
        "layernorm_no_root": (_NORM, "out = (input - mean) / (var + 1e-5) * self.weight"),
        "layernorm_axis_counted": _norm(_MEAN.replace("-1", "2"), _VAR.replace("-1", "2")),
        "layernorm_over_time": _norm(_MEAN.replace("-1", "1"), _VAR.replace("-1", "1")),
        "layernorm_over_batch": _norm(_MEAN.replace("-1", "0"), _VAR.replace("-1", "0")),
        "layernorm_no_keepdim": _norm(
            _MEAN.replace(", keepdim=True", ""), _VAR.replace(", keepdim=True", "")
        ),
        "layernorm_no_mean": (_NORM, _NORM.replace("(input - mean)", "input")),
        "layernorm_root_mean_square": _norm("mean = 0", "var = (input**2).mean(-1, keepdim=True)"),
        "layernorm_detached": (_VAR, f"mean = mean.detach()\n        {_VAR}.detach()"),
        "smp_norm_in_place": (
            _NORM,
            "input -= mean\n        out = input / torch.sqrt(var + 1e-5) * self.weight",
        ),
        "smp_norm_input": (_MEAN, _MEAN.replace("input.", "x.")),
        "smp_norm_no_weight": (_NORM, _NORM.replace(" * self.weight", "")),
        "smp_norm_no_bias": (_PLUS, "return out"),
        "smp_norm_bias_first": (
            _FOLDED,
            f"{_NORM.replace(' * self.weight', '')}\n"
            "        if self.bias is not None:\n            out = out + self.bias\n"
            "        return out * self.weight",
        ),
        "smp_norm_swapped": (
            _FOLDED,
            f"{_NORM.replace(' * self.weight', '')}\n"
            "        if self.bias is None:\n            return out * self.weight\n"
            "        return out * self.bias + self.weight",
        ),
        "smp_norm_bias_none": (_PLUS, "return out + self.bias"),
        "smp_norm_if_bias": (_PLUS, "return out + self.bias if self.bias else out"),
        "smp_norm_returns_nothing": (_PLUS, "out = out if self.bias is None else out + self.bias"),
        "smp_norm_of_torch": (
            _FOLDED,
            "return torch.layer_norm(\n"
            "            input, self.weight.shape, self.weight, self.bias, 1e-5\n        )",
        ),
        "smp_norm_of_nn": (
            _FOLDED,
            "norm = nn.LayerNorm(input.size(-1), elementwise_affine=False)\n"
            "        out = norm(input) * self.weight\n"
            f"        {_PLUS}",
        ),
    },
    "write": {
        "smp_write_no_crop": (_SEEN, _SEEN.replace("[:, -block_size:]", "")),
        "smp_write_1024": (_SIZE, "block_size = 1024"),
        "smp_write_config": (_SIZE, "block_size = model.block_size"),
        "smp_write_crop_first": (_SEEN, _SEEN.replace("-block_size:", ":block_size")),
        "smp_write_crop_less": (_SEEN, _SEEN.replace("-block_size:", "-block_size + 1:")),
        "smp_write_last_only": (_SEEN, _SEEN.replace("-block_size:", "-1:")),
        "smp_write_text_cropped": (
            _SEEN,
            "idx = idx[:, -block_size:]\n        logits = model(idx)[:, -1, :]",
        ),
        "smp_write_axis": (_SEEN, "logits = model(idx[:, -block_size:])"),
        "smp_write_squeezed": (_SEEN, "logits = model(idx[:, -block_size:]).squeeze()"),
        "smp_write_odds": (_NEW, _NEW.replace("logits,", "torch.softmax(logits, -1),")),
        "smp_write_no_temperature": (_NEW, "new = choose(logits, 1.0, top_k, generator=generator)"),
        "smp_write_always_greedy": (
            _NEW,
            "new = choose(logits, top_k=top_k, generator=generator)",
        ),
        "smp_write_argmax": (_NEW, "new = logits.argmax(dim=-1, keepdim=True)"),
        "smp_write_zero": (
            _NEW,
            "new = torch.multinomial(\n"
            "            torch.softmax(logits / temperature, dim=-1), 1, generator=generator\n"
            "        )",
        ),
        "smp_write_no_top_k": (_NEW, "new = choose(logits, temperature, generator=generator)"),
        "smp_write_no_generator": (_NEW, "new = choose(logits, temperature, top_k)"),
        "smp_write_choose": (_NEW, _NEW.replace("generator=", "")),
        "smp_write_knobs_swapped": (_NEW, _NEW.replace("temperature, top_k", "top_k, temperature")),
        "smp_write_reseeds": (
            _SIZE,
            f"{_SIZE}\n    generator = torch.Generator().manual_seed(1337)",
        ),
        "smp_write_one_draw_for_all": (
            _NEW,
            "new = choose(logits[:1], temperature, top_k, generator=generator)\n"
            "        new = new.expand(len(idx), 1)",
        ),
        "smp_write_only_new": (
            _WRITTEN,
            f"{_CAT}\n    return idx[:, -max_new_tokens:] if max_new_tokens else idx[:, :0]",
        ),
        "smp_write_one": (_WRITTEN, f"{_CAT}\n        return idx"),
        "smp_write_nothing": (_CAT, "torch.cat((idx, new), dim=1)"),
        "smp_write_returns_nothing": (_WRITTEN, _CAT),
        "smp_write_in_front": (_CAT, _CAT.replace("idx, new", "new, idx")),
        "smp_write_other_model": (_SEEN, _SEEN.replace("model(", "gpt(")),
        "smp_write_one_less": (_STEPS, _STEPS.replace("(max_", "(1, max_")),
        "smp_write_eval": (_SIZE, f"{_SIZE}\n    model.eval()"),
    },
    "letter": {
        "smp_letter_empty": (_TEXT, '""'),
        "smp_letter_no_prompt": (_PROMPT, '"prompt": ""'),
        "smp_letter_agree_in_quotes": (_AGREE, _AGREE.replace("False", '"True"')),
        "smp_letter_list": (_TEXT, '["Good morrow,", "my queen"]'),
        "smp_letter_key_lost": (_PROMPT, '"start": "Good morrow, my"'),
        "smp_letter_settings_text": (
            _SETTINGS,
            '"settings": "--temperature=0.8 --top_k=40 --seed=7"',
        ),
        "smp_letter_setting_text": (_SETTINGS, _SETTINGS.replace("0.8", '"0.8"')),
        "smp_letter_no_seed": (_SETTINGS, _SETTINGS.replace(', "seed": 3', "")),
        "smp_letter_is_prompt": (_TEXT, '"Good morrow, my"'),
        "smp_letter_temperature_below_0": (_SETTINGS, _SETTINGS.replace("0.8", "-0.8")),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    15: ("smp_mask_turned", "smp_mask_inverted"),
    16: ("smp_mask_diagonal",),
    17: ("smp_weights_over_queries", "smp_weights_over_heads", "smp_weights_over_texts"),
    18: ("smp_mask_after_softmax",),
    19: ("smp_mask_with_0", "smp_mask_times", "smp_mask_tril_of_scores"),
    20: ("smp_mask_number",),
    21: ("smp_mask_nan",),
    22: ("smp_scores_not_scaled",),
    23: ("smp_scores_by_width",),
    24: ("smp_scores_by_size",),
    25: ("smp_scores_multiplied",),
    26: ("smp_scores_not_transposed", "smp_scores_other_axes", "smp_scores_dot_T"),
    29: ("smp_mask_not_cut", "smp_mask_cut_in_front"),
    30: ("smp_c_attn_plain_list",),
    31: ("smp_c_attn_one_object",),
    32: ("smp_heads_size", "smp_heads_not_shared"),
    34: ("smp_heads_not_moved", "smp_heads_viewed", "smp_heads_viewed_strictly"),
    35: ("smp_heads_contiguous",),
    37: ("smp_out_not_projected",),
    38: (
        "smp_heads_interleaved",
        "smp_heads_split_size",
        "smp_heads_q_and_k",
    ),
    40: ("smp_weights_dropout_first",),
    41: ("smp_norm_after", "smp_norms_of_outputs"),
    42: (
        "smp_no_residual_attention",
        "smp_no_residual_mlp",
        "smp_no_residuals",
        "smp_second_from_x",
    ),
    43: ("smp_residual_of_normed", "smp_residual_of_normed_mlp", "smp_residual_of_normed_both"),
    44: ("smp_ln_1_twice",),
    46: ("layernorm_unbiased",),
    47: ("layernorm_eps_outside",),
    48: ("layernorm_eps_small", "layernorm_no_eps"),
    49: (
        "layernorm_over_time",
        "layernorm_over_batch",
    ),
    50: ("smp_norm_no_weight", "smp_norm_no_bias"),
    52: ("smp_mlp_silu", "smp_mlp_quick_gelu"),
    53: ("smp_mlp_relu",),
    54: ("smp_mlp_not_wider", "smp_mlp_twice_as_wide"),
    11: ("smp_write_always_greedy", "smp_write_argmax"),
    85: ("smp_write_zero",),
    90: ("smp_write_no_crop", "smp_write_crop_first"),
    55: ("smp_embed_no_places", "smp_embed_places_constant", "smp_embed_places_from_1"),
    56: ("smp_mask_on_cpu",),
    57: ("smp_blocks_one_for_all",),
    60: (
        "smp_weights_dropout_alive",
        "smp_out_dropout_alive",
        "smp_mlp_dropout_alive",
        "smp_embed_dropout_alive",
    ),
    61: (
        "smp_c_attn_bias_always",
        "smp_c_attn_no_bias",
        "smp_mlp_bias_always",
        "smp_mlp_no_bias",
    ),
}

# Two ways to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "smp_c_attn_of_a_head_once": "smp_c_attn_of_a_head",
    "smp_c_attn_float": "smp_heads_float",
    "smp_c_attn_768": "smp_sizes_fixed",
    "smp_c_attn_bias_always": "smp_bias_always",
    "smp_c_attn_no_bias": "smp_bias_ignored",
    "smp_c_attn_local": "smp_part_missing",
    "smp_c_attn_bare_name": "smp_not_in_init",
    "smp_c_attn_one_object": "smp_c_attn_plain_list",
    "smp_heads_viewed_strictly": "smp_heads_contiguous",
    "smp_heads_split_size": "smp_heads_hs_in_front",
    "smp_heads_12": "smp_sizes_fixed",
    "smp_heads_not_kept": "smp_not_kept",
    "smp_heads_left_v": "smp_heads_left",
    "smp_heads_config": "smp_config_in_init",
    "smp_mask_cut_in_front": "smp_mask_not_cut",
    "smp_mask_times": "smp_mask_with_0",
    "smp_mask_tril_of_scores": "smp_mask_with_0",
    "smp_mask_after_softmax": "smp_mask_shares",
    "smp_weights_no_axis": "smp_weights_over_heads",
    "smp_weights_not_kept": "smp_weights_raw",
    "smp_weights_overflow": "soft_overflow",
    "smp_weights_dropout_lost": "smp_weights_no_dropout",
    "smp_weights_resid_dropout": "smp_weights_no_dropout",
    "smp_weights_dropout_alive": "dropout_in_evaluation",
    "smp_weights_dropout_number": "smp_dropout_number",
    "smp_weights_renormalised": "att_dropout_renormalised",
    "smp_out_dropout_first": "dropout_before_projection",
    "smp_out_dropout_alive": "dropout_in_evaluation",
    "smp_out_dropout_number": "smp_dropout_number",
    "smp_mlp_not_wider": "smp_mlp_narrow",
    "smp_mlp_twice_as_wide": "smp_mlp_narrow",
    "smp_mlp_bias_always": "smp_bias_always",
    "smp_mlp_bias_always_c_proj": "smp_bias_always",
    "smp_mlp_no_bias": "smp_bias_ignored",
    "smp_mlp_768": "smp_sizes_fixed",
    "smp_mlp_c_proj_missing": "smp_part_missing",
    "smp_mlp_local": "smp_part_missing",
    "smp_mlp_bare_name": "smp_not_in_init",
    "smp_mlp_dropout_lost": "smp_mlp_no_dropout",
    "smp_mlp_dropout_alive": "dropout_in_evaluation",
    "smp_block_sum_lost": "smp_block_in_parallel",
    "smp_block_not_kept": "smp_not_kept",
    "smp_block_other_names": "smp_own_names",
    "smp_embed_dropout_tokens": "smp_embed_dropout_each",
    "smp_embed_dropout_alive": "dropout_in_evaluation",
    "smp_embed_other_name": "smp_own_names",
    "smp_embed_not_kept": "smp_not_kept",
    "smp_blocks_12": "smp_sizes_fixed",
    "smp_blocks_list_called": "smp_list_called",
    "layernorm_eps_small": "layernorm_eps",
    "smp_norm_in_place": "changes_its_input",
    "smp_norm_returns_nothing": "forward_returns_nothing",
    "smp_norm_of_nn": "smp_norm_of_torch",
    "smp_write_1024": "smp_write_no_crop",
    "smp_write_argmax": "smp_write_always_greedy",
    "smp_write_one_less": "smp_write_count",
    "smp_write_one_draw_for_all": "smp_write_rows",
    "smp_write_eval": "dec_training_changed",
    "smp_write_returns_nothing": "dec_nothing_returned",
    "smp_letter_empty": "smp_letter_form",
    "smp_letter_setting_text": "smp_letter_setting",
    "smp_letter_no_seed": "smp_letter_setting",
    "smp_letter_temperature_below_0": "smp_letter_setting",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {
    "smp_heads_viewed",
    "smp_mask_diagonal",
    "smp_residual_of_normed",
    "smp_last_head_of_all",
    "layernorm_unbiased",
}

# What one test of `last` puts together.
FILE = ("c_attn", "heads", "scores", "mask", "weights", "out", "mlp_init", "mlp", "block", "embed", "blocks", "layer_norm")  # fmt: skip

MISTAKES = [
    replace(mistake, also=("last",) if mistake.item in FILE else ())
    for mistake in catalogue.mistakes(WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS)
]

_PASS = "pass"

# item -> the input, zeros, a constant, a part of it: answers without thought.
_NO_THOUGHT = {
    "c_attn": (
        "self.c_attn = nn.Identity()",
        "self.c_attn = None",
        "self.c_attn = nn.Linear(1, 1)",
        "self.c_attn = nn.Linear(config.n_embd, config.n_embd)",
    ),
    "heads": (
        _PASS,
        "q = k = v = torch.zeros(B, self.n_head, T, C // self.n_head)",
        "q = k = v = torch.ones(B, self.n_head, T, C // self.n_head)",
        "q, k, v = q[:, None], k[:, None], v[:, None]",
    ),
    "scores": (
        "att = q",
        "att = torch.zeros(B, self.n_head, T, T)",
        "att = torch.ones(B, self.n_head, T, T)",
        "att = q @ k.transpose(-2, -1)",
    ),
    "mask": (
        _PASS,
        "att = torch.zeros_like(att)",
        "att = torch.ones_like(att)",
        "att = att.masked_fill(att < 0, 0)",
    ),
    "weights": (
        _PASS,
        "att = torch.zeros_like(att)",
        "att = torch.full_like(att, 1 / T)",
        "att = self.attn_dropout(att)",
    ),
    "out": (
        _PASS,
        "y = torch.zeros_like(y)",
        "y = torch.ones_like(y)",
        "y = self.resid_dropout(y)",
    ),
    "mlp_init": (
        "self.c_fc = self.c_proj = nn.Identity()",
        "self.c_fc = self.c_proj = None",
        "self.c_fc = self.c_proj = nn.Linear(1, 1)",
        "self.c_fc = nn.Linear(config.n_embd, config.n_embd)",
    ),
    "mlp": (_PASS, "x = torch.zeros_like(x)", "x = torch.ones_like(x)", "x = self.gelu(x)"),
    "block": (_PASS, "x = torch.zeros_like(x)", "x = torch.ones_like(x)", "x = self.attn(x)"),
    "embed": (
        "x = tok_emb",
        "x = torch.zeros_like(tok_emb)",
        "x = torch.ones_like(tok_emb)",
        "x = pos_emb.expand(B, T, -1)",
    ),
    "blocks": (
        _PASS,
        "x = torch.zeros_like(x)",
        "x = torch.ones_like(x)",
        "x = self.transformer.h[0](x)",
    ),
    "last": (
        "logits = x",
        "logits = torch.zeros(B, 1, self.config.vocab_size)",
        "logits = torch.ones(B, 1, self.config.vocab_size)",
        "logits = self.lm_head(x)",
    ),
    "layer_norm": (
        "return input",
        "return torch.zeros_like(input)",
        "return torch.ones_like(input)",
        "return F.layer_norm(input, self.weight.shape, self.weight, self.bias)",
    ),
    "write": (
        "return idx",
        "return torch.zeros(len(idx), idx.shape[1] + max_new_tokens, dtype=torch.long)",
        "return torch.cat((idx, idx.new_ones(len(idx), max_new_tokens)), dim=1)",
        "return torch.cat((idx, model(idx)[:, -1:].argmax(-1)), dim=1)",
    ),
    "letter": (
        "letter = {}",
        "letter = None",
        'letter = "I love you"',
        'letter = {"prompt": "", "settings": {}, "letter": "", "agree": None, "name": ""}',
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
