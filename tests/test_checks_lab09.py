"""The checks of lab09: right answers pass, wrong ones are told why, empty ones are told apart.

Answers run in a namespace of their own, as in a notebook.
"""

import pytest
import torch
from check_trials import Trial

from gptlab import measures, sample
from gptlab.checks import core
from gptlab.checks import lab09_decoding as check
from gptlab.checks.lab09_numbers import SCORES, Follows, stand_ins, written

NAMES = {
    "probabilities": "probabilities",
    "top_k": "top_k_only",
    "top_p": "top_p_only",
    "penalty": "repetition_penalty",
    "choose": "choose",
    "generate": "generate",
    "distinct": "distinct_n",
    "log_prob": "mean_log_prob",
}
RIGHT = """
def probabilities(logits, temperature):
    if temperature == 0:
        first = torch.argmax(logits, -1)
        return torch.nn.functional.one_hot(first, logits.shape[-1]).to(logits.dtype)
    return torch.exp(torch.log_softmax(logits / temperature, -1))

def top_k_only(logits, top_k):
    values = logits.topk(min(top_k, logits.shape[1]), dim=-1)[0]
    edge = values[:, -1].unsqueeze(-1)
    return logits.masked_fill(logits < edge, float("-inf"))

def top_p_only(logits, top_p):
    values, order = torch.sort(logits, descending=True)
    odds = values.softmax(-1)
    total = odds.cumsum(-1)
    drop = total - odds >= top_p
    back = torch.zeros_like(drop).scatter(1, order, drop)
    return logits.masked_fill(back, float("-inf"))

def repetition_penalty(logits, idx, penalty):
    logits = logits.clone()
    for b in range(len(idx)):
        for t in set(idx[b].tolist()):
            if logits[b, t] > 0:
                logits[b, t] = logits[b, t] / penalty
            else:
                logits[b, t] = logits[b, t] * penalty
    return logits

def choose(logits, temperature=0.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return torch.argmax(logits, dim=-1, keepdim=True)
    logits = logits / temperature
    if top_k is not None:
        logits = top_k_only(logits, top_k)
    if top_p is not None:
        logits = top_p_only(logits, top_p)
    odds = logits.softmax(-1)
    return torch.multinomial(odds, 1, generator=generator)

def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None,
             eos_id=None, top_p=None, generator=None, penalty=1.0):
    done = torch.zeros(idx.shape[0], dtype=torch.bool)
    for _ in range(max_new_tokens):
        seen = idx[:, -context_size:]
        with torch.no_grad():
            logits = model(seen)
        logits = logits[:, -1]
        logits = repetition_penalty(logits, idx, penalty)
        new = choose(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            done = done | (new[:, 0] == eos_id)
            if done.all():
                break
            new[done] = eos_id
        idx = torch.cat((idx, new), dim=1)
    return idx

def distinct_n(ids, n):
    grams = []
    for i in range(len(ids) - n + 1):
        grams.append(tuple(ids[i:i + n]))
    if not grams:
        return 0.0
    return len(set(grams)) / len(grams)

def mean_log_prob(model, idx, n_prompt):
    with torch.no_grad():
        logits = model(idx)
    logits, targets = logits[:, :-1], idx[:, 1:]
    each = torch.log_softmax(logits, dim=-1)
    found = torch.gather(each, 2, targets.unsqueeze(-1)).squeeze(-1)
    return found[:, n_prompt - 1:].mean(-1)
"""
SOFT = "torch.exp(torch.log_softmax(logits / temperature, -1))"
ZERO = """    if temperature == 0:
        first = torch.argmax(logits, -1)
        return torch.nn.functional.one_hot(first, logits.shape[-1]).to(logits.dtype)
"""
ONE_HOT = "torch.nn.functional.one_hot(first, logits.shape[-1]).to(logits.dtype)"
FILL = 'logits.masked_fill(back, float("-inf"))'
DROP = "drop = total - odds >= top_p"
LARGE = "if logits[b, t] > 0:"
SMALLER = """            if logits[b, t] > 0:
                logits[b, t] = logits[b, t] / penalty
            else:
                logits[b, t] = logits[b, t] * penalty
"""
ENDS = """            done = done | (new[:, 0] == eos_id)
            if done.all():
                break
            new[done] = eos_id
"""
DRAW = "torch.multinomial(odds, 1, generator=generator)"
HOT = "    logits = logits / temperature\n"
WITH_K = "    if top_k is not None:\n        logits = top_k_only(logits, top_k)\n"
WITH_P = "    if top_p is not None:\n        logits = top_p_only(logits, top_p)\n"
LAST = "logits = logits[:, -1]\n"
WRONG = [
    ("probabilities", "dec_temperature_multiplies", "logits / temperature, -1",
     "logits * temperature, -1"),
    ("probabilities", "dec_temperature_ignored", "logits / temperature, -1", "logits, -1"),
    ("probabilities", "dec_temperature_after_softmax", SOFT, "logits.softmax(-1) / temperature"),
    ("probabilities", "dec_softmax_over_batch", "logits / temperature, -1",
     "logits / temperature, 0"),
    ("probabilities", "dec_no_softmax", SOFT, "logits / temperature"),
    ("probabilities", "dec_zero_divides", ZERO, ""),
    ("probabilities", "dec_zero_divides", ZERO, "    1 / temperature\n"),
    ("probabilities", "dec_zero_shares", ONE_HOT,
     "(logits == logits.max(1, keepdim=True).values).float()"),
    ("probabilities", "dec_zero_gives_ids", ONE_HOT, "first"),
    ("probabilities", "dec_scores_changed", SOFT,
     "logits.div_(temperature).softmax(-1)"),
    ("top_k", "dec_top_k_one_more", "min(top_k, logits.shape[1])",
     "min(top_k + 1, logits.shape[1])"),
    ("top_k", "dec_top_k_one_less", "logits < edge", "logits <= edge"),
    ("top_k", "dec_top_k_edge_of_another_row", "logits < edge", "logits < edge[0]"),
    ("top_k", "dec_top_k_edge_of_another_row", "logits < edge", "logits < edge.min()"),
    ("top_k", "dec_top_k_smallest", "logits < edge", "logits > edge"),
    ("top_k", "dec_top_k_only_values", 'logits.masked_fill(logits < edge, float("-inf"))',
     "values"),
    ("top_k", "dec_dropped_to_zero", 'logits < edge, float("-inf")', "logits < edge, 0.0"),
    ("top_k", "dec_top_k_too_large", "min(top_k, logits.shape[1])", "top_k"),
    ("top_k", "dec_edge_no_axis", ".unsqueeze(-1)\n", "\n"),
    ("top_k", "dec_gives_odds", 'logits < edge, float("-inf"))',
     'logits < edge, float("-inf")).softmax(-1)'),
    ("top_k", "dec_scores_changed", "logits.masked_fill(logits < edge",
     "logits.masked_fill_(logits < edge"),
    ("top_p", "dec_crossing_dropped", "total - odds >= top_p", "total > top_p"),
    ("top_p", "dec_top_p_one_more", DROP,
     DROP + "\n    drop = drop.roll(1, 1)\n    drop[:, 0] = False"),
    ("top_p", "dec_not_sorted_back", ".masked_fill(back", ".masked_fill(drop"),
    ("top_p", "dec_left_sorted", FILL, 'values.masked_fill(drop, float("-inf"))'),
    ("top_p", "dec_lowest_first", "torch.sort(logits, descending=True)", "torch.sort(logits)"),
    ("top_p", "dec_top_p_each_alone", "total - odds >= top_p", "odds < top_p"),
    ("top_p", "dec_top_p_inverted", ".masked_fill(back", ".masked_fill(~back"),
    ("top_p", "dec_dropped_to_zero", FILL, "logits.masked_fill(back, 0.0)"),
    ("top_p", "dec_gives_odds", FILL, FILL + ".softmax(-1)"),
    ("top_p", "dec_scores_changed", "logits.masked_fill(back", "logits.masked_fill_(back"),
    ("penalty", "dec_penalty_divides_all", LARGE, "if True:"),
    ("penalty", "dec_penalty_multiplies_all", LARGE, "if False:"),
    ("penalty", "dec_penalty_inverted", LARGE, "if logits[b, t] < 0:"),
    ("penalty", "dec_penalty_each_time", "set(idx[b].tolist())", "idx[b].tolist()"),
    ("penalty", "dec_penalty_everywhere", "set(idx[b].tolist())", "range(5)"),
    ("penalty", "dec_penalty_of_all_rows", "set(idx[b].tolist())", "set(idx.flatten().tolist())"),
    ("penalty", "dec_penalty_of_all_rows", "set(idx[b].tolist())", "set(idx[0].tolist())"),
    ("penalty", "dec_penalty_subtracts", SMALLER, "            logits[b, t] -= penalty\n"),
    ("penalty", "dec_penalty_none", "set(idx[b].tolist())", "()"),
    ("penalty", "dec_scores_changed", "logits = logits.clone()", "pass"),
    ("choose", "dec_temperature_multiplies", HOT, HOT.replace("/", "*")),
    ("choose", "dec_temperature_ignored", HOT, ""),
    ("choose", "dec_choose_no_top_k", WITH_K, ""),
    ("choose", "dec_choose_no_top_p", WITH_P, ""),
    ("choose", "dec_choose_top_p_first", HOT + WITH_K + WITH_P, WITH_K + WITH_P + HOT),
    ("choose", "dec_choose_top_k_last", WITH_K + WITH_P, WITH_P + WITH_K),
    ("choose", "dec_choose_always_best", DRAW, "odds.argmax(-1, keepdim=True)"),
    ("choose", "dec_choose_uniform", DRAW,
     "torch.multinomial((odds > 0).float(), 1, generator=generator)"),
    ("choose", "dec_choose_no_generator", ", generator=generator)\n\ndef gen", ")\n\ndef gen"),
    ("choose", "dec_choose_reseeds", DRAW,
     "torch.multinomial(odds, 1, generator=torch.manual_seed(3))"),
    ("choose", "dec_choose_shape", DRAW, DRAW + "[:, 0]"),
    ("choose", "dec_choose_shape", "dim=-1, keepdim=True)\n    logits", "dim=-1)\n    logits"),
    ("choose", "dec_zero_divides",
     "    if temperature == 0:\n        return torch.argmax(logits, dim=-1, keepdim=True)\n", ""),
    ("choose", "dec_choose_zero_draws", "torch.argmax(logits, dim=-1, keepdim=True)",
     "torch.multinomial(logits.softmax(-1), 1)"),
    ("generate", "dec_no_crop", "seen = idx[:, -context_size:]", "seen = idx"),
    ("generate", "dec_crop_first", "idx[:, -context_size:]", "idx[:, :context_size]"),
    ("generate", "dec_text_cropped", "seen = idx[:", "seen = idx = idx[:"),
    ("generate", "dec_only_new", "    return idx\n\ndef d", "    return idx[:, 2:]\n\ndef d"),
    ("generate", "dec_count", "range(max_new_tokens)", "range(max_new_tokens - 1)"),
    ("generate", "dec_graph", "with torch.no_grad():\n            logits = model(seen)",
     "with torch.enable_grad():\n            logits = model(seen)"),
    ("generate", "dec_training_changed", "        seen =", "        model.train()\n        seen ="),
    ("generate", "dec_eos_ignored", ENDS, "            pass\n"),
    ("generate", "dec_eos_not_kept", "            new[done] = eos_id\n", ""),
    ("generate", "dec_eos_any", "done.all()", "done.any()"),
    ("generate", "dec_eos_never_stops", "if done.all():", "if False:"),
    ("generate", "dec_eos_added", "                break\n",
     "                return torch.cat((idx, torch.full_like(new, eos_id)), 1)\n"),
    ("generate", "dec_penalty_unused",
     "        logits = repetition_penalty(logits, idx, penalty)\n", ""),
    ("generate", "dec_penalty_of_the_window", "(logits, idx, penalty)\n        new",
     "(logits, seen, penalty)\n        new"),
    ("generate", "dec_knobs_not_passed", "(logits, temperature, top_k, top_p, g",
     "(logits, temperature, None, top_p, g"),
    ("generate", "dec_knobs_not_passed", "(logits, temperature, top_k, top_p, g",
     "(logits, temperature, top_k, None, g"),
    ("generate", "dec_choose_no_generator", "top_p, generator)\n        if", "top_p)\n        if"),
    ("generate", "dec_temperature_not_passed", "(logits, temperature, top_k, top_p, g",
     "(logits, 0.0, top_k, top_p, g"),
    ("distinct", "dec_distinct_count", "len(set(grams)) / len(grams)", "len(set(grams))"),
    ("distinct", "dec_distinct_by_length", "len(set(grams)) / len(grams)",
     "len(set(grams)) / len(ids)"),
    ("distinct", "dec_distinct_by_vocabulary", "len(set(grams)) / len(grams)",
     "len(set(grams)) / len(set(ids))"),
    ("distinct", "dec_distinct_too_many", "len(ids) - n + 1", "len(ids)"),
    ("distinct", "dec_distinct_side_by_side", "range(len(ids) - n + 1)", "range(0, len(ids), n)"),
    ("distinct", "dec_distinct_inverted", "return len(set(grams))", "return 1 - len(set(grams))"),
    ("distinct", "dec_distinct_unordered", "tuple(ids[i:i + n])", "frozenset(ids[i:i + n])"),
    ("distinct", "dec_distinct_list", "tuple(ids[i:i + n])", "ids[i:i + n]"),
    ("distinct", "dec_distinct_short", "    if not grams:\n        return 0.0\n", ""),
    ("log_prob", "dec_log_prob_loss", "return found[", "return -found["),
    ("log_prob", "dec_log_prob_raw", "torch.log_softmax(logits, dim=-1)", "logits"),
    ("log_prob", "dec_log_prob_probs", "torch.log_softmax(logits, dim=-1)", "logits.softmax(-1)"),
    ("log_prob", "dec_log_prob_not_shifted", "logits[:, :-1], idx[:, 1:]",
     "logits[:, 1:], idx[:, 1:]"),
    ("log_prob", "dec_log_prob_of_all", "found[:, n_prompt - 1:]", "found"),
    ("log_prob", "dec_log_prob_one_less", "n_prompt - 1:", "n_prompt:"),
    ("log_prob", "dec_log_prob_one_more", "n_prompt - 1:", "n_prompt - 2:"),
    ("log_prob", "dec_log_prob_sum", ".mean(-1)\n", ".sum(-1)\n"),
    ("log_prob", "dec_log_prob_over_batch", "].mean(-1)\n", "].mean()\n"),
    ("log_prob", "dec_log_prob_best",
     "torch.gather(each, 2, targets.unsqueeze(-1)).squeeze(-1)", "each.max(-1).values"),
    ("log_prob", "dec_log_prob_base", "].mean(-1)\n", "].mean(-1) / 0.6931471805599453\n"),
    ("log_prob", "dec_graph", "    with torch.no_grad():\n        logits = model(idx)",
     "    logits = model(idx)"),
    ("probabilities", "dec_log_of_odds", SOFT, "(logits / temperature).log_softmax(-1)"),
    ("probabilities", "dec_zero_last_of_equals", "torch.argmax(logits, -1)\n        return",
     "logits.shape[1] - 1 - logits.flip(1).argmax(1)\n        return"),
    ("probabilities", "dec_zero_of_the_batch", "first = torch.argmax(logits, -1)",
     "first = torch.argmax(logits)"),
    ("probabilities", "dec_argmax_no_axis", ONE_HOT,
     "torch.zeros_like(logits).scatter(-1, first, 1.0)"),
    ("top_k", "dec_two_things", 'logits.masked_fill(logits < edge, float("-inf"))',
     "logits.topk(2)"),
    ("top_k", "dec_top_k_of_rows", "min(top_k, logits.shape[1])", "min(top_k, len(logits))"),
    ("top_k", "dec_top_k_too_large", "min(top_k, logits.shape[1])", "min(top_k, 5)"),
    ("top_k", "dec_dropped_by_a_number", 'logits < edge, float("-inf")', "logits < edge, -1e9"),
    ("top_k", "dec_dropped_to_plus_inf", 'logits < edge, float("-inf")',
     "logits < edge, torch.inf"),
    ("top_p", "dec_crossing_dropped_but_first", DROP,
     "drop = total >= top_p\n    drop[:, 0] = False"),
    ("top_p", "dec_gathered_back", FILL,
     'values.masked_fill(drop, float("-inf")).gather(1, order)'),
    ("top_p", "dec_softmax_unsorted", "odds = values.softmax(-1)", "odds = logits.softmax(-1)"),
    ("top_p", "dec_not_sorted", "values, order = torch.sort(logits, descending=True)",
     "values, order = logits, torch.arange(5).expand_as(logits)"),
    ("top_p", "dec_scores_added_up", "odds = values.softmax(-1)", "odds = values"),
    ("top_p", "dec_added_over_batch", "odds.cumsum(-1)", "odds.cumsum(0)"),
    ("top_p", "dec_sort_not_unpacked", "values, order = torch.sort(logits, descending=True)",
     "values = torch.sort(logits, descending=True)"),
    ("penalty", "dec_penalty_each_time", "set(idx[b].tolist())", "set(idx[b])"),
    ("penalty", "dec_penalty_only_found", "    return logits\n\ndef choose",
     "    return logits.gather(1, idx)\n\ndef choose"),
    ("penalty", "dec_penalty_mixed", "    logits = logits.clone()\n",
     "    found = logits.gather(1, idx)\n    torch.where(logits > 0, found / penalty, found)\n"),
    ("penalty", "dec_penalty_of_the_last", "set(idx[b].tolist())", "{idx[b, -1].item()}"),
    ("choose", "dec_scores_changed", HOT, "    logits /= temperature\n"),
    ("choose", "dec_choose_one_or_other", WITH_P, "    el" + WITH_P.lstrip()),
    ("choose", "dec_choose_none", WITH_P, "    logits = top_p_only(logits, top_p)\n"),
    ("choose", "dec_choose_softmax_twice", HOT,
     "    logits = probabilities(logits, temperature)\n"),
    ("choose", "dec_no_softmax", "multinomial(odds", "multinomial(logits"),
    ("choose", "dec_choose_new_generator", DRAW,
     "torch.multinomial(odds, 1, generator=torch.Generator().manual_seed(1337))"),
    ("choose", "dec_choose_first_rows_odds", DRAW,
     "torch.multinomial(odds[0], len(odds), True, generator=generator)[:, None]"),
    ("choose", "dec_choose_one_draw_for_all", DRAW,
     "torch.multinomial(odds[0], 1, generator=generator).expand(len(odds), 1)"),
    ("choose", "dec_choose_below_1_is_0", "== 0:\n        return torch.argmax(logits, dim",
     "< 1:\n        return torch.argmax(logits, dim"),
    ("choose", "dec_temperature_ignored", HOT, HOT.replace("temperature", "max(temperature, 1)")),
    ("choose", "dec_temperature_multiplies", WITH_K,
     WITH_K.replace("(logits,", "(logits * temperature**2,")),
    ("choose", "dec_choose_always_best", "== 0:\n        return torch.argmax(logits, dim",
     "== 0 or generator is None:\n        return torch.argmax(logits, dim"),
    ("choose", "dec_softmax_over_batch", "odds = logits.softmax(-1)\n    return torch.m",
     "odds = logits.softmax(0)\n    return torch.m"),
    ("generate", "dec_all_places", LAST, "pass\n"),
    ("generate", "dec_not_last_place", LAST, LAST.replace("-1", "0")),
    ("generate", "dec_context_fixed", "seen = idx[:, -context_size:]", "seen = idx[:, -3:]"),
    ("generate", "dec_stops_after_one", "    return idx\n\ndef d",
     "        return idx\n\ndef d"),
    ("generate", "dec_only_the_last", "    return idx\n\ndef d", "    return new\n\ndef d"),
    ("generate", "dec_crop_last_only", "idx[:, -context_size:]", "idx[:, -1:]"),
    ("generate", "dec_wrong_axis", "torch.cat((idx, new), dim=1)", "torch.cat((idx, new), dim=0)"),
    ("generate", "dec_choose_reseeds", "        seen =",
     "        torch.manual_seed(3)\n        seen ="),
    ("generate", "dec_generator_restarted", "        seen =",
     "        generator and generator.manual_seed(generator.initial_seed())\n        seen ="),
    ("generate", "dec_eos_filled_with_0", "new[done] = eos_id", "new[done] = 0"),
    ("generate", "dec_eos_repeats_last", "new[done] = eos_id", "new[done] = idx[done, -1:]"),
    ("generate", "dec_eos_falsy", "if eos_id is not None:", "if eos_id:"),
    ("generate", "dec_eos_at_once", "done | (new[:, 0] == eos_id)", "new[:, 0] == eos_id"),
    ("generate", "dec_eos_at_once", "if done.all():", "if (new == eos_id).all():"),
    ("generate", "dec_eos_no_axis", ENDS, """            done = done | (new == eos_id)
            if done.all():
                break
            new = torch.where(done, eos_id, new)
"""),
    ("generate", "dec_eos_floats", "(idx.shape[0], dtype=torch.bool)", "(idx.shape[0])"),
    ("generate", "dec_eos_in_prompt", "            done = done | (new[:, 0] == eos_id)",
     "            done = (idx == eos_id).any(1) | (new[:, 0] == eos_id)"),
    ("generate", "dec_eos_swapped", "new[done] = eos_id", "new[~done] = eos_id"),
    ("generate", "dec_penalty_of_the_prompt", "(logits, idx, penalty)\n        new",
     "(logits, idx[:, :2], penalty)\n        new"),
    ("generate", "dec_penalty_of_new_only", "(logits, idx, penalty)\n        new",
     "(logits, idx[:, 2:], penalty)\n        new"),
    ("generate", "dec_penalty_of_last_only", "(logits, idx, penalty)\n        new",
     "(logits, idx[:, -1:], penalty)\n        new"),
    ("generate", "dec_penalty_twice", "(logits, idx, penalty)\n        new",
     "(repetition_penalty(logits, idx, penalty), idx, penalty)\n        new"),
    ("generate", "dec_generate_odds", "new = choose(logits, temperature",
     "new = choose(logits.softmax(-1), temperature"),
    ("generate", "dec_generate_odds", "new = choose(logits, temperature",
     "new = choose(probabilities(logits, temperature), temperature"),
    ("generate", "dec_temperature_twice", "new = choose(logits, temperature",
     "new = choose(logits / temperature if temperature else logits, temperature"),
    ("distinct", "dec_distinct_as_text", "tuple(ids[i:i + n])", '"".join(map(str, ids[i:i + n]))'),
    ("distinct", "dec_distinct_by_vocabulary", "len(set(grams)) / len(grams)",
     "len(set(grams)) / len(set(grams))"),
    ("distinct", "dec_distinct_ends_only", "tuple(ids[i:i + n])", "(ids[i], ids[i + n - 1])"),
    ("log_prob", "dec_log_prob_no_prompt_shown",
     "    with torch.no_grad():\n        logits = model(idx)",
     "    idx, n_prompt = idx[:, n_prompt - 1:], 1\n"
     "    with torch.no_grad():\n        logits = model(idx)"),
    ("log_prob", "dec_training_changed", "    with torch.no_grad():\n        logits = model(idx)",
     "    model.train()\n    with torch.no_grad():\n        logits = model(idx)"),
    ("log_prob", "dec_gather_axes", "targets.unsqueeze(-1)", "targets"),
    ("log_prob", "dec_log_prob_squeezed",
     ".squeeze(-1)\n    return found[:, n_prompt - 1:].mean(-1)",
     "\n    return found[:, n_prompt - 1:].mean(1)"),
    ("log_prob", "dec_log_prob_along_time", "log_softmax(logits, dim=-1)",
     "log_softmax(model(idx), dim=1)[:, :-1]"),
    ("log_prob", "dec_log_prob_over_texts", "].mean(-1)\n", "].mean(0)\n"),
    ("log_prob", "dec_log_prob_by_length", "].mean(-1)\n", "].sum(-1) / idx.shape[1]\n"),
]  # fmt: skip
TRIAL = Trial(check, RIGHT, NAMES, {"torch": torch})
notebook, failure = TRIAL.notebook, TRIAL.failure


