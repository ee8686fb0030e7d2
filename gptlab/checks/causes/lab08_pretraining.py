"""Why an answer of lab08 is wrong, one sentence a cause."""

from __future__ import annotations

_TOKENS = {
    "pt_ids_no_batch": "The axis of the batch is missing: one text is a batch of one, (1, T).",
    "pt_ids_column": "The axes are swapped: the batch comes first, (1, T).",
    "pt_ids_list": "This is a list: a model takes one tensor of ids.",
    "pt_ids_dtype": "The ids are not int64: torch.tensor of a list of whole numbers has that of "
    "itself.",
    "pt_ids_end": "<|endoftext|> was not taken for the one token that it is: the tokenizer has to "
    "be told that it is allowed.",
    "pt_ids_end_added": "A token was added that is not in the text.",
    "pt_ids_ord": "These are Unicode codes: the tokenizer that is given makes the ids.",
    "pt_text_not_ids": "The tokenizer was given a tensor, or a list of rows: it decodes a plain "
    "list of ids, those of the one row.",
    "pt_text_squeezed": "squeeze() takes away every axis of length 1, so a text of one token is no "
    "list any more: take away the first axis only.",
    "pt_text_first_token": "The first token of each row was taken: all tokens of the first row.",
    "pt_text_list": "These are pieces of text: decode all ids together, which gives one text.",
    "pt_printed": "It prints the result and returns None: hand it back with return.",
}

_WINDOWS = {
    "pt_window_not_shifted": "The targets are the inputs themselves: each target is the token "
    "after.",
    "pt_window_shifted_by_two": "The targets come two tokens later: each is the very next one.",
    "pt_window_sides_swapped": "Inputs and targets are swapped: the window comes first, and what "
    "is one token later second.",
    "pt_window_one_target": "There is one target for the whole window: each of its tokens has one.",
    "pt_window_last_lost": "The last whole window is missing: it may begin as late as its last "
    "target lets it, and range leaves its end out.",
    "pt_window_over_the_end": "A window lacks its last target: it and one more token have to fit "
    "into the text.",
    "pt_window_first_lost": "The first window is missing: it begins at token 0.",
    "pt_window_stride_ignored": "Windows begin one token apart: window i begins at token i * "
    "stride.",
    "pt_window_stride_is_length": "Windows begin max_length apart: use stride, which may be less "
    "or more.",
    "pt_window_size": "A window is too long or too short: inputs and targets are max_length tokens "
    "each.",
    "pt_window_lists": "The items are lists: two tensors are asked for.",
    "pt_window_floats": "The ids are not int64: an embedding is indexed by whole numbers.",
    "pt_window_length": "len() is the number of windows: it decides how many items a loader "
    "asks for.",
    "pt_window_only_input": "An item is a pair: the window, and the same one token later.",
    "pt_window_target_of_next": "The targets belong to another window: read both lists at the "
    "same place.",
    "pt_loader_never_shuffled": "The windows come in the order of the text: DataLoader has to be "
    "told to shuffle.",
    "pt_loader_always_shuffled": "The windows are always shuffled: hand on the argument shuffle.",
    "pt_loader_drop_last": "The last, smaller batch is kept or dropped whatever is asked: hand on "
    "the argument drop_last.",
    "pt_loader_batch_size": "The number of windows in a batch is another: hand on batch_size.",
    "pt_loader_workers_lost": "num_workers is not handed on.",
    "pt_loader_stride": "The windows are not stride tokens apart: hand on the argument stride.",
    "pt_loader_swapped": "max_length and stride are swapped: GPTDatasetV1 takes the length first.",
    "pt_loader_other_tokenizer": "A tokenizer was made here: use the one that is there, whatever "
    "it is.",
    "pt_loader_by_place": "DataLoader's fourth argument is not drop_last: name the arguments.",
    "pt_loader_of_text": "The loader was made of the text: it goes through the windows.",
    "pt_loader_not_made": "This is no loader: one can go through it again and again, and gets "
    "batches, shuffled anew each time.",
}

