"""Why an answer of lab05 is wrong, one sentence a cause."""

from __future__ import annotations

_PARTS = {
    "torch_used": "This is a tensor of torch: this lab is NumPy from end to end.",
    "gelu_erf": "This is GELU by the error function: GPT-2 was trained with the tanh form, and "
    "the two differ in the fourth place.",
    "gelu_sigmoid": "This is x times a sigmoid: GPT-2 has the tanh form.",
    "gelu_relu": "This is ReLU: GELU bends softly, and lets a little through below 0.",
    "gelu_no_half": "The half in front is missing.",
    "gelu_no_root": "The root of 2/π is missing.",
    "gelu_root_of_pi": "The root is taken of something other than 2/π.",
    "gelu_no_cube": "The cube is missing: inside the tanh stands x plus 0.044715 times x³.",
    "gelu_cube_is_square": "x was squared: it is its third power.",
    "gelu_no_one": "The 1 in front of the tanh is missing.",
    "gelu_no_x": "The x in front is missing: this is the share of x that gets through.",
    "gelu_cube_not_scaled": "The cube has no factor: it is 0.044715 times x³.",
    "softmax_axis_0": "The columns add up to 1: each row, the last axis, shares out one whole.",
    "softmax_all": "All numbers together add up to 1: each row shares out one whole.",
    "softmax_overflow": "e to the power of 1000 is inf, and inf / inf is nan: take the largest "
    "number of each row away first.",
    "softmax_one_largest": "The largest number of all was taken away, so e to the power of a far "
    "smaller row is 0, and 0 / 0 is nan: each row has its own largest.",
    "softmax_cut": "Large scores were cut off: take the largest of each row away in place of that.",
    "softmax_eps": "Something is added below the line, so the shares do not add up to 1.",
    "gelu_rounded": "A number of the formula was rounded: use np.sqrt(2 / np.pi) and 0.044715.",
    "stars_missing": "A dict was handed over as it is: two stars, as in **c_attn, hand over its "
    "entries by name.",
    "softmax_not_divided": "e to the power is only the first half: each row is still to be "
    "divided by its sum.",
    "softmax_no_exp": "The numbers themselves were shared out: e to the power of each comes first.",
    "softmax_no_keepdims": "The sums lost their axis, so a row was divided by the sum of another: "
    "keepdims=True keeps it.",
    "softmax_base": "The powers are not those of e.",
    "norm_over_time": "The mean was taken over the places: each place is normed by itself, along "
    "the last axis.",
    "norm_over_all": "One mean was taken over all places: each is normed by itself, along the "
    "last axis.",
    "norm_unbiased": "The variance was divided by C - 1: here it is a plain mean of squares, so "
    "by C.",
    "norm_no_root": "The variance is not yet a size: its square root is.",
    "norm_eps_outside": "eps stands outside of the root: it is added to the variance.",
    "norm_eps_ignored": "eps is not used, or is another number: it is added to the variance.",
    "norm_eps_of_std": "eps was added to the spread and the root taken of both: it is added to "
    "the variance.",
    "norm_no_mean": "The mean was not taken away.",
    "norm_no_affine": "Gain and bias are missing: times g, plus b.",
    "norm_no_gain": "The gain is missing: times g.",
    "norm_no_bias": "The bias is missing: plus b.",
    "norm_bias_first": "The bias came before the gain: first times g, then plus b.",
    "norm_g_and_b_swapped": "g and b are swapped: times g, plus b.",
    "norm_not_divided": "Only the mean was taken away: the rows are still of different size.",
    "norm_no_keepdims": "The means lost their axis, so they do not line up with the rows: "
    "keepdims=True keeps it.",
    "linear_no_bias": "The bias is missing.",
    "linear_transposed": "The matrix was transposed: GPT-2 keeps it as (n_in, n_out), and nothing "
    "has to be turned.",
    "linear_elementwise": "* multiplies place by place: this is a matrix product, @.",
    "linear_bias_subtracted": "The bias was taken away: it is added.",
    "linear_w_first": "The matrix stands on the left: x stands there, and nothing is turned.",
    "ff_no_bias_c_fc": "The bias of c_fc is missing.",
    "ff_no_bias_c_proj": "The bias of c_proj is missing.",
    "ff_no_gelu": "gelu is missing: without it two linear layers are one.",
    "ff_relu": "This is ReLU: GPT-2 has gelu between the layers.",
    "ff_gelu_last": "gelu stands after the second layer: it belongs between the two.",
    "ff_gelu_twice": "There is a second gelu: nothing comes after the second layer.",
    "ff_gelu_first": "gelu stands before the first layer: it belongs between the two.",
    "ff_residual": "x was added here: that is the work of the block.",
    "ff_layers_swapped": "The two layers are swapped: c_fc makes it wider, c_proj narrow again.",
}

