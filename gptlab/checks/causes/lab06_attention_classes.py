"""Why an answer of lab06 is wrong, one sentence a cause."""

from __future__ import annotations

_SIMPLE = {
    "simple_no_transpose": "The right one of the two has to stand on its side: rows times columns.",
    "simple_scores": "These are the scores: softmax of each row makes weights of them.",
    "simple_over_columns": "The columns sum to 1: it is each row that shares out one whole.",
    "simple_over_all": "The whole table sums to 1: each row has to.",
    "simple_not_exp": "The scores themselves were divided by their sum: softmax takes e to the "
    "power of each first.",
    "simple_scaled": "The scores were scaled: here they are plain dot products.",
    "simple_masked": "The future was hidden: there is no mask yet.",
    "simple_order": "The order is reversed: the weights come first, then the context.",
    "simple_mix_of_scores": "The rows were mixed with the scores: it is the weights that mix.",
    "simple_transposed": "The table of weights was transposed: row t holds what row t takes.",
    "simple_inputs": "These are the inputs themselves: each row becomes a mix of all rows.",
    "simple_elementwise": "* multiplies place by place: a table of dot products is a matrix "
    "product.",
    "simple_one_query": "These are the scores of one word alone: each word has a row of scores.",
    "simple_sizes_fixed": "The number of words is fixed: read it from inputs.",
    "simple_cosine": "The words were cut to length 1 first: here they are plain dot products, so a "
    "longer row counts for more.",
    "simple_only_context": "One thing is returned: the weights belong to it, and come first.",
    "simple_context_is_weights": "These are the weights once more: the context is what they make "
    "of the rows.",
}

