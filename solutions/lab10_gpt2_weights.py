# %% [markdown]
# # Lab 10 · OpenAI's weights in your own class

# %%
import numpy as np
import torch

from gptlab import numpy_gpt, tensor_bundle, tiny, torch_layouts
from gptlab.checks import lab10_gpt2_weights as check
from gptlab.gpt import GPTModel
from gptlab.nano import GPT, GPTConfig
from gptlab.sample import generate

# %% answer="params" level=2 minutes=12
def nest(variables, n_layers):
    """A checkpoint's flat names as nested dicts, as the book's helper does.

    variables: "model/h0/attn/c_attn/w" -> array, and so on
    returns: {"wte", "wpe", "g", "b", "blocks"}; blocks is a list of
    n_layers dicts, so that params["blocks"][0]["attn"]["c_attn"]["w"] is
    that array. model/ln_f/g and model/ln_f/b become params["g"], ["b"].
    Axes of length 1 are dropped: (1, 64, 192) -> (64, 192).
    """
    ### BEGIN SOLUTION
    params = {"blocks": [{} for _ in range(n_layers)]}
    for name, value in variables.items():
        path = name.split("/")[1:]
        inside = params
        if path[0].startswith("h") and path[0][1:].isdigit():
            inside = params["blocks"][int(path[0][1:])]
        for key in path[1:-1]:
            inside = inside.setdefault(key, {})
        inside[path[-1]] = np.squeeze(value)
    return params
    ### END SOLUTION

# %% grade="params" points=3
check.params(nest)

# %% answer="config" level=1 minutes=6
def config_of(settings):
    """The configuration of a GPTModel into which these weights fit.

    settings: OpenAI's hparams: n_vocab, n_ctx, n_embd, n_head, n_layer
    returns: vocab_size, context_length, emb_dim, n_heads, n_layers,
    drop_rate, qkv_bias. The model will write, not train.
    """
    ### BEGIN SOLUTION
    return {
        "vocab_size": settings["n_vocab"],
        "context_length": settings["n_ctx"],
        "emb_dim": settings["n_embd"],
        "n_heads": settings["n_head"],
        "n_layers": settings["n_layer"],
        "drop_rate": 0.0,
        "qkv_bias": True,
    }
    ### END SOLUTION

# %% grade="config" points=1
check.config(config_of)

# %% answer="assign" level=1 minutes=8
def assign(left, right):
    """A new nn.Parameter with the numbers of right, for the place of left.

    left: a parameter of the model; right: a NumPy array or a tensor
    returns: float32, on left's device, with memory of its own
    Errors: ValueError that names both shapes, where they differ.
    """
    ### BEGIN SOLUTION
    if left.shape != right.shape:
        wanted, found = tuple(left.shape), tuple(right.shape)
        raise ValueError(f"shapes differ: left {wanted}, right {found}")
    values = np.array(right, dtype=np.float32)  # a copy
    return torch.nn.Parameter(torch.from_numpy(values).to(left.device))
    ### END SOLUTION

# %% grade="assign" points=1
check.assign(assign)

# %% answer="split_qkv" level=2 minutes=8
def split_qkv(c_attn):
    """Query, key and value, out of the one matrix and bias that hold all.

    c_attn: {"w": (C, 3C), "b": (3C,)}, q, k and v side by side
    returns: three pairs (weight, bias), of shapes (C, C) and (C,), each
    weight as nn.Linear wants it, (n_out, n_in).
    """
    ### BEGIN SOLUTION
    weights = np.split(c_attn["w"], 3, axis=-1)  # three of (C, C)
    biases = np.split(c_attn["b"], 3, axis=-1)  # three of (C,)
    return [(w.T, b) for w, b in zip(weights, biases)]
    ### END SOLUTION

# %% grade="split_qkv" points=2
check.split_qkv(split_qkv)

