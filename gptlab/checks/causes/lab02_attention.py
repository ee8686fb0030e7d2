"""Why an answer of lab02 is wrong, one sentence a cause."""

from __future__ import annotations

_MEANS = {
    "xbow_loop_without_itself": "Row t itself is missing: x[b, :t] stops before it, and for t = "
    "0 nothing is left to take a mean of.",
    "xbow_loop_all_of_it": "Every row got the mean of the whole sequence: row t may only use "
    "what stands up to t.",
    "xbow_loop_over_channels": "The mean was taken over the channels: it goes over the rows, and "
    "each channel keeps its own.",
    "xbow_loop_sum": "This is a sum: the mean of t + 1 rows is asked for.",
    "xbow_loop_by_T": "Every sum was divided by T: only t + 1 rows went into row t.",
    "xbow_loop_in_place": "x itself was overwritten, so later means were taken of means: write "
    "to xbow and leave x as it is.",
    "xbow_loop_sizes_fixed": "The number of sequences or rows is fixed: read B and T from x.",
    "xbow_matmul_no_tril": "All weights are equal, so every row sees the future: only the lower "
    "triangle may have weights.",
    "xbow_matmul_triu": "The triangle is upside down: row t of the table weighs rows 0 to t of "
    "x, so the weights stand on and below the diagonal.",
    "xbow_matmul_no_diagonal": "The diagonal is empty: a token must see itself. The first row "
    "has nothing to divide then, and becomes NaN.",
    "xbow_matmul_sum": "The rows of the table do not sum to 1: these are running sums, not means.",
    "xbow_matmul_by_T": "Every row was divided by T: row t has t + 1 ones in it.",
    "xbow_matmul_no_keepdim": "The row sums lost their axis (no keepdim=True), so column s was "
    "divided by the sum of row s.",
    "xbow_matmul_columns": "The columns sum to 1: it is each row that shares out one whole.",
    "xbow_matmul_softmax": "A softmax of ones and zeros gives the zeros a weight too, since "
    "exp(0) is 1: divide by the row sums.",
    "xbow_softmax_filled_with_0": "The mask wrote 0, and exp(0) is 1, so the future counts as "
    "much as the past: only exp(-inf) is 0.",
    "xbow_softmax_minus_10": "The mask wrote a small number: exp(-10) is not 0, so a little of "
    "the future comes through.",
    "xbow_softmax_inverted": "The mask hides the past and shows the future: -inf belongs where "
    "tril is 0.",
    "xbow_softmax_0_times_inf": "0 times -inf is not 0 but NaN: write -inf where it belongs in "
    "place of multiplying by it.",
    "xbow_softmax_of_tril": "The softmax was taken of tril itself: a 0 there is a score like any "
    "other, so the future gets a share.",
    "xbow_softmax_no_diagonal": "The diagonal is hidden too: a token must see itself. A row of "
    "nothing but -inf becomes NaN.",
    "xbow_softmax_dim_0": "The softmax goes down the columns: each row has to sum to 1.",
    "xbow_softmax_mask_after": "The future was crossed out after the softmax, so the rows no "
    "longer sum to 1: mask first.",
}

