"""Why an answer of lab01 is wrong, one sentence a cause."""

from __future__ import annotations

_TEXT = {
    "preview_off_by_one": "One character too few or too many: text[:n] already stops before n.",
    "preview_ignores_n": "The length is fixed: use the argument n, which is 200 only by default.",
    "preview_last": "Those are characters from the end: a slice [:n] starts at the beginning.",
    "vocabulary_unsorted": "The characters are not sorted: the order of a set changes from run to "
    "run, so the same id would mean another letter tomorrow.",
    "vocabulary_repeats": "Characters occur more than once: keep each distinct one a single time.",
    "vocabulary_from_one": "The ids start at 1: the first character has id 0.",
    "vocabulary_reversed": "stoi goes the wrong way: its keys are characters, its values are ids.",
    "vocabulary_descending": "The characters are sorted from last to first.",
    "lookup_swapped": "The two answers are swapped: one is an id, the other a character.",
    "lookup_off_by_one": "Off by one: ids start at 0.",
    "lookup_digit": "Id 12 is a place in the list of characters, not the text '12' nor an ASCII "
    "code.",
    "encode_wrong_direction": "The list goes backwards: the first id belongs to the first "
    "character.",
    "encode_own_order": "Ids are numbered inside this string: look each character up in stoi.",
    "encode_unique": "Repeated characters were lost: a set keeps each only once and in no order.",
    "encode_itos": "itos goes from id to character: use stoi.",
    "encode_ord": "These are Unicode codes from ord(): look each character up in stoi.",
    "decode_spaces": "Something stands between the characters: join them with the empty string.",
    "decode_list": "This is a list of characters: join them into one string.",
    "decode_chr": "chr() reads Unicode codes: look each id up in itos.",
    "decode_reversed": "The text comes out backwards.",
    "printed": "It prints the answer, and returns None: a function hands its result back with "
    "return.",
    "vocabulary_no_whitespace": "The spaces or the line breaks are missing: they are characters "
    "like any other.",
    "vocabulary_lower": "The capitals are missing: k and K are two characters.",
    "encode_tensor": "This is a tensor: return a plain list, the lab makes the tensor later.",
}