_SPLIT = {
    "pt_split_leak": "Tokens of one part are in the other too: then validation tells what was "
    "learnt by heart.",
    "pt_split_val_is_train": "Validation is the training part again: it is the rest of the text.",
    "pt_split_gap": "Characters between the two parts are lost: the second begins where the first "
    "ends.",
    "pt_split_end_first": "train_ratio was taken for the share of validation: it is that of "
    "training.",
    "pt_split_fixed": "The share is fixed: use train_ratio.",
    "pt_split_rounded": "The place of the cut was rounded to the nearest: int() cuts the fraction "
    "off.",
    "pt_split_not_whole": "The place of the cut is not a whole number: int(...) makes it one.",
    "pt_split_overlap": "Windows overlap, or leave gaps: they do neither where the stride is the "
    "length.",
    "pt_split_length_not_set": "max_length is not handed on: windows have the length that "
    "create_dataloader_v1 has for itself.",
    "pt_split_one_window": "batch_size is not handed on.",
    "pt_split_val_shuffled": "Validation is shuffled: a look at the first batches would be another "
    "each time.",
    "pt_split_val_dropped": "The last, smaller batch of validation is lost: all of it counts.",
    "pt_split_val_as_train": "Validation is made like training: it goes in order, and all of it "
    "counts.",
    "pt_split_train_in_order": "Training goes in the order of the text: it is shuffled.",
    "pt_split_train_keeps_rest": "Training keeps a smaller last batch: only full ones.",
    "pt_split_returned_swapped": "The two loaders are swapped: training comes first.",
}

_LOSS = {
    "pt_loss_of_softmax": "A softmax was taken before cross_entropy, which takes its own: it wants "
    "the raw scores.",
    "pt_loss_sum": "The losses were added up: the mean over all tokens does not depend on the size "
    "of the batch.",
    "pt_loss_each_token": "This is a loss for each token: their mean is one number.",
    "pt_loss_not_flat": "cross_entropy reads axis 1 as the scores of one token: flatten batch and "
    "time into one axis first, of scores and of targets.",
    "pt_loss_wrong_axes": "The wrong axes were flattened: a row keeps all V scores of one token, "
    "so it is batch and time that become one.",
    "pt_loss_scores_turned": "Scores and targets were flattened in different orders, so that a "
    "prediction is judged by the target of another token.",
    "pt_loss_last_token": "Only the last token of each window counts: all of them are predictions.",
    "pt_loss_order": "The arguments of cross_entropy are swapped: scores first, then targets.",
    "pt_loss_of_inputs": "The predictions were compared with the inputs: compare them with the "
    "targets.",
    "pt_loss_shifted_again": "The targets were shifted again: the batch has them one token later "
    "already.",
    "pt_loss_of_pair": "The model gives one thing here, the scores.",
    "pt_loss_from_targets": "The model was shown the targets: it sees the inputs.",
    "pt_loss_no_graph": "The loss has lost its graph, and nothing can be learnt from it: return "
    "the tensor that cross_entropy gives, computed while torch records.",
    "pt_loss_perplexity": "This is the perplexity: the loss itself is asked for.",
    "pt_loss_chance": "No logarithm was taken: cross-entropy is the mean of minus the logarithm of "
    "the right token's probability.",
    "pt_loss_padding": "Targets of one id were left out: each id is a token here.",
    "pt_loss_view": "view needs numbers that lie in order in memory: flatten and reshape take any.",
    "pt_loss_evaluates": "The model was put into evaluation mode: training comes here too, so the "
    "mode is left to the caller.",
    "pt_loss_batch_stays": "A batch is not on the device of the model: .to(device) gives a new "
    "tensor, which has to be kept.",
}