_SCORES = {
    "raw_no_transpose": "The keys are not transposed: (T, head_size) times (T, head_size) is no "
    "table of tokens by tokens.",
    "raw_all_axes_reversed": ".T turns all three axes around, the batch as well: exchange only "
    "the last two.",
    "raw_view": "view and reshape only cut the same row of numbers anew: to exchange two axes "
    "takes transpose.",
    "raw_swapped": "The table is transposed: rows are the queries, columns are the keys.",
    "raw_over_time": "The sum goes over time: a score is a sum over head_size, of one query and "
    "one key.",
    "raw_own_key_only": "Each query met only its own key: it is to meet all of them.",
    "raw_scaled_already": "The scale is in here already: raw scores are plain dot products, the "
    "next step divides.",
    "scale_missing": "The scores are not scaled: their variance still grows with head_size.",
    "scale_by_size": "The scores were divided by head_size: it is its square root that keeps the "
    "variance at 1.",
    "scale_multiplied": "The scores were multiplied by the root of head_size: divide, which is "
    "the power -0.5.",
    "scale_by_T": "The scale was made of the number of tokens: it depends on head_size, the last "
    "axis of q.",
    "scale_fixed": "The head size is fixed: read it from the last axis of q.",
    "scale_by_std": "The scores were divided by their own spread, so all sequences of the batch "
    "change each other: the divisor depends on head_size alone.",
    "scale_in_place": "The caller's q was changed: q *= … works in place, so make a new tensor.",
    "scale_q_and_k_swapped": "q and k are exchanged, so the table is transposed.",
    "mask_triu": "The past is hidden and the future shown: row t may see columns 0 to t, the "
    "lower triangle.",
    "mask_no_diagonal": "The diagonal is hidden too: a token must be able to see itself, or the "
    "first one sees nothing.",
    "mask_inverted": "The mask is the wrong way round: masked_fill writes where its mask is "
    "True, so that has to be the future.",
    "mask_with_0": "The future got a score of 0, and exp(0) is 1: it would outweigh every "
    "negative score. Only -inf leaves nothing.",
    "mask_minus_10": "-10 is a score like any other: exp(-10) is not 0, and a score of 12 or -12 "
    "is not rare. Only -inf leaves nothing.",
    "mask_minus_10000": "A large negative number is still a number: where the visible scores lie "
    "below it, the future wins. Only -inf leaves nothing.",
    "mask_0_times_inf": "0 times -inf is NaN, and it spoils the visible scores: write -inf only "
    "where the future is.",
    "mask_where_zero": "Scores that are 0 by chance were hidden too: decide by the place, not by "
    "the value.",
    "mask_in_place": "The caller's scores were changed: the name with an underscore works in "
    "place, the one without makes a new tensor.",
    "mask_not_assigned": "Nothing was hidden: masked_fill makes a new tensor, and this one was "
    "thrown away.",
    "mask_size_fixed": "The size of the mask is fixed: read T from the scores.",
}

_WEIGHTS = {
    "weights_over_queries": "The columns sum to 1: the softmax goes over the keys, the last axis.",
    "weights_mask_after": "The mask came after the softmax, so weights became -inf: scale, mask, "
    "and only then the softmax.",
    "weights_zeroed_after": "The future was zeroed after the softmax, so the rows no longer sum "
    "to 1: hide it before.",
    "weights_no_mask": "The future is not hidden: the causal mask is missing.",
    "weights_no_scale": "The raw scores were used: the scaled ones belong here.",
    "weights_no_softmax": "These are masked scores, not shares: the softmax is missing.",
    "weights_q_and_k_swapped": "q and k are exchanged: the query of t asks, the keys of the "
    "others answer.",
    "paper_plain_mean": "This is the plain mean of the three values: the scores are not equal.",
    "paper_scores_as_weights": "The scores themselves were shared out, or e to the power of 2 ln 3 "
    "was taken for 2 · 3: it is 3 · 3.",
    "paper_mix_of_x": "x was mixed: what is mixed are the values, x times W_value.",
    "paper_not_divided": "The exponentials were not divided by their sum: weights sum to 1.",
    "paper_own_value": "This is the value of token 2 alone: it also takes from tokens 0 and 1.",
    "attend_transposed": "The table of weights was transposed: row t holds what token t takes.",
    "attend_mixes_keys": "The keys were mixed: weights times v.",
    "attend_scores": "Scores were used as weights: they first have to become shares that sum to 1.",
    "attend_no_mask": "The future has a share in it: the causal mask is missing.",
    "attend_softmax_twice": "The softmax was taken twice: the weights are shares already, and a "
    "second one flattens them and lets the future in.",
    "attend_q_and_k_swapped": "q and k are exchanged: attention_weights takes the queries first.",
}

