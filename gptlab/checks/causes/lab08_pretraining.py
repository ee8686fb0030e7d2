"""Why an answer of lab08 is wrong, one sentence a cause."""

from __future__ import annotations

_DATA = {
    "pt_ids_no_batch": "The axis of the batch is missing: one text is a batch of one, (1, T).",
    "pt_ids_column": "The new axis stands behind: it is the first one, (1, T).",
    "pt_ids_list": "This is a list, not a tensor: a model takes a tensor (1, T).",
    "pt_ids_float": "torch.Tensor makes floats: ids are whole numbers, which torch.tensor keeps.",
    "pt_ids_end_refused": "The tokenizer was not told that <|endoftext|> is allowed in a text.",
    "pt_ids_end_as_text": "<|endoftext|> was spelled out as text: it is one token, if it is "
    "allowed.",
    "pt_text_of_tensor": "decode got a tensor: it wants a plain list of ids.",
    "pt_text_of_rows": "decode got a list with a list in it: take the axis of the batch away "
    "first.",
    "pt_text_squeezed": "squeeze without an axis takes away every axis of 1, so a text of one "
    "token is no list any more: name the axis.",
    "pt_window_not_shifted": "The targets are the window itself: they begin one token later.",
    "pt_window_shifted_by_two": "The targets begin two tokens later: it is one.",
    "pt_window_sides_swapped": "Windows and targets are swapped: the targets come one token later.",
    "pt_window_one_target": "There is one target for the whole window: each place has one.",
    "pt_window_last_lost": "The last whole window is missing: look at where the loop ends.",
    "pt_window_over_the_end": "There is a window too many: its targets reach over the end of the "
    "text.",
    "pt_window_not_whole": "The last windows are too short: only whole ones count, with a target "
    "for each place.",
    "pt_window_stride_ignored": "A window begins at every token: it is at every stride-th.",
    "pt_window_stride_is_length": "A window begins where the last one ended: the step is stride.",
    "pt_window_too_long": "The window has a token too many: max_length of them.",
    "pt_window_one_short": "The window has a token too few: max_length of them.",
    "pt_window_lists": "The items are lists: a loader stacks tensors.",
    "pt_window_floats": "The items are floats: ids are whole numbers, which torch.tensor keeps.",
    "pt_window_counts_tokens": "__len__ says something else: it is the number of windows.",
    "pt_window_only_input": "An item is a pair: the window, and its targets.",
    "pt_window_next_window": "The targets are those of the next window: they begin one token "
    "later.",
    "pt_window_no_self": "The lists belong to the object: self. stands before their names.",
    "pt_window_no_return": "__len__ gives nothing: a return may be missing.",
    "pt_global_tokenizer": "The tokenizer of the notebook was used: take the argument.",
    "pt_global_text": "The text of the notebook was used: take the argument, txt.",
    "pt_loader_no_tokenizer": "The tokenizer was not handed over: GPTDatasetV1 takes four things.",
    "pt_loader_defaults": "A setting that is not given has another value than in the first line "
    "of the cell.",
    "pt_split_by_tokens": "The cut was counted in tokens: it is at a character, and a token may "
    "have many.",
    "pt_loader_never_shuffled": "The windows are never shuffled: hand shuffle on to DataLoader.",
    "pt_loader_always_shuffled": "The windows are shuffled although shuffle is False: hand it on.",
    "pt_loader_keeps_the_rest": "A batch that is not full was kept: hand drop_last on to "
    "DataLoader.",
    "pt_loader_always_drops": "The batch that is not full was dropped although drop_last is False.",
    "pt_loader_one_window": "The batches have one window each: hand batch_size on to DataLoader.",
    "pt_loader_workers_lost": "num_workers was not handed on to DataLoader.",
    "pt_loader_overlap_fixed": "The windows do not begin a stride apart: hand stride on.",
    "pt_loader_swapped": "max_length and stride are swapped.",
    "pt_loader_not_made": "This is no DataLoader: wrap the dataset in one.",
    "pt_split_val_is_all": "The validation windows come from the whole text: they begin at the "
    "cut.",
    "pt_split_train_is_all": "The training windows come from the whole text: they end at the cut, "
    "else the exam is among the exercises.",
    "pt_split_val_is_train": "Both loaders have the same part: validation gets the rest.",
    "pt_split_reaches_back": "The validation part begins before the cut: those tokens were "
    "exercises.",
    "pt_split_rounded": "The cut was rounded up: int() takes what is behind the point away.",
    "pt_split_stride_not_set": "The windows overlap: one begins where the one before has ended.",
    "pt_split_val_shuffled": "The validation windows are shuffled: an exam has one order.",
    "pt_split_val_dropped": "The last validation windows are missing: the exam keeps the batch "
    "that is not full.",
    "pt_split_train_in_order": "The training windows come in order: shuffle them.",
    "pt_split_train_keeps_rest": "Training has a batch that is not full: drop it.",
    "pt_split_returned_swapped": "The loaders are swapped: training first.",
}