_ATTENTION = {
    "att_part_missing": "The docstring names what the class owns: this one is missing, or is not "
    "what it says.",
    "att_returns_nothing": "Nothing is returned: a forward ends with return.",
    "att_one_layer": "Query, key and value share a matrix: each has its own.",
    "att_two_things": "More than one thing is returned: only the output leaves.",
    "att_layer_as_matrix": "A layer is not a matrix: call it on x, like a function.",
    "att_global_x": "This uses a table that the notebook happens to hold: use the argument.",
    "att_T_fixed": "The number of words is fixed: read it from x.",
    "gradient_cut": "The gradient was cut off on the way (detach, .data or no_grad), so this would "
    "never learn: leave tensors as they come.",
    "no_super": "The line super().__init__() is missing: it comes first in __init__.",
    "mode_set_inside": "The mode was set inside forward: train() and eval() are called by whoever "
    "uses the module.",
    "att_sizes": "The sizes are others: from d_in numbers to d_out.",
    "att_sizes_swapped": "The sizes are exchanged: a layer goes from d_in to d_out.",
    "att_bias_ignored": "qkv_bias is not used: it says whether the three layers have a bias.",
    "att_bias_always": "The layers have a bias although qkv_bias is False: hand it on to them.",
    "att_bias_some": "Not all three layers are told qkv_bias: this one is not.",
    "att_bias_unused": "The bias does not come in: call the layer, do not take its weight.",
    "att_not_scaled": "The scores are not scaled: divide by the root of the size of a key.",
    "att_scaled_by_d_in": "The scale was made of d_in: a dot product adds up as many terms as a "
    "key has numbers, and it is the root of that.",
    "att_scaled_by_size": "The scores were divided by the size of a key: it is its square root.",
    "att_half_the_size": "** comes before /, so ** 1/2 is a power of 1 and a 2 that "
    "divides: the root is ** 0.5, or ** (1/2).",
    "att_multiplied_by_root": "The scores were multiplied by the root of the size of a key: "
    "divide.",
    "att_scaled_by_T": "The scale was made of the number of words: it is the root of the size of "
    "a key.",
    "att_softmax_first": "The scale came after the softmax, so the rows no longer sum to 1: it "
    "belongs on the scores.",
    "att_raw_scores": "Scores were used as weights: the softmax is missing.",
    "att_mixes_keys": "The keys were mixed: the weights meet the values.",
    "att_values_from_x": "x itself was mixed: the weights meet the values, of d_out numbers.",
    "att_transposed_weights": "The table of weights was transposed: row t holds what word t takes.",
    "v1_plain_tensor": "This is a plain tensor, which no optimizer would find: nn.Parameter "
    "around it registers it.",
    "v1_linear": "This is a layer: in v1 the matrix itself is kept, layers come in v2.",
    "att_key_size_fixed": "The size of a key is fixed: read it from the keys.",
    "v1_zeros": "All numbers begin alike, so all weights are equal and no two columns can ever "
    "learn different things: begin with random ones.",
    "v1_frozen": "requires_grad=False keeps the matrix from learning: leave it out.",
    "v1_seeded": "The seed is set inside, so every module begins with the same numbers: a notebook "
    "sets it, once.",
    "v2_parameters": "These are matrices as in v1: here they are nn.Linear layers.",
    "v2_weight_not_turned": "A layer keeps its matrix as (d_out, d_in), and turns it when it is "
    "called: call the layer.",
    "v1_sizes_swapped": "The sizes are exchanged: x @ W takes a matrix of (d_in, d_out).",
    "v1_sizes_fixed": "The sizes are fixed: d_in and d_out are arguments.",
    "v1_x_on_the_right": "x stands on the wrong side: rows of words on the left, the matrix on "
    "the right.",
    "v1_not_rand": "The numbers were drawn another way: torch.rand gives numbers from 0 to 1.",
    "transfer_no_grad": "A parameter is watched by autograd: write into it under torch.no_grad().",
    "transfer_not_turned": "The matrix was not turned: a layer keeps it as (d_out, d_in), v1 as "
    "(d_in, d_out).",
    "transfer_not_a_parameter": "A parameter takes a tensor's numbers, or another nn.Parameter: "
    "a plain tensor cannot stand in its place.",
    "transfer_layer": "A layer is not a matrix: its matrix is its .weight.",
    "transfer_other_way": "v2 was changed: the weights go from v2 to v1.",
    "transfer_nothing": "v1 still has its old numbers: write each matrix into it.",
    "transfer_reshaped": "reshape cuts the same line of numbers anew: to turn a matrix takes .T.",
    "transfer_two_of_three": "One matrix was left out: there are three of them.",
    "transfer_frozen": "v1 cannot learn any more: its matrices have to stay parameters with a "
    "gradient.",
    "transfer_mixed_up": "A matrix went to the wrong place: query to query, key to key, value to "
    "value.",
}