_MEANS = {
    "pt_mean_of_means": "Each batch counts the same, also a smaller last one: weigh its loss by "
    "how many tokens it has.",
    "pt_mean_number": "The sum was divided by another number of batches than were measured.",
    "pt_mean_not_divided": "The sum was not divided.",
    "pt_mean_weights": "What is added and what it is divided by do not fit: the loss of a batch, "
    "times its tokens, over all tokens.",
    "pt_batches_one_more": "One batch too many: i counts from 0, so batch num_batches is not of "
    "the first num_batches.",
    "pt_batches_one_fewer": "One batch is missing: num_batches of them.",
    "pt_batches_all": "num_batches is not used: only so many batches count.",
    "pt_batches_none": "num_batches may be None, which cannot be compared with <: it means all "
    "batches.",
    "pt_batches_zero_is_all": "num_batches=0 was taken for None: none is not all.",
    "pt_batches_more_fail": "There may be fewer batches than num_batches: stop where they end.",
    "pt_batches_first_again": "The first batch was measured again and again: iter(...) begins "
    "anew each time.",
    "pt_mean_empty": "Without any batch there is no mean: float('nan') says so.",
    "pt_mean_tensor": "The sum is a tensor, which keeps the graphs of all batches alive: .item() "
    "makes a number of a loss.",
    "pt_mean_returned_early": "It returns after the first batch: return stands after the loop.",
    "pt_mean_last_batch": "Only the last batch counts: add to the sum, do not replace it.",
    "pt_perplexity_two": "The base is 2: a loss in nats belongs to e.",
    "pt_perplexity_ten": "The base is 10: a loss in nats belongs to e.",
    "pt_perplexity_loss": "This is the loss itself: the perplexity is e to the power of it.",
    "pt_perplexity_chance": "This is the probability: the perplexity is one over it.",
    "pt_perplexity_log": "This is the logarithm of the loss, which is a logarithm already: go the "
    "other way.",
    "pt_perplexity_rounded_e": "e was rounded: math.exp has all of its digits.",
    "pt_perplexity_turned": "Base and exponent are swapped: e to the power of the loss.",
    "pt_perplexity_less_one": "This is one less: expm1 is exp less 1.",
    "pt_perplexity_whole": "The perplexity was rounded: it need not be a whole number.",
    "pt_perplexity_bits": "The loss was turned into bits: nats and e belong together.",
    "pt_perplexity_tensor": "This is a tensor: a float comes in, and a float goes out.",
    "pt_perplexity_times": "e was multiplied by the loss: it is raised to its power.",
}

_LOOKS = {
    "pt_eval_brackets": "torch.no_grad without brackets cannot be entered: it is called first.",
    "pt_eval_grad_stays_off": "torch was told to record no more, and never to record again: "
    "nothing could be learnt afterwards.",
    "pt_eval_val_with_graph": "One of the two losses was measured with a graph: both stand inside "
    "of no_grad.",
    "pt_eval_val_in_training": "The model went back to training before both losses were measured.",
    "pt_eval_training_twice": "Both losses come from the training part: validation has a loader "
    "of its own.",
    "pt_eval_validation_twice": "Both losses come from validation: training has a loader of its "
    "own.",
    "pt_eval_swapped": "The two losses are swapped: training comes first.",
    "pt_eval_returns": "Two losses are returned, one after the other: training, then validation.",
    "pt_eval_iter": "The number of batches is another: eval_iter of each loader.",
    "pt_eval_divided": "The losses were divided by eval_iter: they are means already.",
    "pt_step_swapped": "Inputs and targets are swapped.",
    "pt_clip_after_step": "The gradients were clipped after the step, which had used them as they "
    "were: first clip, then step.",
    "pt_clip_by_value": "Each number was cut by itself, which turns the direction: all gradients "
    "together have one length.",
    "pt_clip_each_alone": "Each parameter was clipped by itself: the length is that of all "
    "gradients together.",
    "pt_clip_always": "It clips although max_norm was not given.",
    "pt_clip_of_none": "max_norm may be None: then nothing is clipped.",
    "pt_clip_never": "Nothing is clipped: that is done with max_norm, between backward, which "
    "makes the gradients, and the step, which uses them.",
    "pt_clip_fixed": "The length is fixed: use max_norm.",
    "pt_clip_largest": "The largest number was taken for the length: it is the square root of the "
    "sum of all squares.",
    "pt_clip_model": "clip_grad_norm_ takes the parameters, not the model.",
    "pt_clip_stretches": "Short gradients were made longer: only longer ones than max_norm change.",
    "pt_clip_weights": "The weights were clipped: it is the gradients that may be too long.",
    "pt_clip_loss": "The loss was clipped: it is the gradients that may be too long.",
}

