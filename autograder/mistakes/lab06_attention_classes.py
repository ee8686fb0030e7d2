"""What students write in lab06_attention_classes: wrong answers, lazy ones, and right ones.

A mistake is a substitution in the text of solutions/lab06_attention_classes.py; its sentence stands
under its id, or that of a mistake of the same cause, in gptlab/checks/causes/. The right answers
stand in lab06_attention_classes_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab06_attention_classes_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]


def but(whole: str, *pairs: tuple[str, str]) -> tuple[str, str]:
    """These lines of the solution, and what becomes of them: each old text stands in them once."""
    new = whole
    for old, said in pairs:
        if new.count(old) != 1:
            raise ValueError(f"{old!r} stands {new.count(old)} times in {whole!r}")
        new = new.replace(old, said)
    return whole, new


def lines(*each: str) -> str:
    """Lines of a method."""
    return "\n        ".join(each)


# Lines of the solution that mistakes replace.
_DOTS = "scores = inputs @ inputs.T  # (T, T)"
_SOFT = "weights = torch.softmax(scores, dim=-1)"
_BOTH = "return weights, weights @ inputs"
_SIMPLE = f"{_DOTS}\n    {_SOFT}\n    {_BOTH}"

_V1_QUERY = "self.W_query = nn.Parameter(torch.rand(d_in, d_out))"
_V1_KEY = "self.W_key = nn.Parameter(torch.rand(d_in, d_out))"
_V1_VALUE = "self.W_value = nn.Parameter(torch.rand(d_in, d_out))"
_V1_INIT = lines(_V1_QUERY, _V1_KEY, _V1_VALUE)
_V1_QUERIES = "queries = x @ self.W_query  # (T, d_out)"
_V1_KEYS = "keys = x @ self.W_key"
_V1_VALUES = "values = x @ self.W_value"
_OPEN = lines(
    "scores = queries @ keys.T  # (T, T)",
    "weights = torch.softmax(scores / keys.shape[-1] ** 0.5, dim=-1)",
    "return weights @ values",
)
_V1_REST = lines(_V1_VALUES, _OPEN)
_V1_FORWARD = lines(_V1_QUERIES, _V1_KEYS, _V1_REST)

_LAYERS = lines(
    "self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)",
    "self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)",
    "self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)",
)
_END = "### END SOLUTION"
_V2_INIT = lines(_LAYERS, _END)
_V2_QUERIES = "queries = self.W_query(x)  # (T, d_out)"
_V2_REST = lines("values = self.W_value(x)", _OPEN)
_V2_FORWARD = lines(_V2_QUERIES, "keys = self.W_key(x)", _V2_REST)

_COPIES = """with torch.no_grad():
        v1.W_query.copy_(v2.W_query.weight.T)
        v1.W_key.copy_(v2.W_key.weight.T)
        v1.W_value.copy_(v2.W_value.weight.T)"""

_DROPOUT = "self.dropout = nn.Dropout(dropout)"
_ONES = "ones = torch.ones(context_length, context_length)"
_REGISTER = 'self.register_buffer("mask", torch.triu(ones, diagonal=1))'
_KEPT = lines(_DROPOUT, _ONES, _REGISTER)
_CA_INIT = lines(_LAYERS, _KEPT)
_CA_QUERIES = lines("T = x.shape[1]", "queries = self.W_query(x)  # (B, T, d_out)")
_CA_SCORES = "scores = queries @ keys.transpose(1, 2)  # (B, T, T)"
_FILL = "scores = scores.masked_fill(self.mask.bool()[:T, :T], -torch.inf)"
_CA_SOFT = "weights = torch.softmax(scores / keys.shape[-1] ** 0.5, dim=-1)"
_CA_MIX = "return self.dropout(weights) @ values"
_CA_MASKED = lines(_FILL, _CA_SOFT, _CA_MIX)
_CA_FORWARD = lines(
    _CA_QUERIES, "keys = self.W_key(x)", "values = self.W_value(x)", _CA_SCORES, _CA_MASKED
)

_HEADS = "CausalAttention(d_in, d_out, context_length, dropout, qkv_bias)"
_EACH = lines(f"    {_HEADS}", "    for _ in range(num_heads)")
_LIST = lines("self.heads = nn.ModuleList([", _EACH, "])")
_SIDE = "return torch.cat([head(x) for head in self.heads], dim=-1)"

_ASSERT = 'assert d_out % num_heads == 0, "d_out must be divisible by num_heads"'
_COUNT = "self.num_heads = num_heads"
_HEAD_DIM = "self.head_dim = d_out // num_heads"
_PROJ = "self.out_proj = nn.Linear(d_out, d_out)"
_MH_LAYERS = lines(_HEAD_DIM, _LAYERS)
_MH_KEPT = lines(_PROJ, _KEPT)
_SIZES = "heads = (B, T, self.num_heads, self.head_dim)"
_SPLIT_Q = "queries = queries.view(heads).transpose(1, 2)  # (B, heads, T, size)"
_SPLIT_K = "keys = keys.view(heads).transpose(1, 2)"
_SPLIT_V = "values = values.view(heads).transpose(1, 2)"
_MH_LAYERED = lines("keys = self.W_key(x)", "values = self.W_value(x)", _SIZES)
_SPLIT = lines(_SIZES, _SPLIT_Q, _SPLIT_K, _SPLIT_V)
_MH_SCORES = "scores = queries @ keys.transpose(2, 3)  # (B, heads, T, T)"
_MH_SOFT = "weights = torch.softmax(scores / self.head_dim**0.5, dim=-1)"
_MH_MIX = "out = self.dropout(weights) @ values  # (B, heads, T, head_dim)"
_MERGE = "out = out.transpose(1, 2).reshape(B, T, self.d_out)"
_LEAVES = "return self.out_proj(out)"
_MH_MASKED = lines(_FILL, _MH_SOFT, _MH_MIX)
_MH_END = lines(_MH_MIX, _MERGE, _LEAVES)
_MH_REST = lines(_SPLIT, _MH_SCORES, _FILL, _MH_SOFT, _MH_END)

_SCALE = "scores / keys.shape[-1] ** 0.5"
_HEAD_SCALE = "scores / self.head_dim**0.5"
_INF = "-torch.inf"
_CUT = "self.mask.bool()[:T, :T]"
_TRIU = "torch.triu(ones, diagonal=1)"

# What goes wrong in all three classes, by the names of its lines.
_NO_SCALE = (_SCALE, "scores")
_BY_D_IN = (_SCALE, "scores / x.shape[-1] ** 0.5")
_BY_SIZE = (_SCALE, "scores / keys.shape[-1]")
_TIMES_ROOT = (_SCALE, "scores * keys.shape[-1] ** 0.5")
_OVER_QUERIES = ("dim=-1", "dim=-2")
_UNSCALED = f"torch.softmax({_SCALE}, dim=-1)"
_HALF = (_SCALE, "scores / keys.shape[-1] ** 1 / 2")
_FIXED = (_SCALE, "scores / 2**0.5")
_SCALE_LATE = (_UNSCALED, "torch.softmax(scores, dim=-1) / keys.shape[-1] ** 0.5")


# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "simple_attention": {
        "simple_no_transpose": (_DOTS, "scores = inputs @ inputs"),
        "simple_elementwise": (_DOTS, "scores = inputs * inputs"),
        "simple_one_query": (_DOTS, "scores = inputs @ inputs[1]"),
        "simple_sizes_fixed": (
            _DOTS,
            "scores = torch.zeros(6, 6)\n    for t in range(6):\n        for s in range(6):\n"
            "            scores[t, s] = inputs[t] @ inputs[s]",
        ),
        "simple_cosine": (_DOTS, "unit = F.normalize(inputs, dim=-1)\n    scores = unit @ unit.T"),
        "simple_scaled": (_DOTS, "scores = inputs @ inputs.T / inputs.shape[-1] ** 0.5"),
        "simple_masked": (
            _DOTS,
            "scores = inputs @ inputs.T\n    future = torch.ones_like(scores).triu(1).bool()\n"
            "    scores = scores.masked_fill(future, -torch.inf)",
        ),
        "simple_over_columns": (_SOFT, "weights = torch.softmax(scores, dim=0)"),
        "simple_over_all": (
            _SOFT,
            "weights = torch.softmax(scores.flatten(), dim=0).view(scores.shape)",
        ),
        "simple_not_exp": (_SOFT, "weights = scores / scores.sum(dim=-1, keepdim=True)"),
        "simple_scores": (_SOFT, "weights = scores"),
        "simple_order": (_BOTH, "return weights @ inputs, weights"),
        "simple_only_context": (_BOTH, "return weights @ inputs"),
        "simple_mix_of_scores": (_BOTH, "return weights, scores @ inputs"),
        "simple_transposed": (_BOTH, "return weights, weights.T @ inputs"),
        "simple_inputs": (_BOTH, "return weights, inputs"),
        "simple_context_is_weights": (_BOTH, "return weights, weights"),
    },
    "v1": {
        "v1_plain_tensor": (
            _V1_INIT,
            lines(
                "self.W_query = torch.rand(d_in, d_out)",
                "self.W_key = torch.rand(d_in, d_out)",
                "self.W_value = torch.rand(d_in, d_out)",
            ),
        ),
        "v1_one_plain_tensor": (_V1_VALUE, "self.W_value = torch.rand(d_in, d_out)"),
        "v1_linear": but(
            _V1_QUERY, ("nn.Parameter(torch.rand(d_in, d_out))", "nn.Linear(d_in, d_out)")
        ),
        "v1_frozen": (
            _V1_INIT,
            _V1_INIT.replace("d_out))", "d_out), requires_grad=False)"),
        ),
        "v1_sizes_swapped": (_V1_INIT, _V1_INIT.replace("d_in, d_out", "d_out, d_in")),
        "v1_sizes_fixed": (_V1_INIT, _V1_INIT.replace("d_in, d_out", "3, 2")),
        "v1_one_matrix": (_V1_KEY, "self.W_key = self.W_query"),
        "v1_zeros": (_V1_INIT, _V1_INIT.replace("torch.rand", "torch.zeros")),
        "v1_seeded": (_V1_QUERY, lines("torch.manual_seed(123)", _V1_QUERY)),
        "v1_no_transpose": but(_V1_REST, ("keys.T", "keys")),
        "v1_query_is_key": (_V1_KEYS, "keys = x @ self.W_query"),
        "v1_q_and_k_swapped": but(_V1_REST, ("queries @ keys.T", "keys @ queries.T")),
        "v1_no_scale": but(_V1_REST, _NO_SCALE),
        "v1_scaled_by_d_in": but(_V1_REST, _BY_D_IN),
        "v1_scaled_by_size": but(_V1_REST, _BY_SIZE),
        "v1_scale_fixed": but(_V1_REST, _FIXED),
        "v1_half_the_size": but(_V1_REST, _HALF),
        "v1_scale_multiplied": but(_V1_REST, _TIMES_ROOT),
        "v1_softmax_first": but(_V1_REST, _SCALE_LATE),
        "v1_over_queries": but(_V1_REST, _OVER_QUERIES),
        "v1_masked": but(
            _V1_REST, (_SCALE, "scores.tril().masked_fill(scores.tril() == 0, -torch.inf)")
        ),
        "v1_mixes_keys": but(_V1_REST, ("weights @ values", "weights @ keys")),
        "v1_values_from_x": but(_V1_REST, ("weights @ values", "weights @ x")),
        "v1_only_weights": but(_V1_REST, ("weights @ values", "weights")),
    },
    "v2": {
        "v2_bias_ignored": (_V2_INIT, _V2_INIT.replace("qkv_bias", "False")),
        "v2_bias_always": (_V2_INIT, _V2_INIT.replace(", bias=qkv_bias", "")),
        "v2_bias_unused": (
            _V2_FORWARD,
            lines(
                "queries = x @ self.W_query.weight.T",
                "keys = x @ self.W_key.weight.T",
                "values = x @ self.W_value.weight.T",
                _OPEN,
            ),
        ),
        "v2_weight_not_turned": (
            _V2_FORWARD,
            lines(
                "queries = x @ self.W_query.weight",
                "keys = x @ self.W_key.weight",
                "values = x @ self.W_value.weight",
                _OPEN,
            ),
        ),
        "v2_parameters": (
            _V2_INIT,
            lines(_V1_INIT, _END),
        ),
        "v2_sizes_swapped": (_V2_INIT, _V2_INIT.replace("d_in, d_out", "d_out, d_in")),
        "v2_one_layer": but(
            _V2_INIT,
            ("self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)", "self.W_key = self.W_query"),
        ),
        "v2_bias_some": but(
            _V2_INIT,
            (
                "self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)",
                "self.W_value = nn.Linear(d_in, d_out, bias=False)",
            ),
        ),
        "v2_layer_as_matrix": (_V2_QUERIES, "queries = x @ self.W_query"),
        "v2_scale_fixed": but(_V2_REST, _FIXED),
        "v2_two_things": but(_V2_REST, ("weights @ values", "weights, weights @ values")),
        "v2_q_and_k_swapped": but(_V2_REST, ("queries @ keys.T", "keys @ queries.T")),
        "v2_no_scale": but(_V2_REST, _NO_SCALE),
        "v2_scaled_by_d_in": but(_V2_REST, _BY_D_IN),
        "v2_scaled_by_size": but(_V2_REST, _BY_SIZE),
        "v2_over_queries": but(_V2_REST, _OVER_QUERIES),
        "v2_values_from_x": but(_V2_REST, ("weights @ values", "weights @ x")),
    },
    "transfer": {
        "transfer_no_grad": (_COPIES, _COPIES.replace("with torch.no_grad()", "if True")),
        "transfer_not_turned": (_COPIES, _COPIES.replace(".T", "")),
        "transfer_data_not_turned": (
            _COPIES,
            "v1.W_query.data = v2.W_query.weight.data\n    v1.W_key.data = v2.W_key.weight.data\n"
            "    v1.W_value.data = v2.W_value.weight.data",
        ),
        "transfer_reshaped": (_COPIES, _COPIES.replace(".T", ".reshape(v1.W_query.shape)")),
        "transfer_not_a_parameter": (
            _COPIES,
            "v1.W_query = v2.W_query.weight.T\n    v1.W_key = v2.W_key.weight.T\n"
            "    v1.W_value = v2.W_value.weight.T",
        ),
        "transfer_layer": (_COPIES, _COPIES.replace(".weight", "")),
        "transfer_other_way": (
            _COPIES,
            "with torch.no_grad():\n        v2.W_query.weight.copy_(v1.W_query.T)\n"
            "        v2.W_key.weight.copy_(v1.W_key.T)\n"
            "        v2.W_value.weight.copy_(v1.W_value.T)",
        ),
        "transfer_nothing": (
            _COPIES,
            "W_query = v2.W_query.weight.T\n    W_key = v2.W_key.weight.T\n"
            "    W_value = v2.W_value.weight.T",
        ),
        "transfer_rebound": (_COPIES, "v1 = v2"),
        "transfer_state_dict": (_COPIES, "v1.load_state_dict(v2.state_dict(), strict=False)"),
        "transfer_two_of_three": but(
            _COPIES, ("\n        v1.W_value.copy_(v2.W_value.weight.T)", "")
        ),
        "transfer_mixed_up": (
            _COPIES,
            _COPIES.replace("v2.W_key", "v2.W_none")
            .replace("v2.W_query", "v2.W_key")
            .replace("v2.W_none", "v2.W_query"),
        ),
        "transfer_frozen": (
            _COPIES,
            "for name in ['W_query', 'W_key', 'W_value']:\n"
            "        weight = getattr(v2, name).weight.T\n"
            "        setattr(v1, name, nn.Parameter(weight, requires_grad=False))",
        ),
    },
    "causal": {
        "ca_bias_ignored": (_CA_INIT, _CA_INIT.replace("qkv_bias", "False")),
        "ca_bias_always": (_CA_INIT, _CA_INIT.replace(", bias=qkv_bias", "")),
        "ca_one_layer": but(
            _CA_INIT,
            ("self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)", "self.W_key = self.W_query"),
        ),
        "ca_mask_plain": but(_CA_INIT, (_REGISTER, f"self.mask = {_TRIU}")),
        "ca_mask_parameter": but(_CA_INIT, (_REGISTER, f"self.mask = nn.Parameter({_TRIU})")),
        "ca_mask_none": but(_CA_INIT, (_REGISTER, f"self.mask = {_REGISTER}")),
        "ca_mask_size": but(_CA_INIT, (_ONES, "ones = torch.ones(d_out, d_out)")),
        "ca_mask_size_fixed": but(_CA_INIT, (_ONES, "ones = torch.ones(8, 8)")),
        "ca_dropout_share_kept": but(
            _CA_INIT, (_DROPOUT, "self.dropout = nn.Dropout(1 - dropout)")
        ),
        "ca_mask_lower": but(_CA_INIT, (_TRIU, "torch.tril(ones)")),
        "ca_mask_diagonal": but(_CA_INIT, (_TRIU, "torch.triu(ones)")),
        "ca_mask_ahead": but(_CA_INIT, (_TRIU, "torch.triu(ones, diagonal=2)")),
        "ca_dropout_fixed": but(_CA_INIT, (_DROPOUT, "self.dropout = nn.Dropout(0.1)")),
        "ca_T_is_B": but(_CA_QUERIES, ("x.shape[1]", "x.shape[0]")),
        "ca_dropout_on_x": but(
            _CA_FORWARD,
            ("T = x.shape[1]", lines("T = x.shape[1]", "x = self.dropout(x)")),
            ("self.dropout(weights)", "weights"),
        ),
        "ca_query_is_key": but(_CA_FORWARD, ("self.W_key", "self.W_query")),
        "ca_no_transpose": (_CA_SCORES, "scores = queries @ keys"),
        "ca_all_axes_reversed": (_CA_SCORES, "scores = queries @ keys.T"),
        "ca_other_axes": (_CA_SCORES, "scores = queries @ keys.transpose(0, 1)"),
        "ca_keys_reshaped": (
            _CA_SCORES,
            "scores = queries @ keys.reshape(keys.shape[0], keys.shape[2], keys.shape[1])",
        ),
        "ca_q_and_k_swapped": (_CA_SCORES, "scores = keys @ queries.transpose(1, 2)"),
        "ca_no_mask": but(_CA_MASKED, (f"{_FILL}\n        ", "")),
        "ca_mask_not_assigned": but(_CA_MASKED, ("scores = scores.masked", "scores.masked")),
        "ca_T_fixed": but(_CA_MASKED, (_CUT, "self.mask.bool()[:6, :6]")),
        "ca_mask_not_cut": but(_CA_MASKED, (_CUT, "self.mask.bool()")),
        "ca_mask_cut_for_good": but(
            _CA_MASKED, (_FILL, lines("self.mask = self.mask[:T, :T]", _FILL))
        ),
        "ca_mask_inverted": but(_CA_MASKED, (_CUT, "(self.mask == 0)[:T, :T]")),
        "ca_mask_transposed": but(_CA_MASKED, (_CUT, f"{_CUT}.T")),
        "ca_inf_is_text": but(_CA_MASKED, (_INF, '"-inf"')),
        "ca_mask_plus_inf": but(_CA_MASKED, (_INF, "torch.inf")),
        "ca_mask_with_0": but(_CA_MASKED, (_INF, "0")),
        "ca_mask_times": but(_CA_MASKED, (_FILL, "scores = scores * (1 - self.mask[:T, :T])")),
        "ca_mask_minus_10": but(_CA_MASKED, (_INF, "-10")),
        "ca_mask_minus_10000": but(_CA_MASKED, (_INF, "-1e4")),
        "ca_mask_0_times_inf": but(
            _CA_MASKED, (_FILL, "scores = scores + self.mask[:T, :T] * -torch.inf")
        ),
        "ca_mask_after": but(
            _CA_MASKED,
            (f"{_FILL}\n        ", ""),
            (
                _CA_MIX,
                lines(f"weights = weights.masked_fill({_CUT}, 0)", _CA_MIX),
            ),
        ),
        "ca_mask_after_divided": but(
            _CA_MASKED,
            (f"{_FILL}\n        ", ""),
            (
                _CA_MIX,
                lines(
                    f"weights = weights.masked_fill({_CUT}, 0)",
                    "weights = weights / weights.sum(dim=-1, keepdim=True)",
                    _CA_MIX,
                ),
            ),
        ),
        "ca_mask_inf_after": but(
            _CA_MASKED,
            (f"{_FILL}\n        ", ""),
            (
                _CA_MIX,
                lines(f"weights = weights.masked_fill({_CUT}, -torch.inf)", _CA_MIX),
            ),
        ),
        "ca_scale_fixed": but(_CA_MASKED, _FIXED),
        "ca_half_the_size": but(_CA_MASKED, _HALF),
        "ca_no_scale": but(_CA_MASKED, _NO_SCALE),
        "ca_scaled_by_d_in": but(_CA_MASKED, _BY_D_IN),
        "ca_scaled_by_size": but(_CA_MASKED, _BY_SIZE),
        "ca_scale_multiplied": but(_CA_MASKED, _TIMES_ROOT),
        "ca_softmax_first": but(_CA_MASKED, _SCALE_LATE),
        "ca_over_queries": but(_CA_MASKED, ("dim=-1", "dim=1")),
        "ca_over_the_batch": but(_CA_MASKED, ("dim=-1", "dim=0")),
        "ca_no_dropout": but(_CA_MASKED, ("self.dropout(weights)", "weights")),
        "ca_dropout_on_scores": but(
            _CA_MASKED,
            (_FILL, lines("scores = self.dropout(scores)", _FILL)),
            ("self.dropout(weights)", "weights"),
        ),
        "ca_dropout_on_output": but(_CA_MASKED, (_CA_MIX, "return self.dropout(weights @ values)")),
        "ca_dropout_twice": but(
            _CA_MASKED, (_CA_MIX, "return self.dropout(self.dropout(weights) @ values)")
        ),
        "ca_dropout_on_values": but(_CA_MASKED, (_CA_MIX, "return weights @ self.dropout(values)")),
        "ca_dropout_in_eval": but(
            _CA_MASKED, ("self.dropout(weights)", "F.dropout(weights, self.dropout.p)")
        ),
        "ca_dropout_renormalised": but(
            _CA_MASKED,
            (
                _CA_MIX,
                lines(
                    "weights = self.dropout(weights)",
                    "weights = weights / weights.sum(dim=-1, keepdim=True)",
                    "return weights @ values",
                ),
            ),
        ),
        "ca_dropout_scaled_again": but(
            _CA_MASKED,
            (
                _CA_MIX,
                lines(
                    "weights = self.dropout(weights)",
                    "if self.training:",
                    "    weights = weights / (1 - self.dropout.p)",
                    "return weights @ values",
                ),
            ),
        ),
        "ca_dropout_not_scaled": but(
            _CA_MASKED,
            (
                _CA_MIX,
                lines(
                    "if self.training:",
                    "    weights = weights * (torch.rand_like(weights) >= self.dropout.p)",
                    "return weights @ values",
                ),
            ),
        ),
        "ca_mixes_keys": but(_CA_MASKED, ("@ values", "@ keys")),
        "ca_values_from_x": but(_CA_MASKED, ("@ values", "@ x")),
        "ca_only_weights": but(_CA_MASKED, (" @ values", "")),
    },
    "wrapper": {
        "wrapper_plain_list": (_LIST, _LIST.replace("nn.ModuleList([", "[").replace("])", "]")),
        "wrapper_one_object": (
            _LIST,
            f"head = {_HEADS}\n        self.heads = nn.ModuleList([head] * num_heads)",
        ),
        "wrapper_other_heads": (_EACH, _EACH.replace("CausalAttention", "SelfAttention_v2")),
        "wrapper_two_heads": (_EACH, _EACH.replace("num_heads", "2")),
        "wrapper_share": (
            _EACH,
            _EACH.replace("d_in, d_out,", "d_in, d_out // num_heads,"),
        ),
        "wrapper_num_heads_as_bias": (
            _EACH,
            _EACH.replace("dropout, qkv_bias", "dropout, num_heads"),
        ),
        "wrapper_context_fixed": (_EACH, _EACH.replace("context_length", "8")),
        "wrapper_list_called": (_SIDE, "return self.heads(x)"),
        "wrapper_list": (_SIDE, "return [head(x) for head in self.heads]"),
        "wrapper_generator": (_SIDE, "return torch.cat((head(x) for head in self.heads), dim=-1)"),
        "wrapper_some_heads": (_SIDE, _SIDE.replace("self.heads]", "self.heads[:2]]")),
        "wrapper_detached": (_SIDE, _SIDE.replace("head(x)", "head(x).detach()")),
        "wrapper_eval_inside": (_SIDE, lines("self.eval()", _SIDE)),
        "wrapper_x_changed": (
            _SIDE,
            lines(
                "out = torch.cat([head(x) for head in self.heads], dim=-1)", "x -= x", "return out"
            ),
        ),
        "wrapper_no_bias": (_EACH, _EACH.replace(", qkv_bias", "")),
        "wrapper_no_dropout": (_EACH, _EACH.replace("dropout,", "0.0,")),
        "wrapper_own_dropout": (
            _SIDE,
            "out = torch.cat([head(x) for head in self.heads], dim=-1)\n"
            "        return F.dropout(out, 0.5, self.training)",
        ),
        "wrapper_projection": (
            _LIST,
            f"self.out_proj = nn.Linear(num_heads * d_out, num_heads * d_out)\n        {_LIST}",
        ),
        "wrapper_summed": (_SIDE, "return sum(head(x) for head in self.heads)"),
        "wrapper_mean": (
            _SIDE,
            "return torch.stack([head(x) for head in self.heads]).mean(dim=0)",
        ),
        "wrapper_along_time": (_SIDE, _SIDE.replace("dim=-1", "dim=1")),
        "wrapper_along_batch": (_SIDE, _SIDE.replace("dim=-1", "dim=0")),
        "wrapper_stacked": (
            _SIDE,
            "return torch.stack([head(x) for head in self.heads], dim=2)",
        ),
        "wrapper_stacked_first": (
            _SIDE,
            "return torch.stack([head(x) for head in self.heads])",
        ),
        "wrapper_interleaved": (
            _SIDE,
            "return torch.stack([head(x) for head in self.heads], dim=-1).flatten(2)",
        ),
        "wrapper_wrong_order": (
            _SIDE,
            "out = self.heads[0](x)\n        for head in self.heads[1:]:\n"
            "            out = torch.cat([head(x), out], dim=-1)\n        return out",
        ),
        "wrapper_first_head_again": (
            _SIDE,
            "return torch.cat([self.heads[0](x) for _ in self.heads], dim=-1)",
        ),
        "wrapper_one_head": (
            _SIDE,
            "for head in self.heads:\n            return head(x)",
        ),
        "wrapper_last_head": (
            _SIDE,
            "for head in self.heads:\n            out = head(x)\n        return out",
        ),
        "wrapper_in_a_row": (
            _SIDE,
            "outs = []\n        for head in self.heads:\n            x = head(x)\n"
            "            outs.append(x)\n        return torch.cat(outs, dim=-1)",
        ),
    },
    "multi_head": {
        "mh_uneven": (_ASSERT, "pass"),
        "mh_uneven_d_in": (_ASSERT, "assert d_in % num_heads == 0"),
        "mh_uneven_turned": (_ASSERT, "assert d_out % num_heads"),
        "mh_float": (_HEAD_DIM, "self.head_dim = d_out / num_heads"),
        "mh_head_dim_fixed": (_HEAD_DIM, "self.head_dim = 2"),
        "mh_not_kept": (_COUNT, "heads = num_heads"),
        "mh_head_dim_is_d_out": (_HEAD_DIM, "self.head_dim = d_out"),
        "mh_one_head": (_COUNT, "self.num_heads, num_heads = 1, 1"),
        "mh_layers_of_one_head": (
            _MH_LAYERS,
            _MH_LAYERS.replace("d_in, d_out", "d_in, self.head_dim"),
        ),
        "mh_bias_ignored": (_MH_LAYERS, _MH_LAYERS.replace("qkv_bias", "False")),
        "mh_bias_always": (_MH_LAYERS, _MH_LAYERS.replace(", bias=qkv_bias", "")),
        "mh_one_layer": but(
            _MH_LAYERS,
            ("self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)", "self.W_key = self.W_query"),
        ),
        "mh_projection_no_bias": (_PROJ, "self.out_proj = nn.Linear(d_out, d_out, bias=False)"),
        "mh_projection_qkv_bias": (
            _PROJ,
            "self.out_proj = nn.Linear(d_out, d_out, bias=qkv_bias)",
        ),
        "mh_projection_sizes": (_PROJ, "self.out_proj = nn.Linear(d_out, d_in)"),
        "mh_no_projection": (_LEAVES, "return out"),
        "mh_projection_twice": (_LEAVES, "return self.out_proj(self.out_proj(out))"),
        "mh_mask_plain": but(_MH_KEPT, (_REGISTER, f"self.mask = {_TRIU}")),
        "mh_mask_parameter": but(_MH_KEPT, (_REGISTER, f"self.mask = nn.Parameter({_TRIU})")),
        "mh_mask_lower": but(_MH_KEPT, (_TRIU, "torch.tril(ones)")),
        "mh_mask_diagonal": but(_MH_KEPT, (_TRIU, "torch.triu(ones)")),
        "mh_mask_size_fixed": but(_MH_KEPT, (_ONES, "ones = torch.ones(8, 8)")),
        "mh_dropout_fixed": but(_MH_KEPT, (_DROPOUT, "self.dropout = nn.Dropout(0.1)")),
        "mh_query_is_key": but(_MH_LAYERED, ("self.W_key", "self.W_query")),
        "mh_view_alone": (
            _SPLIT,
            lines(
                "heads = (B, self.num_heads, T, self.head_dim)",
                "queries = queries.view(heads)",
                "keys = keys.view(heads)",
                "values = values.view(heads)",
            ),
        ),
        "mh_view_both_ways": (
            _MH_REST,
            lines(
                "heads = (B, self.num_heads, T, self.head_dim)",
                "queries = queries.view(heads)",
                "keys = keys.view(heads)",
                "values = values.view(heads)",
                _MH_SCORES,
                _FILL,
                _MH_SOFT,
                _MH_MIX,
                "out = out.reshape(B, T, self.d_out)",
                _LEAVES,
            ),
        ),
        "mh_not_swapped": (
            _SPLIT,
            _SPLIT.replace(".transpose(1, 2)", ""),
        ),
        "mh_values_not_swapped": (_SPLIT_V, "values = values.view(B, -1, T, self.head_dim)"),
        "mh_axes": (_SIZES, "heads = (B, T, self.head_dim, self.num_heads)"),
        "mh_interleaved": (
            _SPLIT,
            lines(
                "heads = (B, T, self.head_dim, self.num_heads)",
                "queries = queries.view(heads).permute(0, 3, 1, 2)",
                "keys = keys.view(heads).permute(0, 3, 1, 2)",
                "values = values.view(heads).permute(0, 3, 1, 2)",
            ),
        ),
        "mh_merged_without_swap": (_MERGE, "out = out.reshape(B, T, self.d_out)"),
        "mh_swapped_others_back": (
            _MERGE,
            "out = out.transpose(2, 3).reshape(B, T, self.d_out)",
        ),
        "mh_merged_interleaved": (
            _MERGE,
            "out = out.permute(0, 2, 3, 1).reshape(B, T, self.d_out)",
        ),
        "mh_not_merged": (_MERGE, "out = out.transpose(1, 2)"),
        "mh_merged_to_d_in": (
            _MERGE,
            "out = out.transpose(1, 2).reshape(B, T, x.shape[-1])",
        ),
        "mh_projection_on_values": but(
            _MH_END,
            (
                "@ values",
                "@ self.out_proj(values.transpose(1, 2).flatten(2)).view(heads).transpose(1, 2)",
            ),
            (_LEAVES, "return out"),
        ),
        "mh_view_not_contiguous": (_MERGE, "out = out.transpose(1, 2).view(B, T, self.d_out)"),
        "mh_no_transpose": (_MH_SCORES, "scores = queries @ keys"),
        "mh_all_axes_reversed": (_MH_SCORES, "scores = queries @ keys.T"),
        "mh_keys_swapped_back": (_MH_SCORES, "scores = queries @ keys.transpose(1, 2)"),
        "mh_q_and_k_swapped": (_MH_SCORES, "scores = keys @ queries.transpose(2, 3)"),
        "mh_no_mask": but(_MH_MASKED, (f"{_FILL}\n        ", "")),
        "mh_mask_not_cut": but(_MH_MASKED, (_CUT, "self.mask.bool()")),
        "mh_mask_cut_for_good": but(
            _MH_MASKED, (_FILL, lines("self.mask = self.mask[:T, :T]", _FILL))
        ),
        "mh_mask_inverted": but(_MH_MASKED, (_CUT, "(self.mask == 0)[:T, :T]")),
        "mh_mask_plus_inf": but(_MH_MASKED, (_INF, "torch.inf")),
        "mh_mask_with_0": but(_MH_MASKED, (_INF, "0")),
        "mh_mask_minus_10": but(_MH_MASKED, (_INF, "-10")),
        "mh_mask_after": but(
            _MH_MASKED,
            (f"{_FILL}\n        ", ""),
            (_MH_MIX, lines(f"weights = weights.masked_fill({_CUT}, 0)", _MH_MIX)),
        ),
        "mh_no_scale": (_MH_SOFT, "weights = torch.softmax(scores, dim=-1)"),
        "mh_scale_fixed": (_MH_SOFT, "weights = torch.softmax(scores / 2**0.5, dim=-1)"),
        "mh_scaled_by_d_out": (
            _MH_SOFT,
            "weights = torch.softmax(scores / self.d_out**0.5, dim=-1)",
        ),
        "mh_scaled_by_heads": (
            _MH_SOFT,
            "weights = torch.softmax(scores / self.num_heads**0.5, dim=-1)",
        ),
        "mh_scaled_by_size": (
            _MH_SOFT,
            "weights = torch.softmax(scores / self.head_dim, dim=-1)",
        ),
        "mh_scale_multiplied": (
            _MH_SOFT,
            "weights = torch.softmax(scores * self.head_dim**0.5, dim=-1)",
        ),
        "mh_over_queries": (_MH_SOFT, but(_MH_SOFT, ("dim=-1", "dim=2"))[1]),
        "mh_over_heads": (_MH_SOFT, but(_MH_SOFT, ("dim=-1", "dim=1"))[1]),
        "mh_no_dropout": (_MH_MIX, "out = weights @ values"),
        "mh_dropout_on_scores": but(
            _MH_MASKED,
            (_FILL, lines("scores = self.dropout(scores)", _FILL)),
            ("self.dropout(weights)", "weights"),
        ),
        "mh_dropout_on_output": (
            _MH_MIX,
            "out = self.dropout(weights @ values)",
        ),
        "mh_dropout_after_projection": but(
            _MH_END,
            ("self.dropout(weights)", "weights"),
            (_LEAVES, "return self.dropout(self.out_proj(out))"),
        ),
        "mh_dropout_twice": (_LEAVES, "return self.dropout(self.out_proj(out))"),
        "mh_dropout_in_eval": (
            _MH_MIX,
            "out = F.dropout(weights, self.dropout.p) @ values",
        ),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    15: (
        "ca_mask_lower",
        "ca_mask_inverted",
        "ca_mask_transposed",
        "mh_mask_lower",
        "mh_mask_inverted",
    ),
    16: ("ca_mask_diagonal", "mh_mask_diagonal"),
    17: (
        "simple_over_columns",
        "simple_over_all",
        "v1_over_queries",
        "v2_over_queries",
        "ca_over_queries",
        "ca_over_the_batch",
        "mh_over_queries",
        "mh_over_heads",
    ),
    18: ("ca_mask_after", "ca_mask_inf_after", "mh_mask_after"),
    19: ("ca_mask_with_0", "ca_mask_times", "mh_mask_with_0"),
    20: ("ca_mask_minus_10", "ca_mask_minus_10000", "mh_mask_minus_10"),
    21: ("ca_mask_0_times_inf",),
    22: ("v1_no_scale", "v2_no_scale", "ca_no_scale", "mh_no_scale"),
    23: ("v1_scaled_by_d_in", "v2_scaled_by_d_in", "ca_scaled_by_d_in", "mh_scaled_by_d_out"),
    24: ("v1_scaled_by_size", "v2_scaled_by_size", "ca_scaled_by_size", "mh_scaled_by_size"),
    25: (
        "v1_scale_multiplied",
        "ca_scale_multiplied",
        "mh_scale_multiplied",
    ),
    26: (
        "simple_no_transpose",
        "v1_no_transpose",
        "ca_no_transpose",
        "ca_all_axes_reversed",
        "ca_keys_reshaped",
        "mh_no_transpose",
        "mh_all_axes_reversed",
        "mh_keys_swapped_back",
    ),
    27: ("v1_values_from_x", "v2_values_from_x", "ca_values_from_x"),
    28: ("ca_mask_plain", "ca_mask_parameter", "mh_mask_plain", "mh_mask_parameter"),
    29: ("ca_mask_not_cut", "ca_T_is_B", "mh_mask_not_cut"),
    30: ("wrapper_plain_list",),
    31: ("wrapper_one_object", "wrapper_first_head_again"),
    32: ("mh_head_dim_is_d_out",),
    33: ("wrapper_summed",),
    34: ("mh_view_alone", "mh_view_both_ways", "mh_values_not_swapped"),
    35: ("mh_view_not_contiguous",),
    36: ("mh_merged_without_swap",),
    37: ("mh_no_projection",),
    38: (
        "wrapper_wrong_order",
        "wrapper_interleaved",
        "mh_axes",
        "mh_interleaved",
    ),
    39: ("mh_uneven", "mh_uneven_d_in"),
    40: (
        "ca_dropout_on_scores",
        "ca_dropout_on_output",
        "mh_dropout_on_scores",
        "mh_dropout_on_output",
        "mh_dropout_after_projection",
    ),
    60: ("ca_dropout_in_eval", "mh_dropout_in_eval"),
    61: (
        "v2_bias_ignored",
        "v2_bias_always",
        "ca_bias_ignored",
        "ca_bias_always",
        "wrapper_no_bias",
        "mh_bias_ignored",
        "mh_bias_always",
        "mh_projection_no_bias",
        "mh_projection_qkv_bias",
    ),
    93: ("transfer_not_turned", "transfer_data_not_turned"),
    94: ("transfer_mixed_up",),
    101: ("transfer_no_grad",),
    102: ("transfer_state_dict",),
}

# Where a sentence is that of another mistake: what follows the prefix v1, v2, ca or mh -> its key.
_SHARED = {
    "all_axes_reversed": "head_all_axes_reversed",
    "bias_always": "att_bias_always",
    "bias_ignored": "att_bias_ignored",
    "dropout_fixed": "att_dropout_fixed",
    "dropout_renormalised": "att_dropout_renormalised",
    "dropout_scaled_again": "att_dropout_scaled_again",
    "dropout_share_kept": "att_dropout_share_kept",
    "half_the_size": "att_half_the_size",
    "layer_as_matrix": "att_layer_as_matrix",
    "mask_after_divided": "att_mask_after_divided",
    "mask_plus_inf": "mask_plus_inf",
    "mask_size_fixed": "att_mask_size",
    "two_things": "att_two_things",
    "bias_some": "att_bias_some",
    "dropout_in_eval": "head_dropout_in_eval",
    "dropout_on_output": "head_dropout_on_output",
    "dropout_on_scores": "head_dropout_on_scores",
    "dropout_twice": "att_dropout_twice",
    "mask_0_times_inf": "mask_0_times_inf",
    "mask_after": "head_mask_after",
    "mask_cut_for_good": "head_mask_cut_for_good",
    "mask_diagonal": "att_mask_diagonal",
    "mask_inverted": "att_mask_wrong_way",
    "mask_lower": "att_mask_lower",
    "mask_minus_10": "head_mask_minus_10",
    "mask_minus_10000": "head_mask_minus_10000",
    "mask_not_cut": "att_mask_not_cut",
    "mask_parameter": "att_mask_parameter",
    "mask_plain": "att_mask_plain",
    "mask_with_0": "head_mask_with_0",
    "masked": "simple_masked",
    "mixes_keys": "att_mixes_keys",
    "no_dropout": "head_no_dropout",
    "no_mask": "att_future_seen",
    "no_scale": "att_not_scaled",
    "no_transpose": "head_no_transpose",
    "one_layer": "att_one_layer",
    "one_matrix": "att_one_layer",
    "only_weights": "head_only_weights",
    "over_queries": "head_softmax_over_queries",
    "over_the_batch": "head_softmax_over_the_batch",
    "q_and_k_swapped": "head_q_and_k_swapped",
    "query_is_key": "head_query_is_key",
    "scale_fixed": "att_key_size_fixed",
    "scale_multiplied": "att_multiplied_by_root",
    "scaled_by_d_in": "att_scaled_by_d_in",
    "scaled_by_size": "att_scaled_by_size",
    "softmax_first": "att_softmax_first",
    "values_from_x": "att_values_from_x",
}
_PREFIXED = {
    id: _SHARED[what]
    for answers in WRONG.values()
    for id in answers
    for prefix, _, what in [id.partition("_")]
    if prefix in ("v1", "v2", "ca", "mh") and what in _SHARED
}
SAME_CAUSE = _PREFIXED | {
    "v1_one_plain_tensor": "v1_plain_tensor",
    "v2_bias_unused": "att_bias_unused",
    "v2_sizes_swapped": "att_sizes_swapped",
    "transfer_data_not_turned": "transfer_not_turned",
    "transfer_rebound": "transfer_nothing",
    "transfer_state_dict": "transfer_nothing",
    "ca_mask_none": "head_tril_none",
    "ca_mask_size": "att_mask_size",
    "ca_mask_ahead": "att_mask_ahead",
    "ca_mask_transposed": "att_mask_transposed",
    "ca_mask_inf_after": "att_mask_inf_after",
    "ca_mask_not_assigned": "att_future_seen",
    "ca_mask_times": "head_mask_with_0",
    "ca_inf_is_text": "inf_is_text",
    "ca_dropout_not_scaled": "att_dropout_not_scaled",
    "wrapper_plain_list": "heads_plain_list",
    "wrapper_context_fixed": "wrapper_arguments",
    "wrapper_detached": "gradient_cut",
    "wrapper_eval_inside": "mode_set_inside",
    "wrapper_x_changed": "changes_its_input",
    "wrapper_one_object": "heads_one_object",
    "wrapper_summed": "heads_summed",
    "wrapper_interleaved": "heads_interleaved",
    "wrapper_wrong_order": "heads_wrong_order",
    "wrapper_first_head_again": "first_head_again",
    "mh_projection_qkv_bias": "mh_projection_no_bias",
    "mh_values_not_swapped": "mh_view_alone",
    "mh_interleaved": "heads_interleaved",
    "mh_dropout_after_projection": "head_dropout_on_output",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {  # a parameter, modules by handle, a buffer, NaN, chance, an error of the notebook's
    "v1_frozen",
    "transfer_not_turned",
    "ca_mask_plain",
    "ca_mask_0_times_inf",
    "ca_dropout_on_output",
    "wrapper_one_object",
    "mh_uneven",
}

MISTAKES = catalogue.mistakes(WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS)

_PARAMETERS = """
self.W_query = nn.Parameter(torch.rand(d_in, d_out))
self.W_key = nn.Parameter(torch.rand(d_in, d_out))
self.W_value = nn.Parameter(torch.rand(d_in, d_out))
"""
_THREE = """
self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
"""
_MASKED = """
self.dropout = nn.Dropout(dropout)
self.register_buffer("mask", torch.ones(context_length, context_length).triu(1))
"""
_MANY = f"""
assert d_out % num_heads == 0
{_THREE.strip()}
self.out_proj = nn.Linear(d_out, d_out)
{_MASKED.strip()}
"""
_WRAPPED = """
self.heads = nn.ModuleList(
    CausalAttention(d_in, d_out, context_length, dropout, qkv_bias) for _ in range(num_heads)
)
"""


def _filled(how: str) -> str:
    return f"with torch.no_grad():\n    for weight in v1.parameters():\n        weight.{how}"


# item -> the input, zeros, a constant, and a part of the way: a body for each hole of the cell
_NO_THOUGHT: dict[str, tuple[str | tuple[str, ...], ...]] = {
    "simple_attention": (
        "return inputs, inputs",
        "T = len(inputs)\nreturn torch.zeros(T, T), torch.zeros(inputs.shape)",
        "T = len(inputs)\nweights = torch.full((T, T), 1 / T)\nreturn weights, weights @ inputs",
        "return torch.eye(len(inputs)), inputs",
    ),
    "v1": (
        (_PARAMETERS, "return x"),
        (_PARAMETERS, "return torch.zeros(len(x), self.W_value.shape[1])"),
        (_PARAMETERS, "return torch.ones(len(x), self.W_value.shape[1])"),
        (_PARAMETERS, "return x @ self.W_value"),
    ),
    "v2": (
        (_THREE, "return x"),
        (_THREE, "return torch.zeros(len(x), self.W_value.out_features)"),
        (_THREE, "return torch.ones(len(x), self.W_value.out_features)"),
        (_THREE, "return self.W_value(x)"),
    ),
    "transfer": (
        "return v1",
        _filled("zero_()"),
        _filled("fill_(0.5)"),
        "with torch.no_grad():\n    v1.W_query.copy_(v2.W_query.weight.T)",
    ),
    "causal": (
        (_THREE + _MASKED, "return x"),
        (_THREE + _MASKED, "return torch.zeros_like(self.W_value(x))"),
        (_THREE + _MASKED, "return torch.ones_like(self.W_value(x))"),
        (_THREE + _MASKED, "return self.W_value(x)"),
    ),
    "wrapper": (
        (_WRAPPED, "return x"),
        (_WRAPPED, "return torch.cat([torch.zeros_like(head(x)) for head in self.heads], -1)"),
        (_WRAPPED, "return torch.cat([torch.ones_like(head(x)) for head in self.heads], -1)"),
        (_WRAPPED, "return self.heads[0](x).repeat(1, 1, len(self.heads))"),
    ),
    "multi_head": (
        (_MANY, "return x"),
        (_MANY, "return torch.zeros_like(self.W_value(x))"),
        (_MANY, "return torch.ones_like(self.W_value(x))"),
        (_MANY, "return self.out_proj(self.W_value(x))"),
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
