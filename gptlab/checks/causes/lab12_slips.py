"""More of why an answer of lab12 is wrong: what the hidden tests tell apart besides the checks."""

from __future__ import annotations

_WRITTEN = {
    "chat_role_behind_end": "The role stands behind the end: role, words, end.",
    "chat_role_compared": "A role was compared with its token: a message says 'user', the token is "
    "called '<|user|>'. They are never equal, so all get the same one.",
    "chat_role_once": "Only the first message has a role: each begins with its own.",
    "chat_end_of_answers": "Only the assistant's messages have an end: the user's have one, too.",
    "chat_end_of_questions": "Only the user's messages have an end: without it after the answers "
    "the model never learns to stop.",
    "chat_typed_taken_out": "What looks like a special token was taken out of the words: what "
    "somebody typed stays, as text. encode_ordinary takes it as such.",
    "chat_bytes": "These are plain bytes, as the notebook's first tokenizer has them: the one that "
    "is handed over may merge them, and number them in another order.",
    "chat_letter_by_letter": "Each letter was encoded by itself, so nothing was merged: the "
    "tokenizer takes the whole text at once.",
    "chat_word_by_word": "The words were encoded one by one, and what stands between them was "
    "lost: the tokenizer takes the whole text at once.",
    "chat_words_stripped": "Spaces or line breaks at the ends of the words got lost: nothing is "
    "taken away from what was typed.",
    "chat_words_small": "The words were put into small letters: nothing is changed in what was "
    "typed.",
    "chat_one_line": "Several spaces, or line breaks, became one space: nothing is changed in what "
    "was typed.",
    "chat_ids_guessed": "The end was taken for the last id there is: special_tokens says which one "
    "it is.",
    "chat_role_left_out": "The assistant's messages are missing: both sides of the conversation "
    "are written.",
    "chat_prompt_both_roles": "Two roles stand at the end: it is the assistant's turn, and its "
    "role alone is added.",
    "chat_prompt_open_end": "The last message has lost its end, and no role follows: after the "
    "whole conversation comes the assistant's role.",
    "chat_prompt_first_only": "Only the first message is there: the model is to see the whole "
    "conversation.",
    "chat_prompt_question_lost": "The last message is missing, and it is the one to be answered.",
    "chat_prompt_users_only": "The assistant's own messages are missing: it is to see what it said "
    "itself.",
    "chat_one_message": "encode takes a list of messages: one message alone is a dict, so put it "
    "into a list.",
    "chat_prompt_pair": "Two lists came back: one list, with the role as its last id.",
    "chat_prompt_refused": "encode refuses special tokens unless they are allowed: special_tokens "
    "has the role's id.",
    "chat_prompt_returned_append": "append gives nothing back: it changes the list. Return the "
    "list itself.",
}

_MASK = {
    "chat_mask_end_only": "Only the end of an answer counts here: its words do, too.",
    "chat_mask_first_word_lost": "The first token of each answer does not count here: the role "
    "alone is left out.",
    "chat_mask_from_first_on": "All counts from the first answer on, the user's next message, too: "
    "only the assistant's words and ends do.",
    "chat_mask_letters": "Letters were counted in place of tokens: é is one letter and two bytes, "
    "and a merged token is several letters.",
    "chat_mask_minus_1": "What does not count has -1 here: the mask is 1 or 0. The -1 comes later, "
    "among the targets.",
    "chat_mask_list_anew": "The mask begins anew with each message: add to it.",
    "chat_mask_by_token": "It was asked whether a token occurs in an answer: then the user's same "
    "words count, too. What counts is who says it.",
    "chat_mask_empty_answer": "An answer without words does not count here: its end does, for the "
    "assistant ends it.",
    "chat_mask_answers_alone": "The user's messages are missing: they do not count, but the model "
    "reads them.",
}

_TARGETS = {
    "chat_y_ids_not_shifted": "The mask was shifted and the ids were not: the target is the next "
    "id, where its mask is 1.",
    "chat_y_last_lost": "The last target is missing: T tokens make T - 1 pairs, and the last "
    "target is the last id.",
    "chat_y_first_word_lost": "The first word of each answer does not count here: only the mask of "
    "the target itself decides, not that of what is read.",
    "chat_y_from_first_on": "Everything counts from the first answer on: each target has a mask of "
    "its own.",
    "chat_y_end_lost": "The end does not count as a target here: then the model never learns to "
    "stop. It is no padding.",
    "chat_pair_small": "The ids have another type of whole numbers: torch.tensor of a list gives "
    "int64, and a loss asks for it.",
    "chat_pair_axis": "There is an axis for a batch: x and y have (T - 1,) numbers each. The batch "
    "is made later.",
    "chat_pair_stacked": "One tensor came back: two are asked for, x and y.",
    "chat_pair_as_lists": "These are lists: tensors are asked for.",
    "chat_pair_alone": "Only one of the two came back: x and y are asked for.",
    "chat_pair_one_memory": "x lost ids when y was written: a slice shares the numbers with the "
    "tensor it was cut from. Make y a tensor of its own.",
}

