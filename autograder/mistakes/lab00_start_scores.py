"""Wrong answers of lab00_start to softmax, cross_entropy and causal_mask."""

from __future__ import annotations

# Lines of the solution that mistakes replace.
_E = "e = (x - x.amax(dim=dim, keepdim=True)).exp()"
_SOFT = "return e / e.sum(dim=dim, keepdim=True)"
_TOP = "top = logits.amax(dim=1, keepdim=True)"
_LOG_SUM = "log_sum = top.squeeze(1) + (logits - top).exp().sum(dim=1).log()"
_CHOSEN = "chosen = logits[torch.arange(len(targets)), targets]"
_LOSS = "return (log_sum - chosen).mean()"
_MASK = "return torch.ones(T, T, dtype=torch.bool).tril()"
_ALL = f"{_TOP}\n    {_LOG_SUM}\n    {_CHOSEN}\n    {_LOSS}"
_PICK = "[torch.arange(len(targets)), targets]"

# item -> id -> (what the solution says, what the student says)
SCORES: dict[str, dict[str, tuple[str, str]]] = {
    "softmax": {
        "soft_overflow": (_E, "e = x.exp()"),
        "soft_whole_largest": (_E, "e = (x - x.max()).exp()"),
        "soft_last_axis": (
            f"{_E}\n    {_SOFT}",
            "e = (x - x.amax(dim=-1, keepdim=True)).exp()\n    return e / e.sum(dim=-1, keepdim=True)",
        ),
        "soft_other_axis": (_E, f"dim = x.dim() - 1 - dim % x.dim()\n    {_E}"),
        "soft_zero_or_one": (_E, f"dim = 0 if dim == 0 else 1\n    {_E}"),
        "soft_one_or_zero": (_E, f"dim = 1 if dim == 1 else 0\n    {_E}"),
        "soft_both_lying": (
            f"{_E}\n    {_SOFT}",
            "e = (x - x.amax(dim=dim)).exp()\n    return e / e.sum(dim=dim)",
        ),
        "soft_not_divided": (_SOFT, "return e"),
        "soft_sum_of_scores": (_SOFT, "return e / x.sum(dim=dim, keepdim=True)"),
        "soft_sign": (_E, "e = (x.amax(dim=dim, keepdim=True) - x).exp()"),
        "soft_fixed_number": (_E, "e = (x - 1000).exp()"),
        "soft_least_out": (_E, "e = (x - x.amin(dim=dim, keepdim=True)).exp()"),
        "soft_place": (_E, "e = (x - x.argmax(dim=dim, keepdim=True)).exp()"),
        "soft_exp_forgotten": (_E, "e = x - x.amax(dim=dim, keepdim=True)"),
        "soft_no_keepdim": (_SOFT, "return e / e.sum(dim=dim)"),
        "soft_largest_lying": (_E, "e = (x - x.amax(dim=dim)).exp()"),
        "soft_max_pair": (_E, "e = (x - x.max(dim=dim, keepdim=True)).exp()"),
        "soft_no_exp": (f"{_E}\n    {_SOFT}", "return x / x.sum(dim=dim, keepdim=True)"),
        "soft_whole_sum": (_SOFT, "return e / e.sum()"),
        "soft_in_place": (_E, "x -= x.amax(dim=dim, keepdim=True)\n    e = x.exp()"),
        "soft_cut_off": (_E, "e = x.clamp(max=80).exp()"),
        "soft_base_two": (_E, "e = 2 ** (x - x.amax(dim=dim, keepdim=True))"),
        "soft_log": (_SOFT, "return (e / e.sum(dim=dim, keepdim=True)).log()"),
        "soft_mean_out": (_E, "e = (x - x.mean(dim=dim, keepdim=True)).exp()"),
        "soft_by_size": (_E, "e = (x - x.abs().amax(dim=dim, keepdim=True)).exp()"),
    },
    "cross_entropy": {
        "xent_overflow": (_LOG_SUM, "log_sum = logits.exp().sum(dim=1).log()"),
        "xent_log_of_zero": (
            _ALL,
            f"p = softmax(logits, 1){_PICK}\n    return -p.log().mean()",
        ),
        "xent_summed": (_LOSS, "return (log_sum - chosen).sum()"),
        "xent_sign": (_LOSS, "return (chosen - log_sum).mean()"),
        "xent_log2": (_LOSS, "return (log_sum - chosen).mean() / math.log(2)"),
        "xent_softmax_first": (_TOP, f"logits = softmax(logits, 1)\n    {_TOP}"),
        "xent_all_pairs": (_LOSS, "return (log_sum - logits[:, targets]).mean()"),
        "xent_rows_last": (_CHOSEN, "chosen = logits[targets, torch.arange(len(targets))]"),
        "xent_whole_rows": (_CHOSEN, "chosen = logits[targets]"),
        "xent_fixed_rows": (_CHOSEN, "chosen = logits[torch.arange(2), targets]"),
        "xent_one_less": (_CHOSEN, "chosen = logits[torch.arange(len(targets)), targets - 1]"),
        "xent_no_keepdim": (
            f"{_TOP}\n    {_LOG_SUM}",
            "top = logits.amax(dim=1)\n    log_sum = top + (logits - top).exp().sum(dim=1).log()",
        ),
        "xent_whole_largest": (
            f"{_TOP}\n    {_LOG_SUM}",
            "top = logits.max()\n    log_sum = top + (logits - top).exp().sum(dim=1).log()",
        ),
        "xent_whole_sum": (_LOG_SUM, "log_sum = top.squeeze(1) + (logits - top).exp().sum().log()"),
        "xent_log_before_sum": (
            _LOG_SUM,
            "log_sum = top.squeeze(1) + (logits - top).exp().log().sum(dim=1)",
        ),
        "xent_in_place": (
            f"{_TOP}\n    {_LOG_SUM}",
            "logits -= logits.amax(dim=1, keepdim=True)\n    log_sum = logits.exp().sum(dim=1).log()",
        ),
        "xent_detached": (_LOSS, "return (log_sum - chosen).detach().mean()"),
        "xent_all_columns": (_ALL, "return -softmax(logits, 1).log().mean()"),
        "xent_no_log": (_ALL, f"return -softmax(logits, 1){_PICK}.mean()"),
        "xent_padded": (
            _ALL,
            f"p = softmax(logits, 1){_PICK}\n    return -(p + 1e-9).log().mean()",
        ),
        "xent_cut_off": (
            _ALL,
            f"p = softmax(logits, 1){_PICK}\n    return -p.clamp(1e-30).log().mean()",
        ),
        "xent_likeliest": (_CHOSEN, "chosen = logits.amax(dim=1)"),
        "xent_score_only": (_LOSS, "return -chosen.mean()"),
        "xent_target_missing": (_LOSS, "return log_sum.mean()"),
        "xent_log_of_mean": (_LOSS, "return -(chosen - log_sum).exp().mean().log()"),
        "xent_number": (_LOSS, "return (log_sum - chosen).mean().item()"),
        "xent_columns": (
            f"{_TOP}\n    {_LOG_SUM}",
            "log_sum = logits.logsumexp(dim=0)[targets]",
        ),
        "xent_top_lost": (_LOG_SUM, "log_sum = (logits - top).exp().sum(dim=1).log()"),
        "xent_not_averaged": (_LOSS, "return log_sum - chosen"),
        "xent_power": (_LOSS, "return (log_sum - chosen).mean().exp()"),
        "xent_first_column": (_CHOSEN, "chosen = logits[:, 0]"),
    },
    "causal_mask": {
        "triangle_upper": (_MASK, "return torch.ones(T, T, dtype=torch.bool).triu()"),
        "triangle_no_diagonal": (_MASK, "return torch.ones(T, T, dtype=torch.bool).tril(-1)"),
        "triangle_one_more": (_MASK, "return torch.ones(T, T, dtype=torch.bool).tril(1)"),
        "triangle_list": (_MASK, "return [[s <= t for s in range(T)] for t in range(T)]"),
        "triangle_hidden": (_MASK, "return torch.ones(T, T, dtype=torch.bool).triu(1)"),
        "triangle_numbers": (_MASK, "return torch.ones(T, T).tril()"),
        "triangle_all": (_MASK, "return torch.ones(T, T, dtype=torch.bool)"),
        "triangle_fixed": (_MASK, "return torch.ones(3, 3, dtype=torch.bool).tril()"),
    },
}