_ATTENTION = {
    "att_no_scale": "The scores are not scaled: divide them by the root of hs.",
    "att_scale_by_hs": "The scores were divided by hs: it is its square root.",
    "att_scale_multiplied": "The scores were multiplied by the root of hs: divide by it.",
    "att_scale_by_width": "The scores were divided by the root of the whole width C: each head "
    "has hs numbers, the last axis of q.",
    "att_scale_by_T": "The scale was made of the number of places: it is the root of hs.",
    "att_scale_by_heads": "The scale was made of the number of heads: it is the root of hs.",
    "att_scaled_after": "The scale came after the softmax: it belongs on the scores.",
    "att_no_mask": "The mask is not used.",
    "att_mask_subtracted": "The mask was taken away: it is added, so that hidden scores become "
    "hugely negative.",
    "att_mask_multiplied": "The mask was multiplied: it is added, 0 where one may look.",
    "att_mask_after": "The mask came after the softmax: it belongs on the scores.",
    "att_no_softmax": "The scores themselves were used as weights: the softmax is missing.",
    "att_softmax_over_queries": "The softmax goes over the queries: the keys, the last axis, "
    "share one whole.",
    "att_no_transpose": "The keys are not transposed: exchange their last two axes.",
    "att_all_axes": ".T turns all three axes around, the heads as well: exchange only the last "
    "two of the keys.",
    "att_q_and_k_swapped": "q and k are exchanged: a row belongs to a query, a column to a key.",
    "att_mixes_keys": "The keys were mixed: the weights meet the values.",
    "att_only_weights": "These are the weights: the values are still to be mixed.",
    "mha_q_and_k_swapped": "q and k are exchanged: the first third is q, the second k.",
    "mha_qkv_order": "The thirds of c_attn are in another order: q, k, v.",
    "mha_qkv_interleaved": "q, k and v were cut out of each head's share: all of q comes first, "
    "then all of k, then all of v.",
    "mha_heads_not_transposed": "The numbers were only cut anew, so places and heads are mixed: "
    "reshape to (T, n_head, hs), then bring the heads to the front.",
    "mha_merged_without_transpose": "The heads were merged without bringing the places back to "
    "the front, so the numbers of different places are mixed.",
    "mha_no_mask": "The future is not hidden: the mask is missing.",
    "mha_mask_transposed": "The past is hidden and the future is seen: the mask is upside down.",
    "mha_mask_inverted": "The mask hides the past: np.tri has its ones where one may look, and "
    "these places need a 0.",
    "mha_mask_no_diagonal": "A place cannot see itself: the diagonal belongs to what is seen.",
    "mha_mask_one_ahead": "Each place sees one place of its future.",
    "mha_mask_minus_10": "The mask is only a little negative, so some of the future comes "
    "through: take -1e10.",
    "mha_mask_ones": "The mask holds ones and zeros: added to a score, they hide nothing.",
    "att_scale_fixed": "The scores were divided by a fixed number: it is the root of the head's "
    "size, the last axis of q.",
    "att_mask_on_weights": "The mask came after the softmax, so the shares no longer add up to 1: "
    "it is added to the scores.",
    "mha_heads_fixed": "The number or the size of the heads is fixed: use n_head.",
    "mha_bias_missing": "The bias of c_attn is missing.",
    "mha_proj_bias_missing": "The bias of c_proj is missing.",
    "mha_projects_x": "c_proj was given x: it takes what attention gave.",
    "gelu32_calls_gelu": "Write the formula out: the next cell puts gelu32 in the place of gelu, "
    "and then it would call itself.",
    "attention32_calls_attention": "Write the formula out: the next cell puts attention32 in the "
    "place of attention, and then it would call itself.",
    "cache_shapes": "With a past, k and v are (n_head, P + T, hs) and the mask is (T, P + T): was "
    "one of them left as it was? Look at each.",
    "cache_too_many_rows": "More rows came out than went in: q has no past, and the mask is "
    "(T, P + T).",
    "mha_no_projection": "The projection c_proj is missing.",
    "mha_residual": "x was added here: that is the work of the block.",
    "mha_one_head": "There is one wide head: n_head of them share the C numbers.",
    "mha_width_of_a_head": "A head has C / n_head numbers.",
    "mha_values_from_x": "x itself was mixed: the values are the last third of c_attn's numbers.",
    "gelu32_float64": "Float32 came in and float64 came out: a NumPy scalar such as np.sqrt(2) is "
    "float64; a plain Python number is not.",
    "attention32_float64": "Float32 came in and float64 came out: np.sqrt of a number gives a "
    "NumPy scalar in float64; a plain Python number is not.",
    "mask32_float64": "The mask is float64: np.tri makes float64 unless it is told a dtype, and "
    "np.float64(-1e10) is float64 too.",
    "mask32_square": "The mask is not (T, S): a row for each of the T queries, a column for each "
    "of the S tokens.",
    "mask32_first_rows": "The T queries are the last of the S tokens, not the first: row 0 may "
    "look at the first S - T + 1.",
    "mask32_inverted": "The mask hides what may be seen, and shows the future.",
    "mask32_no_diagonal": "A place cannot see itself: the diagonal belongs to what is seen.",
    "mask32_small": "The mask is only a little negative: take -1e10.",
    "mask32_ones": "These are ones and zeros: 0 where one may look, -1e10 where not.",
    "mask32_sees_all": "Nothing is hidden: of several new tokens, none may see the later ones.",
    "cache_not_used": "The past is not used: its keys and values stand in front of the new ones.",
    "cache_new_first": "The new keys and values stand in front: the past comes first.",
    "cache_wrong_axis": "The past was joined along another axis: places are axis 1 of (n_head, P, "
    "hs).",
    "cache_only_new": "Only the new keys and values came back: those of all tokens are needed "
    "next time.",
    "cache_swapped": "Keys and values are swapped in the cache: (k, v).",
    "cache_mask": "The new tokens are the last ones: with a past, row t of the mask belongs to "
    "place P + t.",
    "cache_float64": "Float32 came in and float64 came out: use attention32 and causal_mask.",
    "cache_changed": "The past that came in was changed: make new arrays.",
    "cache_k_only": "Only the keys were joined to their past: the values have one too.",
}