_BATCHES = {
    "chat_fills_swapped": "The two fillings are swapped: xb is filled up with pad_id, yb with -1.",
    "chat_pad_left_one": "One of the two was filled up on the left and the other on the right: "
    "then x and y no longer line up.",
    "chat_batch_first_is_longest": "The first row was taken for the longest: look at all of them.",
    "chat_batch_longest_pair": "A pair has the length 2: the length of its x is asked for.",
    "chat_batch_pads_with_0": "All was filled up with 0: xb with pad_id, and yb with -1, or the "
    "model learns to say what fills up.",
    "chat_batch_one_row": "All stands in one row: a row for each pair, (B, T).",
    "chat_batch_alone": "Only one of the two came back: xb and yb are asked for.",
    "chat_batch_stacked": "One tensor came back: two are asked for, xb and yb.",
    "chat_batch_floats": "These are floats: ids are whole numbers, and so is -1 here. torch.full "
    "takes the type of its number.",
    "chat_pad_is_a_word": "Targets were taken out wherever x has pad_id: a word may have that id, "
    "too. Only what was filled up is -1.",
    "chat_end_is_pad": "Targets that equal pad_id were taken out: where pad_id is the end, the "
    "model never learns to stop. Only what was filled up is -1.",
    "chat_batch_last_pair_lost": "The last pair is missing: one row for each.",
    "chat_batch_last_id_lost": "The last id of each row is missing: all of x and y is copied.",
    "chat_batch_y_is_x": "yb holds the ids of x: its rows are the targets.",
    "chat_batch_x_is_y": "xb holds the targets: its rows are the ids of x.",
    "chat_batch_whole_row": "A short x was put into a whole row: only its first len(x) places are "
    "its own.",
    "chat_batch_not_zipped": "pairs was taken apart as if it were two lists: it is a list of "
    "pairs. zip(*pairs) turns it round.",
}

_LOSSES = {
    "chat_loss_by_T": "It was divided by the number of places in a row: divide by how many targets "
    "count.",
    "chat_loss_minus_1_is_0": "-1 was learnt as if it were token 0: those targets have to be left "
    "out, after they were made harmless.",
    "chat_loss_mixed": "Scores and targets do not belong to each other: only axes side by side can "
    "be flattened, and reshape does not exchange any.",
    "chat_loss_over_batch": "The softmax runs over the texts of the batch: at each place the "
    "tokens compete, along the last axis.",
    "chat_loss_log_of_mean": "This is the logarithm of the mean: the mean of the logarithms is "
    "asked for.",
    "chat_loss_epsilon": "A small number was added before the logarithm, so that a bad guess costs "
    "too little: log_softmax needs none.",
    "chat_loss_id_0": "Targets of id 0 do not count here: 0 is a token like any other. Only -1 "
    "does not count.",
    "chat_loss_only_id_0_out": "Targets of id 0 were left out and those of -1 learnt: it is -1 "
    "that does not count.",
    "chat_loss_keeps_axis": "The loss has an axis left: a tensor without axes is asked for.",
    "chat_loss_shifted": "The targets were shifted once more: they are the next ids already, place "
    "by place.",
    "chat_loss_first_row": "Only the first row of the batch counts here: all rows do.",
    "chat_loss_inverted": "It is the wrong way round: what counts was left out.",
    "chat_loss_nonzero": "It was divided by the number of losses that are not 0: a sure and right "
    "guess costs 0 and counts.",
    "chat_step_own_optimizer": "An optimizer of its own was made: use the one that is handed over. "
    "A new one also forgets what it knew of the steps before.",
    "chat_step_by_hand": "The weights were changed by hand: the optimizer does that, in its own "
    "way.",
    "chat_step_left_in_eval": "The model is in evaluation mode afterwards: it stays in training "
    "mode.",
    "chat_step_nothing": "Nothing came back: the loss, as a float.",
    "chat_step_inputs_learnt": "The ids that the model reads were taken as targets: these are yb.",
    "chat_step_summed": "The loss was summed: the mean over the targets that count.",
    "chat_step_by_rows": "The loss was divided by the number of texts: it is a mean already.",
    "chat_step_scores_learnt": "backward was called on the scores: the model gives scores and "
    "loss, in this order.",
    "chat_step_last_place": "Only the last place was learnt: without targets the model gives the "
    "scores of the last place alone.",
    "chat_step_loss_of_none": "The model was called without targets, so its loss is None: "
    "model(xb, yb).",
    "chat_step_swapped": "The model was shown the targets: it reads xb.",
    "chat_step_shifted": "Scores and targets were shifted against each other: yb is shifted "
    "already.",
    "chat_step_clipped": "The gradients were made shorter: nothing of that is asked for here.",
    "chat_step_copy": "A copy of the model was trained: the optimizer holds the weights of the "
    "model that was handed over.",
    "chat_step_row_by_row": "Each text was learnt by itself and added up: then a token of a short "
    "answer weighs more, and the step is longer. One loss of the whole batch.",
    "chat_step_targets_changed": "The batch that was handed over has changed: leave it as it is.",
}

