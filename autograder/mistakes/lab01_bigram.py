"""What students write in lab01_bigram: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab01_bigram.py; its sentence stands under its
id in gptlab/checks/causes.py. The parts of the counted bigram may also cost points on `whole`,
which puts them together.
"""

from __future__ import annotations

from autograder.catalogue import Lazy, Mistake, Right

WHOLE = ("whole",)

_PREVIEW = "return text[:n]"
_CHARS = "chars = sorted(set(text))"
_LOOKUP = 'index_of_k = stoi["k"]\ncharacter_12 = itos[12]'
_ENCODE = "return [stoi[c] for c in s]"
_DECODE = 'return "".join(itos[i] for i in ids)'

TEXT = [
    Mistake("preview_off_by_one", "preview", _PREVIEW, "return text[: n + 1]"),
    Mistake("preview_ignores_n", "preview", _PREVIEW, "return text[:200]"),
    Mistake("preview_last", "preview", _PREVIEW, "return text[-n:]"),
    Mistake("preview_printed", "preview", _PREVIEW, "print(text[:n])", cause="printed"),
    Mistake("vocabulary_unsorted", "vocabulary", _CHARS, "chars = list(set(text))", (5,), also=WHOLE),
    Mistake(
        "vocabulary_by_appearance", "vocabulary", _CHARS, "chars = list(dict.fromkeys(text))", (5,),
        cause="vocabulary_unsorted", also=WHOLE, both_ways=True,
    ),
    Mistake(
        "vocabulary_descending", "vocabulary", _CHARS, "chars = sorted(set(text), reverse=True)",
        also=WHOLE,
    ),
    Mistake("vocabulary_repeats", "vocabulary", _CHARS, "chars = sorted(text)", also=WHOLE),
    Mistake(
        "vocabulary_no_whitespace", "vocabulary", _CHARS, 'chars = sorted(set("".join(text.split())))',
        also=WHOLE,
    ),
    Mistake(
        "vocabulary_lower", "vocabulary", _CHARS, "chars = sorted(set(text.lower()))", also=WHOLE
    ),
    Mistake(
        "vocabulary_from_one", "vocabulary", "stoi = {ch: i for i, ch in enumerate(chars)}",
        "stoi = {ch: i for i, ch in enumerate(chars, 1)}", also=WHOLE,
    ),
    Mistake(
        "lookup_swapped", "lookup", _LOOKUP, 'index_of_k = itos[12]\ncharacter_12 = stoi["k"]'
    ),
    Mistake(
        "lookup_off_by_one", "lookup", _LOOKUP,
        'index_of_k = stoi["k"] + 1\ncharacter_12 = itos[11]',
    ),
    Mistake("lookup_digit", "lookup", _LOOKUP, 'index_of_k = ord("k")\ncharacter_12 = chr(12)'),
    Mistake("lookup_capital", "lookup", 'index_of_k = stoi["k"]', 'index_of_k = stoi["K"]'),
    Mistake(
        "encode_own_order", "encode", _ENCODE,
        "own = {c: i for i, c in enumerate(sorted(set(s)))}\n    return [own[c] for c in s]",
    ),
    Mistake("encode_ord", "encode", _ENCODE, "return [ord(c) for c in s]"),
    Mistake("encode_tensor", "encode", _ENCODE, "return torch.tensor([stoi[c] for c in s])"),
    Mistake("encode_text", "encode", _ENCODE, 'return " ".join(str(stoi[c]) for c in s)'),
    Mistake("decode_spaces", "decode", _DECODE, 'return " ".join(itos[i] for i in ids)'),
    Mistake("decode_list", "decode", _DECODE, "return [itos[i] for i in ids]"),
    Mistake("decode_repr", "decode", _DECODE, "return str([itos[i] for i in ids])"),
    Mistake("decode_chr", "decode", _DECODE, 'return "".join(chr(i) for i in ids)'),
]

_CUT = "n = int(fraction * len(data))"
_PARTS = "return data[:n], data[n:]"
_TASK = "tasks.append((x[: t + 1].tolist(), y[t].item()))"
_SPLIT = 'data = train_data if split == "train" else val_data'
_STARTS = "ix = torch.randint(len(data) - block_size, (batch_size,))"
_X = "x = torch.stack([data[i : i + block_size] for i in ix])"
_Y = "y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix])"
_ROWS = "return [decode(row.tolist()) for row in yb]"

