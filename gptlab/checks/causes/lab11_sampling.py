"""Why an answer of lab11 is wrong, one sentence a cause."""

from __future__ import annotations

_ALL = {
    "smp_part_missing": "__init__ is to own a layer of this name: forward and OpenAI's weights "
    "look for it there.",
    "smp_own_names": "A module keeps its layers under the names of __init__, with self. in front: "
    "GPT has some of them in self.transformer.",
    "smp_not_in_init": "A name is used that is not there: the sizes are in config, and what "
    "__init__ has made is in self.",
    "smp_config_in_init": "config is there in __init__ only: forward reads what __init__ has kept, "
    "as self.n_head, and in GPT self.config.",
    "smp_no_att": "There is no att: give the result that name, for the lines below read it.",
    "smp_no_x": "There is no x: give the result that name, for the lines below read it.",
    "smp_no_logits": "forward returns logits: give the result that name.",
    "smp_sizes_fixed": "The sizes are those of GPT-2: read them from config, so that a smaller "
    "model can be made.",
    "smp_bias_always": "The layer has a bias although config.bias is False: hand it on.",
    "smp_bias_ignored": "The layer has no bias although config.bias is True: hand it on. GPT-2's "
    "weights bring one.",
    "smp_not_kept": "What was worked out is thrown away: a layer makes a new tensor, which needs "
    "a name.",
    "smp_list_called": "A list of blocks cannot be called: take one after the other.",
}

_ATTENTION = {
    "smp_c_attn_one": "That is room for one of the three: q, k and v all come out of this layer.",
    "smp_c_attn_of_a_head": "That is room for one head only: each head has n_embd / n_head numbers "
    "of q, k and v, and all the heads come out of this layer.",
    "smp_c_attn_each_head": "The heads share the n_embd numbers: they do not get n_embd each.",
    "smp_c_attn_from_a_head": "What goes in is a whole token, n_embd numbers, not a head's share.",
    "smp_c_attn_swapped": "The sizes are exchanged: first what goes in, then what comes out.",
    "smp_c_attn_self": "self.n_embd and self.n_head are set further down in __init__: here it is "
    "config.n_embd.",
    "smp_c_attn_size": "q, k and v of all heads lie side by side: n_embd numbers each.",
    "smp_heads_left": "It is still (B, T, C): each of the three is to be cut into heads.",
    "smp_heads_viewed": "view alone keeps the order of the numbers, so a head gets pieces of "
    "other tokens: first cut each token into heads, then exchange heads and tokens.",
    "smp_heads_not_moved": "The heads stand behind the tokens, (B, T, nh, hs): exchange these two "
    "axes.",
    "smp_heads_last_two": "Tokens and numbers of a head are exchanged: it is (B, nh, T, hs).",
    "smp_heads_hs_in_front": "The number of heads and their size are exchanged: n_head heads of "
    "C / n_head numbers each.",
    "smp_heads_interleaved": "A head gets every n_head-th number of a token: it is to get numbers "
    "that stand side by side.",
    "smp_heads_before_texts": "The texts of the batch are to stay in front: only tokens and heads "
    "change places.",
    "smp_heads_axes": "Other axes changed places: of (B, T, nh, hs) the tokens and the heads do, "
    "which are axes 1 and 2.",
    "smp_heads_fixed": "The number of heads is fixed here: it is self.n_head, and a head has "
    "C // self.n_head numbers.",
    "smp_heads_name": "This name is not there: the number of heads is self.n_head, and the size of "
    "one you make yourself, of C.",
    "smp_heads_copied": "This is another of the three: each is made of itself.",
    "smp_heads_float": "/ gives a number with a point, and a size has none: // divides whole "
    "numbers.",
    "smp_heads_size": "The sizes do not multiply to as many numbers as there are: B, T, n_head "
    "and C // n_head.",
    "smp_heads_contiguous": "view cannot lay out these numbers in this order: first cut the last "
    "axis in two, then exchange heads and tokens.",
    "smp_heads_first": "q, k and v do not come as heads yet: check.heads tells more.",
    "smp_out_not_projected": "What the heads have heard goes out as it is: c_proj mixes it.",
    "smp_out_not_kept": "It was worked out, then thrown away: y needs it, for forward returns y.",
    "smp_out_from_x": "This was made of x: y is what the heads have heard.",
    "smp_out_twice": "c_proj was applied twice.",
    "smp_out_no_bias": "c_proj's bias does not come in: call the layer.",
    "smp_out_residual": "y was added to what c_proj gives: adding is the block's work.",
    "smp_out_c_attn": "This went through c_attn: the way out is c_proj.",
    "smp_out_no_dropout": "resid_dropout is not used: it is the last thing that happens.",
    "smp_out_other_dropout": "The dropout is another one: here it is resid_dropout.",
}