_BATCHES = {
    "split_swapped": "The two parts are swapped: training comes first.",
    "split_overlap": "The two parts share characters: the model would be examined on what it has "
    "seen.",
    "split_gap": "Characters between the two parts are lost: the second starts where the first "
    "ends.",
    "split_shuffled": "The characters were shuffled: text is a sequence, so the parts must be two "
    "pieces in their old order.",
    "split_fixed": "The 0.9 is fixed: use the argument fraction.",
    "split_val_fraction": "The fraction was given to validation: it is the share for training.",
    "windows_context_too_short": "The context stops before position t: x[:t] leaves x[t] out, the "
    "very character that we are at.",
    "windows_targets_from_x": "The targets come from x: they are the last character of the "
    "context itself, so there is nothing to predict.",
    "windows_last_only": "The context is one character: it is all of them up to position t.",
    "split_not_whole": "The place of the cut is not a whole number: int(...) makes it one.",
    "windows_one_short": "One task is missing: a window of T characters and its targets make T.",
    "targets_not_shifted": "y is x itself: without the shift by one, the model is asked to repeat "
    "the character that it sees.",
    "targets_shifted_by_two": "y is shifted by two: the target is the very next character.",
    "targets_backwards": "y is shifted the wrong way: it holds the characters before, not after.",
    "last_window_never": "The last window is never drawn: torch.randint leaves its upper bound out "
    "already, so nothing more must be subtracted from len(data) - block_size.",
    "upper_bound_too_high": "The start can be drawn too late in the text: then a window or its "
    "targets run over the end, and every now and then stack fails.",
    "always_training": "Both splits give training text: read the argument split.",
    "splits_swapped": "The splits are swapped: 'train' must read train_data.",
    "same_window_every_row": "All rows are the same window: draw batch_size starts, not one.",
    "float_ids": "The ids are not int64: an embedding is indexed by whole numbers.",
    "batch_transposed": "The axes are swapped: it is one window a row, (batch_size, block_size).",
    "contiguous_rows": "The windows are not drawn at random: they always start at the same places.",
    "batch_text_one_string": "The rows were run together: it is one string a row.",
    "batch_text_first_row": "Only one row was decoded: go over all of them.",
    "batch_text_columns": "The columns were decoded: a row of yb is a piece of text.",
    "split_rounded": "The place of the cut was rounded to the nearest: int() cuts the fraction "
    "off.",
    "windows_target_too_late": "The targets are shifted twice: y is one step later already, so the "
    "target at t is y[t].",
    "windows_all_of_x": "Every context is the whole window: it must end at place t, or the answer "
    "is in it.",
    "windows_tensors": "These are tensors: .tolist() makes a list of one, .item() a number.",
    "targets_of_other_windows": "The starts were drawn a second time for y: x and y must be cut at "
    "the same places.",
    "first_window_never": "The first window is never drawn: starts begin at 0.",
    "always_the_same_seed": "Always the same windows: is a seed set inside? It must not be.",
    "batch_size_fixed": "The number of rows is fixed: use batch_size, which changes later in the "
    "lab.",
    "scattered_characters": "Each character was drawn by itself: a row is one piece of the text, "
    "in its order.",
    "windows_y_too_late": "y is already one step later: the target is y[t].",
    "windows_not_a_list": "The context is a list of all ids so far, not only the last.",
    "windows_follow": "The windows follow one another: draw each start by itself.",
    "targets_computed": "y was computed from the ids: it must be read from data, one place later.",
    "targets_one_window_later": "y starts one place after x, not one window after.",
    "batch_lab_data": "This reads the lab's own data: choose train_data or val_data by split.",
    "batch_short": "One place is missing: a row has block_size ids.",
    "batch_list": "Stack the windows into one tensor.",
    "batch_text_global": "It reads a batch of the notebook: use the argument of the function.",
}

_COUNTS = {
    "count_transposed": "Rows and columns are swapped: the row is the character that comes first.",
    "count_once": "Each pair was noted once: add one every time it occurs.",
    "count_wraps": "The last character was paired with the first: nothing follows the last one.",
    "count_ignores_last": "The last pair was left out.",
    "count_floats": "The counts are not int64: they count, so they are whole numbers.",
    "count_shared_rows": "All rows are one and the same list: [[0] * V] * V repeats it, it does "
    "not make new ones.",
    "count_self": "Each character was paired with itself: b is the next character after a.",
    "count_gap": "The pairs do not overlap: in 'abba' the middle b ends one pair and starts the "
    "next.",
    "no_keepdim": "The row sums lost their axis (no keepdim=True), so PyTorch divided column b by "
    "the sum of row b.",
    "normalised_by_column": "The columns sum to one: divide each row by its own sum.",
    "no_plus_one": "Nothing was added to the counts: a pair never seen gets probability 0, and its "
    "loss is infinite.",
    "normalised_by_all": "The whole table sums to one: each row is a distribution of its own.",
    "plus_one_after": "The one was added after the division, or not to the row sums: add it to "
    "every count first.",
    "softmax_of_counts": "A softmax was taken of counts: divide them by their row sums.",
    "loss_summed": "The loss is a sum: divide by the number of pairs, so that texts of any length "
    "compare.",
    "loss_log2": "The logarithm has base 2: the loss is in nats, the natural logarithm.",
    "loss_log10": "The logarithm has base 10: the loss is in nats, the natural logarithm.",
    "loss_sign": "The sign is missing: the logarithm of a probability is negative, a loss is not.",
    "loss_of_mean": "This is the logarithm of the mean: take the mean of the logarithms.",
    "loss_pairs_backwards": "Rows and columns are swapped: the probability of b after a is "
    "probs[a, b].",
    "loss_all_rows": "The mean was taken over the whole table: pick the pairs of the text.",
    "loss_per_character": "The sum was divided by the number of characters: there is one pair "
    "fewer.",
    "loss_mean_probability": "This is a mean of probabilities: the logarithm is missing.",
    "count_too_far": "Nothing follows the last character: stop one earlier.",
    "loss_two_brackets": "Two brackets pick rows twice: probs[rows, columns].",
    "count_from_one": "The counts start at one: here they only count, the one is added later.",
    "plus_one_where_zero": "Only the zeros were raised to one: add one to every count.",
    "whole_division": "// throws the fraction away: divide with /.",
    "counts_changed": "The caller's counts were changed in place (+=): make a new tensor.",
    "loss_sign_inside": "The minus stands inside the logarithm, and a negative number has none.",
    "loss_perplexity": "This is e to the power of the loss, the perplexity: return the loss "
    "itself.",
    "loss_every_pairing": "Every first character was paired with every second one: put both index "
    "lists into one pair of brackets.",
}

