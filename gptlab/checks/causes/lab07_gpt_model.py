"""Why an answer of lab07 is wrong, one sentence a cause."""

from __future__ import annotations

_CLASSES = {
    "super_init_missing": "super().__init__() is missing: it comes first in __init__, then PyTorch "
    "can note what the class owns.",
    "part_name": "There is nothing of this name: weights from elsewhere are found by it, so it has "
    "to be that of the docstring.",
    "part_not_made": "This is the class itself: a module is made by calling it, with brackets.",
    "no_gradient": "Nothing is learned here: torch.no_grad(), detach() or requires_grad=False cuts "
    "the gradient off.",
    "settings_names": "The settings have no such name: they are vocab_size, context_length, "
    "emb_dim, n_heads, n_layers, drop_rate and qkv_bias.",
    "cfg_in_forward": "cfg is known in __init__ only: forward reads sizes from the shape of what "
    "comes in.",
    "norm_arguments": "LayerNorm takes a number, the emb_dim of the settings.",
    "norm_size": "The size of the norm is another: emb_dim of the settings.",
}

_NORM = {
    "layernorm_part": "The docstring names what the class owns: this one is missing, or is not "
    "what it says.",
    "layernorm_not_a_parameter": "scale and shift are learned: nn.Parameter around a tensor "
    "registers it.",
    "layernorm_start": "scale begins as ones and shift as zeros: at first the norm does nothing "
    "but norm.",
    "layernorm_unbiased": "The variance was divided by C - 1: here it is a plain mean of squares, "
    "so by C. torch has to be told.",
    "layernorm_eps_outside": "eps stands outside of the root: it is added to the variance.",
    "layernorm_no_eps": "eps is not used, so a row of equal numbers is 0 / 0: it is added to the "
    "variance.",
    "layernorm_eps": "eps is another number: 1e-5.",
    "layernorm_no_root": "The variance is not yet a size: its square root is.",
    "layernorm_over_time": "The mean was taken over the places: each place is normed by itself, "
    "along the last axis.",
    "layernorm_over_batch": "The mean was taken over the texts of the batch: each place is normed "
    "by itself, along the last axis.",
    "layernorm_over_all": "One mean was taken over several places: each is normed by itself, "
    "along the last axis.",
    "layernorm_axis_counted": "The axis was counted from the front: the last one is -1, whatever "
    "the number of axes.",
    "layernorm_no_keepdim": "The means lost their axis, so they do not line up with the rows: "
    "keepdim=True keeps it.",
    "layernorm_no_mean": "The mean was not taken away.",
    "layernorm_not_divided": "Only the mean was taken away: the rows are still of different size.",
    "layernorm_brackets": "Only the mean was divided: / comes before -, so the difference needs "
    "brackets.",
    "layernorm_no_affine": "scale and shift are not used: times scale, plus shift.",
    "layernorm_no_scale": "scale is not used.",
    "layernorm_no_shift": "shift is not used.",
    "layernorm_shift_first": "shift came before scale: first times scale, then plus shift.",
    "layernorm_size": "The size is another: scale and shift have emb_dim numbers each.",
    "layernorm_eps_not_used": "self.eps is kept, but forward has a number of its own: then nobody "
    "can change it.",
    "layernorm_not_a_tensor": "nn.Parameter takes a tensor of floats: torch.ones and torch.zeros "
    "make one.",
    "layernorm_unbiased_and_outside": "Two things: the variance was divided by C - 1, not by C, "
    "and eps stands outside of the root.",
    "layernorm_swapped": "scale and shift are swapped: times scale, plus shift.",
}

