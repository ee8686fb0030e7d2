"""What students write in lab09_decoding: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab09_decoding.py; its sentence stands under
its id in gptlab/checks/causes/. The right answers stand in lab09_decoding_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab09_decoding_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_BEST = "best = logits.argmax(dim=-1, keepdim=True)  # (B, 1)\n"
_ONE = "        return torch.zeros_like(logits).scatter(-1, best, 1.0)\n"
_AT_0 = f"    if temperature == 0:\n        {_BEST}{_ONE}"
_SOFT = "    return torch.softmax(logits / temperature, dim=-1)\n"
_FEW = "    top_k = min(top_k, logits.shape[-1])\n"
_LEAST = "    least = torch.topk(logits, top_k).values[:, -1:]  # (B, 1)\n"
_CUT = "    return torch.where(logits < least, -torch.inf, logits)\n"
_SORTED = "ordered, place = logits.sort(dim=-1, descending=True)  # (B, V) both\n"
_ODDS = "    probs = torch.softmax(ordered, dim=-1)\n"
_BEFORE = "before = probs.cumsum(dim=-1) - probs  # the odds of those that come first\n"
_DROP = "    ordered = torch.where(before >= top_p, -torch.inf, ordered)\n"
_BACK = "    return torch.empty_like(logits).scatter(-1, place, ordered)\n"
_FOUND = "found = logits.gather(-1, idx)  # (B, T)\n"
_LESS = "    found = torch.where(found > 0, found / penalty, found * penalty)\n"
_PUT = "    return logits.scatter(-1, idx, found)\n"
_LIKELIEST = "    if temperature == 0:\n        return logits.argmax(dim=-1, keepdim=True)\n"
_DIVIDED = "    logits = logits / temperature\n"
_TOP_K = "    if top_k is not None:\n        logits = top_k_only(logits, top_k)\n"
_TOP_P = "    if top_p is not None:\n        logits = top_p_only(logits, top_p)\n"
_LAST_ODDS = "    probs = torch.softmax(logits, dim=-1)\n"
_DRAWN = "    return torch.multinomial(probs, num_samples=1, generator=generator)\n"
_NONE_ENDED = "    ended = torch.zeros(len(idx), 1, dtype=torch.bool, device=idx.device)\n"
_LOOP = "    for _ in range(max_new_tokens):\n"
_WATCH = "        with torch.no_grad():\n            logits = model("
_SHOWN = "logits = model(idx[:, -context_size:])[:, -1, :]  # (B, V)\n"
_PENALTY = "        logits = repetition_penalty(logits, idx, penalty)\n"
_NEW = "        new = choose(logits, temperature, top_k, top_p, generator)  # (B, 1)\n"
_ASKED = "        if eos_id is not None:\n"
_ENDED = "            ended = ended | (new == eos_id)\n"
_STOP = "            if ended.all():\n                break\n"
_FILLED = "            new = torch.where(ended, eos_id, new)\n"
_CAT = "        idx = torch.cat((idx, new), dim=1)\n"
_RESULT = f"{_CAT}    return idx\n"
_EOS = f"{_ASKED}{_ENDED}{_STOP}{_FILLED}"
_GRAMS = "grams = [tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)]\n"
_SHARE = "    return len(set(grams)) / len(grams) if grams else 0.0\n"
_LOGS = "log_probs = torch.log_softmax(model(idx), dim=-1)  # (B, T, V)\n"
_FITTING = "    found = log_probs[:, :-1].gather(-1, idx[:, 1:, None]).squeeze(-1)\n"
_MEAN = "    return found[:, n_prompt - 1 :].mean(dim=1)\n"
_RUN = f"    with torch.no_grad():\n        {_LOGS}"

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "probabilities": {
        "dec_temperature_multiplies": (_SOFT, _SOFT.replace("/", "*")),
        "dec_temperature_ignored": (_SOFT, _SOFT.replace(" / temperature", "")),
        "dec_temperature_after_softmax": (
            _SOFT,
            "    return torch.softmax(logits, dim=-1) / temperature\n",
        ),
        "dec_temperature_is_a_power": (
            _SOFT,
            "    return torch.softmax(logits, dim=-1) ** (1 / temperature)\n",
        ),
        "dec_softmax_over_batch": (_SOFT, _SOFT.replace("dim=-1", "dim=0")),
        "dec_softmax_of_all": (
            _SOFT,
            "    flat = torch.softmax(logits.flatten() / temperature, dim=0)\n"
            "    return flat.view_as(logits)\n",
        ),
        "dec_no_softmax": (_SOFT, "    return logits / temperature\n"),
        "dec_no_exp": (
            _SOFT,
            "    scaled = logits / temperature\n"
            "    return scaled / scaled.sum(dim=-1, keepdim=True)\n",
        ),
        "dec_log_of_odds": (_SOFT, _SOFT.replace("softmax", "log_softmax")),
        "dec_exp_overflows": (
            _SOFT,
            "    powers = torch.exp(logits / temperature)\n"
            "    return powers / powers.sum(dim=-1, keepdim=True)\n",
        ),
        "dec_sum_lost_its_axis": (
            _SOFT,
            "    powers = torch.exp(logits / temperature)\n    return powers / powers.sum(dim=-1)\n",
        ),
        "dec_odds_rounded": (
            _SOFT,
            "    return torch.softmax(logits / temperature, -1).round(decimals=2)\n",
        ),
        "dec_scores_changed": (
            f"{_AT_0}{_SOFT}",
            f"{_AT_0}    logits /= temperature\n    return torch.softmax(logits, dim=-1)\n",
        ),
        "dec_zero_divides": (_AT_0, ""),
        "dec_zero_nearly": (
            f"{_AT_0}{_SOFT}",
            _SOFT.replace("temperature,", "(temperature + 1e-8),"),
        ),
        "dec_zero_divided_before": (
            f"{_AT_0}{_SOFT}",
            f"    logits = logits / temperature\n{_AT_0}    return torch.softmax(logits, dim=-1)\n",
        ),
        "dec_zero_is_one": (f"{_BEST}{_ONE}", "return torch.softmax(logits, dim=-1)\n"),
        "dec_zero_is_even": (
            f"{_BEST}{_ONE}",
            "return torch.ones_like(logits) / logits.shape[-1]\n",
        ),
        "dec_zero_shares": (
            f"{_BEST}{_ONE}",
            "best = logits == logits.max(dim=-1, keepdim=True).values\n"
            "        return best / best.sum(dim=-1, keepdim=True)\n",
        ),
        "dec_zero_ones": (
            f"{_BEST}{_ONE}",
            "return (logits == logits.max(dim=-1, keepdim=True).values).float()\n",
        ),
        "dec_zero_last_of_equals": (
            f"{_BEST}{_ONE}",
            f"best = logits.shape[-1] - 1 - logits.flip(-1).argmax(dim=-1, keepdim=True)\n{_ONE}",
        ),
        "dec_zero_gives_ids": (f"{_BEST}{_ONE}", "return logits.argmax(dim=-1, keepdim=True)\n"),
        "dec_argmax_no_axis": (_BEST, _BEST.replace(", keepdim=True", "")),
        "dec_zero_whole_numbers": (
            _ONE,
            "        return torch.zeros_like(logits, dtype=torch.long).scatter(-1, best, 1)\n",
        ),
        "dec_zero_of_the_batch": (
            f"{_BEST}{_ONE}",
            "odds = torch.zeros_like(logits)\n        odds.view(-1)[logits.argmax()] = 1.0\n"
            "        return odds\n",
        ),
        "dec_zero_one_column": (
            f"{_BEST}{_ONE}",
            "odds = torch.zeros_like(logits)\n        odds[:, logits.argmax(dim=-1)] = 1.0\n"
            "        return odds\n",
        ),
        "dec_zero_least": (_BEST, _BEST.replace("argmax", "argmin")),
        "dec_zero_keeps_score": (
            f"{_BEST}{_ONE}",
            "best = logits.max(dim=-1, keepdim=True).values\n"
            "        return torch.where(logits == best, logits, 0.0)\n",
        ),
    },
    "top_k": {
        "dec_top_k_one_more": (
            _LEAST,
            _LEAST.replace("(logits, top_k)", "(logits, min(top_k + 1, logits.shape[-1]))"),
        ),
        "dec_top_k_one_less": (_CUT, _CUT.replace("<", "<=")),
        "dec_top_k_edge_of_another_row": (
            _LEAST,
            _LEAST.replace("values[:, -1:]", "values[0, -1]"),
        ),
        "dec_top_k_edge_of_the_last_row": (
            _LEAST,
            _LEAST.replace("values[:, -1:]", "values[-1, -1]"),
        ),
        "dec_top_k_lowest_edge": (_LEAST, _LEAST.replace("values[:, -1:]", "values.min()")),
        "dec_top_k_of_the_batch": (
            _LEAST,
            "    least = torch.topk(logits.flatten(), top_k).values[-1]\n",
        ),
        "dec_top_k_over_batch": (
            f"{_FEW}{_LEAST}",
            "    top_k = min(top_k, logits.shape[0])\n"
            "    least = torch.topk(logits, top_k, dim=0).values[-1:]\n",
        ),
        "dec_top_k_edge_is_the_largest": (
            _LEAST,
            _LEAST.replace("values[:, -1:]", "values[:, :1]"),
        ),
        "dec_top_k_mean_edge": (
            _LEAST,
            _LEAST.replace("values[:, -1:]", "values.mean(dim=-1, keepdim=True)"),
        ),
        "dec_edge_no_axis": (_LEAST, _LEAST.replace("[:, -1:]", "[:, -1]")),
        "dec_top_k_smallest": (
            f"{_LEAST}{_CUT}",
            "    most = torch.topk(logits, top_k, largest=False).values[:, -1:]\n"
            "    return torch.where(logits > most, -torch.inf, logits)\n",
        ),
        "dec_top_k_inverted": (
            _CUT,
            "    return torch.where(logits < least, logits, -torch.inf)\n",
        ),
        "dec_top_k_not_sorted": (
            f"{_LEAST}{_CUT}",
            "    rest = torch.full_like(logits[:, top_k:], -torch.inf)\n"
            "    return torch.cat((logits[:, :top_k], rest), dim=-1)\n",
        ),
        "dec_left_sorted": (
            f"{_LEAST}{_CUT}",
            "    ordered = logits.sort(dim=-1, descending=True).values\n"
            "    ordered[:, top_k:] = -torch.inf\n    return ordered\n",
        ),
        "dec_top_k_ascending": (
            f"{_LEAST}{_CUT}",
            "    least = logits.sort(dim=-1).values[:, top_k - 1 : top_k]\n"
            "    return torch.where(logits < least, -torch.inf, logits)\n",
        ),
        "dec_dropped_to_zero": (_CUT, _CUT.replace("-torch.inf", "0.0")),
        "dec_dropped_by_a_number": (_CUT, _CUT.replace("-torch.inf", "-1e9")),
        "dec_dropped_to_plus_inf": (_CUT, _CUT.replace("-torch.inf", "torch.inf")),
        "dec_two_things": (f"{_LEAST}{_CUT}", "    return torch.topk(logits, top_k)\n"),
        "dec_top_k_only_values": (
            f"{_LEAST}{_CUT}",
            "    return torch.topk(logits, top_k).values\n",
        ),
        "dec_gives_ids": (f"{_LEAST}{_CUT}", "    return torch.topk(logits, top_k).indices\n"),
        "dec_gives_mask": (_CUT, "    return logits >= least\n"),
        "dec_top_k_too_large": (_FEW, ""),
        "dec_top_k_of_rows": (_FEW, "    top_k = min(top_k, len(logits))\n"),
        "dec_top_k_less_than_all": (_FEW, "    top_k = min(top_k, logits.shape[-1] - 1)\n"),
        "dec_top_k_scores_changed": (
            _CUT,
            "    logits[logits < least] = -torch.inf\n    return logits\n",
        ),
        "dec_gives_odds": (
            _CUT,
            "    return torch.where(logits < least, -torch.inf, logits).softmax(dim=-1)\n",
        ),
        "dec_top_k_next_is_edge": (
            f"{_LEAST}{_CUT}",
            "    least = torch.topk(logits, min(top_k + 1, logits.shape[-1])).values[:, -1:]\n"
            "    if top_k < logits.shape[-1]:\n"
            "        return torch.where(logits <= least, -torch.inf, logits)\n    return logits\n",
        ),
    },
    "top_p": {
        "dec_crossing_dropped": (_BEFORE, "before = probs.cumsum(dim=-1)\n"),
        "dec_crossing_dropped_but_first": (
            f"    {_BEFORE}{_DROP}",
            "    dropped = probs.cumsum(dim=-1) >= top_p\n    dropped[:, 0] = False\n"
            "    ordered = torch.where(dropped, -torch.inf, ordered)\n",
        ),
        "dec_top_p_one_more": (
            _BEFORE,
            "before = probs.cumsum(dim=-1) - probs\n"
            "    before = torch.nn.functional.pad(before[:, :-1], (1, 0))\n",
        ),
        "dec_left_sorted_p": (_BACK, "    return ordered\n"),
        "dec_not_sorted_back": (
            f"{_DROP}{_BACK}",
            "    return torch.where(before >= top_p, -torch.inf, logits)\n",
        ),
        "dec_gathered_back": (_BACK, "    return ordered.gather(-1, place)\n"),
        "dec_not_sorted": (
            _SORTED,
            "ordered, place = logits, torch.arange(logits.shape[-1]).expand_as(logits)\n",
        ),
        "dec_lowest_first": (_SORTED, _SORTED.replace("descending=True", "descending=False")),
        "dec_sorted_over_batch": (_SORTED, _SORTED.replace("dim=-1", "dim=0")),
        "dec_scores_added_up": (_ODDS, "    probs = ordered\n"),
        "dec_powers_added_up": (_ODDS, "    probs = torch.exp(ordered)\n"),
        "dec_odds_over_batch": (_ODDS, _ODDS.replace("dim=-1", "dim=0")),
        "dec_softmax_unsorted": (_ODDS, _ODDS.replace("ordered", "logits")),
        "dec_sort_not_unpacked": (_SORTED, _SORTED.replace("ordered, place =", "ordered =")),
        "dec_added_over_batch": (_BEFORE, _BEFORE.replace("dim=-1", "dim=0")),
        "dec_added_over_all": (
            _BEFORE,
            "before = probs.flatten().cumsum(dim=0).view_as(probs) - probs\n",
        ),
        "dec_not_added_up": (_BEFORE, "before = probs\n"),
        "dec_top_p_each_alone": (_DROP, _DROP.replace("before >= top_p", "probs < top_p")),
        "dec_top_p_of_the_largest": (
            _DROP,
            _DROP.replace("before >= top_p", "probs < top_p * probs[:, :1]"),
        ),
        "dec_top_p_inverted": (_DROP, _DROP.replace(">=", "<")),
        "dec_top_p_rest": (_DROP, _DROP.replace("top_p", "1 - top_p")),
        "dec_top_p_share_of_vocabulary": (
            _DROP,
            "    ordered[:, max(1, round(top_p * logits.shape[-1])) :] = -torch.inf\n",
        ),
        "dec_top_p_row_of_another": (
            _DROP,
            "    ordered = torch.where(before[0] >= top_p, -torch.inf, ordered)\n",
        ),
        "dec_top_p_one_count": (
            _DROP,
            "    count = (before < top_p).sum(dim=-1).max()\n    ordered[:, count:] = -torch.inf\n",
        ),
        "dec_top_p_to_zero": (_DROP, _DROP.replace("-torch.inf", "0.0")),
        "dec_top_p_gives_odds": (_BACK, _BACK.replace("ordered)", "ordered.softmax(dim=-1))")),
        "dec_top_p_odds_cut": (
            f"{_DROP}{_BACK}",
            "    probs = torch.where(before >= top_p, 0.0, probs)\n"
            "    return torch.empty_like(logits).scatter(-1, place, probs)\n",
        ),
        "dec_top_p_scores_changed": (
            _BACK,
            _BACK.replace("torch.empty_like(logits).scatter", "logits.scatter_"),
        ),
        "dec_top_p_strangers": (
            _BACK,
            "    return torch.zeros_like(logits).scatter(-1, place[:, :1], ordered[:, :1])\n",
        ),
    },
    "penalty": {
        "dec_penalty_each_time": (
            f"{_FOUND}{_LESS}{_PUT}",
            "logits = logits.clone()\n    for b in range(len(idx)):\n"
            "        for i in idx[b].tolist():\n            if logits[b, i] > 0:\n"
            "                logits[b, i] /= penalty\n            else:\n"
            "                logits[b, i] *= penalty\n    return logits\n",
        ),
        "dec_penalty_added_each_time": (
            _PUT,
            "    change = found - logits.gather(-1, idx)\n"
            "    return logits.scatter_add(-1, idx, change)\n",
        ),
        "dec_penalty_divides_all": (_LESS, "    found = found / penalty\n"),
        "dec_penalty_multiplies_all": (_LESS, "    found = found * penalty\n"),
        "dec_penalty_above_0_only": (_LESS, _LESS.replace("found * penalty", "found")),
        "dec_penalty_below_0_only": (_LESS, _LESS.replace("found / penalty", "found")),
        "dec_penalty_inverted": (_LESS, _LESS.replace(">", "<")),
        "dec_penalty_subtracts": (_LESS, "    found = found - penalty\n"),
        "dec_penalty_bans": (_LESS, "    found = torch.full_like(found, -torch.inf)\n"),
        "dec_penalty_sign_lost": (_LESS, "    found = found.abs() / penalty\n"),
        "dec_penalty_odds": (
            f"{_FOUND}{_LESS}{_PUT}",
            "probs = torch.softmax(logits, dim=-1)\n    found = probs.gather(-1, idx) / penalty\n"
            "    return probs.scatter(-1, idx, found)\n",
        ),
        "dec_penalty_everywhere": (
            f"{_FOUND}{_LESS}{_PUT}",
            "return torch.where(logits > 0, logits / penalty, logits * penalty)\n",
        ),
        "dec_penalty_of_the_others": (
            f"{_FOUND}{_LESS}{_PUT}",
            "less = torch.where(logits > 0, logits / penalty, logits * penalty)\n"
            "    return less.scatter(-1, idx, logits.gather(-1, idx))\n",
        ),
        "dec_penalty_of_all_rows": (
            f"{_FOUND}{_LESS}{_PUT}",
            "seen = idx.unique()\n    found = logits[:, seen]\n"
            "    found = torch.where(found > 0, found / penalty, found * penalty)\n"
            "    logits = logits.clone()\n    logits[:, seen] = found\n    return logits\n",
        ),
        "dec_penalty_of_the_first_row": (
            f"{_FOUND}{_LESS}{_PUT}",
            "seen = idx[0].expand_as(idx)\n    found = logits.gather(-1, seen)\n"
            f"{_LESS}    return logits.scatter(-1, seen, found)\n",
        ),
        "dec_penalty_first_row_only": (
            f"{_FOUND}{_LESS}{_PUT}",
            "logits = logits.clone()\n    for i in set(idx[0].tolist()):\n"
            "        score = logits[0, i]\n"
            "        logits[0, i] = score / penalty if score > 0 else score * penalty\n"
            "    return logits\n",
        ),
        "dec_penalty_of_the_last": (
            f"{_FOUND}{_LESS}{_PUT}",
            f"idx = idx[:, -1:]\n    found = logits.gather(-1, idx)\n{_LESS}{_PUT}",
        ),
        "dec_penalty_by_place": (
            f"{_FOUND}{_LESS}{_PUT}",
            "found = logits[:, : idx.shape[1]]\n"
            f"{_LESS}    return torch.cat((found, logits[:, idx.shape[1] :]), dim=-1)\n",
        ),
        "dec_penalty_rows_picked": (
            _FOUND,
            "found = logits[idx]\n",
        ),
        "dec_penalty_only_found": (_PUT, "    return found\n"),
        "dec_penalty_none": (_PUT, "    logits.scatter(-1, idx, found)\n    return logits\n"),
        "dec_penalty_scores_changed": (_PUT, _PUT.replace("scatter(", "scatter_(")),
        "dec_penalty_nothing_returned": (
            _PUT,
            "    logits = logits.scatter(-1, idx, found)\n",
        ),
        "dec_penalty_scattered_along_batch": (_PUT, _PUT.replace("-1,", "0,")),
    },
    "choose": {
        "dec_choose_temperature_multiplies": (_DIVIDED, _DIVIDED.replace("/", "*")),
        "dec_choose_temperature_ignored": (_DIVIDED, ""),
        "dec_temperature_last": (
            f"{_DIVIDED}{_TOP_K}{_TOP_P}",
            f"{_TOP_K}{_TOP_P}{_DIVIDED}",
        ),
        "dec_choose_top_p_first": (
            f"{_DIVIDED}{_TOP_K}{_TOP_P}",
            f"{_TOP_P}{_DIVIDED}{_TOP_K}",
        ),
        "dec_choose_top_k_last": (
            f"{_TOP_K}{_TOP_P}",
            f"{_TOP_P}{_TOP_K}",
        ),
        "dec_choose_one_or_other": (_TOP_P, f"    el{_TOP_P.lstrip()}"),
        "dec_choose_no_top_k": (_TOP_K, ""),
        "dec_choose_no_top_p": (_TOP_P, ""),
        "dec_choose_filters_not_kept": (
            f"{_TOP_K}{_TOP_P}",
            f"{_TOP_K}{_TOP_P}".replace("logits = ", ""),
        ),
        "dec_choose_top_k_is_top_p": (
            f"{_TOP_K}{_TOP_P}",
            f"{_TOP_K}{_TOP_P}".replace("(logits, top_p)", "(logits, top_k)"),
        ),
        "dec_choose_filters_odds": (
            f"{_TOP_K}{_TOP_P}{_LAST_ODDS}",
            f"    logits = torch.softmax(logits, dim=-1)\n{_TOP_K}{_TOP_P}"
            "    probs = torch.where(logits == -torch.inf, 0.0, logits)\n",
        ),
        "dec_choose_softmax_twice": (
            f"{_TOP_K}{_TOP_P}{_LAST_ODDS}",
            f"    logits = torch.softmax(logits, dim=-1)\n{_TOP_K}{_TOP_P}{_LAST_ODDS}",
        ),
        "dec_choose_no_softmax": (_LAST_ODDS, "    probs = logits\n"),
        "dec_choose_softmax_over_batch": (_LAST_ODDS, _LAST_ODDS.replace("dim=-1", "dim=0")),
        "dec_choose_uniform": (_LAST_ODDS, "    probs = (logits > -torch.inf).float()\n"),
        "dec_choose_always_best": (_DRAWN, "    return probs.argmax(dim=-1, keepdim=True)\n"),
        "dec_choose_zero_divides": (_LIKELIEST, ""),
        "dec_choose_zero_draws": (
            f"{_LIKELIEST}{_DIVIDED}",
            "    if temperature > 0:\n        logits = logits / temperature\n",
        ),
        "dec_choose_zero_of_the_batch": (
            _LIKELIEST,
            _LIKELIEST.replace("dim=-1, keepdim=True)", "dim=0, keepdim=True)"),
        ),
        "dec_choose_zero_score": (
            _LIKELIEST,
            "    if temperature == 0:\n        return logits.max(dim=-1, keepdim=True).values\n",
        ),
        "dec_choose_zero_shape": (
            _LIKELIEST,
            "    if temperature == 0:\n        return logits.argmax(dim=-1)\n",
        ),
        "dec_choose_below_1_is_0": (_LIKELIEST, _LIKELIEST.replace("== 0", "<= 1")),
        "dec_choose_shape": (_DRAWN, f"{_DRAWN.rstrip()}.squeeze(-1)\n"),
        "dec_choose_gives_odds": (
            _DRAWN,
            f"    new = {_DRAWN.strip().removeprefix('return ')}\n    return probs.gather(-1, new)\n",
        ),
        "dec_choose_one_draw_for_all": (
            _DRAWN,
            "    new = torch.multinomial(probs[0], num_samples=1, generator=generator)\n"
            "    return new.expand(len(probs), 1)\n",
        ),
        "dec_choose_no_generator": (_DRAWN, _DRAWN.replace(", generator=generator", "")),
        "dec_choose_new_generator": (
            _DRAWN,
            "    seed = generator.initial_seed() if generator is not None else 0\n"
            "    generator = torch.Generator().manual_seed(seed)\n" + _DRAWN,
        ),
        "dec_choose_own_dice": (
            _DRAWN,
            f"    generator = torch.Generator().manual_seed(1337)\n{_DRAWN}",
        ),
        "dec_choose_first_rows_odds": (
            _DRAWN,
            "    new = torch.multinomial(probs[0], len(probs), True, generator=generator)\n"
            "    return new[:, None]\n",
        ),
        "dec_choose_hot_only": (_DIVIDED, "    logits = logits / max(temperature, 1)\n"),
        "dec_choose_reseeds": (_DRAWN, f"    torch.manual_seed(123)\n{_DRAWN}"),
        "dec_choose_scores_changed": (_DIVIDED, "    logits /= temperature\n"),
    },
    "generate": {
        "dec_no_crop": (_SHOWN, _SHOWN.replace("[:, -context_size:]", "")),
        "dec_crop_first": (_SHOWN, _SHOWN.replace("-context_size:", ":context_size")),
        "dec_crop_one_less": (_SHOWN, _SHOWN.replace("-context_size:", "1 - context_size :")),
        "dec_crop_one_more": (_SHOWN, _SHOWN.replace("-context_size:", "-context_size - 1 :")),
        "dec_crop_rows": (_SHOWN, _SHOWN.replace("[:, -context_size:]", "[-context_size:]")),
        "dec_crop_last_only": (_SHOWN, _SHOWN.replace("-context_size:", "-1:")),
        "dec_crop_once": (
            f"{_LOOP}{_WATCH}idx[:, -context_size:])",
            f"    seen = idx[:, -context_size:]\n{_LOOP}{_WATCH}seen)",
        ),
        "dec_text_cropped": (_LOOP, f"{_LOOP}        idx = idx[:, -context_size:]\n"),
        "dec_not_last_place": (_SHOWN, _SHOWN.replace("[:, -1, :]", "[:, 0, :]")),
        "dec_place_before_last": (
            _SHOWN,
            _SHOWN.replace("[:, -1, :]", "[:, max(-2, -idx.shape[1]), :]"),
        ),
        "dec_mean_of_places": (_SHOWN, _SHOWN.replace("[:, -1, :]", ".mean(dim=1)")),
        "dec_graph": (f"{_WATCH}idx", "        if True:\n            logits = model(idx"),
        "dec_training_changed": (_RESULT, f"{_CAT}    model.train()\n    return idx\n"),
        "dec_penalty_unused": (_PENALTY, ""),
        "dec_penalty_of_the_prompt": (
            f"{_LOOP}{_WATCH}idx[:, -context_size:])[:, -1, :]  # (B, V)\n{_PENALTY}",
            f"    prompt = idx\n{_LOOP}{_WATCH}idx[:, -context_size:])[:, -1, :]  # (B, V)\n"
            f"{_PENALTY.replace('idx', 'prompt')}",
        ),
        "dec_penalty_of_new_only": (
            f"{_LOOP}{_WATCH}idx[:, -context_size:])[:, -1, :]  # (B, V)\n{_PENALTY}",
            f"    start = idx.shape[1]\n{_LOOP}{_WATCH}idx[:, -context_size:])[:, -1, :]  # (B, V)\n"
            f"{_PENALTY.replace('idx', 'idx[:, start:]')}",
        ),
        "dec_penalty_of_last_only": (_PENALTY, _PENALTY.replace("idx", "idx[:, -1:]")),
        "dec_penalty_of_the_window": (_PENALTY, _PENALTY.replace("idx", "idx[:, -context_size:]")),
        "dec_penalty_result_lost": (_PENALTY, _PENALTY.replace("logits = ", "")),
        "dec_temperature_not_passed": (_NEW, _NEW.replace("temperature, top_k", "0.0, top_k")),
        "dec_generate_always_best": (_NEW, "        new = logits.argmax(dim=-1, keepdim=True)\n"),
        "dec_top_k_not_passed": (_NEW, _NEW.replace("top_k, top_p", "None, top_p")),
        "dec_top_p_not_passed": (_NEW, _NEW.replace("top_k, top_p", "top_k, None")),
        "dec_knobs_swapped": (_NEW, _NEW.replace("top_k, top_p", "top_p, top_k")),
        "dec_generator_not_passed": (_NEW, _NEW.replace(", generator)", ")")),
        "dec_generate_reseeds": (_NEW, f"        torch.manual_seed(123)\n{_NEW}"),
        "dec_generator_restarted": (
            _NEW,
            "        if generator is not None:\n"
            f"            generator.manual_seed(generator.initial_seed())\n{_NEW}",
        ),
        "dec_temperature_twice": (
            _NEW,
            "        if temperature > 0:\n            logits = logits / temperature\n" + _NEW,
        ),
        "dec_generate_odds": (_NEW, f"        logits = torch.softmax(logits, dim=-1)\n{_NEW}"),
        "dec_penalty_twice": (_PENALTY, 2 * _PENALTY),
        "dec_all_places": (_SHOWN, _SHOWN.replace("[:, -1, :]", "")),
        "dec_context_fixed": (_SHOWN, _SHOWN.replace("-context_size:", "-4:")),
        "dec_eos_no_axis": (_NONE_ENDED, _NONE_ENDED.replace("(len(idx), 1,", "(len(idx),")),
        "dec_eos_floats": (_NONE_ENDED, _NONE_ENDED.replace("dtype=torch.bool, ", "")),
        "dec_eos_swapped": (_FILLED, _FILLED.replace("eos_id, new", "new, eos_id")),
        "dec_eos_ended_in_one_step": (
            f"{_ENDED}{_STOP}",
            "            if (new == eos_id).all():\n                break\n" + _ENDED,
        ),
        "dec_eos_ignored": (_EOS, ""),
        "dec_eos_never_found": (
            _EOS,
            "        if eos_id in new.tolist():\n            break\n",
        ),
        "dec_eos_falsy": (_ASKED, "        if eos_id:\n"),
        "dec_eos_any": (_STOP, _STOP.replace("all", "any")),
        "dec_eos_at_once": (
            f"{_ENDED}{_STOP}{_FILLED}",
            "            if (new == eos_id).all():\n                break\n",
        ),
        "dec_eos_one_row": (
            f"{_ENDED}{_STOP}{_FILLED}",
            "            if new[0, 0] == eos_id:\n                break\n",
        ),
        "dec_eos_forgotten": (_ENDED, "            ended = new == eos_id\n"),
        "dec_eos_not_kept": (_FILLED, ""),
        "dec_eos_filled_with_0": (_FILLED, _FILLED.replace("eos_id", "0")),
        "dec_eos_repeats_last": (_FILLED, _FILLED.replace("eos_id", "idx[:, -1:]")),
        "dec_eos_added": (
            f"{_STOP}{_FILLED}{_CAT}",
            f"{_FILLED}{_CAT}        if eos_id is not None and ended.all():\n            break\n",
        ),
        "dec_eos_in_prompt": (
            _NONE_ENDED,
            "    ended = (idx == eos_id).any(dim=1, keepdim=True) if eos_id is not None else None\n",
        ),
        "dec_eos_never_stops": (_STOP, ""),
        "dec_eos_cut_out": (
            f"{_STOP}{_FILLED}{_CAT}",
            f"{_STOP}        keep = ~ended.squeeze(1)\n"
            "        idx, ended = torch.cat((idx, new), dim=1)[keep], ended[keep]\n",
        ),
        "dec_only_new": (_RESULT, f"{_CAT}    return idx[:, -max_new_tokens:]\n"),
        "dec_only_last": (_CAT, "        idx = new\n"),
        "dec_not_kept": (_CAT, "        torch.cat((idx, new), dim=1)\n"),
        "dec_prepends": (_CAT, _CAT.replace("(idx, new)", "(new, idx)")),
        "dec_wrong_axis": (_CAT, _CAT.replace("dim=1", "dim=0")),
        "dec_stops_after_one": (_RESULT, f"{_CAT}        return idx\n"),
        "dec_count": (_LOOP, _LOOP.replace("max_new_tokens", "max_new_tokens + 1")),
        "dec_count_one_less": (_LOOP, _LOOP.replace("max_new_tokens", "max_new_tokens - 1")),
        "dec_count_in_all": (
            _LOOP,
            _LOOP.replace("max_new_tokens", "max_new_tokens - idx.shape[1]"),
        ),
        "dec_idx_changed": (
            _CAT,
            "        grown = torch.cat((idx, new), dim=1)\n        idx[:, -1:] = new\n"
            "        idx = grown\n",
        ),
    },
    "distinct": {
        "dec_distinct_count": (_SHARE, "    return len(set(grams))\n"),
        "dec_distinct_by_length": (_SHARE, _SHARE.replace("/ len(grams)", "/ len(ids)")),
        "dec_distinct_by_vocabulary": (_SHARE, _SHARE.replace("/ len(grams)", "/ len(set(ids))")),
        "dec_distinct_whole_division": (_SHARE, _SHARE.replace(" / ", " // ")),
        "dec_distinct_percent": (_SHARE, _SHARE.replace("return", "return 100 *")),
        "dec_distinct_rounded": (
            _SHARE,
            "    return round(len(set(grams)) / len(grams), 1) if grams else 0.0\n",
        ),
        "dec_distinct_inverted": (_SHARE, _SHARE.replace("return", "return 1 -")),
        "dec_distinct_upside_down": (
            _SHARE,
            "    return len(grams) / len(set(grams)) if grams else 0.0\n",
        ),
        "dec_distinct_not_a_set": (_SHARE, _SHARE.replace("len(set(grams))", "len(grams)")),
        "dec_distinct_once": (
            _SHARE,
            "    once = [gram for gram in grams if grams.count(gram) == 1]\n"
            "    return len(once) / len(grams) if grams else 0.0\n",
        ),
        "dec_distinct_neighbours": (
            _SHARE,
            "    new = [a for a, b in zip(grams, [None, *grams]) if a != b]\n"
            "    return len(new) / len(grams) if grams else 0.0\n",
        ),
        "dec_distinct_short": (_SHARE, _SHARE.replace(" if grams else 0.0", "")),
        "dec_distinct_short_is_1": (_SHARE, _SHARE.replace("0.0", "1.0")),
        "dec_distinct_short_is_none": (_SHARE, _SHARE.replace("0.0", "None")),
        "dec_distinct_last_missing": (_GRAMS, _GRAMS.replace(" + 1)", ")")),
        "dec_distinct_too_many": (_GRAMS, _GRAMS.replace("len(ids) - n + 1", "len(ids)")),
        "dec_distinct_first_missing": (_GRAMS, _GRAMS.replace("range(", "range(1, ")),
        "dec_distinct_side_by_side": (_GRAMS, _GRAMS.replace("- n + 1)", "- n + 1, n)")),
        "dec_distinct_tokens": (
            f"{_GRAMS}{_SHARE}",
            "return len(set(ids)) / len(ids) if ids else 0.0\n",
        ),
        "dec_distinct_fixed": (_GRAMS, _GRAMS.replace("i + n]", "i + 2]")),
        "dec_distinct_one_longer": (_GRAMS, _GRAMS.replace("i + n]", "i + n + 1]")),
        "dec_distinct_slice_length": (_GRAMS, _GRAMS.replace("i : i + n", "i:n")),
        "dec_distinct_unordered": (_GRAMS, _GRAMS.replace("tuple(", "frozenset(")),
        "dec_distinct_sorted": (
            _GRAMS,
            _GRAMS.replace("tuple(", "tuple(sorted(").replace("n])", "n]))"),
        ),
        "dec_distinct_as_text": (
            _GRAMS,
            _GRAMS.replace("tuple(", '"".join(str(j) for j in '),
        ),
        "dec_distinct_summed": (_GRAMS, _GRAMS.replace("tuple(", "sum(")),
        "dec_distinct_ends_only": (
            _GRAMS,
            _GRAMS.replace("tuple(ids[i : i + n])", "(ids[i], ids[i + n - 1])"),
        ),
        "dec_distinct_list": (_GRAMS, _GRAMS.replace("tuple(ids[i : i + n])", "ids[i : i + n]")),
        "dec_distinct_list_changed": (
            f"{_GRAMS}{_SHARE}",
            "grams = []\n    while len(ids) >= n:\n        grams.append(tuple(ids[:n]))\n"
            f"        ids.pop(0)\n{_SHARE}",
        ),
    },
    "log_prob": {
        "dec_log_prob_not_shifted": (
            _FITTING,
            "    found = log_probs.gather(-1, idx[:, :, None]).squeeze(-1)[:, 1:]\n",
        ),
        "dec_log_prob_shifted_twice": (
            f"{_FITTING}{_MEAN}",
            "    found = log_probs[:, :-2].gather(-1, idx[:, 2:, None]).squeeze(-1)\n"
            "    return found[:, max(n_prompt - 2, 0) :].mean(dim=1)\n",
        ),
        "dec_log_prob_shifted_back": (
            _FITTING,
            "    found = log_probs[:, 1:].gather(-1, idx[:, :-1, None]).squeeze(-1)\n",
        ),
        "dec_log_prob_last_to_first": (
            _FITTING,
            "    found = log_probs.gather(-1, idx.roll(-1, 1)[:, :, None]).squeeze(-1)\n",
        ),
        "dec_log_prob_of_all": (_MEAN, "    return found.mean(dim=1)\n"),
        "dec_log_prob_one_less": (_MEAN, _MEAN.replace("n_prompt - 1 :", "n_prompt:")),
        "dec_log_prob_one_more": (_MEAN, _MEAN.replace("n_prompt - 1 :", "max(n_prompt - 2, 0) :")),
        "dec_log_prob_last_lost": (_MEAN, _MEAN.replace("n_prompt - 1 :", "n_prompt - 1 : -1")),
        "dec_log_prob_prompt_only": (_MEAN, _MEAN.replace("n_prompt - 1 :", ": n_prompt")),
        "dec_log_prob_sum": (_MEAN, _MEAN.replace("mean", "sum")),
        "dec_log_prob_by_length": (
            _MEAN,
            _MEAN.replace("mean(dim=1)", "sum(dim=1) / idx.shape[1]"),
        ),
        "dec_log_prob_by_prompt": (_MEAN, _MEAN.replace("mean(dim=1)", "sum(dim=1) / n_prompt")),
        "dec_log_prob_over_batch": (_MEAN, _MEAN.replace("dim=1", "")),
        "dec_log_prob_over_texts": (_MEAN, _MEAN.replace("dim=1", "dim=0")),
        "dec_log_prob_not_averaged": (_MEAN, _MEAN.replace(".mean(dim=1)", "")),
        "dec_log_prob_least": (_MEAN, _MEAN.replace("mean(dim=1)", "min(dim=1).values")),
        "dec_log_prob_loss": (_MEAN, _MEAN.replace("return ", "return -")),
        "dec_log_prob_perplexity": (
            _MEAN,
            "    return torch.exp(-found[:, n_prompt - 1 :].mean(dim=1))\n",
        ),
        "dec_log_prob_base": (
            _MEAN,
            "    return found[:, n_prompt - 1 :].mean(dim=1) / torch.log(torch.tensor(2.0))\n",
        ),
        "dec_log_prob_raw": (_LOGS, "log_probs = model(idx)\n"),
        "dec_log_prob_probs": (_LOGS, _LOGS.replace("log_softmax", "softmax")),
        "dec_log_prob_of_mean": (
            f"{_RUN}{_FITTING}{_MEAN}",
            f"{_RUN.replace('log_softmax', 'softmax')}{_FITTING}"
            "    return found[:, n_prompt - 1 :].mean(dim=1).log()\n",
        ),
        "dec_log_prob_of_zero": (
            _LOGS,
            "log_probs = torch.softmax(model(idx), dim=-1).log()\n",
        ),
        "dec_log_prob_padded": (
            _LOGS,
            "log_probs = torch.log(torch.softmax(model(idx), dim=-1) + 1e-9)\n",
        ),
        "dec_log_prob_along_time": (_LOGS, _LOGS.replace("dim=-1", "dim=1")),
        "dec_log_prob_best": (
            _FITTING,
            "    found = log_probs[:, :-1].max(dim=-1).values\n",
        ),
        "dec_log_prob_all_tokens": (_FITTING, "    found = log_probs[:, :-1].mean(dim=-1)\n"),
        "dec_log_prob_no_prompt_shown": (
            f"{_RUN}{_FITTING}{_MEAN}",
            f"    idx = idx[:, n_prompt - 1 :]\n{_RUN}{_FITTING}    return found.mean(dim=1)\n",
        ),
        "dec_log_prob_first_text": (
            _FITTING,
            "    found = log_probs[:, :-1].gather(-1, idx[:1, 1:, None].expand(len(idx), -1, 1))\n"
            "    found = found.squeeze(-1)\n",
        ),
        "dec_log_prob_squeezed": (_FITTING, _FITTING.replace(".squeeze(-1)", "")),
        "dec_gather_axes": (_FITTING, _FITTING.replace("idx[:, 1:, None]", "idx[:, 1:]")),
        "dec_log_prob_training_changed": (_MEAN, f"    model.train()\n{_MEAN}"),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    84: ("dec_temperature_multiplies", "dec_choose_temperature_multiplies"),
    85: ("dec_zero_divides", "dec_zero_divided_before", "dec_choose_zero_divides"),
    86: (
        "dec_top_k_one_more",
        "dec_top_k_edge_of_another_row",
        "dec_top_k_edge_of_the_last_row",
        "dec_top_k_of_the_batch",
    ),
    87: (
        "dec_crossing_dropped",
        "dec_crossing_dropped_but_first",
        "dec_not_sorted_back",
        "dec_left_sorted_p",
        "dec_gathered_back",
    ),
    88: ("dec_choose_filters_odds", "dec_choose_softmax_twice", "dec_top_p_odds_cut"),
    89: ("dec_choose_top_p_first", "dec_choose_top_k_last", "dec_temperature_last"),
    90: ("dec_no_crop", "dec_crop_first", "dec_crop_one_more"),
    91: (
        "dec_eos_at_once",
        "dec_eos_any",
        "dec_eos_added",
        "dec_eos_never_found",
        "dec_eos_one_row",
        "dec_eos_forgotten",
    ),
    92: (
        "dec_scores_changed",
        "dec_top_k_scores_changed",
        "dec_top_p_scores_changed",
        "dec_penalty_scores_changed",
        "dec_choose_scores_changed",
        "dec_idx_changed",
    ),
}

# Two ways to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "dec_exp_overflows": "soft_overflow",
    "dec_zero_nearly": "dec_zero_shares",
    "dec_sum_lost_its_axis": "soft_no_keepdim",
    "dec_top_k_edge_of_the_last_row": "dec_top_k_edge_of_another_row",
    "dec_top_k_scores_changed": "dec_scores_changed",
    "dec_left_sorted_p": "dec_left_sorted",
    "dec_top_p_to_zero": "dec_dropped_to_zero",
    "dec_top_p_gives_odds": "dec_gives_odds",
    "dec_top_p_scores_changed": "dec_scores_changed",
    "dec_penalty_added_each_time": "dec_penalty_each_time",
    "dec_penalty_scores_changed": "dec_scores_changed",
    "dec_penalty_nothing_returned": "dec_nothing_returned",
    "dec_choose_temperature_multiplies": "dec_temperature_multiplies",
    "dec_choose_temperature_ignored": "dec_temperature_ignored",
    "dec_choose_no_softmax": "dec_no_softmax",
    "dec_choose_softmax_over_batch": "dec_softmax_over_batch",
    "dec_choose_zero_divides": "dec_zero_divides",
    "dec_choose_zero_shape": "dec_choose_shape",
    "dec_choose_own_dice": "dec_choose_new_generator",
    "dec_choose_hot_only": "dec_temperature_ignored",
    "dec_eos_ended_in_one_step": "dec_eos_at_once",
    "dec_log_prob_training_changed": "dec_training_changed",
    "dec_choose_scores_changed": "dec_scores_changed",
    "dec_choose_filters_odds": "dec_choose_softmax_twice",
    "dec_generate_always_best": "dec_temperature_not_passed",
    "dec_top_k_not_passed": "dec_knobs_not_passed",
    "dec_top_p_not_passed": "dec_knobs_not_passed",
    "dec_generator_not_passed": "dec_choose_no_generator",
    "dec_generate_reseeds": "dec_choose_reseeds",
    "dec_eos_never_found": "dec_eos_ignored",
    "dec_only_last": "dec_only_new",
    "dec_count_one_less": "dec_count",
    "dec_eos_forgotten": "dec_eos_at_once",
    "dec_knobs_swapped": "dec_knobs_not_passed",
    "dec_count_in_all": "dec_count",
    "dec_penalty_result_lost": "dec_penalty_unused",
    "dec_place_before_last": "dec_not_last_place",
    "dec_distinct_sorted": "dec_distinct_unordered",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {
    "dec_zero_divides",
    "dec_top_k_edge_of_another_row",
    "dec_not_sorted_back",
    "dec_choose_no_generator",
    "dec_eos_any",
    "dec_log_prob_not_shifted",
}

MISTAKES = catalogue.mistakes(WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS)

# item -> the input, zeros, a constant, a part of it: answers without thought.
_NO_THOUGHT = {
    "probabilities": (
        "return logits",
        "return torch.zeros_like(logits)",
        "return torch.ones_like(logits) / logits.shape[-1]",
        "return torch.softmax(logits, dim=-1)",
    ),
    "top_k": (
        "return logits",
        "return torch.zeros_like(logits)",
        "return torch.full_like(logits, -torch.inf)",
        "return torch.where(logits < 0, -torch.inf, logits)",
    ),
    "top_p": (
        "return logits",
        "return torch.zeros_like(logits)",
        "return torch.full_like(logits, -torch.inf)",
        "return torch.where(logits < logits.max(-1, keepdim=True).values, -torch.inf, logits)",
    ),
    "penalty": (
        "return logits",
        "return torch.zeros_like(logits)",
        "return torch.ones_like(logits)",
        "return logits / penalty",
    ),
    "choose": (
        "return logits",
        "return torch.zeros(len(logits), 1, dtype=torch.long)",
        "return torch.full((len(logits), 1), 3)",
        "return logits.argmax(dim=-1, keepdim=True)",
    ),
    "generate": (
        "return idx",
        "return torch.zeros(len(idx), idx.shape[1] + max_new_tokens, dtype=torch.long)",
        "return torch.cat((idx, idx.new_ones(len(idx), max_new_tokens)), dim=1)",
        "return torch.cat((idx, model(idx)[:, -1:].argmax(-1)), dim=1)",
    ),
    "distinct": ("return ids", "return 0.0", "return 1.0", "return len(set(ids)) / n"),
    "log_prob": (
        "return idx",
        "return torch.zeros(len(idx))",
        "return torch.full((len(idx),), -1.0)",
        "return model(idx).mean(dim=(1, 2))",
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
