"""The checks of lab07: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""

import pytest
import torch
from check_trials import Trial
from lab07_slips import SLIPS
from torch import nn
from torch.nn import functional as F

from gptlab import gpt_layout, tiny
from gptlab.attention import MultiHeadAttention
from gptlab.checks import core
from gptlab.checks import lab07_gpt_model as check

NAMES = {
    "layer_norm": "LayerNorm",
    "gelu": "GELU",
    "feed_forward": "FeedForward",
    "block": "TransformerBlock",
    "gpt_model": "GPTModel",
    "whole": "a_model",
    "count": "count_parameters",
    "generate": "generate_text_simple",
}
CLASSES = {"layer_norm", "gelu", "feed_forward", "block", "gpt_model"}
RIGHT = """
class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.eps = 1e-5
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        var = x.var(-1, keepdim=True, correction=0)
        y = (x - mean) / torch.sqrt(var + self.eps)
        return y * self.scale + self.shift

class GELU(nn.Module):
    def forward(self, x):
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * torch.pow(x, 3))
        return 0.5 * x * (1 + torch.tanh(inner))

class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        C = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(C, 4 * C), GELU(), nn.Linear(4 * C, C))

    def forward(self, x):
        return self.layers(x)

class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        C = cfg["emb_dim"]
        self.att = MultiHeadAttention(
            C, C, cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"]
        )
        self.ff = FeedForward(cfg)
        self.norm1, self.norm2 = LayerNorm(C), LayerNorm(C)
        self.drop_shortcut = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        y = x + self.drop_shortcut(self.att(self.norm1(x)))
        return y + self.drop_shortcut(self.ff(self.norm2(y)))

class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        V, C = cfg["vocab_size"], cfg["emb_dim"]
        self.tok_emb = nn.Embedding(V, C)
        self.pos_emb = nn.Embedding(cfg["context_length"], C)
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        blocks = [TransformerBlock(cfg) for _ in range(cfg["n_layers"])]
        self.trf_blocks = nn.Sequential(*blocks)
        self.final_norm = LayerNorm(C)
        self.out_head = nn.Linear(C, V, bias=False)

    def forward(self, in_idx):
        B, T = in_idx.shape
        pos = self.pos_emb(torch.arange(T, device=in_idx.device))
        x = self.tok_emb(in_idx) + pos
        x = self.drop_emb(x)
        x = self.trf_blocks(x)
        x = self.final_norm(x)
        return self.out_head(x)

def a_model(cfg, state):
    model = GPTModel(cfg)
    model.load_state_dict(state)
    model.eval()
    return model

def count_parameters(cfg, tied=False):
    C, V = cfg["emb_dim"], cfg["vocab_size"]
    bias = 3 * C if cfg["qkv_bias"] else 0
    att = 3 * C * C + bias + C * C + C
    ff = 4 * C * C + 4 * C + 4 * C * C + C
    block = att + ff + 4 * C
    head = 0 if tied else V * C
    return V * C + cfg["context_length"] * C + cfg["n_layers"] * block + 2 * C + head

def generate_text_simple(model, idx, max_new_tokens, context_size):
    for _ in range(max_new_tokens):
        seen = idx[:, -context_size:]
        with torch.no_grad():
            logits = model(seen)
        logits = logits[:, -1]
        new = torch.argmax(logits, dim=-1, keepdim=True)
        idx = torch.cat((idx, new), dim=1)
    return idx