# The sentences on GELU that lab05 has too are worded as there.
_PARTS = {
    "gelu_erf": "This is GELU by the error function: GPT-2 was trained with the tanh form, and "
    "the two differ in the fourth place.",
    "gelu_sigmoid": "This is x times a sigmoid: GPT-2 has the tanh form.",
    "gelu_relu": "This is ReLU: GELU bends softly, and lets a little through below 0.",
    "gelu_no_half": "The half in front is missing.",
    "gelu_no_root": "The root of 2/π is missing.",
    "gelu_root_missing": "It is 2/π itself: its square root is asked for.",
    "gelu_no_cube": "The cube is missing: inside the tanh stands x plus 0.044715 times x³.",
    "gelu_cube_is_square": "x was squared: it is its third power.",
    "gelu_cube_not_scaled": "The cube has no factor: it is 0.044715 times x³.",
    "gelu_zero_lost": "The factor of the cube is ten times too large: 0.044715 has a 0 after the "
    "point.",
    "gelu_root_on_x_only": "The root of 2/π belongs to both terms: put x and its cube in brackets.",
    "gelu_no_one": "The 1 in front of the tanh is missing.",
    "gelu_no_x": "The x in front is missing: this is the share of x that gets through.",
    "gelu_silu": "This is x times a plain sigmoid, which is called SiLU: GPT-2 has the tanh form.",
    "gelu_minus": "The tanh was taken away from 1: it is added.",
    "gelu_number_rounded": "A number of the formula was rounded: write (2 / π) ** 0.5, with π "
    "itself, and 0.044715.",
    "gelu_root_of_a_number": "torch.sqrt takes a tensor: the root of a plain number is math.sqrt, "
    "or ** 0.5.",
    "gelu_caret": "^ is something else in Python: to the power of is **.",
    "gelu_of_a_number": "The functions of math take a single number: torch has its own, which go "
    "through a tensor.",
    "ff_layers": "layers is a row of three: a linear layer, GELU, a linear layer. Weights from "
    "elsewhere find them by their place in it.",
    "ff_width": "The sizes of the two layers differ from emb_dim to 4 * emb_dim and back.",
    "ff_no_bias": "A linear layer has no bias here: both have one, qkv_bias is only about "
    "attention.",
    "ff_no_bend": "Nothing bends between the layers: two linear layers in a row are one.",
    "ff_bend_in_forward": "GELU belongs into the row, between the two: weights from elsewhere find "
    "the second layer by its place in it.",
    "ff_other_relu": "This is ReLU: GPT-2 has GELU between the layers.",
    "ff_other_erf": "The GELU between the layers is the one by the error function: nn.GELU() "
    "without an argument is that one. Take your own.",
    "ff_other_sigmoid": "There is x times a sigmoid between the layers: take your own GELU.",
    "ff_bend_last": "GELU stands behind the second layer: it belongs between the two.",
    "ff_bend_twice": "There is a second GELU: nothing comes after the second layer.",
    "ff_bend_first": "GELU stands before the first layer: it belongs between the two.",
    "ff_adds_x": "x was added here: that is the work of the block.",
}

_BLOCK = {
    "att_arguments": "MultiHeadAttention takes d_in, d_out, context_length, dropout, num_heads "
    "and qkv_bias: hand them over by name.",
    "att_number_fixed": "The number is fixed: take that of the settings.",
    "ff_arguments": "FeedForward takes the settings, cfg, and nothing else.",
    "block_norm_made_anew": "A norm is made anew in forward, so it never learns: norm1 and norm2 "
    "are made once, in __init__.",
    "att_layers_and_heads": "n_layers and n_heads are swapped: attention has n_heads heads.",
    "att_no_qkv_bias": "qkv_bias was not handed on: OpenAI's weights have one.",
    "att_qkv_bias_always": "qkv_bias is fixed: hand on the one of the settings.",
    "att_dropout_rate": "The share of dropout is another: attention gets drop_rate, too.",
    "att_context": "The longest text is another: attention gets context_length.",
    "drop_rate_fixed": "The share of dropout is another: drop_rate of the settings.",
    "no_norm1": "What enters attention was not normed: that is the work of norm1.",
    "no_norm2": "What enters the feed-forward part was not normed: that is the work of norm2.",
    "norms_unused": "Neither norm is used: norm1 stands before attention, norm2 before the "
    "feed-forward part.",
    "norm1_and_norm2_swapped": "The norms are swapped: norm1 belongs to attention, norm2 to the "
    "feed-forward part.",
    "norm1_twice": "norm1 is used twice: the second place has a norm of its own, norm2.",
    "norm2_twice": "norm2 is used twice: attention has a norm of its own, norm1.",
    "norms_of_outputs": "What the parts give was normed: a norm stands before its part.",
    "no_drop_shortcut": "The dropout is missing: what a part gives goes through drop_shortcut "
    "before it is added.",
    "drop_on_stream": "The dropout hit x itself: only what a part gives is dropped, the shortcut "
    "stays whole.",
}