_LONG_WAY = {
    "smp_scores_not_transposed": "Rows of q meet rows of k: for a matrix product the last two axes "
    "of k have to be exchanged.",
    "smp_scores_not_scaled": "The scores are not scaled: divide by the root of a head's size.",
    "smp_scores_by_size": "The scores were divided by the size of a head: it is its square root.",
    "smp_scores_multiplied": "The scores were multiplied by the root: divide by it.",
    "smp_scores_multiplied_by_size": "The scores were multiplied by the size of a head: divide by "
    "its root.",
    "smp_scores_by_width": "The scale was made of C, the numbers of all heads: a product adds up "
    "those of one head.",
    "smp_scores_by_T": "The scale was made of the number of tokens: it is the root of a head's "
    "size, the last axis of k.",
    "smp_scores_by_heads": "The scale was made of the number of heads: it is the root of a head's "
    "size.",
    "smp_scores_turned": "q and k are exchanged: row t has the scores of token t's query.",
    "smp_scores_all_sizes": "k.size() is all sizes at once: a root is taken of one of them, the "
    "last.",
    "smp_scores_size": "There is no name for the size of a head yet: k knows it, as its last size.",
    "smp_scores_masked": "The future is hidden already: the mask has a place of its own, below.",
    "smp_scores_twice": "The scale was applied twice.",
    "smp_scores_q_only": "q was held against itself: against k.",
    "smp_scores_softmax": "These are shares already: the softmax has a place of its own, after the "
    "mask.",
    "smp_scores_root": "math.sqrt takes a plain number, torch.sqrt a tensor.",
    "smp_mask_missing": "masked_fill was not called on the scores.",
    "smp_mask_not_kept": "The scores are as before: masked_fill makes a new tensor, which needs a "
    "name.",
    "smp_mask_nothing": "Nothing was hidden: of the table it is the FIRST T rows and the first T "
    "columns.",
    "smp_mask_inf": "Python has no such name: float makes minus infinity of a text, and math.inf "
    "is infinity.",
    "smp_mask_not_cut": "self.bias is block_size wide and high, the scores are T: cut it to the "
    "first T rows and columns.",
    "smp_mask_not_bool": "masked_fill wants True and False: a comparison with 0 makes them.",
    "smp_mask_value": "masked_fill takes two things: where, and one number to write there.",
    "smp_mask_inverted": "The past is hidden and the future is seen: self.bias has a 1 where a "
    "token may look, and masked_fill writes where it is told True.",
    "smp_mask_turned": "The past is hidden, not the future: row t may see columns 0 to t.",
    "smp_mask_diagonal": "A token no longer sees itself: only what is yet to come is hidden.",
    "smp_mask_with_0": "0 is a score like any other, and e to the power of 0 is 1: the future gets "
    "a share. Of -inf it gets none.",
    "smp_mask_number": "This number is too near: where the scores are lower than it, the future "
    "gets all. -inf is below any score.",
    "smp_mask_plus_inf": "The sign is missing: +inf beats every score.",
    "smp_mask_nan": "nan comes of 0 times inf, or of inf minus inf: masked_fill writes -inf only "
    "where it is told.",
    "smp_mask_shares": "These are shares already: the softmax comes after this place.",
    "smp_mask_after": "The softmax came before the mask, so the rest no longer adds up to 1.",
    "smp_weights_over_queries": "The columns add up to 1: each row shares out one whole, along the "
    "last axis.",
    "smp_weights_over_heads": "The heads share with each other: each row shares out one whole, "
    "along the last axis.",
    "smp_weights_over_texts": "The texts share with each other: each row shares out one whole, "
    "along the last axis.",
    "smp_weights_axis": "softmax is told along which axis, as dim: the last one.",
    "smp_weights_name": "softmax is in F: F.softmax.",
    "smp_weights_class": "nn.Softmax makes a layer, and is handed no scores: F.softmax is the "
    "function.",
    "smp_weights_keepdim": "The sums have lost their axis: keepdim=True keeps it.",
    "smp_weights_exp": "The numbers are positive, and do not add up to 1 yet.",
    "smp_weights_mixed": "The values are mixed already: the line below does that, with the shares.",
    "smp_weights_raw": "These are still scores: a softmax makes shares of them.",
    "smp_weights_twice": "The softmax was taken twice.",
    "smp_weights_log": "These are logarithms of the shares: softmax gives the shares.",
    "smp_weights_no_dropout": "attn_dropout is not used: it falls on the shares.",
    "smp_weights_dropout_first": "Dropout fell on the scores: a score of 0 is no share of 0. First "
    "the softmax, then the dropout.",
}

