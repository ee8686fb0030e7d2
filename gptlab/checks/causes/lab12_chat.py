"""Why an answer of lab12 is wrong, one sentence a cause."""

from __future__ import annotations

_WRITTEN = {
    "chat_messages_changed": "The messages that were handed over have changed: leave them as they "
    "are.",
    "chat_role_key": "A token was looked up under the wrong name: a message says 'user', and ROLES "
    "says what the token of that is called.",
    "chat_message_keys": "A message is a dict with two keys: message['role'] and "
    "message['content'].",
    "chat_id_added": "One id and a list of ids were mixed up: append takes one, += takes a list.",
    "chat_text_added": "A text was added to ids: the tokenizer makes ids of it first.",
    "chat_other_tokenizer": "The tokenizer has encode_ordinary for texts, and special_tokens for "
    "the three others.",
    "chat_typed_refused": "encode refuses a text that holds a special token, so anybody can stop "
    "the program by typing one: encode_ordinary takes every text.",
    "chat_typed_is_special": "What somebody typed became a special token: so a user could end the "
    "turn, or speak as the assistant. encode_ordinary makes plain text of it.",
    "chat_ids_fixed": "The ids of the special tokens are fixed: another tokenizer has others, and "
    "tokenizer.special_tokens says which.",
    "chat_tensor": "This is a tensor: a plain list of ids is asked for.",
    "chat_nested": "There are lists inside of the list: one flat list of ids, so += and not "
    "append for the words.",
    "chat_text_in_ids": "There is text among the ids: special_tokens and encode_ordinary make "
    "numbers of it.",
    "chat_roles_swapped": "The two roles are the wrong way round: the user's messages begin with "
    "the user's token.",
    "chat_one_role": "All messages have the same role's token: each has that of its own role.",
    "chat_last_end_missing": "The end after the last message is missing: each message has one, "
    "the last one, too.",
    "chat_end_once": "An end is missing: each message has its own, the user's and the assistant's.",
    "chat_no_end": "No message has an end: without it the model never learns to stop.",
    "chat_no_role": "The token of the role is missing: nobody could tell who speaks.",
    "chat_no_marks": "These are the words alone: each message begins with its role's token and "
    "ends with the end.",
    "chat_end_before_words": "The end stands before the words: role, words, end.",
    "chat_role_last": "The role stands after the words: role, words, end.",
    "chat_marks_as_text": "The special tokens were written as text, many bytes each: "
    "tokenizer.special_tokens has one id for each.",
    "chat_characters": "These are numbers of characters: é is one character and two bytes. The "
    "tokenizer makes ids of any text.",
    "chat_only_ascii": "Letters such as é got lost: the tokenizer makes ids of any text.",
    "chat_line_breaks": "There are line breaks between the tokens: nothing stands there but role, "
    "words and end.",
    "chat_spaces": "There are spaces between the tokens: nothing stands there but role, words and "
    "end.",
    "chat_first_only": "Only the first message came back: return stands after the loop.",
    "chat_last_only": "Only the last message came back: the list is made once, before the loop.",
    "chat_backwards": "The messages stand in the wrong order: the first one comes first.",
    "chat_nothing_kept": "Nothing was kept: each message's ids are added to the list.",
    "chat_stripped": "A message without words was left out: it still has its role and its end.",
    "chat_endless": "The loop never ends: a loop over the messages does.",
    "chat_prompt_too_soon": "The assistant's role stands behind the last end: that is the prompt. "
    "Here only the messages are asked for.",
    "chat_prompt_no_role": "The assistant's role is missing at the end: without it the model would "
    "not know that it is its turn.",
    "chat_prompt_ended": "There is an end too many: the assistant's turn is to begin here, not to "
    "end.",
    "chat_prompt_user": "The user's role stands at the end: it is the assistant's turn.",
    "chat_prompt_cut": "The end of the last message was taken away: the assistant's role is "
    "added to it, not put in its place.",
    "chat_prompt_role_first": "The assistant's role stands in front: it comes after all that was "
    "said.",
    "chat_prompt_only_role": "Only the role came back: all that was said stands before it.",
    "chat_prompt_last_only": "Only the last message is there: the model is to see the whole "
    "conversation.",
    "chat_prompt_nested": "The role stands in a list of its own inside of the list: one flat list "
    "is asked for.",
    "chat_prompt_text": "The role was added as text: special_tokens has its id.",
    "chat_prompt_twice": "The assistant's role stands there twice: encode has no open turn, so one "
    "is enough.",
    "chat_prompt_spaces": "A space follows the role: in training the words follow at once.",
}

