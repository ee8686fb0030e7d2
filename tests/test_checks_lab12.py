"""The checks of lab12: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""

from collections import Counter

import pytest
import torch
from check_trials import Trial

from gptlab import conversations, sample
from gptlab.checks import core
from gptlab.checks import lab12_chat as check
from gptlab.checks.lab12_stand_ins import (
    LAST_ASKS,
    MARKS,
    Bounded,
    Sums,
    joined,
    mask_of,
    stand_ins,
    summed,
    talk,
    toy,
    written,
)  # fmt: skip
from gptlab.nano import GPT, GPTConfig

NAMES = {name: name for name in (
    "encode", "prompt", "encode_with_mask", "inputs_and_targets", "collate", "masked_loss",
    "train_step", "fit", "turn", "score")}  # fmt: skip
RIGHT = """
def encode(messages, tokenizer):
    special = tokenizer.special_tokens
    out = []
    for m in messages:
        role = special[USER] if m["role"] == "user" else special[ASSISTANT]
        words = tokenizer.encode_ordinary(m["content"])
        out.extend([role] + words + [special[END]])
    return out

def prompt(messages, tokenizer):
    out = encode(messages, tokenizer)
    out.append(tokenizer.special_tokens[ASSISTANT])
    return out

def encode_with_mask(messages, tokenizer):
    special = tokenizer.special_tokens
    whole, counted = [], []
    for m in messages:
        mine = m["role"] == "assistant"
        words = tokenizer.encode_ordinary(m["content"])
        whole.extend([special[ROLES[m["role"]]], *words, special[END]])
        counted.append(0)
        counted.extend([1 if mine else 0] * len(words))
        counted.append(1 if mine else 0)
    return whole, counted

def inputs_and_targets(ids, mask):
    x = torch.tensor(ids[:-1])
    y = torch.tensor(ids[1:])
    m = torch.tensor(mask[1:])
    y = y.masked_fill(m == 0, -1)
    return x, y

def collate(pairs, pad_id):
    T = max(len(x) for x, y in pairs)
    xs, ys = [], []
    for x, y in pairs:
        more = T - len(x)
        xs.append(torch.cat((x, torch.full((more,), pad_id))))
        ys.append(torch.cat((y, torch.full((more,), -1))))
    return torch.stack(xs), torch.stack(ys)

def masked_loss(logits, targets):
    flat, asked = logits.flatten(0, 1), targets.flatten()
    total = F.cross_entropy(flat, asked, ignore_index=-1, reduction="sum")
    n = (asked >= 0).sum()
    return total / n.clamp(min=1)

def train_step(model, optimizer, xb, yb):
    model.train()
    optimizer.zero_grad(set_to_none=True)
    logits, loss = model(xb, yb)
    loss.backward()
    optimizer.step()
    return loss.item()

def fit(messages, tokenizer, room):
    start = 0
    while start < len(messages) - 1:
        if len(prompt(messages[start:], tokenizer)) <= room:
            break
        start += 2
    return list(messages[start:])

def turn(model, ids, max_new_tokens, end_id, temperature=0.8, top_k=20, generator=None):
    said = []
    text = list(ids)
    for step in range(max_new_tokens):
        with torch.no_grad():
            logits, loss = model(torch.tensor([text])[:, -model.config.block_size:])
        logits = logits[0, -1]
        if temperature == 0:
            new = logits.argmax().item()
        else:
            logits = logits / temperature
            if top_k is not None:
                k = min(top_k, len(logits))
                edge = logits.topk(k).values[-1]
                logits = logits.masked_fill(logits < edge, -torch.inf)
            odds = logits.softmax(-1)
            new = torch.multinomial(odds, 1, generator=generator).item()
        if new == end_id:
            return said
        said.append(new)
        text.append(new)
    return said

def score(found, wanted):
    a = found.lower().split()
    b = wanted.lower().split()
    left = list(b)
    common = 0
    for word in a:
        if word in left:
            left.remove(word)
            common += 1
    if not a and not b:
        return 1.0, 1.0
    return float(a == b), 2 * common / (len(a) + len(b))