_BLOCK = {
    "smp_mlp_narrow": "The layer in the middle is 4 * config.n_embd wide.",
    "smp_mlp_wide": "One end of each layer is n_embd: from there to 4 * n_embd, and back.",
    "smp_mlp_swapped": "The sizes are exchanged: c_fc goes from n_embd to 4 * n_embd, c_proj back.",
    "smp_mlp_size": "c_fc goes from n_embd numbers to four times as many, and c_proj back.",
    "smp_mlp_order": "The sizes do not fit together: c_fc comes first, c_proj brings the numbers "
    "back.",
    "smp_mlp_no_gelu": "Nothing bends between the two layers: two of them in a row are only one.",
    "smp_mlp_gelu_last": "gelu stands after c_proj: it belongs between the two layers.",
    "smp_mlp_gelu_first": "gelu stands before c_fc: it belongs between the two layers.",
    "smp_mlp_gelu_twice": "gelu was applied twice.",
    "smp_mlp_relu": "This is ReLU: __init__ has made a gelu.",
    "smp_mlp_not_back": "c_proj is missing: it brings the numbers back to n_embd.",
    "smp_mlp_not_kept": "What a layer gave was not kept: it makes a new tensor, which needs a "
    "name, and the next layer takes that.",
    "smp_mlp_residual": "x was added: adding is the block's work.",
    "smp_mlp_no_dropout": "The dropout is not used: it is the last of the four.",
    "smp_mlp_dropout_not_last": "The dropout stands in another place: it is the last of the four.",
    "smp_block_in_place": "x itself was changed: add to a new tensor, x = x + …, not x += ….",
    "smp_no_residual_attention": "Attention replaces x: it has to be added to it.",
    "smp_no_residual_mlp": "The MLP replaces x: it has to be added to it.",
    "smp_no_residuals": "Both parts replace x: each has to be added to it.",
    "smp_residual_of_normed": "Attention was added to the normed x: it is added to x itself.",
    "smp_residual_of_normed_mlp": "The MLP was added to the normed x: it is added to x itself.",
    "smp_residual_of_normed_both": "The normed x went on in place of x: a norm is only for what "
    "goes into a part.",
    "smp_norm_after": "The norms come after the sums: each stands before its part, and x itself "
    "passes none.",
    "smp_norms_of_outputs": "What the parts give was normed: a norm stands before its part.",
    "smp_no_ln_1": "What goes into attention was not normed: ln_1 does that.",
    "smp_no_ln_2": "What goes into the MLP was not normed: ln_2 does that.",
    "smp_no_norms": "Neither norm is used: ln_1 stands before attention, ln_2 before the MLP.",
    "smp_norms_swapped": "The norms are exchanged: ln_1 stands before attention, ln_2 before the "
    "MLP.",
    "smp_ln_1_twice": "ln_1 was used twice: ln_2 stands before the MLP.",
    "smp_ln_2_twice": "ln_2 was used twice: ln_1 stands before attention.",
    "smp_block_in_parallel": "Both parts read the x that came in: the MLP reads what attention has "
    "left.",
    "smp_mlp_before_attention": "The order is reversed: attention first, then the MLP.",
    "smp_second_from_x": "The second sum begins with the x that came in: what attention added is "
    "lost.",
    "smp_block_no_attention": "Attention is missing, or what it gave was lost.",
    "smp_block_no_mlp": "The MLP is missing, or what it gave was lost.",
}