_MASK = {
    "att_mask_plain": "mask is a plain attribute: as a buffer it moves to the GPU with the model "
    "and is saved with it.",
    "att_mask_parameter": "mask is a parameter, so training would change it: it is a buffer.",
    "att_mask_size": "The mask is a table of places by places: context_length counts.",
    "att_mask_lower": "The ones stand where one may look: here 1 says where one may not, above "
    "the diagonal.",
    "att_mask_diagonal": "The diagonal is hidden too: a word must be able to see itself.",
    "att_mask_ahead": "One diagonal too few is hidden: a word would see the next one.",
    "att_mask_turned": "The mask is upside down: it hides what is above the diagonal.",
    "att_mask_of_inf": "The mask holds -inf itself: here it holds ones and zeros, and forward "
    "writes the -inf.",
    "att_future_seen": "The future is seen: the mask is missing, or what masked_fill returned was "
    "not kept.",
    "ca_T_is_B": "The mask was cut to the number of texts: the words are the second axis of x, "
    "B comes first.",
    "ca_T_fixed": "The number of words is fixed: read T from x.",
    "ca_three_axes": "x has three axes: texts, words, numbers.",
    "ca_other_axes": "Texts and words changed places: the batch stays in front, and the last two "
    "axes are exchanged.",
    "ca_keys_reshaped": "view and reshape only cut the same line of numbers anew: to exchange two "
    "axes takes transpose.",
    "att_mask_not_cut": "The mask is as large as context_length, the scores are (T, T): cut it "
    "to the first T rows and columns.",
    "att_mask_wrong_way": "The mask is used the wrong way round: the past is hidden and the future "
    "is seen. Its ones say where the -inf goes.",
    "att_mask_transposed": "The mask is upside down: word t may see words 0 to t.",
    "att_mask_no_diagonal": "The diagonal is hidden too: a word must be able to see itself, or "
    "the first one has nothing to look at.",
    "att_mask_one_ahead": "One diagonal too few is hidden: each word sees the next one.",
    "att_mask_inf_after": "-inf was written after the softmax: mask first, then softmax.",
    "att_mask_after_divided": "The mask came after the softmax: where all weights that stay are "
    "0, this divides 0 by 0. Mask the scores.",
    "att_nan": "nan comes of ∞ − ∞, 0 · ∞ or 0 / 0: a whole row that is hidden, or −∞ that was "
    "multiplied.",
    "att_dropout_fixed": "The share of dropout is fixed: use the argument dropout.",
    "att_dropout_share_kept": "The argument is the share that is dropped: hand it on as it is.",
    "att_dropout_renormalised": "What dropout left was divided by its sum: nn.Dropout has scaled "
    "it already, and where all is gone this is 0 / 0.",
    "att_dropout_scaled_again": "Divided by 1 - p once more: nn.Dropout has done it.",
    "ca_dropout_on_x": "Dropout fell on x: it belongs on the weights.",
    "att_dropout_twice": "Dropout falls twice: once is enough, on the weights.",
    "ca_dropout_on_values": "Dropout fell on the values: it belongs on the weights.",
    "att_dropout_not_scaled": "What is not dropped has to be divided by 1 - p: nn.Dropout does "
    "both.",
}