_LOSS = {
    "pt_loss_scores_turned": "Scores and targets were flattened in different orders, so a place is "
    "judged by another one's target.",
    "pt_loss_of_softmax": "A softmax was taken first: cross_entropy does that itself.",
    "pt_loss_sum": "This is the sum over the places: it is their mean.",
    "pt_loss_not_flat": "cross_entropy takes axis 1 for the vocabulary: make one axis of batch and "
    "time first.",
    "pt_loss_last_token": "Only the last place counts: each place is a question of its own.",
    "pt_loss_order": "cross_entropy takes the scores first, then the targets.",
    "pt_loss_of_inputs": "The scores were compared with the input: they predict the targets.",
    "pt_loss_shifted_again": "The targets were moved once more: they come one token later already.",
    "pt_loss_item": "This is a plain number: who trains needs the tensor, with its graph.",
    "pt_loss_no_graph": "The loss has no graph: nothing can be learned from it.",
    "pt_loss_perplexity": "This is the perplexity: the loss is its logarithm.",
    "pt_loss_view": "view needs numbers that lie in a row: flatten or reshape take any tensor.",
    "pt_loss_backward": "backward was called here: train_step does that, and a loss that is only "
    "looked at has no use for it.",
    "pt_global_device": "The device of the notebook was used: take the argument.",
    "pt_perplexity_not_math": "torch.exp wants a tensor: math.exp takes a number.",
    "pt_perplexity_short": "The perplexity was rounded: all digits count.",
    "pt_loss_batch_stays": "A batch is not on the device of the model: .to(device) gives a new "
    "tensor, which has to be kept.",
    "pt_loss_targets_stay": "The targets are not on the model's device: bring them there.",
    "pt_loss_not_kept": "to() changes nothing in place: keep what it returns.",
    "pt_mean_of_means": "This is the mean over the batches: the tokens of a small batch count for "
    "more. Weigh each loss by its tokens.",
    "pt_mean_not_divided": "The total was not divided by the number of tokens.",
    "pt_mean_not_weighted": "A loss was added once, and divided by tokens: a batch of 4 tokens "
    "counts four times.",
    "pt_mean_by_num_batches": "It was divided by num_batches: there may be fewer, and tokens "
    "count.",
    "pt_batches_one_more": "One batch too many was measured: stop before batch number num_batches.",
    "pt_batches_one_fewer": "One batch too few was measured.",
    "pt_batches_all": "All batches were measured: num_batches says how many.",
    "pt_batches_none": "num_batches may be None, which cannot be compared with <: it means all "
    "batches.",
    "pt_batches_zero_is_all": "0 batches are none: 0 and None are not the same.",
    "pt_batches_first_again": "The first batch was measured again and again: iter(...) begins "
    "anew each time.",
    "pt_mean_empty_fails": "Without a batch there is nothing to divide by: the answer is nan.",
    "pt_mean_empty_is_zero": "Without a batch the loss is not 0, which would be perfect: it is "
    "nan.",
    "pt_mean_tensor": "This is a tensor, which keeps its graph: .item() makes it a number.",
    "pt_mean_returned_early": "It returned after the first batch: return stands behind the loop.",
    "pt_mean_last_batch": "Only the last batch counts: add up all of them.",
    "pt_perplexity_two": "2 to the power of the loss: our losses are nats, so the base is e.",
    "pt_perplexity_ten": "10 to the power of the loss: our losses are nats, so the base is e.",
    "pt_perplexity_loss": "This is the loss itself: take it back through the logarithm.",
    "pt_perplexity_chance": "This is a chance, e to the power of minus the loss: perplexity is one "
    "over it.",
    "pt_perplexity_log": "This is a logarithm: perplexity undoes one.",
    "pt_perplexity_tensor": "This is a tensor: a plain number goes in and comes out.",
    "pt_perplexity_less_one": "expm1 takes 1 away: a model that is never surprised has 1.",
    "pt_eval_brackets": "model.eval without brackets calls nothing.",
    "pt_eval_grad_stays_off": "Gradients are still switched off afterwards: use a with block.",
    "pt_eval_val_with_graph": "One of the losses was measured with its graph: both stand in the "
    "block.",
    "pt_eval_val_in_training": "One of the losses was measured in training mode.",
    "pt_eval_training_twice": "Both losses are those of the training text.",
    "pt_eval_validation_twice": "Both losses are those of the validation text.",
    "pt_eval_swapped": "The two losses are swapped: training first.",
    "pt_eval_all_batches": "All batches were measured: eval_iter says how many.",
    "pt_eval_one_batch": "One batch was measured: eval_iter says how many.",
}