_NORM = {
    "smp_norm_of_torch": "PyTorch's own layer norm is still at work, under another name: the bonus "
    "is to do without it.",
    "smp_norm_no_weight": "weight is not used: the normed numbers are multiplied by it.",
    "smp_norm_no_bias": "bias is not used: it is added at the end.",
    "smp_norm_no_affine": "weight and bias are not used: times the one, plus the other.",
    "smp_norm_bias_first": "bias came before weight: first times weight, then plus bias.",
    "smp_norm_swapped": "weight and bias are exchanged: times weight, plus bias.",
    "smp_norm_input": "What comes in is called input here.",
    "smp_norm_std": "std divides by one less unless it is told otherwise: the mean of the squares "
    "is over C, and 0.00001 is added under the root.",
    "smp_norm_bias_none": "bias is None where config.bias is False: then there is nothing to add.",
}

_MODEL = {
    "smp_embed_no_places": "The rows of the places are missing: without them an early token looks "
    "like a late one.",
    "smp_embed_no_tokens": "The rows of the tokens are missing: nothing says which token it is.",
    "smp_embed_product": "The two rows were multiplied: they are added.",
    "smp_embed_difference": "The rows of the places were taken away: they are added.",
    "smp_embed_joined": "The two rows were put side by side: they are added.",
    "smp_embed_places_twice": "The rows of the places were added twice.",
    "smp_embed_normed": "ln_f comes after the last block: nothing is normed here.",
    "smp_embed_no_dropout": "The dropout of self.transformer is not used: it falls on the sum.",
    "smp_embed_dropout_each": "Dropout fell on something else than the sum, or twice: it falls on "
    "the sum, once.",
    "smp_blocks_not_kept": "The blocks change nothing: what each gives has to be kept, as x.",
    "smp_blocks_first": "Only the first block was used: x goes through all of them.",
    "smp_blocks_each_from_start": "Each block was given what came in, and only the last one "
    "counted: it reads what the block before it gave.",
    "smp_blocks_backwards": "The blocks run backwards: the first one comes first.",
    "smp_blocks_last_missing": "The last block is missing: x goes through all of them.",
    "smp_blocks_first_missing": "The first block is missing: x goes through all of them.",
    "smp_blocks_normed": "ln_f comes after this place, and is there: here it would come twice.",
    "smp_blocks_range": "There are n_layer blocks, counted from 0: a for over the list itself "
    "needs no count.",
    "smp_blocks_residual": "x was added to what a block gives: a block adds by itself.",
    "smp_blocks_not_once": "Not every block was used once: x goes through all of them, one after "
    "the other.",
    "smp_blocks_returned": "It ended before the last norm: look for a return in the loop.",
    "smp_last_all": "These are the scores of all positions: only the last one is asked for.",
    "smp_last_no_axis": "The axis of the positions is gone: (B, 1, V) is asked for. x[:, -1] takes "
    "it away, a list or a slice of one keeps it.",
    "smp_last_first": "This is the first position: the last one knows the whole text.",
    "smp_last_before": "This is the position before the last.",
    "smp_last_places_lost": "One position is missing, and too many are left: only the last one.",
    "smp_last_text": "This is the last text of the batch: the positions are the second axis.",
    "smp_last_head_of_all": "The scores are right, but lm_head worked out those of all positions: "
    "hand it the last one only.",
    "smp_last_no_head": "These are the numbers of the stream: lm_head makes scores of them.",
    "smp_last_softmax": "A softmax was taken: scores are the plain numbers of lm_head.",
    "smp_last_axis_moved": "The new axis stands in front: (B, 1, V).",
    "smp_last_mean": "The positions were averaged: only the last one counts.",
    "smp_last_ids": "These are tokens: their scores are asked for.",
    "smp_last_two": "More than one thing is returned: only the scores are asked for.",
}