_HEAD = {
    "head_bias": "The layers have a bias: key, query and value are only matrices, bias=False.",
    "head_size_ignored": "The layers give n_embd numbers: they go from n_embd to head_size.",
    "head_query_is_key": "Query and key come from the same layer: then a token can only look for "
    "what it is itself.",
    "head_q_and_k_swapped": "Query and key are exchanged: row t of the scores belongs to the "
    "query of t.",
    "head_tril_plain": "tril is a plain attribute: as a buffer it moves to the GPU with the "
    "model and is saved with it.",
    "head_tril_parameter": "tril is a parameter, so training would change the mask: it is a "
    "buffer.",
    "head_dropout_fixed": "The share of dropout is fixed: use the setting dropout.",
    "head_no_transpose": "The keys are not transposed: exchange their last two axes.",
    "head_no_scale": "The scores are not scaled: divide by the root of head_size.",
    "head_scaled_by_n_embd": "The scale was made of n_embd: the sum goes over head_size numbers, "
    "so it is the root of head_size. A famous lecture has this slip, and it is silent.",
    "head_scaled_by_size": "The scores were divided by head_size: it is its square root.",
    "head_scale_multiplied": "The scores were multiplied by the root of head_size: divide by it.",
    "head_no_mask": "The head sees the future: the mask is missing.",
    "head_mask_not_cut": "The mask is as large as block_size, the scores are (T, T): cut it to "
    "the first T rows and columns.",
    "head_mask_cut_for_good": "The buffer itself was cut, so after a short text a longer one no "
    "longer fits: cut a piece for this call only.",
    "head_mask_with_0": "The mask wrote 0 in place of -inf: the future keeps a share.",
    "head_mask_minus_10": "The mask wrote -10 in place of -inf: the future keeps a small share, "
    "and a large one where scores are low.",
    "head_mask_minus_10000": "The mask wrote a large negative number in place of -inf: where the "
    "visible scores lie below it, the head sees only the future.",
    "head_mask_after": "The mask came after the softmax, so the weights no longer sum to 1.",
    "head_softmax_over_queries": "The softmax goes over the queries: the keys, the last axis, "
    "share one whole.",
    "head_no_dropout": "The layer dropout is made and never used: it belongs on the weights.",
    "head_dropout_on_scores": "Dropout fell on the scores: a score of 0 is not a weight of 0. It "
    "belongs after the softmax.",
    "head_dropout_on_output": "Dropout fell on the output: it belongs on the weights, before "
    "they meet the values.",
    "head_dropout_in_eval": "Dropout is still at work after eval(): F.dropout does not know of "
    "it, the layer self.dropout does.",
    "head_values_from_x": "x itself was mixed: the weights meet value(x), of head_size numbers.",
}

_MODEL = {
    "model_no_positions": "The positions are missing: without them a head cannot tell 'ab' from "
    "'ba'.",
    "model_positions_constant": "Every place got the same row of the position table: place t has "
    "row t.",
    "model_positions_from_1": "The positions start at 1: the first is 0, and the last row of the "
    "table is block_size - 1.",
    "model_positions_of_block_size": "There are block_size positions, whatever the length of the "
    "text: it needs one for each of its T tokens.",
    "model_positions_on_the_cpu": "The positions were made on the CPU: on a GPU they have to be "
    "on the device of idx.",
    "model_positions_are_ids": "The position table was asked for the ids: its rows belong to "
    "places 0, 1, 2 and so on.",
    "model_positions_after_head": "The positions were added after the head, which then cannot "
    "use them: add them to the token embeddings first.",
    "model_no_head": "The head is not used: then every token sees only itself.",
    "model_residual": "The input was added to what the head gives: this model has no such "
    "shortcut yet.",
    "model_softmax": "These are probabilities: the model gives logits, cross_entropy does the "
    "softmax itself.",
    "model_no_lm_head": "The last layer is missing: lm_head turns n_embd numbers into one score "
    "for each letter.",
    "crop_first": "These are the first tokens: to go on with a text takes its last ones.",
    "crop_nothing": "Nothing was cut off: beyond block_size there is no position left.",
    "crop_rows": "Sequences of the batch were cut off: time is the second axis.",
    "crop_last_lost": "The newest token is lost: a slice that ends at -1 stops before it.",
    "crop_one_less": "One token too few: block_size of them fit.",
    "crop_negative_start": "A text shorter than block_size lost tokens: T - block_size is "
    "negative there, and a negative start counts from the end.",
    "crop_fixed": "The length is fixed: use block_size.",
    "whole_values_from_x": "x itself was mixed: the values are x times W_value.",
    "whole_q_and_k_swapped": "W_query and W_key are exchanged.",
    "whole_one_matrix": "Queries and keys came from the same matrix: each has its own.",
    "whole_scaled_by_width": "The scale was made of C, the width of x: it is the root of "
    "head_size.",
    "whole_no_mask": "The future is not hidden here.",
}

