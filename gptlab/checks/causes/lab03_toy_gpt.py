"""Why an answer of lab03 is wrong, one sentence a cause."""

from __future__ import annotations

_PARTS = {
    "heads_plain_list": "The heads are in a plain list: PyTorch does not see their weights, so "
    "they would never be trained. nn.ModuleList registers them.",
    "heads_one_object": "All heads are one and the same object: each needs weights of its own, "
    "so make a new one for each place in the list.",
    "head_arguments": "Each head gives head_size numbers: that is what Head is asked for.",
    "heads_not_side_by_side": "The heads' outputs do not end up side by side: they belong one "
    "after the other along the last axis, (B, T, num_heads * head_size).",
    "heads_wrong_order": "The heads stand in reverse order: head 0 comes first.",
    "heads_interleaved": "The numbers of the heads are interleaved: first all of head 0, then "
    "all of head 1.",
    "no_projection": "The projection is missing: the heads' outputs are mixed by proj before "
    "they leave.",
    "projection_without_bias": "proj has no bias here: only query, key and value go without one.",
    "projection_sizes": "proj takes the outputs of all heads together and gives n_embd numbers.",
    "no_dropout_after_projection": "The dropout is missing: it is the last thing that happens, "
    "after the projection.",
    "dropout_before_projection": "The dropout stands in another place: here it is the last thing "
    "that happens, after the projection.",
    "ffwd_no_relu": "ReLU is missing: two linear layers in a row are one linear layer.",
    "ffwd_gelu": "This is GELU: GPT-2 has it, the toy has the simpler ReLU.",
    "ffwd_relu_first": "ReLU stands before the first layer: it belongs between the two.",
    "ffwd_relu_twice": "There is a second ReLU: nothing comes after the second layer but dropout.",
    "ffwd_relu_last": "ReLU stands at the end too: what comes out has to be able to be negative.",
    "ffwd_residual": "x was added here: that is the block's work.",
    "ffwd_width": "The sizes of the two layers differ from n_embd to 4 * n_embd and back.",
    "ffwd_no_bias": "A linear layer has no bias here: only query, key and value go without one.",
    "ffwd_no_dropout": "The dropout is missing: it is the last of the four.",
    "ffwd_dropout_not_last": "The dropout stands in another place: it is the last of the four.",
}

_BLOCK = {
    "block_one_norm": "Both norms are one object: each of the two places has its own.",
    "residual_missing_attention": "Attention replaces x: it has to be added to what was there.",
    "residual_missing_feed_forward": "The feed-forward part replaces x: it has to be added to "
    "what was there.",
    "residual_missing_both": "Nothing is added: both parts replace x. Each has to be added to "
    "what was there.",
    "residual_of_normed": "Attention is added to the normed x: the way around is that of x itself.",
    "residual_of_normed_feed_forward": "The feed-forward part is added to the normed x: the way "
    "around is that of x itself.",
    "residual_of_normed_both": "The normed x went on in place of x: the norm is only for what "
    "enters a part, and x itself takes the way around.",
    "norm_after": "The norms come after the sums: here each stands before its part, and the way "
    "around passes none.",
    "no_norm_attention": "What enters attention was not normed: that is the work of ln1.",
    "no_norm_feed_forward": "What enters the feed-forward part was not normed: that is the work "
    "of ln2.",
    "no_norms": "Neither norm is used: ln1 stands before attention, ln2 before the feed-forward "
    "part.",
    "norms_swapped": "The norms are swapped: ln1 belongs to attention, ln2 to the feed-forward "
    "part.",
    "ln1_twice": "ln1 is used twice: the second place has a norm of its own, ln2.",
    "block_in_parallel": "Both parts read the x that came in: the second has to read what the "
    "first left.",
    "ffwd_first": "The order is reversed: attention comes first, then the feed-forward part.",
    "second_from_x": "The second sum begins with the x that came in: what attention added is lost.",
    "block_sa_arguments": "MultiHeadAttention is asked for the number of heads first, then for "
    "the size of each.",
    "block_head_size": "The heads share the n_embd numbers: each gets n_embd divided by n_head "
    "of them.",
    "no_divisibility_check": "A number of heads that does not divide n_embd has to be refused at "
    "once: else numbers get lost without a word.",
}