_MODEL = {
    "block_no_residual_attention": "Attention replaces x: it has to be added to what was there.",
    "block_no_residual_ff": "The feed-forward part replaces x: it has to be added to what was "
    "there.",
    "block_no_residuals": "Nothing is added: both parts replace x.",
    "block_residual_of_normed": "The normed x took the way around: x itself does.",
    "block_norm_after": "The norms come after the sums: in GPT-2 each stands before its part.",
    "block_norms_swapped": "The norms are swapped: ln_1 belongs to attention, ln_2 to "
    "feed-forward.",
    "block_ln_1_twice": "ln_1 is used twice: the second part has ln_2.",
    "block_ln_2_twice": "ln_2 is used twice: attention has ln_1.",
    "block_no_norms": "Neither norm is used.",
    "block_no_norm_attention": "What enters attention was not normed: that is the work of ln_1.",
    "block_no_norm_ff": "What enters the feed-forward part was not normed: that is the work of "
    "ln_2.",
    "block_in_parallel": "Both parts read the x that came in: the second has to read what the "
    "first left.",
    "block_ff_first": "The order is reversed: attention comes first.",
    "block_second_from_x": "The second sum begins with the x that came in: what attention added "
    "is lost.",
    "block_in_place": "The caller's x was changed: x += writes into it, x = x + makes a new one.",
    "gpt2_no_positions": "The positions are missing: add the rows of wpe.",
    "gpt2_positions_from_one": "The positions start at 1: the first place has row 0.",
    "gpt2_positions_constant": "Every place got row 0 of wpe: place t has row t.",
    "gpt2_positions_of_ids": "wpe was asked for the ids: it is asked for places, 0, 1, 2, and so "
    "on.",
    "gpt2_all_positions": "All of wpe was added: there is one row for each of the ids that came "
    "in.",
    "gpt2_no_tokens": "Which tokens they are is missing: add the rows of wte.",
    "gpt2_no_blocks": "The blocks are not used.",
    "gpt2_first_block": "Only the first block was used: all of them, one after the other. Is "
    "return inside the loop? It comes after.",
    "gpt2_last_block": "Only the last block counts: each has to read what the one before left.",
    "gpt2_none": "Nothing came back: return is missing, or stands inside the loop over the blocks.",
    "gpt2_block_repeated": "One block was used again and again: each has its own weights.",
    "gpt2_no_final_norm": "The last norm, ln_f, is missing between the blocks and the scores: it "
    "stands after the loop, not inside.",
    "gpt2_norm_first": "ln_f stands before the blocks: it comes after them.",
    "gpt2_no_head": "The last step is missing: compare each place with the row of each token.",
    "gpt2_head_not_transposed": "wte is (n_vocab, C): transposed, it turns C numbers into n_vocab.",
    "gpt2_softmax": "These are probabilities: the scores come out as they are.",
    "gpt2_last_only": "Only the last row came out: there is a score for what follows each token.",
    "gpt2_ids_list": "wte was asked with a list in a list, or one id at a time.",
    "gpt2_changes_wte": "A table of weights was changed: += writes into it.",
    "convert_norms_swapped": "ln_1 and ln_2 are swapped.",
    "convert_transposed": "A matrix was transposed: Hugging Face keeps GPT-2's as (n_in, n_out), "
    "as OpenAI did, and as linear wants it.",
    "convert_wrong_block": "These are the weights of another block: h.i belongs to block i.",
    "convert_g_and_b_swapped": "Gain and bias are swapped: weight is g, bias is b.",
    "convert_projections_swapped": "The two c_proj are swapped: one is attention's, one is mlp's.",
    "convert_weight_as_bias": "This is another array of the same layer: weight is w or g, bias is "
    "b.",
    "convert_layers_fixed": "Your code has a fixed number of blocks: take n_layer.",
    "convert_from_one": "The blocks were counted from 1: the first one is h.0.",
    "convert_one_block_short": "A block is missing: there are n_layer of them, from 0 on.",
    "convert_one_object": "All blocks are one dict, so each has the weights of the last: make a "
    "new one for each.",
    "convert_prefix": "There is no such name in state: look at the list of names above.",
    "convert_wte_wpe_swapped": "wte and wpe are swapped: tokens, positions.",
    "convert_g_b_in_layer": "A norm has g and b, a linear layer has w and b.",
    "convert_flat": "The names are still flat: attn and mlp are dicts of two layers each.",
    "whole_parts": "The parts do not give the right scores together: run their checks again, from "
    "gelu on.",
    "whole_glue": "convert and gpt2 are right one after the other: look at how they are joined.",
    "whole_last_only": "Only the last row came out: give the scores after each token.",
    "gen_first_row": "The row of the first place was used: the last one says what comes next.",
    "gen_all_rows": "The largest score of all rows was looked for: only the last row counts.",
    "gen_least": "The least likely was taken: the largest score wins.",
    "gen_not_cropped": "The model was shown more tokens than it has positions: show it the last "
    "ones.",
    "gen_cropped_first": "The beginning of the text was shown: the last tokens are.",
    "gen_text_cropped": "The text itself was cropped: only what the model sees is, the result "
    "keeps everything.",
    "gen_last_only": "The model was shown the last token only: show it as many as it has "
    "positions for.",
    "gen_cropped_one_less": "One token too few was shown: as many as wpe has rows fit.",
    "gen_only_new": "Only the new ids came back: those of inputs stand in front.",
    "gen_changes_inputs": "The caller's list was changed: make a copy first.",
    "gen_count": "The number of new tokens is another.",
    "gen_not_appended": "The model saw the same text each time: append what was chosen before it "
    "is asked again.",
    "gen_arrays": "There are arrays among the ids: each is a plain whole number.",
    "gen_score": "A score was appended: the id is the place of the largest score.",
}