_WRITING = {
    "smp_write_no_crop": "The model was shown more than it can see: hand it the last block_size "
    "tokens.",
    "smp_write_crop_first": "The model was shown the first tokens: the last block_size of them say "
    "what comes next.",
    "smp_write_crop_less": "The model was shown too few tokens, or always as many: it sees the "
    "last block_size, and model.config knows how many.",
    "smp_write_last_only": "The model was shown the last token only: it sees up to block_size.",
    "smp_write_text_cropped": "The text itself was cut, or its length is another: only what the "
    "model reads is cut.",
    "smp_write_axis": "The scores are (B, 1, V), and a choice takes (B, V): take the position out "
    "first, and append the new token along dim=1.",
    "smp_write_only_new": "Only new tokens came back: idx stands before them.",
    "smp_write_one": "One token came, then it ended: return has to stand after the loop.",
    "smp_write_nothing": "Nothing was appended: torch.cat makes a new tensor, which needs a name.",
    "smp_write_in_front": "The new token stands in front of the text: it goes to the end.",
    "smp_write_other_model": "The model that was handed over was never run: its name is model.",
    "smp_write_count": "The number of new tokens is another: max_new_tokens.",
    "smp_write_zero": "Temperature 0 was divided by: it needs a way of its own, or choose, which "
    "has one.",
    "smp_write_zero_draws": "These are not the likeliest tokens of the last position: temperature "
    "0 leaves nothing to chance.",
    "smp_write_none": "top_k is None where all tokens may be drawn.",
    "smp_write_choose": "choose takes scores, temperature, top_k, top_p and generator, in this "
    "order: name what you hand over.",
    "smp_write_config": "The number of tokens that the model sees is in model.config.block_size.",
    "smp_write_top_k_large": "topk was asked for more tokens than there are: cut top_k to V.",
    "smp_write_no_top_k": "top_k changes nothing, or not what it should: only the top_k likeliest "
    "tokens are drawn.",
    "smp_write_no_temperature": "The temperature changes nothing: scores are divided by it.",
    "smp_write_temperature_multiplies": "The scores were multiplied by the temperature: they are "
    "divided by it.",
    "smp_write_twice": "The scores were divided by the temperature twice: choose does it.",
    "smp_write_no_generator": "The generator was not handed on: the same seed gives another text.",
    "smp_write_reseeds": "The dice were set anew inside: draw with the generator as it comes.",
    "smp_write_no_draw": "The seed changes nothing: above temperature 0 a token is drawn.",
    "smp_write_rows": "Each text has dice of its own: one new token for each row, (B, 1).",
    "smp_letter_is_prompt": "This is the prompt: write down what your model made of it.",
    "smp_letter_form": "Change only what stands behind the colons. The text goes between three "
    "quotes on each side, and agree is True or False without quotes.",
    "smp_letter_setting": "Write the settings that the letter was made with, so that others can "
    "make it again.",
}

_WHOLE = {
    "smp_whole_weights": "GPT-2's weights do not fit: the layers have the names and the sizes that "
    "__init__ came with, and those of c_attn, c_fc and c_proj.",
    "smp_whole_embed": "What goes into the blocks is another: check.embed looks at that place.",
    "smp_whole_blocks": "x was changed on its way from one part to the next: check.blocks looks at "
    "that place.",
    "smp_whole_ln_f": "ln_f norms what the last block gives, once, in a line that was given: one "
    "more, in embed, blocks or last, is too many.",
    "smp_whole_norm": "LayerNorm gives something else: check.layer_norm looks at the bonus, and as "
    "it came the class was right.",
    "smp_whole_flash": "Where PyTorch does attention it gives something else: check.heads and "
    "check.out look at the TO-DOs, and the given call says is_causal=True.",
    "smp_whole_long_way": "The long way gives something else: check.scores, check.mask and "
    "check.weights look at its three places. Leave the other lines as they were given.",
    "smp_whole_mlp": "The MLP gives something else: check.mlp looks at its TO-DO, and __init__ has "
    "made an nn.GELU, no other bend.",
    "smp_whole_block": "The parts are right, what Block.forward makes of them is not: check.block "
    "looks at that.",
    "smp_whole_head": "All is right up to ln_f: check.last looks at what comes after it.",
}