_TRAINING = {
    "pt_train_step_per_epoch": "The steps begin at 0 in each epoch: they are counted on through "
    "all of them.",
    "pt_train_tokens_per_epoch": "The tokens begin at 0 in each epoch: they are counted on through "
    "all of them.",
    "pt_train_counts_from_one": "The looks come at other steps: the first step has number 0, and "
    "is looked at.",
    "pt_train_looks": "There are other looks than asked for: after step 0, and after every "
    "eval_freq-th from there.",
    "pt_train_look_first": "The look came before the step: it comes after.",
    "pt_train_tokens": "tokens_seen counts something else: every token of every batch, T in each "
    "window.",
    "pt_train_counts_both": "Inputs and targets were both counted: a token is seen once.",
    "pt_train_all_batches_alike": "All batches were taken to be of one size: the last may be "
    "smaller.",
    "pt_train_tokens_late": "The batch of the step itself is not in tokens_seen: it had been given "
    "to train_step.",
    "pt_train_lists_swapped": "The two losses went into each other's list.",
    "pt_train_loss_of_step": "The loss of a single step was noted: evaluate_model measures both.",
    "pt_train_on_validation": "It learns from validation: that is kept back.",
    "pt_train_same_batch": "The first batch was learnt again and again: go through the loader.",
    "pt_train_one_batch": "Only one batch of an epoch was learnt: all of them are.",
    "pt_train_epochs": "The number of epochs is another: num_epochs.",
    "pt_train_loaders_swapped": "evaluate_model was given the loaders in the wrong order.",
    "pt_train_looks_at_validation": "evaluate_model was given one loader twice.",
    "pt_train_iter_is_freq": "eval_freq was given in the place of eval_iter: one counts steps, the "
    "other batches of a look.",
    "pt_train_twice": "Two steps were taken on each batch.",
    "pt_train_never": "No step was taken.",
    "pt_train_no_mode": "The model may come in evaluation mode: then dropout would be silent up to "
    "the first look.",
    "pt_train_samples": "The samples come at other times: one after each epoch.",
    "pt_train_no_sample": "print_sample was not called: once after each epoch.",
    "pt_train_sample_order": "print_sample was given its arguments in another order.",
    "pt_plot_file": "The folder holds no such PDF: its name is loss-plot.pdf.",
    "pt_plot_saved_empty": "An empty picture was saved: save the one with the lines in it, after "
    "they are drawn.",
    "pt_plot_training_twice": "The training losses were drawn twice.",
    "pt_plot_no_validation": "The validation losses are missing.",
    "pt_plot_by_number": "The losses stand over the numbers of the looks: hand plot the epochs "
    "first.",
    "pt_plot_turned": "The arguments of plot are swapped: what goes to the right comes first.",
    "pt_plot_over_tokens": "The losses stand over the tokens: below are the epochs.",
    "pt_plot_labels_swapped": "The labels of the two lines are swapped.",
    "pt_plot_no_labels": "The lines cannot be told apart: each needs a label, and the picture a "
    "legend.",
    "pt_plot_twin_beside": "twinx shares the axis below and adds one at the side: here the losses "
    "are shared, and a second axis stands above.",
    "pt_plot_scale_above": "The axis above does not count tokens: nothing in it is drawn over "
    "tokens_seen.",
    "pt_plot_no_tokens": "There is no axis above: tokens_seen belongs there.",
    "pt_plot_names": "An axis has no name: epochs, tokens seen, and what the losses count.",
}