"""
PLACES = "torch.arange(T, device=in_idx.device)"
NORM = "y = (x - mean) / torch.sqrt(var + self.eps)"
INNER = "math.sqrt(2 / math.pi) * (x + 0.044715 * torch.pow(x, 3))"
BENT = "0.5 * x * (1 + torch.tanh(inner))"
ROW = "nn.Linear(C, 4 * C), GELU(), nn.Linear(4 * C, C)"
FIRST = "y = x + self.drop_shortcut(self.att(self.norm1(x)))"
SECOND = "y + self.drop_shortcut(self.ff(self.norm2(y)))"
BLOCKS = '[TransformerBlock(cfg) for _ in range(cfg["n_layers"])]'
LAST = "logits = logits[:, -1]"
BEST = "torch.argmax(logits, dim=-1, keepdim=True)"
WRONG = [
    ("layer_norm", "layernorm_unbiased", ", correction=0", ""),
    ("layer_norm", "layernorm_eps_outside", "torch.sqrt(var + self.eps)",
     "(torch.sqrt(var) + self.eps)"),
    ("layer_norm", "layernorm_no_eps", "var + self.eps", "var"),
    ("layer_norm", "layernorm_eps", "self.eps = 1e-5", "self.eps = 1e-6"),
    ("layer_norm", "layernorm_eps", "var + self.eps", "var + 1e-6"),
    ("layer_norm", "layernorm_no_root", "torch.sqrt(var + self.eps)", "(var + self.eps)"),
    ("layer_norm", "layernorm_over_time", "(-1, keepdim", "(1, keepdim"),
    ("layer_norm", "layernorm_over_batch", "(-1, keepdim", "(0, keepdim"),
    ("layer_norm", "layernorm_axis_counted", "(-1, keepdim", "(2, keepdim"),
    ("layer_norm", "layernorm_no_keepdim", "x.mean(-1, keepdim=True)", "x.mean(-1)"),
    ("layer_norm", "layernorm_no_mean", "(x - mean)", "x"),
    ("layer_norm", "layernorm_not_divided", " / torch.sqrt(var + self.eps)", ""),
    ("layer_norm", "layernorm_brackets", "(x - mean)", "x - mean"),
    ("layer_norm", "layernorm_no_affine", "y * self.scale + self.shift", "y"),
    ("layer_norm", "layernorm_no_scale", "y * self.scale", "y"),
    ("layer_norm", "layernorm_no_shift", " * self.scale + self.shift", " * self.scale"),
    ("layer_norm", "layernorm_shift_first", "y * self.scale + self.shift",
     "(y + self.shift) * self.scale"),
    ("layer_norm", "layernorm_swapped", "y * self.scale + self.shift",
     "y * self.shift + self.scale"),
    ("layer_norm", "layernorm_not_a_parameter", "nn.Parameter(torch.ones(emb_dim))",
     "torch.ones(emb_dim)"),
    ("layer_norm", "layernorm_start", "torch.ones(emb_dim)", "torch.zeros(emb_dim)"),
    ("layer_norm", "changes_its_input", "y = (x - mean) / ", "x -= mean\n        y = x / "),
    ("gelu", "gelu_erf", BENT, "F.gelu(x)"),
    ("gelu", "gelu_sigmoid", BENT, "x * torch.sigmoid(1.702 * x)"),
    ("gelu", "gelu_silu", BENT, "F.silu(x)"),
    ("gelu", "gelu_relu", BENT, "F.relu(x)"),
    ("gelu", "gelu_no_half", "0.5 * x", "x"),
    ("gelu", "gelu_no_root", "math.sqrt(2 / math.pi) * ", ""),
    ("gelu", "gelu_root_missing", "math.sqrt(2 / math.pi)", "2 / math.pi"),
    ("gelu", "gelu_no_cube", "x + 0.044715 * torch.pow(x, 3)", "x"),
    ("gelu", "gelu_cube_is_square", "pow(x, 3)", "pow(x, 2)"),
    ("gelu", "gelu_cube_not_scaled", "0.044715 * ", ""),
    ("gelu", "gelu_zero_lost", "0.044715", "0.44715"),
    ("gelu", "gelu_root_on_x_only", "(x + 0.044715 * torch.pow(x, 3))",
     "x + 0.044715 * torch.pow(x, 3)"),
    ("gelu", "gelu_no_one", "(1 + torch.tanh(inner))", "torch.tanh(inner)"),
    ("gelu", "gelu_no_x", "0.5 * x * (1", "0.5 * (1"),
    ("gelu", "gelu_of_a_number", "torch.tanh(inner)", "math.tanh(inner)"),
    ("feed_forward", "ff_no_bend", ROW, "nn.Linear(C, 4 * C), nn.Linear(4 * C, C)"),
    ("feed_forward", "ff_other_relu", "GELU(), nn.L", "nn.ReLU(), nn.L"),
    ("feed_forward", "ff_other_erf", "GELU(), nn.L", "nn.GELU(), nn.L"),
    ("feed_forward", "ff_bend_last", ROW, "nn.Linear(C, 4 * C), nn.Linear(4 * C, C), GELU()"),
    ("feed_forward", "ff_bend_first", ROW, "GELU(), nn.Linear(C, 4 * C), nn.Linear(4 * C, C)"),
    ("feed_forward", "ff_bend_twice", ROW, ROW + ", GELU()"),
    ("feed_forward", "ff_adds_x", "return self.layers(x)", "return x + self.layers(x)"),
    ("feed_forward", "ff_width", "4 * C), GELU(), nn.Linear(4 * C", "C), GELU(), nn.Linear(C"),
    ("feed_forward", "ff_no_bias", "nn.Linear(4 * C, C)", "nn.Linear(4 * C, C, bias=False)"),
    ("feed_forward", "ff_dropout", ROW, ROW + ", nn.Dropout(0.1)"),
    ("block", "residual_missing_attention", FIRST, FIRST.replace("x + ", "")),
    ("block", "residual_missing_feed_forward", SECOND, SECOND.replace("y + ", "")),
    ("block", "residual_of_normed", FIRST, "x = self.norm1(x)\n"
     "        y = x + self.drop_shortcut(self.att(x))"),
    ("block", "residual_of_normed_feed_forward", SECOND, "self.norm2(y) + self.ff(self.norm2(y))"),
    ("block", "norm_after", FIRST + "\n        return " + SECOND,
     "y = self.norm1(x + self.att(x))\n        return self.norm2(y + self.ff(y))"),
    ("block", "norms_of_outputs", FIRST + "\n        return " + SECOND,
     "y = x + self.norm1(self.att(x))\n        return y + self.norm2(self.ff(y))"),
    ("block", "no_norm1", "self.att(self.norm1(x))", "self.att(x)"),
    ("block", "no_norm2", "self.ff(self.norm2(y))", "self.ff(y)"),
    ("block", "norm1_twice", "self.norm2(y)", "self.norm1(y)"),
    ("block", "norm2_twice", "self.norm1(x)", "self.norm2(x)"),
    ("block", "block_in_parallel", "self.norm2(y)", "self.norm2(x)"),
    ("block", "second_from_x", "return y + ", "return x + "),
    ("block", "block_in_place", FIRST, "x += self.att(self.norm1(x))\n        y = x"),
    ("block", "block_one_norm", "LayerNorm(C), LayerNorm(C)", "[LayerNorm(C)] * 2"),
    ("block", "no_drop_shortcut", "self.drop_shortcut(self.att(self.norm1(x)))",
     "self.att(self.norm1(x))"),
    ("block", "no_drop_shortcut", "self.drop_shortcut(self.ff(self.norm2(y)))",
     "self.ff(self.norm2(y))"),
    ("block", "drop_on_stream", "return y + self.drop_shortcut(self.ff(self.norm2(y)))",
     "return self.drop_shortcut(y + self.ff(self.norm2(y)))"),
    ("block", "dropout_in_evaluation", FIRST, "y = x + F.dropout(self.att(self.norm1(x)), 0.75)"),
    ("block", "drop_rate_fixed", "nn.Dropout(cfg[\"drop_rate\"])\n\n    def forward(self, x):\n"
     "        y", "nn.Dropout(0.1)\n\n    def forward(self, x):\n        y"),
    ("block", "att_no_qkv_bias", ", cfg[\"qkv_bias\"]\n", "\n"),
    ("block", "att_qkv_bias_always", ", cfg[\"qkv_bias\"]\n", ", cfg[\"qkv_bias\"] or C > 9\n"),
    ("block", "att_layers_and_heads", "cfg[\"n_heads\"], cfg[\"qkv_bias\"]",
     "cfg[\"n_layers\"], cfg[\"qkv_bias\"]"),
    ("block", "att_arguments", "            C, C, cfg[", "            C, cfg["),
    ("block", "block_other_part", "self.ff = FeedForward(cfg)", "self.ff = nn.Identity()"),
    ("gpt_model", "gpt_no_positions", "self.tok_emb(in_idx) + pos", "self.tok_emb(in_idx)"),
    ("gpt_model", "gpt_positions_from_one", PLACES, "torch.arange(1, T + 1)"),
    ("gpt_model", "gpt_positions_constant", PLACES, "torch.zeros(T).long()"),
    ("gpt_model", "gpt_positions_of_ids", PLACES, "in_idx"),
    ("gpt_model", "gpt_positions_all", PLACES, "torch.arange(4)"),
    ("gpt_model", "gpt_positions_per_text", PLACES, "torch.arange(B)[:, None]"),
    ("gpt_model", "gpt_positions_scale", "(in_idx) + pos", "(in_idx) * pos"),
    ("gpt_model", "gpt_no_tokens", "self.tok_emb(in_idx) + pos", "pos.expand(B, T, -1)"),
    ("gpt_model", "gpt_no_final_norm", "        x = self.final_norm(x)\n", ""),
    ("gpt_model", "gpt_norm_before_blocks", "        x = self.trf_blocks(x)\n"
     "        x = self.final_norm(x)\n", "        x = self.trf_blocks(self.final_norm(x))\n"),
    ("gpt_model", "blocks_not_used", "        x = self.trf_blocks(x)\n", ""),
    ("gpt_model", "gpt_softmax", "self.out_head(x)", "self.out_head(x).softmax(-1)"),
    ("gpt_model", "gpt_last_only", "self.out_head(x)", "self.out_head(x[:, -1:])"),
    ("gpt_model", "gpt_no_head", "return self.out_head(x)", "return x"),
    ("gpt_model", "gpt_no_drop_emb", "        x = self.drop_emb(x)\n", ""),
    ("gpt_model", "dropout_in_evaluation", "self.drop_emb(x)", "F.dropout(x, 0.75)"),
    ("gpt_model", "blocks_shared", BLOCKS, "[TransformerBlock(cfg)] * cfg[\"n_layers\"]"),
    ("gpt_model", "gpt_layers_and_heads", "range(cfg[\"n_layers\"])", "range(cfg[\"n_heads\"])"),
    ("gpt_model", "gpt_blocks_count", "range(cfg[\"n_layers\"])", "range(12)"),
    ("gpt_model", "blocks_module_list", "nn.Sequential(*blocks)", "nn.ModuleList(blocks)"),
    ("gpt_model", "gpt_table_size", "pos_emb = nn.Embedding(cfg[\"context_length\"]",
     "pos_emb = nn.Embedding(V"),
    ("gpt_model", "gpt_tables_swapped", "nn.Embedding(V, C)\n"
     "        self.pos_emb = nn.Embedding(cfg[\"context_length\"], C)",
     "nn.Embedding(cfg[\"context_length\"], C)\n        self.pos_emb = nn.Embedding(V, C)"),
    ("gpt_model", "gpt_head_bias", "nn.Linear(C, V, bias=False)", "nn.Linear(C, V)"),
    ("gpt_model", "head_tied", "self.out_head = nn.Linear(C, V, bias=False)",
     "self.out_head = nn.Linear(C, V, bias=False)\n"
     "        self.out_head.weight = self.tok_emb.weight"),
    ("whole", "whole_not_eval", "    model.eval()\n", ""),
    ("whole", "whole_not_loaded", "    model.load_state_dict(state)\n", ""),
    ("whole", "whole_returns_keys", "    model.load_state_dict(state)\n    model.eval()\n",
     "    model = model.eval().load_state_dict(state)\n"),
    ("whole", "whole_other_settings", "model = GPTModel(cfg)",
     "model = GPTModel({**cfg, \"emb_dim\": 8})"),
    ("whole", "whole_names", "self.tok_emb", "self.tokens"),
    ("count", "count_no_positions", " + cfg[\"context_length\"] * C", ""),
    ("count", "count_one_block", "cfg[\"n_layers\"] * block", "block"),
    ("count", "count_no_final_norm", " + 2 * C + head", " + head"),
    ("count", "count_final_norm_half", " + 2 * C + head", " + C + head"),
    ("count", "count_norms_half", "ff + 4 * C\n", "ff + 2 * C\n"),
    ("count", "count_no_block_norms", "ff + 4 * C\n", "ff\n"),
    ("count", "count_no_projection", "bias + C * C + C", "bias"),
    ("count", "count_projection_no_bias", "bias + C * C + C", "bias + C * C"),
    ("count", "count_ff_no_bias", "4 * C * C + 4 * C + 4 * C * C + C", "8 * C * C"),
    ("count", "count_ff_narrow", "4 * C * C + 4 * C + 4 * C * C + C", "2 * C * C + 2 * C"),
    ("count", "count_head_bias", "else V * C\n", "else V * C + V\n"),
    ("count", "count_per_head", "att = 3 * C * C", "att = cfg[\"n_heads\"] * 3 * C * C"),
    ("count", "count_tied_ignored", "0 if tied else V * C", "V * C"),
    ("count", "count_tied_always", "0 if tied else V * C", "0"),
    ("count", "count_no_qkv_bias", "3 * C if cfg[\"qkv_bias\"] else 0", "0"),
    ("count", "count_qkv_bias_always", "3 * C if cfg[\"qkv_bias\"] else 0", "3 * C"),
    ("count", "count_qkv_bias_once", "bias = 3 * C if", "bias = C if"),
    ("count", "count_float", "V * C + cfg", "V * C / 1 + cfg"),
    ("generate", "greedy_not_cropped", "idx[:, -context_size:]", "idx"),
    ("generate", "greedy_cropped_first", "idx[:, -context_size:]", "idx[:, :context_size]"),
    ("generate", "greedy_cropped_less", "-context_size:", "-context_size + 1 :"),
    ("generate", "greedy_last_token_only", "-context_size:", "-1:"),
    ("generate", "context_lost", "seen = idx[:", "seen = idx = idx[:"),
    ("generate", "greedy_first_place", LAST, "logits = logits[:, 0]"),
    ("generate", "greedy_place_before", LAST, "logits = logits[:, -2]"),
    ("generate", "greedy_all_places", "        logits = logits[:, -1]\n        new = " + BEST,
     "        new = logits.argmax(-1)"),
    ("generate", "greedy_of_the_batch", BEST, "torch.argmax(logits, dim=0, keepdim=True)"),
    ("generate", "greedy_samples", BEST, "torch.multinomial(logits.softmax(-1), 1)"),
    ("generate", "greedy_least", BEST, "torch.argmin(logits, dim=-1, keepdim=True)"),
    ("generate", "greedy_score", BEST, "logits.max(-1, keepdim=True).values.long()"),
    ("generate", "greedy_no_keepdim", ", keepdim=True)\n        idx", ")\n        idx"),
    ("generate", "greedy_only_new", "return idx", "return idx[:, 2:]"),
    ("generate", "greedy_count", "range(max_new_tokens)", "range(max_new_tokens - 1)"),
]  # fmt: skip


SPACE = {"torch": torch, "nn": nn, "F": F, "math": __import__("math"),
         "MultiHeadAttention": MultiHeadAttention}  # fmt: skip
TRIAL = Trial(check, RIGHT, NAMES, SPACE)
notebook, failure = TRIAL.notebook, TRIAL.failure


@pytest.mark.parametrize("item", NAMES)
def test_a_right_answer_passes_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"),
    WRONG + SLIPS,
    ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG + SLIPS)],
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


@pytest.mark.parametrize("item", NAMES)
def test_not_attempted_is_told_apart(item):
    assert isinstance(failure(item, None), core.NotAttempted)
    if item in CLASSES - {"gelu"}:
        source = (
            "class answer(nn.Module):\n    def __init__(self, *a):\n"
            "        super().__init__()\n        raise NotImplementedError"
        )
    elif item == "gelu":
        source = "class answer(nn.Module):\n    def forward(self, x):\n"
        source += "        raise NotImplementedError"
    else:
        source = "def answer(*a, **k):\n    raise NotImplementedError"
    error = failure(item, notebook(source)["answer"])
    assert isinstance(error, core.NotAttempted)
    assert str(error).startswith(f"{item}: not attempted yet")


@pytest.mark.parametrize("item", sorted(CLASSES))
def test_a_forward_that_is_missing_is_told_apart(item):
    name = NAMES[item]
    before, _, rest = RIGHT.partition(f"class {name}(nn.Module):")
    head, _, body = rest.partition("def forward(")
    signature, _, after = body.partition("\n")
    source = f"{before}class {name}(nn.Module):{head}def forward({signature}\n"
    source += "        raise NotImplementedError\n        " + after.lstrip()
    assert isinstance(failure(item, notebook(source)[name]), core.NotAttempted)


@pytest.mark.parametrize("item", sorted(set(NAMES) - CLASSES))
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2)])
def test_a_wrong_type_says_what_was_found(item, value):
    error = failure(item, notebook("def answer(*a, **k):\n    return value", value=value)["answer"])
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("item", sorted(CLASSES))
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2)])
def test_a_forward_that_gives_something_else_says_what_was_found(item, value):
    name = NAMES[item]
    source = f"{RIGHT}\n{name}.forward = lambda self, *a: value"
    error = failure(item, notebook(source, value=value)[name])
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("item", sorted(CLASSES - {"gelu"}))
def test_a_class_that_owns_nothing_names_what_is_missing(item):
    source = "class answer(nn.Module):\n    def __init__(self, *a):\n        super().__init__()"
    error = failure(item, notebook(source)["answer"])
    assert error.looked_at.startswith("self.") and error.found == "there is none"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("LayerNorm", ", correction=0", ""), ("GELU", BENT, "F.gelu(x)"),
     ("TransformerBlock", "self.norm2(y)", "self.norm1(y)"),
     ("GPTModel", PLACES, "torch.arange(1, T + 1)")],
)  # fmt: skip
def test_the_whole_names_the_part_at_fault(name, old, new):
    """A mistake in a part may leave the example of the whole right; else its part is named."""
    answer = notebook(RIGHT.replace(old, new))["a_model"]
    try:
        check.whole(answer)
    except core.CheckFailed as error:
        assert error.where.startswith(name)


def test_checks_leave_the_notebook_as_it_was():
    space = notebook()
    torch.manual_seed(5)
    before, kept = dict(space), torch.random.get_rng_state()
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    assert space == before
    assert torch.random.get_rng_state().equal(kept)


def test_other_right_forms_pass(capsys):
    """torch's own norm and GELU, positions as a slice of the table, parts by keyword."""
    other = RIGHT.replace(NORM, "y = F.layer_norm(x, x.shape[-1:], eps=self.eps)")
    other = other.replace(BENT, 'F.gelu(x, approximate="tanh")')
    other = other.replace(f"self.pos_emb({PLACES})", "self.pos_emb.weight[:T]")
    other = other.replace("            C, C, cfg[\"context_length\"], cfg[\"drop_rate\"]",
                          "            d_in=C, d_out=C, dropout=cfg[\"drop_rate\"],\n"
                          "            context_length=cfg[\"context_length\"]")  # fmt: skip
    other = other.replace('cfg["n_heads"], cfg["qkv_bias"]\n',
                          'num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"]\n')  # fmt: skip
    space = notebook(other)
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    assert capsys.readouterr().out == "".join(f"{item}: right.\n" for item in NAMES)