# What only the hidden tests tell apart.
_CATALOGUE = {
    "smp_dropout_number": "self.dropout is a number here, the share that is dropped: the layers "
    "that drop are attn_dropout and resid_dropout.",
    "smp_c_attn_three_layers": "These are three layers: here one makes q, k and v at once, and "
    "OpenAI's weights bring one table for it.",
    "smp_c_attn_matrix": "This is a table of numbers: forward calls a layer, nn.Linear.",
    "smp_c_attn_plain_list": "This is a list of layers, one for each head: here a single layer "
    "serves all of them, which forward can call.",
    "smp_heads_not_shared": "Each head was given all C numbers: they share them, C // n_head each.",
    "smp_heads_q_and_k": "q and k changed places: each name is to keep its own.",
    "smp_heads_k_turned": "k was turned on its side already: that comes with the scores, here all "
    "three have the same shape.",
    "smp_heads_tuple": "split gives several tensors: here it is one, with an axis for the heads.",
    "smp_heads_scaled": "q was scaled here: attention does that once more, with the scores.",
    "smp_scores_other_axes": "Other axes were exchanged: of k, tokens and numbers of a head, its "
    "last two.",
    "smp_scores_dot_T": ".T turns all four axes around: only the last two are to be exchanged.",
    "smp_scores_fixed": "The scale is a fixed number: 8 is right for heads of 64 only.",
    "smp_scores_elementwise": "* multiplies number by number: a score is the sum of such products, "
    "which @ makes for all pairs.",
    "smp_mask_one_ahead": "One diagonal too few is hidden: each token sees the one after it.",
    "smp_mask_of_scores": "The scores were asked where the mask is: a score that happens to be 0 "
    "is hidden too. self.bias knows.",
    "smp_mask_text": "This is a text: float() around it makes the number minus infinity.",
    "smp_mask_on_cpu": "This table is made on the CPU, wherever x is: self.bias moves with the "
    "model.",
    "smp_out_adds_x": "x was added to what comes out: adding is the block's work.",
    "smp_mlp_c_proj_not_back": "c_proj does not lead back: it goes from 4 * n_embd to n_embd.",
    "smp_mlp_sequential": "Two things are in c_fc: it is one nn.Linear. gelu has a line of its "
    "own, and OpenAI's weights look for c_fc.weight.",
    "smp_mlp_gelu_class": "nn.GELU is a class, from which __init__ has made self.gelu: call that "
    "one.",
    "smp_mlp_silu": "This is x times a sigmoid, SiLU: __init__ has made a gelu.",
    "smp_mlp_quick_gelu": "This is x times a sigmoid of 1.702 x, a rough GELU: __init__ has made a "
    "better one.",
    "smp_block_attention_twice": "Attention works twice and the MLP not at all.",
    "smp_embed_places_constant": "All tokens were given the row of the first place: each has its "
    "own, and pos_emb holds them all.",
    "smp_embed_places_from_1": "The places were counted from 1: they begin at 0, or the last one "
    "has no row.",
    "smp_embed_place_numbers": "The numbers of the places were added: it is their rows in the "
    "table, pos_emb.",
    "smp_embed_scaled": "The rows of the tokens were made larger first, as in the Transformer of "
    "2017: GPT-2 adds them as they are.",
    "smp_blocks_one_for_all": "The first block was used n_layer times: each layer has weights of "
    "its own.",
    "smp_blocks_summed": "The blocks worked side by side and were added up: each reads what the "
    "one before it gave.",
    "smp_blocks_normed_each": "ln_f was used after every block: it comes once, after the last one.",
    "smp_last_past_the_end": "The places are counted from 0, so the last of T is T - 1, or -1.",
    "smp_last_wte": "wte looks rows up by whole numbers: the scores come from lm_head.",
    "smp_last_normed_twice": "ln_f was used a second time: the line above has done it.",
    "smp_norm_if_bias": "A tensor of several numbers is neither true nor false: ask whether it is "
    "None.",
    "smp_write_squeezed": "squeeze takes every axis of length 1 away, with one text that of the "
    "texts too: take away that of the positions only.",
    "smp_write_odds": "choose was given odds: it takes scores, and makes odds of them itself.",
    "smp_write_always_greedy": "It always takes the likeliest token: hand the temperature on to "
    "choose.",
    "smp_write_knobs_swapped": "temperature and top_k changed places on their way to choose.",
    "smp_letter_no_prompt": "The prompt is missing: what the model was given.",
    "smp_letter_agree_in_quotes": "agree is in quotes, which makes it a text: True or False.",
    "smp_letter_list": "The letter is a list: make it one text.",
    "smp_letter_key_lost": "A word before a colon was changed: only change what comes after it.",
    "smp_letter_settings_text": "The settings are a text: keep the braces, and a number behind "
    "each name.",
}

CAUSES: dict[str, str] = {
    **_ALL, **_ATTENTION, **_LONG_WAY, **_BLOCK, **_NORM, **_MODEL, **_WRITING,
    **_WHOLE,
    **_CATALOGUE,
}  # fmt: skip
