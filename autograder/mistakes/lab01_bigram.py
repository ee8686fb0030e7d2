"""What students write in lab01_bigram: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab01_bigram.py; its sentence stands under its
id in gptlab/checks/causes/. The right answers stand in lab01_bigram_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab01_bigram_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_PREVIEW = "return text[:n]"
_CHARS = "chars = sorted(set(text))"
_LOOKUP = 'index_of_k = stoi["k"]\ncharacter_12 = itos[12]'
_ENCODE = "return [stoi[c] for c in s]"
_DECODE = 'return "".join(itos[i] for i in ids)'
_CUT = "n = int(fraction * len(data))"
_PARTS = "return data[:n], data[n:]"
_TASK = "tasks.append((x[: t + 1].tolist(), y[t].item()))"
_SPLIT = 'data = train_data if split == "train" else val_data'
_STARTS = "ix = torch.randint(len(data) - block_size, (batch_size,))"
_X = "x = torch.stack([data[i : i + block_size] for i in ix])"
_Y = "y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix])"
_ROWS = "return [decode(row.tolist()) for row in yb]"
_ZIP = "for a, b in zip(ids, ids[1:]):"
_ADD = "counts[a][b] += 1"
_SMOOTHED = "smoothed = counts.float() + 1"
_NORMAL = "return smoothed / smoothed.sum(dim=1, keepdim=True)"
_P = "p = probs[ids[:-1], ids[1:]]"
_LOSS = "return -p.log().mean().item()"
_TABLE = "logits = self.token_embedding_table(idx)"
_NONE = "            return logits, None"
_FLAT = "logits = logits.view(B * T, C)"
_CROSS = "loss = F.cross_entropy(logits, targets.view(B * T))"
_SHAPES = "logits_shape = (4, 8, 65)\nlogits_shape_training = (32, 65)"
_PROBS = "probs = F.softmax(logits[:, -1, :], dim=-1)"
_DRAW = "idx_next = torch.multinomial(probs, num_samples=1)"
_CAT = "idx = torch.cat((idx, idx_next), dim=1)"
_ZERO = "optimizer.zero_grad(set_to_none=True)"
_BACK = "loss.backward()"
_STEP = f"{_ZERO}\n    {_BACK}\n    optimizer.step()\n    return loss.item()"
_BATCH = "xb, yb = get_batch(split)\n            losses[k] = model(xb, yb)[1].item()"
_MEAN = "out[split] = losses.mean().item()"
_TRAIN = f"{_MEAN}\n    model.train()"
_ONCE = "missed_once = 1 - block_size / (n_characters - block_size)"
_ALL = "return missed_once**n_windows"
_IDS = "ids = torch.tensor([stoi[c] for c in text])"
_OWN = "probs = pair_probabilities(count_pairs(train, len(chars)))"
_BOTH = "return bigram_loss(probs, train), bigram_loss(probs, val)"
_VOCABULARY = f"chars, stoi = build_vocabulary(text)\n    {_IDS}"

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "preview": {
        "preview_off_by_one": (_PREVIEW, "return text[: n + 1]"),
        "preview_ignores_n": (_PREVIEW, "return text[:200]"),
        "preview_printed": (_PREVIEW, "print(text[:n])"),
    },
    "vocabulary": {
        "vocabulary_unsorted": (_CHARS, "chars = list(set(text))"),
        "vocabulary_by_appearance": (_CHARS, "chars = list(dict.fromkeys(text))"),
        "vocabulary_no_whitespace": (_CHARS, 'chars = sorted(set("".join(text.split())))'),
        "vocabulary_lower": (_CHARS, "chars = sorted(set(text.lower()))"),
        "vocabulary_from_one": (
            "stoi = {ch: i for i, ch in enumerate(chars)}",
            "stoi = {ch: i for i, ch in enumerate(chars, 1)}",
        ),
    },
    "lookup": {
        "lookup_swapped": (_LOOKUP, 'index_of_k = itos[12]\ncharacter_12 = stoi["k"]'),
        "lookup_off_by_one": (_LOOKUP, 'index_of_k = stoi["k"] + 1\ncharacter_12 = itos[11]'),
        "lookup_digit": (_LOOKUP, 'index_of_k = ord("k")\ncharacter_12 = chr(12)'),
    },
    "encode": {
        "encode_own_order": (
            _ENCODE,
            "own = {c: i for i, c in enumerate(sorted(set(s)))}\n    return [own[c] for c in s]",
        ),
        "encode_ord": (_ENCODE, "return [ord(c) for c in s]"),
        "encode_tensor": (_ENCODE, "return torch.tensor([stoi[c] for c in s])"),
    },
    "decode": {
        "decode_spaces": (_DECODE, 'return " ".join(itos[i] for i in ids)'),
        "decode_list": (_DECODE, "return [itos[i] for i in ids]"),
        "decode_chr": (_DECODE, 'return "".join(chr(i) for i in ids)'),
    },
    "split": {
        "split_swapped": (_PARTS, "return data[n:], data[:n]"),
        "split_overlap": (_PARTS, "return data[:n], data[n - 1 :]"),
        "split_all_of_it": (_PARTS, "return data[:n], data"),
        "split_gap": (_PARTS, "return data[:n], data[n + 1 :]"),
        "split_shuffled": (_CUT, f"data = data[torch.randperm(len(data))]\n    {_CUT}"),
        "split_fixed": (_CUT, "n = int(0.9 * len(data))"),
        "split_val_fraction": (_CUT, "n = int((1 - fraction) * len(data))"),
        "split_rounded": (_CUT, "n = round(fraction * len(data))"),
    },
    "windows": {
        "windows_context_too_short": (_TASK, "tasks.append((x[:t].tolist(), y[t].item()))"),
        "windows_targets_from_x": (_TASK, "tasks.append((x[: t + 1].tolist(), x[t].item()))"),
        "windows_target_too_late": (_TASK, "tasks.append((x[: t + 1].tolist(), y[t + 1].item()))"),
        "windows_last_only": (_TASK, "tasks.append(([x[t].item()], y[t].item()))"),
        "windows_all_of_x": (_TASK, "tasks.append((x.tolist(), y[t].item()))"),
        "windows_tensors": (_TASK, "tasks.append((x[: t + 1], y[t]))"),
        "windows_one_short": ("range(len(x)):", "range(len(x) - 1):"),
    },
    "get_batch": {
        "targets_not_shifted": (_Y, "y = torch.stack([data[i : i + block_size] for i in ix])"),
        "targets_shifted_by_two": (
            _Y,
            "y = torch.stack([data[i + 2 : i + block_size + 2] for i in ix])",
        ),
        "targets_backwards": (
            _Y,
            "y = torch.stack([data[i - 1 : i + block_size - 1] for i in ix])",
        ),
        "targets_of_other_windows": (_Y, f"{_STARTS}\n    {_Y}"),
        "last_window_never": (
            _STARTS,
            "ix = torch.randint(len(data) - block_size - 1, (batch_size,))",
        ),
        "first_window_never": (
            _STARTS,
            "ix = torch.randint(1, len(data) - block_size, (batch_size,))",
        ),
        "upper_bound_too_high": (
            _STARTS,
            "ix = torch.randint(len(data) - block_size + 1, (batch_size,))",
        ),
        "upper_bound_whole_text": (_STARTS, "ix = torch.randint(len(data), (batch_size,))"),
        "always_training": (_SPLIT, "data = train_data"),
        "splits_swapped": (_SPLIT, 'data = val_data if split == "train" else train_data'),
        "same_window_every_row": (
            _STARTS,
            "ix = torch.randint(len(data) - block_size, (1,)).repeat(batch_size)",
        ),
        "contiguous_rows": (_STARTS, "ix = torch.arange(batch_size) * block_size"),
        "always_the_same_seed": (_STARTS, f"torch.manual_seed(1337)\n    {_STARTS}"),
        "batch_size_fixed": (_STARTS, "ix = torch.randint(len(data) - block_size, (4,))"),
        "scattered_characters": (
            f"{_STARTS}\n    {_X}\n    {_Y}",
            "ix = torch.randint(len(data) - block_size, (batch_size, block_size))\n    x = data[ix]\n    y = data[ix + 1]",
        ),
        "float_ids": ("return x, y\n", "return x.float(), y.float()\n"),
        "batch_transposed": (
            f"{_X}\n    {_Y}",
            "x = torch.stack([data[i : i + block_size] for i in ix], dim=1)\n    y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix], dim=1)",
        ),
    },
    "batch_text": {
        "batch_text_one_string": (_ROWS, "return decode(yb.flatten().tolist())"),
        "batch_text_first_row": (_ROWS, "return decode(yb[0].tolist())"),
        "batch_text_columns": (_ROWS, "return [decode(row.tolist()) for row in yb.T]"),
        "batch_text_global": (_ROWS, "return [decode(row.tolist()) for row in xb]"),
    },
    "count_pairs": {
        "count_transposed": (_ADD, "counts[b][a] += 1"),
        "count_once": (_ADD, "counts[a][b] = 1"),
        "count_wraps": (_ZIP, "for a, b in zip(ids, ids[1:] + ids[:1]):"),
        "count_ignores_last": (_ZIP, "for a, b in zip(ids, ids[1:-1]):"),
        "count_gap": (_ZIP, "for a, b in zip(ids[::2], ids[1::2]):"),
        "count_floats": (_ADD, f"{_ADD}.0"),
        "count_from_one": (
            _ZIP,
            f"counts = [[1] * vocab_size for _ in range(vocab_size)]\n    {_ZIP}",
        ),
    },
    "probabilities": {
        "no_keepdim": (_NORMAL, "return smoothed / smoothed.sum(dim=1)"),
        "normalised_by_column": (_NORMAL, "return smoothed / smoothed.sum(dim=0, keepdim=True)"),
        "normalised_by_all": (_NORMAL, "return smoothed / smoothed.sum()"),
        "no_plus_one": (_SMOOTHED, "smoothed = counts.float()"),
        "plus_one_where_zero": (_SMOOTHED, "smoothed = counts.float().clamp(min=1)"),
        "plus_one_after": (_NORMAL, "return counts / counts.sum(dim=1, keepdim=True) + 1"),
        "plus_one_above_only": (_NORMAL, "return smoothed / counts.sum(dim=1, keepdim=True)"),
        "softmax_of_counts": (_NORMAL, "return F.softmax(smoothed, dim=1)"),
        "whole_division": (
            f"{_SMOOTHED}\n    {_NORMAL}",
            "smoothed = counts + 1\n    return smoothed // smoothed.sum(dim=1, keepdim=True)",
        ),
        "counts_changed": (
            f"{_SMOOTHED}\n    {_NORMAL}",
            "counts += 1\n    return counts / counts.sum(dim=1, keepdim=True)",
        ),
    },
    "counted_loss": {
        "loss_summed": (_LOSS, "return -p.log().sum().item()"),
        "loss_log2": (_LOSS, "return -p.log2().mean().item()"),
        "loss_sign": (_LOSS, "return p.log().mean().item()"),
        "loss_sign_inside": (_LOSS, "return (-p).log().mean().item()"),
        "loss_of_mean": (_LOSS, "return -p.mean().log().item()"),
        "loss_mean_probability": (_LOSS, "return p.mean().item()"),
        "loss_perplexity": (_LOSS, "return math.exp(-p.log().mean().item())"),
        "loss_per_character": (_LOSS, "return -p.log().sum().item() / len(ids)"),
        "loss_pairs_backwards": (_P, "p = probs[ids[1:], ids[:-1]]"),
        "loss_all_rows": (_P, "p = probs[ids[:-1]]"),
        "loss_every_pairing": (_P, "p = probs[ids[:-1]][:, ids[1:]]"),
    },
    "model": {
        "softmax_before_cross_entropy": (
            _CROSS,
            "loss = F.cross_entropy(F.softmax(logits, dim=-1), targets.view(B * T))",
        ),
        "probabilities_returned": (_TABLE, f"{_TABLE}.softmax(dim=-1)"),
        "flattened_by_permute": (_FLAT, "logits = logits.permute(1, 0, 2).reshape(B * T, C)"),
        "targets_by_columns": (
            _CROSS,
            "loss = F.cross_entropy(logits, targets.t().reshape(B * T))",
        ),
        "vocabulary_axis_moved": (_FLAT, "logits = logits.permute(0, 2, 1).reshape(B * T, C)"),
        "cross_entropy_summed": (
            _CROSS,
            'loss = F.cross_entropy(logits, targets.view(B * T), reduction="sum")',
        ),
        "targets_are_inputs": (_CROSS, "loss = F.cross_entropy(logits, idx.view(B * T))"),
        "logits_not_flattened": (
            f"{_FLAT}\n        {_CROSS}",
            "loss = F.cross_entropy(logits, targets)",
        ),
        "logits_returned_unflattened": (
            f"{_FLAT}\n        {_CROSS}",
            "loss = F.cross_entropy(logits.view(B * T, C), targets.view(B * T))",
        ),
        "logits_flattened_always": (
            _TABLE,
            f"{_TABLE}.flatten(0, 1)\n        if targets is not None:\n            return logits, F.cross_entropy(logits, targets.flatten())",
        ),
        "loss_always": (_NONE, "            return logits, 0.0"),
        "returns_only_logits": (_NONE, "            return logits"),
        "loss_detached": (_CROSS, f"{_CROSS}.item()"),
    },
    "shapes": {
        "shapes_swapped": (_SHAPES, "logits_shape = (32, 65)\nlogits_shape_training = (4, 8, 65)"),
        "shapes_same": (_SHAPES, "logits_shape = (4, 8, 65)\nlogits_shape_training = (4, 8, 65)"),
        "shapes_no_batch": (_SHAPES, "logits_shape = (8, 65)\nlogits_shape_training = (8, 65)"),
        "shapes_no_vocabulary": (_SHAPES, "logits_shape = (4, 8)\nlogits_shape_training = (32,)"),
        "shapes_axes": (_SHAPES, "logits_shape = (8, 4, 65)\nlogits_shape_training = (32, 65)"),
    },
    "generate": {
        "generate_first_position": (_PROBS, "probs = F.softmax(logits[:, 0, :], dim=-1)"),
        "generate_all_positions": (_PROBS, "probs = F.softmax(logits.mean(dim=1), dim=-1)"),
        "generate_position_forgotten": (_PROBS, "probs = F.softmax(logits, dim=-1)"),
        "generate_argmax": (_DRAW, "idx_next = probs.argmax(dim=-1, keepdim=True)"),
        "generate_samples_logits": (_PROBS, "probs = logits[:, -1, :]"),
        "generate_softmax_over_rows": (_PROBS, "probs = F.softmax(logits[:, -1, :], dim=0)"),
        "generate_same_for_all": (
            _DRAW,
            "idx_next = torch.multinomial(probs[0], num_samples=1).expand(len(idx), 1)",
        ),
        "generate_only_new": (_CAT, "idx = idx_next"),
        "generate_prepends": (_CAT, "idx = torch.cat((idx_next, idx), dim=1)"),
    },
    "train_step": {
        "no_zero_grad": (f"    {_ZERO}\n", ""),
        "zero_grad_before_step": (f"{_ZERO}\n    {_BACK}", f"{_BACK}\n    {_ZERO}"),
        "step_before_backward": (
            _STEP,
            f"{_ZERO}\n    optimizer.step()\n    {_BACK}\n    return loss.item()",
        ),
        "no_backward": (f"    {_BACK}\n    optimizer", "    optimizer"),
        "no_step": (f"{_BACK}\n    optimizer.step()\n", f"{_BACK}\n"),
        "returns_tensor": (_STEP, f"{_ZERO}\n    {_BACK}\n    optimizer.step()\n    return loss"),
        "loss_after_step": (
            _STEP,
            f"{_ZERO}\n    {_BACK}\n    optimizer.step()\n    return model(xb, yb)[1].item()",
        ),
        "own_batch": (
            "logits, loss = model(xb, yb)\n    optimizer",
            'xb, yb = get_batch("train")\n    logits, loss = model(xb, yb)\n    optimizer',
        ),
        "own_optimizer": (
            "logits, loss = model(xb, yb)\n    optimizer",
            "optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)\n    logits, loss = model(xb, yb)\n    optimizer",
        ),
    },
    "estimate_loss": {
        "no_eval": ("    model.eval()\n", ""),
        "left_in_eval": (_TRAIN, _MEAN),
        "no_no_grad": ("@torch.no_grad()\ndef estimate_loss", "def estimate_loss"),
        "only_train": ("xb, yb = get_batch(split)", 'xb, yb = get_batch("train")'),
        "same_batch": (
            f"for k in range(eval_iters):\n            {_BATCH}",
            "xb, yb = get_batch(split)\n        for k in range(eval_iters):\n            losses[k] = model(xb, yb)[1].item()",
        ),
        "last_batch_only": (_MEAN, "out[split] = losses[-1].item()"),
        "losses_summed": (_MEAN, "out[split] = losses.sum().item()"),
        "returned_too_soon": (_TRAIN, f"{_MEAN}\n        model.train()\n        return out"),
    },
    "coverage": {
        "coverage_times_windows": (_ALL, "return 1 - n_windows * (1 - missed_once)"),
        "coverage_seen": (_ALL, "return 1 - missed_once**n_windows"),
        "coverage_one_window": (_ALL, "return missed_once"),
        "coverage_tokens": (_ONCE, "missed_once = 1 - block_size / n_characters"),
        "coverage_one_start_more": (
            _ONCE,
            "missed_once = 1 - block_size / (n_characters - block_size + 1)",
        ),
        "coverage_one_character": (_ONCE, "missed_once = 1 - 1 / (n_characters - block_size)"),
    },
    "whole": {
        "whole_counts_all": (_OWN, "probs = pair_probabilities(count_pairs(ids, len(chars)))"),
        "whole_global_stoi": (_IDS, "ids = torch.tensor(encode(text))"),
        "whole_split_text": (
            _VOCABULARY,
            f"chars, stoi = build_vocabulary(text[: int(0.9 * len(text))])\n    {_IDS}",
        ),
        "whole_probabilities": (_OWN, "probs = count_pairs(train, len(chars)).float()"),
        "whole_swapped": (_BOTH, "return bigram_loss(probs, val), bigram_loss(probs, train)"),
        "whole_evaluates_training": (
            _BOTH,
            "return bigram_loss(probs, train), bigram_loss(probs, train)",
        ),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    1: ("windows_targets_from_x", "targets_not_shifted", "targets_are_inputs"),
    2: ("windows_target_too_late", "targets_shifted_by_two", "targets_backwards"),
    3: ("last_window_never", "upper_bound_too_high", "upper_bound_whole_text"),
    4: (
        "split_overlap",
        "split_all_of_it",
        "split_shuffled",
        "scattered_characters",
        "whole_counts_all",
        "whole_evaluates_training",
    ),
    5: ("vocabulary_unsorted", "vocabulary_by_appearance"),
    6: ("float_ids", "count_floats"),
    7: ("flattened_by_permute", "targets_by_columns", "vocabulary_axis_moved"),
    8: ("softmax_before_cross_entropy", "probabilities_returned"),
    9: ("loss_summed", "cross_entropy_summed", "losses_summed"),
    10: ("generate_all_positions", "generate_position_forgotten"),
    11: ("generate_argmax",),
    12: ("no_zero_grad",),
    13: ("zero_grad_before_step",),
    14: ("no_eval", "left_in_eval", "no_no_grad"),
}

# Two ways to the same numbers, or to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "preview_printed": "printed",
    "vocabulary_by_appearance": "vocabulary_unsorted",
    "split_all_of_it": "split_overlap",
    "upper_bound_whole_text": "upper_bound_too_high",
    "plus_one_above_only": "plus_one_after",
    "targets_by_columns": "flattened_by_permute",
    "generate_position_forgotten": "generate_all_positions",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {  # text, random numbers, bounds, a module, an optimizer
    "vocabulary_by_appearance",
    "split_shuffled",
    "last_window_never",
    "flattened_by_permute",
    "no_zero_grad",
}

# What `whole` puts together: a mistake in one of these may show there too.
PARTS = {"vocabulary", "split", "count_pairs", "probabilities", "counted_loss"}

MISTAKES = catalogue.mistakes(
    WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS, parts=PARTS
)

# item -> the input, zeros, a constant: answers without thought.
_NO_THOUGHT = {
    "preview": ("return text", 'return ""', 'return "First Citizen"'),
    "vocabulary": ("return text[:9], text[:9]", "return [], {}", 'return ["a"], {"a": 0}'),
    "lookup": (
        'index_of_k = "k"\ncharacter_12 = 12',
        "index_of_k = 0\ncharacter_12 = 0",
        'index_of_k = 12\ncharacter_12 = "k"',
    ),
    "encode": ("return s", "return [0] * len(s)", "return [1, 2, 3]"),
    "decode": ("return ids", 'return ""', 'return "abc"'),
    "split": ("return data, data", "return data * 0, data * 0", "return data[:9], data[9:]"),
    "windows": ("return [(x, y)]", "return [([0], 0) for _ in x]", "return [([1], 2)]"),
    "get_batch": (
        "return train_data, val_data",
        "zeros = torch.zeros(batch_size, block_size, dtype=torch.long)\nreturn zeros, zeros",
        "rows = train_data[:block_size].repeat(batch_size, 1)\nreturn rows, rows",
    ),
    "batch_text": ("return yb", 'return [""] * len(yb)', 'return ["abc"] * len(yb)'),
    "count_pairs": ("counts = ids", "pass", "counts += 7"),
    "probabilities": (
        "return counts",
        "return torch.zeros(counts.shape)",
        "return torch.full(counts.shape, 1 / len(counts))",
    ),
    "counted_loss": ("return probs", "return 0.0", "return 2.5"),
    "model": (
        "return idx, targets",
        "B, T = idx.shape\nV = self.token_embedding_table.num_embeddings\nif targets is None:\n    return torch.zeros(B, T, V), None\nreturn torch.zeros(B * T, V, requires_grad=True), torch.zeros((), requires_grad=True)",
        "logits = self.token_embedding_table.weight.mean() + torch.ones(*idx.shape, 65)\nreturn logits, logits.mean()",
    ),
    "shapes": (
        "logits_shape = xb.shape\nlogits_shape_training = yb.shape",
        "logits_shape = (0, 0, 0)\nlogits_shape_training = (0, 0)",
        "logits_shape = (1, 1, 65)\nlogits_shape_training = (1, 65)",
    ),
    "generate": (
        "pass",
        "idx = torch.cat((idx, torch.zeros_like(idx[:, :1])), dim=1)",
        "idx = torch.cat((idx, torch.ones_like(idx[:, :1])), dim=1)",
    ),
    "train_step": ("return model(xb, yb)[1]", "return 0.0", "return 2.5"),
    "estimate_loss": (
        "out = model",
        'out = {"train": 0.0, "val": 0.0}',
        'out = {"train": 2.45, "val": 2.48}',
    ),
    "coverage": ("return n_windows", "return 0.0", "return 0.775"),
    "whole": ("return text", "return 0.0, 0.0", "return 2.45, 2.48"),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