BATCHES = [
    Mistake("split_swapped", "split", _PARTS, "return data[n:], data[:n]", also=WHOLE),
    Mistake("split_overlap", "split", _PARTS, "return data[:n], data[n - 1 :]", (4,), also=WHOLE),
    Mistake(
        "split_all_of_it", "split", _PARTS, "return data[:n], data", (4,), cause="split_overlap",
        also=WHOLE,
    ),
    Mistake("split_gap", "split", _PARTS, "return data[:n], data[n + 1 :]", also=WHOLE),
    Mistake(
        "split_shuffled", "split", _CUT,
        "data = data[torch.randperm(len(data))]\n    " + _CUT, (4,), also=WHOLE, both_ways=True,
    ),
    Mistake("split_fixed", "split", _CUT, "n = int(0.9 * len(data))", also=WHOLE),
    Mistake("split_val_fraction", "split", _CUT, "n = int((1 - fraction) * len(data))", also=WHOLE),
    Mistake("split_rounded", "split", _CUT, "n = round(fraction * len(data))", also=WHOLE),
    Mistake(
        "windows_context_too_short", "windows", _TASK,
        "tasks.append((x[:t].tolist(), y[t].item()))",
    ),
    Mistake(
        "windows_targets_from_x", "windows", _TASK,
        "tasks.append((x[: t + 1].tolist(), x[t].item()))", (1,),
    ),
    Mistake(
        "windows_target_too_late", "windows", _TASK,
        "tasks.append((x[: t + 1].tolist(), y[t + 1].item()))", (2,),
    ),
    Mistake(
        "windows_last_only", "windows", _TASK, "tasks.append(([x[t].item()], y[t].item()))"
    ),
    Mistake("windows_all_of_x", "windows", _TASK, "tasks.append((x.tolist(), y[t].item()))"),
    Mistake("windows_tensors", "windows", _TASK, "tasks.append((x[: t + 1], y[t]))"),
    Mistake("windows_one_short", "windows", "range(len(x)):", "range(len(x) - 1):"),
    Mistake(
        "targets_not_shifted", "get_batch", _Y,
        "y = torch.stack([data[i : i + block_size] for i in ix])", (1,), both_ways=True,
    ),
    Mistake(
        "targets_shifted_by_two", "get_batch", _Y,
        "y = torch.stack([data[i + 2 : i + block_size + 2] for i in ix])", (2,),
    ),
    Mistake(
        "targets_backwards", "get_batch", _Y,
        "y = torch.stack([data[i - 1 : i + block_size - 1] for i in ix])", (2,),
    ),
    Mistake(
        "targets_of_other_windows", "get_batch", _Y, f"{_STARTS}\n    {_Y}"
    ),
    Mistake(
        "last_window_never", "get_batch", _STARTS,
        "ix = torch.randint(len(data) - block_size - 1, (batch_size,))", (3,), both_ways=True,
    ),
    Mistake(
        "first_window_never", "get_batch", _STARTS,
        "ix = torch.randint(1, len(data) - block_size, (batch_size,))",
    ),
    Mistake(
        "upper_bound_too_high", "get_batch", _STARTS,
        "ix = torch.randint(len(data) - block_size + 1, (batch_size,))", (3,),
    ),
    Mistake(
        "upper_bound_whole_text", "get_batch", _STARTS,
        "ix = torch.randint(len(data), (batch_size,))", (3,), cause="upper_bound_too_high",
    ),
    Mistake("always_training", "get_batch", _SPLIT, "data = train_data"),
    Mistake(
        "splits_swapped", "get_batch", _SPLIT,
        'data = val_data if split == "train" else train_data',
    ),
    Mistake(
        "same_window_every_row", "get_batch", _STARTS,
        "ix = torch.randint(len(data) - block_size, (1,)).repeat(batch_size)",
    ),
    Mistake(
        "contiguous_rows", "get_batch", _STARTS, "ix = torch.arange(batch_size) * block_size"
    ),
    Mistake(
        "always_the_same_seed", "get_batch", _STARTS, f"torch.manual_seed(1337)\n    {_STARTS}"
    ),
    Mistake(
        "batch_size_fixed", "get_batch", _STARTS,
        "ix = torch.randint(len(data) - block_size, (4,))",
    ),
    Mistake(
        "scattered_characters", "get_batch", f"{_STARTS}\n    {_X}\n    {_Y}",
        "ix = torch.randint(len(data) - block_size, (batch_size, block_size))\n"
        "    x = data[ix]\n    y = data[ix + 1]", (4,),
    ),
    Mistake("float_ids", "get_batch", "return x, y\n", "return x.float(), y.float()\n", (6,)),
    Mistake(
        "batch_transposed", "get_batch", f"{_X}\n    {_Y}",
        "x = torch.stack([data[i : i + block_size] for i in ix], dim=1)\n"
        "    y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix], dim=1)",
    ),
    Mistake("batch_text_one_string", "batch_text", _ROWS, "return decode(yb.flatten().tolist())"),
    Mistake("batch_text_first_row", "batch_text", _ROWS, "return decode(yb[0].tolist())"),
    Mistake("batch_text_columns", "batch_text", _ROWS, "return [decode(row.tolist()) for row in yb.T]"),
    Mistake("batch_text_global", "batch_text", _ROWS, "return [decode(row.tolist()) for row in xb]"),
]