_MODEL = {
    "gpt_part": "The docstring names what the model owns: this one is missing, or is not what it "
    "says.",
    "gpt_tables_swapped": "The rows of the two tables are swapped: one row for each token of the "
    "vocabulary, one for each place of the context.",
    "gpt_table_size": "The size is another: tok_emb has a row for each token, pos_emb for each "
    "place, of emb_dim numbers each.",
    "gpt_head_sizes": "The head goes from emb_dim numbers to a score for each token.",
    "gpt_head_bias": "The head has a bias: GPT-2's has none.",
    "gpt_norm_size": "final_norm norms the emb_dim numbers of a place.",
    "gpt_one_block": "There is one block: nn.Sequential takes n_layers of them, one after the "
    "other.",
    "gpt_layers_and_heads": "n_layers and n_heads are swapped: there are n_layers blocks.",
    "gpt_blocks_count": "The number of blocks is another: n_layers of the settings.",
    "gpt_block_arguments": "TransformerBlock takes the settings, cfg, and nothing else.",
    "gpt_no_positions": "The places are missing: without them the model cannot tell an early "
    "token from a late one.",
    "gpt_positions_from_one": "The places start at 1: the first place has number 0.",
    "gpt_positions_constant": "Every place gets the same row: number them 0, 1, 2, and so on.",
    "gpt_positions_of_ids": "The table of places was asked for the ids: it is asked for places, 0 "
    "to T - 1.",
    "gpt_positions_all": "The places are always context_length many: the text may be shorter, "
    "there are T of them.",
    "gpt_positions_per_text": "The places count the texts of the batch: they count along time, "
    "the second axis.",
    "gpt_positions_scale": "The rows were multiplied: the two of them are added.",
    "gpt_positions_backwards": "The places run backwards: the first one has number 0.",
    "gpt_rows_scaled": "The rows were scaled: GPT-2 adds them as they are.",
    "gpt_table_not_called": "A table is a module: called with the numbers of the rows, it gives "
    "the rows.",
    "gpt_no_tokens": "Which token it is, is missing: add the token's row and the place's row.",
    "gpt_no_final_norm": "final_norm is missing between the blocks and the head.",
    "gpt_norm_before_blocks": "final_norm stands before the blocks: it comes after them.",
    "gpt_norm_after_head": "final_norm was given something else than the stream: it stands between "
    "the blocks and the head.",
    "gpt_norm_in_each": "final_norm comes once, after the last block: the blocks have norms of "
    "their own.",
    "gpt_block_adds": "x was added to what a block gives: a block adds by itself.",
    "blocks_not_once": "Not every block is used once: the stream goes through all of them, one "
    "after the other.",
    "blocks_order": "The blocks run in another order: the first one comes first.",
    "blocks_each_from_the_start": "A block was given the same x as the one before it: it reads "
    "what that one gave.",
    "gpt_softmax": "A softmax was taken: scores are the raw numbers of the head.",
    "gpt_axes": "The axes are others: (B, T, vocab_size) is asked for.",
    "gpt_drop_each": "Dropout fell on each of the two rows: it falls once, on their sum.",
    "gpt_drop_twice": "Dropout fell a second time: drop_emb stands only between the sum of the "
    "rows and the blocks.",
    "gpt_no_drop_emb": "drop_emb is missing: it stands between the sum of the rows and the blocks.",
    "gpt_no_head": "These are the numbers of the stream: out_head makes scores of them.",
    "gpt_last_only": "Only the last place came out: there is a score for what follows each token.",
    "whole_not_eval": "The model is still training, so dropout is at work: put it into evaluation "
    "mode.",
    "whole_not_loaded": "The model still has its own random numbers: load state into it.",
    "whole_returns_keys": "load_state_dict changes the model and returns a list of names: return "
    "the model.",
    "whole_other_settings": "The model was built with other settings than cfg: state does not fit.",
    "whole_names": "A name or a size in state does not fit your model: state_dict() of a GPTModel "
    "with these settings has the names of the docstrings.",
    "whole_arguments": "The order of the two is cfg, state.",
    "whole_unpacked": "GPTModel takes the dictionary itself, without stars.",
    "whole_changes_state": "The caller's state was changed: load_state_dict only reads it.",
    "whole_not_strict": "strict=False skips what does not fit, without a word: leave it out.",
}