_MASK = {
    "chat_mask_alone": "Two lists are asked for: the ids, and the mask.",
    "chat_mask_first": "The mask came first: ids, then mask.",
    "chat_mask_on_role": "The assistant's role counts here: it is given to the model, which need "
    "not learn to write it.",
    "chat_mask_not_on_end": "The end after the assistant's words does not count here: it has to, "
    "or the model never learns to stop.",
    "chat_mask_role_not_end": "The mask of the assistant's turn begins and ends one place too "
    "soon: its role does not count, its end does.",
    "chat_mask_on_user": "The user's words count here: the model would learn to speak for the "
    "user. Only what the assistant says counts.",
    "chat_mask_on_all": "All tokens count here: only the assistant's words and the end after them "
    "are its own.",
    "chat_mask_none": "Nothing counts here: compare message['role'] with 'assistant'.",
    "chat_mask_inverted": "It is the wrong way round: 1 for what the assistant says, 0 for the "
    "user's messages.",
    "chat_mask_every_end": "The end of the user's message counts here: it is the user who ends it.",
    "chat_mask_every_role": "The roles count here: they are given to the model, which need not "
    "learn to write them.",
    "chat_mask_shifted": "The mask is one place off: it says of each token whether that token "
    "counts. Shifting comes later, with the targets.",
    "chat_mask_last_only": "Only the last answer counts here: all answers of the conversation do.",
    "chat_mask_first_only": "Only the first answer counts here: all answers of the conversation "
    "do.",
    "chat_mask_length": "The mask and the ids are not equally long: one number for each token, for "
    "role and end, too.",
    "chat_mask_is_ids": "There are ids in the mask: 1 or 0 for each token.",
    "chat_mask_bools": "The mask has True and False: the numbers 1 and 0 are asked for.",
    "chat_mask_floats": "The mask has floats, 1.0 and 0.0: the whole numbers 1 and 0 are asked "
    "for.",
    "chat_mask_text": "There is text in the mask: the numbers 1 and 0 are asked for.",
}

_TARGETS = {
    "chat_pair_lists": "Lists were used like tensors: torch.tensor makes one of them first.",
    "chat_pair_sizes": "Tensors of T and of T - 1 numbers meet here: ids and mask lose the same "
    "place.",
    "chat_pair_changed": "The list that was handed over has changed: leave it as it is.",
    "chat_pair_swapped": "x and y are swapped: what is read comes first.",
    "chat_pair_floats": "These are floats: ids are whole numbers.",
    "chat_x_not_cut": "The last token was not taken off x: nothing comes after it.",
    "chat_x_masked": "x was masked, too: the model reads everything, the user's words above all.",
    "chat_x_shifted": "x lacks the first token: it lacks the last one, and y the first.",
    "chat_y_mask_not_shifted": "The ids were shifted and the mask was not: then the first word of "
    "an answer is never learnt. The mask belongs to the token that is the target.",
    "chat_y_not_shifted": "y is not shifted: it says what comes next, so it begins with the second "
    "token.",
    "chat_y_no_mask": "All tokens count: y is -1 where the mask of the next token is 0.",
    "chat_y_zero": "Where it does not count there is a 0, which is a token like any other: -1 is "
    "none.",
    "chat_y_hundred": "Where it does not count there is -100: that is PyTorch's own sign. This "
    "model's is -1.",
    "chat_y_inverted": "It is the wrong way round: -1 where the mask is 0.",
    "chat_y_filtered": "What does not count was taken out: it stays in its place, as -1, so that "
    "x and y line up.",
    "chat_y_is_mask": "This is the mask: y has the ids of the next tokens where it is 1.",
    "chat_y_backwards": "y has the token before: it is the next one that is asked for.",
    "chat_y_minus_mask": "Where it does not count there is the id with a minus: it is -1.",
    "chat_y_id_0_lost": "A target of id 0 became -1: ask the mask what counts, and not the id.",
    "chat_y_length": "y is not as long as x: T - 1 numbers each.",
}

