"""The checks of lab01: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""


import pytest
import torch
from check_trials import Trial
from torch import nn
from torch.nn import functional as F

from gptlab.checks import core, quiz
from gptlab.checks import lab01_bigram as check
from gptlab.checks.causes import CAUSES

NAMES = {
    "preview": "preview",
    "vocabulary": "build_vocabulary",
    "encode": "encode",
    "decode": "decode",
    "split": "split_data",
    "windows": "prediction_tasks",
    "get_batch": "get_batch",
    "batch_text": "batch_text",
    "count_pairs": "count_pairs",
    "probabilities": "pair_probabilities",
    "counted_loss": "bigram_loss",
    "model": "BigramLanguageModel",
    "generate": "generate",
    "train_step": "train_step",
    "estimate_loss": "estimate_loss",
    "coverage": "chance_missed",
    "whole": "run_bigram",
}
RIGHT = """
preview = lambda text, n=200: text[:n]

def build_vocabulary(text):
    chars = sorted(set(text))
    return chars, {ch: i for i, ch in enumerate(chars)}

encode = lambda s: [stoi[c] for c in s]
decode = lambda ids: "".join(itos[i] for i in ids)

def split_data(data, fraction=0.9):
    n = int(fraction * len(data))
    return data[:n], data[n:]

def prediction_tasks(x, y):
    return [(x[:t + 1].tolist(), y[t].item()) for t in range(len(x))]

def get_batch(split):
    data = train_data if split == "train" else val_data
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + block_size + 1] for i in ix])
    return x, y

def batch_text(yb):
    return [decode(row.tolist()) for row in yb]

def count_pairs(ids, vocab_size):
    counts = torch.zeros(vocab_size, vocab_size, dtype=torch.long)
    for a, b in zip(ids[:-1], ids[1:]):
        counts[a, b] += 1
    return counts

def pair_probabilities(counts):
    more = counts + 1
    return more / more.sum(1, keepdim=True)

def bigram_loss(probs, ids):
    p = probs[ids[:-1], ids[1:]]
    return -p.log().mean().item()

class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        logits = logits.view(B * T, C)
        loss = F.cross_entropy(logits, targets.view(B * T))
        return logits, loss

def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

def train_step(model, optimizer, xb, yb):
    logits, loss = model(xb, yb)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()

@torch.no_grad()
def estimate_loss(model, eval_iters):
    out = {}
    model.eval()
    for split in ["train", "val"]:
        losses = torch.zeros(eval_iters)
        for k in range(eval_iters):
            losses[k] = model(*get_batch(split))[1].item()
        out[split] = losses.mean()
    model.train()
    return out

def chance_missed(n_windows, block_size, n_characters):
    return (1 - block_size / (n_characters - block_size)) ** n_windows

def run_bigram(text):
    chars, own = build_vocabulary(text)
    ids = torch.tensor([own[c] for c in text])
    train, val = split_data(ids)
    probs = pair_probabilities(count_pairs(train, len(chars)))
    return bigram_loss(probs, train), bigram_loss(probs, val)