_TRAINING = {
    "pt_step_on_frozen": "Nothing was changed: the step has to come, after backward.",
    "pt_clip_after_step": "The gradients were clipped after the step: too late, it has used them.",
    "pt_clip_before_backward": "The gradients were clipped before backward: they do not exist yet.",
    "pt_clip_by_value": "Each number was cut by itself: what is limited is the length of all "
    "gradients together, and the direction stays.",
    "pt_clip_always": "It clips where it should not: without max_norm nothing is clipped, and "
    "gradients that are short enough stay as they are.",
    "pt_clip_of_none": "Without max_norm nothing is clipped: ask for None first.",
    "pt_clip_never": "Nothing is clipped, or not at max_norm: that is done between backward, which "
    "makes the gradients, and the step, which uses them.",
    "pt_clip_fixed": "The limit is another number: it is max_norm.",
    "pt_step_backward_twice": "backward was called twice, so the gradients are twice as long.",
    "pt_step_evaluates": "The model was put into evaluation mode, so it learns without dropout: "
    "the mode is left to the caller.",
    "pt_step_tensor": "This is a tensor: .item() gives the number in it.",
    "pt_step_number_at_once": "A plain number has no graph: .item() belongs to the return only.",
    "pt_clip_order": "The parameters come first, then the limit.",
    "pt_train_clips": "train_step was told a limit: this loop gives it none.",
    "pt_train_own_step": "The step is made by train_step: nothing else here touches the optimizer.",
    "pt_train_same_order": "Every epoch has the same order: go through the loader anew in each.",
    "pt_train_list_empty": "A list stayed empty: at each look something is appended to all three.",
    "pt_clip_model": "clip_grad_norm_ wants the parameters, not the model.",
    "pt_train_step_per_epoch": "The step was counted once an epoch: each batch is a step.",
    "pt_train_step_not_counted": "The steps are not counted: each batch is one more.",
    "pt_train_counts_from_one": "The first step is number 0: count it after the look, not before.",
    "pt_train_count_begins_anew": "The steps begin at 0 again in each epoch: they are counted on.",
    "pt_train_looks_always": "There is a look after every step: it is every eval_freq-th.",
    "pt_train_looks_where_not": "The looks are where they should not be: the step divided by "
    "eval_freq leaves 0.",
    "pt_train_look_first": "The look came before the step: a look counts what has been learned.",
    "pt_train_look_each_epoch": "The looks are once an epoch: they go by the step.",
    "pt_train_tokens_per_epoch": "The tokens begin at 0 again in each epoch: they are counted on.",
    "pt_train_counts_windows": "These are windows: a window of T tokens counts T.",
    "pt_train_counts_one_window": "These are the tokens of one window a batch: it has several.",
    "pt_train_counts_batches": "These are batches: count their tokens.",
    "pt_train_counts_both": "Input and targets were both counted: the tokens given are the "
    "input's.",
    "pt_train_tokens_late": "The tokens of the last step are missing: count them before the look.",
    "pt_train_lists_swapped": "Training and validation losses are swapped.",
    "pt_train_loss_of_step": "The training losses are those of the steps: evaluate_model gives "
    "them, measured without dropout.",
    "pt_train_on_validation": "It learned from the validation text.",
    "pt_train_one_epoch": "It went through the data once only: num_epochs times.",
    "pt_train_one_more_epoch": "It went through the data once too often: num_epochs times.",
    "pt_train_twice": "Each batch was learned from twice: one step a batch.",
    "pt_train_never": "Nothing was learned: each batch is a call of train_step.",
    "pt_train_no_mode": "An epoch began in evaluation mode, without dropout: print_sample leaves "
    "the model there, so call model.train() in each epoch.",
    "pt_train_sample_each_step": "There is a sample after every step: it is one after each epoch.",
    "pt_train_sample_once": "There is one sample only: it is one after each epoch.",
    "pt_train_no_sample": "There is no sample: one after each epoch.",
    "pt_train_sample_first": "The sample came before the epoch: it comes after.",
    "pt_train_sample_order": "print_sample got its arguments in another order.",
    "pt_train_loaders_swapped": "evaluate_model got the loaders in the other order.",
    "pt_train_iter_is_freq": "evaluate_model got something else as its last argument: eval_iter.",
}