_MODEL = {
    "softmax_before_cross_entropy": "A softmax was taken before cross_entropy, which takes its "
    "own: it wants the raw logits.",
    "flattened_by_permute": "Logits and targets were flattened in different orders, so a "
    "prediction is judged by another position's target.",
    "cross_entropy_summed": "The loss is a sum over all positions: leave cross_entropy at its "
    "mean.",
    "logits_not_flattened": "cross_entropy reads axis 1 as the classes: flatten the logits to "
    "(B*T, V) and the targets to (B*T).",
    "logits_returned_unflattened": "The loss is right, but with targets the logits are returned "
    "in the flattened form (B*T, V).",
    "logits_flattened_always": "Without targets the logits keep their three axes (B, T, V): "
    "generating needs to know which position is the last.",
    "loss_always": "Without targets there is no loss: return None for it.",
    "returns_only_logits": "forward returns two things, logits and loss.",
    "loss_detached": "The loss has lost its gradient: return the tensor that cross_entropy gives.",
    "probabilities_returned": "These are probabilities, not logits: return the rows as they are.",
    "shapes_swapped": "The two shapes are swapped: only with targets are they flattened.",
    "shapes_no_batch": "The batch axis is missing: all sequences are computed at once.",
    "shapes_no_vocabulary": "The last axis is missing: each position gets one logit for each "
    "character of the vocabulary.",
    "shapes_axes": "The axes stand in another order: batch, time, then vocabulary.",
    "shapes_n_characters": "The last axis is the vocabulary: one logit for each character.",
    "generate_first_position": "The first position was read: the next character follows the last.",
    "generate_all_positions": "All positions were used: only the last predicts the next character.",
    "generate_argmax": "The likeliest character was taken every time: draw from the probabilities.",
    "generate_only_new": "The given start is missing: the result begins with idx.",
    "generate_samples_logits": "The logits were used as probabilities: softmax comes first.",
    "generate_one_too_many": "The number of new characters is wrong: there are max_new_tokens.",
    "generate_wrong_axis": "The new characters were appended along the wrong axis: time is dim=1.",
    "generate_same_for_all": "All rows got the same new character: draw one a row.",
    "generate_uniform": "The new characters do not depend on the model: use its logits.",
    "generate_changes_idx": "The caller's idx was changed in place: make a longer tensor.",
    "generate_softmax_over_rows": "The softmax was taken over the batch: each row of logits is "
    "a distribution of its own (dim=-1).",
    "vocabulary_axis_moved": "The axes were moved before flattening, so characters and places are "
    "mixed up: a row must hold the logits of one place.",
    "targets_are_inputs": "The loss compares with idx, what the model sees: compare with targets.",
    "shapes_same": "Both shapes are the same: with targets, batch and time are flattened into one "
    "axis.",
    "shapes_not_flattened": "With targets, batch and time are flattened into one axis: 4 * 8 = 32.",
    "cross_entropy_order": "cross_entropy takes the logits first, then the targets.",
    "generate_nothing_kept": "Nothing was kept: assign it to idx.",
    "generate_stopped": "It stopped after one new character: return stands after the loop.",
    "generate_old_lost": "The old text is lost: append to it.",
    "generate_with_targets": "Call the model without targets: then the logits keep (B, T, V).",
    "logits_come_first": "The model gives two things, logits and loss: here the logits are needed, "
    "the first one.",
    "generate_prepends": "The new character stands in front: it belongs at the end.",
}