"""

# item, cause, what stands in the right answer, what stands there in the wrong one
WRONG = [
    ("preview", "preview_off_by_one", "text[:n]", "text[:n + 1]"),
    ("preview", "preview_off_by_one", "text[:n]", "text[:n - 1]"),
    ("preview", "preview_ignores_n", "text[:n]", "text[:200]"),
    ("preview", "preview_last", "text[:n]", "text[-n:]"),
    ("vocabulary", "vocabulary_repeats", "sorted(set(text))", "sorted(text)"),
    ("vocabulary", "vocabulary_unsorted", "sorted(set(text))", "list(dict.fromkeys(text))"),
    ("vocabulary", "vocabulary_descending", "set(text))", "set(text), reverse=True)"),
    ("vocabulary", "vocabulary_from_one", "enumerate(chars)}", "enumerate(chars, 1)}"),
    ("vocabulary", "vocabulary_reversed", "{ch: i for", "{i: ch for"),
    ("encode", "encode_wrong_direction", "for c in s]", "for c in s[::-1]]"),
    ("encode", "encode_own_order", "stoi[c] for", "list(dict.fromkeys(s)).index(c) for"),
    ("encode", "encode_unique", "for c in s]", "for c in sorted(set(s))]"),
    ("encode", "encode_ord", "stoi[c]", "ord(c)"),
    ("decode", "decode_spaces", '"".join(itos', '" ".join(itos'),
    ("decode", "decode_list", '"".join(itos[i] for i in ids)', "[itos[i] for i in ids]"),
    ("decode", "decode_chr", "itos[i]", "chr(i)"),
    ("decode", "decode_reversed", "for i in ids)", "for i in reversed(ids))"),
    ("split", "split_swapped", "return data[:n], data[n:]", "return data[n:], data[:n]"),
    ("split", "split_fixed", "int(fraction *", "int(0.9 *"),
    ("split", "split_val_fraction", "int(fraction *", "int((1.0001 - fraction) *"),
    ("split", "split_overlap", "data[n:]", "data[n - 1:]"),
    ("split", "split_gap", "data[n:]", "data[n + 1:]"),
    ("split", "split_shuffled", "return data[:n]", "data = data.flip(0); return data[:n]"),
    ("windows", "windows_context_too_short", "x[:t + 1]", "x[:t]"),
    ("windows", "windows_targets_from_x", "y[t].item()", "x[t].item()"),
    ("windows", "windows_last_only", "x[:t + 1]", "x[t:t + 1]"),
    ("windows", "windows_one_short", "range(len(x))", "range(len(x) - 1)"),
    ("get_batch", "targets_not_shifted", "data[i + 1:i + block_size + 1]",
     "data[i:i + block_size]"),
    ("get_batch", "targets_shifted_by_two", "y = torch.stack([data[i + 1:i + block_size + 1]",
     "y = torch.stack([data.roll(-2)[i:i + block_size]"),
    ("get_batch", "targets_backwards", "y = torch.stack([data[i + 1:i + block_size + 1]",
     "y = torch.stack([data.roll(1)[i:i + block_size]"),
    ("get_batch", "last_window_never", "len(data) - block_size,", "len(data) - block_size - 1,"),
    ("get_batch", "upper_bound_too_high", "len(data) - block_size,", "len(data) - block_size + 1,"),
    ("get_batch", "upper_bound_too_high", "len(data) - block_size,", "len(data),"),
    ("get_batch", "always_training", 'train_data if split == "train" else val_data', "train_data"),
    ("get_batch", "splits_swapped", 'split == "train"', 'split != "train"'),
    ("get_batch", "same_window_every_row", "(batch_size,))", "(1,)).expand(batch_size)"),
    ("get_batch", "float_ids", "    return x, y\n\ndef batch",
     "    return x.float(), y\n\ndef batch"),
    ("get_batch", "batch_transposed", "    return x, y\n\ndef batch",
     "    return x.T, y.T\n\ndef batch"),
    ("get_batch", "contiguous_rows", "torch.randint(len(data) - block_size, (batch_size,))",
     "range(batch_size)"),
    ("get_batch", "windows_follow", "(batch_size,))",
     "(1,)) // 4 + torch.arange(batch_size)"),
    ("get_batch", "batch_size_fixed", "(batch_size,))", "(4,))"),
    ("get_batch", "always_the_same_seed", "    ix =", "    torch.manual_seed(1)\n    ix ="),
    ("get_batch", "targets_of_other_windows", "    y = torch.stack([data[i",
     "    ix = torch.randint(len(data) - block_size, (batch_size,))\n"
     "    y = torch.stack([data[i"),
    ("get_batch", "targets_computed", "    return x, y\n\ndef batch",
     "    return x, x + 1\n\ndef batch"),
    ("get_batch", "batch_lab_data", 'train_data if split == "train" else val_data',
     "torch.arange(60)"),
    ("encode", "encode_itos", "stoi[c]", "itos[c]"),
    ("windows", "windows_y_too_late", "y[t].item()", "y[t + 1].item()"),
    ("windows", "windows_not_a_list", "x[:t + 1].tolist()", "x[t].item()"),
    ("count_pairs", "count_too_far", "for a, b in zip(ids[:-1], ids[1:])",
     "for a, b in ((ids[i], ids[i + 1]) for i in range(len(ids)))"),
    ("coverage", "coverage_power", "** n_windows", "^ n_windows"),
    ("estimate_loss", "estimate_keys", '["train", "val"]', '["train", "validation"]'),
    ("split", "split_rounded", "int(fraction * len(data))", "round(fraction * len(data))"),
    ("probabilities", "counts_changed", "more = counts + 1", "counts += 1; more = counts"),
    ("generate", "generate_softmax_over_rows", "dim=-1", "dim=0"),
    ("generate", "generate_with_targets", "model(idx)\n        probs",
     "model(idx, idx)\n        probs"),
    ("generate", "logits_come_first", "logits, _ = model(idx)", "logits = model(idx)"),
    ("generate", "generate_nothing_kept", "idx = torch.cat", "torch.cat"),
    ("generate", "generate_old_lost", "idx = torch.cat((idx, idx_next), dim=1)", "idx = idx_next"),
    ("generate", "generate_prepends", "(idx, idx_next)", "(idx_next, idx)"),
    ("generate", "generate_stopped", "    return idx\n", "        return idx\n"),
    ("model", "cross_entropy_order", "F.cross_entropy(logits, targets.view(B * T))",
     "F.cross_entropy(targets.view(B * T), logits)"),
    ("batch_text", "batch_text_one_string", "return [decode(row.tolist()) for row in yb]",
     "return decode(yb.flatten().tolist())"),
    ("batch_text", "batch_text_first_row", "for row in yb]", "for row in yb[:1]]"),
    ("batch_text", "batch_text_first_row", "return [decode(row.tolist()) for row in yb]",
     "return decode(yb[0].tolist())"),
    ("batch_text", "batch_text_columns", "for row in yb]", "for row in yb.T]"),
    ("count_pairs", "count_transposed", "counts[a, b] += 1", "counts[b, a] += 1"),
    ("count_pairs", "count_once", "counts[a, b] += 1", "counts[a, b] = 1"),
    ("count_pairs", "count_wraps", "zip(ids[:-1], ids[1:])", "zip(ids, ids.roll(-1))"),
    ("count_pairs", "count_floats", "dtype=torch.long", "dtype=torch.float"),
    ("count_pairs", "count_ignores_last", "zip(ids[:-1], ids[1:])", "zip(ids[:-2], ids[1:])"),
    ("count_pairs", "count_self", "zip(ids[:-1], ids[1:])", "zip(ids, ids)"),
    ("count_pairs", "count_gap", "zip(ids[:-1], ids[1:])", "zip(ids[::2], ids[1::2])"),
    ("probabilities", "no_keepdim", "more.sum(1, keepdim=True)", "more.sum(1)"),
    ("probabilities", "normalised_by_column", "more.sum(1, keepdim=True)", "more.sum(0)"),
    ("probabilities", "no_plus_one", "counts + 1", "counts"),
    ("probabilities", "normalised_by_all", "more.sum(1, keepdim=True)", "more.sum()"),
    ("probabilities", "plus_one_after", "more.sum(1,", "counts.sum(1,"),
    ("probabilities", "softmax_of_counts", "more / more.sum(1, keepdim=True)",
     "counts.float().softmax(1)"),
    ("counted_loss", "loss_summed", "p.log().mean()", "p.log().sum()"),
    ("counted_loss", "loss_log2", "p.log()", "p.log2()"),
    ("counted_loss", "loss_log10", "p.log()", "p.log10()"),
    ("counted_loss", "loss_sign", "-p.log()", "p.log()"),
    ("counted_loss", "loss_of_mean", "p.log().mean()", "p.mean().log()"),
    ("counted_loss", "loss_pairs_backwards", "probs[ids[:-1], ids[1:]]",
     "probs[ids[1:], ids[:-1]]"),
    ("counted_loss", "loss_all_rows", "-p.log()", "-probs.log()"),
    ("counted_loss", "loss_per_character", "p.log().mean()", "(p.log().sum() / len(ids))"),
    ("counted_loss", "loss_mean_probability", "-p.log().mean()", "p.mean()"),
    ("model", "softmax_before_cross_entropy", "loss = F.cross_entropy(logits,",
     "loss = F.cross_entropy(logits.softmax(-1),"),
    ("model", "flattened_by_permute", "logits = logits.view(B * T, C)",
     "logits = logits.permute(1, 0, 2).reshape(B * T, C)"),
    ("model", "cross_entropy_summed", "targets.view(B * T))",
     "targets.view(B * T), reduction='sum')"),
    ("model", "logits_not_flattened", "targets.view(B * T))", "targets)"),
    ("model", "logits_not_flattened",
     "logits = logits.view(B * T, C)\n"
     "        loss = F.cross_entropy(logits, targets.view(B * T))",
     "loss = F.cross_entropy(logits, targets)"),
    ("model", "logits_returned_unflattened", "return logits, loss",
     "return logits.view(B, T, C), loss"),
    ("model", "logits_flattened_always", "return logits, None",
     "return logits.flatten(0, 1), None"),
    ("model", "loss_always", "return logits, None", "return logits, 0.0"),
    ("model", "returns_only_logits", "return logits, None", "return logits"),
    ("model", "loss_detached", "return logits, loss", "return logits, loss.detach()"),
    ("model", "probabilities_returned", "return logits, None", "return logits.softmax(-1), None"),
    ("generate", "generate_first_position", "logits[:, -1, :]", "logits[:, 0, :]"),
    ("generate", "generate_all_positions", "logits[:, -1, :]", "logits"),
    ("generate", "generate_argmax", "torch.multinomial(probs, num_samples=1)",
     "probs.argmax(-1, keepdim=True)"),
    ("generate", "generate_only_new", "return idx", "return idx[:, -max_new_tokens:]"),
    ("generate", "generate_samples_logits", "F.softmax(logits[:, -1, :], dim=-1)",
     "logits[:, -1, :]"),
    ("generate", "generate_one_too_many", "range(max_new_tokens)", "range(max_new_tokens + 1)"),
    ("train_step", "no_zero_grad", "optimizer.zero_grad()", "pass"),
    ("train_step", "zero_grad_before_step", "optimizer.zero_grad()\n    loss.backward()",
     "loss.backward()\n    optimizer.zero_grad()"),
    ("train_step", "no_step", "optimizer.step()", "pass"),
    ("train_step", "no_backward", "loss.backward()", "pass"),
    ("train_step", "step_before_backward", "loss.backward()\n    optimizer.step()",
     "optimizer.step()\n    loss.backward()"),
    ("train_step", "two_steps", "optimizer.step()", "optimizer.step(); optimizer.step()"),
    ("train_step", "returns_tensor", "return loss.item()", "return loss"),
    ("train_step", "loss_after_step", "return loss.item()", "return model(xb, yb)[1].item()"),
    ("train_step", "ascent", "loss.backward()", "(-loss).backward()"),
    ("estimate_loss", "no_eval", "model.eval()", "pass"),
    ("estimate_loss", "no_no_grad", "@torch.no_grad()\n", ""),
    ("estimate_loss", "left_in_eval", "model.train()", "pass"),
    ("estimate_loss", "only_train", "model(*get_batch(split))", "model(*get_batch('train'))"),
    ("estimate_loss", "last_batch_only", "losses.mean()", "losses[-1]"),
    ("estimate_loss", "losses_summed", "losses.mean()", "losses.sum()"),
    ("estimate_loss", "keys_swapped", "out[split] =",
     "out[{'train': 'val', 'val': 'train'}[split]] ="),
    ("estimate_loss", "same_batch",
     "        for k in range(eval_iters):\n"
     "            losses[k] = model(*get_batch(split))[1].item()",
     "        losses += model(*get_batch(split))[1].item()"),
    ("coverage", "coverage_times_windows",
     "(1 - block_size / (n_characters - block_size)) ** n_windows",
     "1 - n_windows * block_size / (n_characters - block_size)"),
    ("coverage", "coverage_seen", "return (1 -", "return 1 - (1 -"),
    ("coverage", "coverage_tokens", "(n_characters - block_size))", "n_characters)"),
    ("coverage", "coverage_one_window", " ** n_windows", ""),
    ("coverage", "coverage_one_character", "(1 - block_size /", "(1 - 1 /"),
    ("split", "split_not_whole", "int(fraction * len(data))", "fraction * len(data)"),
    ("windows", "windows_tensors", "x[:t + 1].tolist(), y[t].item()", "x[:t + 1], y[t]"),
    ("count_pairs", "count_shared_rows", "counts[a, b] += 1", "counts[:, b] += 1"),
    ("model", "loss_always", "if targets is None:", "if False:"),
    ("generate", "generate_wrong_axis", "idx_next), dim=1)", "idx_next), dim=0)"),
    ("train_step", "loss_is_a_pair", "logits, loss = model(xb, yb)", "loss = model(xb, yb)"),
    ("whole", "whole_counts_all", "count_pairs(train,", "count_pairs(ids,"),
    ("whole", "whole_global_stoi", "[own[c] for c in text]", "encode(text)"),
    ("whole", "whole_swapped", "return bigram_loss(probs, train), bigram_loss(probs, val)",
     "return bigram_loss(probs, val), bigram_loss(probs, train)"),
]  # fmt: skip


SPACE = {"torch": torch, "nn": nn, "F": F, "stoi": {"a": 39, "b": 40}}
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
    error = failure(item, None)
    assert isinstance(error, core.NotAttempted)
    source = "def answer(*a, **k):\n    raise NotImplementedError"
    if item == "model":
        body = "logits = self.token_embedding_table(idx)"
        source = RIGHT.replace(body, "raise NotImplementedError")
        source = source.replace("class BigramLanguageModel", "class answer")
    error = failure(item, notebook(source)["answer"])
    assert isinstance(error, core.NotAttempted)
    assert str(error).startswith(f"{item}: not attempted yet")


@pytest.mark.parametrize("item", NAMES)
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2)])
def test_a_wrong_type_says_what_was_found(item, value):
    if item == "model":
        answer = notebook(
            RIGHT.replace("return logits, None", "return value"), value=value
        )["BigramLanguageModel"]  # fmt: skip
    else:
        answer = notebook("def answer(*a, **k):\n    return value", value=value)["answer"]
    error = failure(item, answer)
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("item", NAMES)
def test_a_value_in_place_of_the_function_is_refused(item):
    error = failure(item, [0, 1])
    assert "without brackets" in error.likely


@pytest.mark.parametrize("item", sorted(set(NAMES) - {"model"}))
def test_an_error_of_the_answer_names_its_line(item):
    source = "def answer(*a, **k):\n    nothing = {}\n    return nothing['here']"
    error = failure(item, notebook(source)["answer"])
    assert "KeyError" in error.found and "line 3" in error.where


def test_checks_leave_the_notebook_as_it_was():
    space = notebook(train_data="mine", decode_was=1)
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
        (("?", 49), "lookup_swapped"),
        ((50, "?"), "lookup_off_by_one"),
        ((49, ";"), "lookup_off_by_one"),
        ((49, "12"), "lookup_digit"),
    ],
)
def test_lookup(answers, cause):
    check.lookup(49, "?")
    assert failure("lookup", *answers).likely == CAUSES[cause]
    assert isinstance(failure("lookup", None, None), core.NotAttempted)


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        (((32, 65), (4, 8, 65)), "shapes_swapped"),
        (((4, 8, 65), (4, 8, 65)), "shapes_not_flattened"),
        (((8, 65), (32, 65)), "shapes_no_batch"),
        (((4, 8), (32, 65)), "shapes_no_vocabulary"),
        (((8, 4, 65), (32, 65)), "shapes_axes"),
    ],
)
def test_shapes(answers, cause):
    check.shapes((4, 8, 65), (4 * 8, 65))
    check.shapes([4, 8, 65], torch.Size((32, 65)))
    assert failure("shapes", *answers).likely == CAUSES[cause]
    assert isinstance(failure("shapes", (4, 8, 65), None), core.NotAttempted)


def test_the_block_of_a_message():
    error = core.CheckFailed(
        "causal_mask",
        looked_at="scores of shape (B=2, T=4, T=4)",
        expected="-inf on 6 places",
        found="-inf on 10",
        likely="no_keepdim",
    )
    lines = str(error).splitlines()
    assert lines[:4] == [
        "causal_mask: not right yet",
        "  looked at   scores of shape (B=2, T=4, T=4)",
        "  expected    -inf on 6 places",
        "  found       -inf on 10",
    ]
    assert lines[4].startswith("  likely      The row sums lost their axis")
    assert max(map(len, lines)) <= core.WIDTH
    assert error._render_traceback_() == lines


def test_tensors_in_a_tuple_are_shown_one_by_one():
    shown = core.show((torch.tensor([1, 2]), None))
    assert shown == "a tuple of [1, 2] (int64 tensor of shape (2,)); None"
    assert "\n" not in core.show([torch.zeros(3, 9), torch.zeros(2)])


def test_causes_are_sentences():
    for key, text in CAUSES.items():
        assert text.endswith(".") and 15 < len(text) < 250, key


OPTIONS = {"one": "No: one is less.", "two": "Right: two it is.", "three": "No: three is more."}


def test_an_option_opens_with_its_own_letter_only():
    sealed = quiz.seal_options("lab", "q", OPTIONS, "two")
    assert list(sealed) == ["a", "b", "c"]
    assert quiz.open("lab", "q", "b", sealed["b"]) == "+Right: two it is."
    assert quiz.open("lab", "q", "a", sealed["a"]) == "-No: one is less."
    for lab, item, letter in [("lab", "q", "a"), ("lab", "r", "b"), ("lib", "q", "b")]:
        with pytest.raises(ValueError, match="changed"):
            quiz.open(lab, item, letter, sealed["b"])
    assert not any(word in "".join(sealed.values()) for word in ("Right", "two", "less"))
    assert len({len(text) for text in sealed.values()}) == 1
    assert sealed == quiz.seal_options("lab", "q", OPTIONS, "two")
    with pytest.raises(ValueError, match="not one of the options"):
        quiz.seal_options("lab", "q", OPTIONS, "four")


@pytest.mark.parametrize("answer", ["b", "B", " b)", "(b)", "b."])
def test_a_right_letter_passes(answer, capsys):
    quiz.for_lab("lab")("q", answer, quiz.seal_options("lab", "q", OPTIONS, "two"))
    assert capsys.readouterr().out == "q: right. Two it is.\n"


def test_a_wrong_letter_is_explained_and_no_letter_is_told_apart():
    choice = quiz.for_lab("lab")
    sealed = quiz.seal_options("lab", "q", OPTIONS, "two")
    with pytest.raises(quiz.WrongChoice) as caught:
        choice("q", "c", sealed)
    assert str(caught.value).splitlines()[1:] == [
        "  your answer   c",
        "  why           No: three is more.",
    ]
    with pytest.raises(core.NotAttempted):
        choice("q", None, sealed)
    for odd in ("d", "two", 2, ["b"], "ab"):
        with pytest.raises(core.CheckFailed, match="q") as caught:
            choice("q", odd, sealed)
        assert "one of the letters a, b, c" in caught.value.expected


def test_more_digits_are_as_right(capsys):
    def pair_probabilities(counts):
        table = counts.double() + 1
        return table / table.sum(1, keepdim=True)

    check.probabilities(pair_probabilities)
    assert "right" in capsys.readouterr().out


def test_a_step_may_work_out_the_loss_itself(capsys):
    def train_step(model, optimizer, xb, yb):
        logits, _ = model(xb)
        loss = F.cross_entropy(logits.view(-1, logits.shape[-1]), yb.view(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    check.train_step(train_step)
    assert "right" in capsys.readouterr().out