# Those that only the checks name.
_CHECKS = {
    "mask_of_zeros": "The scores are lost: mask the table that came in, not one of zeros.",
    "head_tril_none": "register_buffer keeps the table itself and gives back None: call it, and "
    "assign nothing.",
    "xbow_copies": "This is x itself: each row has to become the mean of its past.",
    "xbow_nothing": "xbow is still full of zeros: write each mean into its place.",
    "xbow_loop_wrong_axis": "An index ran over the end of the first axis: windows b come first, "
    "up to B, and places t second, up to T.",
    "xbow_softmax_not_masked": "The future counts as much as the past: either 0 was written, and "
    "exp(0) is 1, or what masked_fill returns was not kept.",
    "inf_is_text": "'-inf' in quotes is text: float('-inf') is the number.",
    "mask_not_bool": "masked_fill wants a table of True and False: a comparison makes one.",
    "attend_elementwise": "* multiplies place by place: the mix is a matrix product.",
    "head_register_self": "register_buffer belongs to the module: it is called on self.",
    "changes_its_input": "The caller's x was changed: make a new tensor.",
    "xbow_loop_one_ahead": "Row t sees row t + 1, its own future: the slice goes one too far.",
    "xbow_loop_from_t_on": "These are means of the future: row t takes rows 0 to t, not t and "
    "later.",
    "xbow_loop_one_number": "All channels of a row are equal: the mean goes over the rows, and "
    "each channel keeps its own.",
    "xbow_loop_by_t": "Every sum was divided by t: rows 0 to t are t + 1 rows.",
    "xbow_loop_mixes_the_batch": "The windows of the batch were mixed: each has a past of its own.",
    "xbow_matmul_one_ahead": "One diagonal too many has ones, so row t sees row t + 1.",
    "xbow_matmul_by_total": "The table was divided by the sum of all of it: each row has its own "
    "sum.",
    "xbow_matmul_transposed": "The table was transposed before the product: row t of it holds the "
    "weights of row t.",
    "xbow_matmul_x_first": "x stands on the left: the table of weights mixes the rows of what "
    "stands to the right of it.",
    "xbow_matmul_T_fixed": "The size of the table is fixed: T is read from x.",
    "xbow_softmax_transposed": "The mask is upside down: row t may see columns 0 to t.",
    "xbow_softmax_one_ahead": "One diagonal too few is hidden, so row t sees row t + 1.",
    "xbow_softmax_missing": "The softmax is missing: these are scores, and -inf is among them.",
    "xbow_softmax_only_exp": "e to the scores is only the first half of softmax: each row is "
    "still to be divided by its sum.",
    "raw_queries_only": "The queries met the queries: the keys are not used.",
    "raw_keys_only": "The keys met the keys: the queries are not used.",
    "raw_elementwise": "* multiplies place by place: a table of all dot products is a matrix "
    "product.",
    "raw_first_sequence": "Only the first window of the batch was used.",
    "raw_wrong_axes": "The wrong two axes were exchanged: the batch stays first, time and "
    "channels change places.",
    "scale_by_B": "The scale was made of the size of the batch: head_size is the last axis of q.",
    "mask_one_ahead": "One diagonal too few is hidden: token t still sees token t + 1.",
    "mask_plus_inf": "The future got plus infinity: then it takes all of the weight.",
    "mask_softmax_inside": "These are weights already: the softmax has a function of its own.",
    "mask_size_of_the_batch": "The mask is as large as the batch: T is the last axis of the "
    "scores.",
    "weights_over_the_batch": "The softmax goes over the batch: the windows know nothing of each "
    "other.",
    "weights_scaled_twice": "The scale was applied twice: scaled_scores has it already.",
    "weights_scaled_after": "The scale came after the softmax, so the rows no longer sum to 1: it "
    "belongs on the scores.",
    "weights_not_exp": "The scores themselves were divided by their sum: softmax takes e to the "
    "power of each first.",
    "weights_mask_transposed": "The past is hidden and the future is seen: the mask is upside "
    "down.",
    "paper_of_token_1": "This is the output of token 1, the n: token 2 is the y.",
    "paper_swapped": "The two channels are exchanged.",
    "attend_v_first": "The values stand on the left: the weights mix the rows of what stands to "
    "the right of them.",
    "attend_masked_scores": "Masked scores were used as weights: the softmax is missing.",
    "attend_only_weights": "These are the weights: the values are still to be mixed.",
    "attend_adds_v": "v was added to the mix: only the mix is asked for.",
    "head_part_missing": "The docstring names five things that a head owns: key, query, value, "
    "tril and dropout. This one is missing, or is not what it says.",
    "head_sizes_swapped": "The sizes are exchanged: a layer goes from n_embd to head_size.",
    "head_n_embd_fixed": "The width of x is fixed: use the setting n_embd.",
    "head_tril_of_head_size": "tril was made of head_size: it is a table of places by places, so "
    "block_size counts.",
    "head_triu": "tril is upside down: ones belong on and below the diagonal.",
    "head_no_diagonal": "tril lacks the diagonal: a token must be able to see itself.",
    "head_tril_ahead": "tril has one diagonal too many: a token would see the next one.",
    "head_all_axes_reversed": ".T turns all three axes around, the batch as well: exchange only "
    "the last two of the keys.",
    "head_scaled_by_T": "The scale was made of the number of tokens: it is the root of head_size.",
    "head_mask_last_rows": "The wrong corner of tril was cut out: it is the first T rows and the "
    "first T columns.",
    "head_softmax_over_the_batch": "The softmax goes over the batch: the windows know nothing of "
    "each other.",
    "head_mixes_keys": "The keys were mixed: the weights meet value(x).",
    "head_only_weights": "These are the weights: the values are still to be mixed.",
    "model_no_logits": "There are no logits yet: the line below the answer expects that name.",
    "model_positions_from_tokens": "The places were looked up in the table of tokens: they have a "
    "table of their own.",
    "model_positions_multiplied": "Tokens and positions were multiplied: they are added.",
    "model_positions_of_the_batch": "There are as many places as windows: idx is (B, T), and the "
    "places count T.",
    "model_last_place_only": "Only the last place has logits: every place predicts its next "
    "letter.",
    "crop_one_column": "This is a single column: a slice keeps the axis and goes on to the end.",
    "crop_one_row": "Only one row of the batch is left: each of them keeps its last tokens.",
    "crop_one_more": "One token too many: block_size of them fit.",
    "crop_only_last": "Only the last token is left: the model may look at block_size of them.",
    "whole_matrices_transposed": "The shapes do not fit: each row of x, C numbers, times a matrix "
    "of shape (C, head_size).",
    "whole_no_queries": "x itself was compared with x: queries and keys are made with their "
    "matrices.",
    "whole_no_scale": "The scores are not scaled here: divide by the root of head_size.",
}

CAUSES = _MEANS | _SCORES | _WEIGHTS | _HEAD | _MODEL | _CHECKS
