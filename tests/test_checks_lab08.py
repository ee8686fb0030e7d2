"""The checks of lab08: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""

import math
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from check_trials import Trial
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from gptlab.checks import core
from gptlab.checks import lab08_pretraining as check
from gptlab.checks.causes import CAUSES

NAMES = {
    "dataset": "GPTDatasetV1",
    "dataloader": "create_dataloader_v1",
    "loaders": "make_loaders",
    "loss_batch": "calc_loss_batch",
    "loss_loader": "calc_loss_loader",
    "perplexity": "perplexity",
    "evaluate": "evaluate_model",
    "train_step": "train_step",
    "train": "train_model_simple",
    "plot": "plot_losses",
    "groups": "optimizer_groups",
    "schedule": "learning_rate_at",
}
PAIRS = {
    "token_ids": ("text_to_token_ids", "token_ids_to_text"),
    "checkpoint": ("save_checkpoint", "load_checkpoint"),
}
RIGHT = """
def text_to_token_ids(text, tokenizer):
    return torch.tensor([tokenizer.encode(text, allowed_special={"<|endoftext|>"})])

def token_ids_to_text(token_ids, tokenizer):
    return tokenizer.decode(token_ids[0].tolist())

class GPTDatasetV1(Dataset):
    def __init__(self, txt, tokenizer, max_length, stride):
        ids = tokenizer.encode(txt, allowed_special={"<|endoftext|>"})
        self.pairs = []
        for i in range(0, len(ids) - max_length, stride):
            x, y = ids[i : i + max_length], ids[i + 1 : i + max_length + 1]
            self.pairs.append((torch.tensor(x), torch.tensor(y)))

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, idx):
        return self.pairs[idx]

def create_dataloader_v1(txt, batch_size=4, max_length=256, stride=128, shuffle=True,
                         drop_last=True, num_workers=0):
    windows = GPTDatasetV1(txt, tokenizer, max_length, stride)
    return DataLoader(windows, batch_size, shuffle=shuffle, drop_last=drop_last,
                      num_workers=num_workers)

def make_loaders(txt, train_ratio, batch_size, max_length):
    cut = int(train_ratio * len(txt))
    sizes = dict(batch_size=batch_size, max_length=max_length, stride=max_length)
    return (create_dataloader_v1(txt[:cut], **sizes),
            create_dataloader_v1(txt[cut:], shuffle=False, drop_last=False, **sizes))

def calc_loss_batch(input_batch, target_batch, model, device):
    x, y = input_batch.to(device), target_batch.to(device)
    logits = model(x)
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))

def calc_loss_loader(data_loader, model, device, num_batches=None):
    total = 0.0
    count = 0
    for i, (x, y) in enumerate(data_loader):
        if num_batches is not None and i >= num_batches:
            break
        total += calc_loss_batch(x, y, model, device).item() * y.numel()
        count += y.numel()
    return total / count if count else float("nan")

def perplexity(loss):
    return math.exp(loss)

def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        a = calc_loss_loader(train_loader, model, device, eval_iter)
        b = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return a, b

def train_step(model, optimizer, xb, yb, max_norm=None):
    device = next(model.parameters()).device
    optimizer.zero_grad()
    loss = calc_loss_batch(xb, yb, model, device)
    loss.backward()
    if max_norm is not None:
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()

def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq,
                       eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens_seen = [], [], []
    seen, step = 0, 0
    for _ in range(num_epochs):
        model.train()
        for xb, yb in train_loader:
            train_step(model, optimizer, xb, yb)
            seen += xb.numel()
            if step % eval_freq == 0:
                a, b = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(a)
                val_losses.append(b)
                tokens_seen.append(seen)
            step += 1
        print_sample(model, tokenizer, device, start_context)
    return train_losses, val_losses, tokens_seen