_LIST = "ids = ids.tolist()"
_ZIP = "for a, b in zip(ids, ids[1:]):"
_ADD = "counts[a, b] += 1"
_LOOP = f"{_LIST}\n    {_ZIP}\n        {_ADD}"
_SMOOTHED = "smoothed = counts.float() + 1"
_NORMAL = "return smoothed / smoothed.sum(dim=1, keepdim=True)"
_P = "p = probs[ids[:-1], ids[1:]]"
_LOSS = "return -p.log().mean().item()"

COUNTS = [
    Mistake("count_transposed", "count_pairs", _ADD, "counts[b, a] += 1", also=WHOLE),
    Mistake("count_once", "count_pairs", _ADD, "counts[a, b] = 1", also=WHOLE),
    Mistake(
        "count_once_vectorised", "count_pairs", _LOOP, "counts[ids[:-1], ids[1:]] += 1",
        cause="count_once", also=WHOLE,
    ),
    Mistake("count_both_ways", "count_pairs", _ADD, f"{_ADD}\n        counts[b, a] += 1", also=WHOLE),
    Mistake(
        "count_wraps", "count_pairs", _ZIP, "for a, b in zip(ids, ids[1:] + ids[:1]):", also=WHOLE
    ),
    Mistake(
        "count_ignores_last", "count_pairs", _ZIP, "for a, b in zip(ids, ids[1:-1]):", also=WHOLE
    ),
    Mistake("count_self", "count_pairs", _ZIP, "for a, b in zip(ids, ids):", also=WHOLE),
    Mistake("count_gap", "count_pairs", _ZIP, "for a, b in zip(ids[::2], ids[1::2]):", also=WHOLE),
    Mistake(
        "count_floats", "count_pairs", _LIST,
        f"counts = torch.zeros(vocab_size, vocab_size)\n    {_LIST}", (6,),
    ),
    Mistake("count_from_one", "count_pairs", _LIST, f"counts += 1\n    {_LIST}", also=WHOLE),
    Mistake(
        "no_keepdim", "probabilities", _NORMAL, "return smoothed / smoothed.sum(dim=1)",
        also=WHOLE, both_ways=True,
    ),
    Mistake(
        "normalised_by_column", "probabilities", _NORMAL,
        "return smoothed / smoothed.sum(dim=0, keepdim=True)", also=WHOLE,
    ),
    Mistake(
        "normalised_by_all", "probabilities", _NORMAL, "return smoothed / smoothed.sum()", also=WHOLE
    ),
    Mistake("no_plus_one", "probabilities", _SMOOTHED, "smoothed = counts.float()", also=WHOLE),
    Mistake(
        "plus_one_where_zero", "probabilities", _SMOOTHED, "smoothed = counts.float().clamp(min=1)",
        also=WHOLE,
    ),
    Mistake(
        "plus_one_after", "probabilities", _NORMAL,
        "return counts / counts.sum(dim=1, keepdim=True) + 1", also=WHOLE,
    ),
    Mistake(
        "plus_one_above_only", "probabilities", _NORMAL,
        "return smoothed / counts.sum(dim=1, keepdim=True)", cause="plus_one_after", also=WHOLE,
    ),
    Mistake(
        "softmax_of_counts", "probabilities", _NORMAL, "return F.softmax(smoothed, dim=1)",
        also=WHOLE,
    ),
    Mistake(
        "whole_division", "probabilities", f"{_SMOOTHED}\n    {_NORMAL}",
        "smoothed = counts + 1\n    return smoothed // smoothed.sum(dim=1, keepdim=True)",
        also=WHOLE,
    ),
    Mistake(
        "counts_changed", "probabilities", f"{_SMOOTHED}\n    {_NORMAL}",
        "counts += 1\n    return counts / counts.sum(dim=1, keepdim=True)",
    ),
    Mistake("loss_summed", "counted_loss", _LOSS, "return -p.log().sum().item()", (9,), also=WHOLE),
    Mistake("loss_log2", "counted_loss", _LOSS, "return -p.log2().mean().item()", also=WHOLE),
    Mistake("loss_log10", "counted_loss", _LOSS, "return -p.log10().mean().item()", also=WHOLE),
    Mistake("loss_sign", "counted_loss", _LOSS, "return p.log().mean().item()", also=WHOLE),
    Mistake(
        "loss_sign_inside", "counted_loss", _LOSS, "return (-p).log().mean().item()", also=WHOLE
    ),
    Mistake("loss_of_mean", "counted_loss", _LOSS, "return -p.mean().log().item()", also=WHOLE),
    Mistake("loss_mean_probability", "counted_loss", _LOSS, "return p.mean().item()", also=WHOLE),
    Mistake(
        "loss_perplexity", "counted_loss", _LOSS, "return math.exp(-p.log().mean().item())",
        also=WHOLE,
    ),
    Mistake(
        "loss_per_character", "counted_loss", _LOSS, "return -p.log().sum().item() / len(ids)",
        also=WHOLE,
    ),
    Mistake(
        "loss_pairs_backwards", "counted_loss", _P, "p = probs[ids[1:], ids[:-1]]", also=WHOLE,
    ),
    Mistake("loss_all_rows", "counted_loss", _P, "p = probs[ids[:-1]]", also=WHOLE),
    Mistake("loss_every_pairing", "counted_loss", _P, "p = probs[ids[:-1]][:, ids[1:]]", also=WHOLE),
]

