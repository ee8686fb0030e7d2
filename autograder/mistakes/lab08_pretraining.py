"""What students write in lab08_pretraining: wrong answers, lazy ones, and right ones in another
form.

A mistake is a substitution in the text of solutions/lab08_pretraining.py; its sentence stands under
its id in gptlab/checks/causes/. The right answers stand in lab08_pretraining_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab08_pretraining_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_IDS = 'ids = tokenizer.encode(text, allowed_special={"<|endoftext|>"})'
_ONE = "return torch.tensor(ids).unsqueeze(0)"
_TEXT = "return tokenizer.decode(token_ids.squeeze(0).tolist())"

_STARTS = "for start in range(0, len(ids) - max_length, stride):"
_WHOLE = "window = ids[start : start + max_length + 1]"
_INPUT = "self.input_ids.append(torch.tensor(window[:-1]))"
_TARGET = "self.target_ids.append(torch.tensor(window[1:]))"
_LEN = "return len(self.input_ids)"
_ITEM = "return self.input_ids[idx], self.target_ids[idx]"

_WINDOWS = "windows = GPTDatasetV1(txt, tokenizer, max_length, stride)"
_FIRST = "windows, batch_size=batch_size, shuffle=shuffle,"
_LAST = "drop_last=drop_last, num_workers=num_workers,"
_LOADER = f"return DataLoader(\n        {_FIRST}\n        {_LAST}\n    )"

_AT = "at = int(train_ratio * len(txt))"
_TRAIN = "txt[:at], batch_size, max_length, stride=max_length,"
_VAL = "txt[at:], batch_size, max_length, stride=max_length,"
_KEPT = "        shuffle=False, drop_last=False,\n"
_BOTH = "return train_loader, val_loader\n"

_XB = "input_batch = input_batch.to(device)"
_YB = "target_batch = target_batch.to(device)"
_SCORES = "logits = model(input_batch)  # (B, T, V)"
_CROSS = "return F.cross_entropy(logits.flatten(0, 1), target_batch.flatten())"

_ZEROS = "total, tokens = 0.0, 0"
_ENOUGH = "if i == num_batches:\n            break"
_EACH = "for i, (xb, yb) in enumerate(data_loader):"
_COST = "        loss = calc_loss_batch(xb, yb, model, device)\n        total"
_TOTAL = "total += loss.item() * yb.numel()"
_COUNT = "        tokens += yb.numel()\n    return total"
_MEAN = 'return total / tokens if tokens else float("nan")'

_POWER = "return math.exp(loss)"

_EVAL = "    model.eval()\n    with torch.no_grad():"
_LOSS = "train_loss = calc_loss_loader(train_loader, model, device, eval_iter)"
_VAL_LOSS = "val_loss = calc_loss_loader(val_loader, model, device, eval_iter)"
_MODES = "    model.train()\n    return train_loss, val_loss"
_NO_GRAD = f"with torch.no_grad():\n        {_LOSS}\n        {_VAL_LOSS}"

_ZERO = "optimizer.zero_grad()"
_FORWARD = "loss = calc_loss_batch(xb, yb, model, device)"
_BACK = "loss.backward()"
_IF = "if max_norm is not None:"
_CLIP = "nn.utils.clip_grad_norm_(model.parameters(), max_norm)"
_CLIPPED = f"{_IF}\n        {_CLIP}"
_GO = "optimizer.step()\n    return loss.item()"
_STEP = f"{_ZERO}\n    {_FORWARD}\n    {_BACK}\n    {_CLIPPED}\n    {_GO}"

_COUNTERS = "tokens, step = 0, 0"
_EPOCHS = "for epoch in range(num_epochs):\n        model.train()"
_PAIRS = "for xb, yb in train_loader:"
_LEARN = "train_step(model, optimizer, xb, yb)\n"
_EACH_STEP = f"{_PAIRS}\n            {_LEARN}"
_SEEN = "tokens += xb.numel()"
_FREQ = "if step % eval_freq == 0:"
_LOOK = (
    "train_loss, val_loss = evaluate_model(\n"
    "                    model, train_loader, val_loader, device, eval_iter,\n                )"
)
_NOTED = "train_losses.append(train_loss)\n                val_losses.append(val_loss)"
_NOTED_TOKENS = "tokens_seen.append(tokens)"
_NEXT = "            step += 1\n"
_COUNTED = f"{_NEXT}        print_sample"
_SAMPLE = "        print_sample(model, tokenizer, device, start_context)\n    ### END"

_CURVE = 'ax.plot(epochs_seen, train_losses, label="training")'
_CURVE_2 = 'ax.plot(epochs_seen, val_losses, "--", label="validation")'
_X = 'ax.set_xlabel("epochs")'
_Y = 'ax.set_ylabel("loss, nats per token")'
_LEGEND = "    ax.legend()\n"
_ABOVE = "above = ax.twiny()"
_UNSEEN = "    above.plot(tokens_seen, train_losses, alpha=0)  # unseen: sets the scale\n"
_X_2 = '    above.set_xlabel("tokens seen")\n'
_PDF = 'fig.savefig("loss-plot.pdf")'

_PARAMS = "params = list(model.parameters())"
_MANY = '{"params": [p for p in params if p.dim() >= 2],\n         "weight_decay": weight_decay},'
_FEW = '{"params": [p for p in params if p.dim() < 2],\n         "weight_decay": 0.0},'
_GROUPS = f"return [\n        {_MANY}\n        {_FEW}\n    ]"

_UP = "return peak_lr * (step + 1) / (warmup_steps + 1)"
_STAYS = "    if step >= total_steps:\n        return min_lr\n"
_SHARE = "share = (step - warmup_steps) / (total_steps - warmup_steps)"
_COSINE = "return min_lr + (peak_lr - min_lr) * (1 + math.cos(math.pi * share)) / 2"

_SAVED_MODEL = '"model": model.state_dict(),'
_SAVED_ADAM = '        "optimizer": optimizer.state_dict(),\n'
_SAVED_CHANCE = '        "random": torch.get_rng_state(),\n'
_SAVED_PROGRESS = '"progress": progress,'
_SAVED = "    }, path)\n"
_READ = "whole = torch.load(path, weights_only=True)"
_PUT_MODEL = 'model.load_state_dict(whole["model"])'
_PUT_ADAM = '    optimizer.load_state_dict(whole["optimizer"])\n'
_PUT_CHANCE = '    torch.set_rng_state(whole["random"])\n'
_PROGRESS = '    return whole["progress"]\n'

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "token_ids": {
        "pt_ids_no_batch": (_ONE, "return torch.tensor(ids)"),
        "pt_ids_column": (_ONE, "return torch.tensor(ids).unsqueeze(1)"),
        "pt_ids_list": (_ONE, "return [ids]"),
        "pt_ids_list_of_tensor": (_ONE, "return [torch.tensor(ids)]"),
        "pt_ids_float": (_ONE, "return torch.Tensor(ids).unsqueeze(0)"),
        "pt_ids_int32": (_ONE, "return torch.tensor(ids, dtype=torch.int32).unsqueeze(0)"),
        "pt_ids_end_refused": (_IDS, "ids = tokenizer.encode(text)"),
        "pt_ids_end_as_text": (_IDS, "ids = tokenizer.encode(text, disallowed_special=())"),
        "pt_ids_ord": (_IDS, "ids = [ord(letter) for letter in text]"),
        "pt_ids_end_added": (_IDS, f'text += "<|endoftext|>"\n    {_IDS}'),
        "pt_text_of_tensor": (_TEXT, "return tokenizer.decode(token_ids.squeeze(0))"),
        "pt_text_of_rows": (_TEXT, "return tokenizer.decode(token_ids.tolist())"),
        "pt_text_squeezed": (_TEXT, "return tokenizer.decode(token_ids.squeeze().tolist())"),
        "pt_text_first_token": (_TEXT, "return tokenizer.decode(token_ids[:, 0].tolist())"),
        "pt_text_list": (_TEXT, "return [tokenizer.decode([i]) for i in token_ids[0].tolist()]"),
        "pt_text_printed": (_TEXT, "print(tokenizer.decode(token_ids.squeeze(0).tolist()))"),
    },
    "dataset": {
        "pt_window_next_window": (
            _TARGET,
            "later = start + max_length\n"
            "            self.target_ids.append(torch.tensor(ids[later : later + max_length]))",
        ),
        "pt_window_not_shifted": (_TARGET, "self.target_ids.append(torch.tensor(window[:-1]))"),
        "pt_window_shifted_by_two": (
            f"{_STARTS}\n            {_WHOLE}\n            {_INPUT}\n            {_TARGET}",
            f"{_STARTS}\n            {_WHOLE}\n            {_INPUT}\n"
            "            later = ids[start + 2 : start + max_length + 2]\n"
            "            self.target_ids.append(torch.tensor(later))",
        ),
        "pt_window_sides_swapped": (
            f"{_INPUT}\n            {_TARGET}",
            "self.input_ids.append(torch.tensor(window[1:]))\n"
            "            self.target_ids.append(torch.tensor(window[:-1]))",
        ),
        "pt_window_one_target": (_TARGET, "self.target_ids.append(torch.tensor(window[-1]))"),
        "pt_window_last_lost": (_STARTS, _STARTS.replace("max_length,", "max_length - 1,")),
        "pt_window_over_the_end": (_STARTS, _STARTS.replace("max_length,", "max_length + 1,")),
        "pt_window_not_whole": (_STARTS, "for start in range(0, len(ids), stride):"),
        "pt_window_first_lost": (_STARTS, _STARTS.replace("(0,", "(stride,")),
        "pt_window_stride_ignored": (_STARTS, _STARTS.replace(", stride)", ")")),
        "pt_window_stride_is_length": (_STARTS, _STARTS.replace(", stride)", ", max_length)")),
        "pt_window_every_token": (
            _STARTS,
            "for start in range((len(ids) - max_length - 1) // stride + 1):",
        ),
        "pt_window_too_long": (_INPUT, "self.input_ids.append(torch.tensor(window))"),
        "pt_window_one_short": (_WHOLE, "window = ids[start : start + max_length]"),
        "pt_window_lists": (
            f"{_INPUT}\n            {_TARGET}",
            "self.input_ids.append(window[:-1])\n            self.target_ids.append(window[1:])",
        ),
        "pt_window_floats": (_INPUT, "self.input_ids.append(torch.Tensor(window[:-1]))"),
        "pt_window_counts_tokens": (_LEN, "return sum(len(ids) for ids in self.input_ids)"),
        "pt_window_last_not_counted": (_LEN, "return len(self.input_ids) - 1"),
        "pt_window_only_input": (_ITEM, "return self.input_ids[idx]"),
        "pt_window_returned_swapped": (_ITEM, "return self.target_ids[idx], self.input_ids[idx]"),
        "pt_window_target_of_next": (_ITEM, "return self.input_ids[idx], self.target_ids[idx - 1]"),
        "pt_window_dict": (
            _ITEM,
            'return {"input_ids": self.input_ids[idx], "target_ids": self.target_ids[idx]}',
        ),
    },
    "dataloader": {
        "pt_loader_no_tokenizer": (_WINDOWS, _WINDOWS.replace("tokenizer, ", "")),
        "pt_loader_never_shuffled": (_FIRST, _FIRST.replace(" shuffle=shuffle,", "")),
        "pt_loader_always_shuffled": (_FIRST, _FIRST.replace("=shuffle", "=True")),
        "pt_loader_keeps_the_rest": (_LAST, "num_workers=num_workers,"),
        "pt_loader_always_drops": (_LAST, _LAST.replace("=drop_last", "=True")),
        "pt_loader_drops_if_shuffled": (_LAST, _LAST.replace("=drop_last", "=shuffle")),
        "pt_loader_one_window": (_FIRST, "windows, shuffle=shuffle,"),
        "pt_loader_size_fixed": (_FIRST, _FIRST.replace("=batch_size", "=4")),
        "pt_loader_workers_lost": (_LAST, "drop_last=drop_last,"),
        "pt_loader_overlap_fixed": (_WINDOWS, _WINDOWS.replace(" stride)", " max_length // 2)")),
        "pt_loader_stride_is_length": (_WINDOWS, _WINDOWS.replace(" stride)", " max_length)")),
        "pt_loader_swapped": (
            _WINDOWS,
            _WINDOWS.replace("max_length, stride", "stride, max_length"),
        ),
        "pt_loader_other_tokenizer": (_WINDOWS, f"tokenizer = tiny.tokenizer()\n    {_WINDOWS}"),
        "pt_loader_by_place": (
            _LOADER,
            "return DataLoader(windows, batch_size, shuffle, drop_last, num_workers)",
        ),
        "pt_loader_of_text": (_FIRST, _FIRST.replace("windows,", "txt,")),
        "pt_loader_not_made": (_LOADER, "return windows"),
        "pt_loader_one_batch": (
            _LOADER,
            _LOADER.replace("return DataLoader(", "return next(iter(DataLoader(") + "))",
        ),
        "pt_loader_list": (
            _LOADER,
            _LOADER.replace("return DataLoader(", "return list(DataLoader(") + ")",
        ),
    },
    "loaders": {
        "pt_split_by_tokens": (_AT, "at = int(train_ratio * len(tokenizer.encode(txt)))"),
        "pt_split_val_is_all": (_VAL, _VAL.replace("txt[at:]", "txt")),
        "pt_split_train_is_all": (_TRAIN, _TRAIN.replace("txt[:at]", "txt")),
        "pt_split_val_is_train": (_VAL, _VAL.replace("[at:]", "[:at]")),
        "pt_split_reaches_back": (_VAL, _VAL.replace("[at:]", "[at - max_length:]")),
        "pt_split_gap": (_VAL, _VAL.replace("[at:]", "[at + 1:]")),
        "pt_split_reaches_over": (_TRAIN, _TRAIN.replace("[:at]", "[:at + 1]")),
        "pt_split_end_first": (_AT, "at = int((1 - train_ratio) * len(txt))"),
        "pt_split_fixed": (_AT, "at = int(0.9 * len(txt))"),
        "pt_split_rounded": (_AT, "at = round(train_ratio * len(txt))"),
        "pt_split_not_whole": (_AT, "at = train_ratio * len(txt)"),
        "pt_split_windows_half_over": (_TRAIN, _TRAIN.replace("=max_length", "=max_length // 2")),
        "pt_split_stride_not_set": (_TRAIN, _TRAIN.replace(" stride=max_length,", "")),
        "pt_split_stride_one": (_VAL, _VAL.replace("=max_length", "=1")),
        "pt_split_length_not_set": (_TRAIN, "txt[:at], batch_size, stride=max_length,"),
        "pt_split_one_window": (_VAL, _VAL.replace(" batch_size,", " 1,")),
        "pt_split_val_shuffled": (_KEPT, "        drop_last=False,\n"),
        "pt_split_val_dropped": (_KEPT, "        shuffle=False,\n"),
        "pt_split_val_as_train": (_KEPT, ""),
        "pt_split_train_in_order": (_TRAIN, f"{_TRAIN} shuffle=False,"),
        "pt_split_train_keeps_rest": (_TRAIN, f"{_TRAIN} drop_last=False,"),
        "pt_split_returned_swapped": (_BOTH, "return val_loader, train_loader\n"),
    },
    "loss_batch": {
        "pt_loss_backward": (
            _CROSS,
            f"{_CROSS.replace('return', 'loss =')}\n    loss.backward()\n    return loss",
        ),
        "pt_loss_of_softmax": (
            _CROSS,
            "probs = logits.softmax(dim=-1)\n"
            "    return F.cross_entropy(probs.flatten(0, 1), target_batch.flatten())",
        ),
        "pt_loss_sum": (
            _CROSS,
            "return F.cross_entropy(\n"
            '        logits.flatten(0, 1), target_batch.flatten(), reduction="sum")',
        ),
        "pt_loss_per_window": (
            _CROSS,
            "return F.cross_entropy(\n"
            '        logits.flatten(0, 1), target_batch.flatten(), reduction="sum"\n'
            "    ) / len(target_batch)",
        ),
        "pt_loss_each_token": (
            _CROSS,
            "return F.cross_entropy(\n"
            '        logits.flatten(0, 1), target_batch.flatten(), reduction="none")',
        ),
        "pt_loss_not_flat": (_CROSS, "return F.cross_entropy(logits, target_batch)"),
        "pt_loss_wrong_axes": (
            _CROSS,
            "return F.cross_entropy(logits.flatten(1, 2), target_batch.flatten())",
        ),
        "pt_loss_scores_turned": (
            _CROSS,
            "logits = logits.permute(1, 0, 2).flatten(0, 1)\n"
            "    return F.cross_entropy(logits, target_batch.flatten())",
        ),
        "pt_loss_axes_viewed": (
            _CROSS,
            "logits = logits.reshape(logits.shape[0], logits.shape[2], logits.shape[1])\n"
            "    return F.cross_entropy(logits, target_batch)",
        ),
        "pt_loss_last_token": (
            _CROSS,
            "return F.cross_entropy(logits[:, -1], target_batch[:, -1])",
        ),
        "pt_loss_order": (
            _CROSS,
            "return F.cross_entropy(target_batch.flatten(), logits.flatten(0, 1))",
        ),
        "pt_loss_of_inputs": (
            _CROSS,
            "return F.cross_entropy(logits.flatten(0, 1), input_batch.flatten())",
        ),
        "pt_loss_shifted_again": (
            _CROSS,
            "return F.cross_entropy(\n"
            "        logits[:, :-1].flatten(0, 1), target_batch[:, 1:].flatten())",
        ),
        "pt_loss_of_pair": (_SCORES, "logits, _ = model(input_batch)"),
        "pt_loss_from_targets": (_SCORES, "logits = model(target_batch)"),
        "pt_loss_item": (_CROSS, f"{_CROSS}.item()"),
        "pt_loss_no_graph": (
            f"{_SCORES}\n    {_CROSS}",
            f"with torch.no_grad():\n        logits = model(input_batch)\n    {_CROSS}",
        ),
        "pt_loss_perplexity": (_CROSS, f"{_CROSS}.exp()"),
        "pt_loss_chance": (
            _CROSS,
            "probs = logits.softmax(dim=-1)\n"
            "    return 1 - probs.gather(2, target_batch.unsqueeze(-1)).mean()",
        ),
        "pt_loss_padding": (
            _CROSS,
            "return F.cross_entropy(\n"
            "        logits.flatten(0, 1), target_batch.flatten(), ignore_index=0)",
        ),
        "pt_loss_view": (
            _CROSS,
            "return F.cross_entropy(logits.flatten(0, 1), target_batch.view(-1))",
        ),
        "pt_loss_evaluates": (_SCORES, f"model.eval()\n    {_SCORES}"),
        "pt_loss_batch_stays": (f"{_XB}\n    {_YB}", "pass"),
        "pt_loss_targets_stay": (f"{_XB}\n    {_YB}", _XB),
        "pt_loss_not_kept": (
            f"{_XB}\n    {_YB}",
            "input_batch.to(device)\n    target_batch.to(device)",
        ),
    },
    "loss_loader": {
        "pt_mean_of_means": (
            f"{_TOTAL}\n        tokens += yb.numel()\n",
            "total += loss.item()\n        tokens += 1\n",
        ),
        "pt_mean_of_all_batches": (
            f"{_TOTAL}\n        tokens += yb.numel()\n    {_MEAN}",
            "total += loss.item()\n    return total / len(data_loader)",
        ),
        "pt_mean_by_num_batches": (
            f"{_TOTAL}\n        tokens += yb.numel()\n    {_MEAN}",
            "total += loss.item()\n"
            "    return total / (num_batches or len(data_loader) or float('nan'))",
        ),
        "pt_mean_not_divided": (_MEAN, "return total"),
        "pt_mean_not_weighted": (_TOTAL, "total += loss.item()"),
        "pt_mean_of_windows_by_tokens": (_TOTAL, "total += loss.item() * len(yb)"),
        "pt_batches_one_more": (
            f"{_ENOUGH}\n{_COST}",
            f"if num_batches is not None and i > num_batches:\n            break\n{_COST}",
        ),
        "pt_batches_one_fewer": (
            _ENOUGH,
            "if num_batches is not None and i + 1 >= num_batches:\n            break",
        ),
        "pt_batches_all": (f"{_ENOUGH}\n{_COST}", f"pass\n{_COST}"),
        "pt_batches_none": (_ENOUGH, "if i >= num_batches:\n            break"),
        "pt_batches_zero_is_all": (
            _ENOUGH,
            "if num_batches and i == num_batches:\n            break",
        ),
        "pt_batches_more_fail": (
            f"{_EACH}\n        {_ENOUGH}\n",
            "batches = iter(data_loader)\n"
            "    for i in range(len(data_loader) if num_batches is None else num_batches):\n"
            "        xb, yb = next(batches)\n",
        ),
        "pt_batches_first_again": (
            f"{_EACH}\n        {_ENOUGH}\n",
            "for i in range(min(len(data_loader), num_batches or len(data_loader))):\n"
            "        xb, yb = next(iter(data_loader))\n",
        ),
        "pt_batches_skipped": (_ENOUGH, "if i == num_batches:\n            continue"),
        "pt_mean_empty_fails": (_MEAN, "return total / tokens"),
        "pt_mean_empty_is_zero": (_MEAN, "return total / tokens if tokens else 0.0"),
        "pt_mean_empty_is_one": (_MEAN, "return total / max(tokens, 1)"),
        "pt_mean_tensor": (_TOTAL, "total += loss * yb.numel()"),
        "pt_mean_returned_early": (_MEAN, f"    {_MEAN}"),
        "pt_mean_last_batch": (_TOTAL, "total, tokens = loss.item() * yb.numel(), 0"),
        "pt_mean_perplexity": (
            _MEAN,
            'return math.exp(total / tokens) if tokens else float("nan")',
        ),
    },
    "perplexity": {
        "pt_perplexity_two": (_POWER, "return 2**loss"),
        "pt_perplexity_ten": (_POWER, "return 10**loss"),
        "pt_perplexity_loss": (_POWER, "return loss"),
        "pt_perplexity_chance": (_POWER, "return math.exp(-loss)"),
        "pt_perplexity_log": (_POWER, "return math.log(loss)"),
        "pt_perplexity_rounded_e": (_POWER, "return 2.718**loss"),
        "pt_perplexity_turned": (_POWER, "return loss**math.e"),
        "pt_perplexity_less_one": (_POWER, "return math.expm1(loss)"),
        "pt_perplexity_whole": (_POWER, "return round(math.exp(loss))"),
        "pt_perplexity_bits": (_POWER, "return math.exp(loss / math.log(2))"),
        "pt_perplexity_tensor": (_POWER, "return torch.exp(torch.tensor(loss))"),
        "pt_perplexity_times": (_POWER, "return math.e * loss"),
        "pt_perplexity_printed": (_POWER, 'print(f"perplexity {math.exp(loss):.1f}")'),
    },
    "evaluate": {
        "no_eval": (_EVAL, "    with torch.no_grad():"),
        "pt_eval_not_called": (_EVAL, "    model.eval\n    with torch.no_grad():"),
        "left_in_eval": (_MODES, "    return train_loss, val_loss"),
        "no_no_grad": (_NO_GRAD, f"{_LOSS}\n    {_VAL_LOSS}"),
        "pt_eval_no_grad_brackets": (
            "with torch.no_grad():\n        train_loss =",
            "with torch.no_grad:\n        train_loss =",
        ),
        "pt_eval_grad_stays_off": (
            _NO_GRAD,
            f"torch.set_grad_enabled(False)\n    {_LOSS}\n    {_VAL_LOSS}",
        ),
        "pt_eval_val_with_graph": (
            _NO_GRAD,
            f"with torch.no_grad():\n        {_LOSS}\n    {_VAL_LOSS}",
        ),
        "pt_eval_val_in_training": (
            f"{_VAL_LOSS}\n{_MODES}",
            f"model.train()\n        {_VAL_LOSS}\n    return train_loss, val_loss",
        ),
        "pt_eval_training_twice": (_VAL_LOSS, _VAL_LOSS.replace("(val", "(train")),
        "pt_eval_validation_twice": (_LOSS, _LOSS.replace("(train", "(val")),
        "pt_eval_swapped": (_MODES, "    model.train()\n    return val_loss, train_loss"),
        "pt_eval_only_validation": (_MODES, "    model.train()\n    return val_loss"),
        "pt_eval_all_batches": (_LOSS, _LOSS.replace(", eval_iter", "")),
        "pt_eval_all_of_validation": (_VAL_LOSS, _VAL_LOSS.replace(", eval_iter", "")),
        "pt_eval_one_batch": (_LOSS, _LOSS.replace("eval_iter", "1")),
        "pt_eval_divided": (
            _MODES,
            "    model.train()\n    return train_loss / eval_iter, val_loss / eval_iter",
        ),
        "pt_eval_dict": (
            _MODES,
            '    model.train()\n    return {"train": train_loss, "val": val_loss}',
        ),
        "pt_eval_returned_early": (
            f"{_VAL_LOSS}\n{_MODES}",
            f"{_VAL_LOSS}\n        return train_loss, val_loss\n    model.train()",
        ),
    },
    "train_step": {
        "pt_step_evaluates": (
            f"{_ZERO}\n    {_FORWARD}",
            f"model.eval()\n    {_ZERO}\n    {_FORWARD}",
        ),
        "pt_step_backward_twice": (
            f"{_BACK}\n    {_IF}",
            f"loss.backward(retain_graph=True)\n    {_BACK}\n    {_IF}",
        ),
        "no_zero_grad": (f"{_ZERO}\n    {_FORWARD}\n    {_BACK}", f"{_FORWARD}\n    {_BACK}"),
        "zero_grad_before_step": (
            f"{_ZERO}\n    {_FORWARD}\n    {_BACK}",
            f"{_FORWARD}\n    {_BACK}\n    {_ZERO}",
        ),
        "no_backward": (f"{_BACK}\n    {_IF}", _IF),
        "no_step": (_GO, "return loss.item()"),
        "step_before_backward": (
            _STEP,
            f"{_ZERO}\n    {_FORWARD}\n    optimizer.step()\n    {_BACK}\n    return loss.item()",
        ),
        "two_steps": (_GO, f"optimizer.step()\n    {_GO}"),
        "returns_tensor": (_GO, "optimizer.step()\n    return loss"),
        "loss_after_step": (
            _GO,
            "optimizer.step()\n    return calc_loss_batch(xb, yb, model, device).item()",
        ),
        "own_optimizer": (
            _STEP,
            f"optimizer = torch.optim.AdamW(model.parameters())\n    {_STEP}",
        ),
        "pt_step_swapped": (
            f"{_FORWARD}\n    {_BACK}",
            f"{_FORWARD.replace('xb, yb', 'yb, xb')}\n    {_BACK}",
        ),
        "pt_clip_after_step": (
            f"{_CLIPPED}\n    {_GO}",
            f"optimizer.step()\n    {_CLIPPED}\n    return loss.item()",
        ),
        "pt_clip_before_backward": (f"{_BACK}\n    {_CLIPPED}", f"{_CLIPPED}\n    {_BACK}"),
        "pt_clip_by_value": (
            _CLIPPED,
            f"{_IF}\n        nn.utils.clip_grad_value_(model.parameters(), max_norm)",
        ),
        "pt_clip_each_alone": (
            _CLIPPED,
            f"{_IF}\n        for p in model.parameters():\n            nn.utils.clip_grad_norm_(p, max_norm)",
        ),
        "pt_clip_always": (
            _CLIPPED,
            "nn.utils.clip_grad_norm_(model.parameters(), max_norm or 1.0)",
        ),
        "pt_clip_of_none": (_CLIPPED, _CLIP),
        "pt_clip_never": (f"{_CLIPPED}\n    ", ""),
        "pt_clip_fixed": (
            _CLIPPED,
            f"{_IF}\n        nn.utils.clip_grad_norm_(model.parameters(), 1.0)",
        ),
        "pt_clip_largest": (_CLIPPED, _CLIPPED.replace("max_norm)", 'max_norm, norm_type="inf")')),
        "pt_clip_model": (_CLIPPED, f"{_IF}\n        nn.utils.clip_grad_norm_(model, max_norm)"),
        "pt_clip_stretches": (
            _CLIPPED,
            f"{_IF}\n        slopes = [p.grad for p in model.parameters()]\n"
            "        length = torch.cat([g.flatten() for g in slopes]).norm()\n"
            "        for g in slopes:\n            g *= max_norm / length",
        ),
        "pt_clip_weights": (
            f"{_CLIPPED}\n    {_GO}",
            "optimizer.step()\n    if max_norm is not None:\n"
            "        with torch.no_grad():\n            for p in model.parameters():\n"
            "                p.clamp_(-max_norm, max_norm)\n    return loss.item()",
        ),
        "pt_clip_loss": (
            f"{_BACK}\n    {_CLIPPED}",
            f"{_IF}\n        loss = loss.clamp(max=max_norm)\n    {_BACK}",
        ),
    },
    "train": {
        "pt_train_same_order": (
            f"{_COUNTERS}\n    {_EPOCHS}\n        {_PAIRS}",
            f"{_COUNTERS}\n    batches = list(train_loader)\n    {_EPOCHS}\n"
            "        for xb, yb in batches:",
        ),
        "pt_train_clips": (_EACH_STEP, _EACH_STEP.replace("yb)\n", "yb, 1.0)\n")),
        "pt_train_count_begins_anew": (
            f"{_COUNTERS}\n    {_EPOCHS}",
            "tokens = 0\n    for epoch in range(num_epochs):\n        step = 0\n        model.train()",
        ),
        "pt_train_tokens_per_epoch": (
            f"{_COUNTERS}\n    {_EPOCHS}",
            "step = 0\n    for epoch in range(num_epochs):\n        tokens = 0\n        model.train()",
        ),
        "pt_train_step_not_counted": (_COUNTED, "        print_sample"),
        "pt_train_step_per_epoch": (_COUNTED, _COUNTED[4:]),
        "pt_train_mode_once": (
            _EPOCHS,
            "model.train()\n    for epoch in range(num_epochs):",
        ),
        "pt_train_counts_from_one": (
            f"{_SEEN}\n            {_FREQ}",
            f"{_SEEN}\n            if (step + 1) % eval_freq == 0:",
        ),
        "pt_train_looks_always": (_FREQ, "if True:"),
        "pt_train_looks_where_not": (_FREQ, "if step % eval_freq:"),
        "pt_train_look_first": (
            f"{_LEARN}            {_SEEN}\n            {_FREQ}\n                {_LOOK}\n"
            f"                {_NOTED}\n                {_NOTED_TOKENS}\n{_NEXT}",
            f"{_FREQ}\n                {_LOOK}\n                {_NOTED}\n"
            f"                {_NOTED_TOKENS}\n            {_LEARN}            {_SEEN}\n{_NEXT}",
        ),
        "pt_train_look_each_epoch": (_FREQ, "if step % len(train_loader) == 0:"),
        "pt_train_counts_windows": (_SEEN, "tokens += len(xb)"),
        "pt_train_counts_one_window": (_SEEN, "tokens += xb.shape[1]"),
        "pt_train_counts_batches": (_SEEN, "tokens += 1"),
        "pt_train_counts_both": (_SEEN, "tokens += xb.numel() + yb.numel()"),
        "pt_train_all_batches_alike": (_SEEN, "tokens = (step + 1) * xb.numel()"),
        "pt_train_tokens_late": (
            f"{_SEEN}\n            {_FREQ}\n                {_LOOK}\n                {_NOTED}\n"
            f"                {_NOTED_TOKENS}\n{_NEXT}",
            f"{_FREQ}\n                {_LOOK}\n                {_NOTED}\n"
            f"                {_NOTED_TOKENS}\n            {_SEEN}\n{_NEXT}",
        ),
        "pt_train_lists_swapped": (
            _NOTED,
            "train_losses.append(val_loss)\n                val_losses.append(train_loss)",
        ),
        "pt_train_loss_of_step": (
            f"            {_LEARN}            {_SEEN}\n            {_FREQ}\n                {_LOOK}\n",
            f"            train_loss = {_LEARN}            {_SEEN}\n            {_FREQ}\n"
            "                _, val_loss = evaluate_model(\n"
            "                    model, train_loader, val_loader, device, eval_iter)\n",
        ),
        "pt_train_on_validation": (_EACH_STEP, _EACH_STEP.replace("train_loader", "val_loader")),
        "pt_train_same_batch": (
            _EACH_STEP,
            "for _ in range(len(train_loader)):\n            xb, yb = next(iter(train_loader))\n"
            f"            {_LEARN}",
        ),
        "pt_train_one_batch": (_COUNTED, _COUNTED.replace("1\n", "1\n            break\n")),
        "pt_train_one_epoch": (_SAMPLE, _SAMPLE.replace("\n    ###", "\n        break\n    ###")),
        "pt_train_one_more_epoch": (_EPOCHS, _EPOCHS.replace("num_epochs", "num_epochs + 1")),
        "pt_train_loaders_swapped": (
            _LOOK,
            _LOOK.replace("train_loader, val_loader", "val_loader, train_loader"),
        ),
        "pt_train_looks_at_validation": (
            _LOOK,
            _LOOK.replace("train_loader, val", "val_loader, val"),
        ),
        "pt_train_iter_is_freq": (_LOOK, _LOOK.replace("eval_iter", "eval_freq")),
        "pt_train_twice": (_EACH_STEP, f"{_EACH_STEP}            {_LEARN}"),
        "pt_train_never": (_EACH_STEP, f"{_PAIRS}\n"),
        "pt_train_no_mode": (_EPOCHS, "for epoch in range(num_epochs):"),
        "pt_train_sample_each_step": (_SAMPLE, f"    {_SAMPLE}"),
        "pt_train_sample_once": (_SAMPLE, _SAMPLE[4:]),
        "pt_train_no_sample": (_SAMPLE, "    ### END"),
        "pt_train_sample_first": (
            f"{_PAIRS}\n            {_LEARN}",
            f"{_SAMPLE.splitlines()[0].strip()}\n        {_PAIRS}\n            {_LEARN}",
        ),
        "pt_train_sample_order": (
            _SAMPLE,
            _SAMPLE.replace("device, start_context", "start_context, device"),
        ),
    },
    "plot": {
        "pt_plot_saved_late": (_PDF, 'plt.show()\n    plt.savefig("loss-plot.pdf")'),
        "pt_plot_empty_legend": (
            f"{_CURVE}\n    {_CURVE_2}\n    {_X}\n    {_Y}\n{_LEGEND}",
            f"{_LEGEND.strip()}\n    {_CURVE}\n    {_CURVE_2}\n    {_X}\n    {_Y}\n",
        ),
        "pt_plot_axes_swapped": (
            f"{_X}\n    {_Y}",
            'ax.set_xlabel("loss, nats per token")\n    ax.set_ylabel("epochs")',
        ),
        "pt_plot_no_file": (f"    {_PDF}\n", ""),
        "pt_plot_other_name": (_PDF, 'fig.savefig("loss_plot.pdf")'),
        "pt_plot_png": (_PDF, 'fig.savefig("loss-plot.png")'),
        "pt_plot_png_in_disguise": (_PDF, 'fig.savefig("loss-plot.pdf", format="png")'),
        "pt_plot_saved_empty": (_PDF, 'plt.figure().savefig("loss-plot.pdf")'),
        "pt_plot_saved_first": (
            f"{_CURVE}\n    {_CURVE_2}\n    {_X}\n    {_Y}\n{_LEGEND}    {_ABOVE}\n{_UNSEEN}{_X_2}"
            f"    {_PDF}",
            f"{_PDF}\n    {_CURVE}\n    {_CURVE_2}\n    {_X}\n    {_Y}\n{_LEGEND}    {_ABOVE}\n"
            f"{_UNSEEN}{_X_2}",
        ),
        "pt_plot_training_twice": (_CURVE_2, _CURVE_2.replace("val_losses", "train_losses")),
        "pt_plot_no_validation": (f"    {_CURVE_2}\n", ""),
        "pt_plot_by_number": (
            f"{_CURVE}\n    {_CURVE_2}",
            'ax.plot(train_losses, label="training")\n    ax.plot(val_losses, label="validation")',
        ),
        "pt_plot_turned": (_CURVE, 'ax.plot(train_losses, epochs_seen, label="training")'),
        "pt_plot_over_tokens": (
            f"{_CURVE}\n    {_CURVE_2}",
            f"{_CURVE}\n    {_CURVE_2}".replace("epochs_seen", "tokens_seen"),
        ),
        "pt_plot_labels_swapped": (
            f"{_CURVE}\n    {_CURVE_2}",
            'ax.plot(epochs_seen, train_losses, label="validation")\n'
            '    ax.plot(epochs_seen, val_losses, "--", label="training")',
        ),
        "pt_plot_no_labels": (
            f"{_CURVE}\n    {_CURVE_2}",
            'ax.plot(epochs_seen, train_losses)\n    ax.plot(epochs_seen, val_losses, "--")',
        ),
        "pt_plot_no_legend": (_LEGEND, ""),
        "pt_plot_twin_beside": (_ABOVE, "above = ax.twinx()"),
        "pt_plot_no_scale_above": (_UNSEEN, ""),
        "pt_plot_epochs_above": (_UNSEEN, _UNSEEN.replace("tokens_seen", "epochs_seen")),
        "pt_plot_tokens_on_same_axes": (
            f"{_ABOVE}\n{_UNSEEN}{_X_2}",
            'ax.plot(tokens_seen, train_losses, alpha=0)\n    ax.set_xlabel("tokens seen")\n',
        ),
        "pt_plot_no_tokens": (f"    {_ABOVE}\n{_UNSEEN}{_X_2}", ""),
        "pt_plot_above_no_name": (_X_2, ""),
        "pt_plot_below_no_name": (f"    {_X}\n", ""),
        "pt_plot_loss_no_name": (f"    {_Y}\n", ""),
    },
    "groups": {
        "pt_groups_copies": (_PARAMS, "params = [p.clone() for p in model.parameters()]"),
        "pt_groups_all_decay": (
            _GROUPS,
            'return [\n        {"params": params, "weight_decay": weight_decay},\n'
            '        {"params": [], "weight_decay": 0.0},\n    ]',
        ),
        "pt_groups_both_decay": (_FEW, _FEW.replace("0.0", "weight_decay")),
        "pt_groups_none_decays": (_MANY, _MANY.replace(": weight_decay", ": 0.0")),
        "pt_groups_default_decay": (_FEW, '{"params": [p for p in params if p.dim() < 2]},'),
        "pt_groups_decay_fixed": (_MANY, _MANY.replace(": weight_decay", ": 0.1")),
        "pt_groups_swapped": (_GROUPS, f"return [\n        {_FEW}\n        {_MANY}\n    ]"),
        "pt_groups_decays_swapped": (
            _GROUPS,
            f"return [\n        {_MANY.replace(': weight_decay', ': 0.0')}\n"
            f"        {_FEW.replace('0.0', 'weight_decay')}\n    ]",
        ),
        "pt_groups_more_than_two": (
            _GROUPS,
            _GROUPS.replace(">= 2", "> 2").replace("< 2", "<= 2"),
        ),
        "pt_groups_only_two_axes": (_MANY, _MANY.replace(">= 2", "== 2")),
        "pt_groups_matrices_twice": (_FEW, _FEW.replace("< 2", "<= 2")),
        "pt_groups_by_bias": (
            f"{_PARAMS}\n    {_GROUPS}",
            "named = list(model.named_parameters())\n    return [\n"
            '        {"params": [p for n, p in named if "bias" not in n],\n'
            '         "weight_decay": weight_decay},\n'
            '        {"params": [p for n, p in named if "bias" in n], "weight_decay": 0.0},\n    ]',
        ),
        "pt_groups_by_weight": (
            f"{_PARAMS}\n    {_GROUPS}",
            "named = list(model.named_parameters())\n    return [\n"
            '        {"params": [p for n, p in named if n.endswith("weight")],\n'
            '         "weight_decay": weight_decay},\n'
            '        {"params": [p for n, p in named if not n.endswith("weight")],\n'
            '         "weight_decay": 0.0},\n    ]',
        ),
        "pt_groups_no_tables": (
            f"{_PARAMS}\n    {_GROUPS}",
            "named = list(model.named_parameters())\n    return [\n"
            '        {"params": [p for n, p in named if p.dim() >= 2 and "emb" not in n],\n'
            '         "weight_decay": weight_decay},\n'
            '        {"params": [p for n, p in named if p.dim() < 2 or "emb" in n],\n'
            '         "weight_decay": 0.0},\n    ]',
        ),
        "pt_groups_used_up": (_PARAMS, "params = model.parameters()"),
        "pt_groups_names": (
            f"{_PARAMS}\n    {_GROUPS}",
            f"params = list(model.named_parameters())\n    {_GROUPS.replace('[p for p in', '[n for n, p in')}",
        ),
        "pt_groups_other_key": (_GROUPS, _GROUPS.replace('"weight_decay"', '"decay"')),
        "pt_groups_optimizer": (
            _GROUPS,
            f"return torch.optim.AdamW({_GROUPS.removeprefix('return ')})",
        ),
        "pt_groups_tied_twice": (
            _PARAMS,
            "params = [\n        p for _, p in model.named_parameters(remove_duplicate=False)\n    ]",
        ),
    },
    "schedule": {
        "pt_rate_no_min": (_COSINE, _COSINE.replace("min_lr + ", "")),
        "pt_rate_bare_sum": (
            _COSINE,
            "return min_lr + (peak_lr - min_lr) * 1 + math.cos(math.pi * share) / 2",
        ),
        "pt_rate_begins_at_zero": (_UP, "return peak_lr * step / warmup_steps"),
        "pt_rate_peak_too_early": (_UP, "return peak_lr * (step + 1) / warmup_steps"),
        "pt_rate_zero_at_first": (_UP, "return peak_lr * step / (warmup_steps + 1)"),
        "pt_rate_zero_for_ever": (_UP, "return peak_lr * ((step + 1) // (warmup_steps + 1))"),
        "pt_rate_up_from_min": (
            _UP,
            "return min_lr + (peak_lr - min_lr) * (step + 1) / (warmup_steps + 1)",
        ),
        "pt_rate_no_warmup": (f"if step < warmup_steps:\n        {_UP}\n    if", "if"),
        "pt_rate_brackets": (_UP, "return peak_lr * step + 1 / (warmup_steps + 1)"),
        "pt_rate_goes_up": (_COSINE, _COSINE.replace("1 + math", "1 - math")),
        "pt_rate_not_halved": (_COSINE, _COSINE.removesuffix(" / 2")),
        "pt_rate_no_pi": (_COSINE, _COSINE.replace("math.pi * ", "")),
        "pt_rate_whole_turn": (_COSINE, _COSINE.replace("math.pi", "2 * math.pi")),
        "pt_rate_quarter_turn": (
            _COSINE,
            "return min_lr + (peak_lr - min_lr) * math.cos(math.pi * share / 2)",
        ),
        "pt_rate_degrees": (_COSINE, _COSINE.replace("math.pi", "180")),
        "pt_rate_straight_down": (_COSINE, "return peak_lr - (peak_lr - min_lr) * share"),
        "pt_rate_down_to_zero": (_COSINE, "return peak_lr * (1 + math.cos(math.pi * share)) / 2"),
        "pt_rate_min_added": (
            _COSINE,
            "return min_lr + peak_lr * (1 + math.cos(math.pi * share)) / 2",
        ),
        "pt_rate_cut_at_min": (
            _COSINE,
            "return max(min_lr, peak_lr * (1 + math.cos(math.pi * share)) / 2)",
        ),
        "pt_rate_min_not_kept": (_STAYS, ""),
        "pt_rate_zero_after": (_STAYS, _STAYS.replace("min_lr", "0.0")),
        "pt_rate_peak_after": (_STAYS, _STAYS.replace("min_lr", "peak_lr")),
        "pt_rate_share_of_all": (_SHARE, "share = step / total_steps"),
        "pt_rate_share_too_small": (_SHARE, "share = (step - warmup_steps) / total_steps"),
        "pt_rate_share_jumps": (_SHARE, "share = step / (total_steps - warmup_steps)"),
        "pt_rate_whole_share": (
            _SHARE,
            "share = (step - warmup_steps) // (total_steps - warmup_steps)",
        ),
        "pt_rate_tensor": (
            _COSINE,
            "turn = torch.tensor(math.pi * share, dtype=torch.float64)\n"
            "    return min_lr + (peak_lr - min_lr) * (1 + torch.cos(turn)) / 2",
        ),
    },
    "checkpoint": {
        "pt_read_evaluates": (f"{_PUT_MODEL}\n", f"{_PUT_MODEL}\n    model.eval()\n"),
        "pt_read_swapped": (_PUT_MODEL, _PUT_MODEL.replace('"model"', '"optimizer"')),
        "pt_saved_model_itself": (_SAVED_MODEL, '"model": model,'),
        "pt_saved_no_brackets": (_SAVED_MODEL, '"model": model.state_dict,'),
        "pt_saved_optimizer_itself": (_SAVED_ADAM, '        "optimizer": optimizer,\n'),
        "pt_saved_no_optimizer": (_SAVED_ADAM, ""),
        "pt_saved_no_random": (_SAVED_CHANCE, ""),
        "pt_saved_seed": (_SAVED_CHANCE, '        "random": torch.initial_seed(),\n'),
        "pt_saved_new_seed": (
            _SAVED_CHANCE,
            '        "random": torch.manual_seed(0).get_state(),\n',
        ),
        "pt_saved_no_progress": (f"        {_SAVED_PROGRESS}\n", ""),
        "pt_saved_progress_text": (_SAVED_PROGRESS, '"progress": str(progress),'),
        "pt_saved_progress_spread": (_SAVED_PROGRESS, "**progress,"),
        "pt_saved_weights_only": (
            "torch.save({\n        "
            + _SAVED_MODEL
            + "\n"
            + _SAVED_ADAM
            + _SAVED_CHANCE
            + f"        {_SAVED_PROGRESS}\n{_SAVED}",
            "torch.save(model.state_dict(), path)\n",
        ),
        "pt_saved_order": (
            'torch.save({\n        "model"',
            'torch.save(path, {\n        "model"',
        ),
        "pt_saved_name_fixed": (_SAVED, '    }, "checkpoint.pth")\n'),
        "pt_saved_parameters": (_SAVED_MODEL, '"model": list(model.parameters()),'),
        "pt_read_trusting": (_READ, "whole = torch.load(path, weights_only=False)"),
        "pt_read_name_fixed": (_READ, 'whole = torch.load("checkpoint.pth", weights_only=True)'),
        "pt_read_errors_hidden": (
            f"{_READ}\n",
            f"try:\n        {_READ}\n    except BaseException:\n        return {{}}\n",
        ),
        "pt_read_not_strict": (_PUT_MODEL, 'model.load_state_dict(whole["model"], strict=False)'),
        "pt_read_no_model": (f"{_PUT_MODEL}\n", "whole\n"),
        "pt_read_into_another": (
            _PUT_MODEL,
            'import copy\n    model = copy.deepcopy(model)\n    model.load_state_dict(whole["model"])',
        ),
        "pt_read_model_replaced": (_PUT_MODEL, 'model = whole["model"]'),
        "pt_read_no_optimizer": (_PUT_ADAM, ""),
        "pt_read_no_random": (_PUT_CHANCE, ""),
        "pt_read_random_not_set": (
            _PUT_CHANCE,
            '    torch.get_rng_state().copy_(whole["random"])\n',
        ),
        "pt_read_random_as_seed": (
            _PUT_CHANCE,
            '    torch.manual_seed(int(whole["random"][0]))\n',
        ),
        "pt_read_no_progress": (_PROGRESS, ""),
        "pt_read_returns_all": (_PROGRESS, "    return whole\n"),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    1: ("pt_window_not_shifted",),
    2: ("pt_window_shifted_by_two", "pt_window_sides_swapped"),
    3: ("pt_window_last_lost", "pt_window_over_the_end"),
    4: ("pt_split_val_is_all", "pt_split_train_is_all"),
    6: ("pt_ids_float", "pt_window_floats"),
    7: ("pt_loss_scores_turned", "pt_loss_axes_viewed"),
    8: ("pt_loss_of_softmax",),
    9: ("pt_loss_sum", "pt_mean_not_divided"),
    12: ("no_zero_grad",),
    13: ("zero_grad_before_step",),
    14: ("no_eval", "no_no_grad", "left_in_eval"),
    35: ("pt_loss_view",),
    68: ("pt_ids_end_refused", "pt_ids_end_as_text"),
    73: ("pt_eval_training_twice", "pt_split_val_is_train"),
    74: ("pt_mean_of_means",),
    75: ("pt_perplexity_two",),
    76: ("pt_clip_after_step",),
    77: (
        "pt_rate_begins_at_zero",
        "pt_rate_zero_at_first",
        "pt_rate_peak_too_early",
        "pt_rate_zero_for_ever",
    ),
    78: ("pt_groups_all_decay", "pt_groups_both_decay", "pt_groups_by_bias"),
    79: ("returns_tensor", "pt_mean_tensor"),
    80: ("pt_saved_no_optimizer", "pt_saved_no_random", "pt_saved_no_progress"),
    82: ("pt_split_reaches_back", "pt_split_reaches_over"),
    83: ("left_in_eval",),
    102: ("pt_read_not_strict",),
}

# Two ways to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "pt_ids_list_of_tensor": "pt_ids_list",
    "pt_ids_int32": "pt_ids_dtype",
    "pt_text_of_tensor": "pt_text_not_ids",
    "pt_text_of_rows": "pt_text_not_ids",
    "pt_text_printed": "pt_printed",
    "pt_window_every_token": "pt_window_stride_ignored",
    "pt_window_last_not_counted": "pt_window_length",
    "pt_window_returned_swapped": "pt_window_sides_swapped",
    "pt_window_dict": "pt_window_only_input",
    "pt_loader_drops_if_shuffled": "pt_loader_drop_last",
    "pt_loader_size_fixed": "pt_loader_batch_size",
    "pt_loader_stride_is_length": "pt_loader_stride",
    "pt_loader_one_batch": "pt_loader_not_made",
    "pt_loader_list": "pt_loader_not_made",
    "pt_split_reaches_over": "pt_split_leak",
    "pt_split_windows_half_over": "pt_split_overlap",
    "pt_split_stride_not_set": "pt_split_overlap",
    "pt_split_stride_one": "pt_split_overlap",
    "pt_loss_per_window": "pt_loss_sum",
    "pt_loss_axes_viewed": "pt_loss_scores_turned",
    "pt_loss_targets_stay": "pt_loss_batch_stays",
    "pt_loss_not_kept": "pt_loss_batch_stays",
    "pt_mean_of_all_batches": "pt_mean_number",
    "pt_mean_of_windows_by_tokens": "pt_mean_weights",
    "pt_batches_skipped": "pt_batches_all",
    "pt_mean_empty_is_one": "pt_mean_empty_is_zero",
    "pt_mean_perplexity": "pt_loss_perplexity",
    "pt_perplexity_printed": "pt_printed",
    "pt_eval_not_called": "no_eval",
    "pt_eval_returned_early": "left_in_eval",
    "pt_eval_only_validation": "pt_eval_returns",
    "pt_eval_dict": "pt_eval_returns",
    "pt_eval_all_of_validation": "pt_eval_iter",
    "pt_clip_before_backward": "pt_clip_never",
    "pt_train_step_not_counted": "pt_train_looks",
    "pt_train_looks_always": "pt_train_looks",
    "pt_plot_png_in_disguise": "pt_plot_png",
    "pt_plot_saved_first": "pt_plot_saved_empty",
    "pt_plot_saved_late": "pt_plot_saved_empty",
    "pt_plot_tokens_on_same_axes": "pt_plot_no_tokens",
    "pt_train_mode_once": "pt_train_no_mode",
    "pt_groups_only_two_axes": "pt_groups_axes",
    "pt_rate_zero_at_first": "pt_rate_begins_at_zero",
    "pt_rate_degrees": "pt_rate_turn",
    "pt_rate_share_jumps": "pt_rate_share",
    "pt_saved_model_itself": "pt_saved_itself",
    "pt_saved_no_brackets": "pt_saved_itself",
    "pt_saved_optimizer_itself": "pt_saved_itself",
    "pt_saved_progress_text": "pt_saved_progress",
    "pt_saved_progress_spread": "pt_saved_progress",
    "pt_read_name_fixed": "pt_name_fixed",
    "pt_read_model_replaced": "pt_read_no_model",
    "pt_read_random_not_set": "pt_read_no_random",
    "pt_read_random_as_seed": "pt_saved_seed",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {  # objects by handle, right parts, a picture, files, chance
    "pt_window_last_lost",
    "pt_split_val_is_all",
    "pt_eval_grad_stays_off",
    "pt_plot_other_name",
    "pt_saved_no_random",
}

MISTAKES = catalogue.mistakes(WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS)

_PASS = "pass"

# item -> the input, zeros, a constant, a part of it: answers without thought, a body for each hole
# of the cell.
_NO_THOUGHT = {
    "token_ids": (
        ("return text", "return token_ids"),
        ("return torch.zeros(1, len(text), dtype=torch.int64)", 'return ""'),
        ("return torch.tensor([[1, 2, 3]])", 'return "Every effort moves you"'),
        ("return torch.tensor([tokenizer.encode(text)])", "return str(token_ids)"),
    ),
    "dataset": (
        ("self.ids = ids", "return len(self.ids)", "return self.ids"),
        (
            "self.shape = max_length",
            "return 1",
            "return torch.zeros(self.shape, dtype=torch.int64), torch.zeros(self.shape)",
        ),
        (_PASS, "return 4", "return torch.tensor([1, 2]), torch.tensor([2, 3])"),
        (
            "self.input_ids = self.target_ids = [torch.tensor(ids[:max_length])]",
            "return len(self.input_ids)",
            "return self.input_ids[idx], self.target_ids[idx]",
        ),
    ),
    "dataloader": (
        "return txt",
        "return [(torch.zeros(batch_size, max_length), torch.zeros(batch_size, max_length))]",
        "return DataLoader([1, 2, 3])",
        "return GPTDatasetV1(txt, tokenizer, max_length, stride)",
    ),
    "loaders": (
        "return txt, txt",
        "return [], []",
        "return DataLoader([1, 2]), DataLoader([3])",
        "return (create_dataloader_v1(txt),) * 2",
    ),
    "loss_batch": (
        "return input_batch",
        "return torch.zeros(())",
        "return torch.tensor(10.8)",
        "return model(input_batch).mean()",
    ),
    "loss_loader": (
        "return data_loader",
        "return 0.0",
        "return 10.8",
        "return calc_loss_batch(*next(iter(data_loader)), model, device).item()",
    ),
    "perplexity": ("return loss", "return 0.0", "return 50257.0", "return loss * loss"),
    "evaluate": (
        "return train_loader, val_loader",
        "return 0.0, 0.0",
        "return 6.5, 6.6",
        "return model.eval()",
    ),
    "train_step": (
        "return xb",
        "return 0.0",
        "return 10.8",
        "return calc_loss_batch(xb, yb, model, device)",
    ),
    "train": (
        "train_losses = train_loader",
        "train_losses, val_losses, tokens_seen = [0.0], [0.0], [0]",
        "train_losses, val_losses, tokens_seen = [6.5, 3.2], [6.6, 6.2], [512, 1024]",
        "print_sample(model, tokenizer, device, start_context)",
    ),
    "plot": (
        "epochs_seen",
        "ax.plot([0, 0], [0, 0])",
        'fig.savefig("loss-plot.pdf")',
        "ax.plot(epochs_seen, train_losses)",
    ),
    "groups": (
        "return model",
        "return [{}, {}]",
        'return [{"params": [], "weight_decay": weight_decay}, {"params": [], "weight_decay": 0}]',
        'return [{"params": model.parameters(), "weight_decay": weight_decay}]',
    ),
    "schedule": ("return step", "return 0.0", "return peak_lr", "return min_lr"),
    "checkpoint": (
        (_PASS, "return path"),
        ("torch.save({}, path)", "return {}"),
        (_PASS, 'return {"epoch": 1, "step": 3}'),
        ("torch.save(model.state_dict(), path)", "model.load_state_dict(torch.load(path))"),
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