_TOY = {
    "tables_swapped": "The rows of the two tables are swapped: one row for each character of the "
    "vocabulary, one for each place in the block.",
    "position_table_vocabulary": "The table of positions has a row for each place in the block, "
    "not for each character.",
    "head_no_bias": "The last layer has no bias here: only query, key and value go without one.",
    "blocks_one": "There is one block: nn.Sequential takes n_layer of them, one after the other.",
    "blocks_shared": "All blocks are one object: [block] * n repeats it, and does not make new "
    "ones.",
    "block_arguments_swapped": "The arguments of Block are swapped: n_embd first, then n_head.",
    "no_positions": "The positions are missing: without them the model cannot tell an early "
    "character from a late one.",
    "positions_from_one": "The positions start at 1: the first place has number 0.",
    "positions_constant": "Every place gets the same position: number them 0, 1, 2, and so on.",
    "positions_of_ids": "The position table was asked for the ids: it is asked for places, 0 to "
    "T - 1.",
    "positions_block_size": "The positions are always block_size many: the text may be shorter, "
    "there are T of them.",
    "no_token_embedding": "What character it is, is missing: add the token's row and the place's "
    "row.",
    "no_final_norm": "The last norm, ln_f, is missing between the blocks and the head.",
    "blocks_not_used": "The blocks are not used.",
    "logits_are_probabilities": "A softmax was taken: logits are the raw numbers of the head.",
    "model_last_position": "Only the last position came out: training asks all of them.",
    "context_not_cropped": "The context was not cropped: the model sees at most block_size "
    "characters.",
    "context_cropped_first": "The beginning of the text was kept: crop to its end, the last "
    "block_size characters.",
    "shapes_n_embd": "The last axis counts the characters to choose from, not n_embd: lm_head "
    "has turned one into the other.",
    "shapes_flattened_early": "Without targets nothing is flattened: three axes are left.",
    "shapes_training_not_flattened": "With targets, windows and places are flattened into one "
    "axis.",
    "shapes_other_batch": "These are the sizes of the other batch: first 4 windows of 8, then "
    "batch_size windows of block_size.",
    "context_digit": "0 is an id here, not the digit: it is the character at place 0.",
    "context_space": "The space is the second in sorted order: its id is 1.",
    "context_empty": "One id is one character: the text is not empty.",
    "context_backslash": "This is a backslash and an n, two characters: the line break is one.",
    "context_list": "This is a list: the text is a string.",
    "context_ids": "These are ids: turn them into text.",
}

_TOGETHER = {
    "own_not_restored": "A setting of the lab was left changed: write between the given lines, "
    "which put it back.",
    "own_old_model": "No new model was made: the one of Shakespeare has another vocabulary.",
    "own_vocabulary": "The model was made with the lab's vocabulary: set vocab_size to that of "
    "this text first.",
    "own_steps": "The number of steps is another: n_steps of them.",
    "own_trains_on_all": "It trains on other text than the first 90 % of this one: set "
    "train_data and val_data to the two parts.",
    "own_too_short": "A part is shorter than a window: the text needs more characters.",
    "optimizer_of_another": "The optimizer does not hold the parameters of this model: hand it "
    "those of the model that you return.",
    "own_rate": "The learning rate is fixed: use learning_rate.",
    "whole_first_loss": "A new model should be nearly without opinion: look at the last norm, "
    "the head, and at what is returned as the loss.",
    "whole_does_not_learn": "Something does not reach the loss, or not the optimizer: run the "
    "checks of the parts once more, from the first on.",
}

_CATALOGUE = {
    "heads_global_count": "The number of heads is that of the notebook: use the argument "
    "num_heads.",
    "heads_summed": "The heads' outputs were added up: they stand side by side, along the last "
    "axis.",
    "first_head_again": "The first head was asked again and again: ask each of them once.",
    "residual_in_heads": "x was added here: that is the block's work.",
    "dropout_fixed": "The share of dropout is fixed: use the setting dropout.",
    "dropout_in_evaluation": "Dropout is at work in evaluation mode too: a module like nn.Dropout "
    "knows the mode, a function has to be told.",
    "ffwd_other_bend": "The function between the layers is another one: the toy has ReLU.",
    "ffwd_relu_after_both": "ReLU stands after both layers: between them there is nothing that "
    "bends, and they are one.",
    "norm_of_output": "What a part gives was normed: the norm stands before the part.",
    "context_cropped_rows": "The batch was cropped, not the time: the first axis counts sequences.",
    "context_lost": "The text itself was cropped: only what the model sees is, the result keeps "
    "everything.",
    "context_one_character": "The model was shown the last character only: a bigram needs no more, "
    "this one looks back as far as block_size.",
    "head_tied": "The head and the token table are one weight: here each has its own, since a "
    "table drawn with spread 1 makes a wild head.",
    "blocks_module_list": "nn.ModuleList only keeps modules, it cannot be called: nn.Sequential "
    "passes x through all of them.",
    "layers_and_heads_swapped": "n_layer and n_head are swapped: there are n_layer blocks, of "
    "n_head heads each.",
    "positions_on_cpu": "The places are numbered on the CPU: torch.arange needs the device that "
    "idx is on.",
    "norm_before_blocks": "ln_f stands before the blocks: it is the last norm, between the blocks "
    "and the head.",
    "batch_not_moved": "The batch stays on the CPU: move it to the device of the model.",
    "model_not_moved": "The model stays on the CPU: move it to device.",
    "own_trains_on_validation": "It learns from the validation part: batches for training come "
    "from the other one.",
    "own_measures_another": "A new model was measured, not the one that was trained.",
    "own_few_batches": "The losses are means over too few batches, or too many: take ten.",
    "own_same_batch": "The same batch was learned again and again: draw a new one for each step.",
    "own_optimizer_in_loop": "There is a new optimizer at each step, which remembers nothing: make "
    "one before the loop.",
    "other_optimizer": "The optimizer is another one: this lab trains with AdamW.",
    "dropout_not_set": "Half of the numbers were dropped, which is PyTorch's own choice: give "
    "nn.Dropout the setting dropout.",
    "block_in_place": "The caller's x was changed: x += writes into it, x = x + makes a new one.",
    "block_other_part": "This part was built otherwise: attention is a MultiHeadAttention, the "
    "other a FeedForward.",
    "whole_other_order": "The two are swapped: the model comes first.",
}

CAUSES = _PARTS | _BLOCK | _TOY | _TOGETHER | _CATALOGUE