_TABLE = "logits = self.token_embedding_table(idx)"
_NONE = "            return logits, None"
_FLAT = "logits = logits.view(B * T, C)"
_CROSS = "loss = F.cross_entropy(logits, targets.view(B * T))"
_SHAPES = "logits_shape = (4, 8, 65)\nlogits_shape_training = (32, 65)"

MODEL = [
    Mistake(
        "softmax_before_cross_entropy", "model", _CROSS,
        "loss = F.cross_entropy(F.softmax(logits, dim=-1), targets.view(B * T))", (8,),
        both_ways=True,
    ),
    Mistake("probabilities_returned", "model", _TABLE, f"{_TABLE}.softmax(dim=-1)", (8,)),
    Mistake(
        "flattened_by_permute", "model", _FLAT,
        "logits = logits.permute(1, 0, 2).reshape(B * T, C)", (7,), both_ways=True,
    ),
    Mistake(
        "targets_by_columns", "model", _CROSS,
        "loss = F.cross_entropy(logits, targets.t().reshape(B * T))", (7,),
        cause="flattened_by_permute",
    ),
    Mistake(
        "vocabulary_axis_moved", "model", _FLAT,
        "logits = logits.permute(0, 2, 1).reshape(B * T, C)", (7,),
    ),
    Mistake(
        "cross_entropy_summed", "model", _CROSS,
        'loss = F.cross_entropy(logits, targets.view(B * T), reduction="sum")', (9,),
    ),
    Mistake(
        "targets_are_inputs", "model", _CROSS, "loss = F.cross_entropy(logits, idx.view(B * T))",
        (1,),
    ),
    Mistake(
        "logits_not_flattened", "model", f"{_FLAT}\n        {_CROSS}",
        "loss = F.cross_entropy(logits, targets)",
    ),
    Mistake(
        "logits_returned_unflattened", "model", f"{_FLAT}\n        {_CROSS}",
        "loss = F.cross_entropy(logits.view(B * T, C), targets.view(B * T))",
    ),
    Mistake(
        "logits_flattened_always", "model", _TABLE,
        "logits = self.token_embedding_table(idx).flatten(0, 1)\n"
        "        if targets is not None:\n"
        "            return logits, F.cross_entropy(logits, targets.flatten())",
    ),
    Mistake("loss_always", "model", _NONE, "            return logits, 0.0"),
    Mistake("returns_only_logits", "model", _NONE, "            return logits"),
    Mistake("loss_detached", "model", _CROSS, f"{_CROSS}.item()"),
    Mistake(
        "shapes_swapped", "shapes", _SHAPES,
        "logits_shape = (32, 65)\nlogits_shape_training = (4, 8, 65)",
    ),
    Mistake(
        "shapes_same", "shapes", _SHAPES,
        "logits_shape = (4, 8, 65)\nlogits_shape_training = (4, 8, 65)",
    ),
    Mistake(
        "shapes_no_batch", "shapes", _SHAPES,
        "logits_shape = (8, 65)\nlogits_shape_training = (8, 65)",
    ),
    Mistake(
        "shapes_no_vocabulary", "shapes", _SHAPES,
        "logits_shape = (4, 8)\nlogits_shape_training = (32,)",
    ),
    Mistake(
        "shapes_axes", "shapes", _SHAPES,
        "logits_shape = (8, 4, 65)\nlogits_shape_training = (32, 65)",
    ),
]