_CATALOGUE = {
    "gelu_root_missing": "It is 2/π itself: its square root is asked for.",
    "gelu_zero_lost": "The factor of the cube is ten times too large: 0.044715 has a 0 after the "
    "point.",
    "gelu_zero_too_many": "The factor of the cube is ten times too small: 0.044715.",
    "gelu_root_on_x_only": "The root of 2/π belongs to both terms: put x and its cube in brackets.",
    "gelu_math_tanh": "math.tanh takes a single number: NumPy's own goes through an array.",
    "gelu_in_place": "The caller's x was changed: += writes into it, so make a new array.",
    "softmax_axis_1": "Axis 1 is the last one only where there are two: -1 is the last of any "
    "shape.",
    "softmax_max_of_columns": "The largest of each column was taken away, so the numbers of a row "
    "were shifted differently: each row has its own largest.",
    "softmax_max_no_keepdims": "The largest numbers lost their axis, so they do not line up with "
    "the rows: keepdims=True keeps it.",
    "softmax_max_after_exp": "The largest was taken away after the exponential: that belongs "
    "before it.",
    "softmax_sign": "The sign is reversed: the largest number gets the smallest share.",
    "softmax_log": "These are logarithms: the shares themselves are asked for.",
    "softmax_in_place": "The caller's x was changed: -= writes into it, so make a new array.",
    "norm_mean_over_time": "The mean goes over the places and the variance over the numbers: both "
    "go along the last axis.",
    "norm_eps_subtracted": "eps was taken away: added, it keeps the root from 0.",
    "norm_parentheses": "Only the mean was divided: / comes before -, so the difference needs "
    "brackets.",
    "norm_gain_below": "The gain divides here: it multiplies.",
    "norm_in_place": "The caller's x was changed: -= writes into it, so make a new array.",
    "linear_bias_multiplied": "The bias was multiplied: it is added.",
    "linear_x_transposed": "x was transposed: its rows meet the matrix as they are.",
    "linear_bias_inside": "The bias was added to x: it is added to the product.",
    "linear_bias_column": "The bias was stood up as a column: it has a number for each column of "
    "the result, and is added to each row.",
    "att_scale_of_64": "The scores were divided by 8, which is right for heads of 64 numbers only: "
    "read the size from q.",
    "att_own_mask": "The mask that came in was not used, but another one: whoever calls decides "
    "what may be seen.",
    "att_mask_zero": "Hidden scores became 0, and 0 is a score like others: its exponential is 1.",
    "att_mask_inverted": "What may be seen was hidden: in this mask 0 stands where one may look.",
    "att_mask_small": "Hidden scores are only a little negative, so some of them come through.",
    "att_exp_only": "The exponentials are not shared out: each row has to add up to 1.",
    "att_mixes_queries": "The queries were mixed: the weights meet the values.",
    "att_values_untouched": "The values came out as they were: the weights have to mix them.",
    "att_v_first": "The values stand on the left: the weights mix the rows of what stands to the "
    "right of them.",
    "att_elementwise": "* multiplies place by place: weights and values meet in a matrix product.",
    "att_scale_in_place": "The caller's q was changed: /= writes into it, so make a new array.",
    "mha_split_over_time": "The places were cut in three: q, k and v stand side by side in each "
    "row, so cut along the last axis.",
    "mha_heads_of_numbers": "Each head got every n_head-th number: a head is a run of numbers that "
    "stand side by side.",
    "mha_heads_summed": "The heads were added up: they stand side by side in the row.",
    "mha_mask_nan": "0 times infinity is nan: multiply by a large number, or put -inf in its "
    "places only.",
    "mha_mask_of_width": "The mask was made of the width: it is a table of places by places.",
    "mha_queries_from_x": "x itself was asked with: the queries are the first third of c_attn's "
    "numbers.",
    "mha_scaled_twice": "The scores are divided by the root twice: attention does that already.",
    "ff_tanh": "The function between the layers is another one: it is gelu.",
    "ff_gelu_in_a_row": "gelu was taken twice in a row: once is enough.",
    "ff_not_narrowed": "The second layer is missing: c_proj makes the row narrow again.",
    "block_residual_of_normed_ff": "The normed x took the way around the feed-forward part: x "
    "itself does.",
    "block_norm_of_output": "What a part gives was normed: the norm stands before the part.",
    "block_added_twice": "x was added twice.",
    "block_no_attention": "Attention is missing: the block has two parts.",
    "block_no_feed_forward": "The feed-forward part is missing: the block has two parts.",
    "block_nothing_returned": "Nothing comes back: return is missing.",
    "block_one_head": "The number of heads is fixed: hand n_head on.",
    "block_n_head_missing": "mha was not told the number of heads: hand n_head on.",
    "gpt2_positions_reversed": "The positions run backwards: the first place has row 0.",
    "gpt2_last_positions": "The last rows of wpe were taken: the first place has row 0.",
    "gpt2_positions_multiplied": "Tokens and positions were multiplied: they are added.",
    "gpt2_one_block_short": "The last block is left out: all of them, one after the other.",
    "gpt2_blocks_reversed": "The blocks run backwards: block 0 comes first.",
    "gpt2_positions_in_each_block": "The positions were added before each block: once, at the "
    "beginning, is enough.",
    "gpt2_residual_around_blocks": "x was added to what a block gives: the block has done that "
    "inside.",
    "gpt2_one_head": "The number of heads is fixed: hand n_head on.",
    "gpt2_norm_in_each_block": "ln_f stands in the loop: it comes once, after all blocks.",
    "gpt2_norm_of_scores": "The scores were normed: ln_f comes before they are made.",
    "gpt2_head_of_positions": "The places were compared with the rows of wpe: the tokens' table "
    "is wte.",
    "gpt2_argmax": "The likeliest ids came out: give the scores of all tokens.",
    "convert_ln_1_twice": "ln_1 stands in both places: the second norm is ln_2.",
    "convert_wte_transposed": "wte was transposed: it stays (n_vocab, C), a row for each token.",
    "convert_w_and_b_swapped": "weight and bias are swapped: weight is w, bias is b.",
    "convert_keys_of_state": "The names inside a layer are still weight and bias: here they are w "
    "and b, those that linear takes.",
    "convert_ln_f_of_last_block": "ln_f is the norm of the last block here: it has arrays of its "
    "own, ln_f.weight and ln_f.bias.",
    "convert_ln_f_missing": "ln_f is missing in the tree.",
    "convert_blocks_by_number": "The blocks stand in a dict: a list is asked for, in their order.",
    "convert_empties_state": "The state lost its arrays: pop takes them away, square brackets only "
    "read.",
    "whole_sizes_swapped": "n_layer and n_head are swapped: convert needs the layers, gpt2 the "
    "heads.",
    "whole_one_head": "The number of heads is fixed: hand n_head on.",
    "whole_sizes_fixed": "The number of layers and heads is fixed: use n_layer and n_head.",
    "whole_one_block": "Only one block was converted: there are n_layer of them.",
    "whole_argmax": "The likeliest ids came out: give the scores of all tokens.",
    "whole_not_converted": "gpt2 was given the flat names: they have to go through convert first.",
    "whole_ids_reversed": "The ids were turned around: the first one comes first.",
    "whole_tiny_always": "These are the weights of the tiny GPT-2, whatever came in: use state.",
    "gen_argmax_over_time": "The largest was looked for among the places: it is looked for in the "
    "last row, among the tokens.",
    "gen_samples": "The next id was drawn by chance: here the likeliest is taken.",
    "gen_cropped_to_width": "The text was cut to the width of wpe: its number of rows is what "
    "counts.",
    "gen_returns_in_loop": "There is only one new token: return stands inside the loop.",
    "gen_put_in_front": "The new id was put in front: it comes last.",
    "gen_no_list": "This is no list: make one with list(inputs), and append to it.",
    "gen_cropped_fixed": "The number of places is fixed: it is the number of rows of wpe.",
    "gelu32_half": "It was worked out in float16: that is too coarse, float32 is asked for.",
    "attention32_root_rounded": "The root was cut to a whole number.",
    "mask32_offset": "The offset is another: row 0 sees the first S - T + 1 tokens.",
    "mask32_one_ahead": "Each token sees one of its future.",
    "mask32_positive": "The mask is hugely positive: a minus is missing.",
    "mask32_nan": "0 times infinity is nan: multiply by a large number, or put -inf in its places "
    "only.",
    "cache_past_needed": "The first call has no past: None holds no keys.",
    "cache_past_only": "The new keys and values are lost: they stand behind those of the past.",
    "cache_not_returned": "The keys and values did not come back: return (out, (k, v)).",
    "cache_three_values": "Three values came back: out, and one pair (k, v).",
    "cache_old_returned": "The old keys and values came back: those of all tokens are needed next "
    "time.",
    "cache_no_mask": "Nothing is hidden once there is a past: of several new tokens, none may see "
    "the later ones.",
    "cache_heads_behind": "The axes of what is kept are in another order: (n_head, tokens, hs).",
}

CAUSES = _PARTS | _ATTENTION | _MODEL | _CATALOGUE