_BATCHES = {
    "chat_batch_sizes": "The rows are of several lengths: fill each up to the longest.",
    "chat_batch_not_filled": "Rows of several lengths cannot be stacked: fill up the shorter ones.",
    "chat_batch_unpack": "Each pair is x and y: for x, y in pairs.",
    "chat_pairs_changed": "The pairs that were handed over have changed: make new tensors.",
    "chat_x_fill": "xb was filled up with another number: pad_id.",
    "chat_y_fill": "yb was filled up with another number: -1, so that what fills up never counts.",
    "chat_pad_left": "The rows were filled up on the left: then the first words stand at other "
    "places than they will in use. Fill up on the right.",
    "chat_batch_cut": "The rows were cut to a shorter one: the longest says how long.",
    "chat_batch_swapped": "xb and yb are swapped: what is read comes first.",
    "chat_batch_transposed": "The axes are swapped: a row for each pair, (B, T).",
    "chat_batch_one_more": "There is a column too many: the longest row needs no filling.",
    "chat_batch_sorted": "The rows stand in another order: that of the pairs.",
    "chat_batch_length": "T is another: the length of the longest x.",
    "chat_loss_minus_1": "-1 was looked up as if it were a token: take out what does not count "
    "first.",
    "chat_loss_not_flat": "cross_entropy takes (n, V) and (n,): flatten texts and places into one "
    "axis.",
    "chat_loss_view": "view cannot do this with a tensor that does not lie in one piece: flatten "
    "or reshape.",
    "chat_loss_axes": "The axes do not line up: a score for each target, so gather needs the "
    "targets with an axis more.",
    "chat_loss_none_counts": "Where no target counts, it was divided by 0: one nan in a gradient "
    "spoils all weights. There the loss is 0.",
    "chat_loss_none_not_0": "Where no target counts the loss is 0: here it is another number.",
    "chat_loss_one_more": "It was divided by one more than there are: by how many count, and by 1 "
    "only where none does.",
    "chat_loss_wrong_targets_axis": "The softmax runs over the places that count: at each place "
    "the tokens compete, along the last axis.",
    "chat_logits_changed": "The scores that were handed over have changed: leave them as they are.",
    "chat_targets_changed": "The targets that were handed over have changed: leave them as they "
    "are.",
    "chat_loss_no_graph": "The loss has lost its graph, so nothing could be learnt from it: no "
    "item, no detach, no new tensor of its number.",
    "chat_loss_number": "This is a plain number: a tensor is asked for, so that backward can start "
    "from it.",
    "chat_loss_not_averaged": "This is a loss for each place: the mean of those that count is "
    "asked for.",
    "chat_loss_mean_of_all": "It was divided by all places: only those that count are divided by.",
    "chat_loss_sum": "This is the sum: divide by how many count.",
    "chat_loss_mean_of_rows": "This is the mean of the rows' means, where a token of a short "
    "answer weighs more: one mean over all that count.",
    "chat_loss_by_rows": "It was divided by the number of texts: divide by how many targets count.",
    "chat_loss_minus_1_counts": "The targets of -1 count as a token: Python takes -1 for the last "
    "one. They have to be left out.",
    "chat_loss_sign": "The sign is missing: a loss is minus the log-probability.",
    "chat_loss_bits": "This is in bits: the natural logarithm gives nats.",
    "chat_loss_perplexity": "This is the perplexity: the loss is its logarithm.",
    "chat_loss_softmax_twice": "The softmax was taken twice: cross_entropy and log_softmax take "
    "scores.",
    "chat_loss_wrong_axis": "The softmax runs over the places: at each place the tokens compete, "
    "along the last axis.",
    "chat_loss_odds": "This is made of odds: take their logarithms.",
    "chat_loss_no_log_softmax": "These are raw scores: log_softmax makes log-probabilities of "
    "them.",
    "chat_step_no_targets": "The model was called without targets: then it gives the scores of the "
    "last place alone.",
    "chat_step_loss_order": "The targets came first: masked_loss(scores, targets).",
    "chat_step_pair": "The model gives two things, scores and loss: unpack them.",
    "chat_step_number": "backward was called on a number: it starts from the loss as a tensor.",
    "chat_step_no_graph": "The loss has no graph: no torch.no_grad() here, and no detach.",
    "chat_step_item": "item() was called on what is a number already.",
    "chat_step_all_count": "A target of -1 was learnt: only those that count are in the loss.",
    "chat_step_evaluates": "The model was in evaluation mode: model.train() comes first, since "
    "talking to it may have left it so.",
    "chat_step_tensor": "This is a tensor: loss.item() is the number.",
    "chat_step_list": "The loss came back in a list: the number alone is asked for.",
}