@pytest.mark.parametrize("item", NAMES)
def test_a_right_answer_passes_and_says_so_in_one_line(item, capsys):
    TRIAL.passes(item, capsys)


@pytest.mark.parametrize(
    ("item", "cause", "old", "new"), WRONG, ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG)]
)
def test_a_wrong_answer_is_told_its_cause(item, cause, old, new):
    TRIAL.told(item, cause, old, new)


def test_not_every_vocabulary_has_five_tokens():
    fixed = RIGHT.replace(ONE_HOT, "torch.nn.functional.one_hot(first, 5).float()")
    assert "V=3" in failure("probabilities", notebook(fixed)["probabilities"]).looked_at


@pytest.mark.parametrize("item", NAMES)
def test_not_attempted_is_told_apart(item):
    assert isinstance(failure(item, None), core.NotAttempted)
    source = "def answer(*a, **k):\n    raise NotImplementedError"
    error = failure(item, notebook(source)["answer"])
    assert isinstance(error, core.NotAttempted)
    assert str(error).startswith(f"{item}: not attempted yet")


@pytest.mark.parametrize("item", NAMES)
@pytest.mark.parametrize("value", [None, "text", 3.5, [1, 2], torch.ones(2, 2)])
def test_a_wrong_type_says_what_was_found(item, value):
    error = failure(item, notebook("def answer(*a, **k):\n    return value", value=value)["answer"])
    assert error.found and error.expected, str(error)


