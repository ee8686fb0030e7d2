"""Why an answer of lab00 is wrong, one sentence a cause."""

from __future__ import annotations

_ANY_ITEM = {  # of tensors and lists: for every lab
    "arg_changed": "What the caller handed over was changed: leave it as it is, and return "
    "something new.",
    "dtype_changed": "The numbers are right, but their type (dtype) is another one: compare the "
    "two lines above.",
    "plain_list": "This is a Python list: return a tensor.",
    "axis_too_far": "There is no such axis: they count from 0, so the last of three is 2, or -1.",
}

_FIRST = {
    "avg_whole": "// throws the fraction away, and so does int: divide with /, and return that.",
    "avg_sum": "This is the sum: divide it by how many numbers there are.",
    "avg_fixed_count": "It divides by a fixed number: len(numbers) says how many there are.",
    "avg_one_less": "It divides by another number than there are: no + 1 and no - 1.",
    "avg_ends": "This is the middle between the smallest and the largest: add up all of them.",
    "avg_median": "This is the number in the middle: add all of them up, and divide.",
    "avg_rounded": "The result was rounded: return it as it is.",
}

_MEMORY = {
    "stride_swapped": "The two are swapped: the table itself has the long step first, since one "
    "row down is a whole row further.",
    "stride_is_shape": "These are shapes: a stride says how many cells one step costs.",
    "stride_same": "Both are the same: the transpose reads the same strip with its axes exchanged.",
    "stride_rows": "One row down costs as many cells as a row is long: count the columns, not the "
    "rows.",
    "stride_new_table": "The second is the stride of a new table of 4 by 3: the transpose reads "
    "the old strip, with the old steps.",
    "stride_one_less": "Off by one: from a number to the one below it, count the steps, not what "
    "lies between.",
    "cell_index_sum": "The stride was not used: a step along an axis costs as many cells as the "
    "stride says.",
    "cell_added": "Index and stride were added: so many steps, each so many cells, is a product.",
    "cell_two_axes": "Only the first two axes count here: go over all of them.",
    "cell_last_forgotten": "The last axis is missing: its steps count, too.",
    "cell_last_only": "Each product took the place of the one before: they add up (+=).",
    "cell_all_pairs": "Every index met every stride: each belongs to its own axis, in pairs.",
    "cell_tuples": "Two tuples cannot be multiplied: multiply their numbers, pair by pair.",
    "cell_from_one": "The cells are counted from one: index (0, 0) is cell 0.",
    "cell_multiplied": "The products were multiplied: the ways along the axes add up.",
    "cell_backwards": "The strides were taken in the wrong order: the first belongs to the first "
    "axis.",
    "cell_sorted": "The strides were sorted: each belongs to its axis, and in a transposed tensor "
    "a small one may come first.",
    "rowsof_columns": "n_rows became the number of columns: it is the first of the two sizes.",
    "rowsof_dealt": "The numbers were dealt out like cards: a row is a piece of the list, in its "
    "order.",
    "rowsof_fixed": "The number of rows is fixed: use the argument n_rows.",
    "rowsof_copied": "The numbers were copied: a view of flat shares its strip.",
    "rowsof_global": "Another tensor was cut, one that the notebook happens to hold: use the "
    "argument flat.",
    "rowsof_pieces": "These are pieces, each by itself: it is one tensor with two axes.",
    "size_fraction": "A size is a whole number: / gives a fraction, // does not.",
    "view_not_kept": "The tensor itself came back unchanged: view and transpose do not change it, "
    "they return a new one.",
    "swap_by_view": "view or reshape broke the rows in other places: the shape is right, but the "
    "order is the old one. Two axes have to be exchanged.",
    "swap_first_two": "The first two axes were exchanged: the sheets stay, and it is the last two "
    "that change places.",
    "swap_outer": "The first and the last axis were exchanged: the sheets stay where they are.",
    "swap_one_sheet": "Only one sheet was turned: all of them are.",
    "tfirst_sheets_first": "The rows of sheet 0 come first, all of them: bring the axis of time to "
    "the front before you join the two.",
    "tfirst_not_in_order": "view cannot join what is not in order in memory, and after transpose "
    "it is not: .contiguous() comes in between, or use .reshape.",
    "tfirst_fixed": "A size is fixed, or stands for another one: it is T * B rows and C columns, "
    "all three taken from x.",
    "tfirst_columns": "The columns were torn apart: only the axes of sheets and of time change "
    "places.",
    "tfirst_three_axes": "There are still three axes: the first two become one.",
    "tfirst_one_sheet": "Only one sheet is there: all of them go into the table.",
    "tfirst_one_row": "Everything stands in one row: keep the columns, C of them.",
}