_FIT = {
    "chat_fit_words": "Words were counted: room is a number of tokens, those of the prompt.",
    "chat_fit_bytes": "Bytes were counted, which are the tokens of the notebook's first tokenizer "
    "only: measure with the one that is handed over.",
    "chat_fit_counts_messages": "Messages were counted: room is a number of tokens.",
    "chat_fit_no_tokens": "Words or messages were counted: room is a number of tokens, those of "
    "the prompt.",
    "chat_fit_words_without_marks": "Roles and ends were not counted: they are tokens of the "
    "prompt, too.",
    "chat_fit_asked_alone": "Only the oldest turn was measured: the prompt of all that is kept has "
    "to fit.",
    "chat_fit_a_turn_stays": "One old turn always stays, whether it fits or not: only the last "
    "message of the user does.",
    "chat_fit_texts": "These are the words alone: whole messages are asked for.",
    "chat_fit_two_turns": "Two turns were cut at a time: cut one, and look again.",
    "chat_fit_longest_first": "The longest turn was cut: the oldest goes first, so that what is "
    "left hangs together.",
    "chat_fit_gaps": "A turn was left out in the middle and an older one kept: what is left is the "
    "end of the conversation, without gaps.",
    "chat_fit_answers_lost": "The answers were cut and the questions kept: a question and the "
    "answer to it go together.",
    "chat_fit_words_cut": "The last message was cut in the middle: it stays whole, however long it "
    "is.",
    "chat_fit_pair": "Two things came back: the messages that stay are asked for, and no more.",
}

_TURNS = {
    "chat_turn_crop_one_more": "The model was shown one id more than it can see: the last "
    "block_size.",
    "chat_turn_padded": "The prompt was filled up on the left: then every id stands at another "
    "place than in training. The model takes short ones as they are.",
    "chat_turn_end_of_prompt": "What came back was cut at an end of the prompt: only the new ids "
    "are asked whether they are the end.",
    "chat_turn_stops_behind_end": "The last id was looked at before the new one came: an end of "
    "the prompt ends nothing, and a new one is not kept.",
    "chat_turn_end_forbidden": "The end was made impossible: it is drawn like any other, and then "
    "the turn is over.",
    "chat_turn_count_with_prompt": "The prompt was counted, too: max_new_tokens new ids, however "
    "long it is.",
    "chat_turn_count_to_block": "It stops when block_size is full: the oldest ids are no longer "
    "shown, and the turn goes on.",
    "chat_turn_empty_at_end": "When the end came, nothing was returned: what was said up to it is "
    "asked for.",
    "chat_turn_only_new_seen": "The model saw only the new ids: the prompt stands before them.",
    "chat_turn_top_k_fixed": "The number of tokens that are kept is fixed: top_k says how many.",
    "chat_turn_cool_is_cold": "A temperature below 1 was made 0: only 0 itself means the "
    "likeliest.",
    "chat_turn_top_k_one_less": "One token too few is kept: the least of the top_k stays, too.",
}

_SCORE = {
    "chat_score_mean_of_both": "This is the plain mean of two shares: twice the words in common, "
    "over the words of both.",
    "chat_score_place_by_place": "Words were compared place by place: a word in common may stand "
    "anywhere.",
    "chat_score_letters": "Letters were counted: partial counts words.",
    "chat_score_all_or_nothing": "One word in common made it perfect: partial says how many.",
    "chat_score_rounded": "It was rounded: leave it as it is.",
    "chat_score_points_lost": "Points and commas were taken out: only capitals and the number of "
    "spaces make no difference.",
}

CAUSES: dict[str, str] = {
    **_WRITTEN, **_MASK, **_TARGETS, **_BATCHES, **_LOSSES, **_FIT, **_TURNS, **_SCORE,
}  # fmt: skip
