"""What students write in lab00_start: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab00_start.py; its sentence stands under its
id in gptlab/checks/causes/. The right answers stand in lab00_start_right.py, the wrong ones
in lab00_start_wrong.py and lab00_start_scores.py, the lazy ones in lab00_start_lazy.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab00_start_lazy import LAZY
from autograder.mistakes.lab00_start_right import RIGHT
from autograder.mistakes.lab00_start_wrong import WRONG

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Numbers in the list of known bugs -> ids.
BUGS = {
    7: ("swap_view", "tfirst_sheets_first", "tfirst_columns"),
    8: ("xent_softmax_first",),
    9: ("xent_summed",),
    15: ("triangle_upper",),
    16: ("triangle_no_diagonal",),
    17: ("soft_last_axis", "soft_other_axis", "xent_columns"),
    32: ("splith_sizes_swapped",),
    33: ("mergeh_summed", "beside_summed"),
    34: ("splith_leap", "splith_leap_reshape"),
    35: ("tfirst_not_in_order", "mergeh_not_in_order"),
    36: ("mergeh_leap",),
    38: ("thirds_order", "thirds_dealt", "thirds_view"),
    55: ("posadd_missing", "posadd_first"),
}

# Two ways to the same numbers, or to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "avg_int": "avg_whole",
    "avg_emptied": "arg_changed",
    "avg_printed": "printed",
    "rowsof_not_kept": "view_not_kept",
    "swap_not_kept": "view_not_kept",
    "swap_view": "swap_by_view",
    "swap_reshape": "swap_by_view",
    "splith_leap_reshape": "splith_leap",
    "soft_largest_lying": "soft_no_keepdim",
    "thirds_first_axis": "thirds_wrong_axis",
    "splith_fraction": "size_fraction",
    "thirds_fraction": "size_fraction",
    "soft_max_pair": "max_is_a_pair",
    "rowsof_list": "plain_list",
    "rowsof_resized": "arg_changed",
    "swap_in_place": "arg_changed",
    "tfirst_in_place": "arg_changed",
    "tfirst_fixed_columns": "tfirst_fixed",
    "tfirst_another_size": "tfirst_fixed",
    "splith_swapped_reshape": "splith_swapped_first",
    "splith_sheets_mixed": "sheets_mixed",
    "splith_in_place": "arg_changed",
    "mergeh_sheets_mixed": "sheets_mixed",
    "mergeh_in_place": "arg_changed",
    "posadd_cut_by_larger": "posadd_cut_by_sheets",
    "posadd_fixed_columns": "posadd_fixed",
    "posadd_all_but_one": "posadd_fixed",
    "posadd_resized": "arg_changed",
    "centre_whole": "centre_rounded",
    "beside_stacked": "beside_uneven",
    "beside_emptied": "arg_changed",
    "soft_zero_or_one": "soft_last_axis",
    "soft_one_or_zero": "soft_last_axis",
    "soft_both_lying": "soft_no_keepdim",
    "soft_exp_forgotten": "soft_no_exp",
    "xent_whole_rows": "xent_rows_last",
    "xent_in_place": "arg_changed",
    "xent_cut_off": "xent_padded",
    "triangle_list": "plain_list",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {  # plain numbers, a shared strip, heads, infinities, a gradient
    "avg_whole",
    "rowsof_copied",
    "splith_leap",
    "soft_whole_largest",
    "xent_number",
}

MISTAKES = catalogue.mistakes(WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS)