_HEADS = {
    "splith_leap": "It leapt there in one view: a head then has pieces of one row as if they were "
    "several. Cut the last axis first, then exchange two axes.",
    "splith_dealt": "The columns were dealt out like cards: the first head gets the first ones, "
    "side by side.",
    "splith_not_swapped": "The axis of the heads stands behind time: exchange the two.",
    "splith_sizes_swapped": "Head size and number of heads are swapped: cut C into n_head pieces.",
    "splith_swapped_first": "The axes were exchanged before the cut: cut the last axis first, "
    "then exchange two axes.",
    "splith_last_two": "Heads and head size were exchanged: it is heads and time that change "
    "places.",
    "splith_heads_first": "The heads stand before the sheets: B comes first, then the heads.",
    "splith_time_first": "Time came to the front: B stays first, and heads and time change places.",
    "sheets_mixed": "Numbers of one sheet ended up in another: B is the first axis before and "
    "after, and stays there.",
    "splith_fixed": "The number of heads is fixed: use the argument n_head.",
    "splith_list": "These are pieces, each by itself: it is one tensor with four axes.",
    "mergeh_leap": "It leapt there in one view: the axes stood as heads, time. Bring time before "
    "the heads first.",
    "mergeh_not_in_order": "view cannot join what is not in order in memory, and after transpose "
    "it is not: .contiguous() comes in between, or use .reshape.",
    "mergeh_dealt": "The columns of the heads alternate: all of head 0 come first.",
    "mergeh_not_swapped": "The axes were not exchanged: x comes as B, heads, T, head size, and "
    "time has to stand before the heads.",
    "mergeh_names": "The sizes have each other's names: x comes as B, heads, T, head size.",
    "mergeh_wrong_two": "Time and head size were exchanged: it is heads and time that change "
    "places.",
    "mergeh_summed": "The heads were added up: they stand side by side.",
    "mergeh_time": "The heads were joined along time: it is the columns that stand side by side.",
    "mergeh_four_axes": "There are still four axes: heads and head size become one.",
    "mergeh_first": "Only one head is left: all of them stand side by side.",
    "thirds_of_size_three": "split takes the size of a piece, not how many there are.",
    "thirds_wrong_axis": "The cut went along another axis: the thirds lie in the last one.",
    "thirds_whole": "One piece: the size of a piece is here the whole row. Divide by 3 first.",
    "thirds_too_few": "There is only one piece: how long is a third? And the cut goes along the "
    "last axis, dim=-1.",
    "thirds_one_tensor": "This is one tensor with one more axis: three tensors are wanted.",
    "thirds_dealt": "Every third number was taken: the first third of a row is its beginning.",
    "thirds_order": "The three are in another order: query, key, value, as they stand in the row.",
    "thirds_view": "view tore the rows apart: the first third of *each* row is the query.",
    "thirds_fixed": "The size of a piece is fixed: it depends on x.",
    "beside_time": "The heads were joined along time: rows stay rows, the columns become more.",
    "beside_sheets": "The heads were joined along the sheets: the columns become more.",
    "beside_new_axis": "stack makes a new axis: cat makes an old one longer.",
    "beside_dealt": "The columns of the heads alternate: all of the first head come first.",
    "beside_summed": "The heads were added up: they stand side by side.",
    "beside_two": "Only two of the heads are there: take the whole list.",
    "beside_uneven": "The heads were taken to be equally wide: each may have its own number of "
    "columns.",
    "beside_one_sheet": "Only one sheet is there: all of them are wanted.",
    "beside_no_list": "cat takes the tensors as one list, and then the axis.",
    "beside_backwards": "The heads stand in the wrong order: the first comes first.",
}