_TURNS = {
    "chat_fit_endless": "The loop never ends: when only the last message of the user is left, it "
    "stays, whether it fits or not.",
    "chat_fit_room_ignored": "The same stays in every room: room says how many tokens the prompt "
    "may have.",
    "chat_fit_emptied": "The list ran empty: the last message of the user always stays.",
    "chat_fit_ids": "These are ids: the messages that stay are asked for.",
    "chat_fit_one_message": "A message stands where a list of messages is asked for: messages[-1:] "
    "is a list.",
    "chat_fit_room_order": "Number and tokenizer were mixed up: fit(messages, tokenizer, room).",
    "chat_fit_changed": "The messages that were handed over were cut: whoever keeps the history "
    "has lost it. Make a new list.",
    "chat_fit_none_left": "Nothing is left: the last message of the user stays, however long it "
    "is.",
    "chat_fit_half_a_turn": "Half a turn was cut: a question and the answer to it go together, so "
    "what is left begins with the user.",
    "chat_fit_newest_first": "The newest messages were cut: the oldest go first.",
    "chat_fit_role_forgotten": "The prompt has one token more, the assistant's role: count with "
    "prompt.",
    "chat_fit_one_less": "A prompt of just room tokens fits: it is cut only if it has more.",
    "chat_fit_once": "It was cut once, and it is still too long: cut again until it fits.",
    "chat_fit_only_last": "All but the last message was cut: cut no more than has to go.",
    "chat_fit_nothing_cut": "Nothing was cut, and the prompt has more than room tokens.",
    "chat_fit_text": "Letters were counted: room is a number of tokens, those of the prompt.",
    "chat_fit_last_lost": "The last message of the user is lost: it is the one to be answered.",
    "chat_fit_backwards": "The messages stand in the wrong order: the oldest comes first.",
    "chat_turn_no_crop": "The model was shown too much: it sees the last block_size ids.",
    "chat_turn_ids_shape": "The model takes ids of shape (B, T): one row here, so two pairs of "
    "brackets.",
    "chat_turn_zero": "Temperature 0 was divided by: it means the likeliest token, without a draw.",
    "chat_turn_not_odds": "multinomial was given what are no odds: softmax comes last. And "
    "temperature 0 needs a way of its own.",
    "chat_turn_pair": "The model gives two things, scores and loss: the scores are the first.",
    "chat_turn_top_k_large": "topk was asked for more tokens than there are: then all are kept.",
    "chat_turn_top_k_none": "top_k may be None: then all tokens are kept.",
    "chat_turn_many_scores": "There are the scores of too many axes: the last place of the one "
    "row, (1, V).",
    "chat_turn_choose": "choose was called with its arguments in another order: choose(scores, "
    "temperature, top_k, generator=generator).",
    "chat_turn_squeezed": "An axis is missing: the model gives (1, 1, V).",
    "chat_turn_tensor_added": "A tensor was added to a list: item() makes a number of it.",
    "chat_turn_endless": "It goes on beyond max_new_tokens: at most so many rounds.",
    "chat_turn_config": "The model itself says how much it sees: model.config.block_size, of the "
    "model that is handed over.",
    "chat_turn_changed": "The ids that were handed over have changed (+= and append do that): keep "
    "the new ones in a list of their own.",
    "chat_turn_cold_draw": "The same call at temperature 0 says now this and now that: 0 means "
    "the likeliest, without dice. Hand the temperature on to choose.",
    "chat_turn_cut": "The turn was cut to block_size ids: so much the model sees, and it may say "
    "more.",
    "chat_turn_trains": "The model was put into training mode: nobody learns in a turn.",
    "chat_turn_tensor": "There is a tensor in what came back: a list of plain ids is asked for, "
    "and item() makes one.",
    "chat_turn_nested": "There are lists inside of the list: the new ids, side by side.",
    "chat_turn_text": "This is text: the ids are asked for.",
    "chat_turn_end_kept": "The end came back, too: it says that the turn is over, and is no part "
    "of it.",
    "chat_turn_prompt_too": "The prompt came back, too: only what is new.",
    "chat_turn_end_ignored": "It goes on after the end: when end_id comes, the turn is over.",
    "chat_turn_end_cut_out": "end_id was left out and the turn went on: it is over there.",
    "chat_turn_end_in_prompt": "An end_id in the prompt ended the turn: the prompt is full of "
    "them, one after each message. Only a new one counts.",
    "chat_turn_crop_first": "The model was shown the first ids: it sees the last block_size.",
    "chat_turn_last_only": "The model was shown the last id alone: it sees the last block_size.",
    "chat_turn_crop_less": "The model was shown fewer ids than it can see: the last block_size.",
    "chat_turn_one_token": "Only one token came back: return stands after the loop.",
    "chat_turn_nothing": "Nothing came back: each new id is appended.",
    "chat_turn_count": "The number of new ids is not max_new_tokens.",
    "chat_turn_falsy": "Token 0 ended the turn: only end_id does. 0 is false for Python, and a "
    "token like any other.",
    "chat_turn_last_lost": "The last id is lost: only end_id is left out.",
    "chat_turn_backwards": "The new ids stand in the wrong order.",
    "chat_turn_same_again": "It says the same again and again: the new ids have to be shown to the "
    "model, too.",
    "chat_turn_no_top_k": "top_k changes nothing: the k likeliest are kept, before the draw.",
    "chat_turn_no_generator": "The generator was not handed on: the same seed gives other ids.",
    "chat_turn_reseeds": "It rolls dice of its own: draw with the generator, and leave its seed "
    "alone.",
    "chat_turn_no_draw": "It always takes the likeliest: above temperature 0 it draws.",
    "chat_turn_no_temperature": "The temperature changes nothing: the scores are divided by it, "
    "before the softmax. Odds divided by a number keep their proportions.",
    "chat_turn_temperature_times": "The scores were multiplied by the temperature: they are "
    "divided by it.",
    "chat_turn_twice": "The temperature was used twice: choose divides by it already.",
    "chat_turn_zeroed": "What is not among the top_k got the score 0, which is a score like any "
    "other: -inf gets no share.",
    "chat_turn_softmax_twice": "The softmax was taken twice: choose takes scores, and makes the "
    "odds itself.",
}

