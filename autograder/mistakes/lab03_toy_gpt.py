"""What students write in lab03_toy_gpt: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab03_toy_gpt.py; its sentence stands under its
id in gptlab/checks/causes/. The right answers stand in lab03_toy_gpt_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab03_toy_gpt_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_HEADS = "self.heads = nn.ModuleList([Head(head_size) for _ in range(num_heads)])"
_PROJ = "self.proj = nn.Linear(num_heads * head_size, n_embd)"
_DROP = "self.dropout = nn.Dropout(dropout)"
_SIDE = "out = torch.cat([head(x) for head in self.heads], dim=-1)"
_MIXED = "return self.dropout(self.proj(out))"
_UP = "            nn.Linear(n_embd, 4 * n_embd),\n"
_RELU = "            nn.ReLU(),\n"
_DOWN = "            nn.Linear(4 * n_embd, n_embd),\n"
_LAST = "            nn.Dropout(dropout),\n"
_NET = "return self.net(x)"
_DIVIDES = '        assert n_embd % n_head == 0, f"{n_embd=} is not divisible by {n_head=}"\n'
_SA = "self.sa = MultiHeadAttention(n_head, n_embd // n_head)"
_LN2 = "self.ln2 = nn.LayerNorm(n_embd)"
_TALK = "x = x + self.sa(self.ln1(x))"
_THINK = "x = x + self.ffwd(self.ln2(x))"
_BOTH = f"{_TALK}\n        {_THINK}"
_LOOP = "for _ in range(max_new_tokens):"
_CROP = "logits, _ = model(idx[:, -block_size:])"
_PROBS = "probs = F.softmax(logits[:, -1, :], dim=-1)  # (B, V)"
_DRAW = "idx_next = torch.multinomial(probs, num_samples=1)  # (B, 1)"
_CAT = "idx = torch.cat((idx, idx_next), dim=1)"
_TOKENS = "self.token_embedding_table = nn.Embedding(vocab_size, n_embd)"
_PLACES = "self.position_embedding_table = nn.Embedding(block_size, n_embd)"
_LAYERS = "blocks = [Block(n_embd, n_head) for _ in range(n_layer)]"
_STACK = "self.blocks = nn.Sequential(*blocks)"
_HEAD = "self.lm_head = nn.Linear(n_embd, vocab_size)"
_ADDED = "x = tok_emb + self.position_embedding_table(places)  # (B, T, C)"
_NUMBERED = f"places = torch.arange(idx.shape[1], device=idx.device)\n        {_ADDED}"
_THROUGH = "x = self.blocks(x)"
_LOGITS = "logits = self.lm_head(self.ln_f(x))  # (B, T, V)"
_SHAPES = "logits_shape = (4, 8, 65)\nlogits_shape_training = (512, 65)"
_FORWARD = "logits, loss = model(xb, yb)\n    optimizer"
_ZERO = "optimizer.zero_grad(set_to_none=True)"
_BACK = "loss.backward()"
_STEP = f"{_ZERO}\n    {_BACK}\n    optimizer.step()\n    return loss.item()"
_EVAL = "    model.eval()\n    for split"
_BATCH = (
    "xb, yb = get_batch(split)\n"
    "            losses[k] = model(xb.to(device), yb.to(device))[1].item()"
)
_MEAN = "out[split] = losses.mean().item()"
_TRAIN = f"{_MEAN}\n    model.train()"
_CONTEXT = "context_text = decode(context[0].tolist())"
_OWN_CHARS = "own_chars, own_stoi = bigram.build_vocabulary(text)"
_OWN_SIZE = "        vocab_size = len(own_chars)\n"
_OWN_IDS = "ids = torch.tensor([own_stoi[c] for c in text])"
_OWN_SPLIT = "train_data, val_data = bigram.split_data(ids)"
_OWN_MODEL = "own = ToyLanguageModel().to(device)"
_OWN_ADAM = "adam = torch.optim.AdamW(own.parameters(), lr=learning_rate)"
_OWN_STEPS = "for _ in range(n_steps):"
_OWN_BATCH = 'xb, yb = get_batch("train")\n            train_step(own'
_OWN_STEP = "train_step(own, adam, xb.to(device), yb.to(device))"
_OWN_LOSSES = "losses = estimate_loss(own, 10)"
_OWN_RETURN = 'return losses["train"], losses["val"]'
_MADE = "    model = ToyLanguageModel().to(device)\n    optimizer"
_ADAMW = "optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)"
_PAIR = f"{_ADAMW}\n    return model, optimizer"

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "multi_head": {
        "heads_dropout_not_set": (_DROP, "self.dropout = nn.Dropout()"),
        "heads_plain_list": (_HEADS, "self.heads = [Head(head_size) for _ in range(num_heads)]"),
        "heads_one_object": (_HEADS, "self.heads = nn.ModuleList([Head(head_size)] * num_heads)"),
        "heads_global_count": (
            _HEADS,
            "self.heads = nn.ModuleList([Head(head_size) for _ in range(n_head)])",
        ),
        "head_arguments": (
            _HEADS,
            "self.heads = nn.ModuleList([Head(n_embd) for _ in range(num_heads)])",
        ),
        "heads_summed": (_SIDE, "out = sum(head(x) for head in self.heads)"),
        "heads_interleaved": (
            _SIDE,
            "out = torch.stack([head(x) for head in self.heads], dim=-1).flatten(-2)",
        ),
        "first_head_again": (
            _SIDE,
            "out = torch.cat([self.heads[0](x) for _ in self.heads], dim=-1)",
        ),
        "no_projection": (_MIXED, "return self.dropout(out)"),
        "projection_without_bias": (
            _PROJ,
            "self.proj = nn.Linear(num_heads * head_size, n_embd, bias=False)",
        ),
        "projection_sizes": (_PROJ, "self.proj = nn.Linear(n_embd, n_embd)"),
        "residual_in_heads": (_MIXED, "return x + self.dropout(self.proj(out))"),
        "no_dropout_after_projection": (_MIXED, "return self.proj(out)"),
        "dropout_before_projection": (_MIXED, "return self.proj(self.dropout(out))"),
        "dropout_fixed": (_DROP, "self.dropout = nn.Dropout(0.2)"),
        "dropout_in_evaluation": (_MIXED, "return F.dropout(self.proj(out), dropout)"),
    },
    "feed_forward": {
        "ffwd_dropout_not_set": (_LAST, "            nn.Dropout(),\n"),
        "ffwd_no_relu": (_RELU, ""),
        "ffwd_gelu": (_RELU, "            nn.GELU(),\n"),
        "ffwd_sigmoid": (_RELU, "            nn.Sigmoid(),\n"),
        "ffwd_relu_first": (_UP + _RELU, _RELU + _UP),
        "ffwd_relu_after_both": (_RELU + _DOWN, _DOWN + _RELU),
        "ffwd_relu_last": (_DOWN, _DOWN + _RELU),
        "ffwd_residual": (_NET, "return x + self.net(x)"),
        "ffwd_width": (
            _UP + _RELU + _DOWN,
            f"            nn.Linear(n_embd, n_embd),\n{_RELU}            nn.Linear(n_embd, n_embd),\n",
        ),
        "ffwd_no_bias": (_UP, "            nn.Linear(n_embd, 4 * n_embd, bias=False),\n"),
        "ffwd_no_dropout": (_DOWN + _LAST, _DOWN),
        "ffwd_dropout_not_last": (_DOWN + _LAST, _LAST + _DOWN),
    },
    "block": {
        "block_one_head": (_SA, "self.sa = Head(n_embd)"),
        "block_size_fraction": (_SA, "self.sa = MultiHeadAttention(n_head, n_embd / n_head)"),
        "block_in_place": (_TALK, "x += self.sa(self.ln1(x))"),
        "no_divisibility_check": (_DIVIDES, ""),
        "block_head_size": (_SA, "self.sa = MultiHeadAttention(n_head, n_embd)"),
        "block_sa_arguments": (_SA, "self.sa = MultiHeadAttention(n_embd // n_head, n_head)"),
        "block_one_norm": (_LN2, "self.ln2 = self.ln1"),
        "residual_missing_attention": (_TALK, "x = self.sa(self.ln1(x))"),
        "residual_missing_feed_forward": (_THINK, "x = self.ffwd(self.ln2(x))"),
        "residual_missing_both": (
            _BOTH,
            "x = self.sa(self.ln1(x))\n        x = self.ffwd(self.ln2(x))",
        ),
        "residual_of_normed": (_TALK, "x = self.ln1(x)\n        x = x + self.sa(x)"),
        "residual_of_normed_feed_forward": (
            _THINK,
            "x = self.ln2(x)\n        x = x + self.ffwd(x)",
        ),
        "norm_after": (
            _BOTH,
            "x = self.ln1(x + self.sa(x))\n        x = self.ln2(x + self.ffwd(x))",
        ),
        "norm_of_output": (
            _BOTH,
            "x = x + self.ln1(self.sa(x))\n        x = x + self.ln2(self.ffwd(x))",
        ),
        "no_norm_attention": (_TALK, "x = x + self.sa(x)"),
        "no_norm_feed_forward": (_THINK, "x = x + self.ffwd(x)"),
        "norms_swapped": (
            _BOTH,
            "x = x + self.sa(self.ln2(x))\n        x = x + self.ffwd(self.ln1(x))",
        ),
        "ln1_twice": (_THINK, "x = x + self.ffwd(self.ln1(x))"),
        "block_in_parallel": (_BOTH, "x = x + self.sa(self.ln1(x)) + self.ffwd(self.ln2(x))"),
        "second_from_x": (
            _BOTH,
            "talked = x + self.sa(self.ln1(x))\n        x = x + self.ffwd(self.ln2(talked))",
        ),
        "ffwd_first": (_BOTH, f"{_THINK}\n        {_TALK}"),
    },
    "generate": {
        "context_not_cropped": (_CROP, "logits, _ = model(idx)"),
        "context_cropped_first": (_CROP, "logits, _ = model(idx[:, :block_size])"),
        "context_cropped_rows": (_CROP, "logits, _ = model(idx[-block_size:])"),
        "context_lost": (_CROP, "idx = idx[:, -block_size:]\n        logits, _ = model(idx)"),
        "context_one_character": (_CROP, "logits, _ = model(idx[:, -1:])"),
        "generate_first_position": (_PROBS, "probs = F.softmax(logits[:, 0, :], dim=-1)"),
        "generate_all_positions": (_PROBS, "probs = F.softmax(logits.mean(dim=1), dim=-1)"),
        "generate_argmax": (_DRAW, "idx_next = probs.argmax(dim=-1, keepdim=True)"),
        "generate_samples_logits": (_PROBS, "probs = logits[:, -1, :]"),
        "generate_same_for_all": (
            _DRAW,
            "idx_next = torch.multinomial(probs[0], num_samples=1).expand(len(idx), 1)",
        ),
        "generate_only_new": (_CAT, "idx = idx_next"),
    },
    "model": {
        "position_table_vocabulary": (_PLACES, _PLACES.replace("block", "vocab")),
        "head_no_bias": (_HEAD, "self.lm_head = nn.Linear(n_embd, vocab_size, bias=False)"),
        "head_tied": (
            _HEAD,
            f"{_HEAD}\n        self.lm_head.weight = self.token_embedding_table.weight",
        ),
        "blocks_shared": (_LAYERS, "blocks = [Block(n_embd, n_head)] * n_layer"),
        "blocks_module_list": (_STACK, "self.blocks = nn.ModuleList(blocks)"),
        "block_arguments_swapped": (
            _LAYERS,
            "blocks = [Block(n_head, n_embd) for _ in range(n_layer)]",
        ),
        "layers_and_heads_swapped": (
            _LAYERS,
            "blocks = [Block(n_embd, n_layer) for _ in range(n_head)]",
        ),
        "no_positions": (_ADDED, "x = tok_emb"),
        "positions_from_one": (
            _NUMBERED,
            f"places = torch.arange(1, idx.shape[1] + 1, device=idx.device)\n        {_ADDED}",
        ),
        "positions_constant": (
            _NUMBERED,
            f"places = torch.zeros(1, dtype=torch.long, device=idx.device)\n        {_ADDED}",
        ),
        "positions_of_ids": (_ADDED, "x = tok_emb + self.position_embedding_table(idx)"),
        "positions_block_size": (
            _NUMBERED,
            f"places = torch.arange(block_size, device=idx.device)\n        {_ADDED}",
        ),
        "positions_on_cpu": (_NUMBERED, f"places = torch.arange(idx.shape[1])\n        {_ADDED}"),
        "blocks_not_used": (_THROUGH, "self.blocks(x)"),
        "norm_before_blocks": (
            f"{_THROUGH}\n        {_LOGITS}",
            "x = self.blocks(self.ln_f(x))\n        logits = self.lm_head(x)",
        ),
        "no_final_norm": (_LOGITS, "logits = self.lm_head(x)"),
        "logits_are_probabilities": (
            _LOGITS,
            "logits = F.softmax(self.lm_head(self.ln_f(x)), dim=-1)",
        ),
        "model_last_position": (_LOGITS, "logits = self.lm_head(self.ln_f(x[:, -1:]))"),
    },
    "shapes": {
        "shapes_swapped": (_SHAPES, "logits_shape = (512, 65)\nlogits_shape_training = (4, 8, 65)"),
        "shapes_n_embd": (_SHAPES, "logits_shape = (4, 8, 64)\nlogits_shape_training = (512, 64)"),
        "shapes_flattened_early": (
            _SHAPES,
            "logits_shape = (32, 65)\nlogits_shape_training = (512, 65)",
        ),
        "shapes_training_not_flattened": (
            _SHAPES,
            "logits_shape = (4, 8, 65)\nlogits_shape_training = (16, 32, 65)",
        ),
        "shapes_other_batch": (
            _SHAPES,
            "logits_shape = (4, 8, 65)\nlogits_shape_training = (32, 65)",
        ),
        "shapes_axes": (_SHAPES, "logits_shape = (8, 4, 65)\nlogits_shape_training = (512, 65)"),
    },
    "train_step": {
        "no_zero_grad": (f"    {_ZERO}\n    {_BACK}", f"    {_BACK}"),
        "zero_grad_before_step": (f"{_ZERO}\n    {_BACK}", f"{_BACK}\n    {_ZERO}"),
        "step_before_backward": (
            _STEP,
            f"{_ZERO}\n    optimizer.step()\n    {_BACK}\n    return loss.item()",
        ),
        "no_backward": (_STEP, f"{_ZERO}\n    optimizer.step()\n    return loss.item()"),
        "no_step": (_STEP, f"{_ZERO}\n    {_BACK}\n    return loss.item()"),
        "returns_tensor": (_STEP, f"{_ZERO}\n    {_BACK}\n    optimizer.step()\n    return loss"),
        "loss_after_step": (
            _STEP,
            f"{_ZERO}\n    {_BACK}\n    optimizer.step()\n    return model(xb, yb)[1].item()",
        ),
        "own_optimizer": (
            _FORWARD,
            "optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)\n    " + _FORWARD,
        ),
    },
    "estimate_loss": {
        "no_eval": (_EVAL, "    for split"),
        "left_in_eval": (_TRAIN, _MEAN),
        "no_no_grad": ("@torch.no_grad()\ndef estimate_loss", "def estimate_loss"),
        "only_train": (_BATCH, _BATCH.replace("split", '"train"')),
        "same_batch": (
            f"for k in range(eval_iters):\n            {_BATCH}",
            f"xb, yb = get_batch(split)\n        for k in range(eval_iters):\n"
            f"            {_BATCH.splitlines()[1].strip()}",
        ),
        "last_batch_only": (_MEAN, "out[split] = losses[-1].item()"),
        "losses_summed": (_MEAN, "out[split] = losses.sum().item()"),
        "batch_not_moved": (_BATCH, _BATCH.replace(".to(device)", "")),
    },
    "context_text": {
        "context_ids": (_CONTEXT, "context_text = context[0].tolist()"),
        "context_digit": (_CONTEXT, 'context_text = "0"'),
        "context_empty": (_CONTEXT, 'context_text = ""'),
        "context_backslash": (_CONTEXT, 'context_text = r"\\n"'),
    },
    "own_text": {
        "own_vocabulary": (f"{_OWN_CHARS}\n{_OWN_SIZE}", f"{_OWN_CHARS}\n"),
        "own_lab_ids": (_OWN_IDS, "ids = torch.tensor(encode(text))"),
        "own_trains_on_all": (_OWN_SPLIT, "train_data = val_data = ids"),
        "own_lab_data": (_OWN_SPLIT, "own_train, own_val = bigram.split_data(ids)"),
        "own_trains_on_validation": (_OWN_BATCH, _OWN_BATCH.replace("train", "val", 1)),
        "own_swapped": (_OWN_RETURN, 'return losses["val"], losses["train"]'),
        "own_training_twice": (_OWN_RETURN, 'return losses["train"], losses["train"]'),
        "own_measures_another": (
            _OWN_LOSSES,
            "losses = estimate_loss(ToyLanguageModel().to(device), 10)",
        ),
        "own_few_batches": (_OWN_LOSSES, "losses = estimate_loss(own, 1)"),
        "own_steps": (_OWN_STEPS, "for _ in range(max_iters):"),
        "own_same_batch": (
            f"{_OWN_STEPS}\n            {_OWN_BATCH}",
            f'xb, yb = get_batch("train")\n        {_OWN_STEPS}\n            train_step(own',
        ),
        "own_optimizer_in_loop": (
            f"{_OWN_ADAM}\n        {_OWN_STEPS}\n",
            f"{_OWN_STEPS}\n            {_OWN_ADAM}\n",
        ),
        "own_rate": (_OWN_ADAM, "adam = torch.optim.AdamW(own.parameters())"),
        "own_batch_not_moved": (_OWN_STEP, "train_step(own, adam, xb, yb)"),
    },
    "whole": {
        "optimizer_of_another": (
            _ADAMW,
            "optimizer = torch.optim.AdamW(ToyLanguageModel().parameters(), lr=learning_rate)",
        ),
        "whole_rate": (_ADAMW, "optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)"),
        "whole_sgd": (_ADAMW, "optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)"),
        "whole_adam": (
            _ADAMW,
            "optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)",
        ),
        "whole_model_not_moved": (_MADE, "    model = ToyLanguageModel()\n    optimizer"),
        "whole_other_order": (_PAIR, f"{_ADAMW}\n    return optimizer, model"),
        "whole_left_in_eval": (_PAIR, f"{_ADAMW}\n    return model.eval(), optimizer"),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    4: ("own_trains_on_all",),
    8: ("logits_are_probabilities",),
    9: ("losses_summed",),
    10: ("generate_all_positions",),
    11: ("generate_argmax",),
    12: ("no_zero_grad",),
    13: ("zero_grad_before_step",),
    14: ("no_eval", "left_in_eval", "no_no_grad"),
    30: ("heads_plain_list",),
    31: ("heads_one_object", "first_head_again"),
    32: ("head_arguments", "block_head_size"),
    33: ("heads_summed"),
    37: ("no_projection",),
    38: ("heads_interleaved",),
    39: ("no_divisibility_check",),
    41: ("norm_after", "norm_of_output"),
    42: (
        "residual_missing_attention",
        "residual_missing_feed_forward",
        "residual_missing_both",
        "second_from_x",
    ),
    43: ("residual_of_normed", "residual_of_normed_feed_forward"),
    44: ("ln1_twice", "block_one_norm"),
    45: ("no_final_norm", "norm_before_blocks"),
    51: ("ffwd_gelu",),
    52: ("ffwd_sigmoid",),
    53: ("ffwd_no_relu", "ffwd_relu_first", "ffwd_relu_after_both"),
    54: ("ffwd_width"),
    55: ("no_positions", "positions_constant", "positions_from_one"),
    56: ("positions_on_cpu",),
    57: ("blocks_shared",),
    58: ("head_tied",),
    60: ("dropout_in_evaluation"),
    61: ("projection_without_bias", "ffwd_no_bias", "head_no_bias"),
    73: ("only_train", "own_training_twice"),
    83: ("left_in_eval", "whole_left_in_eval"),
    90: ("context_not_cropped", "context_cropped_first"),
}

# Two ways to the same thing to say, or a sentence of lab01: id -> key of the sentence.
SAME_CAUSE = {
    "block_one_head": "block_other_part",
    "block_size_fraction": "size_fraction",
    "heads_dropout_not_set": "dropout_not_set",
    "ffwd_dropout_not_set": "dropout_not_set",
    "ffwd_sigmoid": "ffwd_other_bend",
    "own_lab_ids": "whole_global_stoi",
    "own_lab_data": "whole_lab_data",
    "own_swapped": "whole_swapped",
    "own_training_twice": "whole_evaluates_training",
    "own_batch_not_moved": "batch_not_moved",
    "whole_rate": "own_rate",
    "whole_sgd": "other_optimizer",
    "whole_adam": "other_optimizer",
    "whole_model_not_moved": "model_not_moved",
    "whole_left_in_eval": "left_in_eval",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {  # modules by handle, own parts, a device without numbers, notes of right parts
    "heads_one_object",
    "norm_after",
    "context_not_cropped",
    "positions_on_cpu",
    "own_trains_on_all",
    "optimizer_of_another",
}

# What `whole` puts together: a mistake in one of these may show there too.
PARTS = {"multi_head", "feed_forward", "block", "model"}

MISTAKES = catalogue.mistakes(
    WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS, parts=PARTS
)

_PASS = "pass"
_LINEAR = "self.net = nn.Linear(n_embd, n_embd)"

# item -> the input, zeros, a constant: answers without thought, a body for each hole of the cell.
_NO_THOUGHT = {
    "multi_head": (
        (_PASS, "return x"),
        (_PASS, "return torch.zeros_like(x)"),
        ("self.proj = nn.Linear(n_embd, n_embd)", "return self.proj(x)"),
    ),
    "feed_forward": (
        (_PASS, "return x"),
        (_PASS, "return 0 * x"),
        (_LINEAR, "return self.net(x)"),
    ),
    "block": (
        (_PASS, "return x"),
        (_PASS, "return torch.zeros(x.shape)"),
        ("self.sa = MultiHeadAttention(n_head, n_embd // n_head)", "return self.sa(x)"),
    ),
    "generate": (
        "return idx",
        "return torch.zeros(len(idx), idx.shape[1] + max_new_tokens, dtype=torch.long)",
        "return torch.cat((idx, torch.ones(len(idx), max_new_tokens, dtype=torch.long)), dim=1)",
    ),
    "model": (
        (_PASS, "logits = idx"),
        (_PASS, "logits = torch.zeros(*idx.shape, vocab_size, requires_grad=True)"),
        (
            "self.lm_head = nn.Embedding(vocab_size, vocab_size)",
            "logits = self.lm_head(idx)",
        ),
    ),
    "shapes": (
        "logits_shape = logits_shape_training = train_data.shape",
        "logits_shape = (0, 0, 0)\nlogits_shape_training = (0, 0)",
        "logits_shape = logits_shape_training = (16, 32)",
    ),
    "train_step": ("return model(xb, yb)[1]", "return 0.0", "return 2.5"),
    "estimate_loss": (
        "return model",
        'return {"train": 0.0, "val": 0.0}',
        'return {"train": 2.45, "val": 2.48}',
    ),
    "context_text": ("context_text = context", 'context_text = ""', 'context_text = "A"'),
    "own_text": ("return text", "return 0.0, 0.0", "return 2.0, 2.2"),
    "whole": (
        "return ToyLanguageModel, torch.optim.AdamW",
        "return 0, 0",
        "return nn.Linear(1, 1), torch.optim.AdamW([torch.zeros(1)], lr=learning_rate)",
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