_STRETCHED = {
    "posadd_not_cut": "pos has more rows than there are places: use only the first T.",
    "posadd_by_sheet": "A whole sheet got one vector: it is each row that gets that of its place.",
    "posadd_first": "All rows got the vector of place 0: row t gets row t of pos.",
    "posadd_last": "The last rows of pos were used: place 0 is the first.",
    "posadd_cut_by_sheets": "pos was cut to the number of sheets: T is the middle size of tok.",
    "posadd_cut_by_columns": "pos was cut to the number of columns: T is the middle size of tok.",
    "posadd_fixed": "How much of pos is used is fixed: T, the middle size of tok, says how many "
    "rows.",
    "posadd_one_row": "This is one row, that of place T: a slice (mind the colon) takes all rows "
    "before it.",
    "posadd_one_less": "Off by one: pos[:n] has n rows, 0 to n - 1, and T of them are needed.",
    "posadd_in_place": "The caller's tok was changed in place: make a new tensor, with +.",
    "posadd_times": "The two were multiplied: the vector is added.",
    "posadd_missing": "No positions were added.",
    "posadd_numbers": "The number of the place was added: it is the vector that pos has for it.",
    "centre_lying": "The means lost their axis (no keepdim=True) and lie down as a row, so column "
    "j lost the mean of row j.",
    "centre_columns": "Each column lost its own mean: dim names the axis that goes away, and it "
    "is the columns, dim=1.",
    "centre_all": "All rows lost one mean, that of the whole table: each has its own.",
    "centre_in_place": "The caller's x was changed in place: make a new tensor.",
    "centre_sign": "The sign is wrong: the mean is taken away from x.",
    "centre_divided": "The rows were divided by something, too: only subtract.",
    "centre_rounded": "The means were rounded: a mean may have a fraction.",
    "centre_fixed_count": "It divides by a fixed number: a row has as many numbers as x has "
    "columns.",
    "centre_by_rows": "It divides by how many rows there are: it is how many numbers a row has.",
    "centre_ratio": "x was divided by its means: they are taken away from it.",
    "centre_means_only": "These are the means: take each away from its row.",
    "centre_sum": "The sum was subtracted: it is the mean.",
    "triangle_upper": "The triangle is the upper one: row t would look at the future.",
    "triangle_no_diagonal": "The diagonal is missing: a row may look at itself.",
    "triangle_one_more": "There is a diagonal too many: row t would look at row t + 1.",
    "triangle_diagonal": "Only the diagonal is left: row t may look at all rows before it, too.",
    "triangle_nothing": "Everything is False: tril keeps what is there, so begin with True.",
    "triangle_hidden": "True and False are exchanged: True is where row t may look.",
    "triangle_numbers": "These are numbers: the mask is of the type bool.",
    "triangle_all": "Everything is True: row t may not look at what comes after it.",
    "triangle_fixed": "The size is fixed: it is T by T.",
}