_SCORE = {
    "chat_score_one_number": "Two numbers are asked for: exact, and partial.",
    "chat_score_type": "Both are floats: 1.0 and not True or 1.",
    "chat_score_lists": "Lists have no &: Counter counts the words, and two Counters have one.",
    "chat_score_no_counter": "Counter has to be imported: from collections import Counter.",
    "chat_score_empty": "An empty answer has no words to divide by: two empty ones are equal, so "
    "(1.0, 1.0), and an empty and a full one have nothing in common.",
    "chat_score_case": "Capital letters make a difference here: compare in small ones.",
    "chat_score_spaces": "The number of spaces makes a difference in exact: compare the lists of "
    "words.",
    "chat_score_order": "Exact does not see the order of the words: only the same words in the "
    "same order are exact.",
    "chat_score_sets": "A set holds each word once: a word that comes twice counts twice.",
    "chat_score_jaccard": "It was divided by the different words of both together: twice the words "
    "in common, over the words of both.",
    "chat_score_precision": "It was divided by the words found alone: then one right word is a "
    "perfect answer. Divide by the words of both.",
    "chat_score_recall": "It was divided by the words wanted alone: then a very long answer is "
    "perfect. Divide by the words of both.",
    "chat_score_longer": "It was divided by the longer of the two: twice the words in common, over "
    "the words of both.",
    "chat_score_shorter": "It was divided by the shorter of the two: twice the words in common, "
    "over the words of both.",
    "chat_score_counted_in": "A word was counted as often as one of the two says it: what they "
    "have in common is the smaller number.",
    "chat_score_split": "split(' ') makes an empty word between two spaces, and a line break is no "
    "space for it: split() takes any number of either.",
    "chat_score_in_order": "Only words in the same order were taken for common: where they stand "
    "makes no difference in partial.",
    "chat_score_half": "Twice the words in common: else the same answer would get one half.",
    "chat_score_swapped": "The two are swapped: exact, then partial.",
    "chat_score_is_count": "This is a number of words: partial is a share, from 0 to 1.",
    "chat_score_exact_twice": "Partial is exact again: it counts the words in common.",
    "chat_score_percent": "These are percentages: both lie between 0 and 1.",
    "chat_score_part_of": "An answer that only contains the right words is not exact: it has to be "
    "the same words.",
    "chat_score_exact": "Exact is off: 1.0 where both have the same words in the same order, "
    "without capitals, else 0.0.",
    "chat_score_partial": "Partial is off: twice the words in common, over the words of both.",
}

CAUSES: dict[str, str] = {**_WRITTEN, **_MASK, **_TARGETS, **_BATCHES, **_TURNS, **_SCORE}