_USE = {
    "count_no_positions": "The table of positions is missing: context_length rows.",
    "count_no_tokens": "The table of tokens is missing: vocab_size rows.",
    "count_one_block": "There is one block only: n_layers of them.",
    "count_no_final_norm": "The last norm is missing: it has a scale and a shift.",
    "count_final_norm_half": "The last norm counts half: it has a scale and a shift.",
    "count_norms_half": "A norm has a scale and a shift: 2 * emb_dim numbers, two norms a block.",
    "count_all_norms_half": "A norm has a scale and a shift: 2 * emb_dim numbers.",
    "count_no_block_norms": "4 * emb_dim numbers are missing in each block: the two norms, or the "
    "bias of the wide feed-forward layer.",
    "count_no_projection": "out_proj of attention is missing: a linear layer with a bias.",
    "count_projection_no_bias": "emb_dim numbers are missing in each block: the bias of out_proj, "
    "or that of the way back in feed-forward.",
    "count_ff_no_bias": "The feed-forward layers have biases: 4 * emb_dim and emb_dim.",
    "count_ff_narrow": "The hidden layer is four times as wide as emb_dim.",
    "count_head_bias": "The head has no bias.",
    "count_brackets": "Only a part of a block was taken n_layers times: brackets around all of it.",
    "count_layers_fixed": "The number of blocks is fixed: n_layers of the settings.",
    "count_by_model": "The model was built and asked: here the number comes from arithmetic, so "
    "that the two can be compared.",
    "count_one_number": "One plain number is asked for.",
    "count_per_head": "More heads cost nothing: they share the emb_dim numbers, so the matrices "
    "are of the same size.",
    "count_tied_ignored": "tied was not used: then the head is the table of tokens, and counts "
    "once.",
    "count_tied_always": "The head was left out although it is a matrix of its own: only where "
    "tied is True does it count with the table.",
    "count_no_qkv_bias": "qkv_bias was not used: query, key and value each get emb_dim numbers "
    "more.",
    "count_qkv_bias_always": "Query, key and value have no bias where qkv_bias is False.",
    "count_qkv_bias_once": "The bias of query, key and value was counted once: there are three of "
    "them in each block.",
    "count_float": "The number is a float: // divides whole numbers, and nothing here needs to be "
    "divided.",
    "greedy_not_cropped": "The context was not cropped: the model sees at most context_size "
    "tokens.",
    "greedy_cropped_first": "The beginning of the text was kept: crop to its end, the last "
    "context_size tokens.",
    "greedy_cropped_less": "One token too few was shown: context_size of them fit.",
    "greedy_last_token_only": "The model was shown the last token only: it looks back as far as "
    "context_size.",
    "greedy_first_place": "The scores of the first place were read: the last place says what comes "
    "next.",
    "greedy_place_before": "The scores of the place before the last were read: the last place says "
    "what comes next.",
    "greedy_all_places": "The best of each place was appended: only the last place says what comes "
    "next.",
    "greedy_of_the_batch": "The best was looked for over all rows at once, or down the batch: each "
    "text has its own, along the last axis.",
    "greedy_samples": "The next token was drawn: here the likeliest is taken, and nothing is left "
    "to chance.",
    "greedy_least": "The least likely token was taken: the largest score wins.",
    "greedy_score": "A score was appended: the id is the place of the largest score.",
    "greedy_no_keepdim": "The chosen ids have lost their axis, (B,): to be appended along time "
    "they have to be (B, 1).",
    "greedy_floats": "The ids have become floats: an id is the place of the largest score.",
    "greedy_scores_axis": "The best was looked for along another axis: scores are (B, T, V), so "
    "the place is chosen on the second one, the token on the last.",
    "greedy_item": "The new id is a plain number: keep it in a tensor, (B, 1), one for each text.",
    "greedy_pair": "max gives a pair, the largest scores and their places: the places are ids.",
    "greedy_brackets": "torch.cat takes one tuple of tensors: a pair of brackets is missing.",
    "no_grad_brackets": "torch.no_grad is made by calling it: a pair of brackets is missing.",
    "greedy_gradients_off": "Gradients stay switched off after the call: with torch.no_grad(): "
    "switches them back on.",
    "greedy_squeezed": "A single text lost its axis: (B, T + max_new_tokens) is asked for, also "
    "where B is 1.",
    "greedy_only_new": "The given start is missing: the result begins with idx.",
    "greedy_count": "The number of new tokens is another: max_new_tokens.",
    "greedy_not_kept": "Nothing was kept: torch.cat makes a new tensor, which needs a name.",
}