_PLOT = {
    "pt_plot_no_file": "There is no file: save the figure as loss-plot.pdf.",
    "pt_plot_other_name": "The file has another name: loss-plot.pdf.",
    "pt_plot_png": "The file is a picture of points: its name ends in .pdf, and so does its kind.",
    "pt_plot_saved_empty": "An empty picture was saved: save the one with the lines in it, after "
    "they are drawn, and before plt.show(), which closes it.",
    "pt_plot_training_twice": "Both lines are the training losses.",
    "pt_plot_no_validation": "One line is missing: training and validation.",
    "pt_plot_by_number": "The losses stand over their number: they belong over the epochs.",
    "pt_plot_over_tokens": "The losses stand over the tokens: below are epochs, tokens are above.",
    "pt_plot_labels_swapped": "The names of the two lines are swapped.",
    "pt_plot_no_legend": "There is no legend, so nobody knows which line is which: give both lines "
    "a label, and call ax.legend().",
    "pt_plot_twin_beside": "The second axis is at the side: twiny shares the height, twinx the "
    "width.",
    "pt_plot_no_scale_above": "The scale above has no line to go by: draw one invisibly (alpha=0).",
    "pt_plot_epochs_above": "The scale above shows epochs: it counts tokens.",
    "pt_plot_no_tokens": "There is no second axis: ax.twiny() makes one above.",
    "pt_plot_above_no_name": "The axis above has no name: tokens seen.",
    "pt_plot_below_no_name": "The axis below has no name: epochs.",
    "pt_plot_loss_no_name": "The axis of the losses has no name.",
    "pt_plot_no_line": "There is no line at all: ax.plot joins the looks.",
    "pt_plot_empty_legend": "The legend does not name both lines: it is made after they are drawn, "
    "with a label each.",
    "pt_plot_axes_swapped": "The names of the axes are swapped: epochs below, losses at the side.",
    "pt_plot_seen_twice": "The line on the scale above can be seen: it is there for its scale "
    "only.",
}