_ASK = "logits, _ = model(idx)"
_PROBS = "probs = F.softmax(logits[:, -1, :], dim=-1)"
_DRAW = "idx_next = torch.multinomial(probs, num_samples=1)"
_CAT = "idx = torch.cat((idx, idx_next), dim=1)"
_ZERO = "optimizer.zero_grad(set_to_none=True)"
_BACK = "loss.backward()"
_STEP = f"{_ZERO}\n    {_BACK}\n    optimizer.step()\n    return loss.item()"
_BATCH = "xb, yb = get_batch(split)\n            losses[k] = model(xb, yb)[1].item()"
_MEAN = "out[split] = losses.mean().item()"
_TRAIN = f"{_MEAN}\n    model.train()"

TRAINING = [
    Mistake(
        "generate_first_position", "generate", _PROBS,
        "probs = F.softmax(logits[:, 0, :], dim=-1)",
    ),
    Mistake(
        "generate_all_positions", "generate", _PROBS,
        "probs = F.softmax(logits.mean(dim=1), dim=-1)", (10,),
    ),
    Mistake(
        "generate_position_forgotten", "generate", _PROBS, "probs = F.softmax(logits, dim=-1)",
        (10,), cause="generate_all_positions",
    ),
    Mistake(
        "generate_argmax", "generate", _DRAW, "idx_next = probs.argmax(dim=-1, keepdim=True)", (11,),
        both_ways=True,
    ),
    Mistake("generate_samples_logits", "generate", _PROBS, "probs = logits[:, -1, :]"),
    Mistake(
        "generate_softmax_over_rows", "generate", _PROBS,
        "probs = F.softmax(logits[:, -1, :], dim=0)",
    ),
    Mistake(
        "generate_same_for_all", "generate", _DRAW,
        "idx_next = torch.multinomial(probs[0], num_samples=1).expand(len(idx), 1)",
    ),
    Mistake("generate_only_new", "generate", _CAT, "idx = idx_next"),
    Mistake("generate_prepends", "generate", _CAT, "idx = torch.cat((idx_next, idx), dim=1)"),
    Mistake("generate_adds_rows", "generate", _CAT, "idx = torch.cat((idx, idx_next), dim=0)"),
    Mistake("no_zero_grad", "train_step", f"    {_ZERO}\n", "", (12,), both_ways=True),
    Mistake(
        "zero_grad_before_step", "train_step", f"{_ZERO}\n    {_BACK}", f"{_BACK}\n    {_ZERO}", (13,)
    ),
    Mistake(
        "step_before_backward", "train_step", _STEP,
        f"{_ZERO}\n    optimizer.step()\n    {_BACK}\n    return loss.item()",
    ),
    Mistake("no_backward", "train_step", f"    {_BACK}\n    optimizer", "    optimizer"),
    Mistake(
        "no_step", "train_step", f"{_BACK}\n    optimizer.step()\n", f"{_BACK}\n"
    ),
    Mistake(
        "returns_tensor", "train_step", _STEP,
        f"{_ZERO}\n    {_BACK}\n    optimizer.step()\n    return loss",
    ),
    Mistake(
        "loss_after_step", "train_step", _STEP,
        f"{_ZERO}\n    {_BACK}\n    optimizer.step()\n    return model(xb, yb)[1].item()",
    ),
    Mistake(
        "own_batch", "train_step", "logits, loss = model(xb, yb)\n    optimizer",
        'xb, yb = get_batch("train")\n    logits, loss = model(xb, yb)\n    optimizer',
    ),
    Mistake(
        "own_optimizer", "train_step", "logits, loss = model(xb, yb)\n    optimizer",
        "optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)\n"
        "    logits, loss = model(xb, yb)\n    optimizer",
    ),
    Mistake("no_eval", "estimate_loss", "    model.eval()\n", "", (14,)),
    Mistake("left_in_eval", "estimate_loss", _TRAIN, _MEAN, (14,), both_ways=True),
    Mistake(
        "no_no_grad", "estimate_loss", "@torch.no_grad()\ndef estimate_loss", "def estimate_loss",
        (14,),
    ),
    Mistake(
        "only_train", "estimate_loss", "xb, yb = get_batch(split)", 'xb, yb = get_batch("train")'
    ),
    Mistake(
        "same_batch", "estimate_loss", f"for k in range(eval_iters):\n            {_BATCH}",
        "xb, yb = get_batch(split)\n        for k in range(eval_iters):\n"
        "            losses[k] = model(xb, yb)[1].item()",
    ),
    Mistake("last_batch_only", "estimate_loss", _MEAN, "out[split] = losses[-1].item()"),
    Mistake("losses_summed", "estimate_loss", _MEAN, "out[split] = losses.sum().item()", (9,)),
    Mistake(
        "returned_too_soon", "estimate_loss", _TRAIN,
        f"{_MEAN}\n        model.train()\n        return out",
    ),
]