@pytest.mark.parametrize(
    ("item", "old", "new"),
    [
        ("layer_norm", NORM, "y = (x - mean) * torch.rsqrt(var + self.eps)"),
        ("layer_norm", NORM, "y = (x - mean) / (var + self.eps).sqrt()"),
        ("layer_norm", "x.var(-1, keepdim=True, correction=0)",
         "((x - mean) ** 2).mean(-1, keepdim=True)"),
        ("gelu", "math.sqrt(2 / math.pi)", "torch.sqrt(torch.tensor(2 / torch.pi))"),
        ("gelu", "math.sqrt(2 / math.pi)", "0.7978845608"),
        ("gelu", BENT, "x * torch.sigmoid(2 * inner)"),
        ("gelu", "torch.pow(x, 3)", "x * x * x"),
        ("feed_forward", "self.layers(x)", "self.layers[2](self.layers[1](self.layers[0](x)))"),
        ("feed_forward", "FeedForward(nn.Module):\n", "FeedForward(nn.Module):\n    n = 4\n"),
        ("block", FIRST, "y = self.drop_shortcut(self.att(self.norm1(x))) + x"),
        ("block", "self.drop_shortcut(self.att(self.norm1(x)))",
         "F.dropout(self.att(self.norm1(x)), self.drop_shortcut.p, self.training)"),
        ("block", "self.ff = FeedForward(cfg)", "self.ff = FeedForward(cfg=cfg)"),
        ("gpt_model", "        x = self.trf_blocks(x)\n",
         "        for block in self.trf_blocks:\n            x = block(x)\n"),
        ("gpt_model", "self.pos_emb(torch.arange(T, device=in_idx.device))",
         "self.pos_emb.weight[:T].unsqueeze(0)"),
        ("gpt_model", PLACES, "torch.arange(T).to(in_idx.device)"),
        ("gpt_model", PLACES, "torch.arange(T).to(in_idx)"),
        ("gpt_model", "TransformerBlock(cfg) for", "TransformerBlock(dict(cfg)) for"),
        ("gpt_model", "self.tok_emb(in_idx) + pos", "pos + self.tok_emb.weight[in_idx]"),
        ("gpt_model", "        x = self.drop_emb(x)\n",
         "        x = F.dropout(x, self.drop_emb.p, self.training)\n"),
        ("gpt_model", "return self.out_head(x)", "return x @ self.out_head.weight.T"),
        ("whole", "    model.eval()\n", "    model.train(False)\n"),
        ("whole", "GPTModel(cfg)\n    model.load_state_dict(state)\n    model.eval()\n",
         "GPTModel({**cfg, 'drop_rate': 0.0})\n    model.load_state_dict(state)\n"),
        ("whole", "    model = GPTModel(cfg)\n", "    model = GPTModel(dict(cfg)).eval()\n"),
        ("count", "return V * C + cfg", "assert cfg\n    return C * V + cfg"),
        ("count", "return V * C + cfg", "import numpy\n    return numpy.int64(V * C) + cfg"),
        ("generate", "torch.cat((idx, new), dim=1)", "torch.hstack([idx, new])"),
        ("generate", "with torch.no_grad():", "with torch.inference_mode():"),
        ("generate", BEST, "logits.topk(1, dim=-1).indices"),
        ("generate", BEST, "logits.max(dim=-1, keepdim=True)[1]"),
        ("generate", "def generate", "@torch.no_grad()\ndef generate"),
        ("generate", "    for _ in", "    model.eval()\n    for _ in"),
    ],
)  # fmt: skip
def test_a_right_answer_in_another_form_passes(item, old, new, capsys):
    assert RIGHT.count(old) == 1
    getattr(check, item)(notebook(RIGHT.replace(old, new))[NAMES[item]])
    assert capsys.readouterr().out == f"{item}: right.\n"


def test_the_tiny_checkpoint_fits_the_classes():
    sizes = tiny.hparams()
    cfg = {"vocab_size": sizes["n_vocab"], "context_length": sizes["n_ctx"],
           "emb_dim": sizes["n_embd"], "n_heads": sizes["n_head"], "n_layers": sizes["n_layer"],
           "drop_rate": 0.1, "qkv_bias": True}  # fmt: skip
    space = notebook()
    state = gpt_layout.to_gpt(tiny.params())
    model = space["a_model"](cfg, state)
    assert sum(p.numel() for p in model.parameters()) == space["count_parameters"](cfg)