@pytest.mark.parametrize("item", ["choose", "generate"])
def test_a_composite_is_judged_alone(item, capsys):
    """With parts that are wrong, a right composite is right."""
    broken = "\n".join(
        f"def {name}(*a, **k):\n    raise RuntimeError" for name in stand_ins() if name != item
    )
    getattr(check, item)(notebook(RIGHT + broken)[NAMES[item]])
    assert capsys.readouterr().out == f"{item}: right.\n"


def test_checks_leave_the_notebook_as_it_was():
    space = notebook()
    torch.manual_seed(5)
    before, kept = dict(space), torch.random.get_rng_state()
    for item, name in NAMES.items():
        getattr(check, item)(space[name])
    assert space == before
    assert torch.random.get_rng_state().equal(kept)


def test_the_librarys_own_form_passes(capsys):
    """But for `probabilities`, which it has no need of."""
    for item in ("top_k", "top_p", "penalty", "choose", "generate"):
        getattr(check, item)(getattr(sample, NAMES[item]))
    check.distinct(measures.distinct_n)
    check.log_prob(measures.mean_log_prob)
    assert capsys.readouterr().out.count("right.") == 7


def test_the_stand_ins_are_the_librarys_functions():
    parts, idx = stand_ins(), torch.tensor([[0, 3, 3], [1, 2, 2]])
    for k in (1, 2, 4):
        assert parts["top_k_only"](SCORES, k).equal(sample.top_k_only(SCORES, k))
    for p in (0.3, 0.55, 0.85):
        assert parts["top_p_only"](SCORES, p).equal(sample.top_p_only(SCORES, p))
    found = parts["repetition_penalty"](SCORES, idx, 1.7)
    assert found.allclose(sample.repetition_penalty(SCORES, idx, 1.7))


def test_what_is_written_by_hand_in_the_lab():
    assert written([3, 2], 2, 3, eos_id=0) == [3, 2, 0, 0]
    assert written([1, 2], 5, 3) == [1, 2, 3, 1, 1, 0, 2]
    assert written([0, 2], 4, 3, eos_id=1) == [0, 2, 2, 4, 3, 4]
    assert written([0, 3], 4, 3, eos_id=1) == [0, 3, 3, 1, 1, 1]
    assert written([0, 0], 6, 3, penalty=2.0) == [0, 0, 1, 2, 3, 1, 1, 0]
    odds = Follows()(torch.tensor([[2]]))[0, 0].softmax(-1)
    assert odds.tolist() == pytest.approx([1 / 8, 1 / 16, 1 / 16, 1 / 2, 1 / 4])