_ONCE = "missed_once = 1 - block_size / (n_characters - block_size)"
_ALL = "return missed_once**n_windows"
_IDS = "ids = torch.tensor([stoi[c] for c in text])"
_OWN = "probs = pair_probabilities(count_pairs(train, len(chars)))"
_BOTH = "return bigram_loss(probs, train), bigram_loss(probs, val)"
_VOCABULARY = f"chars, stoi = build_vocabulary(text)\n    {_IDS}"

TOGETHER = [
    Mistake(
        "coverage_times_windows", "coverage", _ALL, "return 1 - n_windows * (1 - missed_once)"
    ),
    Mistake("coverage_seen", "coverage", _ALL, "return 1 - missed_once**n_windows"),
    Mistake("coverage_one_window", "coverage", _ALL, "return missed_once"),
    Mistake("coverage_tokens", "coverage", _ONCE, "missed_once = 1 - block_size / n_characters"),
    Mistake(
        "coverage_one_start_more", "coverage", _ONCE,
        "missed_once = 1 - block_size / (n_characters - block_size + 1)",
    ),
    Mistake(
        "coverage_one_character", "coverage", _ONCE,
        "missed_once = 1 - 1 / (n_characters - block_size)",
    ),
    Mistake(
        "whole_counts_all", "whole", _OWN,
        "probs = pair_probabilities(count_pairs(ids, len(chars)))", (4,),
    ),
    Mistake("whole_global_stoi", "whole", _IDS, "ids = torch.tensor(encode(text))"),
    Mistake(
        "whole_split_text", "whole", _VOCABULARY,
        f"chars, stoi = build_vocabulary(text[: int(0.9 * len(text))])\n    {_IDS}",
    ),
    Mistake("whole_probabilities", "whole", _OWN, "probs = count_pairs(train, len(chars)).float()"),
    Mistake(
        "whole_swapped", "whole", _BOTH, "return bigram_loss(probs, val), bigram_loss(probs, train)"
    ),
    Mistake(
        "whole_evaluates_training", "whole", _BOTH,
        "return bigram_loss(probs, train), bigram_loss(probs, train)", (4,),
    ),
]

MISTAKES = [*TEXT, *BATCHES, *COUNTS, *MODEL, *TRAINING, *TOGETHER]