"""
SPACE = {
    "torch": torch, "F": torch.nn.functional, "Counter": Counter, "choose": sample.choose,
    "USER": MARKS[0], "ASSISTANT": MARKS[1], "END": MARKS[2],
    "ROLES": {"user": MARKS[0], "assistant": MARKS[1]},
}  # fmt: skip
TURN = "[role] + words + [special[END]]"
MINE = "[1 if mine else 0] * len(words)"
LAST = "        counted.append(1 if mine else 0)\n"
FILLED = "y = y.masked_fill(m == 0, -1)"
SUM = 'F.cross_entropy(flat, asked, ignore_index=-1, reduction="sum")'
STEP = "    loss.backward()\n    optimizer.step()\n"
CUT = "messages[start:], tokenizer)) <= room"
GREEDY = """        if temperature == 0:
            new = logits.argmax().item()
        else:
"""
KEEP = "                logits = logits.masked_fill(logits < edge, -torch.inf)\n"
DRAW = "torch.multinomial(odds, 1, generator=generator).item()"
WITH_K = """            if top_k is not None:
                k = min(top_k, len(logits))
                edge = logits.topk(k).values[-1]
                logits = logits.masked_fill(logits < edge, -torch.inf)
"""
SOFT = "            odds = logits.softmax(-1)\n"
PLAIN = "return float(a == b), 2 * common / (len(a) + len(b))"
WRONG = [
    ("encode", "chat_roles_swapped", 'special[USER] if m["role"] == "user" else special[ASSISTANT]',
     'special[ASSISTANT] if m["role"] == "user" else special[USER]'),
    ("encode", "chat_one_role", 'm["role"] == "user" else', "True else"),
    ("encode", "chat_last_end_missing", "[special[END]])\n    return out",
     "[special[END]])\n    return out[:-1]"),
    ("encode", "chat_end_once", TURN + ")\n    return out",
     "[role] + words)\n    return out + [special[END]]"),
    ("encode", "chat_no_end", TURN, "[role] + words"),
    ("encode", "chat_no_role", TURN, "words + [special[END]]"),
    ("encode", "chat_no_marks", TURN, "words"),
    ("encode", "chat_end_before_words", TURN, "[role, special[END]] + words"),
    ("encode", "chat_role_last", TURN, "words + [role, special[END]]"),
    ("encode", "chat_marks_as_text", "[special[END]])\n    return out",
     '[special[END]])\n    return tokenizer.encode_ordinary(tokenizer.decode(out))'),
    ("encode", "chat_typed_is_special", 'encode_ordinary(m["content"])\n        out',
     'encode(m["content"], allowed_special="all")\n        out'),
    ("encode", "chat_typed_refused", 'encode_ordinary(m["content"])\n        out',
     'encode(m["content"])\n        out'),
    ("encode", "chat_characters", 'tokenizer.encode_ordinary(m["content"])\n        out',
     '[ord(c) for c in m["content"]]\n        out'),
    ("encode", "chat_only_ascii", 'encode_ordinary(m["content"])\n        out',
     'encode_ordinary(m["content"].encode("ascii", "ignore").decode())\n        out'),
    ("encode", "chat_line_breaks", TURN, TURN + " + [10]"),
    ("encode", "chat_spaces", TURN, "[role, 32] + words + [special[END]]"),
    ("encode", "chat_first_only", "[special[END]])\n    return out",
     "[special[END]])\n        return out"),
    ("encode", "chat_last_only", "out.extend(" + TURN + ")", "out = " + TURN),
    ("encode", "chat_nested", "out.extend(" + TURN + ")", "out.append(" + TURN + ")"),
    ("encode", "chat_ids_fixed", "special = tokenizer.special_tokens\n    out",
     "special = {USER: 256, ASSISTANT: 257, END: 258}\n    out"),
    ("encode", "chat_tensor", "[special[END]])\n    return out",
     "[special[END]])\n    return torch.tensor(out)"),
    ("encode", "chat_text_in_ids", TURN, "[m['role']] + words + [special[END]]"),
    ("encode", "chat_role_key", 'special[USER] if m["role"] == "user" else special[ASSISTANT]',
     'special[m["role"]]'),
    ("encode", "chat_message_keys", 'encode_ordinary(m["content"])\n        out',
     'encode_ordinary(m["text"])\n        out'),
    ("encode", "chat_messages_changed", "    out = []\n    for m", "    out = []\n"
     "    messages[0]['content'] += '?'\n    for m"),
    ("encode", "chat_backwards", "for m in messages:\n        role", "for m in messages[::-1]:\n"
     "        role"),
    ("encode", "chat_prompt_too_soon", "[special[END]])\n    return out",
     "[special[END]])\n    return out + [special[ASSISTANT]]"),
    ("encode", "chat_stripped", "        role = special[USER]",
     '        if not m["content"]: continue\n        role = special[USER]'),
    ("encode", "chat_id_added", TURN, "role + words"),
    ("prompt", "chat_prompt_no_role", "    out.append(tokenizer", "    (tokenizer"),
    ("prompt", "chat_prompt_user", "special_tokens[ASSISTANT])\n    return out",
     "special_tokens[USER])\n    return out"),
    ("prompt", "chat_prompt_ended", "special_tokens[ASSISTANT])\n    return out",
     "special_tokens[ASSISTANT])\n    return out + [tokenizer.special_tokens[END]]"),
    ("prompt", "chat_prompt_cut", "out = encode(messages, tokenizer)\n    out.append",
     "out = encode(messages, tokenizer)[:-1]\n    out.append"),
    ("prompt", "chat_prompt_last_only", "out = encode(messages, tokenizer)\n    out.append",
     "out = encode(messages[-1:], tokenizer)\n    out.append"),
    ("prompt", "chat_prompt_text", "out.append(tokenizer.special_tokens[ASSISTANT])",
     "out.extend(tokenizer.encode_ordinary(ASSISTANT))"),
    ("prompt", "chat_prompt_nested", "out.append(tokenizer.special_tokens[ASSISTANT])",
     "out.append([tokenizer.special_tokens[ASSISTANT]])"),
    ("prompt", "chat_prompt_role_first", "out.append(tok", "out.insert(0, tok"),
    ("prompt", "chat_ids_fixed", "out.append(tokenizer.special_tokens[ASSISTANT])",
     "out.append(257)"),
    ("prompt", "chat_prompt_spaces", "special_tokens[ASSISTANT])\n    return out",
     "special_tokens[ASSISTANT])\n    return out + tokenizer.encode_ordinary(' ')"),
    ("encode_with_mask", "chat_mask_on_role", "counted.append(0)", "counted.append(int(mine))"),
    ("encode_with_mask", "chat_mask_not_on_end", LAST, "        counted.append(0)\n"),
    ("encode_with_mask", "chat_mask_on_user", "if mine else 0", "if True else 0"),
    ("encode_with_mask", "chat_mask_on_all", "    return whole, counted",
     "    return whole, [1] * len(whole)"),
    ("encode_with_mask", "chat_mask_inverted", 'mine = m["role"] == ', 'mine = m["role"] != '),
    ("encode_with_mask", "chat_mask_every_end", LAST, "        counted.append(1)\n"),
    ("encode_with_mask", "chat_mask_every_role", "counted.append(0)", "counted.append(1)"),
    ("encode_with_mask", "chat_mask_role_not_end", "    return whole, counted",
     "    return whole, counted[1:] + [0]"),
    ("encode_with_mask", "chat_mask_shifted", "    return whole, counted",
     "    return whole, [0] + counted[:-1]"),
    ("encode_with_mask", "chat_mask_length", LAST, ""),
    ("encode_with_mask", "chat_mask_bools", "    return whole, counted",
     "    return whole, [n == 1 for n in counted]"),
    ("encode_with_mask", "chat_mask_first", "return whole, counted", "return counted, whole"),
    ("encode_with_mask", "chat_mask_alone", "return whole, counted", "return counted"),
    ("encode_with_mask", "chat_mask_none", 'mine = m["role"] == "assistant"',
     'mine = m["role"] == ASSISTANT'),
    ("encode_with_mask", "chat_mask_is_ids", "    return whole, counted",
     "    return whole, [a * b for a, b in zip(whole, counted)]"),
    ("encode_with_mask", "chat_mask_last_only", "        counted.append(0)\n",
     "        counted = [0] * len(counted)\n        counted.append(0)\n"),
    ("encode_with_mask", "chat_no_end", "*words, special[END]])", "*words])"),
    ("inputs_and_targets", "chat_y_mask_not_shifted", "mask[1:]", "mask[:-1]"),
    ("inputs_and_targets", "chat_y_not_shifted", "torch.tensor(ids[1:])", "torch.tensor(ids[:-1])"),
    ("inputs_and_targets", "chat_y_no_mask", FILLED, "pass"),
    ("inputs_and_targets", "chat_y_zero", "m == 0, -1", "m == 0, 0"),
    ("inputs_and_targets", "chat_y_hundred", "m == 0, -1", "m == 0, -100"),
    ("inputs_and_targets", "chat_y_inverted", "m == 0, -1", "m == 1, -1"),
    ("inputs_and_targets", "chat_y_filtered", FILLED, "y = y[m == 1]"),
    ("inputs_and_targets", "chat_y_is_mask", FILLED, "y = m"),
    ("inputs_and_targets", "chat_y_id_0_lost", FILLED, "y = y * m\n    y[y == 0] = -1"),
    ("inputs_and_targets", "chat_x_not_cut", "x = torch.tensor(ids[:-1])", "x = torch.tensor(ids)"),
    ("inputs_and_targets", "chat_x_masked", "return x, y\n\ndef collate",
     "return x.where(torch.tensor(mask[:-1]) == 1, -1), y\n\ndef collate"),
    ("inputs_and_targets", "chat_pair_swapped", "return x, y\n\ndef collate",
     "return y, x\n\ndef collate"),
    ("inputs_and_targets", "chat_pair_floats", "torch.tensor(ids[1:])", "torch.Tensor(ids[1:])"),
    ("inputs_and_targets", "chat_pair_sizes", "mask[1:]", "mask"),
    ("inputs_and_targets", "chat_pair_changed", "x = torch.tensor(ids[:-1])",
     "x = torch.tensor(ids[:-1])\n    ids.pop(0); ids.insert(0, ids[0])"),
    ("collate", "chat_pad_left", "torch.cat((x, torch.full((more,), pad_id)))",
     "torch.cat((torch.full((more,), pad_id), x))"),
    ("collate", "chat_y_fill", "torch.full((more,), -1)", "torch.full((more,), pad_id)"),
    ("collate", "chat_y_fill", "torch.full((more,), -1)", "torch.full((more,), 0)"),
    ("collate", "chat_x_fill", "torch.full((more,), pad_id)", "torch.full((more,), -1)"),
    ("collate", "chat_batch_swapped", "torch.stack(xs), torch.stack(ys)",
     "torch.stack(ys), torch.stack(xs)"),
    ("collate", "chat_batch_transposed", "torch.stack(xs), torch.stack(ys)",
     "torch.stack(xs).T, torch.stack(ys).T"),
    ("collate", "chat_batch_one_more", "more = T - len(x)", "more = T - len(x) + 1"),
    ("collate", "chat_batch_not_filled", "more = T - len(x)", "more = 0"),
    ("collate", "chat_batch_sorted", "    xs, ys = [], []",
     "    pairs = sorted(pairs, key=lambda p: len(p[0]))\n    xs, ys = [], []"),
    ("collate", "chat_batch_cut", "max(len(x) for x, y in pairs)\n    xs, ys = [], []",
     "min(len(x) for x, y in pairs)\n    pairs = [(x[:T], y[:T]) for x, y in pairs]\n"
     "    xs, ys = [], []"),
    ("masked_loss", "chat_loss_mean_of_all", "n = (asked >= 0).sum()",
     "n = torch.tensor(asked.numel())"),
    ("masked_loss", "chat_loss_sum", "total / n.clamp(min=1)", "total"),
    ("masked_loss", "chat_loss_none_counts", "n.clamp(min=1)", "n"),
    ("masked_loss", "chat_loss_by_rows", "n.clamp(min=1)", "len(targets)"),
    ("masked_loss", "chat_loss_minus_1", SUM, 'F.cross_entropy(flat, asked, reduction="sum")'),
    ("masked_loss", "chat_loss_minus_1_counts", "    total = ",
     "    return F.cross_entropy(flat, asked.where(asked >= 0, 4))\n    total = "),
    ("masked_loss", "chat_loss_minus_1_counts", "    total = ",
     "    return F.cross_entropy(flat, asked.clamp(min=0))\n    total = "),
    ("masked_loss", "chat_loss_sign", "return total / n", "return -total / n"),
    ("masked_loss", "chat_loss_softmax_twice", "logits.flatten(0, 1)",
     "logits.softmax(-1).flatten(0, 1)"),
    ("masked_loss", "chat_loss_perplexity", "total / n.clamp(min=1)",
     "(total / n.clamp(min=1)).exp()"),
    ("masked_loss", "chat_loss_bits", "n.clamp(min=1)", "n.clamp(min=1) / 0.6931472"),
    ("masked_loss", "chat_loss_number", "return total / n.clamp(min=1)",
     "return (total / n.clamp(min=1)).item()"),
    ("masked_loss", "chat_loss_no_graph", "return total / n.clamp(min=1)",
     "return (total / n.clamp(min=1)).detach()"),
    ("masked_loss", "chat_loss_not_averaged", "    total = ", "    return F.cross_entropy(flat, "
     'asked, ignore_index=-1, reduction="none").view(targets.shape)\n    total = '),
    ("masked_loss", "chat_loss_not_flat", "    total = ",
     "    return F.cross_entropy(logits, targets, ignore_index=-1)\n    total = "),
    ("masked_loss", "chat_loss_mean_of_rows", "    total = ",
     "    return sum(F.cross_entropy(l, t, ignore_index=-1).nan_to_num() / (targets >= 0).any(1)"
     ".sum() for l, t in zip(logits, targets))\n    total = "),
    ("train_step", "no_zero_grad", "    optimizer.zero_grad(set_to_none=True)\n", ""),
    ("train_step", "no_backward", "    loss.backward()\n", ""),
    ("train_step", "no_step", "    optimizer.step()\n", ""),
    ("train_step", "two_steps", STEP, STEP + "    optimizer.step()\n"),
    ("train_step", "step_before_backward", STEP, "    optimizer.step()\n    loss.backward()\n"),
    ("train_step", "zero_grad_before_step", STEP,
     "    loss.backward()\n    optimizer.zero_grad()\n    optimizer.step()\n"),
    ("train_step", "loss_after_step", STEP, STEP + "    loss = model(xb, yb)[1]\n"),
    ("train_step", "returns_tensor", "loss.item()", "loss"),
    ("train_step", "chat_step_tensor", "loss.item()", "loss.detach()"),
    ("train_step", "own_optimizer", "    optimizer.zero_grad(set_to_none=True)\n",
     "    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)\n    optimizer.zero_grad()\n"),
    ("train_step", "chat_step_evaluates", "    model.train()\n    opt",
     "    model.eval()\n    opt"),
    ("train_step", "chat_step_evaluates", "    model.train()\n    opt", "    opt"),
    ("train_step", "chat_step_no_targets", "logits, loss = model(xb, yb)",
     "loss = masked_loss(model(xb)[0], yb)"),
    ("train_step", "chat_step_pair", "logits, loss = model(xb, yb)",
     "loss = masked_loss(model(xb, yb), yb)"),
    ("train_step", "chat_step_number", "    loss.backward()", "    loss = loss.item()\n"
     "    loss.backward()"),
    ("train_step", "chat_step_all_count", "model(xb, yb)", "model(xb, yb.clamp(min=0))"),
    ("train_step", "ascent", "loss.backward()", "(-loss).backward()"),
    ("fit", "chat_fit_half_a_turn", "        start += 2\n", "        start += 1\n"),
    ("fit", "chat_fit_role_forgotten", "len(prompt(" + CUT, "len(encode(" + CUT),
    ("fit", "chat_fit_one_less", "tokenizer)) <= room", "tokenizer)) < room"),
    ("fit", "chat_fit_none_left", "while start < len(messages) - 1:", "while True:"),
    ("fit", "chat_fit_endless", "        start += 2\n", ""),
    ("fit", "chat_fit_none_left", "while start < len(messages) - 1:",
     "while start < len(messages):"),
    ("fit", "chat_fit_once", "    while start", "    if len(prompt(messages, tokenizer)) > room:\n"
     "        return messages[2:] or messages\n    return messages\n    while start"),
    ("fit", "chat_fit_only_last", "        start += 2\n", "        start = len(messages) - 1\n"),
    ("fit", "chat_fit_newest_first", "return list(messages[start:])",
     "return list(messages[: len(messages) - start])"),
    ("fit", "chat_fit_last_lost", "return list(messages[start:])",
     "return list(messages[start:-1])"),
    ("fit", "chat_fit_changed", "return list(messages[start:])",
     "del messages[:start]\n    return list(messages)"),
    ("fit", "chat_fit_ids", "return list(messages[start:])",
     "return prompt(messages[start:], tokenizer)"),
    ("fit", "chat_fit_nothing_cut", "return list(messages[start:])", "return list(messages)"),
    ("fit", "chat_fit_text", "len(prompt(" + CUT,
     'sum(len(m["content"]) for m in messages[start:]) <= room'),
    ("fit", "chat_fit_backwards", "return list(messages[start:])", "return messages[start:][::-1]"),
    ("turn", "chat_turn_end_kept", "        if new == end_id:\n            return said\n"
     "        said.append(new)\n", "        said.append(new)\n        if new == end_id:\n"
     "            return said\n"),
    ("turn", "chat_turn_prompt_too", "return said", "return ids + said"),
    ("turn", "chat_turn_end_ignored", "if new == end_id:", "if False:"),
    ("turn", "chat_turn_end_in_prompt", "if new == end_id:", "if end_id in [new, *ids]:"),
    ("turn", "chat_turn_no_crop", "torch.tensor([text])[:, -model.config.block_size:]",
     "torch.tensor([text])"),
    ("turn", "chat_turn_crop_first", "[:, -model.config.block_size:]",
     "[:, :model.config.block_size]"),
    ("turn", "chat_turn_last_only", "[:, -model.config.block_size:]", "[:, -1:]"),
    ("turn", "chat_turn_zero", GREEDY, "        if temperature == -1:\n            pass\n"
     "        else:\n            1 / temperature\n"),
    ("turn", "chat_turn_not_odds", GREEDY, "        if temperature == -1:\n            pass\n"
     "        else:\n"),
    ("turn", "chat_turn_no_temperature", "logits = logits / temperature\n", "pass\n"),
    ("turn", "chat_turn_no_temperature",
     "            logits = logits / temperature\n" + WITH_K + SOFT,
     WITH_K + "            odds = logits.softmax(-1) / temperature\n"),
    ("turn", "chat_turn_temperature_times", "logits / temperature", "logits * temperature"),
    ("turn", "chat_turn_no_top_k", KEEP, ""),
    ("turn", "chat_turn_zeroed", "logits < edge, -torch.inf", "logits < edge, 0.0"),
    ("turn", "chat_turn_not_odds", "            logits = logits / temperature\n" + WITH_K + SOFT,
     "            logits = (logits / temperature).softmax(-1)\n" + WITH_K
     + "            odds = logits\n"),
    ("turn", "chat_turn_top_k_large", "min(top_k, len(logits))", "top_k"),
    ("turn", "chat_turn_top_k_none", "if top_k is not None:", "if True:"),
    ("turn", "chat_turn_no_generator", ", generator=generator).item()", ").item()"),
    ("turn", "chat_turn_reseeds", DRAW,
     "torch.multinomial(odds, 1, generator=torch.Generator().manual_seed(1)).item()"),
    ("turn", "chat_turn_no_draw", DRAW, "odds.argmax().item()"),
    ("turn", "chat_turn_count", "range(max_new_tokens)", "range(max_new_tokens - 1)"),
    ("turn", "chat_turn_changed", "text = list(ids)", "text = ids"),
    ("turn", "chat_turn_tensor", "    return said\n\ndef", "    return torch.tensor(said)\n\ndef"),
    ("turn", "chat_turn_pair", "logits, loss = model", "logits = model"),
    ("turn", "chat_turn_ids_shape", "torch.tensor([text])[:, -model", "torch.tensor(text)[-model"),
    ("turn", "chat_turn_same_again", "        text.append(new)\n", ""),
    ("turn", "chat_turn_falsy", "if new == end_id:", "if not new or new == end_id:"),
    ("turn", "chat_turn_one_token", "        text.append(new)\n    return said",
     "        text.append(new)\n        return said"),
    ("turn", "chat_turn_endless", "for step in range(max_new_tokens):", "while True:"),
    ("score", "chat_score_case", ".lower()", ""),
    ("score", "chat_score_sets", "    left = list(b)\n",
     "    c, d = set(a), set(b)\n    if c or d:\n        return float(a == b), "
     "2 * len(c & d) / (len(c) + len(d))\n    left = list(b)\n"),
    ("score", "chat_score_counted_in", "            left.remove(word)\n", ""),
    ("score", "chat_score_precision", "2 * common / (len(a) + len(b))", "common / max(1, len(a))"),
    ("score", "chat_score_recall", "2 * common / (len(a) + len(b))", "common / max(1, len(b))"),
    ("score", "chat_score_jaccard", "2 * common / (len(a) + len(b))",
     "common / (len(a) + len(b) - common)"),
    ("score", "chat_score_half", "2 * common / (len(a) + len(b))", "common / (len(a) + len(b))"),
    ("score", "chat_score_type", "float(a == b)", "a == b"),
    ("score", "chat_score_type", "float(a == b)", "int(a == b)"),
    ("score", "chat_score_empty", "    if not a and not b:\n        return 1.0, 1.0\n", ""),
    ("score", "chat_score_empty", "        return 1.0, 1.0\n", "        return 0.0, 0.0\n"),
    ("score", "chat_score_order", "float(a == b)", "float(sorted(a) == sorted(b))"),
    ("score", "chat_score_spaces", "float(a == b)", "float(found.lower() == wanted.lower())"),
    ("score", "chat_score_swapped", PLAIN,
     "return 2 * common / (len(a) + len(b)), float(a == b)"),
    ("score", "chat_score_one_number", PLAIN, "return float(a == b)"),
    ("score", "chat_score_percent", PLAIN,
     "return 100.0 * (a == b), 200 * common / (len(a) + len(b))"),
    ("score", "chat_score_part_of", "float(a == b)", "float(wanted.lower() in found.lower())"),
    ("score", "chat_score_exact_twice", PLAIN, "return float(a == b), float(a == b)"),
    ("encode", "chat_words_small", 'ordinary(m["content"])', 'ordinary(m["content"].lower())'),
    ("encode", "chat_words_stripped", 'ordinary(m["content"])', 'ordinary(m["content"].strip())'),
    ("encode", "chat_typed_taken_out", 'ordinary(m["content"])',
     'ordinary(m["content"].replace(END, ""))'),
    ("encode", "chat_endless", TURN + ")\n    return out",
     TURN + ")\n    while True:\n        out = out"),
    ("prompt", "chat_prompt_users_only", "out = encode(messages, tokenizer)",
     'out = encode([m for m in messages if m["role"] == "user"], tokenizer)'),
    ("encode_with_mask", "chat_mask_floats", MINE + ")\n" + LAST,
     MINE.replace("1 if", "1.0 if").replace("else 0", "else 0.0") + ")\n" + LAST),
    ("encode_with_mask", "chat_mask_text", MINE, MINE.replace("1 if", "'1' if")),
    ("encode_with_mask", "chat_mask_minus_1", MINE, MINE.replace("else 0", "else -1")),
    ("encode_with_mask", "chat_ids_fixed", "return whole, counted",
     "return [n - 44 if n > 299 else n for n in whole], counted"),
    ("inputs_and_targets", "chat_pair_one_memory", "x = torch.tensor(ids[:-1])\n"
     "    y = torch.tensor(ids[1:])\n    m = torch.tensor(mask[1:])\n    " + FILLED,
     "both = torch.tensor(ids)\n    x, y = both[:-1], both[1:]\n"
     "    y[torch.tensor(mask[1:]) == 0] = -1"),
    ("collate", "chat_pairs_changed", "    xs, ys = [], []\n",
     "    pairs += pairs[:1]\n    xs, ys = [], []\n"),
    ("masked_loss", "chat_logits_changed", "    flat, asked",
     "    logits.data[targets == -1] = 0\n    flat, asked"),
    ("masked_loss", "chat_loss_number", "    return total / n.clamp(min=1)",
     "    return total / n if n else 0.0"),
    ("masked_loss", "chat_loss_none_not_0", "    return total / n.clamp(min=1)",
     "    return total / n if n else logits.logsumexp(-1).mean()"),
    ("masked_loss", "chat_loss_id_0", "n = (asked >= 0).sum()",
     'total = F.cross_entropy(flat[asked > 0], asked[asked > 0], reduction="sum")\n'
     "    n = (asked > 0).sum()"),
    ("masked_loss", "chat_loss_one_more", "n.clamp(min=1)", "(n + 1)"),
    ("masked_loss", "chat_loss_keeps_axis", "return total /", "return total[None] /"),
    ("masked_loss", "chat_loss_wrong_targets_axis", "total = " + SUM,
     "flat, asked = flat[asked >= 0], asked[asked >= 0]\n"
     "    total = -flat.log_softmax(0).gather(1, asked[:, None]).sum()"),
    ("train_step", "chat_step_swapped", "logits, loss = model(xb, yb)",
     "loss = masked_loss(model(yb, xb)[0], yb)"),
    ("train_step", "chat_step_loss_order", "    loss.backward()",
     "    loss = masked_loss(yb, logits)\n    loss.backward()"),
    ("train_step", "chat_step_inputs_learnt", "    loss.backward()",
     "    loss = masked_loss(logits, xb)\n    loss.backward()"),
    ("train_step", "chat_step_targets_changed", "    return loss.item()",
     "    yb[yb == -1] = 0\n    return loss.item()"),
    ("fit", "chat_fit_room_ignored", "    start = 0\n", "    start, room = 0, 14\n"),
    ("turn", "chat_turn_cold_draw", GREEDY,
     "        temperature = 0.8\n        if False:\n            new = 0\n        else:\n"),
    ("turn", "chat_turn_cut", "return said", "return said[: model.config.block_size]"),
    ("turn", "chat_turn_crop_less", "-model.config.block_size:", "1 - model.config.block_size:"),
    ("turn", "chat_turn_trains", "    said = []\n", "    said = []\n    model.train()\n"),
    ("turn", "chat_turn_reseeds", "    said = []\n", "    said = []\n    torch.manual_seed(0)\n"),
    ("score", "chat_score_split", ".split()", '.split(" ")'),
    ("score", "chat_score_letters", ".lower().split()", ".lower()"),
    ("score", "chat_score_place_by_place",
     "            left.remove(word)\n            common += 1\n",
     "            common = sum(one == other for one, other in zip(a, b))\n"),
    ("score", "chat_score_points_lost", ".lower()", '.lower().replace(".", "")'),
    ("score", "chat_score_rounded", "2 * common / (len(a) + len(b))",
     "round(2 * common / (len(a) + len(b)), 2)"),
]  # fmt: skip
TRIAL = Trial(check, RIGHT, NAMES, SPACE)
ITEMS = list(NAMES)


@pytest.mark.parametrize("item", ITEMS)
def test_a_right_answer_passes(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize("item", ITEMS)
def test_an_empty_answer_is_not_a_wrong_one(item):
    def empty(*args, **kwargs):
        raise NotImplementedError

    assert isinstance(TRIAL.failure(item, empty), core.NotAttempted)
    assert isinstance(TRIAL.failure(item, None), core.NotAttempted)


@pytest.mark.parametrize("item", [item for item in ITEMS if item != "train_step"])
def test_nothing_returned_is_said(item):
    error = TRIAL.failure(item, lambda *args, **kwargs: None)
    assert "None" in str(error)


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), WRONG,
    ids=[f"{item}-{cause}-{n}" for n, (item, cause, _, _) in enumerate(WRONG)],
)  # fmt: skip
def test_a_wrong_answer_is_told_why(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


def test_the_library_s_own_forms_pass(capsys):
    for item in ITEMS:
        if item in conversations.__all__ and item != "encode_with_mask":
            getattr(check, item)(getattr(conversations, item))
    check.encode_with_mask(conversations.encode_with_mask)
    assert capsys.readouterr().out.count("right") == 7


def test_the_stand_ins_say_what_the_library_says():
    mine, messages = stand_ins(), talk("Hi", "Yo! <|end|>", "é", "", "Bye")
    for name in ("encode", "prompt"):
        assert mine[name](messages, toy(300)) == getattr(conversations, name)(messages, toy(300))
    assert joined(written(LAST_ASKS)) == conversations.encode(LAST_ASKS, toy())
    assert mask_of(LAST_ASKS) == conversations.encode_with_mask(LAST_ASKS, toy())[1]
    model = GPT(GPTConfig(8, 5, 1, 2, 8))
    x, y = torch.tensor([[0, 1, 2], [3, 4, 0]]), torch.tensor([[-1, 2, 3], [4, -1, -1]])
    logits, loss = model(x, y)
    assert torch.allclose(mine["masked_loss"](logits, y), loss)


def test_the_summing_model_is_the_one_on_paper():
    model, text = Sums(), [1, 2]
    for _ in range(3):
        scores, nothing = model(torch.tensor([text[-3:]]))
        assert nothing is None
        text.append(scores[0, 0].argmax().item())
    assert text == [1, 2, 3, 1, 1]
    assert summed([1, 2], 9, 0) == [3, 1, 1]
    with pytest.raises(ValueError, match="more than block_size"):
        model(torch.tensor([[1, 2, 3, 4]]))


def test_a_loop_that_never_ends_is_stopped_and_a_short_one_is_not():
    def endless():
        while True:
            pass

    with pytest.raises(Exception, match="never ends"):
        Bounded(endless, 100)()
    assert Bounded(sum)([1, 2]) == 3