# %% answer="load_block" level=3 minutes=15
def load_block(block, weights):
    """Put one block's weights into a TransformerBlock, with assign.

    block: att.W_query, .W_key, .W_value, .out_proj; ff.layers[0] and [2];
    norm1, norm2 (scale, shift)
    weights: params["blocks"][i]: ln_1, ln_2 ({"g", "b"}), attn (c_attn,
    c_proj), mlp (c_fc, c_proj), each {"w": (n_in, n_out), "b": (n_out,)}
    """
    ### BEGIN SOLUTION
    def fill(linear, weight, bias):
        linear.weight = assign(linear.weight, weight)
        linear.bias = assign(linear.bias, bias)

    att, attn, mlp = block.att, weights["attn"], weights["mlp"]
    q, k, v = split_qkv(attn["c_attn"])
    fill(att.W_query, *q)
    fill(att.W_key, *k)
    fill(att.W_value, *v)
    fill(att.out_proj, attn["c_proj"]["w"].T, attn["c_proj"]["b"])
    fill(block.ff.layers[0], mlp["c_fc"]["w"].T, mlp["c_fc"]["b"])
    fill(block.ff.layers[2], mlp["c_proj"]["w"].T, mlp["c_proj"]["b"])
    for norm, numbers in ((block.norm1, "ln_1"), (block.norm2, "ln_2")):
        norm.scale = assign(norm.scale, weights[numbers]["g"])
        norm.shift = assign(norm.shift, weights[numbers]["b"])
    ### END SOLUTION

# %% grade="load_block" points=3
check.load_block(load_block)

# %% answer="load_weights_into_gpt" level=3 minutes=15
def load_weights_into_gpt(gpt, params):
    """Fill a GPTModel with the weights of nest(), all of them.

    gpt: tok_emb, pos_emb, trf_blocks, final_norm, out_head; the head is
    OpenAI's table of tokens again, its numbers copied.
    """
    ### BEGIN SOLUTION
    gpt.tok_emb.weight = assign(gpt.tok_emb.weight, params["wte"])
    gpt.pos_emb.weight = assign(gpt.pos_emb.weight, params["wpe"])
    for block, weights in zip(gpt.trf_blocks, params["blocks"]):
        load_block(block, weights)
    gpt.final_norm.scale = assign(gpt.final_norm.scale, params["g"])
    gpt.final_norm.shift = assign(gpt.final_norm.shift, params["b"])
    gpt.out_head.weight = assign(gpt.out_head.weight, params["wte"])
    ### END SOLUTION

# %% grade="load_weights_into_gpt" points=3
check.load_weights_into_gpt(load_weights_into_gpt)

# %% answer="tie" level=1 minutes=5
def tie(gpt):
    """Make the head and the table of tokens one parameter; the same gpt back.

    What it writes must not change; the table's numbers stay.
    """
    ### BEGIN SOLUTION
    gpt.out_head.weight = gpt.tok_emb.weight
    return gpt
    ### END SOLUTION

# %% grade="tie" points=1
check.tie(tie)

# %% answer="largest_difference" level=1 minutes=5
def largest_difference(ours, theirs):
    """How far two arrays of one shape are apart, at worst: a float.

    ours, theirs: tensors or arrays, any shape
    Errors: ValueError that names both shapes, where they differ.
    """
    ### BEGIN SOLUTION
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape:
        raise ValueError(f"shapes differ: {ours.shape} and {theirs.shape}")
    return float(np.abs(ours - theirs).max())
    ### END SOLUTION

# %% grade="largest_difference" points=1
check.largest_difference(largest_difference)

# %% answer="first_difference" level=2 minutes=8
def first_difference(ours, theirs, tolerance=1e-4):
    """The name of the first part whose output differs: where a bug begins.

    ours, theirs: {name: output} in the order of the forward pass
    returns: a name, or None where no part is further off than tolerance.
    A NaN counts as a difference.
    Errors: KeyError for a part that theirs lacks.
    """
    ### BEGIN SOLUTION
    for name, output in ours.items():
        if not largest_difference(output, theirs[name]) <= tolerance:
            return name
    return None
    ### END SOLUTION

# %% grade="first_difference" points=2
check.first_difference(first_difference)

# %% answer="culprits" level=3 minutes=15
# The letter of what each loader did wrong, from the list above.
### BEGIN SOLUTION
culprits = {"one": "h", "two": "a", "three": "c", "four": "f"}
### END SOLUTION

# %% grade="culprits" points=1
check.culprits(culprits)