_SOFTMAX = {
    "max_is_a_pair": "max with an axis gives two things, the largest and where they are: take "
    ".values, or use amax.",
    "soft_overflow": "exp of a large score is infinite: take the largest score out first.",
    "soft_whole_largest": "The largest of the whole tensor was subtracted: a row far below it "
    "becomes 0/0. Each row has its own largest.",
    "soft_last_axis": "The axis is fixed: use the argument dim.",
    "soft_no_keepdim": "The sums or the largest lost their axis (no keepdim=True), so rows and "
    "columns are mixed up.",
    "soft_no_exp": "The scores themselves were divided by their sum: exp comes first.",
    "soft_whole_sum": "The whole tensor sums to 1: it is each row along dim.",
    "soft_in_place": "The caller's scores were changed in place: make a new tensor.",
    "soft_cut_off": "Large scores were cut off: then they all count the same. Subtract the "
    "largest.",
    "soft_base_two": "The powers are of 2: exp takes those of e.",
    "soft_log": "These are the logarithms of the probabilities.",
    "soft_mean_out": "The mean was subtracted: a score far above it still overflows. Subtract the "
    "largest.",
    "soft_by_size": "The largest without its sign was subtracted: far below zero all of e to the "
    "power of it is 0. amax of x itself.",
    "soft_other_axis": "It sums to 1 along another axis than dim.",
    "soft_not_divided": "These do not sum to 1: divide the powers by their sum.",
    "soft_sum_of_scores": "The powers were divided by the sum of the scores: it is the sum of the "
    "powers.",
    "soft_sign": "The sign is wrong: subtract the largest from x, not x from the largest.",
    "soft_fixed_number": "A fixed number was subtracted: all powers became 0. Take the largest "
    "of the scores at hand.",
    "soft_least_out": "The smallest was subtracted: a score far above it still overflows. "
    "Subtract the largest.",
    "soft_place": "argmax says where the largest is, amax how large it is: subtract that.",
}

_SURPRISE = {
    "xent_overflow": "exp of a large score is infinite: take the largest of the row out first.",
    "xent_log_of_zero": "The logarithm of a softmax was taken: a small probability is stored as 0, "
    "and its logarithm is infinite. Use log-sum-exp.",
    "xent_summed": "This is the sum of the surprises: take their mean.",
    "xent_sign": "The sign is wrong: a surprise is never negative.",
    "xent_log2": "The logarithm has base 2: take the natural one.",
    "xent_softmax_first": "The scores were made probabilities first, and then treated as scores.",
    "xent_all_pairs": "Every row was paired with every target: one pair of brackets, with two "
    "lists of places, picks one number a row.",
    "xent_rows_last": "The targets picked rows: they are columns. In the brackets the rows come "
    "first, then the targets.",
    "xent_fixed_rows": "As many rows as targets are needed, 0, 1, 2, ...: len(targets) says how "
    "many.",
    "xent_one_less": "1 was subtracted from the targets: columns count from 0, as targets do.",
    "xent_gather_flat": "gather wants the targets as a column, (N, 1).",
    "xent_no_keepdim": "The largest lost their axis (no keepdim=True): (N, V) minus (N,) lines up "
    "flush right, with the columns.",
    "xent_whole_largest": "The largest of the whole table was taken out: in a row far below it all "
    "powers are 0, and the logarithm is -inf. Each row has its own largest.",
    "xent_whole_sum": "The sum went over the whole table: each row has its own, dim=1.",
    "xent_log_before_sum": "The logarithm came before the sum, and just undoes exp: sum first.",
    "xent_all_columns": "All characters were averaged: only the probability of the target counts.",
    "xent_no_log": "This is the mean probability: the surprise is minus its logarithm.",
    "xent_padded": "Something was added to a small probability, or it was cut off: that hides how "
    "small it is. Use log-sum-exp.",
    "xent_detached": "The gradient was cut off on the way (detach, no_grad, item, torch.tensor): "
    "learning needs it.",
    "xent_likeliest": "The likeliest character was judged: it is the target, likely or not.",
    "xent_score_only": "The log-sum-exp is missing: minus a score is no surprise.",
    "xent_target_missing": "The scores of the targets were not subtracted.",
    "xent_log_of_mean": "This is the logarithm of a mean: first the logarithms, then their mean.",
    "xent_number": "This is a plain number: return the tensor, since learning needs its gradient.",
    "xent_columns": "Softmax and sums went along the questions: the characters of a row compete, "
    "dim=1.",
    "xent_top_lost": "The largest score was taken out and not added again.",
    "xent_not_averaged": "This is one surprise for each row: take their mean.",
    "xent_power": "This is e to the power of the loss: return the loss itself.",
    "xent_first_column": "The targets were not used: the right column is another one in each row.",
}

CAUSES = _ANY_ITEM | _FIRST | _MEMORY | _HEADS | _STRETCHED | _SOFTMAX | _SURPRISE