_TRAINING = {
    "no_zero_grad": "Gradients of the step before were kept: PyTorch adds to them until they are "
    "zeroed.",
    "zero_grad_before_step": "The gradients were zeroed between backward and step, so the "
    "optimizer had nothing to follow.",
    "loss_is_a_pair": "The model gives two things, logits and loss: take the second one.",
    "no_step": "Nothing was changed: the optimizer has to take its step.",
    "no_backward": "No gradient was computed: call backward on the loss.",
    "returns_tensor": "This is a tensor that still carries its graph: loss.item() is the number.",
    "step_before_backward": "The step came before backward: it used no gradient or an old one.",
    "two_steps": "Two steps were taken: one call is one step.",
    "loss_after_step": "This is the loss after the step: return the one that was computed first.",
    "ascent": "The step goes uphill: the loss itself is what backward starts from.",
    "no_eval": "The model was not put in evaluation mode: layers such as dropout would still be "
    "at work.",
    "no_no_grad": "Gradients were recorded: torch.no_grad() saves time and memory when nothing is "
    "learned.",
    "left_in_eval": "The model was left in evaluation mode: put it back with model.train().",
    "only_train": "Both numbers come from the training text: ask get_batch for each split.",
    "last_batch_only": "Only one batch counts: take the mean over eval_iters of them.",
    "losses_summed": "The losses were added up: take their mean.",
    "keys_swapped": "The two numbers are swapped.",
    "same_batch": "One batch was measured again and again: draw a new one each time.",
    "estimate_keys": 'The keys are "train" and "val".',
    "coverage_power": "A power is ** in Python.",
    "coverage_times_windows": "Chances of being seen were added: they overlap. The chance of being "
    "missed every time is a product.",
    "coverage_seen": "This is the chance of being seen: the question is the chance of being "
    "missed.",
    "coverage_tokens": "A window can start at n_characters - block_size places, not at every one.",
    "coverage_one_window": "This is one window only: all n_windows have to miss.",
    "coverage_one_character": "A window covers block_size characters, not one.",
    "whole_counts_all": "The pairs of the whole text were counted, validation too: count those of "
    "the training part.",
    "whole_global_stoi": "The ids come from the lab's own stoi: this text has a vocabulary of its "
    "own.",
    "whole_swapped": "The two losses are swapped: training comes first.",
    "whole_split_text": "The vocabulary comes from a part of the text: the other part may hold "
    "characters that it lacks.",
    "whole_lab_data": "The lab's own train_data or val_data was used: work with the argument text.",
    "whole_probabilities": "No use was made of the smoothed probabilities: a new pair costs "
    "infinity.",
    "own_batch": "It draws a batch of its own: use xb and yb, which it is given.",
    "own_optimizer": "It makes a new optimizer: use the one that it is given, which remembers "
    "earlier steps.",
    "returned_too_soon": "It returns after the first split: return stands after the loop.",
    "coverage_one_start_more": "One start too many: the last target has to be in the text, so "
    "there are n_characters - block_size.",
    "whole_evaluates_training": "Both losses come from the training part: the second is that of "
    "the part held back.",
}

CAUSES = _TEXT | _BATCHES | _COUNTS | _MODEL | _TRAINING