def plot_losses(epochs_seen, tokens_seen, train_losses, val_losses):
    fig, ax = plt.subplots()
    ax.plot(epochs_seen, train_losses, label="training")
    ax.plot(epochs_seen, val_losses, label="validation")
    ax.set(xlabel="epochs", ylabel="loss")
    ax.legend()
    twin = ax.twiny()
    twin.plot(tokens_seen, train_losses, alpha=0)
    twin.set_xlabel("tokens seen")
    plt.savefig("loss-plot.pdf")
    plt.show()

def optimizer_groups(model, weight_decay):
    every = list(model.parameters())
    return [{"params": [p for p in every if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in every if p.ndim <= 1], "weight_decay": 0.0}]

def learning_rate_at(step, warmup_steps, total_steps, peak_lr, min_lr):
    if step < warmup_steps:
        return peak_lr * (step + 1) / (warmup_steps + 1)
    if step >= total_steps:
        return min_lr
    share = (step - warmup_steps) / (total_steps - warmup_steps)
    return min_lr + 0.5 * (1 + math.cos(math.pi * share)) * (peak_lr - min_lr)

def save_checkpoint(path, model, optimizer, progress):
    torch.save(dict(model=model.state_dict(), optimizer=optimizer.state_dict(),
                    random=torch.get_rng_state(), progress=progress), path)

def load_checkpoint(path, model, optimizer):
    read = torch.load(path, weights_only=True)
    model.load_state_dict(read["model"])
    optimizer.load_state_dict(read["optimizer"])
    torch.set_rng_state(read["random"])
    return read["progress"]
