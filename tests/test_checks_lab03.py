"""The checks of lab03: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""


import pytest
import torch
from check_trials import Trial
from torch import nn
from torch.nn import functional as F

from gptlab import attention, bigram
from gptlab.checks import core
from gptlab.checks import lab03_toy_gpt as check
from gptlab.checks.causes import CAUSES

NAMES = {
    "multi_head": "MultiHeadAttention",
    "feed_forward": "FeedForward",
    "block": "Block",
    "generate": "generate",
    "model": "ToyLanguageModel",
    "train_step": "train_step",
    "estimate_loss": "estimate_loss",
    "own_text": "train_on",
    "whole": "make_model",
}
CLASSES = {"multi_head", "feed_forward", "block", "model"}
RIGHT = """
def get_batch(split):
    return bigram.get_batch(train_data if split == "train" else val_data, block_size, batch_size)

def Head(head_size):
    return attention.Head(n_embd, head_size, block_size, dropout)

class MultiHeadAttention(nn.Module):
    def __init__(self, num_heads, head_size):
        super().__init__()
        self.heads = nn.ModuleList(Head(head_size) for i in range(num_heads))
        self.proj = nn.Linear(head_size * num_heads, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([h(x) for h in self.heads], -1)
        return self.dropout(self.proj(out))

class FeedForward(nn.Module):
    def __init__(self, n_embd):
        super().__init__()
        wide = 4 * n_embd
        self.net = nn.Sequential(
            nn.Linear(n_embd, wide), nn.ReLU(), nn.Linear(wide, n_embd), nn.Dropout(dropout)
        )

    def forward(self, x):
        return self.net(x)

class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        if n_embd % n_head:
            raise ValueError("uneven")
        size = n_embd // n_head
        self.sa = MultiHeadAttention(n_head, size)
        self.ffwd = FeedForward(n_embd)
        self.ln1, self.ln2 = nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)

    def forward(self, x):
        y = x + self.sa(self.ln1(x))
        return y + self.ffwd(self.ln2(y))

@torch.no_grad()
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        seen = idx[:, -block_size:]
        logits, _ = model(seen)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        new = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, new), dim=1)
    return idx

class ToyLanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(*[Block(n_embd, n_head) for _ in range(n_layer)])
        self.ln_f = nn.LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        B, T = idx.shape
        pos = self.position_embedding_table(torch.arange(T))
        x = self.token_embedding_table(idx) + pos
        x = self.blocks(x)
        x = self.ln_f(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        logits = logits.flatten(0, 1)
        return logits, F.cross_entropy(logits, targets.flatten())

def train_step(model, optimizer, xb, yb):
    _, loss = model(xb, yb)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()

@torch.no_grad()
def estimate_loss(model, eval_iters):
    out = {}
    model.eval()
    for split in ("train", "val"):
        found = [model(*get_batch(split))[1].item() for _ in range(eval_iters)]
        out[split] = sum(found) / eval_iters
    model.train()
    return out

def train_on(text, n_steps):
    global vocab_size, train_data, val_data
    before = vocab_size, train_data, val_data
    try:
        chars, own = bigram.build_vocabulary(text)
        vocab_size = len(chars)
        ids = torch.tensor([own[c] for c in text])
        train_data, val_data = bigram.split_data(ids)
        new, adam = make_model()
        for _ in range(n_steps):
            train_step(new, adam, *get_batch("train"))
        found = estimate_loss(new, 10)
        return found["train"], found["val"]
    finally:
        vocab_size, train_data, val_data = before

def make_model():
    model = ToyLanguageModel().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    return model, optimizer
"""
WRONG = [
    ("multi_head", "heads_plain_list",
     "nn.ModuleList(Head(head_size) for i in range(num_heads))",
     "[Head(head_size) for i in range(num_heads)]"),
    ("multi_head", "heads_one_object",
     "nn.ModuleList(Head(head_size) for i in range(num_heads))",
     "nn.ModuleList([Head(head_size)] * num_heads)"),
    ("multi_head", "head_arguments", "Head(head_size) for", "Head(n_embd * 3) for"),
    ("multi_head", "heads_not_side_by_side", "torch.cat([h(x) for h in self.heads], -1)",
     "sum(h(x) for h in self.heads)"),
    ("multi_head", "heads_not_side_by_side", "self.heads], -1)", "self.heads], 1)"),
    ("multi_head", "heads_wrong_order", "[h(x) for h in self.heads]",
     "[h(x) for h in reversed(self.heads)]"),
    ("multi_head", "heads_interleaved", "torch.cat([h(x) for h in self.heads], -1)",
     "torch.stack([h(x) for h in self.heads], -1).flatten(2)"),
    ("multi_head", "residual_in_heads", "self.proj(out))", "self.proj(out)) + x"),
    ("multi_head", "dropout_not_set", "nn.Dropout(dropout)\n\n", "nn.Dropout()\n\n"),
    ("feed_forward", "dropout_not_set", ", nn.Dropout(dropout)\n", ", nn.Dropout()\n"),
    ("block", "block_other_part", "MultiHeadAttention(n_head, size)", "nn.Identity()"),
    ("block", "size_fraction", "n_embd // n_head", "n_embd / n_head"),
    ("block", "block_in_place", "y = x + self.sa(self.ln1(x))",
     "x += self.sa(self.ln1(x))\n        y = x"),
    ("multi_head", "no_projection", "self.dropout(self.proj(out))", "self.dropout(out)"),
    ("multi_head", "projection_without_bias", "head_size * num_heads, n_embd)",
     "head_size * num_heads, n_embd, bias=False)"),
    ("multi_head", "projection_sizes", "nn.Linear(head_size * num_heads, n_embd)",
     "nn.Linear(n_embd, n_embd)"),
    ("multi_head", "no_dropout_after_projection", "self.dropout(self.proj(out))",
     "self.proj(out)"),
    ("multi_head", "dropout_before_projection", "self.dropout(self.proj(out))",
     "self.proj(self.dropout(out))"),
    ("feed_forward", "ffwd_no_relu", "nn.ReLU(), ", ""),
    ("feed_forward", "ffwd_gelu", "nn.ReLU()", "nn.GELU()"),
    ("feed_forward", "ffwd_relu_first", "nn.Linear(n_embd, wide), nn.ReLU()",
     "nn.ReLU(), nn.Linear(n_embd, wide)"),
    ("feed_forward", "ffwd_relu_last", "nn.Dropout(dropout)\n", "nn.ReLU(), nn.Dropout(dropout)\n"),
    ("feed_forward", "ffwd_residual", "return self.net(x)", "return x + self.net(x)"),
    ("feed_forward", "ffwd_width", "wide = 4 * n_embd", "wide = n_embd"),
    ("feed_forward", "ffwd_no_bias", "nn.Linear(n_embd, wide)",
     "nn.Linear(n_embd, wide, bias=False)"),
    ("feed_forward", "ffwd_no_dropout", ", nn.Dropout(dropout)\n", "\n"),
    ("feed_forward", "ffwd_dropout_not_last", "nn.ReLU(), nn.Linear(wide, n_embd), "
     "nn.Dropout(dropout)", "nn.ReLU(), nn.Dropout(dropout), nn.Linear(wide, n_embd)"),
    ("block", "residual_missing_attention", "y = x + self", "y = self"),
    ("block", "residual_missing_feed_forward", "return y + self", "return self"),
    ("block", "residual_of_normed", "y = x + self", "y = self.ln1(x) + self"),
    ("block", "residual_of_normed_feed_forward", "return y + self", "return self.ln2(y) + self"),
    ("block", "norm_after", "        y = x + self.sa(self.ln1(x))\n"
     "        return y + self.ffwd(self.ln2(y))", "        y = self.ln1(x + self.sa(x))\n"
     "        return self.ln2(y + self.ffwd(y))"),
    ("block", "no_norm_attention", "self.sa(self.ln1(x))", "self.sa(x)"),
    ("block", "no_norm_feed_forward", "self.ffwd(self.ln2(y))", "self.ffwd(y)"),
    ("block", "ln1_twice", "self.ln2(y)", "self.ln1(y)"),
    ("block", "block_in_parallel", "self.ln2(y)", "self.ln2(x)"),
    ("block", "second_from_x", "return y + self", "return x + self"),
    ("block", "block_one_norm", "nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)",
     "[nn.LayerNorm(n_embd)] * 2"),
    ("block", "block_head_size", "size = n_embd // n_head", "size = n_embd"),
    ("block", "block_sa_arguments", "MultiHeadAttention(n_head, size)",
     "MultiHeadAttention(size, n_head)"),
    ("block", "no_divisibility_check", "if n_embd % n_head", "if False"),
    ("generate", "context_not_cropped", "seen = idx[:, -block_size:]", "seen = idx"),
    ("generate", "context_cropped_first", "idx[:, -block_size:]", "idx[:, :block_size]"),
    ("generate", "context_lost", "seen = idx[:, -block_size:]",
     "seen = idx = idx[:, -block_size:]"),
    ("generate", "generate_argmax", "torch.multinomial(probs, num_samples=1)",
     "probs.argmax(-1, keepdim=True)"),
    ("generate", "generate_first_position", "logits[:, -1, :]", "logits[:, 0, :]"),
    ("model", "no_positions", "(idx) + pos", "(idx)"),
    ("model", "positions_from_one", "torch.arange(T)", "torch.arange(1, T + 1)"),
    ("model", "positions_constant", "torch.arange(T)", "torch.zeros(T, dtype=torch.long)"),
    ("model", "positions_of_ids", "torch.arange(T)", "idx"),
    ("model", "positions_block_size", "torch.arange(T)", "torch.arange(block_size)"),
    ("model", "no_token_embedding", "self.token_embedding_table(idx) + pos",
     "pos.expand(B, T, -1)"),
    ("model", "no_final_norm", "        x = self.ln_f(x)\n", ""),
    ("model", "blocks_not_used", "        x = self.blocks(x)\n", ""),
    ("model", "blocks_shared", "*[Block(n_embd, n_head) for _ in range(n_layer)]",
     "*[Block(n_embd, n_head)] * n_layer"),
    ("model", "blocks_one", "*[Block(n_embd, n_head) for _ in range(n_layer)]",
     "Block(n_embd, n_head)"),
    ("model", "block_arguments_swapped", "*[Block(n_embd, n_head)", "*[Block(n_head, n_embd)"),
    ("model", "tables_swapped", "token_embedding_table = nn.Embedding(vocab_size",
     "token_embedding_table = nn.Embedding(block_size"),
    ("model", "position_table_vocabulary", "position_embedding_table = nn.Embedding(block_size",
     "position_embedding_table = nn.Embedding(vocab_size"),
    ("model", "head_no_bias", "nn.Linear(n_embd, vocab_size)",
     "nn.Linear(n_embd, vocab_size, bias=False)"),
    ("model", "logits_are_probabilities", "self.lm_head(x)", "self.lm_head(x).softmax(-1)"),
    ("train_step", "no_zero_grad", "optimizer.zero_grad()", "pass"),
    ("estimate_loss", "left_in_eval", "model.train()", "pass"),
    ("own_text", "own_vocabulary", "vocab_size = len(chars)", "pass"),
    ("own_text", "whole_global_stoi", "[own[c] for c in text]", "[stoi[c] for c in text]"),
    ("own_text", "own_trains_on_all", "train_data, val_data = bigram", "other = bigram"),
    ("own_text", "own_trains_on_all", "= bigram.split_data(ids)", "= ids, ids[180:]"),
    ("own_text", "own_steps", "range(n_steps)", "range(20)"),
    ("own_text", "whole_swapped", 'return found["train"], found["val"]',
     'return found["val"], found["train"]'),
    ("own_text", "whole_evaluates_training", 'found["train"], found["val"]',
     'found["train"], found["train"]'),
    ("own_text", "own_not_restored", "vocab_size, train_data, val_data = before\n", "pass\n"),
    ("whole", "optimizer_of_another", "AdamW(model.parameters()",
     "AdamW(ToyLanguageModel().parameters()"),
    ("whole", "own_rate", "lr=learning_rate", "lr=3e-4"),
    ("whole", "whole_first_loss", "logits = self.lm_head(x)", "logits = 9 * self.lm_head(x)"),
    ("whole", "whole_does_not_learn", "logits = self.lm_head(x)",
     "logits = self.lm_head(x.detach())"),
]  # fmt: skip


SPACE = {
    "torch": torch, "nn": nn, "F": F, "bigram": bigram, "attention": attention,
    "stoi": {"a": 39, "b": 40}, "device": "cpu", "learning_rate": 1e-3, "n_layer": 4,
    "vocab_size": 65, "block_size": 32, "batch_size": 16, "n_embd": 64, "n_head": 4,
    "dropout": 0.0, "train_data": torch.arange(65), "val_data": torch.arange(65),
}  # fmt: skip
TRIAL = Trial(check, RIGHT, NAMES, SPACE)
notebook, failure = TRIAL.notebook, TRIAL.failure


@pytest.mark.parametrize("item", NAMES)
def test_a_right_answer_passes_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), WRONG, ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG)]
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


@pytest.mark.parametrize("item", NAMES)
def test_not_attempted_is_told_apart(item):
    assert isinstance(failure(item, None), core.NotAttempted)
    if item in CLASSES:
        source = (
            "class answer(nn.Module):\n    def __init__(self, *a):\n"
            "        super().__init__()\n        raise NotImplementedError"
        )
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


@pytest.mark.parametrize("item", NAMES)
def test_a_value_in_place_of_the_function_is_refused(item):
    assert "without brackets" in failure(item, [0, 1]).likely


@pytest.mark.parametrize("item", sorted(CLASSES))
def test_a_class_that_owns_nothing_names_what_is_missing(item):
    source = "class answer(nn.Module):\n    def __init__(self, *a):\n        super().__init__()"
    error = failure(item, notebook(source)["answer"])
    assert error.looked_at.startswith("self.") and error.found == "there is none"


def test_checks_leave_the_notebook_as_it_was():
    space = notebook()
    torch.manual_seed(5)
    before = dict(space)
    state = torch.random.get_rng_state()
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    assert space == before
    assert torch.random.get_rng_state().equal(state)


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        (((512, 65), (512, 65)), "shapes_flattened_early"),
        (((32, 65), (512, 65)), "shapes_flattened_early"),
        (((4, 8, 64), (512, 65)), "shapes_n_embd"),
        (((8, 65), (512, 65)), "shapes_no_batch"),
        (((8, 4, 65), (512, 65)), "shapes_axes"),
        (((16, 32, 65), (512, 65)), "shapes_other_batch"),
        (((4, 8, 65), (16, 32, 65)), "shapes_training_not_flattened"),
        (((4, 8, 65), (32, 65)), "shapes_other_batch"),
        (((4, 8, 65), (4, 8, 65)), "shapes_same"),
        (((4, 8, 65), (512, 64)), "shapes_n_embd"),
    ],
)
def test_shapes(answers, cause):
    check.shapes((4, 8, 65), (16 * 32, 65))
    check.shapes([4, 8, 65], torch.Size((512, 65)))
    likely = CAUSES[cause]
    assert failure("shapes", *answers).likely == likely
    assert isinstance(failure("shapes", (4, 8, 65), None), core.NotAttempted)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ("0", "context_digit"),
        (" ", "context_space"),
        ("", "context_empty"),
        ("\\n", "context_backslash"),
        (["\n"], "context_list"),
    ],
)
def test_context_text(answer, cause):
    check.context_text("\n")
    assert failure("context_text", answer).likely == CAUSES[cause]
    assert isinstance(failure("context_text", None), core.NotAttempted)


def test_a_head_of_the_students_own_is_as_good(capsys):
    check.multi_head(
        notebook(RIGHT.replace("Head(head_size) for i", "nn.Linear(n_embd, head_size) for i"))[
            "MultiHeadAttention"
        ]
    )
    assert "right" in capsys.readouterr().out


def test_a_seed_form_of_the_model_passes(capsys):
    """arange on the lab's device, parts by keyword, blocks appended one by one."""
    source = RIGHT.replace("torch.arange(T)", "torch.arange(T, device=device)")
    source = source.replace("Block(n_embd, n_head) for", "Block(n_embd, n_head=n_head) for")
    check.model(notebook(source, device="cuda")["ToyLanguageModel"])
    assert "right" in capsys.readouterr().out