_OPTIMIZER = {
    "pt_groups_all_decay": "The first group holds everything: what has one axis does not decay.",
    "pt_groups_none_decays": "Nothing decays: the matrices do.",
    "pt_groups_both_decay": "Both groups decay: in the second it is 0.",
    "pt_groups_default_decay": "The second group does not say its decay, so AdamW takes its own, "
    "which is not 0.",
    "pt_groups_decay_fixed": "The decay of the first group is another number: it is weight_decay.",
    "pt_groups_swapped": "The groups are the other way round: matrices first.",
    "pt_groups_decays_swapped": "The decays are swapped: matrices decay, what has one axis does "
    "not.",
    "pt_groups_more_than_two": "Matrices have two axes, and so they decay: two or more, not more "
    "than two.",
    "pt_groups_by_bias": "It went by the word bias: the scale of a norm is no bias, and has one "
    "axis.",
    "pt_groups_by_weight": "It went by the word weight: the scale of a norm has one axis, whatever "
    "its name.",
    "pt_groups_no_tables": "The tables are missing: they have two axes, and decay.",
    "pt_groups_used_up": "model.parameters() can be gone through once: make a list of it, or "
    "call it again.",
    "pt_groups_names": "These are names, or pairs with names: a group holds the parameters.",
    "pt_groups_other_key": "A group is a dict with params and weight_decay.",
    "pt_groups_copies": "These are copies: the optimizer has to change the parameters themselves.",
    "pt_rate_no_min": "min_lr is missing: the cosine goes down to it, and not to 0.",
    "pt_rate_pi_rounded": "pi was rounded: math.pi has all of its digits.",
    "pt_rate_bare_sum": "1 + cos is halved as a whole: it needs brackets.",
    "pt_rate_peak_fixed": "A rate is fixed: use peak_lr and min_lr.",
    "pt_groups_optimizer": "This is an optimizer: return the two groups.",
    "pt_rate_begins_at_zero": "The warm-up begins at 0, so the first step does nothing: step + 1.",
    "pt_rate_peak_too_early": "The peak is reached one step early: divide by warmup_steps + 1.",
    "pt_rate_zero_for_ever": "// throws the fraction away, so that the warm-up is 0 all along: "
    "divide with /.",
    "pt_rate_up_from_min": "The warm-up begins at min_lr: it goes up from nearly 0.",
    "pt_rate_no_warmup": "There is no warm-up: before warmup_steps the rate goes up.",
    "pt_rate_goes_up": "The cosine goes up: it falls, from peak_lr to min_lr.",
    "pt_rate_not_halved": "1 + cos goes from 2 to 0: take half of it.",
    "pt_rate_no_pi": "The cosine got the share itself: half a turn is π times the share.",
    "pt_rate_whole_turn": "The cosine went a whole turn: half of one is π.",
    "pt_rate_quarter_turn": "The cosine went a quarter turn: half of one is π.",
    "pt_rate_straight_down": "The rate falls in a straight line: it is half a cosine.",
    "pt_rate_down_to_zero": "The rate falls to 0: it falls to min_lr.",
    "pt_rate_min_added": "min_lr was added on top of peak_lr: the cosine covers the range between.",
    "pt_rate_cut_at_min": "The rate falls towards 0 and was cut at min_lr: the cosine ends there.",
    "pt_rate_min_not_kept": "After total_steps the rate stays at min_lr: here it goes up again.",
    "pt_rate_zero_after": "After total_steps the rate is min_lr.",
    "pt_rate_peak_after": "After total_steps the rate is min_lr.",
    "pt_rate_share_of_all": "The share counts from step 0: it counts from the end of the warm-up.",
    "pt_rate_share_too_small": "The share is of all steps: divide by those behind the warm-up.",
    "pt_rate_tensor": "This is a tensor: a rate is a plain number, and math has cos.",
}

_FILES = {
    "pt_saved_model_itself": "The model itself was saved, which weights_only refuses: save its "
    "state_dict.",
    "pt_saved_no_brackets": "state_dict has no brackets: the method was saved, not what it gives.",
    "pt_saved_no_optimizer": "The optimizer's state is not in the file.",
    "pt_saved_no_random": "The state of the random numbers is not in the file.",
    "pt_saved_no_progress": "The progress is not in the file.",
    "pt_saved_name_fixed": "The file has another name: it is path.",
    "pt_saved_weights_only": "Only the weights are in the file: four things decide what comes "
    "next.",
    "pt_saved_keys": "The names in the file are others: model, optimizer, random, progress.",
    "pt_saved_seed": "This is the seed, not the state: the state says how far the numbers have "
    "come.",
    "pt_read_swapped": "These are not the weights of the model: each part belongs to its own.",
    "pt_read_evaluates": "The model was put into evaluation mode: only what was saved is put back.",
    "pt_read_trusting": "The file was read without weights_only=True: it could run any code.",
    "pt_read_no_model": "The weights are not put back: the model of the caller has to load them, "
    "and a new value for the name changes nothing there.",
    "pt_read_no_optimizer": "The optimizer's state was not put back.",
    "pt_read_no_random": "The state of the random numbers was not put back.",
    "pt_read_no_progress": "The progress is to be returned.",
    "pt_read_returns_all": "The whole dict was returned: only the progress is asked for.",
    "pt_read_model_replaced": "A name was given another value: load_state_dict changes the model "
    "that was handed over.",
}