"""
STARTS = "range(0, len(ids) - max_length, stride)"
SUM = "total += calc_loss_batch(x, y, model, device).item() * y.numel()"
CURVE = "min_lr + 0.5 * (1 + math.cos(math.pi * share)) * (peak_lr - min_lr)"
CLIP = "torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)"
CLIPPED = f"    if max_norm is not None:\n        {CLIP}\n"
# A check may only see what several slips have in common.
GROUPED = {"pt_ids_end_refused": "pt_ids_end", "pt_text_of_tensor": "pt_text_not_ids",
           "pt_text_of_rows": "pt_text_not_ids", "pt_loss_item": "pt_loss_no_graph",
           "pt_plot_no_legend": "pt_plot_no_labels"}  # fmt: skip
SAMPLE = "print_sample(model, tokenizer, device, start_context)\n"
REST = "    if step >= total_steps:\n        return min_lr\n"
WRONG = [
    ("token_ids", "pt_ids_no_batch", "torch.tensor([tokenizer.encode(text, allowed_special="
     "{\"<|endoftext|>\"})])", "torch.tensor(tokenizer.encode(text, allowed_special="
     "{\"<|endoftext|>\"}))"),
    ("token_ids", "pt_ids_end_refused", "torch.tensor([tokenizer.encode(text, allowed_special="
     "{\"<|endoftext|>\"})])", "torch.tensor([tokenizer.encode(text)])"),
    ("token_ids", "pt_text_of_tensor", "token_ids[0].tolist()", "token_ids[0]"),
    ("token_ids", "pt_text_of_rows", "token_ids[0].tolist()", "token_ids.tolist()"),
    ("token_ids", "pt_text_squeezed", "token_ids[0].tolist()", "token_ids.squeeze().tolist()"),
    ("dataset", "pt_window_not_shifted", "torch.tensor(y)))", "torch.tensor(x)))"),
    ("dataset", "pt_window_shifted_by_two", "ids[i + 1 : i + max_length + 1]",
     "(ids + [0])[i + 2 : i + max_length + 2]"),
    ("dataset", "pt_window_sides_swapped", "(torch.tensor(x), torch.tensor(y))",
     "(torch.tensor(y), torch.tensor(x))"),
    ("dataset", "pt_window_one_target", "torch.tensor(y)))", "torch.tensor(y[-1])))"),
    ("dataset", "pt_window_last_lost", STARTS, STARTS.replace("max_length", "max_length - 1")),
    ("dataset", "pt_window_over_the_end", STARTS, STARTS.replace("_length", "_length + 1")),
    ("dataset", "pt_window_stride_ignored", STARTS, STARTS.replace(", stride", "")),
    ("dataset", "pt_window_stride_is_length", STARTS, STARTS.replace("stride", "max_length")),
    ("dataset", "pt_window_first_lost", STARTS, STARTS.replace("(0", "(stride")),
    ("dataset", "pt_window_size", "ids[i : i + max_length]", "ids[i : i + max_length + 1]"),
    ("dataset", "pt_window_lists", "(torch.tensor(x), torch.tensor(y))", "(x, y)"),
    ("dataset", "pt_window_only_input", "self.pairs[idx]", "self.pairs[idx][0]"),
    ("dataloader", "pt_loader_never_shuffled", "shuffle=shuffle, ", ""),
    ("dataloader", "pt_loader_always_shuffled", "shuffle=shuffle", "shuffle=True"),
    ("dataloader", "pt_loader_drop_last", "drop_last=drop_last,", ""),
    ("dataloader", "pt_loader_batch_size", "windows, batch_size,", "windows, 4,"),
    ("dataloader", "pt_loader_stride", "tokenizer, max_length, stride)\n    return",
     "tokenizer, max_length, max_length)\n    return"),
    ("dataloader", "pt_loader_swapped", "tokenizer, max_length, stride)",
     "tokenizer, stride, max_length)"),
    ("dataloader", "pt_loader_workers_lost", "num_workers=num_workers", ""),
    ("dataloader", "pt_loader_not_made", "DataLoader(windows, batch_size, shuffle=shuffle, "
     "drop_last=drop_last,\n                      num_workers=num_workers)", "windows"),
    ("loaders", "pt_split_val_is_train", "txt[cut:]", "txt[:cut]"),
    ("loaders", "pt_split_leak", "txt[cut:]", "txt[cut - 1:]"),
    ("loaders", "pt_split_leak", "txt[:cut]", "txt"),
    ("loaders", "pt_split_gap", "txt[cut:]", "txt[cut + 1:]"),
    ("loaders", "pt_split_rounded", "int(train_ratio * len(txt))", "round(train_ratio * len(txt))"),
    ("loaders", "pt_split_not_whole", "int(train_ratio * len(txt))", "train_ratio * len(txt)"),
    ("loaders", "pt_split_fixed", "int(train_ratio", "int(0.9"),
    ("loaders", "pt_split_overlap", "stride=max_length", "stride=1"),
    ("loaders", "pt_split_val_shuffled", "shuffle=False, ", ""),
    ("loaders", "pt_split_val_dropped", "drop_last=False, ", ""),
    ("loaders", "pt_split_train_in_order", "(txt[:cut], **", "(txt[:cut], shuffle=False, **"),
    ("loaders", "pt_split_train_keeps_rest", "(txt[:cut], **", "(txt[:cut], drop_last=False, **"),
    ("loss_batch", "pt_loss_of_softmax", "= model(x)", "= model(x).softmax(-1)"),
    ("loss_batch", "pt_loss_sum", "y.reshape(-1))", "y.reshape(-1), reduction='sum')"),
    ("loss_batch", "pt_loss_not_flat", "F.cross_entropy(logits.reshape(-1, logits.shape[-1]), "
     "y.reshape(-1))", "F.cross_entropy(logits, y)"),
    ("loss_batch", "pt_loss_view", "y.reshape(-1))", "y.view(-1))"),
    ("loss_batch", "pt_loss_of_inputs", "y.reshape(-1))", "x.reshape(-1))"),
    ("loss_batch", "pt_loss_scores_turned", "= model(x)", "= model(x).transpose(0, 1)"),
    ("loss_batch", "pt_loss_perplexity", "return F.cross_entropy(logits.reshape(-1, logits.shape"
     "[-1]), y.reshape(-1))", "return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), "
     "y.reshape(-1)).exp()"),
    ("loss_batch", "pt_loss_item", "y.reshape(-1))", "y.reshape(-1)).item()"),
    ("loss_batch", "pt_loss_no_graph", "y.reshape(-1))", "y.reshape(-1)).detach()"),
    ("loss_batch", "pt_loss_evaluates", "= model(x)", "= model.eval()(x)"),
    ("loss_batch", "pt_loss_batch_stays", "input_batch.to(device)", "input_batch"),
    ("loss_batch", "pt_loss_batch_stays", "target_batch.to(device)", "target_batch"),
    ("loss_loader", "pt_mean_of_means", "total += calc_loss_batch(x, y, model, device).item() * "
     "y.numel()\n        count += y.numel()", "total += calc_loss_batch(x, y, model, device).item()"
     "\n        count += 1"),
    ("loss_loader", "pt_mean_weights", SUM, SUM.replace(" * y.numel()", "")),
    ("loss_loader", "pt_mean_not_divided", "total / count", "total"),
    ("loss_loader", "pt_mean_empty", ' if count else float("nan")', ""),
    ("loss_loader", "pt_mean_empty", 'float("nan")', "0.0"),
    ("loss_loader", "pt_batches_one_more", "i >= num_batches", "i > num_batches"),
    ("loss_loader", "pt_batches_all", "            break", "            pass"),
    ("loss_loader", "pt_batches_zero_is_all", "num_batches is not None and i", "num_batches and i"),
    ("loss_loader", "pt_mean_tensor", SUM, SUM.replace(".item()", "")),
    ("loss_loader", "pt_mean_last_batch", "total += calc_loss_batch(x, y, model, device).item() * "
     "y.numel()\n        count += y.numel()", "total = calc_loss_batch(x, y, model, device).item() "
     "* y.numel()\n        count = y.numel()"),
    ("perplexity", "pt_perplexity_two", "math.exp(loss)", "2**loss"),
    ("perplexity", "pt_perplexity_chance", "math.exp(loss)", "math.exp(-loss)"),
    ("perplexity", "pt_perplexity_loss", "math.exp(loss)", "loss"),
    ("perplexity", "pt_perplexity_tensor", "math.exp(loss)", "torch.tensor(loss).exp()"),
    ("evaluate", "no_eval", "    model.eval()\n", ""),
    ("evaluate", "no_no_grad", "with torch.no_grad():", "if True:"),
    ("evaluate", "left_in_eval", "    model.train()\n    return a, b", "    return a, b"),
    ("evaluate", "pt_eval_swapped", "return a, b", "return b, a"),
    ("evaluate", "pt_eval_training_twice", "b = calc_loss_loader(val",
     "b = calc_loss_loader(train"),
    ("evaluate", "pt_eval_grad_stays_off", "with torch.no_grad():",
     "if not torch.set_grad_enabled(False) or True:"),
    ("evaluate", "pt_eval_iter", "model, device, eval_iter)\n    model",
     "model, device)\n    model"),
    ("train_step", "no_zero_grad", "    optimizer.zero_grad()\n", ""),
    ("train_step", "no_backward", "    loss.backward()\n", ""),
    ("train_step", "no_step", "    optimizer.step()\n", ""),
    ("train_step", "step_before_backward", f"    loss.backward()\n{CLIPPED}    optimizer.step()\n",
     "    optimizer.step()\n    loss.backward()\n"),
    ("train_step", "returns_tensor", "return loss.item()", "return loss"),
    ("train_step", "ascent", "loss.backward()", "(-loss).backward()"),
    ("train_step", "pt_step_swapped", "(xb, yb, model, device)", "(yb, xb, model, device)"),
    ("train_step", "pt_clip_never", CLIPPED, ""),
    ("train_step", "pt_clip_after_step", f"{CLIPPED}    optimizer.step()\n",
     f"    optimizer.step()\n{CLIPPED}"),
    ("train_step", "pt_clip_by_value", "clip_grad_norm_", "clip_grad_value_"),
    ("train_step", "pt_clip_of_none", CLIPPED, f"    {CLIP}\n"),
    ("train", "pt_train_no_mode", "        model.train()\n        for", "        for"),
    ("train", "pt_train_step_per_epoch", "        model.train()\n        for",
     "        step = 0\n        model.train()\n        for"),
    ("train", "pt_train_tokens_per_epoch", "        model.train()\n        for",
     "        seen = 0\n        model.train()\n        for"),
    ("train", "pt_train_tokens", "xb.numel()", "len(xb)"),
    ("train", "pt_train_counts_both", "xb.numel()", "xb.numel() + yb.numel()"),
    ("train", "pt_train_looks", "if step % eval_freq == 0:", "if True:"),
    ("train", "pt_train_counts_from_one", "step % eval_freq == 0", "(step + 1) % eval_freq == 0"),
    ("train", "pt_train_lists_swapped", "a, b = evaluate", "b, a = evaluate"),
    ("train", "pt_train_epochs", "range(num_epochs)", "range(1)"),
    ("train", "pt_train_loaders_swapped", "evaluate_model(model, train_loader, val_loader, device, "
     "eval_iter)\n                train", "evaluate_model(model, val_loader, train_loader, device, "
     "eval_iter)\n                train"),
    ("train", "pt_train_iter_is_freq", "device, eval_iter)\n                train",
     "device, eval_freq)\n                train"),
    ("train", "pt_train_no_sample", f"        {SAMPLE}", ""),
    ("train", "pt_train_samples", f"        {SAMPLE}", f"    {SAMPLE}"),
    ("train", "pt_train_sample_order", "(model, tokenizer, device, start_context)\n",
     "(model, tokenizer, start_context, device)\n"),
    ("plot", "pt_plot_file", '    plt.savefig("loss-plot.pdf")\n', ""),
    ("plot", "pt_plot_file", '"loss-plot.pdf"', '"loss-plot.png"'),
    ("plot", "pt_plot_training_twice", "epochs_seen, val_losses", "epochs_seen, train_losses"),
    ("plot", "pt_plot_over_tokens", "ax.plot(epochs_seen", "ax.plot(tokens_seen"),
    ("plot", "pt_plot_by_number", "ax.plot(epochs_seen, ", "ax.plot("),
    ("plot", "pt_plot_turned", "epochs_seen, train_losses", "train_losses, epochs_seen"),
    ("plot", "pt_plot_no_legend", "    ax.legend()\n", ""),
    ("plot", "pt_plot_twin_beside", "ax.twiny()", "ax.twinx()"),
    ("plot", "pt_plot_scale_above", "    twin.plot(tokens_seen, train_losses, alpha=0)\n", ""),
    ("plot", "pt_plot_names", '    twin.set_xlabel("tokens seen")\n', ""),
    ("groups", "pt_groups_all_decay", " if p.ndim > 1", ""),
    ("groups", "pt_groups_swapped", '"params": [p for p in every if p.ndim > 1], "weight_decay": '
     'weight_decay},\n            {"params": [p for p in every if p.ndim <= 1], '
     '"weight_decay": 0.0',
     '"params": [p for p in every if p.ndim <= 1], "weight_decay": 0.0},\n            '
     '{"params": [p for p in every if p.ndim > 1], "weight_decay": weight_decay'),
    ("groups", "pt_groups_default_decay", ', "weight_decay": 0.0', ""),
    ("groups", "pt_groups_decay_fixed", '"weight_decay": weight_decay', '"weight_decay": 0.1'),
    ("groups", "pt_groups_used_up", "list(model.parameters())", "model.parameters()"),
    ("groups", "pt_groups_axes", "p.ndim > 1]", "p.ndim == 2]"),
    ("schedule", "pt_rate_begins_at_zero", "(step + 1) / (w", "step / (w"),
    ("schedule", "pt_rate_peak_too_early", "/ (warmup_steps + 1)", "/ warmup_steps"),
    ("schedule", "pt_rate_zero_for_ever", "(step + 1) / (w", "(step + 1) // (w"),
    ("schedule", "pt_rate_goes_up", "(1 + math.cos", "(1 - math.cos"),
    ("schedule", "pt_rate_not_halved", "0.5 * (1 +", "(1 +"),
    ("schedule", "pt_rate_turn", "math.cos(math.pi * share)", "math.cos(share)"),
    ("schedule", "pt_rate_straight_down", CURVE, "peak_lr - share * (peak_lr - min_lr)"),
    ("schedule", "pt_rate_down_to_zero", CURVE, "0.5 * (1 + math.cos(math.pi * share)) * peak_lr"),
    ("schedule", "pt_rate_share", "share = (step - warmup_steps) / (total_steps - warmup_steps)",
     "share = step / total_steps"),
    ("schedule", "pt_rate_min_not_kept", REST, ""),
    ("schedule", "pt_rate_after", REST, REST.replace("min_lr", "0.0")),
    ("schedule", "pt_rate_tensor", "math.cos(math.pi * share)",
     "torch.cos(torch.tensor(math.pi * share))"),
    ("checkpoint", "pt_saved_no_optimizer", "optimizer=optimizer.state_dict(),", ""),
    ("checkpoint", "pt_saved_no_random", "random=torch.get_rng_state(), ", ""),
    ("checkpoint", "pt_saved_seed", "random=torch.get_rng_state()", "random=torch.initial_seed()"),
    ("checkpoint", "pt_saved_order", "torch.save(dict(model=model.state_dict(), optimizer=optimizer"
     ".state_dict(),\n                    random=torch.get_rng_state(), progress=progress), path)",
     "torch.save(path, dict(model=model.state_dict(), optimizer=optimizer.state_dict(),\n"
     "        random=torch.get_rng_state(), progress=progress))"),
    ("checkpoint", "pt_read_trusting", "weights_only=True", "weights_only=False"),
    ("checkpoint", "pt_read_no_model", '    model.load_state_dict(read["model"])\n', ""),
    ("checkpoint", "pt_read_no_optimizer",
     '    optimizer.load_state_dict(read["optimizer"])\n', ""),
    ("checkpoint", "pt_read_no_random", '    torch.set_rng_state(read["random"])\n', ""),
    ("checkpoint", "pt_read_no_progress", '    return read["progress"]\n', ""),
    ("checkpoint", "pt_read_returns_all", 'return read["progress"]', "return read"),
    ("token_ids", "pt_global_tokenizer", "text, tokenizer):\n    return",
     "text, tokenizer):\n    tokenizer = globals()['tokenizer']\n    return"),
    ("token_ids", "pt_global_tokenizer", "return tokenizer.decode",
     "return globals()['tokenizer'].decode"),
    ("dataset", "pt_global_tokenizer", "ids = tokenizer", "ids = globals()['tokenizer']"),
    ("dataset", "pt_window_size", "ids[i : i + max_length], ids[i + 1 : i + max_length + 1]",
     "ids[i : i + 4], ids[i + 1 : i + 5]"),
    ("dataset", "pt_window_next_window", "ids[i + 1 : i + max_length + 1]",
     "ids[i + max_length : i + 2 * max_length]"),
    ("dataset", "pt_window_no_return", "return len(self.pairs)", "len(self.pairs)"),
    ("dataloader", "pt_loader_no_tokenizer", "(txt, tokenizer, max_length, stride)\n    return",
     "(txt, max_length, stride)\n    return"),
    ("dataloader", "pt_loader_defaults", "stride=128, shuffle=True", "stride=256, shuffle=True"),
    ("dataloader", "pt_loader_defaults", "shuffle=True,", "shuffle=False,"),
    ("dataloader", "pt_loader_by_place", "shuffle=shuffle, drop_last=drop_last,\n"
     "                      num_workers=num_workers)", "shuffle, drop_last, num_workers)"),
    ("dataloader", "pt_global_text", "GPTDatasetV1(txt", "GPTDatasetV1(text"),
    ("loaders", "pt_split_by_tokens", "* len(txt)", "* len(tokenizer.encode(txt))"),
    ("loaders", "pt_global_text", "* len(txt)", "* len(text)"),
    ("loss_batch", "pt_loss_backward", "return F.cross_entropy(logits.reshape(-1, logits.shape[-1])"
     ", y.reshape(-1))", "loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), "
     "y.reshape(-1))\n    loss.backward()\n    return loss"),
    ("loss_batch", "pt_loss_last_token", "F.cross_entropy(logits.reshape(-1, logits.shape[-1]), "
     "y.reshape(-1))", "F.cross_entropy(logits[:, -1], y[:, -1])"),
    ("loss_loader", "pt_global_device", "(x, y, model, device)", "(x, y, model, globals()"
     "['device'])"),
    ("perplexity", "pt_printed", "return math.exp(loss)", "print(math.exp(loss))"),
    ("perplexity", "pt_perplexity_not_math", "math.exp(loss)", "torch.exp(loss)"),
    ("evaluate", "pt_eval_no_grad_brackets", "with torch.no_grad():", "with torch.no_grad:"),
    ("train_step", "pt_clip_each_alone", CLIP,
     "[torch.nn.utils.clip_grad_norm_(p, max_norm) for p in model.parameters()]"),
    ("train_step", "pt_step_evaluates", "    optimizer.zero_grad()\n",
     "    model.eval()\n    optimizer.zero_grad()\n"),
    ("train_step", "pt_clip_of_none", CLIPPED, f"    {CLIP}\n".replace("max_n", "max_norm or 1.0#")
     .replace("#orm)", ")")),
    ("train_step", "pt_step_backward_twice", "    loss.backward()\n",
     "    loss.backward(retain_graph=True)\n    loss.backward()\n"),
    ("train_step", "pt_loss_of_inputs", "(xb, yb, model, device)", "(xb, xb, model, device)"),
    ("train_step", "pt_clip_model", "(model.parameters(), max_norm)", "(model, max_norm)"),
    ("train_step", "pt_clip_order", "(model.parameters(), max_norm)",
     "(max_norm, model.parameters())"),
    ("train_step", "pt_step_number_at_once", "    loss.backward()\n",
     "    loss = loss.item()\n    loss.backward()\n"),
    ("train_step", "pt_step_tensor", "return loss.item()", "return loss.detach()"),
    ("train", "pt_train_clips", "optimizer, xb, yb)", "optimizer, xb, yb, 1.0)"),
    ("train", "pt_train_same_order", "    seen, step = 0, 0\n",
     "    seen, step = 0, 0\n    loader, train_loader = train_loader, list(train_loader)\n"),
    ("train", "pt_train_own_step", "train_step(model, optimizer, xb, yb)", "optimizer.zero_grad()"),
    ("train", "pt_train_list_empty", "                val_losses.append(b)\n", ""),
    ("plot", "pt_plot_saved_empty", '    plt.savefig("loss-plot.pdf")\n    plt.show()',
     '    plt.show()\n    plt.savefig("loss-plot.pdf")'),
    ("plot", "pt_plot_empty_legend", "ax.legend()", "ax.legend(handles=[])"),
    ("plot", "pt_plot_axes_swapped", 'xlabel="epochs", ylabel="loss"',
     'xlabel="loss", ylabel="epochs"'),
    ("plot", "pt_plot_seen_twice", ", alpha=0", ""),
    ("plot", "pt_plot_no_line", "ax.plot(epochs", "ax.scatter(epochs"),
    ("groups", "pt_groups_copies", "list(model.parameters())",
     "[p.clone() for p in model.parameters()]"),
    ("groups", "pt_groups_both_decay", '"weight_decay": 0.0', '"weight_decay": weight_decay'),
    ("schedule", "pt_rate_peak_fixed", "peak_lr * (step + 1)", "0.4 * (step + 1)"),
    ("schedule", "pt_rate_no_min", "return min_lr + 0.5", "return 0.5"),
    ("schedule", "pt_rate_bare_sum", CURVE, "min_lr + (peak_lr - min_lr) * 1 + "
     "math.cos(math.pi * share) / 2"),
    ("checkpoint", "pt_read_not_strict", '(read["model"])', '(read["model"], strict=False)'),
    ("checkpoint", "pt_saved_progress", "progress=progress)",
     'progress={"step": 47, "epoch": 2})'),
    ("checkpoint", "pt_read_evaluates", '    return read["progress"]',
     '    model.eval()\n    return read["progress"]'),
    ("checkpoint", "pt_read_swapped", '(read["model"])', '(read["optimizer"])'),
]  # fmt: skip

SPACE = {"torch": torch, "nn": nn, "F": F, "math": math, "plt": plt, "DataLoader": DataLoader,
         "Dataset": Dataset}  # fmt: skip
TRIAL = Trial(check, RIGHT, NAMES, SPACE)
notebook, failure = TRIAL.notebook, TRIAL.failure


def answers_of(item, space):
    return [space[name] for name in PAIRS.get(item, [NAMES.get(item)])]


@pytest.mark.parametrize("item", NAMES)
def test_a_right_answer_passes_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize("item", PAIRS)
def test_a_right_pair_passes_and_says_so_in_one_line(item, capsys):
    getattr(check, item)(*answers_of(item, notebook()))
    assert capsys.readouterr().out == f"{item}: right.\n"


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), WRONG, ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG)]
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    assert RIGHT.count(old) >= 1
    error = failure(item, *answers_of(item, notebook(RIGHT.replace(old, new))))
    assert not isinstance(error, core.NotAttempted)
    assert error.likely in (CAUSES[cause], CAUSES.get(GROUPED.get(cause, ""))), str(error)
    assert error.item == item
    assert error.looked_at


@pytest.mark.parametrize("item", [*NAMES, *PAIRS])
def test_not_attempted_is_told_apart(item):
    empty = notebook("def answer(*a, **k):\n    raise NotImplementedError")["answer"]
    many = len(PAIRS.get(item, [item]))
    for answer in (None, empty):
        error = failure(item, *[answer] * many)
        assert isinstance(error, core.NotAttempted)
        assert str(error).startswith(f"{item}: not attempted yet")


@pytest.mark.parametrize("item", sorted({*NAMES, *PAIRS} - {"plot", "checkpoint", "dataset"}))
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2)])
def test_a_wrong_type_says_what_was_found(item, value):
    answer = notebook("def answer(*a, **k):\n    return value", value=value)["answer"]
    error = failure(item, *[answer] * len(PAIRS.get(item, [item])))
    assert error.found, str(error)


def test_checks_leave_the_notebook_and_the_folder_as_they_were(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space = notebook()
    torch.manual_seed(5)
    before, kept, show = dict(space), torch.random.get_rng_state(), plt.show
    figures = plt.get_fignums()
    for item in [*NAMES, *PAIRS]:
        getattr(check, item)(*answers_of(item, space))
    assert space == before
    assert torch.random.get_rng_state().equal(kept)
    assert plt.show is show
    assert plt.get_fignums() == figures
    assert Path.cwd() == tmp_path
    assert not list(tmp_path.iterdir())


def test_other_right_forms_pass(capsys):
    """Scores with the vocabulary on axis 1, islice, names for everything, a scale without ticks."""
    other = RIGHT.replace(
        "F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))",
        "F.cross_entropy(logits.mT, y)",
    )
    other = other.replace("windows, batch_size, shuffle", "dataset=windows, batch_size=batch_size,"
                          " shuffle")  # fmt: skip
    other = other.replace("print_sample(model, tokenizer, device, start_context)",
                          "print_sample(model=model, tokenizer=tokenizer, device=device,"
                          " start_context=start_context)")  # fmt: skip
    other = other.replace('twin.set_xlabel("tokens seen")', 'twin.set(xlabel="tokens")')
    other = other.replace("ax.legend()", "fig.legend()")
    other = other.replace("    seen, step = 0, 0\n",
                          "    seen, step = 0, 0\n    next(iter(train_loader))\n")
    space = notebook(other)
    for item in [*NAMES, *PAIRS]:
        getattr(check, item)(*answers_of(item, space))
    assert capsys.readouterr().out == "".join(f"{item}: right.\n" for item in [*NAMES, *PAIRS])