_PARTS_CATALOGUE = {
    "layernorm_eps_last": "eps was added to the finished quotient: it belongs to the variance, "
    "under the root.",
    "layernorm_mean_over_time": "The mean goes over the places and the variance over the numbers: "
    "both go along the last axis.",
    "layernorm_root_mean_square": "Only the size was normed, which is a norm of its own (RMSNorm): "
    "here the mean is taken away first.",
    "layernorm_squares_of_x": "These are the squares of x itself: the variance is the mean of the "
    "squared distances from the mean.",
    "layernorm_one_number": "There is one scale and one shift for all: each of the emb_dim numbers "
    "has its own.",
    "layernorm_detached": "Mean and variance were detached: the gradient has to come through them "
    "too, or training goes in another direction.",
    "gelu_root_of_pi": "The root is taken of something other than 2/π.",
    "gelu_tanh_alone": "This is the tanh alone: it says how much of x gets through, after adding 1 "
    "and halving.",
    "gelu_no_tanh": "The tanh is missing.",
    "gelu_bracket_of_half": "The brackets stand elsewhere: ½ x multiplies the sum of 1 and the "
    "tanh.",
    "gelu_factor_cubed": "The factor was cubed along with x: only x is.",
    "gelu_exp_overflow": "e to the power of a large number is inf, and inf / inf is nan: "
    "torch.tanh stays finite.",
    "gelu_slope_lost": "torch.tensor makes a copy without a history, so the gradient is wrong: "
    "work on the tensor itself.",
    "ff_dropout": "There is dropout in here: the block does that, after this part.",
    "ff_one_layer": "The second layer is not used: it brings the numbers back to emb_dim.",
    "ff_plain_list": "The layers are in a plain list, which cannot be called, and whose weights "
    "PyTorch does not see: nn.Sequential does both.",
    "ff_gelu_not_made": "GELU is the class: a module is made by calling it, GELU().",
}

_MODEL_CATALOGUE = {
    "drop_before_parts": "Dropout fell on what enters the parts: it falls on what they give, "
    "before that is added.",
    "att_width_of_a_head": "d_out is the width of all heads together: attention divides it among "
    "them itself.",
    "norm_of_torch": "This is PyTorch's own norm, whose weights have other names: take your "
    "LayerNorm.",
    "forward_returns_nothing": "Nothing is returned: a forward ends with return.",
    "gpt_blocks_plain_list": "The blocks are in a plain list, which cannot be called, and whose "
    "weights PyTorch does not see: nn.Sequential does both.",
    "gpt_blocks_not_unpacked": "nn.Sequential was given a list: a star in front hands over what is "
    "in it.",
    "gpt_drop_on_tokens": "Dropout fell on the tokens' rows alone: it falls on the sum of both "
    "rows.",
    "gpt_drop_after_blocks": "Dropout stands after the blocks: drop_emb comes before them.",
    "whole_returns_state": "The weights came back: return the model.",
    "whole_loaded_into_another": "The weights went into another model, which was thrown away: load "
    "them into the one that you return.",
    "whole_changes_settings": "The caller's cfg was changed: eval() turns dropout off without "
    "that.",
    "whole_eval_in_part": "Dropout was turned off in one place only: there is some in every block, "
    "and eval() on the model reaches all of it.",
}

_USE_CATALOGUE = {
    "count_qkv_bias_turned": "The question is turned round: the biases count where qkv_bias is "
    "True.",
    "count_one_of_three": "Query, key and value have a matrix each: three of them.",
    "count_final_norm_each": "The last norm was counted in each block: there is one, after all of "
    "them.",
    "count_positions_not_wide": "Each place has a row of emb_dim numbers, not a single one.",
    "count_tied_turned": "The question is turned round: where tied is True, the head adds nothing.",
    "count_ff_bias_narrow": "The bias of the first feed-forward layer is as wide as what comes out "
    "of it: 4 * emb_dim.",
    "count_ff_one_layer": "The second feed-forward layer is missing: 4 * emb_dim back to emb_dim, "
    "with a bias.",
    "count_blocks_are_heads": "n_layers and n_heads are swapped: there are n_layers blocks.",
    "count_bytes": "These are bytes: the number of parameters is asked for.",
    "greedy_mean_of_places": "The scores of all places were averaged: only the last place says "
    "what comes next.",
    "greedy_wrong_axis": "The new token was appended along the wrong axis: time is dim=1.",
    "greedy_prepends": "The new token stands in front: it belongs at the end.",
    "greedy_overwrites": "The last token was overwritten: append the new one.",
    "greedy_stopped": "It stopped after one new token: return stands after the loop.",
    "greedy_cropped_rows": "The batch was cropped, not the time: the first axis counts texts.",
    "greedy_cropped_one_more": "One token too many was shown: context_size of them fit.",
    "greedy_cropped_last_lost": "The newest token is lost: a slice that ends at -1 stops before "
    "it.",
    "greedy_cropped_once": "The model was shown the same tokens each time: crop anew at each step, "
    "with the new token in it.",
    "greedy_context_fixed": "The length of the context is fixed: use context_size.",
    "greedy_with_gradients": "Autograd noted every step: nobody is learning here, so call the "
    "model under torch.no_grad().",
}

_CATALOGUE = _PARTS_CATALOGUE | _MODEL_CATALOGUE | _USE_CATALOGUE
CAUSES = _CLASSES | _NORM | _PARTS | _BLOCK | _MODEL | _USE | _CATALOGUE
