"""Why an answer of lab10 is wrong, one sentence a cause."""

from __future__ import annotations

_NEST = {
    "wt_nest_prefix": "The path still begins with model: what stands behind it counts.",
    "wt_nest_ln_f": 'The last norm\'s g and b stand at the top, as params["g"] and params["b"], '
    "not in a dict of their own.",
    "wt_nest_flat": "A name with slashes became one key: each part of the path is a dict inside "
    "the one before.",
    "wt_nest_not_squeezed": "An axis of length 1 is still there: a matrix comes as (1, n_in, "
    "n_out), and the 1 is to go.",
    "wt_nest_first_row": "The first row was taken of an array that has no axis of length 1: only "
    "such an axis is to go.",
    "wt_nest_one_digit": "Only the first digit of the block's number was read: h10 is block 10, "
    "not block 1.",
    "wt_nest_by_order": "The blocks stand in the order of their names, where h10 comes before h2: "
    "the number in the name says which block it is.",
    "wt_nest_one_dict": "All blocks are one and the same dict: [{}] * n repeats the one, and makes "
    "no others.",
    "wt_nest_overwritten": "A dict that was begun was replaced by a new one, so what stood in it "
    "is lost: make it only where there is none.",
    "wt_nest_transposed": "The matrix was transposed: here it stays as OpenAI has it, (n_in, "
    "n_out).",
    "wt_nest_blocks_dict": "The blocks are a list, in the order of their numbers.",
    "wt_nest_block_number_kept": 'The block\'s own name is still in its path: params["blocks"][0] '
    "stands for h0.",
    "wt_nest_count": "There are to be n_layers blocks.",
}
_CONFIG = {
    "wt_config_names": "A name was asked for that OpenAI's settings do not have: theirs are "
    "n_vocab, n_ctx, n_embd, n_head and n_layer.",
    "wt_config_keys": "The names are to be those that GPTModel reads.",
    "wt_config_heads_layers": "The numbers of heads and of layers are swapped.",
    "wt_config_qkv_bias": "OpenAI's query, key and value have a bias: without, a third of "
    "c_attn's vector has no place to go.",
    "wt_config_dropout": "The model is to write, not to train: with dropout on, each call gives "
    "another text.",
    "wt_config_fixed": "The sizes are those of one checkpoint: take them from settings.",
    "wt_config_changed": "The settings that were handed in have changed: make a new dict.",
}
_ASSIGN = {
    "wt_assign_no_check": "Two shapes that differ were let through: compare them, and raise a "
    "ValueError.",
    "wt_assign_only_size": "Two shapes with as many numbers were let through: (2, 3) and (3, 2) "
    "are not the same.",
    "wt_assign_only_rows": "Only one side of the shapes was compared: all of them count.",
    "wt_assign_error": "Shapes that differ are to be a ValueError.",
    "wt_assign_names_one": "The message is to name both shapes: whoever reads it needs to see "
    "which matrix lies on its side.",
    "wt_assign_turned": "A matrix that did not fit was turned: assign is to refuse it. Where it "
    "has to be turned is the loader's business.",
    "wt_assign_tensor": "This is a tensor and not an nn.Parameter: a module does not take it as "
    "its weight.",
    "wt_assign_shared": "The new parameter shares its memory with the array: change one, and the "
    "other changes. Make a copy.",
    "wt_assign_dtype": "The numbers have kept another type: the model computes in float32.",
    "wt_assign_left": "The old parameter came back, or was changed: make a new one, and leave the "
    "old one alone.",
    "wt_assign_old_numbers": "These are the numbers of left: those of right are to go in.",
    "wt_assign_frozen": "The new parameter does not learn: requires_grad is off.",
    "wt_assign_device": "The new parameter is not on left's device: .to(left.device).",
    "wt_assign_only_arrays": "An array got through and a tensor did not, or the other way round: "
    "both are asked for.",
}
_QKV = {
    "wt_qkv_not_transposed": "The weights still stand as (n_in, n_out): nn.Linear wants (n_out, "
    "n_in). The square ones fit either way, so no shape says so.",
    "wt_qkv_order": "Query, key and value are in another order: q has the first third of the "
    "columns, k the second, v the last.",
    "wt_qkv_rows": "The matrix was cut across: q, k and v lie side by side, so cut along the "
    "last axis.",
    "wt_qkv_interleaved": "Every third column was taken: q has the first C columns.",
    "wt_qkv_bias_whole": "The bias was not cut: each of the three has its own third.",
    "wt_qkv_bias_order": "The biases are in another order than the weights.",
    "wt_qkv_pairs": "Asked for are three pairs, (weight, bias) of q, then of k, then of v.",
    "wt_qkv_reshaped": "The numbers were poured into a new shape, which is no transpose: the first "
    "column has to become the first row.",
    "wt_qkv_width_fixed": "The width is fixed: it is that of the matrix that was handed in.",
    "wt_qkv_changed": "The matrix that was handed in has changed: make new ones.",
}
_BLOCK = {
    "wt_block_not_transposed": "This matrix stands as OpenAI has it, (n_in, n_out): nn.Linear "
    "wants it transposed. Being square, it fits either way.",
    "wt_block_shapes": "A matrix does not fit, and assign says so: OpenAI's stand as (n_in, "
    "n_out), those of nn.Linear as (n_out, n_in).",
    "wt_block_qkv_turned_again": "split_qkv has turned q, k and v already: turned again they lie "
    "as before.",
    "wt_block_qkv_order": "Query, key and value went to each other's place.",
    "wt_block_norms_swapped": "The two norms are swapped: norm1 is ln_1, in front of attention.",
    "wt_block_one_norm": "Both norms got the numbers of one: ln_1 and ln_2 differ.",
    "wt_block_g_b_swapped": "g and b are swapped: scale is g, shift is b.",
    "wt_block_c_projs_mixed": "There are two c_proj, attention's and the feed-forward's: each has "
    "a bias of C numbers, so no shape tells them apart.",
    "wt_block_ff_mixed": "The feed-forward's two layers have got each other's numbers.",
    "wt_block_left": "This one was left as it was drawn: OpenAI's numbers never went in.",
    "wt_block_not_stored": "assign was called for this one and its result was not kept: assign "
    "makes a new parameter, and a module has it only when it is set.",
    "wt_block_tensor": "A module takes only an nn.Parameter as its weight: assign makes one.",
    "wt_block_names": "A name was asked for that is not there: see the docstring for those of "
    "the block and of the weights.",
    "wt_block_qkv_not_unpacked": "split_qkv gives three pairs, each a weight and a bias.",
    "wt_block_not_replaced": "The weights were filled in place: that is allowed only without "
    "autograd. assign makes a new parameter.",
    "wt_block_weights_changed": "OpenAI's numbers were changed: only the block is to change.",
}
_GPT = {
    "wt_gpt_blocks_shifted": "A block has got the numbers of another one: block i takes blocks[i].",
    "wt_gpt_one_block": "All blocks have got the numbers of one: block i takes blocks[i].",
    "wt_gpt_blocks_left": "Some blocks were left as they were drawn: all are to be filled.",
    "wt_gpt_tables_swapped": "The table of tokens and that of positions are swapped.",
    "wt_gpt_table_left": "This table was left as it was drawn.",
    "wt_gpt_head_left": "The head was left as it was drawn: OpenAI's file has none, since the head "
    "is the table of tokens again.",
    "wt_gpt_head_tied": "The head and the table are one parameter now: here the numbers are "
    "copied, so that each has its own. tie comes next.",
    "wt_gpt_head_shared": "The head's numbers lie in the table's memory: here they are copied.",
    "wt_gpt_norm_left": "The last norm was left as it was drawn.",
    "wt_gpt_norm_of_a_block": "The last norm has got the numbers of a block's norm: its own stand "
    "at the top of params, as g and b.",
    "wt_gpt_turned": "This table was transposed: an embedding and the head both have a row for "
    "each token.",
    "wt_gpt_names": "A name was asked for that is not there: see the docstring for the model's, "
    "and nest for those of params.",
    "wt_gpt_load_block_order": "load_block takes the block first and its weights second.",
}
_TIE = {
    "wt_tie_copied": "Head and table are still two parameters, if with the same numbers: training "
    "would pull them apart. Let one name stand for the other's parameter.",
    "wt_tie_memory_only": "The two share their memory, and are still two parameters: an optimizer "
    "would move the same numbers twice.",
    "wt_tie_other_way": "The head's numbers went into the table: those of the table are to stay.",
    "wt_tie_module": "A module took the place of another: only the weight is to be shared.",
    "wt_tie_none": "Nothing came back: the same gpt is asked for.",
    "wt_tie_new_model": "Another model came back: change the one that was handed in.",
    "wt_tie_transposed": "The table was transposed: head and table have the same shape already.",
    "wt_tie_untied": "Nothing is tied.",
    "wt_tie_frozen": "The shared parameter no longer learns.",
}
_FAR = {
    "wt_far_no_abs": "A difference below 0 was taken for a small one: its size counts.",
    "wt_far_abs_late": "The size was taken after the largest was chosen: a large difference below "
    "0 is lost before.",
    "wt_far_mean": "This is the mean: one wrong number among thousands would not be seen.",
    "wt_far_sum": "This is the sum: asked for is the worst.",
    "wt_far_squared": "The difference was squared: asked for is its size.",
    "wt_far_relative": "The difference was divided by something: asked for is its size as it is.",
    "wt_far_of_largest": "The largest of each was taken first: the difference of each place comes "
    "first, the largest of those after.",
    "wt_far_broadcast": "Two shapes that differ were let through: NumPy and PyTorch stretch one of "
    "them, and the number means nothing.",
    "wt_far_size": "Only how many numbers there are was compared, or the numbers were laid flat: "
    "(2, 3) and (3, 2) are two shapes.",
    "wt_far_error": "Shapes that differ are to be a ValueError.",
    "wt_far_names": "The message is to name both shapes.",
    "wt_far_not_float": "The number is right, and it is no float yet.",
    "wt_far_one_axis": "The largest was taken along one axis only: one number is asked for.",
    "wt_far_kinds": "Tensors and arrays are both to be compared, also one with the other.",
    "wt_far_nan": "A NaN was passed over: a model that gives NaN is to be found out, so nan comes "
    "back.",
    "wt_far_position": "This is the place of the worst, not its size.",
    "wt_far_rounded": "The number was rounded: 0.0001 is what it is all about.",
}
_FIRST = {
    "wt_first_last": "This is the last part that differs: a fault goes on through all the parts "
    "behind it, so the first is where it begins.",
    "wt_first_worst": "This is the part that differs most: a fault grows on its way, so the worst "
    "is seldom where it begins.",
    "wt_first_sorted": "The parts were sorted by name: the order of the forward pass is that of "
    "ours.",
    "wt_first_by_place": "The outputs were paired by their place: the name says which belong "
    "together.",
    "wt_first_order_of_theirs": "The order was that of theirs: it is that of ours.",
    "wt_first_nan": 'NaN got through: every comparison with it is false, also "is it larger". '
    "Ask whether it is near, and turn that round.",
    "wt_first_tolerance_ignored": "Each difference counts, also one of rounding: it has to be more "
    "than tolerance.",
    "wt_first_tolerance_fixed": "The tolerance that was handed in is not used.",
    "wt_first_edge": "A difference of exactly tolerance still counts as equal: only more than that "
    "is a difference.",
    "wt_first_only_one": "None came back, and a part differs: give its name back as soon as it is "
    "found, and None only when all have been looked at.",
    "wt_first_missing": "A part that theirs lacks was passed over: that is a KeyError.",
    "wt_first_list": "All names that differ came back: the first one is asked for.",
    "wt_first_number": "Asked for is the name of the part.",
    "wt_first_none": "Where no part differs, None comes back.",
    "wt_first_equal_part": "This is a part that is equal: the first that differs is asked for.",
}
_WHICH = {
    "wt_which_place": "That fault begins at another part: look again where first_difference "
    "says it begins.",
    "wt_which_kind": "The place is right. Compare the table of positions: its row 0 is your row 1, "
    "or a row that you have nowhere.",
    "wt_which_kind_two": "The place is right. Compare how large the difference is there with how "
    "far ReLU and erf are from your GELU.",
    "wt_which_kind_three": "The place is right. Compare the last bias of block 2 with yours of "
    "block 0 and of block 1.",
    "wt_which_kind_four": "The place is right. Compare the weight of v with yours, then the bias "
    "of v: one of them differs.",
    "wt_which_same": "Two loaders have the same letter, and each has a fault of its own: the fault "
    "of this one begins at another part.",
}
_CATALOGUE = {
    "wt_nest_as_they_come": "The blocks were numbered as they came: the number in the name says "
    "which block it is, whatever the order of the names.",
    "wt_nest_every_name_a_block": "Not every name belongs to a block: wte, wpe and ln_f have none.",
    "wt_nest_from_one": "The blocks were counted from 1: h0 is the first, blocks[0].",
    "wt_nest_level_lost": "A level is missing: c_attn, c_proj and c_fc each have a dict of their "
    "own, inside attn and mlp.",
    "wt_nest_norms_outside": "The norms of the blocks stand outside of them: their names are only "
    "shorter.",
    "wt_nest_not_begun_again": "Each name begins at the top again: here it went on in the dict "
    "where the name before it ended.",
    "wt_nest_only_last": "The array stands under the last part of its name only: the parts before "
    "it are dicts on the way down, one inside the other.",
    "wt_nest_only_blocks": "Only the blocks came back: the tables and the last norm belong to it.",
    "wt_nest_return_in_loop": "The return stands inside the loop, so only the first variable was "
    "put away.",
    "wt_nest_rows": "A vector became a matrix of one row: only axes of length 1 go, and none come "
    "in addition.",
    "wt_nest_tensors": "These are tensors: the arrays themselves are asked for.",
    "wt_nest_dtype": "The numbers have become another type: only the shape is to change.",
    "wt_nest_squeeze_axis": "That axis is not of length 1 in every array: np.squeeze without a "
    "number drops those that are.",
    "wt_nest_too_far": "The way down goes to the last part but one: the last is the name under "
    "which the array is put.",
    "wt_nest_top_missing": "The tables and the last norm belong at the top, and not all of them "
    "have come there.",
    "wt_config_by_order": "The sizes were taken in the order in which they stand: ask for each by "
    "its name.",
    "wt_config_head_size": "emb_dim is the whole width, and not that of one head.",
    "wt_config_library_changed": "A dict that was there before, such as the library's own "
    "configuration, was changed and given back, so whoever has it gets these sizes, too: make a "
    "new one.",
    "wt_config_more": "There is an entry more than asked for: the head gets a copy here, and tie "
    "comes later.",
    "wt_config_vocab_context": "The numbers of tokens and of positions are swapped.",
    "wt_config_dot": 'A dict is asked in square brackets: settings["n_vocab"].',
    "wt_config_mixed": "This is another of the sizes: see the table of names.",
    "wt_config_type": "The value has another type than the model reads: sizes are int, the share "
    "of dropout is a number, and the bias is True or False.",
    "wt_config_word": "This is the name of a size, and not the number that settings has under it.",
    "wt_assign_broadcast": "An array of another shape was stretched until it fitted: it is to be "
    "refused.",
    "wt_assign_check_inverted": "The question is the wrong way round: what fits was refused.",
    "wt_assign_no_f": "The f before the quotes is missing: the curly brackets came out as they "
    "are.",
    "wt_assign_not_raised": "The error was printed or given back, and not raised: so the loader "
    "goes on.",
    "wt_assign_parameter": "A parameter was refused: .detach() gives its numbers as a plain "
    "tensor, which NumPy takes.",
    "wt_assign_reshaped": "An array of another shape was poured into that of left: it is to be "
    "refused.",
    "wt_assign_transposes": "The numbers were transposed: assign takes them as they are.",
    "wt_qkv_axis": "b has one axis only: -1 is the last axis of both.",
    "wt_qkv_bias_before": "The weight comes first in each pair, and the bias second.",
    "wt_qkv_bias_first": "All three got the bias of q: each has its own third.",
    "wt_qkv_bias_none": "The biases are missing: each of the three has its own third of b.",
    "wt_qkv_bias_table": "A bias came back with a second axis: (C,).",
    "wt_qkv_names": 'A dict that is unpacked gives its names: the arrays are c_attn["w"] and '
    'c_attn["b"].',
    "wt_qkv_width_of_all": "The width of c_attn is 3C: q, k and v have a third of its columns "
    "each, as many as it has rows.",
    "wt_block_assign_order": "assign takes the parameter first and its numbers second.",
    "wt_block_biases_left": "The linear layers have their weights and not their biases: these were "
    "left as they were drawn.",
    "wt_block_copy_stretches": "copy_ stretches what has another shape until it fits: assign "
    "refuses it.",
    "wt_block_ff_place": "layers[1] is GELU, which has no weights: the second linear layer is "
    "layers[2].",
    "wt_block_frozen": "The parameters no longer learn: requires_grad is off.",
    "wt_block_g_twice": "Scale and shift have got the same numbers: g is for scale, b for shift.",
    "wt_block_key_gets_query": "The layer of the keys has got the numbers of the queries: k is the "
    "second of the three.",
    "wt_block_mask_loaded": "A mask was put among the weights: it is none, and this class makes "
    "its own while it runs.",
    "wt_block_mixed": "These numbers do not belong here, turned or not: a weight for a bias, those "
    "of another layer, or c_attn before it was cut.",
    "wt_block_module": "The parameter took the place of the whole module: .weight or .bias belongs "
    "on the left of = as well.",
    "wt_block_not_strict": "What does not fit, or is missing, was passed over without a word, so "
    "that something stays as it was drawn.",
    "wt_block_one_bias": "Query, key and value have all got the bias of the query.",
    "wt_block_outside": "These are the weights of the notebook: take those that were handed in.",
    "wt_block_qk_biases_swapped": "The weights of q and k are right, and their biases are swapped.",
    "wt_block_qkv_biases_left": "The biases of q, k and v never went in: OpenAI's model has them.",
    "wt_block_reshaped": "A matrix was poured into a new shape, which is no transpose: its first "
    "column has to become the first row.",
    "wt_block_shared": "A parameter shares its memory with OpenAI's array: change one, and the "
    "other changes. assign makes a copy.",
    "wt_block_shift_left": "The norms have got their gain and not their bias: shift is still 0.",
    "wt_block_split_dict": 'split_qkv takes the dict with w and b: weights["attn"]["c_attn"].',
    "wt_block_torch_names": "A new weight was hung beside the norm's own, and nothing reads it: "
    "here gain and bias are called scale and shift.",
    "wt_gpt_all_blocks": "load_block takes one block and the weights of this one: blocks[i].",
    "wt_gpt_blocks_count": "A block was asked for that is not there: there are as many as the "
    "model has, from 0 on.",
    "wt_gpt_head_of_old_table": "The head got the table before OpenAI's numbers were in it: both "
    "come from wte.",
    "wt_tie_gone": "A weight was taken away: the head's is to be the table's, and both stay.",
    "wt_tie_positions": "The head shares the table of positions: it is that of tokens.",
    "wt_tie_returns_weight": "The weight came back: the whole gpt is asked for.",
    "wt_far_abs_first": "The size of each number was taken before they were subtracted, so that 1 "
    "and -1 look equal: subtract first.",
    "wt_far_close": "This says whether they are near: how far they are apart is asked for.",
    "wt_far_last_row": "Only the last row was compared: a fault may show in any of them.",
    "wt_far_length": "This is the length of the difference, to which all numbers add: asked for is "
    "the largest of them.",
    "wt_far_python_max": "More than one number is left: .max() without an axis looks at each, and "
    "Python's own max(...) compares whole rows.",
    "wt_first_all_parts": "A dict of all parts went into largest_difference: theirs[name] is the "
    "output of this one.",
    "wt_first_error": "That is to be a KeyError, as theirs[name] raises it by itself.",
    "wt_first_items": "A dict alone gives its names only: .items() gives names and outputs.",
    "wt_first_nan_both": "A NaN in both was taken for equal: a model that gives NaN is broken, "
    "and so is one that agrees with it.",
    "wt_first_pair": "A pair came back: the name alone is asked for.",
    "wt_first_one_before": "This is the part before: the one that differs is asked for.",
    "wt_which_left": "A loader has no letter yet.",
    "wt_which_words": "Asked for is a dict with a letter for each of one, two, three and four.",
}
CAUSES: dict[str, str] = {
    **_NEST, **_CONFIG, **_ASSIGN, **_QKV, **_BLOCK, **_GPT, **_TIE, **_FAR, **_FIRST, **_WHICH,
    **_CATALOGUE,
}  # fmt: skip