_HEADS = {
    "wrapper_other_heads": "The heads are to be your own CausalAttention.",
    "wrapper_arguments": "A head was asked for other things: d_in, d_out, context_length and "
    "dropout go on to it in this order.",
    "wrapper_share": "Each head gives d_out numbers here, all of them num_heads * d_out: nothing "
    "is divided yet.",
    "wrapper_two_heads": "The number of heads is fixed: use the argument num_heads.",
    "wrapper_num_heads_as_bias": "num_heads was handed on to the heads, which take it for "
    "qkv_bias: a head does not know how many there are.",
    "wrapper_no_dropout": "dropout was not handed on to the heads.",
    "wrapper_own_dropout": "Dropout falls on the output as well: it is the business of the heads.",
    "wrapper_projection": "There is a layer that nothing asked for: the projection comes only in "
    "MultiHeadAttention.",
    "wrapper_no_bias": "qkv_bias was not handed on to the heads.",
    "wrapper_keyword": "A head has no argument of that name: they are d_in, d_out, context_length, "
    "dropout and qkv_bias.",
    "wrapper_not_called": "The class itself is in the list: call it, with its arguments.",
    "wrapper_sequential": "nn.Sequential feeds each head with the result of the one before: a list "
    "of heads is an nn.ModuleList.",
    "wrapper_list_called": "A list of heads cannot be called: call each head in it on x.",
    "wrapper_heads_joined": "The heads themselves were joined: call each of them on x, and join "
    "what they give.",
    "wrapper_generator": "torch.cat wants a list: square brackets around what is made for each "
    "head.",
    "wrapper_list": "This is a list of what the heads give: join it to one tensor.",
    "wrapper_new_heads": "The heads in self.heads were not called: those that learn are there.",
    "wrapper_some_heads": "Not all heads were called: take every one in self.heads.",
    "wrapper_mean": "The heads were averaged: they stand side by side, along the last axis.",
    "wrapper_along_time": "The heads were joined along time, so the text became longer: the "
    "numbers of a word are the last axis.",
    "wrapper_along_batch": "The heads were joined along the batch: the numbers of a word are the "
    "last axis.",
    "wrapper_stacked": "The heads got an axis of their own: torch.cat joins along one that is "
    "there.",
    "wrapper_stacked_first": "The heads got an axis of their own: torch.cat joins along one that "
    "is there.",
    "wrapper_one_head": "Only the first head came out: all of them, side by side.",
    "wrapper_last_head": "Only the last head came out: collect them all, side by side.",
    "wrapper_in_a_row": "The heads work one on another's result: each of them reads x.",
    "mh_projection_sizes": "out_proj goes from d_out to d_out: it mixes what the heads gave.",
    "mh_projection_no_bias": "out_proj has a bias: qkv_bias is only about query, key and value.",
    "mh_no_projection": "The projection is missing: out_proj mixes the heads before they leave.",
    "mh_projection_twice": "out_proj was applied twice.",
    "mh_scaled_by_d_out": "The scale was made of d_out, the numbers of all heads: a dot product "
    "adds up head_dim terms, so it is the root of head_dim.",
    "mh_scaled_by_heads": "The scale was made of the number of heads: it is the root of head_dim.",
    "mh_uneven_d_in": "d_in was asked whether it divides: it is d_out that the heads share.",
    "mh_uneven_turned": "The test is the wrong way round: where the rest of d_out divided by "
    "num_heads is 0, the heads can share, and all else is refused.",
    "mh_head_dim_fixed": "The size of a head is fixed: it is d_out // num_heads.",
    "mh_float": "/ gives a number with a point, 2.0, and a size has none: // divides whole "
    "numbers.",
    "mh_not_kept": "What forward needs, __init__ keeps in self.",
    "mh_head_dim_is_d_out": "Each head was given all d_out numbers: they share them.",
    "mh_layers_of_one_head": "The layers make numbers for one head only: d_out is for all of them.",
    "mh_not_swapped": "Words and heads were not exchanged, so the heads of one word look at each "
    "other: words have to be the last axis but one.",
    "mh_keys_swapped_back": "Heads and words of the keys were exchanged back: for the product it "
    "is their last two axes.",
    "mh_swapped_in_part": "One factor of this product has heads before words, the other words "
    "before heads: (B, num_heads, T, head_dim) for all three.",
    "mh_over_heads": "The softmax goes over the heads: the keys, the last axis, share one whole.",
    "mh_one_head": "All numbers went into one head: they are cut into num_heads first.",
    "mh_view_alone": "view alone cuts the text into pieces, so words get into the wrong head, and "
    "from the future: cut the last axis in two, then exchange words and heads.",
    "mh_view_both_ways": "view alone, there and back, gives each head a stretch of the text in "
    "place of its own numbers: cut the last axis in two, then exchange words and heads.",
    "mh_merged_without_swap": "The heads were merged without exchanging words and heads back: "
    "a row then holds one head of several words.",
    "mh_swapped_others_back": "Other axes were exchanged back than those of the swap: words and "
    "heads.",
    "mh_merged_interleaved": "The numbers of a head were scattered in the merge: swap words and "
    "heads back, nothing else.",
    "mh_merged_to_d_in": "Merged to d_in numbers: it is d_out that the heads share.",
    "mh_not_merged": "The heads were not merged: a word has d_out numbers again before out_proj.",
    "mh_projection_on_values": "out_proj was used on the values: it comes last, and mixes what "
    "the heads give.",
    "mh_view_not_contiguous": "After a transpose the numbers no longer lie in a row, and view "
    "refuses: reshape copies them where it must.",
    "mh_axes": "Sizes of axes were mixed up: (B, T, num_heads, head_dim), then exchange words and "
    "heads. With two heads of two numbers it could not be seen.",
    "mh_uneven": "A d_out that the heads cannot share evenly has to be refused at once: else the "
    "error comes later and says less.",
}

CAUSES = _SIMPLE | _ATTENTION | _MASK | _HEADS