_RUNS = {
    "pt_groups_all_decay": "Everything decays: what has one axis is left alone.",
    "pt_groups_none_decays": "Nothing decays: the first group is given weight_decay.",
    "pt_groups_default_decay": "A group without weight_decay gets AdamW's own, which is not 0.",
    "pt_groups_decay_fixed": "The decay is fixed: use the argument weight_decay.",
    "pt_groups_swapped": "The groups are swapped: the matrices, which decay, come first.",
    "pt_groups_decays_swapped": "The two decays are swapped: it is the matrices that decay.",
    "pt_groups_axes": "A matrix has two axes, and some weights have more: the border runs between "
    "one axis and two.",
    "pt_groups_matrices_twice": "A weight stands in both groups: each in one.",
    "pt_groups_by_bias": "Going by the word bias, scale and shift of the norms decay: go by the "
    "number of axes.",
    "pt_groups_by_weight": "Going by the word weight, names decide, and the scale of a norm may be "
    "called weight: go by the number of axes.",
    "pt_groups_no_tables": "The tables were left out: they have two axes, and decay.",
    "pt_groups_used_up": "model.parameters() can be gone through once: the second group found "
    "nothing left. Make a list of it.",
    "pt_groups_names": "These are names: AdamW takes the weights themselves.",
    "pt_groups_other_key": "AdamW does not know this key: it is called weight_decay.",
    "pt_groups_optimizer": "This is an optimizer: the list of its groups is asked for.",
    "pt_groups_tied_twice": "A weight that has two names was taken twice: parameters() gives each "
    "once.",
    "pt_rate_begins_at_zero": "The first step has rate 0 and learns nothing: steps count from 0, "
    "so it is step + 1.",
    "pt_rate_peak_too_early": "The peak comes one step too early: it is divided by warmup_steps + "
    "1.",
    "pt_rate_zero_for_ever": "// throws the fraction away, so that the warm-up is 0 all along: "
    "divide with /.",
    "pt_rate_up_from_min": "The warm-up begins at min_lr: it comes up from 0.",
    "pt_rate_no_warmup": "There is no warm-up.",
    "pt_rate_brackets": "Only the 1 was divided: / comes before +, so the sum needs brackets.",
    "pt_rate_goes_up": "The cosine goes up: 1 + cos falls from 2 to 0.",
    "pt_rate_not_halved": "1 + cos goes from 2 to 0: it is halved.",
    "pt_rate_turn": "The angle does not go from 0 to pi: half a turn, in radians.",
    "pt_rate_straight_down": "The rate falls in a straight line: half a cosine.",
    "pt_rate_other_bend": "It is another curve: (1 + cos) / 2 is flat at both ends.",
    "pt_rate_down_to_zero": "The rate falls to 0: it ends at min_lr.",
    "pt_rate_min_added": "min_lr was added to the whole: the cosine spans peak_lr - min_lr, and so "
    "begins at peak_lr.",
    "pt_rate_cut_at_min": "The curve to 0 was cut off at min_lr: the cosine itself ends there.",
    "pt_rate_min_not_kept": "After total_steps the cosine comes up again: from there on it is "
    "min_lr.",
    "pt_rate_after": "After total_steps the rate is another: min_lr.",
    "pt_rate_share": "The share of the way down is another: 0 where the warm-up ends, and 1 at "
    "total_steps.",
    "pt_rate_whole_share": "// throws the fraction away, so that the rate stays at the peak: "
    "divide with /.",
    "pt_rate_tensor": "This is a tensor: math.cos gives a plain number.",
}

_FILES = {
    "pt_saved_itself": "An object or a method was saved, not what state_dict() gives: a file that "
    "is read safely holds tensors and plain data only.",
    "pt_saved_no_optimizer": "The optimizer is not in the file: AdamW remembers two numbers for "
    "each weight, and would begin anew.",
    "pt_saved_no_random": "The random state is not in the file: dropout and shuffling would go on "
    "otherwise.",
    "pt_saved_seed": "A seed is where chance began: the state says where it is now.",
    "pt_saved_new_seed": "Saving set a new seed, so that what comes next is changed by it: only "
    "read the state.",
    "pt_saved_progress": "progress is not in the file as it is, under its own key.",
    "pt_saved_keys": "The file has other keys: model, optimizer, random, progress.",
    "pt_saved_order": "torch.save takes what is saved first, then the path.",
    "pt_name_fixed": "The name of the file is fixed: use path.",
    "pt_saved_parameters": "load_state_dict takes what state_dict() gives: weights by name.",
    "pt_read_trusting": "A file may hold code, and it ran: weights_only=True refuses it.",
    "pt_read_errors_hidden": "An error was hidden: a run would go on from nothing without a word.",
    "pt_read_not_strict": "With strict=False a missing weight stays as it was, without a word.",
    "pt_read_no_model": "The weights are not put back: the model of the caller has to load them, "
    "and a new value for the name changes nothing there.",
    "pt_read_into_another": "The weights went into another model: that of the caller is to have "
    "them.",
    "pt_read_no_optimizer": "The optimizer is not put back.",
    "pt_read_no_random": "The random state is not put back.",
    "pt_read_no_progress": "The progress is not returned: the caller would not know where to go "
    "on.",
    "pt_read_returns_all": "All of the file is returned: the progress alone.",
}

CAUSES = (
    _TOKENS | _WINDOWS | _SPLIT | _LOSS | _MEANS | _LOOKS | _TRAINING | _RUNS | _FILES
)  # fmt: skip