_CATALOGUE = {
    "pt_ids_dtype": "The ids are not int64: torch.tensor of a list of whole numbers has that of "
    "itself.",
    "pt_ids_end_added": "A token was added that is not in the text.",
    "pt_ids_ord": "These are Unicode codes: the tokenizer that is given makes the ids.",
    "pt_text_not_ids": "The tokenizer was given a tensor, or a list of rows: it decodes a plain "
    "list of ids, those of the one row.",
    "pt_text_first_token": "The first token of each row was taken: all tokens of the first row.",
    "pt_text_list": "These are pieces of text: decode all ids together, which gives one text.",
    "pt_printed": "Nothing is handed back, which gives None: printing is no return.",
    "pt_window_first_lost": "The first window is missing: it begins at token 0.",
    "pt_window_length": "len() is the number of windows: it decides how many items a loader asks "
    "for.",
    "pt_window_target_of_next": "The targets belong to another window: read both lists at the "
    "same place.",
    "pt_loader_drop_last": "The last, smaller batch is kept or dropped whatever is asked: hand "
    "on the argument drop_last.",
    "pt_loader_batch_size": "The number of windows in a batch is another: hand on batch_size.",
    "pt_loader_stride": "The windows are not stride tokens apart: hand on the argument stride.",
    "pt_loader_other_tokenizer": "A tokenizer was made here: use the one that is there, whatever "
    "it is.",
    "pt_loader_by_place": "DataLoader's fourth argument is not drop_last: name the arguments.",
    "pt_loader_of_text": "The loader was made of the text: it goes through the windows.",
    "pt_split_leak": "Tokens of one part are in the other too: then validation tells what was "
    "learnt by heart.",
    "pt_split_gap": "Characters between the two parts are lost: the second begins where the "
    "first ends.",
    "pt_split_end_first": "train_ratio was taken for the share of validation: it is that of "
    "training.",
    "pt_split_fixed": "The share is fixed: use train_ratio.",
    "pt_split_not_whole": "The place of the cut is not a whole number: int(...) makes it one.",
    "pt_split_overlap": "Windows overlap, or leave gaps: they do neither where the stride is the "
    "length.",
    "pt_split_length_not_set": "max_length is not handed on: windows have the length that "
    "create_dataloader_v1 has for itself.",
    "pt_split_one_window": "batch_size is not handed on.",
    "pt_split_val_as_train": "Validation is made like training: it goes in order, and all of it "
    "counts.",
    "pt_loss_each_token": "This is a loss for each token: their mean is one number.",
    "pt_loss_wrong_axes": "The wrong axes were flattened: a row keeps all V scores of one token, "
    "so it is batch and time that become one.",
    "pt_loss_of_pair": "The model gives one thing here, the scores.",
    "pt_loss_from_targets": "The model was shown the targets: it sees the inputs.",
    "pt_loss_chance": "No logarithm was taken: cross-entropy is the mean of minus the logarithm "
    "of the right token's probability.",
    "pt_loss_padding": "Targets of one id were left out: each id is a token here.",
    "pt_loss_evaluates": "The model was put into evaluation mode: training comes here too, so "
    "the mode is left to the caller.",
    "pt_mean_number": "The sum was divided by another number of batches than were measured.",
    "pt_mean_weights": "What is added and what it is divided by do not fit: the loss of a batch, "
    "times its tokens, over all tokens.",
    "pt_batches_more_fail": "There may be fewer batches than num_batches: stop where they end.",
    "pt_perplexity_rounded_e": "e was rounded: math.exp has all of its digits.",
    "pt_perplexity_turned": "Base and exponent are swapped: e to the power of the loss.",
    "pt_perplexity_whole": "The perplexity was rounded: it need not be a whole number.",
    "pt_perplexity_bits": "The loss was turned into bits: nats and e belong together.",
    "pt_perplexity_times": "e was multiplied by the loss: it is raised to its power.",
    "pt_eval_returns": "Two losses are returned, one after the other: training, then validation.",
    "pt_eval_iter": "The number of batches is another: eval_iter of each loader.",
    "pt_eval_divided": "The losses were divided by eval_iter: they are means already.",
    "pt_step_swapped": "Inputs and targets are swapped.",
    "pt_clip_each_alone": "Each parameter was clipped by itself: the length is that of all "
    "gradients together.",
    "pt_clip_largest": "The largest number was taken for the length: it is the square root of "
    "the sum of all squares.",
    "pt_clip_stretches": "Short gradients were made longer: only longer ones than max_norm change.",
    "pt_clip_weights": "The weights were clipped: it is the gradients that may be too long.",
    "pt_clip_loss": "The loss was clipped: it is the gradients that may be too long.",
    "pt_train_looks": "There are other looks than asked for: after step 0, and after every "
    "eval_freq-th from there.",
    "pt_train_all_batches_alike": "All batches were taken to be of one size: the last may be "
    "smaller.",
    "pt_train_same_batch": "The first batch was learnt again and again: go through the loader.",
    "pt_train_one_batch": "Only one batch of an epoch was learnt: all of them are.",
    "pt_train_looks_at_validation": "evaluate_model was given one loader twice.",
    "pt_plot_turned": "The arguments of plot are swapped: what goes to the right comes first.",
    "pt_plot_no_labels": "The lines cannot be told apart: each needs a label, and the picture a "
    "legend.",
    "pt_groups_axes": "A matrix has two axes, and some weights have more: the border runs "
    "between one axis and two.",
    "pt_groups_matrices_twice": "A weight stands in both groups: each in one.",
    "pt_groups_tied_twice": "A weight that has two names was taken twice: parameters() gives "
    "each once.",
    "pt_rate_brackets": "Only the 1 was divided: / comes before +, so the sum needs brackets.",
    "pt_rate_turn": "The angle does not go from 0 to pi: half a turn, in radians.",
    "pt_rate_share": "The share of the way down is another: 0 where the warm-up ends, and 1 at "
    "total_steps.",
    "pt_rate_whole_share": "// throws the fraction away, so that the rate stays at the peak: "
    "divide with /.",
    "pt_saved_itself": "An object or a function was saved, not what it gives when it is called: a "
    "file that is read safely holds tensors and plain data only.",
    "pt_saved_new_seed": "Saving set a new seed, so that what comes next is changed by it: only "
    "read the state.",
    "pt_saved_progress": "progress is not in the file as it is, under its own key.",
    "pt_saved_order": "torch.save takes what is saved first, then the path.",
    "pt_name_fixed": "The name of the file is fixed: use path.",
    "pt_saved_parameters": "load_state_dict takes what state_dict() gives: weights by name.",
    "pt_read_errors_hidden": "An error was hidden: a run would go on from nothing without a word.",
    "pt_read_not_strict": "With strict=False a missing weight stays as it was, without a word.",
    "pt_read_into_another": "The weights went into another model: that of the caller is to have "
    "them.",
    "pt_eval_no_grad_brackets": "torch.no_grad without brackets cannot be entered: it is called "
    "first.",
}

# Where a check cannot tell one slip from another like it.
_ALIKE = {
    "pt_ids_end": "<|endoftext|> was not taken for the one token that it is: the tokenizer has to "
    "be told that it is allowed.",
    "pt_mean_empty": "Without any batch there is no mean: float('nan') says so.",
    "pt_plot_file": "The folder holds no such PDF: its name is loss-plot.pdf.",
    "pt_plot_names": "An axis has no name: epochs, tokens seen, and what the losses count.",
    "pt_plot_scale_above": "The axis above does not count tokens: nothing in it is drawn over "
    "tokens_seen.",
    "pt_rate_after": "After total_steps the rate is another: min_lr.",
    "pt_rate_other_bend": "It is another curve: (1 + cos) / 2 is flat at both ends.",
    "pt_train_epochs": "The number of epochs is another: num_epochs.",
    "pt_train_samples": "The samples come at other times: one after each epoch.",
    "pt_train_tokens": "tokens_seen counts something else: every token of every batch, T in each "
    "window.",
    "pt_window_size": "A window is too long or too short: inputs and targets are max_length tokens "
    "each.",
}

CAUSES = _DATA | _LOSS | _TRAINING | _PLOT | _OPTIMIZER | _FILES | _CATALOGUE | _ALIKE
